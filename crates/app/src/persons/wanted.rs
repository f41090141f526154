//! What is typed to find a child, read as clues, each with the ways in which a child may fit it: pure.
//!
//! One box takes names, numbers, a postcode, a telephone number, an address and a date. A way that is not quite what was
//! typed costs something and says why, so that near matches stand after exact ones and nobody wonders why they are there.

use clearpicture_kernel::Date;
use clearpicture_linkage::children::Shared;
use clearpicture_linkage::{clean, other_forms};
use jiff::ToSpan as _;

use super::keys::{Sign, as_compared, in_street, is_street, parts, to_the_street};
use crate::words;

/// What sort of thing a clue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// A word of a name.
    Name,
    /// A letter that a name begins with.
    Initial,
    /// A date of birth.
    Born,
    /// A number by which some system knows a child.
    Number,
    /// A telephone number.
    Phone,
    /// Where somebody lives.
    Place,
}

/// A way in which a child may fit a clue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// What the child must be found by.
    pub(super) sign: Sign,
    /// How far it is from what was typed; 0 when it is that.
    pub(super) cost: u8,
    /// What is otherwise, in words; empty when nothing is.
    pub(super) why: String,
}

/// One thing that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clue {
    pub(super) sort: Sort,
    /// As it was typed.
    typed: String,
    /// The nearest first.
    pub(super) ways: Vec<Way>,
}

/// What a child comes to who fits enough of the clues.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Nearness {
    /// How far it is from what was typed; 0 for an exact match.
    pub(super) cost: u8,
    /// What is otherwise, in words.
    pub(super) why: Vec<String>,
}

/// The farthest that is still offered.
const FARTHEST: u8 = 5;

/// The farthest that is offered beside the nearest of all: whoever is found as typed is not to be looked for among dozens
/// of the same name who were born on other days.
pub(super) const fn farthest(nearest: u8) -> u8 {
    nearest + 3
}

impl Clue {
    fn new(sort: Sort, typed: &str) -> Self {
        Self {
            sort,
            typed: typed.to_owned(),
            ways: Vec::new(),
        }
    }

    fn way(&mut self, sign: Sign, cost: u8, why: impl Into<String>) {
        if !self.ways.iter().any(|way| way.sign == sign) {
            self.ways.push(Way {
                sign,
                cost,
                why: why.into(),
            });
        }
    }

    fn sorted(mut self) -> Self {
        self.ways.sort_by_key(|way| way.cost);
        self
    }

    /// Whether it is a letter that stands before a name in some languages, and is as often left out.
    fn is_loose(&self) -> bool {
        self.sort == Sort::Initial && ["o", "d"].contains(&self.typed.as_str())
    }

    /// What it costs that a child does not fit it, and in words; where so many others fit, `exact` when all fit exactly.
    fn missing(&self, others: usize, exact: bool) -> Option<(u8, String)> {
        let typed = words::sentence(&self.typed);
        match self.sort {
            _ if others > 0 && self.is_loose() => Some((1, format!("without “{typed}”"))),
            _ if others < 2 => None,
            Sort::Initial => Some((2, format!("no name that begins with {typed} is told"))),
            Sort::Name => Some((3, format!("no name “{typed}” is told"))),
            Sort::Born if exact => Some((4, "another date of birth".to_owned())),
            Sort::Born => None,
            Sort::Number => Some((4, "another number".to_owned())),
            Sort::Phone => Some((4, "another telephone number".to_owned())),
            Sort::Place => Some((4, "another address".to_owned())),
        }
    }
}

/// How many of the clues one record alone need not fit.
pub(super) fn spare(clues: &[Clue]) -> usize {
    usize::from(clues.len() > 2 || clues.iter().any(Clue::is_loose))
}

/// How near a child comes, by the way in which they fit each clue; `None` when they do not fit enough of them.
pub(super) fn nearness(clues: &[Clue], fits: &[Option<usize>]) -> Option<Nearness> {
    let mut near = Nearness {
        cost: 0,
        why: Vec::new(),
    };
    let mut missing = None;
    let mut fitting = 0;
    for (clue, fit) in clues.iter().zip(fits) {
        match fit.and_then(|way| clue.ways.get(way)) {
            Some(way) => {
                fitting += 1;
                near.cost += way.cost;
                if !way.why.is_empty() {
                    near.why.push(way.why.clone());
                }
            }
            None if missing.is_some() => return None,
            None => missing = Some(clue),
        }
    }
    if let Some(clue) = missing {
        let (cost, why) = clue.missing(fitting, near.cost == 0)?;
        near.cost += cost;
        near.why.push(why);
    }
    (fitting > 0 && near.cost <= FARTHEST).then_some(near)
}

