//! What can happen to a stock of leaflets, and when it cannot.

use super::types::Leaflet;

/// Why leaflets cannot have been given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No number, or none given out.
    #[error("Enter how many were given out, 1 or more.")]
    Nothing,
    /// More than there were.
    #[error("Only {0} are left. Count what was given out again.")]
    TooMany(u32),
}

/// The stock after `number` leaflets were given out.
///
/// # Errors
/// [`Refusal`] when it was none, or more than there were.
pub fn give_out(leaflet: &Leaflet, number: u32) -> Result<Leaflet, Refusal> {
    if number == 0 {
        return Err(Refusal::Nothing);
    }
    let left = leaflet.left.checked_sub(number);
    Ok(Leaflet {
        left: left.ok_or(Refusal::TooMany(leaflet.left))?,
        ..leaflet.clone()
    })
}
