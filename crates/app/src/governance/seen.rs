//! Who saw a picture that showed records of several children as one: traced in the read log, and kept nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{AccessClass, Kind as _};
use clearpicture_kernel::{PersonId, Timestamp};
use clearpicture_store::{LookUp, Looked, LooksWanted, Relation};
use serde::Serialize;

use super::breach::{BreachAssessment, WronglyShown};
use super::looked::Tier;
use super::shown::{People, RecordShown, Records, purpose_shown};
use super::types::SampleLookUps;
use crate::persons::{self, Person, SeePerson};
use crate::shell::{Ctx, Failure};
use crate::{words, workers};

/// How many rows of the read log are read at a time.
const AT_ONCE: u64 = 500;

/// All that is known of who saw it.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Seen {
    pub(super) pictures: Vec<PictureLine>,
    pub(super) people: Vec<PersonLine>,
    /// How many openings there were, by rows of the read log.
    pub(super) openings: usize,
    /// How many prints.
    pub(super) prints: usize,
    /// Searches and lists of children meanwhile, of which is not known who stood in them.
    pub(super) lists: u64,
    /// Whether the reader is told names.
    pub(super) names: bool,
}

/// One picture that showed it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PictureLine {
    pub(super) record: RecordShown,
    pub(super) from: String,
    pub(super) until: String,
}

/// One person who saw it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PersonLine {
    pub(super) name: Option<String>,
    pub(super) role: String,
    pub(super) agency: String,
    pub(super) purposes: String,
    pub(super) first: String,
    pub(super) last: String,
    /// How often they opened it.
    pub(super) times: usize,
    /// How often they printed it.
    pub(super) prints: usize,
    pub(super) broke_glass: bool,
    /// Whether it is who parted the records.
    pub(super) parted: bool,
}

/// Traces who saw what `assessment` is about.
///
/// # Errors
/// [`Failure::NotFound`] for whoever may not know of one of the pictures, or of one of the children who were in them.
pub(super) async fn seen(ctx: &Ctx, assessment: &BreachAssessment) -> Result<Seen, Failure> {
    may_know(ctx, assessment).await?;
    let tier = Tier::of(ctx, None);
    let shown = assessment
        .shown
        .iter()
        .map(|shown| shown.person.to_string());
    let shown: Vec<String> = shown.collect();
    let records = Records::of(ctx, shown.iter().map(String::as_str)).await?;
    let mut looks = Vec::new();
    let mut pictures = Vec::new();
    let mut lists = 0;
    for shown in &assessment.shown {
        let until = until(ctx, assessment, shown).await?;
        looks.extend(opened(ctx, &tier, shown, until).await?);
        lists += lists_taken(ctx, (shown.from, until)).await?;
        pictures.push(PictureLine {
            record: records.shown(&shown.person.to_string()),
            from: words::recent(shown.from, ctx.now()),
            until: words::recent(until, ctx.now()),
        });
    }
    Ok(Seen {
        pictures,
        openings: times(&looks, false),
        prints: times(&looks, true),
        people: people(ctx, &tier, &looks, &assessment.found_by).await?,
        lists,
        names: tier.names,
    })
}

/// Whether the reader may know of every child whose records were in the pictures, whosever those are by now: for whoever
/// is barred from one there is no assessment either.
async fn may_know(ctx: &Ctx, assessment: &BreachAssessment) -> Result<(), Failure> {
    let scope = ctx.scope::<SeePerson>().await?;
    let persons = persons::persons_of(ctx.store(), &scope, &assessment.joined).await?;
    let shown = assessment.shown.iter().map(|shown| shown.person);
    let all: BTreeSet<PersonId> = persons.into_values().chain(shown).collect();
    for person in all {
        ctx.permit::<SeePerson>(&person).await?;
    }
    Ok(())
}

/// When a picture ceased to show it: as its history tells, and now while it still does.
async fn until(
    ctx: &Ctx,
    assessment: &BreachAssessment,
    shown: &WronglyShown,
) -> Result<Timestamp, Failure> {
    if let Some(until) = shown.until {
        return Ok(until);
    }
    let parted = assessment.person_version + 1;
    let permit = ctx.permit::<SeePerson>(&shown.person).await?;
    let parted = ctx.store().version_at(&permit, parted).await?;
    Ok(parted.unwrap_or_else(|| ctx.now()))
}

