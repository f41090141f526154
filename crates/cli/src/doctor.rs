//! `doctor`: looks at everything that a deployment stands on, changes nothing,
//! and says what to do about each thing that is not right.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use clearpicture_app::practice::Practice;
use clearpicture_app::processing::record_of_processing;
use clearpicture_app::shell::templates::Templates;
use clearpicture_app::state;
use clearpicture_kernel::{Ambient, Timestamp};
use clearpicture_store::{DatabaseAddress, KeyFault, MasterKey, Store, StoreFault, Upgrade};

use crate::outcome::Stop;
use crate::settings::Settings;
use crate::{installation, practice, say};

/// Room on the disk below which it is time to act, in bytes: 1 GiB.
const ROOM: u64 = 1 << 30;
/// No clock was right before this release was written.
const WRITTEN: i64 = 1_767_225_600; // 1 January 2026

/// What one look found: good news, or a problem with what to do.
type Found = Result<String, String>;

/// `doctor`
pub(crate) async fn examine(settings: Result<Settings, Stop>) -> Result<(), Stop> {
    let mut report = Report::default();
    let settings = match settings {
        Ok(settings) => settings,
        Err(stop) => {
            report.add("configuration", Err(stop.words()))?;
            return Err(stop);
        }
    };
    report.add("configuration", configuration(&settings))?;
    report.add("data folder", data_folder(&settings.data))?;
    report.add("disk", disk(&settings.data))?;
    let practice = Practice::read(&practice::folder(&settings));
    match &practice {
        Ok(read) => {
            report.add("practice", Ok(format!("read for {}", read.partnership)))?;
            report.add("policies", policies(read))?;
        }
        Err(fault) => report.add("practice", Err(fault.to_string()))?,
    }
    report.add("pages", pages())?;
    match installation::master_key(&settings).await {
        Ok(key) => {
            report.add("master key", Ok("there, and closed to others".to_owned()))?;
            database(&mut report, &settings, key).await?;
        }
        Err(fault) => report.add("master key", Err(key_problem(&settings, &fault)))?,
    }
    report.end()
}

/// `doctor --processing`
pub(crate) fn print_processing() -> Result<(), Stop> {
    let record = record_of_processing(&installation::capabilities());
    say::answer(record.trim_end())
}

#[derive(Default)]
struct Report {
    problems: usize,
}

impl Report {
    fn add(&mut self, about: &str, found: Found) -> Result<(), Stop> {
        match found {
            Ok(words) => say::answer(&format!("ok       {about}: {words}")),
            Err(words) => {
                self.problems += 1;
                say::answer(&format!("problem  {about}: {words}"))
            }
        }
    }

    fn end(self) -> Result<(), Stop> {
        match self.problems {
            0 => Ok(()),
            1 => Err(Stop::fault("1 problem was found")),
            many => Err(Stop::fault(format!("{many} problems were found"))),
        }
    }
}

fn configuration(settings: &Settings) -> Found {
    if !settings.unknown_in_environment.is_empty() {
        return Err(format!(
            "the environment holds {}, which no setting is called: correct the name or take it away",
            settings.unknown_in_environment.join(", ")
        ));
    }
    if !settings.is_secure() && !on_this_machine(&settings.listen) {
        return Err(format!(
            "other machines can reach `{}` without HTTPS: put a proxy with HTTPS in front and set `public_url`",
            settings.listen
        ));
    }
    Ok(match &settings.file {
        Some(file) => format!("read from {}", file.display()),
        None => "no file is named, so the defaults hold".to_owned(),
    })
}

fn on_this_machine(listen: &str) -> bool {
    listen
        .rsplit_once(':')
        .is_some_and(|(host, _)| matches!(host, "localhost" | "[::1]") || host.starts_with("127."))
}

fn data_folder(data: &Path) -> Found {
    let shown = data.display();
    let metadata = std::fs::metadata(data).map_err(|error| {
        format!("`{shown}` cannot be used ({error}): name the right one with --data, or start `clearpicture serve` once")
    })?;
    if !metadata.is_dir() {
        return Err(format!("`{shown}` is no folder: name another with --data"));
    }
    let mode = metadata.permissions().mode();
    if mode & 0o007 != 0 {
        return Err(format!(
            "`{shown}` is open to every user of this machine: run `chmod o= {shown}`"
        ));
    }
    rustix::fs::access(
        data,
        rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK,
    )
    .map_err(|error| {
        format!("this user may not write to `{shown}` ({error}): run as the user that owns it")
    })?;
    Ok(format!("`{shown}` is there and closed to others"))
}

