//! Rows under headings: delimited text, and the sheets of a workbook.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek};
use std::rc::Rc;

use clearpicture_kernel::Code;
use csv::StringRecord;

use crate::finding::Finding;
use crate::layout::{Fit, Layout, recognise};
use crate::problem::Problem;
use crate::profile::Profile;
use crate::read::{Asked, Became, File, Rows};
use crate::reader::delimited::{Marks, Next, Records, Rows as Source};
use crate::reader::encoding::encoding;
use crate::reader::text::{Seen, Text, beginning};
use crate::reader::workbook::{Holds, Sheet, Workbook};
use crate::shape::{Is, Shape, is_blank};

/// How far down headings are looked for.
const HEADINGS_WITHIN: usize = 10;
/// How many records tell the year.
const TELL_THE_YEAR: usize = 100;
/// The rows that spreadsheets can hold, headings among them.
const LIMITS: [u64; 2] = [65_536, 1_048_576];

/// Reads delimited text.
pub(crate) fn text(file: &mut File<'_>, sample: &[u8], rest: impl Read) -> io::Result<()> {
    let Some(encoding) = encoding(sample) else {
        file.find(Problem::UnknownEncoding.of_file());
        return Ok(());
    };
    let marks = Marks::of(&beginning(sample, encoding));
    let seen = Rc::new(Seen::default());
    let text = Text::new(sample.chain(rest), encoding, marks, Rc::clone(&seen));
    let mut records = Records::new(text, seen, marks);
    match table(file, &mut records, None)? {
        // One list of several is no more than that.
        Ok(list) => missing_sheets(file, &BTreeSet::from([list])),
        Err(findings) => findings.into_iter().for_each(|finding| file.find(finding)),
    }
    Ok(())
}

/// Reads every sheet of a workbook that a table of the source fits. Sheets of other sources are told in the summary;
/// those of none are told of by their names, once: where the first source of the workbook is read.
pub(crate) fn workbook(file: &mut File<'_>, bytes: impl Read + Seek) -> io::Result<()> {
    let mut workbook = match Workbook::open(bytes) {
        Ok(workbook) => workbook,
        Err(problem) => {
            file.find(problem.of_file());
            return Ok(());
        }
    };
    let sheets = workbook.sheets();
    let mut sources = Vec::new();
    for sheet in &sheets {
        sources.push(source_of(&mut workbook, file.profiles, sheet)?);
    }
    let first = sources.iter().flatten().next().cloned();
    let chosen = file.asked.profile.cloned().or_else(|| first.clone());
    // Whoever names a source of which no sheet is, knows better; otherwise each sheet is its own source's.
    let has_own = sources.contains(&chosen);
    let mut refusals: Option<Vec<Finding>> = None;
    let mut passed_over = Vec::new();
    let mut read = BTreeSet::new();
    for (sheet, source) in sheets.iter().zip(sources) {
        let Holds::Cells(part) = &sheet.holds else {
            passed_over.push(if sheet.holds == Holds::Hidden {
                Problem::HiddenSheet.of_sheet(&sheet.name)
            } else {
                Problem::UnknownSheet.of_sheet(&sheet.name)
            });
            continue;
        };
        if has_own && source.is_some() && source != chosen {
            source.into_iter().for_each(|source| file.has_also(source));
            continue;
        }
        match workbook.sheet(part, &mut |rows| table(file, rows, Some(&sheet.name)))? {
            Ok(Ok(list)) => {
                if !read.insert(list) {
                    passed_over.push(Problem::ListTwice.of_sheet(&sheet.name));
                }
            }
            Ok(Err(findings)) if findings.iter().any(Finding::is_of_all) => {
                findings.into_iter().for_each(|finding| file.find(finding));
            }
            Ok(Err(findings)) => {
                // A sheet without anything in it is nothing to tell of.
                if findings.iter().any(|one| one.problem != Problem::EmptyFile) {
                    passed_over.push(Problem::UnknownSheet.of_sheet(&sheet.name));
                }
                refusals.get_or_insert(findings);
            }
            Err(problem) => file.find(problem.of_file()),
        }
        if file.summary.refused {
            return Ok(());
        }
    }
    let told_here = !has_own || first == chosen;
    for finding in passed_over {
        let is_said = told_here && !read.is_empty();
        if is_said || finding.problem == Problem::HiddenSheet {
            file.find(finding);
        }
    }
    if read.is_empty() {
        let findings = refusals.unwrap_or_else(|| vec![Problem::Unrecognised.of_file()]);
        findings.into_iter().for_each(|finding| file.find(finding));
        return Ok(());
    }
    missing_sheets(file, &read);
    Ok(())
}

