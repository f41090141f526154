//! An invented partnership behind its own router, with a clock that is set by hand.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use clearpicture_access::{Action, Caller, Grants, Purpose, Resource};
use clearpicture_kernel::ambient::{SeededRandom, SetClock};
use clearpicture_kernel::{
    AgencyId, Ambient, Code, EmailAddress, Line, Passage, PersonName, Timestamp, TypedId as _,
    WorkerId,
};
use clearpicture_store::{MasterKey, Record, Store, Upgrade};
use futures_util::FutureExt as _;
use jiff::SignedDuration;
use tower::ServiceExt as _;

use crate::agencies::{AddAgency, Agency, AgencyKind};
use crate::grants::{Involvement, note_involvement};
use crate::practice::Practice;
use crate::shell::session::{self, Stage, Token};
use crate::state::{App, Identify, Serving, holdings};
use crate::workers::{AddWorker, Worker, identify};

/// Two agencies, a few people, and the night of 18 November 2026.
pub(super) struct World {
    pub(super) app: App,
    clock: Arc<SetClock>,
    router: Router,
    _folder: tempfile::TempDir,
}

/// What came back.
pub(super) struct Got {
    pub(super) status: StatusCode,
    pub(super) location: String,
    pub(super) text: String,
}

/// Someone who signed in.
pub(super) struct Visitor {
    pub(super) id: WorkerId,
    token: Token,
}

