//! How good links are, as far as a sample that was read blind tells.

use std::collections::BTreeSet;

use axum::extract::Query;
use axum::http::StatusCode;
use clearpicture_access::{AccessClass, Grants, Kind as _};
use clearpicture_kernel::{SubjectId, TypedId as _};
use clearpicture_measures::sampled::Estimate;
use clearpicture_reports::{Bar, Chart};
use clearpicture_store::NewJob;
use serde::{Deserialize, Serialize};

use super::DRAW;
use super::estimate::{Figures, OfGroup, Place, Told, told};
use super::store;
use super::types::{
    AddLinkSample, Drawing, LinkReading, LinkSample, LinkSampleId, Read, ReadPair, SeeLinkReading,
    SeeLinkSample,
};
use crate::linking::review::{self, href};
use crate::persons::{self, SeePerson};
use crate::shell::form::not_taken;
use crate::shell::{Answer, ChartShown, Ctx, Errors, Failure, Page, Posted, Scoped};
use crate::words;

pub(in crate::linking) const QUALITY: (&str, &str) = ("How good the links are", "/links/quality");
const ABOVE: [(&str, &str); 1] = [review::QUEUE];
/// What reading one pair takes, as far as nobody has measured it: for saying how much work is left.
const MINUTES_EACH: u64 = 1;
/// How many pairs can be asked for, and how many are when nobody says otherwise.
const FEWEST: u32 = 100;
const MOST: u32 = 2_000;
const USUAL: u32 = 400;
/// The most pairs that are listed as standing otherwise than they were read.
const LISTED: usize = 100;

/// How good links are.
#[derive(Debug, Clone, Serialize)]
pub(super) struct QualityPage {
    /// When the sample was asked for; empty when there is none.
    asked: String,
    /// Of which model its links are.
    model: String,
    /// Why it could not be drawn.
    failed: String,
    drawing: bool,
    told: Option<ToldShown>,
    earlier: Vec<Earlier>,
    may_read: bool,
    may_draw: bool,
    wanted: String,
    errors: Errors,
}

#[derive(Debug, Clone, Serialize)]
struct ToldShown {
    progress: String,
    left: String,
    unclear: String,
    figures: Vec<FigureShown>,
    thresholds: Vec<Line>,
    by: Vec<ByShown>,
    chart: ChartShown,
    places: Vec<PlaceShown>,
    otherwise: Vec<Otherwise>,
    any_read: bool,
    all_read: bool,
}

/// One figure, or that it is not told yet.
#[derive(Debug, Clone, Serialize)]
struct FigureShown {
    name: &'static str,
    number: String,
    whole: &'static str,
    interval: String,
}

/// What is said of one threshold or group.
#[derive(Debug, Clone, Serialize)]
struct Line {
    of: String,
    read: String,
    precision: String,
    recall: String,
    f1: String,
    poor: String,
}

#[derive(Debug, Clone, Serialize)]
struct ByShown {
    id: String,
    heading: &'static str,
    groups: Vec<Line>,
}

#[derive(Debug, Clone, Serialize)]
struct PlaceShown {
    words: &'static str,
    pairs: u64,
    drawn: u64,
    read: u64,
    one: u64,
}

/// A pair that stands otherwise than it was read.
#[derive(Debug, Clone, Serialize)]
struct Otherwise {
    href: String,
    number: i64,
    words: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct Earlier {
    href: String,
    asked: String,
    shown: bool,
}

impl Page for QualityPage {
    const TEMPLATE: &'static str = "linking/quality/quality.html";

    fn title(&self) -> String {
        QUALITY.0.to_owned()
    }

