//! What a token is, what it may do, and the secret that its bearer keeps.

use std::collections::BTreeSet;
use std::fmt;

use clearpicture_access::{AccessClass, Kind, actions};
use clearpicture_kernel::{AgencyId, Ambient, Code, Digest, Line, Timestamp, define_id};
use clearpicture_store::{Record, Said, Stamp, Store};
use data_encoding::BASE64URL_NOPAD;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::store::row;
use crate::history::Shown;
use crate::words;

define_id!(TokenId, "token", "An API token of an agency's system.");

/// What the secret begins with, so that one left in a file or a message is recognised.
const PREFIX: &str = "cp_";

/// What a token may be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ApiScope {
    /// To read the feed register.
    #[serde(rename = "feeds:read")]
    FeedsRead,
    /// To keep the agency's own feeds.
    #[serde(rename = "feeds:write")]
    FeedsWrite,
    /// To send in the agency's own files, and to see what became of them.
    #[serde(rename = "loads:write")]
    LoadsWrite,
}

impl ApiScope {
    /// Every scope, in the order of lists.
    pub const ALL: [Self; 3] = [Self::FeedsRead, Self::FeedsWrite, Self::LoadsWrite];

    /// The scope's code: `feeds:read`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::FeedsRead => "feeds:read",
            Self::FeedsWrite => "feeds:write",
            Self::LoadsWrite => "loads:write",
        }
    }

    /// The scope with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.code() == code)
    }

    /// The scope in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::FeedsRead => "read the feed register",
            Self::FeedsWrite => "keep its own feeds",
            Self::LoadsWrite => "send in its own files",
        }
    }

    /// The role it gives, which policies name: `api-feeds-read`.
    pub fn role(self) -> Option<Code> {
        Code::parse(&format!("api-{}", self.code().replace(':', "-"))).ok()
    }
}

/// The secret of a token. Its debug form tells nothing; it is shown once, where it is made.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(withheld)")
    }
}

impl Secret {
    /// A fresh secret of 256 bits.
    pub fn fresh(ambient: &Ambient) -> Self {
        Self(format!(
            "{PREFIX}{}",
            BASE64URL_NOPAD.encode(&ambient.bytes::<32>())
        ))
    }

    /// The secret that a caller sends; `None` for text of any other shape.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.strip_prefix(PREFIX)?.as_bytes());
        (bytes.ok()?.len() == 32).then(|| Self(text.to_owned()))
    }

    /// Shows it, once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it: under the deployment's key, so that none can be planted in the table.
    pub fn digest(&self, store: &Store) -> String {
        store.keyed_digest("token", &[&self.0])
    }
}

/// One API token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The agency whose system bears it.
    pub agency: AgencyId,
    /// What it is for.
    pub label: Line,
    /// What it may do.
    pub scopes: BTreeSet<ApiScope>,
    /// The keyed digest of its secret.
    pub digest: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Whether it still works.
    pub active: bool,
}

impl Token {
    /// What it may do, in words.
    pub fn scopes_in_words(&self) -> String {
        let words: Vec<&str> = self.scopes.iter().map(|scope| scope.words()).collect();
        words.join(", ")
    }
}

impl Kind for Token {
    const NAME: &'static str = "token";
    const PERSONAL: bool = false;
}

actions! { pub on Token:
    see SeeToken = "tokens.see", "see which systems of an agency may call";
    add AddToken = "tokens.add", "make an API token for an agency's system";
    change RevokeToken = "tokens.revoke", "take an API token's access away";
}

impl Record for Token {
    type Id = TokenId;
    type Row = row::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &TokenId) -> AccessClass {
        AccessClass::ordinary(Self::NAME, Some(self.agency))
    }

    fn row(&self, stamp: Stamp) -> row::ActiveModel {
        let codes: Vec<&str> = self.scopes.iter().map(|scope| scope.code()).collect();
        row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            agency_id: Set(self.agency.to_string()),
            label: Set(self.label.to_string()),
            scopes: Set(codes.join(" ")),
            digest: Set(self.digest.clone()),
            made_at: Set(self.made_at.as_microsecond()),
            active: Set(self.active),
        }
    }

    fn say(&self) -> Vec<Said> {
        vec![
            Said::new("What it is for", self.label.as_str()),
            Said::new("It may", self.scopes_in_words()),
            Said::new("Made", words::moment(self.made_at)),
            Said::new("Works", if self.active { "yes" } else { "no longer" }),
        ]
    }

    fn samples() -> Vec<Self> {
        let sample = |label: &str, scopes: &[ApiScope], active| {
            Some(Self {
                agency: clearpicture_kernel::TypedId::parse("agency_00000000000000000000000001")
                    .ok()?,
                label: Line::parse(label).ok()?,
                scopes: scopes.iter().copied().collect(),
                digest: Digest::of_parts(&[label.as_bytes()]).to_string(),
                made_at: Timestamp::UNIX_EPOCH,
                active,
            })
        };
        [
            sample("Nightly feed report", &ApiScope::ALL, true),
            sample("Old <script>system", &[ApiScope::FeedsRead], false),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Shown for Token {
    fn title(&self) -> String {
        self.label.to_string()
    }

    fn href(id: &TokenId) -> String {
        format!("/tokens/{id}")
    }

    fn list() -> (&'static str, &'static str) {
        ("API tokens", "/tokens")
    }
}
