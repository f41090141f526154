//! `synth`: invented children as agencies' own files, with the truth beside.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use clearpicture_synth::{files, write};

use crate::outcome::Stop;

/// Writes the files of `count` children into `folder`. A run that is cut short leaves no file that looks whole.
#[expect(
    clippy::disallowed_methods,
    reason = "plain blocking code: nothing is served meanwhile"
)]
pub(crate) fn run(count: u64, seed: u64, folder: &Path) -> Result<(), Stop> {
    let unusable = |error: std::io::Error| {
        Stop::misuse(format!(
            "the folder `{}` cannot be written ({error}): name one that this user may write to with --out",
            folder.display()
        ))
    };
    fs::create_dir_all(folder).map_err(unusable)?;
    if fs::read_dir(folder).map_err(unusable)?.next().is_some() {
        return Err(Stop::misuse(format!(
            "the folder `{}` holds something already: name an empty one with --out",
            folder.display()
        )));
    }
    let part = |name: &str| -> PathBuf { folder.join(format!("{name}.part")) };
    write(count, seed, &mut |name| {
        let file = File::create(part(name))?;
        Ok(Box::new(BufWriter::new(file)))
    })
    .map_err(|error| Stop::fault(error.to_string()))?;
    for name in files() {
        fs::rename(part(&name), folder.join(&name)).map_err(unusable)?;
    }
    Ok(())
}
