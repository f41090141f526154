//! An application on a database of its own.

use std::path::Path;
use std::sync::Arc;

use clearpicture_access::{Adds, Caller, Purpose};
use clearpicture_app::agencies::{AddAgency, Agency, AgencyKind};
use clearpicture_app::practice::Practice;
use clearpicture_app::shell::session::{self, Stage};
use clearpicture_app::state::{Analyst, App, Identify, Serving, StartFault, holdings};
use clearpicture_app::tokens::{AddToken, ApiScope, Secret, Token, TokenId};
use clearpicture_app::workers::{AddWorker, identify};
use clearpicture_app::{Capability, capabilities, shell};
use clearpicture_kernel::ambient::{SeededRandom, SetClock};
use clearpicture_kernel::{AgencyId, Ambient, Clock as _, Code, Line, Timestamp, WorkerId};
use clearpicture_store::{MasterKey, Record, Store, Upgrade};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};

use super::people::AWorker;
use super::visitor::Visitor;

/// A running application, on SQLite in a folder that goes away with it unless it says otherwise.
pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) clock: Arc<SetClock>,
    folder: tempfile::TempDir,
    key: MasterKey,
}

impl TestApp {
    /// Starts with nobody in it, on 21 November 2026 at 14:02.
    pub(crate) async fn start() -> Self {
        Self::serving(Serving::default()).await
    }

    /// The same, served in a way of its own.
    pub(crate) async fn serving(serving: Serving) -> Self {
        let test = Self::of(capabilities(), None, serving).await;
        test.expect("the application starts")
    }

