//! Records of elements within elements: XML, and FHIR resources.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::rc::Rc;

use csv::StringRecord;

use crate::layout::Layout;
use crate::problem::Problem;
use crate::profile::{Format, Profile, Table};
use crate::read::{Became, File, Rows};
use crate::reader::delimited::Marks;
use crate::reader::text::{Seen, Text, encoding};
use crate::reader::tree::{Node, Rows as Within, has_stray_text, leaves, plain};
use crate::reader::xml::{Goes, Said};
use crate::reader::{json, xml as xml_reader};

/// How many records tell the year.
const TELL_THE_YEAR: usize = 50;

/// Reads XML.
pub(crate) fn xml(file: &mut File<'_>, sample: &[u8], rest: impl Read) -> io::Result<()> {
    let Some(text) = decoded(file, sample, rest) else {
        return Ok(());
    };
    let known = candidates(file, Format::Xml);
    let paths: Vec<String> = known
        .iter()
        .filter_map(|profile| record_of(profile))
        .map(str::to_owned)
        .collect();
    let mut trees = Trees::default();
    let done = xml_reader::each(text, &paths, &mut |path, node, said| {
        let profile = known
            .iter()
            .copied()
            .find(|profile| record_of(profile) == Some(path));
        trees.take(file, profile, node, said)
    });
    trees.finish(file);
    let refused = match done {
        Ok(said) if trees.is_empty() => {
            // No record: the file is a source's all the same where its first element is.
            let root = |profile: &&Profile| {
                let root = record_of(profile).and_then(|path| path.split('/').next());
                said.keys().any(|path| path.split('/').next() == root)
            };
            match known.iter().copied().find(root) {
                Some(profile) => {
                    file.summary.profile = Some(profile.name.clone());
                    None
                }
                None => Some(Problem::Unrecognised),
            }
        }
        Ok(_) => None,
        Err(problem) => Some(problem),
    };
    file_is(file, refused);
    Ok(())
}

/// Reads FHIR resources.
pub(crate) fn json(file: &mut File<'_>, sample: &[u8], rest: impl Read) -> io::Result<()> {
    let Some(text) = decoded(file, sample, rest) else {
        return Ok(());
    };
    let known = candidates(file, Format::Fhir);
    let mut trees = Trees::default();
    let mut others = 0_u64;
    let done = json::each(text, &mut |node| {
        let kind = node
            .children
            .iter()
            .find(|child| child.name == "resourceType");
        let kind = kind.map(|kind| kind.text.clone());
        let of_kind = |profile: &&Profile| {
            record_of(profile).is_some_and(|record| Some(record) == kind.as_deref())
        };
        match known.iter().copied().find(of_kind) {
            Some(profile) => trees.take(file, Some(profile), node, &Said::new()),
            None => {
                others += 1;
                Goes::On
            }
        }
    });
    trees.finish(file);
    let refused = match done {
        Ok(()) if trees.is_empty() => Some(Problem::Unrecognised),
        Ok(()) => None,
        Err(problem) => Some(problem),
    };
    if refused.is_none() && others > 0 {
        file.find(Problem::UnknownSheet.of_file());
    }
    file_is(file, refused);
    Ok(())
}

fn file_is(file: &mut File<'_>, refused: Option<Problem>) {
    if let Some(problem) = refused
        && !file.summary.refused
    {
        // It breaks off within the record after the last, or before there is any.
        let read = file.summary.rows + file.summary.others;
        file.find(match read {
            0 => problem.of_file(),
            read => problem.at(read + 1, None),
        });
    }
}

/// The text of a file.
fn decoded<'s, R: Read + 's>(
    file: &mut File<'_>,
    sample: &'s [u8],
    rest: R,
) -> Option<impl Read + use<'s, R>> {
    let Some(encoding) = encoding(sample) else {
        file.find(Problem::UnknownEncoding.of_file());
        return None;
    };
    let marks = Marks {
        delimiter: 0,
        quote: 0,
    };
    let seen = Seen {
        unbounded: true.into(),
        ..Seen::default()
    };
    Some(Text::new(
        sample.chain(rest),
        encoding,
        marks,
        Rc::new(seen),
    ))
}

/// The profiles of a format that may be used.
fn candidates<'f>(file: &File<'f>, format: Format) -> Vec<&'f Profile> {
    let only = file.asked.profile;
    file.profiles
        .iter()
        .filter(|profile| profile.format == format && only.is_none_or(|name| *name == profile.name))
        .collect()
}

/// What is a record to a profile.
fn record_of(profile: &Profile) -> Option<&str> {
    profile
        .tables
        .iter()
        .find_map(|table| table.record.as_deref())
}

