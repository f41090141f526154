//! Information governance: breaking the glass, bars, who has looked, the weekly
//! sample of look-ups (safety rules 14 and 15), and breach assessments (rule 7).
//!
//! It serves the information governance lead, who answers for access, and
//! everyone who must open a record at night that is not theirs by day, or who
//! may ask who opened a record.
//!
//! - `/break-glass/new?record=ID`: a reason, three hours, for one person
//! - `/bars`: for a barred person the record does not exist; the store sees to it
//! - `/involvements`: who says that they work with which child, and why
//! - `/looked/ID`: who opened one record, of whatever kind
//! - `/people/ID/opened`: all that one person opened, for the lead alone
//! - `/seals`: the seals of history and of the read log
//! - `/look-ups`: a sample of each week, decided one by one
//! - `/breaches`: what was shown wrongly, who saw it, and whether it was a breach
//! - `/processing`: the record of processing, made from the capabilities
//!
//! Auditors read all of it but what one person opened, and change nothing. What one
//! person opened is shown to the lead alone, one at a time, and is in no file. A
//! barred person is never told that there is a bar.

mod bar_pages;
mod bars;
mod breach;
mod breaches;
mod break_glass;
mod involvements;
mod look_ups;
mod looked;
mod opened;
mod overview;
mod processing;
mod records;
mod rules;
mod seals;
mod seen;
mod shown;
mod store;
#[cfg(test)]
mod tests;
mod types;

use clearpicture_access::Action as _;
use clearpicture_store::schema::{Migration, Step, Table, flag, integer, text};

use crate::capability::{Capability, Door, Kept, Listed, Processing, Regime, Route, Section};
use crate::grants::{AddBar, BreakGlass, LiftGrant, SeeGrant, SeeOwnGrant};
use crate::shell::PageSpec;

pub use breach::{
    AssessmentState, BreachAssessment, BreachAssessmentId, BreachOutcome, DecideBreachAssessment,
    Finding, OpenBreachAssessment, Reported, SeeBreachAssessment, WronglyShown,
};
pub use store::is_assessed;
pub use types::{
    AddLookReview, ChangeLookReview, LookReview, LookReviewId, ReadProcessing, SampleLookUps,
    SeeLookReview, SeeLookUpsOf, SeeLookerNames, SeeMarkedLookUps, SeeSeals, Verdict,
};

/// The capability.
pub fn capability() -> Capability {
    Capability {
        needs: &["agencies", "grants", "persons", "workers"],
        actions: vec![
            SampleLookUps::SPEC,
            SeeLookerNames::SPEC,
            SeeMarkedLookUps::SPEC,
            SeeLookUpsOf::SPEC,
            SeeLookReview::SPEC,
            AddLookReview::SPEC,
            ChangeLookReview::SPEC,
            SeeBreachAssessment::SPEC,
            OpenBreachAssessment::SPEC,
            DecideBreachAssessment::SPEC,
            ReadProcessing::SPEC,
            SeeSeals::SPEC,
        ],
        records: records(),
        migrations: migrations(),
        routes: routes(),
        sections: vec![Section {
            title: "Governance",
            href: "/governance",
            action: SeeGrant::SPEC,
            order: 800,
        }],
        pages: vec![
            PageSpec::of::<overview::OverviewPage>(),
            PageSpec::of::<break_glass::AskPage>(),
            PageSpec::of::<break_glass::ListPage>(),
            PageSpec::of::<bar_pages::ListPage>(),
            PageSpec::of::<bar_pages::NewPage>(),
            PageSpec::of::<bar_pages::ChoosePage>(),
            PageSpec::of::<bar_pages::LiftPage>(),
            PageSpec::of::<involvements::ListPage>(),
            PageSpec::of::<involvements::EndPage>(),
            PageSpec::of::<looked::LookedPage>(),
            PageSpec::of::<opened::OpenedPage>(),
            PageSpec::of::<seals::SealsPage>(),
            PageSpec::of::<look_ups::ListPage>(),
            PageSpec::of::<look_ups::DecidePage>(),
            PageSpec::of::<breaches::ListPage>(),
            PageSpec::of::<breaches::BreachPage>(),
            PageSpec::of::<processing::ProcessingPage>(),
        ],
        ..Capability::new(
            "governance",
            "Information governance",
            include_str!("policy.cedar"),
        )
    }
}

