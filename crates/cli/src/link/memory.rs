//! How much memory linking files may take, and what goes into a file beyond it.

use std::fs;
use std::path::Path;

use clearpicture_engine::scratch::ScratchFile;
use clearpicture_linkage::columns::{Plan, Room, Table, least};

use super::threads;
use crate::outcome::Stop;

const MEGABYTE: u64 = 1 << 20;
/// What the program takes by itself, and each thread with the rows that it reads and writes.
const PROGRAM: u64 = 80 * MEGABYTE;
const THREAD: u64 = 32 * MEGABYTE;
/// The least that is left for pairs.
const PAIRS: u64 = 16 * MEGABYTE;

/// A limit of memory, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Memory {
    /// One that was asked for.
    Asked(u64),
    /// Half of what was free.
    Half(u64),
    /// None: the system does not tell what is free.
    Plenty,
}

impl Memory {
    /// As many megabytes as are asked for, or half of what is free now.
    pub(super) fn of(megabytes: Option<u64>) -> Self {
        match (megabytes, free()) {
            (Some(megabytes), _) => Self::Asked(megabytes.saturating_mul(MEGABYTE)),
            (None, Some(free)) => Self::Half(free / 2),
            (None, None) => Self::Plenty,
        }
    }

    /// What of it is left beside records that are held; and the folder has a file for what does not fit. Records that take
    /// all of it are refused only where somebody asked for the limit.
    pub(super) fn room(
        self,
        table: &Table,
        plan: &Plan,
        folder: &Path,
    ) -> Result<Option<Room>, Stop> {
        let (Self::Asked(limit) | Self::Half(limit)) = self else {
            return Ok(None);
        };
        let least = least(table, plan) + PAIRS;
        let writing = THREAD * threads() as u64;
        let needed = PROGRAM + writing + table.bytes() + least;
        if matches!(self, Self::Asked(_)) && limit < needed {
            return Err(Stop::misuse(format!(
                "the records take {} megabytes of memory with all that linking them needs, and `--memory` is {}: allow that many \
                 or more, or leave out columns or files",
                needed.div_ceil(MEGABYTE),
                limit / MEGABYTE
            )));
        }
        let held = of_process("VmRSS:").unwrap_or(table.bytes());
        Ok(Some(Room {
            bytes: limit.saturating_sub(held + writing).max(least),
            scratch: Box::new(ScratchFile::within(folder)),
        }))
    }
}

/// Bytes as megabytes.
pub(super) const fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / MEGABYTE as f64
}

/// The most memory that this process has had, in megabytes, where the system tells.
pub(super) fn peak() -> Option<f64> {
    of_process("VmHWM:").map(megabytes)
}

/// What the system tells of this process's memory, in bytes.
fn of_process(name: &str) -> Option<u64> {
    kilobytes(&text(Path::new("/proc/self/status"))?, name)
}

/// How many bytes are free: for all processes, and for those of the control groups that this one is in.
fn free() -> Option<u64> {
    let of_all = kilobytes(&text(Path::new("/proc/meminfo"))?, "MemAvailable:");
    let groups = text(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/"));
    let own = own.map(|own| Path::new("/sys/fs/cgroup").join(own));
    let of_groups = own.as_deref().into_iter().flat_map(Path::ancestors);
    of_groups.filter_map(free_in).chain(of_all).min()
}

/// How many bytes are free in a control group that has a limit. What it has read of files is given back when needed.
fn free_in(group: &Path) -> Option<u64> {
    let number = |name: &str| text(&group.join(name))?.trim().parse::<u64>().ok();
    let files = text(&group.join("memory.stat")).and_then(|stat| {
        let line = stat
            .lines()
            .find_map(|line| line.strip_prefix("inactive_file "))?;
        line.trim().parse::<u64>().ok()
    });
    let taken = number("memory.current")?.saturating_sub(files.unwrap_or_default());
    Some(number("memory.max")?.saturating_sub(taken))
}

/// The line of a name in such a file, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    kilobytes.checked_mul(1_024)
}

#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: nothing is served meanwhile"
)]
fn text(file: &Path) -> Option<String> {
    fs::read_to_string(file).ok()
}
