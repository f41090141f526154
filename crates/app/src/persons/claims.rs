//! What the sources claim of one child, side by side: what agrees stands once, what differs stands with who says it.
//!
//! Two values differ only where both tell the same thing otherwise, after the cleaning that linkage uses: capitals,
//! accents, short forms and what one of the two leaves out are no difference.

use clearpicture_kernel::fact::Confidence;
use clearpicture_kernel::{Address, AgencyId, Code, Date, Fact, PersonName, Says, age};
use clearpicture_linkage::clean::{self, Names};

use super::types::Telling;
use super::work::Service;

/// One value, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim<T> {
    /// The value, as whoever tells most of it writes it.
    pub(super) value: T,
    /// Who says so: the places of the tellings.
    pub(super) by: Vec<usize>,
    /// Whether every source that says so gave reason to doubt it.
    pub(super) doubted: bool,
}

/// What is claimed of one thing, most widely claimed first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims<T>(pub(super) Vec<Claim<T>>);

/// One thing that a fact says, by the place of its telling.
struct Said<T> {
    value: T,
    by: usize,
    confidence: Confidence,
}

impl<T> Claims<T> {
    /// Brings together what agrees. Whoever tells most comes first, so that a part agrees with one whole and not with
    /// another part.
    fn gather(
        said: impl IntoIterator<Item = Said<T>>,
        fullness: impl Fn(&T) -> usize,
        agree: impl Fn(&T, &T) -> bool,
    ) -> Self {
        let mut said: Vec<Said<T>> = said.into_iter().collect();
        said.sort_by_key(|one| std::cmp::Reverse(fullness(&one.value)));
        let mut claims: Vec<Claim<T>> = Vec::new();
        for one in said {
            let doubted = one.confidence == Confidence::Doubted;
            match claims
                .iter_mut()
                .find(|claim| agree(&claim.value, &one.value))
            {
                Some(claim) => {
                    claim.doubted &= doubted;
                    if !claim.by.contains(&one.by) {
                        claim.by.push(one.by);
                    }
                }
                None => claims.push(Claim {
                    value: one.value,
                    by: vec![one.by],
                    doubted,
                }),
            }
        }
        for claim in &mut claims {
            claim.by.sort_unstable();
        }
        claims.sort_by_key(|claim| (claim.doubted, usize::MAX - claim.by.len()));
        Self(claims)
    }

    /// Brings together what is the same.
    fn same(said: impl IntoIterator<Item = Said<T>>) -> Self
    where
        T: PartialEq,
    {
        Self::gather(said, |_| 0, PartialEq::eq)
    }

    /// Whether the sources disagree.
    pub(super) fn differ(&self) -> bool {
        self.0.len() > 1
    }

    /// What most say.
    pub(super) fn first(&self) -> Option<&T> {
        self.0.first().map(|claim| &claim.value)
    }
}

/// Where a child lives, as a source writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Home {
    /// Its lines.
    pub(super) lines: Vec<String>,
    /// The day for which it was told, where that is said.
    pub(super) told_for: Option<Date>,
}

/// Where a looked-after child is placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    /// Its lines: a postcode alone, as a rule.
    pub(super) lines: Vec<String>,
    /// What it is, in the list of the looked-after children return.
    pub(super) kind: Option<Code>,
}

/// Everything that the sources claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claimed {
    pub(super) names: Claims<String>,
    pub(super) born: Claims<Date>,
    pub(super) sexes: Claims<String>,
    /// Where the child lives or can be written to.
    pub(super) homes: Claims<Home>,
    /// Where they lived before, as the same sources told earlier.
    pub(super) before: Claims<Home>,
    /// Where they are placed, if they are looked after: beside where they live, and no difference from it.
    pub(super) placed: Claims<Placed>,
    pub(super) numbers: Claims<(String, String)>,
    pub(super) services: Vec<Service>,
}

