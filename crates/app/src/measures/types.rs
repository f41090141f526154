//! What can be done with figures.

use clearpicture_access::{Kind, actions};

/// A figure of the partnership, as policies know it. It has no history of its own: it is made from everybody's.
#[derive(Debug, Clone, Copy)]
pub struct PartnershipFigure;

impl Kind for PartnershipFigure {
    const NAME: &'static str = "figure";
    const PERSONAL: bool = false;
}

actions! { pub on PartnershipFigure:
    see SeeFigures = "measures.see", "see what the partnership counts, and what it comes to";
}
