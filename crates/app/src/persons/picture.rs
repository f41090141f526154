//! The child's picture: everything a person needs before the first telephone call, on one page.

use axum::response::Response;
use clearpicture_access::{AccessClass, Grants, Permit};
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{Date, PersonId};
use clearpicture_linkage::children::Attention;
use serde::Serialize;

use super::chronology::{self, Reader, Words};
use super::claims::{Claimed, age_words};
use super::find;
use super::involved;
use super::protection::SeeProtection;
use super::said::{ClaimRow, RingRow, Said, StandingRow, Year};
use super::store;
use super::types::{Person, SeePerson, Standing, Telling};
use super::work::Work;
use crate::history::Shown;
use crate::shell::page::Link;
use crate::shell::{Answer, Ctx, Failure, Number, Page, Permitted};
use crate::words;

/// The list that pictures stand under.
pub(super) const LIST: (&str, &str) = ("Children", "/children");

impl Shown for Person {
    fn title(&self) -> String {
        "a child’s picture".to_owned()
    }

    fn href(id: &PersonId) -> String {
        format!("/children/{id}")
    }

    fn list() -> (&'static str, &'static str) {
        LIST
    }
}

/// One child.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PicturePage {
    pub(super) name: String,
    pub(super) summary: String,
    /// How many sources there are, and whether they agree.
    pub(super) agreement: String,
    pub(super) standing: String,
    pub(super) doubts: Vec<&'static str>,
    pub(super) unchecked: bool,
    pub(super) why_href: Option<String>,
    pub(super) claims: Vec<ClaimRow>,
    pub(super) numbers: Vec<(String, String)>,
    pub(super) open_now: Vec<StandingRow>,
    /// Who works with the child, or may.
    pub(super) ring: Vec<RingRow>,
    /// Who did.
    pub(super) before: Vec<RingRow>,
    pub(super) years: Vec<Year>,
    pub(super) duty: Option<Number>,
    /// Where the reader says that they work with the child; nothing for whoever works with none.
    pub(super) work_href: Option<String>,
    /// Since when they do.
    pub(super) work_since: Option<String>,
    /// Whether where they are is shown to keepers alone, and the reader is one.
    pub(super) for_keepers: bool,
    pub(super) actions: Vec<Link>,
}

impl Page for PicturePage {
    const TEMPLATE: &'static str = "persons/picture.html";

    fn title(&self) -> String {
        "A child’s picture".to_owned()
    }

    fn samples() -> Vec<Self> {
        super::samples::pictures()
    }
}

/// A person all of whose subjects belong to another now.
#[derive(Debug, Clone, Serialize)]
pub(super) struct MovedPage {
    href: String,
}

impl Page for MovedPage {
    const TEMPLATE: &'static str = "persons/moved.html";

    fn title(&self) -> String {
        "Part of another picture now".to_owned()
    }

    fn samples() -> Vec<Self> {
        vec![Self {
            href: "/children/person_1".to_owned(),
        }]
    }
}

/// `GET /children/{id}`
pub(super) async fn show(at: Permitted<SeePerson>) -> Answer {
    let ctx = &at.ctx;
    let person = ctx.store().load(&at.permit).await?;
    if let Some(moved) = moved(ctx, &person).await? {
        return Ok(moved);
    }
    let page = picture(ctx, &at.id, &at.permit, &person).await?;
    let back = find::way_back(ctx).await?;
    let back = back.as_deref().map(|href| ("What you looked for", href));
    let above: Vec<_> = [LIST].into_iter().chain(back).collect();
    ctx.page_under(&page, &above)
}

/// The answer of every page about an empty person: where the joined picture is. Nothing for a person with a picture.
///
/// # Errors
/// [`Failure::NotFound`] for whoever may not know of the one that it leads to: they learn nothing of it here either.
pub(super) async fn moved(ctx: &Ctx, person: &Person) -> Result<Option<Response>, Failure> {
    let Standing::Empty { into } = &person.standing else {
        return Ok(None);
    };
    ctx.permit::<SeePerson>(into).await?;
    let href = Person::href(into);
    ctx.page_under(&MovedPage { href }, &[LIST]).map(Some)
}

