//! What every handler stands on: the store, the policies, the practice, the templates.

use std::path::PathBuf;
use std::sync::Arc;

use clearpicture_access::{Access, ActionSpec, PolicyFault};
use clearpicture_kernel::analysis::Keeper;
use clearpicture_kernel::{Ambient, WorkerId};
use clearpicture_measures::Runner;
use clearpicture_store::{Holdings, RecordSpec, Store, StoreFault};
use futures_util::future::BoxFuture;

use crate::capability::{Capability, Kept, Section};
use crate::jobs::JobSpec;
use crate::practice::Practice;
use crate::shell::page::PageSpec;
use crate::shell::templates::{TemplateFault, Templates};
use crate::shell::visit::Who;

/// The running application. Cloning is cheap.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// Who someone is, or nobody, once the database has answered.
pub type WhoIs = BoxFuture<'static, Result<Option<Who>, StoreFault>>;

/// How the shell learns who a worker or a token is, without knowing those capabilities.
#[derive(Clone, Copy)]
pub struct Identify {
    /// Who a worker is now; `None` when they may not sign in any more.
    pub worker: fn(App, WorkerId) -> WhoIs,
    /// Who the bearer of an API token is.
    pub token: fn(App, String) -> WhoIs,
}

/// What the application is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The policies.
    pub access: Access,
    /// The partnership's settings.
    pub practice: Practice,
    /// The page templates.
    pub templates: Templates,
    /// Every capability.
    pub capabilities: Vec<Capability>,
    /// How people and tokens are told apart.
    pub identify: Identify,
    /// What counts; `None` where nothing is counted.
    pub analyst: Option<Arc<dyn Analyst>>,
    /// How the application is served.
    pub serving: Serving,
}

/// What keeps the analysis tables and counts over them.
pub trait Analyst: Keeper + Runner {}

impl<T: Keeper + Runner> Analyst for T {}

/// How the application is served.
#[derive(Debug, Clone, Default)]
pub struct Serving {
    /// Whether people reach it over HTTPS, so that cookies may insist on it.
    pub secure: bool,
    /// The folder into which new seals of the history are copied each day, for whoever keeps them apart.
    pub seals: Option<PathBuf>,
    /// Whether a proxy of ours stands before it, so that `x-forwarded-for` tells where people come from.
    pub behind_proxy: bool,
    /// Shown on every page of a demonstration.
    pub demo: Option<String>,
}

/// Why the application cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// The policies do not fit.
    #[error(transparent)]
    Policies(#[from] PolicyFault),
    /// A page does not render.
    #[error(transparent)]
    Template(#[from] TemplateFault),
}

/// The store's holdings of these capabilities.
pub fn holdings(capabilities: &[Capability]) -> Holdings {
    Holdings::with_own(capabilities.iter().map(|capability| {
        Holdings {
            migrations: capability.migrations.clone(),
            records: capability
                .records
                .iter()
                .map(|kept| kept.record)
                // The store keeps grants itself; a capability only shows them.
                .filter(|record| record.kind != "grant")
                .collect(),
        }
    }))
}

/// The policies of these capabilities with the partnership's own.
///
/// # Errors
/// [`PolicyFault`] with every mistake, each with file and line.
pub fn policies(capabilities: &[Capability], practice: &Practice) -> Result<Access, PolicyFault> {
    let actions = capabilities
        .iter()
        .flat_map(|capability| capability.actions.iter().copied());
    let mut texts: Vec<_> = capabilities
        .iter()
        .map(|capability| capability.policy.clone())
        .collect();
    texts.extend(practice.policies.iter().cloned());
    Access::new(actions, &texts)
}

/// Every page of these capabilities, with the shell's own.
pub fn pages(capabilities: &[Capability]) -> Vec<PageSpec> {
    capabilities
        .iter()
        .flat_map(|capability| capability.pages.iter().copied())
        .chain(crate::shell::pages())
        .collect()
}

impl App {
    /// Puts the application together, and refuses if a page does not render.
    ///
    /// # Errors
    /// [`StartFault`] naming the policy or the page.
    pub fn start(
        store: Store,
        practice: Practice,
        capabilities: Vec<Capability>,
        identify: Identify,
        analyst: Option<Arc<dyn Analyst>>,
        serving: Serving,
    ) -> Result<Self, StartFault> {
        let access = policies(&capabilities, &practice)?;
        let templates = Templates::load();
        templates.check(&pages(&capabilities))?;
        Ok(Self(Arc::new(Parts {
            store,
            access,
            practice,
            templates,
            capabilities,
            identify,
            analyst,
            serving,
        })))
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The policies.
    pub fn access(&self) -> &Access {
        &self.0.access
    }

    /// The partnership's settings.
    pub fn practice(&self) -> &Practice {
        &self.0.practice
    }

    /// The page templates.
    pub fn templates(&self) -> &Templates {
        &self.0.templates
    }

    /// Every capability.
    pub fn capabilities(&self) -> &[Capability] {
        &self.0.capabilities
    }

    /// How people and tokens are told apart.
    pub fn identify(&self) -> Identify {
        self.0.identify
    }

    /// What keeps the analysis tables and counts over them; `None` where nothing is counted.
    pub fn analyst(&self) -> Option<&dyn Analyst> {
        self.0.analyst.as_deref()
    }

    /// How the application is served.
    pub fn serving(&self) -> &Serving {
        &self.0.serving
    }

    /// The clock and the chance.
    pub fn ambient(&self) -> &Ambient {
        self.0.store.ambient()
    }

    /// Every kind of record, as its capability declares it.
    pub fn kept(&self) -> impl Iterator<Item = &Kept> {
        self.0
            .capabilities
            .iter()
            .flat_map(|capability| &capability.records)
    }

    /// The action by which someone may know that a record of this kind is there.
    pub fn known_by(&self, kind: &str) -> Option<ActionSpec> {
        self.kept()
            .find(|kept| kept.record.kind == kind)
            .map(|kept| kept.known_by)
    }

    /// The kind of this name, as its capability declares it.
    pub fn kept_of(&self, kind: &str) -> Option<&Kept> {
        self.kept().find(|kept| kept.record.kind == kind)
    }

    /// The kind whose ids begin with this word, as its capability declares it.
    pub fn kept_with(&self, prefix: &str) -> Option<&Kept> {
        self.kept().find(|kept| kept.record.prefix == prefix)
    }

    /// The kind whose ids begin with this word.
    pub fn record_spec(&self, prefix: &str) -> Option<RecordSpec> {
        self.kept()
            .map(|kept| kept.record)
            .find(|record| record.prefix == prefix)
    }

    /// Every kind of job of every capability.
    pub fn jobs(&self) -> impl Iterator<Item = &JobSpec> {
        self.0
            .capabilities
            .iter()
            .flat_map(|capability| &capability.jobs)
    }

    /// Every place in the menu, in order.
    pub fn sections(&self) -> Vec<Section> {
        let mut sections: Vec<Section> = self
            .0
            .capabilities
            .iter()
            .flat_map(|capability| capability.sections.iter().copied())
            .collect();
        sections.sort_by_key(|section| section.order);
        sections
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}
