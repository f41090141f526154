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
use clearpicture_kernel::fact::Told;
use clearpicture_kernel::{AgencyId, Code, Date, Fact, PersonId, Says, SubjectId, TypedId as _};
use clearpicture_store::{Batch, KeyScope, Store, StoreFault};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait as _, IntoColumnRef as _, Query};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::known::{body_of, day, layings, protects};
use super::tables::{laid, member, subject, subject_key, told};
use super::{ASKED_AT_ONCE, TOLD, read_id, read_subject, unreadable};
use crate::persons::keys;
use crate::persons::types::SeePerson;

/// Half a digest: enough that no two rows of one subject are the same by chance.
const LENGTH: usize = 32;
/// The most subjects whose rows are looked through at once for what a file no longer holds.
const SUBJECTS_AT_ONCE: u64 = 500;

/// What is laid: a file of a source, and the day of which it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayingOf {
    /// The load.
    pub load: String,
    /// The agency that sent it.
    pub agency: AgencyId,
    /// The source, by the name of its profile.
    pub source: Code,
    /// Whose numbers the keys of its persons are.
    pub scheme: Code,
    /// The day of which it tells.
    pub as_of: Date,
}

/// A row of a file, ready to be weighed.
#[derive(Debug)]
pub struct Ready {
    place: u64,
    record: u64,
    key_digest: String,
    row: String,
    digest: String,
    body: Vec<u8>,
    kinds: BTreeSet<&'static str>,
    identifies: bool,
    protects: bool,
    keys: BTreeSet<String>,
}

impl Ready {
    /// Makes the row at `place` of a file ready.
    ///
    /// # Errors
    /// [`StoreFault`] when what it says cannot be written, which does not happen.
    pub fn of(
        store: &Store,
        laying: &LayingOf,
        place: u64,
        told: &Told,
    ) -> Result<Self, StoreFault> {
        let body = serde_json::to_vec(&told.facts)
            .map_err(|error| StoreFault::Database(error.to_string()))?;
        let text =
            std::str::from_utf8(&body).map_err(|error| StoreFault::Database(error.to_string()))?;
        let half = |what: &str, parts: &[&str]| {
            let mut digest = store.keyed_digest(what, parts);
            digest.truncate(LENGTH);
            digest
        };
        let digest = half("facts", &[text]);
        // A row without a key of its own is told from others by what it says.
        let own = if told.row.is_empty() {
            &digest
        } else {
            &told.row
        };
        let row = half("row", &[laying.source.as_str(), &told.table, own]);
        let agency = laying.agency.to_string();
        let parts = [&agency, laying.scheme.as_str(), told.key.as_str()];
        Ok(Self {
            place,
            record: told.record,
            key_digest: store.keyed_digest("subject", &parts),
            row,
            digest,
            kinds: told.facts.iter().map(|fact| fact.says.kind()).collect(),
            protects: protects(&told.facts),
            identifies: told
                .facts
                .iter()
                .any(|fact| identifies(fact, &laying.scheme)),
            keys: keys::of_facts(store, &told.facts),
            body,
        })
    }

    /// The record of the file that it is, or is part of.
    pub const fn record(&self) -> u64 {
        self.record
    }
}

/// Whether a fact helps to tell who somebody is, beyond the number by which its source knows them anyway.
fn identifies(fact: &Fact, scheme: &Code) -> bool {
    match &fact.says {
        Says::Identifier { scheme: of, .. } => of != scheme,
        says => matches!(
            says.kind(),
            "name" | "born" | "sex" | "address" | "protection"
        ),
    }
}

/// A version of a row, without what it says.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
struct Version {
    id: String,
    seq: i64,
    subject_id: String,
    row: String,
    laying: i64,
    as_of: String,
    ended: bool,
    kinds: String,
    identifies: bool,
    digest: String,
}

impl Version {
    /// Of two versions of one row the one that is later by this stands.
    fn order(&self) -> (&str, i64, &str) {
        (&self.as_of, self.seq, &self.id)
    }
}

