//! XML: records of elements, read one at a time. A document type is refused, so no entity is ever expanded.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::bounded::{Bounded, Since, is_too_long};
use super::tree::Node;
use crate::problem::Problem;

/// The most bytes of one record.
const MOST: usize = 4 << 20;
/// The most elements within elements.
const DEEPEST: usize = 64;
/// The most texts outside records that are kept, and the most characters of each.
const MOST_SAID: usize = 200;

/// What comes of reading on.
pub(crate) enum Goes {
    On,
    /// Whoever takes the records wants no more.
    Enough,
}

/// What stands outside records, by its path; what records stand within is among it, whether or not it says anything.
pub(crate) type Said = BTreeMap<String, String>;

/// Hands on every element whose path is one of `records`, with its path and what stood outside records so far.
///
/// # Errors
/// What is wrong with the file; [`None`] in place of a problem when the file itself cannot be read on.
pub(crate) fn each(
    from: impl Read,
    records: &[String],
    take: &mut dyn FnMut(&str, Node, &Said) -> Goes,
) -> Result<Said, Problem> {
    let (bounded, since) = Bounded::new(from, MOST);
    let mut reading = Reading {
        reader: Reader::from_reader(BufReader::new(bounded)),
        since,
        path: Vec::new(),
        said: BTreeMap::new(),
    };
    reading.document(records, take)?;
    Ok(reading.said)
}

struct Reading<R> {
    reader: Reader<R>,
    since: Since,
    path: Vec<String>,
    said: Said,
}

impl<R: BufRead> Reading<R> {
    fn document(
        &mut self,
        records: &[String],
        take: &mut dyn FnMut(&str, Node, &Said) -> Goes,
    ) -> Result<(), Problem> {
        let mut text = String::new();
        let mut buffer = Vec::new();
        let mut any = false;
        let holders: Vec<&str> = records
            .iter()
            .filter_map(|record| Some(record.rsplit_once('/')?.0))
            .collect();
        loop {
            buffer.clear();
            let event = self
                .reader
                .read_event_into(&mut buffer)
                .map_err(|error| problem(&error))?;
            match event {
                Event::Start(start) => {
                    any = true;
                    text.clear();
                    self.path.push(name(&start));
                    let here = self.path.join("/");
                    if holders.contains(&here.as_str()) {
                        self.said.entry(here.clone()).or_default();
                    }
                    if records.contains(&here) {
                        self.since.begin();
                        let node = self.record()?;
                        self.path.pop();
                        self.since.begin();
                        if matches!(take(&here, node, &self.said), Goes::Enough) {
                            return Ok(());
                        }
                    } else if self.path.len() > DEEPEST {
                        return Err(Problem::TooDeep);
                    }
                }
                Event::Empty(start) => {
                    any = true;
                    self.path.push(name(&start));
                    let here = self.path.join("/");
                    if holders.contains(&here.as_str()) {
                        self.said.entry(here.clone()).or_default();
                    }
                    let node = Node {
                        name: self.path.pop().unwrap_or_default(),
                        ..Node::default()
                    };
                    if records.contains(&here)
                        && matches!(take(&here, node, &self.said), Goes::Enough)
                    {
                        return Ok(());
                    }
                }
                Event::End(_) => {
                    if !text.trim().is_empty() && self.said.len() < MOST_SAID {
                        let short: String = text.trim().chars().take(MOST_SAID).collect();
                        self.said.insert(self.path.join("/"), short);
                    }
                    text.clear();
                    self.path.pop();
                }
                Event::Text(part) => {
                    if text.len() < MOST_SAID {
                        text.push_str(&part.xml10_content());
                    }
                }
                Event::DocType(_) => return Err(Problem::DocumentType),
                Event::Eof if self.path.is_empty() && any => return Ok(()),
                Event::Eof => return Err(Problem::DamagedXml),
                Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::GeneralRef(_) => {}
            }
        }
    }

    /// The element that was just opened, to its end.
    fn record(&mut self) -> Result<Node, Problem> {
        let mut open = vec![Node {
            name: self.path.last().cloned().unwrap_or_default(),
            ..Node::default()
        }];
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let event = self
                .reader
                .read_event_into(&mut buffer)
                .map_err(|error| problem(&error))?;
            let Some(here) = open.last_mut() else {
                return Err(Problem::DamagedXml);
            };
            match event {
                Event::Start(start) => {
                    if open.len() + self.path.len() > DEEPEST {
                        return Err(Problem::TooDeep);
                    }
                    open.push(Node {
                        name: name(&start),
                        ..Node::default()
                    });
                }
                Event::Empty(start) => here.children.push(Node {
                    name: name(&start),
                    ..Node::default()
                }),
                Event::Text(part) => here.text.push_str(&part.xml10_content()),
                Event::CData(part) => here.text.push_str(&part),
                Event::GeneralRef(entity) => match resolved(&entity) {
                    Some(c) => here.text.push(c),
                    None => return Err(Problem::DocumentType),
                },
                Event::End(_) => {
                    let mut done = open.pop().unwrap_or_default();
                    done.text = done.text.trim().to_owned();
                    done.stray = !done.text.is_empty() && !done.children.is_empty();
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => return Ok(done),
                    }
                }
                Event::DocType(_) => return Err(Problem::DocumentType),
                Event::Eof => return Err(Problem::DamagedXml),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }
}

/// The element's name without its prefix.
fn name(start: &BytesStart<'_>) -> String {
    start.local_name().as_ref().to_owned()
}

/// A character reference, or one of the five that XML itself has.
pub(super) fn resolved(entity: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Ok(Some(c)) = entity.resolve_char_ref() {
        return Some(c);
    }
    match &**entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

fn problem(error: &quick_xml::Error) -> Problem {
    match error {
        quick_xml::Error::Io(error) if is_too_long(error) => Problem::RecordTooLong,
        _ => Problem::DamagedXml,
    }
}
