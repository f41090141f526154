//! What happened around a child, as sources tell it: one sentence for each day that a fact names.

use clearpicture_kernel::{Code, Date, Fact, Line, Says};

use super::missing;
use super::types::Telling;
use crate::practice::Practice;

/// Something that happened, as a source tells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Happening {
    /// The day.
    pub(super) on: Date,
    /// What.
    pub(super) what: String,
    /// Who says so: the places of the tellings.
    pub(super) by: Vec<usize>,
}

/// Something that goes on, as far as its source tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    /// Since when; `None` when that is not told.
    pub(super) since: Option<Date>,
    /// What.
    pub(super) what: String,
    /// Who says so: the places of the tellings.
    pub(super) by: Vec<usize>,
}

/// What is told of health, offending and a year of care, for those who are involved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Somebody who works with the child.
    Involved,
    /// Anybody else who may open the picture.
    Other,
}

/// Words for codes.
pub(super) struct Words<'a>(pub(super) &'a Practice);

impl Words<'_> {
    /// A code of a list in words; the code itself, as sources write it, where the list does not know it.
    fn of(&self, list: &str, code: &Code) -> String {
        let known = self.0.list(list).iter().find(|one| one.code == *code);
        known.map_or_else(
            || {
                let code = code.as_str();
                let is_short = code.len() <= 5;
                if is_short {
                    code.to_uppercase()
                } else {
                    code.replace('-', " ")
                }
            },
            |one| one.title.clone(),
        )
    }

    /// Where a looked-after child is placed, in words.
    pub(super) fn placement(&self, code: &Code) -> String {
        self.of("placements", code)
    }

    fn or_nothing(&self, lead: &str, list: &str, code: Option<&Code>) -> String {
        code.map_or(String::new(), |code| {
            format!("{lead}{}", self.of(list, code))
        })
    }
}

/// Everything that happened, newest first; what several say of one day in the same words stands once, with all of them.
pub(super) fn happenings(
    tellings: &[Telling],
    words: &Words<'_>,
    reader: Reader,
) -> Vec<Happening> {
    let mut all = Vec::new();
    for (by, telling) in tellings.iter().enumerate() {
        for fact in &telling.facts {
            let days = days(fact, words, reader);
            all.extend(days.into_iter().map(|(on, what)| Happening {
                on,
                what,
                by: vec![by],
            }));
        }
    }
    all.extend(missing::episodes(tellings).iter().filter_map(|episode| {
        Some(Happening {
            on: episode.on()?,
            what: episode.words(),
            by: episode.by(),
        })
    }));
    all.sort_by(|a, b| (b.on, &b.what, &a.by).cmp(&(a.on, &a.what, &b.by)));
    all.dedup_by(|next, first| {
        let is_one = next.on == first.on && next.what == first.what;
        if is_one {
            first.by.append(&mut next.by);
        }
        is_one
    });
    all
}

/// What goes on, in the order in which it should be read; what a source no longer tells does not.
pub(super) fn standing(tellings: &[Telling], words: &Words<'_>) -> Vec<Standing> {
    let mut all = Vec::new();
    let open = missing::episodes(tellings);
    for episode in open.iter().filter(|episode| episode.goes_on()) {
        let standing = Standing {
            since: episode.on(),
            what: episode.words(),
            by: episode.by(),
        };
        all.push((0, standing));
    }
    for (by, telling) in tellings.iter().enumerate().filter(|(_, one)| !one.ended) {
        let facts = telling.facts.iter().filter(|fact| fact.valid.to.is_none());
        for fact in facts {
            if let Some((order, what)) = goes_on(&fact.says, words) {
                let since = fact.valid.from;
                let by = vec![by];
                all.push((order, Standing { since, what, by }));
            }
        }
    }
    all.sort();
    all.dedup_by(|(_, next), (_, first)| {
        let is_one = next.since == first.since && next.what == first.what;
        if is_one {
            first.by.append(&mut next.by);
        }
        is_one
    });
    all.into_iter().map(|(_, standing)| standing).collect()
}

/// What a fact without a last day says goes on, and how early it should be read.
fn goes_on(says: &Says, words: &Words<'_>) -> Option<(u8, String)> {
    Some(match says {
        Says::Concern { form, level, .. } => (1, concern(form, level.as_ref())),
        Says::Plan { of, .. } => (2, format!("{}{}", plan(of), category(says, words))),
        Says::CareEpisode { .. } => (3, format!("Looked after{}", care(says, words))),
        Says::Referral {
            no_further_action: Some(true),
            ..
        } => return None,
        Says::Referral { need, .. } => (
            4,
            format!(
                "Open to social care{}",
                words.or_nothing(": ", "needs", need.as_ref())
            ),
        ),
        _ => return None,
    })
}

