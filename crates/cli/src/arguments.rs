//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clearpicture_kernel::{Date, Month};
use clearpicture_measures::Level;

/// Early warning and casework for children at risk of exploitation.
#[derive(Debug, Parser)]
#[command(
    name = "clearpicture",
    version,
    disable_help_subcommand = true,
    after_help = "Exit codes: 0 done, 1 a fault or a failed check, 2 wrong use or unreadable input."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the installation is. These may stand before or after the command.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Place {
    /// The folder that holds the database, the practice and the master key [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://…` [default: sqlite:DIR/clearpicture.db]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) database: Option<String>,
    /// A file of settings; see config/clearpicture.example.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Begin a partnership: its first agency and administrator, with a set-up code that is printed once
    Begin(BeginArguments),
    /// Make an example partnership of invented people, print who can sign in, and serve it
    Demo(DemoArguments),
    /// Serve the pages, making or upgrading the database first
    Serve {
        /// Where to listen, such as 127.0.0.1:8080
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
    },
    /// API tokens for agencies' systems
    #[command(subcommand)]
    Token(TokenCommand),
    /// The history of every change
    #[command(subcommand)]
    History(HistoryCommand),
    /// Files of agencies' systems
    #[command(subcommand)]
    Ingest(IngestCommand),
    /// Invent children, as agencies' own files with the truth beside
    Synth {
        /// How many
        #[arg(long, value_name = "N")]
        children: u64,
        /// Any number: the same gives the same files
        #[arg(long, value_name = "S")]
        seed: u64,
        /// An empty folder, or one that is not there yet
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Join what sources say of one person
    #[command(subcommand)]
    Link(LinkCommand),
    /// The tables over which figures are counted
    #[command(subcommand)]
    Analysis(AnalysisCommand),
    /// What the partnership counts
    #[command(subcommand)]
    Measure(MeasureCommand),
    /// Documents
    #[command(subcommand)]
    Report(ReportCommand),
    /// Build the tables anew from history in an empty database, and compare
    Rebuild {
        /// An empty database: `sqlite:PATH` or `postgres://…`
        #[arg(long, value_name = "URL")]
        into: String,
    },
    /// Write a complete copy to a file, while the server runs
    Backup {
        /// A file that is not there yet
        file: PathBuf,
    },
    /// Fill an empty database from a backup
    Restore {
        /// The file that `backup` wrote
        file: PathBuf,
    },
    /// Check the installation, saying what to do about each problem
    Doctor {
        /// Print the record of processing instead
        #[arg(long)]
        processing: bool,
    },
}

/// The first agency, and the person who adds everyone else.
#[derive(Args)]
pub(crate) struct BeginArguments {
    /// A short code for the agency: small letters, digits and hyphens
    #[arg(long, value_name = "CODE")]
    pub(crate) agency: String,
    /// The agency's name
    #[arg(long, value_name = "TEXT")]
    pub(crate) agency_name: String,
    /// council, police, health, education, voluntary or partnership
    #[arg(long, value_name = "KIND")]
    pub(crate) agency_kind: String,
    /// The telephone number of its duty desk
    #[arg(long, value_name = "NUMBER")]
    pub(crate) duty_number: Option<String>,
    /// The administrator's name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// The address with which they sign in
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: String,
    /// The last day on which their vetting counts
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) vetted_until: String,
    /// The last day on which their training counts
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) trained_until: String,
}

impl std::fmt::Debug for BeginArguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BeginArguments(withheld)")
    }
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Where to listen
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// Make the partnership and stop
    #[arg(long)]
    pub(crate) no_serve: bool,
    /// Print a one-time code that is good now for each person of the demonstration that was made there, and stop
    #[arg(long)]
    pub(crate) codes: bool,
    /// How much to invent
    #[arg(long, value_enum, default_value_t = Size::Full)]
    pub(crate) size: Size,
    /// Take in the files of this folder, and of the folders in it, instead of inventing children: files that describe nobody
    #[arg(long, value_name = "FOLDER")]
    pub(crate) with: Option<PathBuf>,
}

