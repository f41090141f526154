//! Laying: what a file tells, put beside what its source told before.
//!
//! ```text
//!  rows of a file ──► weighed against what stood on the day of which it tells ──► what differs is told ──► laid
//! ```
//!
//! A row is told again only where it says something else than its source said on that day, so laying a file twice
//! tells nothing the second time. A file that comes late is laid on its own day: what stood later is told once more after
//! it, so that the newest version of each row is always the one that stands. Nothing is read before its laying is laid;
//! a laying that breaks off is begun anew, and what it had told is never read.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use clearpicture_access::Scope;
use clearpicture_kernel::{Date, PersonId, SubjectId};
use clearpicture_store::{Store, StoreFault};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::protection::Marked;
use super::ready::{LayingOf, Ready};
use super::tables::{member, subject, told};
use super::{ASKED_AT_ONCE, read_id};
use crate::persons::types::SeePerson;

/// Subjects that are brought at once. Each lies in an index in no order at all, so that a few at a time would have most
/// of that index written anew every time.
const BROUGHT_AT_ONCE: usize = 25_000;
/// The most subjects whose rows are looked through at once for what a file no longer holds.
const SUBJECTS_AT_ONCE: u64 = 500;

/// A version of a row, without what it says.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub(super) struct Version {
    pub(super) id: String,
    pub(super) seq: i64,
    pub(super) subject_id: String,
    pub(super) row: String,
    pub(super) laying: i64,
    pub(super) as_of: String,
    pub(super) ended: bool,
    pub(super) kinds: String,
    pub(super) identifies: bool,
    pub(super) digest: String,
}

impl Version {
    /// Of two versions of one row the one that is later by this stands.
    fn order(&self) -> (&str, i64, &str) {
        (&self.as_of, self.seq, &self.id)
    }
}

/// What one row told on the day of which a file tells, and what it has told since.
#[derive(Debug, Clone, Default)]
pub(super) struct Stood {
    pub(super) then: Option<Version>,
    pub(super) since: Option<Version>,
    /// Whether it has been told since, rather than only ended.
    pub(super) told_since: bool,
}

impl Stood {
    fn is(&self, digest: &str) -> bool {
        self.then
            .as_ref()
            .is_some_and(|version| !version.ended && version.digest == digest)
    }
}

/// A row beside what it told before.
#[derive(Debug)]
pub(super) struct Beside {
    pub(super) ready: Ready,
    pub(super) subject: SubjectId,
    pub(super) stood: Stood,
}

/// Rows that were weighed.
#[derive(Debug, Default)]
pub struct Weighed {
    /// The rows that say something new.
    pub(super) news: Vec<Beside>,
    /// The subjects that are met for the first time.
    pub(super) met: BTreeSet<SubjectId>,
    /// Records of which nothing was told before.
    pub new: u64,
    /// Records of which something else was told before.
    pub changed: u64,
}

impl Weighed {
    /// How many subjects are met for the first time.
    pub fn new_subjects(&self) -> u64 {
        self.met.len() as u64
    }

    /// Counts a record whose rows have been weighed.
    const fn count(&mut self, record: &Record) {
        match record {
            Record {
                says_new: false, ..
            } => {}
            Record { was_told: true, .. } => self.changed += 1,
            Record {
                was_told: false, ..
            } => self.new += 1,
        }
    }
}

/// What came of the rows of one record.
#[derive(Debug, Default)]
struct Record {
    number: u64,
    was_told: bool,
    says_new: bool,
}

/// Rows that the source told and a file of all there is holds no longer.
#[derive(Debug, Default)]
pub struct Missing {
    pub(super) rows: Vec<(Version, Option<Version>)>,
    /// From which subject on to look further; `None` after the last.
    pub next: Option<String>,
}

