//! What holds for every source file, whoever wrote it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clearpicture_app::capabilities;

/// What every capability may use without saying so.
const SHARED: [&str; 6] = ["capability", "jobs", "practice", "shell", "state", "words"];

/// Files outside a `store.rs` that speak to the database, each with its reason.
/// This list may only shrink.
const SPEAK_TO_THE_DATABASE: [(&str, &str); 2] = [
    (
        "shell/session.rs",
        "sessions are the shell's own, and it has no other table",
    ),
    (
        "api/idempotency.rs",
        "the keys are its only table, and no query leaves the file",
    ),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file below `folder`, with its path from `src`.
#[expect(clippy::disallowed_methods, reason = "a test that reads the sources")]
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(source()).expect("below src");
            let text = std::fs::read_to_string(&path).expect("text");
            found.insert(name.to_string_lossy().into_owned(), text);
        }
    }
    found
}

/// The top-level modules that a file names by `crate::`.
fn uses(text: &str) -> BTreeSet<String> {
    text.split("crate::")
        .skip(1)
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect()
        })
        .collect()
}

#[test]
fn capabilities_use_only_what_they_say_they_need() {
    let capabilities = capabilities();
    let names: BTreeSet<&str> = capabilities.iter().map(|one| one.name).collect();
    for (file, text) in files(&source()) {
        let Some((folder, _)) = file.split_once('/') else {
            continue;
        };
        let Some(capability) = capabilities.iter().find(|one| one.name == folder) else {
            continue;
        };
        for used in uses(&text) {
            let allowed = used == folder
                || SHARED.contains(&used.as_str())
                || capability.needs.contains(&used.as_str())
                || !names.contains(used.as_str());
            assert!(
                allowed,
                "{file} uses `{used}`: add it to the `needs` of `{folder}`, or do without"
            );
        }
    }
}

/// The drawing of who needs whom is what the capabilities say.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test that reads the documentation"
)]
fn the_architecture_draws_the_needs_that_are_declared() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ARCHITECTURE.md");
    let text = std::fs::read_to_string(path).expect("text");
    let drawn: BTreeSet<(String, String)> = text
        .lines()
        .filter_map(|line| line.split_once("─► "))
        .map(|(name, needs)| {
            let name = name.trim_start().trim_end_matches(['─', ' ']);
            (name.to_owned(), needs.trim().to_owned())
        })
        .collect();
    for capability in capabilities().iter().filter(|one| !one.needs.is_empty()) {
        let line = (capability.name.to_owned(), capability.needs.join(", "));
        assert!(drawn.contains(&line), "not drawn: {line:?}");
    }
}

#[test]
fn every_folder_is_a_capability_or_the_shell() {
    let names: BTreeSet<&str> = capabilities().iter().map(|one| one.name).collect();
    for (file, _) in files(&source()) {
        if let Some((folder, _)) = file.split_once('/') {
            assert!(
                folder == "shell" || names.contains(folder),
                "{file} belongs to no capability"
            );
        }
    }
}

#[test]
fn needs_have_no_cycle() {
    let needs: BTreeMap<&str, &[&str]> = capabilities()
        .iter()
        .map(|one| (one.name, one.needs))
        .collect();
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    while settled.len() < needs.len() {
        let before = settled.len();
        for (name, of) in &needs {
            if of.iter().all(|one| settled.contains(one)) {
                settled.insert(name);
            }
        }
        assert!(
            settled.len() > before,
            "these need one another: {:?}",
            needs
                .keys()
                .filter(|name| !settled.contains(*name))
                .collect::<Vec<_>>()
        );
    }
}

#[test]
fn only_store_files_speak_to_the_database() {
    for (file, text) in files(&source()) {
        let speaks = [
            ".reader()",
            ".scratch::<",
            ".select(&",
            "sea_orm::EntityTrait",
            "sea_orm::sea_query",
        ]
        .into_iter()
        .find(|sign| text.contains(sign));
        let may = file.ends_with("store.rs")
            || file.contains("/store/")
            || SPEAK_TO_THE_DATABASE
                .iter()
                .any(|(known, _)| *known == file);
        assert!(
            may || speaks.is_none(),
            "{file} speaks to the database by `{}`: move it to its store.rs",
            speaks.unwrap_or_default()
        );
    }
    for (known, _) in SPEAK_TO_THE_DATABASE {
        assert!(
            source().join(known).exists(),
            "{known} is gone: take it off the list"
        );
    }
}

#[test]
fn rules_read_no_clock_and_no_database() {
    for (file, text) in files(&source()) {
        if file.ends_with("rules.rs") {
            for sign in [
                "ambient",
                ".now()",
                "sea_orm",
                "clearpicture_store::Store",
                "async fn",
            ] {
                assert!(
                    !text.contains(sign),
                    "{file} holds `{sign}`: a rule is told the time and given its facts"
                );
            }
        }
    }
}

#[test]
fn no_file_has_to_be_scrolled_for_ever() {
    for (file, text) in files(&source()) {
        let lines = text.lines().count();
        assert!(lines <= 600, "{file} has {lines} lines: split it by topic");
    }
}

#[test]
fn only_the_shells_export_door_gives_out_files() {
    for (file, text) in files(&source()) {
        let gives_out = ["CONTENT_DISPOSITION", "attachment;"]
            .iter()
            .any(|sign| text.contains(sign));
        assert!(
            !gives_out || file == "shell/given_out.rs",
            "{file} gives out a file by itself: use `GivenOut::give_out`, which leaves a row in the read log"
        );
        assert!(
            !text.contains("text/csv") || file == "shell/csv.rs",
            "{file} writes a list by itself: use `Csv`, in which no cell becomes a formula"
        );
    }
}
