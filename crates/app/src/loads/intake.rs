//! Taking files in: kept as they came, read, decided on, and laid beside what is held.

use std::collections::BTreeMap;
use std::sync::Arc;

use clearpicture_access::{
    Access, Adds, Caller, Changes, Permit, Purpose, Refused, Resource, Scope,
};
use clearpicture_ingest::{Asked, Extract, Last, Problem, Profile};
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{AgencyId, Code, Date, Digest, Timestamp};
use clearpicture_linkage::children::Model;
use clearpicture_store::{
    Brought, NewJob, Prepared, Receipt, Record, Store, StoreFault, WriteError,
};

use super::beside::Beside;
use super::examine::Examined;
use super::original::Original;
use super::rules::{Agreed, held};
use super::store::{self, Earlier};
use super::types::{Effect, Load, LoadId, LoadState, SeeLoad, Usual, WorkLoad};
use crate::linking;
use crate::persons::{LayingOf, SeePerson};
use crate::practice::Practice;

/// The name under which the product takes files in.
const CALLER: &str = "loads";
/// The code of the purpose for which it does.
const PURPOSE: &str = "data-exchange";
/// Why a file was not taken in. Nothing of it is seen.
#[derive(Debug, thiserror::Error)]
pub enum LoadFault {
    /// It was refused as it was read.
    #[error("the file was refused: see its findings")]
    Refused,
    /// What the source tells has no place here yet.
    #[error(
        "files of the source `{0}` tell of nobody: they can be checked, and cannot be taken in yet; nothing was kept"
    )]
    NoPlace(Code),
    /// Its bytes changed between being read and being kept.
    #[error(
        "the file was changed while it was being taken in: nothing of it is used; send it again"
    )]
    Changed,
    /// Files of its source are another agency's.
    #[error(
        "files of the source `{source_name}` are sent by `{usual}`, as [senders] in partnership.toml says, and this one came as another agency's: nothing of it is used"
    )]
    OtherSender {
        /// The source.
        source_name: Code,
        /// The code of the agency that sends them.
        usual: Code,
    },
    /// It would end more of what is held than somebody agreed to: it waits for that.
    #[error(
        "it would end {} of the {} rows that are held, which is more than anybody agreed to: it waits until somebody says that this is right",
        .0.ended,
        held(.0)
    )]
    EndsMany(Effect),
    /// It is not where a file has to be for this.
    #[error("the file is not there any more, or somebody decided about it meanwhile")]
    Elsewhere,
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] std::io::Error),
    /// The policies do not allow it.
    #[error(transparent)]
    Policy(#[from] Refused),
    /// Whoever may be somebody protected could not be held.
    #[error(transparent)]
    Linking(#[from] linking::LinkFault),
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

/// By what a file is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// The one profile; `None` for whichever fits.
    pub profile: Option<Code>,
    /// The year of its layout; `None` for whichever fits.
    pub year: Option<u16>,
}

/// Told how many rows were read, for whoever waits.
pub type Far = Arc<dyn Fn(u64) + Send + Sync>;

/// The product as it takes files in.
pub struct Intake<'a> {
    pub(super) store: &'a Store,
    pub(super) access: &'a Access,
    pub(super) caller: Caller,
    pub(super) purpose: Purpose,
    /// Who sends files in, where it is not the product itself.
    sender: Option<(Caller, Purpose)>,
    /// Whether files are of whoever sends files of their source.
    pub(super) by_source: bool,
    /// What each version of a file that came whole is followed by.
    pub(super) follows: Option<fn(LoadId, u32) -> NewJob>,
    pub(super) profiles: Arc<[Profile]>,
    /// By what it is found who may be somebody protected.
    pub(super) model: &'a Model,
    /// Which agency sends each source's files, by its code.
    pub(super) senders: &'a BTreeMap<Code, Code>,
    pub(super) far: Far,
}

impl std::fmt::Debug for Intake<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Intake")
    }
}

impl<'a> Intake<'a> {
    /// Takes files in by the profiles of the practice, each from whoever sends such files.
    ///
    /// # Errors
    /// [`LoadFault::Own`] when the purpose is no code, which does not happen.
    pub fn new(
        store: &'a Store,
        access: &'a Access,
        practice: &'a Practice,
        far: Far,
    ) -> Result<Self, LoadFault> {
        Ok(Self {
            store,
            access,
            caller: Caller::system(CALLER),
            purpose: Purpose {
                code: own(Code::parse(PURPOSE))?,
                marked: false,
            },
            sender: None,
            by_source: false,
            follows: None,
            profiles: Arc::clone(&practice.profiles),
            model: &practice.linkage,
            senders: &practice.senders,
            far,
        })
    }

