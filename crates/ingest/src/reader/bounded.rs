//! A bound on how much one record may take.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Bytes that went by since the record began; whoever takes a record up sets it to nought.
#[derive(Debug, Default, Clone)]
pub(crate) struct Since(Rc<Cell<usize>>);

impl Since {
    /// A new record begins.
    pub(crate) fn begin(&self) {
        self.0.set(0);
    }
}

/// Ends with an error once a record takes more than `most` bytes.
pub(crate) struct Bounded<R> {
    from: R,
    since: Since,
    most: usize,
}

/// What [`Bounded`] ends with.
#[derive(Debug, thiserror::Error)]
#[error("a record beyond the bound")]
pub(crate) struct TooLong;

impl<R: Read> Bounded<R> {
    pub(crate) fn new(from: R, most: usize) -> (Self, Since) {
        let since = Since::default();
        (Self::since(from, since.clone(), most), since)
    }

    /// One of several that count together.
    pub(crate) const fn since(from: R, since: Since, most: usize) -> Self {
        Self { from, since, most }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.since.0.get() > self.most {
            return Err(io::Error::other(TooLong));
        }
        let count = self.from.read(into)?;
        self.since.0.set(self.since.0.get().saturating_add(count));
        Ok(count)
    }
}

/// Whether an error is, or was made from, a record beyond the bound.
pub(crate) fn is_too_long(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<TooLong>())
}
