//! The harness of every journey: an application on a fresh database with a clock
//! that stands still until it is moved, people who can be added in a line, and
//! visitors who keep their cookies.
//!
//! ```text
//! let test = TestApp::start().await;
//! let agency = test.agency("northwater-council").await;
//! let worker = test.worker(a_worker("amal").of(agency).role("manager")).await;
//! let mut amal = test.signed_in(worker, Stage::Full).await;
//! let page = amal.get("/account").await;
//! let page = amal.post("/purpose", &[("purpose", "supervision")]).await;
//! ```

mod app;
mod codes;
mod entries;
mod log;
pub(crate) mod northwater;
mod people;
mod visitor;

pub(crate) use app::TestApp;
pub(crate) use codes::{PASSWORD, SECRET};
pub(crate) use log::Log;
pub(crate) use people::a_worker;
pub(crate) use visitor::{FORM, Reply, Visitor};
