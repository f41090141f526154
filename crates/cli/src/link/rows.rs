//! The files that are linked: delimited text of any kind, or Parquet, row by row.

use std::fs::File;
use std::io::{self, Seek as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::slice;
use std::thread;

use clearpicture_engine::linking::parquet_rows;
use clearpicture_ingest::{TextEdges, TextRow, TextRowIs, TextShare, text_rows};
use clearpicture_linkage::columns::{Cells, Portion};

use super::threads;
use crate::outcome::Stop;
use crate::say;

/// Takes what files hold.
pub(super) trait Taker {
    /// A file begins; its name is the stem of the file's.
    fn source(&mut self, name: &str, headings: &[String]) -> Result<(), Stop>;
    /// Some rows of it; whether more of this file are wanted.
    fn rows(&mut self, rows: &[impl Cells + Sync]) -> Result<ControlFlow<()>, Stop>;
    /// Whether it hears of damage to a text: whoever goes through the files once more tells of it then.
    fn is_told(&self) -> bool {
        true
    }
    /// What takes some of its rows apart from the others, on a thread of its own, if any does.
    fn portion(&self) -> Option<Portion> {
        None
    }
    /// Adds what was taken apart, in the order of the rows.
    fn join(&mut self, _: Portion) -> Result<(), Stop> {
        Ok(())
    }
}

/// No list of people has so many columns.
const MOST_COLUMNS: usize = 1_000;

/// Whether headings can be told apart; those that are empty are nobody's.
fn usable(headings: &[String]) -> Result<(), Stop> {
    if headings.len() > MOST_COLUMNS {
        return Err(Stop::misuse(format!(
            "it has {} columns, and {MOST_COLUMNS} are the most: leave out those that do not tell who somebody is",
            headings.len()
        )));
    }
    for (place, heading) in headings
        .iter()
        .enumerate()
        .filter(|(_, one)| !one.is_empty())
    {
        if headings.iter().take(place).any(|other| other == heading) {
            return Err(Stop::misuse(format!(
                "two columns are called `{heading}`: give one another name"
            )));
        }
    }
    Ok(())
}

/// Goes through files, one after the other.
pub(super) fn read(files: &[impl AsRef<Path>], taker: &mut impl Taker) -> Result<(), Stop> {
    for file in files {
        let file = file.as_ref();
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let unreadable = |error: io::Error| {
            Stop::misuse(format!("`{}` cannot be read: {error}", file.display()))
        };
        let opened = open(file).map_err(unreadable)?;
        let is_parquet = file
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"));
        let unreadable = |error: io::Error| match is_parquet {
            true => Stop::misuse(format!(
                "`{}` cannot be read as Parquet ({error}): name delimited text .csv, and leave out columns that hold lists or structures",
                file.display()
            )),
            false => unreadable(error),
        };
        let found = match is_parquet {
            true => parquet(opened, &name, taker),
            false => text(file, opened, &name, taker),
        };
        let stop = found.map_err(unreadable)?;
        if let Some(stop) = stop {
            return Err(match stop {
                Stop::Misuse(error) => Stop::Misuse(error.context(format!("`{}`", file.display()))),
                fault @ Stop::Fault(_) => fault,
            });
        }
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: nothing is served meanwhile"
)]
fn open(file: &Path) -> io::Result<File> {
    File::open(file)
}

fn parquet(file: File, name: &str, taker: &mut impl Taker) -> io::Result<Option<Stop>> {
    // Both parts of the reading have the taker, one after the other.
    let taker = std::cell::RefCell::new((taker, None));
    parquet_rows(
        file,
        &mut |headings| {
            let (taker, stop) = &mut *taker.borrow_mut();
            match usable(headings).and_then(|()| taker.source(name, headings)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(why) => {
                    *stop = Some(why);
                    ControlFlow::Break(())
                }
            }
        },
        &mut |rows| {
            let (taker, stop) = &mut *taker.borrow_mut();
            taker.rows(rows).unwrap_or_else(|why| {
                *stop = Some(why);
                ControlFlow::Break(())
            })
        },
    )?;
    Ok(taker.into_inner().1)
}

/// A record of text as a row.
struct Row<'r>(TextRow<'r>);

impl Cells for Row<'_> {
    fn cell(&self, place: usize) -> &str {
        self.0.cell(place)
    }
}

/// Reads text: the headings first, and then the rows, on all threads where taker and text allow it.
fn text(
    path: &Path,
    mut file: File,
    name: &str,
    taker: &mut impl Taker,
) -> io::Result<Option<Stop>> {
    let mut rows = Rows {
        name,
        taker,
        width: None,
        row: 0,
        ends_early: false,
    };
    let shares = TextShare::of(&file, threads())?;
    if shares.len() > 1 {
        let take = |row: TextRow<'_>| rows.take(row).map(|_| ControlFlow::Break(()));
        if let (Some(stop), _) = read_whole(&file, take)? {
            return Ok(Some(stop));
        }
        let portions = shares.iter().filter_map(|_| rows.taker.portion()).collect();
        if let Some((portions, ends_early)) = rows
            .width
            .and_then(|width| in_shares(path, &shares, portions, width))
        {
            tell(name, ends_early.then_some(ENDS_EARLY));
            let joined = portions
                .into_iter()
                .try_for_each(|portion| rows.taker.join(portion));
            return Ok(joined.err());
        }
        file.rewind()?;
    }
    let mut is_known = rows.width.is_some();
    let is_told = rows.taker.is_told();
    let (stop, edges) = read_whole(&file, |row| match std::mem::take(&mut is_known) {
        true => Ok(ControlFlow::Continue(())),
        false => rows.take(row),
    })?;
    if stop.is_none() && is_told {
        tell(name, rows.ends_early.then_some(ENDS_EARLY));
        tell(name, edges.is_damaged().then_some(DAMAGED));
    }
    Ok(stop)
}

