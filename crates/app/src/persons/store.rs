//! The tables of persons, of the subjects they are made of, and of what is said about those.

mod back;
mod known;
mod laying;
mod protection;
mod ready;
mod remake;
mod rows;
mod saved;
mod search;
mod since;
pub(super) mod tables;
mod telling;
mod widely;

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Action, Permit, Scope};
use clearpicture_kernel::{AgencyId, Code, PersonId, SubjectId, TypedId};
use clearpicture_store::schema::{Migration, Step, Table, TableClass, bytes, flag, integer, text};
use clearpicture_store::{Store, StoreFault};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
};

pub use back::{Laid, Undoing, laid_of, undo};
pub use known::{
    Described, Known, corrected, described, kinds_told, known, known_after, known_subjects,
    known_subjects_to, known_to, laid_last, told_by, told_of_by,
};
pub(super) use known::{known_of, known_of_to};
pub use laying::{Laying, Missing, NewPerson, Weighed};
pub use protection::{
    ProtectionRow, held_beside, never_kept, protected, protected_and_never_kept,
    protected_subjects, protections_about, whose_whereabouts_are_withheld,
};
use ready::key_digest;
pub use ready::{LayingOf, Ready};
pub use remake::{bring_edition, bring_keys, keys_are_made};
pub(super) use saved::{
    keep as keep_search, kept as kept_search, last as last_search, sweep as sweep_searches,
};
pub(super) use search::{Found, Search, found};
pub use search::{persons_of, sharing, subjects_in, together_with};
pub(super) use since::{Dated, tellings_since};
pub use widely::most_widely_known;

use super::types::{Person, SeePerson};
use tables::{row, subject};

/// The most ids that one question names.
const ASKED_AT_ONCE: usize = 500;
const TOLD: &str = "told";

/// The steps that make the tables.
pub(super) fn migrations() -> Vec<Migration> {
    let member = [text("subject_id"), text("person_id")];
    let subject = [
        text("agency_id"),
        text("scheme"),
        text("key_digest"),
        text("own_person_id"),
    ];
    let told = [
        text("subject_id"),
        integer("laying"),
        text("source"),
        text("row"),
        integer("record"),
        text("as_of"),
        flag("ended"),
        text("kinds"),
        flag("identifies"),
        text("digest"),
        text("key_id"),
        bytes("body"),
    ];
    let laid = [
        integer("laying"),
        text("load_id"),
        text("agency_id"),
        text("source"),
        text("as_of"),
        integer("number"),
    ];
    let first = Migration {
        release: "0.1",
        capability: "persons",
        number: 1,
        steps: vec![
            Step::Create(Table::record("person", &[text("state")])),
            Step::Create(
                Table::new("person_member", TableClass::Part, &member).index(&["person_id"]),
            ),
            Step::Create(
                Table::brought("subject", &subject)
                    .unique(&["key_digest"])
                    .index(&["agency_id", "scheme", "id"]),
            ),
            Step::Create(Table::brought(TOLD, &told).index(&["subject_id", "seq"])),
            Step::Create(
                Table::brought("laid", &laid)
                    .unique(&["laying"])
                    .unique(&["agency_id", "source", "number"])
                    .index(&["load_id"]),
            ),
            Step::Create(Table::brought("subject_key", &[])),
        ],
    };
    vec![first, saved::migration(), undone_and_protected()]
}

/// The step that makes the tables of what was undone and of who is protected.
fn undone_and_protected() -> Migration {
    let undone = [integer("laying"), text("load_id")];
    let protection = [
        text("subject_id"),
        text("may_be"),
        integer("weight"),
        flag("in_force"),
    ];
    Migration {
        release: "0.1",
        capability: "persons",
        number: 3,
        steps: vec![
            Step::Create(
                Table::brought("undone", &undone)
                    .index(&["load_id"])
                    .index(&["laying"]),
            ),
            Step::Create(
                Table::record("protection", &protection)
                    .unique(&["subject_id", "may_be"])
                    .index(&["may_be", "in_force"]),
            ),
            Step::AddIndex {
                table: saved::TABLE,
                columns: &["made_at"],
            },
        ],
    }
}

/// One subject as the table holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its id.
    pub id: SubjectId,
    /// The agency that tells of it.
    pub agency: AgencyId,
    /// Whose numbers it is told by: sources of one agency that name the same tell of the same subjects.
    pub scheme: Code,
    /// The person that was made when a source first told of the subject: theirs again when they are parted from others.
    pub own_person: PersonId,
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

/// The key by which an agency knows a subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TheirKey {
    /// The agency.
    pub agency: AgencyId,
    /// Whose numbers the key is of.
    pub scheme: Code,
    /// The key.
    pub key: String,
}

/// The subjects in scope that agencies know by these keys. For linkage.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn known_by(
    store: &Store,
    scope: &Scope<SeePerson>,
    keys: &[TheirKey],
) -> Result<BTreeMap<TheirKey, SubjectId>, StoreFault> {
    let by_digest: BTreeMap<String, &TheirKey> = keys
        .iter()
        .map(|key| (key_digest(store, key.agency, &key.scheme, &key.key), key))
        .collect();
    let digests: Vec<&str> = by_digest.keys().map(String::as_str).collect();
    let mut found = BTreeMap::new();
    for some in digests.chunks(ASKED_AT_ONCE) {
        let select =
            subject::Entity::find().filter(subject::Column::KeyDigest.is_in(some.iter().copied()));
        for model in store.brought_within(scope, select).await? {
            if let Some(key) = by_digest.get(&model.key_digest) {
                found.insert((*key).clone(), read_id(&model.id)?);
            }
        }
    }
    Ok(found)
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

/// Those of these subjects that are of a person in scope.
pub(super) async fn subjects_seen(
    store: &Store,
    scope: &Scope<SeePerson>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<Vec<Subject>, StoreFault> {
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let mut seen = Vec::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        let select = subject::Entity::find()
            .filter(subject::Column::Id.is_in(some))
            .filter(subject::Column::Id.in_subquery(subjects_in(store, scope)));
        for row in store.brought_within(scope, select).await? {
            seen.push(read_subject(&row)?);
        }
    }
    Ok(seen)
}

/// A query for the persons in scope that are pictures: not those that lead to another.
pub fn pictures_seen(store: &Store, scope: &Scope<SeePerson>) -> SelectStatement {
    store
        .select(scope)
        .select_only()
        .column(row::Column::Id)
        .filter(row::Column::State.ne("empty"))
        .into_query()
}

/// How many persons in scope at least one source knows.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn count(store: &Store, scope: &Scope<SeePerson>) -> Result<u64, StoreFault> {
    let of_someone = Condition::all().add(row::Column::State.ne("empty"));
    store.count(scope, &of_someone).await
}

fn read_subject(model: &subject::Model) -> Result<Subject, StoreFault> {
    Ok(Subject {
        id: read_id(&model.id)?,
        agency: read_id(&model.agency_id)?,
        scheme: Code::parse(&model.scheme).map_err(|error| unreadable(&model.id, &error))?,
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
