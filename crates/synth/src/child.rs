//! The borough's children as they are.

use clearpicture_kernel::Date;
use jiff::ToSpan as _;

use crate::borough::address;
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
    /// Their ethnicity, as the national returns write it.
    pub ethnicity: String,
}

/// A day on which someone under 18 may have been born.
fn born(draw: &mut Draw) -> Date {
    let days = i64::try_from(draw.below(17 * 365)).unwrap_or_default();
    let first = Date::new(AS_OF.0 - 17, AS_OF.1, AS_OF.2).unwrap_or(Date::ZERO);
    first.checked_add(days.days()).unwrap_or(first)
}

/// The children of a borough, household by household: no more than one household is held at once.
pub struct Children<'n> {
    draw: Draw,
    names: &'n Names,
    wanted: u64,
    made: u64,
    household: u64,
}

/// The first `count` children of the borough of `seed`.
pub fn children(count: u64, seed: u64, names: &Names) -> Children<'_> {
    Children {
        draw: Draw::of(seed, HOUSEHOLDS),
        names,
        wanted: count,
        made: 0,
        household: 0,
    }
}

impl std::fmt::Debug for Children<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Children({} of {})", self.made, self.wanted)
    }
}

impl Iterator for Children<'_> {
    type Item = Vec<Child>;

    fn next(&mut self) -> Option<Vec<Child>> {
        if self.made >= self.wanted {
            return None;
        }
        let mut household = self.household()?;
        let room = usize::try_from(self.wanted - self.made).unwrap_or(usize::MAX);
        household.truncate(room);
        let last = self.made + household.len() as u64;
        for child in &mut household {
            child.twin = child.twin.filter(|twin| *twin <= last);
        }
        self.made = last;
        Some(household)
    }
}

impl Children<'_> {
    fn household(&mut self) -> Option<Vec<Child>> {
        self.household += 1;
        let draw = &mut self.draw;
        let size = match draw.below(100) {
            0..45 => 1,
            45..80 => 2,
            80..95 => 3,
            _ => 4,
        };
        let community = self.names.community(draw)?;
        let (family, home, before) = (community.family(draw), address(draw), address(draw));
        let has_twins = size > 1 && draw.happens(40);
        let mut all: Vec<Child> = Vec::with_capacity(size);
        let mut taken = Vec::new();
        let mut last_born = None;
        for place in 0..size {
            let is_twin = has_twins && place == 1;
            let is_girl = draw.below(2) == 0;
            let given = community.given(is_girl, &taken, draw);
            taken.push(given.clone());
            let day = match last_born {
                Some(day) if is_twin => day,
                _ => born(draw),
            };
            last_born = Some(day);
            let number = self.made + place as u64 + 1;
            if is_twin && let Some(first) = all.last_mut() {
                first.twin = Some(number);
            }
            all.push(Child {
                number,
                household: self.household,
                twin: is_twin.then(|| number - 1),
                given,
                family: family.clone(),
                born: day,
                is_girl,
                address: home.clone(),
                address_before: before.clone(),
                ethnicity: community.ethnicity.clone(),
            });
        }
        Some(all)
    }
}
