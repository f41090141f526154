//! Weights of evidence in thousandths of a bit: whole numbers, the same on every machine.

/// Thousandths of a bit by which `for_it` outweighs `against`.
pub(crate) fn bits(for_it: u64, against: u64) -> i64 {
    log2(for_it) - log2(against)
}

/// The binary logarithm in thousandths, rounded down, in whole numbers alone so that every machine finds the same.
fn log2(n: u64) -> i64 {
    let n = n.max(1);
    let whole = n.ilog2();
    // From 1 up to 2, with 32 binary places; squaring it doubles its logarithm.
    let mut rest = (u128::from(n) << 32) >> whole;
    let mut parts = i64::from(whole);
    for _ in 0..20 {
        rest = (rest * rest) >> 32;
        parts *= 2;
        if rest >= 2 << 32 {
            rest >>= 1;
            parts += 1;
        }
    }
    (parts * 1_000) >> 20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_right_to_a_thousandth() {
        for (n, thousandths) in [
            (1, 0),
            (2, 1_000),
            (3, 1_584),
            (10, 3_321),
            (1 << 40, 40_000),
        ] {
            assert_eq!(log2(n), thousandths, "{n}");
        }
    }
}
