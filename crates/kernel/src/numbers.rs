//! Numbers and codes that people and places are known by: their shapes and check digits.
//!
//! What fits here may still be nobody's: a shape is not an identity. So a fault is for a finding, never for dropping
//! what was said.

/// What is wrong with an NHS number.
///
/// Ten digits; the last is 11 less the sum of the first nine, weighted 10 down to 2, modulo 11 (NHS Data Dictionary,
/// NHS NUMBER).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NhsNumberFault {
    /// Not ten digits.
    Shape,
    /// Ten times the same digit: each of them passes the check, and is nobody's.
    Repeated,
    /// The last digit does not follow from the others.
    Check,
    /// From the range that is kept for tests, 999 000 0000 on.
    Test,
}

/// Looks at an NHS number, in which spaces and hyphens mean nothing.
///
/// # Errors
/// [`NhsNumberFault`].
pub fn nhs_number(text: &str) -> Result<(), NhsNumberFault> {
    let mut digits = [0_u32; 10];
    let mut count = 0;
    for byte in text.bytes().filter(|byte| !matches!(byte, b' ' | b'-')) {
        let place = digits.get_mut(count).ok_or(NhsNumberFault::Shape)?;
        if !byte.is_ascii_digit() {
            return Err(NhsNumberFault::Shape);
        }
        *place = u32::from(byte - b'0');
        count += 1;
    }
    let [own @ .., check] = digits;
    if count != 10 {
        return Err(NhsNumberFault::Shape);
    }
    if own.iter().all(|digit| *digit == check) {
        return Err(NhsNumberFault::Repeated);
    }
    let sum: u32 = own
        .iter()
        .zip((2..=10).rev())
        .map(|(digit, weight)| digit * weight)
        .sum();
    // 11 stands for 0, and 10 for no number at all.
    if (11 - sum % 11) % 11 != check {
        return Err(NhsNumberFault::Check);
    }
    match own {
        [9, 9, 9, ..] => Err(NhsNumberFault::Test),
        _ => Ok(()),
    }
}

/// What is wrong with a unique pupil number.
///
/// A letter, twelve digits, the last of which is a letter in a temporary number; the first letter is the sum of the
/// others, each times its place from 2, modulo 23 (DfE, unique pupil numbers).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpnFault {
    /// Not a letter, eleven digits, and a digit or letter.
    Shape,
    /// It begins or ends with I, O or S, which are never used.
    Letter,
    /// The first letter does not follow from the others.
    Check,
    /// It ends in a letter: given until the lasting one is known.
    Temporary,
}

/// The letters of a unique pupil number, each the worth of its place.
const UPN_LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

/// Looks at a unique pupil number.
///
/// # Errors
/// [`UpnFault`].
pub fn upn(text: &str) -> Result<(), UpnFault> {
    let bytes = text.as_bytes();
    let (Some(first), Some(digits), Some(last), 13) =
        (bytes.first(), bytes.get(1..12), bytes.last(), bytes.len())
    else {
        return Err(UpnFault::Shape);
    };
    let shaped = first.is_ascii_alphabetic()
        && digits.iter().all(u8::is_ascii_digit)
        && last.is_ascii_alphanumeric();
    if !shaped {
        return Err(UpnFault::Shape);
    }
    let letter = |byte: u8| {
        let upper = byte.to_ascii_uppercase();
        UPN_LETTERS.iter().position(|known| *known == upper)
    };
    let first = letter(*first).ok_or(UpnFault::Letter)?;
    let (end, temporary) = if last.is_ascii_digit() {
        (usize::from(last - b'0'), false)
    } else {
        (letter(*last).ok_or(UpnFault::Letter)?, true)
    };
    let mut sum = end * 13;
    for (digit, place) in digits.iter().zip(2..) {
        sum += usize::from(digit - b'0') * place;
    }
    if sum % UPN_LETTERS.len() != first {
        return Err(UpnFault::Check);
    }
    if temporary {
        return Err(UpnFault::Temporary);
    }
    Ok(())
}

/// What is wrong with a postcode.
///
/// Outward part A9, A99, AA9, AA99, A9A or AA9A, inward part 9AA; or GIR 0AA (Royal Mail).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostcodeFault {
    /// No postcode has this shape.
    Shape,
    /// The first part alone.
    Partial,
    /// One that stands for "no fixed abode" or "not known" (`ZZ99 …`).
    Pseudo,
}

