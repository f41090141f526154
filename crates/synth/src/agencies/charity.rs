//! The charity: the young people it works with, in a sheet of its own.

use crate::SynthError;
use crate::child::Child;
use crate::draw::Draw;
use crate::life::Life;
use crate::names::Names;
use crate::scribe::{Book, Out, Scribe, Truth};
use crate::slips::{Slips, Written, slashed};

/// The name of its file.
pub(crate) const FILE: &str = "lighthouse-clients.csv";
const HEADINGS: [&str; 8] = [
    "Client", "Known as", "Surname", "Born", "Postcode", "Project", "Began", "Ended",
];
/// The use of lots.
const STREAM: u64 = 60;

/// Its file being written.
pub(crate) struct Charity<'n> {
    draw: Draw,
    names: &'n Names,
    book: Book,
}

impl<'n> Charity<'n> {
    pub(crate) fn new(seed: u64, names: &'n Names, out: Out) -> Result<Self, SynthError> {
        Ok(Self {
            draw: Draw::of(seed, STREAM),
            names,
            book: Book::new(FILE, out, &HEADINGS)?,
        })
    }
}

impl Scribe for Charity<'_> {
    fn child(&mut self, child: &Child, life: &Life, truth: &mut Truth) -> Result<(), SynthError> {
        let Some((from, to)) = life.helped else {
            return Ok(());
        };
        let written = Written::of(
            child,
            life,
            from,
            Slips::CHARITY,
            self.names,
            &mut self.draw,
        );
        let key = format!("LH{:06}", child.number);
        let cells = [
            &key,
            &written.given,
            &written.family,
            &slashed(written.born),
            written.postcode(),
            self.draw.word(&["Harbour", "Night line", "Next steps"]),
            &slashed(from),
            &to.map_or(String::new(), slashed),
        ];
        self.book.of(child, &key, &cells, truth)
    }

    fn end(&mut self) -> Result<(), SynthError> {
        self.book.end()
    }
}
