//! Search keys: what a subject can be found by, as digests that only this deployment can make.
//!
//! Names in the clear would make the table of keys a list of children for whoever steals it. A digest finds a name
//! that is typed whole, or that sounds alike, and tells nothing without the deployment's key.

use std::collections::BTreeSet;

use clearpicture_kernel::{Date, Fact, PersonName, Says};
use clearpicture_linkage::children::{self, Shared};
use clearpicture_linkage::clean;
use clearpicture_store::Store;

/// A third of a digest: short, since finding reads many, and enough that no two keys of a partnership are the same by
/// chance. Were two, somebody would be compared, or offered to whoever searches, who need not be.
const LENGTH: usize = 20;

/// `made` says what the value is.
fn key(store: &Store, made: &str, value: &str) -> String {
    let mut digest = store.keyed_digest("subject-key", &[made, value]);
    digest.truncate(LENGTH);
    digest
}

/// The key of a part of what two records share who may be one child.
pub(super) fn of_shared(store: &Store, shared: &Shared) -> String {
    match shared {
        Shared::Sound(sound) => key(store, "sound", sound),
        Shared::Sounds(given, family) => key(store, "sounds", &format!("{given}\u{1f}{family}")),
        Shared::Born(day) => born_on(store, *day),
        Shared::BornIn(year) => key(store, "year", &year.to_string()),
        Shared::Lives(place) => key(store, "place", place),
        Shared::Number(number) => key(store, "number", number),
    }
}

/// Every key of a subject of whom `facts` are told: those by which linkage finds them, and the words of their names.
pub(super) fn of_facts(store: &Store, facts: &[Fact]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for fact in facts {
        let shared = children::told(fact);
        keys.extend(shared.iter().map(|shared| of_shared(store, shared)));
        if let Says::Name { given, family } = &fact.says {
            let names = clean::names(
                given.as_ref().map_or("", PersonName::reveal),
                family.as_ref().map_or("", PersonName::reveal),
            );
            let words = names.given.split(' ').chain(names.family.split(' '));
            let words = words.filter(|word| !word.is_empty());
            keys.extend(words.map(|word| key(store, "word", word)));
        }
    }
    keys
}

/// The keys by which one word of a name is looked for: the word itself first, then its sound.
pub(super) fn of_word(store: &Store, word: &str) -> Vec<String> {
    if word.is_empty() {
        return Vec::new();
    }
    let sound = clean::heard(word).into_owned();
    vec![
        key(store, "word", word),
        of_shared(store, &Shared::Sound(sound)),
    ]
}

/// The key of a day of birth that someone looks for.
pub(super) fn born_on(store: &Store, day: Date) -> String {
    key(store, "born", &day.to_string())
}
