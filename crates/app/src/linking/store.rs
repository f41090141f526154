//! The tables of runs, decisions and links.

pub(super) mod tables;

use std::collections::BTreeSet;

use clearpicture_access::{Permit, Scope};
use clearpicture_kernel::{SubjectId, TypedId as _};
use clearpicture_linkage::Level;
use clearpicture_linkage::columns::Frequencies;
use clearpicture_store::schema::{Migration, Step, Table, integer, text};
use clearpicture_store::{Batch, Store, StoreFault};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use tables::{frequency, link};

use super::types::{LinkRunId, SeeLinkDecision, Verdict};
use crate::persons::SeePerson;

/// The steps that make the tables.
pub(super) fn migrations() -> Vec<Migration> {
    let link = [text("a"), text("b"), integer("weight"), text("parts")];
    vec![Migration {
        release: "0.1",
        capability: "linking",
        number: 1,
        steps: vec![
            Step::Create(Table::record("link_run", &[integer("run_at")])),
            Step::Create(
                Table::record("link_decision", &[text("a"), text("b"), text("verdict")])
                    .index(&["a", "b"]),
            ),
            Step::Create(Table::brought("link", &link).index(&["a"]).index(&["b"])),
            Step::Create(Table::brought("link_frequency", &[text("body")])),
        ],
    }]
}

/// What spoke for a link when it was made: levels and their worth, and no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Evidence {
    pub(super) a: SubjectId,
    pub(super) b: SubjectId,
    /// The whole, in thousandths of a bit.
    pub(super) weight: i32,
    /// For each compared column of the model the level, and its worth in thousandths of a bit.
    pub(super) parts: Vec<(String, Level, i32)>,
}

/// Puts what spoke for a link into the batch of the run that made it.
pub(super) fn bring(batch: &mut Batch, run: &LinkRunId, link: &Evidence) -> Result<(), StoreFault> {
    let parts = serde_json::to_string(&link.parts)
        .map_err(|error| StoreFault::Database(error.to_string()))?;
    batch.add(link::ActiveModel {
        id: Set(format!("{run}:{}:{}", link.a, link.b)),
        seq: NotSet,
        a: Set(link.a.to_string()),
        b: Set(link.b.to_string()),
        weight: Set(i64::from(link.weight)),
        parts: Set(parts),
    });
    Ok(())
}

/// What spoke for the links among the subjects of the person of `permit`, as the newest run told it.
pub(super) async fn evidence(
    store: &Store,
    permit: &Permit<SeePerson>,
    members: &BTreeSet<SubjectId>,
) -> Result<Vec<Evidence>, StoreFault> {
    let ids: Vec<String> = members.iter().map(ToString::to_string).collect();
    let select = link::Entity::find()
        .filter(link::Column::A.is_in(&ids))
        .filter(link::Column::B.is_in(&ids))
        .order_by_asc(link::Column::Seq);
    let mut newest = std::collections::BTreeMap::new();
    for row in store.brought(permit, select).await? {
        let unreadable = |problem: String| StoreFault::Unreadable {
            id: row.id.clone(),
            problem,
        };
        let subject =
            |text: &str| SubjectId::parse(text).map_err(|error| unreadable(error.to_string()));
        let (a, b) = (subject(&row.a)?, subject(&row.b)?);
        let parts =
            serde_json::from_str(&row.parts).map_err(|error| unreadable(error.to_string()))?;
        let weight = i32::try_from(row.weight).map_err(|error| unreadable(error.to_string()))?;
        newest.insert(
            (a, b),
            Evidence {
                a,
                b,
                weight,
                parts,
            },
        );
    }
    Ok(newest.into_values().collect())
}

/// Puts how common values are among all that is held into the batch of the run that counted them.
pub(super) fn bring_frequencies(
    batch: &mut Batch,
    run: &LinkRunId,
    frequencies: &Frequencies,
) -> Result<(), StoreFault> {
    let body = serde_json::to_string(frequencies)
        .map_err(|error| StoreFault::Database(error.to_string()))?;
    batch.add(frequency::ActiveModel {
        id: Set(run.to_string()),
        seq: NotSet,
        body: Set(body),
    });
    Ok(())
}

/// How common values were when all that is held was last counted; as if nothing were told before the first time.
pub(super) async fn frequencies(
    store: &Store,
    scope: &Scope<SeePerson>,
) -> Result<Frequencies, StoreFault> {
    let newest = frequency::Entity::find()
        .order_by_desc(frequency::Column::Seq)
        .limit(1);
    match store.brought_within(scope, newest).await?.first() {
        None => Ok(Frequencies::default()),
        Some(row) => serde_json::from_str(&row.body).map_err(|error| StoreFault::Unreadable {
            id: row.id.clone(),
            problem: error.to_string(),
        }),
    }
}

/// What people decided about pairs of subjects, the earlier one first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Decided {
    /// That they are one person.
    pub(super) same: BTreeSet<(SubjectId, SubjectId)>,
    /// That they are two.
    pub(super) apart: BTreeSet<(SubjectId, SubjectId)>,
}

/// What people decided, as it stands.
pub(super) async fn decided(
    store: &Store,
    scope: &Scope<SeeLinkDecision>,
) -> Result<Decided, StoreFault> {
    let mut decided = Decided::default();
    for row in store.select(scope).all(store.reader()).await? {
        let unreadable = |problem: String| StoreFault::Unreadable {
            id: row.id.clone(),
            problem,
        };
        let subject =
            |text: &str| SubjectId::parse(text).map_err(|error| unreadable(error.to_string()));
        let (a, b) = (subject(&row.a)?, subject(&row.b)?);
        let pair = (a.min(b), a.max(b));
        match Verdict::parse(&row.verdict) {
            Some(Verdict::Same) => decided.same.insert(pair),
            Some(Verdict::NotSame) => decided.apart.insert(pair),
            Some(Verdict::Open) => false,
            None => return Err(unreadable(format!("no such verdict: {}", row.verdict))),
        };
    }
    Ok(decided)
}
