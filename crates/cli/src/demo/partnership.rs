//! The invented partnership: its agencies, teams and people.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{Access, Adds, Caller, Grants, Permit, Purpose, Resource};
use clearpicture_app::agencies::{AddAgency, AddTeam, Agency, AgencyKind, Team};
use clearpicture_app::state;
use clearpicture_app::workers::{AddWorker, Worker};
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{
    AgencyId, Ambient, Code, Date, EmailAddress, Line, Passage, PersonName, PhoneNumber, TeamId,
    TypedId, WorkerId,
};
use clearpicture_store::{DEMONSTRATION, Prepared, Record, Store};

use crate::installation::{self, Opened};
use crate::outcome::Stop;

/// Why everything here was recorded.
const REASON: &str = "A demonstration: every person, agency and place is invented.";

/// Code, name, kind, duty number, teams. The numbers are of the range kept free for drama.
const AGENCIES: [(&str, &str, AgencyKind, &str, &[&str]); 6] = [
    (
        "northwater-council",
        "Northwater Council",
        AgencyKind::Council,
        "01632 960101",
        &["Exploitation team", "Front door", "Emergency duty team"],
    ),
    (
        "northwater-police",
        "Northwater Police",
        AgencyKind::Police,
        "01632 960102",
        &["Child exploitation unit", "Missing persons unit"],
    ),
    (
        "northwater-health",
        "Northwater Community Health",
        AgencyKind::Health,
        "01632 960103",
        &["School nursing", "Children in care nursing"],
    ),
    (
        "fenby-high",
        "Fenby High School",
        AgencyKind::Education,
        "01632 960104",
        &["Safeguarding"],
    ),
    (
        "lighthouse",
        "The Lighthouse",
        AgencyKind::Voluntary,
        "01632 960105",
        &["Outreach"],
    ),
    (
        "partnership-office",
        "Partnership Office",
        AgencyKind::Partnership,
        "01632 960106",
        &["Information and quality"],
    ),
];

/// How someone's vetting and training stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// In date.
    Ready,
    /// Vetting ran out last month, so that a demonstration shows what then happens.
    VettingRanOut,
}

/// One invented person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    name: &'static str,
    /// The part of their address before the `@`.
    address: &'static str,
    pub(crate) role: &'static str,
    pub(crate) agency: &'static str,
    team: &'static str,
    standing: Standing,
}

impl Person {
    /// The address with which they sign in.
    pub(crate) fn email(&self) -> String {
        format!("{}@{}.example", self.address, self.agency)
    }
}

/// Everyone who can sign in: for each role people of at least two agencies.
pub(crate) fn people() -> Vec<Person> {
    let mut late = person("Jordan Tully", "jordan.tully", "practitioner", "lighthouse", "Outreach");
    late.standing = Standing::VettingRanOut;
    vec![
        person("Amal Osei", "amal.osei", "practitioner", "northwater-council", "Exploitation team"),
        person("Nasrin Choudhury", "nasrin.choudhury", "practitioner", "northwater-council", "Front door"),
        person("Tomasz Zieliński", "tomasz.zielinski", "practitioner", "northwater-police", "Child exploitation unit"),
        person("Mei-Ling Cheung", "mei-ling.cheung", "practitioner", "northwater-health", "School nursing"),
        person("Ffion Pritchard", "ffion.pritchard", "practitioner", "fenby-high", "Safeguarding"),
        late,
        person("Gurpreet Sandhu", "gurpreet.sandhu", "manager", "northwater-council", "Exploitation team"),
        person("Grace Adeyemi", "grace.adeyemi", "manager", "northwater-police", "Missing persons unit"),
        person("Dilek Yıldız", "dilek.yildiz", "manager", "lighthouse", "Outreach"),
        person("Leila Haddad", "leila.haddad", "analyst", "partnership-office", "Information and quality"),
        person("Rhys Marlowe", "rhys.marlowe", "analyst", "northwater-police", "Child exploitation unit"),
        person("Kwame Boateng", "kwame.boateng", "information-governance", "partnership-office", "Information and quality"),
        person("Rosa Carvalho", "rosa.carvalho", "information-governance", "northwater-health", "Children in care nursing"),
        person("Hamza Yusuf", "hamza.yusuf", "administrator", "northwater-council", "Front door"),
        person("Ewa Lindqvist", "ewa.lindqvist", "administrator", "northwater-police", "Missing persons unit"),
        person("Sunita Rao", "sunita.rao", "auditor", "partnership-office", "Information and quality"),
        person("Callum Beck", "callum.beck", "auditor", "northwater-council", "Front door"),
    ]
}

const fn person(
    name: &'static str,
    address: &'static str,
    role: &'static str,
    agency: &'static str,
    team: &'static str,
) -> Person {
    Person {
        name,
        address,
        role,
        agency,
        team,
        standing: Standing::Ready,
    }
}

