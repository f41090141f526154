//! A row: its values read by the types of its columns, and the facts made of them.

use clearpicture_kernel::fact::{Confidence, Contact, Coverage, Told, Valid};
use clearpicture_kernel::{
    Address, Code, Date, DateOfBirth, EmailAddress, Fact, Line, Period, PersonName, PhoneNumber,
    Says,
};
use csv::StringRecord;
use toml::Spanned;

use crate::finding::{Finding, Problem};
use crate::headings::Layout;
use crate::profile::{Column, FactColumns, InvolvementColumns, Kind};
use crate::value::{day, dialable, plain_spaces};

/// A value, read by its column's type.
#[derive(Clone)]
enum Value {
    Text(String),
    Day(Date),
    Code(Code),
    Phone(PhoneNumber),
    Email(EmailAddress),
    Address(Address),
}

/// One row of a file.
pub(crate) struct Row<'a> {
    layout: &'a Layout<'a>,
    record: u64,
    values: Vec<Option<Value>>,
    /// What was found in it.
    pub(crate) findings: Vec<Finding>,
}

impl<'a> Row<'a> {
    /// Reads the values of a record of the right shape.
    pub(crate) fn read(layout: &'a Layout<'a>, record: u64, fields: &StringRecord) -> Self {
        let mut row = Self {
            layout,
            record,
            values: Vec::new(),
            findings: Vec::new(),
        };
        for (column, place) in layout.profile.columns.iter().zip(&layout.places) {
            let value = place
                .and_then(|place| fields.get(place))
                .and_then(|text| row.value(column, text));
            row.values.push(value);
        }
        row
    }

    fn find(&mut self, problem: Problem, column: &str) {
        self.findings.push(problem.at(self.record, Some(column)));
    }

    fn value(&mut self, column: &Column, text: &str) -> Option<Value> {
        let name = column.name.as_str();
        let (text, odd) = plain_spaces(text);
        if odd {
            self.find(Problem::NoBreakSpace, name);
        }
        if text.contains(char::REPLACEMENT_CHARACTER) {
            self.find(Problem::DamagedCharacters, name);
        }
        if text.is_empty() {
            if column.required && name != self.layout.profile.key.get_ref() {
                self.find(Problem::MissingValue, name);
            }
            return None;
        }
        let (value, problem) = match column.kind {
            Kind::Text => {
                let line = Line::parse(&text).ok();
                let text = line.map(|line| Value::Text(line.as_str().to_owned()));
                (text, Problem::UnusableValue)
            }
            Kind::Date => (day(&text).map(Value::Day), Problem::ImpossibleDate),
            Kind::Code => {
                let code = column.codes.get(text.as_ref()).cloned();
                (code.map(Value::Code), Problem::UnknownCode)
            }
            Kind::Phone => (dialable(&text).map(Value::Phone), Problem::PhoneNotDialable),
            Kind::Email => {
                let email = EmailAddress::parse(&text).ok();
                (email.map(Value::Email), Problem::UnusableValue)
            }
            Kind::Address => {
                let address = Address::parse(&text).ok();
                (address.map(Value::Address), Problem::UnusableValue)
            }
        };
        if value.is_none() {
            self.find(problem, name);
        }
        value
    }

    fn get(&self, column: &Spanned<String>) -> Option<&Value> {
        let columns = self.layout.profile.columns.iter();
        let mut named = columns.zip(&self.values);
        named
            .find(|(one, _)| one.name == *column.get_ref())?
            .1
            .as_ref()
    }

