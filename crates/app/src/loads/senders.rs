//! Which agency sends files of which source.

use std::collections::BTreeMap;

use clearpicture_kernel::{AgencyId, Code};

use super::intake::{Intake, LoadFault};
use super::store;
use super::types::Load;
use crate::agencies;

impl Intake<'_> {
    /// Holds a file of a source to whoever sends such files.
    ///
    /// # Errors
    /// [`LoadFault::OtherSender`] when that is another agency than `agency`.
    pub async fn sent_rightly(&self, agency: AgencyId, source: &Code) -> Result<(), LoadFault> {
        match self.usual_instead_of(agency, source).await? {
            None => Ok(()),
            Some(usual) => Err(LoadFault::OtherSender {
                source_name: source.clone(),
                usual,
            }),
        }
    }

    /// The agency that sends files of a source, where that is known.
    pub(super) async fn sends(&self, source: Option<&Code>) -> Result<Option<AgencyId>, LoadFault> {
        match source.and_then(|source| self.senders.get(source)) {
            Some(usual) => Ok(agencies::by_code(self.store, usual.as_str()).await?),
            None => Ok(None),
        }
    }

    /// The agency that sends files of this one's source, where it is another than the one that sent it.
    pub(super) async fn other_sender(&self, load: &Load) -> Result<Option<Code>, LoadFault> {
        match &load.source {
            Some(source) => self.usual_instead_of(load.agency, source).await,
            None => Ok(None),
        }
    }

    async fn usual_instead_of(
        &self,
        agency: AgencyId,
        source: &Code,
    ) -> Result<Option<Code>, LoadFault> {
        let Some(usual) = self.senders.get(source) else {
            return Ok(None);
        };
        let known = agencies::by_code(self.store, usual.as_str()).await?;
        Ok((known != Some(agency)).then(|| usual.clone()))
    }

    /// Who sent each file that was taken in, by its name, and whose numbers its keys for children are of: of several files
    /// of one name those of the last. Files that tell of nobody are left out.
    ///
    /// # Errors
    /// [`LoadFault`] when the database fails.
    pub async fn senders(&self) -> Result<BTreeMap<String, (AgencyId, Code)>, LoadFault> {
        let scope = self.see_loads().await?;
        let senders = store::senders(self.store, &scope).await?;
        let known = senders.into_iter().filter_map(|(file, (agency, source))| {
            let mut profiles = self.profiles.iter();
            let profile = profiles.find(|profile| profile.name == source)?;
            Some((file, (agency, profile.subjects.clone()?)))
        });
        Ok(known.collect())
    }
}
