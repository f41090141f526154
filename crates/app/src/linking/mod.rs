//! Linking: which subjects are one person, why, and how to undo it.
//!
//! A run compares everything that is held and joins share by share, each with all who depend on one another in one change;
//! a run that finds nothing new changes nothing. Each link keeps what spoke for it, and is explained in words. Whoever answers for children can part what was joined
//! wrongly: then everything is as it was before the join, no later run joins the two again, and where somebody saw them as
//! one child a breach assessment is opened.
//!
//! It serves whoever has to know whether two agencies speak of one child. It never destroys what a source said, never
//! overrules what a person decided, and lets nobody see by a join what they were barred from.

mod answers;
mod asking;
mod bars;
mod breach;
mod decide;
mod follow;
mod held;
mod hold;
mod keys;
mod laid;
mod pages;
mod pair;
mod part;
mod protected;
pub mod quality;
mod question;
mod review;
mod rules;
mod run;
mod standing;
mod store;
mod types;
mod ways;
mod work;

use clearpicture_access::Action as _;

use crate::capability::{Capability, Kept, Processing, Regime, Route, Section};
use crate::persons::{LiftProtection, PartPerson, SeePerson, SeeProtection};
use crate::shell::PageSpec;

pub use hold::hold_around;
pub use question::{
    AddLinkQuestion, ChangeLinkQuestion, LinkQuestion, LinkQuestionId, SeeLinkQuestion, Stake,
};
pub use run::{LinkFault, Outcome, run, run_around, run_for_load, run_in_shares};
pub use store::{DecisionNamed, decided_about};
pub use types::{
    AddLinkDecision, AddLinkRun, ChangeLinkDecision, LinkDecision, LinkDecisionId, LinkRun,
    LinkRunId, SeeLinkDecision, SeeLinkRun, Sureness, Verdict,
};
pub use work::link_soon;

/// The capability.
pub fn capability() -> Capability {
    Capability {
        needs: &["agencies", "governance", "grants", "persons"],
        actions: [
            SeeLinkRun::SPEC,
            AddLinkRun::SPEC,
            SeeLinkDecision::SPEC,
            AddLinkDecision::SPEC,
            ChangeLinkDecision::SPEC,
            SeeLinkQuestion::SPEC,
            AddLinkQuestion::SPEC,
            ChangeLinkQuestion::SPEC,
        ]
        .into_iter()
        .chain(quality::actions())
        .collect(),
        records: records(),
        migrations: store::migrations(),
        jobs: work::jobs(),
        routes: [
            Route::get::<SeePerson, _>("/children/{id}/why", pages::why),
            Route::post::<PartPerson, _>("/children/{id}/why", pages::part),
            Route::get::<SeeLinkDecision, _>("/links", review::list)
                .lists_nothing("pairs, of which the reader must know both sides: a test of its own tries every role and a bar"),
            Route::get::<SeePerson, _>("/links/{id}", pair::show),
            Route::post::<PartPerson, _>("/links/{id}", pair::decide),
            Route::get::<SeeProtection, _>("/protected", protected::list)
                .lists_nothing("whoever is protected or may be, to keepers alone: a test of its own tries every role"),
            Route::get::<LiftProtection, _>("/protected/{id}", protected::ask),
            Route::post::<LiftProtection, _>("/protected/{id}", protected::lift)
                .tried("version=1&reason=The+court+has+lifted+it."),
        ]
        .into_iter()
        .chain(quality::routes())
        .collect(),
        sections: vec![
            Section {
                title: review::QUEUE.0,
                href: review::QUEUE.1,
                action: SeeLinkDecision::SPEC,
                order: 110,
            },
            Section {
                title: protected::LIST.0,
                href: protected::LIST.1,
                action: SeeProtection::SPEC,
                order: 105,
            },
        ],
        pages: [
            PageSpec::of::<pages::WhyPage>(),
            PageSpec::of::<review::QueuePage>(),
            PageSpec::of::<pair::PairPage>(),
            PageSpec::of::<protected::ProtectedPage>(),
            PageSpec::of::<protected::LiftPage>(),
        ]
        .into_iter()
        .chain(quality::pages())
        .collect(),
        ..Capability::new("linking", "Links", include_str!("policy.cedar"))
    }
}

/// What is kept, and why it may be.
fn records() -> Vec<Kept> {
    [
            Kept::of::<LinkRun, SeeLinkRun>(Processing {
                about: "Runs of linkage: how many records were compared, joined and parted, and for each link how far names, date of birth, sex and address agree. No value of any of them.",
                controllers: "The safeguarding partners jointly.",
                lawful_basis: "Public task: UK GDPR article 6(1)(e); Children Act 2004 sections 11 and 16E.",
                regime: Regime::General,
                recipients: "Data analysts, the information governance lead, auditors.",
                retention: "As long as the persons that it joined.",
                copies: "The database and its backups.",
            }),
            Kept::of::<LinkDecision, SeeLinkDecision>(Processing {
                about: "What people decided about two sources' records: that they are one child or two, how sure they were, and why.",
                controllers: "The safeguarding partners jointly.",
                lawful_basis: "Public task: UK GDPR articles 5(1)(d) and 6(1)(e); Children Act 2004 sections 11 and 16E.",
                regime: Regime::General,
                recipients: "Managers, the information governance lead, auditors.",
                retention: "As long as either record is held, so that no run decides otherwise.",
                copies: "The database and its backups.",
            }),
            Kept::of::<LinkQuestion, SeeLinkQuestion>(Processing {
                about: "Pairs of sources' records of which somebody must say whether they are one child: why it is asked, and what is at stake. No value of any of them.",
                controllers: "The safeguarding partners jointly.",
                lawful_basis: "Public task: UK GDPR articles 5(1)(d) and 6(1)(e); Children Act 2004 sections 11 and 16E.",
                regime: Regime::General,
                recipients: "Managers, the information governance lead, auditors.",
                retention: "As long as either record is held.",
                copies: "The database and its backups.",
            }),
        ]
        .into_iter()
        .chain(quality::records())
        .collect()
}
