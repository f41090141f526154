//! The tables of persons, of the subjects they are made of, and of what is said about those.

mod search;
pub(super) mod tables;

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Action, Permit, Scope};
use clearpicture_kernel::{
    AgencyId, Code, Fact, PersonId, RecordId, SubjectId, Timestamp, TypedId,
};
use clearpicture_store::schema::{Migration, Step, Table, TableClass, bytes, integer, text};
use clearpicture_store::{Batch, KeyScope, Onward, SealedText, Store, StoreFault};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

pub(super) use search::found;

use super::keys;
use super::types::{Person, SeePerson, Telling};
use tables::{member, row, subject, subject_key, told};

/// The most ids that one question names.
const ASKED_AT_ONCE: usize = 500;
const TOLD: &str = "told";

/// The steps that make the tables.
pub(super) fn migrations() -> Vec<Migration> {
    vec![Migration {
        release: "0.1",
        capability: "persons",
        number: 1,
        steps: vec![
            Step::Create(Table::record("person", &[text("state")])),
            Step::Create(
                Table::new(
                    "person_member",
                    TableClass::Part,
                    &[text("subject_id"), text("person_id")],
                )
                .index(&["person_id"]),
            ),
            Step::Create(
                Table::brought(
                    "subject",
                    &[
                        text("agency_id"),
                        text("source"),
                        text("key_digest"),
                        text("own_person_id"),
                    ],
                )
                .unique(&["agency_id", "source", "key_digest"]),
            ),
            Step::Create(
                Table::brought(
                    TOLD,
                    &[
                        text("subject_id"),
                        text("load_id"),
                        integer("record"),
                        text("digest"),
                        text("key_id"),
                        bytes("body"),
                    ],
                )
                .index(&["subject_id", "seq"]),
            ),
            Step::Create(
                Table::brought("subject_key", &[text("subject_id"), text("digest")])
                    .index(&["digest"])
                    .index(&["subject_id"]),
            ),
        ],
    }]
}

/// One subject as the table holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its id.
    pub id: SubjectId,
    /// Whose source it is.
    pub agency: AgencyId,
    /// The source, by the name of its profile.
    pub source: Code,
    /// The person that was made when the source first told of the subject: theirs again when they are parted from others.
    pub own_person: PersonId,
}

/// A subject that is met for the first time.
#[derive(Debug, Clone, Copy)]
pub struct NewSubject<'a> {
    /// Whose source it is.
    pub agency: AgencyId,
    /// The source, by the name of its profile.
    pub source: &'a Code,
    /// [`subject_digest`] of the source's own key.
    pub key_digest: &'a str,
}

/// The digest by which a subject is known again when its source tells of it once more.
pub fn subject_digest(store: &Store, agency: AgencyId, source: &Code, key: &str) -> String {
    store.keyed_digest("subject", &[&agency.to_string(), source.as_str(), key])
}

/// The digest of what is said, by which a row that says nothing new is told.
///
/// # Errors
/// [`StoreFault`] when the facts cannot be written, which does not happen.
pub fn facts_digest(store: &Store, facts: &[Fact]) -> Result<String, StoreFault> {
    let body = written(facts)?;
    let text =
        std::str::from_utf8(&body).map_err(|error| StoreFault::Database(error.to_string()))?;
    Ok(store.keyed_digest("facts", &[text]))
}

fn written(facts: &[Fact]) -> Result<Vec<u8>, StoreFault> {
    serde_json::to_vec(facts).map_err(|error| StoreFault::Database(error.to_string()))
}

/// What is held of some of a source's subjects: each with the digest of what was last said of it.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn held(
    store: &Store,
    scope: &Scope<SeePerson>,
    agency: AgencyId,
    source: &Code,
    key_digests: &[String],
) -> Result<BTreeMap<String, (Subject, String)>, StoreFault> {
    let mut held = BTreeMap::new();
    for some in key_digests.chunks(ASKED_AT_ONCE) {
        let select = subject::Entity::find()
            .filter(subject::Column::AgencyId.eq(agency.to_string()))
            .filter(subject::Column::Source.eq(source.as_str()))
            .filter(subject::Column::KeyDigest.is_in(some));
        let subjects = store.brought_within(scope, select).await?;
        let ids: Vec<String> = subjects.iter().map(|subject| subject.id.clone()).collect();
        let mut digests: BTreeMap<String, String> = BTreeMap::new();
        for told in newest(store.brought_within(scope, told_of(&ids)).await?) {
            digests.insert(told.subject_id, told.digest);
        }
        for model in subjects {
            let digest = digests.remove(&model.id).unwrap_or_default();
            let key = model.key_digest.clone();
            held.insert(key, (read_subject(&model)?, digest));
        }
    }
    Ok(held)
}