/// The picture of `person` as the holder of `permit` may see it.
///
/// # Errors
/// [`Failure::Fault`] when the database fails.
pub(super) async fn picture(
    ctx: &Ctx,
    id: &PersonId,
    permit: &Permit<SeePerson>,
    person: &Person,
) -> Result<PicturePage, Failure> {
    let keeper = ctx.scope::<SeeProtection>().await?;
    let known = store::known_to(ctx.store(), permit, &keeper, &person.members).await?;
    let for_keepers = known.iter().any(|known| known.for_keepers);
    let withheld = known.iter().any(|known| known.withheld);
    let tellings: Vec<Telling> = known.into_iter().flat_map(|known| known.tellings).collect();
    let said = Said::of(ctx, &tellings, withheld).await?;
    let claimed = Claimed::of(&tellings);
    let today = day_of(ctx.now());
    let is_involved = permit.resource().grants.involved;
    let words = Words(ctx.app.practice());
    let reader = if is_involved {
        Reader::Involved
    } else {
        Reader::Other
    };
    let own = ctx.caller().agency;
    let is_over = |work: Work| matches!(work, Work::Over(_) | Work::Dropped(_));
    let (before, ring): (Vec<_>, Vec<_>) = claimed
        .services
        .iter()
        .partition(|service| is_over(service.stands(today)));
    let rows = |services: Vec<&super::work::Service>| -> Vec<RingRow> {
        let rows = services.into_iter();
        rows.map(|service| said.service(service, today, is_involved))
            .collect()
    };
    let (mut to_ring, work_since) = involved::to_ring(ctx, permit, &said, withheld).await?;
    to_ring.extend(rows(ring));
    Ok(PicturePage {
        name: claimed
            .names
            .first()
            .cloned()
            .unwrap_or_else(|| "A child whose name is not told".to_owned()),
        summary: summary(&claimed, today),
        agreement: agreement(said.sources, disagreements(&claimed)),
        standing: person.standing.words(),
        doubts: doubts(&person.standing),
        unchecked: matches!(person.standing, Standing::Joined { checked: false, .. }),
        why_href: (person.members.len() > 1).then(|| format!("{}/why", Person::href(id))),
        open_now: said.standing(&tellings, &words, today),
        ring: to_ring,
        before: rows(before),
        years: said.years(&chronology::happenings(&tellings, &words, reader), today),
        numbers: said.numbers(&claimed),
        claims: said.claims(&claimed, &words, today),
        duty: own.and_then(|own| Number::of_duty_desk(said.duty_number(own))),
        work_href: involved::is_offered(ctx).then(|| format!("{}/involved", Person::href(id))),
        work_since,
        for_keepers,
        actions: actions(ctx, id),
    })
}

fn doubts(standing: &Standing) -> Vec<&'static str> {
    match standing {
        Standing::Joined { doubts, .. } => doubts
            .iter()
            .filter_map(|code| Attention::parse(code.as_str()))
            .map(Attention::words)
            .collect(),
        Standing::Alone | Standing::Empty { .. } => Vec::new(),
    }
}

fn actions(ctx: &Ctx, id: &PersonId) -> Vec<Link> {
    let link = |title: &str, href: String| Link {
        title: title.to_owned(),
        href,
    };
    let grants = AccessClass::ordinary("grant", None);
    let may_bar = ctx.may_pass("/bars/new", &grants, Grants::NONE);
    let bar = may_bar.then(|| link("Bar somebody", format!("/bars/new?record={id}")));
    let all = [
        link("Print", format!("{}/picture.pdf", Person::href(id))),
        link("Who else this may be", format!("/links/{id}")),
        link("Who has looked", format!("/looked/{id}")),
        link("History", format!("{}/history", Person::href(id))),
    ];
    all.into_iter().chain(bar).collect()
}

fn summary(claimed: &Claimed, today: Date) -> String {
    let Some(born) = claimed.born.first() else {
        return "Date of birth not told".to_owned();
    };
    let day = words::full_day(*born);
    match age_words(*born, today) {
        Some(age) => format!("{age}, born {day}"),
        None => format!("born {day}, which is still to come"),
    }
}

fn agreement(sources: usize, disagreements: usize) -> String {
    match (sources, disagreements) {
        (1, 0) => "one source".to_owned(),
        (1, _) => "one source, which differs from itself".to_owned(),
        (sources, 0) => format!("{sources} sources, which agree"),
        (sources, 1) => format!("{sources} sources, which differ on 1 thing"),
        (sources, several) => format!("{sources} sources, which differ on {several} things"),
    }
}

fn disagreements(claimed: &Claimed) -> usize {
    [
        claimed.names.differ(),
        claimed.born.differ(),
        claimed.sexes.differ(),
        claimed.homes.differ(),
        claimed.placed.differ(),
    ]
    .into_iter()
    .filter(|differ| *differ)
    .count()
}