/// The days of a fact. Where they run backwards they stand all the same, since one of them may be right.
fn days(fact: &Fact, words: &Words<'_>, reader: Reader) -> Vec<(Date, String)> {
    let told = social_care(fact, words)
        .into_iter()
        .chain(in_care(fact, words, reader))
        .chain(others(fact));
    told.filter_map(|(on, what)| Some((on?, what))).collect()
}

/// Days that may not be told, and what happened on each.
type Told = Vec<(Option<Date>, String)>;

/// What social care did.
fn social_care(fact: &Fact, words: &Words<'_>) -> Told {
    let (from, to) = (fact.valid.from, fact.valid.to);
    match &fact.says {
        Says::Contact { source, outcome } => {
            let by = words.or_nothing(" by ", "referral-sources", source.as_ref());
            let outcome = outcome
                .as_ref()
                .map_or(String::new(), |text| format!(": {text}"));
            vec![(from, format!("Contact with social care{by}{outcome}"))]
        }
        Says::Referral {
            source,
            need,
            no_further_action,
            closed,
        } => {
            let by = words.or_nothing(" by ", "referral-sources", source.as_ref());
            let need = words.or_nothing(": ", "needs", need.as_ref());
            let further = if *no_further_action == Some(true) {
                ", no further action"
            } else {
                ""
            };
            let closed = words.or_nothing(": ", "closures", closed.as_ref());
            vec![
                (from, format!("Referral to social care{by}{need}{further}")),
                (to, format!("Case closed{closed}")),
            ]
        }
        Says::Assessment { child_seen, .. } => {
            let seen = match child_seen {
                Some(true) => ", the child was seen",
                Some(false) => ", the child was not seen",
                None => "",
            };
            vec![
                (from, "Assessment began".to_owned()),
                (to, format!("Assessment finished{seen}")),
            ]
        }
        Says::Factor { code } => {
            let named = format!("Assessment names {}", words.of("assessment-factors", code));
            vec![(to.or(from), named)]
        }
        Says::Section47 {
            conference_due,
            conference,
            not_required,
        } => {
            let due =
                conference_due.filter(|_| conference.is_none() && *not_required != Some(true));
            vec![
                (from, "Child protection enquiry began".to_owned()),
                (
                    due,
                    "Initial child protection conference due, none is told of".to_owned(),
                ),
                (
                    *conference,
                    "Initial child protection conference".to_owned(),
                ),
            ]
        }
        Says::Plan { of, .. } => vec![
            (
                from,
                format!("{} began{}", plan(of), category(&fact.says, words)),
            ),
            (to, format!("{} ended", plan(of))),
        ],
        Says::Review { of, .. } => {
            let of = match of.as_str() {
                "looked-after" => "Review of a looked-after child",
                _ => "Review of the child protection plan",
            };
            vec![(from.or(to), of.to_owned())]
        }
        _ => Vec::new(),
    }
}

/// What happened to a child who is looked after.
fn in_care(fact: &Fact, words: &Words<'_>, reader: Reader) -> Told {
    let (from, to) = (fact.valid.from, fact.valid.to);
    match &fact.says {
        Says::CareEpisode { .. } => vec![
            (from, format!("Looked after{}", care(&fact.says, words))),
            (to, "Placement or legal status ended".to_owned()),
        ],
        Says::CareYear { .. } if reader == Reader::Involved => {
            vec![(to.or(from), care_year(&fact.says))]
        }
        _ => Vec::new(),
    }
}

/// What services, schools and the police tell.
fn others(fact: &Fact) -> Told {
    let (from, to) = (fact.valid.from, fact.valid.to);
    match &fact.says {
        Says::Involvement {
            organisation,
            last_contact,
            ..
        } => involvement(fact, organisation.as_ref(), *last_contact),
        Says::Died { on } => vec![(Some(*on), "Died".to_owned())],
        Says::Enrolment { school, .. } => {
            let at = school
                .as_ref()
                .map_or(String::new(), |school| format!(" {school}"));
            let place = if at.is_empty() { " a school" } else { &at };
            vec![
                (from, format!("Joined{place}")),
                (to, format!("Left{place}")),
            ]
        }
        Says::Attendance {
            possible,
            authorised,
            unauthorised,
        } => {
            let missed = authorised.unwrap_or_default() + unauthorised.unwrap_or_default();
            let of = possible.map_or(String::new(), |possible| format!(" of {possible}"));
            vec![(
                to.or(from),
                format!("Missed {missed}{of} sessions at school"),
            )]
        }
        Says::Exclusion {
            category, sessions, ..
        } => {
            let what = match category.as_ref().map(Code::as_str) {
                Some("perm") => "Permanently excluded from school",
                Some("lnch") => "Excluded at lunchtimes",
                _ => "Suspended from school",
            };
            let sessions = sessions.map_or(String::new(), |count| format!(" for {count} sessions"));
            vec![(from, format!("{what}{sessions}"))]
        }
        Says::Concern { form, level, .. } => vec![
            (from, concern(form, level.as_ref())),
            (to, "That concern was closed".to_owned()),
        ],
        _ => Vec::new(),
    }
}

