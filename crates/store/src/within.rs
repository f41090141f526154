//! Scopes as SQL: which rows of a table policy lets the caller know of, and how many there are.
//!
//! Rows and counts say the same in two forms, because databases read them differently. A page of rows is found along
//! an index and tried one by one, so each row asks for the grants on it. A count would ask that of every row there is;
//! it adds up the classes instead, less the few that the caller is barred from, more the few that a grant opens.

use std::collections::BTreeSet;

use clearpicture_access::{Action, ClassId, Kind as _, Scope};
use clearpicture_kernel::{RecordId, Timestamp};
use sea_orm::sea_query::{
    Alias, Asterisk, BinOper, CaseStatement, Cond, Expr, ExprTrait as _, Func, Query,
    SelectStatement, SimpleExpr,
};
use sea_orm::{Condition, ConnectionTrait as _};

use crate::commit::grant_in_force;
use crate::fault::StoreFault;
use crate::grant::Relation;
use crate::open::Store;
use crate::record::{Record, table_of};
use crate::tables::{CLASS, GRANT};

/// The table of grants inside a condition: under a name of its own, since the rows that the
/// condition is about may be grants themselves.
const STANDING: &str = "standing";

impl Store {
    /// How many rows within `scope` fit `narrowed` as well: as many as [`Store::select`] finds.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn count<A>(&self, scope: &Scope<A>, narrowed: &Condition) -> Result<u64, StoreFault>
    where
        A: Action,
        A::On: Record,
    {
        let count = Count {
            table: table_of::<A::On>(),
            kind: A::On::NAME,
            now: self.inner.ambient.now(),
            narrowed,
        };
        let select = Query::select()
            .expr_as(count.within(scope), Alias::new("total"))
            .to_owned();
        let row = self.reader().query_one(&select).await?;
        let total: i64 = row.map_or(Ok(0), |row| row.try_get("", "total"))?;
        Ok(total.unsigned_abs())
    }
}

/// The condition that a row of `table` is within `scope`: its class allows it, alone or
/// with a grant in force, and no bar stands in the way.
pub(crate) fn within<A: Action>(scope: &Scope<A>, table: &str, now: Timestamp) -> Cond {
    let of_class = |classes: &BTreeSet<ClassId>| of_class(table, classes);
    let Some(holder) = scope.caller().identity.holder() else {
        return Cond::all().add(of_class(scope.plain()));
    };
    let granted = |relation: Relation| {
        let on_this_row = granted(&holder, relation, now)
            .expr(Expr::val(1))
            .and_where(
                Expr::col((Alias::new(STANDING), Alias::new("on_record")))
                    .equals((Alias::new(table), Alias::new("id"))),
            )
            .to_owned();
        Expr::exists(on_this_row)
    };
    let mut allowed = Cond::any().add(of_class(scope.plain()));
    for (classes, relation) in [
        (scope.involved(), Relation::Involved),
        (scope.break_glass(), Relation::BreakGlass),
    ] {
        if !classes.is_empty() {
            allowed = allowed.add(Cond::all().add(of_class(classes)).add(granted(relation)));
        }
    }
    Cond::all()
        .add(allowed)
        .add(granted(Relation::Barred).not())
        .add_option(kept_from(&holder, table, now).map(|kept| kept.not()))
}

/// That a grant may not be known to `holder`, whatever their role: a bar that names them, and any grant on what they are
/// barred from. Nothing of a table that holds no grants.
fn kept_from(holder: &RecordId, table: &str, now: Timestamp) -> Option<Cond> {
    if table != GRANT {
        return None;
    }
    let column = |name: &str| Expr::col((Alias::new(table), Alias::new(name)));
    let names_them = Cond::all()
        .add(column("relation").eq(Relation::Barred.word()))
        .add(column("holder").eq(holder.as_str()));
    Some(
        Cond::any()
            .add(names_them)
            .add(column("on_record").in_subquery(records_with(holder, Relation::Barred, now))),
    )
}

/// The records on which `holder` has a grant of `relation` in force.
pub(crate) fn records_with(
    holder: &RecordId,
    relation: Relation,
    now: Timestamp,
) -> SelectStatement {
    granted(holder, relation, now)
        .column((Alias::new(STANDING), Alias::new("on_record")))
        .to_owned()
}