/// Adds a subject to a batch, and gives its id.
pub fn bring_subject(
    store: &Store,
    batch: &mut Batch,
    new: NewSubject<'_>,
    own_person: PersonId,
) -> SubjectId {
    let id = SubjectId::fresh(store.ambient());
    batch.add(subject::ActiveModel {
        id: Set(id.to_string()),
        seq: NotSet,
        agency_id: Set(new.agency.to_string()),
        source: Set(new.source.to_string()),
        key_digest: Set(new.key_digest.to_owned()),
        own_person_id: Set(own_person.to_string()),
    });
    id
}

/// Adds what one row of a load says to a batch, with the keys by which its subject is found; `known` are the keys it
/// has already.
///
/// # Errors
/// [`StoreFault`] when a key cannot be had.
pub async fn bring_telling(
    store: &Store,
    batch: &mut Batch,
    load: &str,
    row: u64,
    subject: SubjectId,
    facts: &[Fact],
    known: &BTreeSet<String>,
) -> Result<(), StoreFault> {
    // The load and the row in it: two rows of one file about one child are two tellings.
    let id = format!("{load}:{row}");
    let body = written(facts)?;
    let scope = KeyScope::Subject(subject.record_id());
    let sealed = store.seal_text(&scope, TOLD, &id, &body).await?;
    batch.add(told::ActiveModel {
        id: Set(id),
        seq: NotSet,
        subject_id: Set(subject.to_string()),
        load_id: Set(load.to_owned()),
        record: Set(i64::try_from(row).unwrap_or(i64::MAX)),
        digest: Set(facts_digest(store, facts)?),
        key_id: Set(sealed.key_id),
        body: Set(sealed.body),
    });
    for key in keys::of_facts(store, facts).difference(known) {
        batch.add(subject_key::ActiveModel {
            id: Set(format!("{subject}:{key}")),
            seq: NotSet,
            subject_id: Set(subject.to_string()),
            digest: Set(key.clone()),
        });
    }
    Ok(())
}

/// The keys by which each of these subjects is found already.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn known_keys(
    store: &Store,
    scope: &Scope<SeePerson>,
    subjects: &[SubjectId],
) -> Result<BTreeMap<SubjectId, BTreeSet<String>>, StoreFault> {
    let mut known: BTreeMap<SubjectId, BTreeSet<String>> = BTreeMap::new();
    for some in subjects.chunks(ASKED_AT_ONCE) {
        let ids = some.iter().map(ToString::to_string);
        let select = subject_key::Entity::find().filter(subject_key::Column::SubjectId.is_in(ids));
        for row in store.brought_within(scope, select).await? {
            let subject = read_id::<SubjectId>(&row.subject_id)?;
            known.entry(subject).or_default().insert(row.digest);
        }
    }
    Ok(known)
}

/// What is said of the person of `permit`, whose members are `members`: the newest row of each of their sources.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub async fn tellings(
    store: &Store,
    permit: &Permit<SeePerson>,
    members: &BTreeSet<SubjectId>,
) -> Result<Vec<Telling>, StoreFault> {
    let ids: Vec<String> = members.iter().map(ToString::to_string).collect();
    let subjects = subject::Entity::find().filter(subject::Column::Id.is_in(&ids));
    let subjects = store.brought(permit, subjects).await?;
    let told = store.brought(permit, told_of(&ids)).await?;
    opened(store, &subjects, told).await
}