/// Every way in which what is typed can be read; none when nothing can be looked for.
pub(super) fn readings(text: &str, born: Option<Date>) -> Vec<Vec<Clue>> {
    let mut typed = Typed::of(text);
    let mut clues = Vec::new();
    clues.extend(typed.take_postcode());
    let born = born.or_else(|| typed.take_day());
    clues.extend(typed.take_numbers());
    clues.extend(typed.take_address());
    clues.extend(born.map(born_on));
    let rest = typed.0.join(" ").replace(',', " ");
    let mut all = clues.clone();
    all.extend(named(&rest, !clues.is_empty()));
    let mut readings = vec![all];
    // `Mill Lane` may be where somebody lives as well as what they are called.
    let first = typed.0.join(" ");
    let first = as_compared(first.split(',').next().unwrap_or_default());
    let street = to_the_street(&first).unwrap_or(&first);
    if is_street(street) {
        let mut clue = Clue::new(Sort::Place, street);
        clue.way(Sign::Street(street.to_owned()), 0, "");
        clues.push(clue);
        readings.push(clues);
    }
    readings.retain(|clues| !clues.is_empty());
    readings
}

/// What was typed, word by word; a comma stays with the word before it.
struct Typed(Vec<String>);

impl Typed {
    fn of(text: &str) -> Self {
        let spaced = text.replace(',', ", ");
        Self(spaced.split_whitespace().map(str::to_owned).collect())
    }

    fn bare(&self, place: usize) -> &str {
        self.0
            .get(place)
            .map_or("", |word| word.trim_end_matches([',', '.', ';']))
    }

    /// Takes the first postcode out, in one word or two.
    fn take_postcode(&mut self) -> Option<Clue> {
        for place in 0..self.0.len() {
            for (words, text) in [
                (2, format!("{}{}", self.bare(place), self.bare(place + 1))),
                (1, self.bare(place).to_owned()),
            ] {
                if place + words <= self.0.len()
                    && let Some(found) = clean::postcode(&text)
                {
                    self.0.drain(place..place + words);
                    let mut clue = Clue::new(Sort::Place, &found);
                    let solid = clean::solid(&found);
                    clue.way(Sign::Shared(Shared::Lives(solid)), 0, "");
                    return Some(clue);
                }
            }
        }
        None
    }

    /// Takes the first day out: `28/7/2014`, `2014-07-28` or `28 7 2014`.
    fn take_day(&mut self) -> Option<Date> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        for place in 0..self.0.len() {
            let three = [0, 1, 2].map(|more| self.bare(place + more));
            let is_day = three.iter().all(|part| is_number(part))
                && three[0].len() <= 2
                && three[1].len() <= 2
                && three[2].len() == 4;
            let (words, text) = if is_day {
                (3, three.join("/"))
            } else if three[0].contains(['/', '-', '.']) {
                (1, three[0].to_owned())
            } else {
                continue;
            };
            if let Some(day) = day(&clean::digits_of_date(&text, false)) {
                self.0.drain(place..place + words);
                return Some(day);
            }
        }
        None
    }

    /// Takes out what is a number whole: long ones, with or without spaces, and those with letters before or behind.
    fn take_numbers(&mut self) -> Vec<Clue> {
        let mut clues = Vec::new();
        let mut place = 0;
        while place < self.0.len() {
            let run = (place..self.0.len())
                .take_while(|at| is_digits(self.bare(*at)))
                .count();
            let text: String = (place..place + run).map(|at| self.bare(at)).collect();
            if text.bytes().filter(u8::is_ascii_digit).count() >= 7 {
                self.0.drain(place..place + run);
                clues.push(number(&text));
            } else if run == 0 && is_reference(self.bare(place)) {
                let text = self.bare(place).to_owned();
                self.0.remove(place);
                clues.push(number(&text));
            } else {
                place += run.max(1);
            }
        }
        clues
    }

    /// Takes an address out: from the number of a house on to the end; a number with nothing behind it is a number.
    fn take_address(&mut self) -> Option<Clue> {
        const WITHIN: [&str; 4] = ["flat", "apartment", "apt", "unit"];
        let is_door = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
        let mut from = (0..self.0.len()).find(|at| is_door(self.bare(*at)))?;
        let before = from.checked_sub(1).map(|at| self.bare(at).to_lowercase());
        if before.is_some_and(|word| WITHIN.contains(&word.as_str())) {
            from -= 1;
        }
        let taken = self.0.split_off(from).join(" ");
        let lines = taken.split(',').filter_map(in_street);
        let Some((door, street)) = lines.into_iter().next() else {
            return Some(number(&taken));
        };
        let mut clue = Clue::new(Sort::Place, &taken);
        let words: Vec<&str> = street.split(' ').collect();
        for (count, _) in words.iter().enumerate().take(6) {
            let street = words.get(..=count).unwrap_or_default().join(" ");
            clue.way(Sign::Door(format!("{door} {street}")), 0, "");
        }
        Some(clue)
    }
}

