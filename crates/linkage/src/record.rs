//! Records as linkage sees them: every word kept once, and a number in its place.

use std::collections::BTreeMap;
use std::fmt;

use clearpicture_kernel::fact::Confidence;
use clearpicture_kernel::{Address, DateOfBirth, Fact, PersonName, Says};

use crate::clean;

/// A record's place among the [`Records`] it was added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordIndex(pub usize);

/// A source's number: records with the same one are of the same source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceIndex(pub u32);

/// Whether a record may be compared with others at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shield {
    /// It may.
    Open,
    /// Its identity is protected: it never becomes one of a pair, and stays a person of its own.
    Protected,
}

/// A word's place in the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Word(usize);

/// Every word once, and how many records' names it stands in.
#[derive(Clone, Default)]
pub(crate) struct Dictionary {
    places: BTreeMap<String, Word>,
    texts: Vec<String>,
}

impl Dictionary {
    fn code(&mut self, text: &str) -> Option<Word> {
        if text.is_empty() {
            return None;
        }
        if let Some(word) = self.places.get(text) {
            return Some(*word);
        }
        let word = Word(self.texts.len());
        self.texts.push(text.to_owned());
        self.places.insert(text.to_owned(), word);
        Some(word)
    }

    pub(crate) fn text(&self, word: Word) -> &str {
        self.texts.get(word.0).map_or("", String::as_str)
    }
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dictionary({} words withheld)", self.texts.len())
    }
}

/// One subject as one source knows them, ready to compare.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its place among the records.
    pub index: RecordIndex,
    /// Whose it is.
    pub source: SourceIndex,
    pub(crate) shield: Shield,
    pub(crate) given: Option<Word>,
    pub(crate) first: Option<Word>,
    pub(crate) given_sound: Option<Word>,
    pub(crate) family: Option<Word>,
    pub(crate) family_sound: Option<Word>,
    pub(crate) born: Option<DateOfBirth>,
    pub(crate) sex: Option<Word>,
    pub(crate) lines: Option<Word>,
    pub(crate) postcode: Option<Word>,
    pub(crate) numbers: Option<Word>,
    pub(crate) identifiers: BTreeMap<String, Word>,
    pub(crate) written: Written,
}

impl Record {
    /// Where they live, as coarsely as all sources write it: the postcode, or all of the address without one.
    pub(crate) fn place(&self) -> Option<Word> {
        self.postcode.or(self.lines)
    }
}

/// What the source wrote, for those who may see it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    pub(crate) given: Option<PersonName>,
    pub(crate) family: Option<PersonName>,
    pub(crate) sex: Option<String>,
    pub(crate) address: Option<Address>,
}

/// All records that are compared with one another.
#[derive(Debug, Clone, Default)]
pub struct Records {
    pub(crate) words: Dictionary,
    all: Vec<Record>,
    givens: BTreeMap<Word, u64>,
    families: BTreeMap<Word, u64>,
}

impl Records {
    /// Adds one subject of one source by what the source says of them.
    ///
    /// Of several facts of a kind the latest to begin is compared. A doubted fact is not compared at all:
    /// it can neither join nor part.
    pub fn add<'a>(
        &mut self,
        source: SourceIndex,
        shield: Shield,
        facts: impl IntoIterator<Item = &'a Fact>,
    ) -> RecordIndex {
        let mut facts: Vec<&Fact> = facts
            .into_iter()
            .filter(|fact| fact.confidence == Confidence::Stated)
            .collect();
        facts.sort_by_key(|fact| fact.valid.from);
        let index = RecordIndex(self.all.len());
        let mut record = Record {
            index,
            source,
            shield,
            given: None,
            first: None,
            given_sound: None,
            family: None,
            family_sound: None,
            born: None,
            sex: None,
            lines: None,
            postcode: None,
            numbers: None,
            identifiers: BTreeMap::new(),
            written: Written::default(),
        };
        for fact in facts {
            self.take(&mut record, &fact.says);
        }
        for (word, counts) in [
            (record.first, &mut self.givens),
            (record.family, &mut self.families),
        ] {
            if let Some(word) = word {
                *counts.entry(word).or_default() += 1;
            }
        }
        self.all.push(record);
        index
    }

    fn take(&mut self, record: &mut Record, says: &Says) {
        match says {
            Says::Name { given, family } => {
                let names = clean::names(
                    given.as_ref().map_or("", PersonName::reveal),
                    family.as_ref().map_or("", PersonName::reveal),
                );
                let first = names.given.split(' ').next().unwrap_or_default();
                record.given = self.words.code(&names.given);
                record.first = self.words.code(first);
                record.given_sound = self.words.code(&clean::sound(first));
                record.family = self.words.code(&names.family);
                record.family_sound = self.words.code(&clean::sound(&names.family));
                record.written.given.clone_from(given);
                record.written.family.clone_from(family);
            }
            Says::Born { on } => record.born = Some(*on),
            Says::Sex { code } => {
                record.sex = self.words.code(code.as_str());
                record.written.sex = Some(code.as_str().to_owned());
            }
            Says::Identifier { scheme, value } => {
                let solid: String = value
                    .as_str()
                    .chars()
                    .filter(|c| c.is_alphanumeric())
                    .map(|c| c.to_ascii_uppercase())
                    .collect();
                if let Some(word) = self.words.code(&solid) {
                    record.identifiers.insert(scheme.as_str().to_owned(), word);
                }
            }
            Says::Address { at } => {
                let place = clean::place(at.reveal());
                record.lines = self.words.code(&place.lines);
                record.numbers = self.words.code(&place.numbers);
                record.postcode = self.words.code(&place.postcode.unwrap_or_default());
                record.written.address = Some(at.clone());
            }
            // What happened to someone does not tell who they are.
            _ => {}
        }
    }

    /// The records, in the order they were added.
    pub fn all(&self) -> &[Record] {
        &self.all
    }

    /// One record.
    pub fn get(&self, index: RecordIndex) -> Option<&Record> {
        self.all.get(index.0)
    }

    /// How many of a million bear this first given name; see [`frequency`].
    pub(crate) fn given_frequency(&self, word: Word, usual: u64) -> u64 {
        frequency(&self.givens, word, self.all.len(), usual)
    }

    /// How many of a million bear this family name; see [`frequency`].
    pub(crate) fn family_frequency(&self, word: Word, usual: u64) -> u64 {
        frequency(&self.families, word, self.all.len(), usual)
    }
}

/// Few records tell little of how common a name is, so the model's usual figure counts as this many more of them.
const USUAL_RECORDS: u64 = 1_000;

/// How many of a million bear a name, as the records and the model's usual figure together tell.
fn frequency(counts: &BTreeMap<Word, u64>, word: Word, records: usize, usual: u64) -> u64 {
    let records = u64::try_from(records).unwrap_or(u64::MAX >> 32);
    let bearers = counts.get(&word).copied().unwrap_or_default();
    (bearers * 1_000_000 + usual * USUAL_RECORDS) / (records + USUAL_RECORDS)
}
