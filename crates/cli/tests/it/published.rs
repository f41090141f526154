//! Every published file that a profile is for, taken in: each row accounted for, and all of it proven.

use std::path::{Path, PathBuf};

use crate::support::Data;

/// The files, each with its profile and how many rows it has. They are of one agency here, and each source comes once.
const FILES: [(&str, &str, u64); 17] = [
    ("cin_census/fake_CIN_data.xml", "cin-census", 332),
    ("health_pds_fhir/Sensitive_Patient.json", "fhir-patient", 1),
    (
        "health_pds_fhir/fuzzy_multimatch_searchset.json",
        "fhir-patient",
        20,
    ),
    (
        "school_attendance/liia_school_census/2024_autumn_pupilnolongeronroll.csv",
        "school-census-leavers",
        308,
    ),
    (
        "school_attendance/liia_school_census/2024_autumn_pupilonroll.csv",
        "school-census-pupils",
        9_088,
    ),
    (
        "school_attendance/liia_school_census/2024_autumn_termlyexclusionsonroll.csv",
        "school-census-exclusions",
        10_373,
    ),
    ("ssda903/ad1.csv", "ssda903-ad1", 29),
    ("ssda903/episodes.csv", "ssda903-episodes", 5_050),
    ("ssda903/header.csv", "ssda903-header", 2_675),
    ("ssda903/missing.csv", "ssda903-missing", 43),
    ("ssda903/oc2.csv", "ssda903-oc2", 2_675),
    ("ssda903/oc3.csv", "ssda903-oc3", 53),
    (
        "ssda903/placed_for_adoption.csv",
        "ssda903-placed-for-adoption",
        29,
    ),
    (
        "ssda903/previous_permanence.csv",
        "ssda903-previous-permanence",
        2_675,
    ),
    ("ssda903/reviews.csv", "ssda903-reviews", 12_582),
    ("ssda903/sw_episodes.csv", "ssda903-social-worker", 1),
    ("ssda903/uasc.csv", "ssda903-uasc", 132),
];
/// Files that no profile is for, and one of totals, which tell of nobody.
const REFUSED: [&str; 3] = [
    "annex_a/annex_a_field_list.csv",
    "ssda903/903_2024_25_rule_info.csv",
    "linkage/febrl/dataset1.csv",
];

/// The folder of published files; `None` on a machine without it.
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("CLEARPICTURE_SHARED_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let there = folder.join("ssda903/episodes.csv").exists();
    assert!(
        there || std::env::var_os("CI").is_none(),
        "{} is not there: name the folder of example files with CLEARPICTURE_SHARED_DATA",
        folder.display()
    );
    there.then_some(folder)
}

#[test]
fn every_published_file_of_a_known_source_is_taken_in_and_every_row_accounted_for() {
    let Some(shared) = shared() else { return };
    let data = Data::new();
    data.run(&["demo", "--no-serve", "--size", "empty"]).done();
    let of = |file: &str| shared.join(file).display().to_string();
    let files: Vec<String> = FILES.iter().map(|(file, ..)| of(file)).collect();
    let load = |files: &[String]| {
        let mut arguments = vec!["ingest", "load", "--format", "json"];
        arguments.extend(files.iter().map(String::as_str));
        let answer: serde_json::Value =
            serde_json::from_str(&data.run(&arguments).done()).expect("JSON");
        answer
    };
    let number = |one: &serde_json::Value, name: &str| one[name].as_u64().expect("a number");
    let first = load(&files);
    for ((file, profile, rows), one) in FILES.iter().zip(first["files"].as_array().expect("files"))
    {
        assert_eq!(one["profile"], *profile, "{file}");
        assert_eq!(number(one, "rows"), *rows, "{file}");
        let sum = number(one, "accepted") + number(one, "unchanged") + number(one, "quarantined");
        assert_eq!(sum, *rows, "{file}");
        assert_eq!(number(one, "quarantined"), 0, "{file}");
    }
    // The same bytes say nothing new.
    let again = load(&files);
    assert_eq!(number(&again["totals"], "accepted"), 0);
    assert_eq!(
        number(&again["totals"], "unchanged"),
        number(&first["totals"], "rows")
    );
    for file in REFUSED {
        data.run(&[
            "ingest",
            "load",
            "--agency",
            "northwater-council",
            &of(file),
        ])
        .failed(2, "cannot be read as it is");
    }
    let tells_of_nobody =
        of("ethnicity_population/population-by-ethnicity-and-local-authority-2021.csv");
    data.run(&[
        "ingest",
        "load",
        "--agency",
        "northwater-council",
        &tells_of_nobody,
    ])
    .failed(1, "tell of nobody");
    data.run(&["history", "verify"]).done();
}
