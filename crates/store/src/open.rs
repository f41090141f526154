//! Opening a store: connections, tables, keys, and the task that writes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clearpicture_kernel::Ambient;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::commit::{Committer, Request, THE_FIRST_STANDS, add_keys};
use crate::connect::{Connections, DatabaseAddress};
use crate::current::ASKED_AT_ONCE;
use crate::fault::StoreFault;
use crate::grant::Grant;
use crate::keys::{DataKey, DigestKey, KeyFault, KeyScope, MasterKey, Vault, WrappedKey};
use crate::migrate::{Upgrade, migrate};
use crate::proof::Remembered;
use crate::record::RecordSpec;
use crate::schema::{Migration, Table, TableClass, tables};
use crate::tables;

/// Requests that may wait for the task that writes before callers wait to ask.
const WAITING: usize = 4_096;

/// All that capabilities keep: their tables and their kinds of record.
#[derive(Debug, Clone, Default)]
pub struct Holdings {
    /// The steps that make their tables.
    pub migrations: Vec<Migration>,
    /// Their kinds of record.
    pub records: Vec<RecordSpec>,
}

impl Holdings {
    /// The store's own tables and kinds, with those of every capability, in the order given.
    #[must_use]
    pub fn with_own(capabilities: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self {
            migrations: tables::migrations(),
            records: vec![RecordSpec::of::<Grant>()],
        };
        for mut holdings in capabilities {
            all.migrations.append(&mut holdings.migrations);
            all.records.append(&mut holdings.records);
        }
        // By release, then in the order in which capabilities are declared, then by number.
        all.migrations.sort_by_key(|migration| migration.release);
        all
    }
}

/// A partnership's database.
///
/// Cloning is cheap: clones share connections, keys and the task that writes.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) connections: Connections,
    pub(crate) ambient: Ambient,
    pub(crate) vault: Arc<Vault>,
    pub(crate) digests: DigestKey,
    pub(crate) remembered: Remembered,
    pub(crate) records: Vec<RecordSpec>,
    pub(crate) migrations: Vec<Migration>,
    pub(crate) tables: Vec<Table>,
    pub(crate) job_added: Notify,
    requests: mpsc::Sender<Request>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("backend", &self.inner.connections.backend)
            .finish_non_exhaustive()
    }
}

/// Finishes once every change that was taken is durable; kept by whoever opened the store.
#[derive(Debug)]
pub struct Writer(JoinHandle<()>);

impl Writer {
    /// Waits until the last clone of the store is dropped and the last change is durable.
    ///
    /// # Errors
    /// [`StoreFault::Stopping`] when the task that writes failed.
    pub async fn finished(self) -> Result<(), StoreFault> {
        self.0.await.map_err(|_| StoreFault::Stopping)
    }
}

impl Store {
    /// Opens the database at `address`, makes or checks its tables and finds its keys.
    ///
    /// # Errors
    /// [`StoreFault`] saying what is wrong and what to do about it.
    pub async fn open(
        address: &DatabaseAddress,
        master: MasterKey,
        holdings: Holdings,
        upgrade: Upgrade,
        ambient: Ambient,
    ) -> Result<(Self, Writer), StoreFault> {
        let connections = Connections::open(address).await?;
        migrate(&connections, &holdings.migrations, upgrade, ambient.now()).await?;
        let vault = Arc::new(Vault::new(master, ambient.clone()));
        let own_key = deployment_key(&connections.writer, &vault).await?;
        let (requests, receiver) = mpsc::channel(WAITING);
        let committer = Committer {
            connections: connections.clone(),
            ambient: ambient.clone(),
            known_classes: BTreeSet::new(),
        };
        let writer = Writer(tokio::spawn(committer.run(receiver)));
        let inner = Inner {
            connections,
            ambient,
            vault,
            digests: DigestKey::of(&own_key),
            remembered: Remembered::default(),
            tables: tables(&holdings.migrations),
            migrations: holdings.migrations,
            records: holdings.records,
            job_added: Notify::new(),
            requests,
        };
        Ok((
            Self {
                inner: Arc::new(inner),
            },
            writer,
        ))
    }

