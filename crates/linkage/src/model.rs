//! The model: what each level of agreement is worth, read from a file that an analyst edits.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::compare::{Comparison, Level};

const MILLION: u64 = 1_000_000;

/// The two figures behind one weight, in parts of a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Figures {
    /// How often two records of one child agree at this level.
    m: u64,
    /// How often records of two children do, by chance.
    u: u64,
}

/// What agreement and disagreement are worth. Weights are thousandths of a bit: whole numbers, the same on every machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Which model it is, as a link made by it says.
    pub version: String,
    /// What any pair starts from.
    pub prior: i64,
    /// At this weight two records of different sources join.
    pub join: i64,
    /// Below this weight two records that were joined part again.
    pub part: i64,
    /// At this weight two records of one source join.
    pub join_within: i64,
    /// The most records a block may hold.
    pub block_limit: usize,
    /// Identifiers that mean the same in every source.
    pub shared_identifiers: Vec<String>,
    /// No name counts as rarer than this, in parts of a million.
    pub rarest_name: u64,
    figures: BTreeMap<Comparison, BTreeMap<Level, Figures>>,
}

/// Why a model cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The file is not what a model looks like.
    #[error("the linkage model cannot be read: {0}")]
    Unreadable(String),
    /// A figure is missing, superfluous or impossible.
    #[error("the linkage model cannot be used: {0}")]
    Wrong(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    version: String,
    prior: u64,
    join: i64,
    part: i64,
    join_within: i64,
    block_limit: usize,
    shared_identifiers: Vec<String>,
    rarest_name: u64,
    levels: BTreeMap<Comparison, BTreeMap<Level, Figures>>,
}

impl Model {
    /// Reads a model.
    ///
    /// # Errors
    /// [`ModelError`] when a field is unknown, a level is missing or one too many, or a figure is impossible.
    pub fn read(text: &str) -> Result<Self, ModelError> {
        let file: ModelFile =
            toml::from_str(text).map_err(|error| ModelError::Unreadable(error.to_string()))?;
        let wrong = |problem: String| Err(ModelError::Wrong(problem));
        if !(file.part < file.join && file.join < file.join_within) {
            return wrong(
                "`part` must be less than `join`, and `join` less than `join_within`".to_owned(),
            );
        }
        if file.block_limit < 2 {
            return wrong("`block_limit` must be at least 2".to_owned());
        }
        let possible = 1..MILLION;
        if !possible.contains(&file.prior) || !possible.contains(&file.rarest_name) {
            return wrong(
                "`prior` and `rarest_name` are parts of a million, at least 1".to_owned(),
            );
        }
        for comparison in Comparison::ALL {
            let Some(levels) = file.levels.get(&comparison) else {
                return wrong(format!("there is no table for {comparison:?}"));
            };
            let wanted = comparison.levels();
            if levels.len() != wanted.len()
                || !wanted.iter().all(|level| levels.contains_key(level))
            {
                return wrong(format!(
                    "the table for {comparison:?} must have these levels and no others: {wanted:?}"
                ));
            }
            for (level, figures) in levels {
                if !possible.contains(&figures.m) || !possible.contains(&figures.u) {
                    return wrong(format!(
                        "{comparison:?}, {level:?}: `m` and `u` are parts of a million, at least 1"
                    ));
                }
            }
            let total: u64 = levels.values().map(|figures| figures.m).sum();
            if total != MILLION {
                return wrong(format!(
                    "{comparison:?}: the `m` of all levels make {total}, not a million"
                ));
            }
        }
        Ok(Self {
            version: file.version,
            prior: bits(file.prior, MILLION - file.prior),
            join: file.join,
            part: file.part,
            join_within: file.join_within,
            block_limit: file.block_limit,
            shared_identifiers: file.shared_identifiers,
            rarest_name: file.rarest_name,
            figures: file.levels,
        })
    }

    /// What a level is worth, in thousandths of a bit; nothing when one record does not tell.
    pub fn weight(&self, comparison: Comparison, level: Level) -> i64 {
        self.figures(comparison, level)
            .map_or(0, |figures| bits(figures.m, figures.u))
    }

    /// What the same name is worth, agreeing on a rare one telling more. `frequency` makes of the usual figure, in parts
    /// of a million, the name's own.
    pub(crate) fn name_weight(
        &self,
        comparison: Comparison,
        frequency: impl FnOnce(u64) -> u64,
    ) -> i64 {
        self.figures(comparison, Level::Same).map_or(0, |figures| {
            bits(
                figures.m,
                frequency(figures.u).clamp(self.rarest_name, MILLION),
            )
        })
    }

    fn figures(&self, comparison: Comparison, level: Level) -> Option<Figures> {
        self.figures.get(&comparison)?.get(&level).copied()
    }
}

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

    const SHIPPED: &str = include_str!("../../../practice/linkage/children.toml");

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

    #[test]
    fn the_shipped_model_is_whole_and_agreement_outweighs_difference() {
        let model = Model::read(SHIPPED).expect("read");
        for comparison in Comparison::ALL {
            assert!(model.weight(comparison, Level::Same) > 0, "{comparison:?}");
            assert!(
                model.weight(comparison, Level::Different) < 0,
                "{comparison:?}"
            );
            assert_eq!(model.weight(comparison, Level::NotTold), 0);
        }
    }

    #[test]
    fn a_model_with_a_mistake_is_refused_in_words() {
        for (from, to, says) in [
            ("join = ", "jion = ", "unknown field `jion`"),
            (
                "[levels.sex]",
                "[levels.gender]",
                "unknown variant `gender`",
            ),
            ("day-apart", "same-postcode", "must have these levels"),
            ("part = ", "part = 9", "`part` must be less than `join`"),
            ("m = 990_000", "m = 990_001", "not a million"),
        ] {
            let broken = SHIPPED.replacen(from, to, 1);
            assert_ne!(broken, SHIPPED, "{from}");
            let error = Model::read(&broken).expect_err(from).to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
