//! Finding a child by name, by how it sounds, and by date of birth.

use clearpicture_kernel::Date;
use clearpicture_linkage::clean;
use serde::{Deserialize, Serialize};

use super::keys;
use super::lines::{ChildLine, lines};
use super::store;
use super::types::SeePerson;
use crate::shell::page::PER_PAGE;
use crate::shell::{Answer, Ctx, DayTyped, Errors, Page, Posted, Scoped};

/// The longest text that is looked for.
const LONGEST: usize = 200;

/// What is looked for, as typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct FindForm {
    name: String,
    #[serde(flatten)]
    born: DayTyped,
}

/// The form, and what was found.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FindPage {
    form: FindForm,
    errors: Errors,
    found: Option<Found>,
}

/// What was found.
#[derive(Debug, Clone, Serialize)]
struct Found {
    children: Vec<ChildLine>,
    total: u64,
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
            found: None,
        };
        let found = |children: Vec<ChildLine>, more| {
            Some(Found {
                total: children.len() as u64,
                children,
                more,
            })
        };
        let mut wrong = empty.clone();
        wrong
            .errors
            .add("name", "Type a name, a date of birth, or both");
        vec![
            Self {
                found: found(ChildLine::samples(), true),
                ..empty.clone()
            },
            Self {
                found: found(Vec::new(), false),
                ..empty.clone()
            },
            wrong,
            empty,
        ]
    }
}

/// `GET /children`
pub(super) async fn form(Scoped { ctx, .. }: Scoped<SeePerson>) -> Answer {
    ctx.page(&FindPage {
        form: FindForm::default(),
        errors: Errors::default(),
        found: None,
    })
}

/// `POST /children`
pub(super) async fn find(
    Scoped { ctx, scope }: Scoped<SeePerson>,
    Posted(form): Posted<FindForm>,
) -> Answer {
    let mut errors = Errors::default();
    let born = errors
        .take("date", "Date of birth", form.born.read())
        .flatten();
    let name = if form.name.len() > LONGEST {
        errors.add("name", "Type a shorter name");
        String::new()
    } else {
        clean::words(&form.name)
    };
    if errors.summary.is_empty() && name.is_empty() && born.is_none() {
        errors.add("name", "Type a name, a date of birth, or both");
    }
    if !errors.summary.is_empty() {
        return ctx.page(&FindPage {
            form,
            errors,
            found: None,
        });
    }
    ctx.store().note_list(&scope, "children").await?;
    let wanted = wanted(&ctx, &name, born);
    let most = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
    let (persons, total) = store::found(ctx.store(), &scope, &wanted, most).await?;
    let lines = lines(&ctx, &scope, &persons).await?;
    ctx.page(&FindPage {
        form,
        errors,
        found: Some(Found {
            more: total > lines.len() as u64,
            children: lines,
            total,
        }),
    })
}

/// The keys that a child must have, one list of alternatives for each word and for the day.
fn wanted(ctx: &Ctx, name: &str, born: Option<Date>) -> Vec<Vec<String>> {
    let words = name.split(' ').filter(|word| !word.is_empty());
    let mut wanted: Vec<Vec<String>> = words.map(|word| keys::of_word(ctx.store(), word)).collect();
    wanted.extend(born.map(|day| vec![keys::born_on(ctx.store(), day)]));
    wanted
}
