//! Reading a pair blind: two records side by side, and nothing of how they stand.

use axum::extract::Query;
use axum::http::StatusCode;
use clearpicture_access::Action;
use clearpicture_kernel::{Says, TypedId as _};
use clearpicture_linkage::children::{Comparison, Written};
use clearpicture_store::WriteError;
use serde::{Deserialize, Serialize};

use super::pages::QUALITY;
use super::store;
use super::types::{
    LinkReading, LinkReadingId, LinkSampleId, Read, ReadPair, SeeLinkReading, SeeLinkSample,
};
use crate::linking::pages::{noun, source_names};
use crate::linking::pair;
use crate::persons::{Known, SeePerson};
use crate::shell::form::{Choice, not_taken, number};
use crate::shell::{Answer, Ctx, Errors, Failure, Page, Permitted, Posted, Scoped};
use crate::words;

const NEXT: &str = "/links/readings";
const ABOVE: [(&str, &str); 2] = [crate::linking::review::QUEUE, QUALITY];

/// One pair to be read, or that none is left.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ReadPage {
    /// How many are left stands here for nobody: beside those that a reader is shown, it would tell of children from
    /// whom they are barred.
    pair: Option<PairShown>,
    /// Where the answer that was given last can be changed.
    last: String,
    errors: Errors,
}

#[derive(Debug, Clone, Serialize)]
struct PairShown {
    action: String,
    version: u32,
    one: String,
    other: String,
    rows: Vec<RowShown>,
    choices: Vec<Choice>,
}

/// One thing that is compared, as each of the two writes it.
#[derive(Debug, Clone, Serialize)]
struct RowShown {
    of: String,
    one: String,
    other: String,
    differs: bool,
}

impl Page for ReadPage {
    const TEMPLATE: &'static str = "linking/quality/read.html";

    fn title(&self) -> String {
        "One child or two?".to_owned()
    }

    fn samples() -> Vec<Self> {
        let row = |of, one: &str, other: &str| RowShown {
            of: noun(of).to_owned(),
            one: one.to_owned(),
            other: other.to_owned(),
            differs: one != other,
        };
        let pair = PairShown {
            action: format!("{NEXT}/linkreading_1"),
            version: 1,
            one: "Involvement of children's social care, Northwater Council, record 12".to_owned(),
            other: "Involvement of schools, Northwater Schools, record 4".to_owned(),
            rows: vec![
                row(Comparison::Given, "Ada", "Aida <b>"),
                row(Comparison::Family, "Okafor", "Okafor"),
                row(Comparison::Address, "", ""),
            ],
            choices: choices(Read::Not),
        };
        let full = Self {
            pair: Some(pair),
            last: String::new(),
            errors: Errors::default(),
        };
        let mut refused = full.clone();
        refused.errors.add("answer", "Choose what you think");
        let after = Self {
            last: format!("{NEXT}/linkreading_2"),
            ..full.clone()
        };
        let none = Self {
            pair: None,
            ..after.clone()
        };
        vec![full, refused, after, none]
    }
}

/// Which pair was read before, whose answer can still be changed.
#[derive(Debug, Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: String,
}

/// An answer as sent.
#[derive(Debug, Deserialize)]
pub(super) struct ReadForm {
    #[serde(deserialize_with = "number")]
    version: u32,
    #[serde(default)]
    answer: String,
}

/// `GET /links/readings`: the next pair of the newest sample.
pub(super) async fn next(
    Scoped { ctx, scope }: Scoped<SeeLinkReading>,
    Query(After { after }): Query<After>,
) -> Answer {
    let store = ctx.store();
    let last = LinkReadingId::parse(&after).map_or_else(|_| String::new(), |id| href(&id));
    let samples = ctx.scope::<SeeLinkSample>().await?;
    let Some(sample) = store::samples(store, &samples).await?.first().copied() else {
        return ctx.page_under(&of_nothing(last), &ABOVE);
    };
    let answered = store::answered(store, &scope, sample).await?;
    let seen = ctx.scope::<SeePerson>().await?;
    let from = start(&ctx, sample, answered.len());
    let unread = store::unread(store, &scope, &seen, sample, from).await?;
    let Some(id) = unread.first() else {
        return ctx.page_under(&of_nothing(last), &ABOVE);
    };
    let permit = ctx.permit::<SeeLinkReading>(id).await?;
    let reading = store.load(&permit).await?;
    let version = permit.resource().version;
    let mut page = page(&ctx, *id, version, &reading).await?;
    page.last = last;
    ctx.page_under(&page, &ABOVE)
}

/// `GET /links/readings/{id}`: a pair whose answer may be changed.
pub(super) async fn show(at: Permitted<SeeLinkReading>) -> Answer {
    let page = match of_one(&at).await {
        // Of a pair of whom the reader may not know both nothing is shown, not even that there is one.
        Err(Failure::NotFound) => of_nothing(String::new()),
        page => page?,
    };
    at.ctx.page_under(&page, &ABOVE)
}

