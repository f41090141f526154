//! Rows of a file made ready to be laid: whom they are about, which row of the source they are, and what they say, as
//! digests beside the words.

use std::collections::BTreeSet;

use clearpicture_kernel::fact::Told;
use clearpicture_kernel::{AgencyId, Code, Date, Fact, Says};
use clearpicture_store::{Store, StoreFault};

use super::known::protects;
use crate::persons::keys;

/// Half a digest: enough that no two subjects, and no two rows of one, are the same by chance.
const LENGTH: usize = 32;

/// What is laid: a file of a source, and the day of which it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayingOf {
    /// The load.
    pub load: String,
    /// The agency that sent it.
    pub agency: AgencyId,
    /// The source, by the name of its profile.
    pub source: Code,
    /// Whose numbers the keys of its persons are.
    pub scheme: Code,
    /// The day of which it tells.
    pub as_of: Date,
}

/// A row of a file, ready to be weighed.
#[derive(Debug)]
pub struct Ready {
    pub(super) place: u64,
    pub(super) record: u64,
    pub(super) key_digest: String,
    pub(super) row: String,
    pub(super) digest: String,
    pub(super) body: Vec<u8>,
    /// The kinds of its facts, each once and in order.
    pub(super) kinds: Vec<&'static str>,
    pub(super) identifies: bool,
    pub(super) protects: bool,
    pub(super) keys: BTreeSet<String>,
}

impl Ready {
    /// Makes the row at `place` of a file ready.
    ///
    /// # Errors
    /// [`StoreFault`] when what it says cannot be written, which does not happen.
    pub fn of(
        store: &Store,
        laying: &LayingOf,
        place: u64,
        told: &Told,
    ) -> Result<Self, StoreFault> {
        let body = serde_json::to_vec(&told.facts)
            .map_err(|error| StoreFault::Database(error.to_string()))?;
        let text =
            std::str::from_utf8(&body).map_err(|error| StoreFault::Database(error.to_string()))?;
        let half = |what: &str, parts: &[&str]| half(store, what, parts);
        let digest = half("facts", &[text]);
        // A row without a key of its own is told from others by what it says.
        let own = if told.row.is_empty() {
            &digest
        } else {
            &told.row
        };
        let row = half("row", &[laying.source.as_str(), &told.table, own]);
        let says_open =
            |fact: &&Fact| matches!(fact.says, Says::Protection { .. }) && !fact.protects();
        let facts = told.facts.iter().filter(|fact| !says_open(fact));
        let mut kinds: Vec<_> = facts.map(|fact| fact.says.kind()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        Ok(Self {
            place,
            record: told.record,
            key_digest: key_digest(store, laying.agency, &laying.scheme, told.key.as_str()),
            row,
            digest,
            kinds,
            protects: protects(&told.facts),
            identifies: told
                .facts
                .iter()
                .any(|fact| identifies(fact, &laying.scheme)),
            keys: keys::of_facts(store, &told.facts),
            body,
        })
    }

    /// The record of the file that it is, or is part of.
    pub const fn record(&self) -> u64 {
        self.record
    }
}

fn half(store: &Store, what: &str, parts: &[&str]) -> String {
    let mut digest = store.keyed_digest(what, parts);
    digest.truncate(LENGTH);
    digest
}

/// What stands in the tables for the key by which an agency knows a subject.
pub(super) fn key_digest(store: &Store, agency: AgencyId, scheme: &Code, key: &str) -> String {
    half(
        store,
        "subject",
        &[&agency.to_string(), scheme.as_str(), key],
    )
}

/// Whether a fact helps to tell who somebody is, beyond the number by which its source knows them anyway.
fn identifies(fact: &Fact, scheme: &Code) -> bool {
    match &fact.says {
        Says::Identifier { scheme: of, .. } => of != scheme,
        says => matches!(
            says.kind(),
            "name" | "born" | "sex" | "address" | "protection"
        ),
    }
}
