//! What a history page makes of a record's versions.

use clearpicture_kernel::{Date, RecordId};
use clearpicture_store::{Author, PastVersion, Said};

use crate::shell::differences::{Difference, differences};
use crate::shell::{DayTyped, Errors, Names};

/// What stands in place of words that this reader may not see.
const WITHHELD: &str = "(withheld)";

/// One version and how it differs from the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) version: PastVersion,
    pub(super) differences: Vec<Difference>,
}

/// The same words, except what stands under one of the labels `withheld`.
pub(super) fn without(mut said: Vec<Said>, withheld: &[&str]) -> Vec<Said> {
    for one in &mut said {
        if withheld.contains(&one.label) && !one.words.is_empty() {
            WITHHELD.clone_into(&mut one.words);
        }
    }
    said
}

impl Step {
    /// A version with what it changed, so far as the reader may see it.
    pub(super) fn of(mut version: PastVersion, withheld: &[&str]) -> Self {
        let before = without(std::mem::take(&mut version.before), withheld);
        let after = without(std::mem::take(&mut version.said), withheld);
        Self {
            differences: differences(&before, &after),
            version,
        }
    }

    /// Whether it changed what stands under this label.
    pub(super) fn is_about(&self, field: &str) -> bool {
        self.differences.iter().any(|one| one.label == field)
    }
}

/// Who made a change, as far as the reader may know.
pub(super) fn author(author: &Author, names: &Names) -> String {
    let agency = names.get(&author.agency);
    let of = |someone: &str, agency: Option<&str>| match agency {
        Some(agency) => format!("{someone}, {agency}"),
        None => someone.to_owned(),
    };
    if let Some(part) = author.actor.strip_prefix("system:") {
        return format!("the system itself ({})", part.replace('-', " "));
    }
    let person = RecordId::parse(&author.actor).is_ok_and(|id| id.prefix() == "worker");
    match names.get(&author.actor) {
        Some(name) => of(name, agency),
        None if person => of("a person you may not see", agency),
        None => of("another system, with a token", agency),
    }
}

/// The day asked for in an address (`2026-11-18`) or in three boxes; `None` when none is.
pub(super) fn day_asked(
    address: &str,
    typed: &DayTyped,
    today: Date,
    errors: &mut Errors,
) -> Option<Date> {
    let day = if address.is_empty() {
        errors.take("day", "As known on", typed.read())?
    } else {
        let Ok(day) = address.parse::<Date>() else {
            errors.add("day", "As known on: write the day as 2026-11-18");
            return None;
        };
        Some(day)
    };
    if day.is_some_and(|day| day > today) {
        errors.add("day", "As known on: the day must be today or in the past");
        return None;
    }
    day
}

#[cfg(test)]
mod tests {
    use clearpicture_kernel::Timestamp;
    use jiff::civil::date;

    use super::*;

    fn by(actor: &str) -> Author {
        Author {
            actor: actor.to_owned(),
            agency: String::new(),
        }
    }

    fn said(words: &[(&'static str, &str)]) -> Vec<Said> {
        let said = words.iter().copied();
        said.map(|(label, words)| Said::new(label, words)).collect()
    }

    #[test]
    fn a_version_is_compared_with_the_one_before_so_far_as_the_reader_may_see() {
        let version = PastVersion {
            seq: 2,
            recorded_at: Timestamp::UNIX_EPOCH,
            version: 2,
            author: by("system:set-up"),
            action: "kites.mend".to_owned(),
            purpose: "administration".to_owned(),
            reason: None,
            before: said(&[("Name", "A"), ("Code", "x"), ("Telephone", "1")]),
            said: said(&[("Name", "B"), ("Code", "x"), ("Telephone", "2")]),
        };
        let changed = |withheld: &[&str]| {
            let step = Step::of(version.clone(), withheld);
            ["Name", "Code", "Telephone"].map(|field| step.is_about(field))
        };
        assert_eq!(changed(&[]), [true, false, true]);
        assert_eq!(changed(&["Telephone"]), [true, false, false]);
    }

    #[test]
    fn withheld_words_leave_only_that_they_were_there() {
        let said = vec![
            Said::new("Telephone", "01632 960123"),
            Said::new("Name", "A"),
        ];
        let shown = without(said, &["Telephone"]);
        assert_eq!(
            shown,
            [Said::new("Telephone", "(withheld)"), Said::new("Name", "A")]
        );
    }

    #[test]
    fn an_author_is_told_in_words_even_when_not_known() {
        let names = Names::default();
        assert_eq!(
            author(&by("system:set-up"), &names),
            "the system itself (set up)"
        );
        let worker = "worker_00000000000000000000000001";
        assert_eq!(author(&by(worker), &names), "a person you may not see");
    }

    #[test]
    fn a_day_is_taken_from_address_or_boxes_and_never_from_the_future() {
        let today = date(2026, 11, 21);
        let read = |address: &str, typed: DayTyped| {
            let mut errors = Errors::default();
            let day = day_asked(address, &typed, today, &mut errors);
            (day, errors.is_empty())
        };
        let day = date(2026, 11, 18);
        assert_eq!(read("2026-11-18", DayTyped::default()), (Some(day), true));
        assert_eq!(read("", DayTyped::of(Some(day))), (Some(day), true));
        assert_eq!(read("", DayTyped::default()), (None, true));
        for wrong in ["2026-11-22", "2026-02-30", "18 November", "<script>"] {
            assert_eq!(read(wrong, DayTyped::default()), (None, false), "{wrong}");
        }
    }
}
