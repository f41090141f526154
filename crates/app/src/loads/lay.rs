//! Laying a file: its rows weighed against what stood on its day, and what differs told, a few thousand at a time.
//!
//! Nothing of it is seen before all of it is laid; a child of whom it is the first to tell is seen wholly or not at
//! all. One that was cut short is begun anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use clearpicture_access::{Permit, Scope};
use clearpicture_ingest::{Asked, Heard, read};
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{AgencyId, Code, Date, Digest, PersonId};
use clearpicture_store::{Batch, Brought, Prepared, StoreFault, WriteError};
use tokio::sync::mpsc;

use super::intake::{At, Intake, LoadFault, own};
use super::rules::Agreed;
use super::store;
use super::types::{Effect, Load, LoadId, LoadState, Taken};
use crate::linking;
use crate::persons::{
    self, AddPerson, AddProtection, Because, ChangeProtection, Laying, LayingOf, NewPerson, Person,
    ProtectPerson, Protection, ProtectionId, Ready, SeePerson, SeeProtection, Weighed,
};

/// The most rows that are weighed and told at once, and by one entry.
const ROWS_AT_ONCE: usize = 4_000;
/// The most persons that are made at once.
const PERSONS_AT_ONCE: usize = 2_000;
/// The state of a file that waits for a decision, and of one that was accepted.
const WAITING: &str = "waiting";
const ACCEPTED: &str = "accepted";
/// How often a laying is begun anew when another brought the same persons first.
const TRIES: usize = 3;

/// Rows of a file made ready, a few thousand at a time.
type Chunks = mpsc::Receiver<Result<Vec<Ready>, LoadFault>>;

