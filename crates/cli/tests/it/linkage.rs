//! Files linked by a model, as an analyst does it: no database, no installation.

use std::fs;
use std::process::Command;

use crate::support::{Data, Ran, ran, run};

const PEOPLE: &str = "\
id;Forename;Surname;Date of birth;Sex;who
1;Martin;Okoro;13/12/2011;M;a
2;Marten;Okoro;13/12/2011;M;a
3;Amara;Patel;03/02/2010;F;b
4;Amara;Patel;03/02/2010;F;b
5;Leo;Nowak;29/05/2009;M;c
6;Zoë;Nowak;01/06/2012;F;d
";

fn propose(file: &str) -> Ran {
    run(&["link", "model", "propose", file])
}

struct Files(Data);

impl Files {
    fn new() -> Self {
        Self(Data::new())
    }

    /// Writes a file, and gives where it is.
    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.file(name);
        fs::write(&path, bytes).expect("written");
        path.to_str().expect("text").to_owned()
    }

    fn link(&self, model: &str, arguments: &[&str]) -> Ran {
        let out = self.0.file("out");
        let out = out.to_str().expect("text");
        run(&[
            &["link", "files", "--model", model, "--out", out],
            arguments,
        ]
        .concat())
    }

    fn out(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.file("out").join(name)).expect("written")
    }
}

/// A model for [`PEOPLE`], with figures: six records teach nobody anything.
const MODEL: &str = include_str!("people.toml");

#[test]
fn a_file_in_any_encoding_is_linked_judged_and_reported_without_a_value() {
    let files = Files::new();
    let model = files.write("model.toml", MODEL);
    let utf_16: Vec<u8> = PEOPLE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        PEOPLE.as_bytes().to_vec(),
        PEOPLE.replace(';', "\t").replace('\n', "\r\n").into_bytes(),
        utf_16,
    ] {
        let people = files.write("people.csv", bytes);
        let ran = files.link(&model, &["--truth", "who", "--by", "Sex", &people]);
        // Nobody waits for long enough to be told how far it is.
        assert_eq!(ran.messages, "");
        let answer = ran.done();
        let metrics: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&files.out("metrics.json")).expect("JSON"),
            metrics
        );
        for (key, value) in [
            ("precision", 1.0),
            ("recall", 1.0),
            ("f1", 1.0),
            ("blocking_recall", 1.0),
        ] {
            assert_eq!(metrics[key], value, "{key}: {answer}");
        }
        assert_eq!(
            (
                &metrics["records"],
                &metrics["persons"],
                &metrics["pairs_compared"]
            ),
            (&6.into(), &4.into(), &15.into())
        );
        assert!(
            metrics["seconds"].as_f64() > Some(0.0) && metrics["peak_mb"].as_f64() > Some(1.0),
            "{answer}"
        );
        let report = String::from_utf8(files.out("report.html")).expect("text");
        assert!(report.contains("Linkage report") && report.contains("How good it is, by Sex"));
        for value in ["Okoro", "okoro", "Amara", "nowak", "2011"] {
            assert!(!report.contains(value), "{value}");
        }
    }
}

#[test]
fn what_comes_of_it_is_delimited_text_too_where_that_is_asked() {
    let files = Files::new();
    let model = files.write("model.toml", MODEL);
    // Ids that a spreadsheet would run, wherever it parts cells.
    let mut people = PEOPLE.to_owned();
    for (id, run) in [("3", "=3"), ("5", "＝5"), ("6", "\"a;=6\"")] {
        people = people.replace(&format!("\n{id};"), &format!("\n{run};"));
    }
    let people = files.write("people.csv", people);
    files.link(&model, &["--csv", &people]).done();
    let text = |name: &str| String::from_utf8(files.out(name)).expect("text");
    let clusters = "source,record_id,person_id\npeople,1,1\npeople,2,1\npeople,'=3,3\npeople,4,3\npeople,'＝5,5\npeople,a;'=6,6\n";
    assert_eq!(text("clusters.csv"), clusters);
    let pairs = text("pairs.csv");
    let mut lines = pairs.lines();
    assert_eq!(
        lines.next(),
        Some("source_a,record_id_a,source_b,record_id_b,bits,agreement")
    );
    assert_eq!(lines.count(), 2, "{pairs}");
    // Nothing of another run is left beside the figures of this one.
    files.link(&model, &[&people]).done();
    assert!(!files.0.file("out").join("clusters.csv").exists());
    assert!(!files.0.file("out").join("pairs.csv").exists());
    files.out("clusters.parquet");
}

