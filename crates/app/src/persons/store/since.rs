//! What rows of files said, in the order in which that became known: for what is counted.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Scope;
use clearpicture_kernel::Timestamp;
use clearpicture_store::{Onward, Store, StoreFault};
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::super::types::{SeePerson, Telling};
use super::rows::{of_laying, open};
use super::tables::{laid, subject, told, undone};
use super::{ASKED_AT_ONCE, unreadable};

/// What rows of files said since an entry.
#[derive(Debug, Default)]
pub(in crate::persons) struct Since {
    /// Each row.
    pub(in crate::persons) tellings: Vec<Dated>,
    /// How many that is.
    pub(in crate::persons) answered: u64,
    /// The last of all, where there may be more.
    pub(in crate::persons) last: Option<(i64, Option<String>)>,
}

/// What a row said, and when it was known.
#[derive(Debug)]
pub(in crate::persons) struct Dated {
    /// The entry that laid it.
    pub(in crate::persons) seq: i64,
    /// Its place in what that entry laid.
    pub(in crate::persons) place: i64,
    /// When that was.
    pub(in crate::persons) at: Timestamp,
    /// What it said.
    pub(in crate::persons) telling: Telling,
}

/// What changed what rows of files say.
enum Event {
    /// A laying was laid.
    Laid(laid::Model),
    /// These layings were undone, by this entry.
    Undone(i64, Vec<laid::Model>),
}

/// What rows of files said that tell of one of `kinds`, in the order in which their layings were laid or undone, each with the number and moment of the
/// entry that did so; and the last row of all. A row that says nothing any more is one without facts.
///
/// # Errors
/// [`StoreFault`] when the database fails or a row cannot be read.
pub(in crate::persons) async fn tellings_since(
    store: &Store,
    scope: &Scope<SeePerson>,
    onward: &Onward,
    kinds: &[&str],
) -> Result<Since, StoreFault> {
    let mut since = Since::default();
    let mut from = onward.clone();
    while since.answered < onward.most {
        let Some(event) = next_event(store, scope, &from).await? else {
            break;
        };
        let (seq, tellings) = match event {
            Event::Laid(laid) => {
                let most = onward.most - since.answered;
                let (tellings, last) =
                    of_laid(store, scope, &laid, from.row.take(), (kinds, most)).await?;
                since.answered += u64::try_from(tellings.len()).unwrap_or_default();
                if since.answered >= onward.most {
                    since.last = Some((laid.seq, last));
                }
                (laid.seq, tellings)
            }
            Event::Undone(seq, layings) => {
                let most = onward.most - since.answered;
                let rows =
                    of_layings(store, scope, &layings, from.row.take(), (kinds, most)).await?;
                since.answered += u64::try_from(rows.len()).unwrap_or_default();
                if since.answered >= onward.most {
                    since.last = Some((seq, rows.last().map(|(_, row)| row.id.clone())));
                }
                let tellings = in_place_of(store, scope, seq, (&layings, kinds), rows).await?;
                (seq, tellings)
            }
        };
        let at = store.recorded_at([seq]).await?;
        let at = *at
            .get(&seq)
            .ok_or_else(|| unreadable(&seq.to_string(), &"no entry of history laid its rows"))?;
        since
            .tellings
            .extend(tellings.into_iter().map(|(place, telling)| Dated {
                seq,
                place,
                at,
                telling,
            }));
        from.after = seq;
    }
    Ok(since)
}

/// That a row tells, or once told, of one of these kinds.
fn any_kind(kinds: &[&str]) -> Condition {
    let all = kinds.iter();
    all.fold(Condition::any(), |any, kind| {
        any.add(told::Column::Kinds.contains(format!(" {kind} ")))
    })
}

/// Rows and their places.
type Placed = Vec<(i64, Telling)>;

/// The rows of a laying that tell, or once told, of one of these kinds, at most so many; and the id of the last.
async fn of_laid(
    store: &Store,
    scope: &Scope<SeePerson>,
    laid: &laid::Model,
    after: Option<String>,
    (kinds, most): (&[&str], u64),
) -> Result<(Placed, Option<String>), StoreFault> {
    let select = of_laying(laid, after)
        .filter(any_kind(kinds))
        .order_by_asc(told::Column::Id)
        .limit(most);
    let told = store.brought_within(scope, select).await?;
    let last = told.last().map(|row| row.id.clone());
    let subjects = subjects_of(store, scope, &told).await?;
    let places: Vec<i64> = told.iter().map(|row| place(&row.id)).collect();
    let tellings = open(store, &subjects, told, std::slice::from_ref(laid)).await?;
    let tellings = tellings.into_iter().map(|(_, telling)| telling);
    Ok((places.into_iter().zip(tellings).collect(), last))
}