/// `POST /links/readings/{id}`
pub(super) async fn answer(at: Permitted<ReadPair>, Posted(form): Posted<ReadForm>) -> Answer {
    let ctx = &at.ctx;
    let mut reading = ctx.store().load(&at.permit).await?;
    // Whoever may not know of one of the two says nothing of them.
    both(ctx, &reading).await?;
    let samples = ctx.scope::<SeeLinkSample>().await?;
    if store::samples(ctx.store(), &samples).await?.first() != Some(&reading.sample) {
        let notice = "A newer sample was drawn meanwhile, and this one is read no more.";
        return ctx.done(QUALITY.1, notice).await;
    }
    let said = Read::parse(&form.answer).filter(|said| *said != Read::Not);
    let Some(said) = said else {
        let mut page = of_one(&at).await?;
        page.errors.add("answer", "Choose what you think");
        return not_taken(
            StatusCode::UNPROCESSABLE_ENTITY,
            ctx.page_under(&page, &ABOVE),
        );
    };
    let first = "Somebody else read that pair first, and their answer stands. Here is the next.";
    if at.permit.resource().version != form.version {
        return ctx.done(NEXT, first).await;
    }
    reading.answer = said;
    match ctx.store().change(&at.permit, &reading, None).await {
        Ok(_) => {}
        Err(WriteError::Conflict { .. }) => return ctx.done(NEXT, first).await,
        Err(fault) => return Err(fault.into()),
    }
    let notice = format!("Kept: {}.", said.words().to_lowercase());
    ctx.done(&format!("{NEXT}?after={}", at.id), &notice).await
}

/// The page of one pair, with the answer that it has.
async fn of_one<A: Action<On = LinkReading>>(at: &Permitted<A>) -> Result<ReadPage, Failure> {
    let ctx = &at.ctx;
    let reading = ctx.store().load(&at.permit).await?;
    page(ctx, at.id, at.permit.resource().version, &reading).await
}

/// Where a reader begins: not where another does, so that two who read at once seldom read the same pair.
fn start(ctx: &Ctx, sample: LinkSampleId, pairs: usize) -> u32 {
    let (who, sample) = (ctx.caller().identity.to_string(), sample.to_string());
    let digest = ctx.store().keyed_digest("reader", &[&who, &sample]);
    let digits = digest.get(..8).unwrap_or_default();
    let number = u64::from_str_radix(digits, 16).unwrap_or_default();
    let pairs = u64::try_from(pairs).unwrap_or(1).max(1);
    u32::try_from(number % pairs).unwrap_or_default()
}

fn href(id: &LinkReadingId) -> String {
    format!("{NEXT}/{id}")
}

fn of_nothing(last: String) -> ReadPage {
    ReadPage {
        pair: None,
        last,
        errors: Errors::default(),
    }
}

fn choices(answer: Read) -> Vec<Choice> {
    let chosen = answer.code();
    [Read::One, Read::Two, Read::Unclear]
        .map(|read| Choice::new(read.code(), read.words(), chosen))
        .to_vec()
}

/// What is known of the two, the earlier first.
async fn both(ctx: &Ctx, reading: &LinkReading) -> Result<(Known, Known), Failure> {
    let ids = (reading.a, reading.b);
    pair::known(ctx, ids, pair::whose(ctx, ids).await?).await
}

async fn page(
    ctx: &Ctx,
    id: LinkReadingId,
    version: u32,
    reading: &LinkReading,
) -> Result<ReadPage, Failure> {
    let (one, other) = both(ctx, reading).await?;
    let names = source_names(ctx, &[one.clone(), other.clone()]).await?;
    let name = |id| names.get(&id).cloned().unwrap_or_default();
    let mut rows = written(&one, &other);
    let model = &ctx.app.practice().linkage;
    rows.extend(
        model
            .numbers()
            .filter_map(|scheme| numbers(scheme, &one, &other)),
    );
    Ok(ReadPage {
        pair: Some(PairShown {
            action: href(&id),
            version,
            one: name(reading.a),
            other: name(reading.b),
            rows,
            choices: choices(reading.answer),
        }),
        last: String::new(),
        errors: Errors::default(),
    })
}

/// What the two write, of all that is compared but numbers.
fn written(one: &Known, other: &Known) -> Vec<RowShown> {
    let written = (Written::of(one.facts()), Written::of(other.facts()));
    let of = |comparison| {
        let one = written.0.value(comparison).unwrap_or_default();
        let other = written.1.value(comparison).unwrap_or_default();
        let is_told = !one.is_empty() && !other.is_empty();
        RowShown {
            of: noun(comparison).to_owned(),
            differs: is_told && one.to_lowercase() != other.to_lowercase(),
            one,
            other,
        }
    };
    let all = Comparison::ALL.into_iter();
    all.filter(|comparison| *comparison != Comparison::Identifier)
        .map(of)
        .collect()
}

/// Whether a number that sources share is the same: the number itself need not be seen for that. Nothing where neither
/// tells it.
fn numbers(scheme: &str, one: &Known, other: &Known) -> Option<RowShown> {
    let told = |known: &Known| {
        let mut facts = known.facts();
        facts.find_map(|fact| match &fact.says {
            Says::Identifier { scheme: of, value } if of.as_str() == scheme => {
                Some(value.to_string())
            }
            _ => None,
        })
    };
    let (one, other) = (told(one), told(other));
    let (one, other, differs) = match (&one, &other) {
        (None, None) => return None,
        (Some(one), Some(other)) if one == other => ("told", "the same number", false),
        (Some(_), Some(_)) => ("told", "another number", true),
        (Some(_), None) => ("told", "", false),
        (None, Some(_)) => ("", "told", false),
    };
    let of = match scheme {
        "nhs-number" => "NHS number".to_owned(),
        "upn" => "Unique pupil number".to_owned(),
        other => words::sentence(&other.replace('-', " ")),
    };
    Some(RowShown {
        of,
        one: one.to_owned(),
        other: other.to_owned(),
        differs,
    })
}