    /// The same, where somebody sends a file in: they are who adds it.
    #[must_use]
    pub fn sent_by(self, caller: Caller, purpose: Purpose) -> Self {
        Self {
            sender: Some((caller, purpose)),
            ..self
        }
    }

    /// The same, where it is found by its source whose a file is.
    #[must_use]
    pub fn by_source(self, by_source: bool) -> Self {
        Self { by_source, ..self }
    }

    /// The same, where a job follows as soon as a file has come whole.
    #[must_use]
    pub(super) fn followed_by(self, job: fn(LoadId, u32) -> NewJob) -> Self {
        Self {
            follows: Some(job),
            ..self
        }
    }

    /// Reads a file that was kept, says what is wrong with it, and what taking it in would do to what is held.
    ///
    /// # Errors
    /// [`LoadFault`]; then the file is as it was.
    pub async fn examine(
        &self,
        id: LoadId,
        layout: &Layout,
        as_of: Option<Date>,
    ) -> Result<Examined, LoadFault> {
        let at = self.at(id, LoadState::Received.code()).await?;
        let layout = Layout {
            profile: layout.profile.clone().or_else(|| at.load.source.clone()),
            year: layout.year,
        };
        let mut load = at.load.clone();
        let mut examined = self.look(id, &load, &layout, false).await?;
        if layout.profile.is_none() && !examined.summary.refused {
            self.keep_for_others(id, &load, &examined.summary.also)
                .await?;
        }
        let mut is_nobodys = false;
        if load.by_source && !examined.summary.refused {
            match self.sends(examined.summary.profile.as_ref()).await? {
                // Read beside what that agency sent before.
                Some(agency) if agency != load.agency => {
                    load.agency = agency;
                    examined = self.look(id, &load, &layout, false).await?;
                }
                sends => is_nobodys = sends.is_none(),
            }
        }
        load.by_source = is_nobodys;
        load.counts = Some(examined.counts());
        load.source.clone_from(&examined.summary.profile);
        load.as_of = as_of.or_else(|| Some(tells_of(&examined, load.received_at)));
        load.state = LoadState::Refused;
        if !examined.summary.refused && !is_nobodys {
            load.state = match self.other_sender(&load).await? {
                Some(sends) => LoadState::OtherSender(Usual { sends }),
                None => match self.laying_of(id, &load)? {
                    Some(of) => LoadState::Waiting(self.try_out(&load, of).await?),
                    None => LoadState::Waiting(Effect::default()),
                },
            };
        }
        match load.state {
            LoadState::Refused | LoadState::OtherSender(_) => {
                self.keep_nothing(&at, &load, &examined).await?;
            }
            _ => {
                self.keep(&at, &load).await?;
            }
        }
        Ok(examined)
    }

    /// Reads a file that was taken in once more after something in it was put right, and lays it again.
    ///
    /// # Errors
    /// [`LoadFault`]; then what it told stands as it was.
    pub async fn put_right(&self, id: LoadId) -> Result<Effect, LoadFault> {
        let at = self.at(id, "taken").await?;
        let layout = Layout {
            profile: at.load.source.clone(),
            year: at.load.counts.as_ref().and_then(|counts| counts.year),
        };
        let examined = self.look(id, &at.load, &layout, false).await?;
        let load = Load {
            counts: Some(examined.counts()),
            ..at.load.clone()
        };
        if load != at.load {
            self.change(&at, &load, Brought::default()).await?;
        }
        self.lay_again(id).await
    }

    /// Accepts a file that was kept, as it was examined before it came, to end no more of what is held than was agreed.
    ///
    /// # Errors
    /// [`LoadFault::Changed`] when its bytes are others now; [`LoadFault::OtherSender`] when another agency sends such files;
    /// [`LoadFault`] otherwise, and the file is as it was.
    pub async fn accept(
        &self,
        id: LoadId,
        examined: &Examined,
        as_of: Option<Date>,
        agreed: Agreed,
    ) -> Result<(), LoadFault> {
        let at = self.at(id, LoadState::Received.code()).await?;
        let mut load = at.load.clone();
        load.state = LoadState::Declined;
        let is_same = load.digest == examined.summary.digest;
        if is_same {
            load.counts = Some(examined.counts());
            load.source.clone_from(&examined.summary.profile);
            load.as_of = as_of.or_else(|| Some(tells_of(examined, load.received_at)));
            load.state = match self.other_sender(&load).await? {
                Some(sends) => LoadState::OtherSender(Usual { sends }),
                None => LoadState::Accepted(agreed),
            };
        }
        self.change(&at, &load, Brought::default()).await?;
        match (&load.state, load.source) {
            (LoadState::Accepted(_), _) => Ok(()),
            (LoadState::OtherSender(usual), Some(source_name)) => Err(LoadFault::OtherSender {
                source_name,
                usual: usual.sends.clone(),
            }),
            _ => Err(LoadFault::Changed),
        }
    }

