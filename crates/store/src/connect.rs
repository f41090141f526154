//! Opening either database: one connection that writes, several that read.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr};

use crate::fault::{StoreFault, is_locked};

/// Connections that read at the same time.
const READERS: u32 = 8;
/// How long PostgreSQL may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseAddress {
    /// A file.
    Sqlite(PathBuf),
    /// A PostgreSQL database, by its whole address.
    Postgres(String),
}

impl FromStr for DatabaseAddress {
    type Err = StoreFault;

    fn from_str(text: &str) -> Result<Self, StoreFault> {
        let wrong = || StoreFault::Address(without_password(text));
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() {
                Err(wrong())
            } else {
                Ok(Self::Sqlite(path.into()))
            };
        }
        let address = url::Url::parse(text).map_err(|_| wrong())?;
        let named = address.path().len() > 1;
        if matches!(address.scheme(), "postgres" | "postgresql") && named {
            Ok(Self::Postgres(text.to_owned()))
        } else {
            Err(wrong())
        }
    }
}

impl std::fmt::Display for DatabaseAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(address) => f.write_str(&without_password(address)),
        }
    }
}

impl std::fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// An address as it may be shown.
fn without_password(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(mut known) if known.password().is_some() => {
            let _ = known.set_password(Some("withheld"));
            known.to_string()
        }
        _ => address.to_owned(),
    }
}

/// The open connections.
#[derive(Clone)]
pub(crate) struct Connections {
    pub(crate) writer: DatabaseConnection,
    pub(crate) reader: DatabaseConnection,
    pub(crate) backend: DbBackend,
}

impl Connections {
    pub(crate) async fn open(address: &DatabaseAddress) -> Result<Self, StoreFault> {
        let connections = match address {
            DatabaseAddress::Sqlite(path) => {
                let opened = async |most| {
                    let pool = sqlite_once_free(path, most).await;
                    pool.map_err(|error| unreachable(address, &error))
                };
                let (writer, reader) = (opened(1).await?, opened(READERS).await?);
                Self {
                    writer,
                    reader,
                    backend: DbBackend::Sqlite,
                }
            }
            DatabaseAddress::Postgres(url) => {
                answers(url)
                    .await
                    .map_err(|problem| unreachable(address, &problem))?;
                let pool = |most| {
                    let mut options = ConnectOptions::new(url.clone());
                    options
                        .max_connections(most)
                        .min_connections(1)
                        .connect_timeout(PATIENCE)
                        .acquire_timeout(Duration::from_secs(30))
                        .set_application_name("clearpicture")
                        .test_before_acquire(false)
                        .sqlx_logging(false)
                        .map_sqlx_postgres_opts(|postgres| postgres.options(FOR_FEW_ROWS));
                    Database::connect(options)
                };
                Self {
                    writer: pool(4)
                        .await
                        .map_err(|error| unreachable(address, &error))?,
                    reader: pool(READERS)
                        .await
                        .map_err(|error| unreachable(address, &error))?,
                    backend: DbBackend::Postgres,
                }
            }
        };
        Ok(connections)
    }

    pub(crate) async fn close(self) {
        // Closing only fails when the connection is gone already.
        let _ = self.writer.close().await;
        let _ = self.reader.close().await;
    }
}

/// Nearly every question is for a few rows by their keys. While PostgreSQL has not counted yet what a large file brought, it
/// takes some of those for questions about everything, and spends longer on starting workers, or on compiling the
/// question, than on the answer.
const FOR_FEW_ROWS: [(&str, &str); 2] = [("max_parallel_workers_per_gather", "0"), ("jit", "off")];

/// Pages that a connection to SQLite keeps at hand, as kilobytes below nought.
const CACHE: &str = "-2048";
/// Those of the connection that writes: room for the upper parts of every index of a partnership, so that a row of a
/// large file does not read them again.
const WRITER_CACHE: &str = "-16384";
/// Bytes of a page of a new database. Most rows are hundreds of bytes: half as many pages to write as with the usual 4,096.
const PAGE: u32 = 8192;
/// Pages that lie in the log before they are put in their places: 128 megabytes, so that a large file writes each page
/// a few times, not once with every few thousand rows.
const CHECKPOINT: &str = "16384";

/// How long a connection waits for one that holds SQLite's lock.
const BUSY: Duration = Duration::from_secs(30);
/// Between two tries to open a database that another server is making.
const PAUSE: Duration = Duration::from_millis(20);

/// Opens the file, and again while another server makes it.
///
/// SQLite refuses at once, without waiting as it does for every other lock, when two connections make an empty file
/// one that is written by a log (`PRAGMA journal_mode`): each would wait for the other.
async fn sqlite_once_free(path: &Path, most: u32) -> Result<DatabaseConnection, DbErr> {
    let begun = tokio::time::Instant::now();
    loop {
        match sqlite(path, most).await {
            Err(error) if is_locked(&error) && begun.elapsed() < BUSY => {
                tokio::time::sleep(PAUSE).await;
            }
            opened => return opened,
        }
    }
}

async fn sqlite(path: &Path, most: u32) -> Result<DatabaseConnection, DbErr> {
    let file = path.to_owned();
    let mut options = ConnectOptions::new("sqlite:");
    options
        .max_connections(most)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .idle_timeout(Duration::from_secs(3600))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
            sqlite
                .filename(&file)
                .create_if_missing(true)
                .page_size(PAGE)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .pragma("cache_size", if most == 1 { WRITER_CACHE } else { CACHE })
                .pragma("wal_autocheckpoint", CHECKPOINT)
                .foreign_keys(true)
                .busy_timeout(BUSY)
        });
    Database::connect(options).await
}

/// Tries one connection: a pool would try a wrong address for half a minute before it says so.
async fn answers(url: &str) -> Result<(), String> {
    use sea_orm::sqlx::{Connection as _, postgres::PgConnection};
    let connected = tokio::time::timeout(PATIENCE, PgConnection::connect(url)).await;
    let connection = connected
        .map_err(|_| "it does not answer".to_owned())?
        .map_err(|error| error.to_string())?;
    connection.close().await.map_err(|error| error.to_string())
}

fn unreachable(address: &DatabaseAddress, problem: &impl ToString) -> StoreFault {
    let advice = match address {
        DatabaseAddress::Sqlite(_) => {
            "check that the folder is there and that this user may write to it"
        }
        DatabaseAddress::Postgres(_) => {
            "check that PostgreSQL runs there, and the user, password and database name"
        }
    };
    StoreFault::Unreachable {
        place: address.to_string(),
        problem: problem.to_string(),
        advice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_or_refused_and_never_shows_its_password() {
        for (text, shown) in [
            ("sqlite:./data/x.db", Some("sqlite:./data/x.db")),
            (
                "postgres://amal:secret@db/cp",
                Some("postgres://amal:withheld@db/cp"),
            ),
            ("postgres://db", None),
            ("mysql://db/cp", None),
            ("sqlite:", None),
            ("x", None),
        ] {
            let address = text.parse::<DatabaseAddress>();
            assert_eq!(
                address.as_ref().ok().map(ToString::to_string).as_deref(),
                shown
            );
            let told = address.map_or_else(|error| error.to_string(), |a| a.to_string());
            assert!(!told.contains("secret"), "{told}");
        }
    }
}