    /// The connection that reads.
    ///
    /// For the `store.rs` of a capability only, which adds the caller's scope to
    /// every query; a test of the sources holds it to that.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.inner.connections.reader
    }

    /// Which database this is.
    pub fn backend(&self) -> DbBackend {
        self.inner.connections.backend
    }

    /// The clock and the chance the store was opened with.
    pub fn ambient(&self) -> &Ambient {
        &self.inner.ambient
    }

    /// The kinds of record kept here.
    pub fn records(&self) -> &[RecordSpec] {
        &self.inner.records
    }

    /// The tables as they stand after every step of every capability.
    pub fn tables(&self) -> &[Table] {
        &self.inner.tables
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreFault`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreFault> {
        Ok(self.inner.connections.reader.ping().await?)
    }

    /// Closes the connections; changes already taken are finished first by [`Writer::finished`].
    pub async fn close(self) {
        self.inner.connections.clone().close().await;
    }

    pub(crate) fn tables_of(&self, class: TableClass) -> impl Iterator<Item = &Table> {
        self.inner
            .tables
            .iter()
            .filter(move |table| table.class == class)
    }

    pub(crate) async fn send(&self, request: Request) -> Result<(), StoreFault> {
        self.inner
            .requests
            .send(request)
            .await
            .map_err(|_| StoreFault::Stopping)
    }

    /// The key with this id.
    pub(crate) async fn key(&self, id: &str) -> Result<DataKey, StoreFault> {
        if let Some(key) = self.inner.vault.by_id(id) {
            return Ok(key);
        }
        let reader = &self.inner.connections.reader;
        let found = stored_keys(reader, &self.inner.vault, "id", &[id]).await?;
        let key = found.into_values().next();
        Ok(key.ok_or_else(|| KeyFault::Gone(id.to_owned()))?)
    }

    /// Fetches the keys with these ids, so that what is sealed under them is opened without asking for each. One that is
    /// not there is found out by whoever asks for it.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails or a key cannot be unwrapped.
    pub async fn fetch_keys<'k>(
        &self,
        ids: impl IntoIterator<Item = &'k str>,
    ) -> Result<(), StoreFault> {
        let vault = &self.inner.vault;
        let unknown: BTreeSet<&str> = ids.into_iter().filter(|id| !vault.knows(id)).collect();
        let unknown: Vec<&str> = unknown.into_iter().collect();
        for some in unknown.chunks(ASKED_AT_ONCE) {
            stored_keys(self.latest(), vault, "id", some).await?;
        }
        Ok(())
    }

    /// The key of `scope`; made, and durable before anything is sealed under it, when there is none.
    ///
    /// Two who meet a subject at once both offer a key, and both use the one that came first.
    pub(crate) async fn key_of(&self, scope: &KeyScope) -> Result<DataKey, StoreFault> {
        let column = scope.column();
        let mut keys = self.keys_of(std::slice::from_ref(&column)).await?;
        Ok(keys.remove(&column).ok_or(KeyFault::Gone(column))?)
    }

    /// Makes sure that each of `scopes` has a key, durable before anything is sealed under it: in a few transactions
    /// rather than one for each.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn have_keys(&self, scopes: &[KeyScope]) -> Result<(), StoreFault> {
        let columns: BTreeSet<String> = scopes.iter().map(KeyScope::column).collect();
        let columns: Vec<String> = columns.into_iter().collect();
        self.keys_of(&columns).await.map(|_| ())
    }

    /// The key of each of these scopes.
    async fn keys_of(&self, scopes: &[String]) -> Result<BTreeMap<String, DataKey>, StoreFault> {
        let vault = &self.inner.vault;
        let mut keys = BTreeMap::new();
        let mut unknown: Vec<&str> = Vec::new();
        for scope in scopes {
            match vault.by_scope(scope) {
                Some(key) => drop(keys.insert(scope.clone(), key)),
                None => unknown.push(scope),
            }
        }
        for some in unknown.chunks(ASKED_AT_ONCE) {
            keys.extend(stored_keys(self.latest(), vault, "scope", some).await?);
            let missing = some
                .iter()
                .copied()
                .filter(|scope| !keys.contains_key(*scope));
            let missing: Vec<&str> = missing.collect();
            if missing.is_empty() {
                continue;
            }
            let offered = missing.iter().map(|scope| vault.fresh(scope)).collect();
            let (reply, answer) = oneshot::channel();
            self.send(Request::Keys(offered, reply)).await?;
            answer.await.map_err(|_| StoreFault::Stopping)??;
            keys.extend(stored_keys(self.latest(), vault, "scope", &missing).await?);
        }
        Ok(keys)
    }

    /// The connection to read from what must not be a moment old.
    ///
    /// On PostgreSQL that is the server that is written to, should readers ever be sent to a copy of it. On SQLite
    /// every reader sees the last commit, and none has to wait for a commit that is under way. As [`Store::reader`], for
    /// the `store.rs` of a capability only.
    pub fn latest(&self) -> &DatabaseConnection {
        match self.inner.connections.backend {
            DbBackend::Postgres => &self.inner.connections.writer,
            _ => &self.inner.connections.reader,
        }
    }
}

/// Finds the deployment's key, which proves the master key, or makes it in a new database.
async fn deployment_key(writer: &DatabaseConnection, vault: &Vault) -> Result<DataKey, StoreFault> {
    let scope = KeyScope::Deployment.column();
    let stored = async || stored_keys(writer, vault, "scope", &[&scope]).await;
    let mut keys = stored().await?;
    if keys.is_empty() {
        add_keys(writer, &[vault.fresh(&scope)], THE_FIRST_STANDS).await?;
        keys = stored().await?;
    }
    Ok(keys.remove(&scope).ok_or(KeyFault::Gone(scope))?)
}

/// The stored keys that have one of `values` in `column`, by the scopes they are of.
async fn stored_keys(
    connection: &DatabaseConnection,
    vault: &Vault,
    column: &str,
    values: &[&str],
) -> Result<BTreeMap<String, DataKey>, StoreFault> {
    let select = Query::select()
        .columns(["id", "scope", "wrapped"].map(Alias::new))
        .from(Alias::new(tables::KEY))
        .and_where(Expr::col(Alias::new(column)).is_in(values.iter().copied()))
        .to_owned();
    let mut keys = BTreeMap::new();
    for row in connection.query_all(&select).await? {
        let row = WrappedKey {
            id: row.try_get("", "id")?,
            scope: row.try_get("", "scope")?,
            wrapped: row.try_get("", "wrapped")?,
        };
        let key = vault.unwrap(&row)?;
        keys.insert(row.scope, key);
    }
    Ok(keys)
}