    /// The same, on a PostgreSQL database of its own, which goes away with the server of the tests.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test binary has no configuration but its environment"
    )]
    pub(crate) async fn on_postgres() -> Self {
        let server = std::env::var("CLEARPICTURE_TEST_POSTGRES").expect(
            "this test needs PostgreSQL: run `scripts/with-postgres.sh cargo nextest run --workspace`",
        );
        let chance = clearpicture_kernel::id::fresh(&Ambient::system());
        let name = format!("cp_app_{}", clearpicture_kernel::id::encode(chance)).to_lowercase();
        let admin = Database::connect(&server).await.expect("connected");
        let create = format!("CREATE DATABASE {name} TEMPLATE template0");
        admin.execute_unprepared(&create).await.expect("created");
        let (server, _) = server.rsplit_once('/').expect("an address");
        let address = format!("{server}/{name}");
        let test = Self::at(Some(address), capabilities(), None, Serving::default()).await;
        test.expect("the application starts")
    }

    /// The same, with somebody who counts.
    pub(crate) async fn counting(analyst: Arc<dyn Analyst>) -> Self {
        let test = Self::of(capabilities(), Some(analyst), Serving::default()).await;
        test.expect("the application starts")
    }

    /// The same, of the product's capabilities and one more, which may not let it start.
    pub(crate) async fn with(more: Capability) -> Result<Self, StartFault> {
        let all = capabilities().into_iter().chain([more]).collect();
        Self::of(all, None, Serving::default()).await
    }

    async fn of(
        capabilities: Vec<Capability>,
        analyst: Option<Arc<dyn Analyst>>,
        serving: Serving,
    ) -> Result<Self, StartFault> {
        Self::at(None, capabilities, analyst, serving).await
    }

    async fn at(
        address: Option<String>,
        capabilities: Vec<Capability>,
        analyst: Option<Arc<dyn Analyst>>,
        serving: Serving,
    ) -> Result<Self, StartFault> {
        let folder = tempfile::tempdir().expect("a folder");
        let now = "2026-11-21T14:02:00Z".parse().expect("a moment");
        let clock = Arc::new(SetClock::at(now));
        let ambient = Ambient::new(clock.clone(), Arc::new(SeededRandom::new(1)));
        let key = MasterKey::fresh(&ambient);
        Self::in_folder(
            (folder, address),
            key,
            (clock, ambient),
            capabilities,
            analyst,
            serving,
        )
        .await
    }

    /// The same again, after the server was killed: what was not in the database is gone.
    pub(crate) async fn restarted(self) -> Self {
        let Self {
            app,
            clock,
            folder,
            key,
        } = self;
        let ambient = app.ambient().clone();
        drop(app);
        let all = capabilities();
        let serving = Serving::default();
        let test = Self::in_folder((folder, None), key, (clock, ambient), all, None, serving).await;
        test.expect("the application starts again")
    }

    async fn in_folder(
        (folder, address): (tempfile::TempDir, Option<String>),
        key: MasterKey,
        (clock, ambient): (Arc<SetClock>, Ambient),
        capabilities: Vec<Capability>,
        analyst: Option<Arc<dyn Analyst>>,
        serving: Serving,
    ) -> Result<Self, StartFault> {
        let file = || format!("sqlite:{}", folder.path().join("test.db").display());
        let address = address.unwrap_or_else(file);
        let (store, _) = Store::open(
            &address.parse().expect("an address"),
            key.clone(),
            holdings(&capabilities),
            Upgrade::Apply,
            ambient,
        )
        .await
        .expect("the store opens");
        let practice = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../practice");
        let practice = Practice::read(&practice).expect("the shipped practice is whole");
        let identify = Identify {
            worker: identify,
            token: clearpicture_app::tokens::identify,
        };
        let app = App::start(store, practice, capabilities, identify, analyst, serving)?;
        Ok(Self {
            app,
            clock,
            folder,
            key,
        })
    }

    /// The database.
    pub(crate) fn store(&self) -> &Store {
        self.app.store()
    }

    /// A connection of someone who can write to the database, and has no key.
    pub(crate) async fn behind(&self) -> DatabaseConnection {
        let file = self.folder.path().join("test.db");
        let address = format!("sqlite:{}", file.display());
        Database::connect(address).await.expect("connected")
    }

    /// Lets time pass.
    pub(crate) fn pass_minutes(&self, minutes: i64) {
        self.pass_seconds(minutes * 60);
    }

    /// Lets time pass.
    pub(crate) fn pass_seconds(&self, seconds: i64) {
        let now = self.clock.now() + jiff::SignedDuration::from_secs(seconds);
        self.clock.set(now);
    }

    /// The agency with this code, added if it is not there.
    pub(crate) async fn agency(&self, code: &str) -> AgencyId {
        let known = clearpicture_app::agencies::by_code(self.store(), code).await;
        if let Some(id) = known.expect("agencies are read") {
            return id;
        }
        let id = AgencyId::fresh(self.app.ambient());
        let agency = Agency {
            code: Code::parse(code).expect("a code"),
            name: Line::parse(&code.replace('-', " ")).expect("a name"),
            kind: AgencyKind::Council,
            duty_number: None,
            active: true,
        };
        self.add::<AddAgency>(&Caller::system("set-up"), &id, &agency)
            .await;
        id
    }

    /// Adds a person who can sign in once they have a password.
    pub(crate) async fn worker(&self, worker: AWorker) -> WorkerId {
        let id = WorkerId::fresh(self.app.ambient());
        self.add::<AddWorker>(&Caller::system("set-up"), &id, &worker.record())
            .await;
        id
    }

    /// What the system of an agency sends with each call, once a token of these scopes was made for it.
    pub(crate) async fn bearer(&self, agency: AgencyId, scopes: &[ApiScope]) -> String {
        let secret = Secret::fresh(self.app.ambient());
        let token = Token {
            agency,
            label: Line::parse("Case system").expect("a label"),
            scopes: scopes.iter().copied().collect(),
            digest: secret.digest(self.store()),
            made_at: Timestamp::UNIX_EPOCH,
            active: true,
        };
        let id = TokenId::fresh(self.app.ambient());
        self.add::<AddToken>(&Caller::system("command-line"), &id, &token)
            .await;
        format!("Bearer {}", secret.reveal())
    }

    /// Adds a record as `caller`, whom policy must allow it.
    pub(crate) async fn add<A>(&self, caller: &Caller, id: &<A::On as Record>::Id, record: &A::On)
    where
        A: Adds,
        A::On: Record,
    {
        let resource = record.to_add(id);
        let purpose = Purpose {
            code: Code::parse("administration").expect("a code"),
            marked: false,
        };
        let permit = self.app.access().permit::<A>(caller, resource, &purpose);
        let permit = permit.expect("policy allows it");
        self.store()
            .add(&permit, record, None)
            .await
            .expect("added");
    }

    /// Somebody at a browser that was never here.
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::new(shell::router(&self.app))
    }

    /// Somebody who has come as far as `stage` in signing in, without typing anything.
    pub(crate) async fn signed_in(&self, worker: WorkerId, stage: Stage) -> Visitor {
        let token = session::begin(self.store(), worker, stage).await;
        let mut visitor = self.visitor();
        visitor.take_cookie("clearpicture", token.expect("begun").cookie_text());
        visitor
    }
}
