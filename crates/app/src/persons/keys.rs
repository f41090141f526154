//! Search keys: what a subject can be found by, as digests that only this deployment can make.
//!
//! Names in the clear would make the table of keys a list of children for whoever steals it. A digest finds what is
//! typed whole, or sounds alike, and tells nothing without the deployment's key.

use std::collections::BTreeSet;

use clearpicture_kernel::{Address, Fact, PersonName, Says};
use clearpicture_linkage::children::{self, Shared};
use clearpicture_linkage::clean;
use clearpicture_store::Store;

/// Raised whenever a fact gives other keys than before, here or in how linkage cleans what is written: then those of
/// whoever is held already are made anew, by the job `make-search-keys`.
const EDITION: u32 = 2;

/// A third of a digest: short, since finding reads many, and enough that no two keys of a partnership are the same by
/// chance. Were two, somebody would be compared, or offered to whoever searches, who need not be.
const LENGTH: usize = 20;

/// What separates the parts of one value.
const BETWEEN: char = '\u{1f}';

/// By what a subject is found, before it becomes a key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    /// What linkage finds them by as well.
    Shared(Shared),
    /// A word of a name; also two that others write as one.
    Word(String),
    /// A part of what is written as one word: `dwyer` of `O'Dwyer`.
    Part(String),
    /// The first letter of one of their names, and how another sounds.
    Initial(char, String),
    /// A house in its street: `12 mill lane`.
    Door(String),
    /// A street, or a house that has a name.
    Street(String),
    /// A telephone number, by its digits.
    Phone(String),
}

impl Sign {
    /// Whether it tells where somebody is, or how to reach them there.
    pub(super) const fn is_whereabouts(&self) -> bool {
        matches!(
            self,
            Self::Door(_) | Self::Street(_) | Self::Phone(_) | Self::Shared(Shared::Lives(_))
        )
    }
}

impl std::fmt::Debug for Sign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sign(withheld)")
    }
}

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
        Shared::Sounds(given, family) => key(store, "sounds", &format!("{given}{BETWEEN}{family}")),
        Shared::Born(day) => key(store, "born", &day.to_string()),
        Shared::BornIn(year) => key(store, "year", &year.to_string()),
        Shared::Lives(place) => key(store, "place", place),
        Shared::Number(number) => key(store, "number", number),
    }
}

/// The key of a sign.
pub(super) fn of_sign(store: &Store, sign: &Sign) -> String {
    match sign {
        Sign::Shared(shared) => of_shared(store, shared),
        Sign::Word(word) => key(store, "word", word),
        Sign::Part(part) => key(store, "part", part),
        Sign::Initial(letter, sound) => key(store, "initial", &format!("{letter}{BETWEEN}{sound}")),
        Sign::Door(door) => key(store, "door", door),
        Sign::Street(street) => key(store, "street", street),
        Sign::Phone(digits) => key(store, "phone", digits),
    }
}

/// The key under which it stands that everyone held has the keys of this edition.
pub(super) fn of_edition(store: &Store) -> String {
    key(store, "edition", &EDITION.to_string())
}

/// Every key of a subject of whom `facts` are told.
pub(super) fn of_facts<'f>(
    store: &Store,
    facts: impl IntoIterator<Item = &'f Fact>,
) -> BTreeSet<String> {
    let signs: BTreeSet<Sign> = facts.into_iter().flat_map(signs).collect();
    signs.iter().map(|sign| of_sign(store, sign)).collect()
}

/// Everything that a fact tells by which its subject can be found.
fn signs(fact: &Fact) -> Vec<Sign> {
    let mut signs: Vec<Sign> = children::told(fact).into_iter().map(Sign::Shared).collect();
    match &fact.says {
        Says::Name { given, family } => signs.extend(of_name(given.as_ref(), family.as_ref())),
        Says::Address { at } => signs.extend(of_address(at)),
        Says::Telephone { number } => signs.push(Sign::Phone(clean::phone(number.reveal()))),
        _ => {}
    }
    signs
}

