//! A form with a file, read as it comes: the file is never held whole, and never lies unsealed on a disk.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use axum::RequestExt as _;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use multer::Multipart;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use super::form::from_elsewhere;
use super::page::CSRF_FIELD;
use super::visit::Visit;
use crate::state::App;

/// The field that holds the file; it is the form's last.
pub const FILE_FIELD: &str = "file";
/// The longest text of a field that is no file.
const LONGEST: usize = 10_000;

/// A form with a file that this visitor's own page sent.
pub struct Upload {
    parts: Multipart<'static>,
    csrf: String,
    elsewhere: bool,
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Upload")
    }
}

impl FromRequest<App> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &App) -> Result<Self, Failure> {
        let visit = request.extensions().get::<Arc<Visit>>().cloned();
        let visit = visit.ok_or_else(|| Failure::fault(&"no visitor was found"))?;
        let elsewhere = from_elsewhere(request.headers());
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        // A form without a file cannot be this page's own.
        if kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Failure::FormExpired);
        }
        let boundary = multer::parse_boundary(kind).map_err(|_| not_whole())?;
        let bytes = request.with_limited_body().into_body().into_data_stream();
        Ok(Self {
            parts: Multipart::new(bytes, boundary),
            csrf: visit.token.csrf(),
            elsewhere,
        })
    }
}

/// What a form with a file holds.
pub struct Uploaded<T> {
    /// Its other fields.
    pub form: T,
    /// The file's name, as the browser gives it; empty when no file was chosen.
    pub name: String,
    /// The file's bytes as they come.
    pub bytes: BoxStream<'static, io::Result<Bytes>>,
}

impl Upload {
    /// Reads the fields up to the file.
    ///
    /// # Errors
    /// [`Failure::FormExpired`] when it is not from this visitor's own page; [`Failure::Malformed`] when it is not of the
    /// shape that the page sends.
    pub async fn read<T: DeserializeOwned>(mut self) -> Result<Uploaded<T>, Failure> {
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        loop {
            let field = self.parts.next_field().await.map_err(|_| not_whole())?;
            let Some(mut field) = field else {
                return Err(not_whole());
            };
            let name = field.name().unwrap_or_default().to_owned();
            if name == FILE_FIELD {
                let own = fields.remove(CSRF_FIELD).as_deref() == Some(self.csrf.as_str());
                if self.elsewhere || !own {
                    return Err(Failure::FormExpired);
                }
                let object: serde_json::Map<String, serde_json::Value> = fields
                    .into_iter()
                    .map(|(name, value)| (name, value.into()))
                    .collect();
                let form = serde_json::from_value(object.into()).map_err(|_| not_whole())?;
                return Ok(Uploaded {
                    form,
                    name: field.file_name().unwrap_or_default().to_owned(),
                    bytes: stream::try_unfold(field, async |mut field| {
                        let chunk = field.chunk().await.map_err(io::Error::other)?;
                        Ok(chunk.map(|chunk| (chunk, field)))
                    })
                    .try_filter(|chunk| std::future::ready(!chunk.is_empty()))
                    .boxed(),
                });
            }
            let mut text = Vec::new();
            while let Some(chunk) = field.chunk().await.map_err(|_| not_whole())? {
                text.extend_from_slice(&chunk);
                if text.len() > LONGEST {
                    return Err(Failure::TooLarge);
                }
            }
            let text = String::from_utf8(text).map_err(|_| not_whole())?;
            fields.insert(name, text);
        }
    }
}

fn not_whole() -> Failure {
    Failure::Malformed("The form was not of the shape this page sends, or broke off.".to_owned())
}
