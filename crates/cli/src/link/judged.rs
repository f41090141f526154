//! How good links are, as JSON and as sections of a report: the same whether a truth or a sample tells it.

use clearpicture_app::linking::quality::{Figures, Judged as Held, Told};
use clearpicture_linkage::columns::Judged as OfFiles;
use clearpicture_linkage::quality::{ByHeading, OfGroup, Quality};
use clearpicture_measures::{sampled::Estimate, wilson};
use clearpicture_reports::{Bar, Block, Chart, Column, Section};
use serde::Serialize;

use super::page::{bits, number};

/// How far a group's recall may be behind the best of all, in points.
const POINTS: f64 = 3.0;

/// A share, from 0 to 1, and its 95% interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Share {
    pub(super) value: f64,
    low: Option<f64>,
    high: Option<f64>,
}

/// Precision, recall and their harmonic mean; what is not told is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Shares {
    pub(super) precision: Option<Share>,
    pub(super) recall: Option<Share>,
    pub(super) f1: Option<Share>,
}

/// How good links are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Good {
    #[serde(skip)]
    against: String,
    #[serde(skip)]
    counts: [String; 2],
    #[serde(flatten)]
    pub(super) pairs: Shares,
    /// Of persons rather than pairs, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) persons: Option<Shares>,
    /// Which part of the pairs of one person is compared at all.
    pub(super) blocking_recall: Option<Share>,
    pub(super) f1_best: Option<f64>,
    thresholds: Vec<Threshold>,
    pub(super) by: Vec<By>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Threshold {
    threshold: String,
    is_the_models: bool,
    #[serde(flatten)]
    shares: Shares,
}

/// What is said of the groups under one heading.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct By {
    heading: String,
    groups: Vec<Group>,
    groups_left_out: usize,
    /// The groups that are missed more often than others.
    recall_behind_by_3_points: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Group {
    group: String,
    records: u64,
    unlinkable: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pairs_read: Option<u64>,
    #[serde(flatten)]
    shares: Shares,
}

impl Share {
    const fn plain(value: f64) -> Self {
        Self {
            value,
            low: None,
            high: None,
        }
    }

    /// Pairs of one person hang together, so it is surer than it looks.
    fn of(value: f64, part: u64, whole: u64) -> Option<Self> {
        let (low, high) = wilson(part, whole)?;
        Some(Self {
            value,
            low: Some(low),
            high: Some(high),
        })
    }

    const fn estimated(Estimate { share, low, high }: Estimate) -> Self {
        Self {
            value: share,
            low: Some(low),
            high: Some(high),
        }
    }

    fn interval(self) -> String {
        match (self.low, self.high) {
            (Some(low), Some(high)) => format!("{:.1}% to {:.1}%", low * 100.0, high * 100.0),
            _ => String::new(),
        }
    }
}

impl Shares {
    fn of(quality: &Quality) -> Self {
        let Quality {
            right,
            joined,
            there,
        } = *quality;
        Self {
            precision: Share::of(quality.precision(), right, joined),
            recall: Share::of(quality.recall(), right, there),
            f1: (joined + there > 0).then(|| Share::plain(quality.f1())),
        }
    }

    fn estimated(figures: &Figures) -> Self {
        Self {
            precision: figures.precision.map(Share::estimated),
            recall: figures.recall.map(Share::estimated),
            f1: figures.f1.map(Share::estimated),
        }
    }
}

fn counts(quality: &Quality) -> [String; 2] {
    let right = number(quality.right);
    [
        format!(
            "{right} of {} joined pairs are one person",
            number(quality.joined)
        ),
        format!(
            "{right} of {} pairs of one person are joined",
            number(quality.there)
        ),
    ]
}

impl From<&ByHeading> for By {
    fn from(by: &ByHeading) -> Self {
        let group = |of: &OfGroup| Group {
            group: match of.value.as_str() {
                "" => "Not told".to_owned(),
                value => value.to_owned(),
            },
            records: of.records,
            unlinkable: of.poor,
            pairs_read: None,
            shares: Shares::of(&of.quality),
        };
        let behind = by.missed_more(POINTS);
        Self {
            heading: by.heading.clone(),
            groups: by.groups.iter().map(group).collect(),
            groups_left_out: by.left_out,
            recall_behind_by_3_points: behind.into_iter().map(str::to_owned).collect(),
        }
    }
}

