//! The tables of runs, decisions and links.

mod decided;
pub(super) mod tables;

pub(super) use decided::{Decided, Decisions, Two, times_said};
pub use decided::{DecisionNamed, decided_about};

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Action, Permit, Scope};
use clearpicture_kernel::{AgencyId, SubjectId, TypedId as _};
use clearpicture_linkage::Level;
use clearpicture_linkage::children::Comparison;
use clearpicture_linkage::columns::Frequencies;
use clearpicture_store::schema::{Migration, Step, Table, TableClass, flag, integer, text};
use clearpicture_store::{Batch, Store, StoreFault};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait as _, IntoColumnRef as _, Query};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
};
use tables::{decision, frequency, link, question, whole};

use super::question::{LinkQuestionId, SeeLinkQuestion};
use super::types::{LinkDecision, LinkDecisionId, LinkRunId, SeeLinkDecision, Verdict};
use crate::persons::{self, SeePerson};
use crate::shell::page::PER_PAGE;
use crate::shell::{Ctx, Failure, Pagination};

/// The most ids that one question to the database names.
const ASKED_AT_ONCE: usize = 500;

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
                Table::record(
                    "link_decision",
                    &[
                        text("a"),
                        text("b"),
                        text("verdict"),
                        text("asked_of").optional(),
                        integer("round"),
                    ],
                )
                .unique(&["a", "b"])
                .index(&["b"]),
            ),
            Step::Create(
                Table::new(
                    "link_decision_record",
                    TableClass::Part,
                    &[
                        text("id"),
                        text("decision_id"),
                        text("subject_id"),
                        integer("side"),
                        integer("round"),
                    ],
                )
                .index(&["decision_id"])
                .index(&["subject_id"]),
            ),
            Step::Create(
                Table::record(
                    "link_question",
                    &[
                        text("a"),
                        text("b"),
                        flag("joined"),
                        text("because"),
                        integer("stake"),
                        integer("doubt"),
                        flag("open"),
                    ],
                )
                .unique(&["a", "b"])
                .index(&["b"])
                .index(&["open", "stake", "doubt"]),
            ),
            Step::Create(Table::brought("link", &link).index(&["a"]).index(&["b"])),
            Step::Create(Table::brought("link_frequency", &[text("body")])),
            Step::Create(Table::brought("link_whole", &[integer("laid")])),
            Step::Create(Table::record("link_sample", &[integer("asked_at")])),
            Step::Create(
                Table::record(
                    "link_reading",
                    &[
                        text("sample_id"),
                        integer("place"),
                        text("a"),
                        text("b"),
                        text("band"),
                        text("ethnic"),
                        text("sex"),
                        text("age"),
                        text("answer"),
                    ],
                )
                .unique(&["sample_id", "place"]),
            ),
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

