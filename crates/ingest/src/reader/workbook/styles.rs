//! How cells are shown: whether a number is a day.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use quick_xml::events::Event;

use super::MOST_OF_OTHERS;
use super::package::{Package, attributes};
use crate::problem::Problem;
use crate::profile::Written;

/// What a number in a cell is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// A number.
    Number,
    /// A day, a time, or both.
    Moment,
    /// So many hours or minutes.
    Stretch,
}

/// How the cells of a workbook are shown, by the numbers of their styles.
#[derive(Debug)]
pub(super) struct Styles {
    shown: Vec<Shown>,
    from_1904: bool,
}

impl Styles {
    pub(super) const fn none(from_1904: bool) -> Self {
        Self {
            shown: Vec::new(),
            from_1904,
        }
    }

    pub(super) fn read<R: Read + Seek>(
        package: &mut Package<R>,
        part: &str,
        from_1904: bool,
    ) -> Result<Self, Problem> {
        let mut own: BTreeMap<u32, Shown> = BTreeMap::new();
        let mut styles = Self::none(from_1904);
        let mut in_cells = false;
        let mut part = package.part(part, MOST_OF_OTHERS)?;
        loop {
            match part.next()? {
                Event::Start(start) | Event::Empty(start) => {
                    let mut id = None;
                    let mut code = String::new();
                    let name = start.local_name().as_ref().to_owned();
                    if !matches!(name.as_str(), "numFmt" | "xf" | "cellXfs") {
                        continue;
                    }
                    in_cells |= name == "cellXfs";
                    for (key, value) in attributes(&start) {
                        match key.as_str() {
                            "numFmtId" => id = value.parse::<u32>().ok(),
                            "formatCode" => code = value,
                            _ => {}
                        }
                    }
                    match (name.as_str(), id) {
                        ("numFmt", Some(id)) => {
                            own.insert(id, by_code(&code));
                        }
                        ("xf", id) if in_cells => {
                            let id = id.unwrap_or_default();
                            let shown = own.get(&id).copied();
                            styles.shown.push(shown.unwrap_or_else(|| built_in(id)));
                        }
                        _ => {}
                    }
                }
                Event::End(end) if end.local_name().as_ref() == "cellXfs" => in_cells = false,
                Event::Eof => return Ok(styles),
                _ => {}
            }
        }
    }

    /// A number in a cell of this style as text: a day as `days` are written, a whole number without decimals. One of
    /// more digits than a spreadsheet keeps is written with its power of ten, so that nobody takes it for whole.
    pub(super) fn written(&self, number: &str, style: usize, days: Written) -> String {
        let Ok(value) = number.trim().parse::<f64>() else {
            return number.to_owned();
        };
        let shown = self.shown.get(style).copied().unwrap_or(Shown::Number);
        if shown == Shown::Moment
            && let Some(moment) = moment(value, self.from_1904, days)
        {
            return moment;
        }
        if value.abs() >= MOST_EXACT {
            return format!("{value:E}").replacen('E', "E+", 1);
        }
        value.to_string()
    }
}

/// A spreadsheet keeps fifteen digits of a number.
const MOST_EXACT: f64 = 1e15;
/// The last day that a spreadsheet counts.
const LAST_DAY: f64 = 2_958_466.0;
const SECONDS: f64 = 86_400.0;

/// The moment of a number as a spreadsheet counts them, written as a day, with its time where it has one.
fn moment(value: f64, from_1904: bool, days: Written) -> Option<String> {
    if !(0.0..LAST_DAY).contains(&value) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the number was found to be small a line before"
    )]
    let seconds = (value * SECONDS).round() as i64;
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let time = format!(
        "{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    if day == 0 && !from_1904 {
        return Some(time);
    }
    // The day that never was, 29 February 1900, is counted: before it every day is one later than it seems.
    let first = match (from_1904, day < 60) {
        (true, _) => 24_107,
        (false, true) => 25_568,
        (false, false) => 25_569,
    };
    let (year, month, date) = civil(day - first);
    let written = match days {
        Written::Iso => format!("{year:04}-{month:02}-{date:02}"),
        Written::DayFirst => format!("{date:02}/{month:02}/{year:04}"),
        Written::NamedMonth => format!("{year:04}-{}-{date:02}", named(month)),
        Written::Compact => format!("{year:04}{month:02}{date:02}"),
    };
    Some(if second == 0 {
        written
    } else {
        format!("{written} {time}")
    })
}

