//! A draft of a profile for a file that no profile fits, with every guess marked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read, Seek};
use std::rc::Rc;

use clearpicture_kernel::EmailAddress;
use clearpicture_kernel::numbers::{nhs_number, postcode, upn};
use csv::StringRecord;

use crate::date;
use crate::layout::on_one_line;
use crate::problem::Problem;
use crate::profile::{Written, itself};
use crate::reader::delimited::{Marks, Next, Records, Rows};
use crate::reader::encoding::encoding;
use crate::reader::kind::Kind;
use crate::reader::text::{Seen, Text, beginning, sample};
use crate::reader::workbook::{Holds, Workbook};
use crate::value::dialable;
use crate::written::cleaned;

/// How many rows are looked at.
const LOOKED_AT: usize = 1000;
/// The most different values that make a list of codes.
const MOST_CODES: usize = 15;
/// A value that is met less often than this may be somebody's, and is not written into a draft.
const OFTEN: usize = 3;

/// Drafts a profile called as `name`, in small letters with hyphens, from the headings and the first thousand rows of delimited text or of the first sheet
/// of a workbook. No value that is met only once or twice is written into it.
///
/// # Errors
/// Only what `from` itself gives; within, why there is nothing to draft from.
pub fn propose(mut from: impl Read + Seek, name: &str) -> io::Result<Result<String, Problem>> {
    let name = &as_code(name);
    let first = sample(&mut from)?;
    if first.is_empty() {
        return Ok(Err(Problem::EmptyFile));
    }
    match Kind::of(&first) {
        Kind::Workbook => {
            from.rewind()?;
            let mut workbook = match Workbook::open(from) {
                Ok(workbook) => workbook,
                Err(problem) => return Ok(Err(problem)),
            };
            let cells = workbook
                .sheets()
                .into_iter()
                .find_map(|sheet| match sheet.holds {
                    Holds::Cells(part) => Some(part),
                    Holds::Hidden | Holds::Nothing => None,
                });
            let Some(part) = cells else {
                return Ok(Err(Problem::EmptyFile));
            };
            let done = workbook.sheet(&part, &mut |rows| draft(rows, name))?;
            Ok(done.and_then(|drafted| drafted))
        }
        Kind::Delimited => {
            let Some(encoding) = encoding(&first) else {
                return Ok(Err(Problem::UnknownEncoding));
            };
            let marks = Marks::of(&beginning(&first, encoding));
            let seen = Rc::new(Seen::default());
            let text = Text::new(first.chain(from), encoding, marks, Rc::clone(&seen));
            draft(&mut Records::new(text, seen, marks), name)
        }
        Kind::Xml | Kind::Json => Ok(Err(Problem::NotData)),
        Kind::Refused(problem) => Ok(Err(problem)),
    }
}

/// What was met in one column.
#[derive(Default)]
struct Met {
    heading: String,
    /// How often each value was met.
    values: BTreeMap<String, usize>,
    blank: usize,
}

fn draft(rows: &mut dyn Rows, name: &str) -> io::Result<Result<String, Problem>> {
    let mut record = StringRecord::new();
    let mut columns: Vec<Met> = Vec::new();
    let mut count = 0;
    while count < LOOKED_AT {
        match rows.next(&mut record)? {
            Next::Record | Next::Cut => {}
            Next::Faulty(_) => continue,
            Next::End => break,
            Next::Refused(problem) => return Ok(Err(problem)),
        }
        if columns.is_empty() {
            // Headings are the first row with several values, none of them empty.
            if record.len() > 1 && record.iter().all(|heading| !heading.trim().is_empty()) {
                columns = record.iter().map(Met::under).collect();
            }
            continue;
        }
        count += 1;
        for (place, column) in columns.iter_mut().enumerate() {
            let value = cleaned(record.get(place).unwrap_or_default(), &mut |_| {}).into_owned();
            if value.is_empty() {
                column.blank += 1;
            } else {
                *column.values.entry(value).or_default() += 1;
            }
        }
    }
    if columns.is_empty() || count == 0 {
        return Ok(Err(Problem::NoRecords));
    }
    Ok(Ok(Draft { columns, count }.written(name)))
}

impl Met {
    fn under(heading: &str) -> Self {
        Self {
            heading: on_one_line(&cleaned(heading, &mut |_| {})),
            ..Self::default()
        }
    }

