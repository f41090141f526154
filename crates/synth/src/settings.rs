//! What fits an age: nobody invented is in a place, or a report, that no child of that age is in.

use clearpicture_kernel::Date;
use jiff::ToSpan as _;

/// From this age on a child may go missing, or be exploited.
pub(crate) const OLD_ENOUGH: i16 = 10;

/// A place where children of some ages are taught or cared for by day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Setting {
    /// What it is, after its own name.
    pub(crate) kind: &'static str,
    /// The first day on which this child could be there.
    pub(crate) first: Date,
}

/// The calendar year in which the school year of a day began.
pub(crate) fn began(day: Date) -> i16 {
    day.year() - i16::from(day.month() < 9)
}

/// The school year in which someone born on a day is on another, from reception as nought; below and above it for who
/// does not go to school yet, or any more.
pub(crate) fn school_year(born: Date, on: Date) -> i16 {
    began(on) - began(born) - 5
}

/// Where someone born on a day is taught or cared for on another.
pub(crate) fn setting(born: Date, on: Date) -> Setting {
    let september = |year: i16| Date::new(began(born) + 5 + year, 9, 1).unwrap_or(born);
    let (kind, first) = match school_year(born, on) {
        12.. => ("Sixth Form College", september(12)),
        7..=11 => ("High School", september(7)),
        0..=6 => ("Primary School", september(0)),
        _ if on < birthday(born, 1) => ("Family Hub", born),
        _ => ("Nursery", birthday(born, 1)),
    };
    Setting { kind, first }
}

/// The day on which someone is so many years old.
pub(crate) fn birthday(born: Date, years: i16) -> Date {
    born.checked_add(i32::from(years).years()).unwrap_or(born)
}

/// Where a child who is looked after may be placed at an age, in the codes of the return of a year: homes are for those
/// who are no longer small, and nobody lives in a place of their own before sixteen.
pub(crate) fn placement(drawn: &'static str, age: i16, year: i16) -> &'static str {
    match drawn {
        "K2" if age < 8 => "U4",
        "H5" if age < 16 => "U6",
        // Supported accommodation has a code of its own from this return on.
        "H5" if year >= 2025 => "K3",
        other => other,
    }
}