fn of_name(given: Option<&PersonName>, family: Option<&PersonName>) -> Vec<Sign> {
    let written = [given, family].map(|name| name.map_or("", PersonName::reveal));
    let [first, last] = written;
    let names = clean::names(first, last);
    let split =
        |name: &str| -> Vec<String> { name.split_whitespace().map(str::to_owned).collect() };
    let (given, family) = (split(&names.given), split(&names.family));
    let mut signs: Vec<Sign> = given
        .iter()
        .chain(&family)
        .cloned()
        .map(Sign::Word)
        .collect();
    // `Al Hassan` is written as one word as well, `O Dwyer` more often than not.
    for words in [&given, &family] {
        signs.extend(words.windows(2).map(|two| Sign::Word(two.concat())));
        if words.len() > 2 {
            signs.push(Sign::Word(words.concat()));
        }
    }
    for name in written {
        signs.extend(parts(name).into_iter().map(Sign::Part));
    }
    signs.extend(initials(&given, &family));
    signs.extend(initials(&family, &given));
    signs
}

/// The first letters of some words of a name, each with how the others sound, one by one and all together.
fn initials(of: &[String], beside: &[String]) -> BTreeSet<Sign> {
    let whole = beside.concat();
    let others = beside.iter().map(String::as_str).chain([whole.as_str()]);
    let sounds: BTreeSet<_> = others
        .filter(|name| !name.is_empty())
        .map(clean::heard)
        .collect();
    let letters = of.iter().filter_map(|word| word.chars().next());
    letters
        .flat_map(|letter| {
            let sounds = sounds.iter();
            sounds.map(move |sound| Sign::Initial(letter, sound.to_string()))
        })
        .collect()
}

/// The marks that stand within a word and part it for the eye.
const APOSTROPHES: [char; 5] = ['\'', '’', '‘', '`', 'ʼ'];

/// The words of a name that an apostrophe parts, of more than one letter: `dwyer` of `O'Dwyer`.
pub(super) fn parts(name: &str) -> Vec<String> {
    if !name.contains(APOSTROPHES) {
        return Vec::new();
    }
    let whole = clean::words(name);
    let parted = clean::words(&name.replace(APOSTROPHES, " "));
    let is_word = |part: &&str| whole.split(' ').any(|word| word == *part);
    parted
        .split(' ')
        .filter(|part| part.chars().count() > 1 && !is_word(part))
        .map(str::to_owned)
        .collect()
}

fn of_address(at: &Address) -> Vec<Sign> {
    let lines = at.reveal().flat_map(|line| line.split(','));
    let mut signs = Vec::new();
    for (number, line) in lines.enumerate() {
        let line = without_postcode(line);
        match (in_street(&line), number) {
            (Some((door, street)), _) => {
                let mut streets = vec![street.as_str()];
                streets.extend(to_the_street(&street));
                for street in streets {
                    signs.push(Sign::Door(format!("{door} {street}")));
                    signs.push(Sign::Street(street.to_owned()));
                }
            }
            // The first line without a number is a house with a name, or a street; later ones are places of many.
            (None, 0) => {
                let words = as_compared(&line);
                signs.extend((!words.is_empty()).then_some(Sign::Street(words)));
            }
            (None, _) => {}
        }
    }
    signs
}

/// One line of an address in the form that is compared.
pub(super) fn as_compared(line: &str) -> String {
    clean::place(std::iter::once(line)).lines
}

/// A line without a postcode at its end.
fn without_postcode(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    for last in [2, 1] {
        if let Some((before, end)) = words.len().checked_sub(last).map(|at| words.split_at(at))
            && clean::postcode(&end.concat()).is_some()
        {
            return before.join(" ");
        }
    }
    words.join(" ")
}

