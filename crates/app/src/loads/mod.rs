//! Loads: an agency's file taken in, every row accounted for.
//!
//! A load is one file, kept sealed as it came. It is read, shown with what is wrong with it and with what taking it in
//! would do, decided on, and laid beside what its source told before: what differs is told, what says nothing new is
//! not told again, and what a file of all there is no longer holds ends. Nothing of it is seen before all of it is.
//!
//! It serves the analyst who has to answer for what figures rest on, and the agency that sent the file. It never
//! drops a row for a warning, never shows a value of a row, and never decides who is one child (that is `linking`).

mod analysis;
mod api;
mod back;
mod beside;
mod correct;
mod decide;
mod examine;
mod findings;
mod intake;
mod keep;
mod lay;
mod original;
mod pages;
mod readings;
mod receive;
mod registered;
mod report;
mod rules;
mod send;
mod senders;
mod show;
mod shown;
mod store;
mod take_back;
#[cfg(test)]
mod tests;
mod types;
mod work;

use clearpicture_access::Action as _;

use crate::capability::{Capability, Kept, Listed, Processing, Regime, Route, Section};
use crate::history;
use crate::shell::PageSpec;

pub use crate::shell::upload::LARGEST_FILE;
pub use beside::Known;
pub use examine::{Examined, LISTED};
pub use intake::{Far, Intake, Layout, LoadFault};
pub use report::{Reported, what_to_do, where_it_is};
pub use rules::{Agreed, ends_many, held};
pub use types::{
    AddLoad, Correction, Counts, DecideLoad, Effect, Load, LoadId, LoadState, PutText, SeeLoad,
    Taken, TakenBack, Usual, WorkLoad,
};

/// The capability.
pub fn capability() -> Capability {
    Capability {
        needs: &[
            "agencies", "api", "feeds", "grants", "history", "linking", "persons",
        ],
        actions: vec![
            SeeLoad::SPEC,
            AddLoad::SPEC,
            WorkLoad::SPEC,
            DecideLoad::SPEC,
        ],
        records: vec![
            Kept::of::<Load, SeeLoad>(Processing {
                about: "Files taken in: the agency, the source, how many rows, what was found wrong. Of the rows themselves the record holds nothing; the sealed copy of the file holds what the agency sent.",
                controllers: "The agency that sent the file, and the safeguarding partners jointly for what is made of it.",
                lawful_basis: "Public task: UK GDPR articles 6(1)(e) and 9(2)(g); Children Act 2004 sections 11 and 16E.",
                regime: Regime::General,
                recipients: "Data analysts, managers of the agency that sent it, the information governance lead, auditors.",
                retention: "As long as any fact rests on the file; nothing is destroyed before the retention schedule is built.",
                copies: "The database and its backups.",
            })
            .opened_by::<SeeLoad>("/loads"),
        ],
        migrations: store::migrations(),
        routes: routes(),
        jobs: work::jobs(),
        analysis: analysis::analysis(),
        sections: vec![Section {
            title: "Files",
            href: "/loads",
            action: SeeLoad::SPEC,
            order: 610,
        }],
        pages: vec![
            PageSpec::of::<pages::ListPage>(),
            PageSpec::of::<show::LoadPage>(),
            PageSpec::of::<send::SendPage>(),
            PageSpec::of::<findings::FindingsPage>(),
            PageSpec::of::<correct::CorrectPage>(),
            PageSpec::of::<take_back::TakeBackPage>(),
        ],
        ..Capability::new("loads", "Files", include_str!("policy.cedar"))
    }
}

fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get::<SeeLoad, _>("/loads", pages::list).lists(Listed::by_id()),
        Route::get::<AddLoad, _>("/loads/new", send::new),
        Route::post::<AddLoad, _>("/loads/new", send::send)
            .takes_up_to(LARGEST_FILE)
            .tried("agency=agency_00000000000000000000000001&file=Cms+Id%2CFirst+Name%0A1%2CAda"),
        Route::get::<SeeLoad, _>("/loads/{id}", show::show),
        Route::post::<DecideLoad, _>("/loads/{id}/decide", decide::decide)
            .tried("decision=leave&reason=It+is+the+wrong+month."),
        Route::get::<DecideLoad, _>("/loads/{id}/correct", correct::form),
        Route::post::<DecideLoad, _>("/loads/{id}/correct", correct::correct),
        Route::get::<DecideLoad, _>("/loads/{id}/take-back", take_back::form),
        Route::post::<DecideLoad, _>("/loads/{id}/take-back", take_back::take_back)
            .tried("reason=It+is+the+list+of+another+borough."),
        Route::get::<SeeLoad, _>("/loads/{id}/findings", findings::show),
        Route::get::<SeeLoad, _>("/loads/{id}/report.xlsx", findings::workbook),
        Route::get::<SeeLoad, _>("/loads/{id}/report.csv", findings::csv),
        Route::get::<SeeLoad, _>("/loads/{id}/history", history::show::<SeeLoad>),
    ];
    routes.extend(api::routes());
    routes
}
