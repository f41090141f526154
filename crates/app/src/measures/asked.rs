//! What is asked, as it stands in an address and in the form in which something else is.

use clearpicture_kernel::Month;
use clearpicture_kernel::day::day_of;
use clearpicture_measures::{Level, Measure};
use serde::{Deserialize, Serialize};

use super::ask::{Ask, AskFault, in_words};
use super::figure::heard_month;
use crate::shell::form::Choice;
use crate::shell::{Ctx, DayTyped, Errors, Failure};
use crate::words;

/// The months that can be chosen, back from this one.
const MONTHS: usize = 24;

/// What is asked, as it stands in an address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Asked {
    /// The measure, by code.
    pub(super) of: String,
    /// One of its parts, by code.
    pub(super) part: String,
    /// For whom a copy is, by the level's code.
    pub(super) copy: String,
    /// The page of a list.
    pub(super) page: Option<u64>,
    /// The month, `2026-10`.
    month: String,
    /// The day as at whose end things were known, in three boxes; empty for today.
    known_day: String,
    known_month: String,
    known_year: String,
}

impl Asked {
    /// What is asked, with what is wrong with it; where something is, what is usual stands in its place.
    pub(super) async fn read(&self, ctx: &Ctx, level: Level) -> Result<(Ask, Errors), Failure> {
        let mut errors = Errors::default();
        let typed = match self.month.trim() {
            "" => None,
            text => errors.take("month", "Month", text.parse::<Month>()),
        };
        // Every measure is asked for it, so only where nobody said which.
        let month = match typed {
            Some(month) => Some(month),
            None => heard_month(ctx).await?,
        };
        let known = errors.take("known-date", "As known on", self.known().read());
        match Ask::new(month, known.flatten(), level, ctx.now()) {
            Ok(ask) => Ok((ask, errors)),
            Err(fault) => {
                let field = match fault {
                    AskFault::MonthToCome(_) => "month",
                    AskFault::DayToCome(_) => "known-date",
                };
                errors.add(field, fault.to_string());
                let usual = Ask::new(heard_month(ctx).await?, None, level, ctx.now());
                Ok((usual.map_err(|fault| Failure::fault(&fault))?, errors))
            }
        }
    }

    fn known(&self) -> DayTyped {
        DayTyped {
            day: self.known_day.clone(),
            month: self.known_month.clone(),
            year: self.known_year.clone(),
        }
    }

    /// The measure that is asked for, which may be shown.
    pub(super) fn measure<'a>(&self, ctx: &'a Ctx) -> Result<&'a Measure, Failure> {
        ctx.app
            .practice()
            .measure(&self.of)
            .ok_or(Failure::NotFound)
    }
}

/// The end of an address that asks the same of another page.
pub(super) fn again(ask: &Ask) -> String {
    let day = ask.as_at;
    format!(
        "month={}&known-day={}&known-month={}&known-year={}",
        ask.month,
        day.day(),
        day.month(),
        day.year()
    )
}

/// What is asked, and the form in which something else is.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AskShown {
    about: String,
    known: String,
    months: Vec<Choice>,
    day: DayTyped,
}

impl AskShown {
    pub(super) fn of(ask: &Ask, asked: &Asked, ctx: &Ctx) -> Self {
        let today = day_of(ctx.now());
        let chosen = ask.month.to_string();
        let mut months = vec![Month::of(today)];
        while let Some(before) = months
            .last()
            .and_then(|month| month.first().yesterday().ok())
        {
            months.push(Month::of(before));
            if months.len() >= MONTHS {
                break;
            }
        }
        if !months.contains(&ask.month) {
            months.push(ask.month);
        }
        let choice = |month: &Month| Choice::new(month.to_string(), in_words(*month), &chosen);
        Self {
            about: ask.month_in_words(),
            known: words::day(ask.as_at, today),
            months: months.iter().map(choice).collect(),
            day: asked.known(),
        }
    }

    pub(super) fn sample() -> Self {
        Self {
            about: "October 2026".to_owned(),
            known: "25 November".to_owned(),
            months: vec![Choice::new("2026-10", "October 2026", "2026-10")],
            day: DayTyped::default(),
        }
    }
}
