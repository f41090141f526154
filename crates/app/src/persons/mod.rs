//! Persons: what all sources say of one child, brought together.
//!
//! A *subject* is one person as one source knows them; a *person* is a set of subjects, with an id that stays. What
//! is said about a subject is facts, each with its source, its file and its row. Nobody edits a fact: a later file
//! supersedes it, and two sources that disagree both stand.
//!
//! It serves whoever needs the joined picture before the first telephone call. It never decides who is one person
//! (that is `linking`), never takes in a file (that is `loads`), and never shows a name in an address.

mod analysis;
mod called;
mod chronology;
mod claims;
mod find;
mod involved;
mod keys;
mod lines;
mod missing;
mod picture;
mod print;
mod protection;
mod said;
mod samples;
mod store;
mod types;
mod wanted;
mod work;

use clearpicture_access::Action as _;

use crate::capability::{Capability, Kept, Processing, Regime, Route, Section};
use crate::grants::WorkWith;
use crate::history;
use crate::shell::PageSpec;

pub use called::{named, of_one_child, records_named};
pub use lines::{ChildLine, lines};
pub use protection::{
    AddProtection, Because, ChangeProtection, LiftProtection, Protection, ProtectionId,
    SeeProtection,
};
pub use store::{
    Described, Known, Laid, Laying, LayingOf, Missing, NewPerson, ProtectionRow, Ready, Subject,
    TheirKey, Undoing, Weighed, bring_edition, bring_keys, corrected, count, described,
    held_beside, keys_are_made, kinds_told, known, known_after, known_by, known_subjects,
    known_subjects_to, known_to, laid_last, laid_of, most_widely_known, never_kept, persons_of,
    pictures_seen, protected, protected_and_never_kept, protected_subjects, protections_about,
    sharing, standing_for, subjects_in, subjects_of, together_with, told_by, told_of_by, undo,
    whose_whereabouts_are_withheld,
};
pub use types::{
    AddPerson, LinkPerson, PartPerson, Person, ProtectPerson, SeePerson, Standing, Telling,
};

/// The capability.
pub fn capability() -> Capability {
    Capability {
        needs: &["agencies", "grants", "history", "workers"],
        actions: vec![
            SeePerson::SPEC,
            AddPerson::SPEC,
            LinkPerson::SPEC,
            ProtectPerson::SPEC,
            PartPerson::SPEC,
            SeeProtection::SPEC,
            AddProtection::SPEC,
            ChangeProtection::SPEC,
            LiftProtection::SPEC,
        ],
        records: vec![Kept::of::<Person, SeePerson>(Processing {
            about: "Children known to the agencies: which of the sources' records are one child. What the sources say (names, date of birth, sex, address, numbers, which service works with the child) is kept beside it under each child's own key.",
            controllers: "The safeguarding partners jointly; each agency for what it sends.",
            lawful_basis: "Public task: UK GDPR articles 6(1)(e) and 9(2)(g); Children Act 2004 sections 11 and 16E.",
            regime: Regime::General,
            recipients: "Practitioners and managers of the partner agencies who work with the child; the information governance lead; auditors.",
            retention: "By the rule of each source; nothing is destroyed before the retention schedule is built.",
            copies: "The database and its backups.",
        })
        .opened_by::<SeePerson>("/children"),
        Kept::of::<Protection, SeeProtection>(Processing {
            about: "Of whom a source says that where they are must not be told, and whose record may be of the same child: until a keeper of protected identities decides, where they are is shown to keepers alone.",
            controllers: "The safeguarding partners jointly; each agency for what it sends.",
            lawful_basis: "Legal obligation and public task: UK GDPR articles 6(1)(c), 6(1)(e) and 9(2)(g); Children Act 2004 section 11.",
            regime: Regime::General,
            recipients: "Keepers of protected identities.",
            retention: "As long as the child's records, so that no later file undoes it.",
            copies: "The database and its backups.",
        })
        .opened_by::<SeeProtection>("/protected")],
        migrations: store::migrations(),
        routes: vec![
            Route::get::<SeePerson, _>("/children", find::form)
                .lists_nothing("what was found again depends on what its owner typed: a test of its own compares it with policy"),
            Route::ask::<SeePerson, _>("/children", find::find)
                .lists_nothing("what is found depends on what is typed: a test of its own compares it with policy"),
            Route::get::<SeePerson, _>("/children/{id}", picture::show),
            Route::get::<SeePerson, _>("/children/{id}/involved", involved::ask),
            Route::post::<SeePerson, _>("/children/{id}/involved", involved::say)
                .tried("does=begin&reason=She+comes+to+us+every+Tuesday.&phone=01632+960555&told=agencies")
                .leaves::<WorkWith>(),
            Route::get::<SeePerson, _>("/children/{id}/picture.pdf", print::print),
            Route::get::<SeePerson, _>("/children/{id}/history", history::show::<SeePerson>),
            Route::get::<SeeProtection, _>("/protected/{id}/history", history::show::<SeeProtection>),
        ],
        analysis: analysis::analysis(),
        sections: vec![
            Section {
                title: "Children",
                href: "/children",
                action: SeePerson::SPEC,
                order: 100,
            },
        ],
        pages: vec![
            PageSpec::of::<find::FindPage>(),
            PageSpec::of::<picture::PicturePage>(),
            PageSpec::of::<picture::MovedPage>(),
            PageSpec::of::<involved::WorkPage>(),
        ],
        jobs: vec![find::sweep()],
        called: Some(called::called),
        ..Capability::new("persons", "Children", include_str!("policy.cedar"))
    }
}