fn disk(data: &Path) -> Found {
    let room =
        rustix::fs::statvfs(data).map_err(|error| format!("room cannot be found out ({error})"))?;
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    let shown = format!("{:.1} GiB free", gib(free));
    if free < ROOM {
        Err(format!(
            "{shown}: free some space, or changes will soon be refused"
        ))
    } else {
        Ok(shown)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "shown with one decimal, where the loss is never seen"
)]
fn gib(bytes: u64) -> f64 {
    bytes as f64 / ROOM as f64
}

fn policies(practice: &Practice) -> Found {
    let access = state::policies(&installation::capabilities(), practice)
        .map_err(|fault| fault.to_string())?;
    let digest = access.policy_set().to_string();
    let short: String = digest.chars().take(12).collect();
    Ok(format!("valid, in force as {short}"))
}

fn pages() -> Found {
    let pages: Vec<_> = state::pages(&installation::capabilities());
    Templates::load()
        .check(&pages)
        .map_err(|fault| format!("{fault}: install an unchanged release"))?;
    Ok(format!("all {} render", pages.len()))
}

fn key_problem(settings: &Settings, fault: &KeyFault) -> String {
    let begun = match &settings.database {
        DatabaseAddress::Sqlite(path) => path.exists(),
        DatabaseAddress::Postgres(_) => true,
    };
    match fault {
        KeyFault::Missing(path) if !begun => format!(
            "`{}` is not there yet: `clearpicture serve` makes it on its first run",
            path.display()
        ),
        fault => fault.to_string(),
    }
}

async fn database(report: &mut Report, settings: &Settings, key: MasterKey) -> Result<(), Stop> {
    let place = settings.database.to_string();
    if let DatabaseAddress::Sqlite(path) = &settings.database
        && !path.exists()
    {
        let words =
            format!("`{place}` is not there yet: `clearpicture serve` makes it on its first run");
        return report.add("database", Err(words));
    }
    let opened = Store::open(
        &settings.database,
        key,
        installation::holdings(),
        Upgrade::Refuse,
        Ambient::system(),
    )
    .await;
    match opened {
        Ok((store, writer)) => {
            let clock = clock(&store).await;
            drop(store);
            writer.finished().await?;
            report.add(
                "database",
                Ok(format!("{place} answers and is at this release")),
            )?;
            report.add("clock", clock)
        }
        Err(fault) => report.add("database", Err(fault.to_string())),
    }
}

async fn clock(store: &Store) -> Found {
    let last = store
        .origin()
        .await
        .map_err(|fault: StoreFault| fault.to_string())?
        .map(|origin| origin.last_recorded_at);
    sane(store.ambient().now(), last)
}

/// Whether the clock can be right, given the last moment that history holds.
fn sane(now: Timestamp, last: Option<Timestamp>) -> Found {
    let shown = clearpicture_app::words::moment(now);
    if now.as_second() < WRITTEN {
        return Err(format!(
            "it says {shown}, before this release was written: set the clock, and keep it by NTP"
        ));
    }
    match last {
        Some(last) if now < last => Err(format!(
            "it says {shown}, before the last change of {}: set the clock, and keep it by NTP",
            clearpicture_app::words::moment(last)
        )),
        _ => Ok(format!("it says {shown}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_before_the_last_change_is_a_problem() {
        let moment = |second| Timestamp::from_second(second).expect("a moment");
        let now = moment(WRITTEN + 60);
        assert!(sane(now, None).is_ok());
        assert!(sane(now, Some(moment(WRITTEN))).is_ok());
        assert!(sane(now, Some(moment(WRITTEN + 120))).is_err());
        assert!(sane(moment(0), None).is_err());
    }

    #[test]
    fn only_this_machine_is_this_machine() {
        for (listen, here) in [
            ("127.0.0.1:8080", true),
            ("localhost:1", true),
            ("[::1]:1", true),
            ("0.0.0.0:80", false),
            ("127:1", false),
        ] {
            assert_eq!(on_this_machine(listen), here, "{listen}");
        }
    }
}
