//! Shares of all, from a sample that was drawn part by part.
//!
//! Parts of which much is unlike, or of which little is there, are looked at as closely as the others, so no plain share
//! of what was looked at tells anything: each part counts by how many are in it. An estimate here is one weighted sum of
//! parts' shares over another, such as recall: what was found of all that is there.
//!
//! The interval recovers the variances of each part's own Wilson interval (MOVER), which does not break down where every
//! one of a part was found to be the same, as a plain standard error does. G. Y. Zou, W. Huang and X. Zhang, *A note on
//! confidence interval estimation for a linear function of binomial proportions*, Computational Statistics and Data
//! Analysis 53 (2009); for the ratio, A. Donner and G. Y. Zou, *Closed-form confidence intervals for functions of the
//! normal mean and standard deviation*, Statistical Methods in Medical Research 21 (2012): the ratios that the interval of
//! the difference does not refuse.

use crate::interval::wilson_of;

/// One part of what a sample was drawn from, or the share of it that some group has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// How many are in it.
    all: f64,
    /// Which share of those looked at are what is sought; nothing when none was looked at.
    share: Option<f64>,
    /// The least and the most that the share of all may be.
    between: (f64, f64),
}

impl Part {
    /// A part of `all`, of which these were looked at: for each how many it stands for, and whether it is what is sought.
    ///
    /// Those that stand for unlike numbers tell less than as many that stand for the same (L. Kish, *Survey Sampling*,
    /// 1965); a part of which all were looked at is known (the finite population correction).
    pub fn of(all: u64, looked: impl IntoIterator<Item = (f64, bool)>) -> Self {
        let (mut count, mut weight, mut squares, mut sought) = (0.0, 0.0, 0.0, 0.0);
        for (stands_for, is_sought) in looked {
            count += 1.0;
            weight += stands_for;
            squares += stands_for * stands_for;
            if is_sought {
                sought += stands_for;
            }
        }
        let all = whole(all);
        if weight <= 0.0 {
            return Self {
                all,
                share: None,
                between: (0.0, 1.0),
            };
        }
        let share = sought / weight;
        let between = if count >= all {
            (share, share)
        } else {
            let alike = weight * weight / squares;
            wilson_of(share, alike * (all - 1.0) / (all - count))
        };
        Self {
            all,
            share: Some(share),
            between,
        }
    }

    /// Whether something is in it and nothing was looked at.
    const fn is_unknown(&self) -> bool {
        self.all > 0.0 && self.share.is_none()
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no count of pairs comes near 2^53"
)]
const fn whole(count: u64) -> f64 {
    count as f64
}

/// A share of all, and the 95% interval in which it lies. From 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The share.
    pub share: f64,
    /// The least that it may be.
    pub low: f64,
    /// The most that it may be.
    pub high: f64,
}

/// One part with how often what is sought of it counts above and below the line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// The part.
    pub part: Part,
    /// How often it counts above.
    pub above: f64,
    /// How often it counts below.
    pub below: f64,
}

/// So often the interval's ends are halved: far beyond what a double tells apart.
const HALVINGS: usize = 60;

