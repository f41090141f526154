//! Breach assessments: opened as records are parted that somebody saw as one child, listed, decided.

use clearpicture_app::shell::session::Stage;
use clearpicture_kernel::WorkerId;
use clearpicture_store::Relation;

use crate::children::{Borough, at_school, in_care, version};
use crate::linking::{answer, first_pair, in_doubt, person_of};
use crate::merging::{everybody, persons_of};
use crate::support::{Reply, Visitor};

/// Somebody of whom hours may pass between two visits.
#[derive(Clone, Copy)]
struct Somebody<'a>(&'a Borough, WorkerId);

impl Somebody<'_> {
    async fn comes(self) -> Visitor {
        self.0.test.signed_in(self.1, Stage::Full).await
    }

    async fn gets(self, path: &str) -> Reply {
        self.comes().await.get(path).await
    }

    /// Opens the picture of one of the pair.
    async fn opens(self, href: &str) {
        let picture = format!("/children/{}", person_of(href));
        assert_eq!(self.gets(&picture).await.status, 200);
    }

    /// Says of the pair what they think, on the page as it stands.
    async fn says(self, href: &str, verdict: &str) -> Reply {
        let mut visitor = self.comes().await;
        let page = visitor.get(href).await;
        let reason = "Both agencies were rung.";
        let version = version(&page);
        let reply = answer(&mut visitor, href, [verdict, "certain", reason], &version).await;
        assert_eq!(reply.status, 303, "{}", reply.words());
        visitor.get(reply.location()).await
    }
}

async fn comes<'a>(borough: &'a Borough, name: &str, role: &str) -> Somebody<'a> {
    Somebody(borough, borough.comes(name, role).await.0)
}

/// The pair in doubt, and the manager who decides about it.
async fn to_decide(borough: &Borough) -> (String, Somebody<'_>) {
    let grace = comes(borough, "grace", "manager").await;
    let href = first_pair(&grace.gets("/links").await).expect("a pair");
    (href, grace)
}

/// The assessments in the list, in its order.
fn assessments(list: &Reply) -> Vec<String> {
    assert_eq!(list.status, 200, "{}", list.words());
    let hrefs = list.text.split("href=\"/breaches/").skip(1);
    hrefs
        .filter_map(|rest| rest.split('"').next())
        .map(|id| format!("/breaches/{id}"))
        .collect()
}

async fn lead(borough: &Borough) -> Somebody<'_> {
    comes(borough, "iris", "information-governance").await
}

#[track_caller]
fn assert_says(page: &Reply, words: &[&str]) {
    let said = page.words();
    for word in words {
        assert!(said.contains(word), "no `{word}` in {said}");
    }
}

/// A picture of two children whom Amal saw as one, parted at 14:02 on 22 November.
async fn seen_and_parted(borough: &Borough) -> (String, Somebody<'_>) {
    let (href, grace) = to_decide(borough).await;
    let amal = comes(borough, "amal", "practitioner").await;
    amal.opens(&href).await;
    borough.test.pass_minutes(24 * 60);
    let told = grace.says(&href, "not-same").await;
    assert_says(&told, &["Others had opened the joined picture", "72 hours"]);
    (href, grace)
}

#[tokio::test]
async fn parting_what_somebody_saw_opens_an_assessment_with_72_hours_from_then() {
    let borough = in_doubt().await;
    let (href, _) = seen_and_parted(&borough).await;
    let iris = lead(&borough).await;
    let list = iris.gets("/breaches").await;
    assert_says(
        &list,
        &["72 hours left", "25 November, 14:02", "not decided yet"],
    );
    let found = assessments(&list);
    assert_eq!(found.len(), 1, "{}", list.words());
    let page = iris.gets(&found[0]).await;
    assert_says(
        &page,
        &[
            "today, 14:02, by Grace Example",
            "25 November, 14:02",
            "From 21 November, 14:02 until today, 14:02",
            "Amal Example",
            "practitioner",
            "Grace Example parted them",
        ],
    );
    assert!(
        page.text.contains(person_of(&href)),
        "it leads to the picture"
    );
    assert_says(&iris.gets("/governance").await, &["1 to decide"]);
    borough.test.pass_minutes(71 * 60);
    assert_says(&iris.gets("/breaches").await, &["1 hour left"]);
    borough.test.pass_minutes(2 * 60);
    assert_says(&iris.gets("/breaches").await, &["overdue by 1 hour"]);
    assert_says(&iris.gets("/governance").await, &["1 overdue"]);
    borough.test.store().verify().await.expect("whole");
}

