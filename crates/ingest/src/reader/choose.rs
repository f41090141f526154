//! Of several elements the one that is read: the one that has not ended, and whose use comes first.

use clearpicture_kernel::Date;

use super::tree::{Node, Path};
use crate::problem::Problem;
use crate::profile::Choose;

/// Leaves in `record` of the elements that `rule` speaks of the one that is read; what there is to say about that.
pub(crate) fn choose(record: &mut Node, rule: &Choose, today: Option<Date>) -> Option<Problem> {
    let of = Path::parse(&rule.of);
    let ranked: Vec<(usize, Option<usize>)> = record
        .children
        .iter()
        .enumerate()
        .filter(|(_, child)| of.is_step_of(child))
        .map(|(place, child)| (place, rank(child, rule, today)))
        .collect();
    if ranked.is_empty() {
        return None;
    }
    let best = ranked.iter().filter_map(|(_, rank)| *rank).min();
    let mut equals = ranked
        .iter()
        .filter(|(_, rank)| rank.is_some() && *rank == best)
        .filter_map(|(place, _)| record.children.get(*place));
    let first = equals.next().cloned();
    let differ = first
        .as_ref()
        .is_some_and(|first| equals.any(|other| !says_the_same(first, other)));
    let problem = match &first {
        None => rule.one.then_some(Problem::MissingValue),
        Some(_) => (rule.one && differ).then_some(Problem::SeveralValues),
    };
    record.children.retain(|child| !of.is_step_of(child));
    record.children.extend(first);
    problem
}

/// How good an element is, the best nought; `None` for one that is not read.
fn rank(element: &Node, rule: &Choose, today: Option<Date>) -> Option<usize> {
    let text = |way: &[&str]| {
        let mut here = element;
        for name in way {
            here = here.children.iter().find(|child| child.name == *name)?;
        }
        Some(here.text.as_str()).filter(|text| !text.is_empty())
    };
    let is_over = text(&["period", "end"]).is_some_and(|end| is_before(end, today));
    let is_to_come = text(&["period", "start"])
        .zip(today)
        .is_some_and(|(start, today)| is_after(start, today));
    if is_over || is_to_come {
        return None;
    }
    if rule.prefer.is_empty() {
        return Some(0);
    }
    let own = text(&["use"]).unwrap_or_default();
    rule.prefer.iter().position(|one| one == own)
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
