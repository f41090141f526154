//! Drawing a sample: at random, from every place where a pair can stand and every ethnic group alike.
//!
//! Most pairs are easy, and most children are of the largest group, so a plain sample would tell of little else. Each
//! place is read as closely as the others, and in it each group; what is read counts by how many it stands for.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use clearpicture_access::Resource;
use clearpicture_kernel::day::day_of;
use clearpicture_kernel::{SubjectId, TypedId as _};
use clearpicture_linkage::children::{Band, RecordIndex};

use super::groups::Groups;
use super::types::{
    AddLinkReading, Cell, DrawLinkSample, Drawing, LinkReading, LinkReadingId, LinkSample,
    LinkSampleId, Read, SeeLinkSample, Stood, Told,
};
use crate::linking::laid::LaidOut;
use crate::linking::run::{LinkFault, Linking};
use crate::practice::Practice;

/// One pair, with the lot that was drawn for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Drawn {
    lot: u64,
    a: RecordIndex,
    b: RecordIndex,
}

impl Ord for Drawn {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.lot, self.a, self.b).cmp(&(other.lot, other.a, other.b))
    }
}

impl PartialOrd for Drawn {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The pairs of one place and one ethnic group: how many there are, and those with the lowest lots.
#[derive(Debug, Default)]
struct Stratum {
    pairs: u64,
    lowest: BinaryHeap<Drawn>,
}

impl Stratum {
    fn put(&mut self, drawn: Drawn, most: usize) {
        self.pairs += 1;
        self.lowest.push(drawn);
        if self.lowest.len() > most {
            self.lowest.pop();
        }
    }
}

/// Draws the samples that wait, and says how many.
pub(super) async fn draw_waiting(
    linking: &Linking<'_>,
    practice: &Practice,
) -> Result<u32, LinkFault> {
    let scope = linking.scope::<SeeLinkSample>().await?;
    let mut drawn = 0_u32;
    for (resource, sample) in linking.store.all_within(&scope).await? {
        if sample.state != Drawing::Waits {
            continue;
        }
        match draw(linking, practice, resource, sample).await {
            Ok(()) => drawn += 1,
            // Another server drew it meanwhile.
            Err(LinkFault::Write(fault)) if fault.is_overtaken() => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(drawn)
}

async fn draw(
    linking: &Linking<'_>,
    practice: &Practice,
    resource: Resource,
    mut sample: LinkSample,
) -> Result<(), LinkFault> {
    let today = day_of(linking.store.ambient().now());
    let mut groups = Vec::new();
    let laid = linking.lay_out(&practice.linkage, |known| {
        groups.push(Groups::of(practice, today, known.facts()));
    });
    let laid = laid.await?;
    let id = LinkSampleId::parse(resource.id.as_str());
    let id = id.map_err(|error| LinkFault::Own(error.to_string()))?;
    let mut prepared = Vec::new();
    match chosen(linking, &laid, &groups, &mut sample) {
        Ok(readings) => {
            sample.state = Drawing::Drawn;
            sample.model.clone_from(&practice.linkage.plan.version);
            for (place, mut reading) in (0..).zip(readings) {
                reading.place = place;
                reading.sample = id;
                let id = LinkReadingId::fresh(linking.store.ambient());
                prepared.push(linking.prepare_add::<AddLinkReading>(&id, &reading).await?);
            }
        }
        // Said where it was asked for: nobody reads a server's log for it.
        Err(LinkFault::Pairs(problem)) => sample.state = Drawing::Failed(problem.to_string()),
        Err(fault) => return Err(fault),
    }
    // All in one change: no sample is ever half there.
    prepared.push(
        linking
            .prepare_change::<DrawLinkSample>(resource, &sample)
            .await?,
    );
    linking.store.commit(prepared).await?;
    Ok(())
}

/// The pairs to be read, in the order in which they are; and into the sample what they were drawn from.
fn chosen(
    linking: &Linking<'_>,
    laid: &LaidOut<'_>,
    groups: &[Groups],
    sample: &mut LinkSample,
) -> Result<Vec<LinkReading>, LinkFault> {
    let ambient = linking.store.ambient();
    let seed = ambient.bytes::<16>();
    let wanted = usize::try_from(sample.wanted).unwrap_or(usize::MAX);
    let nobody = Groups::not_told();
    let of = |index: RecordIndex| groups.get(index.0 as usize).unwrap_or(&nobody);
    let mut cells: BTreeMap<(Band, Groups), u64> = BTreeMap::new();
    let mut strata: BTreeMap<Band, BTreeMap<String, Stratum>> = BTreeMap::new();
    laid.frame(|a, b, band| {
        let groups = Groups::of_pair(of(a), of(b));
        let of_band = strata.entry(band).or_default();
        let drawn = Drawn {
            lot: lot(&seed, a, b),
            a,
            b,
        };
        let stratum = of_band.entry(groups.ethnic.clone()).or_default();
        stratum.put(drawn, wanted);
        *cells.entry((band, groups)).or_default() += 1;
    })?;
    sample.cells = cells
        .into_iter()
        .map(|((band, groups), pairs)| Cell {
            band: Stood(band),
            groups,
            pairs,
        })
        .collect();
    sample.records = told(groups, &laid.poor());
    let mut drawn: Vec<(Drawn, Band)> = Vec::new();
    for (band, of_band, room) in shares(strata, wanted) {
        let each: Vec<u64> = of_band.iter().map(|stratum| stratum.pairs).collect();
        for (stratum, room) in of_band.into_iter().zip(allot(&each, room)) {
            let lowest = stratum.lowest.into_sorted_vec();
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            drawn.extend(lowest.into_iter().take(room).map(|drawn| (drawn, band)));
        }
    }
    // In the order of their lots: neither place nor group can be told from it.
    drawn.sort();
    let reading = |(drawn, band): (Drawn, Band)| {
        let (a, b) = (laid.subject_at(drawn.a)?, laid.subject_at(drawn.b)?);
        let (a, b): (SubjectId, SubjectId) = (a.min(b), a.max(b));
        Some(LinkReading {
            sample: LinkSampleId::fresh(ambient),
            place: 0,
            a,
            b,
            band: Stood(band),
            groups: Groups::of_pair(of(drawn.a), of(drawn.b)),
            answer: Read::Not,
        })
    };
    Ok(drawn.into_iter().filter_map(reading).collect())
}

/// The lot of a pair: by nothing but chance, and the same whichever of the two comes first.
fn lot(seed: &[u8; 16], a: RecordIndex, b: RecordIndex) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, a.min(b).0, a.max(b).0).hash(&mut hasher);
    hasher.finish()
}

/// How many records there are of each group, and how many of them tell too little.
fn told(groups: &[Groups], poor: &[bool]) -> Vec<Told> {
    let mut counts: BTreeMap<&Groups, (u64, u64)> = BTreeMap::new();
    for (groups, poor) in groups.iter().zip(poor) {
        let entry = counts.entry(groups).or_default();
        entry.0 += 1;
        entry.1 += u64::from(*poor);
    }
    counts
        .into_iter()
        .map(|(groups, (records, poor))| Told {
            groups: groups.clone(),
            records,
            poor,
        })
        .collect()
}

/// For each place its strata, and how many pairs of it are read.
fn shares(
    strata: BTreeMap<Band, BTreeMap<String, Stratum>>,
    wanted: usize,
) -> Vec<(Band, Vec<Stratum>, u64)> {
    let sizes: Vec<u64> = strata
        .values()
        .map(|groups| groups.values().map(|stratum| stratum.pairs).sum())
        .collect();
    let rooms = allot(&sizes, u64::try_from(wanted).unwrap_or(u64::MAX));
    strata
        .into_iter()
        .zip(rooms)
        .map(|((band, groups), room)| (band, groups.into_values().collect(), room))
        .collect()
}

/// Divides `wanted` among those that have `sizes`: alike, none getting more than it has, and what one has no room for going
/// to the others.
fn allot(sizes: &[u64], wanted: u64) -> Vec<u64> {
    let mut rooms = vec![0; sizes.len()];
    let mut left = wanted.min(sizes.iter().sum());
    while left > 0 {
        let open = rooms.iter().zip(sizes).filter(|(room, size)| room < size);
        let open = open.count() as u64;
        let each = (left / open.max(1)).max(1);
        for (room, size) in rooms.iter_mut().zip(sizes) {
            let more = each.min(size - *room).min(left);
            *room += more;
            left -= more;
        }
    }
    rooms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_gets_alike_and_none_more_than_it_has() {
        for (sizes, wanted, rooms) in [
            (vec![100, 100, 100], 30, vec![10, 10, 10]),
            (vec![2, 100, 1_000], 30, vec![2, 14, 14]),
            (vec![5, 5], 30, vec![5, 5]),
            (vec![0, 7, 3], 4, vec![0, 2, 2]),
            (vec![9, 9, 9], 4, vec![2, 1, 1]),
            (vec![], 4, vec![]),
        ] {
            assert_eq!(allot(&sizes, wanted), rooms, "{wanted} of {sizes:?}");
        }
    }

    #[test]
    fn the_lowest_lots_are_kept_however_they_come() {
        let drawn = |lot| Drawn {
            lot,
            a: RecordIndex(0),
            b: RecordIndex(1),
        };
        for lots in [[4, 1, 3, 2], [1, 2, 3, 4], [4, 3, 2, 1]] {
            let mut stratum = Stratum::default();
            for lot in lots {
                stratum.put(drawn(lot), 2);
            }
            assert_eq!(stratum.pairs, 4);
            let kept: Vec<u64> = stratum
                .lowest
                .into_sorted_vec()
                .iter()
                .map(|one| one.lot)
                .collect();
            assert_eq!(kept, [1, 2]);
        }
    }
}
