//! Looking for a child among a hundred thousand records: from the browser's question to the whole page.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use crate::http::Browser;
use crate::report::{against, note};
use crate::server::{Server, sign_in};
use crate::statistics::{Timings, millis};

const SEARCH_MILLIS: f64 = 50.0;
/// How often each is looked for.
const ROUNDS: usize = 15;
/// What is typed: common names and rare ones, near and far, alone and together.
const TYPED: [(&str, [&str; 3]); 12] = [
    ("Megan Hall", ["", "", ""]),
    ("Meg Hall", ["23", "4", "2014"]),
    ("M Hall", ["", "", ""]),
    ("Megan Rose Hall", ["", "", ""]),
    ("Smith", ["", "", ""]),
    ("Muhammad Khan", ["", "", ""]),
    ("", ["22", "4", "2014"]),
    ("12 Mill Lane", ["", "", ""]),
    ("Mill Lane", ["", "", ""]),
    ("ZN4 9HX", ["", "", ""]),
    ("9434765919", ["", "", ""]),
    ("01632 960101", ["", "", ""]),
];

/// Has `program` invent so many children as two agencies know them, serves them from `folder`, and looks for some.
pub(crate) async fn run(program: &Path, folder: &Path, children: &str) -> anyhow::Result<()> {
    let (all, two) = (folder.join("all"), folder.join("two"));
    if !two.exists() {
        let invented = Command::new(program)
            .args(["synth", "--seed", "1", "--children", children, "--out"])
            .arg(&all)
            .status()
            .await?;
        ensure!(invented.success(), "nobody was invented");
        tokio::fs::create_dir_all(&two).await?;
        for file in ["involvement-csc.csv", "involvement-education.csv"] {
            tokio::fs::rename(all.join(file), two.join(file)).await?;
        }
    }
    let files = two.to_str().context("a folder of another alphabet")?;
    let server = Server::start(program, &folder.join("data"), &["--with", files]).await?;
    let mut reader = None;
    for person in &server.people {
        let mut browser = sign_in(&server.address, person).await?;
        if browser.look_for("Megan", ["", "", ""]).await?.is_some() {
            reader = Some(browser);
            break;
        }
    }
    let mut reader = reader.context("nobody may look for a child")?;
    for (typed, born) in TYPED {
        look(&mut reader, typed, born).await?;
    }
    note(
        "memory of the server after all that",
        &format!("{:.0} MB", server.megabytes().await?),
    )?;
    server.stop().await
}

async fn look(reader: &mut Browser, typed: &str, born: [&str; 3]) -> anyhow::Result<()> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let address = reader.look_for(typed, born).await?;
        let address = address.context("nobody may look for a child")?;
        let began = Instant::now();
        let found = reader.get(&address).await?;
        times.push(began.elapsed());
        ensure!(found.status == 200, "the search answered {}", found.status);
    }
    let times = Timings::new(times);
    let median = millis(times.median());
    let what = [typed, &born.join(" ")].join(" ");
    against(
        &format!("looking for {}: median of {ROUNDS}", what.trim()),
        &format!("{median:.1} ms"),
        "≤ 50 ms",
        median <= SEARCH_MILLIS,
    )
}
