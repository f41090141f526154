//! What a chart shows, before it is drawn.

/// Shares of a whole as bars, each with its 95% interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What it is about.
    pub title: String,
    /// What can be seen in it, in a sentence.
    pub finding: String,
    /// All that it shows, in words, for whoever cannot see it.
    pub description: String,
    /// The bars, from top to bottom.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it is the share of.
    pub label: String,
    /// The share in percent, and the lower and the upper end of its interval; `None` when there is nothing to draw.
    pub share: Option<[f64; 3]>,
    /// What stands beside it: the share and how many, or why there is none.
    pub words: String,
}

/// How much room there is for a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// A desk or a sheet of paper: labels stand left of the bars.
    Wide,
    /// A phone: labels stand above them.
    Narrow,
}