    /// Reads a file that was kept, changing nothing, beside what its rows belong to; with what stands in the places of
    /// findings, where that is wanted.
    pub(super) async fn look(
        &self,
        id: LoadId,
        load: &Load,
        layout: &Layout,
        values: bool,
    ) -> Result<Examined, LoadFault> {
        let mut beside = Beside {
            values,
            last: self.last(load.agency).await?,
            known: BTreeMap::new(),
        };
        let examined = self.read_once(id, load, layout, beside.clone()).await?;
        let source = examined.summary.profile.as_ref();
        beside.known = self.known(load.agency, source).await?;
        // What the file itself holds of them counts before what is held.
        for other in self.belongs_to(source) {
            let mut also = examined.summary.also.iter();
            let Some(other) = also.find(|one| one.as_str() == other).cloned() else {
                continue;
            };
            let layout = Layout {
                profile: Some(other.clone()),
                year: layout.year,
            };
            let read = self.read_once(id, load, &layout, Beside::default()).await?;
            beside.known.insert(other.to_string(), read.summary.keys);
        }
        if beside.known.is_empty() {
            return Ok(examined);
        }
        let layout = Layout {
            profile: source.cloned(),
            year: layout.year,
        };
        self.read_once(id, load, &layout, beside).await
    }

    /// Reads a file that was kept, once.
    pub(super) async fn read_once(
        &self,
        id: LoadId,
        load: &Load,
        layout: &Layout,
        beside: Beside,
    ) -> Result<Examined, LoadFault> {
        let original = self.original_of(id, load).await?;
        let profiles = Arc::clone(&self.profiles);
        let far = Arc::clone(&self.far);
        let layout = layout.clone();
        let today = day_of(load.received_at);
        let put_right = load.put_right();
        let read = tokio::task::spawn_blocking(move || {
            let Beside {
                values,
                last,
                known,
            } = beside;
            let asked = Asked {
                profile: layout.profile.as_ref(),
                year: layout.year,
                today: Some(today),
                last,
                known,
                values,
                put_right,
                ..Asked::default()
            };
            Examined::of(original, &profiles, &asked, |rows| far(rows))
        });
        Ok(read
            .await
            .map_err(|error| LoadFault::Own(error.to_string()))??)
    }

    /// What the last file of each source of the agency was like.
    ///
    /// # Errors
    /// [`LoadFault`] when the database fails.
    pub async fn last(&self, agency: AgencyId) -> Result<BTreeMap<Code, Last>, LoadFault> {
        let scope = self.see_loads().await?;
        let taken = store::taken(self.store, &scope, agency).await?;
        let last = taken.into_iter().map(|load| {
            let last = Last {
                rows: load.rows,
                covers_to: load.as_of,
            };
            (load.source, last)
        });
        Ok(last.collect())
    }

    /// The files of the source that were taken in before.
    pub(super) async fn earlier(
        &self,
        agency: AgencyId,
        source: &Code,
    ) -> Result<Vec<Earlier>, LoadFault> {
        let scope = self.see_loads().await?;
        let mut taken = store::taken(self.store, &scope, agency).await?;
        taken.retain(|load| load.source == *source);
        Ok(taken)
    }

    /// Whether the agency sent these very bytes before, and they were taken in.
    ///
    /// # Errors
    /// [`LoadFault`] when the database fails.
    pub async fn was_taken(
        &self,
        agency: AgencyId,
        source: &Code,
        digest: Digest,
    ) -> Result<bool, LoadFault> {
        let digest = digest.to_string();
        let earlier = self.earlier(agency, source).await?;
        Ok(earlier.iter().any(|load| load.digest == digest))
    }

    /// What there is to be laid of a file; `None` for a source that tells of nobody.
    pub(super) fn laying_of(&self, id: LoadId, load: &Load) -> Result<Option<LayingOf>, LoadFault> {
        let profile = self.profile(load)?;
        Ok(profile.subjects.as_ref().map(|scheme| LayingOf {
            load: id.to_string(),
            agency: load.agency,
            source: profile.name.clone(),
            scheme: scheme.clone(),
            as_of: load.as_of.unwrap_or_else(|| day_of(load.received_at)),
        }))
    }

    /// The profile by which a file was read.
    pub(super) fn profile(&self, load: &Load) -> Result<&Profile, LoadFault> {
        let named = |profile: &&Profile| Some(&profile.name) == load.source.as_ref();
        let profile = self.profiles.iter().find(named);
        profile.ok_or_else(|| LoadFault::Own("its source has no profile any more".to_owned()))
    }

