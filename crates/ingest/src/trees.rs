//! Records of elements within elements: XML, and FHIR resources.
//!
//! A record may hold the rows of one source with several tables, as in the children in need census, or of several sources
//! with one each, as the department's own form of the looked-after children return does: then each is read by itself.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::rc::Rc;

use csv::StringRecord;

use crate::layout::Layout;
use crate::problem::Problem;
use crate::profile::{Format, Profile, Table};
use crate::read::{Became, File, Rows};
use crate::reader::choose::choose;
use crate::reader::delimited::Marks;
use crate::reader::encoding::encoding;
use crate::reader::text::{Seen, Text};
use crate::reader::tree::{Known, Node, Rows as Within, has_stray_text, leaves, plain};
use crate::reader::xml::{Goes, Said};
use crate::reader::{json, xml as xml_reader};

/// How many records tell the year.
const TELL_THE_YEAR: usize = 50;
/// The most kinds of part that are named.
const MOST_KINDS: usize = 20;

/// Reads XML.
pub(crate) fn xml(file: &mut File<'_>, sample: &[u8], rest: impl Read) -> io::Result<()> {
    let Some(text) = decoded(file, sample, rest) else {
        return Ok(());
    };
    let all: Vec<&Profile> = file
        .profiles
        .iter()
        .filter(|profile| profile.is_read_from_xml())
        .collect();
    let only = file.asked.profile;
    let usable: Vec<&Profile> = all
        .iter()
        .copied()
        .filter(|profile| only.is_none_or(|name| *name == profile.name))
        .collect();
    let paths: BTreeSet<&str> = usable.iter().filter_map(|one| one.record()).collect();
    let paths: Vec<String> = paths.into_iter().map(str::to_owned).collect();
    let mut trees = Trees::default();
    let done = xml_reader::each(text, &paths, &mut |path, node, said| {
        if trees.profile.is_none() {
            let of_path = all.iter().copied().filter(|one| one.record() == Some(path));
            trees.choose_profile(file, &of_path.collect::<Vec<_>>(), &node, said);
        }
        trees.take(file, node)
    });
    trees.finish(file);
    let refused = match done {
        Ok(said) => match trees.profile {
            None => without_record(file, &usable, &said),
            // What it says of itself may stand below its records.
            Some(profile) if !file.summary.refused && profile.is_contradicted_by(&said) => {
                file.find(Problem::OtherReturn.of_file());
                None
            }
            Some(_) => None,
        },
        Err(problem) => Some(problem),
    };
    file_is(file, refused);
    Ok(())
}

/// What to say of a file without a record: it is a source's all the same where that is said, or what its records would
/// stand within is there.
fn without_record(file: &mut File<'_>, usable: &[&Profile], said: &Said) -> Option<Problem> {
    let root = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    let roots: BTreeSet<String> = said.keys().map(|path| root(path)).collect();
    let of_root = usable.iter().filter(|one| {
        one.record()
            .is_some_and(|record| roots.contains(&root(record)))
    });
    let of_root: Vec<&&Profile> = of_root.collect();
    let holds = |one: &&&&Profile| {
        let holder = one.record().and_then(|record| record.rsplit_once('/'));
        holder.is_some_and(|(holder, _)| said.contains_key(holder)) && !one.is_contradicted_by(said)
    };
    if let Some(profile) = of_root.iter().find(holds) {
        file.summary.profile = Some(profile.name.clone());
        return None;
    }
    let contradicted = of_root.iter().any(|one| one.is_contradicted_by(said));
    Some(if contradicted {
        Problem::OtherReturn
    } else {
        Problem::Unrecognised
    })
}

