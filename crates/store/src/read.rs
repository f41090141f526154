//! Reading with proof: one record by a permit, lists by a scope.

use clearpicture_access::{
    Access, AccessClass, Action, Caller, Grants, Grounds, Kind as _, Permit, Purpose, Resource,
    Scope, Sees, Sensitivity,
};
use clearpicture_kernel::{AgencyId, RecordId, TeamId, Timestamp, TypedId};
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait, QueryFilter as _, QueryOrder as _, Select,
};
use tokio::sync::oneshot;

use crate::commit::Request;
use crate::current::ASKED_AT_ONCE;
use crate::entry::Entry;
use crate::fault::StoreFault;
use crate::grant::{self, Grant, Relation};
use crate::look::Look;
use crate::open::Store;
use crate::record::{Record, read_body, split_body, table_of};
use crate::tables::{CLASS, ENTRY};
use crate::within::within;

impl Store {
    /// What a decision about one record needs, proven by history; `None` when there is no such record, or none for
    /// this caller: for the barred it does not exist (safety rule 15), and the same is asked of the database either way.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails; [`StoreFault::RowAltered`] when a row that would decide was changed
    /// behind the program's back.
    pub async fn resource<R: Record>(
        &self,
        caller: &Caller,
        id: &R::Id,
    ) -> Result<Option<Resource>, StoreFault> {
        let record_id = id.record_id();
        let table = Alias::new(table_of::<R>());
        let row = Expr::col((table, Alias::new("id"))).eq(record_id.as_str());
        let found = self.proven::<R>(R::Row::find().filter(row)).await?;
        let mut grants = self.grants(caller, &record_id).await?;
        if R::NAME == Grant::NAME {
            grants.barred |= self.is_kept_from(caller, &record_id).await?;
        }
        let found = found.into_iter().next().filter(|_| !grants.barred);
        Ok(found.map(|found| Resource {
            version: found.version,
            class: found.class,
            grants,
            id: record_id,
        }))
    }

    /// Whether a grant may not be known to the caller, whatever their role: a bar that names them, whether or not it is
    /// over, and any grant on what they are barred from.
    async fn is_kept_from(&self, caller: &Caller, grant: &RecordId) -> Result<bool, StoreFault> {
        let Some(holder) = caller.identity.holder() else {
            return Ok(false);
        };
        let select = grant::row::Entity::find().filter(grant::row::Column::Id.eq(grant.as_str()));
        let found = self.one_proven::<Grant>(select).await?;
        let barred_from = self.barred_from(caller).await?;
        Ok(found.is_some_and(|found| {
            let names_them =
                found.relation == Relation::Barred.word() && found.holder == holder.as_str();
            names_them
                || barred_from
                    .iter()
                    .any(|record| record.as_str() == found.on_record)
        }))
    }

    /// What stands between the caller and a record now.
    ///
    /// Those that are over are read as well: one that was ended or moved behind the program's back is found.
    async fn grants(&self, caller: &Caller, record: &RecordId) -> Result<Grants, StoreFault> {
        let Some(holder) = caller.identity.holder() else {
            return Ok(Grants::NONE);
        };
        let select = grant::row::Entity::find()
            .filter(grant::row::Column::OnRecord.eq(record.as_str()))
            .filter(grant::row::Column::Holder.eq(holder.as_str()));
        let now = self.inner.ambient.now();
        let mut grants = Grants::NONE;
        for found in self.proven::<Grant>(select).await? {
            let grant = found.row;
            if !grant.is_in_force(now) {
                continue;
            }
            match grant.relation.as_str() {
                "involved" => grants.involved = true,
                "break-glass" => grants.break_glass = true,
                _ => grants.barred = true,
            }
        }
        Ok(grants)
    }

