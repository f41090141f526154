//! Reading the read log: who opened one record, and who opened records they were not involved with.

use clearpicture_access::{AccessClass, Action, Kind, Permit, Scope, Sees};
use clearpicture_kernel::{RecordId, Timestamp, ambient::microseconds};
use sea_orm::sea_query::{
    Alias, Cond, Expr, ExprTrait as _, Order, Query, SelectStatement, SimpleExpr,
};
use sea_orm::{ConnectionTrait as _, DbErr, QueryResult};

use crate::fault::StoreFault;
use crate::grant::Relation;
use crate::look::{LIST, LookRow, PRINT, quarter_begins};
use crate::open::Store;
use crate::tables::{GRANT, LOOK};
use crate::within::{named_with, records_with};

/// A row of the read log, as policies know it. The store writes it; nobody changes it.
#[derive(Debug, Clone, Copy)]
pub struct LookUp;

impl Kind for LookUp {
    const NAME: &'static str = "look-up";
    const PERSONAL: bool = true;
}

/// That someone opened a record: one row for each quarter of an hour, whatever the number of openings in it.
/// Or that they took a list away as a file: one row for each file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Its number in the read log.
    pub seq: i64,
    /// When the record was first opened in that quarter of an hour.
    pub looked_at: Timestamp,
    /// Who: a worker's or token's id, or `system:` and a name.
    pub looker: String,
    /// Their agency at that moment; empty for the product itself.
    pub agency: String,
    /// The codes of their roles at that moment.
    pub roles: Vec<String>,
    /// The record, or for a list what [`Looked::list`] tells.
    pub record: String,
    /// Its kind, or that of the records in the list.
    pub kind: String,
    /// The code of the purpose they gave.
    pub purpose: String,
    /// Whether that purpose is shown to named roles only (safety rule 14).
    pub marked: bool,
    /// The grant that opened it, if one was in force.
    pub through: Option<Relation>,
    /// Whether it was taken away, on paper or as a file: one row each time.
    pub printed: bool,
}

impl Looked {
    /// The name of the list that was taken away as a file; `None` for the opening of a record.
    pub fn list(&self) -> Option<&str> {
        self.record.strip_prefix(LIST)
    }
}

/// Whether look-ups for marked purposes are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// To the named roles.
    Told,
    /// To everyone else they are absent, and from counts too.
    Withheld {
        /// So are the look-ups of whoever holds this role: that they looked would tell of whom.
        and_by: Option<&'static str>,
    },
}

impl Marked {
    fn condition(self) -> Option<Cond> {
        let Self::Withheld { and_by } = self else {
            return None;
        };
        // The roles of a looker stand with a blank between.
        let by = and_by.map(|role| {
            let like = [
                role.to_owned(),
                format!("{role} %"),
                format!("% {role}"),
                format!("% {role} %"),
            ];
            let roles = || Expr::col(Alias::new("roles"));
            let each = like.into_iter().map(|pattern| roles().like(pattern).not());
            each.fold(Cond::all(), Cond::add)
        });
        Some(
            Cond::all()
                .add(Expr::col(Alias::new("marked")).eq(false))
                .add_option(by),
        )
    }
}

/// Which look-ups of a record are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LooksWanted<'a> {
    /// Whether those for marked purposes are among them.
    pub marked: Marked,
    /// Only those of a stretch of time, its end included. An opening may stand in the row of one before it, so that the whole quarter of an
    /// hour in which the stretch begins belongs to it.
    pub during: Option<(Timestamp, Timestamp)>,
    /// Without those of this looker from this moment on.
    pub but_for: Option<(&'a str, Timestamp)>,
    /// Without those of the product itself, which shows nobody what it reads.
    pub by_others: bool,
    /// Only prints.
    pub printed: bool,
}

impl LooksWanted<'_> {
    /// All that may be told of.
    pub const fn all(marked: Marked) -> Self {
        Self {
            marked,
            during: None,
            but_for: None,
            by_others: false,
            printed: false,
        }
    }

    fn condition(&self) -> Cond {
        let at = || Expr::col(Alias::new("looked_at"));
        let during = self.during.map(|(from, until)| {
            Cond::all()
                .add(at().gte(quarter_begins(from.as_microsecond())))
                .add(at().lte(until.as_microsecond()))
        });
        let by_others = self
            .by_others
            .then(|| Expr::col(Alias::new("looker")).like("system:%").not());
        let but_for = self.but_for.map(|(looker, from)| {
            Cond::any()
                .add(Expr::col(Alias::new("looker")).ne(looker))
                .add(at().lt(from.as_microsecond()))
        });
        Cond::all()
            .add_option(self.marked.condition())
            .add_option(during)
            .add_option(but_for)
            .add_option(by_others)
            .add_option(self.printed.then(is_print))
    }
}

/// That a row tells of a print.
fn is_print() -> SimpleExpr {
    Expr::col(Alias::new("record_id")).like(format!("{PRINT}%"))
}

