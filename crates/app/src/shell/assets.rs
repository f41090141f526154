//! Style sheet, scripts, fonts and images, served from inside the binary.
//!
//! Every address holds one hash over all the files: `/assets/{hash}/{name}`. So
//! an address never changes its content and is cached for a year, a new release
//! is a new set of addresses, and the style sheet's and scripts' own relative
//! references keep working.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data_encoding::HEXLOWER;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

/// Where the assets hang; [`routes`] serves everything below it.
pub const PREFIX: &str = "/assets";

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Routes that serve the assets: public, without session or state.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{hash}/{*name}", get(serve))
}

/// The address of the asset called `name`, such as `clearpicture.css`, or `None` if there is none.
pub fn address(name: &str) -> Option<String> {
    SHIPPED
        .files
        .contains_key(name)
        .then(|| format!("{PREFIX}/{}/{name}", SHIPPED.hash))
}

async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    // Only whole names are looked up, so there is no path to play tricks with. An
    // earlier release's hash is 404 too: its content would be cached as another's.
    match SHIPPED.files.get(&name) {
        Some(file) if hash == SHIPPED.hash => (
            [
                (header::CONTENT_TYPE, file.content_type.clone()),
                (header::CACHE_CONTROL, FOREVER),
            ],
            file.bytes.clone(),
        )
            .into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(RustEmbed)]
#[folder = "../../assets/dist"]
struct Dist;

struct Shipped {
    hash: String,
    files: BTreeMap<String, File>,
}

struct File {
    bytes: Bytes,
    content_type: HeaderValue,
}

static SHIPPED: LazyLock<Shipped> = LazyLock::new(Shipped::gather);

impl Shipped {
    fn gather() -> Self {
        let mut files = BTreeMap::new();
        let mut hasher = Sha256::new();
        let mut names: Vec<_> = Dist::iter().collect();
        names.sort();
        for name in names {
            let Some(embedded) = Dist::get(&name) else {
                continue;
            };
            hasher.update(name.as_bytes());
            hasher.update([0]);
            hasher.update(embedded.metadata.sha256_hash());
            let file = File {
                bytes: match embedded.data {
                    Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                    Cow::Owned(bytes) => Bytes::from(bytes),
                },
                content_type: content_type(&name),
            };
            files.insert(name.into_owned(), file);
        }
        let mut hash = HEXLOWER.encode(&hasher.finalize());
        hash.truncate(16);
        Self { hash, files }
    }
}

fn content_type(name: &str) -> HeaderValue {
    let guess = mime_guess::from_path(name).first_or_octet_stream();
    let value = match guess.type_() {
        mime_guess::mime::TEXT => format!("{guess}; charset=utf-8"),
        _ => guess.to_string(),
    };
    HeaderValue::from_str(&value)
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn get(path: &str) -> Response {
        let request = Request::get(path).body(Body::empty()).unwrap();
        routes::<()>().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn each_kind_of_file_has_its_type_and_is_cached_for_ever() {
        for (name, kind) in [
            ("clearpicture.css", "text/css; charset=utf-8"),
            ("clearpicture.js", "text/javascript; charset=utf-8"),
            ("images/favicon.svg", "image/svg+xml"),
            (
                "fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2",
                "font/woff2",
            ),
        ] {
            let response = get(&address(name).unwrap()).await;
            assert_eq!(response.status(), StatusCode::OK, "{name}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], kind);
            assert_eq!(response.headers()[header::CACHE_CONTROL], FOREVER);
            let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            assert!(!bytes.is_empty());
        }
    }

    #[tokio::test]
    async fn other_addresses_find_nothing() {
        let hash = &SHIPPED.hash;
        for path in [
            "/assets/0000000000000000/clearpicture.css".to_owned(),
            format!("/assets/{hash}/none.css"),
            format!("/assets/{hash}/../package.json"),
            format!("/assets/{hash}/%2e%2e/package.json"),
            format!("/assets/{hash}/fonts/..%2f..%2fpackage.json"),
            format!("/assets/{hash}//etc/passwd"),
        ] {
            assert_eq!(get(&path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(address("none.css"), None);
    }

    #[test]
    fn the_style_sheet_needs_nothing_but_what_is_shipped() {
        let css = String::from_utf8(SHIPPED.files["clearpicture.css"].bytes.to_vec()).unwrap();
        let named: Vec<_> = css
            .split("url(")
            .skip(1)
            .map(|rest| rest.split(')').next().unwrap().trim_matches('"'))
            .collect();
        assert!(named.len() >= 4, "the four font files at least");
        for name in named {
            assert!(address(name).is_some(), "{name} is not in assets/dist");
        }
        for unwanted in ["data:", "GDS Transport", "crest", "crown"] {
            assert!(!css.contains(unwanted), "{unwanted}");
        }
    }

    #[test]
    fn no_script_asks_for_a_file_that_is_not_shipped() {
        let script = String::from_utf8(SHIPPED.files["clearpicture.js"].bytes.to_vec()).unwrap();
        for import in script.split("from './").skip(1) {
            let name = import.split('\'').next().unwrap();
            assert!(address(name).is_some(), "{name} is not in assets/dist");
        }
    }
}
