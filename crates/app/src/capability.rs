//! What a capability says of itself. It is the only registration: the router,
//! the menu, the table of access, the record of processing, the tests that
//! nothing was forgotten, all are derived from it.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post};
use clearpicture_access::{Action, ActionSpec, Caller, PolicyText, Resource, Sees};
use clearpicture_kernel::{RecordId, TypedId as _};
use clearpicture_store::schema::Migration;
use clearpicture_store::{Looked, Marked, Record, RecordSpec, Store, StoreFault};
use futures_util::future::{BoxFuture, FutureExt as _};

use crate::api::Described;
use crate::jobs::JobSpec;
use crate::shell::names::CalledBy;
use crate::shell::page::{PER_PAGE, PageSpec};
use crate::shell::{Ctx, Failure, Pagination};
use crate::state::App;

/// One capability of the product, in its own folder.
#[derive(Clone)]
pub struct Capability {
    /// The folder's name.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The capabilities whose `mod.rs` it uses. No cycles; a test holds the sources to it.
    pub needs: &'static [&'static str],
    /// What can be done, by whom policy says.
    pub actions: Vec<ActionSpec>,
    /// Its base policies.
    pub policy: PolicyText,
    /// The kinds of record it keeps.
    pub records: Vec<Kept>,
    /// The steps that make its tables.
    pub migrations: Vec<Migration>,
    /// Its pages and API.
    pub routes: Vec<Route>,
    /// Its places in the menu.
    pub sections: Vec<Section>,
    /// Its page templates, each with samples.
    pub pages: Vec<PageSpec>,
    /// What it does in the background.
    pub jobs: Vec<JobSpec>,
    /// What its records are called, where other pages would otherwise show an id.
    pub called: Option<CalledBy>,
}

impl Capability {
    /// A capability of this name with nothing in it yet.
    pub fn new(name: &'static str, title: &'static str, policy: &'static str) -> Self {
        Self {
            name,
            title,
            needs: &[],
            actions: Vec::new(),
            policy: PolicyText::new(format!("{name}/policy.cedar"), policy),
            records: Vec::new(),
            migrations: Vec::new(),
            routes: Vec::new(),
            sections: Vec::new(),
            pages: Vec::new(),
            jobs: Vec::new(),
            called: None,
        }
    }
}

/// A kind of record with what the law asks to be known of it.
#[derive(Clone, Copy)]
pub struct Kept {
    /// The kind.
    pub record: RecordSpec,
    /// The action that tells whether someone may know a record is there at all:
    /// whoever may not do it gets "not found" rather than "not allowed".
    pub known_by: ActionSpec,
    /// The action by which one opens a record.
    pub opened_by: ActionSpec,
    /// The address under which its records' pages lie, such as `/people`; `None` when they have none.
    pub page: Option<&'static str>,
    /// The record of processing (safety rule 28).
    pub processing: Processing,
    /// What a decision about one of the records needs; `None` when there is no such record.
    pub resource: ResourceOf,
    /// Who opened one of the records, for those who may open it.
    pub looks: LooksOn,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.record.kind)
    }
}

/// Finds what a decision about a record needs, whatever its kind.
pub type ResourceOf = for<'a> fn(
    &'a Store,
    &'a Caller,
    &'a RecordId,
) -> BoxFuture<'a, Result<Option<Resource>, StoreFault>>;

/// Reads one page of who opened a record, whatever its kind, with the permit its own kind asks for.
pub type LooksOn = for<'a> fn(
    &'a Ctx,
    &'a RecordId,
    Marked,
    u64,
) -> BoxFuture<'a, Result<(Vec<Looked>, Pagination), Failure>>;

impl Kept {
    /// The kind `R`, known to those who may do `A`.
    pub fn of<R: Record, A: Sees + Action<On = R>>(processing: Processing) -> Self {
        Self {
            record: RecordSpec::of::<R>(),
            known_by: A::SPEC,
            opened_by: A::SPEC,
            page: None,
            processing,
            resource: resource_of::<R>,
            looks: looks_on::<A>,
        }
    }

    /// The same kind, whose records are opened by `A` on pages under `page`.
    #[must_use]
    pub fn opened_by<A: Sees>(self, page: &'static str) -> Self
    where
        A::On: Record,
    {
        Self {
            opened_by: A::SPEC,
            page: Some(page),
            looks: looks_on::<A>,
            ..self
        }
    }

    /// The address of one record's page.
    pub fn href(&self, id: &str) -> Option<String> {
        self.page.map(|page| format!("{page}/{id}"))
    }
}

fn resource_of<'a, R: Record>(
    store: &'a Store,
    caller: &'a Caller,
    id: &'a RecordId,
) -> BoxFuture<'a, Result<Option<Resource>, StoreFault>> {
    async move {
        match R::Id::parse(id.as_str()) {
            Ok(id) => store.resource::<R>(caller, &id).await,
            Err(_) => Ok(None),
        }
    }
    .boxed()
}

