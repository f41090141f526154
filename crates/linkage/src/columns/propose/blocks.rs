//! Which records a proposal compares.

use crate::columns::keys::Keys;
use crate::columns::kind::{Form, Kind};
use crate::columns::plan::{Block, Column, Plan};
use crate::columns::table::Table;

/// Up to so many pairs in all, every record is compared with every other.
const EVERYBODY: u64 = 1_000_000;
/// A block may bring so many pairs together for each record: where persons have many records, most are of one person.
const PAIRS_OF_RECORD: u64 = 15;
/// And so many whatever the number of records.
const PAIRS_ANYWAY: u64 = 1_000_000;
/// All blocks together may bring so many times that.
const BLOCKS_OF_MOST: u64 = 4;
/// A plan has no more blocks than this.
const MOST_BLOCKS: usize = 12;
/// A block that brings together less of the pairs of one person than this is not worth its time.
const WORTH_IT: f64 = 0.000_2;
/// Columns that are weighed against one another.
const MOST_PARTS: usize = 10;

/// One thing that a block may be on.
#[derive(Debug, Clone, Copy)]
struct Part {
    column: usize,
    form: Form,
    /// How often two records of one person share it.
    shared: f64,
}

/// A block that could be taken.
struct Candidate {
    block: Block,
    /// Which parts it is on, as bits.
    parts: usize,
    pairs: u64,
}

/// The plan with blocks chosen for these records: together they bring together most pairs of one person, as far as
/// can be told from how often columns are told and usually agree, within a number of pairs that grows with the records.
pub fn with_blocks(table: &Table, plan: Plan, threads: usize) -> Plan {
    let records = u64::from(table.len());
    if records * records.saturating_sub(1) / 2 <= EVERYBODY {
        return plan;
    }
    let budget = (records * PAIRS_OF_RECORD).max(PAIRS_ANYWAY);
    let parts = parts(table, &plan);
    let mut candidates = Vec::new();
    for (place, one) in parts.iter().enumerate() {
        let kind = plan.columns.get(one.column).map(|column| column.kind);
        let is_alone = matches!(kind, Some(Kind::Number | Kind::Phone | Kind::Email));
        if is_alone {
            candidates.extend(within(table, &plan, &[(place, *one)], budget, threads));
        }
        for (other_place, other) in parts.iter().enumerate().skip(place + 1) {
            let both = [(place, *one), (other_place, *other)];
            candidates.extend(match within(table, &plan, &both, budget, threads) {
                Some(found) => Some(found),
                None => refined(table, &plan, &both, &parts, budget, threads),
            });
        }
    }
    let blocks = chosen(&parts, candidates, budget * BLOCKS_OF_MOST);
    Plan { blocks, ..plan }
}

/// The columns worth blocking on, those first that are shared most.
fn parts(table: &Table, plan: &Plan) -> Vec<Part> {
    let records = f64::from(table.len());
    let each = plan.compared().filter_map(|(column, one)| {
        let held = table.columns.get(column)?;
        let told = f64::from(held.told) / records;
        let different = held.different();
        let form = match one.kind {
            Kind::GivenName | Kind::FamilyName => Form::Sound,
            Kind::Category => return None,
            _ => Form::Whole,
        };
        let usual = one.kind.usual().first().copied().unwrap_or_default();
        let shared = told * told * usual;
        // What only few values tell does not part records.
        (different >= 30 && shared > 0.05).then_some(Part {
            column,
            form,
            shared,
        })
    });
    let mut parts: Vec<Part> = each.collect();
    parts.sort_by(|a, b| b.shared.total_cmp(&a.shared));
    parts.truncate(MOST_PARTS);
    parts
}

/// A block on these parts, if it brings few enough pairs together.
fn within(
    table: &Table,
    plan: &Plan,
    parts: &[(usize, Part)],
    budget: u64,
    threads: usize,
) -> Option<Candidate> {
    let on: Vec<(usize, Form)> = parts
        .iter()
        .map(|(_, part)| (part.column, part.form))
        .collect();
    let block = Block {
        on: in_either_order(&plan.columns, on),
    };
    let alone = Plan {
        blocks: vec![block.clone()],
        rarest: None,
        pair_limit: u64::MAX,
        ..plan.clone()
    };
    let pairs = Keys::of(table, &alone, threads)
        .ok()?
        .pairs()
        .first()
        .copied()?;
    let bits = parts.iter().fold(0, |bits, (place, _)| bits | 1 << place);
    (pairs <= budget).then_some(Candidate {
        block,
        parts: bits,
        pairs,
    })
}

