//! The register as a file, through the same scope as its page.

use axum::extract::Query;
use clearpicture_kernel::AgencyId;
use clearpicture_kernel::TypedId as _;

use super::pages::{ListQuery, in_words};
use super::store;
use super::types::{FeedState, SeeFeed, day_of_number};
use crate::agencies;
use crate::shell::csv::Csv;
use crate::shell::{Answer, Scoped};

pub(super) async fn csv(
    Scoped { ctx, scope }: Scoped<SeeFeed>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let rows = store::all(ctx.store(), &scope, &query.wanted()).await?;
    let names = agencies::names(ctx.store()).await?;
    let mut csv = Csv::new(&["Feed", "Agency", "Due", "Lawful basis", "State", "Since"]);
    for row in rows {
        let agency = AgencyId::parse(&row.agency_id)
            .ok()
            .and_then(|id| names.get(&id));
        let since = day_of_number(row.state_since).map(|day| day.to_string());
        csv.row(&[
            &row.name,
            agency.map_or("", String::as_str),
            &in_words(&ctx, "feed-schedules", &row.schedule),
            &in_words(&ctx, "lawful-bases", &row.lawful_basis),
            FeedState::words(&row.state),
            &since.unwrap_or_default(),
        ]);
    }
    csv.give_out(&ctx, &scope, "feed-register").await
}
