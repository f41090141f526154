//! Ids that explain themselves and cannot be mistaken for one another.
//!
//! An id is a time-ordered UUID shown as a prefix and 26 characters, for
//! example `agency_01K9XTM5V2E0Q8ZB4N7C3H6D1F`: pasted into a message it still
//! says what it is. Each kind of record has its own type, made by
//! [`define_id!`](crate::define_id):
//!
//! ```compile_fail
//! use clearpicture_kernel::{AgencyId, TeamId};
//! fn of_team(_: TeamId) {}
//! fn wrong(agency: AgencyId) {
//!     of_team(agency);
//! }
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ambient::Ambient;

/// The digits of Crockford's base 32, in which ids are shown: no I, L, O or U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SHOWN_LEN: usize = 26;

/// What every typed id can do.
pub trait TypedId: Clone + Eq + Ord + fmt::Debug + fmt::Display + Send + Sync + 'static {
    /// The word before the underscore.
    const PREFIX: &'static str;

    /// Takes the id out of its shown form.
    ///
    /// # Errors
    /// [`IdError`] when the prefix is another kind's or the rest is no id.
    fn parse(shown: &str) -> Result<Self, IdError>;

    /// The same id without its type, for the tables that hold records of every kind.
    fn record_id(&self) -> RecordId {
        RecordId(self.to_string())
    }
}

/// Why a text is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` is not an id of the kind `{prefix}`")]
pub struct IdError {
    shown: String,
    prefix: &'static str,
}

impl IdError {
    /// The error for `shown` where an id beginning with `prefix` was needed.
    pub fn new(shown: &str, prefix: &'static str) -> Self {
        Self {
            shown: shown.chars().take(40).collect(),
            prefix,
        }
    }
}

/// The id of a record of any kind, in its shown form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RecordId(String);

impl RecordId {
    /// Takes any id out of its shown form.
    ///
    /// # Errors
    /// [`IdError`] when the text is not a prefix, an underscore and 26 digits.
    pub fn parse(shown: &str) -> Result<Self, IdError> {
        let (prefix, digits) = shown
            .rsplit_once('_')
            .ok_or_else(|| IdError::new(shown, "any"))?;
        let plain = !prefix.is_empty()
            && prefix.len() <= 30
            && prefix.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        if plain && decode(digits).is_some() {
            Ok(Self(shown.to_owned()))
        } else {
            Err(IdError::new(shown, "any"))
        }
    }

    /// The shown form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The word before the underscore, which tells the kind.
    pub fn prefix(&self) -> &str {
        self.0.rsplit_once('_').map_or("", |(prefix, _)| prefix)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RecordId {
    type Error = IdError;

    fn try_from(shown: String) -> Result<Self, IdError> {
        Self::parse(&shown)
    }
}

impl From<RecordId> for String {
    fn from(id: RecordId) -> Self {
        id.0
    }
}

/// A fresh time-ordered UUID (version 7, RFC 9562).
pub fn fresh(ambient: &Ambient) -> u128 {
    let millis = ambient.now().as_millisecond().unsigned_abs();
    uuid::Builder::from_unix_timestamp_millis(millis, &ambient.bytes::<10>())
        .into_uuid()
        .as_u128()
}

/// Shows 128 bits as 26 digits, most significant first.
pub fn encode(bits: u128) -> String {
    (0..SHOWN_LEN)
        .rev()
        .map(|place| {
            let digit = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
            char::from(DIGITS.get(digit).copied().unwrap_or(b'0'))
        })
        .collect()
}

/// The 128 bits behind 26 digits; `None` for any other text.
pub fn decode(digits: &str) -> Option<u128> {
    if digits.len() != SHOWN_LEN {
        return None;
    }
    digits.bytes().try_fold(0_u128, |bits, byte| {
        let digit = DIGITS.iter().position(|known| *known == byte)?;
        bits.checked_mul(32)?
            .checked_add(u128::try_from(digit).ok()?)
    })
}

/// Defines an id type: `define_id!(FeedId, "feed", "An entry of the feed register.");`
#[macro_export]
macro_rules! define_id {
    ($name:ident, $prefix:literal, $about:literal) => {
        #[doc = $about]
        #[derive(
            Clone,
            Copy,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            $crate::id::Serialize_,
            $crate::id::Deserialize_,
        )]
        #[serde(
            try_from = "String",
            into = "String",
            crate = "clearpicture_kernel::id::serde_"
        )]
        pub struct $name(u128);

        $crate::impl_id!($name, $prefix);
    };
}

/// The body of [`define_id!`]; kept apart so that the kernel can use it on its own types.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_id {
    ($name:ident, $prefix:literal) => {
        impl $name {
            /// A fresh id, later in order than every id made before it.
            pub fn fresh(ambient: &$crate::ambient::Ambient) -> Self {
                Self($crate::id::fresh(ambient))
            }
        }

        impl $crate::id::TypedId for $name {
            const PREFIX: &'static str = $prefix;

            fn parse(shown: &str) -> Result<Self, $crate::id::IdError> {
                shown
                    .strip_prefix(concat!($prefix, "_"))
                    .and_then($crate::id::decode)
                    .map(Self)
                    .ok_or_else(|| $crate::id::IdError::new(shown, $prefix))
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!($prefix, "_{}"), $crate::id::encode(self.0))
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, f)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::id::IdError;

            fn try_from(shown: String) -> Result<Self, Self::Error> {
                <Self as $crate::id::TypedId>::parse(&shown)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

#[doc(hidden)]
pub use serde as serde_;
#[doc(hidden)]
pub use serde::{Deserialize as Deserialize_, Serialize as Serialize_};

/// One agency of the partnership: a council, a police force, a health trust, a charity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgencyId(u128);
impl_id!(AgencyId, "agency");

/// One team within an agency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TeamId(u128);
impl_id!(TeamId, "team");

/// One person who signs in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkerId(u128);
impl_id!(WorkerId, "worker");

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::ambient::{SeededRandom, SetClock};

    proptest! {
        #[test]
        fn every_number_survives_being_shown(bits: u128) {
            prop_assert_eq!(decode(&encode(bits)), Some(bits));
        }

        #[test]
        fn any_text_is_an_id_or_refused(text in ".{0,40}") {
            if let Ok(id) = RecordId::parse(&text) {
                prop_assert_eq!(id.as_str(), text);
            }
        }
    }

    #[test]
    fn ids_sort_by_the_moment_they_were_made() {
        let clock = Arc::new(SetClock::at(Timestamp::UNIX_EPOCH));
        let ambient = Ambient::new(clock.clone(), Arc::new(SeededRandom::new(1)));
        let first = AgencyId::fresh(&ambient);
        clock.set(Timestamp::from_second(1).expect("a moment"));
        assert!(first.to_string() < AgencyId::fresh(&ambient).to_string());
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let ambient = Ambient::system();
        let team = TeamId::fresh(&ambient).to_string();
        assert!(AgencyId::parse(&team).is_err());
        assert_eq!(
            RecordId::parse(&team).map(|id| id.prefix().to_owned()),
            Ok("team".to_owned())
        );
    }

    use jiff::Timestamp;
}
