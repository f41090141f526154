//! Checks of a row against itself and against the rows before it.

use std::hash::{BuildHasherDefault, DefaultHasher, Hash as _, Hasher};

use clearpicture_kernel::{Date, age};
use csv::StringRecord;

use crate::layout::Layout;
use crate::problem::Problem;
use crate::profile::{Check, Meaning, Rule};
use crate::read::{Asked, Keys};
use crate::row::{Found, Row, is_of_the_past};
use crate::value::Value;

/// By a digest of a key, and never walked through.
#[expect(
    clippy::disallowed_types,
    reason = "digests are looked up and never walked through, and there are millions of them"
)]
type ByDigest<T> = std::collections::HashMap<u64, T, BuildHasherDefault<AsItIs>>;

/// Takes a digest as it is: it is spread already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Digests come whole, below; this is for completeness.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }
}

/// The most years that whoever a source tells of as a child can have lived.
const OLDEST: i16 = 25;

/// What the rows of one table are checked for, and what was met so far.
pub(crate) struct Checks {
    key: Vec<usize>,
    person: Option<usize>,
    /// Of every key, the digest of the row that had it first.
    keys: ByDigest<u64>,
    /// Of keys that several rows have: how many came after the first.
    again: ByDigest<u32>,
    /// How many rows before the row at hand had its key.
    before: u32,
    born: Option<usize>,
    died: Option<usize>,
    /// Days that must lie within a childhood.
    events: Vec<usize>,
    /// Days that must not lie ahead.
    past: Vec<usize>,
    as_of: Option<usize>,
    means: Vec<(Meaning, usize)>,
    planned: Vec<Planned>,
    today: Option<Date>,
}

/// One of the profile's checks.
struct Planned {
    rule: Rule,
    columns: Vec<usize>,
    /// The keys of the other table, where they are known.
    others: Option<std::sync::Arc<Keys>>,
    /// By person or by value: what was met first.
    met: ByDigest<u64>,
    /// By person: the last day of the latest stretch.
    ends: ByDigest<Option<Date>>,
}

/// The digest of a text; whose it is cannot be told from it within one run, and it is never kept.
pub(crate) fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn digest_of(fields: &StringRecord) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(fields.as_byte_record().as_slice());
    // Where values are parted counts as well.
    let lengths = fields.iter().fold(0_u64, |all, field| {
        all.wrapping_mul(0x0100_0000_01b3) ^ field.len() as u64
    });
    hasher.write_u64(lengths);
    hasher.finish()
}

impl Checks {
    pub(crate) fn of(layout: &Layout, asked: &Asked<'_>) -> Self {
        let table = &layout.table;
        let place = |name: &toml::Spanned<String>| layout.column(name.get_ref());
        let mut columns = table.columns.iter().enumerate();
        let mut means = Vec::new();
        for (place, column) in columns.by_ref() {
            means.extend(column.means.map(|meaning| (meaning, place)));
        }
        let of = |meaning: Meaning| {
            let mut all = means.iter().filter(move |(one, _)| *one == meaning);
            all.next().map(|(_, place)| *place)
        };
        let (born, died) = (of(Meaning::Born), of(Meaning::Died));
        Self {
            key: table.key.iter().filter_map(place).collect(),
            person: table.person.as_ref().and_then(place),
            keys: ByDigest::default(),
            again: ByDigest::default(),
            before: 0,
            born,
            died,
            events: means
                .iter()
                .filter(|(meaning, _)| *meaning == Meaning::Event)
                .map(|(_, place)| *place)
                .collect(),
            past: (0..table.columns.len())
                .filter(|column| is_of_the_past(layout, *column))
                .collect(),
            as_of: table.coverage.as_of.as_ref().and_then(place),
            means,
            planned: table
                .checks
                .iter()
                .map(|check| planned(check, layout, asked))
                .collect(),
            today: asked.today,
        }
    }

