//! The form that adds a feed or changes what the register says of one.

use clearpicture_kernel::day::day_of;
use clearpicture_store::{Said, WriteError};
use serde::Serialize;

use super::UNDER;
use crate::agencies;
use crate::feeds::form::FeedForm;
use crate::feeds::types::{AddFeed, EditFeed, FeedFacts, FeedId};
use crate::shell::conflict::{Conflict, Edit, Saved, save as save_edit};
use crate::shell::differences::differences;
use crate::shell::{Allowed, Answer, Choice, Ctx, Errors, Failure, Page, Permitted, Posted};

/// The form that adds or changes a feed.
#[derive(Debug, Clone, Serialize)]
pub(in crate::feeds) struct FormPage {
    heading: &'static str,
    action: String,
    form: FeedForm,
    errors: Errors,
    agencies: Vec<Choice>,
    lawful_bases: Vec<Choice>,
    schedules: Vec<Choice>,
    /// The sources that this agency sends; none before the agency is known.
    sources: Vec<Choice>,
    conflict: Option<Conflict>,
    back: String,
}

impl Page for FormPage {
    const TEMPLATE: &'static str = "feeds/form.html";

    fn title(&self) -> String {
        self.heading.to_owned()
    }

    fn samples() -> Vec<Self> {
        let clean = Self {
            heading: "Add a feed",
            action: "/feeds/new".to_owned(),
            form: FeedForm::default(),
            errors: Errors::default(),
            agencies: vec![Choice::new("agency_1", "Northwater Police", "")],
            lawful_bases: vec![Choice::new("public-task", "Public task", "public-task")],
            schedules: vec![Choice::new("weekly", "Every week", "")],
            sources: vec![Choice::new(
                "police-missing",
                "Missing <episodes>",
                "police-missing",
            )],
            conflict: None,
            back: "/feeds".to_owned(),
        };
        let mut errors = Errors::default();
        errors.add("name", "Name: this is empty");
        vec![
            Self {
                errors,
                conflict: Some(Conflict {
                    version: 2,
                    lines: differences(
                        &[Said::new("Name", "Missing episodes")],
                        &[Said::new("Name", "Missing and absent")],
                    ),
                }),
                ..clean.clone()
            },
            Self {
                sources: Vec::new(),
                ..clean.clone()
            },
            clean,
        ]
    }
}

/// The form's page, with its lists.
async fn form_page(
    ctx: &Ctx,
    heading: &'static str,
    action: String,
    form: FeedForm,
) -> Result<FormPage, Failure> {
    let names = agencies::names(ctx.store()).await?;
    let listed = |name: &str, chosen: &str| {
        let codes = ctx.app.practice().list(name).iter();
        codes
            .map(|code| Choice::new(code.code.as_str(), &code.title, chosen))
            .collect()
    };
    let allowed = names
        .iter()
        .filter(|(id, _)| ctx.may::<AddFeed>(Some(**id)));
    Ok(FormPage {
        heading,
        back: action
            .rsplit_once('/')
            .map_or("/feeds", |(above, _)| above)
            .to_owned(),
        action,
        errors: Errors::default(),
        agencies: allowed
            .map(|(id, name)| Choice::new(id.to_string(), name, &form.agency))
            .collect(),
        lawful_bases: listed("lawful-bases", &form.lawful_basis),
        schedules: listed("feed-schedules", &form.schedule),
        sources: sources(ctx, &form).await?,
        conflict: None,
        form,
    })
}

/// The sources that the agency of a feed sends, those of the feed ticked.
async fn sources(ctx: &Ctx, form: &FeedForm) -> Result<Vec<Choice>, Failure> {
    let scope = ctx.scope::<agencies::SeeAgency>().await?;
    let agencies = agencies::of_partnership(ctx.store(), &scope).await?;
    let agency = agencies.into_iter().find(|row| row.id == form.agency);
    let Some(agency) = agency else {
        return Ok(Vec::new());
    };
    let practice = ctx.app.practice();
    let sent = practice
        .senders
        .iter()
        .filter(|(_, sender)| sender.as_str() == agency.code)
        .map(|(source, _)| source.as_str());
    let chosen = |source: &str| {
        let chosen = form.sources.iter().find(|one| *one == source);
        chosen.map_or("", String::as_str).to_owned()
    };
    let choice = |source: &str| Choice::new(source, practice.source_title(source), &chosen(source));
    Ok(sent.map(choice).collect())
}

