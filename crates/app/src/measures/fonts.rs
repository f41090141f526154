//! The typeface of charts and documents, read once.

use std::sync::LazyLock;

use clearpicture_reports::Fonts;

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
