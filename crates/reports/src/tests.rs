//! Reports come out whole, readable by everybody, and the same each time.

use std::sync::LazyLock;

use crate::{Bar, Block, Chart, Column, Fonts, Report, Section, Width, html, pdf, svg};

const REGULAR: &[u8] = include_bytes!("../../../assets/print/regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../assets/print/bold.ttf");

static FONTS: LazyLock<Fonts> =
    LazyLock::new(|| Fonts::read(REGULAR, &[BOLD]).expect("the typeface"));

fn chart() -> Chart {
    let bar = |label: &str, share, words: &str| Bar {
        label: label.to_owned(),
        share,
        words: words.to_owned(),
    };
    Chart {
        title: "Children known to both & to one".to_owned(),
        finding: "Most are known to both.".to_owned(),
        description: "Known to both 64.0% (320 of 500). Known to <one> 36.0%.".to_owned(),
        bars: vec![
            bar("Known to both", Some([64.0, 59.7, 68.1]), "64.0% (320)"),
            bar(
                "Known to social care alone",
                Some([0.0, 0.0, 0.8]),
                "0.0% (0)",
            ),
            bar("Known to schools alone", None, "not shown"),
            bar("All <of> them", Some([100.0, 99.2, 100.0]), "100.0% (500)"),
        ],
    }
}

fn report() -> Report {
    Report {
        title: "Monthly dataset report".to_owned(),
        about: "October 2026".to_owned(),
        by: "Northwater Safeguarding Partnership".to_owned(),
        copy: "Partnership copy".to_owned(),
        stamp: "Taken by Ana <Lund>, for figures".to_owned(),
        known: "as known on 25 November 2026".to_owned(),
        foreword: vec![
            "Counts of 1 to 5 are not shown. #set text(red) *no markup* <b>none</b>".to_owned(),
        ],
        sections: vec![Section {
            title: "Children known to both".to_owned(),
            blocks: vec![
                Block::Paragraph("Of all, how many both know. $x$ @here".to_owned()),
                Block::Figure {
                    number: "64.0%".to_owned(),
                    whole: "320 of 500 children".to_owned(),
                    interval: "95% interval 59.7% to 68.1%".to_owned(),
                },
                Block::Chart(chart()),
                Block::Table {
                    caption: "Known to whom".to_owned(),
                    columns: vec![Column::words("Part"), Column::numbers("Children")],
                    rows: vec![vec!["Known to both".to_owned(), "320".to_owned()]],
                },
                Block::Heading("What to read with it".to_owned()),
                Block::Facts(vec![("So what".to_owned(), "Ask first.".to_owned())]),
            ],
        }],
    }
}

#[test]
fn a_report_is_a_tagged_pdf_and_the_same_each_time() {
    let bytes = pdf(&report(), &FONTS).expect("PDF/UA-1");
    let found = |words: &str| {
        bytes
            .windows(words.len())
            .any(|part| part == words.as_bytes())
    };
    assert!(found("%PDF-1.7"));
    assert!(found("/StructTreeRoot"));
    assert!(
        found("pdfuaid:part") || found("pdfuaid"),
        "it says that it is PDF/UA"
    );
    assert_eq!(bytes, pdf(&report(), &FONTS).expect("again"));
}

#[test]
fn a_report_without_sections_is_still_a_document() {
    let empty = Report {
        sections: Vec::new(),
        foreword: Vec::new(),
        ..report()
    };
    assert!(pdf(&empty, &FONTS).is_ok());
    assert!(html(&empty, &FONTS).is_ok());
}

#[test]
fn words_are_never_markup() {
    let page = html(&report(), &FONTS).expect("a page");
    assert!(page.contains("&lt;b&gt;none"), "{page}");
    assert!(!page.contains("<b>none"));
}

#[test]
fn a_chart_is_text_and_carries_no_style() {
    for width in [Width::Wide, Width::Narrow] {
        let drawn = svg(&chart(), width, &FONTS).expect("drawn");
        assert!(drawn.contains("Known to social care alone"));
        assert!(drawn.contains("role=\"img\""));
        assert!(drawn.contains("known to both &amp; to one"));
        assert!(drawn.contains("Known to &lt;one&gt; 36.0%"));
        assert!(drawn.contains("All &lt;of&gt; them"), "{drawn}");
        assert!(!drawn.contains("style="), "{drawn}");
        assert!(!drawn.contains("<script"), "{drawn}");
        assert_eq!(drawn.matches("<svg").count(), 1);
        assert_eq!(drawn.matches("</svg>").count(), 1);
    }
}

#[test]
fn what_is_no_font_is_refused() {
    assert!(Fonts::read(REGULAR, &[b"no font"]).is_err());
}