/// The members of the person of `permit`.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn subjects_of<A: Action<On = Person>>(
    store: &Store,
    permit: &Permit<A>,
    members: &BTreeSet<SubjectId>,
) -> Result<Vec<Subject>, StoreFault> {
    let ids = members.iter().map(ToString::to_string);
    let select = subject::Entity::find().filter(subject::Column::Id.is_in(ids));
    let subjects = store.brought(permit, select).await?;
    subjects.iter().map(read_subject).collect()
}

/// What is said of each of these persons in scope, with the code of how its subjects came together.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub(super) async fn tellings_of(
    store: &Store,
    scope: &Scope<SeePerson>,
    persons: &[PersonId],
) -> Result<BTreeMap<PersonId, (String, Vec<Telling>)>, StoreFault> {
    let ids: Vec<String> = persons.iter().map(ToString::to_string).collect();
    let select = store.select(scope).filter(row::Column::Id.is_in(&ids));
    let rows = select.all(store.reader()).await?;
    let allowed: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let select = member::Entity::find().filter(member::Column::PersonId.is_in(allowed));
    let members = store.brought_within(scope, select).await?;
    let subject_ids: Vec<String> = members.iter().map(|row| row.subject_id.clone()).collect();
    let select = subject::Entity::find().filter(subject::Column::Id.is_in(&subject_ids));
    let subjects = store.brought_within(scope, select).await?;
    let told = store.brought_within(scope, told_of(&subject_ids)).await?;
    let mut of_subject: BTreeMap<String, Telling> = BTreeMap::new();
    for telling in opened(store, &subjects, told).await? {
        of_subject.insert(telling.subject.to_string(), telling);
    }
    let mut found = BTreeMap::new();
    for row in rows {
        found.insert(read_id(&row.id)?, (row.state, Vec::new()));
    }
    for member in members {
        let person = read_id::<PersonId>(&member.person_id)?;
        if let (Some((_, tellings)), Some(telling)) = (
            found.get_mut(&person),
            of_subject.remove(&member.subject_id),
        ) {
            tellings.push(telling);
        }
    }
    Ok(found)
}

/// What is said of every person in scope, with the person: the newest row of each source. For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub async fn all_tellings(
    store: &Store,
    scope: &Scope<SeePerson>,
) -> Result<Vec<Telling>, StoreFault> {
    let subjects = store.brought_within(scope, subject::Entity::find()).await?;
    let told = told::Entity::find()
        .order_by_asc(told::Column::Seq)
        .order_by_asc(told::Column::Record);
    let told = store.brought_within(scope, told).await?;
    opened(store, &subjects, told).await
}

/// What rows of files said, in the order of history, each with when it was recorded; and the last row of all. For what
/// is counted.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub(super) async fn tellings_since(
    store: &Store,
    scope: &Scope<SeePerson>,
    onward: &Onward,
) -> Result<(Vec<(Timestamp, Telling)>, Option<(i64, Option<String>)>), StoreFault> {
    let told: Vec<told::Model> = store
        .brought_since::<_, told::Entity>(scope, onward)
        .await?;
    let last = told.last().map(|row| (row.seq, Some(row.id.clone())));
    let mut subjects = Vec::new();
    for some in told.chunks(ASKED_AT_ONCE) {
        let ids = some.iter().map(|row| row.subject_id.as_str());
        let select = subject::Entity::find().filter(subject::Column::Id.is_in(ids));
        subjects.extend(store.brought_within(scope, select).await?);
    }
    let entries: BTreeSet<i64> = told.iter().map(|row| row.seq).collect();
    let at = store.recorded_at(entries).await?;
    let mut dated = Vec::with_capacity(told.len());
    for telling in open_all(store, &subjects, told).await? {
        let missing = || unreadable(&telling.load, &"no entry of history brought its rows");
        dated.push((*at.get(&telling.seq).ok_or_else(missing)?, telling));
    }
    Ok((dated, last))
}

/// Every subject in scope. For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn all_subjects(
    store: &Store,
    scope: &Scope<SeePerson>,
) -> Result<Vec<Subject>, StoreFault> {
    let subjects = store.brought_within(scope, subject::Entity::find()).await?;
    subjects.iter().map(read_subject).collect()
}