fn records() -> Vec<Kept> {
    vec![
        Kept::of::<LookReview, SeeLookReview>(Processing {
            about: "What the information governance lead decided about a sampled look-up: fine, ask or incident, with a note. About the worker who looked.",
            controllers: "The safeguarding partners jointly.",
            lawful_basis: "Legal obligation and security of processing: UK GDPR articles 5(1)(f), 6(1)(c) and 32.",
            regime: Regime::General,
            recipients: "The information governance lead.",
            retention: "Six years after the decision, so that it can be answered for.",
            copies: "The database and its backups.",
        }),
        Kept::of::<BreachAssessment, SeeBreachAssessment>(Processing {
            about: "That records of several children were shown as one child: which records, in whose picture, from when until when; whether it was a breach, and that it was reported. Names nobody: who saw it is in the read log.",
            controllers: "The safeguarding partners jointly.",
            lawful_basis: "Legal obligation: UK GDPR articles 5(2), 6(1)(c) and 33(5).",
            regime: Regime::General,
            recipients: "The information governance lead; the Information Commissioner, on request.",
            retention: "Six years after the decision, so that it can be answered for.",
            copies: "The database and its backups.",
        })
        .opened_by::<SeeBreachAssessment>("/breaches"),
    ]
}

fn routes() -> Vec<Route> {
    vec![
        Route::get::<SeeGrant, _>("/governance", overview::show)
            .lists_nothing("counts of what is open, and where to go"),
        Route::get::<SeeGrant, _>("/break-glass", break_glass::list)
            .lists(Listed::by("Reason").only(&[("Kind", "break-glass")])),
        Route::get::<SeeOwnGrant, _>("/break-glass/mine", break_glass::mine)
            .lists(Listed::by("Reason").only(&[("Kind", "break-glass"), ("Holder", "{me}")])),
        // Whether the glass may be broken depends on the record, so the handlers decide.
        Route::read("/break-glass/new", Door::SignedIn, break_glass::ask),
        Route::write("/break-glass", Door::SignedIn, break_glass::open)
            .tried("record=worker_00000000000000000000000002&reason=Her+phone+is+off+at+night.")
            .leaves::<BreakGlass>(),
        Route::get::<SeeGrant, _>("/bars", bars::list)
            .lists(Listed::by("Reason").only(&[("Kind", "barred")])),
        Route::get::<AddBar, _>("/bars/new", bars::new),
        Route::ask::<AddBar, _>("/bars/find", bars::look_for),
        Route::post::<AddBar, _>("/bars/new", bars::add).tried(
            "person=worker_00000000000000000000000002&record=feed_00000000000000000000000001&reason=It+is+her+own+family.",
        ),
        Route::get::<LiftGrant, _>("/bars/{id}/lift", bars::ask_lift),
        Route::post::<LiftGrant, _>("/bars/{id}/lift", bars::lift)
            .tried("reason=She+has+moved+away."),
        Route::get::<SeeGrant, _>("/involvements", involvements::list)
            .lists_nothing("people and children, of whom the reader must know every child: a test of its own tries roles and a bar"),
        Route::get::<LiftGrant, _>("/involvements/{id}/end", involvements::ask_end),
        Route::post::<LiftGrant, _>("/involvements/{id}/end", involvements::end)
            .tried("reason=She+has+left+the+team."),
        Route::read("/looked/{id}", Door::SignedIn, looked::show),
        Route::get::<SeeLookUpsOf, _>("/people/{id}/opened", opened::show),
        Route::get::<SeeSeals, _>("/seals", seals::show),
        Route::get::<SampleLookUps, _>("/look-ups", look_ups::list),
        Route::get::<AddLookReview, _>("/look-ups/decide", look_ups::ask),
        Route::post::<AddLookReview, _>("/look-ups/decide", look_ups::decide)
            .tried("look=1&version=0&verdict=fine&note="),
        Route::get::<SeeBreachAssessment, _>("/breaches", breaches::list)
            .lists_nothing("pictures, of which the reader must know every child: a test of its own tries roles and a bar"),
        Route::get::<SeeBreachAssessment, _>("/breaches/{id}", breaches::show),
        Route::post::<DecideBreachAssessment, _>("/breaches/{id}", breaches::decide)
            .tried("version=1&finding=no-breach&day=&month=&year=&reference=&reason=Nobody+else+saw+it."),
        Route::get::<ReadProcessing, _>("/processing", processing::show),
    ]
}

fn migrations() -> Vec<Migration> {
    let columns = [integer("look"), text("week"), text("verdict")];
    let assessment = [
        text("person"),
        integer("person_version"),
        text("whose"),
        text("one"),
        text("other"),
        integer("due_at"),
        flag("settled"),
    ];
    vec![Migration {
        release: "0.1",
        capability: "governance",
        number: 1,
        steps: vec![
            Step::Create(
                Table::record("look_review", &columns)
                    .unique(&["look"])
                    .index(&["week"]),
            ),
            Step::Create(
                Table::record("breach_assessment", &assessment)
                    .unique(&["person", "person_version"])
                    .index(&["settled", "due_at"]),
            ),
        ],
    }]
}
