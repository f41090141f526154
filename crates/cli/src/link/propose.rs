//! `link model propose`: a model for files never seen.

use std::ops::ControlFlow;
use std::path::PathBuf;

use clearpicture_linkage::columns::{
    Asides, Builder, Cells, Glance, Plan, Proposal, Table, propose, train, train_by_truth,
    with_apart, with_blocks,
};

use super::rows::{Taker, read};
use super::{threads, too_many, unusable};
use crate::outcome::Stop;
use crate::say;

impl Taker for Glance {
    fn is_told(&self) -> bool {
        false
    }

    fn source(&mut self, _: &str, headings: &[String]) -> Result<(), Stop> {
        self.source(headings);
        Ok(())
    }

    fn rows(&mut self, rows: &[impl Cells + Sync]) -> Result<ControlFlow<()>, Stop> {
        for row in rows {
            if !self.record(row).map_err(unusable)? {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// So many pairs of one person for each record are doubtful.
const MANY: f64 = 5.0;

/// So many pairs may be of one person before that is doubtful: where the files tell of nobody twice, each person has a record
/// of each at most.
fn most(table: &Table, plan: &Plan) -> f64 {
    let knows_apart = plan.apart.iter().any(|rule| rule.within_source);
    let others = table.sources().len().saturating_sub(1) as f64 / 2.0;
    f64::from(table.len()) * if knows_apart { others } else { MANY }
}

/// The command. Nothing but the files decides what is proposed: the same give the same bytes.
pub(super) fn run(
    mut ignore: Vec<String>,
    truth: Option<&str>,
    files: &[PathBuf],
) -> Result<(), Stop> {
    ignore.extend(truth.map(str::to_owned));
    let mut glance = Glance::default();
    read(files, &mut glance)?;
    if let Some(unknown) = ignore.iter().find(|one| !glance.has(one)) {
        return Err(Stop::misuse(format!(
            "no file has a column `{unknown}` to ignore: name it as the file does"
        )));
    }
    if glance.is_empty() {
        return Err(Stop::misuse(
            "the files have headings and no rows, so nothing can be told from them",
        ));
    }
    let Proposal { plan, mut doubts } = propose(&glance, &ignore).map_err(unusable)?;
    drop(glance);
    let mut builder = Builder::new(&plan, Asides { truth, groups: &[] });
    read(files, &mut builder)?;
    let table = builder.finish(threads()).map_err(unusable)?;
    let (plan, about_twins) = with_apart(&table, with_blocks(&table, plan.clone(), threads()));
    doubts.extend(about_twins);
    let by_truth = train_by_truth(&table, &plan, threads());
    let (how, are) = match (truth, &by_truth) {
        (Some(truth), Some(_)) => (format!("by the column `{truth}`"), "are"),
        _ => (
            "without being told who is who".to_owned(),
            "are thought to be",
        ),
    };
    let trained = match by_truth {
        Some(trained) => trained,
        None => train(&table, &plan, threads()).map_err(too_many)?,
    };
    let mut remarks = vec![
        format!(
            "Proposed for {} records, and trained on them {how}.",
            table.len()
        ),
        format!(
            "{:.0} pairs {are} of one person. Read it before you use it; what follows is doubtful.",
            trained.expected
        ),
    ];
    if trained.expected < 1.0 {
        remarks.push("- no two records look like one person: the figures are no more than usual ones. Are these lists of people?".to_owned());
    } else if trained.expected > most(&table, &trained.plan) {
        remarks.push("- that is many for each record: what families or namesakes share may have been taken for one person. Look at the pairs before you use it".to_owned());
    }
    remarks.extend(doubts.iter().map(|doubt| format!("- {doubt}")));
    say::answer(trained.plan.write(&remarks).trim_end())
}