impl Evidence {
    /// The same as if neither had told where they live: for whoever must not be told how far that agrees.
    pub(super) fn without_place(self) -> Self {
        let is_place = |column: &str| Comparison::of(column) == Comparison::Address;
        let worth = |(column, _, worth): &(String, Level, i32)| match is_place(column) {
            true => *worth,
            false => 0,
        };
        let place: i32 = self.parts.iter().map(worth).sum();
        let parts = self.parts.into_iter();
        Self {
            weight: self.weight - place,
            parts: parts.filter(|(column, _, _)| !is_place(column)).collect(),
            ..self
        }
    }
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
    let mut newest = BTreeMap::new();
    for row in store.brought(permit, select).await? {
        let unreadable = |problem: String| unreadable(&row.id, problem);
        let (a, b) = pair(&row.id, &row.a, &row.b)?;
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

/// Puts into the batch of a run over everything that it came to its end, having begun when an entry of this number was the
/// last that laid a file.
pub(super) fn bring_end(batch: &mut Batch, run: &LinkRunId, laid: i64) {
    batch.add(whole::ActiveModel {
        id: Set(run.to_string()),
        seq: NotSet,
        laid: Set(laid),
    });
}

/// The number of the entry that laid a file last before the last run over everything began that came to its end; 0 before
/// the first.
pub(super) async fn linked_to(store: &Store, scope: &Scope<SeePerson>) -> Result<i64, StoreFault> {
    let newest = whole::Entity::find()
        .order_by_desc(whole::Column::Seq)
        .limit(1);
    let rows = store.brought_within(scope, newest).await?;
    Ok(rows.first().map_or(0, |row| row.laid))
}

/// The questions about any of these subjects, open or not.
pub(super) async fn questions_about(
    store: &Store,
    scope: &Scope<SeeLinkQuestion>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<Vec<LinkQuestionId>, StoreFault> {
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let mut found = BTreeSet::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        for column in [question::Column::A, question::Column::B] {
            let rows = store.select(scope).filter(column.is_in(some));
            for row in rows.all(store.reader()).await? {
                found.insert(row.id);
            }
        }
    }
    let read =
        |id: &String| LinkQuestionId::parse(id).map_err(|error| unreadable(id, error.to_string()));
    found.iter().map(read).collect()
}

/// The pairs that wait of which one is among these subjects.
pub(super) async fn open_about(
    store: &Store,
    scope: &Scope<SeeLinkQuestion>,
    subjects: &BTreeSet<SubjectId>,
) -> Result<BTreeSet<Two>, StoreFault> {
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let mut found = BTreeSet::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        for column in [question::Column::A, question::Column::B] {
            let open = store.select(scope).filter(question::Column::Open.eq(true));
            for row in open.filter(column.is_in(some)).all(store.reader()).await? {
                found.insert(pair(&row.id, &row.a, &row.b)?);
            }
        }
    }
    Ok(found)
}

/// What was decided about a pair, if anything ever was.
pub(super) async fn decision_about<A>(
    store: &Store,
    scope: &Scope<A>,
    (a, b): (SubjectId, SubjectId),
) -> Result<Option<LinkDecisionId>, StoreFault>
where
    A: Action<On = LinkDecision>,
{
    let row = store
        .select(scope)
        .filter(decision::Column::A.eq(a.to_string()))
        .filter(decision::Column::B.eq(b.to_string()))
        .one(store.reader())
        .await?;
    let read = |row: decision::Model| {
        LinkDecisionId::parse(&row.id).map_err(|error| unreadable(&row.id, error.to_string()))
    };
    row.map(read).transpose()
}

/// Which questions.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which<'a> {
    /// All that wait.
    All,
    /// Those about one of some subjects.
    About(&'a BTreeSet<SubjectId>),
    /// Those of which somebody asks an agency.
    AskedOf(AgencyId),
}

impl Which<'_> {
    /// The questions that wait, of which the reader may know both sides.
    fn waiting(self, store: &Store, persons: &Scope<SeePerson>) -> Condition {
        let seen = persons::subjects_in(store, persons);
        let own = match self {
            Self::All => None,
            Self::About(members) => {
                let members: Vec<String> = members.iter().map(ToString::to_string).collect();
                let any = Condition::any()
                    .add(question::Column::A.is_in(members.clone()))
                    .add(question::Column::B.is_in(members));
                Some(any)
            }
            Self::AskedOf(agency) => {
                let of = |column: decision::Column| (decision::Entity, column).into_column_ref();
                let asked = Query::select()
                    .expr(Expr::val(1))
                    .from(decision::Entity)
                    .and_where(
                        Expr::col(of(decision::Column::A))
                            .equals(question::Column::A.as_column_ref()),
                    )
                    .and_where(
                        Expr::col(of(decision::Column::B))
                            .equals(question::Column::B.as_column_ref()),
                    )
                    .and_where(decision::Column::Verdict.eq(Verdict::Asked.code()))
                    .and_where(decision::Column::AskedOf.eq(agency.to_string()))
                    .to_owned();
                Some(Condition::all().add(Expr::exists(asked)))
            }
        };
        Condition::all()
            .add_option(own)
            .add(question::Column::Open.eq(true))
            .add(question::Column::A.in_subquery(seen.clone()))
            .add(question::Column::B.in_subquery(seen))
    }
}

/// How many questions wait, of which the reader may know both sides.
pub(super) async fn count_waiting(
    store: &Store,
    questions: &Scope<SeeLinkQuestion>,
    persons: &Scope<SeePerson>,
    which: Which<'_>,
) -> Result<u64, StoreFault> {
    store.count(questions, &which.waiting(store, persons)).await
}

/// One page of the questions that wait, of which the reader may know both sides, in order.
pub(super) async fn waiting(
    store: &Store,
    questions: &Scope<SeeLinkQuestion>,
    persons: &Scope<SeePerson>,
    which: Which<'_>,
    page: u64,
) -> Result<(Vec<question::Model>, Pagination), StoreFault> {
    let both = which.waiting(store, persons);
    let total = store.count(questions, &both).await?;
    let page = Pagination::of(page, total);
    let rows = in_order(store.select(questions).filter(both))
        .offset(page.offset())
        .limit(PER_PAGE)
        .all(store.reader())
        .await?;
    Ok((rows, page))
}