/// Looks at a postcode, in which spaces and case mean nothing.
///
/// # Errors
/// [`PostcodeFault`].
pub fn postcode(text: &str) -> Result<(), PostcodeFault> {
    let mut letters = [0_u8; 7];
    let mut count = 0;
    for byte in text.bytes().filter(|byte| *byte != b' ') {
        let place = letters.get_mut(count).ok_or(PostcodeFault::Shape)?;
        *place = byte.to_ascii_uppercase();
        count += 1;
    }
    let whole = letters.get(..count).unwrap_or_default();
    if whole == b"GIR0AA" {
        return Ok(());
    }
    if let [b'Z', b'Z', b'9', b'9', sector, _, _] = whole
        && sector.is_ascii_digit()
    {
        return Err(PostcodeFault::Pseudo);
    }
    match whole.split_last_chunk::<3>() {
        Some((outward, inward)) if is_inward(*inward) && is_outward(outward) => Ok(()),
        _ if is_outward(whole) => Err(PostcodeFault::Partial),
        _ => Err(PostcodeFault::Shape),
    }
}

const fn is_inward(part: [u8; 3]) -> bool {
    let [sector, one, other] = part;
    sector.is_ascii_digit() && is_unit(one) && is_unit(other)
}

/// The letters after the sector's digit leave out those that are easily misread.
const fn is_unit(letter: u8) -> bool {
    letter.is_ascii_uppercase() && !matches!(letter, b'C' | b'I' | b'K' | b'M' | b'O' | b'V')
}

fn is_outward(part: &[u8]) -> bool {
    let first = |letter: u8| letter.is_ascii_uppercase() && !matches!(letter, b'Q' | b'V' | b'X');
    let second = |letter: u8| letter.is_ascii_uppercase() && !matches!(letter, b'I' | b'J' | b'Z');
    let digit = |byte: u8| byte.is_ascii_digit();
    let letter = |byte: u8| byte.is_ascii_uppercase();
    match *part {
        [a, b] => first(a) && digit(b),
        [a, b, c] => {
            (first(a) && digit(b) && (digit(c) || letter(c))) || (first(a) && second(b) && digit(c))
        }
        [a, b, c, d] => first(a) && second(b) && digit(c) && (digit(d) || letter(d)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nhs_numbers() {
        for good in ["9000000009", "943 476 5919", "401-023-2137", "9693632109"] {
            assert_eq!(nhs_number(good), Ok(()), "{good}");
        }
        for (wrong, fault) in [
            ("", NhsNumberFault::Shape),
            ("943476591", NhsNumberFault::Shape),
            ("94347659190", NhsNumberFault::Shape),
            ("943476591X", NhsNumberFault::Shape),
            ("9434765918", NhsNumberFault::Check),
            ("0000000000", NhsNumberFault::Repeated),
            ("7777777777", NhsNumberFault::Repeated),
            ("9990000026", NhsNumberFault::Test),
        ] {
            assert_eq!(nhs_number(wrong), Err(fault), "{wrong}");
        }
    }

    #[test]
    fn every_repeated_digit_would_pass_the_check() {
        for digit in '0'..='9' {
            let ten = digit.to_string().repeat(10);
            assert_eq!(nhs_number(&ten), Err(NhsNumberFault::Repeated), "{ten}");
        }
    }

    #[test]
    fn unique_pupil_numbers() {
        assert_eq!(upn("B801200005001"), Ok(()));
        assert_eq!(upn("b801200005001"), Ok(()));
        for (wrong, fault) in [
            ("A801200005001", UpnFault::Check),
            ("S801200005001", UpnFault::Letter),
            ("5ff4489b-998", UpnFault::Shape),
            ("B80120000500", UpnFault::Shape),
            ("B80120000500I", UpnFault::Letter),
            ("", UpnFault::Shape),
            ("B8012é0005001", UpnFault::Shape),
        ] {
            assert_eq!(upn(wrong), Err(fault), "{wrong}");
        }
        let temporary = UPN_LETTERS
            .iter()
            .map(|letter| format!("{}80120000500A", char::from(*letter)))
            .filter(|one| upn(one) == Err(UpnFault::Temporary));
        assert_eq!(temporary.count(), 1, "one letter fits");
    }

    #[test]
    fn postcodes() {
        for good in [
            "M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 1HQ", "EC1A 1BB", "gir0aa", "s1 2hh",
        ] {
            assert_eq!(postcode(good), Ok(()), "{good}");
        }
        for (wrong, fault) in [
            ("", PostcodeFault::Shape),
            ("DN55", PostcodeFault::Partial),
            ("Y0 2RV", PostcodeFault::Shape),
            ("Q1 1AA", PostcodeFault::Shape),
            ("DN55 1CT", PostcodeFault::Shape),
            ("DN55 1PTA", PostcodeFault::Shape),
            ("ZZ99 3VZ", PostcodeFault::Pseudo),
            ("1 Fen Lane", PostcodeFault::Shape),
        ] {
            assert_eq!(postcode(wrong), Err(fault), "{wrong}");
        }
    }
}
