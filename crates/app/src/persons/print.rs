//! The picture on paper: a tagged document with reader, time and purpose on each page, told of in the read log
//! (safety rule 9). Neither its name nor its title names the child.

use clearpicture_reports::{Block, Column, Report, Section, leaflet};

use super::picture::{PicturePage, moved, picture};
use super::said::{ClaimRow, RingRow};
use super::types::SeePerson;
use crate::shell::given_out::{GivenOut, stamp};
use crate::shell::{Answer, Ctx, Failure, Permitted, fonts};
use crate::words;

/// `GET /children/{id}/picture.pdf`
pub(super) async fn print(at: Permitted<SeePerson>) -> Answer {
    let ctx = &at.ctx;
    let person = ctx.store().load(&at.permit).await?;
    if let Some(moved) = moved(ctx, &person).await? {
        return Ok(moved);
    }
    let page = picture(ctx, &at.id, &at.permit, &person).await?;
    let report = report(ctx, &page);
    // Setting a document takes a tenth of a second: on a thread that nobody waits at.
    let bytes = tokio::task::spawn_blocking(move || {
        let fonts = fonts()?;
        leaflet(&report, fonts).map_err(|fault| fault.to_string())
    });
    let bytes = bytes.await.map_err(|fault| Failure::fault(&fault))?;
    let file = GivenOut {
        list: "picture",
        name: "picture.pdf".to_owned(),
        kind: "application/pdf",
        bytes: bytes.map_err(|fault| Failure::fault(&fault))?,
    };
    file.give_out_record(ctx, &at.permit).await
}

fn report(ctx: &Ctx, page: &PicturePage) -> Report {
    let duty = page.duty.as_ref().map_or_else(
        || "Ask your duty team.".to_owned(),
        |number| format!("Duty number of your agency: {}.", number.shown),
    );
    let mut foreword = Vec::new();
    foreword.extend(ctx.app.serving().demo.clone());
    if page.for_keepers {
        foreword.push(
            "This copy shows where a protected child is, or one who may be: for keepers of protected identities alone."
                .to_owned(),
        );
    }
    foreword.push(format!(
        "There may be information that this copy does not show. {duty}"
    ));
    Report {
        title: "A child’s picture".to_owned(),
        about: "For whoever works with the child; not to be given to the family as it is"
            .to_owned(),
        by: ctx.app.practice().partnership.clone(),
        copy: "Professional copy".to_owned(),
        known: format!("as known on {}", words::moment(ctx.now())),
        stamp: stamp(ctx),
        foreword,
        sections: sections(page),
    }
}

fn sections(page: &PicturePage) -> Vec<Section> {
    let section = |title: &str, blocks: Vec<Block>| Section {
        title: title.to_owned(),
        blocks,
    };
    let mut facts: Vec<(String, String)> = page.claims.iter().map(claim).collect();
    facts.extend(page.numbers.iter().cloned());
    vec![
        section(
            &page.name,
            vec![
                Block::Paragraph(format!("{} · {}", page.summary, page.agreement)),
                Block::Facts(facts),
                Block::Paragraph(standing(page)),
            ],
        ),
        section("Whom to ring", vec![to_ring(page)]),
        section("Open now", vec![open_now(page)]),
        section("What has happened around this child", vec![happened(page)]),
        section("Who says so", vec![who_says(page)]),
    ]
}

/// A claim: once where all agree, and with who says it where they do not.
fn claim(claim: &ClaimRow) -> (String, String) {
    let values = claim.values.iter().map(|value| {
        let mut text = value.lines.join(", ");
        if value.doubted {
            text = format!("{text} (doubtful)");
        }
        if !value.note.is_empty() {
            text = format!("{text}, {}", value.note);
        }
        if claim.differ {
            text = format!("{text} ({})", value.agencies);
        }
        text
    });
    let values: Vec<String> = values.collect();
    let label = if claim.differ {
        format!("{}: sources differ", claim.label)
    } else {
        claim.label.to_owned()
    };
    (label, values.join("; "))
}

fn standing(page: &PicturePage) -> String {
    let doubts = if page.doubts.is_empty() {
        String::new()
    } else {
        format!(": {}", page.doubts.join("; "))
    };
    format!("{}{doubts}.", page.standing)
}

fn table(caption: &str, columns: &[&str], rows: Vec<Vec<String>>, empty: &str) -> Block {
    if rows.is_empty() {
        return Block::Paragraph(empty.to_owned());
    }
    Block::Table {
        caption: caption.to_owned(),
        columns: columns.iter().map(|title| Column::words(title)).collect(),
        rows,
    }
}

fn to_ring(page: &PicturePage) -> Block {
    let rows = page.ring.iter().chain(&page.before);
    let row = |row: &RingRow| {
        let numbers = row
            .numbers
            .iter()
            .map(|number| format!("{}: {}", number.of, number.shown));
        vec![
            row.who.clone(),
            row.state.clone(),
            row.people.join("; "),
            numbers.collect::<Vec<_>>().join("; "),
        ]
    };
    table(
        "Who works with the child, and who did",
        &["Service", "How it stands", "Who there", "Numbers"],
        rows.map(row).collect(),
        "Nobody is told of who works with this child.",
    )
}

fn open_now(page: &PicturePage) -> Block {
    let rows = page
        .open_now
        .iter()
        .map(|one| vec![one.what.clone(), one.since.clone(), one.agencies.clone()]);
    table(
        "What goes on",
        &["What", "Since", "Told by"],
        rows.collect(),
        "Nothing is open, as far as we are told.",
    )
}

fn happened(page: &PicturePage) -> Block {
    let happenings = page.years.iter().flat_map(|year| {
        year.happenings.iter().map(move |one| {
            vec![
                one.what.clone(),
                format!("{} {}", one.when, year.year),
                one.agencies.clone(),
            ]
        })
    });
    table(
        "The newest first",
        &["What", "Day", "Told by"],
        happenings.collect(),
        "The sources give no dates for this child.",
    )
}

fn who_says(page: &PicturePage) -> Block {
    let claims = page.claims.iter().flat_map(|claim| {
        let values = claim.values.iter();
        values.map(|value| {
            vec![
                format!("{}: {}", claim.label, value.lines.join(", ")),
                value.by.clone(),
            ]
        })
    });
    let services = page.ring.iter().chain(&page.before);
    let services = services.map(|row| vec![row.who.clone(), row.by.clone()]);
    let open = page.open_now.iter();
    let open = open.map(|one| vec![one.what.clone(), one.by.clone()]);
    let happenings = page.years.iter().flat_map(|year| &year.happenings);
    let happenings =
        happenings.map(|one| vec![format!("{}, {}", one.what, one.when), one.by.clone()]);
    table(
        "Each thing, with the source that tells it and its row there",
        &["What", "Source and row"],
        claims
            .chain(services)
            .chain(open)
            .chain(happenings)
            .collect(),
        "Nothing is told.",
    )
}
