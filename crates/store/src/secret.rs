//! What keeps tables without a history honest: sealing a few bytes that pass
//! through one, such as a secret between two pages of a form, and digests that
//! only this deployment can make. They are no history: a record's body is sealed
//! by the write path.

use clearpicture_kernel::Digest;
use data_encoding::HEXLOWER;
use hmac::Mac as _;

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

impl Store {
    /// A digest of `parts` for the use that `what` names, under a key of this deployment's own: whoever can write to
    /// the database, and has no key, cannot make one.
    pub fn keyed_digest(&self, what: &str, parts: &[&str]) -> String {
        let mac = self.inner.digests.digest(&told(what, parts)).finalize();
        HEXLOWER.encode(&mac.into_bytes())
    }

    /// The number that stands for an id where nothing may tell whose it is: the same each time, and only this
    /// deployment can make it.
    pub fn surrogate(&self, id: &str) -> i64 {
        let mac = self.inner.digests.digest(&told("surrogate", &[id]));
        let digest = mac.finalize().into_bytes();
        let first = digest.first_chunk().copied().unwrap_or_default();
        // One bit less than there is room for: never negative, and as good as never the same for two.
        i64::from_be_bytes(first) & i64::MAX
    }

    /// Whether `claimed` is the [`Store::keyed_digest`] of `parts`, compared in constant time.
    pub fn is_keyed_digest(&self, claimed: &str, what: &str, parts: &[&str]) -> bool {
        let mac = self.inner.digests.digest(&told(what, parts));
        let claimed = HEXLOWER.decode(claimed.as_bytes());
        claimed.is_ok_and(|claimed| mac.verify_slice(&claimed).is_ok())
    }
}

/// The use and the parts as one, so that no two lists of them run into one another.
fn told(what: &str, parts: &[&str]) -> [u8; Digest::LEN] {
    let mut all = vec![what.as_bytes()];
    all.extend(parts.iter().map(|part| part.as_bytes()));
    *Digest::of_parts(&all).as_bytes()
}

/// Nothing sealed here can be passed off as a body of history.
fn bound(context: &str) -> Vec<u8> {
    format!("clearpicture.small.1\n{context}").into_bytes()
}
