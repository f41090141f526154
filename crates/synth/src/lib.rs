//! Invented children, as six agencies' own files would tell of them, with the truth beside.
//!
//! For whoever wants to see or try the product without one real child: a demonstration, a test of linkage, a training
//! day. A wholly invented borough is drawn from a seed: households, siblings, twins, moves, new names, and what happened
//! to each child in three years. Then each agency writes down its part of it, with the slips that it makes.
//!
//! Everything here is a pure function of the seed: the same seed gives the same bytes, in this release and the next. A
//! change of what is drawn is a change of the digest in the tests. One household is held at a time, so any number of
//! children take the same memory.
//!
//! What it never does: read a clock or a file, or name a place, a school or a postcode that exists.

mod agencies;
mod borough;
mod child;
mod draw;
mod life;
mod names;
mod numbers;
mod scribe;
mod settings;
mod slips;

use std::io;

use agencies::care::{self, Returns};
use agencies::charity::{self, Charity};
use agencies::counts::{self, Counts};
use agencies::health::{self, Health};
use agencies::involvement::Involvements;
use agencies::police::{self, Police};
use agencies::school::{self, Census};
use life::Life;
use scribe::{Book, Scribe, Truth};

pub use agencies::involvement::Service;
pub use child::{Child, Children, children};
pub use names::NamesError;
pub use scribe::Out;

/// The file that tells which rows are of one child.
pub const TRUTH: &str = "truth.csv";
/// The files of the borough itself.
const BOROUGH: [&str; 3] = ["areas.csv", "postcode-directory.csv", "population.csv"];

/// Why nothing could be made.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// The list of names does not fit.
    #[error(transparent)]
    Names(#[from] NamesError),
    /// A row cannot be written.
    #[error(transparent)]
    Row(#[from] csv::Error),
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// The names of every file, the truth last.
pub fn files() -> Vec<String> {
    let mut all: Vec<String> = Service::ALL
        .map(|service| service.file().to_owned())
        .to_vec();
    for year in care::YEARS {
        all.extend(["header", "episodes", "missing"].map(|table| care::file(table, year)));
    }
    all.extend(school::files());
    all.extend(police::FILES.map(str::to_owned));
    all.extend([health::FILE, charity::FILE, counts::FILE].map(str::to_owned));
    all.extend(BOROUGH.map(str::to_owned));
    all.push(TRUTH.to_owned());
    all
}

/// Writes `count` invented children as every agency's files. `open` gives where each file is written to, by its name.
///
/// # Errors
/// [`SynthError`] when something cannot be written.
pub fn write(
    count: u64,
    seed: u64,
    open: &mut dyn FnMut(&str) -> io::Result<Out>,
) -> Result<(), SynthError> {
    let names = names::Names::shipped()?;
    let mut open = |name: &str| Ok(open(name)?);
    let mut scribes: Vec<Box<dyn Scribe + '_>> = Vec::new();
    for service in Service::ALL {
        let out = open(service.file())?;
        scribes.push(Box::new(Involvements::new(service, seed, &names, out)?));
    }
    scribes.push(Box::new(Returns::new(seed, &mut open)?));
    scribes.push(Box::new(Census::new(seed, &names, &mut open)?));
    scribes.push(Box::new(Police::new(seed, &names, &mut open)?));
    scribes.push(Box::new(Health::new(seed, &names, open(health::FILE)?)?));
    scribes.push(Box::new(Charity::new(seed, &names, open(charity::FILE)?)?));
    scribes.push(Box::new(Counts::new(open(counts::FILE)?)?));
    let mut truth = Truth::new(open(TRUTH)?)?;
    for household in children(count, seed, &names) {
        for child in household {
            let life = Life::of(&child, seed, &names);
            for scribe in &mut scribes {
                scribe.child(&child, &life, &mut truth)?;
            }
        }
    }
    for scribe in &mut scribes {
        scribe.end()?;
    }
    truth.end()?;
    borough_files(count, &mut open)
}

/// Writes the borough itself: its areas, postcodes and populations.
fn borough_files(
    count: u64,
    open: &mut dyn FnMut(&str) -> Result<Out, SynthError>,
) -> Result<(), SynthError> {
    let [areas, postcodes, population] = BOROUGH;
    let mut book = Book::new(areas, open(areas)?, &["code", "name", "kind", "within"])?;
    for row in borough::areas() {
        book.row(&row.each_ref().map(String::as_str))?;
    }
    book.end()?;
    let headings = ["pcds", "lsoa11", "osward", "oslaua"];
    let mut book = Book::new(postcodes, open(postcodes)?, &headings)?;
    for row in borough::postcodes() {
        book.row(&row.each_ref().map(String::as_str))?;
    }
    book.end()?;
    let headings = ["Upper_Tier", "Ethnicity", "Ethnic_Population", "Population"];
    let mut book = Book::new(population, open(population)?, &headings)?;
    for (group, people, whole) in borough::population(count) {
        let (people, whole) = (people.to_string(), whole.to_string());
        book.row(&[borough::AUTHORITY, group, &people, &whole])?;
    }
    book.end()
}

#[cfg(test)]
mod tests;