/// Some signs of a file are none in its encoding.
const DAMAGED: &str = "has characters that are not UTF-8, as most of it is: they are lost, and names that hold them agree less. Save it as CSV in UTF-8";
/// Some rows have no values for the last headings.
const ENDS_EARLY: &str = "has rows with fewer values than there are headings: what is missing at their end is read as empty. Was a row broken in two?";

/// Says what is odd about a file, if anything is.
fn tell(name: &str, what: Option<&str>) {
    if let Some(what) = what {
        say::message(&format!("`{name}` {what}"));
    }
}

/// Goes on through all of a text, until there is enough or something is wrong.
fn read_whole(
    file: &File,
    mut take: impl FnMut(TextRow<'_>) -> Result<ControlFlow<()>, Stop>,
) -> io::Result<(Option<Stop>, TextEdges)> {
    let mut stop = None;
    let read = text_rows(file, TextShare::WHOLE, |row| {
        take(row).unwrap_or_else(|why| {
            stop = Some(why);
            ControlFlow::Break(())
        })
    })?;
    let edges = read.unwrap_or_default();
    let stop = stop.or_else(|| read.err().map(|problem| Stop::misuse(problem.message())));
    Ok((stop, edges))
}

/// Takes the rows of each share on a thread of its own, and tells whether some end early; nothing when anything is wrong, or a share begins within a row.
/// Then all is read again row by row, which tells what and where.
fn in_shares(
    path: &Path,
    shares: &[TextShare],
    portions: Vec<Portion>,
    width: usize,
) -> Option<(Vec<Portion>, bool)> {
    let take = |share: TextShare, mut portion: Portion| {
        let mut is_heading = share.is_first();
        let (mut is_right, mut ends_early) = (true, false);
        let read = text_rows(open(path).ok()?, share, |row| {
            if std::mem::take(&mut is_heading) {
                return ControlFlow::Continue(());
            }
            let is = row.under(width);
            ends_early |= is == TextRowIs::EndsEarly;
            is_right = match is {
                TextRowIs::Row | TextRowIs::EndsEarly => portion.record(&Row(row)).is_ok(),
                TextRowIs::None => true,
                TextRowIs::Misfit => false,
            };
            match is_right {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        });
        let edges = read.ok()?.ok()?;
        is_right.then_some((portion, (edges, ends_early)))
    };
    if portions.len() < shares.len() {
        return None;
    }
    let taken: Option<Vec<(Portion, (TextEdges, bool))>> = thread::scope(|scope| {
        let take = &take;
        let running: Vec<_> = shares
            .iter()
            .zip(portions)
            .map(|(share, portion)| scope.spawn(move || take(*share, portion)))
            .collect();
        let joined = running.into_iter().map(thread::ScopedJoinHandle::join);
        joined.map(|done| done.ok().flatten()).collect()
    });
    let (portions, of_text): (Vec<Portion>, Vec<(TextEdges, bool)>) = taken?.into_iter().unzip();
    let (edges, early): (Vec<TextEdges>, Vec<bool>) = of_text.into_iter().unzip();
    TextEdges::fit(&edges).then(|| (portions, early.contains(&true)))
}

/// Records of text on their way to a taker: the headings first.
struct Rows<'t, T> {
    name: &'t str,
    taker: &'t mut T,
    width: Option<usize>,
    row: u64,
    ends_early: bool,
}

impl<T: Taker> Rows<'_, T> {
    fn take(&mut self, row: TextRow<'_>) -> Result<ControlFlow<()>, Stop> {
        let Some(width) = self.width else {
            let cells = (0..row.width()).map(|place| row.cell(place));
            let headings: Vec<String> = cells.map(|one| one.trim().to_owned()).collect();
            usable(&headings)?;
            self.taker.source(self.name, &headings)?;
            self.width = Some(headings.len());
            return Ok(ControlFlow::Continue(()));
        };
        let is = row.under(width);
        if is == TextRowIs::None {
            return Ok(ControlFlow::Continue(()));
        }
        self.row += 1;
        self.ends_early |= is == TextRowIs::EndsEarly;
        if is == TextRowIs::Misfit {
            return Err(Stop::misuse(format!(
                "row {} after the headings has {} values, and the headings are {width}: is a value that holds the mark between values in quotation marks?",
                self.row,
                row.width()
            )));
        }
        self.taker.rows(slice::from_ref(&Row(row)))
    }
}