/// Six records as [`PEOPLE`] has them, written as offices' programs do.
#[test]
fn rows_are_linked_as_offices_programs_write_them() {
    let files = Files::new();
    let model = files.write("model.toml", MODEL);
    let plain = files.write("people.csv", PEOPLE);
    let wanted = files.link(&model, &["--truth", "who", &plain]);
    assert_eq!(wanted.messages, "");
    let wanted = wanted.done();
    let pick = |answer: &str| -> Vec<serde_json::Value> {
        let answer: serde_json::Value = serde_json::from_str(answer).expect("JSON");
        ["records", "persons", "f1", "pairs_compared"]
            .map(|key| answer[key].clone())
            .into()
    };
    for (what, text) in [
        ("a mark too many", PEOPLE.replace(";a\n", ";a;\n")),
        ("rows of marks", format!("{PEOPLE};;;;;\n; ;;;;\n;;;;;\n")),
        (
            "a line of dashes",
            PEOPLE.replace("who\n", "who\n--;----;----;---;-;-\n"),
        ),
        ("how many rows", format!("{PEOPLE}\n(6 rows affected)\n")),
        (
            "blanks before marks",
            PEOPLE.replace(';', "; ").replace("Martin", "\"Martin\""),
        ),
    ] {
        let file = files.write("people.csv", text);
        let ran = files.link(&model, &["--truth", "who", &file]);
        assert_eq!(ran.messages, "", "{what}");
        assert_eq!(pick(&ran.done()), pick(&wanted), "{what}");
    }
    // Blanks that were left out at the end are told of, since a row may be broken in two.
    let mut early = PEOPLE
        .replace(";who", ";who;Note;More")
        .replace(";a\n", ";a;;\n");
    early.push_str("7;Ida;Fenby;01/06/2011;F;e;x;y\n");
    let file = files.write("people.csv", early);
    let ran = files.link(&model, &["--truth", "who", &file]);
    assert!(
        ran.messages
            .contains("`people` has rows with fewer values than there are headings"),
        "{}",
        ran.messages
    );
    ran.done();
}

#[test]
fn one_line_in_another_encoding_is_told_of_and_spoils_no_other() {
    let files = Files::new();
    let model = files.write("model.toml", MODEL);
    let mut bytes = PEOPLE.replace("Leo", "Łukasz").into_bytes();
    bytes.extend(b"7;Ana\xefs;Fenby;01/06/2011;F;e\n");
    let people = files.write("people.csv", &bytes);
    let ran = files.link(&model, &["--truth", "who", &people]);
    assert!(
        ran.messages
            .contains("`people` has characters that are not UTF-8"),
        "{}",
        ran.messages
    );
    let answer: serde_json::Value = serde_json::from_str(&ran.done()).expect("JSON");
    assert_eq!(
        (&answer["records"], &answer["f1"]),
        (&7.into(), &1.0.into())
    );
    // Proposing reads the files twice, and tells of it once.
    let told = propose(&people).messages;
    assert_eq!(told.matches("not UTF-8").count(), 1, "{told}");
    // In no encoding that is known with certainty: Macintosh.
    let macintosh = files.write(
        "mac.csv",
        b"id;Forename;Surname;Date of birth;Sex;who\n1;Zo\x91;Bront\x91;13/12/2011;F;a\n",
    );
    files
        .link(&model, &[&macintosh])
        .failed(2, "characters cannot be read with certainty");
}

#[test]
fn what_is_written_can_be_linked_again_as_parquet() {
    let files = Files::new();
    let (model, people) = (
        files.write("model.toml", MODEL),
        files.write("people.csv", PEOPLE),
    );
    files.link(&model, &[&people]).done();
    let clusters = files.0.file("out").join("clusters.parquet");
    let clusters = clusters.to_str().expect("text");
    let by_person = "\
format = 1
version = \"persons\"
id_column = \"record_id\"
prior = 0.1
[[column]]
name = \"person_id\"
kind = \"category\"
[column.levels]
same = { m = 0.99, u = 0.001 }
different = { m = 0.01, u = 0.999 }
";
    let model = files.write("persons.toml", by_person);
    let answer = files
        .link(&model, &["--truth", "person_id", clusters])
        .done();
    let metrics: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(
        (&metrics["records"], &metrics["persons"], &metrics["f1"]),
        (&6.into(), &4.into(), &1.0.into())
    );
}

