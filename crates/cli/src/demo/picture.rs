//! A child's picture to open first: the one of whom most agencies tell, as one of the example people may see it.

use clearpicture_access::Purpose;
use clearpicture_app::history::Shown as _;
use clearpicture_app::persons::{Person, SeePerson, most_widely_known};
use clearpicture_app::state::Serving;
use clearpicture_app::workers::{self, ListWorkers, by_email};
use clearpicture_kernel::Code;

use super::sign_ins::SignIn;
use crate::installation::Opened;
use crate::making::word;
use crate::outcome::Stop;
use crate::settings::Settings;

/// The role of whoever opens it, and why they do.
const ROLE: &str = "practitioner";
const PURPOSE: &str = "work-with-a-child";

/// Where to look, in words; `None` where no child is known to several sources, or none that they may see.
pub(super) async fn to_open(
    settings: &Settings,
    opened: &Opened,
    sign_ins: &[SignIn],
) -> Result<Option<String>, Stop> {
    let Some(reader) = sign_ins.iter().find(|one| one.role == ROLE) else {
        return Ok(None);
    };
    let app = opened.app(Serving::default())?;
    let system = (super::MAKER.caller(), super::MAKER.purpose()?);
    let scope = opened
        .store
        .scope::<ListWorkers>(app.access(), &system.0, &system.1)
        .await?;
    let Some(worker) = by_email(&opened.store, &scope, &reader.email).await? else {
        return Ok(None);
    };
    let Some(who) = workers::identify(app.clone(), worker).await? else {
        return Ok(None);
    };
    let purpose = Purpose {
        code: word(Code::parse(PURPOSE))?,
        marked: false,
    };
    let scope = opened
        .store
        .scope::<SeePerson>(app.access(), &who.caller, &purpose)
        .await?;
    let person = most_widely_known(&opened.store, &scope).await?;
    Ok(person.map(|person| {
        format!(
            "A child's picture: {}{}\n  sign in as the first practitioner of the lines above",
            base(settings),
            Person::href(&person)
        )
    }))
}

/// What stands before a path in a browser; nothing where the port is not known before it is served.
fn base(settings: &Settings) -> String {
    if let Some(url) = &settings.public_url {
        return url.as_str().trim_end_matches('/').to_owned();
    }
    if settings.listen.ends_with(":0") {
        return String::new();
    }
    format!("http://{}", settings.listen)
}
