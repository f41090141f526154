//! Explanations: why two records were or were not joined, in words for whoever decides about them.

use std::fmt;

use clearpicture_kernel::fact::Confidence;
use clearpicture_kernel::{Address, DateOfBirth, Fact, PersonName, Says};

use super::linked::{Attention, Evidence, Held, Outcome, Standing};
use super::model::{Comparison, Model};
use crate::level::Level;

/// What a source wrote of a subject, for a reader whose permit allows it; never in a log.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Written {
    given: Option<PersonName>,
    family: Option<PersonName>,
    born: Option<DateOfBirth>,
    sex: Option<String>,
    address: Option<Address>,
}

impl Written {
    /// Of facts, of each kind the latest to begin: the one that is compared.
    pub fn of<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Self {
        let mut facts: Vec<&Fact> = facts
            .into_iter()
            .filter(|fact| fact.confidence == Confidence::Stated)
            .collect();
        facts.sort_by_key(|fact| fact.valid.from);
        let mut written = Self::default();
        for fact in facts {
            match &fact.says {
                Says::Name { given, family } => {
                    written.given.clone_from(given);
                    written.family.clone_from(family);
                }
                Says::Born { on } => written.born = Some(*on),
                Says::Sex { code } => written.sex = Some(code.to_string()),
                Says::Address { at } => written.address = Some(at.clone()),
                _ => {}
            }
        }
        written
    }

    /// The value that a comparison is of; numbers are not shown.
    pub fn value(&self, of: Comparison) -> Option<String> {
        match of {
            Comparison::Given => self.given.as_ref().map(|name| name.reveal().to_owned()),
            Comparison::Family => self.family.as_ref().map(|name| name.reveal().to_owned()),
            Comparison::Born => self
                .born
                .map(|born| born.reveal().strftime("%-d %B %Y").to_string()),
            Comparison::Sex => self.sex.clone(),
            Comparison::Address => self
                .address
                .as_ref()
                .map(|at| at.reveal().collect::<Vec<&str>>().join(", ")),
            Comparison::Identifier => None,
        }
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Written(withheld)")
    }
}

/// Why two records were or were not joined.
#[derive(Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What any pair starts from, in thousandths of a bit.
    pub prior: i32,
    /// What agrees and what differs.
    pub agreement: String,
    /// What was done, and why.
    pub decision: &'static str,
    /// What would change the answer.
    pub would_change: &'static str,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {}",
            self.agreement, self.decision, self.would_change
        )
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Explanation(withheld)")
    }
}

/// Says in words why two records were or were not joined. `written` is what each of the two wrote, for those who may
/// see it; without, only what agrees and what differs is told.
pub fn explain(
    evidence: &Evidence,
    outcome: Outcome<'_>,
    model: &Model,
    written: Option<(&Written, &Written)>,
) -> Explanation {
    let (decision, would_change) = match outcome {
        Outcome::Joined(standing) => joined(standing),
        Outcome::HeldApart(because) => held_apart(because),
        Outcome::TooLittle if evidence.weight < model.plan.join => (
            "They were not joined: what agrees is too little to outweigh what differs.",
            "A shared number, or a value that one of the sources corrects, would change this.",
        ),
        Outcome::TooLittle => (
            "They were not joined: each has a better match.",
            "Parting one of those matches would change this.",
        ),
    };
    let parts = evidence.parts.iter().map(|(.., worth)| worth);
    Explanation {
        prior: evidence.weight - parts.sum::<i32>(),
        agreement: agreement(evidence, written),
        decision,
        would_change,
    }
}

fn agreement(evidence: &Evidence, written: Option<(&Written, &Written)>) -> String {
    let mut sentences = Vec::new();
    let mut agree = Vec::new();
    let mut not_told = Vec::new();
    for (column, level, _) in &evidence.parts {
        let of = Comparison::of(column);
        match level {
            Level::Same => agree.push(noun(of)),
            // Few sources have a shared number: its absence is no news.
            Level::NotTold if of == Comparison::Identifier => {}
            Level::NotTold => not_told.push(noun(of)),
            _ => {
                let values = written.and_then(|(a, b)| Some((a.value(of)?, b.value(of)?)));
                let values = values.map_or(String::new(), |(a, b)| format!(": {a} and {b}"));
                sentences.push(format!("The {}{values}.", difference(of, *level)));
            }
        }
    }
    agree.dedup();
    let differs = !sentences.is_empty();
    match (agree.is_empty(), differs, not_told.is_empty()) {
        (true, ..) => sentences.push("Nothing is the same in both.".to_owned()),
        (false, false, true) => sentences.push(format!("Everything agrees: {}.", list(&agree))),
        (false, true, true) => sentences.push(format!("Everything else agrees: {}.", list(&agree))),
        (false, _, false) => sentences.push(format!("These agree: {}.", list(&agree))),
    }
    if !not_told.is_empty() {
        sentences.push(format!("Not told by both: {}.", list(&not_told)));
    }
    sentences.join(" ")
}

