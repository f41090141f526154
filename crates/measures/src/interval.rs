//! How sure a share can be.

/// The normal deviate of a 95% interval.
const Z: f64 = 1.959_963_984_540_054;

/// The 95% interval of `part` of `whole` by Wilson's score method, as shares from 0 to 1; `None` of nothing.
///
/// E. B. Wilson, *Probable inference, the law of succession, and statistical inference*, Journal of the American
/// Statistical Association 22 (1927); the method that the Office for Health Improvement and Disparities uses for
/// proportions in its public health technical guidance.
#[expect(
    clippy::cast_precision_loss,
    reason = "no count of children comes near 2^53"
)]
pub fn wilson(part: u64, whole: u64) -> Option<(f64, f64)> {
    if whole == 0 || part > whole {
        return None;
    }
    let n = whole as f64;
    Some(wilson_of(part as f64 / n, n))
}

/// The same of a share of `n`, which need not be whole: of a weighted sample as many as tell as much.
pub(crate) fn wilson_of(share: f64, n: f64) -> (f64, f64) {
    let observed = share * n;
    let middle = 2.0 * observed + Z * Z;
    let reach = Z * (Z * Z + 4.0 * observed * (1.0 - share)).sqrt();
    let below = 2.0 * (n + Z * Z);
    let low = ((middle - reach) / below).max(0.0);
    let high = ((middle + reach) / below).min(1.0);
    (low, high)
}
