//! The example files beside the checkout, which nobody here wrote, and what is known to be wrong with them.
//!
//! They are looked for in `../shared/data` from the workspace, or in the folder that
//! `CLEARPICTURE_SHARED_DATA` names.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

use clearpicture_ingest::{Asked, Heard, Keys, Summary, read};
use clearpicture_kernel::fact::Told;
use clearpicture_kernel::{Date, Says};
use encoding_rs::{UTF_16LE, WINDOWS_1252};

use crate::support::{Brought, bring, shipped};

#[expect(
    clippy::disallowed_methods,
    reason = "a test reads example files, and where they are"
)]
pub(crate) fn bytes(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("CLEARPICTURE_SHARED_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let path = folder.join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
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

fn example(name: &str) -> Option<Brought> {
    bytes(&format!("family_context_multiagency/{name}")).map(|bytes| bring(bytes.as_slice()))
}

/// What reading a file by the shipped profiles brought.
struct Read {
    summary: Summary,
    told: Vec<Told>,
    counts: BTreeMap<&'static str, usize>,
}

impl Read {
    fn count(&self, code: &str) -> usize {
        self.counts.get(code).copied().unwrap_or_default()
    }

    fn source(&self) -> &str {
        self.summary
            .profile
            .as_ref()
            .map_or("none", |name| name.as_str())
    }

    fn facts(&self) -> impl Iterator<Item = &Says> {
        self.told
            .iter()
            .flat_map(|told| &told.facts)
            .map(|fact| &fact.says)
    }
}

fn read_with(name: &str, known: BTreeMap<String, Arc<Keys>>) -> Option<Read> {
    let asked = Asked {
        known,
        today: Some(Date::constant(2026, 11, 25)),
        ..Asked::to_keep()
    };
    let (mut told, mut counts) = (Vec::new(), BTreeMap::new());
    let mut hear = |heard| match heard {
        Heard::Told(one) => told.push(one),
        Heard::Finding(finding) => *counts.entry(finding.problem.code()).or_default() += 1,
        Heard::Rows(_) => {}
    };
    let summary =
        read(Cursor::new(bytes(name)?), &shipped(), &asked, &mut hear).expect("in memory");
    assert_eq!(
        summary.rows,
        summary.accepted + summary.quarantined,
        "{name}"
    );
    Some(Read {
        summary,
        told,
        counts,
    })
}

fn read_of(name: &str) -> Option<Read> {
    read_with(name, BTreeMap::new())
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

#[test]
fn the_cohort_reads_the_same_in_a_spreadsheets_encodings() {
    for name in ["csc.csv", "education.csv"] {
        let Some(bytes) = bytes(&format!("family_context_multiagency/{name}")) else {
            continue;
        };
        let text = std::str::from_utf8(&bytes).expect("UTF-8");
        let (old, _, lost) = WINDOWS_1252.encode(text);
        assert!(!lost, "{name} fits Windows-1252");
        let mut wide = vec![0xff, 0xfe];
        text.encode_utf16()
            .for_each(|unit| wide.extend(unit.to_le_bytes()));
        assert_eq!(UTF_16LE.decode(&wide).0, text);
        let plain = bring(bytes.as_slice());
        for other in [bring(&*old), bring(wide.as_slice())] {
            assert_eq!(other.told, plain.told, "{name}");
            assert_eq!(other.findings, plain.findings, "{name}");
        }
    }
}

#[test]
fn the_looked_after_children_return() {
    let Some(header) = read_of("ssda903/header.csv") else {
        return;
    };
    assert_eq!(
        (header.source(), header.summary.accepted),
        ("ssda903-header", 2675)
    );
    // 107 of 2,675 numbers are right, and 296 begin with a letter that is never used. None is rejected.
    assert_eq!(
        (header.count("upn-letter"), header.count("upn-check")),
        (296, 2675 - 296 - 107)
    );
    assert_eq!(header.summary.year, Some(2017), "sex is 1 or 2 before 2025");
    let known = BTreeMap::from([(
        "ssda903-header".to_owned(),
        Arc::clone(&header.summary.keys),
    )]);

    let episodes = read_with("ssda903/episodes.csv", known.clone()).expect("there");
    assert_eq!(
        (episodes.source(), episodes.summary.accepted),
        ("ssda903-episodes", 5050)
    );
    let open = episodes.told.iter().flat_map(|told| &told.facts);
    let open = open
        .filter(|fact| matches!(fact.says, Says::CareEpisode { .. }) && fact.valid.to.is_none());
    assert_eq!(open.count(), 1413, "28% have not ended");
    assert_eq!(episodes.count("orphan"), 0);

    let reviews = read_with("ssda903/reviews.csv", known.clone()).expect("there");
    assert_eq!(
        (reviews.source(), reviews.summary.accepted),
        ("ssda903-reviews", 12_582)
    );
    assert_eq!(reviews.count("duplicate-row"), 2);

    let missing = read_with("ssda903/missing.csv", known.clone()).expect("there");
    assert_eq!(
        (missing.source(), missing.summary.accepted),
        ("ssda903-missing", 43)
    );
    let outcomes = read_with("ssda903/oc2.csv", known).expect("there");
    assert_eq!(
        (outcomes.source(), outcomes.summary.accepted),
        ("ssda903-oc2", 2675)
    );

    // A byte-order mark and full line ends are nobody's mistake.
    let workers = read_of("ssda903/sw_episodes.csv").expect("there");
    assert_eq!(workers.source(), "ssda903-social-worker");
    assert_eq!(workers.counts, [("unknown-code", 1)].into());
    let planted = read_of("ssda903/placed_for_adoption_errors.csv").expect("there");
    assert_eq!(
        (planted.source(), planted.count("duplicate-key")),
        ("ssda903-placed-for-adoption", 0)
    );
}

#[test]
fn files_of_no_source_are_refused() {
    for name in [
        "ssda903/903_2024_25_rule_info.csv",
        "ssda903/DoLo.csv",
        "annex_a/annex_a_value_aliases.csv",
        "police/2024-01-south-yorkshire-street.csv",
        "premises/fhrs/establishments_valid.xml",
        "health_pds_fhir/addresses.json",
        "health_pds_fhir/related_person_9000000009.json",
        "linkage/febrl/dataset1.csv",
        "school_attendance/liia_school_census/2024_autumn_addressesoffroll.csv",
    ] {
        let Some(one) = read_of(name) else {
            continue;
        };
        assert!(one.summary.refused, "{name}");
        assert_eq!(one.counts, [("unrecognised", 1)].into(), "{name}");
        assert!(one.told.is_empty(), "{name}");
    }
}

#[test]
fn the_children_in_need_census_by_its_years() {
    let Some(fake) = read_of("cin_census/fake_CIN_data.xml") else {
        return;
    };
    assert_eq!(
        (fake.source(), fake.summary.rows, fake.summary.accepted),
        ("cin-census", 332, 332)
    );
    assert_eq!(
        fake.facts()
            .filter(|says| matches!(says, Says::Assessment { .. }))
            .count(),
        0
    );
    assert!(
        fake.facts()
            .any(|says| matches!(says, Says::Referral { .. }))
    );
    let before = read_of("cin_census/CIN_Census_2021.xml").expect("there");
    assert_eq!(
        (before.summary.year, before.count("stray-text")),
        (Some(2021), 1)
    );
    let since = read_of("cin_census/CIN_Census_2026.xml").expect("there");
    assert_eq!(
        since.summary.year,
        Some(2025),
        "sex in letters, whatever year it states"
    );
    assert_eq!(
        (
            since.count("year-does-not-fit"),
            since.count("code-of-another-year")
        ),
        (1, 1)
    );
    for (file, factors) in [
        ("CIN_Census_2021.xml", 2),
        ("CIN_Census_2021_no_assessment_factors.xml", 0),
    ] {
        let one = read_of(&format!("cin_census/{file}")).expect("there");
        let found = one
            .facts()
            .filter(|says| matches!(says, Says::Factor { .. }))
            .count();
        assert!(found >= factors, "{file}: {found}");
    }
}

#[test]
fn the_school_census() {
    let folder = "school_attendance/liia_school_census";
    let Some(pupils) = read_of(&format!("{folder}/2024_autumn_pupilonroll.csv")) else {
        return;
    };
    assert_eq!(
        (pupils.source(), pupils.summary.accepted),
        ("school-census-pupils", 9088)
    );
    assert_eq!(
        pupils.count("upn-shape"),
        2 * 9088,
        "pieces of other identifiers"
    );
    assert_eq!(pupils.count("not-yes-or-no"), 9088, "flags of random signs");
    assert_eq!(
        pupils.count("number-as-decimal"),
        0,
        "as its profile says they are written"
    );
    // Persistent absence: authorised and unauthorised of possible sessions, at a tenth or more, for each enrolment.
    let (mut absent, mut of, mut without) = (0, 0, 0);
    for told in &pupils.told {
        let attended = told.facts.iter().find_map(|fact| match fact.says {
            Says::Attendance {
                possible,
                authorised,
                unauthorised,
            } => Some((possible, authorised, unauthorised)),
            _ => None,
        });
        match attended {
            Some((Some(possible), authorised, unauthorised)) if possible > 0 => {
                of += 1;
                let missed = authorised.unwrap_or_default() + unauthorised.unwrap_or_default();
                absent += usize::from(missed * 10 >= possible);
            }
            _ => without += 1,
        }
    }
    assert_eq!((absent, of, without), (43, 8984, 104));
    let known = BTreeMap::from([(
        "school-census-pupils".to_owned(),
        Arc::clone(&pupils.summary.keys),
    )]);
    let exclusions = read_with(
        &format!("{folder}/2024_autumn_termlyexclusionsonroll.csv"),
        known.clone(),
    );
    let exclusions = exclusions.expect("there");
    assert_eq!(
        (exclusions.source(), exclusions.summary.accepted),
        ("school-census-exclusions", 10_373)
    );
    assert_eq!(exclusions.count("orphan"), 0);
    let sessions = read_with(
        &format!("{folder}/2024_autumn_termlysessiondetailsonroll.csv"),
        known,
    );
    let sessions = sessions.expect("there");
    assert_eq!(
        (sessions.source(), sessions.summary.accepted),
        ("school-census-sessions", 39_953)
    );
    let leavers = read_of(&format!("{folder}/2024_autumn_pupilnolongeronroll.csv")).expect("there");
    assert_eq!(
        (leavers.source(), leavers.summary.accepted),
        ("school-census-leavers", 308)
    );
}

#[test]
fn patients_restricted_partial_and_many() {
    for (file, patients, restricted) in [
        ("patient_9000000009.json", 1, 0),
        ("patient_9000000025.json", 1, 1),
        ("Sensitive_Patient.json", 1, 1),
        ("fuzzy_multimatch_searchset.json", 20, 0),
        ("multimatch_phoneAndEmail_searchset.json", 11, 0),
        ("youds_searchset.json", 4, 0),
        ("cuff_superseded_searchset.json", 1, 0),
        ("create-pds-record-at-birth-maximal.json", 2, 0),
    ] {
        let Some(one) = read_of(&format!("health_pds_fhir/{file}")) else {
            return;
        };
        assert_eq!(
            (one.source(), one.summary.rows),
            ("fhir-patient", patients),
            "{file}"
        );
        assert_eq!(one.count("restricted-person"), restricted, "{file}");
        let withheld = one
            .facts()
            .filter(|says| matches!(says, Says::Protection { .. }))
            .count();
        assert_eq!(withheld, restricted, "{file}");
        if restricted > 0 {
            assert!(
                !one.facts().any(|says| matches!(says, Says::Address { .. })),
                "{file}"
            );
        }
    }
    // Two records that were not yet given a number.
    let born = read_of("health_pds_fhir/create-pds-record-at-birth-maximal.json").expect("there");
    assert_eq!(
        (born.summary.quarantined, born.count("missing-key")),
        (2, 2)
    );
}

#[test]
fn every_spelling_of_the_lists_for_inspection_has_its_code_or_is_known_to_have_two() {
    let Some(aliases) = bytes("annex_a/annex_a_value_aliases.csv") else {
        return;
    };
    // The lists of one heading are the same in every sheet, so each spelling is read once for each heading of one.
    let mut by_list: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut rows = 0;
    for row in csv::Reader::from_reader(aliases.as_slice()).records() {
        let row = row.expect("a row");
        rows += 1;
        by_list
            .entry((row[0].to_owned(), row[1].to_owned()))
            .or_default()
            .push(row[3].to_owned());
    }
    assert_eq!(rows, 29_602);
    let profiles = shipped();
    let annex = profiles
        .iter()
        .find(|one| one.name.as_str() == "annex-a")
        .expect("shipped");
    let (mut mapped, mut ambiguous) = (0, 0);
    for ((list, field), spellings) in by_list {
        let table = list.replace('_', "-");
        for spelling in spellings {
            match annex.code_of(&table, &field, &spelling) {
                Some(Ok(_)) => mapped += 1,
                Some(Err(problem)) => {
                    assert_eq!(
                        problem.code(),
                        "ambiguous-code",
                        "{list}, {field}: {spelling}"
                    );
                    ambiguous += 1;
                }
                None => panic!("{list}, {field}: {spelling} is read as nothing"),
            }
        }
    }
    assert_eq!((mapped, ambiguous), (29_496, 106));
}

#[test]
fn populations_are_read_without_adding_them_up() {
    let Some(one) =
        read_of("ethnicity_population/population-by-ethnicity-and-local-authority-2021.csv")
    else {
        return;
    };
    assert_eq!((one.source(), one.summary.accepted), ("population", 810));
    assert!(one.told.is_empty(), "it tells of nobody");
}
