//! Charts drawn to SVG: one drawing for pages and documents.
//!
//! Text stays text, and nothing carries a style of its own that a content security policy would have to let through.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea as _};
use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontStyle, IntoFont as _, RGBColor, TextStyle};

use crate::chart::{Bar, Chart, Width};
use crate::fonts::{FAMILY, Fonts};

const INK: RGBColor = RGBColor(0x16, 0x22, 0x2b);
const QUIET: RGBColor = RGBColor(0x4a, 0x5a, 0x66);
const SOFT: RGBColor = RGBColor(0xe4, 0xe8, 0xea);
const TEAL: RGBColor = RGBColor(0x0b, 0x4f, 0x5c);
/// The size of all words in a chart. The drawing library counts a font's size from its ascent to its descent, which is
/// 1.24 of what SVG calls its size.
const WORDS: f64 = 14.0 * 1.24;
/// Between a bar and the words beside it.
const GAP: i32 = 8;
/// From one bar to the next.
const ROW: i32 = 40;
/// Half of a bar's height.
const HALF: i32 = 11;
/// Half of the height of an interval's ends.
const END: i32 = 6;

/// Why a chart could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a chart could not be drawn: {0}")]
pub struct DrawFault(String);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// `chart` as an SVG image, with its title and description for whoever cannot see it.
///
/// # Errors
/// [`DrawFault`] when the drawing library fails.
pub fn svg(chart: &Chart, width: Width, _fonts: &Fonts) -> Result<String, DrawFault> {
    let layout = Layout::of(chart, width)?;
    let mut drawn = String::new();
    {
        let backend = SVGBackend::with_string(&mut drawn, (layout.width, layout.height));
        let area = backend.into_drawing_area();
        layout.draw(chart, &area).map_err(fault)?;
        area.present().map_err(fault)?;
    }
    Ok(named(&drawn, chart, layout))
}

/// Where everything lies, in units of the picture.
#[derive(Debug, Clone, Copy)]
struct Layout {
    width: u32,
    height: u32,
    /// Where nought and a hundred percent lie.
    from: i32,
    to: i32,
    /// How far the words above a bar push it down; nought where they stand left of it.
    above: i32,
}

impl Layout {
    fn of(chart: &Chart, width: Width) -> Result<Self, DrawFault> {
        let labels = widest(chart.bars.iter().map(|bar| &bar.label))?;
        let words = widest(chart.bars.iter().map(|bar| &bar.words))?;
        let bars = i32::try_from(chart.bars.len()).unwrap_or(i32::MAX);
        let (width, from, above) = match width {
            Width::Wide => (600, labels + GAP, 0),
            // Half of what stands under the first gridline.
            Width::Narrow => (290, 12, 26),
        };
        // Words beside the longest bar still fit.
        let to = match above {
            0 => width - words - 2 * GAP,
            _ => width - 22,
        };
        let height = bars.saturating_mul(ROW + above).saturating_add(28);
        Ok(Self {
            width: width.unsigned_abs(),
            height: height.unsigned_abs(),
            from,
            to: to.max(from + 80),
            above,
        })
    }

    /// Where a percentage lies.
    #[expect(clippy::cast_possible_truncation, reason = "a share of at most 100")]
    fn x(&self, percent: f64) -> i32 {
        let share = percent.clamp(0.0, 100.0) / 100.0;
        self.from + (f64::from(self.to - self.from) * share).round() as i32
    }

    fn draw(&self, chart: &Chart, area: &Area<'_>) -> Drawn {
        let bottom = self.height.cast_signed() - 24;
        for percent in [0, 25, 50, 75, 100] {
            let x = self.x(f64::from(percent));
            let line = if percent == 0 { QUIET } else { SOFT };
            area.draw(&PathElement::new([(x, 0), (x, bottom)], line))?;
            let place = pos(HPos::Center, VPos::Top);
            area.draw(&Text::new(
                format!("{percent}%"),
                (x, bottom + 6),
                words(QUIET, place),
            ))?;
        }
        let mut top = 0;
        for bar in &chart.bars {
            self.bar(bar, top, area)?;
            top += ROW + self.above;
        }
        Ok(())
    }

    fn bar(&self, bar: &Bar, top: i32, area: &Area<'_>) -> Drawn {
        let middle = top + self.above + ROW / 2;
        let label = bar.label.clone();
        match self.above {
            0 => {
                let style = words(INK, pos(HPos::Right, VPos::Center));
                area.draw(&Text::new(label, (self.from - GAP, middle), style))?;
            }
            _ => {
                let style = words(INK, pos(HPos::Left, VPos::Top));
                area.draw(&Text::new(
                    format!("{label}: {}", bar.words),
                    (self.from, top + 10),
                    style,
                ))?;
            }
        }
        let mut end = self.from;
        if let Some([share, low, high]) = bar.share {
            let (low, high) = (self.x(low), self.x(high));
            let corners = [(self.from, middle - HALF), (self.x(share), middle + HALF)];
            area.draw(&Rectangle::new(corners, TEAL.filled()))?;
            // Ink on paper, and paper on the bar.
            let halo = RGBColor(0xff, 0xff, 0xff).stroke_width(4);
            for style in [halo, INK.stroke_width(2)] {
                area.draw(&PathElement::new([(low, middle), (high, middle)], style))?;
                for x in [low, high] {
                    let ends = [(x, middle - END), (x, middle + END)];
                    area.draw(&PathElement::new(ends, style))?;
                }
            }
            end = high.max(self.x(share));
        }
        if self.above == 0 {
            let tone = if bar.share.is_some() { INK } else { QUIET };
            let style = words(tone, pos(HPos::Left, VPos::Center));
            area.draw(&Text::new(bar.words.clone(), (end + GAP, middle), style))?;
        }
        Ok(())
    }
}

type Drawn = Result<(), plotters::drawing::DrawingAreaErrorKind<std::io::Error>>;

fn pos(h: HPos, v: VPos) -> Pos {
    Pos::new(h, v)
}

fn words(colour: RGBColor, place: Pos) -> TextStyle<'static> {
    (FAMILY, WORDS, FontStyle::Normal)
        .into_font()
        .color(&colour)
        .pos(place)
}

/// The width of the widest of `all`.
fn widest<'a>(all: impl Iterator<Item = &'a String>) -> Result<i32, DrawFault> {
    let font = (FAMILY, WORDS, FontStyle::Normal).into_font();
    let mut widest = 0;
    for one in all {
        let (width, _) = font.box_size(one).map_err(fault)?;
        widest = widest.max(i32::try_from(width).unwrap_or(i32::MAX));
    }
    // What the library measures is a little less than what browsers and paper set.
    Ok(widest.saturating_mul(9) / 8)
}

fn fault(error: impl std::fmt::Display) -> DrawFault {
    DrawFault(error.to_string())
}

/// The drawing with a name and a description, as wide as there is room for.
fn named(drawn: &str, chart: &Chart, layout: Layout) -> String {
    let inside = drawn.split_once('>').map_or("", |(_, inside)| inside);
    let escaped = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" role=\"img\" \
         aria-label=\"{}. {}\" focusable=\"false\">{inside}",
        layout.width,
        layout.height,
        layout.width,
        layout.height,
        escaped(&chart.title),
        escaped(&chart.description),
    )
}
