//! What the picture says, in words: each thing once, and apart from it who says so.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_kernel::{AgencyId, Code, Date, PersonName, TypedId as _};
use clearpicture_linkage::clean;
use serde::Serialize;

use super::chronology::{self, Happening, Words};
use super::claims::{Claim, Claimed, Claims, Home};
use super::types::Telling;
use super::work::{Service, Work};
use crate::agencies;
use crate::shell::{Ctx, Failure, Number};
use crate::words;

/// One thing that is claimed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ClaimRow {
    pub(super) label: &'static str,
    /// Whether the heading of the page says it too.
    pub(super) headed: bool,
    pub(super) differ: bool,
    pub(super) values: Vec<ClaimShown>,
}

/// One value.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ClaimShown {
    pub(super) lines: Vec<String>,
    pub(super) doubted: bool,
    /// The day for which it was told, where that matters.
    pub(super) note: String,
    /// Which agencies say so.
    pub(super) agencies: String,
    /// Which sources say so, with their rows.
    pub(super) by: String,
}

/// Somebody to ring.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RingRow {
    pub(super) who: String,
    pub(super) state: String,
    pub(super) tone: &'static str,
    pub(super) since: String,
    /// Who it is there, as far as the reader is told: a role, or a name and a role.
    pub(super) people: Vec<String>,
    pub(super) numbers: Vec<Number>,
    pub(super) backwards: bool,
    pub(super) by: String,
    /// Where somebody's own word that they work with the child is ended by another, for whoever may.
    pub(super) end_href: Option<String>,
}

/// Something that goes on.
#[derive(Debug, Clone, Serialize)]
pub(super) struct StandingRow {
    pub(super) what: String,
    pub(super) since: String,
    pub(super) agencies: String,
    pub(super) by: String,
}

/// What happened in one year.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Year {
    pub(super) year: i16,
    pub(super) happenings: Vec<HappeningShown>,
}

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
pub(super) struct HappeningShown {
    pub(super) when: String,
    pub(super) datetime: String,
    pub(super) what: String,
    pub(super) agencies: String,
    pub(super) by: String,
}

/// Who tells one row: the agency, and its source.
struct Source {
    agency: String,
    title: String,
    row: u64,
}

/// Who says what, in words.
pub(super) struct Said {
    by: Vec<Source>,
    /// How many sources there are.
    pub(super) sources: usize,
    agency_of: Vec<AgencyId>,
    agencies: BTreeMap<AgencyId, (String, String)>,
}

impl Said {
    /// Where whereabouts are withheld, a school goes by its kind: its name and number would tell.
    pub(super) async fn of(
        ctx: &Ctx,
        tellings: &[Telling],
        withheld: bool,
    ) -> Result<Self, Failure> {
        let scope = ctx.scope::<agencies::SeeAgency>().await?;
        let rows = agencies::of_partnership(ctx.store(), &scope).await?;
        let agencies: BTreeMap<AgencyId, (String, String)> = rows
            .into_iter()
            .filter_map(|row| {
                let id = AgencyId::parse(&row.id).ok()?;
                let called = match withheld && agencies::tells_where(&row) {
                    true => (agencies::EDUCATION.to_owned(), String::new()),
                    false => (row.name, row.duty_number),
                };
                Some((id, called))
            })
            .collect();
        let sources: BTreeSet<(AgencyId, &Code)> = tellings
            .iter()
            .map(|telling| (telling.agency, &telling.source))
            .collect();
        let by = tellings.iter().map(|telling| Source {
            agency: agencies
                .get(&telling.agency)
                .map_or_else(|| "an agency".to_owned(), |(name, _)| name.clone()),
            title: ctx
                .app
                .practice()
                .source_title(telling.source.as_str())
                .to_owned(),
            row: telling.row,
        });
        Ok(Self {
            by: by.collect(),
            sources: sources.len(),
            agency_of: tellings.iter().map(|telling| telling.agency).collect(),
            agencies,
        })
    }

    /// The agencies that say what these tellings say, each once.
    fn agencies(&self, places: &[usize]) -> String {
        let mut names: Vec<&str> = Vec::new();
        for source in places.iter().filter_map(|place| self.by.get(*place)) {
            if !names.contains(&source.agency.as_str()) {
                names.push(&source.agency);
            }
        }
        names.join(", ")
    }

