//! Tables without a history: sessions, throttles, keys of requests already met.
//!
//! Only tables of the class [`TableClass::Ephemeral`] can be reached this way.
//! They hold what may be lost: nothing here is rebuilt or backed up.

use std::marker::PhantomData;

use sea_orm::sea_query::{Alias, DeleteStatement, OnConflict, UpdateStatement};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait as _, DeleteMany, EntityTrait, IdenStatic as _, Insert,
    Iterable as _, QueryTrait as _, Select, UpdateMany,
};

use crate::fault::StoreFault;
use crate::open::Store;
use crate::schema::TableClass;

/// One ephemeral table, by its SeaORM entity.
#[derive(Debug)]
pub struct Scratch<'a, E> {
    store: &'a Store,
    key: &'static str,
    entity: PhantomData<E>,
}

impl Store {
    /// The ephemeral table of `E`, to read and write without a permit.
    ///
    /// # Errors
    /// [`StoreFault::NotScratch`] when the table is of any other class, or is not declared.
    pub fn scratch<E: EntityTrait>(&self) -> Result<Scratch<'_, E>, StoreFault> {
        let name = E::default().table_name().to_owned();
        let table = self
            .tables_of(TableClass::Ephemeral)
            .find(|table| table.name == name)
            .ok_or(StoreFault::NotScratch(name))?;
        Ok(Scratch {
            store: self,
            key: table.key(),
            entity: PhantomData,
        })
    }
}

impl<E: EntityTrait> Scratch<'_, E> {
    /// Adds a row; `false`, and nothing changed, when one with its key or a unique value is there.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn add<A>(&self, row: A) -> Result<bool, StoreFault>
    where
        A: ActiveModelTrait<Entity = E>,
    {
        let insert = Insert::<A>::one(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .into_query();
        Ok(self.write(&insert).await? == 1)
    }

    /// Puts a row in place of the one with its key, or beside the others when there is none.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails, or another row has a value that must be unique.
    pub async fn put<A>(&self, row: A) -> Result<(), StoreFault>
    where
        A: ActiveModelTrait<Entity = E>,
    {
        let mut conflict = OnConflict::column(Alias::new(self.key));
        let set = E::Column::iter().filter(|column| !row.is_not_set(*column));
        let names = set.map(|column| column.as_str().to_owned());
        conflict.update_columns(names.filter(|name| name != self.key).map(Alias::new));
        let insert = Insert::<A>::one(row).on_conflict(conflict).into_query();
        self.write(&insert).await.map(|_| ())
    }

    /// Changes the rows that `narrowed` leaves, and counts them.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn change(
        &self,
        narrowed: impl FnOnce(UpdateMany<E>) -> UpdateMany<E>,
    ) -> Result<u64, StoreFault> {
        let update: UpdateStatement = narrowed(E::update_many()).into_query();
        self.write(&update).await
    }

    /// Takes away the rows that `narrowed` leaves, and counts them.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn remove(
        &self,
        narrowed: impl FnOnce(DeleteMany<E>) -> DeleteMany<E>,
    ) -> Result<u64, StoreFault> {
        let delete: DeleteStatement = narrowed(E::delete_many()).into_query();
        self.write(&delete).await
    }

    /// A query for rows, to be narrowed and given to [`Scratch::one`] or [`Scratch::all`].
    pub fn find(&self) -> Select<E> {
        E::find()
    }

    /// The first row of `select` as it is at this moment: a session ended a moment ago is gone.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn one(&self, select: Select<E>) -> Result<Option<E::Model>, StoreFault> {
        Ok(select.one(self.store.latest()).await?)
    }

    /// Every row of `select` as it is at this moment.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn all(&self, select: Select<E>) -> Result<Vec<E::Model>, StoreFault> {
        Ok(select.all(self.store.latest()).await?)
    }

    async fn write(&self, statement: &impl sea_orm::StatementBuilder) -> Result<u64, StoreFault> {
        let done = self
            .store
            .inner
            .connections
            .writer
            .execute(statement)
            .await?;
        Ok(done.rows_affected())
    }
}
