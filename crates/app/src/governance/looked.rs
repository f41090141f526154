//! Who has looked at one record, in tiers (safety rule 14).

use axum::extract::{Path, Query};
use clearpicture_access::{AccessClass, Action as _, Grants};
use clearpicture_kernel::AgencyId;
use clearpicture_store::{Looked, Marked, Relation};
use serde::Serialize;

use super::bars;
use super::records::find;
use super::rules::WayIn;
use super::shown::{Listed, People, RecordShown, Records, purpose_shown};
use super::types::{SeeLookerNames, SeeMarkedLookUps};
use crate::capability::LooksFound;
use crate::grants::AddBar;
use crate::shell::{Answer, Ctx, Failure, Page, Pagination};
use crate::{words, workers};

/// Who opened the record, for those who may open it themselves.
pub(super) async fn show(ctx: Ctx, Path(id): Path<String>, Query(asked): Query<Listed>) -> Answer {
    let found = find(&ctx, &id).await?;
    match found.standing(&ctx).way_in() {
        WayIn::Open => {}
        WayIn::Glass | WayIn::Closed | WayIn::None => return Err(found.refusal(&ctx)),
    }
    let tier = Tier::of(&ctx, found.resource.class.owner);
    let record = &found.resource.id;
    let LooksFound {
        looks,
        list,
        prints,
    } = (found.kept.looks)(&ctx, record, tier.marked, asked.page).await?;
    let records = Records::of(&ctx, [record.as_str()]).await?;
    let grants = AccessClass::ordinary(AddBar::SPEC.kind.name, None);
    let may_bar = ctx.may_pass("/bars/new", &grants, Grants::NONE);
    ctx.page(&LookedPage {
        record: records.shown(record.as_str()),
        bar_href: may_bar.then(|| bars::href(record)),
        looks: lines(&ctx, &looks, &tier).await?,
        list,
        prints,
        names: tier.names,
    })
}

/// The role of those to whom alone it is told whom a source protects. Nobody else is told that one of them looked.
const KEEPER: &str = "protected-identities";

/// What the caller is told of who looked.
pub(super) struct Tier {
    pub(super) names: bool,
    pub(super) marked: Marked,
}

impl Tier {
    /// The tier of the caller for records of `owner`.
    pub(super) fn of(ctx: &Ctx, owner: Option<AgencyId>) -> Self {
        let class = AccessClass::ordinary(SeeLookerNames::SPEC.kind.name, owner);
        let marked = ctx.may_with::<SeeMarkedLookUps>(&class, Grants::NONE);
        Self {
            names: ctx.may_with::<SeeLookerNames>(&class, Grants::NONE),
            marked: if marked {
                Marked::Told
            } else {
                Marked::Withheld {
                    and_by: Some(KEEPER),
                }
            },
        }
    }
}

async fn lines(ctx: &Ctx, looks: &[Looked], tier: &Tier) -> Result<Vec<LookLine>, Failure> {
    let named = looks.iter().filter(|_| tier.names);
    let people = People::of(ctx, named.map(|look| look.looker.clone())).await?;
    let line = |look: &Looked| LookLine {
        when: words::recent(look.looked_at, ctx.now()),
        name: tier.names.then(|| people.name(&look.looker)),
        role: workers::roles_in_words(ctx.app.practice(), &look.roles),
        agency: people.agency(&look.agency),
        purpose: purpose_shown(&ctx.app, &look.purpose),
        broke_glass: look.through == Some(Relation::BreakGlass),
        printed: look.printed,
    };
    Ok(looks.iter().map(line).collect())
}

/// One opening.
#[derive(Debug, Clone, Serialize)]
struct LookLine {
    when: String,
    name: Option<String>,
    role: String,
    agency: String,
    purpose: String,
    broke_glass: bool,
    printed: bool,
}

/// Who opened one record.
#[derive(Debug, Serialize)]
pub(super) struct LookedPage {
    record: RecordShown,
    /// Where somebody is barred from it, for whoever does that.
    bar_href: Option<String>,
    looks: Vec<LookLine>,
    list: Pagination,
    /// How many of them are prints.
    prints: u64,
    names: bool,
}

impl Page for LookedPage {
    const TEMPLATE: &'static str = "governance/looked.html";

    fn title(&self) -> String {
        "Who has looked".to_owned()
    }

    fn samples() -> Vec<Self> {
        let line = |name: Option<&str>, broke_glass| LookLine {
            when: "today, 02:10".to_owned(),
            name: name.map(str::to_owned),
            role: "practitioner".to_owned(),
            agency: "Lighthouse <b>charity</b>".to_owned(),
            purpose: "work with a child or family".to_owned(),
            broke_glass,
            printed: broke_glass,
        };
        let page = |record: RecordShown, looks, names| Self {
            bar_href: record
                .href
                .as_ref()
                .map(|_| "/bars/new?record=1".to_owned()),
            record,
            looks,
            list: Pagination::of(1, 51),
            prints: u64::from(names),
            names,
        };
        vec![
            page(
                RecordShown::sample(),
                vec![line(Some("Wren <i>O'Hara</i>"), true)],
                true,
            ),
            page(RecordShown::sample(), vec![line(None, false)], false),
            page(RecordShown::sample_without_page(), Vec::new(), false),
        ]
    }
}
