//! A file as it came, read again from where it is kept sealed.

use std::io::{self, Read, Seek, SeekFrom};

use clearpicture_access::Scope;
use clearpicture_store::Store;
use tokio::runtime::Handle;

use super::store::{self, PIECE};
use super::types::{LoadId, SeeLoad};

/// The bytes of one file, opened piece by piece. It waits for the database, so it belongs on a thread that may wait.
pub(super) struct Original {
    store: Store,
    scope: Scope<SeeLoad>,
    load: LoadId,
    bytes: u64,
    runtime: Handle,
    at: u64,
    /// The piece at hand, and its place.
    piece: Option<(u64, Vec<u8>)>,
}

impl Original {
    /// The file of `load`, which has so many bytes. Call it where the runtime is.
    pub(super) fn of(store: &Store, scope: Scope<SeeLoad>, load: LoadId, bytes: u64) -> Self {
        Self {
            store: store.clone(),
            scope,
            load,
            bytes,
            runtime: Handle::current(),
            at: 0,
            piece: None,
        }
    }

    fn piece(&mut self, place: u64) -> io::Result<&[u8]> {
        if self.piece.as_ref().is_none_or(|(here, _)| *here != place) {
            let piece = store::piece(&self.store, &self.scope, &self.load, place);
            let piece = self.runtime.block_on(piece).map_err(io::Error::other)?;
            self.piece = Some((place, piece));
        }
        Ok(self.piece.as_ref().map_or(&[], |(_, piece)| piece))
    }
}

impl Read for Original {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.bytes || buffer.is_empty() {
            return Ok(0);
        }
        let place = self.at / PIECE as u64;
        let within = usize::try_from(self.at % PIECE as u64).unwrap_or_default();
        let piece = self.piece(place)?;
        let rest = piece.get(within..).unwrap_or_default();
        if rest.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file as it is kept is shorter than it was",
            ));
        }
        let count = rest.len().min(buffer.len());
        let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) else {
            return Ok(0);
        };
        to.copy_from_slice(from);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Original {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.bytes.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let before = || io::Error::new(io::ErrorKind::InvalidInput, "before the first byte");
        self.at = at.ok_or_else(before)?;
        Ok(self.at)
    }
}
