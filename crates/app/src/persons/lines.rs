//! Children in a list: what of each tells them apart.

use std::collections::BTreeMap;

use clearpicture_access::Scope;
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{Code, PersonId, Says};
use clearpicture_linkage::clean;
use serde::Serialize;

use super::claims::{Claimed, Claims, age_words};
use super::protection::SeeProtection;
use super::store::{Known, known_of_to};
use super::types::{Person, SeePerson, Telling};
use crate::agencies;
use crate::history::Shown as _;
use crate::shell::{Ctx, Failure};
use crate::words;

/// One child in a list, for the macro in `persons/lines.html`.
#[derive(Debug, Clone, Serialize)]
pub struct ChildLine {
    href: String,
    name: String,
    born: String,
    age: String,
    sex: String,
    school: String,
    /// Where they live, and no nearer than the area.
    area: String,
    known_to: String,
    standing: String,
    /// Whether where they are is shown to keepers alone, and the reader is one.
    for_keepers: bool,
    /// What is otherwise than was looked for, in words.
    near: Vec<String>,
}

impl ChildLine {
    /// Invented children, for the samples of pages.
    pub fn samples() -> Vec<Self> {
        let child = Self {
            href: "/children/person_1".to_owned(),
            name: "Ada <Okafor>".to_owned(),
            born: "28 July 2014".to_owned(),
            age: "12 years".to_owned(),
            sex: "Female".to_owned(),
            school: "Saltway <High> School".to_owned(),
            area: "Fenby, ZN1".to_owned(),
            known_to: "Northwater Council, Northwater Schools".to_owned(),
            standing: "joined by the system".to_owned(),
            for_keepers: false,
            near: Vec::new(),
        };
        let unnamed = Self {
            name: String::new(),
            born: String::new(),
            age: String::new(),
            sex: String::new(),
            school: String::new(),
            area: String::new(),
            standing: "one source".to_owned(),
            for_keepers: true,
            ..child.clone()
        };
        vec![child, unnamed]
    }

    /// The same child, who is not quite what was looked for.
    #[must_use]
    pub(super) fn nearly(self, near: Vec<String>) -> Self {
        Self { near, ..self }
    }
}

/// A line for each of `persons` that is within `scope`, in their order.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub async fn lines(
    ctx: &Ctx,
    scope: &Scope<SeePerson>,
    persons: &[PersonId],
) -> Result<Vec<ChildLine>, Failure> {
    let keeper = ctx.scope::<SeeProtection>().await?;
    let mut found = known_of_to(ctx.store(), scope, Some(&keeper), persons).await?;
    let names = agencies::names(ctx.store()).await?;
    let of_no_school = agencies::names_of_no_school(ctx.store()).await?;
    let today = day_of(ctx.now());
    let services = ctx.app.practice().services();
    let mut lines = Vec::with_capacity(persons.len());
    for id in persons {
        let Some((state, known)) = found.remove(id) else {
            continue;
        };
        let mut known_to: Vec<&str> = known
            .iter()
            .filter_map(|known| {
                let names = if known.withheld {
                    &of_no_school
                } else {
                    &names
                };
                names.get(&known.subject.agency).map(String::as_str)
            })
            .collect();
        known_to.sort_unstable();
        known_to.dedup();
        let tellings = known
            .iter()
            .flat_map(|known: &Known| known.tellings.clone());
        let tellings: Vec<Telling> = tellings.collect();
        let claimed = Claimed::of(&tellings);
        lines.push(ChildLine {
            for_keepers: known.iter().any(|known| known.for_keepers),
            href: Person::href(id),
            name: each(&claimed.names, String::clone),
            born: each(&claimed.born, |day| words::full_day(*day)),
            age: each(&claimed.born, |day| {
                age_words(*day, today).unwrap_or_default()
            }),
            sex: each(&claimed.sexes, |code| words::sentence(code)),
            school: school(&tellings, &services),
            area: each(&claimed.homes, |home| area(&home.lines)),
            known_to: known_to.join(", "),
            standing: match state.as_str() {
                "joined" => "joined by the system".to_owned(),
                _ => "one source".to_owned(),
            },
            near: Vec::new(),
        });
    }
    Ok(lines)
}

/// Each thing that is claimed once, with "or" between.
fn each<T>(claims: &Claims<T>, words: impl Fn(&T) -> String) -> String {
    let mut all: Vec<String> = Vec::new();
    for claim in &claims.0 {
        let word = words(&claim.value);
        if !word.is_empty() && !all.contains(&word) {
            all.push(word);
        }
    }
    all.join(" or ")
}

/// The area in which an address lies: the place that stands in its last line, and the first half of its postcode. Nothing
/// of the street or the house.
fn area(lines: &[String]) -> String {
    let mut parts: Vec<&str> = lines
        .iter()
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .collect();
    let postcode = parts.iter().find_map(|part| clean::postcode(part));
    parts.retain(|part| clean::postcode(part).is_none());
    let has_number = |part: &&str| part.contains(|c: char| c.is_ascii_digit());
    // An address of one line is a street.
    let place = parts
        .iter()
        .skip(1)
        .next_back()
        .filter(|part| !has_number(part));
    let outward = postcode.as_deref().and_then(|code| code.split(' ').next());
    let all: Vec<&str> = place.copied().into_iter().chain(outward).collect();
    all.join(", ")
}

/// The service of whose work schools tell.
const SCHOOL: &str = "school";

/// The school on whose roll a child is now, by the newest telling that names one.
fn school(tellings: &[Telling], services: &BTreeMap<Code, Code>) -> String {
    let is_of_school = |telling: &Telling| {
        let service = services.get(&telling.source);
        service.is_some_and(|service| service.as_str() == SCHOOL)
    };
    let told = tellings.iter().filter(|telling| !telling.ended);
    let enrolled = told.flat_map(|telling| {
        let facts = telling.facts.iter().filter(|fact| fact.valid.to.is_none());
        facts.filter_map(move |fact| {
            let school = match &fact.says {
                Says::Enrolment { school, .. } => school.as_ref(),
                Says::Involvement {
                    organisation,
                    state,
                    ..
                } if is_of_school(telling) && state.as_str() == "current" => organisation.as_ref(),
                _ => None,
            };
            Some((telling.as_of, fact.valid.from, school?.as_str()))
        })
    });
    let newest = enrolled.max_by_key(|(as_of, from, _)| (*from, *as_of));
    newest.map_or(String::new(), |(_, _, school)| school.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_tells_of_no_street() {
        for (address, expected) in [
            (vec!["1 Mill Lane", "Fenby", "ZN1 2AB"], "Fenby, ZN1"),
            (vec!["Flat 2, 1 Mill Lane, Fenby, ZN1 2AB"], "Fenby, ZN1"),
            (vec!["1 Mill Lane"], ""),
            (vec!["Rose Cottage", "1 Mill Lane"], ""),
            (vec!["1 Mill Lane", "ZN1 2AB"], "ZN1"),
        ] {
            let lines: Vec<String> = address.iter().map(|line| (*line).to_owned()).collect();
            assert_eq!(area(&lines), expected, "{address:?}");
        }
    }
}
