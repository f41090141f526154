//! Schools: the census of pupils, once a term.

use clearpicture_kernel::Date;

use crate::SynthError;
use crate::child::Child;
use crate::draw::Draw;
use crate::life::Life;
use crate::names::Names;
use crate::numbers::upn;
use crate::scribe::{Book, Out, Scribe, Truth};
use crate::settings::{school_year, setting};
use crate::slips::{Slips, Written};

const HEADINGS: [&str; 12] = [
    "pupilonrolltableid",
    "dob",
    "surname",
    "forename",
    "upn",
    "sex",
    "entrydate",
    "termlysessionspossible",
    "termlysessionsauthorised",
    "termlysessionsunauthorised",
    "ncyearactual",
    "ethnicity",
];
/// The census days of nine terms.
const TERMS: [(&str, i16, i8, i8); 9] = [
    ("autumn", 2023, 10, 5),
    ("spring", 2024, 1, 18),
    ("summer", 2024, 5, 16),
    ("autumn", 2024, 10, 3),
    ("spring", 2025, 1, 16),
    ("summer", 2025, 5, 15),
    ("autumn", 2025, 10, 2),
    ("spring", 2026, 1, 15),
    ("summer", 2026, 5, 21),
];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// The use of lots.
const STREAM: u64 = 30;
const REFUSED: u64 = 39;

/// The censuses being written.
pub(crate) struct Census<'n> {
    draw: Draw,
    names: &'n Names,
    terms: Vec<(Date, Book)>,
}

/// The names of the files, in the order of their days.
pub(crate) fn files() -> impl Iterator<Item = String> {
    TERMS
        .iter()
        .map(|(term, year, ..)| format!("school-census-pupils-{year}-{term}.csv"))
}

impl<'n> Census<'n> {
    pub(crate) fn new(
        seed: u64,
        names: &'n Names,
        open: &mut dyn FnMut(&str) -> Result<Out, SynthError>,
    ) -> Result<Self, SynthError> {
        let mut terms = Vec::new();
        for (name, (_, year, month, day)) in files().zip(TERMS) {
            let on = Date::new(year, month, day).unwrap_or(Date::ZERO);
            terms.push((on, Book::new(&name, open(&name)?, &HEADINGS)?));
        }
        Ok(Self {
            draw: Draw::of(seed, STREAM),
            names,
            terms,
        })
    }
}

fn named_month(day: Date) -> String {
    let month = usize::try_from(day.month() - 1).unwrap_or_default();
    let month = MONTHS.get(month).copied().unwrap_or_default();
    format!("{}-{month}-{:02}", day.year(), day.day())
}

impl Scribe for Census<'_> {
    fn child(&mut self, child: &Child, life: &Life, truth: &mut Truth) -> Result<(), SynthError> {
        let draw = &mut self.draw;
        // Home education is lawful, and some children are in no census.
        if draw.happens(25) {
            return Ok(());
        }
        let key = format!("P{:07}", child.number);
        let number = upn(child.number, child.born.year());
        // One family in forty would rather not say.
        let ethnicity = match Draw::of(child.household, REFUSED).happens(40) {
            true => "REFU",
            false => child.ethnicity.as_str(),
        };
        let absent = match draw.below(100) {
            0..70 => 5,
            70..92 => 12,
            _ => 45,
        };
        for (on, book) in &mut self.terms {
            let year = school_year(child.born, *on);
            if !(0..=11).contains(&year) {
                continue;
            }
            // What is on the roll stays as it was typed until somebody moves or is renamed.
            let mut lots = Draw::of(child.number, STREAM);
            let written = Written::of(child, life, *on, Slips::SCHOOLS, self.names, &mut lots);
            // The roll is of the school where they are now.
            let first = setting(child.born, *on).first;
            let entered = Date::new(first.year(), 9, 4).unwrap_or(first);
            let grade = match year {
                0 => "R".to_owned(),
                year => year.to_string(),
            };
            let missed = draw.below(absent);
            let unauthorised = missed / 3;
            let cells = [
                &key,
                &named_month(written.born),
                &written.family,
                &written.given,
                &number,
                written.sex("F", "M"),
                &named_month(entered.min(*on)),
                "130",
                &(missed - unauthorised).to_string(),
                &unauthorised.to_string(),
                &grade,
                ethnicity,
            ];
            book.of(child, &key, &cells, truth)?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), SynthError> {
        self.terms.iter_mut().try_for_each(|(_, book)| book.end())
    }
}
