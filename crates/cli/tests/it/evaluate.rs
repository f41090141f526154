//! How good links are, from the command line.

use serde_json::Value;

use crate::support::Data;

/// Invented children as the files of six agencies, taken in and linked.
fn borough(children: &str) -> (Data, String) {
    let data = Data::new();
    let files = data.file("files").display().to_string();
    data.run(&[
        "synth",
        "--children",
        children,
        "--seed",
        "7",
        "--out",
        &files,
    ])
    .done();
    data.run(&["demo", "--no-serve", "--with", &files]);
    let truth = format!("{files}/truth.csv");
    (data, truth)
}

#[test]
fn links_are_as_good_for_every_community() {
    let (data, truth) = borough("2000");
    let page = data.file("quality.html").display().to_string();
    let evaluate = ["link", "evaluate", "--truth", &truth, "--out", &page];
    let told: Value = serde_json::from_str(&data.run(&evaluate).done()).expect("JSON");
    let share = |of: &Value| of["value"].as_f64().expect("a share");
    assert_eq!(told["from"], "truth");
    assert_eq!(told["rows_not_held"], 0);
    assert_eq!(told["records"], told["records_judged"]);
    assert!(share(&told["precision"]) >= 0.999, "{told}");
    assert!(share(&told["recall"]) >= 0.98, "{told}");
    assert!(share(&told["blocking_recall"]) >= 0.98, "{told}");
    assert!(share(&told["persons"]["f1"]) >= 0.97, "{told}");

    let headings: Vec<&Value> = told["by"].as_array().expect("headings").iter().collect();
    assert_eq!(headings.len(), 3, "ethnic group, sex and age");
    for by in headings {
        let behind = by["recall_behind_by_3_points"].as_array().expect("groups");
        assert!(
            behind.is_empty(),
            "{behind:?} are missed more often than other groups by more than three points: {by}"
        );
        // Each is told with its interval, and enough of each for three points to mean something.
        let groups = by["groups"].as_array().expect("groups");
        for group in groups {
            let (low, high) = (&group["recall"]["low"], &group["recall"]["high"]);
            let width = high.as_f64().expect("high") - low.as_f64().expect("low");
            assert!(width < 0.06, "{group}");
        }
    }
    let ethnic = told["by"][0]["groups"].as_array().expect("groups");
    assert!(ethnic.len() >= 6, "{ethnic:?}");

    let page = std::fs::read_to_string(page).expect("written");
    for part in [
        "Every person and every figure in this report is invented",
        "Gypsy, Roma or Irish Traveller",
        "Precision and recall by Age",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn a_truth_that_says_that_one_key_is_of_two_children_is_refused_with_the_key() {
    let (data, truth) = borough("40");
    let text = std::fs::read_to_string(&truth).expect("written");
    let row = text.lines().nth(1).expect("a row");
    let cells: Vec<&str> = row.split(',').collect();
    let [file, key, _, rest @ ..] = &cells[..] else {
        panic!("{row}");
    };
    let other = [&[*file, *key, "another"][..], rest].concat().join(",");
    let twice = data.file("twice.csv");
    std::fs::write(&twice, format!("{text}{other}\n")).expect("written");
    let twice = twice.display().to_string();
    let says = format!("the truth says that the key `{key}` is of two persons");
    data.run(&["link", "evaluate", "--truth", &twice])
        .failed(2, &says);
    data.run(&["link", "evaluate", "--truth", &truth]).done();
}

#[test]
fn a_truth_that_cannot_be_used_says_why_and_a_page_is_never_overwritten() {
    let data = Data::with_demo();
    let file = |name: &str, text: &str| {
        let file = data.file(name);
        std::fs::write(&file, text).expect("written");
        file.display().to_string()
    };
    let evaluate = |truth: &str| data.run(&["link", "evaluate", "--truth", truth]);
    evaluate(&file("none.csv", "file,key,child\n")).failed(2, "none of the 0 rows");
    let other = file("other.csv", "file,key,child\nother.csv,1,1\n");
    evaluate(&other).failed(2, "none of the 1 rows of the truth is held");
    let columns = file("columns.csv", "file,row\na,1\n");
    evaluate(&columns).failed(2, "with the columns `file`, `key` and `child`");
    evaluate("/no/such/file.csv").failed(2, "cannot be read as a truth");
    let there = file("there.html", "kept");
    data.run(&["link", "evaluate", "--truth", &other, "--out", &there])
        .failed(2, "is there already");
    assert_eq!(std::fs::read_to_string(&there).expect("kept"), "kept");
    data.run(&["link", "evaluate"])
        .failed(2, "no sample was drawn yet");
}
