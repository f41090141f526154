//! Forms as they arrive: from this visitor, of this shape, or refused; and what is wrong with them, field by field.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Deserializer, Serialize};

use super::ctx::Answer;
use super::failure::Failure;
use super::fields::Fields;
use super::page::CSRF_FIELD;
use super::visit::Visit;
use crate::state::App;

/// The fields of a form that this visitor's own page sent.
///
/// Tick boxes are a list, under a name that ends in `[]`. A name that `T` does not know, or one that comes twice, refuses
/// the form ([`super::fields`]).
#[derive(Debug)]
pub struct Posted<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Posted<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let visit = request.extensions().get::<Arc<Visit>>().cloned();
        let visit = visit.ok_or_else(|| Failure::fault(&"no visitor was found"))?;
        let elsewhere = from_elsewhere(request.headers());
        let form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| {
                kind.as_bytes()
                    .starts_with(b"application/x-www-form-urlencoded")
            });
        if !form {
            return Err(Failure::Malformed("A form was expected.".to_owned()));
        }
        let body = Bytes::from_request(request, app)
            .await
            .map_err(|_| Failure::TooLarge)?;
        let fields = Fields::read(&body);
        if elsewhere || fields.first(CSRF_FIELD) != Some(visit.token.csrf().as_str()) {
            return Err(Failure::FormExpired);
        }
        fields.into_typed().map(Self)
    }
}

/// What an API call carries as JSON.
#[derive(Debug)]
pub struct Received<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Received<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let body = Bytes::from_request(request, app)
            .await
            .map_err(|_| Failure::TooLarge)?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| Failure::Malformed(format!("The body does not fit: {error}.")))
    }
}

/// Whether the browser says that another site's page sent this.
pub(super) fn from_elsewhere(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| matches!(site.as_bytes(), b"cross-site" | b"same-site"))
}

/// Reads a hidden field that holds a number, such as the version a form was opened on:
/// `#[serde(deserialize_with = "number")]`.
///
/// # Errors
/// When the text is no number.
pub fn number<'de, D: Deserializer<'de>>(field: D) -> Result<u32, D::Error> {
    String::deserialize(field)?
        .parse()
        .map_err(serde::de::Error::custom)
}

/// A form's page under the status that tells machines it was not taken.
///
/// # Errors
/// As `page`.
pub fn not_taken(status: StatusCode, page: Answer) -> Answer {
    Ok((status, page?).into_response())
}

/// What is wrong with a form, by field, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Errors {
    /// The first thing wrong with each field.
    pub by_field: BTreeMap<String, String>,
    /// All of it in the order of the page, for the error summary.
    pub summary: Vec<ErrorLine>,
}

/// One line of an error summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorLine {
    /// What is wrong.
    pub text: String,
    /// The field it leads to.
    pub href: String,
}

impl Errors {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.summary.is_empty()
    }

    /// Notes what is wrong with a field: `Enter the feed's name`.
    pub fn add(&mut self, field: &str, text: impl Into<String>) {
        let text = text.into();
        self.summary.push(ErrorLine {
            text: text.clone(),
            href: format!("#{field}"),
        });
        self.by_field.entry(field.to_owned()).or_insert(text);
    }

    /// The value, or a note of what is wrong: `label` and the reason.
    pub fn take<T, E: std::fmt::Display>(
        &mut self,
        field: &str,
        label: &str,
        value: Result<T, E>,
    ) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(problem) => {
                self.add(field, format!("{label}: {problem}"));
                None
            }
        }
    }

    /// As [`Errors::take`], where nothing typed is no mistake.
    pub fn take_optional<T, E: std::fmt::Display>(
        &mut self,
        field: &str,
        label: &str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if text.trim().is_empty() {
            None
        } else {
            self.take(field, label, parse(text))
        }
    }
}

/// One choice of radios, tick boxes or a select, as the components take it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What is read.
    pub text: String,
    /// What follows from it, in small words beside it.
    pub hint: Option<Hint>,
    /// Whether radios and tick boxes show it chosen.
    pub checked: bool,
    /// Whether a select shows it chosen.
    pub selected: bool,
}

/// Small words beside a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hint {
    /// The words.
    pub text: String,
}

impl Choice {
    /// The choice `value`, shown chosen when it is `chosen`.
    pub fn new(value: impl Into<String>, text: impl Into<String>, chosen: &str) -> Self {
        let value = value.into();
        let is_chosen = value == chosen;
        Self {
            value,
            text: text.into(),
            hint: None,
            checked: is_chosen,
            selected: is_chosen,
        }
    }

    /// The same choice with its consequence beside it.
    #[must_use]
    pub fn hinted(self, text: impl Into<String>) -> Self {
        Self {
            hint: Some(Hint { text: text.into() }),
            ..self
        }
    }
}
