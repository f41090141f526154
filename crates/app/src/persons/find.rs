//! Finding a child by whatever is at hand: a name, a date of birth, a number, a postcode, a telephone number, an address.
//!
//! What is typed is sent in a form, kept sealed for whoever typed it, and shown again under a number that says nothing:
//! so no name stands in an address, and going back from a picture leads to what was found.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use clearpicture_access::{Identity, Scope};
use clearpicture_kernel::{Date, WorkerId};
use futures_util::FutureExt as _;
use serde::{Deserialize, Serialize};

use super::lines::{ChildLine, lines};
use super::store::{self, Found, Search};
use super::types::SeePerson;
use super::wanted::readings;
use crate::jobs::{JobSpec, Work};
use crate::shell::form::not_taken;
use crate::shell::{Answer, Ctx, DayTyped, Errors, Failure, Page, Posted, Scoped};
use crate::state::App;

/// The longest text that is looked for.
const LONGEST: usize = 200;
/// So many are shown: whoever needs more types more.
const SHOWN: usize = 30;
/// Once so many are found no farther ones are looked for.
const ENOUGH: usize = 200;

/// What is looked for, as typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct FindForm {
    name: String,
    day: String,
    month: String,
    year: String,
}

impl FindForm {
    fn born(&self) -> DayTyped {
        DayTyped {
            day: self.day.clone(),
            month: self.month.clone(),
            year: self.year.clone(),
        }
    }
}

/// What stands for something that was looked for before.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Again {
    search: String,
}

/// The form, and what was found.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FindPage {
    form: FindForm,
    errors: Errors,
    /// Whether what was looked for before is forgotten by now.
    forgotten: bool,
    found: Option<FoundShown>,
}

/// What was found.
#[derive(Debug, Clone, Serialize)]
struct FoundShown {
    /// Those who are as was typed.
    exact: Vec<ChildLine>,
    /// Those who are nearly.
    near: Vec<ChildLine>,
    /// How many are exact, and how many near.
    counts: (usize, usize),
    /// Whether there may be more, since not all were looked at who may fit.
    stopped: bool,
    more: bool,
}

impl Page for FindPage {
    const TEMPLATE: &'static str = "persons/find.html";

    fn title(&self) -> String {
        "Find a child".to_owned()
    }

    fn samples() -> Vec<Self> {
        let empty = Self {
            form: FindForm::default(),
            errors: Errors::default(),
            forgotten: false,
            found: None,
        };
        let near = |line: ChildLine| line.nearly(vec!["born a day <later>".to_owned()]);
        let found = |exact: Vec<ChildLine>, near: Vec<ChildLine>, more: bool| FoundShown {
            counts: (exact.len(), near.len()),
            stopped: more,
            exact,
            near,
            more,
        };
        let one: Vec<ChildLine> = ChildLine::samples().into_iter().take(1).collect();
        let nearly: Vec<ChildLine> = ChildLine::samples().into_iter().map(near).collect();
        let some = [
            found(ChildLine::samples(), Vec::new(), true),
            found(one.clone(), nearly.clone(), false),
            found(Vec::new(), nearly, false),
            found(Vec::new(), Vec::new(), false),
        ];
        let mut wrong = empty.clone();
        wrong.errors.add("name", NOTHING);
        let forgotten = Self {
            forgotten: true,
            ..empty.clone()
        };
        let with = |found| Self {
            found: Some(found),
            ..empty.clone()
        };
        let mut samples: Vec<Self> = some.into_iter().map(with).collect();
        samples.extend([wrong, forgotten, empty]);
        samples
    }
}

const NOTHING: &str =
    "Type a name, a number, a postcode or an address, a date of birth, or several of them";

