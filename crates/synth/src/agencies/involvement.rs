//! The files of involvements: one row for each child that a service knows, as it stands on one day.

use clearpicture_kernel::Date;
use jiff::ToSpan as _;

use crate::SynthError;
use crate::child::{AS_OF, Child};
use crate::draw::Draw;
use crate::life::Life;
use crate::names::Names;
use crate::scribe::{Book, Out, Scribe, Truth};
use crate::settings::{Setting, setting};
use crate::slips::{Slips, Written};

/// A service whose file is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Children's social care, as the profile `involvement-csc` reads it.
    SocialCare,
    /// Schools, as the profile `involvement-education` reads it.
    Education,
}

const SCHOOLS: [&str; 4] = ["Osier Bank", "Saltway", "Thornfield", "Wharfside"];
const WORKERS: [&str; 8] = [
    "Robin Ashdown",
    "Sam Ferrier",
    "Chris Moreland",
    "Alex Pell",
    "Jo Winterton",
    "Pat Sorley",
    "Lee Harcastle",
    "Kit Rowntree",
];
/// Who works with a child was in touch within so many days.
const LATELY: i64 = 100;
const COVERED: [&str; 3] = [
    "2026-10-15 00:00:00",
    "2022-01-01 00:00:00",
    "2026-09-30 00:00:00",
];

impl Service {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::SocialCare, Self::Education];

    /// The name of its file.
    pub const fn file(self) -> &'static str {
        match self {
            Self::SocialCare => "involvement-csc.csv",
            Self::Education => "involvement-education.csv",
        }
    }

    /// The headings of its file, as its profile names them.
    pub const fn headings(self) -> &'static [&'static str] {
        match self {
            Self::SocialCare => &[
                "Cms Id",
                "First Name",
                "Last Name",
                "Date Of Birth",
                "Gender",
                "Address",
                "Service Involvement",
                "Local Authority Organisation",
                "Contact Name",
                "Contact Role",
                "Contact Phone",
                "Contact Email",
                "Date Current As Of",
                "Coverage Start Date",
                "Coverage End Date",
                "Coverage Geographic Area",
                "Date Of Most Recent Interaction",
                "Start Date Of Last Involvement",
            ],
            Self::Education => &[
                "Cms Id",
                "First Name",
                "Last Name",
                "Date Of Birth",
                "Gender",
                "Address",
                "Service Involvement",
                "School Name",
                "Contact Number",
                "Admission Type",
                "Date Current As Of",
                "Coverage Start Date",
                "Coverage End Date",
                "Coverage Geographic Area",
                "Date Of Most Recent Interaction",
                "Start Date Of Last Involvement",
            ],
        }
    }

    const fn slips(self) -> Slips {
        match self {
            Self::SocialCare => Slips::SOCIAL_CARE,
            Self::Education => Slips::SCHOOLS,
        }
    }

    /// How many rows in a thousand have a first day after the last contact.
    const fn backwards(self) -> u64 {
        match self {
            Self::SocialCare => 10,
            Self::Education => 5,
        }
    }

    /// The lots of this agency: what one writes down does not depend on another.
    const fn stream(self) -> u64 {
        match self {
            Self::SocialCare => 10,
            Self::Education => 11,
        }
    }

    /// The children whom neither agency is drawn for would be in no file, so each is known to one at least.
    fn knows(self, child: &Child, seed: u64) -> bool {
        let known = Draw::of(seed, 1_000 + child.number).below(100);
        match self {
            Self::SocialCare => known < 90,
            Self::Education => !(80..90).contains(&known),
        }
    }

    /// The key and the cells of a child's row.
    fn row(self, child: &Child, names: &Names, draw: &mut Draw) -> (String, Vec<String>) {
        let slips = self.slips();
        // Drawn numbers meet now and then; the child's own number at the end keeps keys apart.
        let key = format!("{}{:06}", 10 + draw.below(90), child.number);
        let written = Written::from(child, (&child.family, &child.address), slips, names, draw);
        let sex = match written.is_girl {
            None => "",
            Some(true) => "Female",
            Some(false) => "Male",
        };
        let is_backwards = draw.happens(self.backwards());
        let drawn = days(child.born, draw);
        let is_current = draw.below(100) < 45;
        let (setting, since, contact) = self.stretch(child, drawn, is_current);
        let (since, contact) = if is_backwards {
            (contact, since)
        } else {
            (since, contact)
        };
        let state = if is_current { "Current" } else { "Historic" };
        let mut cells = vec![
            key.clone(),
            written.given,
            written.family,
            written.born.to_string(),
            sex.to_owned(),
            written.address.join("\n"),
            state.to_owned(),
        ];
        cells.extend(self.service(setting, draw));
        cells.extend(COVERED.map(str::to_owned));
        cells.extend([
            "Northwater".to_owned(),
            contact.to_string(),
            since.to_string(),
        ]);
        (key, cells)
    }

    /// Where the child is taught or cared for by day, and from when until when: of the days that were drawn those that
    /// fit. Who works with a child now was in touch lately, but for one in ten.
    fn stretch(
        self,
        child: &Child,
        (first, last): (Date, Date),
        is_current: bool,
    ) -> (Setting, Date, Date) {
        let as_of = Date::new(AS_OF.0, AS_OF.1, AS_OF.2).unwrap_or(last);
        let lately = i64::from(last.day_of_year()) % LATELY;
        let is_neglected = last.day() % 10 == 7;
        let last = if is_current && !is_neglected {
            as_of.checked_sub(lately.days()).unwrap_or(last).max(first)
        } else {
            last
        };
        let setting = setting(child.born, if is_current { as_of } else { last });
        match self {
            Self::SocialCare => (setting, first, last),
            Self::Education => {
                let last = last.max(setting.first);
                (setting, first.max(setting.first), last)
            }
        }
    }

    /// What the agency says of its own service.
    fn service(self, setting: Setting, draw: &mut Draw) -> Vec<String> {
        match self {
            Self::SocialCare => {
                let worker = draw.word(&WORKERS);
                let mailbox = worker.to_lowercase().replace(' ', ".");
                let role = draw.word(&["Social worker", "Family support worker"]);
                vec![
                    "Northwater Council".to_owned(),
                    worker.to_owned(),
                    role.to_owned(),
                    phone(draw),
                    format!("{mailbox}@northwater-council.example"),
                ]
            }
            Self::Education => {
                vec![
                    format!("{} {}", draw.word(&SCHOOLS), setting.kind),
                    phone(draw),
                    draw.word(&["Normal", "In-year"]).to_owned(),
                ]
            }
        }
    }
}

