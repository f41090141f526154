//! The values of a column, each once, with what can be told of each by itself.

use std::collections::BTreeMap;
use std::ops::Range;

use clearpicture_kernel::Date;
use rapidfuzz::distance::{jaro_winkler, osa};

use super::kind::{Form, Kind};
use super::texts::{Full, Texts, hash};
use crate::clean;
use crate::level::{ALIKE, CLOSE, Level};
use crate::nicknames::Nicknames;

/// Values by number, and by number what is told of them: hashes, of which 0 stands for nothing.
#[derive(Debug, Clone)]
pub(super) struct Values {
    kind: Kind,
    pub(super) texts: Texts,
    told: BTreeMap<Form, Vec<u64>>,
    /// For names, how Slavic and Yiddish ones sound; for texts, their words in no order.
    other: Vec<u64>,
    /// For texts, the numbers in them.
    numbers: Vec<u64>,
    nicknames: BTreeMap<u32, Vec<u16>>,
}

/// Below this likeness names are not one name, however they sound: `Ava` and `Evie`.
const SOUNDING: f64 = 0.65;

fn of(all: &[u64], code: u32) -> u64 {
    all.get(code as usize).copied().unwrap_or_default()
}

fn same(all: &[u64], a: u32, b: u32) -> bool {
    of(all, a) != 0 && of(all, a) == of(all, b)
}

/// A hash that is never 0, and 0 for nothing.
fn told(text: &str) -> u64 {
    if text.is_empty() { 0 } else { hash(text) | 1 }
}

impl Values {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            texts: Texts::default(),
            told: BTreeMap::new(),
            other: Vec::new(),
            numbers: Vec::new(),
            nicknames: BTreeMap::new(),
        }
    }

    pub(super) const fn is_of_names(&self) -> bool {
        self.kind.is_name()
    }

    pub(super) fn code(&mut self, text: &str) -> Result<u32, Full> {
        self.texts.code(text)
    }

    /// Takes in the values of others; gives for each of their numbers the one here.
    pub(super) fn join(&mut self, others: &Self) -> Result<Vec<u32>, Full> {
        let own = others.texts.all().map(|text| self.code(text));
        std::iter::once(Ok(0)).chain(own).collect()
    }

    /// Tells of every value what can be told of it alone.
    pub(super) fn settle(&mut self) {
        self.texts.settle();
        let kind = self.kind;
        let each = |tell: &dyn Fn(&str) -> u64| -> Vec<u64> {
            std::iter::once(0)
                .chain(self.texts.all().map(tell))
                .collect()
        };
        let is_of_one = |form: &&Form| !matches!(form, Form::Either | Form::Place);
        let forms = kind
            .forms()
            .iter()
            .filter(is_of_one)
            .map(|form| (*form, each(&|text: &str| told(&Kind::form(*form, text)))));
        let forms = forms.collect();
        match kind {
            Kind::GivenName | Kind::FamilyName => {
                let slavic = clean::Slavic::default();
                self.other = each(&|text| told(&slavic.sound(text)));
                let nicknames = Nicknames::shipped();
                let groups = |text: &str| {
                    let first = text.split(' ').next().unwrap_or_default();
                    Some(nicknames.groups(first)?.to_vec())
                };
                self.nicknames = (1..)
                    .zip(self.texts.all())
                    .filter_map(|(code, text)| Some((code, groups(text)?)))
                    .collect();
            }
            Kind::Text | Kind::Address => {
                self.other = each(&|text| {
                    let mut words: Vec<&str> = text.split(' ').collect();
                    words.sort_unstable();
                    told(&words.join(" "))
                });
                self.numbers = each(&|text| {
                    let is_number = |word: &&str| word.contains(|c: char| c.is_ascii_digit());
                    let numbers: Vec<&str> = text.split(' ').filter(is_number).collect();
                    told(&numbers.join(" "))
                });
            }
            _ => {}
        }
        self.told = forms;
    }

    /// How many bytes they take, with what is told of each.
    pub(super) fn bytes(&self) -> usize {
        let told: usize = self.told.values().map(Vec::capacity).sum();
        let told = told + self.other.capacity() + self.numbers.capacity();
        self.texts.bytes() + size_of::<u64>() * told
    }

    /// What values share in a form, as numbers, by the number of the value; 0 for nothing.
    pub(super) fn forms(&self, form: Form) -> &[u64] {
        self.told.get(&form).map_or(&[], Vec::as_slice)
    }

    /// How far two values agree that are told and are not the same.
    pub(super) fn level(&self, kind: Kind, a: u32, b: u32) -> Level {
        let (x, y) = (self.texts.get(a), self.texts.get(b));
        match kind {
            Kind::GivenName | Kind::FamilyName => self.names(kind, a, b),
            Kind::Date => dates(x, y),
            Kind::Postcode if self.is_alike(Form::Area, a, b) => {
                if edits(x, y) == 1 {
                    Level::OneDigit
                } else {
                    Level::SameArea
                }
            }
            Kind::Postcode | Kind::Number | Kind::Phone => {
                if edits(x, y) == 1 && x.len().max(y.len()) >= 3 {
                    Level::OneDigit
                } else {
                    Level::Different
                }
            }
            Kind::Email if self.is_alike(Form::Local, a, b) => Level::SameLocal,
            Kind::Email => by_likeness(likeness(x, y)),
            Kind::Text => self.texts_level(a, b),
            // An address is compared with its postcode: see `Compared::address`.
            Kind::Category | Kind::Address => Level::Different,
        }
    }

    /// Whether two texts hold the same numbers, and some.
    pub(super) fn same_numbers(&self, a: u32, b: u32) -> bool {
        same(&self.numbers, a, b)
    }

    fn is_alike(&self, form: Form, a: u32, b: u32) -> bool {
        same(self.forms(form), a, b)
    }

    fn names(&self, kind: Kind, a: u32, b: u32) -> Level {
        let (x, y) = (self.texts.get(a), self.texts.get(b));
        let further = |long: &str, short: &str| {
            long.strip_prefix(short)
                .is_some_and(|rest| rest.starts_with(' '))
        };
        if kind == Kind::GivenName {
            if further(x, y) || further(y, x) {
                return Level::FirstSame;
            }
            // Twins may share a first name: where both have further names and those differ, it tells little.
            if let (Some((one, rest)), Some((other, others))) =
                (x.split_once(' '), y.split_once(' '))
                && one == other
            {
                return match likeness(rest, others) {
                    alike if alike >= CLOSE => Level::Close,
                    _ => Level::Alike,
                };
            }
            if let (Some(one), Some(other)) = (self.nicknames.get(&a), self.nicknames.get(&b))
                && one.iter().any(|group| other.contains(group))
            {
                return Level::Nickname;
            }
        } else if shares_a_word(x, y) {
            return Level::Part;
        }
        let sounds = || self.is_alike(Form::Sound, a, b) || same(&self.other, a, b);
        match likeness(x, y) {
            alike if alike >= CLOSE => Level::Close,
            alike if alike >= SOUNDING && sounds() => Level::Sounds,
            alike => by_likeness(alike),
        }
    }

    fn texts_level(&self, a: u32, b: u32) -> Level {
        if same(&self.other, a, b) {
            return Level::Close;
        }
        let found = by_likeness(likeness(self.texts.get(a), self.texts.get(b)));
        let (one, other) = (of(&self.numbers, a), of(&self.numbers, b));
        match found {
            // The house next door is written almost the same.
            Level::Close if one != other && one != 0 && other != 0 => Level::Alike,
            found => found,
        }
    }
}

