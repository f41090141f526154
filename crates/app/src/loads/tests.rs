//! Files taken in against a database of their own.

use std::collections::BTreeSet;
use std::io::{Cursor, Read as _};
use std::path::Path;
use std::sync::Arc;

use clearpicture_access::{Caller, Purpose};
use clearpicture_ingest::Asked;
use clearpicture_kernel::{AgencyId, Ambient, Code, Date, Line, TypedId as _};
use clearpicture_store::{DatabaseAddress, MasterKey, Store, Upgrade, Writer};

use super::examine::Examined;
use super::intake::{Intake, LoadFault};
use super::original::Original;
use super::rules::Agreed;
use super::types::{Effect, Load, LoadId, LoadState, SeeLoad};
use crate::persons::{self, Known, SeePerson};
use crate::practice::Practice;
use crate::state::{holdings, policies};
use futures_util::stream;
use jiff::civil::date;

use order::people;

mod back;
mod ending;
mod midway;
mod order;
mod several;

const HEADINGS: &str = "Cms Id,First Name,Last Name,Date Of Birth,Service Involvement,Local Authority Organisation,Gender,Address";

fn row(key: &str, given: &str, town: &str) -> String {
    format!(
        "{key},{given},Okafor,2014-07-28,Current,Northwater Council,Female,\"1 Mill Lane\n{town}\""
    )
}

fn file(rows: &[String]) -> Vec<u8> {
    format!("{HEADINGS}\n{}\n", rows.join("\n")).into_bytes()
}

struct World {
    store: Store,
    access: clearpicture_access::Access,
    practice: Practice,
    agency: AgencyId,
    master: MasterKey,
    _writer: Writer,
    folder: tempfile::TempDir,
}

/// The store whose database lies in a folder.
async fn open(folder: &tempfile::TempDir, master: &MasterKey) -> (Store, Writer) {
    let address = DatabaseAddress::Sqlite(folder.path().join("test.db"));
    let opened = Store::open(
        &address,
        master.clone(),
        holdings(&crate::capabilities()),
        Upgrade::Apply,
        Ambient::system(),
    );
    opened.await.unwrap()
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let master = MasterKey::fresh(&Ambient::system());
        let capabilities = crate::capabilities();
        let (store, writer) = open(&folder, &master).await;
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../practice");
        let mut practice = Practice::read(&shipped).unwrap();
        // Here one agency sends everything.
        practice.senders.clear();
        Self {
            access: policies(&capabilities, &practice).unwrap(),
            agency: AgencyId::parse("agency_00000000000000000000000001").unwrap(),
            practice,
            store,
            master,
            _writer: writer,
            folder,
        }
    }

    fn intake(&self) -> Intake<'_> {
        Intake::new(&self.store, &self.access, &self.practice, Arc::new(|_| {})).unwrap()
    }

    fn examined(&self, bytes: &[u8]) -> Examined {
        let asked = Asked::default();
        Examined::of(Cursor::new(bytes), &self.practice.profiles, &asked, |_| {}).unwrap()
    }

    /// Takes in a file as whoever gives the command on the server does.
    async fn take(&self, bytes: &[u8]) -> Result<Effect, LoadFault> {
        self.take_of(bytes, None).await.map(|(_, effect)| effect)
    }

    async fn take_of(
        &self,
        bytes: &[u8],
        as_of: Option<Date>,
    ) -> Result<(LoadId, Effect), LoadFault> {
        let intake = self.intake();
        let examined = self.examined(bytes);
        let name = Line::parse("file.csv").unwrap();
        let some = bytes.chunks(1_000).map(Ok);
        let id = intake
            .receive(self.agency, &name, stream::iter(some))
            .await?;
        intake
            .accept(id, &examined, as_of, Agreed::default())
            .await?;
        Ok((id, intake.take_in(id).await?))
    }

    async fn known(&self) -> Vec<Known> {
        let scope = self.scope().await;
        let some = persons::known_after(&self.store, &scope, None).await;
        some.unwrap().map(|(_, known)| known).unwrap_or_default()
    }

    async fn load(&self, id: LoadId) -> Load {
        let auditor = Caller {
            roles: BTreeSet::from([Code::parse("auditor").unwrap()]),
            ..Caller::system("")
        };
        let resource = self.store.resource::<Load>(&auditor, &id).await.unwrap();
        let permit = self
            .access
            .permit::<SeeLoad>(&auditor, resource.unwrap(), &purpose())
            .unwrap();
        self.store.load(&permit).await.unwrap()
    }

    async fn count(&self) -> u64 {
        persons::count(&self.store, &self.scope().await)
            .await
            .unwrap()
    }

    async fn scope(&self) -> clearpicture_access::Scope<SeePerson> {
        let caller = Caller::system("linkage");
        self.store
            .scope::<SeePerson>(&self.access, &caller, &purpose())
            .await
            .unwrap()
    }
}

