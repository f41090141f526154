//! One-time codes for the invented people of a demonstration, so that nobody needs an app to look round.

use std::path::Path;

use clearpicture_app::sign_in::good_code;
use clearpicture_kernel::{Timestamp, london};

use super::sign_ins::{SignIn, read};
use crate::outcome::Stop;
use crate::say;

/// Prints a code for each person of the demonstration in `data`.
pub(super) fn again(data: &Path, now: Timestamp) -> Result<(), Stop> {
    let sign_ins = read(data)?.ok_or_else(|| {
        Stop::misuse(format!(
            "there is no demonstration in `{}`: name its folder with --data",
            data.display()
        ))
    })?;
    print(&sign_ins.people, now)
}

/// Prints a code that is good now beside each person's e-mail address. To look at it uses none of them up.
pub(super) fn print(people: &[SignIn], now: Timestamp) -> Result<(), Stop> {
    for person in people {
        if let Some(line) = line(person, now) {
            say::answer(&line)?;
        }
    }
    Ok(())
}

/// How to have new ones, as the program was called.
pub(super) fn how_to_have_more(data: &Path) -> String {
    let program = std::env::args().next();
    format!(
        "codes: each is good once; new ones at any time from: {} demo --codes --data {}",
        program.as_deref().unwrap_or("clearpicture"),
        data.display()
    )
}

fn line(person: &SignIn, now: Timestamp) -> Option<String> {
    let (code, until) = good_code(&person.totp, now)?;
    let until = until.to_zoned(london()).strftime("%H:%M:%S");
    Some(format!(
        "code: {}\t{code}\tgood until {until}",
        person.email
    ))
}
