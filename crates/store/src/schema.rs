//! Tables as data: from one declaration come their creation on both databases,
//! the copies that backups and rebuilds make, and the comparison of two databases.

use clearpicture_kernel::Digest;
use sea_orm::DbBackend;
use sea_orm::sea_query::{
    Alias, ColumnDef, Index, PostgresQueryBuilder, Query, SqliteQueryBuilder, Table as Create,
};

/// The column with the number of the entry that brought a row.
pub(crate) const SEQ: &str = "seq";

/// What a table is to history (the four classes of the architecture).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableClass {
    /// A projection of history: rebuilt and compared.
    Record,
    /// Rows that a record's own row has no room for, such as its members: a projection too.
    Part,
    /// Insert-only: copied and checked on rebuild.
    Version,
    /// Who looked: insert-only, with a chain of its own.
    Log,
    /// Sessions, throttles, leases: not rebuilt and not backed up.
    Ephemeral,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// Text.
    Text,
    /// A whole number; moments are microseconds since 1970.
    Integer,
    /// Bytes.
    Bytes,
    /// Yes or no.
    Flag,
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: ColumnType,
    /// Whether it may be empty.
    pub nullable: bool,
}

/// A column of text that is always there.
pub const fn text(name: &'static str) -> Column {
    Column {
        name,
        holds: ColumnType::Text,
        nullable: false,
    }
}

/// A column with a whole number that is always there.
pub const fn integer(name: &'static str) -> Column {
    Column {
        name,
        holds: ColumnType::Integer,
        nullable: false,
    }
}

/// A column of bytes that is always there.
pub const fn bytes(name: &'static str) -> Column {
    Column {
        name,
        holds: ColumnType::Bytes,
        nullable: false,
    }
}

/// A column with yes or no.
pub const fn flag(name: &'static str) -> Column {
    Column {
        name,
        holds: ColumnType::Flag,
        nullable: false,
    }
}

impl Column {
    /// The same column, which may be empty.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self {
            nullable: true,
            ..self
        }
    }

    /// The column's name and type on `backend`.
    fn definition(&self, backend: DbBackend) -> ColumnDef {
        let mut def = ColumnDef::new(Alias::new(self.name));
        match (self.holds, backend) {
            // By bytes, as in SQLite: the same order in both databases, whatever language the server speaks, and
            // no index that is wrong after the server's operating system was upgraded.
            (ColumnType::Text, DbBackend::Postgres) => def.custom(Alias::new("text COLLATE \"C\"")),
            (ColumnType::Text, _) => def.text(),
            (ColumnType::Integer, _) => def.big_integer(),
            (ColumnType::Bytes, _) => def.blob(),
            (ColumnType::Flag, _) => def.boolean(),
        };
        def
    }
}

/// One table. Its key is always its first column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What it is to history.
    pub class: TableClass,
    /// Its columns, the key first.
    pub columns: Vec<Column>,
    /// Sets of columns whose values together are unlike every other row's.
    pub unique: Vec<&'static [&'static str]>,
    /// Sets of columns that are searched together.
    pub indexes: Vec<&'static [&'static str]>,
    /// Whether its rows are large: kept apart from the order of their keys.
    pub large_rows: bool,
}

impl Table {
    /// A table of `class` whose key is the first of `columns`.
    pub fn new(name: &'static str, class: TableClass, columns: &[Column]) -> Self {
        Self {
            name,
            class,
            columns: columns.to_vec(),
            unique: Vec::new(),
            indexes: Vec::new(),
            large_rows: false,
        }
    }

    /// A table of records: `id`, `version` and `class_id` come before `columns`.
    pub fn record(name: &'static str, columns: &[Column]) -> Self {
        let mut all = vec![text("id"), integer("version"), integer("class_id")];
        all.extend_from_slice(columns);
        let mut table = Self::new(name, TableClass::Record, &all);
        table.indexes.push(&["class_id"]);
        table
    }

    /// A table of rows that a change brings with it: `id` and `seq`, the number of the entry that
    /// brought the row, come before `columns`. The entry holds a digest of them all.
    pub fn brought(name: &'static str, columns: &[Column]) -> Self {
        let mut all = vec![text("id"), integer(SEQ)];
        all.extend_from_slice(columns);
        Self::new(name, TableClass::Version, &all).index(&[SEQ])
    }

    /// Whether its rows were brought by changes, as [`Table::brought`] says.
    pub(crate) fn is_brought(&self) -> bool {
        self.class == TableClass::Version && self.indexes.iter().any(|columns| *columns == [SEQ])
    }