#[test]
fn a_proposal_is_the_same_each_time_and_can_be_used_untouched() {
    let files = Files::new();
    let mut many = String::from("ref,Forename,Surname,Date of birth,always\n");
    let name = |number: usize| {
        let (start, end) = (
            ["Ama", "Leo", "Mar", "Zoe", "Ife", "Pia", "Jan"],
            ["ra", "nie", "tin", "lla", "dor"],
        );
        format!("{}{}", start[number % 7], end[number % 5])
    };
    let row = |number: usize| {
        let day = format!(
            "{:02}/{:02}/20{:02}",
            number % 28 + 1,
            number % 12 + 1,
            number % 17
        );
        format!("{number},{},{},{day},x", name(number), name(number / 3))
    };
    many.extend((0..300).map(|number| row(number) + "\n"));
    let people = files.write("many.csv", &many);
    let first = propose(&people).done();
    assert_eq!(first, propose(&people).done());
    assert!(
        first.contains("left out `always`: it is the same in every row"),
        "{first}"
    );
    assert!(
        first.contains("id_column = \"ref\"") && first.contains("[[apart]]"),
        "{first}"
    );
    let model = files.write("proposed.toml", first);
    files.link(&model, &[&people]).done();
    // By whom it is told of the same model, with other figures.
    let told = run(&["link", "model", "propose", "--truth", "Surname", &people]).done();
    assert!(
        told.contains("trained on them by the column `Surname`"),
        "{told}"
    );
    assert!(!told.contains("headings = [\"Surname\"]"), "{told}");
    run(&["link", "model", "propose", "--truth", "nobody", &people])
        .failed(2, "no file has a column `nobody`");
}

#[test]
fn what_cannot_be_linked_is_refused_in_words_and_nothing_is_written() {
    let files = Files::new();
    let model = files.write("model.toml", MODEL);
    let people = files.write("people.csv", PEOPLE);
    for (name, text, words) in [
        ("none.csv", "", "holds nothing"),
        (
            "ragged.csv",
            "id,Forename,Surname,Date of birth,Sex\n1,a,b,c,d,e\n",
            "row 1 after the headings has 6 values, and the headings are 5",
        ),
        (
            "twice.csv",
            "id,Forename,Surname,Date of birth,Sex\n1,a,b,c,d\n1,a,b,c,d\n",
            "records 1 and 2 both have the id `1`",
        ),
        (
            "without.csv",
            "id,Forename,Surname,Sex\n1,a,b,d\n",
            "no file has a column `born`",
        ),
        (
            "quote.csv",
            "id,Forename,Surname,Date of birth,Sex\n1,\"a,b,c,d\n",
            "quotation mark",
        ),
        ("false.parquet", "PAR", "cannot be read"),
    ] {
        let file = files.write(name, text);
        files.link(&model, &[&file]).failed(2, words);
        assert!(
            !files.0.file("out").join("clusters.parquet").exists(),
            "{name}"
        );
    }
    files
        .link(&model, &["--truth", "nobody", &people])
        .failed(2, "has no column `nobody`");
    files
        .link("/nowhere.toml", &[&people])
        .failed(2, "cannot be read");
    let newer = files.write("newer.toml", MODEL.replace("format = 1", "format = 99"));
    files.link(&newer, &[&people]).failed(2, "format 99");
    let few = files.write(
        "few.toml",
        MODEL.replace("join = ", "pair_limit = 3\njoin = "),
    );
    files
        .link(&few, &[&people])
        .failed(2, "would compare 15 pairs");
    files
        .link(&model, &[&people, &people])
        .failed(2, "would both be called `people`");
    let double = files.write("double.csv", "id,Surname,Surname\n1,a,b\n");
    files
        .link(&model, &[&double])
        .failed(2, "two columns are called `Surname`");
    propose(&double).failed(2, "two columns are called `Surname`");
    let none = files.write("headings.csv", "id,Surname\n");
    propose(&none).failed(2, "no rows");
    run(&["link", "model", "propose", "--ignore", "truht", &people])
        .failed(2, "no file has a column `truht`");
    let ids = files.write("ids.csv", "id\n1\n2\n");
    propose(&ids).failed(2, "no column tells who somebody is");
    let families = files.write(
        "families.csv",
        "id,Surname,Postcode\n1,Vale,ZZ1 1AA\n2,Nowak,ZZ1 1AB\n",
    );
    propose(&families).failed(2, "which a whole family or street shares");
}

#[test]
fn a_heading_is_no_part_of_the_model_it_is_remarked_in_and_earlier_results_outlive_a_refusal() {
    let files = Files::new();
    let rows = "1,Okoro,x\n2,Okoro,x\n3,Patel,x\n";
    let people = files.write(
        "people.csv",
        format!("id,Forename,\"always\npair_limit = 5\n\"\n{rows}"),
    );
    let drafted = propose(&people).done();
    assert!(
        !drafted.lines().any(|line| line.starts_with("pair_limit")),
        "{drafted}"
    );
    let model = files.write("model.toml", drafted);
    files.link(&model, &[&people]).done();
    let ragged = files.write(
        "ragged.csv",
        "id,Forename
1,Okoro,x
",
    );
    files
        .link(&model, &[&ragged])
        .failed(2, "row 1 after the headings");
    assert!(files.0.file("out").join("metrics.json").exists());
}