impl Store {
    /// How many rows [`Store::looks_on`] would tell of.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn count_looks_on<A: Sees>(
        &self,
        permit: &Permit<A>,
        wanted: &LooksWanted<'_>,
    ) -> Result<u64, StoreFault> {
        let count = Query::select()
            .expr_as(Expr::col(Alias::new("seq")).count(), Alias::new("total"))
            .from(Alias::new(LOOK))
            .cond_where(on_record(permit, wanted))
            .to_owned();
        self.total(&count).await
    }

    /// Who opened the record that `permit` lets the caller open: at most `most` rows after the
    /// newest `offset`, newest first.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn looks_on<A: Sees>(
        &self,
        permit: &Permit<A>,
        wanted: &LooksWanted<'_>,
        offset: u64,
        most: u64,
    ) -> Result<Vec<Looked>, StoreFault> {
        let select = newest_first()
            .cond_where(on_record(permit, wanted))
            .offset(offset)
            .limit(most)
            .to_owned();
        let rows = self.reader().query_all(&select).await?;
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    /// The numbers of the look-ups from one moment up to another that people made of records
    /// they were not involved with, lists of records about people among them; without those of records from which the
    /// reader is barred, and without those for marked purposes where these are withheld. Empty for whoever may not do `A`.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn uninvolved_looks<A>(
        &self,
        scope: &Scope<A>,
        (from, until): (Timestamp, Timestamp),
        marked: Marked,
    ) -> Result<Vec<i64>, StoreFault>
    where
        A: Sees + Action<On = LookUp>,
    {
        if !whole_log(scope) {
            return Ok(Vec::new());
        }
        let select = Query::select()
            .column(Alias::new("seq"))
            .from(Alias::new(LOOK))
            .and_where(Expr::col(Alias::new("looked_at")).gte(from.as_microsecond()))
            .and_where(Expr::col(Alias::new("looked_at")).lt(until.as_microsecond()))
            .and_where(Expr::col(Alias::new("looker")).like("worker_%"))
            .and_where(Expr::col(Alias::new("kind")).is_in(self.personal_kinds()))
            .and_where(Expr::exists(involvement_then()).not())
            .cond_where(Cond::all().add_option(marked.condition()))
            .cond_where(self.known_to(scope))
            // Whoever prints has opened the record, which is a row of its own.
            .and_where(is_print().not())
            .to_owned();
        let rows = self.reader().query_all(&select).await?;
        let numbers = rows.iter().map(|row| row.try_get("", "seq"));
        Ok(numbers.collect::<Result<_, DbErr>>()?)
    }

    /// How often lists of records of one kind were shown or taken away as files in a stretch of time. 0 for whoever may
    /// not do `A`.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn count_lists<A>(
        &self,
        scope: &Scope<A>,
        kind: &str,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<u64, StoreFault>
    where
        A: Sees + Action<On = LookUp>,
    {
        if !whole_log(scope) {
            return Ok(0);
        }
        let count = Query::select()
            .expr_as(Expr::col(Alias::new("seq")).count(), Alias::new("total"))
            .from(Alias::new(LOOK))
            .and_where(Expr::col(Alias::new("kind")).eq(kind))
            .and_where(Expr::col(Alias::new("record_id")).like(format!("{LIST}%")))
            .and_where(Expr::col(Alias::new("looked_at")).gte(from.as_microsecond()))
            .and_where(Expr::col(Alias::new("looked_at")).lte(until.as_microsecond()))
            .to_owned();
        self.total(&count).await
    }

    /// How many rows [`Store::looks_by`] would tell of.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn count_looks_by<A>(
        &self,
        scope: &Scope<A>,
        looker: &RecordId,
        marked: Marked,
    ) -> Result<u64, StoreFault>
    where
        A: Sees + Action<On = LookUp>,
    {
        if !whole_log(scope) {
            return Ok(0);
        }
        let count = Query::select()
            .expr_as(Expr::col(Alias::new("seq")).count(), Alias::new("total"))
            .from(Alias::new(LOOK))
            .cond_where(self.by(scope, looker, marked))
            .to_owned();
        self.total(&count).await
    }

    /// How many of them are prints.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn count_prints_by<A>(
        &self,
        scope: &Scope<A>,
        looker: &RecordId,
        marked: Marked,
    ) -> Result<u64, StoreFault>
    where
        A: Sees + Action<On = LookUp>,
    {
        if !whole_log(scope) {
            return Ok(0);
        }
        let count = Query::select()
            .expr_as(Expr::col(Alias::new("seq")).count(), Alias::new("total"))
            .from(Alias::new(LOOK))
            .cond_where(self.by(scope, looker, marked).add(is_print()))
            .to_owned();
        self.total(&count).await
    }

    /// All that one person opened or took away, of which the reader may know: at most `most` rows after the newest
    /// `offset`, newest first. Empty for whoever may not do `A`.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn looks_by<A>(
        &self,
        scope: &Scope<A>,
        looker: &RecordId,
        marked: Marked,
        (offset, most): (u64, u64),
    ) -> Result<Vec<Looked>, StoreFault>
    where
        A: Sees + Action<On = LookUp>,
    {
        if !whole_log(scope) {
            return Ok(Vec::new());
        }
        let select = newest_first()
            .cond_where(self.by(scope, looker, marked))
            .offset(offset)
            .limit(most)
            .to_owned();
        let rows = self.reader().query_all(&select).await?;
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    fn by<A: Action>(&self, scope: &Scope<A>, looker: &RecordId, marked: Marked) -> Cond {
        Cond::all()
            .add(Expr::col(Alias::new("looker")).eq(looker.as_str()))
            .add_option(marked.condition())
            .add(self.known_to(scope))
    }

    async fn total(&self, count: &SelectStatement) -> Result<u64, StoreFault> {
        let Some(row) = self.reader().query_one(count).await? else {
            return Ok(0);
        };
        let total: i64 = row.try_get("", "total")?;
        Ok(u64::try_from(total).unwrap_or_default())
    }

    /// The look-ups with these numbers that the reader may know of, newest first. Empty for whoever may not do `A`.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn looks_numbered<A>(
        &self,
        scope: &Scope<A>,
        numbers: impl IntoIterator<Item = i64>,
    ) -> Result<Vec<Looked>, StoreFault>
    where
        A: Sees + Action<On = LookUp>,
    {
        if !whole_log(scope) {
            return Ok(Vec::new());
        }
        let select = newest_first()
            .and_where(Expr::col(Alias::new("seq")).is_in(numbers))
            .cond_where(self.known_to(scope))
            .to_owned();
        let rows = self.reader().query_all(&select).await?;
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// That a look-up is of nothing from which the reader is barred, opened or printed: for them it does not exist, here
    /// neither (safety rule 15).
    fn known_to<A: Action>(&self, scope: &Scope<A>) -> Cond {
        let Some(holder) = scope.caller().identity.holder() else {
            return Cond::all();
        };
        let now = self.ambient().now();
        let on = |records| Expr::col(Alias::new("record_id")).in_subquery(records);
        Cond::all()
            .add(on(records_with(&holder, Relation::Barred, now)).not())
            .add(on(named_with(PRINT, &holder, Relation::Barred, now)).not())
    }

    fn personal_kinds(&self) -> impl Iterator<Item = &'static str> {
        let personal = self.records().iter().filter(|spec| spec.personal);
        personal.map(|spec| spec.kind)
    }
}

