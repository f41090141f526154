//! Keys: one for each subject and one for the deployment, wrapped by a master
//! key that is kept outside the database.
//!
//! Bodies of history are sealed with XChaCha20-Poly1305 under the key of the
//! person they are about, or of the deployment. Destroying a person's key blinds
//! every body about them and leaves the chain whole.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use clearpicture_kernel::{Ambient, RecordId};
use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

const KEY_LEN: usize = 32;
const NONCE_LEN: usize = 24;

/// Whose key seals a body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyScope {
    /// The deployment's own.
    Deployment,
    /// One person's, who can one day ask for it to be destroyed.
    Subject(RecordId),
}

impl KeyScope {
    /// The scope as a column holds it.
    pub(crate) fn column(&self) -> String {
        match self {
            Self::Deployment => "deployment".to_owned(),
            Self::Subject(id) => id.to_string(),
        }
    }
}

/// Why keys cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// The file is not there.
    #[error(
        "the master key file `{0}` is not there: put it back from where it is kept apart; without it the history cannot be read by anyone"
    )]
    Missing(PathBuf),
    /// The file or command gave something else.
    #[error(
        "the master key from {0} is not 64 hexadecimal digits: use the file that `clearpicture` made, unchanged"
    )]
    Malformed(String),
    /// The file can be read by others.
    #[error("the master key file `{0}` can be read by others: run `chmod 600` on it")]
    Exposed(PathBuf),
    /// The file or command failed.
    #[error("the master key cannot be had from {place}: {problem}")]
    Unavailable {
        /// The file or command.
        place: String,
        /// What the system said.
        problem: String,
    },
    /// It is another database's key.
    #[error(
        "the master key does not open this database: it belongs to another one, or was replaced; put back the key this database was made with"
    )]
    Wrong,
    /// A key in the database is not there.
    #[error("the key `{0}` is not in the database: it was destroyed, or the database is not whole")]
    Gone(String),
    /// A sealed body was altered, or belongs elsewhere.
    #[error("a sealed body was altered or belongs to another record")]
    Altered,
}

/// The key that wraps all others.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; KEY_LEN]>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(withheld)")
    }
}

impl MasterKey {
    /// A fresh key.
    pub fn fresh(ambient: &Ambient) -> Self {
        Self(Zeroizing::new(ambient.bytes()))
    }

    /// The key told as 64 hexadecimal digits by `place`, a file or a command.
    ///
    /// # Errors
    /// [`KeyFault::Malformed`] for anything else.
    pub fn from_hex(text: &str, place: &str) -> Result<Self, KeyFault> {
        let bytes = Zeroizing::new(
            HEXLOWER_PERMISSIVE
                .decode(text.trim().as_bytes())
                .map_err(|_| KeyFault::Malformed(place.to_owned()))?,
        );
        let key: [u8; KEY_LEN] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| KeyFault::Malformed(place.to_owned()))?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// Reads the key from a file that only its owner may read.
    ///
    /// # Errors
    /// [`KeyFault`] when the file is missing, exposed or holds something else.
    #[expect(
        clippy::disallowed_methods,
        reason = "read once, before anything is served"
    )]
    pub fn from_file(path: &Path) -> Result<Self, KeyFault> {
        let unavailable = |problem: std::io::Error| {
            if problem.kind() == std::io::ErrorKind::NotFound {
                KeyFault::Missing(path.to_owned())
            } else {
                KeyFault::Unavailable {
                    place: path.display().to_string(),
                    problem: problem.to_string(),
                }
            }
        };
        let metadata = std::fs::metadata(path).map_err(unavailable)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            if metadata.permissions().mode() & 0o077 != 0 {
                return Err(KeyFault::Exposed(path.to_owned()));
            }
        }
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unavailable)?);
        Self::from_hex(&text, &format!("`{}`", path.display()))
    }

    /// Writes the key to a new file that only its owner may read.
    ///
    /// # Errors
    /// [`KeyFault::Unavailable`] when the file exists or cannot be written.
    #[expect(
        clippy::disallowed_methods,
        reason = "written once, before anything is served"
    )]
    pub fn to_new_file(&self, path: &Path) -> Result<(), KeyFault> {
        use std::io::Write as _;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let text = Zeroizing::new(HEXLOWER_PERMISSIVE.encode(self.0.as_slice()));
        options
            .open(path)
            .and_then(|mut file| {
                writeln!(file, "{}", text.as_str())?;
                file.sync_all()
            })
            .map_err(|problem| KeyFault::Unavailable {
                place: path.display().to_string(),
                problem: problem.to_string(),
            })
    }
}

