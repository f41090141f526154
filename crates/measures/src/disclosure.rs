//! What of a table of counts may be shown so that nobody small in number can be told from it.
//!
//! The rule of the Department for Education for children in need: a count of 1 to 5 is not shown, a true nought is, and
//! so much more is left out that no total gives it back
//! (<https://explore-education-statistics.service.gov.uk/find-statistics/children-in-need>). It is applied to counts,
//! before any share is made of them.

/// The largest count that is not shown.
pub const SMALL: u64 = 5;

/// A whole and its parts, each shown or hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protected {
    /// The whole; `None` when it is hidden.
    pub whole: Option<u64>,
    /// The parts in the order given; `None` where one is hidden.
    pub parts: Vec<Option<u64>>,
}

/// Hides what must not be shown of `parts` and of their sum.
///
/// Hidden are the small parts; then, smallest first, as many others as it takes until each hidden part could be
/// anything from 1 to more than [`SMALL`] by what is shown; and the whole, when all of them together cannot do that.
pub fn protect(parts: &[u64]) -> Protected {
    let whole: u64 = parts.iter().sum();
    let mut hidden: Vec<usize> = places(parts, is_small);
    let mut others: Vec<usize> = places(parts, |count| count > SMALL);
    others.sort_by_key(|place| (count_at(parts, *place), *place));
    let mut others = others.into_iter().peekable();
    let mut whole_hidden = is_small(whole);
    while !hidden.is_empty() && !whole_hidden {
        let next = others.peek().map(|place| count_at(parts, *place));
        if is_safe(parts, &hidden, next) {
            break;
        }
        match others.next() {
            Some(other) => hidden.push(other),
            None => whole_hidden = true,
        }
    }
    let part = |(place, count): (usize, &u64)| (!hidden.contains(&place)).then_some(*count);
    Protected {
        whole: (!whole_hidden).then_some(whole),
        parts: parts.iter().enumerate().map(part).collect(),
    }
}

fn is_small(count: u64) -> bool {
    (1..=SMALL).contains(&count)
}

fn places(parts: &[u64], wanted: impl Fn(u64) -> bool) -> Vec<usize> {
    let found = parts
        .iter()
        .enumerate()
        .filter(|(_, count)| wanted(**count));
    found.map(|(place, _)| place).collect()
}

fn count_at(parts: &[u64], place: usize) -> u64 {
    parts.get(place).copied().unwrap_or_default()
}

/// Whether a reader who knows this rule, and takes what is shown from the whole, must think of each hidden part that it
/// could be 1, and could be more than a small one.
///
/// Each of the others hidden is at least 1. The smallest first are hidden, so each is less than `next`, the smallest
/// that is shown and not small: a reader knows that too.
fn is_safe(parts: &[u64], hidden: &[usize], next: Option<u64>) -> bool {
    let sum: u64 = hidden.iter().map(|place| count_at(parts, *place)).sum();
    let others = u64::try_from(hidden.len())
        .unwrap_or(u64::MAX)
        .saturating_sub(1);
    let most = next.map_or(u64::MAX, |next| next.saturating_sub(1));
    let least = sum.saturating_sub(others.saturating_mul(most));
    others >= 1 && least <= 1 && sum.saturating_sub(others).min(most) > SMALL
}
