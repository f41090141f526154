//! How far the reason for a grant must go.

use clearpicture_kernel::Passage;

/// The fewest characters that say why.
const SHORTEST_REASON: usize = 10;

/// The reason as typed, or what is wrong with it.
///
/// # Errors
/// What is wrong, in words for whoever typed it.
pub fn reason(text: &str) -> Result<Passage, String> {
    let reason = Passage::parse(text).map_err(|problem| problem.to_string())?;
    if reason.as_str().chars().count() < SHORTEST_REASON {
        return Err(format!(
            "this is too short to be understood later; write at least {SHORTEST_REASON} characters"
        ));
    }
    Ok(reason)
}