    /// Whether its heading has one of these words.
    fn says(&self, words: &[&str]) -> bool {
        let heading = self.heading.to_lowercase().replace(['_', '-'], " ");
        words.iter().any(|word| heading.contains(word))
    }

    /// Whether nine in ten of its values fit.
    fn fits(&self, test: impl Fn(&str) -> bool) -> bool {
        let all: usize = self.values.values().sum();
        let fitting: usize = self
            .values
            .iter()
            .filter(|(value, _)| test(value))
            .map(|(_, count)| count)
            .sum();
        all > 0 && fitting * 10 >= all * 9
    }

    fn is_each_once(&self) -> bool {
        self.blank == 0 && !self.values.is_empty() && self.values.values().all(|count| *count == 1)
    }
}

/// The type that a column seems to have, and what gives reason to doubt it.
struct Guess {
    kind: &'static str,
    doubt: Option<&'static str>,
}

struct Draft {
    columns: Vec<Met>,
    count: usize,
}

impl Draft {
    fn written(&self, name: &str) -> String {
        let dates = self.dates();
        let key = self
            .columns
            .iter()
            .find(|column| column.is_each_once())
            .or(self.columns.first());
        let key = key.map_or("", |column| column.heading.as_str());
        let guess_of = |column: &Met| match guess(column, dates) {
            // What tells rows apart is no number to count with.
            Guess { kind: "number", .. } if column.heading == key => Guess {
                kind: "text",
                doubt: None,
            },
            other => other,
        };
        let guesses: Vec<Guess> = self.columns.iter().map(guess_of).collect();
        let mut text = format!(
            "# Drafted from {} rows. Each line with `doubt` wants somebody's eye: check it, and take the mark away.\n\
             name = \"{name}\"\n\
             title = {} # doubt: what people call the source\n\
             format = \"table\"\n\
             extract = \"full\" # doubt: does each file hold all there is, or (\"partial\") only what is new?\n\
             subjects = \"{name}\" # doubt: sources of this agency with the same numbers for people share one name\n\n\
             [[table]]\n\
             key = [{}] # doubt: what tells a row from every other\n\
             person = {} # doubt: the source's own number for the person\n",
            self.count,
            quoted(name),
            quoted(key),
            quoted(key),
        );
        if dates != Written::Iso {
            let way = match dates {
                Written::NamedMonth => "named-month",
                Written::Compact => "compact",
                Written::DayFirst | Written::Iso => "day-first",
            };
            writeln_of(&mut text, format_args!("dates = \"{way}\""));
        }
        for (column, guess) in self.columns.iter().zip(&guesses) {
            self.column(&mut text, column, guess, key);
        }
        facts(&mut text, name, key, &self.columns, &guesses);
        text
    }

    /// How most of its days are written.
    fn dates(&self) -> Written {
        let ways = [
            Written::Iso,
            Written::DayFirst,
            Written::NamedMonth,
            Written::Compact,
        ];
        let read = |way: Written| -> usize {
            let values = self.columns.iter().flat_map(|column| &column.values);
            values
                .filter(|(value, _)| date::read(value, way).is_ok_and(|(_, as_usual)| as_usual))
                .map(|(_, count)| count)
                .sum()
        };
        ways.into_iter()
            .rev()
            .max_by_key(|way| read(*way))
            .unwrap_or_default()
    }

    fn column(&self, text: &mut String, column: &Met, guess: &Guess, key: &str) {
        writeln_of(
            text,
            format_args!("\n[[table.column]]\nname = {}", quoted(&column.heading)),
        );
        match guess.doubt {
            Some(doubt) => writeln_of(
                text,
                format_args!("type = \"{}\" # doubt: {doubt}", guess.kind),
            ),
            None => writeln_of(text, format_args!("type = \"{}\"", guess.kind)),
        }
        if column.heading == key {
            writeln_of(text, format_args!("required = true"));
        } else if column.blank * 2 > self.count {
            writeln_of(
                text,
                format_args!("optional = true # doubt: mostly empty here"),
            );
        }
        if guess.kind == "date" && column.says(&["birth", "dob"]) {
            writeln_of(text, format_args!("means = \"born\""));
        }
        if guess.kind == "code" {
            let codes: Vec<String> = column
                .values
                .iter()
                .filter(|(_, count)| **count >= OFTEN)
                .map(|(written, _)| format!("{} = {}", quoted(written), quoted(&as_code(written))))
                .collect();
            writeln_of(
                text,
                format_args!(
                    "codes = {{ {} }} # doubt: what each stands for, and what was not met",
                    codes.join(", ")
                ),
            );
        }
    }
}