/// Year, month and day of a day counted from 1 January 1970.
const fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

const fn named(month: i64) -> &'static str {
    match month {
        1 => "Jan",
        2 => "Feb",
        3 => "Mar",
        4 => "Apr",
        5 => "May",
        6 => "Jun",
        7 => "Jul",
        8 => "Aug",
        9 => "Sep",
        10 => "Oct",
        11 => "Nov",
        _ => "Dec",
    }
}

/// What the formats are that every spreadsheet has.
const fn built_in(id: u32) -> Shown {
    match id {
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Shown::Moment,
        46 => Shown::Stretch,
        _ => Shown::Number,
    }
}

/// What a format of the workbook's own is: letters of days and times outside quotation marks and brackets.
fn by_code(code: &str) -> Shown {
    let mut signs = code.chars();
    while let Some(sign) = signs.next() {
        match sign {
            // The next sign stands for itself.
            '\\' | '_' | '*' => {
                signs.next();
            }
            '"' => {
                signs.by_ref().find(|sign| *sign == '"');
            }
            '[' => {
                let within: String = signs.by_ref().take_while(|sign| *sign != ']').collect();
                let within = within.to_ascii_lowercase();
                let one = |sign: char| !within.is_empty() && within.chars().all(|c| c == sign);
                if ['h', 'm', 's'].into_iter().any(one) {
                    return Shown::Stretch;
                }
            }
            ';' => return Shown::Number,
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' => return Shown::Moment,
            // `General` has none of these letters.
            _ => {}
        }
    }
    Shown::Number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_days_are_told_from_formats_of_numbers() {
        for code in [
            "yyyy-mm-dd",
            "dd/mm/yyyy;@",
            "[$-809]d mmmm yyyy",
            "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy",
            "h:mm AM/PM",
            "\"on \"d/m/yy",
        ] {
            assert_eq!(by_code(code), Shown::Moment, "{code}");
        }
        for code in [
            "General",
            "0.00",
            "#,##0 \"days\"",
            "0000000",
            "[Red]0;-0",
            "0\\d",
            "@",
            "0.00E+00",
        ] {
            assert_eq!(by_code(code), Shown::Number, "{code}");
        }
        assert_eq!(by_code("[h]:mm:ss"), Shown::Stretch);
    }

    #[test]
    fn days_are_counted_as_spreadsheets_do_and_written_as_the_source_does() {
        for (number, from_1904, days, text) in [
            (40_638.0, false, Written::Iso, "2011-04-05"),
            (40_638.0, false, Written::DayFirst, "05/04/2011"),
            (40_638.0, false, Written::NamedMonth, "2011-Apr-05"),
            (40_638.0, false, Written::Compact, "20110405"),
            (39_176.0, true, Written::Iso, "2011-04-05"),
            (40_638.5, false, Written::Iso, "2011-04-05 12:00:00"),
            (40_637.999_999_9, false, Written::Iso, "2011-04-05"),
            (0.395_833_333, false, Written::Iso, "09:30:00"),
            (59.0, false, Written::Iso, "1900-02-28"),
            (61.0, false, Written::Iso, "1900-03-01"),
            (36_585.0, false, Written::Iso, "2000-02-29"),
        ] {
            assert_eq!(moment(number, from_1904, days).as_deref(), Some(text));
        }
        assert_eq!(moment(-1.0, false, Written::Iso), None);
        assert_eq!(moment(f64::NAN, false, Written::Iso), None);
    }

    #[test]
    fn numbers_are_plain_until_digits_are_lost() {
        let styles = Styles::none(false);
        for (number, text) in [
            ("1001", "1001"),
            ("1001.0", "1001"),
            ("1E+3", "1000"),
            ("0.5", "0.5"),
            ("123456789012345", "123456789012345"),
            ("1.2345678901234567E+18", "1.2345678901234568E+18"),
            ("2.19E+26", "2.19E+26"),
            ("n/a", "n/a"),
        ] {
            assert_eq!(styles.written(number, 0, Written::Iso), text);
        }
    }
}