    /// The records from which the caller is barred now: for them they do not exist (safety rule 15).
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails; [`StoreFault::RowAltered`] when a bar was changed behind the program's
    /// back.
    async fn barred_from(&self, caller: &Caller) -> Result<Vec<RecordId>, StoreFault> {
        let Some(holder) = caller.identity.holder() else {
            return Ok(Vec::new());
        };
        let select = grant::row::Entity::find()
            .filter(grant::row::Column::Relation.eq(Relation::Barred.word()))
            .filter(grant::row::Column::Holder.eq(holder.as_str()))
            .order_by_asc(grant::row::Column::OnRecord);
        let now = self.inner.ambient.now();
        let bars = self.proven::<Grant>(select).await?;
        let in_force = bars.iter().filter(|bar| bar.row.is_in_force(now));
        in_force
            .map(|bar| {
                RecordId::parse(&bar.row.on_record).map_err(|error| StoreFault::Unreadable {
                    id: bar.row.on_record.clone(),
                    problem: error.to_string(),
                })
            })
            .collect()
    }

    /// The record as it is now. Opening one about a person leaves a row in the read log first.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails or the record cannot be read.
    pub async fn load<A>(&self, permit: &Permit<A>) -> Result<A::On, StoreFault>
    where
        A: Action,
        A::On: Record,
    {
        self.note_look::<A::On>(permit.grounds()).await?;
        let select = of_record(permit.resource())
            .and_where(
                Expr::col(Alias::new("record_version")).eq(i64::from(permit.resource().version)),
            )
            .to_owned();
        let row = self.reader().query_one(&select).await?;
        let row =
            row.ok_or_else(|| unreadable(permit.resource(), "its history does not hold it"))?;
        let entry = Entry::read(&row)?;
        self.body::<A::On>(&entry).await.map(|(record, _)| record)
    }

    /// The number of the entry of history that made the record what `permit` was given for.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails or no entry did.
    pub async fn entry_of<A: Action>(&self, permit: &Permit<A>) -> Result<i64, StoreFault> {
        let version = i64::from(permit.resource().version);
        let select = of_record(permit.resource())
            .and_where(Expr::col(Alias::new("record_version")).eq(version))
            .to_owned();
        let row = self.latest().query_one(&select).await?;
        let row =
            row.ok_or_else(|| unreadable(permit.resource(), "its history does not hold it"))?;
        Ok(Entry::read(&row)?.seq)
    }

    /// The record as it was known before `cut_off`; `None` when it was not yet recorded.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails or the record cannot be read.
    pub async fn load_as_at<A>(
        &self,
        permit: &Permit<A>,
        cut_off: Timestamp,
    ) -> Result<Option<A::On>, StoreFault>
    where
        A: Action,
        A::On: Record,
    {
        self.note_look::<A::On>(permit.grounds()).await?;
        let select = of_record(permit.resource())
            .and_where(Expr::col(Alias::new("recorded_at")).lt(cut_off.as_microsecond()))
            .order_by(Alias::new("seq"), Order::Desc)
            .limit(1)
            .to_owned();
        match self.reader().query_one(&select).await? {
            Some(row) => {
                let entry = Entry::read(&row)?;
                Ok(Some(self.body::<A::On>(&entry).await?.0))
            }
            None => Ok(None),
        }
    }

