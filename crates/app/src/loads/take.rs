//! Taking a file in: what it tells beside what is held, and all that is new in one change.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek};

use clearpicture_access::{Access, Adds, Caller, Grants, Permit, Purpose, Refused, Resource};
use clearpicture_ingest::{Asked, Finding, Heard, Problem, Profile, Summary, read};
use clearpicture_kernel::fact::Told;
use clearpicture_kernel::{AgencyId, Code, Line, PersonId, SubjectId, Timestamp, TypedId as _};
use clearpicture_store::{Batch, KeyScope, Prepared, Record, Store, StoreFault, WriteError};

use super::store::{self, OriginalFault};
use super::types::{AddLoad, Load, LoadId};
use crate::persons::{self, AddPerson, NewSubject, Person, SeePerson, Subject};

/// The name under which the product takes files in.
const CALLER: &str = "loads";
/// The code of the purpose for which it does.
const PURPOSE: &str = "data-exchange";

/// What is noted while a file is read.
#[derive(Debug)]
pub enum Noted {
    /// A doubt.
    Finding(Finding),
    /// So many rows were read: for whoever waits.
    Rows(u64),
}

/// What a file told, read to its end before any of it is kept.
#[derive(Debug)]
pub struct Reading {
    /// The file as a whole.
    pub summary: Summary,
    /// How often each problem was found.
    pub problems: BTreeMap<Problem, u64>,
    told: Vec<Told>,
    /// Whether what the source tells has a place here.
    has_place: bool,
}

/// Whether what a source tells has a place here: one row for each person, of what the child's picture shows.
fn has_place(profile: &Profile) -> bool {
    profile.is_a_row_for_each_person() && profile.tells().all(persons::has_place)
}

impl Reading {
    /// Reads a file by the one of `profiles` that it fits; what is noted is handed on as it is.
    ///
    /// # Errors
    /// Only what `from` itself gives.
    pub fn of(
        from: impl Read + Seek,
        profiles: &[Profile],
        asked: &Asked<'_>,
        mut note: impl FnMut(Noted),
    ) -> io::Result<Self> {
        let mut told = Vec::new();
        let mut problems = BTreeMap::new();
        let summary = read(from, profiles, asked, &mut |heard| match heard {
            Heard::Told(row) => told.push(row),
            Heard::Rows(rows) => note(Noted::Rows(rows)),
            Heard::Finding(finding) => {
                *problems.entry(finding.problem).or_default() += 1;
                note(Noted::Finding(finding));
            }
        })?;
        let profile = profiles
            .iter()
            .find(|one| Some(&one.name) == summary.profile.as_ref());
        Ok(Self {
            has_place: profile.is_some_and(has_place),
            summary,
            problems,
            told,
        })
    }
}

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The rows that say something new.
    pub accepted: u64,
    /// The rows that say what was held already.
    pub unchanged: u64,
    /// The children of whom the source told for the first time.
    pub new_subjects: u64,
    /// The record of the load; `None` when the file said nothing new and nothing was changed.
    pub load: Option<LoadId>,
}

/// Why a file was not taken in. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum LoadFault {
    /// It was refused as it was read.
    #[error("the file was refused: see its findings")]
    Refused,
    /// What the source tells has no place here yet.
    #[error(
        "files of the source `{0}` can be checked, and cannot be taken in yet: nothing was kept"
    )]
    NoPlace(Code),
    /// Its bytes changed between being read and being kept.
    #[error("the file was changed while it was being taken in: nothing was kept; send it again")]
    Changed,
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The policies do not allow it.
    #[error(transparent)]
    Policy(#[from] Refused),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Something of our own does not fit.
    #[error("what is to be kept holds a mistake: {0}")]
    Own(String),
}

impl From<StoreFault> for LoadFault {
    fn from(fault: StoreFault) -> Self {
        Self::Write(fault.into())
    }
}

impl From<OriginalFault> for LoadFault {
    fn from(fault: OriginalFault) -> Self {
        match fault {
            OriginalFault::Read(error) => Self::Read(error),
            OriginalFault::Store(fault) => fault.into(),
        }
    }
}

/// Takes in what `reading` told as a file of `agency` called `name`; `original` gives its bytes once more.
///
/// All that is new comes with one change, or nothing does. A file that says nothing new changes nothing.
///
/// # Errors
/// [`LoadFault`]; then nothing was kept.
pub async fn take_in(
    store: &Store,
    access: &Access,
    agency: AgencyId,
    name: &Line,
    reading: &Reading,
    mut original: impl Read + Seek,
) -> Result<Brought, LoadFault> {
    let Some(source) = reading.summary.profile.clone() else {
        return Err(LoadFault::Refused);
    };
    if reading.summary.refused {
        return Err(LoadFault::Refused);
    }
    if !reading.has_place {
        return Err(LoadFault::NoPlace(source));
    }
    let taking = Taking {
        store,
        access,
        caller: Caller::system(CALLER),
        purpose: Purpose {
            code: own(Code::parse(PURPOSE))?,
            marked: false,
        },
        agency,
        source,
    };
    loop {
        original.rewind()?;
        match taking.take(name, reading, &mut original).await {
            // Another load told of one of these children first: what it brought is held now.
            Err(LoadFault::Write(WriteError::Taken)) => {}
            done => return done,
        }
    }
}

/// Everything that stays the same while one file is taken in.
struct Taking<'a> {
    store: &'a Store,
    access: &'a Access,
    caller: Caller,
    purpose: Purpose,
    agency: AgencyId,
    source: Code,
}

