//! Files checked before anything is kept.

use crate::support::Data;

const FILE: &str = "Cms Id,First Name,Last Name,Date Of Birth,Gender,Address,Service Involvement,School Name,Contact Number,Admission Type,Date Current As Of,Coverage Start Date,Coverage End Date,Coverage Geographic Area,Date Of Most Recent Interaction,Start Date Of Last Involvement
17,Zoe,Marsh,2011-12-13,F,1 Fen Lane,Current,Fenby School,020 7946 0804,test,2022-10-15,2018-01-01,2022-09-30,test,2021-01-04,2019-12-09
18,Zoe
";

#[test]
fn a_readable_file_is_done_whatever_its_findings() {
    let data = Data::new();
    let file = data.file("school.csv");
    std::fs::write(&file, FILE).expect("written");
    let file = file.to_str().expect("a path");
    let json = data
        .run(&["ingest", "check", "--format", "json", file])
        .done();
    for part in [
        r#""profile":"involvement-education""#,
        r#""rows":2,"accepted":1,"unchanged":0,"quarantined":1,"findings_total":2"#,
        r#"{"code":"unknown-code","severity":"warning","row":1,"column":"Gender","message":"#,
        r#"{"code":"row-shape","severity":"quarantine","row":2,"column":null,"message":"#,
        r#""totals":{"rows":2,"#,
    ] {
        assert!(json.contains(part), "{part}: {json}");
    }
    let words = data.run(&["ingest", "check", file]).done();
    assert!(words.contains("2 rows, 1 accepted, 1 set aside"), "{words}");
    assert!(words.contains("row 1, Gender"), "{words}");
    assert!(!words.contains("Marsh"), "{words}");
}

#[test]
fn what_cannot_be_read_or_recognised_is_wrong_use() {
    let data = Data::new();
    let file = data.file("other.csv");
    std::fs::write(&file, "a,b\n1,2\n").expect("written");
    let file = file.to_str().expect("a path");
    data.run(&["ingest", "check", file])
        .failed(2, "cannot be read as it is");
    let named = ["ingest", "check", "--profile", "involvement-csc", file];
    data.run(&named).failed(2, "cannot be read as it is");
    data.run(&["ingest", "check", "--profile", "dance", file])
        .failed(2, "involvement-csc");
    data.run(&["ingest", "check", "absent.csv"])
        .failed(2, "absent.csv");
}
