//! What came of the files of a folder, in words and as a table, for whoever waits at the terminal. It names files,
//! counts and what to do, and repeats nothing that stands in a row.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clearpicture_app::linking;
use clearpicture_app::loads::Effect;
use clearpicture_ingest::Problem;

use crate::ingest::FileAnswer;

/// The most files of which the summary repeats the name under one reason: all were named as they were read.
const NAMED: usize = 3;
/// The most characters of a file's name in the table.
const WIDEST: usize = 40;
const HEADINGS: [&str; 10] = [
    "Taken in",
    "Source",
    "Sent by",
    "Rows",
    "New",
    "Changed",
    "Unchanged",
    "Ended",
    "Set aside",
    "Findings",
];
/// How many columns are words; the others are numbers.
const OF_WORDS: usize = 3;

/// Why a file was left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Why {
    /// In a word.
    pub(super) code: &'static str,
    /// In a sentence.
    pub(super) words: String,
    /// What to do about it; empty where nothing need be done.
    pub(super) advice: &'static str,
}

impl Why {
    pub(super) fn new(code: &'static str, words: impl Into<String>, advice: &'static str) -> Self {
        Self {
            code,
            words: words.into(),
            advice,
        }
    }
}

/// What came of a file.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was taken in, from the agency of this code.
    TakenIn(String, Effect),
    /// It waits until somebody decides: taking it in would do this.
    Waits(String, Effect),
    /// It was left out.
    LeftOut(Why),
}

/// One file, and what came of it.
struct OfFile {
    file: String,
    answer: Option<FileAnswer>,
    outcome: Outcome,
}

/// What came of all files.
#[derive(Default)]
pub(super) struct Summary {
    files: Vec<OfFile>,
}

impl Summary {
    pub(super) fn add(&mut self, file: &str, answer: Option<FileAnswer>, outcome: Outcome) {
        self.files.push(OfFile {
            file: file.to_owned(),
            answer,
            outcome,
        });
    }

    /// The whole of it: a table of what was taken in, what waits, what was left out and why, and what was found.
    pub(super) fn words(&self) -> String {
        let mut text = String::new();
        self.tell_taken(&mut text);
        self.tell_waiting(&mut text);
        self.tell_left_out(&mut text);
        self.tell_found(&mut text);
        text.truncate(text.trim_end().len());
        text
    }

    fn tell_taken(&self, text: &mut String) {
        let taken: Vec<(&OfFile, &str, &Effect)> = self
            .files
            .iter()
            .filter_map(|one| match &one.outcome {
                Outcome::TakenIn(agency, effect) => Some((one, agency.as_str(), effect)),
                _ => None,
            })
            .collect();
        let mut rows = vec![HEADINGS.map(str::to_owned)];
        let mut sums = [0_u64; 7];
        for (one, agency, effect) in &taken {
            let (source, counted) = one.counted(effect);
            for (sum, count) in sums.iter_mut().zip(counted) {
                *sum += count;
            }
            rows.push(row([&end_of(&one.file), source, agency], counted));
        }
        let all = format!("{} of {} files", taken.len(), self.files.len());
        rows.push(row([&all, "", ""], sums));
        table(&rows, text);
    }

    fn tell_waiting(&self, text: &mut String) {
        let mut told = false;
        for one in &self.files {
            let Outcome::Waits(agency, effect) = &one.outcome else {
                continue;
            };
            if !told {
                text.push_str("\nWaiting for an analyst to decide, on the page Files\n");
                told = true;
            }
            let held = effect.ended + effect.changed + effect.unchanged;
            let _ = writeln!(
                text,
                "  {}: a file of all there is that would end {} of the {held} rows held from {agency}",
                one.file, effect.ended
            );
        }
    }

    fn tell_left_out(&self, text: &mut String) {
        let mut reasons: BTreeMap<&Why, Vec<&str>> = BTreeMap::new();
        for one in &self.files {
            if let Outcome::LeftOut(why) = &one.outcome {
                reasons.entry(why).or_default().push(&one.file);
            }
        }
        if !reasons.is_empty() {
            text.push_str("\nLeft out\n");
        }
        for (why, files) in reasons {
            let line = format!(
                "  {} × {}: {} {}",
                files.len(),
                why.code,
                why.words,
                why.advice
            );
            let _ = writeln!(text, "{}", line.trim_end());
            let named = files.iter().copied().take(NAMED).collect::<Vec<_>>();
            let more = match files.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let _ = writeln!(text, "      {}{more}", named.join(", "));
        }
    }

    fn tell_found(&self, text: &mut String) {
        let mut found: BTreeMap<Problem, u64> = BTreeMap::new();
        for one in &self.files {
            let answer = one.answer.as_ref();
            if matches!(one.outcome, Outcome::LeftOut(_)) {
                continue;
            }
            for (problem, count) in answer.iter().flat_map(|answer| &answer.counts) {
                *found.entry(*problem).or_default() += count;
            }
        }
        if !found.is_empty() {
            text.push_str("\nFound in the files that were taken in or wait\n");
        }
        for (problem, count) in found {
            let _ = writeln!(
                text,
                "  {count} × {}: {}",
                problem.code(),
                problem.message()
            );
        }
    }
}

