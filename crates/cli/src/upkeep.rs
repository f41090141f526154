//! What keeps a partnership's records safe for decades: proof that history is
//! what it was, tables made anew from it, and copies that can be put back.

use std::path::Path;

use clearpicture_kernel::Ambient;
use clearpicture_store::{
    Broken, DatabaseAddress, RebuildError, StoreFault, restore as restore_backup,
};

use crate::installation::{self, Footing};
use crate::outcome::Stop;
use crate::say;
use crate::settings::Settings;

/// `history verify`, and with `--against` the second holder's copy of the seals
pub(crate) async fn verify(settings: &Settings, against: Option<&Path>) -> Result<(), Stop> {
    let opened = installation::open(settings, Footing::Existing).await?;
    let verified = opened.store.verify().await;
    let compared = match against {
        Some(folder) if verified.is_ok() => Some(opened.store.verify_against(folder).await),
        _ => None,
    };
    opened.close().await?;
    let verified = verified?;
    say::answer(&verified.to_string())?;
    say::answer(&verified.of_the_read_log())?;
    match compared {
        Some(Ok(compared)) => say::answer(&compared.to_string()),
        Some(Err(Broken::Fault(fault @ StoreFault::File { .. }))) => {
            Err(Stop::Misuse(fault.into()))
        }
        Some(Err(broken)) => Err(broken.into()),
        None => Ok(()),
    }
}

/// `rebuild --into URL`
pub(crate) async fn rebuild(settings: &Settings, into: &str) -> Result<(), Stop> {
    let into: DatabaseAddress = into.parse()?;
    let opened = installation::open(settings, Footing::Existing).await?;
    let rebuilt = opened.store.rebuild_into(&into).await;
    opened.close().await?;
    say::answer(&rebuilt?.to_string())
}

/// `backup FILE`
pub(crate) async fn backup(settings: &Settings, file: &Path) -> Result<(), Stop> {
    let opened = installation::open(settings, Footing::Existing).await?;
    let backed_up = opened.store.backup(file).await;
    opened.close().await?;
    say::answer(&backed_up?.to_string())?;
    if let Some(key) = settings.master_key.file() {
        say::message(&format!(
            "keep a copy of `{}` apart from the backup: without it the backup cannot be read by anyone",
            key.display()
        ));
    }
    Ok(())
}

/// `restore FILE`
pub(crate) async fn restore(settings: &Settings, file: &Path) -> Result<(), Stop> {
    let key = installation::master_key(settings)
        .await
        .map_err(StoreFault::from)?;
    let restored = restore_backup(
        file,
        &settings.database,
        key,
        &installation::holdings(),
        &Ambient::system(),
    )
    .await?;
    say::answer(&restored.to_string())
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Fault(fault) => fault.into(),
            found => Self::Fault(found.into()),
        }
    }
}

impl From<RebuildError> for Stop {
    fn from(error: RebuildError) -> Self {
        match error {
            RebuildError::Fault(fault) => fault.into(),
            found => Self::Fault(found.into()),
        }
    }
}
