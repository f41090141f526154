//! Databases for tests: each test has its own, which is gone afterwards.

use std::path::Path;

use clearpicture_kernel::Ambient;
use clearpicture_store::DatabaseAddress;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use tempfile::TempDir;

/// Which database a story is told on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(crate) const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// An empty database, and a folder beside it.
pub(crate) struct Place {
    pub(crate) kind: Kind,
    pub(crate) address: DatabaseAddress,
    folder: TempDir,
    database: Option<String>,
}

/// The server that PostgreSQL's databases are made on.
#[expect(
    clippy::disallowed_methods,
    reason = "a test binary has no configuration but its environment"
)]
fn server() -> url::Url {
    let server = std::env::var("CLEARPICTURE_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!(
            "this test needs PostgreSQL: run `scripts/with-postgres.sh cargo nextest run --workspace`, \
             which starts one and names it in CLEARPICTURE_TEST_POSTGRES"
        )
    });
    server
        .parse()
        .expect("CLEARPICTURE_TEST_POSTGRES is an address")
}

impl Place {
    pub(crate) async fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (address, database) = match kind {
            Kind::Sqlite => {
                let file = folder.path().join("clearpicture.db");
                (DatabaseAddress::Sqlite(file), None)
            }
            Kind::Postgres => {
                let chance = clearpicture_kernel::id::fresh(&Ambient::system());
                let name = format!("cp_{}", clearpicture_kernel::id::encode(chance)).to_lowercase();
                admin(&format!("CREATE DATABASE {name} TEMPLATE template0")).await;
                let mut address = server();
                address.set_path(&name);
                (DatabaseAddress::Postgres(address.into()), Some(name))
            }
        };
        Self {
            kind,
            address,
            folder,
            database,
        }
    }

    /// A folder for files of the test.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The name of the database on the server.
    pub(crate) fn database(&self) -> &str {
        self.database.as_deref().unwrap_or_default()
    }

    /// A connection of someone who works behind the store's back.
    pub(crate) async fn behind(&self) -> DatabaseConnection {
        let address = match &self.address {
            DatabaseAddress::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseAddress::Postgres(address) => address.clone(),
        };
        Database::connect(address).await.expect("connected")
    }

    /// The same, with the triggers gone that keep history insert-only.
    pub(crate) async fn behind_the_triggers(&self) -> DatabaseConnection {
        let behind = self.behind().await;
        for table in ["history_entry", "history_seal", "read_log", "read_log_seal"] {
            let drops = match self.kind {
                Kind::Sqlite => vec![
                    format!("DROP TRIGGER {table}_no_update"),
                    format!("DROP TRIGGER {table}_no_delete"),
                ],
                Kind::Postgres => vec![format!("DROP TRIGGER {table}_insert_only ON {table}")],
            };
            for drop in drops {
                behind.execute_unprepared(&drop).await.expect("dropped");
            }
        }
        behind
    }

    pub(crate) async fn clear(self) {
        if let Some(name) = &self.database {
            admin(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

/// Runs a statement on the server.
pub(crate) async fn admin(statement: &str) {
    let admin = Database::connect(String::from(server()))
        .await
        .expect("PostgreSQL answers");
    admin
        .execute_unprepared(statement)
        .await
        .expect("the server did it");
    admin.close().await.expect("closed");
}

/// Tells a story on a database of its own.
pub(crate) async fn tell(kind: Kind, story: impl AsyncFnOnce(&Place)) {
    let place = Place::new(kind).await;
    story(&place).await;
    place.clear().await;
}

/// Makes a test on each database of every story named.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    $crate::place::tell($crate::place::Kind::Sqlite, super::$story).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    $crate::place::tell($crate::place::Kind::Postgres, super::$story).await;
                }
            )+
        }
    };
}
pub(crate) use on_both;
