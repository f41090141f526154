//! The program `clearpicture`: one file that a partnership copies to its server.
//!
//! For whoever runs a deployment, and for its jobs at night. Each command reads
//! the settings, opens the installation, does one thing and says in a sentence
//! what came of it: answers for machines on standard output, messages on
//! standard error, and an exit code (0 done, 1 a fault or a failed check,
//! 2 wrong use or unreadable input).
//!
//! What it never does: act without a permit (it is a caller like any other, with
//! policies of its own), print a record about a person, or list a command that
//! does not work yet.

mod analysis;
mod arguments;
mod begin;
mod connections;
mod demo;
mod doctor;
mod ingest;
mod installation;
mod link;
mod log;
mod making;
mod measure;
mod metrics;
mod outcome;
mod paced;
mod practice;
mod report;
mod say;
mod serve;
mod settings;
mod shutdown;
mod synth;
mod tokens;
mod upkeep;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command, HistoryCommand, MeasureCommand, ReportCommand, TokenCommand};
use outcome::Stop;
use settings::Settings;

/// Taking a file in asks for memory some fifty times a row, on several threads at once.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing can be done when even this cannot be printed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            say::message(&format!("clearpicture: {}", stop.words()));
            stop.code()
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Stop> {
    // Whatever is written, wherever it is written: for this user alone.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let Arguments { place, command } = arguments;
    let read = Settings::read(&place);
    if let Command::Doctor { processing: false } = command {
        return runtime()?.block_on(doctor::examine(read));
    }
    let settings = read?;
    log::start(&settings);
    if matches!(command, Command::Serve { .. } | Command::Demo(_)) {
        stay_small();
    }
    runtime()?.block_on(obey(settings, command))
}

/// Has memory given in small pages. A command that works through a million rows is faster by large ones, and gives all of them
/// back; a server that waits would keep two megabytes for every few bytes.
fn stay_small() {
    // A system that cannot do that gives small ones anyway.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

fn runtime() -> Result<tokio::runtime::Runtime, Stop> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

async fn obey(settings: Settings, command: Command) -> Result<(), Stop> {
    match command {
        Command::Begin(first) => begin::run(&settings, first).await,
        Command::Demo(demo) => Box::pin(demo::run(settings, demo)).await,
        Command::Serve { listen } => serve::run(settings.listening(listen)).await,
        Command::Token(TokenCommand::Add {
            agency,
            scope,
            label,
        }) => tokens::add(&settings, &agency, &scope, label.as_deref()).await,
        Command::History(HistoryCommand::Verify { against }) => {
            upkeep::verify(&settings, against.as_deref()).await
        }
        Command::Ingest(what) => Box::pin(ingest::run(&settings, what)).await,
        Command::Synth {
            children,
            seed,
            out,
        } => synth::run(children, seed, &out),
        Command::Link(what) => link::run(&settings, what).await,
        Command::Analysis(what) => analysis::run(&settings, what).await,
        Command::Measure(MeasureCommand::Check) => measure::check(&settings).await,
        Command::Measure(MeasureCommand::Run {
            names,
            month,
            as_at,
            level,
            format,
        }) => {
            let wanted = measure::Wanted {
                names: &names,
                month,
                as_at,
                level: level.into(),
            };
            measure::run(&settings, &wanted, format).await
        }
        Command::Report(ReportCommand::Dataset {
            month,
            as_at,
            level,
            out,
        }) => {
            let wanted = measure::Wanted {
                names: &[],
                month,
                as_at,
                level: level.into(),
            };
            report::dataset(&settings, &wanted, &out).await
        }
        Command::Rebuild { into } => upkeep::rebuild(&settings, &into).await,
        Command::Backup { file } => upkeep::backup(&settings, &file).await,
        Command::Restore { file } => upkeep::restore(&settings, &file).await,
        Command::Doctor { .. } => doctor::print_processing(),
    }
}