fn guess(column: &Met, dates: Written) -> Guess {
    let sure = |kind| Guess { kind, doubt: None };
    let doubted = |kind, doubt| Guess {
        kind,
        doubt: Some(doubt),
    };
    if column.values.is_empty() {
        return doubted("text", "nothing was in it");
    }
    if column.fits(|value| date::read(value, dates).is_ok()) {
        return sure("date");
    }
    if column.says(&["nhs"]) && column.fits(|value| nhs_number(value).is_ok()) {
        return sure("nhs-number");
    }
    if column.says(&["upn", "pupil number"]) {
        let right = column.fits(|value| upn(value).is_ok());
        return if right {
            sure("upn")
        } else {
            doubted("upn", "by its heading: most numbers are not right")
        };
    }
    if column.fits(|value| postcode(value).is_ok()) {
        return sure("postcode");
    }
    if column.fits(|value| EmailAddress::parse(value).is_ok()) {
        return sure("email");
    }
    if column.says(&["phone", "mobile", "telephone"])
        && column.fits(|value| dialable(value).is_some())
    {
        return sure("phone");
    }
    if column.fits(|value| value.contains('\n')) || column.says(&["address"]) {
        return doubted("address", "by its heading, or its several lines");
    }
    if column.says(&["name", "surname", "forename"]) {
        return doubted("name", "a person's name, or something else's?");
    }
    let often = column
        .values
        .values()
        .filter(|count| **count >= OFTEN)
        .count();
    let yes_or_no = |value: &str| {
        ["y", "n", "yes", "no", "true", "false"].contains(&value.to_lowercase().as_str())
    };
    if column.fits(yes_or_no) {
        return sure("flag");
    }
    if often > 1 && column.values.len() <= MOST_CODES {
        return doubted("code", "a list, by how few values there are");
    }
    if column.fits(|value| value.parse::<i64>().is_ok()) {
        return doubted(
            "number",
            "to count with, or a number that stands for something (\"text\")?",
        );
    }
    sure("text")
}

/// The facts that the columns seem to tell.
fn facts(text: &mut String, name: &str, key: &str, columns: &[Met], guesses: &[Guess]) {
    let of = |kind: &str, words: &[&str]| {
        let mut all = columns.iter().zip(guesses);
        all.find(|(column, guess)| guess.kind == kind && column.says(words))
            .map(|(column, _)| quoted(&column.heading))
    };
    let mut fact = |says: &str, with: String| {
        writeln_of(
            text,
            format_args!(
                "\n[[table.fact]] # doubt: is this what the columns tell?\nsays = \"{says}\"\nwith = {{ {with} }}"
            ),
        );
    };
    fact(
        "identifier",
        format!("scheme = {{ is = \"{name}\" }}, value = {}", quoted(key)),
    );
    let given = of("name", &["first", "given", "forename"]);
    let family = of("name", &["last", "family", "surname"]);
    if let (Some(given), Some(family)) = (given, family) {
        fact("name", format!("given = {given}, family = {family}"));
    }
    if let Some(born) = of("date", &["birth", "dob"]) {
        fact("born", format!("on = {born}"));
    }
    if let Some(sex) = of("code", &["sex", "gender"]) {
        fact("sex", format!("code = {sex}"));
    }
    if let Some(number) = of("nhs-number", &["nhs"]) {
        fact(
            "identifier",
            format!("scheme = {{ is = \"nhs-number\" }}, value = {number}"),
        );
    }
    if let Some(number) = of("upn", &["upn", "pupil"]) {
        fact(
            "identifier",
            format!("scheme = {{ is = \"upn\" }}, value = {number}"),
        );
    }
}

/// A code for what is written.
fn as_code(written: &str) -> String {
    let short: String = written.chars().take(40).collect();
    itself(&short).map_or_else(|| "other".to_owned(), |code| code.to_string())
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// Text grows without fail.
fn writeln_of(text: &mut String, line: std::fmt::Arguments<'_>) {
    let grown = writeln!(text, "{line}");
    debug_assert!(grown.is_ok());
}
