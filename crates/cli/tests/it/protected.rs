//! The children of the demonstration whose health record is restricted: nobody at a school is shown where any of them is,
//! though five other agencies tell of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::support::{Data, Server, Visitor, program};

/// Of the other households one in so many is taken in: enough to be somebody else.
const ONE_IN: u32 = 12;
/// The files that are taken in: one term of the census tells what every other does.
const FILES: [&str; 15] = [
    "involvement-csc.csv",
    "involvement-education.csv",
    "lighthouse-clients.csv",
    "police-exploitation.csv",
    "police-missing.csv",
    "school-census-pupils-2026-summer.csv",
    "ssda903-header-2024.csv",
    "ssda903-header-2025.csv",
    "ssda903-header-2026.csv",
    "ssda903-episodes-2024.csv",
    "ssda903-episodes-2025.csv",
    "ssda903-episodes-2026.csv",
    "ssda903-missing-2024.csv",
    "ssda903-missing-2025.csv",
    "ssda903-missing-2026.csv",
];
const HEALTH: &str = "fhir-patient.json";

/// What all files tell of one child.
#[derive(Debug, Default)]
struct Told {
    names: BTreeSet<String>,
    places: BTreeSet<String>,
}

/// Which child each key of each file is of, and the household of each child.
struct Truth {
    child_of: BTreeMap<(String, String), u32>,
    household_of: BTreeMap<u32, u32>,
}

impl Truth {
    fn read(folder: &Path) -> Self {
        let mut truth = Self {
            child_of: BTreeMap::new(),
            household_of: BTreeMap::new(),
        };
        let mut rows = csv::Reader::from_path(folder.join("truth.csv")).expect("a file");
        for row in rows.records() {
            let row = row.expect("a row");
            let number = |place: usize| row[place].parse::<u32>().expect("a number");
            let key = (row[0].to_owned(), row[1].to_owned());
            truth.child_of.insert(key, number(2));
            truth.household_of.insert(number(2), number(3));
        }
        truth
    }

    fn child(&self, file: &str, key: &str) -> Option<u32> {
        self.child_of
            .get(&(file.to_owned(), key.to_owned()))
            .copied()
    }
}

/// The patients of a bundle.
fn patients(folder: &Path) -> Vec<Value> {
    let bundle = std::fs::read(folder.join(HEALTH)).expect("read");
    let mut bundle: Value = serde_json::from_slice(&bundle).expect("JSON");
    let entries = bundle["entry"].take();
    let Value::Array(entries) = entries else {
        panic!("a bundle");
    };
    entries
}

fn id(entry: &Value) -> &str {
    entry["resource"]["id"].as_str().expect("an id")
}

fn is_restricted(entry: &Value) -> bool {
    entry["resource"]["meta"]["security"][0]["code"] == "R"
}

/// Takes some children's rows of every file into a folder of its own; gives what is told of each of `whom`.
fn some(from: &Path, to: &Path, truth: &Truth, whom: &BTreeSet<u32>) -> BTreeMap<u32, Told> {
    let households: BTreeSet<u32> = whom.iter().map(|child| truth.household_of[child]).collect();
    let is_kept = |child: u32| {
        let household = truth.household_of[&child];
        households.contains(&household) || household.is_multiple_of(ONE_IN)
    };
    let mut told: BTreeMap<u32, Told> = BTreeMap::new();
    std::fs::create_dir_all(to).expect("made");
    for file in FILES {
        let mut rows = csv::Reader::from_path(from.join(file)).expect("a file");
        let headings = rows.headers().expect("headings").clone();
        let mut kept = csv::Writer::from_path(to.join(file)).expect("made");
        kept.write_record(&headings).expect("written");
        for row in rows.records() {
            let row = row.expect("a row");
            let child = row.iter().find_map(|cell| truth.child(file, cell));
            let Some(child) = child.filter(|child| is_kept(*child)) else {
                continue;
            };
            kept.write_record(&row).expect("written");
            let of = told.entry(child).or_default();
            let cell = |names: &[&str]| {
                let place = headings.iter().position(|one| names.contains(&one));
                place.and_then(|place| row.get(place)).unwrap_or_default()
            };
            let given = cell(&["First Name", "Forename", "forename", "Known as"]);
            let family = cell(&["Last Name", "Surname", "surname"]);
            if !given.is_empty() && !family.is_empty() {
                of.names.insert(format!("{given} {family}"));
            }
            for (heading, cell) in headings.iter().zip(&row) {
                let tells_where = [
                    "Address",
                    "Postcode",
                    "Home Postcode",
                    "HOME_POST",
                    "PL_POST",
                    "School Name",
                ];
                if tells_where.contains(&heading) {
                    let is_of_them = |line: &&str| {
                        heading == "School Name" || line.contains(|c: char| c.is_ascii_digit())
                    };
                    let lines = cell.lines().map(str::trim).filter(|line| line.len() > 4);
                    of.places
                        .extend(lines.filter(is_of_them).map(str::to_owned));
                }
            }
        }
        kept.flush().expect("written");
    }
    let entries: Vec<Value> = patients(from)
        .into_iter()
        .filter(|entry| truth.child(HEALTH, id(entry)).is_some_and(is_kept))
        .collect();
    let bundle =
        serde_json::json!({ "resourceType": "Bundle", "type": "collection", "entry": entries });
    std::fs::write(to.join(HEALTH), bundle.to_string()).expect("written");
    told
}