/// The number of the house in a line of an address, and what follows it: the street.
pub(super) fn in_street(line: &str) -> Option<(String, String)> {
    let compared = as_compared(line);
    let words: Vec<&str> = compared.split_whitespace().collect();
    let at = words
        .iter()
        .rposition(|word| word.contains(|c: char| c.is_ascii_digit()))?;
    let (before, street) = words.split_at_checked(at + 1)?;
    let street = street.join(" ");
    (!street.is_empty()).then_some((before.last().copied()?.to_owned(), street))
}

/// What streets are called in their last word, where others may follow it.
const STREETS: [&str; 22] = [
    "avenue", "close", "court", "crescent", "drive", "gardens", "green", "grove", "hill", "lane",
    "mews", "park", "parade", "place", "rise", "road", "row", "square", "street", "terrace",
    "walk", "way",
];

/// So much of a text as is a street by its words: `mill lane` of `mill lane fenby`. Nothing when it is none, or all of it.
pub(super) fn to_the_street(text: &str) -> Option<&str> {
    let mut ends = 0;
    for (place, word) in text.split(' ').enumerate() {
        ends += word.len() + usize::from(place > 0);
        if place > 0 && STREETS.contains(&word) {
            return text.get(..ends).filter(|street| street.len() < text.len());
        }
    }
    None
}

/// Whether a text ends as the name of a street does.
pub(super) fn is_street(text: &str) -> bool {
    let last = text.rsplit_once(' ').map(|(_, last)| last);
    last.is_some_and(|word| STREETS.contains(&word))
}

#[cfg(test)]
mod tests {
    use clearpicture_kernel::fact::{Confidence, Valid};

    use super::*;

    fn fact(says: Says) -> Fact {
        Fact {
            says,
            valid: Valid::default(),
            confidence: Confidence::Stated,
        }
    }

    fn named(given: &str, family: &str) -> Vec<Sign> {
        let name = |text: &str| PersonName::parse(text).ok();
        signs(&fact(Says::Name {
            given: name(given),
            family: name(family),
        }))
    }

    fn living(at: &str) -> Vec<Sign> {
        let at = Address::parse(at).expect("an address");
        signs(&fact(Says::Address { at }))
    }

    #[test]
    fn a_name_is_found_by_its_words_their_parts_and_its_initials() {
        let signs = named("Aoife Grace", "O'Dwyer");
        for word in ["aoife", "grace", "odwyer", "aoifegrace"] {
            assert!(signs.contains(&Sign::Word(word.to_owned())), "{word}");
        }
        assert!(signs.contains(&Sign::Part("dwyer".to_owned())));
        let sound = |name: &str| clean::heard(name).into_owned();
        assert!(signs.contains(&Sign::Initial('a', sound("odwyer"))));
        assert!(signs.contains(&Sign::Initial('g', sound("odwyer"))));
        assert!(signs.contains(&Sign::Initial('o', sound("aoife"))));
        let parted = named("Sami", "al Hassan");
        assert!(parted.contains(&Sign::Word("alhassan".to_owned())));
        assert!(
            named("Ada", "Okafor").len() < 12,
            "few keys for a plain name"
        );
    }

    #[test]
    fn an_address_is_found_by_its_door_and_its_street_however_it_is_laid_out() {
        for written in [
            "Flat 2\n12 Mill Ln\nFenby\nZN1 2AB",
            "12 Mill Lane, Fenby, ZN1 2AB",
            "12 Mill Lane Fenby ZN1 2AB",
            "Flat 2, 12 Mill Lane",
        ] {
            let signs = living(written);
            assert!(
                signs.contains(&Sign::Door("12 mill lane".to_owned())),
                "{written}"
            );
            assert!(
                signs.contains(&Sign::Street("mill lane".to_owned())),
                "{written}"
            );
            assert!(
                !signs.contains(&Sign::Street("fenby".to_owned())),
                "{written}"
            );
        }
        let named = living("Rose Cottage\nFenby");
        assert!(named.contains(&Sign::Street("rose cottage".to_owned())));
    }
}
