//! A report as the data that both templates read, its charts drawn.

use serde_json::{Value, json};

use crate::chart::Width;
use crate::draw::{DrawFault, svg};
use crate::fonts::Fonts;
use crate::report::{Block, Report};

/// `report` as data.
pub(crate) fn data(report: &Report, fonts: &Fonts) -> Result<Value, DrawFault> {
    let mut sections = Vec::new();
    for section in &report.sections {
        let blocks = section.blocks.iter().map(|one| block(one, fonts));
        let blocks: Vec<Value> = blocks.collect::<Result<_, _>>()?;
        sections.push(json!({ "title": section.title, "blocks": blocks }));
    }
    Ok(json!({
        "title": report.title,
        "about": report.about,
        "by": report.by,
        "copy": report.copy,
        "known": report.known,
        "stamp": report.stamp,
        "foreword": report.foreword,
        "sections": sections,
    }))
}

fn block(block: &Block, fonts: &Fonts) -> Result<Value, DrawFault> {
    Ok(match block {
        Block::Paragraph(text) => json!({ "kind": "paragraph", "text": text }),
        Block::Heading(title) => json!({ "kind": "heading", "title": title }),
        Block::Figure {
            number,
            whole,
            interval,
        } => json!({ "kind": "figure", "number": number, "whole": whole, "interval": interval }),
        Block::Chart(chart) => json!({
            "kind": "chart",
            "title": chart.title,
            "finding": chart.finding,
            "alt": chart.description,
            "svg": svg(chart, Width::Wide, fonts)?,
        }),
        Block::Table {
            caption,
            columns,
            rows,
        } => {
            let columns: Vec<Value> = columns
                .iter()
                .map(|column| json!({ "title": column.title, "numeric": column.numeric }))
                .collect();
            json!({ "kind": "table", "caption": caption, "columns": columns, "rows": rows })
        }
        Block::Facts(facts) => json!({ "kind": "facts", "facts": facts }),
    })
}
