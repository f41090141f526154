//! Who can sign in to a demonstration, and with what: in a file of the data
//! folder, because everyone there is invented and the next run prints them again.

use std::io::{self, Write as _};
use std::path::Path;

use clearpicture_kernel::{Ambient, id};
use data_encoding::BASE32_NOPAD;

use super::partnership::Person;
use crate::outcome::Stop;

const FILE: &str = "demo-sign-ins.tsv";
/// The file's last line, once everyone in it can sign in.
const COMPLETE: &str = "# Complete.";
const HEADING: &str = "# Demonstration only: invented people. E-mail, password, secret of the one-time code, role, agency.";

/// One invented person who can sign in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SignIn {
    pub(crate) email: String,
    pub(crate) password: String,
    /// The secret of their one-time codes, in Base32.
    pub(crate) totp: String,
    pub(crate) role: String,
    agency: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn(withheld)")
    }
}

impl SignIn {
    fn fresh(ambient: &Ambient, person: &Person) -> Self {
        let drawn = id::encode(u128::from_be_bytes(ambient.bytes())).to_lowercase();
        // The first characters of 128 bits in base 32 hold fewer bits than the rest.
        let letters: Vec<char> = drawn.chars().skip(6).collect();
        let groups: Vec<String> = letters
            .chunks(5)
            .map(|group| group.iter().collect())
            .collect();
        Self {
            email: person.email(),
            password: groups.join("-"),
            totp: BASE32_NOPAD.encode(&ambient.bytes::<20>()),
            role: person.role.to_owned(),
            agency: person.agency.to_owned(),
        }
    }

    /// The line of the file, and of the command's answer.
    pub(crate) fn line(&self) -> String {
        [
            &self.email,
            &self.password,
            &self.totp,
            &self.role,
            &self.agency,
        ]
        .map(String::as_str)
        .join("\t")
    }

    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split('\t').map(ToOwned::to_owned);
        Some(Self {
            email: fields.next()?,
            password: fields.next()?,
            totp: fields.next()?,
            role: fields.next()?,
            agency: fields.next()?,
        })
    }
}

/// Everyone of a demonstration who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignIns {
    pub(crate) people: Vec<SignIn>,
    /// Whether an earlier run opened everyone's account.
    pub(crate) complete: bool,
}

/// The sign-ins of the demonstration in `data`, made now if there are none.
pub(crate) fn read_or_make(
    data: &Path,
    ambient: &Ambient,
    people: &[Person],
) -> Result<SignIns, Stop> {
    if let Some(found) = read(data)? {
        return Ok(found);
    }
    let made: Vec<SignIn> = people
        .iter()
        .map(|person| SignIn::fresh(ambient, person))
        .collect();
    let path = data.join(FILE);
    write(&path, &made).map_err(|error| problem(&path, &format!("cannot be written ({error})")))?;
    Ok(SignIns {
        people: made,
        complete: false,
    })
}

/// The sign-ins of the demonstration in `data`; `None` where there is none.
#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: it runs before anything is served"
)]
pub(crate) fn read(data: &Path) -> Result<Option<SignIns>, Stop> {
    let path = data.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(problem(&path, &format!("cannot be read ({error})"))),
    };
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let people = lines.map(|line| SignIn::parse(line).ok_or_else(|| problem(&path, "was changed")));
    Ok(Some(SignIns {
        people: people.collect::<Result<_, _>>()?,
        complete: text.lines().any(|line| line == COMPLETE),
    }))
}

fn problem(path: &Path, words: &str) -> Stop {
    Stop::fault(format!(
        "`{}` {words}: remove the folder, and start the demonstration again",
        path.display()
    ))
}

/// Notes that everyone in the file can sign in.
#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: it runs before anything is served"
)]
pub(crate) fn note_complete(data: &Path) -> Result<(), Stop> {
    let file = std::fs::OpenOptions::new()
        .append(true)
        .open(data.join(FILE));
    file.and_then(|mut file| writeln!(file, "{COMPLETE}"))?;
    Ok(())
}

/// Writes the file whole, for this user alone.
#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: it runs before anything is served"
)]
fn write(path: &Path, sign_ins: &[SignIn]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let part = path.with_extension("part");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)?;
    writeln!(file, "{HEADING}")?;
    for sign_in in sign_ins {
        writeln!(file, "{}", sign_in.line())?;
    }
    file.sync_all()?;
    std::fs::rename(&part, path)
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "tests write to a folder of their own"
)]
mod tests {
    use super::super::partnership;
    use super::*;

    #[test]
    fn the_next_run_reads_what_the_first_one_made() {
        use std::os::unix::fs::PermissionsExt as _;
        let data = tempfile::tempdir().expect("a folder");
        let people = partnership::people();
        let ambient = Ambient::system();
        let first = read_or_make(data.path(), &ambient, &people).expect("made");
        let second = read_or_make(data.path(), &ambient, &people).expect("read");
        assert_eq!(first, second);
        note_complete(data.path()).expect("noted");
        let third = read_or_make(data.path(), &ambient, &people).expect("read");
        assert!(third.complete && third.people == first.people);
        assert!(first.people.iter().all(|one| one.password.len() == 23));
        let file = data.path().join(FILE);
        let mode = std::fs::metadata(&file)
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(&file, "x").expect("changed");
        assert!(read_or_make(data.path(), &ambient, &people).is_err());
    }
}
