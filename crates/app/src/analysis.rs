//! Analysis tables filled from history: each capability says how its records and facts become rows, and this reads on
//! from where the tables end.

use std::collections::BTreeMap;

use clearpicture_access::{Access, Action, Caller, Purpose, Scope};
use clearpicture_kernel::analysis::{KeepFault, Keeper};
use clearpicture_kernel::{AnalysisRow, AnalysisTable, AnalysisValue, Code, Reach};
use clearpicture_store::{Onward, Record, Store, StoreFault};
use futures_util::future::BoxFuture;

use crate::capability::Capability;

/// The name under which the product reads what is counted.
const CALLER: &str = "analysis";
/// The code of the purpose for which it does.
const PURPOSE: &str = "partnership-data";
/// The most records or rows that are read at once.
const AT_ONCE: u64 = 5_000;

/// A table that measures may count, and how history becomes its rows.
#[derive(Clone, Copy)]
pub struct Analysed {
    /// The table.
    pub table: AnalysisTable,
    /// Reads a stretch of it.
    pub read: for<'a> fn(&'a Source<'a>, Onward) -> BoxFuture<'a, Result<Stretch, StoreFault>>,
}

impl std::fmt::Debug for Analysed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.table.name)
    }
}

/// Some rows of a table, and where reading goes on.
#[derive(Debug)]
pub struct Stretch {
    /// The rows.
    pub rows: Vec<AnalysisRow>,
    /// Where the next begin; `None` when these are the last.
    pub next: Option<Onward>,
}

impl Stretch {
    /// The rows made of what one question answered; `last` is the entry, and the row where the entry may hold more, that
    /// came last in the answer, and `answered` how much did.
    pub fn of(
        rows: Vec<AnalysisRow>,
        asked: &Onward,
        answered: usize,
        last: Option<(i64, Option<String>)>,
    ) -> Self {
        let is_full = u64::try_from(answered).is_ok_and(|answered| answered >= asked.most);
        let next = last.filter(|_| is_full).map(|(after, row)| Onward {
            after,
            row,
            ..asked.clone()
        });
        Self { rows, next }
    }
}

/// History, as the product reads it for what is counted.
pub struct Source<'a> {
    /// The database.
    pub store: &'a Store,
    /// The service of whose work each source tells, by the names of their profiles.
    services: &'a BTreeMap<Code, Code>,
    access: &'a Access,
    caller: Caller,
    purpose: Purpose,
}

#[cfg(test)]
impl<'a> Source<'a> {
    /// History as the product reads it, for a test.
    pub(crate) fn of(
        store: &'a Store,
        access: &'a Access,
        services: &'a BTreeMap<Code, Code>,
    ) -> Self {
        Self {
            store,
            services,
            access,
            caller: Caller::system(CALLER),
            purpose: Purpose {
                code: Code::parse(PURPOSE).unwrap(),
                marked: false,
            },
        }
    }
}

impl Source<'_> {
    /// The service of whose work a source tells.
    pub fn service(&self, source: &Code) -> Option<AnalysisValue> {
        let service = self.services.get(source);
        service.cloned().map(AnalysisValue::Code)
    }

    /// What of a kind may be read.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn scope<A>(&self) -> Result<Scope<A>, StoreFault>
    where
        A: Action,
        A::On: Record,
    {
        self.store
            .scope(self.access, &self.caller, &self.purpose)
            .await
    }
}

/// What a refresh came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refreshed {
    /// The rows that were added.
    pub rows: u64,
    /// How far the tables go now.
    pub reach: Reach,
    /// Whether they were made anew from the first entry on.
    pub anew: bool,
}

/// Where a refresh begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// Where the tables end.
    WhereTheyEnd,
    /// At the first entry, as if there were no tables.
    TheFirstEntry,
}

/// Why the tables were left as they were.
#[derive(Debug, thiserror::Error)]
pub enum RefreshFault {
    /// History cannot be read.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The tables cannot be kept.
    #[error(transparent)]
    Keep(#[from] KeepFault),
    /// Something of our own does not fit.
    #[error("the refresh holds a mistake: {0}")]
    Own(String),
}

/// The analysis tables of these capabilities.
pub fn tables(capabilities: &[Capability]) -> Vec<AnalysisTable> {
    let analysed = capabilities.iter().flat_map(|one| &one.analysis);
    analysed.map(|analysed| analysed.table).collect()
}

/// Brings the analysis tables as far as history goes now. `services` says of whose work each source tells.
///
/// # Errors
/// [`RefreshFault`]; then the tables are as they were.
pub async fn refresh(
    store: &Store,
    access: &Access,
    capabilities: &[Capability],
    services: &BTreeMap<Code, Code>,
    keeper: &(impl Keeper + ?Sized),
    from: From,
) -> Result<Refreshed, RefreshFault> {
    let source = Source {
        store,
        services,
        access,
        caller: Caller::system(CALLER),
        purpose: Purpose {
            code: Code::parse(PURPOSE).map_err(|error| RefreshFault::Own(error.to_string()))?,
            marked: false,
        },
    };
    let declared = tables(capabilities);
    let mut gathering = keeper.gather(&declared).await?;
    let reach = store.reach().await?;
    let kept = match gathering.kept() {
        Some(kept) if from == From::WhereTheyEnd && store.reaches(kept).await? => Some(kept),
        _ => None,
    };
    let mut refreshed = Refreshed {
        rows: 0,
        reach,
        anew: kept.is_none(),
    };
    if kept == Some(reach) {
        return Ok(refreshed);
    }
    if refreshed.anew {
        gathering.anew();
    }
    for analysed in capabilities.iter().flat_map(|one| &one.analysis) {
        let mut next = Some(Onward {
            after: kept.map_or(0, |kept| kept.seq),
            row: None,
            to: reach.seq,
            most: AT_ONCE,
        });
        while let Some(onward) = next {
            let stretch = (analysed.read)(&source, onward).await?;
            refreshed.rows += u64::try_from(stretch.rows.len()).unwrap_or_default();
            gathering.add(&analysed.table, stretch.rows).await?;
            next = stretch.next;
        }
    }
    gathering.finish(reach).await?;
    Ok(refreshed)
}
