//! A browser of the plainest kind: HTTP/1.1 on one connection that stays open,
//! with cookies. Small, so that measuring takes little from what is measured.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// What a page may hold at most.
const LONGEST: usize = 4 << 20;

/// A browser on one connection.
pub(crate) struct Browser {
    address: String,
    connection: BufReader<TcpStream>,
    cookies: BTreeMap<String, String>,
}

/// What was answered.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Where it sends the browser; empty when it does not.
    pub(crate) location: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The token that this page's forms send back.
    pub(crate) fn csrf(&self) -> anyhow::Result<String> {
        let page = String::from_utf8_lossy(&self.body);
        let field = page.split("name=\"csrf_token\"").nth(1);
        let value = field.and_then(|rest| rest.split("value=\"").nth(1));
        let token = value.and_then(|rest| rest.split('"').next());
        Ok(token.context("the page holds no form")?.to_owned())
    }
}

impl Browser {
    /// Connects to `address`, such as `127.0.0.1:8080`.
    pub(crate) async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            address: address.to_owned(),
            connection: BufReader::new(stream),
            cookies: BTreeMap::new(),
        })
    }

    /// Another connection with the same cookies.
    pub(crate) async fn another(&self) -> anyhow::Result<Self> {
        Ok(Self {
            cookies: self.cookies.clone(),
            ..Self::open(&self.address).await?
        })
    }

    /// Opens a page.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Reply> {
        self.send("GET", path, "").await
    }

    /// Sends a form, whose values need no escaping but that of [`escaped`].
    pub(crate) async fn post(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> anyhow::Result<Reply> {
        let pairs = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", escaped(value)));
        self.send("POST", path, &pairs.collect::<Vec<_>>().join("&"))
            .await
    }

    /// Looks for a child, and gives the address of what is found; `None` for whoever may not.
    pub(crate) async fn look_for(
        &mut self,
        typed: &str,
        [day, month, year]: [&str; 3],
    ) -> anyhow::Result<Option<String>> {
        let form = self.get("/children").await?;
        if form.status != 200 {
            return Ok(None);
        }
        let csrf = form.csrf()?;
        let fields = [
            ("name", typed),
            ("day", day),
            ("month", month),
            ("year", year),
            ("csrf_token", &csrf),
        ];
        Ok(Some(self.post("/children", &fields).await?.location))
    }

    async fn send(&mut self, method: &str, path: &str, form: &str) -> anyhow::Result<Reply> {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\naccept: text/html\r\n",
            self.address,
            cookies.join("; ")
        );
        if method == "POST" {
            request.push_str("content-type: application/x-www-form-urlencoded\r\n");
            request.push_str("content-length: ");
            request.push_str(&form.len().to_string());
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        request.push_str(form);
        self.connection.write_all(request.as_bytes()).await?;
        self.reply().await
    }

    async fn reply(&mut self) -> anyhow::Result<Reply> {
        let status = self.line().await?;
        let status = status.split(' ').nth(1).context("no status")?.parse()?;
        let (mut length, mut location) = (None, String::new());
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = Some(value.parse::<usize>()?),
                "location" => value.clone_into(&mut location),
                "set-cookie" => self.keep(value),
                _ => {}
            }
        }
        let length = length.context("the answer does not say how long it is")?;
        if length > LONGEST {
            bail!("the answer is of {length} bytes");
        }
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body).await?;
        Ok(Reply {
            status,
            location,
            body,
        })
    }

    async fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.connection.read_line(&mut line).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(line.trim_end().to_owned())
    }

    fn keep(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap_or_default();
        if let Some((name, value)) = pair.split_once('=') {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// A value as a form sends it.
fn escaped(value: &str) -> String {
    value
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
