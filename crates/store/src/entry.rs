//! One entry of history, and the hash that ties it to the one before.

use clearpicture_kernel::Digest;
use sea_orm::sea_query::{Alias, Query, SelectStatement, Value};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::put::{Insert, Taken, rows_at_once, run};
use crate::tables::ENTRY;

/// The columns of an entry, in order.
const COLUMNS: [&str; 17] = [
    "seq",
    "recorded_at",
    "record_id",
    "kind",
    "record_version",
    "actor",
    "actor_agency",
    "action",
    "purpose",
    "policy_set",
    "deciding",
    "body_version",
    "key_id",
    "body",
    "previous_hash",
    "hash",
    "batch",
];

/// What an entry says before its place in the chain is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) record_id: String,
    pub(crate) kind: String,
    pub(crate) record_version: i64,
    pub(crate) actor: String,
    pub(crate) actor_agency: String,
    pub(crate) action: String,
    pub(crate) purpose: String,
    pub(crate) policy_set: String,
    pub(crate) deciding: String,
    pub(crate) body_version: i64,
    pub(crate) key_id: String,
    pub(crate) body: Vec<u8>,
    /// The digest of the rows that the change brings with it; `None` when it brings none.
    pub(crate) batch: Option<Vec<u8>>,
}

/// One committed entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) seq: i64,
    pub(crate) recorded_at: i64,
    pub(crate) claim: Claim,
    pub(crate) previous_hash: Vec<u8>,
    pub(crate) hash: Vec<u8>,
}

/// Where the chain stands: the last entry's number, moment and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChainEnd {
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) hash: Digest,
}

impl ChainEnd {
    pub(crate) const START: Self = Self {
        seq: 0,
        at: i64::MIN,
        hash: Digest::ZERO,
    };
}

/// An entry whose place is known and whose hash is not made yet.
#[derive(Debug)]
pub(crate) struct Unchained {
    pub(crate) seq: i64,
    pub(crate) recorded_at: i64,
    pub(crate) claim: Claim,
}

impl Unchained {
    /// The entry that follows `end`, recorded at `now` or, when the clock was set back, with the last.
    pub(crate) fn after(end: &ChainEnd, now: i64, claim: Claim) -> Self {
        Self {
            seq: end.seq + 1,
            recorded_at: now.max(end.at),
            claim,
        }
    }

    /// The entry, hashed onto the one before it.
    fn chained(self, previous: &Digest) -> Entry {
        let mut entry = Entry {
            seq: self.seq,
            recorded_at: self.recorded_at,
            claim: self.claim,
            previous_hash: previous.to_vec(),
            hash: Vec::new(),
        };
        entry.hash = entry.computed_hash().to_vec();
        entry
    }
}

impl Entry {
    /// The hash of all that the entry says and of the entry before.
    pub(crate) fn computed_hash(&self) -> Digest {
        let claim = &self.claim;
        let (seq, recorded_at) = (self.seq.to_be_bytes(), self.recorded_at.to_be_bytes());
        let record_version = claim.record_version.to_be_bytes();
        let body_version = claim.body_version.to_be_bytes();
        let mut parts: Vec<&[u8]> = vec![
            b"clearpicture.entry.1",
            &seq,
            &recorded_at,
            claim.record_id.as_bytes(),
            claim.kind.as_bytes(),
            &record_version,
            claim.actor.as_bytes(),
            claim.actor_agency.as_bytes(),
            claim.action.as_bytes(),
            claim.purpose.as_bytes(),
            claim.policy_set.as_bytes(),
            claim.deciding.as_bytes(),
            &body_version,
            claim.key_id.as_bytes(),
            &claim.body,
            &self.previous_hash,
        ];
        parts.extend(claim.batch.as_deref());
        Digest::of_parts(&parts)
    }

    pub(crate) fn end(&self) -> ChainEnd {
        ChainEnd {
            seq: self.seq,
            at: self.recorded_at,
            hash: Digest::from_slice(&self.hash).unwrap_or(Digest::ZERO),
        }
    }

    /// Adds entries to the chain that ends with `end`. They are hashed while the database is at work on those before.
    pub(crate) async fn add_all(
        work: &impl ConnectionTrait,
        end: &ChainEnd,
        entries: Vec<Unchained>,
    ) -> Result<(), DbErr> {
        let backend = work.get_database_backend();
        let insert = Insert {
            table: ENTRY,
            columns: &COLUMNS,
            taken: Taken::IsAFault,
        };
        let mut previous = end.hash;
        let mut entries = entries.into_iter();
        let statements = std::iter::from_fn(|| {
            let some = entries.by_ref().take(rows_at_once(COLUMNS.len()));
            let values: Vec<Value> = some
                .flat_map(|entry| {
                    let entry = entry.chained(&previous);
                    previous = entry.end().hash;
                    entry.values()
                })
                .collect();
            (!values.is_empty()).then(|| Ok(insert.statement(backend, values)))
        });
        run(work, statements).await
    }

    /// What stands in its columns, in order.
    fn values(self) -> [Value; COLUMNS.len()] {
        let claim = self.claim;
        [
            self.seq.into(),
            self.recorded_at.into(),
            claim.record_id.into(),
            claim.kind.into(),
            claim.record_version.into(),
            claim.actor.into(),
            claim.actor_agency.into(),
            claim.action.into(),
            claim.purpose.into(),
            claim.policy_set.into(),
            claim.deciding.into(),
            claim.body_version.into(),
            claim.key_id.into(),
            claim.body.into(),
            self.previous_hash.into(),
            self.hash.into(),
            claim.batch.into(),
        ]
    }

    /// A statement that selects whole entries.
    pub(crate) fn select() -> SelectStatement {
        Query::select()
            .columns(COLUMNS.map(Alias::new))
            .from(Alias::new(ENTRY))
            .to_owned()
    }

    pub(crate) fn read(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            seq: row.try_get("", "seq")?,
            recorded_at: row.try_get("", "recorded_at")?,
            claim: Claim {
                record_id: row.try_get("", "record_id")?,
                kind: row.try_get("", "kind")?,
                record_version: row.try_get("", "record_version")?,
                actor: row.try_get("", "actor")?,
                actor_agency: row.try_get("", "actor_agency")?,
                action: row.try_get("", "action")?,
                purpose: row.try_get("", "purpose")?,
                policy_set: row.try_get("", "policy_set")?,
                deciding: row.try_get("", "deciding")?,
                body_version: row.try_get("", "body_version")?,
                key_id: row.try_get("", "key_id")?,
                body: row.try_get("", "body")?,
                batch: row.try_get("", "batch")?,
            },
            previous_hash: row.try_get("", "previous_hash")?,
            hash: row.try_get("", "hash")?,
        })
    }
}

impl Claim {
    /// What a body is sealed to: it opens nowhere else.
    pub(crate) fn context(kind: &str, record_id: &str, record_version: i64) -> Vec<u8> {
        format!("clearpicture.body.1\n{kind}\n{record_id}\n{record_version}").into_bytes()
    }

    pub(crate) fn own_context(&self) -> Vec<u8> {
        Self::context(&self.kind, &self.record_id, self.record_version)
    }
}
