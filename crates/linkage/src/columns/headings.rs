//! Headings that mean the same, however they are written: capitals, signs and spaces are nothing, and some words are others.

use crate::clean;

/// A heading without what nobody sees: `FIRST NAME`, `first_name` and `FirstName` are one.
pub(super) fn key(heading: &str) -> String {
    words(heading).concat()
}

/// The words of a heading, parted by signs and by capitals.
pub(super) fn words(heading: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut before = ' ';
    for c in heading.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            spaced.push(' ');
        }
        spaced.push(c);
        before = c;
    }
    let spaced = clean::spaced(&spaced);
    spaced.split_whitespace().map(str::to_owned).collect()
}

/// Where a heading stands among these: as it is written, or else as it means.
pub(super) fn find(headings: &[String], wanted: &str) -> Option<usize> {
    let (wanted, meant) = (wanted.trim(), key(wanted));
    let is_written = |one: &String| one.trim() == wanted;
    let is_meant = |one: &String| !meant.is_empty() && key(one) == meant;
    let written = headings.iter().position(is_written);
    written.or_else(|| headings.iter().position(is_meant))
}

/// Of whom a heading may speak without saying anything else.
const WHO: [&str; 8] = [
    "child", "childs", "pupil", "person", "client", "patient", "student", "learner",
];

/// Headings of one meaning, without spaces and signs.
const SYNONYMS: [&[&str]; 10] = [
    &[
        "firstname",
        "firstnames",
        "forename",
        "forenames",
        "givenname",
        "givennames",
        "christianname",
        "fname",
        "first",
        "given",
        "forname",
        "fore",
    ],
    &[
        "surname",
        "surnames",
        "lastname",
        "familyname",
        "lname",
        "sname",
        "last",
        "family",
        "secondname",
    ],
    &[
        "dateofbirth",
        "dob",
        "birthdate",
        "born",
        "birthday",
        "bornon",
        "dateborn",
        "birth",
    ],
    &["sex", "gender"],
    &[
        "postcode",
        "postalcode",
        "homepostcode",
        "zip",
        "zipcode",
        "pcode",
    ],
    &[
        "address",
        "homeaddress",
        "fulladdress",
        "streetaddress",
        "addresslines",
        "currentaddress",
    ],
    &["town", "city", "posttown"],
    &[
        "phone",
        "telephone",
        "mobile",
        "tel",
        "phonenumber",
        "telephonenumber",
        "mobilenumber",
    ],
    &["email", "emailaddress"],
    &["nhsnumber", "nhsno", "nhs"],
];

/// What a heading means, as a number, where that is known.
pub(super) fn meaning(heading: &str) -> Option<usize> {
    let words = words(heading);
    let own = words.iter().filter(|word| !WHO.contains(&word.as_str()));
    let own: String = own.map(String::as_str).collect();
    SYNONYMS.iter().position(|all| all.contains(&own.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_one_where_only_a_machine_sees_a_difference() {
        let headings = ["First Name", "DATE_OF_BIRTH", "Postcode ", ""].map(str::to_owned);
        for (wanted, place) in [
            ("FIRST NAME", Some(0)),
            ("first_name", Some(0)),
            ("FirstName", Some(0)),
            ("Date of Birth", Some(1)),
            ("postcode", Some(2)),
            ("post code", Some(2)),
            ("Surname", None),
            ("--", None),
        ] {
            assert_eq!(find(&headings, wanted), place, "{wanted}");
        }
    }

    #[test]
    fn other_words_for_one_thing_have_one_meaning() {
        for (one, other) in [
            ("Forename", "First Name"),
            ("Last Name", "SURNAME"),
            ("DOB", "Date of Birth"),
            ("Gender", "Sex"),
            ("Home Address", "address"),
            ("Post Code", "POSTCODE"),
            ("Child First Name", "Forename"),
        ] {
            assert!(
                meaning(one).is_some() && meaning(one) == meaning(other),
                "{one} {other}"
            );
        }
        assert_ne!(meaning("First Name"), meaning("Surname"));
        assert_eq!(meaning("Name of school"), None);
    }
}
