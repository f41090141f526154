//! What the police send as totals: how many reports there were in each month, which can be traced to no row.

use std::collections::BTreeMap;

use crate::SynthError;
use crate::child::Child;
use crate::life::Life;
use crate::scribe::{Book, Out, Scribe, Truth};

/// The name of its file.
pub(crate) const FILE: &str = "counts-return.csv";
const HEADINGS: [&str; 7] = [
    "Agency",
    "Measure",
    "Period",
    "Count",
    "Denominator",
    "Definition",
    "Vouched For By",
];

/// Totals being counted.
pub(crate) struct Counts {
    book: Book,
    /// By measure and month: how many.
    counts: BTreeMap<(&'static str, i16, i8), u64>,
}

impl Counts {
    pub(crate) fn new(out: Out) -> Result<Self, SynthError> {
        Ok(Self {
            book: Book::new(FILE, out, &HEADINGS)?,
            counts: BTreeMap::new(),
        })
    }
}

impl Scribe for Counts {
    fn child(&mut self, _: &Child, life: &Life, _: &mut Truth) -> Result<(), SynthError> {
        let missing = life
            .missing
            .iter()
            .map(|(from, _)| ("missing-reports", *from));
        let concern = life
            .concern
            .iter()
            .map(|(on, ..)| ("exploitation-concerns", *on));
        for (measure, on) in missing.chain(concern) {
            *self
                .counts
                .entry((measure, on.year(), on.month()))
                .or_default() += 1;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), SynthError> {
        for ((measure, year, month), count) in &self.counts {
            let (period, count) = (format!("{year}-{month:02}-01"), count.to_string());
            let definition = match *measure {
                "missing-reports" => "Reports of a missing child that were recorded in the month",
                _ => "Concerns of exploitation that were recorded in the month",
            };
            let cells = [
                "Northwater Police",
                measure,
                &period,
                &count,
                "",
                definition,
                "Performance analyst",
            ];
            self.book.row(&cells)?;
        }
        self.book.end()
    }
}
