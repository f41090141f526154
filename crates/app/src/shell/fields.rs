//! The fields of a form, held to the type that reads them.
//!
//! A form's type says by its own fields which names it reads; nobody lists them again. A name that it does not know, or
//! one that comes twice, refuses the form: what somebody typed is used as they typed it, or shown to them again, and
//! never left out in silence. A route says by its handler's type which form it reads, so that a test can hold the
//! controls of every page to it.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::failure::{Failure, Typed};
use super::form::{Posted, Received};
use super::page::CSRF_FIELD;
use super::upload::{FILE_FIELD, Upload};

/// Fields whose text is never shown again, not even to whoever typed it.
pub const SECRET: [&str; 3] = ["password", "password_again", "current"];
/// The most names of unknown fields that a refusal quotes, and the most letters of each.
const QUOTED: (usize, usize) = (5, 40);

/// The names that a form's type reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormSpec {
    /// The names, without the `[]` of those that may come several times.
    pub fields: &'static [&'static str],
    /// Whether a file comes with them.
    pub takes_file: bool,
}

impl FormSpec {
    /// What `T` reads; `None` when it does not say, as a type that flattens another into itself.
    pub fn of<T: DeserializeOwned>() -> Option<Self> {
        match T::deserialize(AskedForFields) {
            Err(NoValue(Some(fields))) => Some(Self {
                fields,
                takes_file: false,
            }),
            _ => None,
        }
    }

    /// Whether a control of this name is read: `roles[]` by the field `roles`.
    pub fn knows(&self, control: &str) -> bool {
        let plain = control.strip_suffix("[]").unwrap_or(control);
        control == CSRF_FIELD
            || self.fields.contains(&plain)
            || (self.takes_file && control == FILE_FIELD)
    }
}

/// What a handler's last argument reads of the body of a request.
pub trait ReadsBody {
    /// The form; `None` of what is no form of a page.
    fn form() -> Option<FormSpec>;
}

impl<T: DeserializeOwned> ReadsBody for Posted<T> {
    fn form() -> Option<FormSpec> {
        FormSpec::of::<T>()
    }
}

impl<T: DeserializeOwned> ReadsBody for Upload<T> {
    fn form() -> Option<FormSpec> {
        let spec = FormSpec::of::<T>()?;
        Some(FormSpec {
            takes_file: true,
            ..spec
        })
    }
}

impl<T> ReadsBody for Received<T> {
    fn form() -> Option<FormSpec> {
        None
    }
}

impl ReadsBody for Body {
    fn form() -> Option<FormSpec> {
        None
    }
}

/// The arguments of a handler that changes something: what it reads is told by the last of them.
pub trait Handles {
    /// The form that it reads.
    fn form() -> Option<FormSpec>;
}

macro_rules! handles {
    ($($before:ident),*) => {
        impl<M, $($before,)* Last: ReadsBody> Handles for (M, $($before,)* Last,) {
            fn form() -> Option<FormSpec> {
                Last::form()
            }
        }
    };
}

handles!();
handles!(A);
handles!(A, B);
handles!(A, B, C);

/// A form's fields by name, as they came.
pub(super) struct Fields(BTreeMap<String, Vec<String>>);

impl Fields {
    pub(super) fn read(body: &[u8]) -> Self {
        let mut fields = Self(BTreeMap::new());
        for (name, value) in url::form_urlencoded::parse(body) {
            fields.add(name.into_owned(), value.into_owned());
        }
        fields
    }

    pub(super) const fn none() -> Self {
        Self(BTreeMap::new())
    }

    pub(super) fn add(&mut self, name: String, value: String) {
        self.0.entry(name).or_default().push(value);
    }

    pub(super) fn first(&self, name: &str) -> Option<&str> {
        let values = self.0.get(name)?;
        values.first().map(String::as_str)
    }

    /// The form. A field whose name ends in `[]` is a list, whatever number of them came.
    ///
    /// # Errors
    /// [`Failure::Unread`] when a name is unknown or comes twice, or something is missing; it keeps what was typed.
    pub(super) fn into_typed<T: DeserializeOwned>(mut self) -> Result<T, Failure> {
        let spec = FormSpec::of::<T>()
            .ok_or_else(|| Failure::fault(&"a form's type does not say what it reads"))?;
        self.0.remove(CSRF_FIELD);
        if let Some(problem) = self.problem(&spec) {
            return Err(self.unread(problem));
        }
        let object: serde_json::Map<String, serde_json::Value> = self
            .0
            .iter()
            .map(|(name, values)| match name.strip_suffix("[]") {
                Some(plain) => (plain.to_owned(), values.clone().into()),
                None => (
                    name.clone(),
                    values.first().cloned().unwrap_or_default().into(),
                ),
            })
            .collect();
        serde_json::from_value(object.into()).map_err(|_| self.unread(not_whole()))
    }

