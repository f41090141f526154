//! The texts that sheets share, held as one.

use std::io::{Read, Seek};

use quick_xml::events::Event;

use super::package::Package;
use super::{LONGEST_TEXT, MOST_OF_SHARED};
use crate::problem::Problem;
use crate::reader::xml::resolved;

/// The texts that sheets share, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Texts {
    all: String,
    ends: Vec<u32>,
}

impl Texts {
    pub(super) fn read<R: Read + Seek>(
        package: &mut Package<R>,
        part: &str,
    ) -> Result<Self, Problem> {
        let mut texts = Self::default();
        let mut part = package.part(part, MOST_OF_SHARED)?;
        let mut gathering = Gathering::default();
        loop {
            match part.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "si" => gathering = Gathering::default(),
                    name => gathering.opens(name),
                },
                Event::Empty(start) if start.local_name().as_ref() == "si" => texts.push("")?,
                Event::End(end) => match end.local_name().as_ref() {
                    "si" => texts.push(&unescaped(&gathering.text))?,
                    "sst" => return Ok(texts),
                    name => gathering.closes(name),
                },
                Event::Eof => return Err(Problem::DamagedWorkbook),
                event => gathering.takes(&event)?,
            }
        }
    }

    fn push(&mut self, text: &str) -> Result<(), Problem> {
        self.all.push_str(text);
        let end = u32::try_from(self.all.len()).map_err(|_| Problem::WorkbookTooLarge)?;
        self.ends.push(end);
        Ok(())
    }

    /// The text of this number.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let end = usize::try_from(*self.ends.get(number)?).ok()?;
        let start = match number.checked_sub(1) {
            Some(before) => usize::try_from(*self.ends.get(before)?).ok()?,
            None => 0,
        };
        self.all.get(start..end)
    }
}

/// The text of one element, gathered from its runs; how it sounds is no part of it.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    pub(super) text: String,
    in_text: bool,
    in_sound: bool,
}

impl Gathering {
    pub(super) fn opens(&mut self, name: &str) {
        match name {
            "t" => self.in_text = true,
            "rPh" => self.in_sound = true,
            _ => {}
        }
    }

    pub(super) fn closes(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "rPh" => self.in_sound = false,
            _ => {}
        }
    }

    pub(super) fn takes(&mut self, event: &Event<'_>) -> Result<(), Problem> {
        if self.in_text && !self.in_sound {
            add(&mut self.text, event)?;
        }
        Ok(())
    }
}

/// Adds what an event says to a text.
pub(super) fn add(text: &mut String, event: &Event<'_>) -> Result<(), Problem> {
    match event {
        Event::Text(part) => text.push_str(&part.xml10_content()),
        Event::CData(part) => text.push_str(part),
        Event::GeneralRef(entity) => match resolved(entity) {
            Some(c) => text.push(c),
            None => return Err(Problem::DamagedWorkbook),
        },
        _ => {}
    }
    if text.len() > LONGEST_TEXT {
        return Err(Problem::WorkbookTooLarge);
    }
    Ok(())
}

/// A text in which `_x000D_` stands for the character of that number.
pub(super) fn unescaped(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains("_x") {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("_x") {
        plain.push_str(before);
        let number = after
            .get(..4)
            .filter(|_| after.get(4..5) == Some("_"))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32);
        match number {
            Some(c) => {
                plain.push(c);
                rest = after.get(5..).unwrap_or_default();
            }
            None => {
                plain.push_str("_x");
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_by_number_are_read_and_what_only_looks_so_is_left() {
        for (text, plain) in [
            ("1 Fen Lane_x000D_\nFenby", "1 Fen Lane\r\nFenby"),
            ("_x005F_x000D_", "_x000D_"),
            ("id_xref", "id_xref"),
            ("_x00", "_x00"),
            ("_xé000_", "_xé000_"),
        ] {
            assert_eq!(unescaped(text), plain);
        }
    }
}
