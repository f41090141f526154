//! Files taken in against a database of their own.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;

use clearpicture_access::{Caller, Purpose};
use clearpicture_ingest::Asked;
use clearpicture_kernel::{AgencyId, Ambient, Code, Line, TypedId as _};
use clearpicture_store::{DatabaseAddress, MasterKey, Store, Upgrade, Writer};

use super::take::{Brought, LoadFault, Reading, take_in};
use super::types::{Load, SeeLoad};
use crate::persons::{self, SeePerson};
use crate::practice::Practice;
use crate::state::{holdings, policies};

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
    _writer: Writer,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ambient = Ambient::system();
        let address = DatabaseAddress::Sqlite(folder.path().join("test.db"));
        let capabilities = crate::capabilities();
        let (store, writer) = Store::open(
            &address,
            MasterKey::fresh(&ambient),
            holdings(&capabilities),
            Upgrade::Apply,
            ambient,
        )
        .await
        .unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../practice");
        let practice = Practice::read(&shipped).unwrap();
        Self {
            access: policies(&capabilities, &practice).unwrap(),
            agency: AgencyId::parse("agency_00000000000000000000000001").unwrap(),
            practice,
            store,
            _writer: writer,
            _folder: folder,
        }
    }

    async fn take(&self, bytes: &[u8]) -> Result<Brought, LoadFault> {
        let reading = Reading::of(
            Cursor::new(bytes),
            &self.practice.profiles,
            &Asked::to_keep(),
            |_| {},
        )
        .unwrap();
        let name = Line::parse("csc.csv").unwrap();
        let original = Cursor::new(bytes);
        take_in(
            &self.store,
            &self.access,
            self.agency,
            &name,
            &reading,
            original,
        )
        .await
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

    async fn entries(&self) -> u64 {
        self.store.verify().await.unwrap().entries
    }
}

fn purpose() -> Purpose {
    Purpose {
        code: Code::parse("data-exchange").unwrap(),
        marked: false,
    }
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing() {
    let world = World::new().await;
    let bytes = file(&[row("1", "Ada", "Fenby"), row("2", "Ben", "Fenby")]);
    let first = world.take(&bytes).await.unwrap();
    assert_eq!(
        (first.accepted, first.unchanged, first.new_subjects),
        (2, 0, 2)
    );
    assert!(first.load.is_some());
    let entries = world.entries().await;
    assert_eq!(world.count().await, 2);
    let second = world.take(&bytes).await.unwrap();
    let nothing = Brought {
        accepted: 0,
        unchanged: 2,
        new_subjects: 0,
        load: None,
    };
    assert_eq!(second, nothing);
    assert_eq!(world.entries().await, entries);
}

#[tokio::test]
async fn a_later_file_says_more_of_the_same_child_and_the_newest_row_counts() {
    let world = World::new().await;
    world
        .take(&file(&[row("1", "Ada", "Fenby"), row("2", "Ben", "Fenby")]))
        .await
        .unwrap();
    let second = world
        .take(&file(&[
            row("1", "Ada", "Northwater"),
            row("2", "Ben", "Fenby"),
        ]))
        .await
        .unwrap();
    assert_eq!(
        (second.accepted, second.unchanged, second.new_subjects),
        (1, 1, 0)
    );
    assert_eq!(world.count().await, 2);
    let tellings = persons::all_tellings(&world.store, &world.scope().await)
        .await
        .unwrap();
    assert_eq!(tellings.len(), 2);
    let moved = tellings.iter().filter(|telling| {
        telling.load == second.load.as_ref().unwrap().to_string() && telling.row == 1
    });
    assert_eq!(moved.count(), 1);
}

#[tokio::test]
async fn a_child_in_one_file_twice_is_one_subject_with_two_rows() {
    let world = World::new().await;
    let brought = world
        .take(&file(&[
            row("1", "Ada", "Fenby"),
            row("1", "Ada", "Northwater"),
        ]))
        .await
        .unwrap();
    assert_eq!((brought.accepted, brought.new_subjects), (2, 1));
    assert_eq!(world.count().await, 1);
}

#[tokio::test]
async fn the_original_is_kept_sealed_and_comes_back_as_it_was() {
    let world = World::new().await;
    let rows: Vec<String> = (0..9_000)
        .map(|key| row("1", "Ada", &format!("Fenby {key}")))
        .collect();
    let bytes = file(&rows);
    assert!(bytes.len() > 512 * 1024, "it takes several pieces");
    let load = world.take(&bytes).await.unwrap().load.unwrap();
    let auditor = Caller {
        roles: BTreeSet::from([Code::parse("auditor").unwrap()]),
        ..Caller::system("")
    };
    let resource = world.store.resource::<Load>(&auditor, &load).await.unwrap();
    let permit = world
        .access
        .permit::<SeeLoad>(&auditor, resource.unwrap(), &purpose())
        .unwrap();
    let record = world.store.load(&permit).await.unwrap();
    let original = super::store::original(&world.store, &permit, record.digest).await;
    assert_eq!(original.unwrap(), bytes);
}

#[tokio::test]
async fn a_refused_file_and_one_that_changed_leave_nothing() {
    let world = World::new().await;
    let refused = world.take(b"").await;
    assert!(matches!(refused, Err(LoadFault::Refused)), "{refused:?}");
    let bytes = file(&[row("1", "Ada", "Fenby")]);
    let reading = Reading::of(
        Cursor::new(&bytes),
        &world.practice.profiles,
        &Asked::to_keep(),
        |_| {},
    )
    .unwrap();
    let name = Line::parse("csc.csv").unwrap();
    let other = Cursor::new(file(&[row("1", "Eve", "Fenby")]));
    let changed = take_in(
        &world.store,
        &world.access,
        world.agency,
        &name,
        &reading,
        other,
    )
    .await;
    assert!(matches!(changed, Err(LoadFault::Changed)), "{changed:?}");
    assert_eq!(world.count().await, 0);
    assert_eq!(world.entries().await, 0);
}

#[tokio::test]
async fn two_loads_of_one_file_at_once_bring_each_child_once() {
    let world = World::new().await;
    let bytes = file(&[row("1", "Ada", "Fenby"), row("2", "Ben", "Fenby")]);
    let (one, two) = tokio::join!(world.take(&bytes), world.take(&bytes));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.accepted + two.accepted, 2);
    assert_eq!(one.unchanged + two.unchanged, 2);
    assert_eq!(world.count().await, 2);
    world.store.verify().await.unwrap();
}
