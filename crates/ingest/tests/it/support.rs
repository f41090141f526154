//! The shipped profiles, and what reading some bytes by them brings.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use clearpicture_ingest::{Asked, Finding, Heard, Profile, Summary, read};
use clearpicture_kernel::fact::Told;

/// Headings that the profile `involvement-education` fits.
pub(crate) const HEADINGS: &str = "Cms Id,First Name,Last Name,Date Of Birth,Gender,Address,Service Involvement,School Name,Contact Number,Admission Type,Date Current As Of,Coverage Start Date,Coverage End Date,Coverage Geographic Area,Date Of Most Recent Interaction,Start Date Of Last Involvement\n";
/// A row without a fault.
pub(crate) const ROW: &str = "17,Zoë,Marsh,2011-12-13,Female,\"1 Fen Lane\nFenby\",Current,Fenby School,020 7946 0804,test,2022-10-15 00:00:00,2018-01-01 00:00:00,2022-09-30 00:00:00,test,2021-01-04,2019-12-09\n";

/// What reading a file brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Brought {
    pub(crate) summary: Summary,
    pub(crate) told: Vec<Told>,
    pub(crate) findings: Vec<Finding>,
}

impl Brought {
    /// How often each problem was found.
    pub(crate) fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.problem.code()).or_default() += 1;
        }
        counts
    }
}

/// Every shipped profile.
#[expect(
    clippy::disallowed_methods,
    reason = "a test reads the shipped practice"
)]
pub(crate) fn shipped() -> Vec<Profile> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../practice/sources");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the practice")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("text");
        Profile::parse(&path.display().to_string(), &text).unwrap_or_else(|error| panic!("{error}"))
    };
    paths.iter().map(read).collect()
}

/// The two shipped profiles.
pub(crate) fn profiles() -> Vec<Profile> {
    let csc = include_str!("../../../../practice/sources/involvement-csc.toml");
    let education = include_str!("../../../../practice/sources/involvement-education.toml");
    [csc, education]
        .map(|text| Profile::parse("shipped", text).expect("a profile"))
        .into()
}

pub(crate) fn bring(mut from: impl Read) -> Brought {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).expect("bytes in memory");
    let (mut told, mut findings) = (Vec::new(), Vec::new());
    let asked = Asked::to_keep();
    let summary = read(
        Cursor::new(bytes),
        &profiles(),
        &asked,
        &mut |heard| match heard {
            Heard::Rows(_) => {}
            Heard::Told(one) => told.push(one),
            Heard::Finding(one) => findings.push(one),
        },
    )
    .expect("bytes in memory");
    let all = summary.accepted + summary.quarantined;
    assert_eq!(summary.rows, all, "every row is one or the other");
    assert_eq!(summary.accepted, told.len() as u64);
    assert_eq!(summary.findings, findings.len() as u64);
    Brought {
        summary,
        told,
        findings,
    }
}
