//! The page that shows a record's history.

use axum::extract::Query;
use clearpicture_access::{Action, Permit, Resource, Sees};
use clearpicture_kernel::Date;
use clearpicture_kernel::day::{as_at_cut_off, day_of};
use clearpicture_store::{ChangesWanted, Record};
use serde::Deserialize;

use super::rules::{self, Step};
use super::told::{HistoryPage, Known, Told};
use crate::shell::page::PER_PAGE;
use crate::shell::{Answer, Ctx, DayTyped, Failure, Names, Pagination, Permitted};
use crate::words;

/// The most changes that are opened to find those of one field: a body must be opened to know
/// what it changed.
const SEARCHED: u64 = 500;

/// A kind of record whose history has a page.
pub trait Shown: Record {
    /// What the record is called, for the heading.
    fn title(&self) -> String;

    /// Where the record's own page is.
    fn href(id: &Self::Id) -> String;

    /// The title and address of the list it stands in.
    fn list() -> (&'static str, &'static str);

    /// The labels whose words this reader may not see, though they may see the record.
    fn withheld(ctx: &Ctx, resource: &Resource) -> &'static [&'static str] {
        let _ = (ctx, resource);
        &[]
    }
}

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    person: String,
    field: String,
    page: u64,
    remove: String,
    #[serde(rename = "as-at")]
    as_at: String,
    day: String,
    month: String,
    year: String,
}

impl Asked {
    /// The person whose changes are wanted, unless that filter was taken away.
    fn person(&self) -> Option<&str> {
        (!self.person.is_empty() && self.remove != "person").then_some(&*self.person)
    }

    /// The field whose changes are wanted, unless that filter was taken away.
    fn field(&self) -> Option<&str> {
        (!self.field.is_empty() && self.remove != "field").then_some(&*self.field)
    }
}

/// The history of the record `{id}`, whatever its kind.
///
/// # Errors
/// [`Failure`] when the caller may not see the record, or the database fails.
pub async fn show<A>(opened: Permitted<A>, Query(asked): Query<Asked>) -> Answer
where
    A: Sees,
    A::On: Shown,
{
    let Permitted { ctx, id, permit } = opened;
    let record = ctx.store().load(&permit).await?;
    let withheld = A::On::withheld(&ctx, permit.resource());
    let mut page = HistoryPage::at(record.title(), A::On::href(&id), !withheld.is_empty());
    page.day = DayTyped {
        day: asked.day.clone(),
        month: asked.month.clone(),
        year: asked.year.clone(),
    };
    let today = day_of(ctx.now());
    if let Some(day) = rules::day_asked(&asked.as_at, &page.day, today, &mut page.errors) {
        page.known = Some(known_on(&ctx, &permit, day, withheld).await?);
        page.day = DayTyped::of(Some(day));
    }
    let told = told(&ctx, &permit, &asked, withheld).await?;
    let known = page.known.iter().flat_map(Known::words);
    let names = Names::of(&ctx, known.chain(told.words())).await?;
    page.tell(&ctx, &names, &record.say(), told);
    let (title, href) = (page.title.clone(), page.href.clone());
    ctx.page_under(&page, &[A::On::list(), (&title, &href)])
}

/// The changes that the address asks for. The store filters by person and pages; a field's
/// changes are looked for among the newest [`SEARCHED`].
async fn told<A>(
    ctx: &Ctx,
    permit: &Permit<A>,
    asked: &Asked,
    withheld: &[&str],
) -> Result<Told, Failure>
where
    A: Action,
    A::On: Record,
{
    let (actor, field) = (asked.person(), asked.field());
    let total = ctx.store().count_changes(permit, actor).await?;
    let whole = Pagination::of(asked.page, total);
    let (after, most) = match field {
        Some(_) => (0, SEARCHED),
        None => (whole.offset(), PER_PAGE),
    };
    let wanted = ChangesWanted { actor, after, most };
    let versions = ctx.store().history(permit, wanted).await?;
    let steps = versions
        .into_iter()
        .map(|version| Step::of(version, withheld));
    let (steps, list): (Vec<Step>, _) = match field {
        Some(field) => {
            let found: Vec<Step> = steps.filter(|step| step.is_about(field)).collect();
            let number = u64::try_from(found.len()).unwrap_or(u64::MAX);
            let list = Pagination::of(asked.page, number);
            let before = usize::try_from(list.offset()).unwrap_or(usize::MAX);
            let most = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
            (found.into_iter().skip(before).take(most).collect(), list)
        }
        None => (steps.collect(), whole),
    };
    Ok(Told {
        authors: ctx.store().authors(permit).await?,
        person: actor.unwrap_or_default().to_owned(),
        field: field.unwrap_or_default().to_owned(),
        searched: (field.is_some() && total > SEARCHED).then_some(SEARCHED),
        list,
        steps,
    })
}

/// What the record said at the end of `day`.
async fn known_on<A>(
    ctx: &Ctx,
    permit: &Permit<A>,
    day: Date,
    withheld: &[&str],
) -> Result<Known, Failure>
where
    A: Action,
    A::On: Record,
{
    let record = ctx.store().load_as_at(permit, as_at_cut_off(day)).await?;
    let said = record
        .as_ref()
        .map(|record| rules::without(record.say(), withheld));
    Ok(Known::new(words::full_day(day), said))
}
