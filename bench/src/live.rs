//! New records, one at a time, each linked with all that are held, as they arrive.
//!
//! Invented children are told of by three agencies: most of them by social care, by schools and by a health service.
//! All files are taken in and linked once, but for some patients of the health service. Each of those then comes as a
//! message of its own, and is linked alone; the truth says whether it came to the right child.

#![expect(
    clippy::disallowed_methods,
    reason = "nothing else waits while a measurement makes and reads its files"
)]

mod files;
mod phases;
mod truth;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clearpicture_access::{Caller, Purpose, Scope};
use clearpicture_app::linking;
use clearpicture_app::loads::{Agreed, Examined, Far, Intake};
use clearpicture_app::persons::{self, SeePerson};
use clearpicture_app::practice::Practice;
use clearpicture_ingest::Asked;
use clearpicture_kernel::{AgencyId, Ambient, Code, Line, TypedId as _};
use clearpicture_store::MasterKey;

use self::files::Files;
use self::phases::Phases;
use self::truth::Children;
use crate::report::{against, note};
use crate::stage::{Stage, practice};
use crate::statistics::{Timings, millis};

const BUDGET_MILLIS: f64 = 20.0;
/// How many records come alone.
const NEW: usize = 300;
/// What is left in the folder beside the files: the key of the database, and what is held in it.
const KEY: &str = "master.key";
const HELD: &str = "held.json";

/// Holds about so many records, linked, in a database that [`run`] can be given later, or a copy of it.
pub(crate) async fn hold(address: &str, folder: &Path, records: u64) -> anyhow::Result<()> {
    let files = Files::make(folder, records, NEW)?;
    let practice = practice()?;
    let master = MasterKey::fresh(&Ambient::system());
    master.to_new_file(&folder.join(KEY))?;
    let stage = Stage::open_with(address, master).await?;
    let bench = Bench {
        stage: &stage,
        practice: &practice,
    };
    let mut held = Held {
        records,
        taken: Vec::new(),
    };
    let started = Instant::now();
    for file in &files.held {
        let agency = stage.agency();
        let bytes = std::fs::read(folder.join(file))?;
        let load = bench.take(agency, file, bytes).await?;
        held.taken.push((agency, load));
    }
    let laid = started.elapsed();
    let scope = bench.scope().await?;
    // Each subject is a person of its own until it is linked.
    let subjects = persons::count(&stage.store, &scope).await?;
    note(
        &format!("{subjects} subjects taken in, {:?}", stage.store.backend()),
        &format!("{:.0} s, {} MB", laid.as_secs_f64(), most_memory()?),
    )?;
    bench.link_all().await?;
    held.write(folder)?;
    drop(scope);
    // So that what SQLite's log holds is put in its place now, and not while new records are linked.
    stage.store.clone().close().await;
    stage.close().await
}

/// Links new records, each with all that [`hold`] left in a folder and a database.
pub(crate) async fn run(address: &str, folder: &Path) -> anyhow::Result<()> {
    let held = Held::read(folder)?;
    let phases = Phases::listen()?;
    let files = Files::make(folder, held.records, NEW)?;
    let practice = practice()?;
    let master = MasterKey::from_file(&folder.join(KEY))?;
    let stage = Stage::open_with(address, master).await?;
    let bench = Bench {
        stage: &stage,
        practice: &practice,
    };
    let mut children = Children::read(folder, &files)?;
    ensure!(files.held.len() == held.taken.len(), "not all was taken in");
    for (file, (_, load)) in files.held.iter().zip(&held.taken) {
        children.came(load.clone(), file);
    }
    let (health, _) = held.taken.last().context("no file is held")?;
    let scope = bench.scope().await?;
    let subjects = persons::count(&stage.store, &scope).await?;
    note("subjects held", &subjects.to_string())?;

    let (mut loading, mut linking) = (Vec::new(), Vec::new());
    let mut ends = Vec::new();
    for message in &files.new {
        let started = Instant::now();
        let load = bench
            .take(*health, "new.json", message.bytes.clone())
            .await?;
        loading.push(started.elapsed());
        let started = Instant::now();
        let model = &practice.linkage;
        linking::run_for_load(&stage.store, &stage.access, model, &load).await?;
        linking.push(started.elapsed());
        phases.next(started);
        ends.push((load, message.key.clone()));
    }
    report(&stage, loading, linking, &phases)?;
    let came = children.judge(&stage.store, &scope, &ends).await?;
    note(
        "  came to the right child, of those held before",
        &came.right(),
    )?;
    note("  came to nobody, of those not held before", &came.alone())?;
    note("  came to another child", &came.wrong.to_string())?;
    drop(scope);
    stage.close().await
}