impl Missing {
    /// How many they are.
    pub fn len(&self) -> u64 {
        self.rows.len() as u64
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// A person to be made for a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewPerson {
    /// The person.
    pub person: PersonId,
    /// The subject.
    pub subject: SubjectId,
    /// Whether where they are must not be told.
    pub protected: bool,
}

/// Subjects that were met for the first time, and the persons to be made for them, each by the digest of its key.
pub(super) type Met = BTreeMap<String, (SubjectId, PersonId)>;

/// What a batch brought that whoever lays on must know of before the database shows it.
#[derive(Debug, Default)]
pub(super) struct LastBrought {
    subjects: Met,
    /// The ids of the keys by which subjects are found.
    pub(super) keys: BTreeSet<String>,
}

/// A file being laid.
#[derive(Debug)]
pub struct Laying {
    pub(super) of: LayingOf,
    /// The number of the entry that began it; nought while it is only tried.
    pub(super) number: i64,
    /// The layings of the source that stand: of which day each tells.
    pub(super) earlier: BTreeMap<i64, Date>,
    /// How many of the source were ever laid before.
    pub(super) place: i64,
    /// The subjects that were met and are not brought yet.
    met: Met,
    /// What the last batch brought: not to be seen in the database yet.
    pub(super) last: LastBrought,
    /// Digests of the rows that the file holds, where others may be missing from it.
    seen: Vec<u64>,
    /// Of whom the file says that where they are must not be told; and whether a row that says so is new.
    protected: BTreeMap<SubjectId, bool>,
    /// Of whom something is new that tells who they are.
    identified: BTreeSet<SubjectId>,
    /// The persons to be made: of the subjects that are met, and of those that an earlier laying met and that belong to
    /// nobody, because it broke off.
    persons: BTreeMap<SubjectId, PersonId>,
    /// Places given out to rows that no row of the file is.
    pub(super) beyond: u64,
    /// Whether nothing was laid before: then whoever it tells of is everyone.
    pub(super) is_first: bool,
}

impl Laying {
    /// A file being laid beside these layings; so many of its source were ever laid before.
    pub(super) const fn new(
        of: LayingOf,
        number: i64,
        earlier: BTreeMap<i64, Date>,
        place: i64,
        is_first: bool,
    ) -> Self {
        Self {
            of,
            number,
            earlier,
            place,
            met: Met::new(),
            last: LastBrought {
                subjects: Met::new(),
                keys: BTreeSet::new(),
            },
            seen: Vec::new(),
            protected: BTreeMap::new(),
            identified: BTreeSet::new(),
            persons: BTreeMap::new(),
            beyond: 0,
            is_first,
        }
    }

    /// What is laid.
    pub const fn of(&self) -> &LayingOf {
        &self.of
    }

    /// Whether files of later days were laid before this one.
    pub fn is_late(&self) -> bool {
        self.earlier.values().any(|day| *day > self.of.as_of)
    }

    /// Weighs rows of the file against what stood on its day. What came of those weighed before must be durable by the
    /// time the next but one are.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn weigh(
        &mut self,
        store: &Store,
        scope: &Scope<SeePerson>,
        rows: Vec<Ready>,
    ) -> Result<Weighed, StoreFault> {
        let known = self.subjects(store, scope, &rows).await?;
        let subjects: Vec<SubjectId> = known.values().map(|known| known.id).collect();
        let stood = self.stood(store, scope, &subjects).await?;
        let mut weighed = Weighed::default();
        let mut record = Record::default();
        for ready in rows {
            if record.number != ready.record {
                weighed.count(&record);
                record = Record {
                    number: ready.record,
                    ..Record::default()
                };
            }
            let brought = || self.last.subjects.get(&ready.key_digest);
            let met = self.met.get(&ready.key_digest).or_else(brought);
            let subject = match (known.get(&ready.key_digest), met) {
                (Some(known), _) => {
                    if known.is_nobodys {
                        self.persons.insert(known.id, known.own_person);
                    }
                    known.id
                }
                (None, Some((subject, _))) => *subject,
                (None, None) => {
                    let ambient = store.ambient();
                    let fresh = (SubjectId::fresh(ambient), PersonId::fresh(ambient));
                    self.met.insert(ready.key_digest.clone(), fresh);
                    weighed.met.insert(fresh.0);
                    self.persons.insert(fresh.0, fresh.1);
                    fresh.0
                }
            };
            if !self.earlier.is_empty() {
                self.seen.push(seen(&subject.to_string(), &ready.row));
            }
            let stood = stood
                .get(&(subject, ready.row.clone()))
                .cloned()
                .unwrap_or_default();
            let is_new = !stood.is(&ready.digest);
            if ready.protects {
                *self.protected.entry(subject).or_default() |= is_new;
            }
            record.was_told |= stood.then.as_ref().is_some_and(|version| !version.ended);
            if !is_new {
                continue;
            }
            if ready.identifies {
                self.identified.insert(subject);
            }
            record.says_new = true;
            weighed.news.push(Beside {
                ready,
                subject,
                stood,
            });
        }
        weighed.count(&record);
        Ok(weighed)
    }