/// How much a demonstration invents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Size {
    /// Agencies, teams and people who sign in
    Empty,
    /// With examples of everything, few of each
    Small,
    /// With examples of everything
    Full,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it, this once
    Add {
        /// The agency's code
        #[arg(long, value_name = "CODE")]
        agency: String,
        /// What it may do: feeds:read, feeds:write, loads:write; may be given several times
        #[arg(long, value_name = "SCOPE", required = true)]
        scope: Vec<String>,
        /// What it is for, as the page of tokens shows it
        #[arg(long, value_name = "TEXT")]
        label: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Check that no byte of any entry, or of the read log, was changed
    Verify {
        /// Compare the seals with a second holder's copy as well: the folder that holds it
        #[arg(long, value_name = "FOLDER")]
        against: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum IngestCommand {
    /// Say what files tell and what is wrong with them, and keep nothing
    Check {
        #[command(flatten)]
        files: IngestFiles,
        /// Also write what is wrong for the sender, without any value: a file ending in .xlsx or .csv that is not there yet
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
    },
    /// Take files in: each wholly, or not at all
    Load {
        #[command(flatten)]
        files: IngestFiles,
        /// The code of the agency that sent them; otherwise as the practice says for each source
        #[arg(long, value_name = "CODE")]
        agency: Option<String>,
        /// The day of which they tell; otherwise as each says itself, or today
        #[arg(long, value_name = "DATE")]
        as_of: Option<Date>,
        /// Agree that a file ends up to so many of the rows that are held; without it, one that ends many waits
        #[arg(long, value_name = "ROWS")]
        ends: Option<u64>,
    },
    /// Read what was taken in once more, by the profiles as they are now: what they read otherwise becomes a new version
    Reprocess {
        /// The source whose files are read again
        #[arg(long, value_name = "NAME")]
        profile: String,
        /// The code of the agency that sent them; otherwise as the practice says for the source
        #[arg(long, value_name = "CODE")]
        agency: Option<String>,
        /// Agree that a file ends up to so many of the rows that are held; without it, one that ends many stops this
        #[arg(long, value_name = "ROWS")]
        ends: Option<u64>,
    },
    /// Draft a profile for a file that no profile fits, with every guess marked
    Propose {
        /// Delimited text, or a workbook
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// Files, and by what they are read.
#[derive(Debug, clap::Args)]
pub(crate) struct IngestFiles {
    /// The source whose files they are; `auto` goes by what is in them
    #[arg(long, value_name = "NAME", default_value = "auto")]
    pub(crate) profile: String,
    /// The year of its layout, such as 2024 for April 2023 to March 2024; otherwise as the file fits
    #[arg(long, value_name = "YEAR")]
    pub(crate) year: Option<u16>,
    /// The files
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// What can be done with links.
#[derive(Debug, Subcommand)]
pub(crate) enum LinkCommand {
    /// Link everything that is held
    Run,
    /// Say how good the links that stand are: by a known truth, or by what a sample that was read tells so far
    Evaluate {
        /// Which rows are of one person: delimited text with the columns `file`, `key` and `child`, as `synth` writes it
        #[arg(long, value_name = "FILE")]
        truth: Option<PathBuf>,
        /// A page for the report
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Models for files of any kind
    #[command(subcommand)]
    Model(ModelCommand),
    /// Link files by a model, without a database
    Files {
        /// The model: a file as `link model propose` drafts it
        #[arg(long, value_name = "FILE")]
        model: PathBuf,
        /// The column that tells which records are one person; the model does not see it
        #[arg(long, value_name = "COLUMN")]
        truth: Option<String>,
        /// A column by which quality is told apart, such as ethnicity; the model does not see it; may be given several times
        #[arg(long, value_name = "COLUMN", requires = "truth")]
        by: Vec<String>,
        /// How much memory it may take. Pairs that do not fit go into a file in DIR meanwhile, and what comes of them is the
        /// same [default: half of what is free]
        #[arg(long, value_name = "MEGABYTES", value_parser = clap::value_parser!(u64).range(1..))]
        memory: Option<u64>,
        /// Also write clusters.csv and pairs.csv, for whatever reads no Parquet
        #[arg(long)]
        csv: bool,
        /// The folder for what comes of it
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// The files: delimited text, or Parquet
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

/// What can be done with models.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// Draft a model for files never seen, trained on them, with every doubt marked
    Propose {
        /// A column that is not looked at, such as the truth; may be given several times
        #[arg(long, value_name = "COLUMN")]
        ignore: Vec<String>,
        /// The column that tells which records are one person, where that is known of some: what agreement is worth is then
        /// counted from those. It is no part of the model
        #[arg(long, value_name = "COLUMN")]
        truth: Option<String>,
        /// The files: delimited text, or Parquet
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

/// What can be done with analysis tables.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum AnalysisCommand {
    /// Bring them as far as history goes
    Refresh,
    /// Make them anew from the first entry of history
    Rebuild,
}

/// What can be done with measures.
#[derive(Debug, Subcommand)]
pub(crate) enum MeasureCommand {
    /// Run every measure's worked cases; no installation is needed
    Check,
    /// Print the figures of measures
    Run {
        /// The measures, by code; all, when none is named
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// The month they are about
        #[arg(long, value_name = "YYYY-MM")]
        month: Month,
        /// The day as at whose end things were known [default: today]
        #[arg(long, value_name = "DATE")]
        as_at: Option<Date>,
        /// For whom: no small count leaves unless it is internal
        #[arg(long, value_enum, default_value_t = LevelArgument::Partnership)]
        level: LevelArgument,
        /// How to answer
        #[arg(long, value_enum, default_value_t = FiguresFormat::Csv)]
        format: FiguresFormat,
    },
}

/// What can be written.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// The monthly report of every measure
    Dataset {
        /// The month it is about
        #[arg(long, value_name = "YYYY-MM")]
        month: Month,
        /// The day as at whose end things were known [default: today]
        #[arg(long, value_name = "DATE")]
        as_at: Option<Date>,
        /// For whom: no small count leaves unless it is internal
        #[arg(long, value_enum, default_value_t = LevelArgument::Partnership)]
        level: LevelArgument,
        /// The file to write, which is not there yet: its name ends in .pdf, .html or .csv
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// For whom figures are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelArgument {
    /// Every count as it is
    Internal,
    /// No small count
    Partnership,
    /// No small count, and only what may be published
    Public,
}

impl From<LevelArgument> for Level {
    fn from(level: LevelArgument) -> Self {
        match level {
            LevelArgument::Internal => Self::Internal,
            LevelArgument::Partnership => Self::Partnership,
            LevelArgument::Public => Self::Public,
        }
    }
}

/// How figures are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FiguresFormat {
    /// One line for each figure
    Csv,
    /// For programs
    Json,
}

/// How a command answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}
