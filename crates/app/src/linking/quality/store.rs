//! Samples and readings as the tables have them.

use clearpicture_access::Scope;
use clearpicture_kernel::TypedId;
use clearpicture_linkage::children::Band;
use clearpicture_store::{Store, StoreFault};
use sea_orm::{ColumnTrait as _, Condition, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use super::estimate::Answered;
use super::groups::Groups;
use super::types::{LinkReadingId, LinkSampleId, Read, SeeLinkReading, SeeLinkSample};
use crate::linking::store::tables::{reading, sample};
use crate::persons::{self, SeePerson};

/// The most samples that are listed: one a month, for some years.
const LISTED: u64 = 50;

/// The samples, the newest first.
pub(super) async fn samples(
    store: &Store,
    scope: &Scope<SeeLinkSample>,
) -> Result<Vec<LinkSampleId>, StoreFault> {
    let rows = store
        .select(scope)
        .order_by_desc(sample::Column::AskedAt)
        .order_by_desc(sample::Column::Id)
        .limit(LISTED)
        .all(store.reader())
        .await?;
    rows.iter().map(|row| read_id(&row.id)).collect()
}

/// What was said of the pairs of a sample so far.
pub(super) async fn answered(
    store: &Store,
    scope: &Scope<SeeLinkReading>,
    sample: LinkSampleId,
) -> Result<Vec<Answered>, StoreFault> {
    let rows = of_sample(store, scope, sample).all(store.reader()).await?;
    rows.into_iter().map(read).collect()
}

/// The pairs of a sample that nobody has read and both sides of which the reader may know, in their order; those from
/// `from` on first, so that two who read at once are shown different ones.
pub(super) async fn unread(
    store: &Store,
    scope: &Scope<SeeLinkReading>,
    persons: &Scope<SeePerson>,
    sample: LinkSampleId,
    from: u32,
) -> Result<Vec<LinkReadingId>, StoreFault> {
    let rows = of_sample(store, scope, sample)
        .filter(reading::Column::Answer.eq(Read::Not.code()))
        .filter(known(store, persons))
        .all(store.reader())
        .await?;
    let (before, after): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| row.place < i64::from(from));
    after
        .iter()
        .chain(&before)
        .map(|row| read_id(&row.id))
        .collect()
}

/// The pairs of a sample of which this was said and both sides of which the reader may know.
pub(super) async fn said(
    store: &Store,
    scope: &Scope<SeeLinkReading>,
    persons: &Scope<SeePerson>,
    sample: LinkSampleId,
    answer: Read,
) -> Result<Vec<reading::Model>, StoreFault> {
    let rows = of_sample(store, scope, sample)
        .filter(reading::Column::Answer.eq(answer.code()))
        .filter(known(store, persons));
    Ok(rows.all(store.reader()).await?)
}

fn of_sample(
    store: &Store,
    scope: &Scope<SeeLinkReading>,
    sample: LinkSampleId,
) -> sea_orm::Select<reading::Entity> {
    store
        .select(scope)
        .filter(reading::Column::SampleId.eq(sample.to_string()))
        .order_by_asc(reading::Column::Place)
}

fn known(store: &Store, persons: &Scope<SeePerson>) -> Condition {
    let seen = persons::subjects_in(store, persons);
    Condition::all()
        .add(reading::Column::A.in_subquery(seen.clone()))
        .add(reading::Column::B.in_subquery(seen))
}

fn read(row: reading::Model) -> Result<Answered, StoreFault> {
    let unreadable = |what: &str| StoreFault::Unreadable {
        id: row.id.clone(),
        problem: format!("no such {what}"),
    };
    Ok(Answered {
        band: Band::parse(&row.band).ok_or_else(|| unreadable("place"))?,
        answer: Read::parse(&row.answer).ok_or_else(|| unreadable("answer"))?,
        groups: Groups {
            ethnic: row.ethnic,
            sex: row.sex,
            age: row.age,
        },
    })
}

fn read_id<I: TypedId>(text: &str) -> Result<I, StoreFault> {
    I::parse(text).map_err(|error| StoreFault::Unreadable {
        id: text.to_owned(),
        problem: error.to_string(),
    })
}
