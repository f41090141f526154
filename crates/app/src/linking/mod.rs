//! Linking: which subjects are one person, why, and how to undo it.
//!
//! A run compares everything that is held and joins in one change; a run that finds nothing new changes nothing. Each
//! link keeps what spoke for it, and is explained in words. Whoever answers for children can part what was joined
//! wrongly: then everything is as it was before the join, and no later run joins the two again.
//!
//! It serves whoever has to know whether two agencies speak of one child. It never destroys what a source said, never
//! overrules what a person decided, and lets nobody see by a join what they were barred from.

mod bars;
mod held;
mod pages;
mod part;
mod rules;
mod run;
mod store;
mod types;
mod work;

use clearpicture_access::Action as _;

use crate::capability::{Capability, Kept, Processing, Regime, Route};
use crate::persons::{PartPerson, SeePerson};
use crate::shell::PageSpec;

pub use run::{LinkFault, Outcome, run, run_around, run_for_load};
pub use types::{
    AddLinkDecision, AddLinkRun, LinkDecision, LinkDecisionId, LinkRun, LinkRunId, SeeLinkDecision,
    SeeLinkRun, Verdict,
};
pub use work::link_soon;

/// The capability.
pub fn capability() -> Capability {
    Capability {
        needs: &["agencies", "grants", "persons"],
        actions: vec![
            SeeLinkRun::SPEC,
            AddLinkRun::SPEC,
            SeeLinkDecision::SPEC,
            AddLinkDecision::SPEC,
        ],
        records: vec![
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
                about: "What people decided about two sources' records: that they are two children, and why.",
                controllers: "The safeguarding partners jointly.",
                lawful_basis: "Public task: UK GDPR articles 5(1)(d) and 6(1)(e); Children Act 2004 sections 11 and 16E.",
                regime: Regime::General,
                recipients: "Managers, the information governance lead, auditors.",
                retention: "As long as either record is held, so that the two are never joined again.",
                copies: "The database and its backups.",
            }),
        ],
        migrations: store::migrations(),
        jobs: work::jobs(),
        routes: vec![
            Route::get::<SeePerson, _>("/children/{id}/why", pages::why),
            Route::post::<PartPerson, _>("/children/{id}/why", pages::part),
        ],
        pages: vec![PageSpec::of::<pages::WhyPage>()],
        ..Capability::new("linking", "Links", include_str!("policy.cedar"))
    }
}
