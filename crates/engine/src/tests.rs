//! Tables are as they were known, whatever befell the refresh; and a `SELECT` sees them alone.

use std::path::Path;

use clearpicture_kernel::analysis::{KeepFault, Keeper as _};
use clearpicture_kernel::{
    AnalysisColumn, AnalysisRow, AnalysisTable, AnalysisValue, Code, Date, Digest, Holds, Month,
    Reach, Timestamp,
};
use clearpicture_measures::{Given, Known, Over, Row, RunFault, Runner as _};
use proptest::prelude::*;

use crate::Engine;

const VISIT: AnalysisTable = AnalysisTable {
    name: "visit",
    about: "A visit: one row for each.",
    columns: &[
        AnalysisColumn::new("visit", Holds::Surrogate, "the visit"),
        AnalysisColumn::new("kind", Holds::Code, "what kind"),
        AnalysisColumn::new("held_on", Holds::Day, "when"),
        AnalysisColumn::new("minutes", Holds::Number, "how long"),
        AnalysisColumn::new("alone", Holds::Flag, "whether the child was seen alone"),
    ],
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a moment")
}

fn known(before: Timestamp) -> Known {
    Known {
        month: "2026-10".parse::<Month>().expect("a month"),
        before,
    }
}

/// A visit as the entry `seq`, recorded in that second, says it was.
fn visit(seq: i64, place: i64, visit: i64, minutes: i64) -> AnalysisRow {
    AnalysisRow {
        seq,
        place,
        recorded_at: at(seq),
        values: vec![
            Some(AnalysisValue::Surrogate(visit)),
            Some(AnalysisValue::Code(Code::parse("home").expect("a code"))),
            Some(AnalysisValue::Day(Date::constant(2026, 10, 31))),
            Some(AnalysisValue::Number(minutes)),
            None,
        ],
    }
}

fn reach(seq: i64) -> Reach {
    Reach {
        seq,
        hash: Digest::of(&seq.to_be_bytes()),
    }
}

fn engine(folder: &Path) -> Engine {
    Engine::new(&folder.join("analysis [1]"), vec![VISIT])
}

/// Takes `rows` in as far as `seq`.
async fn take(engine: &Engine, rows: Vec<AnalysisRow>, seq: i64) {
    let tables = [VISIT];
    let mut gathering = engine.gather(&tables).await.expect("begun");
    gathering.add(&VISIT, rows).await.expect("added");
    gathering.finish(reach(seq)).await.expect("finished");
}

async fn minutes(engine: &Engine, before: Timestamp) -> Vec<Row> {
    let sql = "SELECT visit, minutes FROM visit ORDER BY visit";
    engine
        .select(sql, Over::Kept, known(before))
        .await
        .expect("an answer")
}

fn row(visit: i64, minutes: i64) -> Row {
    vec![
        Some(AnalysisValue::Number(visit)),
        Some(AnalysisValue::Number(minutes)),
    ]
}

#[tokio::test]
async fn a_table_is_as_it_was_known_at_any_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine(folder.path());
    let nothing = engine.select("SELECT 1", Over::Kept, known(at(9))).await;
    assert_eq!(nothing, Err(RunFault::NoTables));
    take(&engine, vec![visit(1, 0, 7, 10), visit(1, 1, 8, 20)], 1).await;
    // The same visit twice in one entry: the later place counts.
    take(&engine, vec![visit(3, 9, 7, 30), visit(3, 10, 7, 40)], 3).await;
    take(&engine, Vec::new(), 4).await;
    assert_eq!(minutes(&engine, at(1)).await, Vec::<Row>::new());
    assert_eq!(minutes(&engine, at(2)).await, [row(7, 10), row(8, 20)]);
    assert_eq!(
        minutes(&engine, at(3)).await,
        [row(7, 10), row(8, 20)],
        "before, not at"
    );
    assert_eq!(minutes(&engine, at(4)).await, [row(7, 40), row(8, 20)]);
    let gathering = engine.gather(&[VISIT]).await.expect("begun");
    assert_eq!(gathering.kept(), Some(reach(4)));
}

#[tokio::test]
async fn every_kind_of_value_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine(folder.path());
    take(&engine, vec![visit(1, 0, 7, 10)], 1).await;
    let sql = "SELECT kind, held_on, minutes, alone, held_on = $month_last, held_on = $month_first FROM visit";
    let answer = engine
        .select(sql, Over::Kept, known(at(2)))
        .await
        .expect("an answer");
    assert_eq!(
        answer,
        [vec![
            Some(AnalysisValue::Code(Code::parse("home").expect("a code"))),
            Some(AnalysisValue::Day(Date::constant(2026, 10, 31))),
            Some(AnalysisValue::Number(10)),
            None,
            Some(AnalysisValue::Flag(true)),
            Some(AnalysisValue::Flag(false)),
        ]]
    );
}

#[tokio::test]
async fn a_refresh_that_does_not_finish_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine(folder.path());
    take(&engine, vec![visit(1, 0, 7, 10)], 1).await;
    let tables = [VISIT];
    let mut gathering = engine.gather(&tables).await.expect("begun");
    gathering
        .add(&VISIT, vec![visit(2, 0, 7, 99)])
        .await
        .expect("added");
    let meanwhile = engine.gather(&tables).await.err();
    assert_eq!(meanwhile, Some(KeepFault::Busy), "one at a time");
    drop(gathering);
    assert_eq!(minutes(&engine, at(9)).await, [row(7, 10)]);
    take(&engine, vec![visit(2, 0, 7, 20)], 2).await;
    assert_eq!(minutes(&engine, at(9)).await, [row(7, 20)]);
    let mut anew = engine.gather(&tables).await.expect("begun");
    anew.anew();
    assert_eq!(anew.kept(), None);
    anew.add(&VISIT, vec![visit(1, 0, 5, 1)])
        .await
        .expect("added");
    anew.finish(reach(2)).await.expect("finished");
    assert_eq!(
        minutes(&engine, at(9)).await,
        [row(5, 1)],
        "nothing of before is left"
    );
}