impl OfFile {
    /// The source, and what is counted of a file that was taken in.
    fn counted(&self, effect: &Effect) -> (&str, [u64; 7]) {
        let totals = self.answer.as_ref().map(|answer| &answer.totals);
        let counted = [
            totals.map_or(0, |totals| totals.rows),
            effect.new,
            effect.changed,
            effect.unchanged,
            effect.ended,
            totals.map_or(0, |totals| totals.quarantined),
            totals.map_or(0, |totals| totals.findings_total),
        ];
        (self.source().unwrap_or_default(), counted)
    }

    fn source(&self) -> Option<&str> {
        self.answer.as_ref()?.profile.as_deref()
    }
}

/// What a file is and what is wrong with it, before anything is kept of it.
pub(super) fn preview(file: &str, answer: Option<&FileAnswer>) -> String {
    let Some((answer, source)) = answer.and_then(|one| Some((one, one.profile.as_ref()?))) else {
        return file.to_owned();
    };
    let totals = &answer.totals;
    let mut text = format!(
        "{file}: {source}; {} rows, {} can be taken in, {} set aside",
        totals.rows, totals.accepted, totals.quarantined
    );
    let found: Vec<String> = answer
        .counts
        .iter()
        .map(|(problem, count)| format!("{count} × {}", problem.code()))
        .collect();
    if !found.is_empty() {
        let _ = write!(text, "\n  found: {}", found.join(", "));
    }
    text
}

impl Outcome {
    /// What came of a file, in a line.
    pub(super) fn words(&self) -> String {
        match self {
            Self::TakenIn(agency, effect) => format!(
                "  taken in from {agency}: {} rows are new, {} changed, {} unchanged, {} ended; {} children new to it",
                effect.new, effect.changed, effect.unchanged, effect.ended, effect.new_subjects
            ),
            Self::Waits(agency, effect) => format!(
                "  waits for a decision: from {agency} it would end {} rows that are held",
                effect.ended
            ),
            Self::LeftOut(why) => format!("  left out, {}: {}", why.code, why.words),
        }
    }
}

/// What linking came to, in words.
pub(super) fn linked(outcome: &linking::Outcome) -> String {
    let linking::Outcome {
        subjects,
        persons,
        joined,
        parted,
        attention,
        held_apart,
        // Nobody has signed in yet.
        breaches: _,
    } = outcome;
    format!(
        "Linked: joined {joined}, parted {parted}, needing attention {attention}\n  {subjects} records are {persons} persons; {held_apart} pairs look alike and were held apart"
    )
}

/// The end of a long name, which tells more than its beginning.
fn end_of(file: &str) -> String {
    let length = file.chars().count();
    if length <= WIDEST {
        return file.to_owned();
    }
    let end: String = file.chars().skip(length - WIDEST + 1).collect();
    format!("…{end}")
}

fn row(words: [&str; OF_WORDS], numbers: [u64; 7]) -> [String; 10] {
    let [file, source, agency] = words.map(str::to_owned);
    let [rows, new, changed, unchanged, ended, aside, findings] =
        numbers.map(|number| number.to_string());
    [
        file, source, agency, rows, new, changed, unchanged, ended, aside, findings,
    ]
}

/// Rows under each other, words to the left and numbers to the right.
fn table(rows: &[[String; 10]], text: &mut String) {
    let mut widths = [0; 10];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in rows {
        let mut line = String::new();
        for (place, (cell, width)) in row.iter().zip(widths).enumerate() {
            let _ = if place < OF_WORDS {
                write!(line, "{cell:width$}  ")
            } else {
                write!(line, "{cell:>width$}  ")
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_groups_what_was_left_out_and_adds_up_what_was_taken() {
        let mut summary = Summary::default();
        let why = || Why::new("link", "A link is not followed.", "Bring the file.");
        let effect = |new| Effect {
            new,
            ..Effect::default()
        };
        for (file, outcome) in [
            ("a.csv", Outcome::TakenIn("police".to_owned(), effect(9))),
            ("b.csv", Outcome::TakenIn("police".to_owned(), effect(2))),
            ("c", Outcome::LeftOut(why())),
            ("d", Outcome::LeftOut(why())),
            ("e", Outcome::LeftOut(why())),
            ("f", Outcome::LeftOut(why())),
        ] {
            summary.add(file, None, outcome);
        }
        let words = summary.words();
        let lines: Vec<&str> = words.lines().collect();
        assert!(
            lines[3].starts_with("2 of 6 files") && lines[3].contains(" 11 "),
            "{words}"
        );
        assert!(
            words.contains(
                "4 × link: A link is not followed. Bring the file.\n      c, d, e, and 1 more"
            ),
            "{words}"
        );
    }
}
