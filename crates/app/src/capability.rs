//! What a capability says of itself. It is the only registration: the router,
//! the menu, the table of access, the record of processing, the tests that
//! nothing was forgotten, all are derived from it.

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post};
use clearpicture_access::{Action, ActionSpec, PolicyText};
use clearpicture_store::schema::Migration;

use crate::analysis::Analysed;
use crate::api::Described;
use crate::jobs::JobSpec;
use crate::shell::fields::{FormSpec, Handles};
use crate::shell::names::CalledBy;
use crate::shell::page::PageSpec;
use crate::state::App;

pub use crate::kept::{
    Kept, LooksFound, LooksOn, PlantFault, Planted, Plants, PlantsOne, Processing, Regime,
    ResourceOf,
};

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
    /// What measures may count of it.
    pub analysis: Vec<Analysed>,
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
            analysis: Vec::new(),
            sections: Vec::new(),
            pages: Vec::new(),
            jobs: Vec::new(),
            called: None,
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
    /// What a route that reads shows of many records; a test holds it to policy.
    pub shows: Option<Shows>,
    /// A body of a call that changes something; a test sends it and looks for it in history.
    pub tried: Option<&'static str>,
    /// The action in history, where it is not the door's own.
    pub leaves: Option<ActionSpec>,
    /// The most bytes that its body may hold, where that is more than others may.
    pub largest_body: Option<usize>,
    /// Whether it only reads, and is a POST so that what is looked for stands in no address.
    pub asks: bool,
    /// The form that it reads, by the type of its handler; a test holds every page's controls to it.
    pub form: Option<FormSpec>,
}

/// What a route that is about no one record shows.
#[derive(Debug, Clone, Copy)]
pub enum Shows {
    /// A list: a page, a search, an export, an answer of the API.
    List(Listed),
    /// No list, and why not.
    NoList(&'static str),
}

/// What stands in a list, so that a test can compare it with policy, record by record.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    /// What tells records apart there: the words of what they say under this label; `None` for their ids.
    pub by: Option<&'static str>,
    /// The query that leaves nothing out, such as `former=yes`.
    pub query: &'static str,
    /// Only records that say these words under these labels; `{me}` stands for the caller's id.
    pub only: &'static [(&'static str, &'static str)],
}

impl Listed {
    /// A list that shows each record's id.
    pub const fn by_id() -> Self {
        Self {
            by: None,
            query: "",
            only: &[],
        }
    }

    /// A list in which records are told apart by what they say under `label`.
    pub const fn by(label: &'static str) -> Self {
        Self {
            by: Some(label),
            ..Self::by_id()
        }
    }

    /// The same list, whole under this query.
    #[must_use]
    pub const fn under(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    /// The same list, which holds only records that say these words under these labels.
    #[must_use]
    pub const fn only(self, only: &'static [(&'static str, &'static str)]) -> Self {
        Self { only, ..self }
    }
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
    pub fn post<A: Action, T: Handles + 'static>(
        path: &'static str,
        handler: impl Handler<T, App>,
    ) -> Self {
        Self::write(path, Door::Action(A::SPEC), handler)
    }

    /// A form that only looks for something, for those who may do `A`: what is looked for stands in no address.
    pub fn ask<A: Action, T: Handles + 'static>(
        path: &'static str,
        handler: impl Handler<T, App>,
    ) -> Self {
        Self {
            asks: true,
            ..Self::post::<A, T>(path, handler)
        }
    }

    /// Whether it changes something.
    pub fn is_write(&self) -> bool {
        self.method == Method::POST && !self.asks
    }

    /// A page behind `door`.
    pub fn read<T: 'static>(path: &'static str, door: Door, handler: impl Handler<T, App>) -> Self {
        Self::new(Method::GET, path, door, get(handler))
    }

    /// A form behind `door`.
    pub fn write<T: Handles + 'static>(
        path: &'static str,
        door: Door,
        handler: impl Handler<T, App>,
    ) -> Self {
        Self {
            form: T::form(),
            ..Self::new(Method::POST, path, door, post(handler))
        }
    }

    fn new(method: Method, path: &'static str, door: Door, answers: MethodRouter<App>) -> Self {
        Self {
            method,
            path,
            door,
            answers,
            described: None,
            shows: None,
            tried: None,
            leaves: None,
            largest_body: None,
            asks: false,
            form: None,
        }
    }

    /// The same route, which shows this list.
    #[must_use]
    pub fn lists(self, list: Listed) -> Self {
        Self {
            shows: Some(Shows::List(list)),
            ..self
        }
    }

    /// The same route, which shows no list of records, and why.
    #[must_use]
    pub fn lists_nothing(self, why: &'static str) -> Self {
        Self {
            shows: Some(Shows::NoList(why)),
            ..self
        }
    }

    /// The same route with a body that is taken: a form as it is sent, or JSON. What the
    /// page's own form holds (its version, what was typed before) need not stand in it.
    #[must_use]
    pub fn tried(self, body: &'static str) -> Self {
        Self {
            tried: Some(body),
            ..self
        }
    }

    /// The same route, whose body may hold so many bytes.
    #[must_use]
    pub fn takes_up_to(self, bytes: usize) -> Self {
        Self {
            answers: self.answers.layer(DefaultBodyLimit::max(bytes)),
            largest_body: Some(bytes),
            ..self
        }
    }

    /// The same route, which leaves `A` in history rather than the action of its door.
    #[must_use]
    pub fn leaves<A: Action>(self) -> Self {
        Self {
            leaves: Some(A::SPEC),
            ..self
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