    /// The same table, where `columns` together are unlike every other row's.
    #[must_use]
    pub fn unique(mut self, columns: &'static [&'static str]) -> Self {
        self.unique.push(columns);
        self
    }

    /// The same table, with `columns` searched together.
    #[must_use]
    pub fn index(mut self, columns: &'static [&'static str]) -> Self {
        self.indexes.push(columns);
        self
    }

    /// The same table, for rows of many kilobytes.
    #[must_use]
    pub const fn large_rows(mut self) -> Self {
        self.large_rows = true;
        self
    }

    /// Whether SQLite keeps its rows in the order of their keys, rather than the keys a second time in an index.
    fn is_ordered_by_key(&self) -> bool {
        let key = self.columns.first();
        !self.large_rows && key.is_some_and(|key| key.holds == ColumnType::Text)
    }

    /// The name of the key column.
    pub(crate) fn key(&self) -> &'static str {
        self.columns.first().map_or("id", |column| column.name)
    }

    /// The statements that make the table on `backend`, triggers included.
    fn create(&self, backend: DbBackend) -> Vec<String> {
        let mut create = Create::create();
        create.table(Alias::new(self.name));
        for (place, column) in self.columns.iter().enumerate() {
            let mut def = column.definition(backend);
            if !column.nullable {
                def.not_null();
            }
            if place == 0 {
                def.primary_key();
            }
            create.col(&mut def);
        }
        let mut statements = vec![match backend {
            DbBackend::Postgres => create.to_string(PostgresQueryBuilder),
            _ if self.is_ordered_by_key() => {
                format!("{} WITHOUT ROWID", create.to_string(SqliteQueryBuilder))
            }
            _ => create.to_string(SqliteQueryBuilder),
        }];
        let indexes = self.unique.iter().map(|columns| (true, columns));
        let indexes = indexes.chain(self.indexes.iter().map(|columns| (false, columns)));
        for (unique, columns) in indexes {
            statements.push(index(self.name, columns, unique, backend));
        }
        if matches!(self.class, TableClass::Version | TableClass::Log) {
            statements.extend(insert_only(self.name, backend));
        }
        statements
    }
}

/// The statement that makes an index.
fn index(table: &str, columns: &[&str], unique: bool, backend: DbBackend) -> String {
    let mut index = Index::create();
    index
        .name(format!("{table}__{}", columns.join("_")))
        .table(Alias::new(table));
    if unique {
        index.unique();
    }
    for column in columns {
        index.col(Alias::new(*column));
    }
    match backend {
        DbBackend::Postgres => index.to_string(PostgresQueryBuilder),
        _ => index.to_string(SqliteQueryBuilder),
    }
}

/// Triggers that let rows be added to `table` and never changed or taken away.
fn insert_only(table: &str, backend: DbBackend) -> Vec<String> {
    match backend {
        DbBackend::Postgres => vec![
            format!(
                "CREATE FUNCTION {table}_insert_only() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION '{table} is insert-only'; END $$"
            ),
            format!(
                "CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
                 FOR EACH STATEMENT EXECUTE FUNCTION {table}_insert_only()"
            ),
        ],
        _ => ["UPDATE", "DELETE"]
            .map(|change| {
                format!(
                    "CREATE TRIGGER {table}_no_{} BEFORE {change} ON {table} \
                     BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END",
                    change.to_lowercase()
                )
            })
            .to_vec(),
    }
}

/// One step of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Makes a table.
    Create(Table),
    /// Adds a column that may be empty to a table of any class.
    AddColumn {
        /// The table.
        table: &'static str,
        /// The column.
        column: Column,
    },
    /// Has columns of a table that is there searched together.
    AddIndex {
        /// The table.
        table: &'static str,
        /// The columns.
        columns: &'static [&'static str],
    },
    /// Lets go of every row of a table that nothing is rebuilt from.
    Clear {
        /// The table, of [`TableClass::Ephemeral`].
        table: &'static str,
    },
}

impl Step {
    /// The statements of the step on `backend`.
    pub(crate) fn statements(&self, backend: DbBackend) -> Vec<String> {
        match self {
            Self::Create(table) => table.create(backend),
            Self::AddColumn { table, column } => {
                let mut def = column.definition(backend);
                let mut alter = Create::alter();
                alter.table(Alias::new(*table)).add_column(&mut def);
                vec![match backend {
                    DbBackend::Postgres => alter.to_string(PostgresQueryBuilder),
                    _ => alter.to_string(SqliteQueryBuilder),
                }]
            }
            Self::AddIndex { table, columns } => vec![index(table, columns, false, backend)],
            Self::Clear { table } => {
                let clear = Query::delete().from_table(Alias::new(*table)).to_owned();
                vec![match backend {
                    DbBackend::Postgres => clear.to_string(PostgresQueryBuilder),
                    _ => clear.to_string(SqliteQueryBuilder),
                }]
            }
        }
    }
}

/// A released change to the tables of one capability. Never edited once released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The release that brought it, such as `0.1`.
    pub release: &'static str,
    /// The capability whose tables it changes.
    pub capability: &'static str,
    /// Its number within release and capability, from 1.
    pub number: u16,
    /// The steps.
    pub steps: Vec<Step>,
}

impl Migration {
    /// The name under which the database remembers it.
    pub fn name(&self) -> String {
        format!("{}/{}/{:03}", self.release, self.capability, self.number)
    }

    /// A digest of every statement on both databases, which tells an edit after release.
    pub fn checksum(&self) -> Digest {
        let statements: Vec<String> = [DbBackend::Sqlite, DbBackend::Postgres]
            .into_iter()
            .flat_map(|backend| {
                self.steps
                    .iter()
                    .flat_map(move |step| step.statements(backend))
            })
            .collect();
        let parts: Vec<&[u8]> = statements.iter().map(String::as_bytes).collect();
        Digest::of_parts(&parts)
    }
}

/// The tables as they stand after all `migrations`.
pub fn tables(migrations: &[Migration]) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for step in migrations.iter().flat_map(|migration| &migration.steps) {
        match step {
            Step::Create(table) => tables.push(table.clone()),
            Step::AddColumn { table, column } => {
                if let Some(known) = tables.iter_mut().find(|known| known.name == *table) {
                    known.columns.push(column.optional());
                }
            }
            Step::AddIndex { table, columns } => {
                if let Some(known) = tables.iter_mut().find(|known| known.name == *table) {
                    known.indexes.push(columns);
                }
            }
            Step::Clear { .. } => {}
        }
    }
    tables
}
