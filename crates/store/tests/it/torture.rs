//! Killed in the middle: what was acknowledged is there, and nothing by halves.

mod heavy {
    use std::collections::BTreeMap;
    use std::io::Write as _;
    use std::process::Stdio;
    use std::sync::Arc;

    use clearpicture_kernel::{Ambient, TypedId as _};
    use clearpicture_store::{ChangesWanted, DatabaseAddress};
    use sea_orm::EntityTrait as _;
    use tokio::io::{AsyncBufReadExt as _, BufReader};
    use tokio::process::Command;

    use crate::note::{Note, NoteId, row};
    use crate::place::{Kind, Place, tell};
    use crate::world::World;

    /// Names the database to the child that is to be killed.
    const CHILD: &str = "CLEARPICTURE_TEST_TORTURED";
    const WRITERS: usize = 8;

    #[expect(
        clippy::disallowed_methods,
        reason = "a test binary has no configuration but its environment"
    )]
    fn environment(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nothing_acknowledged_is_lost_on_sqlite() {
        tell(Kind::Sqlite, torture).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nothing_acknowledged_is_lost_on_postgresql() {
        tell(Kind::Postgres, torture).await;
    }

    async fn torture(place: &Place) {
        let rounds = environment("CLEARPICTURE_ROUNDS").or_else(|| environment("TORTURE_ROUNDS"));
        let rounds = rounds.map_or(5, |rounds| rounds.parse().expect("a number"));
        for round in 1..=rounds {
            let acknowledged = kill_in_the_middle(place).await;
            assert!(!acknowledged.is_empty(), "round {round}");
            look(place, &acknowledged).await;
        }
    }

    /// Lets a child write and kills it; gives the versions that it acknowledged.
    async fn kill_in_the_middle(place: &Place) -> BTreeMap<NoteId, u32> {
        let address = match &place.address {
            DatabaseAddress::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseAddress::Postgres(address) => address.clone(),
        };
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args([
                "torture::heavy::the_child_that_is_killed",
                "--exact",
                "--nocapture",
            ])
            .env(CHILD, address)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("begun");
        let enough = 20 + u16::from_be_bytes(Ambient::system().bytes()) % 300;
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut acknowledged = BTreeMap::new();
        let mut heard = 0;
        // What it said before it was killed is still to be heard afterwards.
        while let Some(line) = lines.next_line().await.expect("heard") {
            let Some((id, version)) = line
                .strip_prefix("ack ")
                .and_then(|ack| ack.split_once(' '))
            else {
                continue;
            };
            let (Ok(id), Ok(version)) = (NoteId::parse(id), version.parse()) else {
                panic!("{line}");
            };
            acknowledged.insert(id, version);
            heard += 1;
            if heard == enough {
                child.start_kill().expect("killed");
            }
        }
        let ended = child.wait().await.expect("ended");
        assert!(!ended.success(), "it was killed");
        acknowledged
    }

    /// Opens the database that the killed child left behind.
    async fn look(place: &Place, acknowledged: &BTreeMap<NoteId, u32>) {
        let world = World::at(place).await;
        let rows = row::Entity::find()
            .all(world.store.reader())
            .await
            .expect("read");
        let mut versions = 0;
        for found in &rows {
            let id = NoteId::parse(&found.id).expect("an id");
            let permit = world.may_see(&id).await;
            let past = world
                .store
                .history(&permit, ChangesWanted::ALL)
                .await
                .expect("read");
            // Every version from the first to the row's own, each as it was written.
            let told: Vec<_> = past
                .iter()
                .rev()
                .map(|past| (past.version, past.said[1].words.clone()))
                .collect();
            let whole: Vec<_> = (1..)
                .take(told.len())
                .map(|version| (version, text(version, &found.title)))
                .collect();
            assert_eq!(told, whole);
            assert_eq!(i64::try_from(told.len()), Ok(found.version));
            versions += told.len();
        }
        for (id, version) in acknowledged {
            let id = id.to_string();
            let kept = rows.iter().find(|row| row.id == id).map(|row| row.version);
            assert!(
                kept >= Some(i64::from(*version)),
                "{id}: {kept:?} of {version}"
            );
        }
        let verified = world.store.verify().await.expect("whole");
        assert_eq!(verified.entries, versions as u64);
        let other = Place::new(place.kind).await;
        world
            .store
            .rebuild_into(&other.address)
            .await
            .expect("identical");
        world.close().await;
        other.clear().await;
    }

    fn text(version: u32, title: &str) -> String {
        format!("Version {version} of {title}")
    }

    fn acknowledge(id: &NoteId, version: u32) {
        // Straight to the pipe: what `println!` writes would be kept back by the test harness.
        let mut out = std::io::stdout().lock();
        writeln!(out, "ack {id} {version}").expect("the parent listens");
        out.flush().expect("the parent listens");
    }

    /// Writes for ever, when it is the child.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_child_that_is_killed() {
        let Some(address) = environment(CHILD) else {
            return;
        };
        let address = address.parse().expect("an address");
        let world = Arc::new(World::open(&address).await.expect("opened"));
        let mut tasks: Vec<_> = (0..WRITERS)
            .map(|_| tokio::spawn(write(Arc::clone(&world))))
            .collect();
        tasks.push(tokio::spawn(async move {
            loop {
                world.store.seal_due().await.expect("sealed");
                tokio::task::yield_now().await;
            }
        }));
        // None ever ends but by a fault, such as a parent that is gone.
        let (ended, _, _) = futures_util::future::select_all(tasks).await;
        ended.expect("no fault");
    }

    async fn write(world: Arc<World>) {
        loop {
            let title = NoteId::fresh(&world.ambient).to_string();
            let note = Note::new(world.here, &title);
            let id = world.add(&note.saying(&text(1, &title))).await;
            acknowledge(&id, 1);
            for version in 2..=3 {
                world.load(&id).await;
                world
                    .change(&id, &note.saying(&text(version, &title)))
                    .await;
                acknowledge(&id, version);
                world.pass(1);
            }
        }
    }
}