impl Good {
    /// Files linked, by the truth that came with them.
    pub(super) fn of_files(judged: &OfFiles, join: i32, by: &[ByHeading]) -> Self {
        let mut all = judged.at_others.clone();
        all.push((join, judged.at_threshold));
        all.sort_by_key(|(join, _)| *join);
        all.dedup_by_key(|(join, _)| *join);
        let threshold = |(at, quality): &(i32, Quality)| Threshold {
            threshold: format!("{} bits", bits(*at)),
            is_the_models: *at == join,
            shares: Shares::of(quality),
        };
        Self {
            against: "Against the truth that came with the records, over all pairs of records after joining.".to_owned(),
            counts: counts(&judged.at_threshold),
            pairs: Shares::of(&judged.at_threshold),
            persons: Some(Shares::of(&judged.persons)),
            blocking_recall: judged.blocking_recall.map(Share::plain),
            f1_best: Some(judged.best()),
            thresholds: all.iter().map(threshold).collect(),
            by: by.iter().map(By::from).collect(),
        }
    }

    /// What is held, by a truth.
    pub(super) fn held(judged: &Held) -> Self {
        let threshold = |(at, quality): &(i32, Quality)| Threshold {
            threshold: beside(*at),
            is_the_models: *at == 0,
            shares: Shares::of(quality),
        };
        let others = judged.thresholds.iter().map(|(_, quality)| quality.f1());
        Self {
            against: format!(
                "Against a known truth about {} of the {} records that are held, over all pairs of records as they stand joined.",
                number(judged.told),
                number(judged.records)
            ),
            counts: counts(&judged.pairs),
            pairs: Shares::of(&judged.pairs),
            persons: Some(Shares::of(&judged.persons)),
            blocking_recall: judged.blocking_recall.map(Share::plain),
            f1_best: Some(others.fold(judged.pairs.f1(), f64::max)),
            thresholds: judged.thresholds.iter().map(threshold).collect(),
            by: judged.by.iter().map(By::from).collect(),
        }
    }

    /// What is held, by what was read of a sample.
    pub(super) fn sampled(told: &Told) -> Self {
        let threshold = |(at, figures): &(i32, Figures)| Threshold {
            threshold: beside(*at),
            is_the_models: *at == 0,
            shares: Shares::estimated(figures),
        };
        let by = told.by.iter().map(|(heading, groups)| By {
            heading: (*heading).to_owned(),
            groups: groups
                .iter()
                .map(|of| Group {
                    group: of.group.clone(),
                    records: of.records,
                    unlinkable: of.poor,
                    pairs_read: Some(of.read),
                    shares: Shares::estimated(&of.figures),
                })
                .collect(),
            groups_left_out: 0,
            recall_behind_by_3_points: Vec::new(),
        });
        let best = told.thresholds.iter();
        let best = best.filter_map(|(_, figures)| Some(figures.f1?.share));
        Self {
            against: format!(
                "From a random sample of {} pairs, {} of them read by somebody who was not told how they stand; of {} the records do not tell.",
                number(told.pairs),
                number(told.read),
                number(told.unclear)
            ),
            counts: [
                "of the pairs that are joined are one child".to_owned(),
                "of the pairs that are one child are joined".to_owned(),
            ],
            pairs: Shares::estimated(&told.all),
            persons: None,
            blocking_recall: told.all.compared.map(Share::estimated),
            f1_best: best.reduce(f64::max),
            thresholds: told.thresholds.iter().map(threshold).collect(),
            by: by.collect(),
        }
    }

    /// The sections of a report.
    pub(super) fn sections(&self) -> Vec<Section> {
        let mut sections = vec![self.whole()];
        sections.extend(self.by.iter().map(By::section));
        sections
    }