/// The same, each with `prefix` before its id.
pub(crate) fn named_with(
    prefix: &'static str,
    holder: &RecordId,
    relation: Relation,
    now: Timestamp,
) -> SelectStatement {
    let on_record = Expr::col((Alias::new(STANDING), Alias::new("on_record")));
    granted(holder, relation, now)
        .expr(Expr::val(prefix).binary(BinOper::Custom("||"), on_record))
        .to_owned()
}

/// That a row's class is one of `classes`, told so that no index over classes is walked for it: a page of rows comes
/// along the index of its order, and few of many rows come by their ids.
fn of_class(table: &str, classes: &BTreeSet<ClassId>) -> SimpleExpr {
    Expr::col((Alias::new(table), Alias::new("class_id")))
        .add(0)
        .is_in(classes.iter().map(|class| class.0))
}

/// The grants of `relation` that `holder` has in force, with nothing selected yet.
fn granted(holder: &RecordId, relation: Relation, now: Timestamp) -> SelectStatement {
    let standing = Alias::new(STANDING);
    Query::select()
        .from_as(Alias::new(GRANT), standing.clone())
        .and_where(Expr::col((standing.clone(), Alias::new("holder"))).eq(holder.as_str()))
        .and_where(Expr::col((standing, Alias::new("relation"))).eq(relation.word()))
        .cond_where(grant_in_force(STANDING, now))
        .to_owned()
}

/// A count of rows of one table.
struct Count<'a> {
    table: String,
    kind: &'static str,
    now: Timestamp,
    narrowed: &'a Condition,
}

impl Count<'_> {
    /// All in plain classes, less those barred, more those that a grant opens.
    fn within<A: Action>(&self, scope: &Scope<A>) -> SimpleExpr {
        let whole = self.in_plain_classes(scope);
        let Some(holder) = scope.caller().identity.holder() else {
            return whole;
        };
        let closed = Cond::any()
            .add(self.has(&holder, Relation::Barred))
            .add_option(kept_from(&holder, &self.table, self.now));
        let barred = Cond::all()
            .add(closed.clone())
            .add(of_class(&self.table, scope.plain()));
        let mut total = whole.sub(self.rows(&barred));
        let mut opened = Cond::any();
        for (classes, relation) in [
            (scope.involved(), Relation::Involved),
            (scope.break_glass(), Relation::BreakGlass),
        ] {
            if !classes.is_empty() {
                opened = opened.add(
                    Cond::all()
                        .add(self.has(&holder, relation))
                        .add(of_class(&self.table, classes)),
                );
            }
        }
        if !opened.is_empty() {
            let opened = Cond::all().add(opened).add(closed.not());
            total = total.add(self.rows(&opened));
        }
        total
    }

    /// The rows of classes that need no grant. Where every class is one, none of the rows has to be looked at for it;
    /// a class that came since the scope was made is noticed by the same statement.
    fn in_plain_classes<A: Action>(&self, scope: &Scope<A>) -> SimpleExpr {
        let plain = scope.plain();
        let classes = plain.iter().map(|class| class.0);
        let class = Expr::col((Alias::new(&self.table), Alias::new("class_id")));
        let of_them = self.rows(&Cond::all().add(class.is_in(classes)));
        if plain.is_empty() || plain.len() != scope.asked() {
            return of_them;
        }
        let there = Query::select()
            .expr(Func::count(Expr::col(Asterisk)))
            .from(Alias::new(CLASS))
            .and_where(Expr::col((Alias::new(CLASS), Alias::new("kind"))).eq(self.kind))
            .to_owned();
        let as_many = i64::try_from(plain.len()).unwrap_or(i64::MAX);
        CaseStatement::new()
            .case(value(there).eq(as_many), self.rows(&Cond::all()))
            .finally(of_them)
            .into()
    }

    /// The number of rows that fit `condition`, and what the list is narrowed to.
    fn rows(&self, condition: &Cond) -> SimpleExpr {
        let mut rows = Query::select();
        rows.expr(Func::count(Expr::col(Asterisk)))
            .from(Alias::new(&self.table));
        // A table is counted whole much faster without a condition than with one that is always true.
        for condition in [condition, self.narrowed] {
            if !condition.is_empty() {
                rows.cond_where(condition.clone());
            }
        }
        value(rows)
    }

    /// That the row is one on which `holder` has a grant of `relation`.
    fn has(&self, holder: &RecordId, relation: Relation) -> SimpleExpr {
        Expr::col((Alias::new(&self.table), Alias::new("id")))
            .in_subquery(records_with(holder, relation, self.now))
    }
}

/// A statement that gives one value, as a value.
fn value(select: SelectStatement) -> SimpleExpr {
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}
