//! Whatever happens in whatever order, history answers as a plain list would.

use std::collections::BTreeMap;

use clearpicture_kernel::ambient::microseconds;
use clearpicture_kernel::{Clock as _, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::note::{Note, NoteId};
use crate::place::{Kind, Place};
use crate::world::World;

/// One thing that happens, after the clock moved by so many seconds, forwards or back.
#[derive(Debug, Clone)]
struct Step {
    seconds: i64,
    /// Which of the notes there are is changed; beyond the last, one is added.
    which: usize,
    text: String,
    mark: Option<Vec<u8>>,
    urgent: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (
        -50_i64..100,
        0_usize..8,
        "[a-z\u{E9}\u{1F469} ]{0,12}",
        any::<Option<Vec<u8>>>(),
        any::<bool>(),
    )
        .prop_map(|(seconds, which, text, mark, urgent)| Step {
            seconds,
            which,
            text: format!("It says {text}."),
            mark,
            urgent,
        });
    prop::collection::vec(step, 1..25)
}

/// What a plain program would keep: every version of every note with its moment.
#[derive(Default)]
struct Model {
    notes: Vec<(NoteId, Vec<(Timestamp, Note)>)>,
    last: Option<Timestamp>,
}

impl Model {
    /// The moment recorded now: the later of the clock and the last.
    fn moment(&mut self, now: Timestamp) -> Timestamp {
        let moment = self.last.map_or(now, |last| last.max(now));
        self.last = Some(moment);
        moment
    }
}

async fn holds(kind: Kind, steps: &[Step]) {
    let place = Place::new(kind).await;
    let world = World::at(&place).await;
    let mut model = Model::default();
    for step in steps {
        world.pass(step.seconds);
        let moment = model.moment(world.clock.now());
        if step.which >= model.notes.len() {
            let note = Note {
                mark: step.mark.clone(),
                urgent: step.urgent,
                ..world.a_note().saying(&step.text)
            };
            let (id, receipt) = world.try_add(&note).await.expect("added");
            assert_eq!(receipt.recorded_at, moment);
            model.notes.push((id, vec![(moment, note)]));
        } else {
            let (id, versions) = &mut model.notes[step.which];
            let note = Note {
                mark: step.mark.clone(),
                urgent: step.urgent,
                ..versions[0].1.saying(&step.text)
            };
            let receipt = world.change(id, &note).await;
            assert_eq!(receipt.recorded_at, moment);
            versions.push((moment, note));
        }
    }
    let moments: BTreeMap<i64, ()> = model
        .notes
        .iter()
        .flat_map(|(_, versions)| versions)
        .flat_map(|(moment, _)| [moment.as_microsecond(), moment.as_microsecond() + 1])
        .map(|moment| (moment, ()))
        .collect();
    for (id, versions) in &model.notes {
        let permit = world.may_see(id).await;
        for cut_off in moments.keys() {
            let cut_off = microseconds(*cut_off);
            let known = versions.iter().rfind(|(moment, _)| *moment < cut_off);
            let told = world
                .store
                .load_as_at(&permit, cut_off)
                .await
                .expect("read");
            assert_eq!(told.as_ref(), known.map(|(_, note)| note));
        }
    }
    let verified = world.store.verify().await.expect("whole");
    assert_eq!(verified.entries, steps.len() as u64);
    let other = Place::new(kind).await;
    world
        .store
        .rebuild_into(&other.address)
        .await
        .expect("identical");
    world.close().await;
    other.clear().await;
    place.clear().await;
}

/// Tries so many sequences; proptest's own variables ask for more of them.
fn on(kind: Kind, cases: u32) {
    let config = Config {
        cases: Config::default().cases.min(cases),
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let tried = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(holds(kind, &steps));
        Ok(())
    });
    tried.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn as_at_and_rebuild_on_sqlite() {
    on(Kind::Sqlite, 16);
}

#[test]
fn as_at_and_rebuild_on_postgresql() {
    on(Kind::Postgres, 8);
}