/// The pair that waits after this one for whoever may know both sides, in the order of [`waiting`]; after the last the
/// first. Nothing when no other waits.
pub(super) async fn next_waiting(
    store: &Store,
    questions: &Scope<SeeLinkQuestion>,
    persons: &Scope<SeePerson>,
    (a, b): Two,
) -> Result<Option<Two>, StoreFault> {
    let is_it = || {
        let is_a = question::Column::A.eq(a.to_string());
        Condition::all()
            .add(is_a)
            .add(question::Column::B.eq(b.to_string()))
    };
    let own = store
        .select(questions)
        .filter(is_it())
        .one(store.reader())
        .await?;
    let follows = own.map(|own| {
        let (stake, joined, doubt) = (
            question::Column::Stake.eq(own.stake),
            question::Column::Joined.eq(own.joined),
            question::Column::Doubt.eq(own.doubt),
        );
        let same_stake = Condition::all().add(stake);
        let same_standing = same_stake.clone().add(joined);
        let same_doubt = same_standing.clone().add(doubt);
        let any = Condition::any()
            .add(question::Column::Stake.gt(own.stake))
            .add(same_standing.add(question::Column::Doubt.gt(own.doubt)))
            .add(same_doubt.add(question::Column::Id.gt(own.id)));
        // Those that stand joined come before the others.
        match own.joined {
            true => any.add(same_stake.add(question::Column::Joined.eq(false))),
            false => any,
        }
    });
    let others = Which::All.waiting(store, persons).add(is_it().not());
    for beyond in follows.map(Some).into_iter().chain([None]) {
        let row = in_order(
            store
                .select(questions)
                .filter(others.clone().add_option(beyond)),
        )
        .one(store.reader())
        .await?;
        if let Some(row) = row {
            return Ok(Some(pair(&row.id, &row.a, &row.b)?));
        }
    }
    Ok(None)
}

/// By what is at stake first, those that stand joined before others, and then by doubt.
fn in_order(select: Select<question::Entity>) -> Select<question::Entity> {
    select
        .order_by_asc(question::Column::Stake)
        .order_by_desc(question::Column::Joined)
        .order_by_asc(question::Column::Doubt)
        .order_by_asc(question::Column::Id)
}

/// Those of these pairs of which somebody asks, and the agency that is asked, where one is.
pub(super) async fn asked_about(
    ctx: &Ctx,
    pairs: &[(SubjectId, SubjectId)],
) -> Result<BTreeMap<(SubjectId, SubjectId), Option<AgencyId>>, Failure> {
    let scope = ctx.scope::<SeeLinkDecision>().await?;
    let firsts: BTreeSet<String> = pairs.iter().map(|(a, _)| a.to_string()).collect();
    let rows = ctx
        .store()
        .select(&scope)
        .filter(decision::Column::Verdict.eq(Verdict::Asked.code()))
        .filter(decision::Column::A.is_in(firsts))
        .all(ctx.store().reader())
        .await
        .map_err(StoreFault::from)?;
    let asked = rows.iter().map(|row| {
        let agency = row.asked_of.as_deref().map(AgencyId::parse).transpose();
        let agency = agency.map_err(|error| unreadable(&row.id, error.to_string()))?;
        Ok((pair(&row.id, &row.a, &row.b)?, agency))
    });
    Ok(asked.collect::<Result<_, StoreFault>>()?)
}

/// Why it is asked whether two subjects are one child, where the reader may know that it is.
pub(super) async fn asked_because(
    store: &Store,
    scope: &Scope<SeeLinkQuestion>,
    (a, b): (SubjectId, SubjectId),
) -> Result<Option<String>, StoreFault> {
    let row = store
        .select(scope)
        .filter(question::Column::Open.eq(true))
        .filter(question::Column::A.eq(a.to_string()))
        .filter(question::Column::B.eq(b.to_string()))
        .one(store.reader())
        .await?;
    Ok(row.map(|row| row.because))
}

/// The two subjects of a row.
fn pair(id: &str, a: &str, b: &str) -> Result<(SubjectId, SubjectId), StoreFault> {
    let subject =
        |text: &str| SubjectId::parse(text).map_err(|error| unreadable(id, error.to_string()));
    Ok((subject(a)?, subject(b)?))
}

fn unreadable(id: &str, problem: String) -> StoreFault {
    StoreFault::Unreadable {
        id: id.to_owned(),
        problem,
    }
}
