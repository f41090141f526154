//! What a file is read beside: the tables that its rows belong to, and the other sources of which it holds tables.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use clearpicture_ingest::{Extract, Keys, Last, Profile};
use clearpicture_kernel::{AgencyId, Code};
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
                let at = self.at(load.id, "taken").await?;
                let layout = Layout {
                    profile: at.load.source.clone(),
                    year: at.load.counts.as_ref().and_then(|counts| counts.year),
                };
                let read = self.read_once(load.id, &at.load, &layout, Beside::default());
                keys.get_or_insert_default().add(&read.await?.summary.keys);
            }
            known.extend(keys.map(|keys| (other.to_owned(), Arc::new(keys))));
        }
        Ok(known)
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
            self.receive_as(load.agency, &load.file, Some(source.clone()), pieces)
                .await?;
        }
        Ok(())
    }

    /// Whether these very bytes wait to be read, or were read, as this source's.
    async fn is_kept(&self, load: &Load, source: &Code) -> Result<bool, LoadFault> {
        let scope = self.see_loads().await?;
        let digest = load.digest.to_string();
        for state in [
            LoadState::Received.code(),
            "waiting",
            "refused",
            "other-sender",
        ] {
            let there = store::in_state(self.store, &scope, load.agency, state).await?;
            if there
                .iter()
                .any(|one| one.source == *source && one.digest == digest)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
