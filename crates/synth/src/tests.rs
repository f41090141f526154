use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};

use clearpicture_ingest::{Asked, Heard, Profile, read};
use clearpicture_kernel::Digest;
use clearpicture_kernel::fact::Told;
use clearpicture_linkage::{Model, Records, Shield, SourceIndex, cluster, compare_all};

use super::*;

struct Made {
    files: BTreeMap<Agency, Vec<u8>>,
    truth: Vec<u8>,
}

fn made(count: u64, seed: u64) -> Made {
    let (mut care, mut schools, mut truth) = (Vec::new(), Vec::new(), Vec::new());
    let mut files: BTreeMap<Agency, &mut dyn Write> = BTreeMap::new();
    files.insert(Agency::SocialCare, &mut care);
    files.insert(Agency::Education, &mut schools);
    write(count, seed, &mut files, &mut truth).unwrap();
    Made {
        files: BTreeMap::from([(Agency::SocialCare, care), (Agency::Education, schools)]),
        truth,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test reads the practice that ships"
)]
fn practice(path: &str) -> String {
    let path = format!("{}/../../practice/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn profiles() -> Vec<Profile> {
    ["involvement-csc", "involvement-education"]
        .map(|name| Profile::parse(name, &practice(&format!("sources/{name}.toml"))).unwrap())
        .to_vec()
}

fn told(bytes: &[u8]) -> Vec<Told> {
    let mut told = Vec::new();
    let asked = Asked::to_keep();
    let summary = read(Cursor::new(bytes), &profiles(), &asked, &mut |heard| {
        if let Heard::Told(row) = heard {
            told.push(row);
        }
    })
    .unwrap();
    assert!(!summary.refused);
    assert_eq!(summary.rows, summary.accepted, "no row is set aside");
    told
}

/// The child behind each key of each file.
fn truth(made: &Made) -> BTreeMap<(String, String), u64> {
    let mut reader = csv::Reader::from_reader(made.truth.as_slice());
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        (
            (row[0].to_owned(), row[1].to_owned()),
            row[2].parse().unwrap(),
        )
    });
    rows.collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (one, two, other) = (made(120, 1), made(120, 1), made(120, 2));
    assert_eq!(one.files, two.files);
    assert_eq!(one.truth, two.truth);
    assert_ne!(one.files, other.files);
    // A change of what is drawn changes every example that anybody has: it is meant, or it is a mistake.
    let digest = Digest::of(&one.files[&Agency::SocialCare]).to_string();
    assert!(digest.starts_with("1dfb07adaf85e4e1"), "{digest}");
}

#[test]
fn every_row_is_accepted_by_its_profile_and_is_in_the_truth_once() {
    let made = made(500, 1);
    let truth = truth(&made);
    let mut rows = 0;
    for (agency, bytes) in &made.files {
        let told = told(bytes);
        rows += told.len();
        for row in told {
            let key = (agency.file().to_owned(), row.key.to_string());
            assert!(truth.contains_key(&key), "{key:?}");
        }
    }
    assert_eq!(rows, truth.len());
    let children: BTreeSet<u64> = truth.values().copied().collect();
    assert_eq!(children.len(), 500, "each is known to one agency at least");
}

#[test]
fn some_are_known_to_one_agency_alone_and_twins_are_two() {
    let names = names::Names::shipped().unwrap();
    let children = children(2_000, 1, &names);
    let twins = children.iter().filter(|child| child.twin.is_some()).count();
    assert!((20..=80).contains(&twins), "{twins}");
    for child in &children {
        if let Some(twin) = child.twin {
            let twin = &children[usize::try_from(twin).unwrap() - 1];
            assert_eq!((twin.born, twin.household), (child.born, child.household));
            assert_ne!(twin.given, child.given);
        }
    }
    let made = made(2_000, 1);
    for bytes in made.files.values() {
        let known = told(bytes).len();
        assert!((1_740..=1_860).contains(&known), "{known}");
    }
}

#[test]
fn linkage_joins_no_two_children_and_finds_most_that_are_one() {
    let made = made(500, 1);
    let truth = truth(&made);
    let mut records = Records::default();
    let mut child_of = Vec::new();
    for (source, (agency, bytes)) in (0_u32..).zip(&made.files) {
        for row in told(bytes) {
            records.add(SourceIndex(source), Shield::Open, &row.facts);
            child_of.push(truth[&(agency.file().to_owned(), row.key.to_string())]);
        }
    }
    let model = Model::read(&practice("linkage/children.toml")).unwrap();
    let pairs = compare_all(&records, &model).unwrap();
    let none = BTreeSet::new();
    let linked = cluster(&records, &pairs, &none, &none, &model);
    let mut joined = 0;
    for cluster in &linked.clusters {
        let children: BTreeSet<u64> = cluster
            .members
            .iter()
            .map(|index| child_of[index.0])
            .collect();
        assert_eq!(
            children.len(),
            1,
            "two children are one person: {cluster:?}"
        );
        joined += cluster.members.len() - 1;
    }
    let mut rows: BTreeMap<u64, usize> = BTreeMap::new();
    for child in &child_of {
        *rows.entry(*child).or_default() += 1;
    }
    let there: usize = rows.values().map(|rows| rows - 1).sum();
    assert!(joined * 1_000 >= there * 980, "{joined} of {there} pairs");
}
