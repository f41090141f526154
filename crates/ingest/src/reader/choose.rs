//! Of several elements the one that is read: the one that has not ended, and whose use comes first.

use std::cmp::Reverse;

use clearpicture_kernel::Date;

use super::tree::{Node, Path};
use crate::problem::Problem;
use crate::profile::Choose;

/// The use of what was so once.
const OLD: &str = "old";

/// Leaves in `record` of the elements that `rule` speaks of the one that is read; what there is to say about that.
pub(crate) fn choose(record: &mut Node, rule: &Choose, today: Option<Date>) -> Option<Problem> {
    let of = Path::parse(&rule.of);
    let ranked: Vec<(usize, Option<Rank>)> = record
        .children
        .iter()
        .enumerate()
        .filter(|(_, child)| of.is_step_of(child))
        .map(|(place, child)| (place, rank(child, rule, today)))
        .collect();
    if ranked.is_empty() {
        return None;
    }
    let best = ranked.iter().filter_map(|(_, rank)| rank.as_ref()).min();
    let mut equals = ranked
        .iter()
        .filter(|(_, rank)| rank.is_some() && rank.as_ref() == best)
        .filter_map(|(place, _)| record.children.get(*place));
    let first = equals.next().cloned();
    let differ = first
        .as_ref()
        .is_some_and(|first| equals.any(|other| !says_the_same(first, other)));
    let problem = match best {
        _ if !rule.one => None,
        None => Some(Problem::MissingValue),
        Some(_) if differ => Some(Problem::SeveralValues),
        Some(best) => best.is_over.then_some(Problem::EndedValue),
    };
    record.children.retain(|child| !of.is_step_of(child));
    record.children.extend(first);
    problem
}

/// How good an element is, the best least.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// Whether it was so once, or is not so yet: the last resort, since what was so last is more than nothing.
    is_over: bool,
    /// Where its use stands among those that are read.
    place: usize,
    /// Of those that are over, when they ended: the latest comes first.
    ended: Reverse<String>,
}

/// How good an element is; `None` for one whose use is not read.
fn rank(element: &Node, rule: &Choose, today: Option<Date>) -> Option<Rank> {
    let text = |way: &[&str]| {
        let mut here = element;
        for name in way {
            here = here.children.iter().find(|child| child.name == *name)?;
        }
        Some(here.text.as_str()).filter(|text| !text.is_empty())
    };
    let end = text(&["period", "end"]).filter(|end| is_before(end, today));
    let is_to_come = text(&["period", "start"])
        .zip(today)
        .is_some_and(|(start, today)| is_after(start, today));
    let own = text(&["use"]).unwrap_or_default();
    let place = match rule.prefer.as_slice() {
        [] => Some(0),
        prefer => prefer.iter().position(|one| one == own),
    };
    Some(Rank {
        is_over: end.is_some() || is_to_come || own == OLD,
        place: place?,
        ended: Reverse(end.unwrap_or_default().to_owned()),
    })
}

/// Whether two elements say the same, but for how they are used and since when.
fn says_the_same(one: &Node, other: &Node) -> bool {
    let says = |node: &Node| -> Vec<Node> {
        let children = node.children.iter();
        let own = children.filter(|child| !matches!(child.name.as_str(), "id" | "use" | "period"));
        own.cloned().collect()
    };
    one.text == other.text && says(one) == says(other)
}

/// Whether a day, or as much of one as is told, lies before today. Without a today, what has an end has ended.
fn is_before(text: &str, today: Option<Date>) -> bool {
    today.is_none_or(|today| {
        let today = today.to_string();
        let told = text.get(..today.len()).unwrap_or(text);
        today.get(..told.len()).is_some_and(|today| told < today)
    })
}

fn is_after(text: &str, today: Date) -> bool {
    let today = today.to_string();
    let told = text.get(..today.len()).unwrap_or(text);
    today.get(..told.len()).is_some_and(|today| told > today)
}
