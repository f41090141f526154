//! Texts kept once each, one behind the other, with a number in the place of each.

use std::fmt;

use hashbrown::HashTable;
use twox_hash::XxHash3_64;

/// The same number for the same text, on every machine.
pub(super) fn hash(text: &str) -> u64 {
    XxHash3_64::oneshot(text.as_bytes())
}

/// One number of two, in which their order counts.
pub(crate) const fn mix(a: u64, b: u64) -> u64 {
    let mixed = (a.rotate_left(29) ^ b).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 32)
}

/// Why a text cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one column holds more than four gigabytes of different values")]
pub struct Full;

/// Texts by number. 0 stands for nothing told.
#[derive(Clone, Default)]
pub(super) struct Texts {
    all: String,
    ends: Vec<u32>,
    /// The number of each, and half of its hash: most others are told apart by that, without a look at the text.
    places: HashTable<(u32, u32)>,
}

/// Half of the hash of a text.
const fn mark(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Where a text of this mark is looked for.
const fn place(mark: u32) -> u64 {
    (mark as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Texts {
    /// The number of a text, which is kept if it is new.
    pub(super) fn code(&mut self, text: &str) -> Result<u32, Full> {
        if text.is_empty() {
            return Ok(0);
        }
        let mark = mark(hash(text));
        if let Some(code) = self.find_marked(mark, text) {
            return Ok(code);
        }
        let code = self.push(text)?;
        self.places
            .insert_unique(place(mark), (mark, code), |(mark, _)| place(*mark));
        Ok(code)
    }

    /// Keeps a text, which may be there already, or be empty, and gives its number.
    pub(super) fn push(&mut self, text: &str) -> Result<u32, Full> {
        self.all.push_str(text);
        self.ends
            .push(u32::try_from(self.all.len()).map_err(|_| Full)?);
        u32::try_from(self.ends.len()).map_err(|_| Full)
    }

    fn find_marked(&self, mark: u32, text: &str) -> Option<u32> {
        let is_it = |(own, code): &(u32, u32)| *own == mark && self.get(*code) == text;
        self.places.find(place(mark), is_it).map(|(_, code)| *code)
    }

    /// The number of a text, if it is kept.
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        self.find_marked(mark(hash(text)), text)
    }

    /// The first text that was kept twice: where it stands first, and where again. Nothing is looked up while each stands
    /// behind the one before, by length and then by letters, as numbers do that are counted up.
    pub(super) fn twice(&self) -> Option<(u32, u32)> {
        let rising = |(one, other): (&str, &str)| (one.len(), one) < (other.len(), other);
        if self.all().zip(self.all().skip(1)).all(rising) {
            return None;
        }
        let mut seen: HashTable<(u32, u32)> = HashTable::with_capacity(self.len());
        for (code, text) in (1..).zip(self.all()) {
            let mark = mark(hash(text));
            let is_it = |(own, first): &(u32, u32)| *own == mark && self.get(*first) == text;
            if let Some((_, first)) = seen.find(place(mark), is_it) {
                return Some((*first, code));
            }
            seen.insert_unique(place(mark), (mark, code), |(mark, _)| place(*mark));
        }
        None
    }

    /// The text of a number.
    pub(super) fn get(&self, code: u32) -> &str {
        get(&self.all, &self.ends, code)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// All of them, in the order in which they came.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        (1..).take(self.len()).map(|code| self.get(code))
    }

    /// How many bytes they take, settled.
    pub(super) fn bytes(&self) -> usize {
        self.all.capacity() + size_of::<u32>() * self.ends.capacity()
    }

    /// Forgets how to find a number by its text.
    pub(super) fn settle(&mut self) {
        self.places = HashTable::new();
        self.all.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

fn get<'a>(all: &'a str, ends: &[u32], code: u32) -> &'a str {
    let Some(place) = (code as usize).checked_sub(1) else {
        return "";
    };
    let end = ends.get(place).copied().unwrap_or_default() as usize;
    let start = place
        .checked_sub(1)
        .and_then(|before| ends.get(before))
        .copied()
        .unwrap_or_default() as usize;
    all.get(start..end).unwrap_or_default()
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Texts({} withheld)", self.len())
    }
}