    /// Whether the row can be told from others and names whom it is about; otherwise the column that is to blame.
    pub(crate) fn key_of(&self, row: &Row<'_>) -> Result<(), usize> {
        let mut needed = self.key.iter().chain(&self.person);
        needed
            .find(|column| row.get(**column).is_none())
            .map_or(Ok(()), |column| Err(*column))
    }

    /// Checks a row that can be told from others.
    pub(crate) fn row(&mut self, row: &Row<'_>, fields: &StringRecord, found: &mut Vec<Found>) {
        self.days(row, found);
        for (meaning, column) in &self.means {
            let there = row.get(*column);
            match (meaning, there) {
                (Meaning::Confidentiality, Some(Value::Code(code)))
                    if code.as_str() == "restricted" =>
                {
                    found.push((Problem::RestrictedPerson, Some(*column)));
                }
                (Meaning::Superseded, Some(_)) => {
                    found.push((Problem::SupersededNumber, Some(*column)));
                }
                (Meaning::Dead, Some(Value::Flag(true)))
                    if self.died.is_none_or(|died| row.get(died).is_none()) =>
                {
                    found.push((Problem::DeathWithoutDay, Some(*column)));
                }
                _ => {}
            }
        }
        let person = self
            .person
            .and_then(|person| row.get(person))
            .map(|value| digest(&value.text()));
        for check in &mut self.planned {
            if let Some(blamed) = check.look(row, person) {
                // A value that was given and could not be read has been told of, and is not missing as well.
                let told = matches!(check.rule, Rule::MissingWith | Rule::NoneOfSeveral)
                    && found.iter().any(|(_, column)| *column == Some(blamed));
                if told {
                    continue;
                }
                found.push((problem(check.rule), Some(blamed)));
            }
        }
        self.again(row, fields, found);
    }

    /// Days against one another.
    fn days(&self, row: &Row<'_>, found: &mut Vec<Found>) {
        let born = self.born.and_then(|column| row.day(column));
        let died = self.died.and_then(|column| row.day(column));
        let as_of = self.as_of.and_then(|column| row.day(column));
        let after_file = |born: Date| as_of.is_some_and(|day| born > day);
        if born.is_some_and(after_file) {
            found.push((Problem::BornAfterFile, self.born));
        }
        if let Some(today) = self.today {
            for column in &self.past {
                if row.day(*column).is_some_and(|day| day > today) {
                    found.push((Problem::DateToCome, Some(*column)));
                }
            }
        }
        let mut old = None;
        for column in &self.events {
            let Some(day) = row.day(*column) else {
                continue;
            };
            if born.is_some_and(|born| day < born) {
                found.push((Problem::BeforeBirth, Some(*column)));
            }
            if died.is_some_and(|died| day > died) {
                found.push((Problem::AfterDeath, Some(*column)));
            }
            let years = born.and_then(|born| age(born, day));
            if years.is_some_and(|years| years > OLDEST) {
                old = self.born;
            }
        }
        if old.is_some() {
            found.push((Problem::UnlikelyAge, old));
        }
    }

    /// Whether an earlier row had the same key.
    fn again(&mut self, row: &Row<'_>, fields: &StringRecord, found: &mut Vec<Found>) {
        self.before = 0;
        let Some(key) = row.joined(&self.key) else {
            return;
        };
        let (key, whole) = (digest(&key), digest_of(fields));
        match self.keys.entry(key) {
            std::collections::hash_map::Entry::Occupied(first) => {
                let before = self.again.entry(key).or_default();
                *before += 1;
                self.before = *before;
                found.push(if *first.get() == whole {
                    (Problem::DuplicateRow, None)
                } else {
                    (Problem::DuplicateKey, self.key.first().copied())
                });
            }
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(whole);
            }
        }
    }

    /// What tells the row at hand from every other of its table, whatever file it stands in; empty where nothing does.
    pub(crate) fn own_key(&self, row: &Row<'_>) -> String {
        let Some(key) = row.joined(&self.key) else {
            return String::new();
        };
        match self.before {
            0 => key,
            before => format!("{key}\u{1f}{before}"),
        }
    }

    /// The digests of the keys that were met, for tables that belong to this one.
    pub(crate) fn keys(self) -> impl Iterator<Item = u64> {
        self.keys.into_keys()
    }
}