fn purpose() -> Purpose {
    Purpose {
        code: Code::parse("data-exchange").unwrap(),
        marked: false,
    }
}

#[tokio::test]
async fn the_same_file_twice_tells_nothing_the_second_time() {
    let world = World::new().await;
    let bytes = file(&[row("1", "Ada", "Fenby"), row("2", "Ben", "Fenby")]);
    let first = world.take(&bytes).await.unwrap();
    let all_new = Effect {
        new: 2,
        new_subjects: 2,
        ..Effect::default()
    };
    assert_eq!(first, all_new);
    let before = world.known().await;
    assert_eq!(world.count().await, 2);
    let second = world.take(&bytes).await.unwrap();
    let nothing = Effect {
        unchanged: 2,
        ..Effect::default()
    };
    assert_eq!(second, nothing);
    assert_eq!(world.known().await, before);
    assert_eq!(world.count().await, 2);
    world.store.verify().await.unwrap();
}

#[tokio::test]
async fn a_later_file_says_more_of_the_same_child_and_the_newest_row_stands() {
    let world = World::new().await;
    let both = [row("1", "Ada", "Fenby"), row("2", "Ben", "Fenby")];
    world.take(&file(&both)).await.unwrap();
    let moved = [row("1", "Ada", "Northwater"), row("2", "Ben", "Fenby")];
    let (load, second) = world.take_of(&file(&moved), None).await.unwrap();
    let one_moved = Effect {
        changed: 1,
        unchanged: 1,
        ..Effect::default()
    };
    assert_eq!(second, one_moved);
    assert_eq!(world.count().await, 2);
    let known = world.known().await;
    let tellings = known.iter().flat_map(|known| &known.tellings);
    let tellings: Vec<_> = tellings.collect();
    assert_eq!(tellings.len(), 2);
    let of_second = |telling: &&&persons::Telling| telling.load == load.to_string();
    assert_eq!(tellings.iter().filter(of_second).count(), 1);
}

#[tokio::test]
async fn a_child_in_one_file_twice_is_one_subject_with_two_rows_and_stays_so() {
    let world = World::new().await;
    let twice = file(&[row("1", "Ada", "Fenby"), row("1", "Ada", "Northwater")]);
    let effect = world.take(&twice).await.unwrap();
    assert_eq!((effect.new, effect.new_subjects), (2, 1));
    assert_eq!(world.count().await, 1);
    assert_eq!(world.known().await[0].tellings.len(), 2);
    let again = world.take(&twice).await.unwrap();
    assert_eq!((again.accepted(), again.unchanged), (0, 2));
}

#[tokio::test]
async fn what_a_file_of_all_there_is_no_longer_holds_ends_and_is_kept() {
    let world = World::new().await;
    let both = file(&[row("1", "Ada", "Fenby"), row("2", "Ben", "Fenby")]);
    world.take_of(&both, Some(date(2026, 9, 1))).await.unwrap();
    let one = file(&[row("1", "Ada", "Fenby")]);
    let (_, effect) = world.take_of(&one, Some(date(2026, 10, 1))).await.unwrap();
    assert_eq!((effect.unchanged, effect.ended), (1, 1));
    let known = world.known().await;
    assert_eq!(known.len(), 2);
    let ended: Vec<_> = known
        .iter()
        .flat_map(|known| &known.tellings)
        .filter(|telling| telling.ended)
        .collect();
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].as_of, date(2026, 10, 1));
    assert!(!ended[0].facts.is_empty(), "what it told is kept");
    // One who comes back is told again.
    let (_, back) = world.take_of(&both, Some(date(2026, 11, 1))).await.unwrap();
    assert_eq!((back.new, back.unchanged, back.ended), (1, 1, 0));
    let known = world.known().await;
    assert!(known.iter().all(|known| !known.tellings[0].ended));
}

#[tokio::test]
async fn a_file_with_rows_set_aside_ends_nothing() {
    let world = World::new().await;
    let both = file(&[row("1", "Ada", "Fenby"), row("2", "Ben", "Fenby")]);
    world.take(&both).await.unwrap();
    let broken = file(&[row("1", "Ada", "Fenby"), "2,Ben".to_owned()]);
    let effect = world.take(&broken).await.unwrap();
    assert_eq!((effect.unchanged, effect.ended), (1, 0));
    assert!(
        world
            .known()
            .await
            .iter()
            .all(|known| !known.tellings[0].ended)
    );
}