fn joined(standing: &Standing) -> (&'static str, &'static str) {
    let reason = match standing {
        Standing::Settled => None,
        Standing::NeedsAttention(reasons) => reasons.first(),
    };
    match reason {
        None => (
            "They were joined.",
            "A shared number that differs, or a source that holds a second child so alike, would change this.",
        ),
        Some(Attention::OnlyCandidate) => (
            "They were joined, unchecked: neither source knows another child born that day at that address, so each \
             record is the other's only candidate. They may still be twins of whom each source knows one. Ask both sources.",
            "If either source told of a second child born that day at that address, they would not be joined.",
        ),
        Some(Attention::NamesAlike) => (
            "They were joined, unchecked: the given names are alike, and may be those of two children. Ask both sources.",
            "If either source told of both names, they would not be joined.",
        ),
        Some(Attention::IdentifierOnly) => (
            "They were joined, unchecked: a shared number is the same, and the given names are not, or one is not told. Check the number.",
            "If the number were wrong in one source, they would not be joined.",
        ),
        Some(Attention::TwiceInSource) => (
            "They were joined, unchecked: one source holds this child twice. Ask it which record to keep.",
            "A difference in name or date of birth between the two would part them.",
        ),
        Some(Attention::BirthDatesDiffer) => (
            "They were joined, unchecked: the dates of birth differ by more than a slip. Ask both sources.",
            "If both dates were right, they would not be joined.",
        ),
        Some(Attention::Contradiction) => (
            "They were joined, unchecked: other joins contradicted these and were undone.",
            "Deciding about the other records would change this.",
        ),
        Some(Attention::Strained) => (
            "They were joined, unchecked: two records of this person, compared with each other, speak against one child.",
            "Deciding about those two would change this.",
        ),
        Some(Attention::DecisionsConflict) => (
            "They were joined, unchecked: people's decisions about the records of this person contradict one another.",
            "Taking back one of those decisions would change this.",
        ),
    }
}

fn held_apart(because: Held) -> (&'static str, &'static str) {
    match because {
        Held::Decided => (
            "They were not joined: a person decided that they are two children.",
            "Only another decision would change this.",
        ),
        Held::DecisionsConflict => (
            "They were not joined: what people decided about these and other records contradicts itself.",
            "Taking back one of those decisions would change this.",
        ),
        Held::OneSource => (
            "They were not joined: one source holds both and knows them apart.",
            "The source would have to say that both are one child.",
        ),
        Held::GivenNamesDiffer => (
            "They were not joined: the given names differ, and not everything else agrees.",
            "A shared number would change this.",
        ),
        Held::TwoChildren => (
            "They were not joined: a source knows two children born that day at that place, so the given names decide.",
            "A shared number, or the same given name in both, would change this.",
        ),
        Held::BothNamesElsewhere => (
            "They were not joined: both given names stand in further sources, as two children's would.",
            "A shared number would change this.",
        ),
        Held::NameAndSexDiffer => (
            "They were not joined: the given names are alike and sex differs, as with a brother and a sister.",
            "A shared number, or the same sex in both, would change this.",
        ),
        Held::IdentifiersDiffer => (
            "They were not joined: a number that is one child's alone differs.",
            "If the number were wrong in one source, they could be joined.",
        ),
        Held::OtherCandidate => (
            "They were not joined: another record fits as well or better, and nothing is chosen between them.",
            "A value that sets the candidates apart would change this.",
        ),
        Held::Contradiction => (
            "They were not joined: with other joins it would make two children of one source into one.",
            "Deciding about the other records would change this.",
        ),
    }
}

const fn noun(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Given => "given names",
        Comparison::Family => "family name",
        Comparison::Born => "date of birth",
        Comparison::Sex => "sex",
        Comparison::Address => "address",
        Comparison::Identifier => "shared number",
    }
}

const fn difference(comparison: Comparison, level: Level) -> &'static str {
    match (comparison, level) {
        (Comparison::Given, Level::FirstSame) => {
            "given names begin the same, and one source tells more"
        }
        (Comparison::Given, Level::Nickname) => "given names are forms of one name",
        (Comparison::Given, Level::Swapped) => {
            "given names stand where the other has the family name"
        }
        (Comparison::Given, Level::Close) => "given names differ by a letter or two",
        (Comparison::Given, Level::Sounds) => {
            "given names sound the same and are written otherwise"
        }
        (Comparison::Given, Level::Alike) => "given names are alike",
        (Comparison::Given, _) => "given names differ",
        (Comparison::Family, Level::Part) => "family names share a part",
        (Comparison::Family, Level::Swapped) => {
            "family name stands where the other has the given names"
        }
        (Comparison::Family, Level::Close) => "family name differs by a letter or two",
        (Comparison::Family, Level::Sounds) => {
            "family name sounds the same and is written otherwise"
        }
        (Comparison::Family, Level::Alike) => "family names are alike",
        (Comparison::Family, _) => "family name differs",
        (Comparison::Born, Level::Swapped) => {
            "dates of birth have day and month the other way round"
        }
        (Comparison::Born, Level::DayApart) => "dates of birth are one day apart",
        (Comparison::Born, Level::OneDigit) => "dates of birth differ in one digit",
        (Comparison::Born, Level::TwoDigits) => "dates of birth differ in two digits",
        (Comparison::Born, Level::SameYear) => "dates of birth differ within one year",
        (Comparison::Born, _) => "dates of birth differ",
        (Comparison::Sex, _) => "sex recorded differs",
        (Comparison::Address, Level::SamePremises) => {
            "address is the same building, written otherwise"
        }
        (Comparison::Address, Level::SamePostcode) => "addresses differ within one postcode",
        (Comparison::Address, _) => "addresses differ",
        (Comparison::Identifier, _) => "shared number differs",
    }
}

/// `a`, `a and b`, `a, b and c`.
fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