fn by_likeness(likeness: f64) -> Level {
    if likeness >= CLOSE {
        Level::Close
    } else if likeness >= ALIKE {
        Level::Alike
    } else {
        Level::Different
    }
}

/// How alike two texts are, from 0 to 1, the same in both orders.
fn likeness(x: &str, y: &str) -> f64 {
    let (x, y) = (x.min(y), x.max(y));
    if x.is_ascii() && y.is_ascii() {
        jaro_winkler::similarity(x.bytes(), y.bytes())
    } else {
        jaro_winkler::similarity(x.chars(), y.chars())
    }
}

/// How many letters must be changed, added, left out or swapped with the next to make one text of the other.
fn edits(x: &str, y: &str) -> usize {
    osa::distance(x.chars(), y.chars())
}

/// Whether one of two names of several words is made of words of the other, or they share a long one.
fn shares_a_word(x: &str, y: &str) -> bool {
    (x.contains(' ') || y.contains(' '))
        && x.split(' ')
            .any(|word| word.len() >= 4 && y.split(' ').any(|other| other == word))
}

/// Two dates of eight digits each that differ.
fn dates(x: &str, y: &str) -> Level {
    let parts = |text: &str| {
        let number = |range: Range<usize>| text.get(range)?.parse::<i16>().ok();
        Some((number(0..4)?, number(4..6)?, number(6..8)?))
    };
    let (Some(a), Some(b)) = (parts(x), parts(y)) else {
        return Level::Different;
    };
    if a.0 == b.0 && a.1 == b.2 && a.2 == b.1 {
        return Level::Swapped;
    }
    if is_next(a, b) || is_next(b, a) {
        return Level::DayApart;
    }
    match edits(x, y) {
        1 => Level::OneDigit,
        2 => Level::TwoDigits,
        _ if a.0 == b.0 => Level::SameYear,
        _ => Level::Different,
    }
}

fn is_next(a: (i16, i16, i16), b: (i16, i16, i16)) -> bool {
    let day = |(year, month, day): (i16, i16, i16)| {
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    day(a).and_then(|day| day.tomorrow().ok()) == day(b) && day(b).is_some()
}