impl Intake<'_> {
    /// Takes in a file that was accepted, and lays again those of later days that were laid before it.
    ///
    /// # Errors
    /// [`LoadFault`]; then nothing of it is seen, and it can be begun anew.
    pub async fn take_in(&self, id: LoadId) -> Result<Effect, LoadFault> {
        let at = self.at(id, ACCEPTED).await?;
        let Some(of) = self.laying_of(id, &at.load)? else {
            let source = at.load.source.clone();
            return Err(source.map_or(LoadFault::Refused, LoadFault::NoPlace));
        };
        let effect = match self.lay(&at, of.clone()).await {
            Err(LoadFault::EndsMany(effect)) => {
                // What is held may be more than when somebody decided: they are asked again.
                let at = self.at(id, ACCEPTED).await?;
                let load = Load {
                    state: LoadState::Waiting(effect),
                    ..at.load.clone()
                };
                self.change(&at, &load, Brought::default()).await?;
                return Err(LoadFault::EndsMany(effect));
            }
            laid => laid?,
        };
        let earlier = self.earlier(of.agency, &of.source).await?;
        let mut later: Vec<_> = earlier
            .into_iter()
            .filter(|load| load.as_of.is_some_and(|day| day > of.as_of))
            .collect();
        later.sort_by_key(|load| load.as_of);
        for load in later {
            self.lay_again(load.id).await?;
        }
        self.register(of.agency, &of.source).await;
        Ok(effect)
    }

    /// The file of these very bytes that the agency sent before, of this day where one is said, and that still waits for a
    /// decision.
    ///
    /// # Errors
    /// [`LoadFault`] when the database fails.
    pub async fn waiting(
        &self,
        agency: AgencyId,
        source: &Code,
        digest: Digest,
        as_of: Option<Date>,
    ) -> Result<Option<LoadId>, LoadFault> {
        let scope = self.see_loads().await?;
        let digest = digest.to_string();
        let waiting = store::in_state(self.store, &scope, agency, WAITING).await?;
        let same = |load: &store::Earlier| {
            let day = as_of.is_none() || load.as_of == as_of;
            load.source == *source && load.digest == digest && day
        };
        Ok(waiting.into_iter().find(same).map(|load| load.id))
    }

    /// What taking in a file that was read and waits for a decision would do.
    ///
    /// # Errors
    /// [`LoadFault::Elsewhere`] when it does not wait for one; [`LoadFault`] when the database fails.
    pub async fn would_do(&self, id: LoadId) -> Result<Effect, LoadFault> {
        match self.at(id, WAITING).await?.load.state {
            LoadState::Waiting(effect) => Ok(effect),
            _ => Err(LoadFault::Elsewhere),
        }
    }

    /// Accepts a file that was read and waits for a decision, where whoever gives the command on the server decides.
    ///
    /// # Errors
    /// [`LoadFault::Elsewhere`] when it does not wait for one; [`LoadFault`] otherwise, and the file is as it was.
    pub async fn go_ahead(&self, id: LoadId, agreed: Agreed) -> Result<(), LoadFault> {
        let at = self.at(id, WAITING).await?;
        let mut load = at.load.clone();
        load.state = LoadState::Accepted(agreed);
        self.change(&at, &load, Brought::default()).await?;
        Ok(())
    }

    /// Lays every file of the source that was taken in once more, in the order of the days of which they tell: what the
    /// profile reads otherwise now is told anew, and none ends more of what is held than was agreed. Gives how many files that
    /// is, and what it came to.
    ///
    /// # Errors
    /// [`LoadFault`]; the files before the one that failed stand as they were read now.
    pub async fn reprocess(
        &self,
        agency: AgencyId,
        source: &Code,
        agreed: Agreed,
    ) -> Result<(u64, Effect), LoadFault> {
        let mut earlier = self.earlier(agency, source).await?;
        earlier.sort_by_key(|load| load.as_of);
        let mut all = Effect::default();
        for load in &earlier {
            let effect = self.lay_anew(load.id, Some(agreed)).await?;
            add(&mut all, &effect);
            all.ended += effect.ended;
            all.unchanged += effect.unchanged;
        }
        Ok((earlier.len() as u64, all))
    }

    /// Lays a file that was taken in before once more, where that says anything new.
    ///
    /// # Errors
    /// [`LoadFault`]; then what it told stands as it was.
    pub async fn lay_again(&self, id: LoadId) -> Result<Effect, LoadFault> {
        self.lay_anew(id, None).await
    }

    /// The same, to end no more than was agreed, where that is asked: what a late file tells is ended by later ones anyway.
    async fn lay_anew(&self, id: LoadId, agreed: Option<Agreed>) -> Result<Effect, LoadFault> {
        let at = self.at(id, "taken").await?;
        let Some(of) = self.laying_of(id, &at.load)? else {
            return Ok(Effect::default());
        };
        let (effect, laying) = self.try_laying(&at.load, of.clone()).await?;
        if effect.accepted() + effect.ended == 0 {
            // It says nothing new. What follows from it is made sure of: the server may have been stopped before.
            let scope = self.see_persons().await?;
            self.finish(&at, &laying, &scope, effect).await?;
            return Ok(effect);
        }
        if agreed.is_some_and(|agreed| !agreed.allows(&effect)) {
            return Err(LoadFault::EndsMany(effect));
        }
        self.lay(&at, of).await
    }

    /// What taking a file in would do to what is held.
    pub(super) async fn try_out(&self, load: &Load, of: LayingOf) -> Result<Effect, LoadFault> {
        let (effect, _) = self.try_laying(load, of).await?;
        Ok(effect)
    }

    async fn try_laying(&self, load: &Load, of: LayingOf) -> Result<(Effect, Laying), LoadFault> {
        let scope = self.see_persons().await?;
        let id = own(<LoadId as clearpicture_kernel::TypedId>::parse(&of.load))?;
        let mut laying = Laying::begin(self.store, &scope, of, 0).await?;
        let mut chunks = self.chunks(id, load, laying.of()).await?;
        let mut effect = Effect::default();
        while let Some(rows) = chunks.recv().await {
            let weighed = laying.weigh(self.store, &scope, rows?).await?;
            count(&mut effect, &weighed);
        }
        if self.ends_what_is_missing(load)? {
            effect.ended = self.count_missing(&mut laying, &scope).await?;
        }
        effect.unchanged = unchanged(load, &effect);
        Ok((effect, laying))
    }

    /// How many rows are held that the file does not hold.
    async fn count_missing(
        &self,
        laying: &mut Laying,
        scope: &Scope<SeePerson>,
    ) -> Result<u64, LoadFault> {
        let (mut count, mut after) = (0, None);
        loop {
            let missing = laying.missing(self.store, scope, after.as_deref()).await?;
            count += missing.len();
            after.clone_from(&missing.next);
            if after.is_none() {
                return Ok(count);
            }
        }
    }

    async fn lay(&self, at: &At, of: LayingOf) -> Result<Effect, LoadFault> {
        let mut tries = 1;
        let mut at = at.clone();
        loop {
            match self.lay_once(&at, of.clone()).await {
                Err(LoadFault::Write(WriteError::Taken)) if tries < TRIES => {
                    tries += 1;
                    at = self.at(at.id, at.load.state.code()).await?;
                }
                done => return done,
            }
        }
    }

    async fn lay_once(&self, at: &At, of: LayingOf) -> Result<Effect, LoadFault> {
        let scope = self.see_persons().await?;
        let number = self.store.entry_of(&at.permit).await?;
        let laying = Laying::begin(self.store, &scope, of, number).await?;
        let Told {
            at,
            mut laying,
            mut last,
            effect,
        } = self.tell(at, laying, &scope).await?;
        laying.laid(self.store, &mut last);
        let laid = self.store.lay_out(last)?;
        let at = self.change(&at, &at.load.clone(), laid).await?;
        self.finish(&at, &laying, &scope, effect).await?;
        Ok(effect)
    }

    /// Tells what a file says that differs, but for the last rows, and not that it was laid: nothing of it is seen before that
    /// is committed.
    pub(super) async fn tell(
        &self,
        at: &At,
        mut laying: Laying,
        scope: &Scope<SeePerson>,
    ) -> Result<Told, LoadFault> {
        let mut chunks = self.chunks(at.id, &at.load, laying.of()).await?;
        let mut effect = Effect::default();
        let mut rows_told = 0;
        // Told, and not yet committed: made durable while the next are weighed.
        let mut waiting = Brought::default();
        // The last rows told: what ends comes with them.
        let mut open = Batch::default();
        let mut at = at.clone();
        let mut next = chunks.recv().await;
        while let Some(rows) = next {
            let rows = rows?;
            rows_told += rows.len() as u64;
            let commit = self.commit_if_any(&at, std::mem::take(&mut waiting));
            let tell = async {
                let weighed = laying.weigh(self.store, scope, rows).await?;
                count(&mut effect, &weighed);
                laying.bring(self.store, scope, &mut open, weighed).await?;
                let after = chunks.recv().await;
                if after.is_some() {
                    waiting = self.store.lay_out(std::mem::take(&mut open))?;
                }
                Ok::<_, StoreFault>(after)
            };
            let (committed, told) = futures_util::join!(commit, tell);
            at = committed?;
            next = told?;
        }
        at = self.commit_if_any(&at, waiting).await?;
        if self.ends_what_is_missing(&at.load)? {
            if let LoadState::Accepted(agreed) = at.load.state {
                // Before any of it is laid, so that nothing of it is ever seen where it may not be.
                let ended = self.count_missing(&mut laying, scope).await?;
                let would = Effect {
                    ended,
                    unchanged: unchanged(&at.load, &effect),
                    ..effect
                };
                if !agreed.allows(&would) {
                    return Err(LoadFault::EndsMany(would));
                }
            }
            let mut after = None;
            loop {
                let missing = laying.missing(self.store, scope, after.as_deref()).await?;
                effect.ended += missing.len();
                after.clone_from(&missing.next);
                if !missing.is_empty() {
                    laying
                        .end(self.store, scope, &mut open, rows_told, missing)
                        .await?;
                    let ended = self.store.lay_out(std::mem::take(&mut open))?;
                    at = self.commit_if_any(&at, ended).await?;
                }
                if after.is_none() {
                    break;
                }
            }
        }
        effect.unchanged = unchanged(&at.load, &effect);
        Ok(Told {
            at,
            laying,
            last: open,
            effect,
        })
    }

    pub(super) async fn commit_if_any(&self, at: &At, brought: Brought) -> Result<At, LoadFault> {
        if brought.is_empty() {
            return Ok(at.clone());
        }
        self.change(at, &at.load, brought).await
    }

    /// Protects those who need it, makes the persons of whom the file was the first to tell, and says that it is done.
    pub(super) async fn finish(
        &self,
        at: &At,
        laying: &Laying,
        scope: &Scope<SeePerson>,
        effect: Effect,
    ) -> Result<(), LoadFault> {
        self.shield(laying, scope).await?;
        let mut prepared = Vec::new();
        let new: Vec<NewPerson> = laying.new_persons().collect();
        let mut before: &[NewPerson] = &[];
        for some in new.chunks(PERSONS_AT_ONCE) {
            // Those made ready before are made durable while the next are made ready.
            let commit = self.make(std::mem::take(&mut prepared), before, scope);
            let (committed, made) = futures_util::join!(commit, self.persons(some));
            committed?;
            (prepared, before) = (made?, some);
        }
        self.make(std::mem::take(&mut prepared), before, scope)
            .await?;
        let mut load = at.load.clone();
        load.state = LoadState::Taken(Taken {
            effect: match &load.state {
                // Laid again: what it did when it was taken in stays what it did.
                LoadState::Taken(taken) => taken.effect,
                _ => effect,
            },
            at: match &load.state {
                LoadState::Taken(taken) => taken.at,
                _ => self.store.ambient().now(),
            },
        });
        if load != at.load {
            prepared.push(
                self.prepare_change(&at.permit, &load, Brought::default())
                    .await?,
            );
        }
        self.commit_all(prepared).await
    }

    /// Protects those of whom the file says that where they are must not be told, and holds whoever may be somebody
    /// protected, before anybody of whom it is the first to tell can be seen.
    async fn shield(&self, laying: &Laying, scope: &Scope<SeePerson>) -> Result<(), LoadFault> {
        let mut tries = 1;
        loop {
            let marked = self.mark(laying).await;
            match marked {
                Err(LoadFault::Write(fault)) if fault.is_overtaken() && tries < TRIES => tries += 1,
                done => break done?,
            }
        }
        let mut prepared = Vec::new();
        for person in laying.to_protect(self.store, scope).await? {
            prepared.extend(self.protect(person).await?);
        }
        self.commit_all(prepared).await?;
        let changed = laying.who_may_be_others();
        Ok(linking::hold_around(self.store, self.access, self.model, &changed).await?)
    }

    /// Keeps of whom the file says that where they are must not be told: from then on a keeper alone can say otherwise.
    async fn mark(&self, laying: &Laying) -> Result<(), LoadFault> {
        let subjects = laying.to_mark(self.store).await?;
        if subjects.is_empty() {
            return Ok(());
        }
        let scope = self.store.scope(self.access, &self.caller, &self.purpose);
        let scope = scope.await?;
        let all = subjects.iter().copied().collect();
        let ids = persons::protections_about::<SeeProtection>(self.store, &scope, &all).await?;
        let mut kept = BTreeMap::new();
        for some in ids.chunks(500) {
            for (resource, protection) in self.store.some_within(&scope, some).await? {
                if protection.because == Because::Told {
                    kept.insert(protection.subject, (resource, protection));
                }
            }
        }
        let mut prepared = Vec::new();
        for subject in subjects {
            let protection = Protection {
                subject,
                because: Because::Told,
                in_force: true,
            };
            prepared.push(match kept.remove(&subject) {
                Some((resource, _)) => {
                    let permit: Permit<ChangeProtection> =
                        self.access.permit(&self.caller, resource, &self.purpose)?;
                    let change = self.prepare_change(&permit, &protection, Brought::default());
                    change.await?
                }
                None => {
                    let id = ProtectionId::fresh(self.store.ambient());
                    let none = Brought::default();
                    self.prepare_add::<AddProtection>(&id, &protection, none)
                        .await?
                }
            });
        }
        self.commit_all(prepared).await
    }

    /// Makes persons. Another laying may have made some of them meanwhile: those are there, and the rest is made.
    async fn make(
        &self,
        mut prepared: Vec<Prepared>,
        of: &[NewPerson],
        scope: &Scope<SeePerson>,
    ) -> Result<(), LoadFault> {
        loop {
            match self.commit_all(prepared).await {
                Err(LoadFault::Write(WriteError::Conflict { .. })) => {
                    let left = Laying::nobodys(self.store, scope, of).await?;
                    prepared = self.persons(&left).await?;
                }
                done => return done,
            }
        }
    }

    /// The changes that make these persons.
    async fn persons(&self, new: &[NewPerson]) -> Result<Vec<Prepared>, LoadFault> {
        let mut prepared = Vec::with_capacity(new.len());
        for one in new {
            let person = Person {
                protected: one.protected,
                ..Person::alone(one.subject)
            };
            let add = self.prepare_add::<AddPerson>(&one.person, &person, Brought::default());
            prepared.push(add.await?);
        }
        Ok(prepared)
    }

    async fn commit_all(&self, prepared: Vec<Prepared>) -> Result<(), LoadFault> {
        if !prepared.is_empty() {
            self.store.commit(prepared).await?;
        }
        Ok(())
    }

    /// The change that lets only a named role know of a person; none where that is so already.
    async fn protect(&self, id: PersonId) -> Result<Option<Prepared>, LoadFault> {
        let resource = self.store.resource::<Person>(&self.caller, &id).await?;
        let resource = resource.ok_or(LoadFault::Elsewhere)?;
        let permit: Permit<ProtectPerson> =
            self.access.permit(&self.caller, resource, &self.purpose)?;
        let person = self.store.load(&permit).await?;
        if person.protected {
            return Ok(None);
        }
        let person = Person {
            protected: true,
            ..person
        };
        let change = self.prepare_change(&permit, &person, Brought::default());
        Ok(Some(change.await?))
    }

    /// Reads the file once more and makes its rows ready, on a thread of its own.
    pub(super) async fn chunks(
        &self,
        id: LoadId,
        load: &Load,
        of: &LayingOf,
    ) -> Result<Chunks, LoadFault> {
        let (sender, chunks) = mpsc::channel(1);
        let profile = self.profile(load)?.name.clone();
        let profiles = Arc::clone(&self.profiles);
        let original = self.original_of(id, load).await?;
        let store = self.store.clone();
        let far = Arc::clone(&self.far);
        let of = of.clone();
        let today = day_of(load.received_at);
        let year = load.counts.as_ref().and_then(|counts| counts.year);
        let put_right = load.put_right();
        drop(tokio::task::spawn_blocking(move || {
            let asked = Asked {
                profile: Some(&profile),
                year,
                today: Some(today),
                put_right,
                ..Asked::to_keep()
            };
            let mut making = Making {
                sender,
                rows: Vec::with_capacity(ROWS_AT_ONCE),
                place: 0,
                broken: false,
            };
            let done = read(original, &profiles, &asked, &mut |heard| match heard {
                Heard::Told(told) if !making.broken => {
                    making.take(told.record, Ready::of(&store, &of, making.place, &told));
                }
                Heard::Rows(rows) => far(rows),
                Heard::Told(_) | Heard::Finding(_) => {}
            });
            making.end(done.map(|_| ()));
        }));
        Ok(chunks)
    }
}