#[tokio::test]
async fn prints_are_counted_apart_and_the_page_says_what_the_read_log_holds_of_them() {
    let borough = in_doubt().await;
    let (href, grace) = to_decide(&borough).await;
    let amal = comes(&borough, "amal", "practitioner").await;
    amal.opens(&href).await;
    let print = format!("/children/{}/picture.pdf", person_of(&href));
    for _ in 0..2 {
        assert_eq!(amal.gets(&print).await.status, 200);
    }
    borough.test.pass_minutes(24 * 60);
    grace.says(&href, "not-same").await;
    let iris = lead(&borough).await;
    let found = assessments(&iris.gets("/breaches").await);
    let page = iris.gets(&found[0]).await;
    assert_says(
        &page,
        &[
            "2 openings in the read log, one for each person, purpose and quarter of an hour, and 2 prints.",
            "printed 2 times",
            "What was printed here is in the read log",
        ],
    );
    assert_eq!(page.words().matches("printed 2 times").count(), 1);
}

#[tokio::test]
async fn nothing_is_opened_where_nobody_else_saw_it() {
    let borough = in_doubt().await;
    let (href, grace) = to_decide(&borough).await;
    let told = grace.says(&href, "not-same").await;
    assert_says(&told, &["Nobody but you had opened the joined picture"]);
    let iris = lead(&borough).await;
    let list = iris.gets("/breaches").await;
    assert_eq!(assessments(&list), [""; 0]);
    assert_says(&list, &["No joined picture that somebody saw was parted"]);
    assert_says(&iris.gets("/governance").await, &["nothing to decide"]);
}

#[tokio::test]
async fn whoever_parts_it_saw_it_too_when_that_was_long_before() {
    let borough = in_doubt().await;
    let (href, grace) = to_decide(&borough).await;
    grace.opens(&href).await;
    borough.test.pass_minutes(3 * 60);
    grace.says(&href, "not-same").await;
    let iris = lead(&borough).await;
    assert_eq!(assessments(&iris.gets("/breaches").await).len(), 1);
}

#[tokio::test]
async fn a_second_parting_opens_another_only_if_it_was_seen_again() {
    let borough = in_doubt().await;
    let (href, grace) = seen_and_parted(&borough).await;
    let iris = lead(&borough).await;
    for (seen_again, expected) in [(false, 1), (true, 2)] {
        borough.test.pass_minutes(60);
        grace.says(&href, "same").await;
        borough.test.pass_minutes(60);
        if seen_again {
            iris.opens(&href).await;
        }
        grace.says(&href, "not-same").await;
        let list = iris.gets("/breaches").await;
        assert_eq!(assessments(&list).len(), expected, "{}", list.words());
    }
    // The same said once more parts nobody.
    grace.says(&href, "not-same").await;
    let list = iris.gets("/breaches").await;
    assert_eq!(assessments(&list).len(), 2, "{}", list.words());
}

#[tokio::test]
async fn what_is_taken_back_or_corrected_opens_one_too() {
    // Nothing but a person's word holds these together.
    let care = [in_care("1", "Martina", "Okoro", "2011-12-13")];
    let school = [at_school("a", "Leonie", "Vale", "2012-01-03")];
    let borough = Borough::with(&care, &school).await;
    assert_eq!(borough.link().await.joined, 0);
    let grace = comes(&borough, "grace", "manager").await;
    let iris = lead(&borough).await;
    let href = pair_of(
        &borough,
        &mut grace.comes().await,
        ["Martina Okoro", "Leonie Vale"],
    )
    .await;
    grace.says(&href, "same").await;
    borough.test.pass_minutes(60);
    iris.opens(&href).await;
    borough.test.pass_minutes(60);
    let told = grace.says(&href, "open").await;
    assert_says(
        &told,
        &["they are two children", "72 hours to assess a breach"],
    );
    assert_eq!(assessments(&iris.gets("/breaches").await).len(), 1);

    // And where a source puts right what it said, nobody decides anything.
    let borough = in_doubt().await;
    let (href, _) = to_decide(&borough).await;
    let iris = lead(&borough).await;
    borough.test.pass_minutes(60);
    iris.opens(&href).await;
    borough.test.pass_minutes(60);
    let outcome = borough
        .care_tells(&[in_care("1", "Martina", "Okoro", "2008-01-30")])
        .await;
    assert_eq!((outcome.parted, outcome.breaches), (1, 1), "{outcome:?}");
    let found = assessments(&iris.gets("/breaches").await);
    assert_eq!(found.len(), 1);
    assert_says(&iris.gets(&found[0]).await, &["by Clear Picture itself"]);
}