    /// What is wrong with the names themselves.
    fn problem(&self, spec: &FormSpec) -> Option<String> {
        let unknown: Vec<&String> = self.0.keys().filter(|name| !spec.knows(name)).collect();
        if !unknown.is_empty() {
            let quoted: Vec<String> = unknown
                .iter()
                .take(QUOTED.0)
                .map(|name| format!("`{}`", name.chars().take(QUOTED.1).collect::<String>()))
                .collect();
            return Some(format!(
                "It held what nothing here reads ({}), so nothing of it was used.",
                quoted.join(", ")
            ));
        }
        let mut once = BTreeSet::new();
        let twice = self.0.iter().find(|(name, values)| {
            let plain = name.strip_suffix("[]");
            !once.insert(plain.unwrap_or(name)) || (plain.is_none() && values.len() > 1)
        });
        twice.map(|(name, _)| format!("It held `{name}` twice, so nothing of it was used."))
    }

    fn unread(self, problem: String) -> Failure {
        let typed = self.0.into_iter().flat_map(|(name, values)| {
            let name = name.trim_end_matches("[]").to_owned();
            let shown = !SECRET.contains(&name.as_str());
            values
                .into_iter()
                .filter(move |value| shown && !value.trim().is_empty())
                .map(move |value| Typed {
                    name: name.replace(['_', '-'], " "),
                    value,
                })
        });
        Failure::Unread {
            problem,
            typed: typed.collect(),
        }
    }
}

/// What is said of a form that broke off or does not fit.
pub(super) fn not_whole() -> String {
    "The form was not of the shape this page sends, or broke off.".to_owned()
}

/// Holds no value: a type that asks it for one tells what it is made of.
struct AskedForFields;

/// That there is no value, and the fields of the type that asked for one.
#[derive(Debug, thiserror::Error)]
#[error("there is no value")]
struct NoValue(Option<&'static [&'static str]>);

impl serde::de::Error for NoValue {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self(None)
    }
}

impl<'de> Deserializer<'de> for AskedForFields {
    type Error = NoValue;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, NoValue> {
        Err(NoValue(None))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, NoValue> {
        Err(NoValue(Some(fields)))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Example {
        name: String,
        #[serde(default)]
        role: Vec<String>,
        #[serde(default)]
        password: String,
    }

    #[derive(Debug, Deserialize)]
    struct Flat {
        #[serde(flatten)]
        _inner: Example,
    }

    fn read(body: &str) -> Result<Example, Failure> {
        Fields::read(body.as_bytes()).into_typed()
    }

    #[test]
    fn tick_boxes_are_lists_and_the_rest_is_text() {
        let fields = Fields::read(b"name=A%20B&role%5B%5D=x&role%5B%5D=y&csrf_token=t");
        assert_eq!(fields.first(CSRF_FIELD), Some("t"));
        assert_eq!(
            fields.into_typed::<Example>(),
            Ok(Example {
                name: "A B".to_owned(),
                role: vec!["x".to_owned(), "y".to_owned()],
                password: String::new(),
            })
        );
        assert!(read("role%5B%5D=x").is_err(), "the name is missing");
    }

    #[test]
    fn what_is_unknown_or_twice_refuses_all_of_it_and_shows_what_was_typed() {
        for (body, says) in [
            ("name=A&take-day=1", "`take-day`"),
            ("name=A&name=B", "`name` twice"),
            ("name=A&role=x&role%5B%5D=y", "twice"),
            ("name=A&role=x", "shape"),
            ("name=A&fi%3Cle=1", "`fi<le`"),
            ("name=A&file=1", "`file`"),
        ] {
            let Err(Failure::Unread { problem, typed }) = read(body) else {
                panic!("{body} is taken");
            };
            assert!(problem.contains(says), "{body}: {problem}");
            assert!(typed.iter().any(|typed| typed.value == "A"), "{body}");
        }
        let Err(Failure::Unread { typed, .. }) = read("nam=A&password=secret+words") else {
            panic!("it is taken");
        };
        let shown: Vec<&str> = typed.iter().map(|typed| typed.value.as_str()).collect();
        assert_eq!(shown, ["A"], "no secret is shown again");
    }

    #[test]
    fn a_type_that_does_not_say_its_fields_is_no_form() {
        assert_eq!(
            FormSpec::of::<Example>().map(|spec| spec.fields),
            Some(["name", "role", "password"].as_slice())
        );
        assert_eq!(FormSpec::of::<Flat>(), None);
    }
}