#[tokio::test]
async fn the_original_is_kept_sealed_and_comes_back_as_it_was() {
    let world = World::new().await;
    let rows: Vec<String> = (0..9_000)
        .map(|key| row(&key.to_string(), "Ada", &format!("Fenby {key}")))
        .collect();
    let bytes = file(&rows);
    assert!(bytes.len() > 512 * 1024, "it takes several pieces");
    let (id, effect) = world.take_of(&bytes, None).await.unwrap();
    assert_eq!(effect.new, 9_000);
    assert_eq!(world.count().await, 9_000);
    let load = world.load(id).await;
    assert!(matches!(load.state, LoadState::Taken(_)));
    let caller = Caller::system("loads");
    let scope = world
        .store
        .scope::<SeeLoad>(&world.access, &caller, &purpose())
        .await
        .unwrap();
    let mut original = Original::of(&world.store, scope, id, load.bytes);
    let read = tokio::task::spawn_blocking(move || {
        let mut read = Vec::new();
        original.read_to_end(&mut read).map(|_| read)
    });
    assert_eq!(read.await.unwrap().unwrap(), bytes);
}

#[tokio::test]
async fn a_refused_file_and_one_that_changed_leave_nothing_to_be_seen() {
    let world = World::new().await;
    let intake = world.intake();
    let name = Line::parse("csc.csv").unwrap();
    let empty = stream::iter([Ok(b"".as_slice())]);
    let id = intake.receive(world.agency, &name, empty).await.unwrap();
    intake
        .examine(id, &super::Layout::default(), None)
        .await
        .unwrap();
    assert_eq!(world.load(id).await.state, LoadState::Refused);
    let refused = intake.take_in(id).await;
    assert!(matches!(refused, Err(LoadFault::Elsewhere)), "{refused:?}");

    let examined = world.examined(&file(&[row("1", "Ada", "Fenby")]));
    let other = file(&[row("1", "Eve", "Fenby")]);
    let other = stream::iter([Ok(other)]);
    let id = intake.receive(world.agency, &name, other).await.unwrap();
    let changed = intake.accept(id, &examined, None, Agreed::default()).await;
    assert!(matches!(changed, Err(LoadFault::Changed)), "{changed:?}");
    assert_eq!(world.load(id).await.state, LoadState::Declined);
    assert_eq!(world.count().await, 0);
}

#[tokio::test]
async fn what_taking_a_file_in_would_do_is_told_before_and_is_what_it_does() {
    let world = World::new().await;
    let three = ["1", "2", "3"].map(|key| row(key, "Ada", "Fenby"));
    world
        .take_of(&file(&three), Some(date(2026, 9, 1)))
        .await
        .unwrap();
    let next = file(&[
        row("1", "Ada", "Fenby"),
        row("2", "Ada", "Northwater"),
        row("4", "Dan", "Fenby"),
        row("5", "Eli", "Fenby"),
    ]);
    let intake = world.intake();
    let name = Line::parse("csc.csv").unwrap();
    let bytes = stream::iter([Ok(next)]);
    let id = intake.receive(world.agency, &name, bytes).await.unwrap();
    intake
        .examine(id, &super::Layout::default(), None)
        .await
        .unwrap();
    let load = world.load(id).await;
    let expected = Effect {
        new: 2,
        changed: 1,
        unchanged: 1,
        ended: 1,
        new_subjects: 2,
    };
    assert_eq!(load.state, LoadState::Waiting(expected));
    assert_eq!(world.count().await, 3, "nothing is taken in yet");
}

