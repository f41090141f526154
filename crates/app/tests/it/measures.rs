//! Figures: who may see them, who is counted under whose scope, and what a copy that is taken leaves behind.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use clearpicture_app::measures::{Ask, issued};
use clearpicture_kernel::analysis::{Gathering, KeepFault, Keeper, Later};
use clearpicture_kernel::{AnalysisTable, AnalysisValue, Code, Date, Reach};
use clearpicture_measures::{Known, Level, Over, Row, RunFault, Runner};
use clearpicture_store::Relation;

use crate::children::{Borough, in_care, pictures};
use crate::support::TestApp;

/// Someone who counts what they are told: units, each in the part `social-care-only`; and how often they were asked.
#[derive(Default)]
struct Told(Mutex<Vec<i64>>, AtomicUsize);

impl Told {
    fn units(&self) -> Vec<i64> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Runner for Told {
    fn select<'a>(
        &'a self,
        sql: &'a str,
        over: Over<'a>,
        _: Known,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<Row>, RunFault>> + Send + 'a>> {
        let code = |text: &str| Some(AnalysisValue::Code(Code::parse(text).expect("a code")));
        self.1.fetch_add(1, Ordering::Relaxed);
        let Over::Kept = over else {
            return Box::pin(async { Err(RunFault::NoTables) });
        };
        let units = self.units();
        let all = Some(AnalysisValue::Number(
            i64::try_from(units.len()).expect("few"),
        ));
        let rows = if sql.starts_with("SELECT part, complete") {
            let complete = Some(AnalysisValue::Flag(true));
            let number = |number| Some(AnalysisValue::Number(number));
            vec![
                vec![
                    code("social-care-only"),
                    complete,
                    number(0),
                    all.clone(),
                    all.clone(),
                ],
                vec![None, None, number(1), all.clone(), all],
            ]
        } else if sql.starts_with("SELECT unit, part") {
            let row = |unit| vec![Some(AnalysisValue::Number(unit)), code("social-care-only")];
            units.into_iter().map(row).collect()
        } else {
            let day = || Some(AnalysisValue::Day("2026-11-20".parse().expect("a day")));
            [
                ("involvement-csc", "social-care"),
                ("involvement-education", "school"),
            ]
            .map(|(source, service)| vec![code(source), code(service), day(), day(), day()])
            .to_vec()
        };
        Box::pin(async move { Ok(rows) })
    }
}

impl Keeper for Told {
    fn reach(&self) -> Result<Option<Reach>, KeepFault> {
        Ok(None)
    }

    fn gather<'a>(&'a self, _: &'a [AnalysisTable]) -> Later<'a, Box<dyn Gathering>> {
        Box::pin(async { Err(KeepFault::Busy) })
    }
}

const COUNTED: &str = "/measures/counted?of=known-to-both&part=social-care-only&month=2026-10";

/// Three children, all of them counted, and their pictures.
async fn three() -> (Borough, Vec<String>) {
    let told = Arc::new(Told::default());
    let test = TestApp::counting(told.clone()).await;
    let rows = [
        in_care("1", "Leanne", "Okafor", "2014-07-28"),
        in_care("2", "Maja", "Nowak", "2012-01-05"),
        in_care("3", "Rowan", "Ashby", "2011-03-09"),
    ];
    let borough = Borough::of(test, &rows, &[]).await;
    let (_, mut lead) = borough.comes("first", "information-governance").await;
    let mut persons = Vec::new();
    for name in ["Okafor", "Nowak", "Ashby"] {
        let fields = [("name", name), ("day", ""), ("month", ""), ("year", "")];
        persons.extend(pictures(&lead.post("/children", &fields).await));
    }
    assert_eq!(persons.len(), 3);
    let store = borough.test.store();
    let surrogate = |path: &String| store.surrogate(path.trim_start_matches("/children/"));
    *told.0.lock().expect("told") = persons.iter().map(surrogate).collect();
    (borough, persons)
}

#[tokio::test]
async fn who_is_counted_is_a_list_under_the_readers_own_scope() {
    let (borough, persons) = three().await;
    let (_, mut manager) = borough.comes("manager", "manager").await;
    let all = manager.get(COUNTED).await;
    assert_eq!(pictures(&all).len(), 3, "{}", all.words());
    let (barred, mut other) = borough.comes("other", "manager").await;
    let bar = persons[0].trim_start_matches("/children/");
    borough.stands(barred, bar, Relation::Barred).await;
    let two = other.get(COUNTED).await;
    assert_eq!(pictures(&two).len(), 2, "{}", two.words());
    assert!(!two.text.contains(bar));
    // The list is the reader's own and stands beside no figure; a figure is nobody's, on pages and in every copy.
    assert!(
        two.words().contains("2 children you may see"),
        "{}",
        two.words()
    );
    assert!(!two.words().contains("3 children"), "{}", two.words());
    for path in ["/measures", "/measures/measure?of=known-to-both"] {
        let theirs = other.get(path).await.words();
        assert!(theirs.contains("0 of 3 children"), "{path}: {theirs}");
        assert_eq!(theirs, manager.get(path).await.words(), "{path}");
    }
    let before = borough.test.store().verify().await.expect("whole").looks;
    manager.get(COUNTED).await;
    let after = borough.test.store().verify().await.expect("whole").looks;
    assert_eq!(after, before + 1, "the read log tells of it");
}

