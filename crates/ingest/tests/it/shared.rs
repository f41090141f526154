//! One cohort seen by two agencies: the example files beside the checkout.
//!
//! They are looked for in `../shared/data` from the workspace, or in the folder that
//! `CLEARPICTURE_SHARED_DATA` names.

use std::fs::File;
use std::path::PathBuf;

use crate::support::{Brought, bring};

#[expect(
    clippy::disallowed_methods,
    reason = "a test reads example files, and where they are"
)]
fn example(name: &str) -> Option<Brought> {
    let folder = std::env::var_os("CLEARPICTURE_SHARED_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let path = folder.join("family_context_multiagency").join(name);
    match File::open(&path) {
        Ok(file) => Some(bring(file)),
        Err(error) => {
            let words = format!(
                "{} is not there ({error}): name the folder of example files with CLEARPICTURE_SHARED_DATA",
                path.display()
            );
            assert!(std::env::var_os("CI").is_none(), "{words}");
            println!("{words}");
            None
        }
    }
}

#[test]
fn all_rows_of_both_files_are_accepted_with_every_finding_counted() {
    for (name, profile, backwards) in [
        ("csc.csv", "involvement-csc", 256),
        ("education.csv", "involvement-education", 242),
    ] {
        let Some(brought) = example(name) else {
            continue;
        };
        let summary = &brought.summary;
        assert_eq!(
            summary.profile.as_ref().map(|code| code.as_str()),
            Some(profile)
        );
        assert_eq!((summary.accepted, summary.quarantined), (500, 0), "{name}");
        assert_eq!(
            brought.counts(),
            [("begins-after-end", backwards)].into(),
            "{name}"
        );
    }
}
