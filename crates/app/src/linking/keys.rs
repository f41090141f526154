//! Search keys of whoever is held already, made anew when facts give others than they did: linkage finds by them, and so
//! does whoever looks for a child.

use clearpicture_linkage::children::Model;
use clearpicture_store::Batch;

use super::run::{LinkFault, Linking, Outcome};
use super::types::LinkRunId;
use crate::persons::{self, SeePerson};
use crate::state::App;

/// So many hundreds of subjects are gone through before what they lack is kept.
const PAGES: usize = 10;

/// The job's work.
pub(super) async fn make(app: App) -> Result<String, String> {
    let model = &app.practice().linkage;
    let made = match Linking::new(app.store(), app.access()) {
        Ok(linking) => linking.make_keys(model).await,
        Err(fault) => Err(fault),
    };
    let is_made = made.map_err(|fault| fault.to_string())?;
    Ok(match is_made {
        true => "everyone can be found by all that is told of them now",
        false => "nothing was to be made",
    }
    .to_owned())
}

impl Linking<'_> {
    /// Makes the keys that anyone lacks, unless everyone has those of this edition. Cut short, it begins anew and finds
    /// less to do.
    pub(super) async fn make_keys(&self, model: &Model) -> Result<bool, LinkFault> {
        let scope = self.scope::<SeePerson>().await?;
        if persons::keys_are_made(self.store, &scope).await? {
            return Ok(false);
        }
        let mut after = None;
        loop {
            let mut batch = Batch::default();
            for _ in 0..PAGES {
                after = persons::bring_keys(self.store, &scope, &mut batch, after).await?;
                if after.is_none() {
                    break;
                }
            }
            let id = LinkRunId::fresh(self.store.ambient());
            if after.is_none() {
                persons::bring_edition(self.store, &mut batch, &id.to_string());
            }
            if !batch.is_empty() {
                let run = self.prepare_run(&id, model, Outcome::default(), None, batch);
                self.store.commit(vec![run.await?]).await?;
            }
            if after.is_none() {
                return Ok(true);
            }
        }
    }
}