fn looks_on<'a, A: Sees>(
    ctx: &'a Ctx,
    id: &'a RecordId,
    marked: Marked,
    page: u64,
) -> BoxFuture<'a, Result<(Vec<Looked>, Pagination), Failure>>
where
    A::On: Record,
{
    async move {
        let id = <A::On as Record>::Id::parse(id.as_str()).map_err(|_| Failure::NotFound)?;
        let permit = ctx.permit::<A>(&id).await?;
        let store = ctx.store();
        let total = store.count_looks_on(&permit, marked).await?;
        let list = Pagination::of(page, total);
        let looks = store
            .looks_on(&permit, marked, list.offset(), PER_PAGE)
            .await?;
        Ok((looks, list))
    }
    .boxed()
}

/// The line of the record of processing for one kind of record (UK GDPR article 30,
/// Data Protection Act 2018 section 61).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Processing {
    /// What is recorded, and about whom.
    pub about: &'static str,
    /// Who decides why and how.
    pub controllers: &'static str,
    /// The lawful basis.
    pub lawful_basis: &'static str,
    /// General processing or processing for law enforcement (Part 3 of the Act).
    pub regime: Regime,
    /// Who receives it.
    pub recipients: &'static str,
    /// How long it is kept, and on what rule.
    pub retention: &'static str,
    /// Where copies lie.
    pub copies: &'static str,
}

/// Which part of data-protection law a kind of record falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regime {
    /// UK GDPR and Part 2 of the Data Protection Act 2018.
    General,
    /// Part 3 of the Data Protection Act 2018.
    LawEnforcement,
}

impl Regime {
    /// The regime in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::General => "general processing (UK GDPR)",
            Self::LawEnforcement => "law-enforcement processing (Data Protection Act 2018, Part 3)",
        }
    }
}

/// Who may pass a route at all. The handler's own permit decides about the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// Anyone, signed in or not.
    Public,
    /// Anyone who signed in.
    SignedIn,
    /// Whoever policy allows this action.
    Action(ActionSpec),
}

/// One address and what answers there.
#[derive(Clone)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path; a record's id is always `{id}`.
    pub path: &'static str,
    /// Who may pass.
    pub door: Door,
    /// What answers.
    pub answers: MethodRouter<App>,
    /// What an API route takes and gives.
    pub described: Option<Described>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Route {
    /// A page or an API answer that only reads, for those who may do `A`.
    pub fn get<A: Action, T: 'static>(path: &'static str, handler: impl Handler<T, App>) -> Self {
        Self::read(path, Door::Action(A::SPEC), handler)
    }

    /// A form or an API call that changes something, for those who may do `A`.
    pub fn post<A: Action, T: 'static>(path: &'static str, handler: impl Handler<T, App>) -> Self {
        Self::write(path, Door::Action(A::SPEC), handler)
    }

    /// A page behind `door`.
    pub fn read<T: 'static>(path: &'static str, door: Door, handler: impl Handler<T, App>) -> Self {
        Self {
            method: Method::GET,
            path,
            door,
            answers: get(handler),
            described: None,
        }
    }

    /// A form behind `door`.
    pub fn write<T: 'static>(
        path: &'static str,
        door: Door,
        handler: impl Handler<T, App>,
    ) -> Self {
        Self {
            method: Method::POST,
            path,
            door,
            answers: post(handler),
            described: None,
        }
    }

    /// The same route with what it takes and gives, for the API's description.
    #[must_use]
    pub fn described(self, described: Described) -> Self {
        Self {
            described: Some(described),
            ..self
        }
    }

    /// Whether the route is about one record.
    pub fn has_record(&self) -> bool {
        self.path.contains("{id}")
    }

    /// Whether it belongs to the API rather than to the pages.
    pub fn is_api(&self) -> bool {
        self.path.starts_with("/api/")
    }
}

/// A place in the menu: shown to whoever may do its action to anything.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// One or two words.
    pub title: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// What one must be allowed to do.
    pub action: ActionSpec,
    /// Where it stands: lower comes first.
    pub order: u16,
}