    /// Whether a file holds all there is, and every row of it could be read: then what it does not hold has ended. One
    /// without a row, or without one of its source's tables, says nothing of what it does not hold.
    pub(super) fn ends_what_is_missing(&self, load: &Load) -> Result<bool, LoadFault> {
        let is_whole = load.counts.as_ref().is_some_and(|counts| {
            let lacks = counts.findings.keys();
            let mut lacks = lacks.filter(|code| code.as_str() == Problem::MissingSheet.code());
            counts.rows > 0 && counts.quarantined == 0 && lacks.next().is_none()
        });
        Ok(self.profile(load)?.extract == Extract::Full && is_whole)
    }

    /// A file that was kept, where it stands.
    pub(super) async fn at(&self, id: LoadId, state: &str) -> Result<At, LoadFault> {
        let resource = self.store.resource::<Load>(&self.caller, &id).await?;
        let resource = resource.ok_or(LoadFault::Elsewhere)?;
        let permit: Permit<WorkLoad> = self.access.permit(&self.caller, resource, &self.purpose)?;
        let load = self.store.load(&permit).await?;
        if load.state.code() != state {
            return Err(LoadFault::Elsewhere);
        }
        Ok(At { id, load, permit })
    }

    pub(super) async fn original_of(&self, id: LoadId, load: &Load) -> Result<Original, LoadFault> {
        let scope = self.see_loads().await?;
        Ok(Original::of(self.store, scope, id, load.bytes))
    }

    pub(super) async fn see_loads(&self) -> Result<Scope<SeeLoad>, LoadFault> {
        let scope = self.store.scope(self.access, &self.caller, &self.purpose);
        Ok(scope.await?)
    }

    pub(super) async fn see_persons(&self) -> Result<Scope<SeePerson>, LoadFault> {
        let scope = self.store.scope(self.access, &self.caller, &self.purpose);
        Ok(scope.await?)
    }

    /// Changes a file to what `load` says, and brings rows with it.
    pub(super) async fn change(
        &self,
        at: &At,
        load: &Load,
        brought: Brought,
    ) -> Result<At, LoadFault> {
        let prepared = self.prepare_change(&at.permit, load, brought).await?;
        let receipts = self.store.commit(vec![prepared]).await?;
        self.after(at, load, &receipts)
    }

    /// The file after a change.
    pub(super) fn after(
        &self,
        at: &At,
        load: &Load,
        receipts: &[Receipt],
    ) -> Result<At, LoadFault> {
        let version = receipts.first().map_or(0, |receipt| receipt.version);
        let resource = Resource {
            version,
            ..at.permit.resource().clone()
        };
        Ok(At {
            id: at.id,
            load: load.clone(),
            permit: self.access.permit(&self.caller, resource, &self.purpose)?,
        })
    }

    pub(super) async fn prepare_change<A>(
        &self,
        permit: &Permit<A>,
        record: &A::On,
        brought: Brought,
    ) -> Result<Prepared, LoadFault>
    where
        A: Changes,
        A::On: Record,
    {
        let prepared = self.store.prepare_change(permit, record, None).await?;
        Ok(self.store.bringing(prepared, brought))
    }

    pub(super) async fn prepare_add<A>(
        &self,
        id: &<A::On as Record>::Id,
        record: &A::On,
        brought: Brought,
    ) -> Result<Prepared, LoadFault>
    where
        A: Adds,
        A::On: Record,
    {
        let resource = record.to_add(id);
        let own = (self.caller.clone(), self.purpose.clone());
        let (caller, purpose) = match &self.sender {
            Some(sender) => sender,
            None => &own,
        };
        let permit: Permit<A> = self.access.permit(caller, resource, purpose)?;
        let prepared = self.store.prepare_add(&permit, record, None).await?;
        Ok(self.store.bringing(prepared, brought))
    }
}

/// The day of which a file tells: as it says itself, or the day it came.
fn tells_of(examined: &Examined, received_at: Timestamp) -> Date {
    let coverage = examined.summary.coverage;
    let last = |coverage: clearpicture_kernel::fact::Coverage| {
        coverage.period.until.and_then(|end| end.yesterday().ok())
    };
    let said = coverage.and_then(|coverage| coverage.as_of.or_else(|| last(coverage)));
    said.unwrap_or_else(|| day_of(received_at))
}

/// A file that was kept, where it stands, and the proof that it may be worked on.
#[derive(Debug, Clone)]
pub(super) struct At {
    pub(super) id: LoadId,
    pub(super) load: Load,
    pub(super) permit: Permit<WorkLoad>,
}

/// A word of our own.
pub(super) fn own<T, E: std::fmt::Display>(parsed: Result<T, E>) -> Result<T, LoadFault> {
    parsed.map_err(|error| LoadFault::Own(error.to_string()))
}
