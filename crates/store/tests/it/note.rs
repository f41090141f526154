//! A small kind of record that has one of everything a table can hold.

use clearpicture_access::{AccessClass, Kind, actions};
use clearpicture_kernel::{AgencyId, Line, Passage, RecordId, Timestamp, define_id};
use clearpicture_store::schema::{Migration, Step, Table, TableClass, bytes, flag, integer, text};
use clearpicture_store::{Grant, Holdings, KeyScope, Record, RecordSpec, Said, Stamp};
use serde::{Deserialize, Serialize};

define_id!(NoteId, "note", "A note.");

/// A note about somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) owner: AgencyId,
    /// Unlike every other note's.
    pub(crate) title: Line,
    pub(crate) text: Passage,
    pub(crate) urgent: bool,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) mark: Option<Vec<u8>>,
    /// Whose key seals it.
    pub(crate) about: Option<RecordId>,
}

impl Note {
    pub(crate) fn new(owner: AgencyId, title: &str) -> Self {
        Self {
            owner,
            title: Line::parse(title).expect("a line"),
            text: Passage::parse("Jordan Example was seen at the station.").expect("a passage"),
            urgent: false,
            due_at: None,
            mark: None,
            about: None,
        }
    }

    pub(crate) fn saying(&self, text: &str) -> Self {
        Self {
            text: Passage::parse(text).expect("a passage"),
            ..self.clone()
        }
    }
}

impl Kind for Note {
    const NAME: &'static str = "note";
    const PERSONAL: bool = true;
}

impl Record for Note {
    type Id = NoteId;
    type Row = row::Entity;
    const BODY_VERSION: u16 = 1;

    fn class(&self, _: &NoteId) -> AccessClass {
        AccessClass::ordinary(Self::NAME, Some(self.owner))
    }

    fn key_scope(&self, _: &NoteId) -> KeyScope {
        self.about
            .clone()
            .map_or(KeyScope::Deployment, KeyScope::Subject)
    }

    fn row(&self, stamp: Stamp) -> row::ActiveModel {
        use sea_orm::ActiveValue::Set;
        row::ActiveModel {
            id: Set(stamp.id),
            version: Set(stamp.version),
            class_id: Set(stamp.class_id),
            title: Set(self.title.to_string()),
            urgent: Set(self.urgent),
            due_at: Set(self.due_at.map(Timestamp::as_microsecond)),
            mark: Set(self.mark.clone()),
        }
    }

    fn say(&self) -> Vec<Said> {
        vec![
            Said::new("Title", self.title.as_str()),
            Said::new("Text", self.text.as_str()),
        ]
    }

    fn samples() -> Vec<Self> {
        use clearpicture_kernel::TypedId as _;
        AgencyId::parse("agency_00000000000000000000000001")
            .map(|owner| Self::new(owner, "A sample"))
            .into_iter()
            .collect()
    }
}

pub(crate) mod row {
    #![expect(unreachable_pub, reason = "what SeaORM derives is public")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "note")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub version: i64,
        pub class_id: i64,
        pub title: String,
        pub urgent: bool,
        pub due_at: Option<i64>,
        pub mark: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An ephemeral table: who sits where.
pub(crate) mod seat {
    #![expect(unreachable_pub, reason = "what SeaORM derives is public")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "seat")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub holder: String,
        pub taken_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

actions! { pub(crate) on Note:
    see SeeNote = "notes.see", "see a note";
    add AddNote = "notes.add", "write a note";
    change EditNote = "notes.edit", "change a note";
}

actions! { pub(crate) on Grant:
    add GiveGrant = "grants.give", "give a grant";
}

pub(crate) const POLICIES: &str = r#"
@id("own-agency")
permit (principal, action in [Action::"notes.see", Action::"notes.add", Action::"notes.edit"], resource)
when { principal.agency == resource.owner };

@id("anyone-gives")
permit (principal, action == Action::"grants.give", resource);
"#;

/// The test's own tables and kinds: a release of its own, after the store's.
pub(crate) fn holdings() -> Holdings {
    let note = [
        text("title"),
        flag("urgent"),
        integer("due_at").optional(),
        bytes("mark").optional(),
    ];
    let seat = [text("id"), text("holder"), integer("taken_at")];
    let source = [integer("number"), text("line").optional(), bytes("raw")];
    let migration = Migration {
        release: "0.1",
        capability: "notes",
        number: 1,
        steps: vec![
            Step::Create(Table::record("note", &note).unique(&["title"])),
            Step::Create(Table::new("seat", TableClass::Ephemeral, &seat).unique(&["holder"])),
            Step::Create(Table::new("note_source", TableClass::Version, &source)),
        ],
    };
    Holdings {
        migrations: vec![migration],
        records: vec![RecordSpec::of::<Note>()],
    }
}
