//! What can go wrong with a database, each with what to do about it.

use sea_orm::{DbErr, RuntimeErr};

use crate::keys::KeyFault;

/// A fault of the database or of what stands in it.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// The address is of no known shape.
    #[error(
        "`{0}` is not a database address: write `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`"
    )]
    Address(String),
    /// The database cannot be opened.
    #[error("the database at {place} cannot be opened ({problem}): {advice}")]
    Unreachable {
        /// The address without its password.
        place: String,
        /// What the driver said.
        problem: String,
        /// What to do.
        advice: &'static str,
    },
    /// A newer release made the database.
    #[error(
        "the database was changed by a newer release (step `{0}`): start that release, or restore the backup taken before the upgrade"
    )]
    Newer(String),
    /// An older release made the database, and this command may not change it.
    #[error(
        "the database was made by an older release (step `{0}` is missing): run `clearpicture serve` of this release once, after a backup"
    )]
    Older(String),
    /// A released step is not what it was.
    #[error(
        "the database's step `{0}` differs from this release's: the program was built from changed sources; install an unchanged release"
    )]
    StepChanged(String),
    /// The database should be empty.
    #[error("the database at {0} already holds tables: name an empty one")]
    NotEmpty(String),
    /// A table that is not ephemeral was to be written without a permit.
    #[error("the table `{0}` is kept with a history: it is written by a permit only")]
    NotScratch(String),
    /// Somebody who signed in was to read many records at once without a trace.
    #[error("records are read many at a time by the product itself only")]
    NotTheProduct,
    /// A row was to be brought into a table that is not made for it, or has other columns.
    #[error("the table `{0}` takes no such rows as a change was to bring")]
    NotBrought(String),
    /// Keys cannot be had.
    #[error(transparent)]
    Keys(#[from] KeyFault),
    /// No room on the disk.
    #[error("the disk of the database is full: nothing was changed; free some space and try again")]
    Full,
    /// The database may only be read.
    #[error(
        "the database may only be read: let this user write to its file and folder, then try again"
    )]
    ReadOnly,
    /// A stored record cannot be read.
    #[error("the record `{id}` cannot be read: {problem}")]
    Unreadable {
        /// The record.
        id: String,
        /// Why.
        problem: String,
    },
    /// A row is not what its history says.
    #[error(
        "the row `{id}` of the table `{table}` is not what history says (column `{column}`): someone changed it behind the program's back, and nothing is opened by it; tell the information governance lead, and run `clearpicture rebuild` to see all that differs"
    )]
    RowAltered {
        /// The table.
        table: String,
        /// The row's key.
        id: String,
        /// The first column that differs.
        column: String,
    },
    /// The part that writes has stopped.
    #[error("the program is stopping and takes no more changes: try again in a minute")]
    Stopping,
    /// A backup cannot be read.
    #[error("the backup cannot be used: {0}")]
    Backup(String),
    /// A file cannot be read or written.
    #[error("`{path}` cannot be used: {problem}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        problem: String,
    },
    /// Anything else the driver reports.
    #[error("the database reports: {0}")]
    Database(String),
}

impl StoreFault {
    /// The fault for a file operation that failed.
    pub(crate) fn file(path: &std::path::Path, problem: &std::io::Error) -> Self {
        Self::File {
            path: path.display().to_string(),
            problem: problem.to_string(),
        }
    }
}

impl From<DbErr> for StoreFault {
    fn from(error: DbErr) -> Self {
        match driver_code(&error).as_deref() {
            // SQLite: 13 full; PostgreSQL: class 53, insufficient resources.
            Some("13" | "53100") => Self::Full,
            // SQLite: 8 read-only and its extended forms; PostgreSQL: read-only transaction.
            Some("8" | "264" | "520" | "776" | "1032" | "1288" | "1544" | "25006") => {
                Self::ReadOnly
            }
            _ => Self::Database(error.to_string()),
        }
    }
}

/// Whether another connection holds a lock of SQLite's: 5 busy, and 261 while it mends a log.
pub(crate) fn is_locked(error: &DbErr) -> bool {
    matches!(driver_code(error).as_deref(), Some("5" | "261"))
}

/// The driver's own code of an error.
fn driver_code(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(runtime) | DbErr::Query(runtime) | DbErr::Conn(runtime)) = error else {
        return None;
    };
    match runtime {
        RuntimeErr::SqlxError(driver) => driver
            .as_database_error()
            .and_then(|database| database.code())
            .map(|code| code.into_owned()),
        RuntimeErr::Internal(_) => None,
    }
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Someone else changed the record first. Nothing was lost: load it and show both.
    #[error("someone else changed `{id}` first: it is now at version {current}")]
    Conflict {
        /// The record.
        id: String,
        /// Its version now; 0 when it is gone.
        current: u32,
    },
    /// A value that must be unlike every other is taken.
    #[error("another record already has this value")]
    Taken,
    /// What the permit was decided on is no longer so.
    #[error("the permit no longer holds for `{id}`")]
    Stale {
        /// The record.
        id: String,
    },
    /// The database failed.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

impl WriteError {
    /// Whether somebody else changed first what was about to be changed: begun anew, it may do.
    pub const fn is_overtaken(&self) -> bool {
        match self {
            Self::Conflict { .. } | Self::Stale { .. } | Self::Taken => true,
            Self::Fault(_) => false,
        }
    }
}

impl From<DbErr> for WriteError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => Self::Taken,
            _ => Self::Fault(error.into()),
        }
    }
}
