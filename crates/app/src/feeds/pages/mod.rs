//! The register's pages.

mod edit;
mod happened;
mod list;
mod show;

use clearpicture_kernel::{AgencyId, TypedId as _};
use std::collections::BTreeMap;

use crate::shell::Ctx;
use crate::words;

pub(super) use edit::{FormPage, add, edit, new, save};
pub(super) use happened::{HappenedPage, happened, record_happening};
pub(super) use list::{ListPage, ListQuery, list};
pub(super) use show::{FeedPage, show};

/// What stands above every page of the register but the list.
const UNDER: &[(&str, &str)] = &[("Feed register", "/feeds")];

/// Since when, in words: `since 3 May`.
pub(super) fn since(
    day: Option<clearpicture_kernel::Date>,
    today: clearpicture_kernel::Date,
) -> String {
    day.map(|day| format!("since {}", words::day(day, today)))
        .unwrap_or_default()
}

/// The name of the agency with this id.
pub(super) fn agency_name(names: &BTreeMap<AgencyId, String>, id: &str) -> String {
    AgencyId::parse(id)
        .ok()
        .and_then(|id| names.get(&id).cloned())
        .unwrap_or_default()
}

/// A code of a list in words.
pub(super) fn in_words(ctx: &Ctx, list: &str, code: &str) -> String {
    clearpicture_kernel::Code::parse(code)
        .map(|code| ctx.app.practice().words(list, &code).to_owned())
        .unwrap_or_default()
}
