//! The invented partnership: its agencies, teams and people.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::Access;
use clearpicture_app::agencies::{AddAgency, AddTeam, Agency, AgencyKind, Team};
use clearpicture_app::grants::{Involve, Involvement};
use clearpicture_app::workers::{AddWorker, Worker};
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{
    AgencyId, Code, Date, EmailAddress, Line, PersonName, PhoneNumber, TeamId, WorkerId,
};
use clearpicture_store::{GrantId, Store};

use super::feeds;
use crate::arguments::Size;
use crate::making::{Making, unknown, word};
use crate::outcome::Stop;

/// Code, name, kind, duty number, teams. The numbers are of the range kept free for drama.
const AGENCIES: [(&str, &str, AgencyKind, &str, &[&str]); 7] = [
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
        "northwater-schools",
        "Northwater Schools",
        AgencyKind::Education,
        "01632 960107",
        &["Inclusion"],
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
#[expect(
    clippy::too_many_lines,
    reason = "a list of people, one after the other"
)]
pub(crate) fn people() -> Vec<Person> {
    let mut late = person(
        "Jordan Tully",
        "jordan.tully",
        "practitioner",
        "lighthouse",
        "Outreach",
    );
    late.standing = Standing::VettingRanOut;
    vec![
        person(
            "Odalys Brandt",
            "odalys.brandt",
            "protected-identities",
            "northwater-council",
            "Front door",
        ),
        person(
            "Wren Halloway",
            "wren.halloway",
            "protected-identities",
            "northwater-health",
            "School nursing",
        ),
        person(
            "Amal Osei",
            "amal.osei",
            "practitioner",
            "northwater-council",
            "Exploitation team",
        ),
        person(
            "Nasrin Choudhury",
            "nasrin.choudhury",
            "practitioner",
            "northwater-council",
            "Front door",
        ),
        person(
            "Tomasz Zieliński",
            "tomasz.zielinski",
            "practitioner",
            "northwater-police",
            "Child exploitation unit",
        ),
        person(
            "Mei-Ling Cheung",
            "mei-ling.cheung",
            "practitioner",
            "northwater-health",
            "School nursing",
        ),
        person(
            "Ffion Pritchard",
            "ffion.pritchard",
            "practitioner",
            "fenby-high",
            "Safeguarding",
        ),
        late,
        person(
            "Gurpreet Sandhu",
            "gurpreet.sandhu",
            "manager",
            "northwater-council",
            "Exploitation team",
        ),
        person(
            "Grace Adeyemi",
            "grace.adeyemi",
            "manager",
            "northwater-police",
            "Missing persons unit",
        ),
        person(
            "Dilek Yıldız",
            "dilek.yildiz",
            "manager",
            "lighthouse",
            "Outreach",
        ),
        person(
            "Leila Haddad",
            "leila.haddad",
            "analyst",
            "partnership-office",
            "Information and quality",
        ),
        person(
            "Rhys Marlowe",
            "rhys.marlowe",
            "analyst",
            "northwater-police",
            "Child exploitation unit",
        ),
        person(
            "Kwame Boateng",
            "kwame.boateng",
            "information-governance",
            "partnership-office",
            "Information and quality",
        ),
        person(
            "Rosa Carvalho",
            "rosa.carvalho",
            "information-governance",
            "northwater-health",
            "Children in care nursing",
        ),
        person(
            "Hamza Yusuf",
            "hamza.yusuf",
            "administrator",
            "northwater-council",
            "Front door",
        ),
        person(
            "Ewa Lindqvist",
            "ewa.lindqvist",
            "administrator",
            "northwater-police",
            "Missing persons unit",
        ),
        person(
            "Sunita Rao",
            "sunita.rao",
            "auditor",
            "partnership-office",
            "Information and quality",
        ),
        person(
            "Callum Beck",
            "callum.beck",
            "auditor",
            "northwater-council",
            "Front door",
        ),
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
pub(crate) async fn make(
    store: &Store,
    access: &Access,
    people: &[Person],
    size: Size,
) -> Result<(), Stop> {
    let mut making = Making::new(store, access, super::MAKER)?;
    let places = agencies_and_teams(&mut making).await?;
    let today = day_of(making.ambient().now());
    for person in people {
        let worker = worker(person, &places, today)?;
        let id = WorkerId::fresh(making.ambient());
        making.add::<AddWorker>(&id, &worker).await?;
        let own = word(Involvement::own(id, worker.agency))?.grant(making.ambient().now());
        let grant = GrantId::fresh(making.ambient());
        making.add::<Involve>(&grant, &own).await?;
    }
    if size != Size::Empty {
        feeds::add(&mut making, &places.agencies, today).await?;
    }
    making.commit().await
}

/// Where everything is, by code and by name.
struct Places {
    agencies: BTreeMap<&'static str, AgencyId>,
    teams: BTreeMap<(&'static str, &'static str), TeamId>,
}

async fn agencies_and_teams(making: &mut Making<'_>) -> Result<Places, Stop> {
    let mut places = Places {
        agencies: BTreeMap::new(),
        teams: BTreeMap::new(),
    };
    for (code, name, kind, number, teams) in AGENCIES {
        let agency = Agency {
            code: word(Code::parse(code))?,
            name: word(Line::parse(name))?,
            kind,
            duty_number: Some(word(PhoneNumber::parse(number))?),
            active: true,
        };
        let id = AgencyId::fresh(making.ambient());
        making.add::<AddAgency>(&id, &agency).await?;
        places.agencies.insert(code, id);
        for name in teams {
            let team = Team {
                agency: id,
                name: word(Line::parse(name))?,
                active: true,
            };
            let team_id = TeamId::fresh(making.ambient());
            making.add::<AddTeam>(&team_id, &team).await?;
            places.teams.insert((code, name), team_id);
        }
    }
    Ok(places)
}

fn worker(person: &Person, places: &Places, today: Date) -> Result<Worker, Stop> {
    let agency = places.agencies.get(person.agency).copied();
    let agency = agency.ok_or_else(|| unknown(person.agency))?;
    let team = places.teams.get(&(person.agency, person.team)).copied();
    let team = team.ok_or_else(|| unknown(person.team))?;
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

#[cfg(test)]
mod tests {
    use clearpicture_store::DEMONSTRATION;

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
        assert!(
            practice
                .purpose(&Code::parse(DEMONSTRATION).expect("a code"))
                .is_some()
        );
    }
}