    fn samples() -> Vec<Self> {
        let told = ToldShown::sample();
        let full = Self {
            asked: "today, 14:02".to_owned(),
            model: "children-2".to_owned(),
            failed: String::new(),
            drawing: false,
            told: Some(told.clone()),
            earlier: vec![Earlier {
                href: format!("{}?sample=linksample_1", QUALITY.1),
                asked: "3 May 2026, 10:00".to_owned(),
                shown: false,
            }],
            may_read: true,
            may_draw: true,
            wanted: USUAL.to_string(),
            errors: Errors::default(),
        };
        let all_read = Self {
            told: Some(ToldShown {
                all_read: true,
                left: String::new(),
                unclear: String::new(),
                otherwise: vec![Otherwise {
                    href: "/links/person_1?a=subject_1&b=subject_2".to_owned(),
                    number: 12,
                    words: "Joined, and read as two children",
                }],
                ..told.clone()
            }),
            may_read: false,
            may_draw: false,
            ..full.clone()
        };
        let none_otherwise = Self {
            told: Some(ToldShown {
                all_read: true,
                ..told.clone()
            }),
            ..full.clone()
        };
        let unread = Self {
            told: Some(ToldShown {
                any_read: false,
                ..told
            }),
            ..full.clone()
        };
        let empty = Self {
            asked: String::new(),
            told: None,
            earlier: Vec::new(),
            ..full.clone()
        };
        let reader = Self {
            may_draw: false,
            may_read: false,
            ..empty.clone()
        };
        let drawing = Self {
            drawing: true,
            told: None,
            ..full.clone()
        };
        let mut failed = Self {
            failed: "too many records share a value".to_owned(),
            told: None,
            ..full.clone()
        };
        failed.errors.add("wanted", "Write a number");
        vec![
            full,
            all_read,
            none_otherwise,
            unread,
            empty,
            reader,
            drawing,
            failed,
        ]
    }
}

impl ToldShown {
    fn sample() -> Self {
        let line = |of: &str| Line {
            of: of.to_owned(),
            read: "40".to_owned(),
            precision: "98.2% (95.0% to 99.4%)".to_owned(),
            recall: "not told yet".to_owned(),
            f1: "97.0% (93.8% to 98.9%)".to_owned(),
            poor: "3 of 1,200".to_owned(),
        };
        Self {
            progress: "40 of 400 pairs are read.".to_owned(),
            left: work(360),
            unclear: "Of 2 the records do not tell.".to_owned(),
            figures: vec![
                FigureShown {
                    name: "Precision",
                    number: "98.2%".to_owned(),
                    whole: PRECISION,
                    interval: "95% interval 95.0% to 99.4%".to_owned(),
                },
                FigureShown {
                    name: "Recall",
                    number: String::new(),
                    whole: RECALL,
                    interval: String::new(),
                },
            ],
            thresholds: vec![line("As it is")],
            by: vec![ByShown {
                id: "by-1".to_owned(),
                heading: "Ethnic group",
                groups: vec![line("Asian"), line("Told <differently>")],
            }],
            chart: ChartShown::sample(),
            places: vec![PlaceShown {
                words: "Joined, worth up to 4 bits more",
                pairs: 90,
                drawn: 40,
                read: 4,
                one: 3,
            }],
            otherwise: Vec::new(),
            any_read: true,
            all_read: false,
        }
    }
}

const PRECISION: &str = "of the pairs that are joined are one child";
const RECALL: &str = "of the pairs that are one child are joined";
const F1: &str = "is the harmonic mean of precision and recall";
const COMPARED: &str = "of the pairs that are one child are compared at all";

/// Which sample.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    sample: String,
}

/// A sample as asked for.
#[derive(Debug, Deserialize)]
pub(super) struct AskForm {
    #[serde(default)]
    wanted: String,
}

/// `GET /links/quality`
pub(super) async fn show(
    Scoped { ctx, scope }: Scoped<SeeLinkSample>,
    Query(which): Query<Which>,
) -> Answer {
    let samples = store::samples(ctx.store(), &scope).await?;
    let asked = LinkSampleId::parse(&which.sample).ok();
    let shown = match asked {
        Some(asked) if samples.contains(&asked) => Some(asked),
        Some(_) => return Err(Failure::NotFound),
        None => samples.first().copied(),
    };
    ctx.page_under(&page(&ctx, &samples, shown).await?, &ABOVE)
}

/// `POST /links/quality`: asks for a sample.
pub(super) async fn ask(
    Scoped { ctx, .. }: Scoped<AddLinkSample>,
    Posted(form): Posted<AskForm>,
) -> Answer {
    let wanted = form.wanted.trim().replace(',', "").parse::<u32>();
    let wanted = wanted
        .ok()
        .filter(|wanted| (FEWEST..=MOST).contains(wanted));
    let Some(wanted) = wanted else {
        let scope = ctx.scope::<SeeLinkSample>().await?;
        let samples = store::samples(ctx.store(), &scope).await?;
        let mut page = page(&ctx, &samples, samples.first().copied()).await?;
        page.wanted = form.wanted;
        page.errors.add(
            "wanted",
            format!("Write how many pairs, from {FEWEST} to 2,000"),
        );
        return not_taken(
            StatusCode::UNPROCESSABLE_ENTITY,
            ctx.page_under(&page, &ABOVE),
        );
    };
    let id = LinkSampleId::fresh(ctx.app.ambient());
    let sample = LinkSample {
        wanted,
        asked_at: ctx.now(),
        state: Drawing::Waits,
        model: String::new(),
        cells: Vec::new(),
        records: Vec::new(),
    };
    let permit = ctx.permit_add::<AddLinkSample>(&id, &sample)?;
    let job = NewJob::new(DRAW, format!("{DRAW}/{id}"));
    let prepared = ctx.store().prepare_add(&permit, &sample, None).await?;
    ctx.store().commit(vec![prepared.asking(job)]).await?;
    let notice = "The sample is being drawn. It takes as long as linking everything does: come back in a few minutes.";
    ctx.done(QUALITY.1, notice).await
}