/// The source whose headings stand in a sheet.
fn source_of(
    workbook: &mut Workbook<impl Read + Seek>,
    profiles: &[Profile],
    sheet: &Sheet,
) -> io::Result<Option<Code>> {
    let Holds::Cells(part) = &sheet.holds else {
        return Ok(None);
    };
    let found = workbook.sheet(part, &mut |rows| {
        let mut record = StringRecord::new();
        for above in 0..HEADINGS_WITHIN {
            match rows.next(&mut record)? {
                Next::Record | Next::Cut | Next::Faulty(_) => {}
                Next::End | Next::Refused(_) => break,
            }
            let (asked, name) = (Asked::default(), Some(sheet.name.as_str()));
            if let Ok(fit) = recognise(&record, profiles, &asked, name, above == 0) {
                return Ok(Some(fit.profile.name.clone()));
            }
        }
        Ok(None)
    })?;
    Ok(found.unwrap_or_default())
}

/// Tells of the tables whose sheets are not there.
fn missing_sheets(file: &mut File<'_>, read: &BTreeSet<String>) {
    let profile = file
        .profiles
        .iter()
        .find(|one| Some(&one.name) == file.summary.profile.as_ref());
    let Some(profile) = profile.filter(|one| one.tables.len() > 1) else {
        return;
    };
    for table in profile
        .tables
        .iter()
        .filter(|table| !read.contains(&table.name))
    {
        file.find(Finding {
            table: Some(table.name.as_str().into()),
            ..Problem::MissingSheet.of_file()
        });
    }
}

/// Reads the rows under one set of headings; the name of their table, or what to say when none fits.
fn table(
    file: &mut File<'_>,
    rows: &mut dyn Source,
    sheet: Option<&str>,
) -> io::Result<Result<String, Vec<Finding>>> {
    let fit = match headings(file, rows, sheet)? {
        Ok(fit) => fit,
        Err(findings) => return Ok(Err(findings)),
    };
    if let Some(layout) = fit.layouts.first() {
        rows.days_are(layout.table.dates);
    }
    let (held, layout) = with_year(file, rows, fit)?;
    let mut shape = Shape::of(&layout);
    let mut ends_early = false;
    let mut reading = Rows::new(&layout, file.asked);
    // The number of a record is its own sheet's.
    let before = file.summary.rows + file.summary.others;
    let mut record = StringRecord::new();
    let mut all = held.into_iter();
    loop {
        let next = match all.next() {
            Some(held) => {
                record = held.record;
                reading.sheet_row = held.sheet_row;
                held.next
            }
            None => {
                let next = rows.next(&mut record)?;
                reading.sheet_row = rows.sheet_row();
                next
            }
        };
        let is = match next {
            Next::Record | Next::Cut => shape.look(&record, rows.leaves_out(), next == Next::Cut),
            Next::Faulty(problem) => Is::Faulty(problem),
            Next::End => break,
            Next::Refused(problem) => {
                let number = file.summary.rows + file.summary.others - before + 1;
                file.find(reading.finding(problem, number, None));
                return Ok(Ok(layout.table.name.clone()));
            }
        };
        if is == Is::Nothing {
            continue;
        }
        let number = file.begin() + file.summary.others - before;
        if let Is::Faulty(problem) = is {
            file.set_aside(reading.finding(problem, number, None));
            continue;
        }
        if is == Is::EndsEarly && !std::mem::replace(&mut ends_early, true) {
            file.find(reading.finding(Problem::EndsEarly, number, None));
        }
        if next == Next::Cut {
            file.find(reading.finding(Problem::NoLineEnd, number, None));
        }
        match reading.row(file, number, &record, true) {
            Became::Accepted => file.summary.accepted += 1,
            Became::SetAside => {}
            Became::Others => file.of_others(),
        }
    }
    let number = file.summary.rows + file.summary.others - before;
    if let Some(problem) = rows.ending() {
        file.find(problem.of_file());
    }
    if LIMITS.contains(&(number + 1)) {
        file.find(Problem::SpreadsheetLimit.of_file());
    }
    file.met(reading.checks);
    Ok(Ok(layout.table.name.clone()))
}