/// Where two children are decided about, each found by name.
async fn pair_of(borough: &Borough, visitor: &mut Visitor, names: [&str; 2]) -> String {
    let of = persons_of(borough, &everybody(borough).await).await;
    let mut found = Vec::new();
    for name in names {
        let list = crate::children::look(visitor, name, ["", "", ""]).await;
        let picture = crate::children::pictures(&list).pop().expect("a child");
        let mut all = of.iter();
        let own = all.find(|(_, person)| picture.ends_with(&person.to_string()));
        found.push(own.expect("a subject"));
    }
    // Joined, they are the person of the earlier.
    found.sort();
    let [(a, person), (b, _)] = &found[..] else {
        panic!("two were found: {found:?}");
    };
    format!("/links/{person}?a={a}&b={b}")
}

#[tokio::test]
async fn parting_a_record_out_of_a_picture_opens_one() {
    let borough = in_doubt().await;
    let (href, grace) = to_decide(&borough).await;
    let amal = comes(&borough, "amal", "practitioner").await;
    amal.opens(&href).await;
    borough.test.pass_minutes(60);
    let why = format!("/children/{}/why", person_of(&href));
    let page = grace.gets(&why).await;
    let subject = page
        .text
        .split("value=\"subject_")
        .nth(1)
        .expect("a record");
    let subject = format!("subject_{}", subject.split('"').next().expect("its id"));
    let seen = version(&page);
    let fields = [
        ("version", &*seen),
        ("subject", &*subject),
        ("reason", "The school has two of this name."),
    ];
    let mut visitor = grace.comes().await;
    visitor.get(&why).await;
    let parted = visitor.post(&why, &fields).await;
    assert_eq!(parted.status, 303, "{}", parted.words());
    let iris = lead(&borough).await;
    let found = assessments(&iris.gets("/breaches").await);
    assert_eq!(found.len(), 1);
    assert_says(&iris.gets(&found[0]).await, &["Amal Example"]);
    // Nothing is left undone: no question waits for a run.
    assert_eq!(first_pair(&grace.gets("/links").await), None);
    crate::linking::nothing_more(borough.link().await);
}

#[tokio::test]
async fn only_information_governance_knows_of_them_and_never_of_whom_they_are_barred_from() {
    let borough = in_doubt().await;
    let (href, _) = seen_and_parted(&borough).await;
    let iris = lead(&borough).await;
    let found = assessments(&iris.gets("/breaches").await);
    let schools = borough.test.agency("northwater-schools").await;
    for role in ["practitioner", "manager", "analyst", "administrator"] {
        let (_, mut own) = borough.comes(&format!("own-{role}"), role).await;
        let other = crate::support::a_worker(&format!("other-{role}")).of(schools);
        let other = borough.test.worker(other.role(role)).await;
        let mut other = borough.test.signed_in(other, Stage::Full).await;
        for visitor in [&mut own, &mut other] {
            assert_eq!(visitor.get("/breaches").await.status, 403, "{role}");
            assert_eq!(visitor.get(&found[0]).await.status, 404, "{role}");
            let tried = decides(visitor, &found[0], "1", "no-breach", ["", ""]).await;
            assert!(
                [403, 404].contains(&tried.status),
                "{role}: {}",
                tried.status
            );
        }
    }
    borough
        .stands(iris.1, person_of(&href), Relation::Barred)
        .await;
    let list = iris.gets("/breaches").await;
    assert_eq!(assessments(&list), [""; 0], "{}", list.words());
    assert_eq!(iris.gets(&found[0]).await.status, 404);
    let tried = decides(
        &mut iris.comes().await,
        &found[0],
        "1",
        "no-breach",
        ["", ""],
    )
    .await;
    assert_eq!(tried.status, 404);
    assert_says(&iris.gets("/governance").await, &["nothing to decide"]);
}

/// Posts a decision: the finding, and the day of November and the reference of a report.
async fn decides(
    visitor: &mut Visitor,
    href: &str,
    version: &str,
    finding: &str,
    [day, reference]: [&str; 2],
) -> Reply {
    let (month, year) = if day.is_empty() {
        ("", "")
    } else {
        ("11", "2026")
    };
    let fields = [
        ("version", version),
        ("finding", finding),
        ("day", day),
        ("month", month),
        ("year", year),
        ("reference", reference),
        ("reason", "A worker of another team opened it twice."),
    ];
    visitor.post(href, &fields).await
}