    fn whole(&self) -> Section {
        let mut blocks = vec![Block::Paragraph(self.against.clone())];
        let shares = [self.pairs.precision, self.pairs.recall];
        for ((name, share), counts) in ["Precision", "Recall"].iter().zip(shares).zip(&self.counts)
        {
            blocks.push(Block::Heading((*name).to_owned()));
            blocks.push(match share {
                Some(share) => Block::Figure {
                    number: percent(share.value),
                    whole: counts.clone(),
                    interval: share.interval(),
                },
                None => Block::Paragraph("Not told: there is too little to judge by.".to_owned()),
            });
        }
        if let Some(persons) = &self.persons {
            blocks.push(Block::Paragraph(format!(
                "Of the persons that were made, {} have all records of one and no other's; of the persons that there are, {} were made whole.",
                in_words(persons.precision),
                in_words(persons.recall)
            )));
        }
        if let Some(recall) = self.blocking_recall {
            blocks.push(Block::Paragraph(format!(
                "Of the pairs of one person, {} were compared at all; the others no threshold can join.",
                in_words(Some(recall))
            )));
        }
        blocks.extend([self.chart(), self.table()]);
        Section {
            title: "How good it is".to_owned(),
            blocks,
        }
    }

    fn chart(&self) -> Block {
        let bars = self.thresholds.iter().map(|one| Bar {
            label: one.threshold.clone(),
            share: one.shares.f1.map(|f1| {
                let ends = [f1.low.unwrap_or(f1.value), f1.high.unwrap_or(f1.value)];
                [f1.value, ends[0], ends[1]].map(|share| share * 100.0)
            }),
            words: one
                .shares
                .f1
                .map_or_else(|| "not told".to_owned(), |f1| percent(f1.value)),
        });
        Block::Chart(Chart {
            title: "F1 at each threshold".to_owned(),
            finding: match (self.pairs.f1, self.f1_best) {
                (Some(f1), Some(best)) => format!(
                    "At the model's threshold F1 is {}; at the best of those tried it is {}.",
                    percent(f1.value),
                    percent(best)
                ),
                _ => "Not told: there is too little to judge by.".to_owned(),
            },
            description:
                "A bar for each threshold, from those that join most to those that join least."
                    .to_owned(),
            bars: bars.collect(),
        })
    }

    fn table(&self) -> Block {
        let rows = self.thresholds.iter().map(|one| {
            let mark = if one.is_the_models {
                " (the model's)"
            } else {
                ""
            };
            let Shares {
                precision,
                recall,
                f1,
            } = one.shares;
            let mut row = vec![format!("{}{mark}", one.threshold)];
            row.extend([precision, recall, f1].map(in_words));
            row
        });
        Block::Table {
            caption: "Precision, recall and F1 by threshold, with 95% intervals".to_owned(),
            columns: vec![
                Column::words("Threshold"),
                Column::numbers("Precision"),
                Column::numbers("Recall"),
                Column::numbers("F1"),
            ],
            rows: rows.collect(),
        }
    }
}

impl By {
    fn section(&self) -> Section {
        let rows = self.groups.iter().map(|one| {
            vec![
                one.group.clone(),
                number(one.records),
                number(one.unlinkable),
                in_words(one.shares.precision),
                in_words(one.shares.recall),
            ]
        });
        let mut blocks = vec![
            Block::Paragraph("Names that link badly hide children: a group whose recall is lower than others' is missed more often. Each row counts the pairs of which one record or both are of the group, with 95% intervals.".to_owned()),
            Block::Paragraph(match self.groups_left_out {
                0 => "Every group is shown.".to_owned(),
                left_out => format!(
                    "{} more groups are not shown: those of fewer than ten records, and those beyond the forty largest.",
                    number(left_out)
                ),
            }),
        ];
        if !self.recall_behind_by_3_points.is_empty() {
            blocks.push(Block::Paragraph(format!(
                "More than three points behind the best: {}.",
                self.recall_behind_by_3_points.join(", ")
            )));
        }
        blocks.push(Block::Table {
            caption: format!("Precision and recall by {}", self.heading),
            columns: vec![
                Column::words(&self.heading),
                Column::numbers("Records"),
                Column::numbers("Tell too little"),
                Column::numbers("Precision"),
                Column::numbers("Recall"),
            ],
            rows: rows.collect(),
        });
        Section {
            title: format!("How good it is, by {}", self.heading),
            blocks,
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

/// A share with its interval, in words.
fn in_words(share: Option<Share>) -> String {
    match share {
        None => "not told".to_owned(),
        Some(share) if share.low.is_none() => percent(share.value),
        Some(share) => format!("{} ({})", percent(share.value), share.interval()),
    }
}

/// A threshold beside the model's own.
fn beside(at: i32) -> String {
    match at {
        0 => "as it is".to_owned(),
        ..0 => format!("{} bits lower", bits(-at)),
        _ => format!("{} bits higher", bits(at)),
    }
}
