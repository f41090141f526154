//! A partnership in which one record of every sample of every kind is planted.

use clearpicture_access::{Access, AccessClass, ActionSpec, Caller, PolicyText, Purpose};
use clearpicture_app::capability::{Door, Kept, Route};
use clearpicture_app::shell::session::Stage;
use clearpicture_app::tokens::{ApiScope, Secret, Token, TokenId};
use clearpicture_kernel::{AgencyId, Code, Line, RecordId, Timestamp, TypedId as _, WorkerId};
use clearpicture_store::{Prepared, Said};
use serde_json::Value;

use crate::support::{TestApp, Visitor, a_worker};

/// A record that was put in place.
pub(super) struct Known {
    pub(super) kind: &'static str,
    pub(super) id: RecordId,
    pub(super) class: AccessClass,
    pub(super) said: Vec<Said>,
}

impl Known {
    /// Whether it is a sample, and was not made for a test's own callers.
    pub(super) fn is_sown(&self) -> bool {
        self.id.as_str().contains("_000000000000")
    }

    /// What it says under a label.
    pub(super) fn says(&self, label: &str) -> &str {
        let said = self.said.iter().find(|said| said.label == label);
        &said
            .unwrap_or_else(|| panic!("a {} says nothing under `{label}`", self.kind))
            .words
    }
}

/// An agency's system.
pub(super) struct System {
    pub(super) bearer: String,
    pub(super) caller: Caller,
    pub(super) purpose: Purpose,
}