/// A row that says something new, and of whom.
struct New<'a> {
    told: &'a Told,
    subject: SubjectId,
}

impl Taking<'_> {
    async fn take(
        &self,
        name: &Line,
        reading: &Reading,
        original: impl Read,
    ) -> Result<Brought, LoadFault> {
        let digests: Vec<String> = reading.told.iter().map(|told| self.digest(told)).collect();
        let held = self.held(&digests).await?;
        let mut batch = Batch::default();
        let mut added = Vec::new();
        let mut met: BTreeMap<&str, SubjectId> = BTreeMap::new();
        let mut news = Vec::new();
        let mut unchanged = 0;
        for (told, digest) in reading.told.iter().zip(&digests) {
            let known = held.get(digest);
            if let Some((_, said)) = known
                && *said == persons::facts_digest(self.store, &told.facts)?
            {
                unchanged += 1;
                continue;
            }
            let subject = match (known, met.get(digest.as_str())) {
                (Some((subject, _)), _) => subject.id,
                (None, Some(subject)) => *subject,
                (None, None) => {
                    let person = PersonId::fresh(self.store.ambient());
                    let subject = self.meet(&mut batch, digest, person);
                    met.insert(digest, subject);
                    added.push((person, Person::alone(subject)));
                    subject
                }
            };
            news.push(New { told, subject });
        }
        let accepted = news.len() as u64;
        let mut brought = Brought {
            accepted,
            unchanged,
            new_subjects: added.len() as u64,
            load: None,
        };
        if news.is_empty() {
            return Ok(brought);
        }
        let id = LoadId::fresh(self.store.ambient());
        self.tell(&mut batch, &id, &news, &held).await?;
        let same = store::bring_original(self.store, &mut batch, reading.summary.digest, original);
        if !same.await? {
            return Err(LoadFault::Changed);
        }
        let load = self.load(name, reading, accepted, unchanged)?;
        let prepared = self.prepare::<AddLoad>(&id, &load).await?;
        let mut changes = vec![self.store.bringing(prepared, batch)?];
        for (id, person) in &added {
            changes.push(self.prepare::<AddPerson>(id, person).await?);
        }
        self.store.commit(changes).await?;
        brought.load = Some(id);
        Ok(brought)
    }

    fn digest(&self, told: &Told) -> String {
        persons::subject_digest(self.store, self.agency, &self.source, told.key.as_str())
    }

    async fn held(
        &self,
        digests: &[String],
    ) -> Result<BTreeMap<String, (Subject, String)>, LoadFault> {
        let scope = self
            .store
            .scope::<SeePerson>(self.access, &self.caller, &self.purpose)
            .await?;
        Ok(persons::held(self.store, &scope, self.agency, &self.source, digests).await?)
    }

    fn meet(&self, batch: &mut Batch, key_digest: &str, person: PersonId) -> SubjectId {
        let new = NewSubject {
            agency: self.agency,
            source: &self.source,
            key_digest,
        };
        persons::bring_subject(self.store, batch, new, person)
    }

    /// Puts what the new rows say into the batch.
    async fn tell(
        &self,
        batch: &mut Batch,
        load: &LoadId,
        news: &[New<'_>],
        held: &BTreeMap<String, (Subject, String)>,
    ) -> Result<(), LoadFault> {
        let scopes: BTreeSet<_> = news.iter().map(|new| new.subject.record_id()).collect();
        let scopes: Vec<KeyScope> = scopes.into_iter().map(KeyScope::Subject).collect();
        self.store.have_keys(&scopes).await?;
        let known: Vec<SubjectId> = held.values().map(|(subject, _)| subject.id).collect();
        let scope = self
            .store
            .scope::<SeePerson>(self.access, &self.caller, &self.purpose)
            .await?;
        let keys = persons::known_keys(self.store, &scope, &known).await?;
        let none = BTreeSet::new();
        let load = load.to_string();
        for New { told, subject } in news {
            let known = keys.get(subject).unwrap_or(&none);
            persons::bring_telling(
                self.store,
                batch,
                &load,
                told.record,
                *subject,
                &told.facts,
                known,
            )
            .await?;
        }
        Ok(())
    }

    fn load(
        &self,
        name: &Line,
        reading: &Reading,
        accepted: u64,
        unchanged: u64,
    ) -> Result<Load, LoadFault> {
        let mut findings = BTreeMap::new();
        for (problem, count) in &reading.problems {
            findings.insert(own(Code::parse(problem.code()))?, *count);
        }
        let now: Timestamp = self.store.ambient().now();
        Ok(Load {
            agency: self.agency,
            source: self.source.clone(),
            file: name.clone(),
            digest: reading.summary.digest,
            rows: reading.summary.rows,
            accepted,
            unchanged,
            quarantined: reading.summary.quarantined,
            findings,
            coverage: reading.summary.coverage,
            taken_at: now,
        })
    }

    async fn prepare<A>(
        &self,
        id: &<A::On as Record>::Id,
        record: &A::On,
    ) -> Result<Prepared, LoadFault>
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
        let permit: Permit<A> = self.access.permit(&self.caller, resource, &self.purpose)?;
        Ok(self.store.prepare_add(&permit, record, None).await?)
    }
}

/// A word of our own.
fn own<T, E: std::fmt::Display>(parsed: Result<T, E>) -> Result<T, LoadFault> {
    parsed.map_err(|error| LoadFault::Own(error.to_string()))
}