/// The share that what is sought of parts makes: `above / (fixed + below)`, where `fixed` counts below whatever is found.
/// Nothing when a part that counts was not looked at, or nothing is there to be a share of.
pub fn share_of_all(terms: &[Term], fixed: f64) -> Option<Estimate> {
    let counts = |term: &&Term| term.above != 0.0 || term.below != 0.0;
    if terms
        .iter()
        .filter(counts)
        .any(|term| term.part.is_unknown())
    {
        return None;
    }
    let sum = |of: fn(&Term) -> f64| -> f64 {
        let found = |term: &Term| of(term) * term.part.all * term.part.share.unwrap_or_default();
        terms.iter().map(found).sum()
    };
    let below = fixed + sum(|term| term.below);
    if below <= 0.0 {
        return None;
    }
    let share = (sum(|term| term.above) / below).clamp(0.0, 1.0);
    // Of the difference between what is above and `ratio` times what is below, the end of the interval.
    let end = |ratio: f64, is_upper: bool| {
        let (mut middle, mut squares) = (-ratio * fixed, 0.0);
        for Term { part, above, below } in terms {
            let times = part.all * (above - ratio * below);
            let at = times * part.share.unwrap_or_default();
            let (one, other) = (times * part.between.0, times * part.between.1);
            let reach = match is_upper {
                true => one.max(other) - at,
                false => at - one.min(other),
            };
            middle += at;
            squares += reach * reach;
        }
        match is_upper {
            true => middle + f64::sqrt(squares),
            false => middle - f64::sqrt(squares),
        }
    };
    // From a ratio that is not refused to one that is.
    let halved = |mut kept: f64, mut refused: f64, is_upper: bool| {
        for _ in 0..HALVINGS {
            let between = f64::midpoint(kept, refused);
            let end = end(between, is_upper);
            match is_upper == (end >= 0.0) {
                true => kept = between,
                false => refused = between,
            }
        }
        kept
    };
    Some(Estimate {
        share,
        low: if end(0.0, false) <= 0.0 {
            0.0
        } else {
            halved(share, 0.0, false)
        },
        high: if end(1.0, true) >= 0.0 {
            1.0
        } else {
            halved(share, 1.0, true)
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many of a part that are what is sought, and so many that are not.
    fn part(all: u64, sought: u64, not: u64) -> Part {
        let of = |is_sought: bool, count: u64| (0..count).map(move |_| (1.0, is_sought));
        Part::of(all, of(true, sought).chain(of(false, not)))
    }

    fn joined(part: Part) -> Term {
        Term {
            part,
            above: 1.0,
            below: 1.0,
        }
    }

    fn missed(part: Part) -> Term {
        Term {
            part,
            above: 0.0,
            below: 1.0,
        }
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn one_part_is_wilsons_interval_narrowed_by_what_is_known_of_it() {
        // Of 1,000 pairs 100 were read and 90 are right: 0.9 of all 1,000.
        let only = Term {
            part: part(1_000, 90, 10),
            above: 1.0,
            below: 0.0,
        };
        let found = share_of_all(&[only], 1_000.0).expect("looked at");
        let (low, high) = wilson_of(0.9, 100.0 * 999.0 / 900.0);
        assert!(close(found.share, 0.9), "{found:?}");
        assert!((found.low - low).abs() < 1e-6 && (found.high - high).abs() < 1e-6);
        let wider = wilson_of(0.9, 100.0);
        assert!(wider.0 < found.low && found.high < wider.1);
    }

    #[test]
    fn a_part_all_of_which_was_looked_at_is_known() {
        let terms = [joined(part(20, 18, 2)), missed(part(10, 2, 8))];
        let found = share_of_all(&terms, 0.0).expect("looked at");
        assert!(close(found.share, 0.9) && close(found.low, 0.9) && close(found.high, 0.9));
    }

    #[test]
    fn a_part_counts_by_how_many_are_in_it_and_not_by_how_many_were_looked_at() {
        // 1,000 of which all 10 looked at are right, and 4,000 of which 1 in 10 is: 1,000 of 1,400.
        let terms = [joined(part(1_000, 10, 0)), missed(part(4_000, 1, 9))];
        let found = share_of_all(&terms, 0.0).expect("looked at");
        assert!(close(found.share, 1_000.0 / 1_400.0), "{found:?}");
        assert!(found.low < found.share && found.share < found.high);
    }

    #[test]
    fn where_all_were_found_to_be_the_same_it_is_still_not_certain() {
        let terms = [joined(part(1_000, 10, 0)), missed(part(1_000, 0, 10))];
        let found = share_of_all(&terms, 0.0).expect("looked at");
        assert!(close(found.share, 1.0) && close(found.high, 1.0));
        assert!(found.low < 0.9, "{found:?}");
    }

    #[test]
    fn nothing_is_said_of_what_was_not_looked_at_or_is_not_there() {
        let unknown = [joined(part(1_000, 9, 1)), missed(part(5, 0, 0))];
        assert_eq!(share_of_all(&unknown, 0.0), None);
        let nowhere = [joined(part(1_000, 9, 1)), missed(part(0, 0, 0))];
        assert!(share_of_all(&nowhere, 0.0).is_some());
        assert_eq!(share_of_all(&[], 0.0), None);
    }

    #[test]
    fn the_interval_holds_what_is_so_about_as_often_as_it_says() {
        // How many are in each part, how many of them are sought, and how many are looked at; the last is missed.
        let parts = [(2_000_u64, 1_940_u64, 40), (500, 300, 40), (3_000, 90, 60)];
        let truth = (1_940.0 + 300.0) / (1_940.0 + 300.0 + 90.0);
        let mut state = 7_u64;
        let mut chance = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let (mut held, rounds) = (0_u32, 2_000_u32);
        for _ in 0..rounds {
            let mut terms = Vec::new();
            for (place, (all, sought, looked)) in parts.into_iter().enumerate() {
                let found = (0..looked).filter(|_| chance(all) < sought).count() as u64;
                let part = part(all, found, looked - found);
                terms.push(if place == 2 {
                    missed(part)
                } else {
                    joined(part)
                });
            }
            let found = share_of_all(&terms, 0.0).expect("looked at");
            held += u32::from((found.low..=found.high).contains(&truth));
        }
        let held = f64::from(held) / f64::from(rounds);
        assert!((0.93..=0.995).contains(&held), "{held}");
    }
}
