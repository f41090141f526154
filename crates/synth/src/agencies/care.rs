//! Children's social care: the looked-after children return, once a year.

use clearpicture_kernel::{Date, age};

use crate::SynthError;
use crate::borough::address;
use crate::child::Child;
use crate::draw::Draw;
use crate::life::{Care, Life};
use crate::numbers::upn;
use crate::scribe::{Book, Out, Scribe, Truth};
use crate::settings::{placement, school_year};
use crate::slips::{Slips, changed_round, slashed};

/// The years of the returns: each is of the twelve months to the end of its March.
pub(crate) const YEARS: [i16; 3] = [2024, 2025, 2026];
const HEADER: [&str; 7] = ["CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"];
const EPISODES: [&str; 13] = [
    "CHILD",
    "DECOM",
    "RNE",
    "LS",
    "CIN",
    "PLACE",
    "PLACE_PROVIDER",
    "DEC",
    "REC",
    "REASON_PLACE_CHANGE",
    "HOME_POST",
    "PL_POST",
    "URN",
];
const MISSING: [&str; 5] = ["CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"];
/// The use of lots.
const STREAM: u64 = 20;
/// The use of lots for where placements are.
const PLACES: u64 = 7_000_000_000;

/// The three tables of one year.
struct Year {
    first: Date,
    last: Date,
    header: Book,
    episodes: Book,
    missing: Book,
}

/// The returns being written.
pub(crate) struct Returns {
    draw: Draw,
    years: Vec<Year>,
}

/// The name of one table of one year.
pub(crate) fn file(table: &str, year: i16) -> String {
    format!("ssda903-{table}-{year}.csv")
}

impl Returns {
    pub(crate) fn new(
        seed: u64,
        open: &mut dyn FnMut(&str) -> Result<Out, SynthError>,
    ) -> Result<Self, SynthError> {
        let mut years = Vec::new();
        for year in YEARS {
            let mut book = |table: &str, headings: &[&str]| {
                let name = file(table, year);
                Book::new(&name, open(&name)?, headings)
            };
            years.push(Year {
                first: Date::new(year - 1, 4, 1).unwrap_or(Date::ZERO),
                last: Date::new(year, 3, 31).unwrap_or(Date::ZERO),
                header: book("header", &HEADER)?,
                episodes: book("episodes", &EPISODES)?,
                missing: book("missing", &MISSING)?,
            });
        }
        Ok(Self {
            draw: Draw::of(seed, STREAM),
            years,
        })
    }
}

/// The postcode of a placement: no address of the family, and the same in every return.
fn placed_at(child: &Child, care: &Care) -> String {
    let days = u64::try_from(care.from.year()).unwrap_or_default() * 400
        + u64::try_from(care.from.day_of_year()).unwrap_or_default();
    let mut draw = Draw::of(child.number, PLACES + days);
    address(&mut draw).pop().unwrap_or_default()
}

impl Scribe for Returns {
    fn child(&mut self, child: &Child, life: &Life, truth: &mut Truth) -> Result<(), SynthError> {
        if life.in_care.is_empty() {
            return Ok(());
        }
        // Drawn once: a system writes a wrong birth date down in every return.
        let draw = &mut self.draw;
        let key = format!("L{:07}", child.number);
        let born = if draw.happens(Slips::SOCIAL_CARE.day_and_month) {
            changed_round(child.born)
        } else {
            child.born
        };
        let born = slashed(born);
        let has_number = !draw.happens(30);
        let post = child.address.last().map_or("", String::as_str);
        for year in &mut self.years {
            let within =
                |one: &&Care| one.from <= year.last && one.to.is_none_or(|to| to >= year.first);
            let here: Vec<&Care> = life.in_care.iter().filter(within).collect();
            if here.is_empty() {
                continue;
            }
            let sex = if child.is_girl { "2" } else { "1" };
            // Nobody has a pupil's number before they go to school.
            let number = if has_number && school_year(child.born, year.last) >= 0 {
                upn(child.number, child.born.year())
            } else {
                "UN1".to_owned()
            };
            let cells = [&key, sex, &born, &child.ethnicity, &number, "0", ""];
            year.header.of(child, &key, &cells, truth)?;
            for one in here {
                let is_first = life.in_care.first() == Some(one);
                // What had not ended by the end of the year is not told as ended.
                let to = one.to.filter(|to| *to <= year.last);
                let is_last = life.in_care.last() == Some(one);
                let in_year = year.last.year();
                let old = age(child.born, one.from).unwrap_or_default();
                let place = placement(one.placement, old, in_year);
                let placed = placed_at(child, one);
                let cells: [&str; 13] = [
                    &key,
                    &slashed(one.from),
                    if is_first { "S" } else { "P" },
                    one.status,
                    "N1",
                    place,
                    "PR1",
                    &to.map_or(String::new(), slashed),
                    match (to, is_last) {
                        (None, _) => "",
                        (Some(_), true) => "E4A",
                        (Some(_), false) => "X1",
                    },
                    if to.is_some() && !is_last {
                        "CARPL"
                    } else {
                        ""
                    },
                    post,
                    &placed,
                    "",
                ];
                year.episodes.row(&cells)?;
            }
            let in_care = |on: Date| {
                let mut stretches = life.in_care.iter();
                stretches.any(|one| one.from <= on && one.to.is_none_or(|to| to >= on))
            };
            for (from, to) in &life.missing {
                if *from < year.first || *from > year.last || !in_care(*from) {
                    continue;
                }
                let to = to.map_or(String::new(), slashed);
                year.missing
                    .row(&[&key, &born, "M", &slashed(*from), &to])?;
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), SynthError> {
        for year in &mut self.years {
            year.header.end()?;
            year.episodes.end()?;
            year.missing.end()?;
        }
        Ok(())
    }
}