#[test]
fn a_person_of_very_many_records_is_remarked() {
    let files = Files::new();
    let model = files.write("model.toml", MODEL);
    let row = |id: u32| format!("{id};Martin;Okoro;13/12/2011;M;a\n");
    let many: String = (1..=21).map(row).collect();
    let headings = PEOPLE.lines().next().expect("headings");
    let people = files.write("people.csv", format!("{headings}\n{many}"));
    let ran = files.link(&model, &[&people]);
    assert!(
        ran.messages.contains("1 person has more than 20 records"),
        "{}",
        ran.messages
    );
}

#[test]
fn a_model_that_takes_twins_for_one_is_remarked_where_the_files_tell_of_nobody_twice() {
    let files = Files::new();
    let twins = "id;Forename;Surname;Date of birth;Sex\n1;Jack;Okoro;13/12/2011;M\n2;Jake;Okoro;13/12/2011;M\n";
    let (here, there) = (files.write("a.csv", twins), files.write("b.csv", twins));
    let apart =
        "\n[[apart]]\nwithin_source = true\ngiven = [\"close\", \"alike\", \"different\"]\n";
    let lacking = files.write("model.toml", MODEL);
    let knowing = files.write("twins.toml", format!("{MODEL}{apart}"));
    let remarked = |model: &str, all: &[&str]| {
        let ran = files.link(model, all);
        let remarked = ran.messages.contains("within_source = true");
        ran.done();
        remarked
    };
    assert!(remarked(&lacking, &[&here, &there]));
    assert!(!remarked(&knowing, &[&here, &there]));
    assert!(!remarked(&lacking, &[&here]));
    // Who tells of somebody twice does not know twins apart.
    let twice = files.write("c.csv", format!("{twins}3;Jake;Okoro;13/12/2011;M\n"));
    assert!(!remarked(&lacking, &[&here, &twice]));
}

/// Everybody is compared with everybody, all pairs are kept, and the number alone joins.
const CROWD: &str = "\
format = 1
version = \"crowd\"
id_column = \"id\"
prior = 0.4
join = 6_000
[[column]]
name = \"number\"
kind = \"category\"
[column.levels]
same = { m = 0.6, u = 0.001 }
different = { m = 0.4, u = 0.999 }
[[column]]
name = \"team\"
kind = \"category\"
[column.levels]
same = { m = 0.6, u = 0.14 }
different = { m = 0.4, u = 0.86 }
";

#[test]
fn pairs_that_do_not_fit_into_memory_go_into_a_file_and_the_results_are_the_same() {
    let files = Files::new();
    let model = files.write("model.toml", CROWD);
    let mut crowd = String::from("id,number,team\n");
    crowd.extend((0..2_000).map(|id| format!("{id},{},{}\n", id / 2, id % 7)));
    let crowd = files.write("crowd.csv", crowd);
    let results = |answer: &str| {
        let mut metrics: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(answer).expect("JSON");
        let spilled = metrics.remove("spilled_mb").and_then(|mb| mb.as_f64());
        metrics.retain(|key, _| !key.starts_with("seconds") && key != "peak_mb");
        let files = ["clusters.parquet", "pairs.parquet"].map(|name| files.out(name));
        ((metrics, files), spilled)
    };
    let plenty = files.link(&model, &[&crowd]);
    assert_eq!(plenty.messages, "");
    let (plenty, spilled) = results(&plenty.done());
    assert_eq!(spilled, Some(0.0));

    let refused = files.link(&model, &["--memory", "1", &crowd]);
    let needed = refused.messages.split("the records take ").nth(1);
    let needed = needed.and_then(|rest| rest.split(' ').next());
    let needed = needed.expect("a number").to_owned();
    refused.failed(2, "megabytes of memory");
    let few = ["--memory", &needed, &crowd];
    // A disk that takes half a megabyte of a file: nothing comes of it, and what came before stands.
    let out = files.0.file("out");
    let full = ran(Command::new("sh")
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .args(["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$@\"", "sh"])
        .args([env!("CARGO_BIN_EXE_clearpicture"), "link", "files"])
        .args(["--model", &model, "--out"])
        .arg(&out)
        .args(few));
    full.failed(1, "no room cannot be put into a file: ");
    let earlier = String::from_utf8(files.out("metrics.json")).expect("text");
    assert!(results(&earlier).0 == plenty);

    let short = files.link(&model, &few);
    assert!(
        short.messages.contains("not all pairs fit into memory"),
        "{}",
        short.messages
    );
    let (short, spilled) = results(&short.done());
    // Twenty bytes for each of the pairs.
    let pairs = 2_000.0 * 1_999.0 / 2.0;
    assert!(spilled.is_some_and(|mb| (mb - pairs * 20.0 / 1_048_576.0).abs() < 0.01));
    assert!(short == plenty);
    let left: Vec<_> = fs::read_dir(out)
        .expect("a folder")
        .map(|file| file.expect("a file").file_name())
        .collect();
    assert_eq!(left.len(), 4, "{left:?}");
}