    fn text(&self, column: &Spanned<String>) -> Option<&str> {
        match self.get(column)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn line(&self, column: &Spanned<String>) -> Option<Line> {
        Line::parse(self.text(column)?).ok()
    }

    fn name(&self, column: &Spanned<String>) -> Option<PersonName> {
        PersonName::parse(self.text(column)?).ok()
    }

    fn day(&self, column: &Spanned<String>) -> Option<Date> {
        match self.get(column)? {
            Value::Day(day) => Some(*day),
            _ => None,
        }
    }

    fn code(&self, column: &Spanned<String>) -> Option<Code> {
        match self.get(column)? {
            Value::Code(code) => Some(code.clone()),
            _ => None,
        }
    }

    /// What the file covers, as this row states it.
    pub(crate) fn coverage(&self) -> Option<Coverage> {
        let columns = &self.layout.profile.coverage;
        let to = columns.to.as_ref().and_then(|column| self.day(column));
        Some(Coverage {
            period: Period {
                from: self.day(columns.from.as_ref()?)?,
                until: to.and_then(|day| day.tomorrow().ok()),
            },
            as_of: self.as_of(),
        })
    }

    fn as_of(&self) -> Option<Date> {
        self.day(self.layout.profile.coverage.as_of.as_ref()?)
    }

    /// The person as the row tells of them; `None`, with a finding, when it names nobody.
    pub(crate) fn told(&mut self) -> Option<Told> {
        let layout = self.layout;
        let Some(key) = self.line(&layout.profile.key) else {
            self.find(Problem::MissingKey, layout.profile.key.get_ref());
            return None;
        };
        let facts = self.facts(&layout.profile.facts);
        Some(Told {
            key,
            record: self.record,
            facts,
        })
    }

    fn facts(&mut self, columns: &FactColumns) -> Vec<Fact> {
        let mut facts = Vec::new();
        if let Some(name) = &columns.name {
            let (given, family) = (self.name(&name.given), self.name(&name.family));
            if given.is_some() || family.is_some() {
                facts.push(stated(Says::Name { given, family }));
            }
        }
        if let Some(born) = &columns.born
            && let Some(on) = self.day(&born.on)
        {
            let after = self.as_of().is_some_and(|as_of| on > as_of);
            let mut fact = stated(Says::Born {
                on: DateOfBirth::new(on),
            });
            if after {
                self.find(Problem::BornAfterFile, born.on.get_ref());
                fact.confidence = Confidence::Doubted;
            }
            facts.push(fact);
        }
        let sex = columns.sex.as_ref().and_then(|sex| self.code(&sex.code));
        facts.extend(sex.map(|code| stated(Says::Sex { code })));
        if let Some(one) = &columns.identifier
            && let Some(value) = self.line(&one.value)
        {
            let scheme = one.scheme.clone();
            facts.push(stated(Says::Identifier { scheme, value }));
        }
        if let Some(one) = &columns.address
            && let Some(Value::Address(at)) = self.get(&one.at)
        {
            let at = at.clone();
            facts.push(stated(Says::Address { at }));
        }
        if let Some(one) = &columns.involvement {
            facts.extend(self.involvement(one));
        }
        facts
    }

    fn involvement(&mut self, columns: &InvolvementColumns) -> Option<Fact> {
        let state = self.code(&columns.state)?;
        let day = |column: &Option<Spanned<String>>| self.day(column.as_ref()?);
        let (from, last_contact) = (day(&columns.from), day(&columns.last_contact));
        let to = last_contact.filter(|_| columns.ended.contains(&state));
        let mut confidence = Confidence::Stated;
        if (Valid {
            from,
            to: last_contact,
        })
        .is_backwards()
            && let Some(column) = &columns.from
        {
            self.find(Problem::BeginsAfterEnd, column.get_ref());
            confidence = Confidence::Doubted;
        }
        let organisation = columns.organisation.as_ref().and_then(|one| self.line(one));
        Some(Fact {
            says: Says::Involvement {
                state,
                organisation,
                last_contact,
                contact: self.contact(columns),
            },
            valid: Valid { from, to },
            confidence,
        })
    }

    fn contact(&self, columns: &InvolvementColumns) -> Option<Contact> {
        let contact = Contact {
            name: columns.name.as_ref().and_then(|one| self.name(one)),
            role: columns.role.as_ref().and_then(|one| self.line(one)),
            phone: match columns.phone.as_ref().and_then(|one| self.get(one)) {
                Some(Value::Phone(phone)) => Some(phone.clone()),
                _ => None,
            },
            email: match columns.email.as_ref().and_then(|one| self.get(one)) {
                Some(Value::Email(email)) => Some(email.clone()),
                _ => None,
            },
        };
        let reachable =
            contact.name.is_some() || contact.phone.is_some() || contact.email.is_some();
        reachable.then_some(contact)
    }
}

const fn stated(says: Says) -> Fact {
    Fact {
        says,
        valid: Valid {
            from: None,
            to: None,
        },
        confidence: Confidence::Stated,
    }
}
