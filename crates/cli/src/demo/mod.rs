//! `demo`: an example partnership, whole and invented, made without a question, with invented children or those of a
//! folder of files.
//!
//! For someone who wants to see the product, and for the tests that drive it. A
//! demonstration says so in the first entry of its history and on every page,
//! and is never made where a partnership keeps its own records.

mod accounts;
mod children;
mod codes;
mod feeds;
mod folder;
mod partnership;
mod picture;
mod sign_ins;
mod summary;
mod taking;

use clearpicture_app::state::{self, StartFault};
use clearpicture_kernel::Ambient;
use clearpicture_store::DEMONSTRATION;

use crate::arguments::DemoArguments;
use crate::installation::{self, Footing, Opened};
use crate::outcome::Stop;
use crate::settings::Settings;
use crate::{say, serve};

use crate::making::Maker;
use folder::Entry;
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
    if arguments.codes {
        return codes::again(&settings.data, Ambient::system().now());
    }
    let files = match &arguments.with {
        Some(folder) => Some(folder::walk(folder, &settings.data)?),
        None => None,
    };
    let opened = installation::open(&settings, Footing::Begin).await?;
    let (sign_ins, summary) = make(&settings, &opened, &arguments, files.as_deref()).await?;
    for sign_in in &sign_ins {
        say::answer(&format!("sign-in: {}", sign_in.line()))?;
    }
    // Otherwise standard error is the server's log, and holds nothing but its lines.
    if let Some(words) = summary {
        say::message(&words);
        if let Some(words) = picture::to_open(&settings, &opened, &sign_ins).await? {
            say::message(&words);
        }
    }
    if arguments.no_serve {
        opened.close().await
    } else {
        // Last, so that they are good for as long as can be once somebody can sign in.
        codes::print(&sign_ins, opened.store.ambient().now())?;
        say::answer(&codes::how_to_have_more(&settings.data))?;
        serve::serve(&settings, opened).await
    }
}

/// Makes what is not there yet, and takes in the files of a folder where one is named. Every step may have been taken
/// by an earlier run that was stopped, and the same files say nothing new. Gives who can sign in, and what came of the files.
async fn make(
    settings: &Settings,
    opened: &Opened,
    arguments: &DemoArguments,
    files: Option<&[Entry]>,
) -> Result<(Vec<SignIn>, Option<String>), Stop> {
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
    let complete = origin.is_some() && sign_ins.complete;
    let access = state::policies(&installation::capabilities(), &opened.practice)
        .map_err(StartFault::from)?;
    if origin.is_none() {
        partnership::make(&opened.store, &access, &people, arguments.size).await?;
    }
    if !complete {
        accounts::open(&opened.store, &access, &sign_ins.people).await?;
    }
    let mut summary = None;
    if let Some(files) = files {
        let taken = taking::take_in(opened, files).await?;
        let linked = children::link(opened).await?;
        let words = [taken.words(), summary::linked(&linked)];
        summary = Some(words.join("\n\n"));
    } else if !complete && arguments.size.children() > 0 {
        children::invent(opened, &access, arguments.size).await?;
        children::link(opened).await?;
    }
    if !complete {
        sign_ins::note_complete(&settings.data)?;
    }
    Ok((sign_ins.people, summary))
}
