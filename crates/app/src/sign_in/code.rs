//! One-time codes (RFC 6238: SHA-1, six digits, thirty seconds), and the picture a device reads its secret from.

use clearpicture_kernel::{Ambient, Timestamp};
use data_encoding::BASE32_NOPAD;
use qrcode::{Color, QrCode};
use totp_rs::{Builder, Secret, Totp};

/// Bytes of a fresh secret, as RFC 4226 asks.
const SECRET_LEN: usize = 20;

/// A fresh secret, in base 32.
pub(super) fn fresh_secret(ambient: &Ambient) -> String {
    BASE32_NOPAD.encode(&ambient.bytes::<SECRET_LEN>())
}

/// The step that `typed` is the code of at `now`, one step early or late allowed.
pub(super) fn step_of(secret: &str, typed: &str, now: Timestamp) -> Option<u64> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if typed.len() != 6 || !typed.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let second = u64::try_from(now.as_second()).ok()?;
    totp(secret, None)?.check(&typed, second)
}

/// Whether a text is a secret that codes can be made from.
pub(super) fn is_secret(secret: &str) -> bool {
    totp(secret, None).is_some()
}

fn totp(secret: &str, account: Option<&str>) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new()
        .with_secret(secret)
        .with_account_name(account.unwrap_or_default())
        .with_issuer(Some("Clear Picture"))
        .build()
        .ok()
}

/// The secret in groups of four, to be typed by hand.
pub(super) fn in_groups(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(String::from_iter).collect();
    groups.join(" ")
}

/// A square picture of dark modules: its width, and one path that draws them.
#[derive(Debug, Clone, serde::Serialize)]
pub(super) struct Picture {
    /// Modules a side, with the quiet edge.
    width: usize,
    /// The path, in the words of SVG.
    path: String,
}

/// The picture that a device reads the secret from; `None` when the address does not fit.
pub(super) fn picture(secret: &str, email: &str) -> Option<Picture> {
    const EDGE: usize = 4;
    let address = totp(secret, Some(&email.replace(':', " ")))?
        .to_url()
        .ok()?;
    let code = QrCode::new(address).ok()?;
    let width = code.width();
    let path = code
        .to_colors()
        .into_iter()
        .enumerate()
        .filter(|(_, colour)| *colour == Color::Dark)
        .map(|(place, _)| format!("M{} {}h1v1h-1z", place % width + EDGE, place / width + EDGE))
        .collect();
    Some(Picture {
        width: width + 2 * EDGE,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn codes_are_those_of_the_standard_and_count_for_a_step_either_side() {
        let at = |second| Timestamp::from_second(second).expect("a moment");
        // 1111111109 s: the eight digits 07081804 end in the six of our length.
        assert_eq!(
            step_of(SECRET, "081804", at(1_111_111_109)),
            Some(37_037_036)
        );
        assert_eq!(
            step_of(SECRET, " 081 804", at(1_111_111_130)),
            Some(37_037_036)
        );
        assert_eq!(
            step_of(SECRET, "081804", at(1_111_111_079)),
            Some(37_037_036)
        );
        assert_eq!(step_of(SECRET, "081804", at(1_111_111_169)), None);
        for wrong in ["", "08180", "0818040", "08180x", "٠٨١٨٠٤", "<script>"] {
            assert_eq!(step_of(SECRET, wrong, at(1_111_111_109)), None, "{wrong}");
        }
    }

    #[test]
    fn the_picture_is_a_path_and_nothing_else() {
        let picture = picture(SECRET, "amal:\"><script>@northwater.example").expect("a picture");
        assert!(picture.path.chars().all(|c| "Mhvz -0123456789".contains(c)));
        assert_eq!(in_groups("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }
}