/// What one row told on the day of which a file tells, and what it has told since.
#[derive(Debug, Clone, Default)]
struct Stood {
    then: Option<Version>,
    since: Option<Version>,
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
struct Beside {
    ready: Ready,
    subject: SubjectId,
    stood: Stood,
}

/// Rows that were weighed.
#[derive(Debug, Default)]
pub struct Weighed {
    /// The rows that say something new.
    news: Vec<Beside>,
    /// The subjects that are met for the first time, each by the digest of its key.
    met: BTreeMap<String, (SubjectId, PersonId)>,
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
    rows: Vec<(Version, Option<Version>)>,
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

/// A file being laid.
#[derive(Debug)]
pub struct Laying {
    of: LayingOf,
    /// The number of the entry that began it; nought while it is only tried.
    number: i64,
    /// The layings of the source that stand: of which day each tells.
    earlier: BTreeMap<i64, Date>,
    /// What was met in the rows weighed last: not to be seen in the database yet.
    met: BTreeMap<String, (SubjectId, PersonId)>,
    /// Digests of the rows that the file holds, where others may be missing from it.
    seen: Vec<u64>,
    /// Of whom the file says that where they are must not be told.
    protected: BTreeSet<SubjectId>,
    /// Places given out to rows that no row of the file is.
    beyond: u64,
}

impl Laying {
    /// Begins to lay a file beside what stands now; `number` is that of the entry that says so, or nought to try what
    /// would come of it.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn begin(
        store: &Store,
        scope: &Scope<SeePerson>,
        of: LayingOf,
        number: i64,
    ) -> Result<Self, StoreFault> {
        let select = laid::Entity::find()
            .filter(laid::Column::AgencyId.eq(of.agency.to_string()))
            .filter(laid::Column::Source.eq(of.source.as_str()));
        let mut earlier = BTreeMap::new();
        for model in store.brought_within(scope, select).await? {
            earlier.insert(model.laying, day(&model.id, &model.as_of)?);
        }
        Ok(Self {
            of,
            number,
            earlier,
            met: BTreeMap::new(),
            seen: Vec::new(),
            protected: BTreeSet::new(),
            beyond: 0,
        })
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
        let before = std::mem::take(&mut self.met);
        let known = self.subjects(store, scope, &rows).await?;
        let subjects: Vec<SubjectId> = known.values().copied().collect();
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
            let met = weighed
                .met
                .get(&ready.key_digest)
                .or_else(|| before.get(&ready.key_digest));
            let subject = match (known.get(&ready.key_digest), met) {
                (Some(subject), _) | (None, Some((subject, _))) => *subject,
                (None, None) => {
                    let ambient = store.ambient();
                    let fresh = (SubjectId::fresh(ambient), PersonId::fresh(ambient));
                    weighed.met.insert(ready.key_digest.clone(), fresh);
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
            if ready.protects {
                self.protected.insert(subject);
            }
            record.was_told |= stood.then.as_ref().is_some_and(|version| !version.ended);
            if stood.is(&ready.digest) {
                continue;
            }
            record.says_new = true;
            weighed.news.push(Beside {
                ready,
                subject,
                stood,
            });
        }
        weighed.count(&record);
        self.met.clone_from(&weighed.met);
        Ok(weighed)
    }

    /// The subjects of these rows that are known.
    async fn subjects(
        &self,
        store: &Store,
        scope: &Scope<SeePerson>,
        rows: &[Ready],
    ) -> Result<BTreeMap<String, SubjectId>, StoreFault> {
        let digests: BTreeSet<&str> = rows.iter().map(|row| row.key_digest.as_str()).collect();
        let digests: Vec<&str> = digests.into_iter().collect();
        let mut known = BTreeMap::new();
        for some in digests.chunks(ASKED_AT_ONCE) {
            let select = subject::Entity::find()
                .filter(subject::Column::AgencyId.eq(self.of.agency.to_string()))
                .filter(subject::Column::Scheme.eq(self.of.scheme.as_str()))
                .filter(subject::Column::KeyDigest.is_in(some.iter().copied()));
            for model in store.brought_within(scope, select).await? {
                let subject = read_subject(&model)?;
                known.insert(model.key_digest, subject.id);
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

    /// Puts what is new among weighed rows into a batch.
    ///
    /// # Errors
    /// [`StoreFault`] when a key cannot be had or the database fails.
    pub async fn bring(
        &mut self,
        store: &Store,
        scope: &Scope<SeePerson>,
        batch: &mut Batch,
        weighed: Weighed,
    ) -> Result<(), StoreFault> {
        let Weighed { news, met, .. } = weighed;
        let scopes: BTreeSet<SubjectId> = news.iter().map(|row| row.subject).collect();
        let scopes: Vec<KeyScope> = scopes
            .into_iter()
            .map(|subject| KeyScope::Subject(subject.record_id()))
            .collect();
        store.have_keys(&scopes).await?;
        let first_met: BTreeSet<SubjectId> = met.values().map(|(subject, _)| *subject).collect();
        for (key_digest, (subject, own_person)) in met {
            batch.add(subject::ActiveModel {
                id: Set(subject.to_string()),
                seq: NotSet,
                agency_id: Set(self.of.agency.to_string()),
                scheme: Set(self.of.scheme.to_string()),
                key_digest: Set(key_digest),
                own_person_id: Set(own_person.to_string()),
            });
        }
        let findable = news.iter().filter(|row| !row.ready.keys.is_empty());
        let asked: BTreeSet<SubjectId> = findable.map(|row| row.subject).collect();
        let mut keys = known_keys(store, scope, asked.difference(&first_met)).await?;
        let mut later = Vec::new();
        for Beside {
            ready,
            subject,
            stood,
        } in news
        {
            let known = keys.entry(subject).or_default();
            for key in ready.keys {
                if known.insert(key.clone()) {
                    batch.add(subject_key::ActiveModel {
                        id: Set(format!("{subject}:{key}")),
                        seq: NotSet,
                        subject_id: Set(subject.to_string()),
                        digest: Set(key),
                    });
                }
            }
            let was = stood.since.as_ref().or(stood.then.as_ref());
            let kinds = ready.kinds.iter().copied();
            let before = was.map_or("", |version| &version.kinds);
            let kinds: BTreeSet<&str> = kinds.chain(before.split_whitespace()).collect();
            let place = ready.place * 2;
            let fresh = Fresh {
                place,
                subject: subject.to_string(),
                row: ready.row,
                record: i64::try_from(ready.record).unwrap_or(i64::MAX),
                as_of: self.of.as_of.to_string(),
                ended: false,
                kinds: spaced(kinds),
                identifies: ready.identifies || was.is_some_and(|version| version.identifies),
                digest: ready.digest,
            };
            self.tell(store, batch, subject, fresh, &ready.body).await?;
            later.extend(stood.since.map(|version| (version, place + 1)));
        }
        self.tell_again(store, scope, batch, later).await
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

    /// Puts into a batch that rows are told no longer. What they told is told on, as what has ended.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn end(
        &mut self,
        store: &Store,
        scope: &Scope<SeePerson>,
        batch: &mut Batch,
        rows: u64,
        missing: Missing,
    ) -> Result<(), StoreFault> {
        let (mut ended, mut later) = (Vec::new(), Vec::new());
        for (then, since) in missing.rows {
            let place = (rows + self.beyond) * 2;
            self.beyond += 1;
            let as_of = self.of.as_of.to_string();
            let version = Version {
                as_of,
                ended: true,
                ..then
            };
            ended.push((version, place));
            later.extend(since.map(|version| (version, place + 1)));
        }
        self.tell_again(store, scope, batch, ended).await?;
        self.tell_again(store, scope, batch, later).await
    }

    /// Puts into a batch that the file was laid: from then on what it told stands.
    pub fn laid(&self, batch: &mut Batch) {
        batch.add(laid::ActiveModel {
            id: Set(self.number.to_string()),
            seq: NotSet,
            laying: Set(self.number),
            load_id: Set(self.of.load.clone()),
            agency_id: Set(self.of.agency.to_string()),
            source: Set(self.of.source.to_string()),
            as_of: Set(self.of.as_of.to_string()),
            number: Set(i64::try_from(self.earlier.len()).unwrap_or(i64::MAX)),
        });
    }

    /// Tells versions once more, at these places.
    async fn tell_again(
        &self,
        store: &Store,
        scope: &Scope<SeePerson>,
        batch: &mut Batch,
        versions: Vec<(Version, u64)>,
    ) -> Result<(), StoreFault> {
        for some in versions.chunks(ASKED_AT_ONCE) {
            let ids = some.iter().map(|(version, _)| version.id.as_str());
            let select = told::Entity::find().filter(told::Column::Id.is_in(ids));
            let rows = store.brought_within(scope, select).await?;
            let rows: BTreeMap<&str, &told::Model> =
                rows.iter().map(|row| (row.id.as_str(), row)).collect();
            for (version, place) in some {
                let row = rows
                    .get(version.id.as_str())
                    .ok_or_else(|| unreadable(&version.id, &"it is gone"))?;
                let subject = read_id::<SubjectId>(&version.subject_id)?;
                let fresh = Fresh {
                    place: *place,
                    subject: version.subject_id.clone(),
                    row: version.row.clone(),
                    record: row.record,
                    as_of: version.as_of.clone(),
                    ended: version.ended,
                    kinds: version.kinds.clone(),
                    identifies: version.identifies,
                    digest: version.digest.clone(),
                };
                let body = body_of(store, row).await?;
                self.tell(store, batch, subject, fresh, &body).await?;
            }
        }
        Ok(())
    }

    async fn tell(
        &self,
        store: &Store,
        batch: &mut Batch,
        subject: SubjectId,
        fresh: Fresh,
        body: &[u8],
    ) -> Result<(), StoreFault> {
        let id = format!("{}:{:010}", self.number, fresh.place);
        let scope = KeyScope::Subject(subject.record_id());
        let sealed = store.seal_text(&scope, TOLD, &id, body).await?;
        batch.add(told::ActiveModel {
            id: Set(id),
            seq: NotSet,
            subject_id: Set(fresh.subject),
            laying: Set(self.number),
            source: Set(self.of.source.to_string()),
            row: Set(fresh.row),
            record: Set(fresh.record),
            as_of: Set(fresh.as_of),
            ended: Set(fresh.ended),
            kinds: Set(fresh.kinds),
            identifies: Set(fresh.identifies),
            digest: Set(fresh.digest),
            key_id: Set(sealed.key_id),
            body: Set(sealed.body),
        });
        Ok(())
    }

    /// The persons to be made for subjects of whom the agency tells first, after a subject; each belongs to nobody yet.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn new_persons(
        &self,
        store: &Store,
        scope: &Scope<SeePerson>,
        after: Option<SubjectId>,
    ) -> Result<Vec<NewPerson>, StoreFault> {
        let of_subject = |column| Expr::col(column).equals((subject::Entity, subject::Column::Id));
        let belongs = Query::select()
            .expr(Expr::val(1))
            .from(member::Entity)
            .and_where(of_subject(
                (member::Entity, member::Column::SubjectId).into_column_ref(),
            ))
            .to_owned();
        let is_told = Query::select()
            .expr(Expr::val(1))
            .from(told::Entity)
            .and_where(of_subject(
                (told::Entity, told::Column::SubjectId).into_column_ref(),
            ))
            .and_where(Expr::col((told::Entity, told::Column::Laying)).in_subquery(layings()))
            .to_owned();
        let mut select = subject::Entity::find()
            .filter(subject::Column::AgencyId.eq(self.of.agency.to_string()))
            .filter(subject::Column::Scheme.eq(self.of.scheme.as_str()))
            .filter(Expr::exists(belongs).not())
            .filter(Expr::exists(is_told))
            .order_by_asc(subject::Column::Id)
            .limit(SUBJECTS_AT_ONCE);
        if let Some(after) = after {
            select = select.filter(subject::Column::Id.gt(after.to_string()));
        }
        let subjects = store.brought_within(scope, select).await?;
        let persons = subjects.iter().map(|model| {
            let subject = read_subject(model)?;
            Ok(NewPerson {
                person: subject.own_person,
                subject: subject.id,
                protected: self.protected.contains(&subject.id),
            })
        });
        persons.collect()
    }

    /// The persons to whom those belong of whom the file says that where they are must not be told.
    ///
    /// # Errors
    /// [`StoreFault`] when the database fails.
    pub async fn to_protect(
        &self,
        store: &Store,
        scope: &Scope<SeePerson>,
    ) -> Result<BTreeSet<PersonId>, StoreFault> {
        let mut persons = BTreeSet::new();
        let ids: Vec<String> = self.protected.iter().map(ToString::to_string).collect();
        for some in ids.chunks(ASKED_AT_ONCE) {
            let select = member::Entity::find().filter(member::Column::SubjectId.is_in(some));
            for row in store.brought_within(scope, select).await? {
                persons.insert(read_id(&row.person_id)?);
            }
        }
        Ok(persons)
    }
}

/// All of a version but what it says.
struct Fresh {
    place: u64,
    subject: String,
    row: String,
    record: i64,
    as_of: String,
    ended: bool,
    kinds: String,
    identifies: bool,
    digest: String,
}

/// The digest by which a row is known to be held by a file: never kept.
fn seen(subject: &str, row: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (subject, row).hash(&mut hasher);
    hasher.finish()
}

/// Words between spaces, one before the first and one after the last.
fn spaced<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::from(" ");
    for word in words {
        text.push_str(word);
        text.push(' ');
    }
    text
}

/// The keys by which each of these subjects is found already.
async fn known_keys(
    store: &Store,
    scope: &Scope<SeePerson>,
    subjects: impl IntoIterator<Item = &SubjectId>,
) -> Result<BTreeMap<SubjectId, BTreeSet<String>>, StoreFault> {
    let ids: Vec<String> = subjects.into_iter().map(ToString::to_string).collect();
    let mut known: BTreeMap<SubjectId, BTreeSet<String>> = BTreeMap::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        let select = subject_key::Entity::find().filter(subject_key::Column::SubjectId.is_in(some));
        for row in store.brought_within(scope, select).await? {
            let subject = read_id::<SubjectId>(&row.subject_id)?;
            known.entry(subject).or_default().insert(row.digest);
        }
    }
    Ok(known)
}