async fn page(
    ctx: &Ctx,
    samples: &[LinkSampleId],
    shown: Option<LinkSampleId>,
) -> Result<QualityPage, Failure> {
    let class = AccessClass::ordinary(LinkReading::NAME, None);
    let is_newest = shown.as_ref() == samples.first();
    let mut page = QualityPage {
        asked: String::new(),
        model: String::new(),
        failed: String::new(),
        drawing: false,
        told: None,
        earlier: Vec::new(),
        may_read: is_newest && ctx.may_with::<ReadPair>(&class, Grants::NONE),
        may_draw: ctx.may::<AddLinkSample>(None),
        wanted: USUAL.to_string(),
        errors: Errors::default(),
    };
    for id in samples {
        let permit = ctx.permit::<SeeLinkSample>(id).await?;
        let sample = ctx.store().load(&permit).await?;
        let asked = words::recent(sample.asked_at, ctx.now());
        let is_shown = Some(*id) == shown;
        if is_shown {
            page.asked.clone_from(&asked);
            page.model.clone_from(&sample.model);
            match &sample.state {
                Drawing::Waits => page.drawing = true,
                Drawing::Failed(why) => page.failed.clone_from(why),
                Drawing::Drawn => page.told = Some(shown_of(ctx, *id, &sample).await?),
            }
        }
        page.earlier.push(Earlier {
            href: format!("{}?sample={id}", QUALITY.1),
            asked,
            shown: is_shown,
        });
    }
    if page.earlier.len() < 2 {
        page.earlier.clear();
    }
    Ok(page)
}

async fn shown_of(ctx: &Ctx, id: LinkSampleId, sample: &LinkSample) -> Result<ToldShown, Failure> {
    let scope = ctx.scope::<SeeLinkReading>().await?;
    let answered = store::answered(ctx.store(), &scope, id).await?;
    let told = told(sample, &answered);
    let all_read = told.read == told.pairs;
    let otherwise = match all_read {
        true => otherwise(ctx, id).await?,
        false => Vec::new(),
    };
    Ok(ToldShown {
        progress: format!("{} of {} pairs are read.", told.read, told.pairs),
        left: match told.pairs - told.read {
            0 => String::new(),
            left => work(left),
        },
        unclear: match told.unclear {
            0 => String::new(),
            unclear => format!("Of {unclear} the records do not tell."),
        },
        figures: figures(&told.all),
        thresholds: told.thresholds.iter().map(threshold).collect(),
        chart: ChartShown::of(chart(&told))?,
        by: (1..)
            .zip(&told.by)
            .map(|(number, (heading, groups))| ByShown {
                id: format!("by-{number}"),
                heading,
                groups: groups.iter().map(group).collect(),
            })
            .collect(),
        places: told.places.iter().map(place).collect(),
        otherwise,
        any_read: told.read > 0,
        all_read,
    })
}

/// How much work so many pairs are.
fn work(pairs: u64) -> String {
    let pairs_left = match pairs {
        1 => "1 pair is left".to_owned(),
        _ => format!("{pairs} pairs are left"),
    };
    match pairs * MINUTES_EACH {
        minutes @ ..60 => format!("{pairs_left}: about {minutes} minutes of work"),
        minutes => format!("{pairs_left}: about {} hours of work", minutes.div_ceil(60)),
    }
}

fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

fn range(estimate: &Estimate) -> String {
    format!("{} to {}", percent(estimate.low), percent(estimate.high))
}

fn in_words(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(
        || "not told yet".to_owned(),
        |one| format!("{} ({})", percent(one.share), range(&one)),
    )
}

