//! That a file was taken in or taken back, told to the feed register.

use std::collections::BTreeMap;

use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{AgencyId, Code, Date, Timestamp};

use super::intake::{Intake, LoadFault};
use super::types::LoadState;
use crate::feeds::{self, Heard, Less};

impl Intake<'_> {
    /// Has the register say that a file of a source came.
    pub(super) async fn register(&self, agency: AgencyId, source: &Code) {
        let profile = self.profiles.iter().find(|profile| profile.name == *source);
        let title = profile.map_or(source.as_str(), |profile| profile.title.as_str());
        let heard = Heard {
            agency,
            source: source.clone(),
            title: title.to_owned(),
            on: day_of(self.store.ambient().now()),
        };
        let product = (&self.caller, &self.purpose);
        let told = feeds::heard((self.store, self.access), product, &heard).await;
        if let Err(fault) = told {
            // The file is taken in all the same, and the next one of its source tells the register.
            tracing::error!(%fault, "the feed register does not say that a file came");
        }
    }

    /// Has the register say what is left, once a file that was taken in at `taken` was taken back.
    pub(super) async fn register_less(&self, agency: AgencyId, source: &Code, taken: Timestamp) {
        if let Err(fault) = self.try_register_less(agency, source, taken).await {
            // The file is taken back all the same, and the next one of its source tells the register.
            tracing::error!(%fault, "the feed register does not say that a file was taken back");
        }
    }

    async fn try_register_less(
        &self,
        agency: AgencyId,
        source: &Code,
        taken: Timestamp,
    ) -> Result<(), LoadFault> {
        let scope = self.see_loads().await?;
        let mut left: BTreeMap<Code, Date> = BTreeMap::new();
        for (_, load) in self.store.all_within(&scope).await? {
            if let (LoadState::Taken(taken), Some(source)) = (load.state, load.source)
                && load.agency == agency
            {
                let day = left.entry(source).or_insert(day_of(taken.at));
                *day = (*day).max(day_of(taken.at));
            }
        }
        let less = Less {
            agency,
            source: source.clone(),
            was_taken_on: day_of(taken),
            left,
        };
        let product = (&self.caller, &self.purpose);
        let told = feeds::heard_less((self.store, self.access), product, &less).await;
        told.map_err(|fault| LoadFault::Own(fault.to_string()))
    }
}
