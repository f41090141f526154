//! Measures what the budgets of ARCHITECTURE.md are about.
//!
//! For whoever changes something that could make the product slower. Each
//! subcommand measures one thing beside what it is compared with, in the same
//! run, and prints one line for each number: what, how much, the budget, and
//! whether it was met. `bench/run` runs them all and says on what machine.
//!
//! What it never does: fail because of a time, or keep a number for later.
//! Numbers taken while the machine does something else are noise, and the
//! load is printed beside them.

mod decisions;
mod http;
mod lists;
mod live;
mod load;
mod report;
mod search;
mod server;
mod stage;
mod statistics;
mod writes;

use std::path::Path;

use anyhow::{Context as _, bail};

/// How it is called; the addresses are of databases that may be filled and thrown away.
const USAGE: &str = "usage: clearpicture-bench writes ADDRESS ADDRESS | decisions | lists ADDRESS | hold ADDRESS FOLDER RECORDS | live ADDRESS FOLDER | server PROGRAM FOLDER | search PROGRAM FOLDER CHILDREN";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["writes", ours, bare] => writes::run(ours, bare).await.context("writes"),
        ["decisions"] => decisions::run().context("decisions"),
        ["lists", address] => lists::run(address).await.context("lists"),
        ["hold", address, folder, records] => {
            let records = records.parse().context("how many records")?;
            live::hold(address, Path::new(folder), records)
                .await
                .context("hold")
        }
        ["live", address, folder] => live::run(address, Path::new(folder)).await.context("live"),
        ["server", program, folder] => server::run(Path::new(program), Path::new(folder))
            .await
            .context("server"),
        ["search", program, folder, children] => {
            search::run(Path::new(program), Path::new(folder), children)
                .await
                .context("search")
        }
        _ => bail!("{USAGE}"),
    }
}
