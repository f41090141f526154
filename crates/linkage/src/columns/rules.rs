//! What holds records apart, whatever else agrees: the rules of a plan, as patterns meet them.

use super::plan::{Apart, Plan};
use super::weigh::place_in;

/// The rules of a plan that hold records apart.
#[derive(Debug)]
pub(super) struct Rules {
    anywhere: Vec<Rule>,
    /// Those of two records of one source, which the source knows apart.
    of_one_source: Vec<Rule>,
}

/// For each column the levels, as bits, of which it must have one.
#[derive(Debug)]
struct Rule(Vec<(usize, u16)>);

impl Rules {
    pub(super) fn of(plan: &Plan) -> Self {
        let rule = |one: &Apart| {
            let each = one.when.iter().filter_map(|(place, levels)| {
                let mut compared = plan.compared().enumerate();
                let (column, (_, found)) = compared.find(|(_, (own, _))| own == place)?;
                let bit = |bits, level: &_| bits | 1 << found.kind.place(*level);
                Some((column, levels.iter().fold(0, bit)))
            });
            Rule(each.collect())
        };
        let of = |within: bool| {
            let some = plan.apart.iter().filter(|one| one.within_source == within);
            some.map(rule).collect()
        };
        Self {
            anywhere: of(false),
            of_one_source: of(true),
        }
    }

    /// Whether some rule holds records of this pattern apart, of whatever sources they are.
    pub(super) fn is_apart(&self, pattern: u64) -> bool {
        self.held(pattern).any(|(_, fits)| fits)
    }

    /// For each rule for records of whatever sources: whether a pattern tells all that it asks for, and whether it fits.
    pub(super) fn held(&self, pattern: u64) -> impl Iterator<Item = (bool, bool)> {
        self.anywhere.iter().map(move |rule| rule.held(pattern))
    }

    /// Whether there is a rule for two records of one source.
    pub(super) const fn know_sources(&self) -> bool {
        !self.of_one_source.is_empty()
    }

    /// Whether two records of one source that agree so are two persons.
    pub(super) fn are_two(&self, pattern: u64) -> bool {
        let mut rules = self.of_one_source.iter();
        rules.any(|rule| rule.held(pattern).1)
    }
}

impl Rule {
    /// Whether a pattern tells all that the rule asks for, and whether it fits.
    fn held(&self, pattern: u64) -> (bool, bool) {
        let place = |column: usize| place_in(pattern, column);
        // Some rules ask for what is not told.
        let is_told = |(column, levels): &(usize, u16)| place(*column) != 0 || levels & 1 != 0;
        let fits = |(column, levels): &(usize, u16)| levels & 1 << place(*column) != 0;
        let is_told = self.0.iter().all(is_told);
        (is_told, is_told && self.0.iter().all(fits))
    }
}
