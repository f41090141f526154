//! One sheet: its cells, in rows.

use std::io::{self, Read};

use csv::StringRecord;
use quick_xml::events::{BytesStart, Event};

use super::package::{Part, attributes};
use super::styles::Styles;
use super::texts::{Gathering, Texts, add, unescaped};
use super::{MOST_COLUMNS, MOST_ROWS, Made};
use crate::problem::Problem;
use crate::profile::Written;
use crate::reader::delimited::{Next, Rows};
use crate::reader::text::MOST_OF_RECORD;

/// The rows of a sheet.
pub(super) struct SheetRows<'a, R: Read> {
    xml: Part<'a, R>,
    texts: &'a Texts,
    styles: &'a Styles,
    /// What it makes of less: cells that stand nowhere, and texts that stand once and are copied.
    made: Made,
    days: Written,
    /// Where the next cell is that does not say so itself.
    row: u32,
    column: usize,
    /// The first cell of a row to come.
    ahead: Option<Placed>,
    /// The row that was handed on, as the sheet numbers it.
    handed_on: Option<u64>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Within,
    After,
}

/// A cell's value, and where it is.
struct Placed {
    row: u32,
    column: usize,
    value: Value,
}

/// What a cell holds, before it is known how days are written.
enum Value {
    Text(String),
    Number { number: String, style: usize },
}

impl<'a, R: Read> SheetRows<'a, R> {
    pub(super) const fn new(
        xml: Part<'a, R>,
        texts: &'a Texts,
        styles: &'a Styles,
        made: Made,
    ) -> Self {
        Self {
            xml,
            texts,
            styles,
            made,
            days: Written::Iso,
            row: 0,
            column: 0,
            ahead: None,
            handed_on: None,
            state: State::Before,
        }
    }

    /// The next cell that is not empty.
    fn cell(&mut self) -> Result<Option<Placed>, Problem> {
        loop {
            let cell = match self.xml.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "c" => Cell::of(&start),
                    "row" => {
                        self.column = 0;
                        if let Some(row) = row_of(&start)? {
                            self.row = row;
                        }
                        continue;
                    }
                    _ => continue,
                },
                Event::Empty(start) => {
                    match start.local_name().as_ref() {
                        "c" => self.column += 1,
                        "row" => {
                            self.row = row_of(&start)?.unwrap_or(self.row).saturating_add(1);
                        }
                        "sheetData" => return Ok(None),
                        _ => {}
                    }
                    continue;
                }
                Event::End(end) => match end.local_name().as_ref() {
                    "row" => {
                        self.row = self.row.saturating_add(1);
                        continue;
                    }
                    "sheetData" | "worksheet" => return Ok(None),
                    _ => continue,
                },
                Event::Eof => return Err(Problem::DamagedWorkbook),
                _ => continue,
            };
            if let Some((column, row)) = cell.place {
                (self.column, self.row) = (column, row);
            }
            let (row, column) = (self.row, self.column);
            if column >= MOST_COLUMNS || row >= MOST_ROWS {
                return Err(Problem::DamagedWorkbook);
            }
            self.column += 1;
            if let Some(value) = self.value(&cell)? {
                return Ok(Some(Placed { row, column, value }));
            }
        }
    }

    /// What the cell that was just opened holds.
    fn value(&mut self, cell: &Cell) -> Result<Option<Value>, Problem> {
        let mut plain = String::new();
        let mut rich = Gathering::default();
        let mut in_plain = false;
        loop {
            match self.xml.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "v" => in_plain = true,
                    name => rich.opens(name),
                },
                Event::End(end) => match end.local_name().as_ref() {
                    "v" => in_plain = false,
                    "c" => break,
                    name => rich.closes(name),
                },
                Event::Eof => return Err(Problem::DamagedWorkbook),
                event if in_plain => add(&mut plain, &event)?,
                event => rich.takes(&event)?,
            }
        }
        // A text of the cell's own may stand where values of other kinds do.
        let own = if rich.text.is_empty() {
            &plain
        } else {
            &rich.text
        };
        let text = |text: &str| Some(Value::Text(text.to_owned())).filter(|_| !text.is_empty());
        Ok(match cell.kind {
            _ if own.is_empty() => None,
            Kind::Shared => {
                let number = plain.trim().parse().ok();
                let shared = number.and_then(|number| self.texts.get(number));
                let shared = shared.ok_or(Problem::DamagedWorkbook)?;
                self.made.more(shared.len())?;
                text(shared)
            }
            Kind::Flag => text(if plain.trim() == "1" { "true" } else { "false" }),
            Kind::Number if rich.text.is_empty() => Some(Value::Number {
                number: plain,
                style: cell.style,
            }),
            Kind::Number | Kind::Text => text(&unescaped(own)),
        })
    }

    /// A cell's value as text.
    fn written(&self, value: Value) -> String {
        match value {
            Value::Text(text) => text,
            Value::Number { number, style } => self.styles.written(&number, style, self.days),
        }
    }

    /// Puts a cell into its column, empty ones before it.
    fn put(&self, into: &mut StringRecord, cell: Placed) -> Result<(), Problem> {
        let Some(before) = cell.column.checked_sub(into.len()) else {
            return Err(Problem::DamagedWorkbook);
        };
        self.made.more(before)?;
        let written = self.written(cell.value);
        if into.as_slice().len() + cell.column + written.len() > MOST_OF_RECORD {
            return Err(Problem::WorkbookTooLarge);
        }
        for _ in 0..before {
            into.push_field("");
        }
        into.push_field(&written);
        Ok(())
    }

    /// Reads a row; whether there was one. A row without a value is no row.
    fn fill(&mut self, into: &mut StringRecord) -> Result<bool, Problem> {
        if self.state == State::Before {
            self.state = State::Within;
            self.ahead = self.cell()?;
        }
        let Some(first) = self.ahead.take() else {
            return Ok(false);
        };
        let row = first.row;
        self.handed_on = Some(u64::from(row) + 1);
        self.put(into, first)?;
        while let Some(cell) = self.cell()? {
            if cell.row != row {
                self.ahead = Some(cell);
                break;
            }
            self.put(into, cell)?;
        }
        Ok(true)
    }
}

