//! Missing episodes, each shown once: as police and social care both tell of one, their words stand side by side.
//!
//! The two vocabularies are never merged, and neither is a day: where they differ, each stands with who says it.

use clearpicture_kernel::{Code, Date, Says};

use super::types::Telling;
use crate::words;

/// One episode, as everybody tells it who tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Episode<'t>(Vec<Told<'t>>);

/// One telling of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told<'t> {
    /// The place of the telling.
    by: usize,
    from: Option<Date>,
    to: Option<Date>,
    told_by: &'t Code,
    way: Option<&'t Code>,
    interview: Option<&'static str>,
    /// Whether its source no longer tells it.
    dropped: bool,
}

/// The missing episodes that are told of, the earliest first.
pub(super) fn episodes(tellings: &[Telling]) -> Vec<Episode<'_>> {
    let mut told: Vec<Told<'_>> = tellings
        .iter()
        .enumerate()
        .flat_map(|(by, telling)| telling.facts.iter().map(move |fact| (by, telling, fact)))
        .filter_map(|(by, telling, fact)| match &fact.says {
            Says::Missing {
                told_by,
                way,
                interview_offered,
                interview_accepted,
            } => Some(Told {
                by,
                from: fact.valid.from,
                to: fact.valid.to,
                told_by,
                way: way.as_ref(),
                interview: interview(*interview_offered, *interview_accepted),
                dropped: telling.ended,
            }),
            _ => None,
        })
        .collect();
    told.sort_by_key(|one| (one.from, one.to, one.by));
    let mut episodes: Vec<Episode<'_>> = Vec::new();
    for one in told {
        match episodes
            .iter_mut()
            .rev()
            .find(|episode| episode.is_of(&one))
        {
            Some(Episode(tellings)) => tellings.push(one),
            None => episodes.push(Episode(vec![one])),
        }
    }
    episodes
}

fn interview(offered: Option<bool>, accepted: Option<bool>) -> Option<&'static str> {
    match (offered, accepted) {
        (_, Some(true)) => Some("return interview accepted"),
        (Some(true), _) => Some("return interview offered"),
        (Some(false), _) => Some("no return interview offered"),
        _ => None,
    }
}

impl Told<'_> {
    /// The days it covers; of one whose end is not told, its first alone: it may be long over.
    fn days(&self) -> Option<(Date, Date)> {
        let from = self.from?;
        Some((from, self.to.unwrap_or(from).max(from)))
    }

    /// What happened, in the words of whoever tells it.
    fn words(&self) -> String {
        match (self.told_by.as_str(), self.way.map(Code::as_str)) {
            ("police", Some("absent")) => "reported absent to the police".to_owned(),
            ("police", Some("missing") | None) => "reported missing to the police".to_owned(),
            ("police", Some(risk)) => format!(
                "reported missing to the police, {} risk",
                risk.replace('-', " ")
            ),
            (_, Some("away" | "a")) => "away from their placement without authorisation".to_owned(),
            _ => "missing from care".to_owned(),
        }
    }

    fn who(&self) -> &'static str {
        match self.told_by.as_str() {
            "police" => "police",
            _ => "social care",
        }
    }
}