fn planned(check: &Check, layout: &Layout, asked: &Asked<'_>) -> Planned {
    let columns = check
        .columns
        .iter()
        .filter_map(|name| layout.column(name.get_ref()));
    Planned {
        rule: check.rule,
        columns: columns.collect(),
        others: check
            .of
            .as_ref()
            .and_then(|of| asked.known.get(of.as_str()).cloned()),
        met: ByDigest::default(),
        ends: ByDigest::default(),
    }
}

const fn problem(rule: Rule) -> Problem {
    match rule {
        Rule::BeginsAfterEnd => Problem::BeginsAfterEnd,
        Rule::MissingWith => Problem::MissingWith,
        Rule::EitherNotBoth => Problem::EitherNotBoth,
        Rule::NoneOfSeveral => Problem::NoneOfSeveral,
        Rule::PartExceedsWhole => Problem::PartExceedsWhole,
        Rule::TwoBirthDates => Problem::TwoBirthDates,
        Rule::SharedNumber => Problem::SharedNumber,
        Rule::OverlappingSpells => Problem::OverlappingSpells,
        Rule::TwoOpenSpells => Problem::TwoOpenSpells,
        Rule::Orphan => Problem::Orphan,
    }
}

impl Planned {
    /// The column that is to blame, where the row fails the check.
    fn look(&mut self, row: &Row<'_>, person: Option<u64>) -> Option<usize> {
        let there = |column: &usize| row.get(*column).is_some();
        match (self.rule, self.columns.as_slice()) {
            (Rule::BeginsAfterEnd, [first, last]) => {
                let backwards = row.day(*first)? > row.day(*last)?;
                backwards.then_some(*first)
            }
            (Rule::MissingWith, [has, needs]) => (there(has) && !there(needs)).then_some(*needs),
            (Rule::EitherNotBoth, all) => {
                let mut present = all.iter().filter(|column| there(column));
                present.next()?;
                present.next().copied()
            }
            (Rule::NoneOfSeveral, all) => {
                let none = !all.iter().any(there);
                all.first().copied().filter(|_| none)
            }
            (Rule::PartExceedsWhole, [parts @ .., whole]) => {
                let limit = row.number(*whole)?;
                let sum: i64 = parts
                    .iter()
                    .filter_map(|part| row.number(*part))
                    .fold(0, i64::saturating_add);
                (sum > limit).then_some(*whole)
            }
            (Rule::TwoBirthDates, [column]) => {
                let born = digest(&row.get(*column)?.text());
                let first = *self.met.entry(person?).or_insert(born);
                (first != born).then_some(*column)
            }
            (Rule::SharedNumber, [column]) => {
                let number = digest(&row.get(*column)?.text());
                let person = person?;
                let first = *self.met.entry(number).or_insert(person);
                (first != person).then_some(*column)
            }
            (Rule::OverlappingSpells, [first, last]) => {
                let (begins, ends) = (row.day(*first)?, row.day(*last));
                let before = self.ends.insert(person?, ends)?;
                // Of one that goes on, another rule tells.
                before
                    .is_some_and(|before| begins < before)
                    .then_some(*first)
            }
            (Rule::TwoOpenSpells, [last]) => {
                let open = row.get(*last).is_none();
                (open && self.met.insert(person?, 1).is_some()).then_some(*last)
            }
            (Rule::Orphan, all) => {
                let others = self.others.as_ref()?;
                let key = row.joined(all)?;
                let known = others.contains(digest(&key));
                all.first().copied().filter(|_| !known)
            }
            _ => None,
        }
    }
}
