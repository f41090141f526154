//! Sessions: rows in the database, so that any server knows them, signing out
//! everywhere is one statement, and each shows when it was last used.
//!
//! The cookie holds 256 random bits; the table holds only their digest, so that
//! whoever reads the table can take over no session. The digest is keyed, and a
//! second one binds the row to its worker, stage and beginning, so that whoever
//! can only write to the table can neither plant a session nor make one another's.

use clearpicture_kernel::{Ambient, Code, Digest, Timestamp, TypedId as _, WorkerId};
use clearpicture_store::schema::{Migration, Step, Table, TableClass, integer, text};
use clearpicture_store::{Store, StoreFault};
use data_encoding::BASE64URL_NOPAD;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _,
};

/// A session that nobody used for this long is over.
pub const IDLE_MINUTES: i64 = 30;
/// A session is over this long after signing in, used or not.
pub const LONGEST_HOURS: i64 = 12;
/// Using a session is noted at most this often.
const NOTED_EVERY_SECONDS: i64 = 60;
/// The use of the digest that binds a row.
const PROOF: &str = "session-row";

/// The secret in a visitor's cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(withheld)")
    }
}

impl Token {
    /// A fresh token.
    pub fn fresh(ambient: &Ambient) -> Self {
        Self(BASE64URL_NOPAD.encode(&ambient.bytes::<32>()))
    }

    /// The token in a cookie; `None` for text of any other shape.
    pub fn from_cookie(text: &str) -> Option<Self> {
        let decoded = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        (decoded.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The text for the cookie.
    pub fn cookie_text(&self) -> &str {
        &self.0
    }

    /// What the table keeps.
    fn id(&self, store: &Store) -> String {
        store.keyed_digest("session", &[&self.0])
    }

    /// What every form of this visitor sends back; another visitor's is refused.
    pub fn csrf(&self) -> String {
        Digest::of_parts(&[b"clearpicture.csrf", self.0.as_bytes()]).to_string()
    }
}

/// How far someone has come in signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The password was right; the code is still to come.
    Password,
    /// Signed in.
    Full,
}

impl Stage {
    const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Full => "full",
        }
    }
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub worker: WorkerId,
    /// How far they have come.
    pub stage: Stage,
    /// The purpose chosen; `None` until one is.
    pub purpose: Option<Code>,
    /// What the last act brought about, shown once.
    pub notice: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
}

/// The steps that make the table of sessions.
pub(crate) fn migrations() -> Vec<Migration> {
    let columns = [
        text("id"),
        text("worker_id"),
        text("stage"),
        text("purpose"),
        text("notice"),
        integer("created_at"),
        integer("seen_at"),
        text("proof"),
    ];
    vec![Migration {
        release: "0.1",
        capability: "shell",
        number: 1,
        steps: vec![Step::Create(
            Table::new("session", TableClass::Ephemeral, &columns).index(&["worker_id"]),
        )],
    }]
}

/// Begins a session under a fresh token, so that a token planted before signing in is worth nothing.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn begin(store: &Store, worker: WorkerId, stage: Stage) -> Result<Token, StoreFault> {
    let token = Token::fresh(store.ambient());
    let now = store.ambient().now().as_microsecond();
    let mut row = row::Model {
        id: token.id(store),
        worker_id: worker.to_string(),
        stage: stage.word().to_owned(),
        purpose: String::new(),
        notice: String::new(),
        created_at: now,
        seen_at: now,
        proof: String::new(),
    };
    row.proof = row.bound(|parts| store.keyed_digest(PROOF, parts));
    let row = row.into_active_model().reset_all();
    store.scratch::<row::Entity>()?.add(row).await?;
    Ok(token)
}