impl Episode<'_> {
    /// Whether another source tells of the same episode: another does not tell it already, and some day is in both.
    fn is_of(&self, other: &Told<'_>) -> bool {
        let is_of_another = |one: &Told<'_>| one.told_by != other.told_by;
        let shares_a_day = |one: &Told<'_>| match (one.days(), other.days()) {
            (Some((from, to)), Some((other_from, other_to))) => {
                from <= other_to && other_from <= to
            }
            _ => false,
        };
        self.0.iter().all(is_of_another) && self.0.iter().any(shares_a_day)
    }

    /// The day on which it began, as the first says.
    pub(super) fn on(&self) -> Option<Date> {
        self.0.iter().find_map(|one| one.from.or(one.to))
    }

    /// Who tells of it.
    pub(super) fn by(&self) -> Vec<usize> {
        self.0.iter().map(|one| one.by).collect()
    }

    /// Whether somebody tells of it who does not tell that it ended.
    pub(super) fn goes_on(&self) -> bool {
        self.0.iter().any(|one| !one.dropped && one.to.is_none())
    }

    /// What is known of it, in one or two sentences.
    pub(super) fn words(&self) -> String {
        let mut began: Vec<String> = Vec::new();
        for one in &self.0 {
            let what = one.words();
            let from = one.from.filter(|from| Some(*from) != self.on());
            began.push(match (from, self.on()) {
                (Some(from), Some(on)) => format!("{what} from {}", words::day(from, on)),
                _ => what,
            });
        }
        let mut sentences = vec![words::sentence(&began.join("; "))];
        sentences.extend(self.found().map(|found| words::sentence(&found)));
        sentences.join(". ")
    }

    /// How it ended, as far as anybody tells; who says so where not all say the same.
    fn found(&self) -> Option<String> {
        let all_say_one = self.0.windows(2).all(|two| match two {
            [one, other] => one.to == other.to,
            _ => true,
        });
        let day = |one: &Told<'_>| {
            let to = one.to?;
            Some(words::day(to, self.on().unwrap_or(to)))
        };
        let days: Vec<String> = if all_say_one {
            self.0.first().and_then(day).into_iter().collect()
        } else {
            self.0
                .iter()
                .map(|one| {
                    let day = day(one).unwrap_or_else(|| "no day told".to_owned());
                    format!("{day} ({})", one.who())
                })
                .collect()
        };
        let mut parts: Vec<String> = Vec::new();
        if days.is_empty() {
            parts.push("no day is told on which they were found".to_owned());
        } else {
            parts.push(format!("found {}", days.join(", ")));
        }
        let mut interviews: Vec<&str> = self.0.iter().filter_map(|one| one.interview).collect();
        interviews.dedup();
        parts.extend(interviews.into_iter().map(ToOwned::to_owned));
        Some(parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use clearpicture_kernel::fact::{Confidence, Valid};
    use clearpicture_kernel::{AgencyId, Fact, SubjectId, TypedId as _};
    use jiff::civil::date;

    use super::*;

    fn telling(agency: char, told_by: &str, way: &str, from: Date, to: Option<Date>) -> Telling {
        Telling {
            subject: SubjectId::parse("subject_00000000000000000000000001").unwrap(),
            agency: AgencyId::parse(&format!("agency_0000000000000000000000000{agency}")).unwrap(),
            source: Code::parse(told_by).unwrap(),
            load: "load_00000000000000000000000001".to_owned(),
            row: 1,
            seq: 1,
            as_of: date(2026, 10, 1),
            ended: false,
            key: "1".to_owned(),
            facts: vec![Fact {
                says: Says::Missing {
                    told_by: Code::parse(told_by).unwrap(),
                    way: Code::parse(way).ok(),
                    interview_offered: None,
                    interview_accepted: None,
                },
                valid: Valid {
                    from: Some(from),
                    to,
                },
                confidence: Confidence::Stated,
            }],
        }
    }

    #[test]
    fn two_agencies_tellings_of_one_episode_are_shown_once_in_the_words_of_both() {
        let tellings = [
            telling(
                '1',
                "police",
                "medium",
                date(2026, 5, 3),
                Some(date(2026, 5, 5)),
            ),
            telling(
                '2',
                "local-authority",
                "missing",
                date(2026, 5, 3),
                Some(date(2026, 5, 5)),
            ),
            telling(
                '2',
                "local-authority",
                "missing",
                date(2026, 5, 20),
                Some(date(2026, 5, 21)),
            ),
        ];
        let episodes = episodes(&tellings);
        let words: Vec<String> = episodes.iter().map(Episode::words).collect();
        assert_eq!(
            words,
            [
                "Reported missing to the police, medium risk; missing from care. Found 5 May",
                "Missing from care. Found 21 May",
            ]
        );
        assert_eq!(episodes[0].by(), [0, 1]);
    }

    #[test]
    fn days_that_differ_stand_with_who_says_them_and_an_open_end_stays_open() {
        let tellings = [
            telling('1', "police", "high", date(2026, 5, 3), None),
            telling(
                '2',
                "local-authority",
                "missing",
                date(2026, 5, 2),
                Some(date(2026, 5, 4)),
            ),
            // Of the same source: another report, never the same episode.
            telling(
                '1',
                "police",
                "low",
                date(2026, 5, 3),
                Some(date(2026, 5, 4)),
            ),
        ];
        let episodes = episodes(&tellings);
        assert_eq!(episodes.len(), 2);
        let both = episodes
            .iter()
            .find(|one| one.by().len() == 2)
            .expect("one of two");
        assert!(both.words().contains("(police)"), "{}", both.words());
        assert!(both.words().contains("(social care)"), "{}", both.words());
        assert_eq!(
            episodes.iter().filter(|one| one.goes_on()).count(),
            1,
            "what the police do not tell as ended goes on"
        );
    }
}