/// Reads FHIR resources.
pub(crate) fn json(file: &mut File<'_>, sample: &[u8], rest: impl Read) -> io::Result<()> {
    let Some(text) = decoded(file, sample, rest) else {
        return Ok(());
    };
    let only = file.asked.profile;
    let known: Vec<&Profile> = file
        .profiles
        .iter()
        .filter(|one| one.format == Format::Fhir && only.is_none_or(|name| *name == one.name))
        .collect();
    let mut trees = Trees::default();
    let mut others = BTreeSet::new();
    let done = json::each(text, &mut |node| {
        let kind = node
            .children
            .iter()
            .find(|child| child.name == "resourceType");
        let kind = kind.map_or("", |kind| kind.text.as_str());
        let of_kind = |profile: &&Profile| profile.record() == Some(kind);
        match known.iter().copied().find(of_kind) {
            Some(profile) => {
                if trees.profile.is_none() {
                    trees.choose_profile(file, &[profile], &node, &Said::new());
                }
                trees.take(file, node)
            }
            None => {
                if others.len() < MOST_KINDS {
                    others.insert(kind.to_owned());
                }
                Goes::On
            }
        }
    });
    trees.finish(file);
    let refused = match done {
        Ok(()) if trees.profile.is_none() => Some(Problem::Unrecognised),
        Ok(()) => None,
        Err(problem) => Some(problem),
    };
    if refused.is_none() {
        for kind in others {
            file.find(match kind.as_str() {
                "" => Problem::UnknownSheet.of_file(),
                kind => Problem::UnknownSheet.of_sheet(kind),
            });
        }
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
        is_padded: false,
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

/// The records of one file.
#[derive(Default)]
struct Trees<'p> {
    /// Records that tell the year, until there are enough.
    held: Vec<Node>,
    stated: Option<u16>,
    profile: Option<&'p Profile>,
    /// Other sources whose rows may stand in the same records, until they are met.
    beside: Vec<(&'p Profile, Vec<Within>)>,
    /// Whether what is of no source is told of here: once, however many sources a file holds.
    tells: bool,
    tables: Vec<(Layout, Within)>,
    /// Reading of one table, by its place among `tables`.
    begun: bool,
    /// Paths that were told of, each once.
    unknown: BTreeSet<String>,
    stray: bool,
    known: Known,
    states: Vec<Option<crate::check::Checks>>,
}

impl<'p> Trees<'p> {
    /// Chooses of the profiles `of` one kind of record the one that it is read by: the one that is asked for, or the first
    /// of which it holds rows.
    fn choose_profile(
        &mut self,
        file: &mut File<'_>,
        of: &[&'p Profile],
        node: &Node,
        said: &Said,
    ) {
        let has_rows = |one: &&&Profile| newest(one).iter().any(|within| within.any(node));
        let first = match of {
            [one] => Some(*one),
            several => several.iter().find(has_rows).or(several.first()).copied(),
        };
        let asked = of
            .iter()
            .copied()
            .find(|one| Some(&one.name) == file.asked.profile);
        let Some(profile) = asked.or(first) else {
            return;
        };
        self.profile = Some(profile);
        self.tells = first.is_some_and(|first| first.name == profile.name);
        let path = profile.years.as_ref().and_then(|years| years.path.as_ref());
        self.stated = path.and_then(|path| said.get(path)?.parse().ok());
        if profile.is_contradicted_by(said) {
            file.find(Problem::OtherReturn.of_file());
            return;
        }
        if profile.format == Format::Table {
            let of = of.iter().copied();
            for one in of.filter(|one| one.format == Format::Table) {
                for year in one.edition_years() {
                    one.tables_of(year)
                        .iter()
                        .for_each(|table| self.known.add(table));
                }
                if one.name != profile.name {
                    self.beside.push((one, newest(one)));
                }
            }
        }
    }

    fn take(&mut self, file: &mut File<'_>, node: Node) -> Goes {
        if file.summary.refused {
            return Goes::Enough;
        }
        if self.begun {
            self.record(file, node);
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
        if !self.begun && !file.summary.refused {
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
        let tables = profile.tables_of(year);
        let owned = owned(&tables);
        for table in tables {
            self.known.add(&table);
            let within = Within::of(&table);
            let mut layout = Layout::in_order(table, year);
            layout.learn(profile);
            layout.borrow(&owned);
            self.tables.push((layout, within));
        }
        self.states = self.tables.iter().map(|_| None).collect();
        file.summary.profile = Some(profile.name.clone());
        file.summary.year = (year > 0).then_some(year);
        if stated.is_some_and(|stated| stated != year) {
            file.find(Problem::YearDoesNotFit.of_file());
        }
        for node in std::mem::take(&mut self.held) {
            self.record(file, node);
        }
    }

    fn record(&mut self, file: &mut File<'_>, mut node: Node) {
        let Some(profile) = self.profile else {
            return;
        };
        self.beside.retain(|(other, tables)| {
            let met = tables.iter().any(|within| within.any(&node));
            if met {
                file.has_also(other.name.clone());
            }
            !met
        });
        let number = file.summary.rows + file.summary.others + 1;
        if self.tells && !self.stray && has_stray_text(&node) {
            self.stray = true;
            file.find(Problem::StrayText.at(number, None));
        }
        let passes = profile.open || !self.tells;
        for path in leaves(&node).into_keys().filter(|_| !passes) {
            if !self.known.has(&path) && self.unknown.insert(path) {
                file.find(Problem::UnknownColumn.of_file());
            }
        }
        for rule in &profile.choose {
            if let Some(problem) = choose(&mut node, rule, file.asked.today) {
                let column = self
                    .tables
                    .first()
                    .and_then(|(one, _)| one.first_of(&rule.of));
                file.find(problem.at(number, column));
            }
        }
        if profile.format == Format::Table {
            self.rows(file, &node);
        } else {
            self.whole(file, &node);
        }
    }

    /// Reads the rows of a record each as one of the file's own.
    fn rows(&mut self, file: &mut File<'_>, node: &Node) {
        for ((layout, within), state) in self.tables.iter().zip(&mut self.states) {
            let mut rows = Rows::new(layout, file.asked);
            if let Some(checks) = state.take() {
                rows.checks = checks;
            }
            within.each(node, &mut |row: &StringRecord| {
                let number = file.begin();
                match rows.row(file, number, row, true) {
                    Became::Accepted => file.summary.accepted += 1,
                    Became::SetAside => {}
                    Became::Others => file.of_others(),
                }
            });
            *state = Some(rows.checks);
        }
    }

    /// Reads the rows of a record as parts of one.
    fn whole(&mut self, file: &mut File<'_>, node: &Node) {
        let number = file.begin();
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

/// The ways to the rows of a profile's newest tables.
fn newest(profile: &Profile) -> Vec<Within> {
    let year = profile.edition_years().last().copied().unwrap_or_default();
    profile.tables_of(year).iter().map(Within::of).collect()
}

/// The paths that tables read where their own rows are: another table that reads one as well borrows it.
fn owned(tables: &[Table]) -> BTreeSet<String> {
    let columns = tables
        .iter()
        .flat_map(|table| table.columns.iter().map(move |column| (table, column)));
    columns
        .filter_map(|(table, column)| {
            let path = plain(column.path.as_deref()?);
            table.is_within(&path).then_some(path)
        })
        .collect()
}

/// How many values of a record fit no list, and how many stand where no column is.
fn misfits(tables: &[Table], node: &Node) -> usize {
    let known = Known::of(tables);
    let mut count = 0;
    for table in tables {
        let within = Within::of(table);
        let layout = Layout::in_order(table.clone(), 0);
        within.each(node, &mut |row| count += layout.misfits(row));
    }
    count + leaves(node).keys().filter(|path| !known.has(path)).count()
}
