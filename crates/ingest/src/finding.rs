//! What can be wrong with supplied data, and how to put it right.
//!
//! A message never repeats a value: findings are read by people who may not see the rows.

use std::fmt;

/// How far a finding reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be read.
    Refusal,
    /// The row is set aside.
    Quarantine,
    /// The row is accepted.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refusal => "refusal",
            Self::Quarantine => "quarantine",
            Self::Warning => "warning",
        })
    }
}

/// One doubt about a file, a row or a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub problem: Problem,
    /// The data record, from 1, headings not counted; `None` when it is the file's.
    pub row: Option<u64>,
    /// The profile's name of the column, where one is to blame.
    pub column: Option<String>,
}

macro_rules! problems {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $severity:ident, $remedy:literal;)+) => {
        /// What can be wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Problem { $($(#[doc = $doc])+ $name,)+ }

        impl Problem {
            /// Every problem.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its code, which programs read.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// How far it reaches.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)+ }
            }

            /// What is wrong, and what to do about it.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $remedy,)+ }
            }
        }
    };
}

problems! {
    /// Nothing in the file.
    EmptyFile = "empty-file", Refusal, "The file holds nothing. Export it again, and check its size before sending it.";
    /// No profile fits the headings.
    Unrecognised = "unrecognised", Refusal, "The headings fit no source that is set up here. Send a CSV file with its headings in the first line, or name the source with --profile.";
    /// A column that the profile must have is not there.
    MissingColumn = "missing-column", Refusal, "A column that this source must have is not there. Restore its heading, or add the new heading to the column's aliases in the profile.";
    /// Two columns under one heading.
    DuplicateColumn = "duplicate-column", Refusal, "Two columns have the same meaning, and which is right cannot be told. Take one of them away.";
    /// A record beyond the bound.
    RecordTooLong = "record-too-long", Refusal, "A record is longer than any real one. Look for a quotation mark that is opened and never closed, and export the file again.";
    /// An encoding other than those that are read.
    UnknownEncoding = "unknown-encoding", Refusal, "The characters cannot be read with certainty. Save the file as CSV in UTF-8.";
    /// More or fewer values than headings.
    Shape = "row-shape", Quarantine, "The row has more or fewer values than there are headings. Look for a comma outside quotation marks, and send the row again.";
    /// The last record stops short.
    Truncated = "truncated-record", Quarantine, "The file ends in the middle of its last record. Export or copy it again: what follows is missing.";
    /// A quotation mark without its partner.
    UnbalancedQuote = "unbalanced-quote", Quarantine, "A quotation mark is opened and never closed, so every row after it is part of this one. Close it, and send the file again.";
    /// The key is not there or cannot be one.
    MissingKey = "missing-key", Quarantine, "The number by which the source knows the person is not there, or cannot be read. Fill it in, and send the row again.";
    /// A value that should be there.
    MissingValue = "missing-value", Warning, "A value that this source should give is empty. Fill it in at the source.";
    /// A day that is none.
    ImpossibleDate = "impossible-date", Warning, "The date is not a day that exists, written as YYYY-MM-DD. The value was left out; put it right at the source.";
    /// Born after the file's own day.
    BornAfterFile = "born-after-file", Warning, "The date of birth lies after the day of the file. Check the year at the source.";
    /// Begins after it ends.
    BeginsAfterEnd = "begins-after-end", Warning, "The involvement begins after its last day. Check both dates at the source.";
    /// A code outside the source's list.
    UnknownCode = "unknown-code", Warning, "The code is not in this source's list. The value was left out; add it to the column's codes in the profile, or put it right at the source.";
    /// A number nobody can ring.
    PhoneNotDialable = "phone-not-dialable", Warning, "The telephone number cannot be dialled as a British number. Check its digits at the source.";
    /// Text that cannot be kept.
    UnusableValue = "unusable-value", Warning, "The value is too long, or not of the kind that this column holds. It was left out; put it right at the source.";
    /// A key a second time.
    DuplicateKey = "duplicate-key", Warning, "An earlier row has the same number for the person. Check whether the two are one person.";
    /// A row a second time.
    DuplicateRow = "duplicate-row", Warning, "An earlier row says exactly the same. Nothing needs doing unless one of them should differ.";
    /// A heading known by another name.
    RenamedColumn = "renamed-column", Warning, "The column has another heading than usual, and was read under its known alias.";
    /// A column that may be absent, and is.
    AbsentColumn = "absent-column", Warning, "A column that this source usually has is not there. What it tells is missing; ask the sender whether that is meant.";
    /// A column that the profile does not know.
    UnknownColumn = "unknown-column", Warning, "The file has a column that the profile does not know, and it was not read. Add it to the profile if it is needed.";
    /// No-break spaces.
    NoBreakSpace = "no-break-space", Warning, "The value holds no-break spaces, which were read as spaces. Paste it as plain text at the source.";
    /// Bytes outside the encoding.
    DamagedCharacters = "damaged-characters", Warning, "Some characters were lost when the file was saved. Save it as CSV in UTF-8.";
    /// No end to the last line.
    NoLineEnd = "no-line-end", Warning, "The last line has no end. Check that the file came whole.";
}

impl Problem {
    pub(crate) const fn of_file(self) -> Finding {
        Finding {
            problem: self,
            row: None,
            column: None,
        }
    }

    pub(crate) fn of_column(self, column: &str) -> Finding {
        Finding {
            problem: self,
            row: None,
            column: Some(column.to_owned()),
        }
    }

    pub(crate) fn at(self, row: u64, column: Option<&str>) -> Finding {
        Finding {
            problem: self,
            row: Some(row),
            column: column.map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_its_own_and_every_message_says_what_to_do() {
        let codes: BTreeSet<&str> = Problem::ALL.iter().map(|one| one.code()).collect();
        assert_eq!(codes.len(), Problem::ALL.len());
        for problem in Problem::ALL {
            assert!(problem.message().ends_with('.'), "{problem:?}");
        }
    }
}
