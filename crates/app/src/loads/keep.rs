//! What is kept of a file that came: all of it once it could be read, and of one that is refused what was found alone.
//!
//! Until somebody has read it, a file lies sealed in a table that no backup holds and from which it can be taken away. A
//! photograph, or another agency's list, is no business of this partnership's, and whoever sent it by mistake should not
//! have given it to us for good.

use clearpicture_ingest::{Finding, Problem, Summary};
use clearpicture_store::{Batch, Brought};
use serde::{Deserialize, Serialize};

use super::examine::Examined;
use super::intake::{At, Intake, LoadFault, own};
use super::store::{self, PIECE};
use super::types::{Load, LoadId};

/// The most pieces of a file that one change brings.
pub(super) const PIECES_AT_ONCE: u64 = 32;

/// A doubt as it is kept: without what stands in its place.
#[derive(Debug, Serialize, Deserialize)]
struct Found {
    code: String,
    table: Option<String>,
    row: Option<u64>,
    /// As the sheet numbers it; not kept of what was found before it was told.
    #[serde(default)]
    sheet_row: Option<u64>,
    column: Option<String>,
}

/// What was found in a file, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct AllFound {
    counts: Vec<(String, u64)>,
    first: Vec<Found>,
}

impl Intake<'_> {
    /// Keeps a file that was read for good, as `load`.
    pub(super) async fn keep(&self, at: &At, load: &Load) -> Result<At, LoadFault> {
        let scope = self.see_loads().await?;
        let pieces = at.load.bytes.div_ceil(PIECE as u64);
        let mut at = at.clone();
        let mut batch = Batch::default();
        for place in 0..pieces {
            // One that was stopped in between goes on where it was.
            if store::is_kept(self.store, &scope, &at.id, place).await? {
                continue;
            }
            let piece = store::piece(self.store, &scope, &at.id, place).await?;
            store::bring_piece(self.store, &mut batch, &at.id, place, &piece).await?;
            if (place + 1).is_multiple_of(PIECES_AT_ONCE) {
                let brought = self.store.lay_out(std::mem::take(&mut batch))?;
                at = self.change(&at, &at.load.clone(), brought).await?;
            }
        }
        let brought = self.store.lay_out(batch)?;
        let at = self.change(&at, load, brought).await?;
        store::let_go(self.store, &at.id).await?;
        Ok(at)
    }

    /// Keeps of a file that is not to be used what was found in it, as `load`, and lets its bytes go.
    pub(super) async fn keep_nothing(
        &self,
        at: &At,
        load: &Load,
        examined: &Examined,
    ) -> Result<(), LoadFault> {
        let mut batch = Batch::default();
        let found = own(serde_json::to_vec(&AllFound::of(examined)))?;
        store::bring_found(self.store, &mut batch, &at.id, &found).await?;
        let brought: Brought = self.store.lay_out(batch)?;
        self.change(at, load, brought).await?;
        store::let_go(self.store, &at.id).await?;
        Ok(())
    }

    /// What was found in a file whose bytes are not kept; `None` where they are.
    pub(super) async fn found_in(
        &self,
        id: LoadId,
        load: &Load,
    ) -> Result<Option<Examined>, LoadFault> {
        let scope = self.see_loads().await?;
        let Some(found) = store::found_in(self.store, &scope, &id).await? else {
            return Ok(None);
        };
        let found: AllFound = own(serde_json::from_slice(&found))?;
        Ok(Some(found.examined(load)))
    }
}

impl AllFound {
    fn of(examined: &Examined) -> Self {
        let text = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
        let first = examined.findings.iter().map(|finding| Found {
            code: finding.problem.code().to_owned(),
            table: text(&finding.table),
            row: finding.row,
            sheet_row: finding.sheet_row,
            column: text(&finding.column),
        });
        let counts = examined.problems.iter();
        Self {
            counts: counts
                .map(|(problem, count)| (problem.code().to_owned(), *count))
                .collect(),
            first: first.collect(),
        }
    }

    fn examined(self, load: &Load) -> Examined {
        let problem = |code: &str| {
            let mut all = Problem::ALL.iter();
            all.find(|problem| problem.code() == code).copied()
        };
        let counts = load.counts.clone().unwrap_or_default();
        let findings = self.first.into_iter().filter_map(|found| {
            Some(Finding {
                problem: problem(&found.code)?,
                table: found.table.map(Into::into),
                row: found.row,
                sheet_row: found.sheet_row,
                column: found.column.map(Into::into),
                written: None,
            })
        });
        Examined {
            findings: findings.collect(),
            problems: self
                .counts
                .iter()
                .filter_map(|(code, count)| Some((problem(code)?, *count)))
                .collect(),
            summary: Summary {
                profile: load.source.clone(),
                year: counts.year,
                digest: load.digest,
                rows: counts.rows,
                accepted: counts.rows.saturating_sub(counts.quarantined),
                quarantined: counts.quarantined,
                others: counts.others,
                findings: load.findings_total(),
                coverage: counts.coverage,
                refused: true,
                keys: std::sync::Arc::default(),
                also: Vec::new(),
            },
        }
    }
}
