//! The one place that prints: answers on standard output, messages on standard error.

use std::io::{ErrorKind, Write as _};

use crate::outcome::Stop;

/// Prints a line of the answer, at once. A reader that has gone away is no fault.
pub(crate) fn answer(line: &str) -> Result<(), Stop> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints a message for whoever runs the command.
pub(crate) fn message(words: &str) {
    // Nothing can be done when nobody can be told.
    let _ = writeln!(std::io::stderr().lock(), "{words}");
}
