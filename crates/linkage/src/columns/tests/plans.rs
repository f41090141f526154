//! Models as files.

use super::*;
use crate::columns::{PlanError, train, train_by_truth};

#[test]
fn what_is_written_is_read_as_the_same_plan() {
    let read = plan(PEOPLE);
    let written = read.write(&["A remark.".to_owned()]);
    assert!(written.starts_with("# A remark.\n"), "{written}");
    let again = plan(&written);
    assert_eq!(again, read);
    assert_eq!(again.write(&[]), read.write(&[]));
}

#[test]
fn a_trained_plan_is_written_and_read_within_what_its_figures_say() {
    let untrained = include_str!("people.toml").lines().filter(|line| {
        !line.contains("m = ") && !line.starts_with("prior") && !line.contains("levels")
    });
    let untrained = plan(&untrained.collect::<Vec<&str>>().join("\n"));
    assert!(!untrained.is_trained());
    let rows = rows(&[
        ["1", "Martin", "Okoro", "2011-12-13", "m", "12 Mill Lane"],
        ["2", "Martin", "Okoro", "2011-12-13", "m", "12 Mill Lane"],
        ["3", "Amara", "Patel", "2010-02-03", "f", "7 Hill Road"],
        ["4", "Leo", "Nowak", "2009-05-29", "m", "1 Old Mill"],
    ]);
    let table = table(&untrained, &[("one", &HEADINGS, rows)]).expect("a table");
    let trained = train(&table, &untrained, 2).expect("trained").plan;
    assert!(trained.is_trained());
    let again = plan(&trained.write(&[]));
    for (a, b) in trained.columns.iter().zip(&again.columns) {
        let total: f64 = a.figures.iter().map(|one| one.m).sum();
        assert!((total - 1.0).abs() < 1e-9, "{}: {total}", a.name);
        for (a, b) in a.figures.iter().zip(&b.figures) {
            assert!((a.m - b.m).abs() <= 0.00001 * a.m, "{a:?} {b:?}");
            assert!((a.u - b.u).abs() <= 0.00001 * a.u, "{a:?} {b:?}");
        }
    }
}

#[test]
fn where_the_truth_is_told_figures_are_counted_by_it() {
    let untrained = include_str!("people.toml").lines().filter(|line| {
        !line.contains("m = ") && !line.starts_with("prior") && !line.contains("levels")
    });
    let untrained = plan(&untrained.collect::<Vec<&str>>().join("\n"));
    // Of 400 people told twice one in four is of another sex the second time; of 200 more nothing is told.
    let mut all = Vec::new();
    for number in 0..1_000_usize {
        let person = if number < 800 { number % 400 } else { number };
        let other = number >= 400 && person % 4 == 0;
        let truth = if number < 800 {
            format!("p{person}")
        } else {
            String::new()
        };
        let given = format!("Given{}", person / 7);
        all.push(vec![
            number.to_string(),
            given,
            format!("Family{person}"),
            format!("20{:02}-0{}-1{}", person % 17, 1 + person % 9, person % 10),
            if (person % 2 == 0) == other { "f" } else { "m" }.to_owned(),
            "12 Mill Lane".to_owned(),
            truth,
        ]);
    }
    let headings = ["id", "given", "family", "born", "sex", "home", "who"];
    let asides = Asides {
        truth: Some("who"),
        groups: &[],
    };
    let table = table_with(&untrained, &[("one", &headings, all)], asides).expect("a table");
    let trained = train_by_truth(&table, &untrained, 2).expect("a truth");
    assert!(
        (trained.expected - 400.0).abs() < 1e-6,
        "{}",
        trained.expected
    );
    let of_all = trained.plan.prior.expect("trained");
    assert!(
        (of_all - 400.0 / (800.0 * 799.0 / 2.0)).abs() < 1e-9,
        "{of_all}"
    );
    let m = |column: &str| {
        let found = trained.plan.columns.iter().find(|one| one.name == column);
        found.expect("there").figures[0].m
    };
    // Ten usual pairs count beside the 400.
    assert!((m("sex") - 0.75).abs() < 0.01, "{}", m("sex"));
    assert!(m("family") > 0.97, "{}", m("family"));
    let untold = table_with(&untrained, &[], Asides::default()).expect("a table");
    assert!(train_by_truth(&untold, &untrained, 2).is_none());
}

#[test]
fn a_plan_with_a_mistake_is_refused_in_words() {
    for (from, to, says) in [
        (
            "format = 1",
            "format = 2",
            "format 2, and this release knows 1",
        ),
        ("version", "vresion", "unknown field `vresion`"),
        ("kind = \"date\"", "kind = \"day\"", "unknown variant `day`"),
        (
            "\"family.sound\"",
            "\"surname.sound\"",
            "no column `surname`",
        ),
        ("\"family.sound\"", "\"born.sound\"", "it may be on"),
        (
            "partner = \"family\"",
            "partner = \"born\"",
            "must be another column: of a name a name",
        ),
        (
            "name = \"sex\"",
            "name = \"born\"",
            "two columns are called `born`",
        ),
        (
            "same = { m = 0.99,",
            "same = { m = 0.90,",
            "make 0.9100, not 1",
        ),
        ("prior = 0.001", "prior = 1.5", "less than 1"),
        (
            "prior = 0.001",
            "",
            "either all compared columns have levels",
        ),
        (
            "swapped = { m = 0.01, u = 0.00006 }\n",
            "",
            "must have all of these levels",
        ),
        (
            "born = [\"same\"]",
            "age = [\"same\"]",
            "`apart` names `age`",
        ),
        (
            "born = [\"same\"]",
            "born = [\"sounds\"]",
            "names the level Sounds",
        ),
        (
            "join = 4_000",
            "join = -1_001",
            "`bridge` must not be more than `join`",
        ),
    ] {
        let broken = PEOPLE.replacen(from, to, 1);
        assert_ne!(broken, PEOPLE, "{from}");
        let error = Plan::read(&broken).expect_err(from);
        assert!(error.to_string().contains(says), "{from}: {error}");
        assert_eq!(matches!(error, PlanError::Newer(2)), from == "format = 1");
    }
}
