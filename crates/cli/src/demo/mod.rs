//! `demo`: an example partnership, whole and invented, made without a question.
//!
//! For someone who wants to see the product, and for the tests that drive it. A
//! demonstration says so in the first entry of its history and on every page,
//! and is never made where a partnership keeps its own records.

mod accounts;
mod children;
mod feeds;
mod partnership;
mod sign_ins;

use clearpicture_app::state::{self, StartFault};
use clearpicture_store::DEMONSTRATION;

use crate::arguments::DemoArguments;
use crate::installation::{self, Footing, Opened};
use crate::outcome::Stop;
use crate::settings::Settings;
use crate::{say, serve};

use crate::making::Maker;
use sign_ins::SignIn;

/// Whoever makes a demonstration: so the first entry of its history says what it is.
const MAKER: Maker = Maker {
    name: "set-up",
    purpose: DEMONSTRATION,
    reason: "A demonstration: every person, agency and place is invented.",
};

/// The command.
pub(crate) async fn run(settings: Settings, arguments: DemoArguments) -> Result<(), Stop> {
    let settings = settings.listening(arguments.listen.clone());
    let opened = installation::open(&settings, Footing::Begin).await?;
    let sign_ins = make(&settings, &opened, &arguments).await?;
    for sign_in in &sign_ins {
        say::answer(&format!("sign-in: {}", sign_in.line()))?;
    }
    if arguments.no_serve {
        opened.close().await
    } else {
        serve::serve(&settings, opened).await
    }
}

/// Makes what is not there yet. Every step may have been taken by an earlier run that was stopped.
async fn make(
    settings: &Settings,
    opened: &Opened,
    arguments: &DemoArguments,
) -> Result<Vec<SignIn>, Stop> {
    let origin = opened.store.origin().await?;
    if origin
        .as_ref()
        .is_some_and(|origin| !origin.is_demonstration())
    {
        return Err(Stop::misuse(format!(
            "{} holds a partnership's own records, and no demonstration is made among them: name an empty folder with --data",
            settings.database
        )));
    }
    let people = partnership::people();
    let sign_ins = sign_ins::read_or_make(&settings.data, opened.store.ambient(), &people)?;
    if origin.is_some() && sign_ins.complete {
        return Ok(sign_ins.people);
    }
    let access = state::policies(&installation::capabilities(), &opened.practice)
        .map_err(StartFault::from)?;
    if origin.is_none() {
        partnership::make(&opened.store, &access, &people, arguments.size).await?;
    }
    accounts::open(&opened.store, &access, &sign_ins.people).await?;
    match &arguments.with {
        Some(folder) => children::take_in(opened, folder).await?,
        None => children::invent(opened, &access, arguments.size).await?,
    }
    sign_ins::note_complete(&settings.data)?;
    Ok(sign_ins.people)
}