#[tokio::test]
async fn an_assessment_is_decided_and_waits_until_what_is_reportable_is_reported() {
    let borough = in_doubt().await;
    seen_and_parted(&borough).await;
    let iris = lead(&borough).await;
    let href = assessments(&iris.gets("/breaches").await).remove(0);
    let page = iris.gets(&href).await;
    let seen = version(&page);
    for (finding, report, told) in [
        ("", ["", ""], "choose one"),
        (
            "reportable",
            ["23", ""],
            "the one that the Commissioner gave",
        ),
        ("reportable", ["", "IC-1"], "the day it was reported"),
        (
            "reportable",
            ["20", "IC-1"],
            "from when it was found up to today",
        ),
        (
            "reportable",
            ["23", "IC-1"],
            "from when it was found up to today",
        ),
        (
            "no-breach",
            ["22", "IC-1"],
            "Only a breach that is reportable",
        ),
    ] {
        let refused = decides(&mut iris.comes().await, &href, &seen, finding, report).await;
        assert_eq!(refused.status, 422, "{finding} {report:?}");
        assert_says(&refused, &["There is a problem", told]);
    }
    let before = borough.test.newest_entry().await;
    let decided = decides(
        &mut iris.comes().await,
        &href,
        &seen,
        "reportable",
        ["", ""],
    )
    .await;
    assert_eq!(decided.status, 303, "{}", decided.words());
    let actions = borough.test.actions_since(before).await;
    assert_eq!(actions, ["breach-assessments.decide"]);
    let page = iris.gets(&href).await;
    assert_says(
        &page,
        &[
            "report within 72 hours",
            "A breach, reportable",
            "by Iris Example",
        ],
    );
    assert_says(&iris.gets("/governance").await, &["1 to decide"]);
    borough.test.pass_minutes(4 * 24 * 60);
    assert_says(&iris.gets("/breaches").await, &["overdue by 24 hours"]);
    let seen = version(&iris.gets(&href).await);
    let decided = decides(
        &mut iris.comes().await,
        &href,
        &seen,
        "reportable",
        ["26", "IC-123"],
    )
    .await;
    assert_eq!(decided.status, 303, "{}", decided.words());
    let page = iris.gets(&href).await;
    assert_says(
        &page,
        &["26 November 2026, reference IC-123; after the 72 hours"],
    );
    assert_says(&iris.gets("/governance").await, &["nothing to decide"]);
    assert_says(
        &iris.gets("/breaches").await,
        &["settled", "A breach, reportable"],
    );
}

#[tokio::test]
async fn two_leads_who_decide_at_once_do_not_overrule_one_another() {
    let borough = in_doubt().await;
    seen_and_parted(&borough).await;
    let iris = lead(&borough).await;
    let omar = comes(&borough, "omar", "information-governance").await;
    let href = assessments(&iris.gets("/breaches").await).remove(0);
    let seen = version(&iris.gets(&href).await);
    let first = decides(
        &mut iris.comes().await,
        &href,
        &seen,
        "not-reportable",
        ["", ""],
    )
    .await;
    assert_eq!(first.status, 303, "{}", first.words());
    let second = decides(&mut omar.comes().await, &href, &seen, "no-breach", ["", ""]).await;
    assert_eq!(second.status, 409, "{}", second.words());
    assert_says(&iris.gets(&href).await, &["A breach, not reportable"]);
}

#[tokio::test]
async fn the_list_has_what_is_overdue_first_and_what_is_settled_last() {
    let mut care = Vec::new();
    let mut school = Vec::new();
    for (place, (one, other)) in [("Martina", "Leonie"), ("Tessa", "Zofia"), ("Amina", "Bea")]
        .into_iter()
        .enumerate()
    {
        let born = format!("201{place}-12-13");
        let family = ["Okoro", "Vale", "Nowak"][place];
        care.push(in_care(&format!("{place}"), one, family, &born));
        school.push(at_school(&format!("s{place}"), other, family, &born));
    }
    let borough = Borough::with(&care, &school).await;
    assert_eq!(borough.link().await.joined, 3);
    let grace = comes(&borough, "grace", "manager").await;
    let amal = comes(&borough, "amal", "practitioner").await;
    let iris = lead(&borough).await;
    let mut opened: Vec<String> = Vec::new();
    for _ in 0..3 {
        let href = first_pair(&grace.gets("/links").await).expect("a pair");
        amal.opens(&href).await;
        borough.test.pass_minutes(30 * 60);
        grace.says(&href, "not-same").await;
        let list = assessments(&iris.gets("/breaches").await);
        let new = list.into_iter().find(|href| !opened.contains(href));
        opened.push(new.expect("a new one"));
    }
    borough.test.pass_minutes(10 * 60);
    let settled = opened.remove(0);
    let seen = version(&iris.gets(&settled).await);
    decides(
        &mut iris.comes().await,
        &settled,
        &seen,
        "no-breach",
        ["", ""],
    )
    .await;
    opened.push(settled);
    let list = iris.gets("/breaches").await;
    assert_eq!(assessments(&list), opened, "{}", list.words());
    assert_says(&list, &["3 assessments"]);
}