#[tokio::test]
async fn each_role_sees_figures_and_children_by_policies_of_their_own() {
    let (borough, _) = three().await;
    for (role, figures, counted) in [
        ("analyst", 200, 403),
        ("manager", 200, 200),
        ("information-governance", 200, 200),
        ("auditor", 200, 200),
        ("practitioner", 403, 403),
        ("administrator", 403, 403),
    ] {
        let (_, mut visitor) = borough.comes(role, role).await;
        for path in [
            "/measures",
            "/measures/measure?of=known-to-both",
            "/measures/report.pdf",
        ] {
            assert_eq!(visitor.get(path).await.status, figures, "{role}: {path}");
        }
        assert_eq!(visitor.get(COUNTED).await.status, counted, "{role}");
    }
}

#[tokio::test]
async fn a_copy_hides_small_counts_unless_it_is_internal_and_leaves_a_row_in_the_read_log() {
    let (borough, _) = three().await;
    let (_, mut analyst) = borough.comes("analyst", "analyst").await;
    let page = analyst.get("/measures/measure?of=known-to-both").await;
    assert!(page.words().contains("0 of 3 children"), "{}", page.words());
    let before = borough.test.store().verify().await.expect("whole").looks;
    for (copy, status) in [
        ("", 200),
        ("?copy=internal", 200),
        ("?copy=public", 200),
        ("?copy=everyone", 400),
        (
            "?copy=public&known-day=1&known-month=1&known-year=2100",
            400,
        ),
        ("?month=2026-13", 400),
    ] {
        let reply = analyst.get(&format!("/measures/report.pdf{copy}")).await;
        assert_eq!(reply.status, status, "{copy}");
        if status == 200 {
            assert!(reply.text.starts_with("%PDF-"), "{copy}");
        }
    }
    let after = borough.test.store().verify().await.expect("whole").looks;
    assert!(after > before, "the read log tells of it");
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_counted_yet_say_so() {
    let (borough, _) = three().await;
    let (_, mut manager) = borough.comes("manager", "manager").await;
    for path in [
        "/measures/measure",
        "/measures/measure?of=nothing",
        "/measures/counted?of=known-to-both&part=nothing",
    ] {
        assert_eq!(manager.get(path).await.status, 404, "{path}");
    }
    let test = TestApp::start().await;
    let borough = Borough::of(test, &[], &[]).await;
    let (_, mut manager) = borough.comes("manager", "manager").await;
    let page = manager.get("/measures").await;
    assert!(page.words().contains("Not counted yet"), "{}", page.words());
}

#[tokio::test]
async fn nobody_is_asked_for_the_usual_month_where_one_is_typed() {
    let told = Arc::new(Told::default());
    let test = TestApp::counting(told.clone()).await;
    let borough = Borough::of(test, &[], &[]).await;
    let (_, mut manager) = borough.comes("manager", "manager").await;
    let mut asked = async |month: &str| {
        let before = told.1.load(Ordering::Relaxed);
        let page = manager
            .get(&format!("/measures/measure?of=known-to-both{month}"))
            .await;
        assert_eq!(page.status, 200, "{month}");
        assert!(page.words().contains("October 2026"), "{}", page.words());
        told.1.load(Ordering::Relaxed) - before
    };
    let usual = asked("").await;
    let measures = borough.test.app.practice().measures.len();
    assert_eq!(asked("&month=2026-10").await, usual - measures);
    assert_eq!(asked("&month=2026-13").await, usual);
}

#[tokio::test]
async fn a_second_copy_of_one_day_says_what_the_first_one_said() {
    let told = Arc::new(Told::default());
    let test = TestApp::counting(told.clone()).await;
    let set = |count: i64| *told.0.lock().expect("told") = (1..=count).collect();
    let measure = test.app.practice().measures.first().expect("one").clone();
    let now = test.app.ambient().now();
    let today = clearpicture_kernel::day::day_of(now);
    let month = "2026-10".parse().expect("a month");
    let issue = async |as_at: Date, level: Level| {
        let ask = Ask::new(Some(month), Some(as_at), level, now).expect("asked");
        let (store, runner) = (test.store(), told.as_ref());
        let made = issued(store, runner, &measure, &ask).await;
        let made = made.expect("made");
        let own = made.figures.first().expect("a figure");
        assert!(made.figures.iter().all(|figure| figure.level == level));
        let mut figures = made.figures.clone();
        figures
            .iter_mut()
            .for_each(|figure| figure.level = Level::Internal);
        (own.denominator, made.first.is_some(), figures)
    };
    let days: Vec<Date> = std::iter::successors(Some(today), |day| day.yesterday().ok())
        .take(3)
        .collect();
    let levels = [Level::Partnership, Level::Public];
    for (day, [one, other]) in days.iter().zip([levels, [levels[1], levels[0]]]) {
        set(40);
        let (whole, is_kept, first) = issue(*day, one).await;
        assert_eq!((whole, is_kept), (Some(40), false), "{one:?}");
        // One child was parted meanwhile: whoever holds both copies must not learn that, for whomever either is.
        set(41);
        for level in [other, one] {
            let (whole, is_kept, figures) = issue(*day, level).await;
            assert_eq!((whole, is_kept), (Some(40), true), "{level:?}");
            assert!(figures == first, "{level:?}: all of it");
        }
        let (whole, is_kept, _) = issue(*day, Level::Internal).await;
        assert_eq!((whole, is_kept), (Some(41), false));
    }
    // Few of whom nothing is told but that they are few are no gap.
    set(3);
    let (whole, is_kept, hidden) = issue(days[2], Level::Partnership).await;
    assert_eq!((whole, is_kept), (None, false));
    set(40);
    let (whole, is_kept, figures) = issue(days[2], Level::Public).await;
    assert_eq!((whole, is_kept), (None, true));
    assert!(figures == hidden);
}