fn involvement(
    fact: &Fact,
    organisation: Option<&Line>,
    last_contact: Option<Date>,
) -> Vec<(Option<Date>, String)> {
    let with = |what: &str| match organisation {
        Some(who) => format!("{what}: {who}"),
        None => what.to_owned(),
    };
    let ended = fact.valid.to.filter(|_| fact.valid.to != last_contact);
    vec![
        (fact.valid.from, with("Involvement began")),
        (last_contact, with("Last in touch")),
        (ended, with("Involvement ended")),
    ]
}

fn plan(of: &Code) -> &'static str {
    match of.as_str() {
        "child-protection" => "Child protection plan",
        _ => "Child in need plan",
    }
}

fn category(says: &Says, words: &Words<'_>) -> String {
    let Says::Plan {
        category,
        latest_category,
        ..
    } = says
    else {
        return String::new();
    };
    words.or_nothing(
        ": ",
        "abuse-categories",
        latest_category.as_ref().or(category.as_ref()),
    )
}

fn care(says: &Says, words: &Words<'_>) -> String {
    let Says::CareEpisode {
        legal_status,
        placement,
        ..
    } = says
    else {
        return String::new();
    };
    let placement = words.or_nothing(": ", "placements", placement.as_ref());
    let lead = if placement.is_empty() { ": " } else { ", " };
    let status = words.or_nothing(lead, "legal-statuses", legal_status.as_ref());
    format!("{placement}{status}")
}

fn concern(form: &Code, level: Option<&Code>) -> String {
    let form = form.as_str().replace('-', " ");
    let level = level.map_or(String::new(), |level| {
        format!(", {}", level.as_str().replace('-', " "))
    });
    format!("Police concern about {form} exploitation{level}")
}

fn care_year(says: &Says) -> String {
    let Says::CareYear {
        convicted,
        health_check,
        immunisations,
        teeth_check,
        health_assessment,
        substance_misuse,
        difficulties,
    } = says
    else {
        return String::new();
    };
    let told = |flag: &Option<bool>, yes: &str, no: &str| match flag {
        Some(true) => yes.to_owned(),
        Some(false) => no.to_owned(),
        None => String::new(),
    };
    let parts = [
        told(
            health_assessment,
            "health assessment done",
            "no health assessment",
        ),
        told(
            health_check,
            "health surveillance up to date",
            "health surveillance not up to date",
        ),
        told(
            immunisations,
            "immunisations up to date",
            "immunisations not up to date",
        ),
        told(teeth_check, "teeth checked", "teeth not checked"),
        told(substance_misuse, "substance misuse identified", ""),
        told(convicted, "convicted or cautioned", ""),
        difficulties.map_or(String::new(), |score| format!("difficulties score {score}")),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("Year in care: {}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use clearpicture_kernel::fact::{Confidence, Valid};
    use clearpicture_kernel::{AgencyId, SubjectId, TypedId as _};
    use jiff::civil::date;

    use super::*;
    use crate::persons::work::{Service, Work};

    #[test]
    fn what_the_chronology_says_has_ended_stands_nowhere_as_going_on_or_not_told() {
        let today = date(2026, 11, 30);
        let ends = [None, Some(date(2026, 9, 22)), Some(date(2026, 12, 24))];
        let contacts = [None, Some(date(2023, 5, 3)), Some(date(2026, 9, 22))];
        for state in ["current", "historic", "not-specified"] {
            for to in ends {
                for last_contact in contacts {
                    let fact = Fact {
                        says: Says::Involvement {
                            state: Code::parse(state).unwrap(),
                            organisation: None,
                            last_contact,
                            contact: None,
                        },
                        valid: Valid {
                            from: Some(date(2023, 1, 9)),
                            to,
                        },
                        confidence: Confidence::Stated,
                    };
                    let told = others(&fact);
                    let is_over = told.iter().any(|(on, what)| {
                        what.starts_with("Involvement ended") && on.is_some_and(|on| on <= today)
                    });
                    let telling = Telling {
                        subject: SubjectId::parse("subject_00000000000000000000000001").unwrap(),
                        agency: AgencyId::parse("agency_00000000000000000000000001").unwrap(),
                        source: Code::parse("lighthouse-clients").unwrap(),
                        load: "load_00000000000000000000000001".to_owned(),
                        row: 1,
                        seq: 1,
                        as_of: date(2026, 10, 1),
                        ended: false,
                        key: "1".to_owned(),
                        facts: vec![fact],
                    };
                    let stands = Service::all(&[telling])[0].stands(today);
                    let is_said_over = matches!(stands, Work::Over(_));
                    assert!(!is_over || is_said_over, "{state} {to:?}: {stands:?}");
                }
            }
        }
    }
}
