//! How often agencies slip, and what comes of it.

use clearpicture_kernel::Date;

use crate::child::Child;
use crate::draw::Draw;
use crate::life::Life;
use crate::names::Names;

/// How often an agency slips, in a thousand rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slips {
    /// A letter of a name mistyped.
    pub(crate) mistyped: u64,
    /// Another way of writing the given name: a nickname, or its letters from another alphabet otherwise.
    pub(crate) other_name: u64,
    /// Day and month of the birth changed round, where both can be.
    pub(crate) day_and_month: u64,
    /// The postcode left out.
    pub(crate) no_postcode: u64,
    /// The address before the last move.
    pub(crate) moved: u64,
    /// Sex left out.
    pub(crate) no_sex: u64,
}

impl Slips {
    /// Children's social care.
    pub(crate) const SOCIAL_CARE: Self = Self {
        mistyped: 12,
        other_name: 8,
        day_and_month: 5,
        no_postcode: 20,
        moved: 15,
        no_sex: 5,
    };
    /// Schools.
    pub(crate) const SCHOOLS: Self = Self {
        mistyped: 8,
        other_name: 25,
        day_and_month: 3,
        no_postcode: 5,
        moved: 35,
        no_sex: 15,
    };
    /// The police, who write down what they are told at night.
    pub(crate) const POLICE: Self = Self {
        mistyped: 40,
        other_name: 60,
        day_and_month: 15,
        no_postcode: 120,
        moved: 60,
        no_sex: 10,
    };
    /// Health.
    pub(crate) const HEALTH: Self = Self {
        mistyped: 4,
        other_name: 6,
        day_and_month: 1,
        no_postcode: 5,
        moved: 50,
        no_sex: 1,
    };
    /// The charity, which goes by what a child wants to be called.
    pub(crate) const CHARITY: Self = Self {
        mistyped: 20,
        other_name: 200,
        day_and_month: 10,
        no_postcode: 300,
        moved: 20,
        no_sex: 100,
    };
}

/// A child as one agency writes them down.
pub(crate) struct Written {
    pub(crate) given: String,
    pub(crate) family: String,
    pub(crate) born: Date,
    /// `true` for a girl; `None` when it was left out.
    pub(crate) is_girl: Option<bool>,
    /// Lines, the postcode the last where it is there.
    pub(crate) address: Vec<String>,
    pub(crate) has_postcode: bool,
}

impl Written {
    /// As an agency that slips so often writes a child down on a day.
    pub(crate) fn of(
        child: &Child,
        life: &Life,
        on: Date,
        slips: Slips,
        names: &Names,
        draw: &mut Draw,
    ) -> Self {
        let lived = (life.family(child, on), life.address(child, on));
        Self::from(child, lived, slips, names, draw)
    }

    /// As an agency that slips so often writes down a child of that family name and address.
    pub(crate) fn from(
        child: &Child,
        (family, address): (&str, &[String]),
        slips: Slips,
        names: &Names,
        draw: &mut Draw,
    ) -> Self {
        let mut given = child.given.clone();
        if draw.happens(slips.other_name) {
            given = names.other(&given, draw).to_owned();
        }
        let mut family = family.to_owned();
        if draw.happens(slips.mistyped) {
            given = mistyped(&given, draw);
        } else if draw.happens(slips.mistyped) {
            family = mistyped(&family, draw);
        }
        let born = if draw.happens(slips.day_and_month) {
            changed_round(child.born)
        } else {
            child.born
        };
        let is_girl = (!draw.happens(slips.no_sex)).then_some(child.is_girl);
        let mut address = if draw.happens(slips.moved) {
            child.address_before.clone()
        } else {
            address.to_vec()
        };
        let has_postcode = !draw.happens(slips.no_postcode);
        if !has_postcode {
            address.pop();
        }
        Self {
            given,
            family,
            born,
            is_girl,
            address,
            has_postcode,
        }
    }

    /// The postcode; empty when it was left out.
    pub(crate) fn postcode(&self) -> &str {
        match self.address.last() {
            Some(last) if self.has_postcode => last,
            _ => "",
        }
    }

    /// Sex in the source's own words; empty when it was left out.
    pub(crate) fn sex(&self, girl: &'static str, boy: &'static str) -> &'static str {
        match self.is_girl {
            Some(true) => girl,
            Some(false) => boy,
            None => "",
        }
    }
}

/// The name with two neighbouring letters changed round, or one left out.
fn mistyped(name: &str, draw: &mut Draw) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() < 4 {
        return name.to_owned();
    }
    let place = 1 + usize::try_from(draw.below(letters.len() as u64 - 2)).unwrap_or_default();
    if draw.below(2) == 0 {
        letters.swap(place, place + 1);
    } else {
        letters.remove(place);
    }
    letters.into_iter().collect()
}

/// The day with its day and month changed round, where that is a day too.
pub(crate) fn changed_round(day: Date) -> Date {
    Date::new(day.year(), day.day(), day.month()).unwrap_or(day)
}

/// A day as returns write it: `04/09/2025`.
pub(crate) fn slashed(day: Date) -> String {
    format!("{:02}/{:02}/{}", day.day(), day.month(), day.year())
}
