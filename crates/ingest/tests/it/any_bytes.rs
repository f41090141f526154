//! Whatever the bytes are: every reader ends, counts every row, and holds to its bounds. `make fuzz` tries for minutes.

use std::io::Cursor;

use clearpicture_ingest::{Asked, Heard, propose, read};
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;

use crate::support::shipped;

/// A file of each kind that is read to its end.
fn seeds() -> Vec<Vec<u8>> {
    let text = "CHILD,DOB,MISSING,MIS_START,MIS_END\n1,01/02/2012,M,03/04/2026,\"05/04/2026\"\n2,,A,1/1/2026,\n";
    let xml = "<Message><Header><CollectionDetails><Year>2024</Year></CollectionDetails></Header><Children><Child><ChildIdentifiers><LAchildID>1</LAchildID><UPN>A&amp;1</UPN></ChildIdentifiers><CINdetails><CINreferralDate>2024-01-02</CINreferralDate><Assessments><FactorsIdentifiedAtAssessment><AssessmentFactors>11A</AssessmentFactors></FactorsIdentifiedAtAssessment></Assessments></CINdetails></Child></Children></Message>";
    let json = r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"1","birthDate":"2012-01-02","name":[{"use":"usual","given":["A","B"],"family":"C"}],"meta":{"security":[{"code":"R"}]}}}]}"#;
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in (0..).zip(text.lines()) {
        for (column, value) in (0..).zip(line.split(',')) {
            sheet.write(row, column, value).unwrap();
        }
    }
    vec![
        text.as_bytes().to_vec(),
        xml.as_bytes().to_vec(),
        json.as_bytes().to_vec(),
        workbook.save_to_buffer().unwrap(),
    ]
}

/// What happens to a file on its way.
#[derive(Debug, Clone)]
enum Harm {
    Cut(prop::sample::Index),
    Put(prop::sample::Index, Vec<u8>),
    Over(prop::sample::Index, u8),
    Twice(prop::sample::Index, prop::sample::Index),
}

fn harm() -> impl Strategy<Value = Harm> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..12),
        prop::sample::select(vec![
            &b"\""[..],
            b"\n",
            b"\r",
            b",",
            b"<",
            b"</",
            b"<!DOCTYPE a>",
            b"&b;",
            b"<![CDATA[",
            b"{",
            b"[",
            b"]",
            b"\\u",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"PK\x01\x02",
            b"\0",
        ])
        .prop_map(<[u8]>::to_vec),
    ];
    prop_oneof![
        any::<prop::sample::Index>().prop_map(Harm::Cut),
        (any::<prop::sample::Index>(), piece).prop_map(|(at, piece)| Harm::Put(at, piece)),
        (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Harm::Over(at, byte)),
        (any::<prop::sample::Index>(), any::<prop::sample::Index>())
            .prop_map(|(from, at)| Harm::Twice(from, at)),
    ]
}

fn harmed(mut bytes: Vec<u8>, harms: &[Harm]) -> Vec<u8> {
    for harm in harms {
        if bytes.is_empty() {
            break;
        }
        match harm {
            Harm::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Harm::Put(at, piece) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, piece.iter().copied());
            }
            Harm::Over(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Harm::Twice(from, at) => {
                let (from, at) = (from.index(bytes.len()), at.index(bytes.len()));
                let piece = bytes[from..].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

proptest! {
    #[test]
    fn every_reader_ends_and_counts_every_row(
        seed in 0_usize..4,
        harms in prop::collection::vec(harm(), 1..6),
    ) {
        thread_local!(static PROFILES: Vec<clearpicture_ingest::Profile> = shipped());
        let bytes = harmed(seeds()[seed].clone(), &harms);
        let (mut found, mut told) = (0, 0);
        let summary = PROFILES.with(|profiles| {
            read(Cursor::new(&bytes), profiles, &Asked::to_keep(), &mut |heard| match heard {
                Heard::Finding(_) => found += 1,
                Heard::Told(_) => told += 1,
                Heard::Rows(_) => {}
            })
        });
        let summary = summary.unwrap();
        prop_assert_eq!(summary.rows, summary.accepted + summary.quarantined);
        prop_assert_eq!(summary.findings, found);
        prop_assert!(told <= summary.accepted * 20 + 20);
        prop_assert!(summary.refused || summary.profile.is_some(), "read by nothing, and nothing said");
        let drafted = propose(Cursor::new(&bytes), "any");
        prop_assert!(drafted.is_ok());
    }
}
