use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};
use std::rc::Rc;

use clearpicture_ingest::{Asked, Heard, Profile, read};
use clearpicture_kernel::Digest;
use clearpicture_kernel::fact::Told;
use clearpicture_linkage::children::{Before, Model, RecordsBuilder, Shield, SourceIndex, link};
use clearpicture_linkage::columns::Common;

use super::*;

/// Files by name.
type Made = BTreeMap<String, Vec<u8>>;

struct Kept(String, Rc<RefCell<Made>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut files = self.1.borrow_mut();
        files.entry(self.0.clone()).or_default().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn made(count: u64, seed: u64) -> Made {
    let files: Rc<RefCell<Made>> = Rc::default();
    write(count, seed, &mut |name| {
        files.borrow_mut().insert(name.to_owned(), Vec::new());
        Ok(Box::new(Kept(name.to_owned(), Rc::clone(&files))))
    })
    .unwrap();
    files.take()
}

/// The files of involvements alone.
fn involvements(made: &Made) -> impl Iterator<Item = (&str, &[u8])> {
    Service::ALL
        .into_iter()
        .map(|service| (service.file(), made[service.file()].as_slice()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test reads the practice that ships"
)]
fn practice(path: &str) -> String {
    let path = format!("{}/../../practice/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// Every profile that ships and reads a file that is made here.
fn profiles() -> Vec<Profile> {
    [
        "involvement-csc",
        "involvement-education",
        "ssda903-header",
        "ssda903-episodes",
        "ssda903-missing",
        "school-census-pupils",
        "police-missing",
        "police-exploitation",
        "fhir-patient",
        "lighthouse-clients",
        "counts-return",
        "areas",
        "postcode-directory",
        "population",
    ]
    .map(|name| Profile::parse(name, &practice(&format!("sources/{name}.toml"))).unwrap())
    .to_vec()
}

fn told(name: &str, bytes: &[u8]) -> Vec<Told> {
    let mut told = Vec::new();
    let asked = Asked::to_keep();
    let mut set_aside = Vec::new();
    let summary = read(
        Cursor::new(bytes),
        &profiles(),
        &asked,
        &mut |heard| match heard {
            Heard::Told(row) => told.push(row),
            Heard::Finding(finding) => set_aside.push(finding),
            Heard::Rows(_) => {}
        },
    )
    .unwrap();
    assert!(!summary.refused, "{name}: {:?}", set_aside.first());
    assert_eq!(
        summary.rows, summary.accepted,
        "{name}: no row is set aside"
    );
    told
}

/// The child behind each key of each file.
fn truth(made: &Made) -> BTreeMap<(String, String), u64> {
    let mut reader = csv::Reader::from_reader(made[TRUTH].as_slice());
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
    let (one, two, other) = (made(2_000, 1), made(2_000, 1), made(2_000, 2));
    assert_eq!(one, two);
    let mut names: Vec<String> = one.keys().cloned().collect();
    let mut all = files();
    names.sort();
    all.sort();
    assert_eq!(names, all);
    for (name, bytes) in &one {
        let is_of_the_borough = BOROUGH.contains(&name.as_str());
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        if lines > 1 {
            assert_eq!(*bytes == other[name], is_of_the_borough, "{name}");
        }
    }
    // A change of what is drawn changes every example that anybody has: it is meant, or it is a mistake.
    let every: Vec<&[u8]> = one.values().map(Vec::as_slice).collect();
    let digest = Digest::of_parts(&every).to_string();
    assert!(digest.starts_with("3f3af824014a162e"), "{digest}");
}

#[test]
fn every_row_is_accepted_by_its_profile_and_is_in_the_truth_once() {
    let made = made(2_000, 1);
    let truth = truth(&made);
    let mut keys: BTreeSet<(String, String)> = BTreeSet::new();
    for (name, bytes) in &made {
        if name == TRUTH {
            continue;
        }
        for row in told(name, bytes) {
            let key = (name.clone(), row.key.to_string());
            let of_a_table = name.contains("episodes") || name.starts_with("ssda903-missing");
            if of_a_table {
                let header = name
                    .replace("episodes", "header")
                    .replace("missing", "header");
                assert!(truth.contains_key(&(header, key.1)), "{name}");
                continue;
            }
            assert!(truth.contains_key(&key), "{key:?}");
            keys.insert(key);
        }
    }
    assert_eq!(keys.len(), truth.len());
    let children: BTreeSet<u64> = truth.values().copied().collect();
    assert_eq!(
        children.len(),
        2_000,
        "each is known to one agency at least"
    );
}

#[test]
fn numbers_check_and_no_two_children_have_the_same() {
    let upns: BTreeSet<String> = (1..20_000).map(|child| numbers::upn(child, 2012)).collect();
    let nhs: BTreeSet<String> = (1..20_000).map(numbers::nhs_number).collect();
    assert_eq!((upns.len(), nhs.len()), (19_999, 19_999));
    for upn in &upns {
        assert_eq!(clearpicture_kernel::numbers::upn(upn), Ok(()), "{upn}");
    }
    for number in &nhs {
        assert_eq!(
            clearpicture_kernel::numbers::nhs_number(number),
            Ok(()),
            "{number}"
        );
    }
}

#[test]
fn a_child_who_moves_or_is_renamed_is_written_down_as_they_were_on_each_day() {
    let names = names::Names::shipped().unwrap();
    let mut renamed = 0;
    for child in children(2_000, 1, &names).flatten() {
        let life = Life::of(&child, 1, &names);
        if let Some((from, family)) = &life.renamed {
            renamed += 1;
            assert_eq!(life.family(&child, *from), family);
            assert_eq!(life.family(&child, from.yesterday().unwrap()), child.family);
        }
        assert_eq!(life.address(&child, life.moved), child.address);
    }
    assert!((15..=50).contains(&renamed), "{renamed}");
}

#[test]
fn some_are_known_to_one_agency_alone_and_twins_are_two() {
    let names = names::Names::shipped().unwrap();
    let children: Vec<Child> = children(2_000, 1, &names).flatten().collect();
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
    for (name, bytes) in involvements(&made) {
        let known = told(name, bytes).len();
        assert!((1_740..=1_860).contains(&known), "{known}");
    }
}

#[test]
fn linkage_joins_no_two_children_and_finds_most_that_are_one() {
    let made = made(500, 1);
    let truth = truth(&made);
    let model = Model::read(&practice("linkage/children.toml")).unwrap();
    let mut records = RecordsBuilder::new(&model).unwrap();
    let mut child_of = Vec::new();
    for (source, (name, bytes)) in (0_u32..).zip(involvements(&made)) {
        for row in told(name, bytes) {
            let added = records.add(SourceIndex(source), Shield::Open, &row.facts);
            added.unwrap();
            child_of.push(truth[&(name.to_owned(), row.key.to_string())]);
        }
    }
    let records = records.finish(1).unwrap();
    let linked = link(&records, &model, &Before::default(), Common::Here, 1).unwrap();
    let mut joined = 0;
    for cluster in &linked.clusters {
        let children: BTreeSet<u64> = cluster
            .members
            .iter()
            .map(|index| child_of[index.0 as usize])
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

/// The rows of a file, by heading.
fn rows(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let headings = reader.headers().unwrap().clone();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let cells = headings.iter().zip(row.iter());
        cells
            .map(|(heading, cell)| (heading.to_owned(), cell.to_owned()))
            .collect()
    });
    rows.collect()
}

/// The day of a file, in any of the ways in which the agencies write it.
fn age(born: clearpicture_kernel::Date, on: clearpicture_kernel::Date) -> i16 {
    clearpicture_kernel::age(born, on).expect("nobody is told of before they are born")
}

fn day(text: &str) -> clearpicture_kernel::Date {
    ["%Y-%m-%d", "%d/%m/%Y", "%Y-%b-%d"]
        .iter()
        .find_map(|format| clearpicture_kernel::Date::strptime(format, text).ok())
        .unwrap_or_else(|| panic!("{text} is no day"))
}

#[test]
#[expect(clippy::too_many_lines, reason = "one row of each kind of file")]
fn nobody_is_in_a_place_or_a_report_that_does_not_fit_their_age_on_the_day_told() {
    let made = made(2_000, 1);
    let truth = truth(&made);
    let names = names::Names::shipped().unwrap();
    let children: Vec<Child> = children(2_000, 1, &names).flatten().collect();
    let born = |file: &str, key: &str| {
        let number = truth[&(file.to_owned(), key.to_owned())];
        children[usize::try_from(number).unwrap() - 1].born
    };
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (file, bytes) in &made {
        if !file.ends_with(".csv") {
            continue;
        }
        for row in rows(bytes) {
            if file == Service::Education.file() {
                let born = born(file, &row["Cms Id"]);
                let days = [
                    &row["Start Date Of Last Involvement"],
                    &row["Date Of Most Recent Interaction"],
                ]
                .map(|text| day(text));
                let now = day(row["Date Current As Of"].get(..10).unwrap());
                let is_current = row["Service Involvement"] == "Current";
                for on in days.into_iter().chain(is_current.then_some(now)) {
                    let months = (on.year() - born.year()) * 12 + i16::from(on.month())
                        - i16::from(born.month())
                        - i16::from(on.day() < born.day());
                    let (kind, fits) = match row["School Name"].as_str() {
                        name if name.ends_with("Family Hub") => ("hub", (0..12).contains(&months)),
                        name if name.ends_with("Nursery") => {
                            ("nursery", (12..60).contains(&months))
                        }
                        name if name.ends_with("Primary School") => {
                            ("primary", (48..=143).contains(&months))
                        }
                        name if name.ends_with("High School") => {
                            ("high", (132..=203).contains(&months))
                        }
                        name if name.ends_with("Sixth Form College") => ("college", months >= 192),
                        other => panic!("no such setting: {other}"),
                    };
                    // A place may be left on the day on which somebody has grown out of it.
                    assert!(fits, "{} months at {} on {on}", months, row["School Name"]);
                    *kinds.entry(kind).or_default() += 1;
                }
            } else if file.starts_with("school-census-pupils") {
                let born = born(file, &row["pupilonrolltableid"]);
                let entered = day(&row["entrydate"]);
                assert!(age(born, entered) >= 4, "{file}: {entered}");
                let year = match row["ncyearactual"].as_str() {
                    "R" => 0,
                    year => year.parse::<i16>().unwrap(),
                };
                let first = if year >= 7 { 11 } else { 4 };
                assert!(age(born, entered) >= first, "{file}: year {year} {entered}");
                *kinds.entry("pupil").or_default() += 1;
            } else if file.starts_with("ssda903-episodes") {
                let header = file.replace("episodes", "header");
                let age = age(born(&header, &row["CHILD"]), day(&row["DECOM"]));
                let is_later = !file.ends_with("2024.csv");
                match row["PLACE"].as_str() {
                    "K2" => assert!(age >= 8, "{age} in a children's home"),
                    "H5" => assert!(age >= 16 && !is_later, "{age} on their own"),
                    "K3" => assert!(age >= 16 && is_later, "{age} on their own"),
                    _ => {}
                }
                assert_ne!(row["PL_POST"], row["HOME_POST"]);
                *kinds.entry("placement").or_default() += 1;
            } else if file.starts_with("ssda903-header") && row["UPN"] != "UN1" {
                let last = format!("{}-03-31", file.get(15..19).unwrap());
                let age = age(born(file, &row["CHILD"]), day(&last));
                assert!(age >= 4, "{file}: a pupil's number at {age}");
                *kinds.entry("number").or_default() += 1;
            } else if let Some((key, on)) = [
                ("police-missing.csv", "Person Number", "Reported Missing"),
                ("police-exploitation.csv", "Person Number", "Recorded"),
                ("lighthouse-clients.csv", "Client", "Began"),
            ]
            .iter()
            .find(|(name, ..)| name == file)
            .map(|(_, key, on)| (&row[*key], &row[*on]))
            {
                // Of the other authority's children nothing is known.
                if key.starts_with('X') {
                    continue;
                }
                let age = age(born(file, key), day(on));
                assert!(age >= settings::OLD_ENOUGH, "{file}: {age} on {on}");
                *kinds.entry("report").or_default() += 1;
            }
        }
    }
    for kind in [
        "hub",
        "nursery",
        "primary",
        "high",
        "college",
        "pupil",
        "placement",
        "number",
        "report",
    ] {
        assert!(kinds.contains_key(kind), "{kind} was never seen: {kinds:?}");
    }
}
