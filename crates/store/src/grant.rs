//! Grants and bars: what stands between one caller and one record.

use clearpicture_access::{AccessClass, Kind, Sensitivity};
use clearpicture_kernel::{AgencyId, Passage, PhoneNumber, RecordId, Timestamp, define_id};
use serde::{Deserialize, Serialize};

use crate::record::{Record, Said, Stamp};

define_id!(
    GrantId,
    "grant",
    "A grant or a bar between a caller and a record."
);

/// What a grant makes of its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Their work is with this record.
    Involved,
    /// They broke the glass: a reason was given, and it ends by itself.
    BreakGlass,
    /// For them the record does not exist (safety rule 15).
    Barred,
}

impl Relation {
    /// The word in the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Involved => "involved",
            Self::BreakGlass => "break-glass",
            Self::Barred => "barred",
        }
    }
}

/// A grant or a bar, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Whom it is for: a worker or a token.
    pub holder: RecordId,
    /// The record it is about.
    pub on_record: RecordId,
    /// The agency whose record that is.
    pub owner: Option<AgencyId>,
    /// What it makes of the holder.
    pub relation: Relation,
    /// Why, in the words of whoever gave it.
    pub reason: Passage,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when; `None` until it is lifted.
    pub ends_at: Option<Timestamp>,
    /// How somebody involved is reached and whether they are named; nothing for any other relation.
    #[serde(flatten)]
    pub reached: Reached,
}

/// How somebody involved with a record is reached, and who is told of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// A number for whoever else is involved with the record (safety rule 17).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// Whether other agencies are told nothing of it, since the service must not be named (safety rule 19).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
}

impl Kind for Grant {
    const NAME: &'static str = "grant";
    const PERSONAL: bool = false;
}

impl Record for Grant {
    type Id = GrantId;
    type Row = row::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &GrantId) -> AccessClass {
        AccessClass {
            sensitivity: match self.relation {
                Relation::Involved => Sensitivity::Ordinary,
                Relation::BreakGlass => Sensitivity::Restricted,
                Relation::Barred => Sensitivity::Sensitive,
            },
            ..AccessClass::ordinary(Self::NAME, self.owner)
        }
    }

    fn row(&self, stamp: Stamp) -> row::ActiveModel {
        use sea_orm::ActiveValue::Set;
        row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            holder: Set(self.holder.to_string()),
            on_record: Set(self.on_record.to_string()),
            relation: Set(self.relation.word().to_owned()),
            starts_at: Set(self.starts_at.as_microsecond()),
            ends_at: Set(self.ends_at.map(Timestamp::as_microsecond)),
        }
    }

    fn say(&self) -> Vec<Said> {
        vec![
            Said::new("Kind", self.relation.word()),
            Said::new("Holder", self.holder.as_str()),
            Said::new("Record", self.on_record.as_str()),
            Said::new("Reason", self.reason.as_str()),
            Said::new("From", self.starts_at.to_string()),
            Said::new(
                "Until",
                self.ends_at.map(|end| end.to_string()).unwrap_or_default(),
            ),
            Said::new(
                "Number",
                self.reached
                    .phone
                    .as_ref()
                    .map_or("", |phone| phone.reveal()),
            ),
            Said::new(
                "Told to",
                if self.reached.silent {
                    "nobody of another agency"
                } else {
                    ""
                },
            ),
        ]
    }

    fn samples() -> Vec<Self> {
        let id =
            |prefix: &str| RecordId::parse(&format!("{prefix}_00000000000000000000000001")).ok();
        let reason = Passage::parse("Night duty: a call about a child of this family.").ok();
        [Relation::Involved, Relation::BreakGlass, Relation::Barred]
            .into_iter()
            .filter_map(|relation| {
                Some(Self {
                    holder: id("worker")?,
                    on_record: id("worker")?,
                    owner: None,
                    relation,
                    reason: reason.clone()?,
                    starts_at: Timestamp::UNIX_EPOCH,
                    ends_at: None,
                    reached: Reached::default(),
                })
            })
            .chain(reached())
            .collect()
    }
}

/// An involvement with a number, of a service that is not named.
fn reached() -> Option<Grant> {
    Some(Grant {
        holder: RecordId::parse("worker_00000000000000000000000001").ok()?,
        on_record: RecordId::parse("person_00000000000000000000000001").ok()?,
        owner: None,
        relation: Relation::Involved,
        reason: Passage::parse("She comes to us every Tuesday.").ok()?,
        starts_at: Timestamp::UNIX_EPOCH,
        ends_at: None,
        reached: Reached {
            phone: PhoneNumber::parse("01632 960555").ok(),
            silent: true,
        },
    })
}

/// The table of grants.
pub mod row {
    #![expect(
        missing_docs,
        reason = "columns are described on the record they project"
    )]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_grant")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub class_id: i64,
        pub holder: String,
        pub on_record: String,
        pub relation: String,
        pub starts_at: i64,
        pub ends_at: Option<i64>,
    }

    impl Model {
        /// Whether the grant counts at `now`.
        pub fn is_in_force(&self, now: clearpicture_kernel::Timestamp) -> bool {
            let now = now.as_microsecond();
            self.starts_at <= now && self.ends_at.is_none_or(|end| now < end)
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
