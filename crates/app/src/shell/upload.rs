//! A form with a file, read as it comes: the file is never held whole, and never lies unsealed on a disk.
//!
//! The token comes first and is looked at before anything else is held; then the fields that the form's type knows, each
//! once; then the file, which is the last. What comes before the file is bounded as a whole.

use std::io;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::RequestExt as _;
use axum::body::{BodyDataStream, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _, TryStreamExt as _};
use multer::{Field, Multipart};
use serde::de::DeserializeOwned;

use super::failure::Failure;
use super::fields::{Fields, FormSpec, not_whole};
use super::form::from_elsewhere;
use super::page::CSRF_FIELD;
use super::visit::Visit;
use crate::state::App;

/// The field that holds the file; it is the form's last.
pub const FILE_FIELD: &str = "file";
/// The most bytes that a file sent in may have.
pub const LARGEST_FILE: usize = 1 << 30;
/// The longest text of a field that is no file.
const LONGEST: usize = 10_000;
/// The most bytes that may come before the file: its fields, and what stands between them.
const BEFORE_FILE: usize = 128 * 1024;
/// The bytes of that which are looked at at once.
const PIECE: usize = 1024;

/// A form with a file that this visitor's own page sent; its other fields are a `T`.
pub struct Upload<T> {
    parts: Multipart<'static>,
    at_file: Arc<AtomicBool>,
    csrf: String,
    form: PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for Upload<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Upload")
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Upload<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &App) -> Result<Self, Failure> {
        let visit = request.extensions().get::<Arc<Visit>>().cloned();
        let visit = visit.ok_or_else(|| Failure::fault(&"no visitor was found"))?;
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        // A form without a file cannot be this page's own.
        if kind.starts_with("application/x-www-form-urlencoded")
            || from_elsewhere(request.headers())
        {
            return Err(Failure::FormExpired);
        }
        let boundary = multer::parse_boundary(kind).map_err(|_| broken())?;
        let at_file = Arc::new(AtomicBool::new(false));
        let bytes = Before {
            bytes: request.with_limited_body().into_body().into_data_stream(),
            held: Bytes::new(),
            handed_on: 0,
            at_file: Arc::clone(&at_file),
            rests: false,
        };
        Ok(Self {
            parts: Multipart::new(bytes, boundary),
            at_file,
            csrf: visit.token.csrf(),
            form: PhantomData,
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

impl<T: DeserializeOwned> Upload<T> {
    /// Reads the fields up to the file.
    ///
    /// # Errors
    /// [`Failure::FormExpired`] when it is not from this visitor's own page, or does not begin with its token;
    /// [`Failure::Unread`] when it is not of the shape that the page sends.
    pub async fn read(mut self) -> Result<Uploaded<T>, Failure> {
        let spec = FormSpec::of::<T>()
            .ok_or_else(|| Failure::fault(&"a form's type does not say what it reads"))?;
        let mut first = self.next().await?;
        let is_token = first.name() == Some(CSRF_FIELD);
        if !is_token || text_of(&mut first).await? != self.csrf {
            return Err(Failure::FormExpired);
        }
        drop(first);
        let mut fields = Fields::none();
        let mut count = 0;
        loop {
            let mut field = self.next().await?;
            let name = field.name().unwrap_or_default().to_owned();
            if name == FILE_FIELD {
                self.at_file.store(true, Ordering::Relaxed);
                return Ok(Uploaded {
                    form: fields.into_typed()?,
                    name: field.file_name().unwrap_or_default().to_owned(),
                    bytes: stream::try_unfold(field, async |mut field| {
                        let chunk = field.chunk().await.map_err(io::Error::other)?;
                        Ok(chunk.map(|chunk| (chunk, field)))
                    })
                    .try_filter(|chunk| std::future::ready(!chunk.is_empty()))
                    .boxed(),
                });
            }
            fields.add(name, text_of(&mut field).await?);
            count += 1;
            // One more than there are is enough to know which does not fit.
            if count > spec.fields.len() {
                fields.into_typed::<T>()?;
                return Err(Failure::Malformed(not_whole()));
            }
        }
    }

    async fn next(&mut self) -> Result<Field<'static>, Failure> {
        let field = self.parts.next_field().await;
        field.map_err(|error| failed(&error))?.ok_or_else(broken)
    }
}

/// The text of a field that is no file.
async fn text_of(field: &mut Field<'static>) -> Result<String, Failure> {
    let mut text = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| failed(&error))? {
        text.extend_from_slice(&chunk);
        if text.len() > LONGEST {
            return Err(Failure::TooLarge);
        }
    }
    String::from_utf8(text).map_err(|_| broken())
}

/// More came before the file than a form holds.
#[derive(Debug, thiserror::Error)]
#[error("too much before the file")]
struct TooMuch;

fn failed(error: &multer::Error) -> Failure {
    match error {
        multer::Error::StreamReadFailed(inner) if inner.is::<TooMuch>() => Failure::TooLarge,
        _ => broken(),
    }
}

fn broken() -> Failure {
    Failure::Malformed(not_whole())
}

/// The bytes of a form, of which only so many may come before its file: in small pieces, with a rest after each, since what
/// reads the form takes whatever there is before it looks at any of it.
struct Before {
    bytes: BodyDataStream,
    /// What has come and was not handed on yet.
    held: Bytes,
    handed_on: usize,
    at_file: Arc<AtomicBool>,
    rests: bool,
}

impl Stream for Before {
    type Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.rests) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let at_file = self.at_file.load(Ordering::Relaxed);
        if !at_file && self.handed_on > BEFORE_FILE {
            return Poll::Ready(Some(Err(Box::new(TooMuch))));
        }
        while self.held.is_empty() {
            match std::task::ready!(self.bytes.poll_next_unpin(context)) {
                Some(Ok(bytes)) => self.held = bytes,
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => return Poll::Ready(None),
            }
        }
        self.rests = true;
        let most = if at_file { usize::MAX } else { PIECE };
        let some = most.min(self.held.len());
        self.handed_on = self.handed_on.saturating_add(some);
        Poll::Ready(Some(Ok(self.held.split_to(some))))
    }
}
