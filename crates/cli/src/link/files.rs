//! `link files`: tables linked by a model, without a database.

use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clearpicture_engine::linking::{Form, write_clusters, write_pairs};
use clearpicture_linkage::columns::{
    Asides, Builder, Cells, Judged, Linking, Plan, Portion, Table, Unlinked, judge, lacks_apart,
    link,
};
use serde::Serialize;

use super::memory::{self, Memory};
use super::page;
use super::rows::{Taker, read};
use super::{threads, too_many, unusable};
use crate::outcome::Stop;
use crate::say;

/// The file of figures.
const METRICS: &str = "metrics.json";
/// The files of persons and of pairs, without their endings.
const CLUSTERS: &str = "clusters";
const PAIRS: &str = "pairs";
/// A person of more records than this is doubtful: few files tell of one person so often.
const MANY_RECORDS: usize = 20;
/// Nobody needs to be told of what takes less, in seconds.
const PATIENCE: f64 = 2.0;

/// What is asked.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) model: &'a Path,
    pub(crate) truth: Option<&'a str>,
    pub(crate) by: &'a [String],
    /// In megabytes.
    pub(crate) memory: Option<u64>,
    /// Whether delimited text is written as well.
    pub(crate) csv: bool,
    pub(crate) out: &'a Path,
    pub(crate) files: &'a [PathBuf],
}

impl Taker for Builder<'_> {
    fn source(&mut self, name: &str, headings: &[String]) -> Result<(), Stop> {
        self.source(name, headings).map_err(unusable)
    }

    fn rows(&mut self, rows: &[impl Cells + Sync]) -> Result<ControlFlow<()>, Stop> {
        self.records(rows, threads()).map_err(unusable)?;
        Ok(ControlFlow::Continue(()))
    }

    fn portion(&self) -> Option<Portion> {
        Some(self.portion())
    }

    fn join(&mut self, portion: Portion) -> Result<(), Stop> {
        self.join(portion).map_err(unusable)
    }
}

/// What `metrics.json` tells. Quality is only told where the truth is known.
#[derive(Debug, Serialize)]
pub(super) struct Metrics {
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
    f1_best: Option<f64>,
    precision_persons: Option<f64>,
    recall_persons: Option<f64>,
    f1_persons: Option<f64>,
    blocking_recall: Option<f64>,
    seconds: f64,
    seconds_reading: f64,
    seconds_linking: f64,
    seconds_writing: f64,
    peak_mb: Option<f64>,
    spilled_mb: f64,
    records: u32,
    persons: usize,
    pairs_compared: u64,
    model: String,
}

/// The command.
pub(super) fn run(asked: &Asked<'_>) -> Result<(), Stop> {
    let began = Instant::now();
    let plan = plan(asked.model)?;
    distinct_names(asked.files)?;
    ready_folder(asked.out)?;
    let memory = Memory::of(asked.memory);
    let asides = Asides {
        truth: asked.truth,
        groups: asked.by,
    };
    let mut builder = Builder::new(&plan, asides);
    read(asked.files, &mut builder)?;
    let table = builder.finish(threads()).map_err(unusable)?;
    if table.is_empty() {
        say::message("the files have headings and no rows: there is nothing to link");
    }
    remark(&table, &plan);
    let read_after = came_to("records read", began);
    let room = memory.room(&table, &plan, asked.out)?;
    let linking = link(&table, &plan, threads(), room).map_err(|error| match error {
        Unlinked::TooManyPairs(error) => too_many(error),
        Unlinked::Scratch(error) => Stop::fault(format!(
            "{error}: make room on the disk of `{}`, or allow more `--memory`",
            asked.out.display()
        )),
    })?;
    if linking.spilled() > 0 {
        say::message(&format!(
            "not all pairs fit into memory: {:.0} MB of them are in a file in `{}` till this ends; with more `--memory` it is faster",
            memory::megabytes(linking.spilled()).ceil(),
            asked.out.display()
        ));
    }
    let linked_after = came_to("linked", began);
    let large = linking.persons.larger_than(MANY_RECORDS);
    if large > 0 {
        let persons = match large {
            1 => "1 person has".to_owned(),
            many => format!("{many} persons have each"),
        };
        say::message(&format!(
            "{persons} more than {MANY_RECORDS} records: unless the files tell of one person so often, what many share may have been taken for one person. Look at these first"
        ));
    }
    // The figures are written last: where they stand, everything beside them is of one run.
    let named = |file: &str| format!("{file}.{}", Form::Csv.ending());
    let mut earlier = [METRICS.to_owned(), named(CLUSTERS), named(PAIRS)].into_iter();
    earlier
        .try_for_each(|name| removed(&asked.out.join(name)))
        .and_then(|()| write(asked, &table, &linking))
        .map_err(|error| {
            Stop::fault(format!(
                "`{}` cannot be written: {error}",
                asked.out.display()
            ))
        })?;
    let seconds = came_to("written", began);
    let phases = [
        read_after,
        linked_after - read_after,
        seconds - linked_after,
    ];
    let judged = judge(&linking, threads())?;
    let metrics = metrics(&table, &linking, judged.as_ref(), (seconds, phases));
    let page = page::made(&table, &linking, judged.as_ref()).map_err(Stop::fault)?;
    write_file(&asked.out.join("report.html"), &page)?;
    let text = serde_json::to_string_pretty(&metrics).map_err(io::Error::other)?;
    write_file(&asked.out.join(METRICS), &text)?;
    say::answer(&text)
}