/// A file that was told, but for its last rows.
pub(super) struct Told {
    /// Where it stands now.
    pub(super) at: At,
    pub(super) laying: Laying,
    pub(super) last: Batch,
    pub(super) effect: Effect,
}

/// Rows being made ready.
struct Making {
    sender: mpsc::Sender<Result<Vec<Ready>, LoadFault>>,
    rows: Vec<Ready>,
    place: u64,
    /// Whether nobody waits for more.
    broken: bool,
}

impl Making {
    /// Rows of one record stay together: it counts as one.
    fn take(&mut self, record: u64, ready: Result<Ready, StoreFault>) {
        self.place += 1;
        match ready {
            Ok(ready) => {
                let begins = self.rows.last().is_none_or(|last| last.record() != record);
                if begins && self.rows.len() >= ROWS_AT_ONCE {
                    let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(ROWS_AT_ONCE));
                    self.broken = self.sender.blocking_send(Ok(rows)).is_err();
                }
                self.rows.push(ready);
            }
            Err(fault) => {
                self.broken = true;
                drop(self.sender.blocking_send(Err(fault.into())));
            }
        }
    }

    fn end(self, done: std::io::Result<()>) {
        if self.broken {
            return;
        }
        let last = match done {
            Ok(()) => Ok(self.rows),
            Err(error) => Err(error.into()),
        };
        drop(self.sender.blocking_send(last));
    }
}

fn count(effect: &mut Effect, weighed: &Weighed) {
    effect.new += weighed.new;
    effect.changed += weighed.changed;
    effect.new_subjects += weighed.new_subjects();
}

const fn add(effect: &mut Effect, other: &Effect) {
    effect.new += other.new;
    effect.changed += other.changed;
    effect.new_subjects += other.new_subjects;
}

/// Every row that was read is new, changed or unchanged.
fn unchanged(load: &Load, effect: &Effect) -> u64 {
    let counts = load.counts.as_ref();
    let accepted = counts.map_or(0, |counts| counts.rows - counts.quarantined);
    accepted.saturating_sub(effect.accepted())
}
