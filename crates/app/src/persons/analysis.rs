//! What measures may count of persons: which subject belongs to whom, and which source tells of it.

use clearpicture_kernel::{
    AnalysisColumn, AnalysisRow, AnalysisTable, AnalysisValue, Fact, Holds, Says,
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
    about: "What a source says of its work with a subject: one row for each row of the source that tells of it.",
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
        AnalysisColumn::new("state", Holds::Code, "current, historic or not-specified"),
        AnalysisColumn::new("begins", Holds::Day, "the first day of the involvement"),
        AnalysisColumn::new(
            "ends",
            Holds::Day,
            "its last day, where it has ended, or the day from which the source no longer told of it",
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
        let since = tellings_since(source.store, &scope, &onward, "involvement").await?;
        let rows = since.tellings.iter().map(|one| involved(source.store, one));
        Ok(Stretch::of(
            rows.collect(),
            &onward,
            since.tellings.len(),
            since.last,
        ))
    }
    .boxed()
}

/// What one row of one file says of the source's work with its subject; "not told" where it says nothing of it.
fn involved(store: &Store, one: &Dated) -> AnalysisRow {
    let telling = &one.telling;
    let says = |fact: &Fact| match &fact.says {
        Says::Involvement {
            state,
            last_contact,
            ..
        } => Some((state.clone(), fact.valid, *last_contact)),
        _ => None,
    };
    let (mut state, mut begins, mut ends, mut last_contact) = (None, None, None, None);
    if let Some((said, valid, contact)) = telling.facts.iter().find_map(says) {
        state = Some(AnalysisValue::Code(said));
        begins = valid.from.map(AnalysisValue::Day);
        let told_until = telling.ended.then_some(telling.as_of);
        ends = valid.to.or(told_until).map(AnalysisValue::Day);
        last_contact = contact.map(AnalysisValue::Day);
    }
    let subject = telling.subject.to_string();
    let row = format!("{subject}:{}:{}", telling.source, telling.key);
    let subject = store.surrogate(&subject);
    AnalysisRow {
        seq: one.seq,
        place: one.place,
        recorded_at: one.at,
        values: vec![
            Some(AnalysisValue::Surrogate(store.surrogate(&row))),
            Some(AnalysisValue::Surrogate(subject)),
            Some(AnalysisValue::Code(telling.source.clone())),
            state,
            begins,
            ends,
            last_contact,
        ],
    }
}
