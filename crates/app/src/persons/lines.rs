//! Children in a list: what of each tells them apart.

use clearpicture_access::Scope;
use clearpicture_kernel::PersonId;
use serde::Serialize;

use super::claims::Claimed;
use super::store::{Known, known_of};
use super::types::{Person, SeePerson};
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
    known_to: String,
    standing: String,
}

impl ChildLine {
    /// Invented children, for the samples of pages.
    pub fn samples() -> Vec<Self> {
        let child = Self {
            href: "/children/person_1".to_owned(),
            name: "Ada <Okafor>".to_owned(),
            born: "28 July 2014".to_owned(),
            known_to: "Northwater Council, Northwater Schools".to_owned(),
            standing: "joined by the system".to_owned(),
        };
        let unnamed = Self {
            name: String::new(),
            born: String::new(),
            standing: "one source".to_owned(),
            ..child.clone()
        };
        vec![child, unnamed]
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
    let mut found = known_of(ctx.store(), scope, persons).await?;
    let names = agencies::names(ctx.store()).await?;
    let mut lines = Vec::with_capacity(persons.len());
    for id in persons {
        let Some((state, known)) = found.remove(id) else {
            continue;
        };
        let mut known_to: Vec<&str> = known
            .iter()
            .filter_map(|known| names.get(&known.subject.agency).map(String::as_str))
            .collect();
        let tellings = known
            .iter()
            .flat_map(|known: &Known| known.tellings.clone());
        let claimed = Claimed::of(&tellings.collect::<Vec<_>>());
        known_to.sort_unstable();
        known_to.dedup();
        let all = |words: Vec<String>| words.join(" or ");
        lines.push(ChildLine {
            href: Person::href(id),
            name: all(claimed
                .names
                .0
                .iter()
                .map(|claim| claim.value.clone())
                .collect()),
            born: all(claimed
                .born
                .0
                .iter()
                .map(|claim| words::full_day(claim.value))
                .collect()),
            known_to: known_to.join(", "),
            standing: match state.as_str() {
                "joined" => "joined by the system".to_owned(),
                _ => "one source".to_owned(),
            },
        });
    }
    Ok(lines)
}
