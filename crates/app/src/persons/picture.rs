//! The child's picture: everything a person needs before the first telephone call, on one page.

use std::collections::{BTreeMap, BTreeSet};

use clearpicture_access::{AccessClass, Grants};
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::fact::Contact;
use clearpicture_kernel::{AgencyId, Code, Date, PersonId, PersonName};
use clearpicture_linkage::children::Attention;
use serde::Serialize;

use super::chronology::{self, Happening, Reader, Words};
use super::claims::{Claim, Claimed, Claims, Service, age};
use super::find;
use super::protection::SeeProtection;
use super::store;
use super::types::{Person, SeePerson, Standing, Telling};
use crate::agencies;
use crate::history::Shown;
use crate::shell::page::Link;
use crate::shell::{Answer, Ctx, Failure, Page, Permitted};
use crate::words;

/// The list that pictures stand under.
pub(super) const LIST: (&str, &str) = ("Children", "/children");

impl Shown for Person {
    fn title(&self) -> String {
        "A child".to_owned()
    }

    fn href(id: &PersonId) -> String {
        format!("/children/{id}")
    }

    fn list() -> (&'static str, &'static str) {
        LIST
    }
}

/// One child.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PicturePage {
    name: String,
    summary: String,
    standing: String,
    doubts: Vec<&'static str>,
    unchecked: bool,
    why_href: Option<String>,
    claims: Vec<ClaimRow>,
    disagreements: usize,
    sources: usize,
    standing_now: Vec<StandingRow>,
    services: Vec<ServiceRow>,
    years: Vec<Year>,
    duty_number: String,
    /// Whether where they are is shown to keepers alone, and the reader is one.
    for_keepers: bool,
    actions: Vec<Link>,
}

/// One thing that is claimed.
#[derive(Debug, Clone, Serialize)]
struct ClaimRow {
    label: &'static str,
    differ: bool,
    values: Vec<ClaimShown>,
}

/// One value, and who says so.
#[derive(Debug, Clone, Serialize)]
struct ClaimShown {
    lines: Vec<String>,
    doubted: bool,
    by: String,
}

/// One service.
#[derive(Debug, Clone, Serialize)]
struct ServiceRow {
    who: String,
    state: &'static str,
    tone: &'static str,
    since: String,
    contacts: Vec<String>,
    duty_number: String,
    backwards: bool,
    by: String,
}

/// Something that goes on.
#[derive(Debug, Clone, Serialize)]
struct StandingRow {
    what: String,
    since: String,
    by: String,
}

/// What happened in one year.
#[derive(Debug, Clone, Serialize)]
struct Year {
    year: i16,
    happenings: Vec<HappeningShown>,
}

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
struct HappeningShown {
    when: String,
    datetime: String,
    what: String,
    by: String,
}

impl Page for PicturePage {
    const TEMPLATE: &'static str = "persons/picture.html";

    fn title(&self) -> String {
        "A child's picture".to_owned()
    }

    fn samples() -> Vec<Self> {
        let value = |line: &str, doubted| ClaimShown {
            lines: vec![line.to_owned()],
            doubted,
            by: "Northwater Council, Involvement of children's social care, row 12".to_owned(),
        };
        let service = |backwards, state, duty: &str| ServiceRow {
            who: "Northwater <Council>".to_owned(),
            state,
            tone: "neutral",
            since: "since 4 September 2023".to_owned(),
            contacts: vec!["Social worker".to_owned()],
            duty_number: duty.to_owned(),
            backwards,
            by: "Northwater Council, row 12".to_owned(),
        };
        let full = Self {
            name: "Ada <Okafor>".to_owned(),
            summary: "12 years, born 28 July 2014".to_owned(),
            standing: "Joined by the system, and somebody must look".to_owned(),
            doubts: vec![Attention::NamesAlike.words()],
            unchecked: true,
            why_href: Some("/children/person_1/why".to_owned()),
            claims: vec![
                ClaimRow {
                    label: "Name",
                    differ: true,
                    values: vec![value("Ada Okafor", false), value("Aida Okafor", true)],
                },
                ClaimRow {
                    label: "Date of birth",
                    differ: false,
                    values: vec![value("28 July 2014", false)],
                },
            ],
            disagreements: 1,
            sources: 2,
            standing_now: vec![StandingRow {
                what: "Child protection plan: neglect".to_owned(),
                since: "since 4 September".to_owned(),
                by: "Northwater Council, row 3".to_owned(),
            }],
            services: vec![
                service(false, "works with the child now", "01632 960101"),
                service(true, "worked with the child", ""),
            ],
            years: vec![Year {
                year: 2023,
                happenings: vec![HappeningShown {
                    when: "4 September".to_owned(),
                    datetime: "2023-09-04".to_owned(),
                    what: "Involvement began".to_owned(),
                    by: "Northwater Council, row 12".to_owned(),
                }],
            }],
            duty_number: "01632 960101".to_owned(),
            for_keepers: true,
            actions: vec![Link {
                title: "History".to_owned(),
                href: "/children/person_1/history".to_owned(),
            }],
        };
        let bare = Self {
            doubts: Vec::new(),
            unchecked: false,
            why_href: None,
            claims: Vec::new(),
            disagreements: 0,
            sources: 1,
            standing_now: Vec::new(),
            services: Vec::new(),
            years: Vec::new(),
            duty_number: String::new(),
            for_keepers: false,
            ..full.clone()
        };
        vec![full, bare]
    }
}