/// A given and a family name bring together records in which they have changed places.
fn in_either_order(columns: &[Column], on: Vec<(usize, Form)>) -> Vec<(usize, Form)> {
    let partner = |column: usize| columns.get(column).and_then(|one| one.partner);
    let both = on.iter().find(|(column, _)| {
        partner(*column)
            .is_some_and(|other| other > *column && on.iter().any(|(one, _)| *one == other))
    });
    let Some((first, _)) = both.copied() else {
        return on;
    };
    on.into_iter()
        .filter(|(column, _)| partner(first) != Some(*column))
        .map(|(column, form)| {
            if column == first {
                (column, Form::Either)
            } else {
                (column, form)
            }
        })
        .collect()
}

/// Two parts that bring too many together, with a third that makes it few enough.
fn refined(
    table: &Table,
    plan: &Plan,
    both: &[(usize, Part); 2],
    parts: &[Part],
    budget: u64,
    threads: usize,
) -> Option<Candidate> {
    let others = parts
        .iter()
        .enumerate()
        .filter(|(place, _)| both.iter().all(|(one, _)| one != place));
    others
        .filter_map(|(place, part)| {
            let kind = plan.columns.get(part.column)?.kind;
            let coarse = match kind {
                Kind::Date => Form::Year,
                Kind::Postcode => Form::Area,
                _ => part.form,
            };
            let third = Part {
                form: coarse,
                ..*part
            };
            within(
                table,
                plan,
                &[both[0], both[1], (place, third)],
                budget,
                threads,
            )
        })
        .max_by(|a, b| shared(parts, a.parts).total_cmp(&shared(parts, b.parts)))
}

/// How often two records of one person share all of some parts.
fn shared(parts: &[Part], bits: usize) -> f64 {
    let on = parts
        .iter()
        .enumerate()
        .filter(|(place, _)| bits & 1 << place != 0);
    on.map(|(_, part)| part.shared).product()
}

/// Takes the block that adds most, again and again.
fn chosen(parts: &[Part], mut candidates: Vec<Candidate>, mut budget: u64) -> Vec<Block> {
    // How likely it is that two records of one person share just these parts.
    let states: Vec<f64> = (0..1_usize << parts.len())
        .map(|state| {
            let each = parts.iter().enumerate().map(|(place, part)| {
                if state & 1 << place != 0 {
                    part.shared
                } else {
                    1.0 - part.shared
                }
            });
            each.product()
        })
        .collect();
    let mut blocks = Vec::new();
    let mut met = vec![false; states.len()];
    while blocks.len() < MOST_BLOCKS {
        let gain = |candidate: &Candidate| -> f64 {
            let each = states.iter().zip(&met).enumerate();
            each.filter(|(state, (_, met))| !**met && state & candidate.parts == candidate.parts)
                .map(|(_, (likely, _))| likely)
                .sum()
        };
        let gains: Vec<f64> = candidates.iter().map(gain).collect();
        let best = (0..candidates.len()).max_by(|a, b| {
            let of = |place: &usize| gains.get(*place).copied().unwrap_or_default();
            let pairs = |place: &usize| candidates.get(*place).map_or(0, |one| one.pairs);
            of(a).total_cmp(&of(b)).then(pairs(b).cmp(&pairs(a)))
        });
        let Some(best) = best.filter(|best| gains.get(*best).is_some_and(|gain| *gain >= WORTH_IT))
        else {
            break;
        };
        let taken = candidates.swap_remove(best);
        if taken.pairs > budget {
            continue;
        }
        budget -= taken.pairs;
        for (state, met) in met.iter_mut().enumerate() {
            *met |= state & taken.parts == taken.parts;
        }
        blocks.push(taken.block);
    }
    blocks
}