pub(in crate::feeds) async fn new(allowed: Allowed<AddFeed>) -> Answer {
    let page = form_page(
        &allowed.ctx,
        "Add a feed",
        "/feeds/new".to_owned(),
        FeedForm::default(),
    )
    .await?;
    allowed.ctx.page_under(&page, UNDER)
}

pub(in crate::feeds) async fn add(
    allowed: Allowed<AddFeed>,
    Posted(form): Posted<FeedForm>,
) -> Answer {
    let ctx = allowed.ctx;
    let asked = FeedFacts::asked(day_of(ctx.now()));
    let errors = match form.read(ctx.app.practice(), asked) {
        Ok(feed) => {
            let id = FeedId::fresh(ctx.app.ambient());
            let permit = ctx.permit_add::<AddFeed>(&id, &feed)?;
            match ctx.store().add(&permit, &feed, None).await {
                Ok(_) => {
                    return ctx
                        .done(
                            &format!("/feeds/{id}"),
                            "The feed was added to the register.",
                        )
                        .await;
                }
                Err(WriteError::Taken) => name_taken(),
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => errors,
    };
    let page = form_page(&ctx, "Add a feed", "/feeds/new".to_owned(), form).await?;
    ctx.page_under(&FormPage { errors, ..page }, UNDER)
}

fn name_taken() -> Errors {
    let mut errors = Errors::default();
    errors.add("name", "Name: this agency already has a feed of this name");
    errors
}

pub(in crate::feeds) async fn edit(Permitted { ctx, id, permit }: Permitted<EditFeed>) -> Answer {
    let feed = ctx.store().load(&permit).await?;
    let form = FeedForm::of(&feed, permit.resource().version);
    let page = form_page(&ctx, "Change a feed", format!("/feeds/{id}/edit"), form).await?;
    ctx.page_under(&page, UNDER)
}

pub(in crate::feeds) async fn save(
    door: Permitted<EditFeed>,
    Posted(form): Posted<FeedForm>,
) -> Answer {
    let Permitted { ctx, id, permit } = &door;
    let current = ctx.store().load(permit).await?;
    let action = format!("/feeds/{id}/edit");
    let page = |form| form_page(ctx, "Change a feed", action, form);
    let yours = match form.read(ctx.app.practice(), current.facts.clone()) {
        Ok(feed) if feed.agency == current.agency => feed,
        Ok(_) => {
            return Err(Failure::Rule(
                "A feed stays with its agency: add it anew for another.".to_owned(),
            ));
        }
        Err(errors) => {
            return ctx.page_under(
                &FormPage {
                    errors,
                    ..page(form).await?
                },
                UNDER,
            );
        }
    };
    let edit = Edit {
        version: form.version(),
        now: &current,
        yours: &yours,
        reason: None,
    };
    match save_edit(ctx, id, permit, edit).await? {
        Saved::Done => {
            ctx.done(&format!("/feeds/{id}"), "The register was changed.")
                .await
        }
        Saved::Same => {
            ctx.done(
                &format!("/feeds/{id}"),
                "Nothing was different, so nothing was changed.",
            )
            .await
        }
        Saved::Taken => {
            let page = page(form).await?;
            let errors = name_taken();
            ctx.page_under(&FormPage { errors, ..page }, UNDER)
        }
        Saved::Conflict(conflict) => {
            let version = conflict.version.to_string();
            let page = page(FeedForm { version, ..form }).await?;
            let conflict = Some(conflict);
            ctx.page_under(&FormPage { conflict, ..page }, UNDER)
        }
    }
}
