//! Charts on pages, and the typeface of charts and documents, read once.

use std::sync::LazyLock;

use clearpicture_reports::{Chart, Fonts, Width, svg};
use serde::Serialize;

use super::Failure;

const REGULAR: &[u8] = include_bytes!("../../../../assets/print/regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../../assets/print/bold.ttf");

static FONTS: LazyLock<Result<Fonts, String>> = LazyLock::new(|| Fonts::read(REGULAR, &[BOLD]));

/// The typeface.
///
/// # Errors
/// A sentence when the files that this release was built with are no fonts.
pub fn fonts() -> Result<&'static Fonts, String> {
    FONTS.as_ref().map_err(Clone::clone)
}

/// A chart for a desk and for a phone, and what can be seen in it; empty when there is nothing to draw.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChartShown {
    wide: String,
    narrow: String,
    finding: String,
}

impl ChartShown {
    /// The chart, drawn.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the files that this release was built with are no fonts.
    pub fn of(chart: Chart) -> Result<Self, Failure> {
        let fonts = fonts().map_err(|fault| Failure::fault(&fault))?;
        let drawn = |width| svg(&chart, width, fonts).map_err(|fault| Failure::fault(&fault));
        Ok(Self {
            wide: drawn(Width::Wide)?,
            narrow: drawn(Width::Narrow)?,
            finding: chart.finding,
        })
    }

    /// An invented one.
    pub fn sample() -> Self {
        Self {
            wide: "<svg viewBox=\"0 0 2 1\" role=\"img\" aria-label=\"A chart\"></svg>".to_owned(),
            narrow: "<svg viewBox=\"0 0 1 2\" role=\"img\" aria-label=\"A chart\"></svg>"
                .to_owned(),
            finding: "Known to both: 320 of 500 children, the largest part.".to_owned(),
        }
    }
}
