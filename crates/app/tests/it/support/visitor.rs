//! Somebody at a browser, who keeps the cookies they are given.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, header};
use clearpicture_app::shell::session::Token;
use tower::ServiceExt as _;

/// The kind of body that a form is.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Somebody at a browser.
pub(crate) struct Visitor {
    router: Router,
    cookies: BTreeMap<String, String>,
    headers: Vec<(&'static str, String)>,
}

/// What was answered.
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The page, or whatever text it was.
    pub(crate) text: String,
}

impl Reply {
    /// Where the answer sends the browser; empty when it does not.
    pub(crate) fn location(&self) -> &str {
        let location = self.headers.get(header::LOCATION);
        location.map_or("", |value| value.to_str().expect("a plain address"))
    }

    /// What stands in the main part, without tags, with spaces in a row as one.
    pub(crate) fn words(&self) -> String {
        let main = self.text.split("<main").nth(1).unwrap_or(&self.text);
        let main = main.split("</main>").next().unwrap_or(main);
        let mut words = String::new();
        for piece in main.split('<') {
            words.push_str(piece.split_once('>').map_or(piece, |(_, words)| words));
            words.push(' ');
        }
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Visitor {
    pub(super) fn new(router: Router) -> Self {
        Self {
            router,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    /// Sends this header with every request from now on.
    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The value of a cookie that was given.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Puts a cookie in the browser.
    pub(crate) fn take_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// What this visitor's own forms send back.
    pub(crate) fn csrf(&self) -> String {
        let token = self.cookie("clearpicture").and_then(Token::from_cookie);
        token.map(|token| token.csrf()).unwrap_or_default()
    }

    /// Opens a page.
    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    /// Sends a form as this visitor's own page would. A search is followed to what it found, as a browser does.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let token = self.csrf();
        let fields = [&[("csrf_token", token.as_str())], fields].concat();
        if fields.iter().any(|(name, _)| *name == "file") {
            return self.post_file(path, &fields).await;
        }
        let reply = self.post_bare(path, &fields).await;
        let found = reply.location();
        match found.starts_with("/children?search=") {
            true => self.get(found).await,
            false => reply,
        }
    }

    /// Sends exactly these fields as a form with a file, which is the last of them.
    async fn post_file(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut fields = fields.to_vec();
        fields.sort_by_key(|(name, _)| *name == "file");
        let mut body = String::new();
        for (name, value) in fields {
            let file = if name == "file" {
                "; filename=\"sent.csv\""
            } else {
                ""
            };
            let part = format!(
                "--parts\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n"
            );
            body.push_str(&part);
        }
        body.push_str("--parts--\r\n");
        let kind = "multipart/form-data; boundary=parts";
        self.post_body(path, kind, body.into_bytes()).await
    }

    /// Sends exactly these fields.
    pub(crate) async fn post_bare(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.post_body(path, FORM, body.into_bytes()).await
    }

    /// Sends a body of any kind, without this visitor's token.
    pub(crate) async fn post_body(&mut self, path: &str, kind: &str, body: Vec<u8>) -> Reply {
        self.send(Method::POST, path, Some((kind, body))).await
    }

    async fn send(&mut self, method: Method, path: &str, sent: Option<(&str, Vec<u8>)>) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let body = match sent {
            Some((kind, body)) => {
                request = request.header(header::CONTENT_TYPE, kind);
                Body::from(body)
            }
            None => Body::empty(),
        };
        let request = request.body(body).expect("a request");
        let Ok(response) = self.router.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().expect("a plain cookie");
            let pair = text.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a name and a value");
            if text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.take_cookie(name, value);
            }
        }
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}
