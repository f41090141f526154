//! The whole program, as a partnership runs it: the memory it needs, and how fast it gives the home page.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clearpicture_kernel::Ambient;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use totp_rs::{Builder, Secret};

use crate::http::Browser;
use crate::load::{highest_rate, open_loop};
use crate::report::{against, note};
use crate::statistics::millis;

const IDLE_MEGABYTES: f64 = 150.0;
const MEDIAN_MILLIS: f64 = 10.0;
const PICTURE_MILLIS: f64 = 15.0;
const NINETY_NINTH_MILLIS: f64 = 40.0;
const RATE: u32 = 100;
const SECONDS: u32 = 60;
/// Below this a page still feels as if it came at once.
const AT_ONCE: Duration = Duration::from_millis(100);
/// How many people sign in and open pages in turn.
const PEOPLE: usize = 8;
/// How long the server is left alone before its memory is read.
const REST: Duration = Duration::from_secs(20);

/// Serves a demonstration from `folder` with `program`, and measures it from this process.
pub(crate) async fn run(program: &Path, folder: &Path) -> anyhow::Result<()> {
    let server = Server::start(program, folder, &["--size", "small"]).await?;
    tokio::time::sleep(REST).await;
    let idle = server.megabytes().await?;
    against(
        "memory of the idle server",
        &format!("{idle:.0} MB"),
        "≤ 150 MB",
        idle <= IDLE_MEGABYTES,
    )?;

    let mut people = Vec::with_capacity(PEOPLE);
    for person in server.people.iter().take(PEOPLE) {
        people.push(sign_in(&server.address, person).await?);
    }
    let loaded = open_loop(&people, "/", RATE, SECONDS).await?;
    ensure!(
        loaded.within(Duration::MAX),
        "{} of {} requests were answered",
        loaded.answered,
        loaded.due
    );
    let (median, ninety_ninth) = (
        millis(loaded.timings.median()),
        millis(loaded.timings.quantile(0.99)),
    );
    against(
        &format!("home page, {RATE} a second for {SECONDS} s: median"),
        &format!("{median:.1} ms"),
        "≤ 10 ms",
        median <= MEDIAN_MILLIS,
    )?;
    against(
        "  99th percentile",
        &format!("{ninety_ninth:.1} ms"),
        "≤ 40 ms",
        ninety_ninth <= NINETY_NINTH_MILLIS,
    )?;
    let longest = millis(loaded.timings.quantile(1.0));
    note("  longest", &format!("{longest:.1} ms"))?;
    let highest = highest_rate(&people, "/", AT_ONCE).await?;
    note(
        "highest rate with the 99th percentile under 100 ms",
        &format!("{highest} a second"),
    )?;
    picture(&people).await?;
    note(
        "memory of the server after all that",
        &format!("{:.0} MB", server.megabytes().await?),
    )?;
    server.stop().await
}

/// One child's picture, of the 500 of the demonstration, opened by those of `people` who may.
async fn picture(people: &[Browser]) -> anyhow::Result<()> {
    let mut readers = Vec::new();
    let mut picture = None;
    for person in people {
        // The server has closed the connections that waited.
        let mut browser = person.another().await?;
        let Some(address) = browser.look_for("megan hall", ["", "", ""]).await? else {
            continue;
        };
        let found = browser.get(&address).await?;
        let page = String::from_utf8_lossy(&found.body).into_owned();
        let id = page.split("/children/person_").nth(1);
        let id = id.and_then(|rest| rest.split('"').next());
        let path = format!("/children/person_{}", id.context("nobody was found")?);
        ensure!(
            browser.get(&path).await?.status == 200,
            "{path} does not open"
        );
        picture = Some(path);
        readers.push(browser);
    }
    let path = picture.context("nobody may see a child")?;
    let loaded = open_loop(&readers, &path, RATE, SECONDS).await?;
    ensure!(
        loaded.within(Duration::MAX),
        "some openings were not answered"
    );
    let median = millis(loaded.timings.median());
    against(
        &format!("a child's picture, 500 children, {RATE} a second for {SECONDS} s: median"),
        &format!("{median:.1} ms"),
        "≤ 15 ms",
        median <= PICTURE_MILLIS,
    )?;
    let ninety_ninth = millis(loaded.timings.quantile(0.99));
    note("  99th percentile", &format!("{ninety_ninth:.1} ms"))
}

/// The program, serving a demonstration.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
    pub(crate) people: Vec<Person>,
}

/// One example person who can sign in.
pub(crate) struct Person {
    email: String,
    password: String,
    secret: String,
}

impl Server {
    /// Serves the demonstration that `arguments` ask for.
    pub(crate) async fn start(
        program: &Path,
        folder: &Path,
        arguments: &[&str],
    ) -> anyhow::Result<Self> {
        let mut process = Command::new(program)
            .args(["demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().context("no standard output")?;
        let mut lines = BufReader::new(output).lines();
        let mut people = Vec::new();
        while let Some(line) = lines.next_line().await? {
            if let Some(told) = line.strip_prefix("sign-in: ") {
                people.push(Person::read(told)?);
            } else if let Some(address) = line.strip_prefix("ready: http://") {
                return Ok(Self {
                    process,
                    address: address.to_owned(),
                    people,
                });
            }
        }
        anyhow::bail!("the server ended before it was ready")
    }

    /// The memory the process holds, as the kernel counts it.
    pub(crate) async fn megabytes(&self) -> anyhow::Result<f64> {
        let id = self.process.id().context("the server has ended")?;
        let status = tokio::fs::read_to_string(format!("/proc/{id}/status")).await?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.context("no VmRSS")?.trim().trim_end_matches(" kB");
        Ok(kilobytes.parse::<f64>()? / 1024.0)
    }

    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        Ok(self.process.kill().await?)
    }
}

impl Person {
    fn read(line: &str) -> anyhow::Result<Self> {
        let mut fields = line.split('\t').map(str::to_owned);
        let mut next = || fields.next().context("a short line of `demo`");
        Ok(Self {
            email: next()?,
            password: next()?,
            secret: next()?,
        })
    }

    /// The code that this person's device shows now.
    fn code(&self) -> anyhow::Result<String> {
        let totp = Secret::try_from_base32(&self.secret)
            .ok()
            .and_then(|secret| {
                Builder::new()
                    .with_secret(secret)
                    .with_account_name("")
                    .build()
                    .ok()
            })
            .context("`demo` printed a secret that makes no codes")?;
        let now = Ambient::system().now().as_second();
        Ok(totp.generate(u64::try_from(now)?).to_string())
    }
}

/// Signs in by the pages, as a person would.
pub(crate) async fn sign_in(address: &str, person: &Person) -> anyhow::Result<Browser> {
    let mut browser = Browser::open(address).await?;
    let csrf = browser.get("/sign-in").await?.csrf()?;
    let fields = [
        ("email", person.email.as_str()),
        ("password", &person.password),
        ("csrf_token", &csrf),
    ];
    let reply = browser.post("/sign-in", &fields).await?;
    let page = browser.get(&reply.location).await?;
    let code = person.code()?;
    let fields = [("code", code.as_str()), ("csrf_token", &page.csrf()?)];
    browser.post("/sign-in/code", &fields).await?;
    let home = browser.get("/").await?;
    ensure!(home.status == 200, "the home page answered {}", home.status);
    Ok(browser)
}