/// Finds the headings among the first rows.
fn headings<'f>(
    file: &mut File<'f>,
    rows: &mut dyn Source,
    sheet: Option<&str>,
) -> io::Result<Result<Fit<'f>, Vec<Finding>>> {
    let mut first: Option<(Vec<Finding>, bool)> = None;
    let mut record = StringRecord::new();
    let mut above = 0;
    while above < HEADINGS_WITHIN {
        match rows.next(&mut record)? {
            // A row without a value is no row, above the headings as well.
            Next::Record | Next::Cut if is_blank(&record) => continue,
            Next::Record | Next::Cut | Next::Faulty(_) => {}
            Next::End => break,
            Next::Refused(problem) => return Ok(Err(vec![problem.of_file()])),
        }
        // One that was recognised already is the one for every further sheet.
        let chosen = file.summary.profile.clone();
        let asked = Asked {
            profile: file.asked.profile.or(chosen.as_ref()),
            year: file.asked.year,
            ..Asked::default()
        };
        match recognise(&record, file.profiles, &asked, sheet, above == 0) {
            Ok(fit) => {
                // A spreadsheet's own first line is not somebody's.
                let said = above == 1 && first.as_ref().is_some_and(|(_, said)| *said);
                if above > 0 && !said {
                    file.find(Problem::HeadingsBelow.of_file());
                }
                return Ok(Ok(fit));
            }
            Err(findings) => {
                let says = record.get(0).is_some_and(|text| text.starts_with("sep="));
                if findings.iter().any(Finding::is_of_all) {
                    return Ok(Err(findings));
                }
                // Of rows that fit none, the one that comes nearest tells what is missing.
                let nearer = |(held, _): &(Vec<Finding>, bool)| findings.len() < held.len();
                if first.as_ref().is_none_or(nearer) {
                    first = Some((findings, says));
                }
            }
        }
        above += 1;
    }
    let findings = first.map(|(findings, _)| findings);
    Ok(Err(
        findings.unwrap_or_else(|| vec![Problem::EmptyFile.of_file()])
    ))
}

/// A record that was read ahead, with what came of it and where it stands.
struct Held {
    next: Next,
    record: StringRecord,
    sheet_row: Option<u64>,
}

/// Chooses the year whose lists the first records fit, and gives those records back.
fn with_year(
    file: &mut File<'_>,
    rows: &mut dyn Source,
    fit: Fit<'_>,
) -> io::Result<(Vec<Held>, Layout)> {
    let Fit {
        profile,
        mut layouts,
    } = fit;
    let mut held: Vec<Held> = Vec::new();
    if layouts.len() > 1 {
        while held.len() < TELL_THE_YEAR {
            let mut record = StringRecord::new();
            let next = rows.next(&mut record)?;
            let more = matches!(next, Next::Record | Next::Cut | Next::Faulty(_));
            held.push(Held {
                next,
                record,
                sheet_row: rows.sheet_row(),
            });
            if !more {
                break;
            }
        }
    }
    let misfits = |layout: &Layout| -> usize {
        let whole = held
            .iter()
            .filter(|held| matches!(held.next, Next::Record | Next::Cut));
        whole.map(|held| layout.misfits(&held.record)).sum()
    };
    // Of years that fit as well as one another, the newest.
    let best = (0..layouts.len())
        .rev()
        .min_by_key(|place| layouts.get(*place).map(misfits));
    let mut layout = layouts.swap_remove(best.unwrap_or_default());
    layout.learn(profile);
    file.recognised(profile, &layout);
    Ok((held, layout))
}