fn is_digits(word: &str) -> bool {
    let has = word.contains(|c: char| c.is_ascii_digit());
    has && word
        .chars()
        .all(|c| c.is_ascii_digit() || "+-()".contains(c))
}

/// Whether a word is a number by which some system knows somebody: letters and digits, more than a house has.
fn is_reference(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let begins = word.starts_with(|c: char| c.is_ascii_digit());
    digits > 0 && (!begins || digits > 4)
}

fn number(text: &str) -> Clue {
    let phone = clean::phone(text);
    let is_phone = phone.starts_with('0') && (10..=11).contains(&phone.len());
    let sort = if is_phone { Sort::Phone } else { Sort::Number };
    let mut clue = Clue::new(sort, text);
    if is_phone {
        clue.way(Sign::Phone(phone), 0, "");
    }
    clue.way(Sign::Shared(Shared::Number(clean::solid(text))), 0, "");
    clue
}

fn day(digits: &str) -> Option<Date> {
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    let (month, day) = (number(4, 6)?, number(6, 8)?);
    Date::new(
        number(0, 4)?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// A day of birth, and the days that are taken for it.
fn born_on(day: Date) -> Clue {
    let mut clue = Clue::new(Sort::Born, &words::full_day(day));
    let born = |day: Date| Sign::Shared(Shared::Born(day));
    clue.way(born(day), 0, "");
    let otherwise = [
        (day.checked_add(1.day()).ok(), 2, "born a day later"),
        (day.checked_sub(1.day()).ok(), 2, "born a day earlier"),
        (
            Date::new(day.year(), day.day(), day.month()).ok(),
            2,
            "born on a date with day and month the other way round",
        ),
        (day.checked_add(1.month()).ok(), 3, "born a month later"),
        (day.checked_sub(1.month()).ok(), 3, "born a month earlier"),
        (day.checked_add(1.year()).ok(), 3, "born a year later"),
        (day.checked_sub(1.year()).ok(), 3, "born a year earlier"),
    ];
    for (other, cost, why) in otherwise {
        if let Some(other) = other {
            clue.way(born(other), cost, why);
        }
    }
    clue.sorted()
}

/// The words of a name. An initial alone is no clue beside others.
fn named(text: &str, beside_others: bool) -> Vec<Clue> {
    let cleaned = clean::words(text);
    let all: Vec<&str> = cleaned.split(' ').filter(|word| !word.is_empty()).collect();
    let parted = parts(text);
    let is_initial = |word: &str| word.chars().count() == 1;
    let has_whole = all.iter().any(|word| !is_initial(word));
    let mut clues = Vec::new();
    for (place, word) in all.iter().copied().enumerate() {
        let beside = |other: Option<usize>| other.and_then(|at| all.get(at)).copied();
        let (before, after) = (beside(place.checked_sub(1)), beside(Some(place + 1)));
        let sort = if is_initial(word) {
            Sort::Initial
        } else {
            Sort::Name
        };
        if sort == Sort::Initial && !has_whole && beside_others {
            continue;
        }
        let mut clue = Clue::new(sort, word);
        clue.way(Sign::Word(word.to_owned()), 0, "");
        for joined in [
            before.map(|before| format!("{before}{word}")),
            after.map(|after| format!("{word}{after}")),
        ] {
            clue.ways.extend(joined.map(|joined| Way {
                sign: Sign::Word(joined),
                cost: 0,
                why: String::new(),
            }));
        }
        let typed = words::sentence(word);
        if let (Sort::Initial, Some(letter)) = (sort, word.chars().next()) {
            let others = all.iter().filter(|other| !is_initial(other));
            for other in others {
                let sound = clean::heard(other).into_owned();
                let why = format!("begins with {typed}");
                clue.way(Sign::Initial(letter, sound), 1, why);
            }
        } else {
            for form in other_forms(word) {
                let why = format!("{} is another form of {typed}", words::sentence(form));
                clue.way(Sign::Word(form.to_owned()), 1, why);
            }
            let sound = Shared::Sound(clean::heard(word).into_owned());
            clue.way(Sign::Shared(sound), 1, format!("sounds like {typed}"));
            let part = format!("{typed} is part of the name");
            clue.way(Sign::Part(word.to_owned()), 1, part);
            for part in parted.iter().filter(|part| word.ends_with(part.as_str())) {
                let why = format!("the name is {} alone", words::sentence(part));
                clue.way(Sign::Word(part.clone()), 1, why);
            }
            if let Some(letter) = word.chars().next() {
                let why = format!("of “{typed}” only the initial is told");
                clue.way(Sign::Word(letter.to_string()), 2, why);
            }
        }
        clues.push(clue.sorted());
    }
    clues
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn sorts(text: &str) -> Vec<Vec<Sort>> {
        let readings = readings(text, None);
        let sorts = |clues: &Vec<Clue>| clues.iter().map(|clue| clue.sort).collect();
        readings.iter().map(sorts).collect()
    }

    #[test]
    fn what_is_typed_is_read_as_what_it_is() {
        use Sort::{Born, Initial, Name, Number, Phone, Place};
        for (text, expected) in [
            ("Ada Okafor", vec![vec![Name, Name]]),
            ("A Okafor", vec![vec![Initial, Name]]),
            ("943 476 5919", vec![vec![Number]]),
            ("9434765919 Okafor", vec![vec![Number, Name]]),
            ("A123456789012", vec![vec![Number]]),
            ("C-1", vec![vec![Number]]),
            ("ZN1 2AB", vec![vec![Place]]),
            ("zn12ab okafor", vec![vec![Place, Name]]),
            ("01632 960101", vec![vec![Phone]]),
            ("+44 1632 960101", vec![vec![Phone]]),
            ("12 Mill Lane, Fenby", vec![vec![Place]]),
            (
                "Okafor 12 Mill Lane Fenby ZN1 2AB",
                vec![vec![Place, Place, Name]],
            ),
            ("Flat 2, 12 Mill Lane", vec![vec![Place]]),
            ("Mill Lane", vec![vec![Name, Name], vec![Place]]),
            ("Ada 28/7/2014", vec![vec![Born, Name]]),
            ("28 7 2014", vec![vec![Born]]),
            ("1001", vec![vec![Number]]),
            ("", vec![]),
            (" , ", vec![]),
        ] {
            assert_eq!(sorts(text), expected, "{text}");
        }
    }

    /// The ways of the first clue of a sort in what is typed.
    fn ways(text: &str, sort: Sort) -> Vec<Way> {
        let readings = readings(text, None);
        let clues = readings.into_iter().flatten();
        let mut clues = clues.filter(|clue| clue.sort == sort);
        clues.next().map(|clue| clue.ways).unwrap_or_default()
    }

    #[test]
    fn an_address_is_looked_for_with_and_without_what_follows_the_street() {
        for text in [
            "12 Mill Ln",
            "12 Mill Lane Fenby",
            "Flat 2, 12 Mill Lane, Fenby",
            "flat 2 12 mill lane",
        ] {
            let door = Sign::Door("12 mill lane".to_owned());
            let ways = ways(text, Sort::Place);
            assert!(ways.iter().any(|way| way.sign == door), "{text}: {ways:?}");
        }
    }

    #[test]
    fn a_day_is_looked_for_with_those_that_are_taken_for_it() {
        let readings = readings("", Some(date(2014, 7, 8)));
        let clue = readings
            .first()
            .and_then(|clues| clues.first())
            .expect("one");
        let why = |day: Date| {
            let sign = Sign::Shared(Shared::Born(day));
            let way = clue.ways.iter().find(|way| way.sign == sign);
            way.map(|way| (way.cost, way.why.as_str()))
        };
        assert_eq!(why(date(2014, 7, 8)), Some((0, "")));
        assert_eq!(why(date(2014, 7, 9)), Some((2, "born a day later")));
        let swapped = "born on a date with day and month the other way round";
        assert_eq!(why(date(2014, 8, 7)), Some((2, swapped)));
        assert_eq!(why(date(2013, 7, 8)), Some((3, "born a year earlier")));
        assert_eq!(why(date(2014, 7, 20)), None);
        assert!(clue.ways.is_sorted_by_key(|way| way.cost));
    }

    #[test]
    fn one_thing_may_be_otherwise_where_enough_else_fits() {
        let clues = readings("Ada Grace Okafor", None).remove(0);
        let exact = nearness(&clues, &[Some(0), Some(0), Some(0)]).expect("exact");
        assert_eq!((exact.cost, exact.why.len()), (0, 0));
        let without = nearness(&clues, &[Some(0), None, Some(0)]).expect("near");
        assert_eq!(without.why, ["no name “Grace” is told"]);
        assert_eq!(nearness(&clues, &[Some(0), None, None]), None);
        let two = readings("Ada Okafor", None).remove(0);
        assert_eq!(
            nearness(&two, &[None, Some(0)]),
            None,
            "one name alone is too many children"
        );
        let parted = readings("O Dwyer", None).remove(0);
        assert!(nearness(&parted, &[None, Some(0)]).is_some());
    }
}
