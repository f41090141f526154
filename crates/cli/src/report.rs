//! `report dataset`: every measure of a month, as a document.

use std::path::Path;

use clearpicture_app::measures::{Copy, report};
use clearpicture_app::shell::fonts;
use clearpicture_kernel::Ambient;
use clearpicture_reports::{Fonts, Report, html, pdf};

use crate::installation::{self, Footing};
use crate::measure::{Wanted, csv, flat, made};
use crate::outcome::Stop;
use crate::say;
use crate::settings::Settings;

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Pdf,
    Html,
    Csv,
}

impl Form {
    /// The form that the end of the file's name asks for.
    fn of(out: &Path) -> Result<Self, Stop> {
        match out.extension().and_then(|end| end.to_str()) {
            Some("pdf") => Ok(Self::Pdf),
            Some("html") => Ok(Self::Html),
            Some("csv") => Ok(Self::Csv),
            _ => Err(Stop::misuse(format!(
                "`{}` says nothing of what to write: end its name in .pdf, .html or .csv",
                out.display()
            ))),
        }
    }
}

/// The command. A file that is there already is left alone: it may be the copy that was sent.
pub(crate) async fn dataset(
    settings: &Settings,
    wanted: &Wanted<'_>,
    out: &Path,
) -> Result<(), Stop> {
    let form = Form::of(out)?;
    let ask = wanted.ask()?;
    let opened = installation::open(settings, Footing::Existing).await?;
    let made_of = made(&opened, wanted).await;
    let origin = opened.store.origin().await;
    let practice = opened.practice.clone();
    opened.close().await?;
    let (made, origin) = (made_of?, origin?);
    let bytes = if form == Form::Csv {
        csv(&flat(made.all))?.into_bytes()
    } else {
        let all: Vec<_> = made
            .all
            .iter()
            .map(|(measure, figures)| (measure, figures.clone()))
            .collect();
        let now = Ambient::system().now();
        let stamp = format!(
            "Made on the server on {}",
            clearpicture_app::words::moment(now)
        );
        let copy = Copy {
            ask: &ask,
            stamp: &stamp,
            first: made.first,
            invented: origin.is_some_and(|origin| origin.is_demonstration()),
        };
        document(&report(&practice, &copy, &all), form)?
    };
    write(out, &bytes)?;
    say::message(&format!("written: {}", out.display()));
    Ok(())
}

fn document(report: &Report, form: Form) -> Result<Vec<u8>, Stop> {
    let fonts: &Fonts = fonts().map_err(Stop::fault)?;
    let bytes = match form {
        Form::Html => html(report, fonts).map(String::into_bytes),
        Form::Pdf | Form::Csv => pdf(report, fonts),
    };
    bytes.map_err(|fault| Stop::fault(fault.to_string()))
}

/// Writes a file that is not there yet.
pub(crate) fn write(out: &Path, bytes: &[u8]) -> Result<(), Stop> {
    use std::io::Write as _;
    let file = std::fs::File::create_new(out);
    let written = file.and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| {
        Stop::misuse(format!(
            "`{}` cannot be written ({error}): name a file that is not there yet, in a folder that this user may write to",
            out.display()
        ))
    })
}
