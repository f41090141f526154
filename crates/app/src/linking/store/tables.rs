//! The tables as entities.

/// Runs of linkage.
pub(crate) mod run {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "link_run")]
    pub struct Model {
        /// The record's id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Its version.
        pub version: i64,
        /// Its access class.
        pub class_id: i64,
        /// When it was.
        pub run_at: i64,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Runs over everything that came to their end.
pub(crate) mod whole {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "link_whole")]
    pub(crate) struct Model {
        /// The run.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The entry that recorded its end.
        pub seq: i64,
        /// The number of the entry that laid a file last before it began.
        pub laid: i64,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What people decided.
pub(crate) mod decision {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "link_decision")]
    pub struct Model {
        /// The record's id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Its version.
        pub version: i64,
        /// Its access class.
        pub class_id: i64,
        /// The earlier subject.
        pub a: String,
        /// The later subject.
        pub b: String,
        /// What was decided.
        pub verdict: String,
        /// The agency that is asked, if somebody asks and names one.
        pub asked_of: Option<String>,
        /// Which of its versions that go further than the two it is, from 1; 0 for one that does not.
        pub round: i64,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The records of two children about all of whom it was decided.
pub(crate) mod covered {
    use sea_orm::entity::prelude::*;

    /// A row. What an earlier version of a decision was about stays, by its round.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "link_decision_record")]
    pub(crate) struct Model {
        /// The decision, its round, and the record.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The decision.
        pub decision_id: String,
        /// The record.
        pub subject_id: String,
        /// Whose it is: 0 of the one, 1 of the other.
        pub side: i64,
        /// By which version that goes so far.
        pub round: i64,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Pairs that somebody must look at.
pub(crate) mod question {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "link_question")]
    pub struct Model {
        /// The record's id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Its version.
        pub version: i64,
        /// Its access class.
        pub class_id: i64,
        /// The earlier subject.
        pub a: String,
        /// The later subject.
        pub b: String,
        /// Whether they stand joined meanwhile.
        pub joined: bool,
        /// Why it is asked.
        pub because: String,
        /// What is at stake, the worst first.
        pub stake: i64,
        /// How far from the threshold, in thousandths of a bit.
        pub doubt: i64,
        /// Whether it waits for an answer.
        pub open: bool,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What spoke for links.
pub(crate) mod link {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "link")]
    pub(crate) struct Model {
        /// The run and the pair.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The entry that brought it.
        pub seq: i64,
        /// The earlier subject.
        pub a: String,
        /// The later subject.
        pub b: String,
        /// The whole, in thousandths of a bit.
        pub weight: i64,
        /// For each comparison the level and its worth, as JSON.
        pub parts: String,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How common values are.
pub(crate) mod frequency {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "link_frequency")]
    pub(crate) struct Model {
        /// The run that counted.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The entry that brought it.
        pub seq: i64,
        /// Counts by the digests of values, as JSON.
        pub body: String,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Samples of pairs.
pub(crate) mod sample {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "link_sample")]
    pub struct Model {
        /// The record's id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Its version.
        pub version: i64,
        /// Its access class.
        pub class_id: i64,
        /// When it was asked for.
        pub asked_at: i64,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The pairs of samples, and what was said of them.
pub(crate) mod reading {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "link_reading")]
    pub struct Model {
        /// The record's id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Its version.
        pub version: i64,
        /// Its access class.
        pub class_id: i64,
        /// The sample.
        pub sample_id: String,
        /// Its place in the sample.
        pub place: i64,
        /// The earlier subject.
        pub a: String,
        /// The later subject.
        pub b: String,
        /// Where the pair stood.
        pub band: String,
        /// Its ethnic group.
        pub ethnic: String,
        /// Its sex.
        pub sex: String,
        /// Its age.
        pub age: String,
        /// What was said of it.
        pub answer: String,
    }

    /// Nothing is joined to it.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
