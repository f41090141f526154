//! Search keys: what a subject can be found by, as digests that only this deployment can make.
//!
//! Names in the clear would make the table of keys a list of children for whoever steals it. A digest finds a name
//! that is typed whole, or that sounds alike, and tells nothing without the deployment's key.

use std::collections::BTreeSet;

use clearpicture_kernel::{Date, DateOfBirth, Fact, PersonName, Says};
use clearpicture_linkage::clean;
use clearpicture_store::Store;

/// What a key is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    /// One word of a name, as it is compared.
    Word,
    /// How one word of a name sounds.
    Sound,
    /// The day of birth.
    Born,
    /// A number or code by which some system knows them.
    Number,
}

impl Made {
    const fn code(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::Sound => "sound",
            Self::Born => "born",
            Self::Number => "number",
        }
    }
}

/// Half a digest: enough that no two keys of a partnership are the same by chance.
const LENGTH: usize = 32;

fn key(store: &Store, made: Made, value: &str) -> String {
    let mut digest = store.keyed_digest("subject-key", &[made.code(), value]);
    digest.truncate(LENGTH);
    digest
}

/// Every key of a subject of whom `facts` are told.
pub(super) fn of_facts(store: &Store, facts: &[Fact]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for fact in facts {
        match &fact.says {
            Says::Name { given, family } => {
                let names = clean::names(
                    given.as_ref().map_or("", PersonName::reveal),
                    family.as_ref().map_or("", PersonName::reveal),
                );
                for word in names.given.split(' ').chain(names.family.split(' ')) {
                    keys.extend(of_word(store, word));
                }
            }
            Says::Born { on } => {
                keys.insert(born(store, *on));
            }
            Says::Identifier { value, .. } => {
                keys.insert(number(store, value.as_str()));
            }
            _ => {}
        }
    }
    keys
}

/// The keys that one word of a name makes: the word itself first, then its sound where it has one.
pub(super) fn of_word(store: &Store, word: &str) -> Vec<String> {
    if word.is_empty() {
        return Vec::new();
    }
    let mut keys = vec![key(store, Made::Word, word)];
    let sound = clean::sound(word);
    if !sound.is_empty() {
        keys.push(key(store, Made::Sound, &sound));
    }
    keys
}

/// The key of a day of birth.
pub(super) fn born(store: &Store, on: DateOfBirth) -> String {
    born_on(store, on.reveal())
}

/// The key of a day of birth that someone looks for.
pub(super) fn born_on(store: &Store, day: Date) -> String {
    key(store, Made::Born, &day.to_string())
}

/// The key of a number or code.
pub(super) fn number(store: &Store, text: &str) -> String {
    let solid: String = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    key(store, Made::Number, &solid)
}
