//! Sealing a few bytes that pass through an ephemeral table, such as a secret
//! between two pages of a form. They are no history: a record's body is sealed
//! by the write path.

use crate::fault::StoreFault;
use crate::keys::KeyScope;
use crate::open::Store;

impl Store {
    /// Seals `plain` under the deployment's key; `context` must be given again to open it.
    ///
    /// # Errors
    /// [`StoreFault`] when the key cannot be had.
    pub async fn seal_small(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, StoreFault> {
        let key = self.key_of(&KeyScope::Deployment).await?;
        Ok(key.seal(self.ambient(), &bound(context), plain))
    }

    /// Opens what [`Store::seal_small`] made.
    ///
    /// # Errors
    /// [`StoreFault`] when it was altered or sealed for another context.
    pub async fn open_small(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, StoreFault> {
        let key = self.key_of(&KeyScope::Deployment).await?;
        Ok(key.open(&bound(context), sealed)?)
    }
}

/// Nothing sealed here can be passed off as a body of history.
fn bound(context: &str) -> Vec<u8> {
    format!("clearpicture.small.1\n{context}").into_bytes()
}