/// Says what is doubtful before anything is linked.
fn remark(table: &Table, plan: &Plan) {
    let sources = table.sources().iter();
    for source in sources.filter(|source| !source.without.is_empty()) {
        say::message(&format!(
            "`{}` has no column for {:?}: its records tell none, and are linked by the others",
            source.name, source.without
        ));
    }
    if let Some(doubt) = lacks_apart(table, plan) {
        say::message(&doubt);
    }
}

/// How many seconds it took so far, which is said to whoever waits.
fn came_to(what: &str, began: Instant) -> f64 {
    let seconds = began.elapsed().as_secs_f64();
    if seconds > PATIENCE {
        say::message(&format!("{what} after {seconds:.1} s"));
    }
    seconds
}

fn metrics(
    table: &Table,
    linking: &Linking<'_>,
    judged: Option<&Judged>,
    (seconds, [reading, linking_took, writing]): (f64, [f64; 3]),
) -> Metrics {
    let of = |figure: fn(&Judged) -> f64| judged.map(figure);
    Metrics {
        precision: of(|judged| judged.at_threshold.precision()),
        recall: of(|judged| judged.at_threshold.recall()),
        f1: of(|judged| judged.at_threshold.f1()),
        f1_best: of(Judged::best),
        precision_persons: of(|judged| judged.persons.precision()),
        recall_persons: of(|judged| judged.persons.recall()),
        f1_persons: of(|judged| judged.persons.f1()),
        blocking_recall: judged.and_then(|judged| judged.blocking_recall),
        seconds,
        seconds_reading: reading,
        seconds_linking: linking_took,
        seconds_writing: writing,
        peak_mb: memory::peak(),
        spilled_mb: memory::megabytes(linking.spilled()),
        records: table.len(),
        persons: linking.persons.count(),
        pairs_compared: linking.compared,
        model: linking.plan.version.clone(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: nothing is served meanwhile"
)]
fn plan(file: &Path) -> Result<Plan, Stop> {
    let text = fs::read_to_string(file)
        .map_err(|error| Stop::misuse(format!("`{}` cannot be read: {error}", file.display())))?;
    Plan::read(&text).map_err(|error| Stop::misuse(format!("`{}`: {error}", file.display())))
}

/// Sources are called as their files are, so no two may have one name.
fn distinct_names(files: &[PathBuf]) -> Result<(), Stop> {
    for (place, file) in files.iter().enumerate() {
        let twin = files
            .iter()
            .take(place)
            .find(|one| one.file_stem() == file.file_stem());
        if let Some(twin) = twin {
            return Err(Stop::misuse(format!(
                "`{}` and `{}` would both be called `{}` in the results: give one another name",
                twin.display(),
                file.display(),
                file.file_stem().unwrap_or_default().display()
            )));
        }
    }
    Ok(())
}

fn ready_folder(folder: &Path) -> Result<(), Stop> {
    fs::create_dir_all(folder).map_err(|error| {
        Stop::misuse(format!(
            "the folder `{}` cannot be written ({error}): name one that is not there yet, or may be written to",
            folder.display()
        ))
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: nothing is served meanwhile"
)]
fn write_file(file: &Path, text: &str) -> io::Result<()> {
    fs::write(file, text)
}

#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: nothing is served meanwhile"
)]
fn created(asked: &Asked<'_>, name: &str) -> io::Result<File> {
    File::create(asked.out.join(name))
}

fn removed(file: &Path) -> io::Result<()> {
    fs::remove_file(file).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })
}

fn write(asked: &Asked<'_>, table: &Table, linking: &Linking<'_>) -> io::Result<()> {
    let forms = [Some(Form::Parquet), asked.csv.then_some(Form::Csv)];
    for form in forms.into_iter().flatten() {
        let created = |name: &str| created(asked, &format!("{name}.{}", form.ending()));
        let persons = &linking.persons.of;
        write_clusters(created(CLUSTERS)?, form, table, persons, threads())?;
        write_pairs(created(PAIRS)?, form, table, linking, threads())?;
    }
    Ok(())
}
