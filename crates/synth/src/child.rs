//! The borough's children as they are.

use clearpicture_kernel::Date;
use jiff::ToSpan as _;

use crate::draw::Draw;
use crate::names::Names;

/// The day as of which everything is told.
pub(crate) const AS_OF: (i16, i8, i8) = (2026, 10, 15);
/// The uses of lots.
const HOUSEHOLDS: u64 = 1;

/// One child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Their number, from 1.
    pub number: u64,
    /// The number of their household.
    pub household: u64,
    /// The number of the child they were born with, for a twin.
    pub twin: Option<u64>,
    /// Their given name.
    pub given: String,
    /// Their family name.
    pub family: String,
    /// The day they were born.
    pub born: Date,
    /// Whether they are a girl.
    pub is_girl: bool,
    /// Where they live.
    pub address: Vec<String>,
    /// Where they lived before.
    pub address_before: Vec<String>,
}

const STREETS: [&str; 24] = [
    "Mill", "Heron", "Weir", "Quarry", "Orchard", "Chapel", "Foundry", "Beacon", "Harrow", "Kiln",
    "Larch", "Meadow", "Osier", "Priory", "Rook", "Saddler", "Tanner", "Thorn", "Wharf", "Willow",
    "Brook", "Cinder", "Drover", "Elder",
];
const KINDS: [&str; 6] = ["Lane", "Road", "Street", "Close", "Court", "Rise"];
/// Parts of the invented borough, with an outward code of an area that no post office uses.
const WARDS: [(&str, &str); 8] = [
    ("Fenby", "XN1"),
    ("Northwater", "XN2"),
    ("Harrowgate Green", "XN3"),
    ("Osier Bank", "XN4"),
    ("Saltway", "XN5"),
    ("Quarrydale", "XN6"),
    ("Thornfield", "XN7"),
    ("Wharfside", "XN8"),
];
const INWARD: [&str; 20] = [
    "A", "B", "D", "E", "F", "G", "H", "J", "L", "N", "P", "Q", "R", "S", "T", "U", "W", "X", "Y",
    "Z",
];

fn address(draw: &mut Draw) -> Vec<String> {
    let (ward, outward) = draw.pick(&WARDS).copied().unwrap_or(("", ""));
    let number = 1 + draw.below(120);
    let mut lines = vec![format!(
        "{number} {} {}",
        draw.word(&STREETS),
        draw.word(&KINDS)
    )];
    if draw.happens(120) {
        lines.insert(0, format!("Flat {}", 1 + draw.below(30)));
    }
    lines.push(ward.to_owned());
    lines.push(format!(
        "{outward} {}{}{}",
        draw.below(10),
        draw.word(&INWARD),
        draw.word(&INWARD)
    ));
    lines
}

/// A day on which someone under 18 may have been born.
fn born(draw: &mut Draw) -> Date {
    let days = i64::try_from(draw.below(17 * 365)).unwrap_or_default();
    let first = Date::new(AS_OF.0 - 17, AS_OF.1, AS_OF.2).unwrap_or(Date::ZERO);
    first.checked_add(days.days()).unwrap_or(first)
}

/// The first `count` children of the borough of `seed`, household by household.
pub fn children(count: u64, seed: u64, names: &Names) -> Vec<Child> {
    let mut draw = Draw::of(seed, HOUSEHOLDS);
    let mut all: Vec<Child> = Vec::new();
    let mut household = 0;
    while (all.len() as u64) < count {
        household += 1;
        let size = match draw.below(100) {
            0..45 => 1,
            45..80 => 2,
            80..95 => 3,
            _ => 4,
        };
        let Some(community) = names.community(&mut draw) else {
            break;
        };
        let (family, home, before) = (
            community.family(&mut draw),
            address(&mut draw),
            address(&mut draw),
        );
        let has_twins = size > 1 && draw.happens(40);
        let mut taken = Vec::new();
        let mut last_born = None;
        for place in 0..size {
            let is_twin = has_twins && place == 1;
            let is_girl = draw.below(2) == 0;
            let given = community.given(is_girl, &taken, &mut draw);
            taken.push(given.clone());
            let day = match last_born {
                Some(day) if is_twin => day,
                _ => born(&mut draw),
            };
            last_born = Some(day);
            let number = all.len() as u64 + 1;
            if is_twin && let Some(first) = all.last_mut() {
                first.twin = Some(number);
            }
            all.push(Child {
                number,
                household,
                twin: is_twin.then(|| number - 1),
                given,
                family: family.clone(),
                born: day,
                is_girl,
                address: home.clone(),
                address_before: before.clone(),
            });
        }
    }
    all.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    if let Some(last) = all.last_mut()
        && last.twin > Some(count)
    {
        last.twin = None;
    }
    all
}