#[tokio::test]
async fn a_file_that_waits_is_found_by_its_bytes_until_somebody_goes_ahead() {
    let world = World::new().await;
    let both = [row("1", "Ada", "Fenby"), row("2", "Ben", "Fenby")];
    world.take(&file(&both)).await.unwrap();
    let other = file(&[row("3", "Cem", "Fenby")]);
    let examined = world.examined(&other);
    let source = examined.summary.profile.clone().unwrap();
    let digest = examined.summary.digest;
    let intake = world.intake();
    let name = Line::parse("other.csv").unwrap();
    let bytes = stream::iter([Ok(&other)]);
    let id = intake.receive(world.agency, &name, bytes).await.unwrap();
    assert!(matches!(
        intake.would_do(id).await,
        Err(LoadFault::Elsewhere)
    ));
    intake
        .examine(id, &super::Layout::default(), None)
        .await
        .unwrap();
    let waiting = intake.waiting(world.agency, &source, digest, None).await;
    assert_eq!(waiting.unwrap(), Some(id));
    let would = intake.would_do(id).await.unwrap();
    assert_eq!((would.new, would.ended), (1, 2));
    assert_eq!(
        world.count().await,
        2,
        "nothing of it is used while it waits"
    );
    intake.go_ahead(id, Agreed::default()).await.unwrap();
    assert_eq!(intake.take_in(id).await.unwrap(), would);
    let waiting = intake.waiting(world.agency, &source, digest, None).await;
    assert_eq!(waiting.unwrap(), None);
    assert!(matches!(
        intake.go_ahead(id, Agreed::default()).await,
        Err(LoadFault::Elsewhere)
    ));
}

#[tokio::test]
async fn two_loads_of_one_file_at_once_bring_each_child_once() {
    let world = World::new().await;
    let bytes = file(&[row("1", "Ada", "Fenby"), row("2", "Ben", "Fenby")]);
    let (one, two) = tokio::join!(world.take(&bytes), world.take(&bytes));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.new + two.new, 2);
    assert_eq!(one.unchanged + two.unchanged, 2);
    assert_eq!(world.count().await, 2);
    assert_eq!(world.known().await.len(), 2);
    world.store.verify().await.unwrap();
}

#[tokio::test]
async fn a_protected_child_is_known_to_the_product_alone() {
    let mut world = World::new().await;
    world.practice.profiles = Arc::from([people("full")]);
    let open = "Id,Family,Secret\n1,Marsh,U\n2,Reed,R\n";
    world.take(open.as_bytes()).await.unwrap();
    let practitioner = Caller {
        roles: BTreeSet::from([Code::parse("practitioner").unwrap()]),
        ready: true,
        ..Caller::system("")
    };
    let count = async |caller: &Caller| {
        let scope = world
            .store
            .scope::<SeePerson>(&world.access, caller, &purpose())
            .await
            .unwrap();
        persons::count(&world.store, &scope).await.unwrap()
    };
    assert_eq!(count(&practitioner).await, 1);
    assert_eq!(world.count().await, 2);
    // One who was open before is so no longer.
    let later = "Id,Family,Secret\n1,Marsh,R\n2,Reed,R\n";
    world.take_of(later.as_bytes(), None).await.unwrap();
    assert_eq!(count(&practitioner).await, 0);
    let keeper = Caller {
        roles: ["practitioner", "protected-identities"]
            .map(|role| Code::parse(role).unwrap())
            .into(),
        ..practitioner
    };
    assert_eq!(count(&keeper).await, 2);
}

#[tokio::test]
async fn a_row_that_is_put_right_is_laid_and_the_file_stays_as_it_came() {
    let mut world = World::new().await;
    world.practice.profiles = Arc::from([people("full")]);
    let before = "Id,Family,Secret\n1,Marsh,\n2,Reed,\n";
    world
        .take_of(before.as_bytes(), Some(date(2026, 9, 1)))
        .await
        .unwrap();
    let broken = "Id,Family,Secret\n1,Marsh,\n,Birch,\n";
    let (id, effect) = world
        .take_of(broken.as_bytes(), Some(date(2026, 10, 1)))
        .await
        .unwrap();
    assert_eq!(
        (effect.accepted(), effect.ended),
        (0, 0),
        "a row is set aside, so nothing ends"
    );
    let intake = world.intake();
    let at = intake.at(id, "taken").await.unwrap();
    let mut load = at.load.clone();
    assert_eq!(load.counts.as_ref().unwrap().quarantined, 1);
    load.corrections.push(super::Correction {
        row: 2,
        table: String::new(),
        column: Line::parse("Id").unwrap(),
        text: super::PutText::parse("3").unwrap(),
    });
    intake
        .change(&at, &load, clearpicture_store::Brought::default())
        .await
        .unwrap();
    let effect = intake.put_right(id).await.unwrap();
    assert_eq!(
        (effect.new, effect.ended),
        (1, 1),
        "the row is told, and what is missing ends"
    );
    let load = world.load(id).await;
    assert_eq!(load.counts.as_ref().unwrap().quarantined, 0);
    assert_eq!(world.count().await, 3);
    assert!(
        !format!("{load:?}").contains("\"3\""),
        "no log shows the value"
    );
    world.store.verify().await.unwrap();
}