/// The rows of layings, after one of them, that tell or once told of one of these kinds, at most so many, each with its place
/// among all of them.
async fn of_layings(
    store: &Store,
    scope: &Scope<SeePerson>,
    layings: &[laid::Model],
    mut after: Option<String>,
    (kinds, most): (&[&str], u64),
) -> Result<Vec<(i64, told::Model)>, StoreFault> {
    let begun = after.as_deref().and_then(|id| id.split_once(':'));
    let begun = begun.map(|(laying, _)| laying.to_owned());
    let is_done = |laid: &laid::Model| {
        let laying = laid.laying.to_string();
        begun.as_ref().is_some_and(|begun| *begun != laying)
    };
    let mut rows = Vec::new();
    for (laid, number) in layings
        .iter()
        .zip(0_i64..)
        .skip_while(|(laid, _)| is_done(laid))
    {
        let left = most.saturating_sub(u64::try_from(rows.len()).unwrap_or(most));
        if left == 0 {
            break;
        }
        let select = of_laying(laid, after.take())
            .filter(any_kind(kinds))
            .order_by_asc(told::Column::Id)
            .limit(left);
        let told = store.brought_within(scope, select).await?;
        rows.extend(
            told.into_iter()
                .map(|row| ((number << 40) | place(&row.id), row)),
        );
    }
    Ok(rows)
}

/// Where a row was told.
#[derive(Debug, FromQueryResult)]
struct ToldIn {
    subject_id: String,
    source: String,
    row: String,
    laying: i64,
}

/// By which of these layings each row of some subjects was told last.
async fn told_last(
    store: &Store,
    scope: &Scope<SeePerson>,
    (layings, kinds): (&[laid::Model], &[&str]),
    subjects: &[String],
) -> Result<BTreeMap<Row, i64>, StoreFault> {
    let mut last: BTreeMap<Row, i64> = BTreeMap::new();
    let order = |laying: i64| layings.iter().position(|laid| laid.laying == laying);
    for some in subjects.chunks(ASKED_AT_ONCE) {
        let select = told::Entity::find()
            .select_only()
            .columns([
                told::Column::SubjectId,
                told::Column::Source,
                told::Column::Row,
                told::Column::Laying,
            ])
            .filter(told::Column::SubjectId.is_in(some))
            .filter(told::Column::Laying.is_in(layings.iter().map(|laid| laid.laying)))
            .filter(any_kind(kinds));
        for one in store
            .brought_as::<SeePerson, _, ToldIn>(scope, select)
            .await?
        {
            let of = last
                .entry((one.subject_id, one.source, one.row))
                .or_insert(one.laying);
            if order(*of) < order(one.laying) {
                *of = one.laying;
            }
        }
    }
    Ok(last)
}

