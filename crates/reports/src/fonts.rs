//! The typeface of reports and charts.

use std::sync::OnceLock;

use plotters::style::{FontStyle, register_font};
use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// The family, as pages, charts and documents name it.
pub(crate) const FAMILY: &str = "Atkinson Hyperlegible Next";

/// The typeface, read once.
pub struct Fonts {
    pub(crate) book: LazyHash<FontBook>,
    pub(crate) fonts: Vec<Font>,
}

impl Fonts {
    /// The typeface from its files: the regular weight, and every other one that documents use.
    ///
    /// # Errors
    /// A sentence when one of them is no font that can be read.
    pub fn read(regular: &'static [u8], others: &[&'static [u8]]) -> Result<Self, String> {
        // Charts measure their labels by it. The register is the drawing library's own, for the whole process.
        static REGISTERED: OnceLock<bool> = OnceLock::new();
        let registered =
            REGISTERED.get_or_init(|| register_font(FAMILY, FontStyle::Normal, regular).is_ok());
        if !registered {
            return Err("the regular weight of the typeface cannot be read".to_owned());
        }
        let all = [regular].into_iter().chain(others.iter().copied());
        let fonts: Vec<Font> = all.flat_map(|file| Font::iter(Bytes::new(file))).collect();
        if fonts.len() != others.len() + 1 {
            return Err("a weight of the typeface cannot be read".to_owned());
        }
        Ok(Self {
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
        })
    }
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(FAMILY)
    }
}