/// Seals `plain` under `key`; `context` must be given again to open it.
fn seal(key: &[u8; KEY_LEN], ambient: &Ambient, context: &[u8], plain: &[u8]) -> Vec<u8> {
    let nonce: [u8; NONCE_LEN] = ambient.bytes();
    let payload = Payload {
        msg: plain,
        aad: context,
    };
    #[expect(
        clippy::expect_used,
        reason = "sealing fails only for texts beyond 256 GiB, which no body reaches"
    )]
    let sealed = XChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&XNonce::from(nonce), payload)
        .expect("the text is short enough to seal");
    [nonce.as_slice(), &sealed].concat()
}

/// Opens what [`seal`] made.
fn open(key: &[u8; KEY_LEN], context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, KeyFault> {
    let (nonce, rest) = sealed
        .split_first_chunk::<NONCE_LEN>()
        .ok_or(KeyFault::Altered)?;
    let payload = Payload {
        msg: rest,
        aad: context,
    };
    XChaCha20Poly1305::new(&Key::from(*key))
        .decrypt(&XNonce::from(*nonce), payload)
        .map_err(|_| KeyFault::Altered)
}

/// A key as the database keeps it: wrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrappedKey {
    pub(crate) id: String,
    pub(crate) scope: String,
    pub(crate) wrapped: Vec<u8>,
}

/// A key ready for use.
#[derive(Clone)]
pub(crate) struct DataKey {
    pub(crate) id: String,
    key: Zeroizing<[u8; KEY_LEN]>,
}

impl DataKey {
    pub(crate) fn seal(&self, ambient: &Ambient, context: &[u8], plain: &[u8]) -> Vec<u8> {
        seal(&self.key, ambient, context, plain)
    }

    pub(crate) fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, KeyFault> {
        open(&self.key, context, sealed)
    }
}

/// A key for digests that whoever can only write to the database cannot make, ready to digest.
#[derive(Clone)]
pub(crate) struct DigestKey(Hmac<Sha256>);

impl DigestKey {
    /// The key for digests that belongs to `key`, from which `key` cannot be told.
    pub(crate) fn of(key: &DataKey) -> Self {
        let mut derived = mac(key.key.as_slice());
        derived.update(b"clearpicture.digest-key.1");
        let derived = Zeroizing::new(<[u8; KEY_LEN]>::from(derived.finalize().into_bytes()));
        Self(mac(derived.as_slice()))
    }

    /// The keyed digest of `bytes`, to be finished or compared in constant time.
    pub(crate) fn digest(&self, bytes: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(bytes);
        mac
    }
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    Hmac::<Sha256>::new_from_slice(key).expect("a key of any length")
}

/// The keys met so far, by id and by scope.
pub(crate) struct Vault {
    master: MasterKey,
    ambient: Ambient,
    known: Mutex<Known>,
}

/// Keys in two generations: when the newer one is full it takes the place of the older one, whose keys are forgotten.
/// So a key that was just made or used is there for a good while, whatever comes after it.
#[derive(Default)]
struct Known {
    newer: Generation,
    older: Generation,
}

#[derive(Default)]
struct Generation {
    by_id: BTreeMap<String, DataKey>,
    id_of_scope: BTreeMap<String, String>,
}

/// Keys of one generation before it counts as the older one. Far more than one batch brings.
const KEPT: usize = 10_000;

impl Known {
    fn by_id(&self, id: &str) -> Option<&DataKey> {
        let generations = [&self.newer, &self.older];
        generations
            .into_iter()
            .find_map(|generation| generation.by_id.get(id))
    }

    fn by_scope(&self, scope: &str) -> Option<&DataKey> {
        let generations = [&self.newer, &self.older];
        generations.into_iter().find_map(|generation| {
            let id = generation.id_of_scope.get(scope)?;
            generation.by_id.get(id)
        })
    }

    fn keep(&mut self, scope: &str, key: &DataKey) {
        if self.newer.by_id.len() >= KEPT {
            self.older = std::mem::take(&mut self.newer);
        }
        let newer = &mut self.newer;
        newer.id_of_scope.insert(scope.to_owned(), key.id.clone());
        newer.by_id.insert(key.id.clone(), key.clone());
    }
}

