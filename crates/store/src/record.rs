//! What a kind of record must say of itself to be kept with a history.

use clearpicture_access::{AccessClass, ClassId, Grants, Kind, Resource};
use clearpicture_kernel::{RecordId, TypedId};
use sea_orm::{EntityName, EntityTrait, Iterable as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fault::StoreFault;
use crate::keys::KeyScope;
use crate::put::{PartRow, part};

/// What the store adds to a row: id, version and access class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The record's id.
    pub id: String,
    /// The version after the change, from 1.
    pub version: i64,
    /// The access class after the change.
    pub class_id: i64,
}

impl Stamp {
    pub(crate) fn new(id: &RecordId, version: u32, class: ClassId) -> Self {
        Self {
            id: id.to_string(),
            version: i64::from(version),
            class_id: class.0,
        }
    }
}

/// One thing a record says, in words: what history shows and compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What it is about, such as `Lawful basis`.
    pub label: &'static str,
    /// What is said, such as `Public task`; empty when nothing is.
    pub words: String,
}

impl Said {
    /// `label`: `words`.
    pub fn new(label: &'static str, words: impl Into<String>) -> Self {
        Self {
            label,
            words: words.into(),
        }
    }
}

/// A kind of record: its body is kept in history, and a row of it in a table.
///
/// The body is a serde type of its own, never the row's model. When its shape
/// changes, [`Record::BODY_VERSION`] rises and [`Record::upcast`] learns to turn
/// the older form into the newer; both stay for ever.
pub trait Record: Kind + Serialize + DeserializeOwned + Clone + Sized {
    /// The record's typed id.
    type Id: TypedId;
    /// The SeaORM entity of its table, whose name is the table's.
    type Row: EntityTrait;
    /// The version of the body's shape, from 1.
    const BODY_VERSION: u16;

    /// What policies may know of the record.
    fn class(&self, id: &Self::Id) -> AccessClass;

    /// The record as policies weigh it before there is any version of it.
    fn to_add(&self, id: &Self::Id) -> Resource {
        Resource {
            id: id.record_id(),
            version: 0,
            class: self.class(id),
            grants: Grants::NONE,
        }
    }

    /// Whose key seals the body.
    fn key_scope(&self, id: &Self::Id) -> KeyScope {
        let _ = id;
        KeyScope::Deployment
    }

    /// The row: every column of the table, with `stamp` for the first three.
    fn row(&self, stamp: Stamp) -> <Self::Row as EntityTrait>::ActiveModel;

    /// Rows of a [`TableClass::Part`](crate::schema::TableClass::Part) table that this record puts in place beside its
    /// own, each made by [`part`]. One that a later version does not name stays: it is for values that only ever move.
    fn parts(&self, id: &Self::Id) -> Vec<PartRow> {
        let _ = id;
        Vec::new()
    }

    /// What the record says, in words and in the order of its page.
    fn say(&self) -> Vec<Said>;

    /// Turns a body of version `from` into the next version's shape.
    ///
    /// # Errors
    /// A sentence when the body is not of that version.
    fn upcast(from: u16, body: Value) -> Result<Value, String> {
        let _ = body;
        Err(format!("no body of version {from} was ever written"))
    }

    /// Examples for tests and for the corpus of bodies.
    fn samples() -> Vec<Self>;
}

/// Reads a body of any version ever written.
///
/// # Errors
/// A sentence when the body does not fit.
pub fn read_body<R: Record>(version: u16, mut body: Value) -> Result<R, String> {
    if version > R::BODY_VERSION {
        return Err(format!(
            "it is of version {version}, and this release knows {} at most",
            R::BODY_VERSION
        ));
    }
    for from in version..R::BODY_VERSION {
        body = R::upcast(from, body)?;
    }
    serde_json::from_value(body).map_err(|error| error.to_string())
}

/// What reading one body gives, whatever its kind.
pub(crate) struct Projection {
    pub(crate) class: AccessClass,
    pub(crate) rows: Vec<PartRow>,
}

/// A kind of record as data, for the parts that treat all kinds alike.
#[derive(Clone, Copy)]
pub struct RecordSpec {
    /// The kind's name.
    pub kind: &'static str,
    /// The word before the underscore of its ids.
    pub prefix: &'static str,
    /// Its table.
    pub table: fn() -> String,
    /// Whether the records are about people.
    pub personal: bool,
    /// The version of the body's shape.
    pub body_version: u16,
    /// The columns of its entity.
    pub columns: fn() -> Vec<String>,
    /// Example bodies.
    pub samples: fn() -> Vec<Value>,
    /// What a body of any version says.
    pub say: fn(u16, Value) -> Result<Vec<Said>, String>,
    pub(crate) project: fn(&RecordId, u32, u16, Value) -> Result<Projection, String>,
}

impl RecordSpec {
    /// The kind `R` as data.
    pub const fn of<R: Record>() -> Self {
        Self {
            kind: R::NAME,
            prefix: R::Id::PREFIX,
            table: table_of::<R>,
            personal: R::PERSONAL,
            body_version: R::BODY_VERSION,
            columns: columns_of::<R>,
            samples: samples_of::<R>,
            say: say_of::<R>,
            project: project_of::<R>,
        }
    }
}

impl std::fmt::Debug for RecordSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind)
    }
}

pub(crate) fn table_of<R: Record>() -> String {
    R::Row::default().table_name().to_owned()
}

fn columns_of<R: Record>() -> Vec<String> {
    <R::Row as EntityTrait>::Column::iter()
        .map(|column| sea_orm::IdenStatic::as_str(&column).to_owned())
        .collect()
}

fn samples_of<R: Record>() -> Vec<Value> {
    R::samples()
        .iter()
        .filter_map(|sample| serde_json::to_value(sample).ok())
        .collect()
}

fn say_of<R: Record>(version: u16, body: Value) -> Result<Vec<Said>, String> {
    read_body::<R>(version, body).map(|record| record.say())
}

fn project_of<R: Record>(
    id: &RecordId,
    version: u32,
    body_version: u16,
    body: Value,
) -> Result<Projection, String> {
    let typed = R::Id::parse(id.as_str()).map_err(|error| error.to_string())?;
    let record = read_body::<R>(body_version, body)?;
    Ok(projection(&record, &typed, version))
}

/// The class and row of a record at `version`.
pub(crate) fn projection<R: Record>(record: &R, id: &R::Id, version: u32) -> Projection {
    let class = record.class(id);
    let stamp = Stamp::new(&id.record_id(), version, class.id());
    let mut rows = vec![part(record.row(stamp))];
    rows.extend(record.parts(id));
    Projection { class, rows }
}

/// The body's JSON with the reason given for the change.
pub(crate) fn body_bytes<R: Record>(
    record: &R,
    reason: Option<&str>,
) -> Result<Vec<u8>, StoreFault> {
    serde_json::to_vec(&serde_json::json!({ "record": record, "reason": reason }))
        .map_err(|error| StoreFault::Database(error.to_string()))
}

/// Splits a body's JSON into the record and the reason.
pub(crate) fn split_body(bytes: &[u8]) -> Result<(Value, Option<String>), String> {
    let mut whole: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let reason = whole
        .get("reason")
        .and_then(Value::as_str)
        .map(ToOwned::to_owned);
    let record = whole
        .get_mut("record")
        .map(Value::take)
        .ok_or("it holds no record")?;
    Ok((record, reason))
}
