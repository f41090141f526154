//! Records of elements within elements, and the paths to what stands in them.
//!
//! A path is names between strokes, `CINdetails/Assessments`. A name may pick by what stands within:
//! `identifier[system=https://fhir.nhs.uk/Id/nhs-number]/value`. A star stands for any way down: `*/DATE_INT`.

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;

use crate::profile::{Kind, Meaning, Table};

/// One element with what stands in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
    /// Whether there was text beside elements.
    pub(crate) stray: bool,
}

/// What stands for any way down.
const ANY: &str = "*";

impl Node {
    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.children.is_empty()
    }
}

/// One name of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    name: String,
    /// What one of its children must say.
    pick: Option<(Vec<String>, String)>,
}

/// The way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(Vec<Step>);

impl Path {
    pub(crate) fn parse(text: &str) -> Self {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            // A stroke within brackets belongs to what is picked by.
            let end = end_of_step(rest);
            let (step, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            rest = after.strip_prefix('/').unwrap_or(after);
            let step = match step.split_once('[') {
                Some((name, pick)) => Step {
                    name: name.to_owned(),
                    pick: pick
                        .trim_end_matches(']')
                        .split_once('=')
                        .map(|(way, says)| {
                            (way.split('/').map(str::to_owned).collect(), says.to_owned())
                        }),
                },
                None => Step {
                    name: step.to_owned(),
                    pick: None,
                },
            };
            steps.push(step);
        }
        Self(steps)
    }
}

impl Path {
    /// Whether an element is what its first name stands for.
    pub(super) fn is_step_of(&self, node: &Node) -> bool {
        self.0.first().is_some_and(|step| step.fits(node))
    }
}

fn end_of_step(text: &str) -> usize {
    let mut depth = 0_usize;
    for (place, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => return place,
            _ => {}
        }
    }
    text.len()
}

impl Step {
    /// Whether it stands for any way down.
    fn is_any(&self) -> bool {
        self.name == ANY
    }

    fn fits(&self, node: &Node) -> bool {
        node.name == self.name
            && self.pick.as_ref().is_none_or(|(way, says)| {
                let mut here = vec![node];
                for name in way {
                    here = here
                        .into_iter()
                        .flat_map(|one| &one.children)
                        .filter(|child| child.name == *name)
                        .collect();
                }
                here.iter().any(|found| found.text == *says)
            })
    }
}

/// What becomes of several values at the end of one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Several {
    /// Those that stand side by side are one text, with this between them.
    Joined(&'static str),
    /// Every one counts, wherever it stands: one restriction among several labels protects.
    All,
}

/// What stands for a label without a code: no list knows it.
const WITHOUT_CODE: &str = "?";

/// Rows of one table within a record.
pub(crate) struct Rows {
    /// The way to the rows; empty where the record is the row.
    at: Path,
    /// The way to each column's value, from the record, and which of several values count.
    columns: Vec<(Path, Several)>,
}

impl Rows {
    pub(crate) fn of(table: &Table) -> Self {
        Self {
            at: Path::parse(table.at.as_deref().unwrap_or_default()),
            columns: table
                .columns
                .iter()
                .map(|column| {
                    let between = match (column.means, column.kind) {
                        (Some(Meaning::Confidentiality), _) => Several::All,
                        (_, Kind::Address) => Several::Joined("\n"),
                        _ => Several::Joined(" "),
                    };
                    (
                        Path::parse(column.path.as_deref().unwrap_or_default()),
                        between,
                    )
                })
                .collect(),
        }
    }

    /// Whether the record itself is the row.
    pub(crate) fn is_record(&self) -> bool {
        self.at.0.is_empty()
    }

    /// Whether there is any row in `record`.
    pub(crate) fn any(&self, record: &Node) -> bool {
        let mut any = false;
        self.each(record, &mut |_| any = true);
        any
    }

    /// Hands on each row of `record`: a value for each column.
    pub(crate) fn each(&self, record: &Node, take: &mut dyn FnMut(&StringRecord)) {
        let mut row = StringRecord::new();
        self.under(&self.at.0, &mut vec![record], &mut row, take);
    }

    fn under<'n>(
        &self,
        steps: &[Step],
        chain: &mut Vec<&'n Node>,
        row: &mut StringRecord,
        take: &mut dyn FnMut(&StringRecord),
    ) {
        let Some(here) = chain.last().copied() else {
            return;
        };
        let Some((step, rest)) = steps.split_first() else {
            row.clear();
            for (path, between) in &self.columns {
                let found = match between {
                    Several::Joined(between) => value(chain, path, between),
                    Several::All => Some(every(chain, path)),
                };
                row.push_field(&found.unwrap_or_default());
            }
            take(row);
            return;
        };
        if step.is_any() {
            self.under(rest, chain, row, take);
        }
        // What is empty where any way leads to it says that there is no such row.
        let is_row = |child: &&Node| match rest {
            _ if step.is_any() => !child.children.is_empty(),
            [] => step.fits(child) && !(chain_is_any(&self.at) && child.is_empty()),
            _ => step.fits(child),
        };
        for child in here.children.iter().filter(is_row) {
            chain.push(child);
            let next = if step.is_any() { steps } else { rest };
            self.under(next, chain, row, take);
            chain.pop();
        }
    }
}