impl Vault {
    pub(crate) fn new(master: MasterKey, ambient: Ambient) -> Self {
        Self {
            master,
            ambient,
            known: Mutex::default(),
        }
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<DataKey> {
        self.lock().by_id(id).cloned()
    }

    pub(crate) fn knows(&self, id: &str) -> bool {
        self.lock().by_id(id).is_some()
    }

    pub(crate) fn by_scope(&self, scope: &str) -> Option<DataKey> {
        self.lock().by_scope(scope).cloned()
    }

    /// A fresh key for `scope`, wrapped: it is of use once it is stored and unwrapped again.
    pub(crate) fn fresh(&self, scope: &str) -> WrappedKey {
        self.make(scope).0
    }

    /// A fresh key for a scope that nobody else can know of, wrapped, and kept for use at once. It must be stored
    /// together with whatever is sealed under it, or before.
    pub(crate) fn fresh_for_new(&self, scope: &str) -> WrappedKey {
        let (wrapped, key) = self.make(scope);
        self.keep(scope, &key);
        wrapped
    }

    fn make(&self, scope: &str) -> (WrappedKey, DataKey) {
        let number = clearpicture_kernel::id::fresh(&self.ambient);
        let id = format!("key_{}", clearpicture_kernel::id::encode(number));
        let key = Zeroizing::new(self.ambient.bytes::<KEY_LEN>());
        let wrapped = WrappedKey {
            wrapped: seal(
                &self.master.0,
                &self.ambient,
                &wrapping_context(&id, scope),
                key.as_slice(),
            ),
            id: id.clone(),
            scope: scope.to_owned(),
        };
        (wrapped, DataKey { id, key })
    }

    /// Unwraps a stored key and keeps it.
    pub(crate) fn unwrap(&self, row: &WrappedKey) -> Result<DataKey, KeyFault> {
        let plain = Zeroizing::new(
            open(
                &self.master.0,
                &wrapping_context(&row.id, &row.scope),
                &row.wrapped,
            )
            .map_err(|_| KeyFault::Wrong)?,
        );
        let key: [u8; KEY_LEN] = plain.as_slice().try_into().map_err(|_| KeyFault::Wrong)?;
        let key = DataKey {
            id: row.id.clone(),
            key: Zeroizing::new(key),
        };
        self.keep(&row.scope, &key);
        Ok(key)
    }

    fn keep(&self, scope: &str, key: &DataKey) {
        self.lock().keep(scope, key);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wrapping_context(id: &str, scope: &str) -> Vec<u8> {
    format!("clearpicture.key.1\n{id}\n{scope}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_only_what_it_sealed_and_only_there() {
        let ambient = Ambient::system();
        let vault = Vault::new(MasterKey::fresh(&ambient), ambient.clone());
        let row = vault.fresh("deployment");
        let key = vault.unwrap(&row).expect("its own key");
        let sealed = key.seal(&ambient, b"feed_1/1", b"the body");
        assert_eq!(key.open(b"feed_1/1", &sealed), Ok(b"the body".to_vec()));
        assert_eq!(key.open(b"feed_1/2", &sealed), Err(KeyFault::Altered));
        let stranger = Vault::new(MasterKey::fresh(&ambient), ambient);
        assert_eq!(stranger.unwrap(&row).map(|k| k.id), Err(KeyFault::Wrong));
    }

    #[test]
    fn a_key_just_made_is_there_while_many_more_are_made() {
        let ambient = Ambient::system();
        let vault = Vault::new(MasterKey::fresh(&ambient), ambient);
        for number in 0..2 * KEPT + 10 {
            vault.fresh_for_new(&format!("subject_{number}"));
            let recent = number.saturating_sub(KEPT - 1);
            let id = vault
                .by_scope(&format!("subject_{recent}"))
                .map(|key| key.id);
            assert!(id.is_some_and(|id| vault.by_id(&id).is_some()), "{recent}");
        }
        assert!(
            vault.by_scope("subject_0").is_none(),
            "the oldest is forgotten"
        );
    }

    #[test]
    fn a_key_file_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("master.key");
        let key = MasterKey::fresh(&Ambient::system());
        assert!(matches!(
            MasterKey::from_file(&path),
            Err(KeyFault::Missing(_))
        ));
        key.to_new_file(&path).expect("written");
        assert!(MasterKey::from_file(&path).is_ok());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("changed");
        assert!(matches!(
            MasterKey::from_file(&path),
            Err(KeyFault::Exposed(_))
        ));
        assert!(MasterKey::from_hex("12", "`x`").is_err());
    }
}