/// `GET /children`
pub(super) async fn form(
    Scoped { ctx, scope }: Scoped<SeePerson>,
    Query(again): Query<Again>,
) -> Answer {
    let kept = match again.search.as_str() {
        "" => None,
        id => store::kept_search(ctx.store(), owner(&ctx)?, id).await?,
    };
    let forgotten = !again.search.is_empty() && kept.is_none();
    let form: FindForm = match kept {
        Some(typed) => serde_json::from_slice(&typed).map_err(|fault| Failure::fault(&fault))?,
        None => FindForm::default(),
    };
    let found = match form.read() {
        Ok((text, born)) if !forgotten && (!text.is_empty() || born.is_some()) => {
            Some(found(&ctx, &scope, &text, born).await?)
        }
        _ => None,
    };
    ctx.page(&FindPage {
        form,
        errors: Errors::default(),
        forgotten,
        found,
    })
}

/// `POST /children`
pub(super) async fn find(
    Scoped { ctx, .. }: Scoped<SeePerson>,
    Posted(form): Posted<FindForm>,
) -> Answer {
    if let Err(errors) = form.read() {
        let page = ctx.page(&FindPage {
            form,
            errors,
            forgotten: false,
            found: None,
        });
        return not_taken(StatusCode::UNPROCESSABLE_ENTITY, page);
    }
    let typed = serde_json::to_vec(&form).map_err(|fault| Failure::fault(&fault))?;
    let id = store::keep_search(ctx.store(), owner(&ctx)?, &typed).await?;
    Ok(Redirect::to(&href(&id)).into_response())
}

/// The way back to what the reader looked for last; `None` when they looked for nothing lately.
pub(super) async fn way_back(ctx: &Ctx) -> Result<Option<String>, Failure> {
    let Identity::Worker(owner) = ctx.caller().identity else {
        return Ok(None);
    };
    let last = store::last_search(ctx.store(), owner).await?;
    Ok(last.as_deref().map(href))
}

fn href(id: &str) -> String {
    format!("/children?search={id}")
}

fn owner(ctx: &Ctx) -> Result<WorkerId, Failure> {
    match ctx.caller().identity {
        Identity::Worker(owner) => Ok(owner),
        _ => Err(Failure::Refused(Vec::new())),
    }
}

impl FindForm {
    /// What is looked for, or what is wrong with it.
    fn read(&self) -> Result<(String, Option<Date>), Errors> {
        let mut errors = Errors::default();
        let born = errors.take("date", "Date of birth", self.born().read());
        let born = born.flatten();
        let text = self.name.trim();
        if text.len() > LONGEST {
            errors.add("name", "Type less than that");
        } else if errors.is_empty() && readings(text, born).is_empty() {
            errors.add("name", NOTHING);
        }
        match errors.is_empty() {
            true => Ok((text.to_owned(), born)),
            false => Err(errors),
        }
    }
}

/// What is found, and the read log tells that it was looked for.
async fn found(
    ctx: &Ctx,
    scope: &Scope<SeePerson>,
    text: &str,
    born: Option<Date>,
) -> Result<FoundShown, Failure> {
    ctx.store().note_list(scope, "children").await?;
    let Search { found, stopped } =
        store::found(ctx.store(), scope, &readings(text, born), ENOUGH).await?;
    let shown: Vec<&Found> = found.iter().take(SHOWN).collect();
    let persons: Vec<_> = shown.iter().map(|one| one.person).collect();
    let exact = found.iter().filter(|one| one.near.cost == 0).count();
    let mut lines = lines(ctx, scope, &persons).await?;
    let near = lines.split_off(exact.min(lines.len()));
    let whys = shown.iter().skip(exact).map(|one| one.near.why.clone());
    Ok(FoundShown {
        near: near
            .into_iter()
            .zip(whys)
            .map(|(line, why)| line.nearly(why))
            .collect(),
        more: found.len() > SHOWN,
        counts: (exact, found.len() - exact),
        stopped,
        exact: lines,
    })
}

/// The job that forgets what was looked for.
pub(super) fn sweep() -> JobSpec {
    JobSpec {
        kind: "sweep-searches",
        about: "Forgets what people looked for, eight hours after they did.",
        every: Some(std::time::Duration::from_secs(3600)),
        long: false,
        run: |app, _: Work| swept(app).boxed(),
    }
}

async fn swept(app: App) -> Result<String, String> {
    let swept = store::sweep_searches(app.store()).await;
    let swept = swept.map_err(|fault| fault.to_string())?;
    Ok(format!("{swept} forgotten"))
}
