//! The read log: who opened a record about a person or took a list away as a file, for what purpose, in a chain
//! of its own.

use clearpicture_access::{Action, Caller, Grounds, Purpose, Scope};
use clearpicture_kernel::Digest;
use sea_orm::sea_query::{Alias, InsertStatement, Query, SelectStatement};
use sea_orm::{DbErr, QueryResult};

use crate::entry::ChainEnd;
use crate::grant::Relation;
use crate::tables::LOOK;

/// Openings by one person of one record for one purpose within this many
/// microseconds are one row: a quarter of an hour.
const QUARTER: i64 = 15 * 60 * 1_000_000;

/// What stands before the name of a list, where an opening has the id of a record.
pub(crate) const LIST: &str = "list:";

/// What stands before the id of a record that was taken away on paper or as a file.
pub(crate) const PRINT: &str = "print:";

const COLUMNS: [&str; 13] = [
    "seq",
    "looked_at",
    "quarter",
    "looker",
    "agency",
    "roles",
    "record_id",
    "kind",
    "purpose",
    "marked",
    "through",
    "previous_hash",
    "hash",
];

/// That someone is opening a record, or taking a list away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) looker: String,
    pub(crate) agency: String,
    pub(crate) roles: String,
    pub(crate) record_id: String,
    pub(crate) kind: String,
    pub(crate) purpose: String,
    pub(crate) marked: bool,
    /// The grant that opened it: `break-glass`, `involved`, or nothing.
    pub(crate) through: String,
}

/// One committed row of the read log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LookRow {
    pub(crate) seq: i64,
    pub(crate) looked_at: i64,
    /// Which quarter of an hour; for what was taken away, the negative of `seq`.
    pub(crate) quarter: i64,
    pub(crate) look: Look,
    pub(crate) previous_hash: Vec<u8>,
    pub(crate) hash: Vec<u8>,
}

impl Look {
    /// The look that a permit leads to.
    pub(crate) fn of(grounds: &Grounds) -> Self {
        let resource = grounds.resource();
        let grants = resource.grants;
        let through = match (grants.break_glass, grants.involved) {
            (true, _) => Relation::BreakGlass.word(),
            (false, true) => Relation::Involved.word(),
            (false, false) => "",
        };
        Self {
            through: through.to_owned(),
            ..Self::by(
                grounds.caller(),
                grounds.purpose(),
                resource.class.kind,
                resource.id.to_string(),
            )
        }
    }

    /// The look of whoever takes the record of a permit away, on paper or as a file.
    pub(crate) fn of_print(grounds: &Grounds) -> Self {
        Self {
            record_id: format!("{PRINT}{}", grounds.resource().id),
            ..Self::of(grounds)
        }
    }

    /// The look of whoever takes all of a scope away, as the file called `list`.
    pub(crate) fn of_list<A: Action>(scope: &Scope<A>, list: &str) -> Self {
        let kind = A::SPEC.kind.name;
        Self::by(
            scope.caller(),
            scope.purpose(),
            kind,
            format!("{LIST}{list}"),
        )
    }

    fn by(caller: &Caller, purpose: &Purpose, kind: &str, record_id: String) -> Self {
        let roles: Vec<&str> = caller
            .roles
            .iter()
            .map(clearpicture_kernel::Code::as_str)
            .collect();
        Self {
            looker: caller.identity.to_string(),
            agency: caller.agency.map(|id| id.to_string()).unwrap_or_default(),
            roles: roles.join(" "),
            record_id,
            kind: kind.to_owned(),
            purpose: purpose.code.to_string(),
            marked: purpose.marked,
            through: String::new(),
        }
    }
}

/// The quarter of an hour in which a moment falls.
const fn quarter(micros: i64) -> i64 {
    micros.div_euclid(QUARTER)
}

/// When the quarter of an hour begins in which a moment falls.
pub(crate) const fn quarter_begins(micros: i64) -> i64 {
    quarter(micros) * QUARTER
}

impl LookRow {
    pub(crate) fn after(end: &ChainEnd, now: i64, look: Look) -> Self {
        let (seq, looked_at) = (end.seq + 1, now.max(end.at));
        // Two openings in a quarter of an hour are one row. Two files are two: each has a quarter of its own,
        // below all of time.
        let is_taken_away = [LIST, PRINT]
            .iter()
            .any(|lead| look.record_id.starts_with(lead));
        let quarter = if is_taken_away {
            -seq
        } else {
            quarter(looked_at)
        };
        let mut row = Self {
            seq,
            looked_at,
            quarter,
            look,
            previous_hash: end.hash.to_vec(),
            hash: Vec::new(),
        };
        row.hash = row.computed_hash().to_vec();
        row
    }

    pub(crate) fn computed_hash(&self) -> Digest {
        let look = &self.look;
        Digest::of_parts(&[
            b"clearpicture.look.1",
            &self.seq.to_be_bytes(),
            &self.looked_at.to_be_bytes(),
            &self.quarter.to_be_bytes(),
            look.looker.as_bytes(),
            look.agency.as_bytes(),
            look.roles.as_bytes(),
            look.record_id.as_bytes(),
            look.kind.as_bytes(),
            look.purpose.as_bytes(),
            &[u8::from(look.marked)],
            look.through.as_bytes(),
            &self.previous_hash,
        ])
    }

    pub(crate) fn end(&self) -> ChainEnd {
        ChainEnd {
            seq: self.seq,
            at: self.looked_at,
            hash: Digest::from_slice(&self.hash).unwrap_or(Digest::ZERO),
        }
    }

    pub(crate) fn insert(&self) -> InsertStatement {
        let look = self.look.clone();
        Query::insert()
            .into_table(Alias::new(LOOK))
            .columns(COLUMNS.map(Alias::new))
            .values_panic([
                self.seq.into(),
                self.looked_at.into(),
                self.quarter.into(),
                look.looker.into(),
                look.agency.into(),
                look.roles.into(),
                look.record_id.into(),
                look.kind.into(),
                look.purpose.into(),
                look.marked.into(),
                look.through.into(),
                self.previous_hash.clone().into(),
                self.hash.clone().into(),
            ])
            .to_owned()
    }

    pub(crate) fn select() -> SelectStatement {
        Query::select()
            .columns(COLUMNS.map(Alias::new))
            .from(Alias::new(LOOK))
            .to_owned()
    }

    pub(crate) fn read(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            seq: row.try_get("", "seq")?,
            looked_at: row.try_get("", "looked_at")?,
            quarter: row.try_get("", "quarter")?,
            look: Look {
                looker: row.try_get("", "looker")?,
                agency: row.try_get("", "agency")?,
                roles: row.try_get("", "roles")?,
                record_id: row.try_get("", "record_id")?,
                kind: row.try_get("", "kind")?,
                purpose: row.try_get("", "purpose")?,
                marked: row.try_get("", "marked")?,
                through: row.try_get("", "through")?,
            },
            previous_hash: row.try_get("", "previous_hash")?,
            hash: row.try_get("", "hash")?,
        })
    }
}
