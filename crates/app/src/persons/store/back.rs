//! Taking back: layings that stand no more, so that what stood before them stands again.
//!
//! Nothing that was told is deleted. A laying that is *undone* has a row in the table `undone`, and no reader looks at what
//! it told from then on. What later files told was weighed beside it, so those are laid again without it, and all of that is
//! seen in one moment.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Scope;
use clearpicture_kernel::{AgencyId, Code, Date};
use clearpicture_store::{Batch, Store, StoreFault};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::laying::Laying;
use super::ready::LayingOf;
use super::remake::is_empty;
use super::rows::day;
use super::tables::{laid, undone};
use crate::persons::types::SeePerson;

/// A laying that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Laid {
    /// The laying.
    pub laying: i64,
    /// The load whose file was laid.
    pub load: String,
    /// The day of which it tells.
    pub as_of: Date,
}

/// What has to be undone, and done again, for a load to be as if it had never been laid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undoing {
    /// The layings that stand no more.
    pub layings: Vec<i64>,
    /// The other loads among them, in the order in which they are to be laid again.
    pub again: Vec<String>,
}

impl Undoing {
    /// What it takes to undo the layings of `load`; `standing` are all layings of its source that stand, in the order in
    /// which they were laid.
    ///
    /// Whatever was laid after it was weighed beside it. It is undone too, and laid again in the order of days; so nothing
    /// of a later day may stand below what is laid again, and where something does, that is laid again as well.
    pub fn of(standing: &[Laid], load: &str) -> Self {
        let Some(mut cut) = standing.iter().position(|laid| laid.load == load) else {
            return Self::default();
        };
        loop {
            let (below, above) = standing.split_at(cut);
            let again: BTreeSet<&str> = above.iter().map(|laid| laid.load.as_str()).collect();
            let earliest = above.iter().map(|laid| laid.as_of).min();
            let is_bound = |laid: &Laid| {
                again.contains(laid.load.as_str()) || earliest.is_some_and(|day| laid.as_of > day)
            };
            match below.iter().position(is_bound) {
                Some(lower) => cut = lower,
                None => break,
            }
        }
        let (_, above) = standing.split_at(cut);
        let mut days: BTreeMap<&str, (Date, usize)> = BTreeMap::new();
        for (place, laid) in above.iter().enumerate() {
            days.entry(&laid.load).or_insert((laid.as_of, place));
        }
        days.remove(load);
        let mut again: Vec<(&str, (Date, usize))> = days.into_iter().collect();
        again.sort_by_key(|(_, order)| *order);
        Self {
            layings: above.iter().map(|laid| laid.laying).collect(),
            again: again.into_iter().map(|(load, _)| load.to_owned()).collect(),
        }
    }
}

/// The layings of a source that stand, in the order in which they were laid.
///
/// # Errors
/// [`StoreFault`] when the database fails.
pub async fn laid_of(
    store: &Store,
    scope: &Scope<SeePerson>,
    agency: AgencyId,
    source: &Code,
) -> Result<Vec<Laid>, StoreFault> {
    let (standing, _) = of_source(store, scope, agency, source).await?;
    let laid = standing.into_iter().map(|model| {
        Ok(Laid {
            as_of: day(&model.id, &model.as_of)?,
            laying: model.laying,
            load: model.load_id,
        })
    });
    laid.collect()
}

/// The layings of a source that stand, in their order, and how many there ever were.
async fn of_source(
    store: &Store,
    scope: &Scope<SeePerson>,
    agency: AgencyId,
    source: &Code,
) -> Result<(Vec<laid::Model>, i64), StoreFault> {
    let select = laid::Entity::find()
        .filter(laid::Column::AgencyId.eq(agency.to_string()))
        .filter(laid::Column::Source.eq(source.as_str()))
        .order_by_asc(laid::Column::Seq);
    let mut all = store.brought_within(scope, select).await?;
    let ever = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let select = undone::Entity::find();
    let undone = store.brought_within(scope, select).await?;
    let undone: BTreeSet<i64> = undone.into_iter().map(|row| row.laying).collect();
    all.retain(|laid| !undone.contains(&laid.laying));
    Ok((all, ever))
}

/// Puts into a batch that these layings stand no more, since a load is taken back.
pub fn undo(batch: &mut Batch, layings: &[i64], load: &str) {
    for laying in layings {
        batch.add(undone::ActiveModel {
            id: Set(laying.to_string()),
            seq: NotSet,
            laying: Set(*laying),
            load_id: Set(load.to_owned()),
        });
    }
}

impl Laying {
    /// Begins to lay a file beside what stands now; `number` is that of the entry that says so, or nought to try what
    /// would come of it.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn begin(
        store: &Store,
        scope: &Scope<SeePerson>,
        of: LayingOf,
        number: i64,
    ) -> Result<Self, StoreFault> {
        Self::begin_without(store, scope, of, number, &Undoing::default(), &[]).await
    }

    /// The same, as if `undoing` were done already, and after `others` that were laid again for it and are not seen yet.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn begin_without(
        store: &Store,
        scope: &Scope<SeePerson>,
        of: LayingOf,
        number: i64,
        undoing: &Undoing,
        others: &[(i64, Date)],
    ) -> Result<Self, StoreFault> {
        let (standing, ever) = of_source(store, scope, of.agency, &of.source).await?;
        let mut earlier: BTreeMap<i64, Date> = others.iter().copied().collect();
        for model in standing {
            if !undoing.layings.contains(&model.laying) {
                earlier.insert(model.laying, day(&model.id, &model.as_of)?);
            }
        }
        let place = ever.saturating_add(i64::try_from(others.len()).unwrap_or(i64::MAX));
        let is_first = is_empty(store, scope).await?;
        Ok(Self::new(of, number, earlier, place, is_first))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn laid(all: &[(i64, &str, i8)]) -> Vec<Laid> {
        let one = |(laying, load, day): &(i64, &str, i8)| Laid {
            laying: *laying,
            load: (*load).to_owned(),
            as_of: date(2026, 10, *day),
        };
        all.iter().map(one).collect()
    }

    fn undoing(standing: &[(i64, &str, i8)], load: &str) -> (Vec<i64>, Vec<String>) {
        let undoing = Undoing::of(&laid(standing), load);
        (undoing.layings, undoing.again)
    }

    #[test]
    fn what_was_laid_after_is_laid_again_in_the_order_of_days() {
        let three = [(1, "a", 1), (2, "b", 2), (3, "c", 3)];
        assert_eq!(undoing(&three, "c"), (vec![3], vec![]));
        assert_eq!(undoing(&three, "b"), (vec![2, 3], vec!["c".to_owned()]));
        assert_eq!(undoing(&three, "none"), (vec![], vec![]));
    }

    #[test]
    fn nothing_of_a_later_day_stands_below_what_is_laid_again() {
        // `b` came late, so that `c` was laid again.
        let late = [(1, "a", 1), (2, "c", 3), (3, "b", 2), (4, "c", 3)];
        let all = |loads: [&str; 1]| loads.map(str::to_owned).to_vec();
        assert_eq!(undoing(&late, "b"), (vec![2, 3, 4], all(["c"])));
        assert_eq!(undoing(&late, "c"), (vec![2, 3, 4], all(["b"])));
        let (layings, again) = undoing(&late, "a");
        assert_eq!(
            (layings, again),
            (vec![1, 2, 3, 4], vec!["b".to_owned(), "c".to_owned()])
        );
    }
}
