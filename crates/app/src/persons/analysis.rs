//! What measures may count of persons: which subject belongs to whom, and which source tells of it.

use clearpicture_kernel::{
    AnalysisColumn, AnalysisRow, AnalysisTable, AnalysisValue, Date, Fact, Holds, Says,
};
use clearpicture_store::{Onward, Recorded, Store, StoreFault};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::store::{Dated, tellings_since};
use super::types::{Person, SeePerson, Standing};
use crate::analysis::{Analysed, Source, Stretch};

const MEMBERSHIP: AnalysisTable = AnalysisTable {
    name: "membership",
    about: "To whom each subject belongs: one row for each subject.",
    columns: &[
        AnalysisColumn::new(
            "subject",
            Holds::Surrogate,
            "one child as one source knows them",
        ),
        AnalysisColumn::new(
            "person",
            Holds::Surrogate,
            "the child, made of one or more subjects",
        ),
        AnalysisColumn::new(
            "doubtful",
            Holds::Flag,
            "whether somebody must look at how the subjects came together",
        ),
    ],
};

const INVOLVEMENT: AnalysisTable = AnalysisTable {
    name: "involvement",
    about: "What a source says of a service's work with a subject: an involvement, a referral, a plan, care, a place on a roll. One row for each row of the source that tells of it.",
    columns: &[
        AnalysisColumn::new("row", Holds::Surrogate, "the row of the source"),
        AnalysisColumn::new(
            "subject",
            Holds::Surrogate,
            "one child as one source knows them",
        ),
        AnalysisColumn::new(
            "source",
            Holds::Code,
            "the source, by the name of its profile",
        ),
        AnalysisColumn::new(
            "service",
            Holds::Code,
            "the service of whose work the source tells: social-care or school",
        ),
        AnalysisColumn::new(
            "state",
            Holds::Code,
            "current, historic or not-specified, where an involvement is told",
        ),
        AnalysisColumn::new("begins", Holds::Day, "the first day that the row tells of"),
        AnalysisColumn::new(
            "ends",
            Holds::Day,
            "the last day, where it has ended, or the day from which the source no longer told of it",
        ),
        AnalysisColumn::new("last_contact", Holds::Day, "when the two last met or spoke"),
    ],
};

/// The tables.
pub(super) fn analysis() -> Vec<Analysed> {
    vec![
        Analysed {
            table: MEMBERSHIP,
            read: membership,
        },
        Analysed {
            table: INVOLVEMENT,
            read: involvement,
        },
    ]
}

fn membership<'a>(
    source: &'a Source<'a>,
    onward: Onward,
) -> BoxFuture<'a, Result<Stretch, StoreFault>> {
    async move {
        let scope = source.scope::<SeePerson>().await?;
        let recorded = source.store.recorded_since(&scope, &onward).await?;
        let last = recorded.last().map(|one| (one.seq, None));
        let rows = recorded.iter().flat_map(|one| members(source.store, one));
        Ok(Stretch::of(rows.collect(), &onward, recorded.len(), last))
    }
    .boxed()
}

/// A row for each subject that belongs to the person from this entry on. A subject belongs to one person at any time, so
/// whoever had it before needs no row.
fn members(store: &Store, one: &Recorded<Person>) -> Vec<AnalysisRow> {
    let doubtful = match &one.record.standing {
        Standing::Joined { doubts, checked } => !doubts.is_empty() && !checked,
        Standing::Alone | Standing::Empty { .. } => false,
    };
    let person = store.surrogate(&one.id.to_string());
    let rows = one.record.members.iter().zip(0..).map(|(subject, place)| {
        let values = vec![
            Some(AnalysisValue::Surrogate(
                store.surrogate(&subject.to_string()),
            )),
            Some(AnalysisValue::Surrogate(person)),
            Some(AnalysisValue::Flag(doubtful)),
        ];
        AnalysisRow {
            seq: one.seq,
            place,
            recorded_at: one.at,
            values,
        }
    });
    rows.collect()
}

fn involvement<'a>(
    source: &'a Source<'a>,
    onward: Onward,
) -> BoxFuture<'a, Result<Stretch, StoreFault>> {
    async move {
        let scope = source.scope::<SeePerson>().await?;
        let since = tellings_since(source.store, &scope, &onward, &WORK).await?;
        let rows = since.tellings.iter().map(|one| involved(source, one));
        Ok(Stretch::of(
            rows.collect(),
            &onward,
            usize::try_from(since.answered).unwrap_or(usize::MAX),
            since.last,
        ))
    }
    .boxed()
}

/// The kinds of facts that tell of a service's work with somebody.
const WORK: [&str; 11] = [
    "involvement",
    "referral",
    "assessment",
    "section47",
    "plan",
    "review",
    "care-episode",
    "care-year",
    "enrolment",
    "attendance",
    "exclusion",
];

/// What one row of one file says of a service's work with its subject; "not told" where it says nothing of it any more.
fn involved(source: &Source<'_>, one: &Dated) -> AnalysisRow {
    let (store, telling) = (source.store, &one.telling);
    let work = || {
        telling
            .facts
            .iter()
            .filter(|fact| WORK.contains(&fact.says.kind()))
    };
    let says = |fact: &Fact| match &fact.says {
        Says::Involvement {
            state,
            last_contact,
            ..
        } => Some((state.clone(), *last_contact)),
        _ => None,
    };
    let involvement = work().find_map(says);
    let begins = work().filter_map(|fact| fact.valid.from).min();
    let last: Option<Vec<Date>> = work().map(|fact| fact.valid.to).collect();
    let told_until = telling.ended.then_some(telling.as_of);
    let ends = last.and_then(|days| days.into_iter().max()).or(told_until);
    let is_told = work().next().is_some();
    let subject = telling.subject.to_string();
    let row = format!("{subject}:{}:{}", telling.source, telling.key);
    let (state, last_contact) = involvement.unzip();
    AnalysisRow {
        seq: one.seq,
        place: one.place,
        recorded_at: one.at,
        values: vec![
            Some(AnalysisValue::Surrogate(store.surrogate(&row))),
            Some(AnalysisValue::Surrogate(store.surrogate(&subject))),
            Some(AnalysisValue::Code(telling.source.clone())),
            source.service(&telling.source).filter(|_| is_told),
            state.map(AnalysisValue::Code),
            begins.map(AnalysisValue::Day),
            ends.filter(|_| is_told).map(AnalysisValue::Day),
            last_contact.flatten().map(AnalysisValue::Day),
        ],
    }
}
