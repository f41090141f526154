//! The log: one line on standard error for each thing worth knowing, with ids
//! only (docs/logging.md).

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::say;
use crate::settings::{LogFormat, Settings};

/// Starts the log as the settings say. A level that cannot be read becomes `info`, and is told.
pub(crate) fn start(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log_level).unwrap_or_else(|error| {
        say::message(&format!(
            "`log_level` is `{}`, which cannot be read ({error}): logging `info`",
            settings.log_level
        ));
        EnvFilter::new("info")
    });
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false);
    let started = match settings.log_format {
        LogFormat::Text => lines.finish().try_init(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .finish()
            .try_init(),
    };
    if let Err(error) = started {
        say::message(&format!("the log cannot be started: {error}"));
    }
    std::panic::set_hook(Box::new(clearpicture_app::shell::tell_of_panic));
}
