//! What a file is read beside: the tables that its rows belong to, and the other sources of which it holds tables.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clearpicture_ingest::{Extract, Keys, Last, Profile};
use clearpicture_kernel::{AgencyId, Code, Digest};
use futures_util::stream;

use super::intake::{Intake, Layout, LoadFault};
use super::store;
use super::types::{Load, LoadId, LoadState};

/// The keys of rows that others belong to, by the name of their source.
pub type Known = BTreeMap<String, Arc<Keys>>;

/// What a file is read beside.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    /// Whether findings tell what stands in their places.
    pub(super) values: bool,
    /// What the last file of each source was like.
    pub(super) last: BTreeMap<Code, Last>,
    /// The keys of rows that its own belong to.
    pub(super) known: Known,
}

/// So many digests of keys are kept at most, of eight bytes each.
const MOST_KEPT: usize = 8_000_000;

/// A file of these bytes, in which so many values were put right.
type Which = (LoadId, Digest, usize);

/// The keys of files that were read, in memory alone: a source of which every file counts would else have all of them opened
/// and read again for each file that belongs to it.
#[derive(Debug, Default)]
struct AllRead {
    last_first: VecDeque<(Which, Arc<Keys>)>,
}

impl AllRead {
    fn of(&mut self, which: &Which) -> Option<Arc<Keys>> {
        let place = self.last_first.iter().position(|(one, _)| one == which)?;
        let found = self.last_first.remove(place)?;
        let keys = Arc::clone(&found.1);
        self.last_first.push_front(found);
        Some(keys)
    }

    fn keep(&mut self, which: Which, keys: Arc<Keys>) {
        self.last_first.push_front((which, keys));
        let mut left = MOST_KEPT;
        self.last_first.retain(|(_, keys)| {
            // A file without a key takes its room as well.
            let fits = left.checked_sub(keys.count() + 1);
            left = fits.unwrap_or_default();
            fits.is_some()
        });
    }
}

static ALL_READ: Mutex<AllRead> = Mutex::new(AllRead {
    last_first: VecDeque::new(),
});

fn all_read() -> MutexGuard<'static, AllRead> {
    ALL_READ.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Intake<'_> {
    /// The keys of what is held from the agency of the sources that rows of `source` belong to; none of a source of which
    /// nothing is held. Of sources whose files hold all there is, the file of the latest day counts.
    ///
    /// # Errors
    /// [`LoadFault`] when the database fails.
    pub async fn known(&self, agency: AgencyId, source: Option<&Code>) -> Result<Known, LoadFault> {
        let mut known = Known::new();
        for other in self.belongs_to(source) {
            let Some(profile) = self.profiles.iter().find(|one| one.name.as_str() == other) else {
                continue;
            };
            let mut taken = self.earlier(agency, &profile.name).await?;
            taken.sort_by_key(|load| load.as_of);
            if profile.extract == Extract::Full {
                taken = taken.pop().into_iter().collect();
            }
            let mut keys: Option<Keys> = None;
            for load in taken {
                match self.keys_of(load.id).await {
                    Ok(of) => keys.get_or_insert_default().add(&of),
                    // Somebody took it back meanwhile.
                    Err(LoadFault::Elsewhere) => {}
                    Err(fault) => return Err(fault),
                }
            }
            known.extend(keys.map(|keys| (other.to_owned(), Arc::new(keys))));
        }
        Ok(known)
    }

    /// The keys of the rows of a file that was taken in: read once, and kept for the next file that belongs to them.
    async fn keys_of(&self, id: LoadId) -> Result<Arc<Keys>, LoadFault> {
        let at = self.at(id, "taken").await?;
        let which = (id, at.load.digest, at.load.corrections.len());
        if let Some(keys) = all_read().of(&which) {
            return Ok(keys);
        }
        let layout = Layout {
            profile: at.load.source.clone(),
            year: at.load.counts.as_ref().and_then(|counts| counts.year),
        };
        let read = self.read_once(id, &at.load, &layout, Beside::default());
        let keys = read.await?.summary.keys;
        all_read().keep(which, Arc::clone(&keys));
        Ok(keys)
    }

    /// The sources that rows of this one belong to.
    pub(super) fn belongs_to(&self, source: Option<&Code>) -> BTreeSet<&str> {
        let own = self.profiles.iter().find(|one| Some(&one.name) == source);
        own.into_iter().flat_map(Profile::belongs_to).collect()
    }

    /// Keeps a file once more for each of the other sources of which it holds tables: each is read, decided on and laid by
    /// itself. One that is kept already is not kept again.
    pub(super) async fn keep_for_others(
        &self,
        id: LoadId,
        load: &Load,
        sources: &[Code],
    ) -> Result<(), LoadFault> {
        for source in sources {
            if self.is_kept(load, source).await? {
                continue;
            }
            let scope = self.see_loads().await?;
            let (store, scope, id) = (self.store, &scope, &id);
            let pieces = stream::try_unfold(0_u64, |place| async move {
                let piece = store::piece(store, scope, id, place).await;
                let piece = piece.map_err(io::Error::other)?;
                Ok((!piece.is_empty()).then_some((piece, place + 1)))
            });
            let once_more = Load {
                source: Some(source.clone()),
                by_source: load.by_source,
                ..self.on_its_way(load.agency, &load.file)
            };
            self.receive_as(once_more, pieces).await?;
        }
        Ok(())
    }

    /// Whether these very bytes wait to be read, or were read, as this source's.
    async fn is_kept(&self, load: &Load, source: &Code) -> Result<bool, LoadFault> {
        let scope = self.see_loads().await?;
        let digest = load.digest.to_string();
        let sends = match load.by_source {
            true => self.sends(Some(source)).await?,
            false => None,
        };
        for agency in [Some(load.agency), sends].into_iter().flatten() {
            for state in [
                LoadState::Received.code(),
                "waiting",
                "refused",
                "other-sender",
            ] {
                let there = store::in_state(self.store, &scope, agency, state).await?;
                if there
                    .iter()
                    .any(|one| one.source == *source && one.digest == digest)
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use clearpicture_kernel::Ambient;

    use super::*;

    #[test]
    fn keys_are_kept_for_the_file_as_it_was_read_and_no_more_than_fit() {
        let ambient = Ambient::system();
        let mut all = AllRead::default();
        let which = |corrections| (LoadId::fresh(&ambient), Digest::ZERO, corrections);
        let first = which(0);
        all.keep(first, Arc::default());
        assert!(all.of(&first).is_some());
        assert!(all.of(&(first.0, first.1, 1)).is_none(), "put right since");
        all.last_first = std::iter::repeat_with(|| (which(0), Arc::default()))
            .take(10)
            .collect();
        let most: Keys = (0..MOST_KEPT as u64 - 4).collect();
        let large = which(0);
        all.keep(large, Arc::new(most));
        assert!(all.of(&large).is_some());
        assert_eq!(all.last_first.len(), 4, "the oldest make room");
    }
}