    /// The subjects to be brought now: none before they are many, but all of them with what comes last.
    pub(super) fn due(&mut self, comes_last: bool) -> &Met {
        let enough = comes_last || self.met.len() >= BROUGHT_AT_ONCE;
        self.last.subjects = if enough {
            std::mem::take(&mut self.met)
        } else {
            Met::new()
        };
        &self.last.subjects
    }

    /// The subjects of these rows that are known.
    async fn subjects(
        &self,
        store: &Store,
        scope: &Scope<SeePerson>,
        rows: &[Ready],
    ) -> Result<BTreeMap<String, Standing>, StoreFault> {
        let digests: BTreeSet<&str> = rows.iter().map(|row| row.key_digest.as_str()).collect();
        let digests: Vec<&str> = digests.into_iter().collect();
        let mut known = BTreeMap::new();
        for some in digests.chunks(ASKED_AT_ONCE) {
            let select = subject::Entity::find()
                .select_only()
                .columns([
                    subject::Column::Id,
                    subject::Column::KeyDigest,
                    subject::Column::OwnPersonId,
                ])
                .expr_as(belongs_to_nobody(), "is_nobodys")
                .filter(subject::Column::KeyDigest.is_in(some.iter().copied()));
            for row in store
                .brought_as::<_, _, TheirStanding>(scope, select)
                .await?
            {
                let standing = Standing {
                    id: read_id(&row.id)?,
                    own_person: read_id(&row.own_person_id)?,
                    is_nobodys: row.is_nobodys,
                };
                known.insert(row.key_digest, standing);
            }
        }
        Ok(known)
    }

    /// What each row of these subjects that this source told stood as.
    async fn stood(
        &self,
        store: &Store,
        scope: &Scope<SeePerson>,
        subjects: &[SubjectId],
    ) -> Result<BTreeMap<(SubjectId, String), Stood>, StoreFault> {
        let mut stood: BTreeMap<(SubjectId, String), Stood> = BTreeMap::new();
        if self.earlier.is_empty() {
            return Ok(stood);
        }
        let today = self.of.as_of.to_string();
        for some in subjects.chunks(ASKED_AT_ONCE) {
            let select = told::Entity::find()
                .select_only()
                .columns([
                    told::Column::Id,
                    told::Column::Seq,
                    told::Column::SubjectId,
                    told::Column::Row,
                    told::Column::Laying,
                    told::Column::AsOf,
                    told::Column::Ended,
                    told::Column::Kinds,
                    told::Column::Identifies,
                    told::Column::Digest,
                ])
                .filter(told::Column::SubjectId.is_in(some.iter().map(ToString::to_string)))
                .filter(told::Column::Source.eq(self.of.source.as_str()));
            for version in store.brought_as::<_, _, Version>(scope, select).await? {
                if !self.earlier.contains_key(&version.laying) {
                    continue;
                }
                let subject = read_id::<SubjectId>(&version.subject_id)?;
                let row = stood.entry((subject, version.row.clone())).or_default();
                let place = if version.as_of > today {
                    row.told_since |= !version.ended;
                    &mut row.since
                } else {
                    &mut row.then
                };
                if place
                    .as_ref()
                    .is_none_or(|one| one.order() < version.order())
                {
                    *place = Some(version);
                }
            }
        }
        Ok(stood)
    }