/// Every picture that is found by a name, with the pages beside it.
fn found(visitor: &mut Visitor<'_>, name: &str) -> Vec<(String, String)> {
    visitor.open("/children");
    let typed = name.replace(' ', "+");
    let results = visitor.send("/children", &format!("name={typed}&day=&month=&year="));
    let results = match results.status {
        303 => visitor.open(results.header("location")),
        _ => results,
    };
    assert_eq!(results.status, 200, "{name}: {}", results.body);
    // Others who are called nearly so, or live near, stand in the same list.
    let lines = results.body.split("<tr").filter(|line| line.contains(name));
    let mut pages = vec![("/children".to_owned(), lines.collect::<String>())];
    let ids: BTreeSet<&str> = results
        .body
        .split("href=\"/children/person_")
        .skip(1)
        .filter_map(|rest| rest.split(['"', '/']).next())
        .collect();
    for id in ids {
        let picture = visitor.open(&format!("/children/person_{id}"));
        // Brothers and sisters are of other names: they are nobody's likely match.
        if !picture.body.contains(name) {
            continue;
        }
        pages.push((format!("/children/person_{id}"), picture.body));
        for beside in ["why", "history"] {
            let path = format!("/children/person_{id}/{beside}");
            pages.push((path.clone(), visitor.open(&path).body));
        }
        let path = format!("/links/person_{id}");
        let who_else = visitor.open(&path).body;
        let pairs: Vec<String> = who_else
            .split("href=\"/links/person_")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(|rest| format!("/links/person_{}", rest.replace("&amp;", "&")))
            .collect();
        pages.push((path, who_else));
        for pair in pairs {
            let body = visitor.open(&pair).body;
            pages.push((pair, body));
        }
    }
    pages
}

#[test]
fn nobody_at_a_school_is_shown_where_a_restricted_child_of_the_demonstration_is() {
    let data = Data::new();
    let (all, kept) = (data.file("all"), data.file("kept"));
    let out = all.to_str().expect("text");
    data.run(&["synth", "--children", "5000", "--seed", "1", "--out", out])
        .done();
    let truth = Truth::read(&all);
    let patients = patients(&all);
    let restricted = patients.iter().filter(|entry| is_restricted(entry));
    let protected: BTreeSet<u32> = restricted
        .map(|entry| truth.child(HEALTH, id(entry)).expect("a child"))
        .collect();
    assert_eq!(protected.len(), 13);
    let all_told = some(&all, &kept, &truth, &protected);
    let with = kept.to_str().expect("text");
    let made = Data::new();
    let answer = made.run(&["demo", "--no-serve", "--with", with]).done();
    let sign_in = |role: &str, agency: &str| {
        let mut lines = answer.lines();
        let line = lines.find(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            fields.contains(&role) && fields.iter().any(|field| field.contains(agency))
        });
        line.unwrap_or_else(|| panic!("a {role} of {agency}: {answer}"))
    };
    let serve = ["serve", "--data", made.path(), "--listen", "127.0.0.1:0"];
    let server = Server::of(&mut program(&serve));
    let mut visitor = Visitor::at(server.address());
    visitor.sign_in(sign_in("practitioner", "fenby-high"));
    let mut pictures = 0;
    for child in &protected {
        let Some(told) = all_told.get(child) else {
            continue;
        };
        for name in &told.names {
            // Where others are who have the same name is shown.
            let others = all_told
                .iter()
                .filter(|(other, told)| !protected.contains(other) && told.names.contains(name));
            let shown: BTreeSet<&String> = others.flat_map(|(_, told)| &told.places).collect();
            for (path, page) in found(&mut visitor, name) {
                pictures += usize::from(path.starts_with("/children/person_"));
                for place in told.places.iter().filter(|place| !shown.contains(place)) {
                    assert!(
                        !page.contains(place.as_str()),
                        "child {child}: {place} on {path}"
                    );
                }
            }
        }
    }
    assert!(
        pictures >= protected.len(),
        "{pictures} pages of them were looked at"
    );
    // And of others it is shown: the pages are those that would hold it.
    let others = all_told
        .iter()
        .filter(|(child, _)| !protected.contains(child));
    let (mut shown, mut tried) = (0, 0);
    for (_, told) in others.take(10) {
        for name in &told.names {
            tried += 1;
            let pages = found(&mut visitor, name);
            let holds =
                |place: &String| pages.iter().any(|(_, page)| page.contains(place.as_str()));
            shown += usize::from(told.places.iter().any(holds));
        }
    }
    assert!(shown * 10 >= tried * 8, "{shown} of {tried}");
    let mut keeper = Visitor::at(server.address());
    keeper.sign_in(sign_in("protected-identities", "northwater-council"));
    let list = keeper.open("/protected").body;
    let lifts = list.matches("Lift the protection<").count();
    assert_eq!(lifts, protected.len(), "each stands in the keeper's list");
    let likely = list.matches("Same child or not<").count();
    assert!(
        (protected.len() / 2..=protected.len() * 4).contains(&likely),
        "{likely} who may be one of {lifts}"
    );
}
