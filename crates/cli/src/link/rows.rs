//! The files that are linked: delimited text of any kind, or Parquet, row by row.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use clearpicture_engine::linking::parquet_rows;
use clearpicture_ingest::text_rows;
use clearpicture_linkage::columns::Cells;

use crate::outcome::Stop;

/// Takes what files hold.
pub(super) trait Taker {
    /// A file begins; its name is the stem of the file's.
    fn source(&mut self, name: &str, headings: &[String]) -> Result<(), Stop>;
    /// Some rows of it; whether more of this file are wanted.
    fn rows(&mut self, rows: &[impl Cells + Sync]) -> Result<ControlFlow<()>, Stop>;
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
            false => text(opened, &name, taker),
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

/// So many records are handed from the thread that reads to the one that takes, at once, and so many times ahead.
const BATCH: usize = 4_096;
const AHEAD: usize = 4;

/// One thread reads text, and this one takes what it read.
fn text(file: File, name: &str, taker: &mut impl Taker) -> io::Result<Option<Stop>> {
    thread::scope(|scope| {
        let (full, filled) = mpsc::sync_channel::<Vec<csv::StringRecord>>(AHEAD);
        let (used, empty) = mpsc::channel::<Vec<csv::StringRecord>>();
        let reading = scope.spawn(move || {
            let mut batch: Vec<csv::StringRecord> = Vec::new();
            let mut count = 0;
            let read = text_rows(file, &mut |record| {
                match batch.get_mut(count) {
                    Some(place) => std::mem::swap(place, record),
                    None => batch.push(std::mem::take(record)),
                }
                count += 1;
                if count == BATCH {
                    let next = empty.try_recv().unwrap_or_default();
                    let done = std::mem::replace(&mut batch, next);
                    count = 0;
                    // Nobody takes any more.
                    if full.send(done).is_err() {
                        return ControlFlow::Break(());
                    }
                }
                ControlFlow::Continue(())
            });
            batch.truncate(count);
            let _ = full.send(batch);
            read
        });
        let mut rows = TextRows {
            name,
            taker,
            width: None,
            row: 0,
        };
        let mut stop = None;
        for batch in filled {
            match rows.take(&batch) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => break,
                Err(why) => {
                    stop = Some(why);
                    break;
                }
            }
            // Whoever reads may have come to the end.
            let _ = used.send(batch);
        }
        let read = reading
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("reading ended midway")))?;
        if let Err(problem) = read {
            stop.get_or_insert(Stop::misuse(problem.message()));
        }
        Ok(stop)
    })
}

/// Records of text on their way to a taker: the headings first.
struct TextRows<'t, T> {
    name: &'t str,
    taker: &'t mut T,
    width: Option<usize>,
    row: u64,
}

/// A record of text as a row.
struct TextRow<'r>(&'r csv::StringRecord);

impl Cells for TextRow<'_> {
    fn cell(&self, place: usize) -> &str {
        self.0.get(place).unwrap_or_default()
    }
}

impl<T: Taker> TextRows<'_, T> {
    fn take(&mut self, mut records: &[csv::StringRecord]) -> Result<ControlFlow<()>, Stop> {
        let width = match (self.width, records) {
            (Some(width), _) => width,
            (None, [headings, rest @ ..]) => {
                let headings: Vec<String> =
                    headings.iter().map(|one| one.trim().to_owned()).collect();
                usable(&headings)?;
                self.taker.source(self.name, &headings)?;
                records = rest;
                *self.width.insert(headings.len())
            }
            (None, []) => return Ok(ControlFlow::Continue(())),
        };
        if let Some(place) = records.iter().position(|record| record.len() != width) {
            return Err(Stop::misuse(format!(
                "row {} after the headings has {} values, and the headings are {width}: is a value that holds the mark between values in quotation marks?",
                self.row + place as u64 + 1,
                records.get(place).map_or(0, csv::StringRecord::len)
            )));
        }
        self.row += records.len() as u64;
        let rows: Vec<TextRow<'_>> = records.iter().map(TextRow).collect();
        self.taker.rows(&rows)
    }
}