/// The records of one file.
#[derive(Default)]
struct Trees<'p> {
    /// Records that tell the year, until there are enough.
    held: Vec<Node>,
    stated: Option<u16>,
    profile: Option<&'p Profile>,
    tables: Vec<(Layout, Within)>,
    /// Reading of one table, by its place among `tables`.
    begun: bool,
    any: bool,
    /// Paths that were told of, each once.
    unknown: BTreeSet<String>,
    stray: bool,
    known: BTreeSet<String>,
    states: Vec<Option<crate::check::Checks>>,
}

impl<'p> Trees<'p> {
    fn is_empty(&self) -> bool {
        !self.any
    }

    fn take(
        &mut self,
        file: &mut File<'_>,
        profile: Option<&'p Profile>,
        node: Node,
        said: &Said,
    ) -> Goes {
        self.any = true;
        if self.profile.is_none() {
            self.profile = profile;
            let path = profile.and_then(|profile| profile.years.as_ref()?.path.as_ref());
            self.stated = path.and_then(|path| said.get(path)?.parse().ok());
        }
        if self.begun {
            self.record(file, &node);
        } else {
            self.held.push(node);
            if self.held.len() >= TELL_THE_YEAR {
                self.begin(file);
            }
        }
        if file.summary.refused {
            Goes::Enough
        } else {
            Goes::On
        }
    }

    fn finish(&mut self, file: &mut File<'_>) {
        if !self.begun {
            self.begin(file);
        }
        for checks in self.states.drain(..).flatten() {
            file.met(checks);
        }
    }

    /// Chooses the year that the held records fit, and reads them.
    fn begin(&mut self, file: &mut File<'_>) {
        self.begun = true;
        let Some(profile) = self.profile else {
            return;
        };
        let years = profile.edition_years();
        let asked = file.asked.year;
        if asked
            .zip(years.first().copied())
            .is_some_and(|(asked, first)| asked < first)
        {
            file.find(Problem::UnknownYear.of_file());
            return;
        }
        let of = |year: u16| years.iter().rev().find(|from| **from <= year).copied();
        let stated = self.stated.and_then(of);
        let year = asked.and_then(of).unwrap_or_else(|| {
            let fits = |year: &u16| {
                let tables = profile.tables_of(*year);
                let misfits: usize = self.held.iter().map(|node| misfits(&tables, node)).sum();
                // Of years that fit as well as one another, the stated one, else the newest.
                (misfits, Some(*year) != stated, std::cmp::Reverse(*year))
            };
            years.iter().copied().min_by_key(fits).unwrap_or_default()
        });
        for table in profile.tables_of(year) {
            self.known.extend(
                table
                    .columns
                    .iter()
                    .filter_map(|column| column.path.as_deref())
                    .map(plain),
            );
            let within = Within::of(&table);
            let mut layout = Layout::in_order(table, year);
            layout.learn(profile);
            self.tables.push((layout, within));
        }
        self.states = self.tables.iter().map(|_| None).collect();
        file.summary.profile = Some(profile.name.clone());
        file.summary.year = (year > 0).then_some(year);
        if stated.is_some_and(|stated| stated != year) {
            file.find(Problem::YearDoesNotFit.of_file());
        }
        for node in std::mem::take(&mut self.held) {
            self.record(file, &node);
        }
    }

    fn record(&mut self, file: &mut File<'_>, node: &Node) {
        let number = file.begin();
        if has_stray_text(node) && !self.stray {
            self.stray = true;
            file.find(Problem::StrayText.at(number, None));
        }
        let open = self.profile.is_some_and(|profile| profile.open);
        for path in leaves(node).into_keys().filter(|_| !open) {
            if !self.known.contains(&path) && self.unknown.insert(path) {
                file.find(Problem::UnknownColumn.of_file());
            }
        }
        let mut became = Became::Accepted;
        for ((layout, within), state) in self.tables.iter().zip(&mut self.states) {
            let whole = within.is_record();
            if became != Became::Accepted && !whole {
                break;
            }
            let mut rows = Rows::new(layout, file.asked);
            if let Some(checks) = state.take() {
                rows.checks = checks;
            }
            within.each(node, &mut |row: &StringRecord| {
                let this = rows.row(file, number, row, whole);
                if whole {
                    became = this;
                }
            });
            *state = Some(rows.checks);
        }
        match became {
            Became::Accepted => file.summary.accepted += 1,
            Became::SetAside => {}
            Became::Others => file.of_others(),
        }
    }
}

/// How many values of a record fit no list, and how many stand where no column is.
fn misfits(tables: &[Table], node: &Node) -> usize {
    let mut count = 0;
    let mut known = BTreeSet::new();
    for table in tables {
        let within = Within::of(table);
        known.extend(
            table
                .columns
                .iter()
                .filter_map(|column| column.path.as_deref())
                .map(plain),
        );
        let layout = Layout::in_order(table.clone(), 0);
        within.each(node, &mut |row| count += layout.misfits(row));
    }
    count
        + leaves(node)
            .keys()
            .filter(|path| !known.contains(*path))
            .count()
}
