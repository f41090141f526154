//! One cohort of 500 children as two agencies know them, 26 of them with one planted difference.
//! Row *i* of one file is row *i* of the other: the truth, which linkage is not told.

use std::path::PathBuf;

use super::super::{Attention, Standing};
use super::*;

const FOLDER: &str = "CLEARPICTURE_FAMILY_CONTEXT";

/// The folder with the two files; `None`, said aloud, where there is none and nobody insists.
#[expect(
    clippy::disallowed_methods,
    reason = "a test may be pointed at its data by the environment"
)]
fn folder() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/family_context_multiagency");
    let folder = std::env::var_os(FOLDER).map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    let missing = format!(
        "{} is not there, so linkage was not tried on it: name the folder with csc.csv and education.csv in {FOLDER}",
        folder.display()
    );
    assert!(std::env::var_os("CI").is_none(), "{missing}");
    eprintln!("{missing}");
    None
}

fn read(file: PathBuf) -> Vec<[String; 5]> {
    let mut reader = csv::Reader::from_path(file).expect("opened");
    let headings = reader.headers().expect("headings").clone();
    let place = |name: &str| {
        headings
            .iter()
            .position(|heading| heading == name)
            .expect("the column")
    };
    let columns = [
        "First Name",
        "Last Name",
        "Date Of Birth",
        "Gender",
        "Address",
    ]
    .map(place);
    reader
        .records()
        .map(|row| row.expect("a row"))
        .map(|row| columns.map(|column| row.get(column).unwrap_or_default().to_owned()))
        .collect()
}

fn row(source: u32, [given, family, born, sex, address]: &[String; 5]) -> Row<'_> {
    (source, given, family, born, sex, address)
}

#[test]
fn all_500_pairs_are_linked_none_falsely_and_each_planted_difference_is_told() {
    let Some(folder) = folder() else { return };
    let (care, school) = (
        read(folder.join("csc.csv")),
        read(folder.join("education.csv")),
    );
    assert_eq!((care.len(), school.len()), (500, 500));
    let truth: Vec<Vec<u32>> = (0..500).map(|one| vec![one, one + 500]).collect();

    // Either file first.
    for (first, second) in [(&care, &school), (&school, &care)] {
        let rows: Vec<Row<'_>> = first
            .iter()
            .map(|one| row(1, one))
            .chain(second.iter().map(|one| row(2, one)))
            .collect();
        let linked = linked(&records(&rows));
        assert_eq!(persons(&linked), truth);

        let mut planted = 0;
        for (place, cluster) in linked.clusters.iter().enumerate() {
            let (a, b) = (&first[place], &second[place]);
            let differs: Vec<usize> = (0..5).filter(|column| a[*column] != b[*column]).collect();
            let written = |row: &[String; 5]| Written::of(&facts(self::row(1, row)));
            let both = (&written(a), &written(b));
            let outcome = linked.outcome(cluster.members[0], cluster.members[1]);
            let words = explain(&linked.joined[place], outcome, model(), Some(both)).to_string();
            let Some(column) = differs.first() else {
                assert_eq!(cluster.standing, Standing::Settled, "{words}");
                assert!(words.starts_with("Everything agrees"), "{words}");
                continue;
            };
            planted += 1;
            assert_eq!(differs.len(), 1);
            let (names, both) = match column {
                0 => ("The given names differ", [a[0].clone(), b[0].clone()]),
                2 => (
                    "The dates of birth are one day apart",
                    [spoken(&a[2]), spoken(&b[2])],
                ),
                4 => (
                    "The addresses differ",
                    [a[4].replace('\n', ", "), b[4].replace('\n', ", ")],
                ),
                other => panic!("column {other} should not differ"),
            };
            assert!(
                words.starts_with(&format!(
                    "{names}: {} and {}. Everything else agrees",
                    both[0], both[1]
                )),
                "{words}"
            );
            let expected = if *column == 0 {
                Standing::NeedsAttention(BTreeSet::from([Attention::OnlyCandidate]))
            } else {
                Standing::Settled
            };
            assert_eq!(cluster.standing, expected, "{words}");
        }
        assert_eq!(planted, 26);
    }
}

fn spoken(day: &str) -> String {
    let day: clearpicture_kernel::Date = day.parse().expect("a day");
    day.strftime("%-d %B %Y").to_string()
}