/// Whether `scope` is over the partnership's whole read log.
fn whole_log<A: Action<On = LookUp>>(scope: &Scope<A>) -> bool {
    let whole = AccessClass::ordinary(LookUp::NAME, None);
    scope.plain().contains(&whole.id())
}

/// The rows about one record that are wanted.
fn on_record<A: Sees>(permit: &Permit<A>, wanted: &LooksWanted<'_>) -> Cond {
    let record = permit.resource().id.as_str();
    let on_it =
        Expr::col(Alias::new("record_id")).is_in([record.to_owned(), format!("{PRINT}{record}")]);
    Cond::all().add(on_it).add(wanted.condition())
}

fn newest_first() -> SelectStatement {
    LookRow::select()
        .order_by(Alias::new("seq"), Order::Desc)
        .to_owned()
}

/// An involvement of the looker with the record, in force when they looked.
fn involvement_then() -> SelectStatement {
    let grant = |name: &str| Expr::col((Alias::new(GRANT), Alias::new(name)));
    let look = |name: &str| Expr::col((Alias::new(LOOK), Alias::new(name)));
    Query::select()
        .expr(Expr::val(1))
        .from(Alias::new(GRANT))
        .and_where(grant("on_record").eq(look("record_id")))
        .and_where(grant("holder").eq(look("looker")))
        .and_where(grant("relation").eq(Relation::Involved.word()))
        .and_where(grant("starts_at").lte(look("looked_at")))
        .cond_where(
            Cond::any()
                .add(grant("ends_at").is_null())
                .add(grant("ends_at").gt(look("looked_at"))),
        )
        .to_owned()
}

fn read(row: &QueryResult) -> Result<Looked, DbErr> {
    let LookRow {
        seq,
        looked_at,
        look,
        ..
    } = LookRow::read(row)?;
    Ok(Looked {
        seq,
        looked_at: microseconds(looked_at),
        looker: look.looker,
        agency: look.agency,
        roles: look.roles.split_whitespace().map(str::to_owned).collect(),
        printed: look.record_id.starts_with(PRINT),
        record: match look.record_id.strip_prefix(PRINT) {
            Some(record) => record.to_owned(),
            None => look.record_id,
        },
        kind: look.kind,
        purpose: look.purpose,
        marked: look.marked,
        through: [Relation::BreakGlass, Relation::Involved]
            .into_iter()
            .find(|relation| relation.word() == look.through),
    })
}