/// The persons in scope for whom one of these surrogates stands, in the order of their ids. Nothing else tells whom a
/// surrogate stands for, so that each person in scope is asked.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn standing_for(
    store: &Store,
    scope: &Scope<SeePerson>,
    surrogates: &BTreeSet<i64>,
) -> Result<Vec<PersonId>, StoreFault> {
    let select = store
        .select(scope)
        .select_only()
        .column(row::Column::Id)
        .order_by_asc(row::Column::Id);
    let ids: Vec<String> = select.into_tuple().all(store.reader()).await?;
    ids.iter()
        .filter(|id| surrogates.contains(&store.surrogate(id)))
        .map(|id| read_id(id))
        .collect()
}

/// The surrogates that stand for these records where they are persons, and for their subjects.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn surrogates_of(store: &Store, records: &[RecordId]) -> Result<Vec<i64>, StoreFault> {
    let ids: Vec<&str> = records.iter().map(RecordId::as_str).collect();
    let select = member::Entity::find()
        .select_only()
        .column(member::Column::SubjectId)
        .filter(member::Column::PersonId.is_in(ids.iter().copied()));
    let subjects: Vec<String> = select.into_tuple().all(store.reader()).await?;
    let all = ids.into_iter().chain(subjects.iter().map(String::as_str));
    Ok(all.map(|id| store.surrogate(id)).collect())
}

/// How many persons in scope at least one source knows.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn count(store: &Store, scope: &Scope<SeePerson>) -> Result<u64, StoreFault> {
    let of_someone = Condition::all().add(row::Column::State.ne("empty"));
    store.count(scope, &of_someone).await
}

/// The rows about these subjects, oldest first.
fn told_of(subjects: &[String]) -> sea_orm::Select<told::Entity> {
    told::Entity::find()
        .filter(told::Column::SubjectId.is_in(subjects))
        .order_by_asc(told::Column::Seq)
        .order_by_asc(told::Column::Record)
}

/// Of rows oldest first, the last of each subject.
fn newest(told: Vec<told::Model>) -> Vec<told::Model> {
    let mut last: BTreeMap<String, told::Model> = BTreeMap::new();
    for row in told {
        last.insert(row.subject_id.clone(), row);
    }
    last.into_values().collect()
}

async fn opened(
    store: &Store,
    subjects: &[subject::Model],
    told: Vec<told::Model>,
) -> Result<Vec<Telling>, StoreFault> {
    open_all(store, subjects, newest(told)).await
}

/// Every one of these rows, opened.
async fn open_all(
    store: &Store,
    subjects: &[subject::Model],
    told: Vec<told::Model>,
) -> Result<Vec<Telling>, StoreFault> {
    let mut of_subject = BTreeMap::new();
    for model in subjects {
        of_subject.insert(model.id.as_str(), read_subject(model)?);
    }
    let mut tellings = Vec::new();
    for row in told {
        let subject = of_subject
            .get(row.subject_id.as_str())
            .ok_or_else(|| unreadable(&row.id, &"it is about no known subject"))?;
        let sealed = SealedText {
            key_id: row.key_id,
            body: row.body,
        };
        let body = store.open_text(TOLD, &row.id, &sealed).await?;
        let facts = serde_json::from_slice(&body).map_err(|error| StoreFault::Unreadable {
            id: row.id.clone(),
            problem: error.to_string(),
        })?;
        tellings.push(Telling {
            subject: subject.id,
            agency: subject.agency,
            source: subject.source.clone(),
            load: row.load_id,
            row: u64::try_from(row.record).unwrap_or_default(),
            seq: row.seq,
            facts,
        });
    }
    Ok(tellings)
}

fn read_subject(model: &subject::Model) -> Result<Subject, StoreFault> {
    Ok(Subject {
        id: read_id(&model.id)?,
        agency: read_id(&model.agency_id)?,
        source: Code::parse(&model.source).map_err(|error| unreadable(&model.id, &error))?,
        own_person: read_id(&model.own_person_id)?,
    })
}

fn read_id<I: TypedId>(text: &str) -> Result<I, StoreFault> {
    I::parse(text).map_err(|error| unreadable(text, &error))
}

fn unreadable(id: &str, error: &impl std::fmt::Display) -> StoreFault {
    StoreFault::Unreadable {
        id: id.to_owned(),
        problem: error.to_string(),
    }
}