impl Claimed {
    /// Lays what is told side by side. What a source no longer tells of who somebody is counts only where no source
    /// tells any more.
    pub(super) fn of(tellings: &[Telling]) -> Self {
        let all_ended = tellings.iter().all(|telling| telling.ended);
        let facts: Vec<(usize, &Fact)> = tellings
            .iter()
            .enumerate()
            .filter(|(_, telling)| all_ended || !telling.ended)
            .flat_map(|(by, telling)| telling.facts.iter().map(move |fact| (by, fact)))
            .collect();
        let (homes, before) = homes(tellings, &facts);
        Self {
            names: Claims::gather(
                each(&facts, |says| match says {
                    Says::Name { given, family } => written(given.as_ref(), family.as_ref()),
                    _ => None,
                }),
                |name: &Written| name.words.len(),
                Written::agrees,
            )
            .map(|name| name.words),
            born: Claims::same(each(&facts, |says| match says {
                Says::Born { on } => Some(on.reveal()),
                _ => None,
            })),
            sexes: Claims::same(each(&facts, |says| match says {
                Says::Sex { code } if !SEX_NOT_TOLD.contains(&code.as_str()) => {
                    Some(code.to_string())
                }
                _ => None,
            })),
            homes: gathered(homes),
            before: gathered(before),
            placed: placed(&facts),
            numbers: Claims::same(each(&facts, |says| match says {
                Says::Identifier { scheme, value } => Some((scheme.to_string(), value.to_string())),
                _ => None,
            })),
            services: Service::all(tellings),
        }
    }
}

/// Codes with which a source says that it does not know, which is no other sex than the one that another source tells.
const SEX_NOT_TOLD: [&str; 2] = ["unknown", "not-specified"];

fn each<T>(facts: &[(usize, &Fact)], value: impl Fn(&Says) -> Option<T>) -> Vec<Said<T>> {
    let said = facts.iter().filter_map(|(by, fact)| {
        Some(Said {
            value: value(&fact.says)?,
            by: *by,
            confidence: fact.confidence,
        })
    });
    said.collect()
}

impl<T> Claims<T> {
    fn map<U>(self, into: impl Fn(T) -> U) -> Claims<U> {
        let claims = self.0.into_iter().map(|claim| Claim {
            value: into(claim.value),
            by: claim.by,
            doubted: claim.doubted,
        });
        Claims(claims.collect())
    }
}

/// A name as it is written, and as it is compared.
struct Written {
    words: String,
    compared: Names,
}

fn written(given: Option<&PersonName>, family: Option<&PersonName>) -> Option<Written> {
    let text = |name: Option<&PersonName>| name.map_or("", PersonName::reveal).to_owned();
    let (given, family) = (text(given), text(family));
    let words = [given.trim(), family.trim()].join(" ").trim().to_owned();
    (!words.is_empty()).then(|| Written {
        compared: clean::names(&given, &family),
        words,
    })
}

impl Written {
    /// Whether two names are one, a middle name or a part that one of them leaves out apart.
    fn agrees(&self, other: &Self) -> bool {
        let (one, other) = (&self.compared, &other.compared);
        let begins = |a: &str, b: &str| {
            let (mut a, mut b) = (a.split_whitespace(), b.split_whitespace());
            loop {
                match (a.next(), b.next()) {
                    (None, _) | (_, None) => return true,
                    (Some(a), Some(b)) if a != b => return false,
                    _ => {}
                }
            }
        };
        let is_told = |a: &str, b: &str| !a.is_empty() && !b.is_empty();
        begins(&one.given, &other.given)
            && (!is_told(&one.family, &other.family) || one.family == other.family)
    }
}

/// What a home is compared by.
fn place(home: &[String]) -> clean::Place {
    clean::place(home.iter().map(String::as_str))
}

