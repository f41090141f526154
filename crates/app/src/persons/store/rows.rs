//! Rows of sources as they were laid: which of them stand, which of each is the newest, and what each says.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Scope;
use clearpicture_kernel::{Code, Date, Fact};
use clearpicture_store::{SealedText, Store, StoreFault};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
};

use super::super::types::{SeePerson, Telling};
use super::tables::{laid, subject, told, undone};
use super::{ASKED_AT_ONCE, Subject, TOLD, read_subject, unreadable};

/// The rows of a laying, or those after one of them: their ids begin with its number, and by those they are found.
pub(super) fn of_laying(laid: &laid::Model, after: Option<String>) -> Select<told::Entity> {
    let after = after.unwrap_or_else(|| format!("{}:", laid.laying));
    told::Entity::find()
        .filter(told::Column::Id.gt(after))
        .filter(told::Column::Id.lt(format!("{};", laid.laying)))
}

/// The subject of a row.
#[derive(Debug, FromQueryResult)]
pub(super) struct TheirId {
    pub(super) subject_id: String,
}

/// The rows about these subjects that were laid, oldest first.
pub(super) fn told_of(subjects: &[String]) -> Select<told::Entity> {
    in_order(told::Entity::find().filter(told::Column::SubjectId.is_in(subjects)))
}

/// Those of `rows` that were laid, oldest first.
pub(super) fn in_order(rows: Select<told::Entity>) -> Select<told::Entity> {
    rows.filter(told::Column::Laying.in_subquery(layings()))
        .order_by_asc(told::Column::Seq)
        .order_by_asc(told::Column::Id)
}

/// The layings that came to their end and were not undone since.
pub(super) fn layings() -> SelectStatement {
    let undone = Query::select()
        .column(undone::Column::Laying)
        .from(undone::Entity)
        .to_owned();
    Query::select()
        .column(laid::Column::Laying)
        .from(laid::Entity)
        .and_where(laid::Column::Laying.not_in_subquery(undone))
        .to_owned()
}

/// The layings of which these rows are part.
pub(super) fn laid_for(told: &[told::Model]) -> Select<laid::Entity> {
    let layings: BTreeSet<i64> = told.iter().map(|row| row.laying).collect();
    laid::Entity::find().filter(laid::Column::Laying.is_in(layings))
}

/// Which of these subjects anything is told of that stands.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub(super) async fn still_told(
    store: &Store,
    scope: &Scope<SeePerson>,
    subjects: &[String],
) -> Result<BTreeSet<String>, StoreFault> {
    let select = told::Entity::find()
        .filter(told::Column::SubjectId.is_in(subjects))
        .filter(told::Column::Laying.in_subquery(layings()))
        .select_only()
        .column(told::Column::SubjectId)
        .distinct();
    let told = store.brought_as::<SeePerson, _, TheirId>(scope, select);
    Ok(told.await?.into_iter().map(|row| row.subject_id).collect())
}

/// Of rows oldest first, the last of each.
pub(super) fn newest(told: Vec<told::Model>) -> Vec<told::Model> {
    let mut last: BTreeMap<(String, String, String), told::Model> = BTreeMap::new();
    for model in told {
        let row = (
            model.subject_id.clone(),
            model.source.clone(),
            model.row.clone(),
        );
        last.insert(row, model);
    }
    last.into_values().collect()
}

/// All rows of the subjects of whom one of these rows was told again.
pub(super) fn told_again(told: Vec<told::Model>) -> Vec<told::Model> {
    let mut once = BTreeSet::new();
    let mut again = BTreeSet::new();
    for model in &told {
        if !once.insert((&model.subject_id, &model.source, &model.row)) {
            again.insert(model.subject_id.clone());
        }
    }
    let told = told.into_iter();
    told.filter(|model| again.contains(&model.subject_id))
        .collect()
}

/// Every one of these rows, opened.
pub(super) async fn open(
    store: &Store,
    subjects: &[subject::Model],
    told: Vec<told::Model>,
    loads: &[laid::Model],
) -> Result<Vec<(Subject, Telling)>, StoreFault> {
    let mut of_subject = BTreeMap::new();
    for model in subjects {
        of_subject.insert(model.id.as_str(), read_subject(model)?);
    }
    let loads: BTreeMap<i64, &str> = loads
        .iter()
        .map(|laid| (laid.laying, laid.load_id.as_str()))
        .collect();
    let mut tellings = Vec::with_capacity(told.len());
    let mut told = told.into_iter();
    loop {
        let some: Vec<told::Model> = told.by_ref().take(ASKED_AT_ONCE).collect();
        if some.is_empty() {
            return Ok(tellings);
        }
        let keys = some.iter().map(|row| row.key_id.as_str());
        store.fetch_keys(keys).await?;
        for model in some {
            let subject = of_subject
                .get(model.subject_id.as_str())
                .ok_or_else(|| unreadable(&model.id, &"it is about no known subject"))?;
            let facts = facts_of(store, &model).await?;
            let telling = Telling {
                subject: subject.id,
                agency: subject.agency,
                source: Code::parse(&model.source)
                    .map_err(|error| unreadable(&model.id, &error))?,
                load: loads
                    .get(&model.laying)
                    .copied()
                    .unwrap_or_default()
                    .to_owned(),
                row: u64::try_from(model.record).unwrap_or_default(),
                seq: model.seq,
                as_of: day(&model.id, &model.as_of)?,
                ended: model.ended,
                key: model.row,
                facts,
            };
            tellings.push((subject.clone(), telling));
        }
    }
}

/// What one row says.
pub(super) async fn facts_of(store: &Store, row: &told::Model) -> Result<Vec<Fact>, StoreFault> {
    serde_json::from_slice(&body_of(store, row).await?).map_err(|error| unreadable(&row.id, &error))
}

/// What one row says, as it is kept.
pub(super) async fn body_of(store: &Store, row: &told::Model) -> Result<Vec<u8>, StoreFault> {
    let sealed = SealedText {
        key_id: row.key_id.clone(),
        body: row.body.clone(),
    };
    store.open_text(TOLD, &row.id, &sealed).await
}

/// A day as a row holds it.
pub(super) fn day(id: &str, text: &str) -> Result<Date, StoreFault> {
    text.parse()
        .map_err(|error: jiff::Error| unreadable(id, &error))
}
