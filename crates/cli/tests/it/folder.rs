//! A demonstration with a folder of files: everything in it recognised, previewed, taken in or explained, and linked.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use crate::published::shared;
use crate::support::{Data, Server, Visitor, program, run};

/// What the summary says of the published files. The day on which it runs decides what has not come yet, so that
/// `date-to-come` and the column that counts it stand in neither.
const PUBLISHED: &str = include_str!("published-folder.txt");

/// The summary at the end of what was said, up to the child's picture.
fn summary(messages: &str) -> String {
    let from = messages.find("\nTaken in ").expect("a summary");
    let text = messages.get(from..).expect("text").trim_start();
    let until = text.find("A child's picture").unwrap_or(text.len());
    let mut lines = Vec::new();
    let mut in_table = true;
    for line in text.get(..until).expect("text").lines() {
        in_table &= !line.is_empty();
        if in_table {
            let (without, _) = line.rsplit_once(' ').expect("columns");
            lines.push(without.trim_end());
        } else if !line.contains("× date-to-come") {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned() + "\n"
}

/// Copies a file, or a folder with all in it.
fn copied(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).expect("made");
        for entry in std::fs::read_dir(from).expect("a folder").flatten() {
            copied(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        std::fs::copy(from, to).expect("copied");
    }
}

#[test]
fn every_published_file_is_taken_in_or_explained_and_all_sources_are_linked() {
    let Some(shared) = shared() else { return };
    let data = Data::new();
    // Files that are there for their faults would end what the others tell.
    let files = Data::new();
    for entry in std::fs::read_dir(&shared).expect("a folder").flatten() {
        if entry.file_name() != "faults" {
            copied(&entry.path(), &files.file("").join(entry.file_name()));
        }
    }
    let shared = files.path().to_owned();
    let ran = data.run(&["demo", "--no-serve", "--size", "empty", "--with", &shared]);
    assert_eq!(ran.code, 0, "{}", ran.messages);
    let summary = summary(&ran.messages);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/published-folder.txt");
    if std::env::var_os("CLEARPICTURE_WRITE_EXPECTED").is_some() {
        std::fs::write(kept, &summary).expect("written");
        return;
    }
    assert_eq!(
        summary, PUBLISHED,
        "look at the difference; CLEARPICTURE_WRITE_EXPECTED=1 writes what is so now"
    );
    for line in [
        "cin_census/fake_CIN_data.xml: cin-census; 332 rows, 332 can be taken in, 0 set aside",
        "  left out, unrecognised: No source that is set up here writes such files.",
        "  waits for a decision: from northwater-council it would end 2675 rows that are held",
    ] {
        assert!(
            ran.messages.lines().any(|one| one == line),
            "{line}: {}",
            ran.messages
        );
    }
}

/// Files of invented children, and beside them everything that a folder may hold and no agency means to send.
fn folder_with_bad_files(root: &Path) {
    let out = root.join("agencies").display().to_string();
    run(&["synth", "--children", "60", "--seed", "3", "--out", &out]).done();
    let bad = root.join("bad");
    std::fs::create_dir(&bad).expect("made");
    let write = |name: &[u8], bytes: &[u8]| {
        std::fs::write(bad.join(OsStr::from_bytes(name)), bytes).expect("written");
    };
    let children = std::fs::read(root.join("agencies/involvement-csc.csv")).expect("read");
    let schools = std::fs::read(root.join("agencies/involvement-education.csv")).expect("read");
    write(b"again.csv", &children);
    // The same rows once more, and a blank line so that the bytes differ.
    write(b"named-in-latin-\xe9.csv", &[&schools[..], b"\n"].concat());
    write(b"two\nlines.csv", &[&children[..], b"\n"].concat());
    write(b"empty.csv", b"");
    write(
        b"noise.bin",
        &(0..=255).cycle().take(5000).collect::<Vec<u8>>(),
    );
    write(b"picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    write(b"cut.xml", b"<Message><Header>");
    write(b"cut.json", b"{\"resourceType\": \"Bundle\", ");
    write(b".hidden.csv", &children);
    write(b"locked.csv", b"");
    let huge = std::fs::File::create(bad.join("huge.csv")).expect("made");
    huge.set_len(3 << 30).expect("no more than a hole");
    symlink(root, bad.join("round-and-round")).expect("linked");
    symlink("nowhere", bad.join("dangling.csv")).expect("linked");
    let piped = Command::new("mkfifo").arg(bad.join("pipe.csv")).status();
    assert!(piped.expect("mkfifo runs").success());
    // Whoever tests as root can open it all the same, and finds it empty.
    let closed = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(bad.join("locked.csv"), closed).expect("closed");
}

#[test]
fn a_folder_with_bad_files_gives_what_it_can_and_is_no_trouble_the_second_time() {
    let root = Data::new();
    folder_with_bad_files(Path::new(root.path()));
    let own = root.file("own").display().to_string();
    let demo = ["demo", "--data", &own, "--with", root.path()];
    let log = Data::new();
    let log = log.file("log");
    let mut serving = program(&[&demo[..], &["--listen", "127.0.0.1:0"]].concat());
    let server = Server::logging(&mut serving, &log);
    let said = std::fs::read_to_string(&log).expect("read");
    for says in [
        "× same-bytes: The file holds what `agencies/involvement-csc.csv` holds, byte for byte.\n      bad/again.csv\n",
        "1 × damaged-xml:",
        "1 × damaged-json:",
        "× hidden: ",
        "2 × link: ",
        "1 × no-file: ",
        "1 × too-large: ",
        "1 × name: Its name cannot be kept",
        "4 × tells-of-nobody: ",
        "bad/empty.csv\n  left out, empty-file: ",
        "bad/locked.csv\n  left out, ",
        "bad/noise.bin\n  left out, unrecognised: ",
        "bad/picture.png\n  left out, not-data: ",
        "bad/two\u{fffd}lines.csv: involvement-csc; ",
        "bad/named-in-latin-\u{fffd}.csv: involvement-education; ",
    ] {
        assert!(said.contains(says), "{says}: {said}");
    }
    let picture = said.split_once("A child's picture: ").expect("a picture").1;
    let picture = picture.lines().next().expect("an address");
    let reader = server.lines.iter().find(|line| line.contains("amal.osei@"));
    let mut visitor = Visitor::at(server.address());
    assert_eq!(visitor.sign_in(reader.expect("a person")).status, 303);
    let page = visitor.open(picture);
    assert_eq!(page.status, 200, "{picture}: {}", page.body);
    assert!(page.body.contains("Northwater Schools"), "{}", page.body);
    assert_eq!(server.stop(), 0);

    let verify = ["history", "verify", "--data", &own];
    let before = run(&verify).done();
    let again = run(&[&demo[..], &["--no-serve"]].concat());
    assert_eq!(again.code, 0, "{}", again.messages);
    let second = summary(&again.messages);
    let all = second.lines().find(|line| line.contains(" files  "));
    let all = all.expect("a sum").split_whitespace();
    let counts: Vec<&str> = all.skip(4).collect();
    let [_, new, changed, unchanged, ended, _] = counts.as_slice() else {
        panic!("{second}");
    };
    assert_eq!((*new, *changed, *ended), ("0", "0", "0"), "{second}");
    assert_ne!(*unchanged, "0", "{second}");
    assert!(second.contains("joined 0, parted 0"), "{second}");
    assert!(second.contains("1 × own: "), "{second}");
    assert_eq!(run(&verify).done(), before, "nothing was written");
}
