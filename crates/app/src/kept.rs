//! A kind of record as its capability keeps it: who may know of it, who opens it, on what
//! ground it is processed, and what all kinds can be asked alike.

use std::marker::PhantomData;

use clearpicture_access::{
    Access, AccessClass, Action, ActionSpec, Adds, Caller, Effect, Grants, KindName, Purpose,
    Refused, Resource, Sees,
};
use clearpicture_kernel::{Code, RecordId, TypedId as _};
use clearpicture_store::{
    Looked, LooksWanted, Marked, Prepared, Record, RecordSpec, Store, StoreFault, WriteError,
    read_body,
};
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::Value;

use crate::shell::page::PER_PAGE;
use crate::shell::{Ctx, Failure, Pagination};

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
    /// Puts a record of the kind in place; only policies of a test's own allow it.
    pub plants: Plants,
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

/// One page of who opened a record.
#[derive(Debug)]
pub struct LooksFound {
    /// The rows of the read log.
    pub looks: Vec<Looked>,
    /// Where the page stands in the whole.
    pub list: Pagination,
    /// How many of all are prints.
    pub prints: u64,
}

/// Reads one page of who opened a record, whatever its kind, with the permit its own kind asks for.
pub type LooksOn =
    for<'a> fn(&'a Ctx, &'a RecordId, Marked, u64) -> BoxFuture<'a, Result<LooksFound, Failure>>;

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
            plants: Plants {
                action: Plant::<R>::SPEC,
                plant: plant::<R>,
            },
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

/// How a record of one kind is put in place for a test that tries every kind alike.
///
/// It needs the permit of an action that no capability declares: the product's own policies
/// never allow it, whoever asks.
#[derive(Clone, Copy)]
pub struct Plants {
    /// The action that a test's own policies allow.
    pub action: ActionSpec,
    /// Prepares the record of this body; nothing is there until it is committed.
    pub plant: PlantsOne,
}

/// Prepares the record of one id and body, with the permit that the given policies allow.
pub type PlantsOne = for<'a> fn(
    &'a Store,
    &'a Access,
    &'a RecordId,
    Value,
) -> BoxFuture<'a, Result<Planted, PlantFault>>;

/// A record about to be put in place.
#[derive(Debug)]
pub struct Planted {
    /// The change, to be committed.
    pub prepared: Prepared,
    /// What policies may know of the record.
    pub class: AccessClass,
}

/// Why a record cannot be put in place.
#[derive(Debug, thiserror::Error)]
pub enum PlantFault {
    /// The policies at hand do not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The id or the body is not of this kind.
    #[error("{0}")]
    Unreadable(String),
    /// The store does not take it.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Puts a record of the kind `R` in place.
struct Plant<R>(PhantomData<fn() -> R>);

impl<R: Record> Action for Plant<R> {
    type On = R;
    const SPEC: ActionSpec = ActionSpec {
        name: "records.plant",
        kind: KindName::of::<R>(),
        effect: Effect::Add,
        about: "put a record in place for a test",
    };
}

impl<R: Record> Adds for Plant<R> {}

fn plant<'a, R: Record>(
    store: &'a Store,
    access: &'a Access,
    id: &'a RecordId,
    body: Value,
) -> BoxFuture<'a, Result<Planted, PlantFault>> {
    async move {
        let unreadable = |problem: String| PlantFault::Unreadable(problem);
        let typed = R::Id::parse(id.as_str()).map_err(|error| unreadable(error.to_string()))?;
        let record: R = read_body(R::BODY_VERSION, body).map_err(unreadable)?;
        let code = Code::parse("administration").map_err(|error| unreadable(error.to_string()))?;
        let purpose = Purpose {
            code,
            marked: false,
        };
        let class = record.class(&typed);
        let resource = Resource {
            id: id.clone(),
            version: 0,
            class: class.clone(),
            grants: Grants::NONE,
        };
        let permit = access.permit::<Plant<R>>(&Caller::system("plant"), resource, &purpose)?;
        let prepared = store.prepare_add(&permit, &record, None).await?;
        Ok(Planted { prepared, class })
    }
    .boxed()
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
) -> BoxFuture<'a, Result<LooksFound, Failure>>
where
    A::On: Record,
{
    async move {
        let id = <A::On as Record>::Id::parse(id.as_str()).map_err(|_| Failure::NotFound)?;
        let permit = ctx.permit::<A>(&id).await?;
        let store = ctx.store();
        let wanted = LooksWanted::all(marked);
        let total = store.count_looks_on(&permit, &wanted).await?;
        let list = Pagination::of(page, total);
        let looks = store.looks_on(&permit, &wanted, list.offset(), PER_PAGE);
        let looks = looks.await?;
        let printed = LooksWanted {
            printed: true,
            ..wanted
        };
        Ok(LooksFound {
            looks,
            list,
            prints: store.count_looks_on(&permit, &printed).await?,
        })
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
