//! Values as programs write them into files, and as files may be opened by programs.

/// What begins a formula, also in the wide and small forms that a spreadsheet takes for the plain ones.
const BEGINS_FORMULA: [char; 18] = [
    '=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '⁼', '⁺', '⁻',
    '−',
];
/// What may part one cell from the next, wherever the file is opened: in much of Europe that is a semicolon.
const PARTS_CELLS: [char; 5] = [';', '\t', '|', '\n', '\r'];

/// The words of a cell, of which no part is a formula for a spreadsheet that opens the file, whatever it takes for the end of a
/// cell.
pub fn no_formula(cell: &str) -> String {
    let mut safe = String::with_capacity(cell.len() + 1);
    let mut begins = true;
    for (at, here) in cell.char_indices() {
        if begins && may_begin_formula(cell.get(at..).unwrap_or_default()) {
            safe.push('\'');
        }
        safe.push(here);
        begins = PARTS_CELLS.contains(&here);
    }
    safe
}

/// Whether a formula begins here, after spaces and quotation marks if there are some.
fn may_begin_formula(rest: &str) -> bool {
    let skipped = |c: char| c == '"' || (c.is_whitespace() && !BEGINS_FORMULA.contains(&c));
    let rest = rest.trim_start_matches(|c: char| skipped(c) && c != '\n');
    rest.starts_with(BEGINS_FORMULA)
}

/// Whether it is a number of which only the first digits are left: `7.1E+11`, as spreadsheets show long numbers and
/// programs write them. No code is written so, whatever its letters: one digit stands first, and behind it a point, or
/// before the exponent a sign.
pub fn has_lost_digits(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // Nearly every text is told to be none by its first two signs.
    let (has_point, rest) = match text.as_bytes() {
        [b'0'..=b'9', b'.' | b',', ..] => (true, text.get(2..).unwrap_or_default()),
        [b'0'..=b'9', b'E' | b'e', ..] => (false, text.get(1..).unwrap_or_default()),
        _ => return false,
    };
    let Some((decimals, exponent)) = rest.split_once(['E', 'e']) else {
        return false;
    };
    let unsigned = exponent.strip_prefix('+');
    let has_sign = unsigned.is_some();
    let exponent = unsigned.unwrap_or(exponent);
    let is_number = if has_point {
        digits(decimals)
    } else {
        has_sign
    };
    is_number && digits(exponent) && exponent.len() <= 3
}

/// `134.0` as `134`: a whole number that a program keeps as one with decimals.
pub fn whole_of_decimal(text: &str) -> Option<&str> {
    // Nearly every text is told to be none by its last sign.
    if !text.ends_with('0') {
        return None;
    }
    let (whole, decimals) = text.split_once('.')?;
    let noughts = !decimals.is_empty() && decimals.bytes().all(|byte| byte == b'0');
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    (noughts && is_whole).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_lost_digits_are_told_from_codes() {
        for lost in [
            "7.1E+11",
            "1.23457E+12",
            "2.19E+26",
            "7E+11",
            "7.1e+11",
            "1e+16",
            "7.1E11",
            "7,1E+11",
        ] {
            assert!(has_lost_digits(lost), "{lost}");
        }
        for code in [
            "1E5",
            "12E4",
            "E12",
            "1001",
            "7.1",
            "E+11",
            "7.1E+",
            "AB1E+11",
            "7.1E+1111",
            "1.2.3E+4",
            "1234567e-123",
            "7e-123",
            "12.5E+3",
        ] {
            assert!(!has_lost_digits(code), "{code}");
        }
    }

    #[test]
    fn whole_numbers_are_told_from_decimals() {
        for (text, whole) in [
            ("1001.0", Some("1001")),
            ("0001001.00", Some("0001001")),
            ("-2.0", Some("-2")),
            ("1001", None),
            ("1001.5", None),
            ("1001.50", None),
            ("A1.0", None),
            (".0", None),
            ("1.0.0", None),
        ] {
            assert_eq!(whole_of_decimal(text), whole, "{text}");
        }
    }
}
