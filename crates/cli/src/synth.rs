//! `synth`: invented children as agencies' own files, with the truth beside.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clearpicture_synth::{Agency, TRUTH, write};

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
    let names: Vec<&str> = Agency::ALL
        .into_iter()
        .map(Agency::file)
        .chain([TRUTH])
        .collect();
    let part = |name: &str| -> PathBuf { folder.join(format!("{name}.part")) };
    let mut files: Vec<(Agency, BufWriter<File>)> = Vec::new();
    for agency in Agency::ALL {
        let file = File::create(part(agency.file())).map_err(unusable)?;
        files.push((agency, BufWriter::new(file)));
    }
    let mut truth = BufWriter::new(File::create(part(TRUTH)).map_err(unusable)?);
    let mut by_agency: BTreeMap<Agency, &mut dyn Write> = files
        .iter_mut()
        .map(|(agency, file)| (*agency, file as &mut dyn Write))
        .collect();
    write(count, seed, &mut by_agency, &mut truth)
        .map_err(|error| Stop::fault(error.to_string()))?;
    for name in names {
        fs::rename(part(name), folder.join(name)).map_err(unusable)?;
    }
    Ok(())
}