fn figures(all: &Figures) -> Vec<FigureShown> {
    let figure = |name, whole, estimate: Option<Estimate>| FigureShown {
        name,
        number: estimate.map_or_else(String::new, |one| percent(one.share)),
        whole,
        interval: estimate.map_or_else(String::new, |one| format!("95% interval {}", range(&one))),
    };
    vec![
        figure("Precision", PRECISION, all.precision),
        figure("Recall", RECALL, all.recall),
        figure("F1", F1, all.f1),
        figure("Compared at all", COMPARED, all.compared),
    ]
}

fn line(of: String, figures: &Figures) -> Line {
    Line {
        of,
        read: String::new(),
        precision: in_words(figures.precision),
        recall: in_words(figures.recall),
        f1: in_words(figures.f1),
        poor: String::new(),
    }
}

fn threshold((at, figures): &(i32, Figures)) -> Line {
    line(at_threshold(*at), figures)
}

fn at_threshold(at: i32) -> String {
    match at {
        0 => "As it is".to_owned(),
        ..0 => format!("{} bits lower", -at / 1_000),
        _ => format!("{} bits higher", at / 1_000),
    }
}

fn group(of: &OfGroup) -> Line {
    Line {
        read: of.read.to_string(),
        poor: match of.records {
            0 => "–".to_owned(),
            records => format!("{} of {records}", of.poor),
        },
        ..line(of.group.clone(), &of.figures)
    }
}

fn place(place: &Place) -> PlaceShown {
    PlaceShown {
        words: place.band.words(),
        pairs: place.pairs,
        drawn: place.drawn,
        read: place.read,
        one: place.one,
    }
}

/// F1 at each threshold that was tried.
fn chart(told: &Told) -> Chart {
    let bars = told.thresholds.iter().map(|(at, figures)| Bar {
        label: at_threshold(*at),
        share: figures
            .f1
            .map(|one| [one.share, one.low, one.high].map(|share| share * 100.0)),
        words: figures
            .f1
            .map_or_else(|| "not told yet".to_owned(), |one| percent(one.share)),
    });
    let shares = told.thresholds.iter();
    let shares = shares.filter_map(|(at, figures)| Some((*at, figures.f1?.share)));
    // Of several that are as good the model's own.
    let best = shares.reduce(|best, one| match one.1 - best.1 {
        better if better > 0.0 || (better == 0.0 && one.0 == 0) => one,
        _ => best,
    });
    Chart {
        title: "F1 at each threshold".to_owned(),
        finding: match (best, told.all.f1) {
            (Some((0, _)), _) => "No threshold that was tried is better than the model's.".to_owned(),
            (Some((at, share)), Some(all)) => format!(
                "F1 is {} as it is, and {} at the best of those tried, {}.",
                percent(all.share),
                percent(share),
                at_threshold(at)
            ),
            _ => "Not told until pairs of each place are read.".to_owned(),
        },
        description: "A bar for each threshold, from those that join most to those that join least, with its 95% interval.".to_owned(),
        bars: bars.collect(),
    }
}

/// The pairs that stand otherwise than they were read, of which the reader may know both sides.
async fn otherwise(ctx: &Ctx, sample: LinkSampleId) -> Result<Vec<Otherwise>, Failure> {
    let scope = ctx.scope::<SeeLinkReading>().await?;
    let seen = ctx.scope::<SeePerson>().await?;
    let store = ctx.store();
    store.note_list(&seen, "links read otherwise").await?;
    let mut found = Vec::new();
    for (answer, stands, words) in [
        (Read::Two, true, "Joined, and read as two children"),
        (Read::One, false, "Apart, and read as one child"),
    ] {
        let rows = store::said(store, &scope, &seen, sample, answer).await?;
        let mut pairs = Vec::with_capacity(rows.len());
        for row in &rows {
            pairs.push((
                row.place,
                review::subject(&row.a)?,
                review::subject(&row.b)?,
            ));
        }
        let subjects: BTreeSet<SubjectId> = pairs.iter().flat_map(|(_, a, b)| [*a, *b]).collect();
        let persons = persons::persons_of(store, &seen, &subjects).await?;
        for (place, a, b) in pairs {
            if let (Some(of_a), Some(of_b)) = (persons.get(&a), persons.get(&b))
                && (of_a == of_b) == stands
            {
                found.push(Otherwise {
                    href: href(of_a, a, b),
                    number: place + 1,
                    words,
                });
            }
        }
    }
    found.truncate(LISTED);
    Ok(found)
}
