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

/// The code that is good now and longest from now on, and until when; `None` for what is no secret.
///
/// It is the next step's, since one step early is allowed: whoever reads it has a minute at least to type it.
pub fn good_code(secret: &str, now: Timestamp) -> Option<(String, Timestamp)> {
    const STEP: u64 = 30;
    let second = u64::try_from(now.as_second()).ok()?;
    let next = (second / STEP + 1) * STEP;
    let until = i64::try_from(next + 2 * STEP).ok()?;
    let code = totp(secret, None)?.generate(next).to_string();
    Some((code, Timestamp::from_second(until).ok()?))
}

/// The step that `typed` is the code of at `now`, one step early or late allowed.
pub(super) fn step_of(secret: &str, typed: &str, now: Timestamp) -> Option<u64> {
    let typed: String = typed.chars().filter(|c| !parts_digits(*c)).collect();
    if typed.len() != 6 || !typed.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let second = u64::try_from(now.as_second()).ok()?;
    totp(secret, None)?.check(&typed, second)
}

/// What people and their devices put between the digits of a code: space, a hyphen or a dash.
fn parts_digits(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}')
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
        for parted in [
            "081-804",
            "081\u{2010}804",
            "081 \u{2013} 804",
            "08-18-04",
            "081\u{2015}804",
        ] {
            let step = step_of(SECRET, parted, at(1_111_111_109));
            assert_eq!(step, Some(37_037_036), "{parted}");
        }
        assert_eq!(step_of(SECRET, "081804", at(1_111_111_169)), None);
        for wrong in [
            "",
            "-",
            "08180",
            "081-80",
            "081_804",
            "0818040",
            "08180x",
            "٠٨١٨٠٤",
            "<script>",
        ] {
            assert_eq!(step_of(SECRET, wrong, at(1_111_111_109)), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_that_is_given_out_is_good_for_a_minute_at_least() {
        for second in 1_111_111_080..1_111_111_140 {
            let at = |second| Timestamp::from_second(second).expect("a moment");
            let (code, until) = good_code(SECRET, at(second)).expect("a code");
            let last = until.as_second();
            assert!((60..=90).contains(&(last - second)), "{second}: {last}");
            assert!(step_of(SECRET, &code, at(second)).is_some(), "{second}");
            assert!(step_of(SECRET, &code, at(last - 1)).is_some(), "{second}");
            assert_eq!(step_of(SECRET, &code, at(last)), None, "{second}");
        }
        assert_eq!(good_code("no secret", Timestamp::UNIX_EPOCH), None);
    }

    #[test]
    fn the_picture_is_a_path_and_nothing_else() {
        let picture = picture(SECRET, "amal:\"><script>@northwater.example").expect("a picture");
        assert!(picture.path.chars().all(|c| "Mhvz -0123456789".contains(c)));
        assert_eq!(in_groups("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }
}