    /// Who says what these tellings say: each source once, with which records of its file they are.
    fn by(&self, places: &[usize]) -> String {
        let mut sources: Vec<((&str, &str), Vec<String>)> = Vec::new();
        for source in places.iter().filter_map(|place| self.by.get(*place)) {
            let known = (source.agency.as_str(), source.title.as_str());
            match sources.iter_mut().find(|(one, _)| *one == known) {
                Some((_, rows)) => rows.push(source.row.to_string()),
                None => sources.push((known, vec![source.row.to_string()])),
            }
        }
        let words = sources
            .into_iter()
            .map(|((agency, title), rows)| match rows.as_slice() {
                [one] => format!("{agency}, {title}, record {one} of its file"),
                several => format!(
                    "{agency}, {title}, records {} of its file",
                    several.join(", ")
                ),
            });
        words.collect::<Vec<_>>().join("; ")
    }

    /// The number of an agency's duty desk; empty where none is recorded.
    pub(super) fn duty_number(&self, agency: AgencyId) -> &str {
        self.agencies
            .get(&agency)
            .map_or("", |(_, number)| number.as_str())
    }

    /// The name of an agency.
    pub(super) fn agency(&self, agency: AgencyId) -> &str {
        self.agencies
            .get(&agency)
            .map_or("An agency", |(name, _)| name.as_str())
    }

    /// Who the child is and where they live, as far as somebody tells it.
    pub(super) fn claims(
        &self,
        claimed: &Claimed,
        words: &Words<'_>,
        today: Date,
    ) -> Vec<ClaimRow> {
        let note = |home: &Home| {
            home.told_for.map_or(String::new(), |day| {
                format!("as told on {}", words::day(day, today))
            })
        };
        let nothing = String::new;
        let rows = [
            self.row("Name", &claimed.names, |name| {
                (vec![name.clone()], nothing())
            }),
            self.row("Date of birth", &claimed.born, |day| {
                (vec![words::full_day(*day)], nothing())
            }),
            self.row("Sex as recorded", &claimed.sexes, |code| {
                (vec![words::sentence(code)], nothing())
            }),
            self.row("Placed in care at", &claimed.placed, |placed| {
                let kind = placed.kind.as_ref().map(|code| words.placement(code));
                let mut lines: Vec<String> = kind
                    .map(|kind| words::sentence(&kind))
                    .into_iter()
                    .collect();
                lines.extend(placed.lines.iter().cloned());
                (lines, nothing())
            }),
            self.row(
                if claimed.placed.0.is_empty() {
                    "Address"
                } else {
                    "Family’s address"
                },
                &claimed.homes,
                |home| (home.lines.clone(), note(home)),
            ),
            // What was so before differs from what is so now, which says nothing.
            ClaimRow {
                differ: false,
                ..self.row("Address before", &claimed.before, |home| {
                    (home.lines.clone(), note(home))
                })
            },
        ];
        rows.into_iter()
            .filter(|row| !row.values.is_empty())
            .collect()
    }

    /// The numbers by which systems know the child, each under the name of whose it is.
    pub(super) fn numbers(&self, claimed: &Claimed) -> Vec<(String, String)> {
        let claims = claimed.numbers.0.iter();
        claims
            .map(|claim| {
                let (scheme, number) = &claim.value;
                let label = match scheme.as_str() {
                    "nhs-number" => "NHS number".to_owned(),
                    "upn" => "Unique pupil number".to_owned(),
                    _ => format!("Number at {}", self.agencies(&claim.by)),
                };
                (label, number.clone())
            })
            .collect()
    }

    fn row<T>(
        &self,
        label: &'static str,
        claims: &Claims<T>,
        lines: impl Fn(&T) -> (Vec<String>, String),
    ) -> ClaimRow {
        let shown = |claim: &Claim<T>| {
            let (lines, note) = lines(&claim.value);
            ClaimShown {
                lines,
                note,
                doubted: claim.doubted,
                agencies: self.agencies(&claim.by),
                by: self.by(&claim.by),
            }
        };
        ClaimRow {
            label,
            headed: matches!(label, "Name" | "Date of birth"),
            differ: claims.differ(),
            values: claims.0.iter().map(shown).collect(),
        }
    }

