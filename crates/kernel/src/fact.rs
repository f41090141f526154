//! Facts: what a source says about one person, in words that every source shares.
//!
//! A profile turns a source's rows into facts; linkage, the chronology and the
//! measures read facts and never a source's columns. A fact stays its source's:
//! nobody edits it, a later file supersedes it, and two sources that disagree
//! both stand.
//!
//! Every fact has *valid time* ([`Fact::valid`], when it was so) and *recorded
//! time* (when we knew, kept by the store with the batch that brought it).
//!
//! A [`Says`] variant is added and never taken away or given another meaning:
//! facts are kept for as long as anything rests on them.

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::day::Period;
use crate::digest::Digest;
use crate::sensitive::{Address, DateOfBirth, EmailAddress, PersonName, PhoneNumber};
use crate::text::Line;
use crate::{Date, impl_id};

/// One person as one source knows them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubjectId(u128);
impl_id!(SubjectId, "subject");

/// One person as the partnership knows them: a set of subjects, made by linkage.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonId(u128);
impl_id!(PersonId, "person");

/// One thing a source says about one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What is said.
    pub says: Says,
    /// When it was so, as far as the source tells.
    pub valid: Valid,
    /// Whether the row it comes from gave reason to doubt it.
    pub confidence: Confidence,
}

impl Fact {
    /// Whether it says that where somebody is must not be told.
    pub fn protects(&self) -> bool {
        matches!(&self.says, Says::Protection { code } if code.as_str() != "unrestricted")
    }
}

/// When a fact was so. A day that a source does not tell is `None`, never guessed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Valid {
    /// The first day.
    pub from: Option<Date>,
    /// The last day on which it was known to be so; `None` while it goes on or is not told.
    pub to: Option<Date>,
}

impl Valid {
    /// From a day on.
    pub const fn since(from: Option<Date>) -> Self {
        Self { from, to: None }
    }

    /// Whether the last day lies before the first, which no reader should trust.
    pub fn is_backwards(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if to < from)
    }
}

/// Whether there is reason to doubt a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// As the source states it.
    Stated,
    /// A finding was made on the value: shown with a mark, and linkage gives it less weight.
    Doubted,
}

/// What can be said of a person. One variant is one kind of fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Says {
    /// A name they are known by.
    Name {
        /// Given names, as written.
        given: Option<PersonName>,
        /// The family name, as written.
        family: Option<PersonName>,
    },
    /// The day they were born.
    Born {
        /// The day.
        on: DateOfBirth,
    },
    /// Sex as the source records it, in the code list `sex`.
    Sex {
        /// `female`, `male`, `other`; a value that is not told is no fact.
        code: Code,
    },
    /// A number or code by which some system knows them.
    Identifier {
        /// Whose: `nhs-number`, `upn`, or the source's own.
        scheme: Code,
        /// The number, as written.
        value: Line,
    },
    /// Where they live or can be written to.
    Address {
        /// Lines, the postcode the last where there is one.
        at: Address,
    },
    /// A telephone number at which they, or whoever they live with, can be reached. They are found by it; it is shown
    /// nowhere before it is known whether ringing it is safe.
    Telephone {
        /// The number.
        number: PhoneNumber,
    },
    /// A service that works or worked with them.
    Involvement {
        /// `current`, `historic` or `not-specified`, as the source states it.
        state: Code,
        /// The organisation: a council, a school.
        organisation: Option<Line>,
        /// The last day on which the two are known to have met or spoken.
        last_contact: Option<Date>,
        /// Whom to ring about it.
        contact: Option<Contact>,
    },
    /// Ethnicity as the source records it, in the source's own list.
    Ethnicity {
        /// The code, in small letters: `wbri`.
        code: Code,
    },
    /// A disability, in the list of the children in need census.
    Disability {
        /// The code, in small letters: `mob`.
        code: Code,
    },
    /// The day they died.
    Died {
        /// The day.
        on: Date,
    },
    /// That where they are must not be told.
    Protection {
        /// `restricted`, or `unrestricted` where the source says that it is not so. Whatever is not the latter protects.
        code: Code,
    },
    /// A contact about them with children's social care.
    Contact {
        /// Who made it, in the source's list.
        source: Option<Code>,
        /// What came of it.
        outcome: Option<Line>,
    },
    /// A referral to children's social care, from the day it was received to the day the case was closed.
    Referral {
        /// Who referred, in the list of the children in need census.
        source: Option<Code>,
        /// The primary need.
        need: Option<Code>,
        /// Whether no further action was decided.
        no_further_action: Option<bool>,
        /// Why the case was closed.
        closed: Option<Code>,
    },
    /// An assessment of a child in need, from its start to its authorisation.
    Assessment {
        /// The source's number of the assessment.
        number: Option<Line>,
        /// Whether the child was seen.
        child_seen: Option<bool>,
    },
    /// A factor identified at the end of an assessment.
    Factor {
        /// The code of the children in need census, in small letters: `11a` names child sexual exploitation.
        code: Code,
    },
    /// An enquiry under section 47 of the Children Act 1989.
    Section47 {
        /// By when the initial conference was due.
        conference_due: Option<Date>,
        /// When it was held.
        conference: Option<Date>,
        /// Whether none was needed.
        not_required: Option<bool>,
    },
    /// A plan for the child.
    Plan {
        /// `child-in-need` or `child-protection`.
        of: Code,
        /// The first category of abuse.
        category: Option<Code>,
        /// The latest one.
        latest_category: Option<Code>,
        /// How many plans of its kind there were before.
        previous: Option<u32>,
    },
    /// A review.
    Review {
        /// `looked-after` or `child-protection`.
        of: Code,
        /// How the child took part.
        took_part: Option<Code>,
    },
    /// A stretch of being looked after in one placement under one legal status.
    CareEpisode {
        /// Why it began.
        began: Option<Code>,
        /// The legal status.
        legal_status: Option<Code>,
        /// The primary need.
        need: Option<Code>,
        /// The kind of placement.
        placement: Option<Code>,
        /// Who provides it.
        provider: Option<Code>,
        /// Why it ended.
        ended: Option<Code>,
        /// Why the placement changed.
        change: Option<Code>,
        /// Where it is, as far as that is told: a postcode alone, as a rule.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Address>,
    },
    /// What is recorded once a year of a child who is looked after for twelve months.
    CareYear {
        /// Whether they were convicted of an offence.
        convicted: Option<bool>,
        /// Whether the health surveillance is up to date.
        health_check: Option<bool>,
        /// Whether immunisations are.
        immunisations: Option<bool>,
        /// Whether the teeth were checked.
        teeth_check: Option<bool>,
        /// Whether there was a health assessment.
        health_assessment: Option<bool>,
        /// Whether substance misuse was identified.
        substance_misuse: Option<bool>,
        /// The strengths and difficulties score, 0 to 40.
        difficulties: Option<u32>,
    },
    /// A missing episode, from when they were last seen until they were found.
    Missing {
        /// In whose words it is told: `local-authority` or `police`. The two vocabularies are never merged.
        told_by: Code,
        /// `missing`, `away`, `absent`, or the police's level of risk.
        way: Option<Code>,
        /// Whether a return home interview was offered.
        interview_offered: Option<bool>,
        /// Whether it was accepted.
        interview_accepted: Option<bool>,
    },
    /// A place on a school's roll.
    Enrolment {
        /// The school, as the source names it.
        school: Option<Line>,
        /// The kind of enrolment.
        status: Option<Code>,
        /// The year group, as the source writes it.
        year_group: Option<Line>,
    },
    /// Sessions of one term.
    Attendance {
        /// Sessions there could have been.
        possible: Option<u32>,
        /// Those missed with leave.
        authorised: Option<u32>,
        /// Those missed without.
        unauthorised: Option<u32>,
    },
    /// An exclusion from school.
    Exclusion {
        /// `perm`, `fixd` or `lnch`, in small letters.
        category: Option<Code>,
        /// The first reason.
        reason: Option<Code>,
        /// For how many sessions.
        sessions: Option<u32>,
    },
    /// A police force's concern that a child is exploited.
    Concern {
        /// `sexual` or `criminal`.
        form: Code,
        /// The level, in the force's list.
        level: Option<Code>,
        /// The force's number of the report.
        number: Option<Line>,
    },
}