#[tokio::test]
async fn rows_that_do_not_fit_and_tables_declared_otherwise_are_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine(folder.path());
    take(&engine, vec![visit(1, 0, 7, 10)], 1).await;
    let tables = [VISIT];
    let mut gathering = engine.gather(&tables).await.expect("begun");
    let mut short = visit(2, 0, 8, 10);
    short.values.pop();
    let misfit = gathering.add(&VISIT, vec![short]).await;
    assert_eq!(
        misfit,
        Err(KeepFault::Misfit {
            table: "visit",
            seq: 2
        })
    );
    drop(gathering);
    let other = AnalysisTable {
        columns: VISIT.columns.get(..3).expect("three"),
        ..VISIT
    };
    let declared = [other];
    let gathering = engine.gather(&declared).await.expect("begun");
    assert_eq!(gathering.kept(), None, "it is to be made anew");
    let text = engine.folder.join("manifest.json");
    tokio::fs::write(&text, "{").await.expect("written");
    drop(gathering);
    let gathering = engine.gather(&tables).await.expect("begun");
    assert_eq!(gathering.kept(), None, "so is one that was cut short");
}

#[tokio::test]
async fn a_select_sees_the_tables_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine(folder.path());
    take(&engine, vec![visit(1, 0, 7, 10), visit(5, 0, 8, 10)], 5).await;
    let segment = engine.folder.join("visit.0-5.parquet");
    assert!(segment.is_file());
    for sql in [
        format!("SELECT * FROM '{}'", segment.display()),
        format!("SELECT * FROM read_parquet('{}')", segment.display()),
        format!(
            "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '{}'",
            segment.display()
        ),
        format!(
            "COPY (SELECT 1) TO '{}'",
            folder.path().join("out.parquet").display()
        ),
        "CREATE TABLE t AS SELECT 1".to_owned(),
        "INSERT INTO visit SELECT * FROM visit".to_owned(),
        "DROP VIEW visit".to_owned(),
        "SET datafusion.execution.target_partitions = 1".to_owned(),
        "SELECT entry_seq FROM visit".to_owned(),
        "SELECT * FROM information_schema.tables".to_owned(),
        "SELECT 1; SELECT 2".to_owned(),
        "SELECT name FROM visit".to_owned(),
        "nonsense".to_owned(),
    ] {
        let answer = engine.select(&sql, Over::Kept, known(at(3))).await;
        assert!(matches!(answer, Err(RunFault::Sql(_))), "{sql}: {answer:?}");
    }
    for call in ["now()", "current_date()", "random()", "uuid()"] {
        for sql in [
            format!("SELECT {call} FROM visit"),
            format!(
                "SELECT visit FROM visit WHERE visit IN (SELECT visit FROM visit WHERE CAST({call} AS text) <> 'a')"
            ),
        ] {
            let answer = engine.select(&sql, Over::Kept, known(at(3))).await;
            assert!(answer.is_err(), "{sql}: {answer:?}");
        }
    }
    let text = engine
        .select("SELECT 'Rowan Example'", Over::Kept, known(at(3)))
        .await;
    assert!(matches!(text, Err(RunFault::Answer(_))), "{text:?}");
}

#[tokio::test]
async fn rows_that_are_given_are_the_only_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine(folder.path());
    let given = [Given {
        table: VISIT,
        rows: vec![visit(1, 0, 3, 5), visit(2, 0, 3, 6)],
    }];
    let sql = "SELECT visit, minutes FROM visit";
    let answer = engine.select(sql, Over::Given(&given), known(at(0))).await;
    assert_eq!(answer.expect("an answer"), [row(3, 6)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However history is cut into refreshes, a table is the newest row of each key.
    #[test]
    fn how_history_is_cut_does_not_matter(
        changes in prop::collection::vec((0..4_i64, 0..100_i64), 1..24),
        cuts in prop::collection::btree_set(1..24_usize, 0..4),
        moment in 0..26_i64,
    ) {
        let rows: Vec<AnalysisRow> = changes
            .iter()
            .zip(1..)
            .map(|((of, minutes), seq)| visit(seq, 0, *of, *minutes))
            .collect();
        let mut expected = std::collections::BTreeMap::new();
        for ((of, minutes), seq) in changes.iter().zip(1..) {
            if seq < moment {
                expected.insert(*of, *minutes);
            }
        }
        let expected: Vec<Row> = expected.into_iter().map(|(of, minutes)| row(of, minutes)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let found = runtime.block_on(async {
            let folder = tempfile::tempdir().expect("a folder");
            let engine = engine(folder.path());
            let mut from = 0;
            for cut in cuts.into_iter().chain([rows.len()]) {
                let to = cut.clamp(from, rows.len());
                let some = rows.get(from..to).expect("within").to_vec();
                take(&engine, some, i64::try_from(to).expect("small")).await;
                from = to;
            }
            minutes(&engine, at(moment)).await
        });
        prop_assert_eq!(found, expected);
    }
}
