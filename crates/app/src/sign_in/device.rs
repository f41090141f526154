//! Where a try comes from: a device that has signed in before, or an address.
//!
//! After signing in a browser keeps a cookie of 256 random bits for half a year;
//! the table keeps keyed digests of it, alone and with its worker, so that nobody
//! can plant one there. It opens nothing by itself: it only keeps strangers'
//! failures from slowing its owner down.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use clearpicture_kernel::WorkerId;
use clearpicture_store::{Store, StoreFault};

use super::store::devices;
use crate::shell::Failure;
use crate::shell::session::Token;
use crate::shell::visit::cookie_in;
use crate::state::App;

/// How long a device is known after it last signed in.
const KNOWN_DAYS: i64 = 180;

/// What a try comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Device {
    /// One that has signed in to this account before.
    Known,
    /// Any other.
    Strange,
}

/// Where a request comes from. It is counted under, never logged.
#[derive(Debug, Clone)]
pub(super) struct Approach {
    token: Option<Token>,
    digest: String,
    address: String,
}

impl FromRequestParts<App> for Approach {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let token = cookie_in(&parts.headers, cookie_name(app.serving().secure));
        let forwarded = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .next_back()
            .and_then(|value| value.to_str().ok())
            // The last is the one our own proxy added; those before it are anybody's claim.
            .and_then(|value| value.rsplit(',').next())
            .and_then(|address| address.trim().parse::<IpAddr>().ok());
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(address)| address.ip());
        let address = match forwarded {
            Some(forwarded) if app.serving().behind_proxy => Some(forwarded),
            _ => peer,
        };
        let token = token.and_then(Token::from_cookie);
        Ok(Self {
            digest: token
                .as_ref()
                .map(|token| digest(app.store(), token))
                .unwrap_or_default(),
            token,
            address: address.map(network).unwrap_or_default(),
        })
    }
}

/// The address, or for IPv6 the network of which one household has all.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x}/64", u128::from(address) >> 64),
    }
}

impl Approach {
    /// The address, as counts are kept under it.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The digest of the device's cookie, as counts are kept under it.
    pub(super) fn device_digest(&self) -> &str {
        &self.digest
    }

    /// Whether this device has signed in as `worker` before.
    pub(super) async fn device(
        &self,
        store: &Store,
        worker: WorkerId,
    ) -> Result<Device, StoreFault> {
        let Some(token) = &self.token else {
            return Ok(Device::Strange);
        };
        let seen_at = devices::seen_at(store, &id(store, token, worker)).await?;
        Ok(match seen_at {
            Some(seen_at) if seen_at >= oldest(store) => Device::Known,
            _ => Device::Strange,
        })
    }

    /// Knows this device from now on; the cookie to give it.
    ///
    /// A cookie that nobody has signed in with may have been planted, so it is replaced.
    pub(super) async fn remember(
        &self,
        app: &App,
        worker: WorkerId,
    ) -> Result<Option<HeaderValue>, StoreFault> {
        let store = app.store();
        let token = match &self.token {
            Some(token) if devices::is_anyones(store, &self.digest).await? => token.clone(),
            _ => Token::fresh(app.ambient()),
        };
        let (id, device) = (id(store, &token, worker), digest(store, &token));
        devices::put(store, &id, &device, worker).await?;
        Ok(cookie(&token, app.serving().secure))
    }
}

/// Takes away devices not seen for half a year.
pub(super) async fn sweep(store: &Store) -> Result<u64, StoreFault> {
    devices::sweep(store, oldest(store)).await
}

fn oldest(store: &Store) -> i64 {
    store.ambient().now().as_microsecond() - KNOWN_DAYS * 86_400_000_000
}

fn digest(store: &Store, token: &Token) -> String {
    store.keyed_digest("device", &[token.cookie_text()])
}

fn id(store: &Store, token: &Token, worker: WorkerId) -> String {
    let worker = worker.to_string();
    store.keyed_digest("device-of", &[token.cookie_text(), &worker])
}

const fn cookie_name(secure: bool) -> &'static str {
    if secure {
        "__Host-clearpicture-device"
    } else {
        "clearpicture-device"
    }
}

fn cookie(token: &Token, secure: bool) -> Option<HeaderValue> {
    let flags = if secure { "; Secure" } else { "" };
    let seconds = KNOWN_DAYS * 86_400;
    HeaderValue::from_str(&format!(
        "{}={}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{flags}",
        cookie_name(secure),
        token.cookie_text()
    ))
    .ok()
}
