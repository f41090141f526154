//! The product itself at the door: it may find an account and check it before anybody is signed in.

use clearpicture_access::{Access, Action, Caller, Permit, Purpose};
use clearpicture_kernel::{Code, WorkerId};
use clearpicture_store::{Record, Store, StoreFault};

use super::store::credential_of;
use super::types::{CheckSignIn, Credential, CredentialId};
use crate::shell::Failure;
use crate::workers::{Account, ListWorkers, account, account_by_email};

/// The product itself, acting under the policies written for one of its names.
pub(super) struct System<'a> {
    store: &'a Store,
    access: &'a Access,
    caller: Caller,
    purpose: Purpose,
}

impl<'a> System<'a> {
    /// The product itself under `name`.
    pub(super) fn named(
        store: &'a Store,
        access: &'a Access,
        name: &'static str,
    ) -> Result<Self, Failure> {
        let code = Code::parse("administration").map_err(|fault| Failure::fault(&fault))?;
        Ok(Self {
            store,
            access,
            caller: Caller::system(name),
            purpose: Purpose {
                code,
                marked: false,
            },
        })
    }

    /// The product itself at the door.
    pub(super) fn at_the_door(app: &'a crate::App) -> Result<Self, Failure> {
        Self::named(app.store(), app.access(), "sign-in")
    }

    /// The account with this address, if it may be used.
    pub(super) async fn account_by_email(&self, email: &str) -> Result<Option<Account>, Failure> {
        let scope = self.scope::<ListWorkers>().await?;
        Ok(account_by_email(self.store, &scope, email).await?)
    }

    /// The account of this worker, if it may be used.
    pub(super) async fn account(&self, worker: WorkerId) -> Result<Option<Account>, Failure> {
        let scope = self.scope::<ListWorkers>().await?;
        Ok(account(self.store, &scope, worker).await?)
    }

    /// How this worker proves who they are.
    pub(super) async fn credential(
        &self,
        worker: WorkerId,
    ) -> Result<Option<(CredentialId, Credential)>, Failure> {
        let scope = self.scope::<CheckSignIn>().await?;
        let Some(id) = credential_of(self.store, &scope, worker).await? else {
            return Ok(None);
        };
        let permit = self.permit::<CheckSignIn>(&id).await?;
        Ok(Some((id, self.store.load(&permit).await?)))
    }

    /// Proof that policy lets the product itself do `A` to a record.
    pub(super) async fn permit<A>(&self, id: &<A::On as Record>::Id) -> Result<Permit<A>, Failure>
    where
        A: Action,
        A::On: Record,
    {
        let found = self.store.resource::<A::On>(&self.caller, id).await?;
        let resource = found.ok_or(Failure::NotFound)?;
        Ok(self.access.permit(&self.caller, resource, &self.purpose)?)
    }

    /// Proof that policy lets the product itself make a record.
    pub(super) fn permit_add<A>(
        &self,
        id: &<A::On as Record>::Id,
        record: &A::On,
    ) -> Result<Permit<A>, Failure>
    where
        A: Action,
        A::On: Record,
    {
        let resource = record.to_add(id);
        Ok(self.access.permit(&self.caller, resource, &self.purpose)?)
    }

    /// What policy lets the product itself find for `A`.
    pub(super) async fn scope<A>(&self) -> Result<clearpicture_access::Scope<A>, StoreFault>
    where
        A: Action,
        A::On: Record,
    {
        self.store
            .scope::<A>(self.access, &self.caller, &self.purpose)
            .await
    }
}