/// A person all of whose subjects belong to another now.
#[derive(Debug, Clone, Serialize)]
pub(super) struct MovedPage {
    href: String,
}

impl Page for MovedPage {
    const TEMPLATE: &'static str = "persons/moved.html";

    fn title(&self) -> String {
        "Part of another picture now".to_owned()
    }

    fn samples() -> Vec<Self> {
        vec![Self {
            href: "/children/person_1".to_owned(),
        }]
    }
}

/// `GET /children/{id}`
pub(super) async fn show(at: Permitted<SeePerson>) -> Answer {
    let ctx = &at.ctx;
    let person = ctx.store().load(&at.permit).await?;
    if let Standing::Empty { into } = &person.standing {
        // Whoever may not know of that one learns nothing of it here either.
        ctx.permit::<SeePerson>(into).await?;
        let href = Person::href(into);
        return ctx.page_under(&MovedPage { href }, &[LIST]);
    }
    let keeper = ctx.scope::<SeeProtection>().await?;
    let known = store::known_to(ctx.store(), &at.permit, &keeper, &person.members).await?;
    let for_keepers = known.iter().any(|known| known.for_keepers);
    let withheld = known.iter().any(|known| known.withheld);
    let tellings: Vec<Telling> = known.into_iter().flat_map(|known| known.tellings).collect();
    let said = Said::of(ctx, &tellings, withheld).await?;
    let claimed = Claimed::of(&tellings);
    let today = day_of(ctx.now());
    let is_involved = at.permit.resource().grants.involved;
    let words = Words(ctx.app.practice());
    let reader = if is_involved {
        Reader::Involved
    } else {
        Reader::Other
    };
    let duty_number = match ctx.caller().agency {
        Some(own) => said.duty_number(own),
        None => String::new(),
    };
    let page = PicturePage {
        name: claimed
            .names
            .first()
            .cloned()
            .unwrap_or_else(|| "A child whose name is not told".to_owned()),
        summary: summary(&claimed, today),
        standing: person.standing.words(),
        doubts: doubts(&person.standing),
        unchecked: matches!(person.standing, Standing::Joined { checked: false, .. }),
        why_href: (person.members.len() > 1).then(|| format!("{}/why", Person::href(&at.id))),
        disagreements: disagreements(&claimed),
        sources: said.sources,
        standing_now: said.standing(&tellings, &words, today),
        services: claimed
            .services
            .iter()
            .map(|service| said.service(service, today, is_involved))
            .collect(),
        years: said.years(&chronology::happenings(&tellings, &words, reader), today),
        claims: said.claims(&claimed),
        duty_number,
        for_keepers,
        actions: actions(ctx, &at.id),
    };
    let back = find::way_back(ctx).await?;
    let back = back.as_deref().map(|href| ("What you looked for", href));
    let above: Vec<_> = [LIST].into_iter().chain(back).collect();
    ctx.page_under(&page, &above)
}

fn doubts(standing: &Standing) -> Vec<&'static str> {
    match standing {
        Standing::Joined { doubts, .. } => doubts
            .iter()
            .filter_map(|code| Attention::parse(code.as_str()))
            .map(Attention::words)
            .collect(),
        Standing::Alone | Standing::Empty { .. } => Vec::new(),
    }
}

