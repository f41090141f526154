//! The files that are linked: delimited text of any kind, or Parquet, row by row.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use clearpicture_engine::linking::parquet_rows;
use clearpicture_ingest::text_rows;

use crate::outcome::Stop;

/// Takes what files hold.
pub(super) trait Taker {
    /// A file begins; its name is the stem of the file's.
    fn source(&mut self, name: &str, headings: &[String]) -> Result<(), Stop>;
    /// A row of it, by what it has under each heading; whether more of this file is wanted.
    fn row<'r>(&mut self, cell: impl Fn(usize) -> &'r str) -> Result<ControlFlow<()>, Stop>;
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
            match taker.source(name, headings) {
                Ok(()) => ControlFlow::Continue(()),
                Err(why) => {
                    *stop = Some(why);
                    ControlFlow::Break(())
                }
            }
        },
        &mut |cell| {
            let (taker, stop) = &mut *taker.borrow_mut();
            taker.row(cell).unwrap_or_else(|why| {
                *stop = Some(why);
                ControlFlow::Break(())
            })
        },
    )?;
    Ok(taker.into_inner().1)
}

fn text(file: File, name: &str, taker: &mut impl Taker) -> io::Result<Option<Stop>> {
    let mut width = None;
    let mut stop = None;
    let mut row = 0_u64;
    let mut each = |record: &csv::StringRecord| -> Result<ControlFlow<()>, Stop> {
        let Some(width) = width else {
            let headings: Vec<String> = record.iter().map(|one| one.trim().to_owned()).collect();
            taker.source(name, &headings)?;
            width = Some(headings.len());
            return Ok(ControlFlow::Continue(()));
        };
        row += 1;
        if record.len() != width {
            return Err(Stop::misuse(format!(
                "row {row} has {} values, and there are {width} headings",
                record.len()
            )));
        }
        taker.row(|place| record.get(place).unwrap_or_default())
    };
    let read = text_rows(file, &mut |record| {
        each(record).unwrap_or_else(|why| {
            stop = Some(why);
            ControlFlow::Break(())
        })
    })?;
    if let Err(problem) = read {
        stop.get_or_insert(Stop::misuse(problem.message()));
    }
    Ok(stop)
}
