//! FHIR R4 JSON: a resource, a bundle of them or a list, or any of these one after the other (a resource a line), read one
//! resource at a time.

use std::fmt;
use std::io::{self, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::bounded::{Bounded, Since, is_too_long};
use super::tree::Node;
use super::xml::Goes;
use crate::problem::Problem;

/// The most bytes of one resource.
const MOST: usize = 1 << 20;

/// Hands on every resource: what is in a bundle's entries, in a list, or the file itself.
///
/// # Errors
/// What is wrong with the file.
pub(crate) fn each(from: impl Read, take: &mut dyn FnMut(Node) -> Goes) -> Result<(), Problem> {
    let (bounded, since) = Bounded::new(from, MOST);
    let mut reader = serde_json::Deserializer::from_reader(io::BufReader::new(bounded));
    let mut handing = Handing {
        since,
        take,
        enough: false,
    };
    loop {
        let done = Anything(&mut handing).deserialize(&mut reader);
        match done {
            Ok(()) => handing.since.begin(),
            Err(_) if handing.enough => return Ok(()),
            Err(error) => return Err(problem(error)),
        }
        match reader.end() {
            Ok(()) => return Ok(()),
            // Another follows.
            Err(error) if error.is_syntax() => {}
            Err(error) => return Err(problem(error)),
        }
    }
}

fn problem(error: serde_json::Error) -> Problem {
    if error.to_string().starts_with("recursion limit") {
        return Problem::TooDeep;
    }
    let error = io::Error::from(error);
    let too_long = is_too_long(&error) || error.to_string().contains("a record beyond the bound");
    if too_long {
        Problem::RecordTooLong
    } else {
        Problem::DamagedJson
    }
}

struct Handing<'a> {
    since: Since,
    take: &'a mut dyn FnMut(Node) -> Goes,
    enough: bool,
}

impl Handing<'_> {
    fn hand(&mut self, resource: Value) -> Result<(), &'static str> {
        self.since.begin();
        let mut node = Node::default();
        fill(&mut node, resource);
        if matches!((self.take)(node), Goes::Enough) {
            self.enough = true;
            return Err("enough");
        }
        Ok(())
    }
}

/// The whole file: a resource, a bundle or a list.
struct Anything<'a, 'h>(&'a mut Handing<'h>);

impl<'de> DeserializeSeed<'de> for Anything<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Anything<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a resource, a bundle or a list of resources")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(resource) = list.next_element::<Value>()? {
            self.0.hand(resource).map_err(serde::de::Error::custom)?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut rest = serde_json::Map::new();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "entry" => map.next_value_seed(Entries(self.0))?,
                _ => {
                    let value = map.next_value::<Value>()?;
                    rest.insert(name, value);
                }
            }
        }
        let is_bundle = rest
            .get("resourceType")
            .is_some_and(|kind| kind == "Bundle");
        if is_bundle {
            return Ok(());
        }
        self.0
            .hand(Value::Object(rest))
            .map_err(serde::de::Error::custom)
    }
}

/// The entries of a bundle.
struct Entries<'a, 'h>(&'a mut Handing<'h>);

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(mut entry) = list.next_element::<Value>()? {
            let resource = entry.get_mut("resource").map(Value::take);
            if let Some(resource) = resource {
                self.0.hand(resource).map_err(serde::de::Error::custom)?;
            } else {
                self.0.since.begin();
            }
        }
        // What else an entry may be is nothing that is read here.
        let _rest: Option<IgnoredAny> = list.next_element()?;
        Ok(())
    }
}

/// Puts a value into a node: each of a list's values under the list's own name.
fn fill(node: &mut Node, value: Value) {
    match value {
        Value::Null => {}
        Value::Bool(flag) => node.text = flag.to_string(),
        Value::Number(number) => node.text = number.to_string(),
        Value::String(text) => node.text = text,
        Value::Array(values) => {
            // A list within a list has no name of its own.
            for value in values {
                let mut child = Node::default();
                fill(&mut child, value);
                node.children.push(child);
            }
        }
        Value::Object(values) => {
            for (name, value) in values {
                let several = match value {
                    Value::Array(values) => values,
                    one => vec![one],
                };
                for value in several {
                    let mut child = Node {
                        name: name.clone(),
                        ..Node::default()
                    };
                    fill(&mut child, value);
                    node.children.push(child);
                }
            }
        }
    }
}
