//! The quality report of linked files: a page that stands alone, with no value of any record in it.

use std::io;

use clearpicture_app::shell::fonts;
use clearpicture_kernel::Ambient;
use clearpicture_linkage::columns::{Judged, Linking, Table, judge_groups};
use clearpicture_reports::{Bar, Block, Chart, Column, Report, Section, html};

use super::judged::Good;

/// The page.
pub(super) fn made(
    table: &Table,
    linking: &Linking<'_>,
    judged: Option<&Judged>,
) -> Result<String, String> {
    let now = clearpicture_app::words::moment(Ambient::system().now());
    let groups = judge_groups(linking);
    let mut sections = vec![what(table, linking)];
    if let Some(judged) = judged {
        sections.extend(Good::of_files(judged, linking.plan.join, &groups).sections());
    }
    sections.extend([
        persons(linking),
        pairs(linking).map_err(|error| error.to_string())?,
        told(table, linking),
        model(linking),
    ]);
    let names: Vec<&str> = table
        .sources()
        .iter()
        .map(|source| source.name.as_str())
        .collect();
    let report = Report {
        title: "Linkage report".to_owned(),
        about: names.join(", "),
        by: format!("Model {}", linking.plan.version),
        copy: match groups.is_empty() {
            true => "No value of any record is in it".to_owned(),
            false => "Of records it holds only the values that groups are told apart by".to_owned(),
        },
        known: format!("made on {now}"),
        stamp: format!("Made on {now} from {} records", number(table.len())),
        foreword: vec![
            "A link made here was made by a program and checked by nobody. Use it to count and to look further, not to decide about anyone.".to_owned(),
        ],
        sections,
    };
    html(&report, fonts()?).map_err(|fault| fault.to_string())
}

pub(super) fn number(count: impl TryInto<u64>) -> String {
    let digits = count.try_into().unwrap_or(u64::MAX).to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

pub(super) fn bits(thousandths: i32) -> String {
    // Adding nought makes -0.0 of a small negative number 0.0.
    format!(
        "{:.1}",
        (f64::from(thousandths) / 100.0).round() / 10.0 + 0.0
    )
}

fn share(part: u64, whole: u64) -> f64 {
    // Counts of pairs are far below what a double holds exactly.
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64 * 100.0
    }
}

fn what(table: &Table, linking: &Linking<'_>) -> Section {
    let persons = linking.persons.count();
    let mut facts = vec![
        ("Records".to_owned(), number(table.len())),
        ("Persons found".to_owned(), number(persons)),
        ("Pairs compared".to_owned(), number(linking.compared)),
        (
            "Joined from".to_owned(),
            format!("{} bits on", bits(linking.plan.join)),
        ),
        (
            "Too little told to be joined with anybody".to_owned(),
            format!("{} records", number(linking.unlinkable())),
        ),
    ];
    for source in table.sources() {
        facts.push((
            format!("From {}", source.name),
            format!("{} records", number(source.records)),
        ));
    }
    Section {
        title: "What was linked".to_owned(),
        blocks: vec![Block::Facts(facts)],
    }
}

fn persons(linking: &Linking<'_>) -> Section {
    let mut sizes = std::collections::BTreeMap::<u64, u64>::new();
    let mut members = vec![0_u64; linking.persons.of.len()];
    for person in &linking.persons.of {
        if let Some(count) = members.get_mut(*person as usize) {
            *count += 1;
        }
    }
    for size in members.into_iter().filter(|size| *size > 0) {
        *sizes.entry(size.min(20)).or_default() += 1;
    }
    let rows = sizes.iter().map(|(size, persons)| {
        let size = if *size == 20 {
            "20 and more".to_owned()
        } else {
            size.to_string()
        };
        vec![size, number(*persons)]
    });
    Section {
        title: "Persons".to_owned(),
        blocks: vec![
            Block::Table {
                caption: "How many records the persons have".to_owned(),
                columns: vec![Column::words("Records"), Column::numbers("Persons")],
                rows: rows.collect(),
            },
            Block::Paragraph(format!(
                "{} pairs are good enough by themselves and were not joined, because the other records of the two persons speak against it. Look at these first.",
                number(linking.persons.bridges)
            )),
        ],
    }
}

fn pairs(linking: &Linking<'_>) -> io::Result<Section> {
    const STEP: i32 = 4_000;
    let mut counts = std::collections::BTreeMap::<i32, u64>::new();
    let mut doubtful = 0;
    linking.weights(|weight, pairs| {
        *counts.entry(weight.div_euclid(STEP).min(9)).or_default() += pairs;
        if (weight - linking.plan.join).abs() < 2_000 {
            doubtful += pairs;
        }
    })?;
    let total: u64 = counts.values().sum();
    let bars = counts.iter().map(|(step, count)| {
        let from = bits(step * STEP);
        let part = share(*count, total);
        Bar {
            label: if *step == 9 {
                format!("{from} bits on")
            } else {
                format!("{from} to {}", bits((step + 1) * STEP))
            },
            share: Some([part; 3]),
            words: number(*count),
        }
    });
    Ok(Section {
        title: "Pairs".to_owned(),
        blocks: vec![Block::Chart(Chart {
            title: "What pairs are worth".to_owned(),
            finding: format!(
                "{} of {} pairs lie within two bits of the threshold: there most mistakes are.",
                number(doubtful),
                number(total)
            ),
            description: "A bar for each range of weights in bits, with how many of the pairs that are worth looking at lie in it.".to_owned(),
            bars: bars.collect(),
        })],
    })
}

fn told(table: &Table, linking: &Linking<'_>) -> Section {
    let records = u64::from(table.len());
    let rows = linking.told().map(|(name, told, different)| {
        vec![
            name.to_owned(),
            format!("{:.1}%", share(u64::from(told), records)),
            number(different),
        ]
    });
    Section {
        title: "What records tell".to_owned(),
        blocks: vec![Block::Table {
            caption: "How many records tell each column, and how many different values there are once cleaned".to_owned(),
            columns: vec![
                Column::words("Column"),
                Column::numbers("Records that tell it"),
                Column::numbers("Different values"),
            ],
            rows: rows.collect(),
        }],
    }
}

fn model(linking: &Linking<'_>) -> Section {
    let mut blocks = vec![Block::Paragraph(
        "For each level of agreement: how often records of one person agree so, how often records of two do, and what it is worth in bits. One bit more makes it twice as likely that the two are one person.".to_owned(),
    )];
    if let Some(prior) = linking.plan.prior {
        blocks.push(Block::Paragraph(format!(
            "The part of all pairs of records that are of one person is thought to be {prior:.3e}."
        )));
    }
    for column in linking.plan.columns.iter().filter(|one| one.compared) {
        let rows = column
            .kind
            .levels()
            .iter()
            .zip(&column.figures)
            .map(|(level, figures)| {
                vec![
                    level.words().to_owned(),
                    format!("{:.2}%", figures.m * 100.0),
                    format!("{:.4}%", figures.u * 100.0),
                    format!("{:+.1}", (figures.m / figures.u).log2()),
                ]
            });
        blocks.push(Block::Table {
            caption: column.name.clone(),
            columns: vec![
                Column::words("The two are"),
                Column::numbers("Of one person"),
                Column::numbers("Of two"),
                Column::numbers("Bits"),
            ],
            rows: rows.collect(),
        });
    }
    Section {
        title: "The model".to_owned(),
        blocks,
    }
}
