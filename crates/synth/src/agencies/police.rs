//! The police force: missing episodes, and concerns that a child is exploited. It serves two authorities, and the rows of
//! the other stand in its files as well.

use clearpicture_kernel::Date;

use crate::SynthError;
use crate::borough::AUTHORITY;
use crate::child::Child;
use crate::draw::Draw;
use crate::life::Life;
use crate::names::Names;
use crate::scribe::{Book, Out, Scribe, Truth};
use crate::slips::{Slips, Written, slashed};

/// The names of its files.
pub(crate) const FILES: [&str; 2] = ["police-missing.csv", "police-exploitation.csv"];
const MISSING: [&str; 12] = [
    "Report Number",
    "Person Number",
    "Forename",
    "Surname",
    "Date Of Birth",
    "Sex",
    "Home Postcode",
    "Local Authority",
    "Reported Missing",
    "Found",
    "Risk",
    "Prevention Interview",
];
const EXPLOITATION: [&str; 11] = [
    "Concern Number",
    "Person Number",
    "Forename",
    "Surname",
    "Date Of Birth",
    "Sex",
    "Home Postcode",
    "Local Authority",
    "Recorded",
    "Form",
    "Level",
];
/// The other authority that the force serves.
const ELSEWHERE: &str = "Westerdale";
/// The use of lots.
const STREAM: u64 = 40;

/// Its files being written.
pub(crate) struct Police<'n> {
    draw: Draw,
    names: &'n Names,
    missing: Book,
    concerns: Book,
    reports: u64,
}

impl<'n> Police<'n> {
    pub(crate) fn new(
        seed: u64,
        names: &'n Names,
        open: &mut dyn FnMut(&str) -> Result<Out, SynthError>,
    ) -> Result<Self, SynthError> {
        let [missing, concerns] = FILES;
        Ok(Self {
            draw: Draw::of(seed, STREAM),
            names,
            missing: Book::new(missing, open(missing)?, &MISSING)?,
            concerns: Book::new(concerns, open(concerns)?, &EXPLOITATION)?,
            reports: 0,
        })
    }

    /// The first cells of a row: a number of the report, and who it is about.
    fn who(&mut self, child: &Child, life: &Life, on: Date, letter: char) -> ([String; 7], String) {
        self.reports += 1;
        let written = Written::of(child, life, on, Slips::POLICE, self.names, &mut self.draw);
        let key = format!("N{:07}", child.number);
        let cells = [
            format!("{letter}{:07}", self.reports),
            key.clone(),
            written.given.clone(),
            written.family.clone(),
            slashed(written.born),
            written.sex("F", "M").to_owned(),
            written.postcode().to_owned(),
        ];
        (cells, key)
    }
}

impl Scribe for Police<'_> {
    fn child(&mut self, child: &Child, life: &Life, truth: &mut Truth) -> Result<(), SynthError> {
        for (from, to) in &life.missing {
            let (who, key) = self.who(child, life, *from, 'M');
            let risk = self.draw.word(&["Medium", "Medium", "High", "Low"]);
            let found = to.map_or(String::new(), slashed);
            let seen = if to.is_some() { "Yes" } else { "" };
            let from = slashed(*from);
            let mut cells: Vec<&str> = who.iter().map(String::as_str).collect();
            cells.extend([AUTHORITY, &from, &found, risk, seen]);
            self.missing.of(child, &key, &cells, truth)?;
            if self.draw.happens(400) {
                // A child of the other authority, of whom nothing may be kept here.
                let number = format!("M9{:06}", self.reports);
                let stranger = format!("X{:07}", self.reports);
                let cells = [
                    &number,
                    &stranger,
                    "Anon",
                    "Elsewhere",
                    "01/01/2010",
                    "U",
                    "",
                    ELSEWHERE,
                    &from,
                    "",
                    "Medium",
                    "",
                ];
                self.missing.row(&cells)?;
            }
        }
        if let Some((on, is_sexual, level)) = life.concern {
            let (who, key) = self.who(child, life, on, 'C');
            let on = slashed(on);
            let mut cells: Vec<&str> = who.iter().map(String::as_str).collect();
            cells.extend([AUTHORITY, &on, if is_sexual { "CSE" } else { "CCE" }, level]);
            self.concerns.of(child, &key, &cells, truth)?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), SynthError> {
        self.missing.end()?;
        self.concerns.end()
    }
}