/// What is held, and where it came from.
struct Held {
    records: u64,
    /// For each file that is held the agency that sent it, and the load.
    taken: Vec<(AgencyId, String)>,
}

impl Held {
    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let taken = self.taken.iter();
        let taken: Vec<_> = taken
            .map(|(agency, load)| (agency.to_string(), load))
            .collect();
        let text = serde_json::to_vec(&(self.records, taken))?;
        Ok(std::fs::write(folder.join(HELD), text)?)
    }

    fn read(folder: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read(folder.join(HELD))?;
        let (records, taken): (_, Vec<(String, String)>) = serde_json::from_slice(&text)?;
        let taken = taken.into_iter();
        let taken = taken.map(|(agency, load)| Ok((AgencyId::parse(&agency)?, load)));
        Ok(Self {
            records,
            taken: taken.collect::<anyhow::Result<_>>()?,
        })
    }
}

fn report(
    stage: &Stage,
    loading: Vec<Duration>,
    linking: Vec<Duration>,
    phases: &Phases,
) -> anyhow::Result<()> {
    let backend = stage.store.backend();
    let linking = Timings::new(linking);
    let median = millis(linking.median());
    against(
        &format!("one new record linked, {backend:?}: median"),
        &format!("{median:.1} ms"),
        "≤ 20 ms",
        median <= BUDGET_MILLIS,
    )?;
    note(
        "  95th percentile; worst",
        &format!(
            "{:.1} ms; {:.1} ms",
            millis(linking.quantile(0.95)),
            millis(linking.quantile(1.0))
        ),
    )?;
    for (what, timings) in phases.each() {
        note(
            &format!("  {what}: median; 95th"),
            &format!(
                "{:.1} ms; {:.1} ms",
                millis(timings.median()),
                millis(timings.quantile(0.95))
            ),
        )?;
    }
    let loading = Timings::new(loading);
    note(
        "  taken in before that: median; 95th",
        &format!(
            "{:.1} ms; {:.1} ms",
            millis(loading.median()),
            millis(loading.quantile(0.95))
        ),
    )
}

/// What takes files in and links them.
struct Bench<'a> {
    stage: &'a Stage,
    practice: &'a Practice,
}

impl Bench<'_> {
    /// Takes a file in, and says which load it is.
    async fn take(&self, agency: AgencyId, name: &str, bytes: Vec<u8>) -> anyhow::Result<String> {
        let profiles = &self.practice.profiles;
        let file = std::io::Cursor::new(&bytes);
        let examined = Examined::of(file, profiles, &Asked::default(), |_| {})?;
        ensure!(!examined.summary.refused, "{name} was refused");
        let far: Far = Arc::new(|_| {});
        let intake = Intake::new(&self.stage.store, &self.stage.access, self.practice, far)?;
        let pieces = bytes.chunks(256 * 1024).map(|piece| Ok(piece.to_vec()));
        let pieces = futures_util::stream::iter(pieces.collect::<Vec<_>>());
        let id = intake.receive(agency, &Line::parse(name)?, pieces).await?;
        intake
            .accept(id, &examined, None, Agreed::default())
            .await?;
        intake.take_in(id).await?;
        Ok(id.to_string())
    }

    /// Links all that is held, which also counts how common values are.
    async fn link_all(&self) -> anyhow::Result<()> {
        let Self { stage, practice } = self;
        let started = Instant::now();
        let outcome = linking::run(&stage.store, &stage.access, &practice.linkage).await?;
        note(
            &format!(
                "all of them linked: {} persons, {} pairs joined",
                outcome.persons, outcome.joined
            ),
            &format!(
                "{:.0} s, {} MB",
                started.elapsed().as_secs_f64(),
                most_memory()?
            ),
        )
    }

    async fn scope(&self) -> anyhow::Result<Scope<SeePerson>> {
        let purpose = Purpose {
            code: Code::parse("data-exchange")?,
            marked: false,
        };
        let caller = Caller::system("linkage");
        let Stage { store, access, .. } = self.stage;
        Ok(store.scope::<SeePerson>(access, &caller, &purpose).await?)
    }
}

/// The most memory that this process ever held, in megabytes.
fn most_memory() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    let kilobytes: u64 = kilobytes.context("VmHWM is not told")?.parse()?;
    Ok(kilobytes * 1024 / 1_000_000)
}
