//! `begin`: the first agency and the first administrator of a partnership, with a
//! set-up code for them. Everyone else is added by people, on the pages.
//!
//! It acts under the name `begin`, whose policies open nothing else, and leaves
//! history like any other caller. Once anybody can sign in it refuses.

use std::collections::BTreeSet;

use clearpicture_access::Access;
use clearpicture_app::agencies::{AddAgency, Agency, AgencyKind};
use clearpicture_app::grants::{Involve, Involvement};
use clearpicture_app::practice::Practice;
use clearpicture_app::sign_in::{self, GivenCode};
use clearpicture_app::state::{self, StartFault};
use clearpicture_app::words;
use clearpicture_app::workers::{self, AddWorker, ListWorkers, Wanted, Worker};
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{
    AgencyId, Code, Date, EmailAddress, Line, PersonName, PhoneNumber, WorkerId,
};
use clearpicture_store::{GrantId, Store};

use crate::arguments::BeginArguments;
use crate::installation::{self, Footing, Opened};
use crate::making::{Maker, Making, word};
use crate::outcome::Stop;
use crate::say;
use crate::settings::Settings;

/// Whoever begins a partnership.
const MAKER: Maker = Maker {
    name: "begin",
    purpose: "administration",
    reason: "The partnership begins with its first administrator.",
};
/// The role that keeps agencies and people.
const ADMINISTRATOR: &str = "administrator";

/// The command.
pub(crate) async fn run(settings: &Settings, arguments: BeginArguments) -> Result<(), Stop> {
    let first = First::read(&arguments)?;
    let opened = installation::open(settings, Footing::Begin).await?;
    let given = begin(settings, &opened, &first).await;
    opened.close().await?;
    let given = given?;
    say::answer(&format!("open: {}", settings.address_of("set-up")))?;
    say::answer(&format!("e-mail: {}", first.email.reveal()))?;
    say::answer(&format!("set-up code: {}", given.code))?;
    say::answer(&format!("good until: {}", words::moment(given.expires_at)))
}

async fn begin(settings: &Settings, opened: &Opened, first: &First) -> Result<GivenCode, Stop> {
    let store = &opened.store;
    first.check(day_of(store.ambient().now()))?;
    let access = state::policies(&installation::capabilities(), &opened.practice)
        .map_err(StartFault::from)?;
    let origin = store.origin().await?;
    if origin.is_some_and(|origin| origin.is_demonstration()) {
        return Err(Stop::misuse(format!(
            "{} holds a demonstration, and no partnership begins among invented people: name an empty folder with --data",
            settings.database
        )));
    }
    let begun = sign_in::anyone_set_up(store, &access).await;
    if begun.map_err(|failure| Stop::fault(failure.to_string()))? {
        return Err(Stop::misuse(
            "somebody can sign in already, so the partnership has begun: its administrators add people on the page People",
        ));
    }
    let worker = match waiting(store, &access, first).await? {
        Some(worker) => worker,
        None => first.add(store, &access, &opened.practice).await?,
    };
    let given = sign_in::give_first_code(store, &access, worker).await;
    given.map_err(|fault| Stop::fault(fault.to_string()))
}

/// Whoever an earlier run added, and who has not used their code; nobody when this is the first run.
async fn waiting(store: &Store, access: &Access, first: &First) -> Result<Option<WorkerId>, Stop> {
    let (caller, purpose) = (MAKER.caller(), MAKER.purpose()?);
    let scope = store
        .scope::<ListWorkers>(access, &caller, &purpose)
        .await?;
    if let Some(worker) = workers::by_email(store, &scope, first.email.reveal()).await? {
        return Ok(Some(worker));
    }
    let all = Wanted {
        former: true,
        ..Wanted::default()
    };
    let (there, _) = workers::directory(store, &scope, all, 1).await?;
    if there.is_empty() {
        return Ok(None);
    }
    Err(Stop::misuse(
        "an administrator was added before, with another e-mail address: give that address with --email to have another set-up code",
    ))
}

/// The first agency and the first administrator, as they were typed.
struct First {
    agency: Agency,
    name: PersonName,
    email: EmailAddress,
    vetted_until: Date,
    trained_until: Date,
}

impl First {
    fn read(typed: &BeginArguments) -> Result<Self, Stop> {
        let kinds = AgencyKind::ALL.map(AgencyKind::code).join(", ");
        let kind = AgencyKind::from_code(&typed.agency_kind)
            .ok_or_else(|| Stop::misuse(format!("--agency-kind: write one of {kinds}")))?;
        let number = typed.duty_number.as_deref().map(PhoneNumber::parse);
        Ok(Self {
            agency: Agency {
                code: option("--agency", Code::parse(&typed.agency))?,
                name: option("--agency-name", Line::parse(&typed.agency_name))?,
                kind,
                duty_number: option("--duty-number", number.transpose())?,
                active: true,
            },
            name: option("--name", PersonName::parse(&typed.name))?,
            email: option("--email", EmailAddress::parse(&typed.email))?,
            vetted_until: option("--vetted-until", typed.vetted_until.parse())?,
            trained_until: option("--trained-until", typed.trained_until.parse())?,
        })
    }

    /// Someone whose vetting or training has run out could add nobody.
    fn check(&self, today: Date) -> Result<(), Stop> {
        for (option, day) in [
            ("--vetted-until", self.vetted_until),
            ("--trained-until", self.trained_until),
        ] {
            if day < today {
                return Err(Stop::misuse(format!(
                    "{option}: {day} is past, and nobody whose vetting or training has run out opens a person's record: begin with someone for whom both are in date"
                )));
            }
        }
        Ok(())
    }

    async fn add(
        &self,
        store: &Store,
        access: &Access,
        practice: &Practice,
    ) -> Result<WorkerId, Stop> {
        let mut making = Making::new(store, access, MAKER)?;
        let agency = AgencyId::fresh(store.ambient());
        making.add::<AddAgency>(&agency, &self.agency).await?;
        let worker = Worker {
            agency,
            name: self.name.clone(),
            email: self.email.clone(),
            phone: None,
            teams: BTreeSet::new(),
            roles: first_roles(practice)?,
            vetted_until: Some(self.vetted_until),
            trained_until: Some(self.trained_until),
            active: true,
        };
        let id = WorkerId::fresh(store.ambient());
        making.add::<AddWorker>(&id, &worker).await?;
        let own = word(Involvement::own(id, agency))?.grant(store.ambient().now());
        let grant = GrantId::fresh(store.ambient());
        making.add::<Involve>(&grant, &own).await?;
        making.commit().await?;
        Ok(id)
    }
}

/// The administrator's role, and those without which nobody could ever give the guarded roles.
fn first_roles(practice: &Practice) -> Result<BTreeSet<Code>, Stop> {
    let administrator = word(Code::parse(ADMINISTRATOR))?;
    if practice.role(&administrator).is_none() {
        return Err(Stop::misuse(format!(
            "practice/codes/roles.toml has no role `{ADMINISTRATOR}`, whose policies let someone add people: put it back"
        )));
    }
    let givers = practice.roles.iter().flat_map(|role| role.given_by.iter());
    Ok(givers.cloned().chain([administrator]).collect())
}

fn option<T, E: std::fmt::Display>(name: &str, parsed: Result<T, E>) -> Result<T, Stop> {
    parsed.map_err(|error| Stop::misuse(format!("{name}: {error}")))
}
