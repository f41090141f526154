//! A file that should never have been taken in: stopped by its number, agreed to, counted, and taken back whole.

use crate::support::{Data, Server, Visitor};

const ONE: &str = "Cms Id,First Name,Last Name,Date Of Birth,Service Involvement,Local Authority Organisation,Gender,Address\n\
                   999999,Wrongly,Given,2014-07-28,Current,Northwater Council,Female,\n";

/// What every measure comes to, without what is said about sources.
fn figures(data: &Data) -> Vec<Vec<String>> {
    let asked = [
        "measure", "run", "--month", "2025-06", "--level", "internal",
    ];
    let text = data.run(&asked).done();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let wanted: Vec<usize> = reader
        .headers()
        .expect("headings")
        .iter()
        .enumerate()
        .filter(|(_, name)| {
            ["measure", "breakdown", "value", "numerator", "denominator"].contains(name)
        })
        .map(|(place, _)| place)
        .collect();
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        wanted.iter().map(|place| row[*place].to_owned()).collect()
    });
    rows.collect()
}

#[test]
fn a_file_that_ends_nearly_all_is_taken_in_by_its_number_alone_and_taken_back_whole() {
    let data = Data::with_demo();
    let before = figures(&data);
    let file = data.file("wrong.csv");
    std::fs::write(&file, ONE).expect("written");
    let file = file.to_str().expect("a path");
    let load = |more: &[&str]| {
        let load = ["ingest", "load", "--profile", "involvement-csc", file];
        data.run(&[&load[..], more].concat())
    };
    let refused = load(&[]);
    assert_eq!(refused.code, 1, "{}{}", refused.answer, refused.messages);
    assert!(
        refused.messages.contains("nothing of it is used"),
        "{}",
        refused.messages
    );
    let number = refused
        .messages
        .split("give --ends ")
        .nth(1)
        .expect("the number");
    let number: String = number.chars().take_while(char::is_ascii_digit).collect();
    assert_eq!(figures(&data), before);
    load(&["--ends", "11"]).failed(1, "give --ends");
    // Another agency's is stopped, whatever is agreed to.
    load(&["--agency", "lighthouse", "--ends", &number])
        .failed(1, "are sent by `northwater-council`");
    let done = load(&["--ends", &number]).done();
    assert!(done.contains("1 accepted"), "{done}");
    data.run(&["link", "run"]).done();
    data.run(&["analysis", "refresh"]).done();
    assert_ne!(figures(&data), before, "it is counted");

    // By page, as whoever decides about files.
    let demo = Server::start("demo", &data);
    let analyst = demo.lines.iter().find(|line| line.contains("\tanalyst\t"));
    let analyst = analyst.expect("an analyst").clone();
    let mut ann = Visitor::at(demo.address());
    ann.sign_in(&analyst);
    let list = ann.open("/loads").body;
    let load = list
        .split("href=\"/loads/load_")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .map(|id| format!("/loads/load_{id}"))
        .expect("a file, newest first");
    let page = ann.open(&format!("{load}/take-back"));
    assert!(page.body.contains("wrong.csv"), "{}", page.body);
    let version = page
        .body
        .split("name=\"version\" value=\"")
        .nth(1)
        .expect("a version");
    let version = version.split('"').next().expect("its end");
    let back = ann.send(
        &format!("{load}/take-back"),
        &format!("version={version}&reason=It+is+another+list."),
    );
    assert_eq!(back.status, 303, "{}", back.body);
    let began = std::time::Instant::now();
    while !ann
        .open(&load)
        .body
        .contains("Taken back: nothing that it told stands")
    {
        assert!(began.elapsed().as_secs() < 60, "it is not taken back");
        std::thread::yield_now();
    }
    assert_eq!(demo.stop(), 0);
    data.run(&["link", "run"]).done();
    data.run(&["analysis", "refresh"]).done();
    assert_eq!(figures(&data), before, "as if it had never come");
    data.run(&["analysis", "rebuild"]).done();
    assert_eq!(figures(&data), before, "made anew, and the same");
    data.run(&["history", "verify"]).done();
    let into = format!("sqlite:{}", data.file("again.db").display());
    let rebuilt = data.run(&["rebuild", "--into", &into]).done();
    assert!(rebuilt.starts_with("identical: "), "{rebuilt}");
    // It is a file like any other again.
    load_again(&data, file, &number);
}

fn load_again(data: &Data, file: &str, number: &str) {
    let load = [
        "ingest",
        "load",
        "--profile",
        "involvement-csc",
        "--ends",
        number,
        file,
    ];
    let done = data.run(&load).done();
    assert!(done.contains("1 accepted"), "{done}");
}