    /// A service as somebody to ring; the duty number first, a worker's own to those involved alone (safety rule 17).
    pub(super) fn service(&self, service: &Service, today: Date, is_involved: bool) -> RingRow {
        let (state, tone) = stands(service.stands(today), today);
        let agency = self.agency_of.get(service.by).copied();
        let name = agency.map_or("", |agency| self.agency(agency));
        let who = match &service.organisation {
            Some(organisation) if !name.is_empty() && !is_one_name(organisation, name) => {
                format!("{organisation} ({name})")
            }
            Some(organisation) => organisation.clone(),
            None => name.to_owned(),
        };
        let duty = agency.map_or("", |agency| self.duty_number(agency));
        let mut numbers: Vec<Number> = Number::of_duty_desk(duty).into_iter().collect();
        let mut people = Vec::new();
        if let Some(contact) = &service.contact {
            let name = contact.name.as_ref().map(PersonName::reveal);
            let role = contact.role.as_ref().map(ToString::to_string);
            let parts = [
                name.filter(|_| is_involved).map(str::to_owned),
                role.map(|role| {
                    if is_involved {
                        role.to_lowercase()
                    } else {
                        role
                    }
                }),
            ];
            let who: Vec<String> = parts.into_iter().flatten().collect();
            people.extend((!who.is_empty()).then(|| who.join(", ")));
            if is_involved {
                let phone = contact.phone.as_ref().map_or("", |phone| phone.reveal());
                numbers.extend(Number::of(name.unwrap_or("direct"), phone));
                people.extend(contact.email.iter().map(|email| email.reveal().to_owned()));
            }
        }
        RingRow {
            who,
            state,
            tone,
            since: since(service, today),
            people,
            numbers,
            backwards: service.backwards,
            by: self.by(&[service.by]),
            end_href: None,
        }
    }

    /// What goes on.
    pub(super) fn standing(
        &self,
        tellings: &[Telling],
        words: &Words<'_>,
        today: Date,
    ) -> Vec<StandingRow> {
        let standing = chronology::standing(tellings, words).into_iter();
        let rows = standing.map(|one| StandingRow {
            what: one.what,
            since: one.since.map_or(String::new(), |day| {
                format!("since {}", words::day(day, today))
            }),
            agencies: self.agencies(&one.by),
            by: self.by(&one.by),
        });
        rows.collect()
    }

    /// What happened, without the name of whoever tells it where it ends in that: it stands beside it.
    fn unnamed<'h>(&self, happening: &'h Happening) -> &'h str {
        let what = happening.what.as_str();
        match what.rsplit_once(": ") {
            Some((before, who)) if is_one_name(who, &self.agencies(&happening.by)) => before,
            _ => what,
        }
    }

    /// What happened, year by year.
    pub(super) fn years(&self, happenings: &[Happening], today: Date) -> Vec<Year> {
        let mut years: Vec<Year> = Vec::new();
        for happening in happenings {
            let shown = HappeningShown {
                when: words::day(happening.on, happening.on),
                datetime: happening.on.to_string(),
                what: if happening.on > today {
                    format!("{} (still to come)", self.unnamed(happening))
                } else {
                    self.unnamed(happening).to_owned()
                },
                agencies: self.agencies(&happening.by),
                by: self.by(&happening.by),
            };
            match years.last_mut() {
                Some(year) if year.year == happening.on.year() => year.happenings.push(shown),
                _ => years.push(Year {
                    year: happening.on.year(),
                    happenings: vec![shown],
                }),
            }
        }
        years
    }
}

/// Whether two names of organisations are one, however they are written.
fn is_one_name(one: &str, other: &str) -> bool {
    clean::spaced(one) == clean::spaced(other)
}

/// How a service stands, in words, and the tone of its tag: green is for who works with the child now, and nobody else.
fn stands(work: Work, today: Date) -> (String, &'static str) {
    match work {
        Work::Now => ("works with the child now".to_owned(), "done"),
        Work::OutOfTouch(day) => (format!("last in touch {}", words::day(day, today)), "due"),
        Work::Untold => (
            "not told whether it still works with the child".to_owned(),
            "due",
        ),
        Work::Over(Some(day)) => (
            format!("worked with the child until {}", words::day(day, today)),
            "neutral",
        ),
        Work::Over(None) => ("worked with the child".to_owned(), "neutral"),
        Work::Dropped(day) => (
            format!("not told of since {}", words::day(day, today)),
            "neutral",
        ),
    }
}

/// Since when, and when they were last in touch, where the state does not say it.
fn since(service: &Service, today: Date) -> String {
    let mut words = Vec::new();
    if let Some(from) = service.since {
        words.push(format!("since {}", words::day(from, today)));
    }
    let stands = service.stands(today);
    let is_said = match stands {
        Work::OutOfTouch(day) | Work::Over(Some(day)) => service.last_contact == Some(day),
        _ => false,
    };
    if let Some(contact) = service.last_contact.filter(|_| !is_said) {
        words.push(format!("last in touch {}", words::day(contact, today)));
    }
    words::sentence(&words.join(", "))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn only_who_works_with_the_child_now_is_green() {
        let today = date(2026, 11, 30);
        for work in [
            Work::OutOfTouch(date(2023, 5, 3)),
            Work::Untold,
            Work::Over(None),
            Work::Over(Some(date(2026, 9, 22))),
            Work::Dropped(date(2026, 9, 22)),
        ] {
            assert_ne!(stands(work, today).1, "done", "{work:?}");
        }
        assert_eq!(stands(Work::Now, today).1, "done");
    }
}