    /// What of a kind the caller may do `A` to.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn scope<A>(
        &self,
        access: &Access,
        caller: &Caller,
        purpose: &Purpose,
    ) -> Result<Scope<A>, StoreFault>
    where
        A: Action,
        A::On: Record,
    {
        let select = Query::select()
            .columns(["owner", "team", "sensitivity", "protected"].map(Alias::new))
            .from(Alias::new(CLASS))
            .and_where(Expr::col(Alias::new("kind")).eq(<A::On as clearpicture_access::Kind>::NAME))
            .to_owned();
        let mut classes = Vec::new();
        for row in self.reader().query_all(&select).await? {
            classes.push(read_class(
                <A::On as clearpicture_access::Kind>::NAME,
                &row,
            )?);
        }
        if classes.is_empty() {
            // Before the first record there is no class to ask about: the ordinary one tells whether any could be seen.
            let kind = <A::On as clearpicture_access::Kind>::NAME;
            classes.push(AccessClass::ordinary(kind, None));
        }
        Ok(access.scope(caller, purpose, &classes))
    }

    /// A query for the rows within `scope`, to which a capability adds its own filters.
    pub fn select<A>(&self, scope: &Scope<A>) -> Select<<A::On as Record>::Row>
    where
        A: Action,
        A::On: Record,
    {
        let condition = within(scope, &table_of::<A::On>(), self.inner.ambient.now());
        <A::On as Record>::Row::find().filter(condition)
    }

    /// Every record within `scope` as it is now, each with what a decision about it needs. For the product itself, such
    /// as linkage: whoever signs in opens records one at a time, and leaves a trace.
    ///
    /// # Errors
    /// [`StoreFault::NotTheProduct`] for any other caller; [`StoreFault`] when the database fails.
    pub async fn all_within<A>(
        &self,
        scope: &Scope<A>,
    ) -> Result<Vec<(Resource, A::On)>, StoreFault>
    where
        A: Action,
        A::On: Record,
    {
        only_the_product(scope)?;
        self.records_within(scope, None).await
    }

    /// The same of those with these ids: a few hundred at most.
    ///
    /// # Errors
    /// [`StoreFault::NotTheProduct`] for any other caller; [`StoreFault`] when the database fails.
    pub async fn some_within<A>(
        &self,
        scope: &Scope<A>,
        ids: &[<A::On as Record>::Id],
    ) -> Result<Vec<(Resource, A::On)>, StoreFault>
    where
        A: Action,
        A::On: Record,
    {
        only_the_product(scope)?;
        self.records_within(scope, Some(ids)).await
    }

    /// The same for whoever signs in, of a kind that is not about people, since opening one of those leaves no trace. What
    /// history says of each decides whether it is one of them, whatever its row says.
    ///
    /// # Errors
    /// [`StoreFault::NotTheProduct`] of a kind that is about people; [`StoreFault`] when the database fails.
    pub async fn some_seen<A>(
        &self,
        scope: &Scope<A>,
        ids: &[<A::On as Record>::Id],
    ) -> Result<Vec<(Resource, A::On)>, StoreFault>
    where
        A: Sees,
        A::On: Record,
    {
        if <A::On as clearpicture_access::Kind>::PERSONAL {
            only_the_product(scope)?;
        }
        let mut seen = self.records_within(scope, Some(ids)).await?;
        seen.retain(|(resource, _)| scope.plain().contains(&resource.class.id()));
        Ok(seen)
    }

    async fn records_within<A>(
        &self,
        scope: &Scope<A>,
        ids: Option<&[<A::On as Record>::Id]>,
    ) -> Result<Vec<(Resource, A::On)>, StoreFault>
    where
        A: Action,
        A::On: Record,
    {
        let table = table_of::<A::On>();
        let newest = Query::select()
            .expr(Expr::val(1))
            .from(Alias::new(&table))
            .cond_where(within(scope, &table, self.inner.ambient.now()))
            .and_where(
                Expr::col((Alias::new(&table), Alias::new("id")))
                    .equals((Alias::new(ENTRY), Alias::new("record_id"))),
            )
            .and_where(
                Expr::col((Alias::new(&table), Alias::new("version")))
                    .equals((Alias::new(ENTRY), Alias::new("record_version"))),
            )
            .to_owned();
        let select = Entry::select()
            .and_where(Expr::col(Alias::new("kind")).eq(<A::On as clearpicture_access::Kind>::NAME))
            .and_where(Expr::exists(newest))
            .and_where_option(ids.map(|ids| {
                let ids = ids.iter().map(ToString::to_string);
                Expr::col(Alias::new("record_id")).is_in(ids)
            }))
            .to_owned();
        let rows = self.latest().query_all(&select).await?;
        let mut records = Vec::with_capacity(rows.len());
        let mut rows = rows.into_iter();
        loop {
            let some = rows.by_ref().take(ASKED_AT_ONCE);
            let entries: Result<Vec<Entry>, _> = some.map(|row| Entry::read(&row)).collect();
            let entries = entries?;
            if entries.is_empty() {
                return Ok(records);
            }
            self.open_records(&entries, &mut records).await?;
        }
    }

    /// Opens what these entries made of their records.
    async fn open_records<R: Record>(
        &self,
        entries: &[Entry],
        records: &mut Vec<(Resource, R)>,
    ) -> Result<(), StoreFault> {
        let keys = entries.iter().map(|entry| entry.claim.key_id.as_str());
        self.fetch_keys(keys).await?;
        for entry in entries {
            let (record, _) = self.body::<R>(entry).await?;
            let unreadable = |problem: String| StoreFault::Unreadable {
                id: entry.claim.record_id.clone(),
                problem,
            };
            let id = R::Id::parse(&entry.claim.record_id)
                .map_err(|error| unreadable(error.to_string()))?;
            let resource = Resource {
                id: id.record_id(),
                version: u32::try_from(entry.claim.record_version)
                    .map_err(|error| unreadable(error.to_string()))?,
                class: record.class(&id),
                grants: Grants::NONE,
            };
            records.push((resource, record));
        }
        Ok(())
    }

    /// Opens an entry's body.
    pub(crate) async fn body<R: Record>(
        &self,
        entry: &Entry,
    ) -> Result<(R, Option<String>), StoreFault> {
        let key = self.key(&entry.claim.key_id).await?;
        let problem = |problem: String| StoreFault::Unreadable {
            id: entry.claim.record_id.clone(),
            problem,
        };
        let plain = key
            .open(&entry.claim.own_context(), &entry.claim.body)
            .map_err(|fault| problem(fault.to_string()))?;
        let (body, reason) = split_body(&plain).map_err(problem)?;
        let version = u16::try_from(entry.claim.body_version).unwrap_or(u16::MAX);
        let record = read_body::<R>(version, body).map_err(problem)?;
        Ok((record, reason))
    }

    /// Makes sure the read log tells that `list`, which shows people of `scope`, is looked through or taken away as a
    /// file, before it is: one row each time, whatever the number of records in it.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails; then nothing may be given out.
    pub async fn note_list<A: Action>(
        &self,
        scope: &Scope<A>,
        list: &str,
    ) -> Result<(), StoreFault> {
        self.note(Look::of_list(scope, list)).await
    }

    /// Makes sure the read log tells that the record of `permit` is taken away, on paper or as a file, before it is: one
    /// row each time.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails; then nothing may be given out.
    pub async fn note_print<A: Sees>(&self, permit: &Permit<A>) -> Result<(), StoreFault> {
        self.note(Look::of_print(permit.grounds())).await
    }

    /// Makes sure the read log tells of this opening before anything is shown.
    pub(crate) async fn note_look<R: Record>(&self, grounds: &Grounds) -> Result<(), StoreFault> {
        if !R::PERSONAL {
            return Ok(());
        }
        self.note(Look::of(grounds)).await
    }

    async fn note(&self, look: Look) -> Result<(), StoreFault> {
        let (reply, answer) = oneshot::channel();
        self.send(Request::Look(look, reply)).await?;
        answer.await.map_err(|_| StoreFault::Stopping)?
    }
}

/// Refuses whoever signs in what only the product itself reads in bulk.
pub(crate) fn only_the_product<A: Action>(scope: &Scope<A>) -> Result<(), StoreFault> {
    match scope.caller().identity.holder() {
        Some(_) => Err(StoreFault::NotTheProduct),
        None => Ok(()),
    }
}

/// The entries of one record.
pub(crate) fn of_record(resource: &Resource) -> SelectStatement {
    Entry::select()
        .and_where(Expr::col(Alias::new("record_id")).eq(resource.id.as_str()))
        .to_owned()
}

fn unreadable(resource: &Resource, problem: &str) -> StoreFault {
    StoreFault::Unreadable {
        id: resource.id.to_string(),
        problem: problem.to_owned(),
    }
}

fn read_class(kind: &'static str, row: &sea_orm::QueryResult) -> Result<AccessClass, StoreFault> {
    let owner: String = row.try_get("", "owner")?;
    let team: String = row.try_get("", "team")?;
    Ok(AccessClass {
        kind,
        owner: AgencyId::parse(&owner).ok(),
        team: TeamId::parse(&team).ok(),
        sensitivity: Sensitivity::from_level(row.try_get("", "sensitivity")?),
        protected: row.try_get("", "protected")?,
    })
}