fn actions(ctx: &Ctx, id: &PersonId) -> Vec<Link> {
    let link = |title: &str, href: String| Link {
        title: title.to_owned(),
        href,
    };
    let grants = AccessClass::ordinary("grant", None);
    let may_bar = ctx.may_pass("/bars/new", &grants, Grants::NONE);
    let bar = may_bar.then(|| link("Bar somebody", format!("/bars/new?record={id}")));
    let all = [
        link("Who else this may be", format!("/links/{id}")),
        link("Who has looked", format!("/looked/{id}")),
        link("History", format!("{}/history", Person::href(id))),
    ];
    all.into_iter().chain(bar).collect()
}

fn summary(claimed: &Claimed, today: Date) -> String {
    let Some(born) = claimed.born.first() else {
        return "Date of birth not told".to_owned();
    };
    let day = words::full_day(*born);
    match age(*born, today) {
        Some(1) => format!("1 year, born {day}"),
        Some(years) => format!("{years} years, born {day}"),
        None => format!("born {day}, which is still to come"),
    }
}

fn disagreements(claimed: &Claimed) -> usize {
    [
        claimed.names.differ(),
        claimed.born.differ(),
        claimed.sexes.differ(),
        claimed.addresses.differ(),
    ]
    .into_iter()
    .filter(|differ| *differ)
    .count()
}

/// Who says what, in words.
struct Said {
    /// The source of each telling, and its row there.
    by: Vec<(String, u64)>,
    /// How many sources there are.
    sources: usize,
    agency_of: Vec<AgencyId>,
    agencies: BTreeMap<AgencyId, (String, String)>,
}

impl Said {
    /// Where whereabouts are withheld, a school goes by its kind: its name and number would tell.
    async fn of(ctx: &Ctx, tellings: &[Telling], withheld: bool) -> Result<Self, Failure> {
        let scope = ctx.scope::<agencies::SeeAgency>().await?;
        let rows = agencies::of_partnership(ctx.store(), &scope).await?;
        let agencies: BTreeMap<AgencyId, (String, String)> = rows
            .into_iter()
            .filter_map(|row| {
                use clearpicture_kernel::TypedId as _;
                let id = AgencyId::parse(&row.id).ok()?;
                let called = match withheld && agencies::tells_where(&row) {
                    true => (agencies::EDUCATION.to_owned(), String::new()),
                    false => (row.name, row.duty_number),
                };
                Some((id, called))
            })
            .collect();
        let mut sources_of: BTreeMap<AgencyId, BTreeSet<&Code>> = BTreeMap::new();
        for telling in tellings {
            let sources = sources_of.entry(telling.agency).or_default();
            sources.insert(&telling.source);
        }
        let by = tellings.iter().map(|telling| {
            let agency = agencies
                .get(&telling.agency)
                .map_or("an agency", |(name, _)| name);
            let several = sources_of
                .get(&telling.agency)
                .is_some_and(|sources| sources.len() > 1);
            let source = if several {
                let title = ctx.app.practice().source_title(telling.source.as_str());
                format!(", {title}")
            } else {
                String::new()
            };
            (format!("{agency}{source}"), telling.row)
        });
        Ok(Self {
            by: by.collect(),
            sources: sources_of.values().map(BTreeSet::len).sum(),
            agency_of: tellings.iter().map(|telling| telling.agency).collect(),
            agencies,
        })
    }

    fn by(&self, place: usize) -> String {
        self.all_by(&[place])
    }

    /// Who says what these tellings say: each source once, with its rows.
    fn all_by(&self, places: &[usize]) -> String {
        let mut sources: Vec<(&str, Vec<String>)> = Vec::new();
        for (source, row) in places.iter().filter_map(|place| self.by.get(*place)) {
            match sources.iter_mut().find(|(known, _)| known == source) {
                Some((_, rows)) => rows.push(row.to_string()),
                None => sources.push((source, vec![row.to_string()])),
            }
        }
        let words = sources
            .into_iter()
            .map(|(source, rows)| match rows.as_slice() {
                [one] => format!("{source}, row {one}"),
                several => format!("{source}, rows {}", several.join(", ")),
            });
        words.collect::<Vec<_>>().join("; ")
    }

    fn duty_number(&self, agency: AgencyId) -> String {
        self.agencies
            .get(&agency)
            .map(|(_, number)| number.clone())
            .unwrap_or_default()
    }