async fn opened(
    ctx: &Ctx,
    tier: &Tier,
    shown: &WronglyShown,
    until: Timestamp,
) -> Result<Vec<Looked>, Failure> {
    let permit = ctx.permit::<SeePerson>(&shown.person).await?;
    let wanted = LooksWanted {
        during: Some((shown.from, until)),
        by_others: true,
        ..LooksWanted::all(tier.marked)
    };
    let mut all = Vec::new();
    loop {
        let offset = all.len() as u64;
        let some = ctx.store().looks_on(&permit, &wanted, offset, AT_ONCE);
        let some = some.await?;
        if some.is_empty() {
            return Ok(all);
        }
        all.extend(some);
    }
}

async fn lists_taken(ctx: &Ctx, during: (Timestamp, Timestamp)) -> Result<u64, Failure> {
    let whole = AccessClass::ordinary(LookUp::NAME, None);
    let access = ctx.app.access();
    let scope = access.scope::<SampleLookUps>(ctx.caller(), &ctx.purpose(), [&whole]);
    Ok(ctx
        .store()
        .count_lists(&scope, Person::NAME, during)
        .await?)
}

/// How many of these are prints, or openings.
fn times<'a>(looks: impl IntoIterator<Item = &'a Looked>, printed: bool) -> usize {
    let looks = looks.into_iter();
    looks.filter(|look| look.printed == printed).count()
}

/// Whoever opened it, each once: the one who did last comes first.
async fn people(
    ctx: &Ctx,
    tier: &Tier,
    looks: &[Looked],
    found_by: &str,
) -> Result<Vec<PersonLine>, Failure> {
    let named = looks.iter().filter(|_| tier.names);
    let known = People::of(ctx, named.map(|look| look.looker.clone())).await?;
    let mut of_each: BTreeMap<(&str, &str, &[String]), Vec<&Looked>> = BTreeMap::new();
    for look in looks {
        let who = (&*look.looker, &*look.agency, &*look.roles);
        of_each.entry(who).or_default().push(look);
    }
    let mut lines = Vec::new();
    for ((looker, agency, roles), mut looks) in of_each {
        looks.sort_by_key(|look| look.seq);
        let (Some(first), Some(last)) = (looks.first(), looks.last()) else {
            continue;
        };
        let purposes: BTreeSet<String> = looks
            .iter()
            .map(|look| purpose_shown(&ctx.app, &look.purpose))
            .collect();
        let line = PersonLine {
            name: tier.names.then(|| known.name(looker)),
            role: workers::roles_in_words(ctx.app.practice(), roles),
            agency: known.agency(agency),
            purposes: purposes.into_iter().collect::<Vec<_>>().join("; "),
            first: words::recent(first.looked_at, ctx.now()),
            last: words::recent(last.looked_at, ctx.now()),
            times: times(looks.iter().copied(), false),
            prints: times(looks.iter().copied(), true),
            broke_glass: looks
                .iter()
                .any(|look| look.through == Some(Relation::BreakGlass)),
            parted: looker == found_by,
        };
        lines.push((last.seq, line));
    }
    lines.sort_by_key(|(last, _)| std::cmp::Reverse(*last));
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

impl Seen {
    pub(super) fn sample() -> Self {
        let line = PersonLine {
            name: Some("Wren <i>O'Hara</i>".to_owned()),
            role: "practitioner".to_owned(),
            agency: "Lighthouse <b>charity</b>".to_owned(),
            purposes: "work with a child or family".to_owned(),
            first: "18 November, 02:10".to_owned(),
            last: "today, 09:40".to_owned(),
            times: 3,
            prints: 2,
            broke_glass: true,
            parted: false,
        };
        let parted = PersonLine {
            name: None,
            broke_glass: false,
            times: 1,
            prints: 0,
            parted: true,
            ..line.clone()
        };
        Self {
            pictures: vec![PictureLine {
                record: RecordShown::sample(),
                from: "18 November, 02:00".to_owned(),
                until: "today, 14:02".to_owned(),
            }],
            people: vec![line, parted],
            openings: 4,
            prints: 2,
            lists: 2,
            names: true,
        }
    }
}
