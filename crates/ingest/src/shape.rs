//! What a row is before any of its values is read: a row, none, one out of shape, or a line that stands around rows.

use std::collections::BTreeMap;

use csv::StringRecord;

use crate::layout::{Layout, alike};
use crate::problem::Problem;
use crate::profile::Column;

/// What a row under some headings is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Is {
    Row,
    /// A row whose last values are not there; nothing that must be there is among them.
    EndsEarly,
    /// Without a value: no row.
    Nothing,
    Faulty(Problem),
}

/// How rows under the headings of one file look.
pub(crate) struct Shape {
    width: usize,
    /// So many values a row has at least, since those up to there must not be empty.
    least: usize,
    /// Every name of a column of the table, and every heading of the file.
    names: Names,
    /// Whether headings came again in another order: what is below them stands under other headings than the file's.
    is_under_others: bool,
}

impl Shape {
    pub(crate) fn of(layout: &Layout) -> Self {
        let table = &layout.table;
        let keys = table.key.iter().chain(&table.person);
        let keys: Vec<&str> = keys.map(|name| name.get_ref().as_str()).collect();
        let columns = table.columns.iter().zip(&layout.places);
        let must =
            |column: &Column| column.required || keys.iter().any(|key| column.is_called(key));
        let least = columns
            .filter(|(column, _)| must(column))
            .filter_map(|(_, place)| *place);
        let columns = table.columns.iter().zip(&layout.places);
        let names = columns.flat_map(|(column, place)| {
            let aliases = column.aliases.iter().map(String::as_str);
            let names = std::iter::once(column.name.get_ref().as_str()).chain(aliases);
            names.map(|name| (alike(name), *place))
        });
        let headings = layout.headings.iter().cloned().zip((0..).map(Some));
        Self {
            width: layout.width,
            least: least.max().map_or(0, |place| place + 1),
            names: Names::of(names.chain(headings)),
            is_under_others: false,
        }
    }

    /// What a record is. Of some sources empty values at the end are left out; after one that is cut there is no more.
    pub(crate) fn look(&mut self, record: &StringRecord, leaves_out: bool, cut: bool) -> Is {
        let first = record.get(0).unwrap_or_default();
        if may_be_around(first) || first.len() == record.as_slice().len() {
            if is_blank(record) {
                return Is::Nothing;
            }
            if is_around(record) {
                return Is::Faulty(Problem::NotARow);
            }
        }
        if self.names.may_be(first) && self.names.are_all_of(record) {
            self.is_under_others |= !self.names.are_in_place(record);
            return Is::Faulty(Problem::NotARow);
        }
        if self.is_under_others {
            return Is::Faulty(Problem::OtherHeadings);
        }
        match record.len() {
            width if width == self.width => Is::Row,
            width if width > self.width && is_blank(record.iter().skip(self.width)) => Is::Row,
            width if width > self.width => Is::Faulty(Problem::Shape),
            _ if leaves_out => Is::Row,
            _ if cut => Is::Faulty(Problem::Truncated),
            width if width >= self.least && (width > 1 || self.width == 2) => Is::EndsEarly,
            _ => Is::Faulty(Problem::Shape),
        }
    }
}

/// Whether no cell has a value.
pub(crate) fn is_blank<'a>(cells: impl IntoIterator<Item = &'a str>) -> bool {
    cells.into_iter().all(|cell| cell.trim().is_empty())
}

/// Whether a row whose first cell this is may be a line around rows: it is seen at a glance.
pub(crate) fn may_be_around(first: &str) -> bool {
    first.bytes().next().is_none_or(is_of_rule)
}

const fn is_of_rule(byte: u8) -> bool {
    matches!(
        byte,
        b'-' | b'=' | b'_' | b'+' | b'|' | b'*' | b'~' | b'#' | b' '
    )
}

/// Whether a row with a value is a line that a program writes around rows: one of dashes below the headings, or one that
/// says how many rows there were.
pub(crate) fn is_around<'a>(cells: impl IntoIterator<Item = &'a str> + Clone) -> bool {
    let is_rule = |cell: &str| cell.bytes().all(is_of_rule);
    if cells.clone().into_iter().all(is_rule) {
        return true;
    }
    let mut values = cells
        .into_iter()
        .map(str::trim)
        .filter(|cell| !cell.is_empty());
    match (values.next(), values.next()) {
        (Some(only), None) => counts_rows(only),
        _ => false,
    }
}

/// Whether a text says how many rows there were: `(2 rows affected)`, `2 rows selected.`, `(1 row)`.
fn counts_rows(text: &str) -> bool {
    let text = text.trim_start_matches('(');
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
    let counted = rest.len() < text.len();
    let is_word = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphabetic());
        ["row", "rows", "record", "records"]
            .iter()
            .any(|one| one.eq_ignore_ascii_case(word))
    };
    counted && rest.split_whitespace().next().is_some_and(is_word)
}

/// Names of columns, among which a text that is none is told from all of them at once.
struct Names {
    all: BTreeMap<String, Option<usize>>,
    /// The lengths that they have, and the letters that they begin with, one bit each.
    lengths: u64,
    letters: u32,
}

impl Names {
    /// Names, each with the place where the file has its column.
    fn of(names: impl Iterator<Item = (String, Option<usize>)>) -> Self {
        let all: BTreeMap<String, Option<usize>> =
            names.filter(|(name, _)| !name.is_empty()).collect();
        let (mut lengths, mut letters) = (0, 0);
        for name in all.keys() {
            lengths |= length(name);
            letters |= letter(name);
        }
        Self {
            all,
            lengths,
            letters,
        }
    }

    fn may_be(&self, text: &str) -> bool {
        self.lengths & length(text) != 0 && self.letters & letter(text) != 0
    }

    /// Whether all values of a row, two at least, are names of columns.
    fn are_all_of(&self, record: &StringRecord) -> bool {
        let mut values = 0;
        let all = record
            .iter()
            .filter(|cell| !cell.trim().is_empty())
            .all(|cell| {
                values += 1;
                self.all.contains_key(&alike(cell))
            });
        all && (values > 1 || record.len() == 1)
    }

    /// Whether each stands where the file has its column.
    fn are_in_place(&self, record: &StringRecord) -> bool {
        record.iter().enumerate().all(|(place, cell)| {
            let own = self.all.get(&alike(cell));
            own.is_none_or(|own| *own == Some(place))
        })
    }
}

/// Names that differ in what means nothing have one length all the same, but for space around them.
fn length(text: &str) -> u64 {
    u32::try_from(text.len()).map_or(0, |length| 1_u64.checked_shl(length).unwrap_or(1 << 63))
}

fn letter(text: &str) -> u32 {
    let first = text.bytes().next().unwrap_or_default();
    1 << u32::from(first & 31)
}
