//! An installation, opened: folder, practice, policies, master key, database.
//!
//! What can be checked without the database is checked first, so that nothing is
//! upgraded by a release that could not start afterwards.

use std::path::Path;
use std::sync::Arc;

use clearpicture_app::analysis;
use clearpicture_app::practice::Practice;
use clearpicture_app::state::{self, Identify, Serving, StartFault};
use clearpicture_app::{App, Capability};
use clearpicture_engine::Engine;
use clearpicture_kernel::Ambient;
use clearpicture_store::{
    DatabaseAddress, Holdings, KeyFault, MasterKey, Store, StoreFault, Upgrade, Writer,
};

use crate::outcome::Stop;
use crate::practice;
use crate::settings::{KeySource, Settings};

/// What a command may do to an installation that is not there, or is of an older release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Footing {
    /// Make it, or upgrade it.
    Begin,
    /// Leave it as it is, and say so.
    Existing,
}

/// The open database, with the task that finishes its writes.
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) writer: Writer,
    pub(crate) practice: Practice,
    pub(crate) engine: Engine,
}

impl Opened {
    /// Lets the last change become durable and closes the database.
    pub(crate) async fn close(self) -> Result<(), Stop> {
        drop(self.store);
        self.writer.finished().await?;
        Ok(())
    }

    /// The application on this database.
    pub(crate) fn app(&self, serving: Serving) -> Result<App, Stop> {
        let identify = Identify {
            worker: clearpicture_app::workers::identify,
            token: clearpicture_app::tokens::identify,
        };
        Ok(App::start(
            self.store.clone(),
            self.practice.clone(),
            capabilities(),
            identify,
            Some(Arc::new(self.engine.clone())),
            serving,
        )?)
    }
}

/// Every capability of this release.
pub(crate) fn capabilities() -> Vec<Capability> {
    clearpicture_app::capabilities()
}

/// What keeps the analysis tables and counts over them.
pub(crate) fn engine(settings: &Settings) -> Engine {
    let tables = analysis::tables(&capabilities());
    Engine::new(&settings.data.join("analysis"), tables)
}

/// What they keep.
pub(crate) fn holdings() -> Holdings {
    state::holdings(&capabilities())
}

/// Opens the installation that `settings` describe.
pub(crate) async fn open(settings: &Settings, footing: Footing) -> Result<Opened, Stop> {
    if footing == Footing::Begin {
        make_folder(&settings.data)?;
    } else {
        must_exist(settings)?;
    }
    let practice = practice::fill_and_read(settings)?;
    state::policies(&capabilities(), &practice).map_err(StartFault::from)?;
    let upgrade = match footing {
        Footing::Begin => Upgrade::Apply,
        Footing::Existing => Upgrade::Refuse,
    };
    let key = Key::find(settings, footing)
        .await
        .map_err(StoreFault::from)?;
    let opened = Store::open(
        &settings.database,
        key.master.clone(),
        holdings(),
        upgrade,
        Ambient::system(),
    )
    .await;
    match opened {
        Ok((store, writer)) => Ok(Opened {
            store,
            writer,
            practice,
            engine: engine(settings),
        }),
        Err(fault) => Err(key.blame(fault).into()),
    }
}

/// The master key of an installation that is there.
pub(crate) async fn master_key(settings: &Settings) -> Result<MasterKey, KeyFault> {
    Ok(Key::find(settings, Footing::Existing).await?.master)
}

/// A database file that is not there would otherwise be made, empty, by looking at it.
fn must_exist(settings: &Settings) -> Result<(), Stop> {
    match &settings.database {
        DatabaseAddress::Sqlite(path) if !path.exists() => Err(Stop::fault(format!(
            "there is no database at `{}`: name the installation with --data or --database, or make it with `clearpicture serve`",
            path.display()
        ))),
        _ => Ok(()),
    }
}

/// The master key, and whether this run made it.
struct Key {
    master: MasterKey,
    made: Option<std::path::PathBuf>,
}

impl Key {
    async fn find(settings: &Settings, footing: Footing) -> Result<Self, KeyFault> {
        let existing =
            |path: &Path| MasterKey::from_file(path).map(|master| Self { master, made: None });
        match &settings.master_key {
            KeySource::OwnFile(path) if footing == Footing::Begin && !path.exists() => {
                let master = MasterKey::fresh(&Ambient::system());
                master.to_new_file(path).map(|()| Self {
                    master,
                    made: Some(path.clone()),
                })
            }
            KeySource::OwnFile(path) | KeySource::File(path) => existing(path),
            KeySource::Command(command) => printed_by(command)
                .await
                .map(|master| Self { master, made: None }),
        }
    }

    /// A key made for a database that already has one is taken away again: what is wrong is that its own is missing.
    fn blame(&self, fault: StoreFault) -> StoreFault {
        match (&fault, &self.made) {
            (StoreFault::Keys(KeyFault::Wrong), Some(path)) => {
                // If it cannot be taken away it still opens nothing.
                let _ = std::fs::remove_file(path);
                KeyFault::Missing(path.clone()).into()
            }
            _ => fault,
        }
    }
}

/// The key that a command prints: program and arguments, without a shell.
async fn printed_by(command: &str) -> Result<MasterKey, KeyFault> {
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or_default();
    let place = || format!("the command `{program}`");
    let unavailable = |problem: String| KeyFault::Unavailable {
        place: place(),
        problem,
    };
    let output = tokio::process::Command::new(program)
        .args(words)
        .stdin(std::process::Stdio::null())
        .output()
        .await
        .map_err(|error| unavailable(error.to_string()))?;
    if !output.status.success() {
        return Err(unavailable(output.status.to_string()));
    }
    MasterKey::from_hex(&String::from_utf8_lossy(&output.stdout), &place())
}

/// Makes the data folder, for this user alone.
fn make_folder(data: &Path) -> Result<(), Stop> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .map_err(|error| {
            Stop::fault(format!(
                "the data folder `{}` cannot be made or used ({error}): name one that this user may write to with --data",
                data.display()
            ))
        })
}