/// Two days of a life, the earlier first, before the file.
fn days(born: Date, draw: &mut Draw) -> (Date, Date) {
    let as_of = Date::new(AS_OF.0, AS_OF.1, AS_OF.2).unwrap_or(born);
    let lived = as_of
        .since(born)
        .map_or(1, |span| i64::from(span.get_days()).max(1));
    let mut day = |from: i64| {
        let left = u64::try_from(lived - from).unwrap_or_default();
        from + i64::try_from(draw.below(left.max(1))).unwrap_or_default()
    };
    let first = day(0);
    let second = day(first);
    let at = |days: i64| born.checked_add(days.days()).unwrap_or(born);
    (at(first), at(second))
}

/// A number of the ranges that are kept free for drama, in one of the shapes that offices write.
fn phone(draw: &mut Draw) -> String {
    let last = draw.below(1_000);
    match draw.below(4) {
        0 => format!("01632 960{last:03}"),
        1 => format!("01632960{last:03}"),
        2 => format!("+44 1632 960{last:03}"),
        _ => format!("07700 900{last:03}"),
    }
}

/// A service's file being written.
pub(crate) struct Involvements<'a> {
    service: Service,
    seed: u64,
    names: &'a Names,
    draw: Draw,
    book: Book,
}

impl<'a> Involvements<'a> {
    pub(crate) fn new(
        service: Service,
        seed: u64,
        names: &'a Names,
        out: Out,
    ) -> Result<Self, SynthError> {
        Ok(Self {
            service,
            seed,
            names,
            draw: Draw::of(seed, service.stream()),
            book: Book::new(service.file(), out, service.headings())?,
        })
    }
}

impl Scribe for Involvements<'_> {
    fn child(&mut self, child: &Child, _: &Life, truth: &mut Truth) -> Result<(), SynthError> {
        if !self.service.knows(child, self.seed) {
            return Ok(());
        }
        let (key, cells) = self.service.row(child, self.names, &mut self.draw);
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        self.book.of(child, &key, &cells, truth)
    }

    fn end(&mut self) -> Result<(), SynthError> {
        self.book.end()
    }
}