    fn claims(&self, claimed: &Claimed) -> Vec<ClaimRow> {
        let rows = vec![
            self.row("Name", &claimed.names, |name| vec![name.clone()]),
            self.row("Date of birth", &claimed.born, |day| {
                vec![words::full_day(*day)]
            }),
            self.row("Sex as recorded", &claimed.sexes, |code| {
                vec![words::sentence(code)]
            }),
            self.row("Address", &claimed.addresses, Vec::clone),
            // Each source has a number of its own: that they differ says nothing.
            ClaimRow {
                differ: false,
                ..self.row("Known to its source as", &claimed.numbers, |(_, value)| {
                    vec![value.clone()]
                })
            },
        ];
        rows.into_iter()
            .filter(|row| !row.values.is_empty())
            .collect()
    }

    fn row<T: Ord + Clone>(
        &self,
        label: &'static str,
        claims: &Claims<T>,
        lines: impl Fn(&T) -> Vec<String>,
    ) -> ClaimRow {
        let shown = |claim: &Claim<T>| ClaimShown {
            lines: lines(&claim.value),
            doubted: claim.doubted,
            by: self.all_by(&claim.by),
        };
        ClaimRow {
            label,
            differ: claims.differ(),
            values: claims.0.iter().map(shown).collect(),
        }
    }

    fn service(&self, service: &Service, today: Date, is_involved: bool) -> ServiceRow {
        let (state, tone) = match service.state.as_str() {
            _ if service.told_until.is_some() => ("is no longer told of", "neutral"),
            "current" => ("works with the child now", "done"),
            "historic" => ("worked with the child", "neutral"),
            _ => ("whether it still works with the child is not told", "due"),
        };
        let agency = self.agency_of.get(service.by);
        let name = agency.and_then(|agency| self.agencies.get(agency));
        let name = name.map_or("", |(name, _)| name);
        let who = match &service.organisation {
            Some(organisation) if organisation != name => format!("{name} · {organisation}"),
            _ => name.to_owned(),
        };
        ServiceRow {
            who,
            state,
            tone,
            since: since(service, today),
            contacts: service
                .contact
                .as_ref()
                .map(|contact| contacts(contact, is_involved))
                .unwrap_or_default(),
            duty_number: agency
                .map(|agency| self.duty_number(*agency))
                .unwrap_or_default(),
            backwards: service.backwards,
            by: self.by(service.by),
        }
    }

    /// What goes on.
    fn standing(&self, tellings: &[Telling], words: &Words<'_>, today: Date) -> Vec<StandingRow> {
        let standing = chronology::standing(tellings, words).into_iter();
        let rows = standing.map(|one| StandingRow {
            what: one.what,
            since: one.since.map_or(String::new(), |day| {
                format!("since {}", words::day(day, today))
            }),
            by: self.by(one.by),
        });
        rows.collect()
    }

    fn years(&self, happenings: &[Happening], today: Date) -> Vec<Year> {
        let mut years: Vec<Year> = Vec::new();
        for happening in happenings {
            let shown = HappeningShown {
                when: words::day(happening.on, happening.on),
                datetime: happening.on.to_string(),
                what: if happening.on > today {
                    format!("{} (still to come)", happening.what)
                } else {
                    happening.what.clone()
                },
                by: self.by(happening.by),
            };
            match years.last_mut() {
                Some(year) if year.year == happening.on.year() => year.happenings.push(shown),
                _ => years.push(Year {
                    year: happening.on.year(),
                    happenings: vec![shown],
                }),
            }
        }
        years
    }
}

fn since(service: &Service, today: Date) -> String {
    let mut words = Vec::new();
    if let Some(from) = service.since {
        words.push(format!("since {}", words::day(from, today)));
    }
    if let Some(day) = service.told_until {
        words.push(format!("not told since {}", words::day(day, today)));
    }
    if let Some(contact) = service.last_contact {
        words.push(format!("last contact {}", words::day(contact, today)));
    }
    words.join(", ")
}

/// Whom to ring: the role to everyone, the name and number to those involved (safety rule 17).
fn contacts(contact: &Contact, is_involved: bool) -> Vec<String> {
    let mut shown: Vec<String> = contact.role.iter().map(ToString::to_string).collect();
    if is_involved {
        shown.extend(
            contact
                .name
                .iter()
                .map(|name| PersonName::reveal(name).to_owned()),
        );
        shown.extend(contact.phone.iter().map(|phone| phone.reveal().to_owned()));
        shown.extend(contact.email.iter().map(|email| email.reveal().to_owned()));
    }
    shown
}
