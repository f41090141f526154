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
    places: HashTable<u32>,
}

impl Texts {
    /// The number of a text, which is kept if it is new.
    pub(super) fn code(&mut self, text: &str) -> Result<u32, Full> {
        if text.is_empty() {
            return Ok(0);
        }
        let hashed = hash(text);
        let (all, ends) = (&self.all, &self.ends);
        if let Some(code) = self
            .places
            .find(hashed, |code| get(all, ends, *code) == text)
        {
            return Ok(*code);
        }
        self.all.push_str(text);
        self.ends
            .push(u32::try_from(self.all.len()).map_err(|_| Full)?);
        let code = u32::try_from(self.ends.len()).map_err(|_| Full)?;
        let (all, ends) = (&self.all, &self.ends);
        self.places
            .insert_unique(hashed, code, |code| hash(get(all, ends, *code)));
        Ok(code)
    }

    /// The number of a text, if it is kept.
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        self.places
            .find(hash(text), |code| self.get(*code) == text)
            .copied()
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