impl World {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let began: Timestamp = "2026-11-18T02:00:00Z".parse().expect("a moment");
        let clock = Arc::new(SetClock::at(began));
        let ambient = Ambient::new(clock.clone(), Arc::new(SeededRandom::new(7)));
        let address = format!("sqlite:{}", folder.path().join("cp.db").display());
        let (store, _) = Store::open(
            &address.parse().expect("an address"),
            MasterKey::fresh(&ambient),
            holdings(&crate::capabilities()),
            Upgrade::Apply,
            ambient,
        )
        .await
        .expect("a store");
        let practice = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../practice");
        let app = App::start(
            store,
            Practice::read(&practice).expect("a practice"),
            crate::capabilities(),
            Identify {
                worker: identify,
                token: |_, _| async { Ok(None) }.boxed(),
            },
            Serving::default(),
        )
        .expect("an application");
        Self {
            router: crate::shell::router(&app),
            app,
            clock,
            _folder: folder,
        }
    }

    /// Sets the clock forward.
    pub(super) fn wait(&self, seconds: i64) {
        let later = self.app.ambient().now() + SignedDuration::from_secs(seconds);
        self.clock.set(later);
    }

    async fn set_up<A>(&self, id: &<A::On as Record>::Id, record: &A::On)
    where
        A: clearpicture_access::Adds + Action,
        A::On: Record,
    {
        let resource = Resource {
            id: id.record_id(),
            version: 0,
            class: record.class(id),
            grants: Grants::NONE,
        };
        let permit = self
            .app
            .access()
            .permit::<A>(&Caller::system("set-up"), resource, &purpose())
            .expect("setting up is allowed");
        let store = self.app.store();
        store.add(&permit, record, None).await.expect("added");
    }

    pub(super) async fn agency(&self, code: &str) -> AgencyId {
        let id = AgencyId::fresh(self.app.ambient());
        let agency = Agency {
            code: Code::parse(code).expect("a code"),
            name: Line::parse(&format!("The {code} agency")).expect("a name"),
            kind: AgencyKind::Council,
            duty_number: None,
            active: true,
        };
        self.set_up::<AddAgency>(&id, &agency).await;
        id
    }

    /// Adds a person in one role, involved with their own record.
    pub(super) async fn person(&self, agency: AgencyId, name: &str, role: &str) -> WorkerId {
        let id = WorkerId::fresh(self.app.ambient());
        let worker = Worker {
            agency,
            name: PersonName::parse(name).expect("a name"),
            email: EmailAddress::parse(&format!("{}@northwater.example", name.to_lowercase()))
                .expect("an address"),
            phone: None,
            teams: Default::default(),
            roles: [Code::parse(role).expect("a role")].into(),
            vetted_until: Some(jiff::civil::date(2099, 1, 1)),
            trained_until: Some(jiff::civil::date(2099, 1, 1)),
            active: true,
        };
        self.set_up::<AddWorker>(&id, &worker).await;
        let own = Involvement {
            holder: id.record_id(),
            on_record: id.record_id(),
            owner: Some(agency),
            reason: Passage::parse("Their own record").expect("a reason"),
        };
        note_involvement(&self.app, &Caller::system("set-up"), &purpose(), own)
            .await
            .expect("noted");
        id
    }

    /// Signs someone in, for the purpose their role starts with.
    pub(super) async fn signed_in(&self, id: WorkerId) -> Visitor {
        let token = session::begin(self.app.store(), id, Stage::Full)
            .await
            .expect("a session");
        Visitor { id, token }
    }

    /// Chooses another purpose for a session.
    pub(super) async fn choose(&self, visitor: &Visitor, purpose: &str) {
        let code = Code::parse(purpose).expect("a code");
        session::set_purpose(self.app.store(), &visitor.token, &code)
            .await
            .expect("set");
    }

    pub(super) async fn get(&self, visitor: &Visitor, path: &str) -> Got {
        let request = Request::get(path)
            .header(header::COOKIE, cookie(visitor))
            .body(Body::empty());
        self.send(request.expect("a request")).await
    }

    pub(super) async fn post(&self, visitor: &Visitor, path: &str, form: &[(&str, &str)]) -> Got {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf_token", &visitor.token.csrf());
        body.extend_pairs(form);
        let request = Request::post(path)
            .header(header::COOKIE, cookie(visitor))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.finish()));
        self.send(request.expect("a request")).await
    }

    async fn send(&self, request: Request<Body>) -> Got {
        let response = self.router.clone().oneshot(request).await.expect("answered");
        let location = response.headers().get(header::LOCATION);
        let location = location.and_then(|value| value.to_str().ok());
        Got {
            status: response.status(),
            location: location.unwrap_or_default().to_owned(),
            text: String::from_utf8(
                to_bytes(response.into_body(), 1 << 20)
                    .await
                    .expect("a body")
                    .to_vec(),
            )
            .expect("text"),
        }
    }

    /// Who `visitor` is for decisions, and why they are here.
    pub(super) async fn caller(&self, visitor: &Visitor) -> (Caller, Purpose) {
        let session = session::find(self.app.store(), &visitor.token).await;
        let session = session.expect("found").expect("running");
        let who = identify(self.app.clone(), visitor.id).await;
        let who = who.expect("found").expect("still there");
        let practice = self.app.practice();
        let code = session
            .purpose
            .and_then(|code| practice.purpose(&code))
            .or_else(|| practice.first_purpose(&who.caller.roles))
            .expect("a purpose");
        (who.caller, code.purpose())
    }

    /// Opens a colleague's record as `visitor`, as their page does.
    pub(super) async fn open(&self, visitor: &Visitor, worker: WorkerId) -> bool {
        use crate::workers::SeeWorker;
        let (caller, purpose) = self.caller(visitor).await;
        let store = self.app.store();
        let resource = store.resource::<Worker>(&caller, &worker).await;
        let resource = resource.expect("read").expect("there");
        match self
            .app
            .access()
            .permit::<SeeWorker>(&caller, resource, &purpose)
        {
            Ok(permit) => {
                store.load(&permit).await.expect("loaded");
                true
            }
            Err(_) => false,
        }
    }
}

fn cookie(visitor: &Visitor) -> String {
    format!("clearpicture={}", visitor.token.cookie_text())
}

fn purpose() -> Purpose {
    Purpose {
        code: Code::parse("administration").expect("a code"),
        marked: false,
    }
}