/// The session of `token`, if it is still running; noted as used. A row that this program did not write is none.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn find(store: &Store, token: &Token) -> Result<Option<Session>, StoreFault> {
    let scratch = store.scratch::<row::Entity>()?;
    let Some(found) = scratch
        .one(row::Entity::find_by_id(token.id(store)))
        .await?
    else {
        return Ok(None);
    };
    if !found.bound(|parts| store.is_keyed_digest(&found.proof, PROOF, parts)) {
        tracing::error!("a session was altered behind the program's back, so it opens nothing");
        return Ok(None);
    }
    let now = store.ambient().now().as_microsecond();
    let over = now - found.seen_at > IDLE_MINUTES * 60_000_000
        || now - found.created_at > LONGEST_HOURS * 3_600_000_000;
    let Ok(worker) = WorkerId::parse(&found.worker_id) else {
        return Ok(None);
    };
    if over {
        end(store, token).await?;
        return Ok(None);
    }
    if now - found.seen_at > NOTED_EVERY_SECONDS * 1_000_000 {
        scratch
            .change(|rows| {
                rows.col_expr(row::Column::SeenAt, now.into())
                    .filter(row::Column::Id.eq(token.id(store)))
            })
            .await?;
    }
    Ok(Some(Session {
        worker,
        stage: if found.stage == Stage::Full.word() {
            Stage::Full
        } else {
            Stage::Password
        },
        purpose: Code::parse(&found.purpose).ok(),
        notice: (!found.notice.is_empty()).then_some(found.notice),
        created_at: clearpicture_kernel::ambient::microseconds(found.created_at),
        seen_at: clearpicture_kernel::ambient::microseconds(found.seen_at),
    }))
}

/// Every running session of one worker, last used first.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn of_worker(
    store: &Store,
    worker: WorkerId,
) -> Result<Vec<(Timestamp, Timestamp)>, StoreFault> {
    let rows = store
        .scratch::<row::Entity>()?
        .all(
            row::Entity::find()
                .filter(row::Column::WorkerId.eq(worker.to_string()))
                .filter(row::Column::Stage.eq(Stage::Full.word()))
                .order_by_desc(row::Column::SeenAt),
        )
        .await?;
    let moment = clearpicture_kernel::ambient::microseconds;
    Ok(rows
        .into_iter()
        .map(|row| (moment(row.created_at), moment(row.seen_at)))
        .collect())
}

/// Sets what the next page will say was done.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn set_notice(store: &Store, token: &Token, notice: &str) -> Result<(), StoreFault> {
    set(store, token, row::Column::Notice, notice).await
}

/// Sets the purpose for which this session looks and acts.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn set_purpose(store: &Store, token: &Token, purpose: &Code) -> Result<(), StoreFault> {
    set(store, token, row::Column::Purpose, purpose.as_str()).await
}

async fn set(
    store: &Store,
    token: &Token,
    column: row::Column,
    value: &str,
) -> Result<(), StoreFault> {
    store
        .scratch::<row::Entity>()?
        .change(|rows| {
            rows.col_expr(column, value.into())
                .filter(row::Column::Id.eq(token.id(store)))
        })
        .await?;
    Ok(())
}

/// Ends one session.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn end(store: &Store, token: &Token) -> Result<(), StoreFault> {
    store
        .scratch::<row::Entity>()?
        .remove(|rows| rows.filter(row::Column::Id.eq(token.id(store))))
        .await?;
    Ok(())
}

/// Ends every session of one worker, on every device.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn end_everywhere(store: &Store, worker: WorkerId) -> Result<u64, StoreFault> {
    store
        .scratch::<row::Entity>()?
        .remove(|rows| rows.filter(row::Column::WorkerId.eq(worker.to_string())))
        .await
}

/// Takes away sessions that are over.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn sweep(store: &Store) -> Result<u64, StoreFault> {
    let now = store.ambient().now().as_microsecond();
    store
        .scratch::<row::Entity>()?
        .remove(|rows| {
            rows.filter(
                row::Column::SeenAt
                    .lt(now - IDLE_MINUTES * 60_000_000)
                    .or(row::Column::CreatedAt.lt(now - LONGEST_HOURS * 3_600_000_000)),
            )
        })
        .await
}

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: String,
        pub(super) worker_id: String,
        pub(super) stage: String,
        pub(super) purpose: String,
        pub(super) notice: String,
        pub(super) created_at: i64,
        pub(super) seen_at: i64,
        pub(super) proof: String,
    }

    impl Model {
        /// What `proof` binds: all that decides whose session this is, and until when.
        pub(super) fn bound<T>(&self, make: impl FnOnce(&[&str]) -> T) -> T {
            let created_at = self.created_at.to_string();
            make(&[&self.id, &self.worker_id, &self.stage, &created_at])
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
