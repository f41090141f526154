//! The tables as entities.

/// The table of persons.
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub struct Model {
        /// The record's id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Its version.
        pub version: i64,
        /// Its access class.
        pub class_id: i64,
        /// How its subjects came together.
        pub state: String,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// To whom each subject belongs.
pub(crate) mod member {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "person_member")]
    pub(crate) struct Model {
        /// The subject.
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject_id: String,
        /// The person.
        pub person_id: String,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table of subjects.
pub(crate) mod subject {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "subject")]
    pub(crate) struct Model {
        /// The subject's id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The entry that brought it.
        pub seq: i64,
        /// The agency that tells of it.
        pub agency_id: String,
        /// Whose numbers it is told by.
        pub scheme: String,
        /// The digest of its number there.
        pub key_digest: String,
        /// The person made for it.
        pub own_person_id: String,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What rows of files say: the newest of each row stands, once its laying is laid.
pub(crate) mod told {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "told")]
    pub(crate) struct Model {
        /// The laying, and the place in it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The entry that brought it.
        pub seq: i64,
        /// Whom it is about.
        pub subject_id: String,
        /// The laying that it is part of.
        pub laying: i64,
        /// The source.
        pub source: String,
        /// The digest of what tells the row from others of its source.
        pub row: String,
        /// The row in the file.
        pub record: i64,
        /// The day from which it was so told.
        pub as_of: String,
        /// Whether from that day on the source no longer told it.
        pub ended: bool,
        /// The kinds of facts that it tells or once told, between spaces.
        pub kinds: String,
        /// Whether it tells, or once told, who somebody is.
        pub identifies: bool,
        /// The digest of what is said.
        pub digest: String,
        /// The key under which it is sealed.
        pub key_id: String,
        /// What is said, sealed.
        pub body: Vec<u8>,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Layings that came to their end: what others told is not told yet.
pub(crate) mod laid {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "laid")]
    pub(crate) struct Model {
        /// The laying, as text.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The entry that ended it.
        pub seq: i64,
        /// The laying: the number of the entry that began it.
        pub laying: i64,
        /// The load whose file was laid.
        pub load_id: String,
        /// The agency that sent it.
        pub agency_id: String,
        /// The source.
        pub source: String,
        /// The day of which the file tells.
        pub as_of: String,
        /// How many of the source were ever laid before: two that were laid at once cannot both be the next.
        pub number: i64,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Layings that stand no more, since a load was taken back.
pub(crate) mod undone {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "undone")]
    pub(crate) struct Model {
        /// The laying, as text: none is undone twice.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The entry that undid it.
        pub seq: i64,
        /// The laying.
        pub laying: i64,
        /// The load that was taken back, whether or not the laying is its own.
        pub load_id: String,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What subjects are found by.
pub(crate) mod subject_key {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "subject_key")]
    pub(crate) struct Model {
        /// The key and the subject, with a colon between: whoever has one key stands together, in order.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The entry that brought it.
        pub seq: i64,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who is protected, and who may be one of them.
pub(crate) mod protection {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "protection")]
    pub struct Model {
        /// The record's id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Its version.
        pub version: i64,
        /// Its access class.
        pub class_id: i64,
        /// Who.
        pub subject_id: String,
        /// Whom they may be; empty for whoever is protected by a source.
        pub may_be: String,
        /// What that agreement is worth, in thousandths of a bit.
        pub weight: i64,
        /// Whether it is so still.
        pub in_force: bool,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