/// The application with what was planted in it.
pub(super) struct Ground {
    pub(super) test: TestApp,
    pub(super) known: Vec<Known>,
    access: Vec<(&'static str, Access)>,
}

/// The agency that samples belong to, and one that they do not belong to.
pub(super) fn agencies() -> [(&'static str, AgencyId); 2] {
    [("own", '1'), ("other", '2')].map(|(place, last)| {
        let id = AgencyId::parse(&format!("agency_0000000000000000000000000{last}"));
        (place, id.expect("an id"))
    })
}

impl Ground {
    /// Every sample of every kind: the first of a kind has the id `kind_…01`, which samples name.
    pub(super) async fn sown() -> Self {
        let test = TestApp::start().await;
        let access = test.app.kept().map(|kept| {
            let all = "@id(\"all\") permit (principal, action, resource);";
            let text = PolicyText::new("test", all);
            let access = Access::new([kept.plants.action], &[text]).expect("valid");
            (kept.record.kind, access)
        });
        let mut ground = Self {
            access: access.collect(),
            known: Vec::new(),
            test,
        };
        let mut changes = Vec::new();
        for kept in ground.test.app.kept().copied().collect::<Vec<_>>() {
            let samples = (kept.record.samples)();
            assert!(!samples.is_empty(), "{kept:?} has no samples");
            for (sample, number) in samples.into_iter().zip(1_u8..) {
                let id = format!("{}_{number:026}", kept.record.prefix);
                let id = RecordId::parse(&id).expect("an id");
                changes.push(ground.prepare(kept.record.kind, &id, sample).await);
            }
        }
        ground.commit(changes).await;
        ground
    }

    /// How a kind of record is kept.
    pub(super) fn kept(&self, kind: &str) -> Kept {
        *self.test.app.kept_of(kind).expect("a kind that is kept")
    }

    /// The planted records of one kind.
    pub(super) fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Known> {
        self.known.iter().filter(move |known| known.kind == kind)
    }

    /// Prepares a record, and remembers it.
    pub(super) async fn prepare(&mut self, kind: &str, id: &RecordId, body: Value) -> Prepared {
        let kept = self.kept(kind);
        let (kind, access) = self
            .access
            .iter()
            .find(|(known, _)| *known == kind)
            .expect("kept");
        let said = (kept.record.say)(kept.record.body_version, body.clone());
        let planted = (kept.plants.plant)(self.test.store(), access, id, body).await;
        let planted = planted.expect("a body that fits");
        self.known.push(Known {
            kind,
            id: id.clone(),
            class: planted.class,
            said: said.expect("a body that fits"),
        });
        planted.prepared
    }

    /// Puts what was prepared in place.
    pub(super) async fn commit(&self, changes: Vec<Prepared>) {
        let committed = self.test.store().commit(changes).await;
        committed.expect("samples that can all be there at once, each value that must be unlike every other its own");
    }

    /// Somebody of `agency` in these roles.
    pub(super) async fn worker(
        &mut self,
        name: &str,
        agency: AgencyId,
        roles: &[Code],
    ) -> WorkerId {
        let mut worker = a_worker(name).of(agency).record();
        worker.roles = roles.iter().cloned().collect();
        let id = WorkerId::fresh(self.test.app.ambient());
        let body = serde_json::to_value(worker).expect("a body");
        let change = self.prepare("worker", &id.record_id(), body).await;
        self.commit(vec![change]).await;
        id
    }

    /// Every role of the partnership.
    pub(super) fn roles(&self) -> Vec<Code> {
        let roles = self.test.app.practice().roles.iter();
        roles.map(|role| role.code.clone()).collect()
    }

    /// A worker as decisions know them, and their purpose.
    pub(super) async fn caller(&self, worker: WorkerId) -> (Caller, Purpose) {
        let app = &self.test.app;
        let who = (app.identify().worker)(app.clone(), worker).await;
        let caller = who.expect("read").expect("someone who may sign in").caller;
        let purpose = app
            .practice()
            .first_purpose(&caller.roles)
            .expect("a purpose");
        (caller, purpose.purpose())
    }

    /// The system of an agency, with a token of these scopes.
    pub(super) async fn system(
        &mut self,
        name: &str,
        agency: AgencyId,
        scopes: &[ApiScope],
    ) -> System {
        let ambient = self.test.app.ambient();
        let (secret, id) = (Secret::fresh(ambient), TokenId::fresh(ambient));
        let token = Token {
            agency,
            label: Line::parse(name).expect("a label"),
            scopes: scopes.iter().copied().collect(),
            digest: secret.digest(self.test.store()),
            made_at: Timestamp::UNIX_EPOCH,
            active: true,
        };
        let body = serde_json::to_value(token).expect("a body");
        let change = self.prepare("token", &id.record_id(), body).await;
        self.commit(vec![change]).await;
        let app = &self.test.app;
        let who = (app.identify().token)(app.clone(), secret.reveal().to_owned()).await;
        let who = who.expect("read").expect("a token that works");
        let purpose = Code::parse("data-exchange").expect("a code");
        let purpose = app.practice().purpose(&purpose).expect("known").purpose();
        System {
            bearer: format!("Bearer {}", secret.reveal()),
            caller: who.caller,
            purpose,
        }
    }

    /// A system that calls the API.
    pub(super) fn calls(&self, system: &System) -> Visitor {
        self.test
            .visitor()
            .with_header("authorization", &system.bearer)
    }

    /// A worker at a browser.
    pub(super) async fn comes(&self, worker: WorkerId) -> Visitor {
        self.test.signed_in(worker, Stage::Full).await
    }

    /// Every route of every capability.
    pub(super) fn routes(&self) -> Vec<Route> {
        let capabilities = self.test.app.capabilities().iter();
        capabilities
            .flat_map(|one| one.routes.iter().cloned())
            .collect()
    }

    /// Every address of a route: one for each planted record of the kind that its path is about.
    pub(super) fn paths(&self, route: &Route) -> Vec<String> {
        if !route.has_record() {
            return vec![route.path.to_owned()];
        }
        let Some(kind) = self.kind_in_path(route) else {
            // Whatever the kind: `/looked/{id}`.
            let all = self.known.iter();
            return all
                .map(|one| route.path.replace("{id}", one.id.as_str()))
                .collect();
        };
        let paths = self
            .of(kind)
            .filter(|one| one.is_sown())
            .map(|one| route.path.replace("{id}", one.id.as_str()));
        let paths: Vec<String> = paths.collect();
        assert!(
            !paths.is_empty(),
            "{route:?} is about a kind of record that nobody keeps"
        );
        paths
    }

    /// The kind of the record in a path: the one whose pages lie there, or what the action is done to.
    pub(super) fn kind_in_path(&self, route: &Route) -> Option<&'static str> {
        let tail = route.path.trim_start_matches("/api/v1");
        let of_page = self.test.app.kept().find(|kept| {
            kept.page
                .is_some_and(|page| tail.starts_with(&format!("{page}/{{id}}")))
        });
        match (of_page, route.door) {
            (Some(kept), _) => Some(kept.record.kind),
            (None, Door::Action(action)) => Some(action.kind.name),
            (None, _) => None,
        }
    }
}

/// The action behind which a route lies.
pub(super) fn action_of(route: &Route) -> Option<ActionSpec> {
    match route.door {
        Door::Action(action) => Some(action),
        Door::Public | Door::SignedIn => None,
    }
}

/// Whether a route changes something.
pub(super) fn is_write(route: &Route) -> bool {
    route.is_write()
}

/// The policies of the product allow nobody to plant anything.
#[tokio::test]
async fn nobody_plants_a_record_in_the_product() {
    let test = TestApp::start().await;
    for kept in test.app.kept() {
        let id = format!("{}_{:026}", kept.record.prefix, 1);
        let id = RecordId::parse(&id).expect("an id");
        let sample = (kept.record.samples)().remove(0);
        let planted = (kept.plants.plant)(test.store(), test.app.access(), &id, sample).await;
        assert!(planted.is_err(), "{kept:?} can be planted");
    }
}
