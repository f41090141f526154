//! What one decision of the policies costs.

use std::hint::black_box;
use std::time::Instant;

use clearpicture_access::{AccessClass, ActionSpec, Caller, Grants};
use clearpicture_app::capabilities;
use clearpicture_kernel::{AgencyId, Ambient};

use crate::report::{against, note};
use crate::stage::{access, purpose, worker};
use crate::statistics::{Timings, micros};

const BUDGET_MICROS: f64 = 50.0;
/// Decisions in all, so that the run lasts a few seconds.
const DECISIONS: usize = 60_000;

pub(crate) fn run() -> anyhow::Result<()> {
    let access = access()?;
    let purpose = purpose()?;
    let questions = questions()?;
    let time = |ask: &dyn Fn(&Question) -> bool| {
        let timings = (0..DECISIONS).zip(questions.iter().cycle());
        let timings = timings.map(|(_, question)| {
            let started = Instant::now();
            black_box(ask(question));
            started.elapsed()
        });
        Timings::new(timings.collect())
    };
    let afresh = time(&|q| access.would_allow_afresh(q.0, &q.1, &purpose, &q.2, Grants::NONE));
    let remembered = time(&|q| access.would_allow(q.0, &q.1, &purpose, &q.2, Grants::NONE));

    let median = micros(afresh.median());
    against(
        "policy decision, asked of Cedar: median",
        &format!("{median:.1} µs"),
        "≤ 50 µs",
        median <= BUDGET_MICROS,
    )?;
    note(
        "  99th percentile",
        &format!("{:.1} µs", micros(afresh.quantile(0.99))),
    )?;
    note(
        "policy decision, remembered: median",
        &format!("{:.2} µs", micros(remembered.median())),
    )
}

/// An action, who asks, and of what class the record is.
type Question = (ActionSpec, Caller, AccessClass);

/// Every action there is, asked by people in five roles about their own agency's and another's records.
fn questions() -> anyhow::Result<Vec<Question>> {
    let ambient = Ambient::system();
    let (own, other) = (AgencyId::fresh(&ambient), AgencyId::fresh(&ambient));
    let mut questions = Vec::new();
    for role in [
        "practitioner",
        "manager",
        "analyst",
        "administrator",
        "information-governance",
    ] {
        let caller = worker(&ambient, own, role)?;
        for action in capabilities().iter().flat_map(|c| c.actions.clone()) {
            for owner in [own, other] {
                let class = AccessClass::ordinary(action.kind.name, Some(owner));
                questions.push((action, caller.clone(), class));
            }
        }
    }
    Ok(questions)
}