    /// The rows, from a subject on, that the source told on the day of the file and that the file holds no longer.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn missing(
        &mut self,
        store: &Store,
        scope: &Scope<SeePerson>,
        after: Option<&str>,
    ) -> Result<Missing, StoreFault> {
        if self.earlier.is_empty() {
            return Ok(Missing::default());
        }
        if after.is_none() {
            self.seen.sort_unstable();
        }
        let mut select = subject::Entity::find()
            .filter(subject::Column::AgencyId.eq(self.of.agency.to_string()))
            .filter(subject::Column::Scheme.eq(self.of.scheme.as_str()))
            .order_by_asc(subject::Column::Id)
            .limit(SUBJECTS_AT_ONCE);
        if let Some(after) = after {
            select = select.filter(subject::Column::Id.gt(after));
        }
        let subjects = store.brought_within(scope, select).await?;
        let is_last = subjects.len() < usize::try_from(SUBJECTS_AT_ONCE).unwrap_or_default();
        let next = subjects.last().map(|model| model.id.clone());
        let ids: Result<Vec<SubjectId>, _> =
            subjects.iter().map(|model| read_id(&model.id)).collect();
        let mut rows = Vec::new();
        for ((subject, row), stood) in self.stood(store, scope, &ids?).await? {
            let Some(then) = stood.then.filter(|version| !version.ended) else {
                continue;
            };
            if self
                .seen
                .binary_search(&seen(&subject.to_string(), &row))
                .is_err()
            {
                rows.push((then, stood.since));
            }
        }
        Ok(Missing {
            rows,
            next: next.filter(|_| !is_last),
        })
    }

    /// The persons to be made: of those of whom the agency tells first.
    pub fn new_persons(&self) -> impl Iterator<Item = NewPerson> {
        self.persons.iter().map(|(subject, person)| NewPerson {
            person: *person,
            subject: *subject,
            protected: self.protected.contains_key(subject),
        })
    }

    /// Those of `persons` whose subject belongs to nobody still.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn nobodys(
        store: &Store,
        scope: &Scope<SeePerson>,
        persons: &[NewPerson],
    ) -> Result<Vec<NewPerson>, StoreFault> {
        let mut left = Vec::new();
        for some in persons.chunks(ASKED_AT_ONCE) {
            let ids = some.iter().map(|one| one.subject.to_string());
            let select = subject::Entity::find()
                .filter(subject::Column::Id.is_in(ids))
                .filter(belongs_to_nobody());
            let nobodys = store.brought_within(scope, select).await?;
            let nobodys: BTreeSet<String> = nobodys.into_iter().map(|row| row.id).collect();
            let of_nobody = |one: &&NewPerson| nobodys.contains(&one.subject.to_string());
            left.extend(some.iter().filter(of_nobody).copied());
        }
        Ok(left)
    }

    /// Those of whom the file tells anew who they are, or of whom it tells first: they may be somebody who is protected.
    pub fn who_may_be_others(&self) -> BTreeSet<SubjectId> {
        let new = self.persons.keys().copied();
        new.chain(self.identified.iter().copied())
            .chain(self.protected.keys().copied())
            .collect()
    }

    /// Those of whom the file says that where they are must not be told, and of whom that is not kept yet. One whom a keeper
    /// let go is protected again only by what is said anew.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn to_mark(&self, store: &Store) -> Result<Vec<SubjectId>, StoreFault> {
        let marked = Marked::of(store, self.protected.keys().copied()).await?;
        let unkept = self.protected.iter().filter(|(subject, is_new)| {
            !marked.protects(**subject, false) && (**is_new || !marked.knows(**subject))
        });
        Ok(unkept.map(|(subject, _)| *subject).collect())
    }

    /// The persons to whom those belong of whom the file says that where they are must not be told, and whom no keeper let
    /// go.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn to_protect(
        &self,
        store: &Store,
        scope: &Scope<SeePerson>,
    ) -> Result<BTreeSet<PersonId>, StoreFault> {
        let mut persons = BTreeSet::new();
        let marked = Marked::of(store, self.protected.keys().copied()).await?;
        let protected = self.protected.keys();
        let protected = protected.filter(|subject| marked.protects(**subject, true));
        let ids: Vec<String> = protected.map(ToString::to_string).collect();
        for some in ids.chunks(ASKED_AT_ONCE) {
            let select = member::Entity::find().filter(member::Column::SubjectId.is_in(some));
            for row in store.brought_within(scope, select).await? {
                persons.insert(read_id(&row.person_id)?);
            }
        }
        Ok(persons)
    }
}

/// A subject that is known.
struct Standing {
    id: SubjectId,
    own_person: PersonId,
    /// Whether it belongs to nobody: the laying that met it has not made its person.
    is_nobodys: bool,
}

#[derive(Debug, FromQueryResult)]
struct TheirStanding {
    id: String,
    key_digest: String,
    own_person_id: String,
    is_nobodys: bool,
}

/// That a subject belongs to nobody.
fn belongs_to_nobody() -> SimpleExpr {
    let belongs = Query::select()
        .expr(Expr::val(1))
        .from(member::Entity)
        .and_where(
            Expr::col((member::Entity, member::Column::SubjectId))
                .equals((subject::Entity, subject::Column::Id)),
        )
        .to_owned();
    Expr::exists(belongs).not()
}

/// The digest by which a row is known to be held by a file: never kept.
fn seen(subject: &str, row: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (subject, row).hash(&mut hasher);
    hasher.finish()
}
