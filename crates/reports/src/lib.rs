//! Reports: one document model and one chart model, drawn as a web page and as a tagged PDF.
//!
//! A report is data ([`Report`]) until the last step, so that the page and the PDF say the same. A chart is drawn to SVG
//! once for both, and never stands without its finding in words, a description and its table.
//!
//! Nothing here reads a file, a database or a clock; what comes out is bytes.

mod chart;
mod data;
mod draw;
mod fonts;
mod html;
mod pdf;
mod report;
mod sheet;
#[cfg(test)]
mod tests;

pub use chart::{Bar, Chart, Width};
pub use draw::{DrawFault, svg};
pub use fonts::Fonts;
pub use html::html;
pub use pdf::{leaflet, pdf};
pub use report::{Block, Column, Report, ReportFault, Section};
pub use sheet::{Sheet, SheetFault, xlsx};
