//! The files that are linked: delimited text of any kind, or Parquet, row by row.

use std::fs::File;
use std::io::{self, Seek as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::slice;
use std::thread;

use clearpicture_engine::linking::parquet_rows;
use clearpicture_ingest::{TextEdges, TextRow, TextShare, text_rows};
use clearpicture_linkage::columns::{Cells, Portion};

use super::threads;
use crate::outcome::Stop;

/// Takes what files hold.
pub(super) trait Taker {
    /// A file begins; its name is the stem of the file's.
    fn source(&mut self, name: &str, headings: &[String]) -> Result<(), Stop>;
    /// Some rows of it; whether more of this file are wanted.
    fn rows(&mut self, rows: &[impl Cells + Sync]) -> Result<ControlFlow<()>, Stop>;
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
    };
    let shares = TextShare::of(&file, threads())?;
    if shares.len() > 1 {
        let headings = read_on(&file, |row| rows.take(row).map(|_| ControlFlow::Break(())))?;
        if headings.is_some() {
            return Ok(headings);
        }
        let portions = shares.iter().filter_map(|_| rows.taker.portion()).collect();
        if let Some(portions) = rows
            .width
            .and_then(|width| in_shares(path, &shares, portions, width))
        {
            let joined = portions
                .into_iter()
                .try_for_each(|portion| rows.taker.join(portion));
            return Ok(joined.err());
        }
        file.rewind()?;
    }
    let mut is_known = rows.width.is_some();
    read_on(&file, |row| match std::mem::take(&mut is_known) {
        true => Ok(ControlFlow::Continue(())),
        false => rows.take(row),
    })
}

/// Goes on through all of a text, until there is enough or something is wrong.
fn read_on(
    file: &File,
    mut take: impl FnMut(TextRow<'_>) -> Result<ControlFlow<()>, Stop>,
) -> io::Result<Option<Stop>> {
    let mut stop = None;
    let read = text_rows(file, TextShare::WHOLE, |row| {
        take(row).unwrap_or_else(|why| {
            stop = Some(why);
            ControlFlow::Break(())
        })
    })?;
    Ok(stop.or_else(|| read.err().map(|problem| Stop::misuse(problem.message()))))
}

/// Takes the rows of each share on a thread of its own; nothing when anything is wrong, or a share begins within a row.
/// Then all is read again row by row, which tells what and where.
fn in_shares(
    path: &Path,
    shares: &[TextShare],
    portions: Vec<Portion>,
    width: usize,
) -> Option<Vec<Portion>> {
    let take = |share: TextShare, mut portion: Portion| {
        let mut is_heading = share.is_first();
        let mut is_right = true;
        let read = text_rows(open(path).ok()?, share, |row| {
            if std::mem::take(&mut is_heading) {
                return ControlFlow::Continue(());
            }
            is_right = row.width() == width && portion.record(&Row(row)).is_ok();
            match is_right {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        });
        let edges = read.ok()?.ok()?;
        is_right.then_some((portion, edges))
    };
    if portions.len() < shares.len() {
        return None;
    }
    let taken: Option<Vec<(Portion, TextEdges)>> = thread::scope(|scope| {
        let take = &take;
        let running: Vec<_> = shares
            .iter()
            .zip(portions)
            .map(|(share, portion)| scope.spawn(move || take(*share, portion)))
            .collect();
        let joined = running.into_iter().map(thread::ScopedJoinHandle::join);
        joined.map(|done| done.ok().flatten()).collect()
    });
    let (portions, edges): (Vec<Portion>, Vec<TextEdges>) = taken?.into_iter().unzip();
    TextEdges::fit(&edges).then_some(portions)
}

/// Records of text on their way to a taker: the headings first.
struct Rows<'t, T> {
    name: &'t str,
    taker: &'t mut T,
    width: Option<usize>,
    row: u64,
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
        self.row += 1;
        if row.width() != width {
            return Err(Stop::misuse(format!(
                "row {} after the headings has {} values, and the headings are {width}: is a value that holds the mark between values in quotation marks?",
                self.row,
                row.width()
            )));
        }
        self.taker.rows(slice::from_ref(&Row(row)))
    }
}
