//! Where the pairs that are kept stand: in memory, and beyond the room for them in scratch storage.
//!
//! Scratch holds numbers of statements, levels and weights, and nothing that any record says. What comes of the pairs is
//! the same wherever they stand.

use std::fmt;
use std::io;
use std::ops::Range;

use super::pairs::Alike;

/// Storage for what memory has no room for: bytes, one behind the other, till it is dropped.
pub trait Scratch: fmt::Debug + Send + Sync {
    /// Puts bytes behind those that are there.
    ///
    /// # Errors
    /// When they cannot be stored.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Fills `bytes` with what was put there, from that byte on. Several threads may do so at once.
    ///
    /// # Errors
    /// When they cannot be read back.
    fn read(&self, from: u64, bytes: &mut [u8]) -> io::Result<()>;
}

/// How much memory linking may take beside the records, and where pairs go beyond it.
#[derive(Debug)]
pub struct Room {
    /// Bytes. What is less than [`least`](super::least) tells is taken all the same.
    pub bytes: u64,
    /// For the pairs for which there is no room.
    pub scratch: Box<dyn Scratch>,
}

/// The pairs that are kept, in an order that records and plan alone decide.
#[derive(Debug)]
pub(super) struct Kept {
    /// In memory, as they were found; nothing once they have gone to scratch.
    held: Vec<Vec<Alike>>,
    room: Option<Room>,
    /// How many there are.
    count: u64,
    spilled: u64,
}

/// So many bytes does a pair take in scratch.
const BYTES: usize = 20;
/// So many pairs are stored or read back at once; few in tests, so that they are several times.
const AT_ONCE: usize = if cfg!(test) { 3 } else { 1 << 15 };

impl Kept {
    /// None yet.
    pub(super) const fn within(room: Option<Room>) -> Self {
        Self {
            held: Vec::new(),
            room,
            count: 0,
            spilled: 0,
        }
    }

    /// Adds some behind those that are there. Once they take more than half of the room, all of them go to scratch.
    pub(super) fn add(&mut self, found: Vec<Alike>) -> io::Result<()> {
        self.count += found.len() as u64;
        self.held.push(found);
        let Some(room) = &mut self.room else {
            return Ok(());
        };
        if self.spilled == 0 && self.count <= room.bytes / 2 / size_of::<Alike>() as u64 {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(AT_ONCE * BYTES);
        for some in self.held.drain(..) {
            for some in some.chunks(AT_ONCE) {
                bytes.clear();
                some.iter().for_each(|one| one.write(&mut bytes));
                room.scratch.append(&bytes)?;
                self.spilled += some.len() as u64;
            }
        }
        Ok(())
    }

    /// How many there are.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// How many bytes of scratch they take.
    pub(super) const fn spilled(&self) -> u64 {
        self.spilled * BYTES as u64
    }

    /// How many of `size` bytes there is room for beside those that are held.
    pub(super) fn room_for(&self, size: usize) -> u64 {
        let bytes = self.room.as_ref().map(|room| room.bytes / 2);
        bytes.map_or(u64::MAX, |bytes| bytes / size as u64)
    }

    /// Goes through all of them in order.
    pub(super) fn each(&self, each: impl FnMut(&Alike)) -> io::Result<()> {
        self.each_of(0..self.count, each)
    }

    /// Goes through those that stand at these places.
    pub(super) fn each_of(
        &self,
        places: Range<u64>,
        mut each: impl FnMut(&Alike),
    ) -> io::Result<()> {
        match &self.room {
            Some(room) if self.spilled > 0 => read_back(room.scratch.as_ref(), places, each),
            _ => {
                let mut first = 0;
                for some in &self.held {
                    let within = |place: u64| {
                        let place = usize::try_from(place.saturating_sub(first));
                        place.map_or(some.len(), |place| place.min(some.len()))
                    };
                    let wanted = within(places.start)..within(places.end);
                    some.get(wanted)
                        .unwrap_or_default()
                        .iter()
                        .for_each(&mut each);
                    first += some.len() as u64;
                }
                Ok(())
            }
        }
    }
}

fn read_back(
    scratch: &dyn Scratch,
    places: Range<u64>,
    mut each: impl FnMut(&Alike),
) -> io::Result<()> {
    let mut bytes = Vec::new();
    for first in places.clone().step_by(AT_ONCE) {
        let count = usize::try_from(places.end - first).map_or(AT_ONCE, |left| left.min(AT_ONCE));
        bytes.resize(count * BYTES, 0);
        scratch.read(first * BYTES as u64, &mut bytes)?;
        let (some, _) = bytes.as_chunks::<BYTES>();
        some.iter()
            .filter_map(Alike::read)
            .for_each(|one| each(&one));
    }
    Ok(())
}

impl Alike {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.x.to_le_bytes());
        bytes.extend(self.y.to_le_bytes());
        bytes.extend(self.weight.to_le_bytes());
        bytes.extend(self.pattern.to_le_bytes());
    }

    fn read(bytes: &[u8; BYTES]) -> Option<Self> {
        let (x, rest) = bytes.split_first_chunk()?;
        let (y, rest) = rest.split_first_chunk()?;
        let (weight, rest) = rest.split_first_chunk()?;
        Some(Self {
            x: u32::from_le_bytes(*x),
            y: u32::from_le_bytes(*y),
            weight: i32::from_le_bytes(*weight),
            pattern: u64::from_le_bytes(*rest.first_chunk()?),
        })
    }
}