/// Records the whole partnership together, or nothing of it.
pub(crate) async fn make(opened: &Opened, people: &[Person]) -> Result<(), Stop> {
    let access = state::policies(&installation::capabilities(), &opened.practice)
        .map_err(state::StartFault::from)?;
    let mut making = Making::new(&opened.store, &access)?;
    let mut teams = BTreeMap::new();
    let mut agencies = BTreeMap::new();
    for (code, name, kind, number, team_names) in AGENCIES {
        let agency = Agency {
            code: word(Code::parse(code))?,
            name: word(Line::parse(name))?,
            kind,
            duty_number: Some(word(PhoneNumber::parse(number))?),
            active: true,
        };
        let id = AgencyId::fresh(making.ambient());
        making.add::<AddAgency>(&id, &agency).await?;
        agencies.insert(code, id);
        for name in team_names {
            let team = Team {
                agency: id,
                name: word(Line::parse(name))?,
                active: true,
            };
            let team_id = TeamId::fresh(making.ambient());
            making.add::<AddTeam>(&team_id, &team).await?;
            teams.insert((code, *name), team_id);
        }
    }
    let today = day_of(making.ambient().now());
    for person in people {
        let agency = agencies.get(person.agency).copied();
        let agency = agency.ok_or_else(|| unknown(person.agency))?;
        let team = teams.get(&(person.agency, person.team)).copied();
        let team = team.ok_or_else(|| unknown(person.team))?;
        let worker = worker(person, agency, team, today)?;
        let id = WorkerId::fresh(making.ambient());
        making.add::<AddWorker>(&id, &worker).await?;
    }
    making.commit().await
}

fn worker(person: &Person, agency: AgencyId, team: TeamId, today: Date) -> Result<Worker, Stop> {
    let vetted_months = match person.standing {
        Standing::Ready => 30,
        Standing::VettingRanOut => -1,
    };
    let day = |months: i32| today.checked_add(jiff::Span::new().months(months)).ok();
    Ok(Worker {
        agency,
        name: word(PersonName::parse(person.name))?,
        email: word(EmailAddress::parse(&person.email()))?,
        phone: None,
        teams: BTreeSet::from([team]),
        roles: BTreeSet::from([word(Code::parse(person.role))?]),
        vetted_until: day(vetted_months),
        trained_until: day(11),
        active: true,
    })
}

/// Changes gathered to be committed together, each with the permit of whoever sets up.
struct Making<'a> {
    store: &'a Store,
    access: &'a Access,
    purpose: Purpose,
    reason: Passage,
    prepared: Vec<Prepared>,
}

impl<'a> Making<'a> {
    fn new(store: &'a Store, access: &'a Access) -> Result<Self, Stop> {
        Ok(Self {
            store,
            access,
            purpose: Purpose {
                code: word(Code::parse(DEMONSTRATION))?,
                marked: false,
            },
            reason: word(Passage::parse(REASON))?,
            prepared: Vec::new(),
        })
    }

    fn ambient(&self) -> &'a Ambient {
        self.store.ambient()
    }

    async fn add<A>(&mut self, id: &<A::On as Record>::Id, record: &A::On) -> Result<(), Stop>
    where
        A: Adds,
        A::On: Record,
    {
        let resource = Resource {
            id: id.record_id(),
            version: 0,
            class: record.class(id),
            grants: Grants::NONE,
        };
        let permit: Permit<A> = self
            .access
            .permit(&Caller::system("set-up"), resource, &self.purpose)
            .map_err(|refused| Stop::fault(refused.to_string()))?;
        let prepared = self.store.prepare_add(&permit, record, Some(&self.reason));
        self.prepared.push(prepared.await?);
        Ok(())
    }

    async fn commit(self) -> Result<(), Stop> {
        self.store.commit(self.prepared).await?;
        Ok(())
    }
}

/// A word of the example, which the tests prove to be right.
fn word<T, E: std::fmt::Display>(parsed: Result<T, E>) -> Result<T, Stop> {
    parsed.map_err(|error| Stop::fault(format!("the example holds a mistake: {error}")))
}

fn unknown(name: &str) -> Stop {
    Stop::fault(format!("the example holds a mistake: it has no `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_people_of_two_agencies() {
        let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../practice");
        let practice = clearpicture_app::practice::Practice::read(&shipped).expect("read");
        let people = people();
        for role in &practice.roles {
            let held = people.iter().filter(|one| one.role == role.code.as_str());
            let agencies: BTreeSet<&str> = held.map(|one| one.agency).collect();
            assert!(agencies.len() >= 2, "{}", role.code);
        }
        let addresses: BTreeSet<String> = people.iter().map(Person::email).collect();
        assert_eq!(addresses.len(), people.len());
        assert!(practice.purpose(&Code::parse(DEMONSTRATION).expect("a code")).is_some());
    }
}