/// The worker of a source's own system whom a source names: never one who signs in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Their name.
    pub name: Option<PersonName>,
    /// What they do: `Social Worker`.
    pub role: Option<Line>,
    /// A number, made dialable where it can be.
    pub phone: Option<PhoneNumber>,
    /// An e-mail address.
    pub email: Option<EmailAddress>,
}

impl Says {
    /// The kind's name, as tables and pages call it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Name { .. } => "name",
            Self::Born { .. } => "born",
            Self::Sex { .. } => "sex",
            Self::Identifier { .. } => "identifier",
            Self::Address { .. } => "address",
            Self::Telephone { .. } => "telephone",
            Self::Involvement { .. } => "involvement",
            Self::Ethnicity { .. } => "ethnicity",
            Self::Disability { .. } => "disability",
            Self::Died { .. } => "died",
            Self::Protection { .. } => "protection",
            Self::Contact { .. } => "contact",
            Self::Referral { .. } => "referral",
            Self::Assessment { .. } => "assessment",
            Self::Factor { .. } => "factor",
            Self::Section47 { .. } => "section47",
            Self::Plan { .. } => "plan",
            Self::Review { .. } => "review",
            Self::CareEpisode { .. } => "care-episode",
            Self::CareYear { .. } => "care-year",
            Self::Missing { .. } => "missing",
            Self::Enrolment { .. } => "enrolment",
            Self::Attendance { .. } => "attendance",
            Self::Exclusion { .. } => "exclusion",
            Self::Concern { .. } => "concern",
        }
    }
}

/// Where a fact was read: a file by the digest of its bytes, and the record in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceRow {
    /// The SHA-256 of the file as it came.
    pub file: Digest,
    /// The record, from 1, headings not counted.
    pub record: u64,
}

/// One person as one row of one source tells of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The source's own key for the person, unlike every other person's in that source.
    pub key: Line,
    /// The record, from 1, headings not counted.
    pub record: u64,
    /// What is said.
    pub facts: Vec<Fact>,
    /// The table of the profile that the row is of; empty where it has one.
    pub table: String,
    /// The row's own key within its table, which it keeps from file to file; empty where it has none. Of several rows of
    /// one file with the same key, each after the first has its number after it.
    pub row: String,
}

/// What an extract covers, as its sender states it: figures may not speak of more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The stretch of time the extract speaks of.
    pub period: Period,
    /// The day on which it was true.
    pub as_of: Option<Date>,
}