impl<R: Read> Rows for SheetRows<'_, R> {
    fn next(&mut self, into: &mut StringRecord) -> io::Result<Next> {
        if self.state == State::After {
            return Ok(Next::End);
        }
        into.clear();
        let filled = self.fill(into);
        if self.ahead.is_none() {
            self.state = State::After;
        }
        Ok(match filled {
            Ok(true) => Next::Record,
            Ok(false) => Next::End,
            Err(problem) => {
                self.state = State::After;
                Next::Refused(problem)
            }
        })
    }

    fn days_are(&mut self, days: Written) {
        self.days = days;
    }

    fn leaves_out(&self) -> bool {
        true
    }

    fn sheet_row(&self) -> Option<u64> {
        self.handed_on
    }

    fn ending(&self) -> Option<Problem> {
        None
    }
}

/// What a cell says that its value is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    Shared,
    Flag,
    /// A text of its own, a day written out, or an error.
    Text,
}

/// What a cell says of itself.
#[derive(Default)]
struct Cell {
    kind: Kind,
    style: usize,
    /// Its column and row.
    place: Option<(usize, u32)>,
}

impl Cell {
    fn of(start: &BytesStart<'_>) -> Self {
        let mut cell = Self::default();
        // There are millions of these, and none of their values needs more than a look.
        for one in start.attributes().with_checks(false).flatten() {
            match (one.key.as_ref(), &*one.value) {
                ("t", "n" | "") => cell.kind = Kind::Number,
                ("t", "s") => cell.kind = Kind::Shared,
                ("t", "b") => cell.kind = Kind::Flag,
                ("t", _) => cell.kind = Kind::Text,
                ("s", style) => cell.style = style.parse().unwrap_or_default(),
                ("r", place) => cell.place = place_of(place),
                _ => {}
            }
        }
        cell
    }
}

/// The row as its element numbers it, from nought; none where it does not. One beyond the last that there can be is refused.
fn row_of(start: &BytesStart<'_>) -> Result<Option<u32>, Problem> {
    let number = attributes(start).find(|(key, _)| key == "r");
    let row = number.and_then(|(_, number)| number.parse::<u32>().ok()?.checked_sub(1));
    match row {
        Some(row) if row >= MOST_ROWS => Err(Problem::DamagedWorkbook),
        row => Ok(row),
    }
}

/// Column and row of `B7`, both from nought.
fn place_of(name: &str) -> Option<(usize, u32)> {
    let end = name.find(|c: char| !c.is_ascii_alphabetic())?;
    let (letters, digits) = name.split_at_checked(end)?;
    let column = letters.bytes().try_fold(0_usize, |sum, letter| {
        let letter = usize::from(letter.to_ascii_uppercase() - b'A');
        sum.checked_mul(26)?.checked_add(letter + 1)
    })?;
    let row = digits.parse::<u32>().ok()?;
    Some((column.checked_sub(1)?, row.checked_sub(1)?))
}