/// What stands, by an entry that undid these layings, in the place of each of these rows of theirs; of a row that several of
/// them told, in that of the last.
async fn in_place_of(
    store: &Store,
    scope: &Scope<SeePerson>,
    seq: i64,
    of: (&[laid::Model], &[&str]),
    rows: Vec<(i64, told::Model)>,
) -> Result<Placed, StoreFault> {
    let ids: BTreeSet<&str> = rows
        .iter()
        .map(|(_, row)| row.subject_id.as_str())
        .collect();
    let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
    let last = told_last(store, scope, of, &ids).await?;
    let is_last = |row: &told::Model| last.get(&row_of(row)) == Some(&row.laying);
    let rows: BTreeMap<Row, (i64, told::Model)> = rows
        .into_iter()
        .filter(|(_, row)| is_last(row))
        .map(|(place, row)| (row_of(&row), (place, row)))
        .collect();
    let sources: BTreeSet<&str> = rows.keys().map(|(_, source, _)| source.as_str()).collect();
    let mut stands: BTreeMap<Row, told::Model> = BTreeMap::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        let undone = Query::select()
            .column(undone::Column::Laying)
            .from(undone::Entity)
            .and_where(undone::Column::Seq.lte(seq))
            .to_owned();
        let standing = Query::select()
            .column(laid::Column::Laying)
            .from(laid::Entity)
            .and_where(laid::Column::Seq.lte(seq))
            .and_where(laid::Column::Laying.not_in_subquery(undone))
            .to_owned();
        let select = told::Entity::find()
            .filter(told::Column::SubjectId.is_in(some))
            .filter(told::Column::Source.is_in(sources.iter().copied()))
            .filter(told::Column::Laying.in_subquery(standing))
            .order_by_asc(told::Column::Seq)
            .order_by_asc(told::Column::Id);
        for model in store.brought_within(scope, select).await? {
            let row = row_of(&model);
            if rows.contains_key(&row) {
                stands.insert(row, model);
            }
        }
    }
    let told: Vec<told::Model> = rows
        .iter()
        .map(|(row, (_, was))| stands.get(row).unwrap_or(was).clone())
        .collect();
    let subjects = subjects_of(store, scope, &told).await?;
    let opened = open(store, &subjects, told, &[]).await?;
    let mut tellings = Vec::with_capacity(opened.len());
    for ((row, (place, _)), (_, telling)) in rows.iter().zip(opened) {
        let telling = match stands.contains_key(row) {
            true => telling,
            false => Telling {
                facts: Vec::new(),
                ended: true,
                ..telling
            },
        };
        tellings.push((*place, telling));
    }
    tellings.sort_by_key(|(place, _)| *place);
    Ok(tellings)
}

/// What tells a row from others: whom it is about, its source, and its own key.
type Row = (String, String, String);

fn row_of(model: &told::Model) -> Row {
    (
        model.subject_id.clone(),
        model.source.clone(),
        model.row.clone(),
    )
}

async fn subjects_of(
    store: &Store,
    scope: &Scope<SeePerson>,
    told: &[told::Model],
) -> Result<Vec<subject::Model>, StoreFault> {
    let ids: BTreeSet<&str> = told.iter().map(|row| row.subject_id.as_str()).collect();
    let mut subjects = Vec::new();
    for some in ids.into_iter().collect::<Vec<_>>().chunks(ASKED_AT_ONCE) {
        let select =
            subject::Entity::find().filter(subject::Column::Id.is_in(some.iter().copied()));
        subjects.extend(store.brought_within(scope, select).await?);
    }
    Ok(subjects)
}

/// The place of a row in its laying.
fn place(id: &str) -> i64 {
    let place = id
        .rsplit_once(':')
        .and_then(|(_, place)| place.parse().ok());
    place.unwrap_or_default()
}

/// The laying, or undoing, that is being read, or what came next: a laying laid, or layings undone.
async fn next_event(
    store: &Store,
    scope: &Scope<SeePerson>,
    from: &Onward,
) -> Result<Option<Event>, StoreFault> {
    let begun = match from.row {
        Some(_) => laid::Column::Seq.gte(from.after),
        None => laid::Column::Seq.gt(from.after),
    };
    let select = laid::Entity::find()
        .filter(begun)
        .filter(laid::Column::Seq.lte(from.to))
        .order_by_asc(laid::Column::Seq)
        .limit(1);
    let laid = store
        .brought_within(scope, select)
        .await?
        .into_iter()
        .next();
    let begun = match from.row {
        Some(_) => undone::Column::Seq.gte(from.after),
        None => undone::Column::Seq.gt(from.after),
    };
    let select = undone::Entity::find()
        .filter(begun)
        .filter(undone::Column::Seq.lte(from.to))
        .order_by_asc(undone::Column::Seq)
        .limit(1);
    let undone = store
        .brought_within(scope, select)
        .await?
        .into_iter()
        .next();
    match (laid, undone) {
        (Some(laid), Some(undone)) if laid.seq < undone.seq => Ok(Some(Event::Laid(laid))),
        (Some(laid), None) => Ok(Some(Event::Laid(laid))),
        (_, Some(undone)) => {
            let these = Query::select()
                .column(undone::Column::Laying)
                .from(undone::Entity)
                .and_where(undone::Column::Seq.eq(undone.seq))
                .to_owned();
            let select = laid::Entity::find()
                .filter(laid::Column::Laying.in_subquery(these))
                .order_by_asc(laid::Column::Seq);
            let layings = store.brought_within(scope, select).await?;
            Ok(Some(Event::Undone(undone.seq, layings)))
        }
        (None, None) => Ok(None),
    }
}
