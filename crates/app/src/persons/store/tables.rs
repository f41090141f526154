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
        /// Whose source it is.
        pub agency_id: String,
        /// The source.
        pub source: String,
        /// The digest of the source's own key.
        pub key_digest: String,
        /// The person made for it.
        pub own_person_id: String,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What rows of files say.
pub(crate) mod told {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "told")]
    pub(crate) struct Model {
        /// The load and the row in it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The entry that brought it.
        pub seq: i64,
        /// Whom it is about.
        pub subject_id: String,
        /// The load.
        pub load_id: String,
        /// The row in the load's file.
        pub record: i64,
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

/// What subjects are found by.
pub(crate) mod subject_key {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "subject_key")]
    pub(crate) struct Model {
        /// The subject and the key.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The entry that brought it.
        pub seq: i64,
        /// The subject.
        pub subject_id: String,
        /// The key.
        pub digest: String,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
