//! That a file was taken in, told to the feed register.

use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{AgencyId, Code};

use super::intake::Intake;
use crate::feeds::{self, Heard};

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
}