fn chain_is_any(path: &Path) -> bool {
    path.0.first().is_some_and(Step::is_any)
}

/// The value at the end of a path: along the row's own ancestors as far as they go, then the first that fits. Texts
/// of several that stand side by side at its end, as the lines of an address, are one value.
fn value(chain: &[&Node], path: &Path, between: &str) -> Option<String> {
    let mut here = *chain.first()?;
    let mut steps = path.0.as_slice();
    for own in chain.iter().skip(1) {
        match steps {
            [step, rest @ ..] if step.name == own.name && step.pick.is_none() => {
                here = own;
                steps = rest;
            }
            _ => break,
        }
    }
    let Some(last) = steps.last() else {
        return Some(here.text.clone());
    };
    let here = holder(here, steps)?;
    let texts = here
        .children
        .iter()
        .filter(|child| last.fits(child))
        .map(|child| child.text.as_str());
    let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
    (!texts.is_empty()).then(|| texts.join(between))
}

/// The element in which the last of `steps` stands, from `here` on.
fn holder<'n>(here: &'n Node, steps: &[Step]) -> Option<&'n Node> {
    match steps {
        [] => None,
        [_] => Some(here),
        [any, rest @ ..] if any.is_any() => {
            let found = holder(here, rest);
            let holds = |one: &&Node| {
                rest.last()
                    .is_some_and(|last| one.children.iter().any(|child| last.fits(child)))
            };
            let mut below = here.children.iter();
            found
                .filter(holds)
                .or_else(|| below.find_map(|child| holder(child, steps).filter(holds)))
        }
        [step, rest @ ..] => {
            let next = here.children.iter().find(|child| step.fits(child))?;
            holder(next, rest)
        }
    }
}

/// Every text at the ends of a path, along each branch that fits. A branch that breaks off before its end has one too.
fn every(chain: &[&Node], path: &Path) -> String {
    let mut here: Vec<&Node> = chain.first().copied().into_iter().collect();
    let mut steps = path.0.as_slice();
    let mut is_label = false;
    while let Some((step, rest)) = steps.split_first() {
        let mut next = Vec::new();
        for node in &here {
            if step.is_any() {
                below(node, &mut next);
                continue;
            }
            let before = next.len();
            next.extend(node.children.iter().filter(|child| step.fits(child)));
            let breaks_off = rest.is_empty() && is_label && next.len() == before;
            if breaks_off && !node.is_empty() {
                return WITHOUT_CODE.to_owned();
            }
        }
        is_label = !step.is_any();
        here = next;
        steps = rest;
    }
    let texts = here.iter().map(|node| node.text.as_str());
    let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
    texts.join(" ")
}

/// An element and all within it.
fn below<'n>(node: &'n Node, into: &mut Vec<&'n Node>) {
    into.push(node);
    for child in &node.children {
        below(child, into);
    }
}

/// Every path of a record that ends in text, with how often.
pub(crate) fn leaves(record: &Node) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    let mut path = String::new();
    walk(record, &mut path, &mut all);
    all
}

fn walk(node: &Node, path: &mut String, all: &mut BTreeMap<String, usize>) {
    for child in &node.children {
        let length = path.len();
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(&child.name);
        if child.children.is_empty() {
            if !child.text.is_empty() {
                *all.entry(path.clone()).or_default() += 1;
            }
        } else {
            walk(child, path, all);
        }
        path.truncate(length);
    }
}

/// The paths of columns, without what picks.
pub(crate) fn plain(path: &str) -> String {
    let steps = Path::parse(path).0;
    let names: Vec<String> = steps.into_iter().map(|step| step.name).collect();
    names.join("/")
}

/// The paths that are known.
#[derive(Debug, Default)]
pub(crate) struct Known {
    paths: BTreeSet<String>,
    /// Names that are known whatever way leads to them.
    anywhere: BTreeSet<String>,
}

impl Known {
    /// Those of a table: of its columns, and what its rows are picked by.
    pub(crate) fn of(tables: &[Table]) -> Self {
        let mut known = Self::default();
        tables.iter().for_each(|table| known.add(table));
        known
    }

    /// Adds those of a table.
    pub(crate) fn add(&mut self, table: &Table) {
        let columns = table.columns.iter();
        for path in columns.filter_map(|column| column.path.as_deref()) {
            let path = plain(path);
            match path.strip_prefix("*/") {
                Some(name) => self.anywhere.insert(name.to_owned()),
                None => self.paths.insert(path),
            };
        }
        let at = Path::parse(table.at.as_deref().unwrap_or_default());
        let mut way = String::new();
        for step in &at.0 {
            if !way.is_empty() {
                way.push('/');
            }
            way.push_str(&step.name);
            if let Some((pick, _)) = &step.pick {
                self.paths.insert(format!("{way}/{}", pick.join("/")));
            }
        }
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.paths.contains(path) || self.anywhere.contains(name)
    }
}

/// Whether any element of a record has text beside elements.
pub(crate) fn has_stray_text(node: &Node) -> bool {
    node.stray || node.children.iter().any(has_stray_text)
}
