//! From a row to facts, by the parts that its profile names.

use clearpicture_kernel::fact::{Confidence, Coverage, Valid};
use clearpicture_kernel::{Date, Fact, Period, Says};
use serde_json::{Map, Value as Json};

use crate::layout::Layout;
use crate::problem::Problem;
use crate::profile::{Part, Tell, When};
use crate::row::{Found, Row};
use crate::value::Value;

/// What a row tells; `found` are the problems that were found in it.
pub(crate) fn facts(layout: &Layout, row: &Row<'_>, found: &[Found]) -> Vec<Fact> {
    let tells = layout.table.facts.iter();
    tells
        .filter_map(|tell| fact(layout, row, tell, found))
        .collect()
}

fn fact(layout: &Layout, row: &Row<'_>, tell: &Tell, found: &[Found]) -> Option<Fact> {
    if !tell
        .when
        .as_ref()
        .is_none_or(|when| holds(layout, row, when))
    {
        return None;
    }
    let mut made = Map::new();
    let mut any = false;
    for (name, part) in &tell.parts {
        if let Some(value) = json(layout, row, part) {
            any |= !matches!(part, Part::Is(_));
            made.insert(name.clone(), value);
        }
    }
    let day = |part: &Option<Part>| part.as_ref().and_then(|part| part_day(layout, row, part));
    let valid = Valid {
        from: day(&tell.from),
        to: day(&tell.to),
    };
    // A fact of which nothing is known but its kind is none.
    if !any && valid == Valid::default() {
        return None;
    }
    made.insert("kind".to_owned(), Json::from(tell.says.get_ref().as_str()));
    let says: Says = serde_json::from_value(Json::Object(made)).ok()?;
    let blamed = |column: usize| {
        let name = layout
            .table
            .columns
            .get(column)
            .map(|column| column.name.get_ref().as_str());
        name.is_some_and(|name| tell.rests_on(name))
    };
    let doubted = found
        .iter()
        .any(|(problem, column)| doubts(*problem) && column.is_some_and(blamed));
    Some(Fact {
        says,
        valid,
        confidence: if doubted {
            Confidence::Doubted
        } else {
            Confidence::Stated
        },
    })
}

/// Whether a problem gives reason to doubt the fact that the value makes.
const fn doubts(problem: Problem) -> bool {
    matches!(
        problem,
        Problem::BornAfterFile
            | Problem::BeginsAfterEnd
            | Problem::BeforeBirth
            | Problem::AfterDeath
            | Problem::UnlikelyAge
            | Problem::DateToCome
            | Problem::NhsNumberShape
            | Problem::NhsNumberCheck
            | Problem::NhsNumberTest
            | Problem::UpnShape
            | Problem::UpnLetter
            | Problem::UpnCheck
            | Problem::PostcodeShape
            | Problem::DigitsInName
            | Problem::DamagedCharacters
            | Problem::TwoBirthDates
            | Problem::SharedNumber
            | Problem::OverlappingSpells
            | Problem::PartExceedsWhole
            | Problem::NumberOutOfRange
    )
}

fn holds(layout: &Layout, row: &Row<'_>, when: &When) -> bool {
    let value = layout
        .column(&when.column)
        .and_then(|column| row.get(column));
    value.is_some_and(|value| when.is.contains(value.text().as_ref()))
}

fn value<'r, 'a>(layout: &Layout, row: &'r Row<'a>, name: &str) -> Option<&'r Value<'a>> {
    row.get(layout.column(name)?)
}

fn part_day(layout: &Layout, row: &Row<'_>, part: &Part) -> Option<Date> {
    let name = match part {
        Part::Column(name) => name,
        Part::When(one) if holds(layout, row, &one.when) => &one.column,
        _ => return None,
    };
    row.day(layout.column(name)?)
}

fn json(layout: &Layout, row: &Row<'_>, part: &Part) -> Option<Json> {
    match part {
        Part::Column(name) => value(layout, row, name).map(written),
        Part::Is(one) => Some(Json::from(one.is.as_str())),
        Part::When(one) => holds(layout, row, &one.when)
            .then(|| value(layout, row, &one.column).map(written))
            .flatten(),
        Part::Lines(these) => {
            let told = these
                .lines
                .iter()
                .filter_map(|name| value(layout, row, name));
            lines(told.map(|value| value.text().into_owned())).map(Json::from)
        }
        Part::Of(parts) => {
            let parts: Map<String, Json> = parts
                .iter()
                .filter_map(|(name, part)| Some((name.clone(), json(layout, row, part)?)))
                .collect();
            (!parts.is_empty()).then_some(Json::Object(parts))
        }
    }
}

/// Texts one under the other; what the last line says already is not said again.
fn lines(texts: impl Iterator<Item = String>) -> Option<String> {
    let solid = |text: &str| -> String {
        let kept = text.chars().filter(|one| one.is_alphanumeric());
        kept.flat_map(char::to_uppercase).collect()
    };
    let mut all = String::new();
    for text in texts.filter(|text| !text.trim().is_empty()) {
        let is_said = solid(&all).ends_with(&solid(&text));
        if all.is_empty() {
            all = text;
        } else if !is_said {
            all = format!("{all}\n{text}");
        }
    }
    (!all.is_empty()).then_some(all)
}

fn written(value: &Value<'_>) -> Json {
    match value {
        Value::Number(number) => Json::from(*number),
        Value::Flag(flag) => Json::from(*flag),
        other => Json::from(other.text().into_owned()),
    }
}

/// What the file covers, as a row states it.
pub(crate) fn coverage(layout: &Layout, row: &Row<'_>) -> Option<Coverage> {
    let columns = &layout.table.coverage;
    let day = |column: &Option<toml::Spanned<String>>| {
        let name = column.as_ref()?;
        row.day(layout.column(name.get_ref())?)
    };
    Some(Coverage {
        period: Period {
            from: day(&columns.from)?,
            until: day(&columns.to).and_then(|day| day.tomorrow().ok()),
        },
        as_of: day(&columns.as_of),
    })
}
