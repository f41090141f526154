//! The practice folder: the partnership's own, or a copy of the one that this
//! release ships, for the partnership to edit.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use clearpicture_app::practice::Practice;
use clearpicture_ingest::Profile;
use clearpicture_measures::Measure;
use rust_embed::RustEmbed;

use crate::outcome::Stop;
use crate::settings::Settings;

/// The practice that this release ships.
#[derive(RustEmbed)]
#[folder = "../../practice"]
struct Shipped;

/// Where the practice is.
pub(crate) fn folder(settings: &Settings) -> PathBuf {
    settings
        .practice
        .clone()
        .unwrap_or_else(|| settings.data.join("practice"))
}

/// Reads the practice, after adding what the data folder's copy lacks of this release's files.
pub(crate) fn fill_and_read(settings: &Settings) -> Result<Practice, Stop> {
    let folder = folder(settings);
    if settings.practice.is_none() {
        fill(&folder).map_err(|error| {
            Stop::fault(format!(
                "the practice folder `{}` cannot be written ({error}): let this user write there, or name another with `practice`",
                folder.display()
            ))
        })?;
    }
    Ok(Practice::read(&folder)?)
}

/// The profiles of sources: the practice's own where it has them, and otherwise this release's.
///
/// Nothing is written, and no installation is needed.
pub(crate) fn profiles(settings: &Settings) -> Result<Vec<Profile>, Stop> {
    each(settings, "sources", Profile::parse)
}

/// The measures: the practice's own where it has them, and otherwise this release's.
///
/// Nothing is written, and no installation is needed.
pub(crate) fn measures(settings: &Settings) -> Result<Vec<Measure>, Stop> {
    each(settings, "measures", |file, text| {
        Measure::parse(text).map_err(|error| anyhow::anyhow!("`{file}`: {error}"))
    })
}

/// Every file of this part of the practice, read by `parse`, which is given the file's name and text.
#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: nothing is served meanwhile"
)]
fn each<T, E: Into<anyhow::Error>>(
    settings: &Settings,
    part: &str,
    parse: impl Fn(&str, &str) -> Result<T, E>,
) -> Result<Vec<T>, Stop> {
    let own = folder(settings).join(part);
    let shipped = Shipped::iter().filter(|name| Path::new(name.as_ref()).starts_with(part));
    let mut texts = BTreeMap::new();
    for name in shipped {
        if let Some(file) = Shipped::get(&name) {
            let text = String::from_utf8_lossy(&file.data).into_owned();
            texts.insert(folder(settings).join(name.as_ref()), text);
        }
    }
    if own.is_dir() {
        for entry in std::fs::read_dir(&own)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "toml") {
                let text = std::fs::read_to_string(&path).map_err(|error| {
                    let file = path.display();
                    Stop::misuse(format!("the file `{file}` cannot be read ({error}): save it as UTF-8 where this user may read it"))
                })?;
                texts.insert(path, text);
            }
        }
    }
    let parsed = texts.iter().map(|(path, text)| {
        parse(&path.display().to_string(), text).map_err(|error| Stop::Misuse(error.into()))
    });
    parsed.collect()
}

/// Adds the shipped files that are not there, and changes none that is.
///
/// Policies come with the first run only: one that is missing later was taken away on purpose.
#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: it runs before anything is served"
)]
fn fill(folder: &Path) -> io::Result<()> {
    let first_run = !folder.exists();
    for name in Shipped::iter() {
        let path = folder.join(name.as_ref());
        if path.exists() || (!first_run && name.starts_with("policies/")) {
            continue;
        }
        let Some(file) = Shipped::get(&name) else {
            continue;
        };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        // Whole or not at all, whenever the power goes.
        let part = path.with_extension("part");
        std::fs::write(&part, &file.data)?;
        std::fs::rename(&part, &path)?;
    }
    Ok(())
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "tests write to a folder of their own"
)]
mod tests {
    use super::*;

    #[test]
    fn what_the_partnership_edited_stays_and_what_is_missing_comes() {
        let data = tempfile::tempdir().expect("a folder");
        let folder = data.path().join("practice");
        fill(&folder).expect("filled");
        assert!(Practice::read(&folder).is_ok());
        let edited = folder.join("partnership.toml");
        std::fs::write(&edited, "name = \"Fenby\"").expect("written");
        std::fs::remove_file(folder.join("codes/roles.toml")).expect("removed");
        fill(&folder).expect("filled again");
        let practice = Practice::read(&folder).expect("whole");
        assert_eq!(practice.partnership, "Fenby");
    }
}
