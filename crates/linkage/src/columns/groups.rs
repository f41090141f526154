//! What hangs together.

/// Connected parts of things that have numbers: each is known by the smallest number in it.
#[derive(Debug)]
pub(crate) struct Groups(Vec<u32>);

impl Groups {
    /// So many things, none connected with another.
    pub(crate) fn new(things: u32) -> Self {
        Self((0..things).collect())
    }

    /// The smallest number of what hangs together with this.
    pub(crate) fn root(&mut self, mut thing: u32) -> u32 {
        loop {
            let above = self.0.get(thing as usize).copied().unwrap_or(thing);
            if above == thing {
                return thing;
            }
            let higher = self.0.get(above as usize).copied().unwrap_or(above);
            if let Some(place) = self.0.get_mut(thing as usize) {
                *place = higher;
            }
            thing = higher;
        }
    }

    /// Connects two.
    pub(crate) fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(place) = self.0.get_mut(a.max(b) as usize) {
            *place = a.min(b);
        }
    }

    /// Of counts of things makes counts of parts, each in the place of the thing that it begins with.
    pub(super) fn sum(&mut self, counts: &mut [u32]) {
        for thing in 0..u32::try_from(counts.len()).unwrap_or(u32::MAX) {
            let root = self.root(thing);
            let own = counts.get_mut(thing as usize).map(std::mem::take);
            if let Some(count) = counts.get_mut(root as usize) {
                *count += own.unwrap_or_default();
            }
        }
    }
}