/// Whether two places are one as far as both tell of it: what one leaves out is no difference.
fn is_one_place(one: &[String], other: &[String]) -> bool {
    let (one, other) = (place(one), place(other));
    let same_postcode = match (&one.postcode, &other.postcode) {
        (Some(one), Some(other)) if one != other => return false,
        (Some(_), Some(_)) => true,
        _ => false,
    };
    if one.lines.is_empty() || other.lines.is_empty() {
        return same_postcode;
    }
    let within = |one: &str, other: &str| {
        let mut words = one.split_whitespace();
        words.all(|word| other.split_whitespace().any(|known| known == word))
    };
    one.numbers == other.numbers
        && (within(&one.lines, &other.lines) || within(&other.lines, &one.lines))
}

fn gathered(homes: Vec<Said<Home>>) -> Claims<Home> {
    let mut claims = Claims::gather(
        homes,
        |home| home.lines.join(" ").len(),
        |one: &Home, other: &Home| is_one_place(&one.lines, &other.lines),
    );
    for claim in &mut claims.0 {
        // One source that tells it of now is enough.
        if claim.by.len() > 1 {
            claim.value.told_for = None;
        }
    }
    claims
}

/// Where the child lives as each source tells it last, and what the same sources told before that. A report of three
/// years ago does not contradict where somebody lives today.
fn homes(tellings: &[Telling], facts: &[(usize, &Fact)]) -> (Vec<Said<Home>>, Vec<Said<Home>>) {
    let source = |by: usize| -> Option<(AgencyId, &Code)> {
        let telling = tellings.get(by)?;
        Some((telling.agency, &telling.source))
    };
    let told = |by: usize, fact: &Fact| {
        let as_of = tellings.get(by).map(|telling| telling.as_of);
        (fact.valid.from.or(as_of), by)
    };
    let (mut now, mut before) = (Vec::new(), Vec::new());
    for (by, fact) in facts {
        let Says::Address { at } = &fact.says else {
            continue;
        };
        let is_superseded = facts.iter().any(|(other, later)| {
            matches!(later.says, Says::Address { .. })
                && source(*other) == source(*by)
                && later.valid.to.is_none()
                && told(*other, later) > told(*by, fact)
        });
        let said = Said {
            value: Home {
                lines: lines(at),
                told_for: fact.valid.from,
            },
            by: *by,
            confidence: fact.confidence,
        };
        if is_superseded || fact.valid.to.is_some() {
            before.push(said);
        } else {
            now.push(said);
        }
    }
    before.retain(|one| {
        let is_told_now = |home: &Said<Home>| is_one_place(&home.value.lines, &one.value.lines);
        !now.iter().any(is_told_now)
    });
    (now, before)
}

fn placed(facts: &[(usize, &Fact)]) -> Claims<Placed> {
    let going_on: Vec<(usize, &Fact)> = facts
        .iter()
        .filter(|(_, fact)| fact.valid.to.is_none())
        .copied()
        .collect();
    Claims::gather(
        each(&going_on, |says| match says {
            Says::CareEpisode {
                at: Some(at),
                placement,
                ..
            } => Some(Placed {
                lines: lines(at),
                kind: placement.clone(),
            }),
            _ => None,
        }),
        |placed| (usize::from(placed.kind.is_some())) + placed.lines.join(" ").len(),
        |one: &Placed, other: &Placed| is_one_place(&one.lines, &other.lines),
    )
}

fn lines(at: &Address) -> Vec<String> {
    at.reveal().map(ToOwned::to_owned).collect()
}

/// An age in words: months and weeks for the youngest, since nobody is nought years old.
pub(super) fn age_words(born: Date, today: Date) -> Option<String> {
    let years = age(born, today)?;
    let several = |count: i32, one: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    };
    if years > 1 {
        return Some(several(i32::from(years), "year"));
    }
    let months = i32::from(today.year() - born.year()) * 12
        + i32::from(today.month() - born.month())
        - i32::from(today.day() < born.day());
    if months > 0 {
        return Some(several(months, "month"));
    }
    let days = today.since(born).ok()?.get_days();
    Some(match days {
        0 => "born today".to_owned(),
        1..14 => several(days, "day"),
        days => several(days / 7, "week"),
    })
}

#[cfg(test)]
#[path = "claims_tests.rs"]
mod tests;
