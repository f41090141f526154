//! Numbers of children that check, of ranges that nobody is given.

/// The letters that check a pupil number.
const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

/// The unique pupil number of the child of this number, of an authority that does not exist.
pub(crate) fn upn(child: u64, born: i16) -> String {
    let entered = u64::try_from((born + 5) % 100).unwrap_or_default();
    let establishment = 1_000 + child / 1_000 % 9_000;
    let digits = format!("999{establishment:04}{entered:02}{:03}", child % 1_000);
    let sum: usize = digits
        .bytes()
        .zip(2..)
        .map(|(digit, place): (u8, usize)| usize::from(digit - b'0') * place)
        .sum();
    let letter = LETTERS.get(sum % LETTERS.len()).copied().unwrap_or(b'A');
    format!("{}{digits}", char::from(letter))
}

/// The NHS number of the child of this number, of the range that is kept for tests.
pub(crate) fn nhs_number(child: u64) -> String {
    let candidates = (0..4).map(|more| 999_000_000 - (child * 4 + more) % 99_000_000);
    let checked = candidates.filter_map(|nine: u64| {
        let digits = format!("{nine:09}");
        let sum: u64 = digits
            .bytes()
            .zip((2..=10).rev())
            .map(|(digit, weight): (u8, u64)| u64::from(digit - b'0') * weight)
            .sum();
        match 11 - sum % 11 {
            10 => None,
            11 => Some(format!("{digits}0")),
            check => Some(format!("{digits}{check}")),
        }
    });
    let mut checked = checked;
    checked.next().unwrap_or_default()
}
