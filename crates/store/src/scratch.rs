//! Tables without history: sessions, throttles, idempotency keys.
//!
//! They hold nothing that must be proven later, so they are written without a
//! permit; that is why only tables of the ephemeral class can be reached here.

use std::marker::PhantomData;

use sea_orm::sea_query::{Alias, OnConflict};
use sea_orm::{
    DatabaseConnection, DeleteMany, EntityTrait, FromQueryResult, IdenStatic as _, Iterable as _,
    Select, TryInsertResult, UpdateMany,
};

use crate::fault::StoreFault;
use crate::open::Store;
use crate::schema::TableClass;

/// One ephemeral table. Reads go through the connection that writes, so they are never stale.
pub struct Scratch<'a, E> {
    db: &'a DatabaseConnection,
    table: PhantomData<E>,
}

impl Store {
    /// Opens the ephemeral table of `E`.
    ///
    /// # Errors
    /// [`StoreFault::NotEphemeral`] for a table of any other class.
    pub fn scratch<E: EntityTrait>(&self) -> Result<Scratch<'_, E>, StoreFault> {
        let name = E::default().table_name().to_owned();
        if self
            .tables_of(TableClass::Ephemeral)
            .any(|table| table.name == name)
        {
            Ok(Scratch {
                db: &self.inner.connections.writer,
                table: PhantomData,
            })
        } else {
            Err(StoreFault::NotEphemeral(name))
        }
    }
}

impl<E> Scratch<'_, E>
where
    E: EntityTrait,
    E::Model: FromQueryResult + Send + Sync,
    E::ActiveModel: Send,
{
    /// Adds a row; `false` when a value that must be unlike every other is taken.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn add(&self, row: E::ActiveModel) -> Result<bool, StoreFault> {
        let inserted = E::insert(row)
            .on_conflict_do_nothing()
            .exec_without_returning(self.db)
            .await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(_)))
    }

    /// Puts a row in place, new or changed.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn put(&self, row: E::ActiveModel) -> Result<(), StoreFault> {
        let columns: Vec<String> = E::Column::iter()
            .map(|column| column.as_str().to_owned())
            .collect();
        let Some((key, rest)) = columns.split_first() else {
            return Ok(());
        };
        let mut conflict = OnConflict::column(Alias::new(key));
        conflict.update_columns(rest.iter().map(Alias::new));
        E::insert(row)
            .on_conflict(conflict)
            .exec_without_returning(self.db)
            .await?;
        Ok(())
    }

    /// Changes rows; the number changed.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn change(
        &self,
        which: impl FnOnce(UpdateMany<E>) -> UpdateMany<E>,
    ) -> Result<u64, StoreFault> {
        Ok(which(E::update_many()).exec(self.db).await?.rows_affected)
    }

    /// Takes rows away; the number taken.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn remove(
        &self,
        which: impl FnOnce(DeleteMany<E>) -> DeleteMany<E>,
    ) -> Result<u64, StoreFault> {
        Ok(which(E::delete_many()).exec(self.db).await?.rows_affected)
    }

    /// The first row of `select`.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn one(&self, select: Select<E>) -> Result<Option<E::Model>, StoreFault> {
        Ok(select.one(self.db).await?)
    }

    /// Every row of `select`.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn all(&self, select: Select<E>) -> Result<Vec<E::Model>, StoreFault> {
        Ok(select.all(self.db).await?)
    }
}
