//! What can be wrong with supplied data: one named rule each, with how to put it right.
//!
//! A message never repeats a value: findings are read by people who may not see the rows. The cases of each rule are
//! data, in `cases/rules/`.

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
    // The file.
    /// Nothing in the file.
    EmptyFile = "empty-file", Refusal, "The file holds nothing. Export it again, and check its size before sending it.";
    /// Another kind of file.
    NotData = "not-data", Refusal, "This is a document, a picture or an archive, not a file of data. Send CSV, XLSX, XML or FHIR JSON.";
    /// No profile fits the headings.
    Unrecognised = "unrecognised", Refusal, "The headings fit no source that is set up here. Send the file with its headings above the first row; a source of a new kind is set up by whoever looks after Clear Picture.";
    /// Another source's profile was named.
    WrongSource = "wrong-source", Refusal, "The file does not fit the source that was named, and does fit another. Name that one, or let the file tell its source by itself.";
    /// A year for which the source has no layout.
    UnknownYear = "unknown-year", Refusal, "The source's profile does not reach back to this year. Name a later year, or add an edition to the profile.";
    /// A column that the profile must have is not there.
    MissingColumn = "missing-column", Refusal, "A column that this source must have is not there. Restore its heading, or add the new heading to the column's aliases in the profile.";
    /// Two columns under one heading.
    DuplicateColumn = "duplicate-column", Refusal, "Two columns have the same meaning, and which is right cannot be told. Take one of them away.";
    /// Data that may never be taken in.
    ClinicData = "clinic-data", Refusal, "The file looks like one of a sexual-health clinic. Such data is never taken in with names. Delete the file, and ring the sender.";
    /// A record beyond the bound.
    RecordTooLong = "record-too-long", Refusal, "A record is longer than any real one. Look for a quotation mark that is opened and never closed, and export the file again.";
    /// An encoding other than those that are read.
    UnknownEncoding = "unknown-encoding", Refusal, "The characters cannot be read with certainty. Save the file as CSV in UTF-8.";
    /// A workbook that cannot be opened.
    DamagedWorkbook = "damaged-workbook", Refusal, "The workbook cannot be opened. Open it in the program that made it, save it again as XLSX, and send that.";
    /// A workbook behind a password.
    LockedWorkbook = "locked-workbook", Refusal, "The workbook is locked with a password. Save it without one, and send it through the agreed secure way.";
    /// A workbook of before 2007, or of another program.
    OldWorkbook = "old-workbook", Refusal, "The workbook is of a kind that is not read (XLS, XLSB, ODS or XML). Save it as XLSX, and send that.";
    /// A web page that is called a workbook.
    WebPage = "web-page", Refusal, "This is a web page, whatever its name says. Open it in a spreadsheet program, save it as XLSX, and send that.";
    /// Another return with the same shape.
    OtherReturn = "other-return", Refusal, "The file says itself that it is another return than this source's, so nothing of it was read. Look at its header, and send the return that is meant.";
    /// A workbook beyond the bounds.
    WorkbookTooLarge = "workbook-too-large", Refusal, "The workbook unpacks to more than any real one. Save only the sheet that is needed, or send it as CSV.";
    /// XML that is not well formed.
    DamagedXml = "damaged-xml", Refusal, "The XML breaks off or is not well formed after the last record read. Export it again, and check that it came whole.";
    /// XML with a document type.
    DocumentType = "document-type", Refusal, "The XML declares a document type or entities of its own, which are never read. Export it without them.";
    /// JSON that is not well formed.
    DamagedJson = "damaged-json", Refusal, "The JSON breaks off or is not well formed after the last record read. Export it again, and check that it came whole.";
    /// Nested beyond the bound.
    TooDeep = "too-deep", Refusal, "The file nests more deeply than any real one. Export it again from the system that keeps the records.";
    /// Headings and nothing below.
    NoRecords = "no-records", Warning, "The file has headings and no rows. If there is nothing to tell, nothing needs doing; otherwise export it again.";
    /// A sheet that no table of the profile fits.
    UnknownSheet = "unknown-sheet", Warning, "The file has a part that the profile does not know (a sheet, or a kind of resource), and it was not read. Add it to the profile if it is needed.";
    /// A sheet that is hidden.
    HiddenSheet = "hidden-sheet", Warning, "A sheet of the workbook is hidden, and was not read. If it is needed, show it and send the workbook again; otherwise nothing needs doing.";
    /// Two sheets of one table.
    ListTwice = "list-twice", Warning, "Two sheets of the workbook are the same list, and both were read. Check that one is not an older copy, and take that one away.";
    /// A table's sheet that is not there.
    MissingSheet = "missing-sheet", Warning, "A sheet that this source has is not there. What it tells is missing, and so nothing that is held ends; ask the sender whether that is meant.";
    /// Lines above the headings.
    HeadingsBelow = "headings-below", Warning, "There are lines above the headings, and they were passed over. Take them away, so that nothing is mistaken for one of them.";
    /// A heading known by another name.
    RenamedColumn = "renamed-column", Warning, "The column has another heading than usual, and was read under its known alias.";
    /// A column that may be absent, and is.
    AbsentColumn = "absent-column", Warning, "A column that this source usually has is not there. What it tells is missing; ask the sender whether that is meant.";
    /// A column that the profile does not know.
    UnknownColumn = "unknown-column", Warning, "The file has a column that the profile does not know, and it was not read. Add it to the profile if it is needed.";
    /// A year other than the one that the file states.
    YearDoesNotFit = "year-does-not-fit", Warning, "The file states one year and is laid out as in another. It was read as it is laid out; put the year right at the source.";
    /// As many rows as a spreadsheet holds.
    SpreadsheetLimit = "spreadsheet-limit", Warning, "The file has exactly as many rows as a spreadsheet can hold, so the rest may have been cut off. Export it as CSV straight from the system.";
    /// Line ends of two kinds.
    MixedLineEnds = "mixed-line-ends", Warning, "The lines end in two different ways, as when files are pasted together. Check that no part is there twice.";
    /// No end to the last line.
    NoLineEnd = "no-line-end", Warning, "The last line has no end. Check that the file came whole.";
    /// Many fewer rows than last time.
    FewerRows = "fewer-rows", Warning, "The file has far fewer rows than the last one of this source. Check the filters of the export before it is used.";
    /// Many more rows than last time.
    MoreRows = "more-rows", Warning, "The file has far more rows than the last one of this source. Check that nothing is there twice, and the dates of the export.";
    /// A file of an earlier day than one that is held.
    OlderFile = "older-file", Warning, "The file is of an earlier day than the last one of this source. Its rows are kept where they belong in time; check that it is the one you meant.";
    /// Coverage that ends before it begins.
    CoverageBackwards = "coverage-backwards", Warning, "The file says that it covers a stretch that ends before it begins. Put both days right at the source.";

    // The row.
    /// More or fewer values than headings.
    Shape = "row-shape", Quarantine, "The row has more or fewer values than there are headings. Look for a comma outside quotation marks, and send the row again.";
    /// A line that is no row.
    NotARow = "not-a-row", Quarantine, "The line stands around rows and is none: dashes, the headings once more, or how many rows there are. It was set aside, and nothing is missing by it.";
    /// Below headings that came again in another order.
    OtherHeadings = "other-headings", Quarantine, "The headings come again in another order, as when files are pasted together, and the row stands below those. It was set aside; send the two parts as two files.";
    /// The last record stops short.
    Truncated = "truncated-record", Quarantine, "The file ends in the middle of its last record. Export or copy it again: what follows is missing.";
    /// A quotation mark without its partner.
    UnbalancedQuote = "unbalanced-quote", Quarantine, "A quotation mark is opened and never closed, so every row after it is part of this one. Close it, and send the file again.";
    /// The key is not there or cannot be one.
    MissingKey = "missing-key", Quarantine, "The number by which the source knows the person or the row is not there, or cannot be read. Fill it in, and send the row again.";
    /// Rows that stop before the last heading.
    EndsEarly = "row-ends-early", Warning, "From this row on, some rows have fewer values than there are headings. What is missing at their end was read as empty; check that no row was broken in two.";
    /// A key a second time.
    DuplicateKey = "duplicate-key", Warning, "An earlier row has the same number. Check whether the two are one.";
    /// A row a second time.
    DuplicateRow = "duplicate-row", Warning, "An earlier row says exactly the same. Nothing needs doing unless one of them should differ.";
    /// A row about nobody that the table it belongs to holds.
    Orphan = "orphan", Warning, "The row belongs to one that is not in the other table. Send that one too, or put the number right.";
    /// Text where only elements belong.
    StrayText = "stray-text", Warning, "There is text between the elements of the record, and it was not read. Take it away, or put it into its element.";

    // The value.
    /// A value that should be there.
    MissingValue = "missing-value", Warning, "A value that this source should give is empty. Fill it in at the source.";
    /// Several values where one belongs.
    SeveralValues = "several-values", Warning, "Several values are there of which one must be the current one, and nothing tells which. The first was read; end the others at the source.";
    /// The only value of its kind is one that was so once.
    EndedValue = "ended-value", Warning, "The only value there is one that has ended. It was read as the last that is known; give the current one at the source.";
    /// Words that stand for nothing.
    Placeholder = "placeholder", Warning, "The value only says that nothing is known, and was left out. Leave it empty at the source.";
    /// A number of which the last digits are gone.
    DigitsLost = "digits-lost", Warning, "The number was shortened to a form such as 7.1E+11, and its last digits are gone. It was left out; format the column as text, and export it again from the system.";
    /// Text that cannot be kept.
    UnusableValue = "unusable-value", Warning, "The value is too long, or not of the kind that this column holds. It was left out; put it right at the source.";
    /// A spreadsheet's error.
    SpreadsheetError = "spreadsheet-error", Warning, "The value is the error of a spreadsheet's formula, and was left out. Put the formula right, or paste the values.";
    /// A spreadsheet's formula.
    Formula = "formula", Warning, "The value is a spreadsheet's formula, and was left out: formulas are never worked out here. Paste the value itself.";
    /// No-break spaces.
    NoBreakSpace = "no-break-space", Warning, "The value holds no-break spaces, which were read as spaces. Paste it as plain text at the source.";
    /// Bytes outside the encoding.
    DamagedCharacters = "damaged-characters", Warning, "Some characters were lost when the file was saved. Save it as CSV in UTF-8.";
    /// Characters that nobody can see.
    ControlCharacters = "control-characters", Warning, "The value holds characters that cannot be seen, and they were taken out. Paste it as plain text at the source.";
    /// Marks of a web page.
    Markup = "markup", Warning, "The value holds marks of a web page, such as &amp;. It was kept as it is; put it right at the source.";

    // Days.
    /// A day that is none.
    ImpossibleDate = "impossible-date", Warning, "The date is not a day that exists, in the way this source writes dates. The value was left out; put it right at the source.";
    /// A day that could be two.
    AmbiguousDate = "ambiguous-date", Warning, "The date can be read with the day first or the month first, and this source writes neither. It was left out; write it as YYYY-MM-DD.";
    /// The month before the day.
    MonthFirst = "month-first-date", Warning, "The date has the month before the day, as in the United States, so others in the file may be wrong unseen. It was left out; put the export's region right.";
    /// A year of two figures.
    TwoDigitYear = "two-digit-year", Warning, "The year has two figures, and which century is meant cannot be told. It was left out; write all four.";
    /// A spreadsheet's number for a day.
    DateAsNumber = "date-as-number", Warning, "The date is a spreadsheet's number for a day. It was left out; format the column as a date before saving.";
    /// Part of a day.
    PartialDate = "partial-date", Warning, "Only part of the date is there. It was left out; give the whole day, or leave it empty.";
    /// Written otherwise than usual.
    DateWrittenOtherwise = "date-written-otherwise", Warning, "The date is written otherwise than this source writes dates, and was read, since only one day can be meant. Write all dates in one way.";
    /// A day that no record has.
    UnlikelyDate = "unlikely-date", Warning, "The date lies before 1900 or after 2100. It was left out; check the year at the source.";
    /// A day that has not come.
    DateToCome = "date-to-come", Warning, "The date has not come yet, and this source tells of what has happened. Check the year at the source.";
    /// Dead, and no day.
    DeathWithoutDay = "death-without-day", Warning, "The source says that the person has died, and not when. Nothing is kept of it without the day; give the day at the source.";
    /// Born after the file's own day.
    BornAfterFile = "born-after-file", Warning, "The date of birth lies after the day of the file. Check the year at the source.";
    /// Begins after it ends.
    BeginsAfterEnd = "begins-after-end", Warning, "What the row tells of begins after its last day. Check both dates at the source.";
    /// Before birth.
    BeforeBirth = "before-birth", Warning, "The date lies before the person was born. Check it, and the date of birth, at the source.";
    /// After death.
    AfterDeath = "after-death", Warning, "The date lies after the person died. Check it, and the date of death, at the source.";
    /// An age outside what the source deals with.
    UnlikelyAge = "unlikely-age", Warning, "The person was over 25 at the time, so this may be a parent or a wrong year. Check the date of birth at the source.";

    // Codes and numbers.
    /// A code outside the source's list.
    UnknownCode = "unknown-code", Warning, "The code is not in this source's list. The value was left out; add it to the column's codes in the profile, or put it right at the source.";
    /// A code of another year.
    CodeOfAnotherYear = "code-of-another-year", Warning, "The code belongs to the list of another year. It was read; use this year's list at the source.";
    /// A code that is no longer used.
    RetiredCode = "retired-code", Warning, "The code is no longer used, because it did not tell two things apart. It was read; choose the newer code at the source.";
    /// A spelling with two meanings.
    AmbiguousCode = "ambiguous-code", Warning, "What is written can mean two codes of this source's list. The value was left out; choose the code at the source.";
    /// A code in other letters.
    CodeInOtherLetters = "code-in-other-letters", Warning, "The code is written with other capital or small letters than in this source's list. It was read.";
    /// A number that is none.
    NotANumber = "not-a-number", Warning, "The value is not a whole number. It was left out; put it right at the source.";
    /// A whole number with decimals.
    NumberAsDecimal = "number-as-decimal", Warning, "The whole number is written with decimals, as a spreadsheet or a program left it. It was read; format the column as whole numbers.";
    /// Beyond the bounds.
    NumberOutOfRange = "number-out-of-range", Warning, "The number is smaller or larger than it can be. Check it at the source.";
    /// Neither yes nor no.
    NotYesOrNo = "not-yes-or-no", Warning, "The value is neither yes nor no. It was left out; put it right at the source.";
    /// A part larger than its whole.
    PartExceedsWhole = "part-exceeds-whole", Warning, "The parts add up to more than the whole that they are of. Check the numbers at the source.";
    /// A value without the one it needs.
    MissingWith = "missing-with", Warning, "A value is there without the one that belongs with it. Fill the other in at the source.";
    /// Two values of which one belongs.
    EitherNotBoth = "either-not-both", Warning, "Two values are there of which only one can be right. Take one away at the source.";
    /// None of several values.
    NoneOfSeveral = "none-of-several", Warning, "None of several values is there, of which one is needed. Fill one in at the source.";

    // People and places.
    /// Not ten digits.
    NhsNumberShape = "nhs-number-shape", Warning, "The NHS number does not have ten digits. Check it at the source.";
    /// A wrong check digit.
    NhsNumberCheck = "nhs-number-check", Warning, "A digit of the NHS number is wrong: its last does not follow from the others. Check it at the source.";
    /// One digit ten times.
    NhsNumberRepeated = "nhs-number-repeated", Warning, "The NHS number is one digit ten times, which is nobody's. It was left out; leave it empty where it is not known.";
    /// From the range for tests.
    NhsNumberTest = "nhs-number-test", Warning, "The NHS number is from the range for tests, so the row may be a test's. Check that no test records are sent.";
    /// Not a letter and twelve digits.
    UpnShape = "upn-shape", Warning, "The unique pupil number is not a letter and twelve digits. Check it at the source.";
    /// A letter that is never used.
    UpnLetter = "upn-letter", Warning, "The unique pupil number has a letter that is never used (I, O, S). Check it at the source.";
    /// A wrong check letter.
    UpnCheck = "upn-check", Warning, "The first letter of the unique pupil number does not follow from its digits. Check it at the source.";
    /// A temporary number.
    UpnTemporary = "upn-temporary", Warning, "The unique pupil number is a temporary one. Send the lasting number as soon as it is known.";
    /// Not a postcode.
    PostcodeShape = "postcode-shape", Warning, "No postcode has this shape: no second half has a C, I, K, M, O or V, and no first begins with Q, V or X. Check it at the source.";
    /// Half a postcode.
    PostcodePartial = "postcode-partial", Warning, "Only the first half of the postcode is there. Give the whole of it where it is known.";
    /// No place at all.
    PostcodePseudo = "postcode-pseudo", Warning, "The postcode stands for no fixed abode or an unknown place. It was left out of matching; give the address where it is known.";
    /// Nobody can ring it.
    PhoneNotDialable = "phone-not-dialable", Warning, "The telephone number cannot be dialled as a British number. Check its digits at the source.";
    /// Nobody can write to it.
    EmailNotUsable = "email-not-usable", Warning, "The e-mail address is not one such as name@agency.example. It was left out; put it right at the source.";
    /// A name with digits.
    DigitsInName = "digits-in-name", Warning, "The name has digits in it. Check that the columns have not moved.";
    /// A child who has no name yet.
    UnbornName = "unborn-name", Warning, "The name says that the child is not born or not named yet. Send the name as soon as there is one.";
    /// One number, two days of birth.
    TwoBirthDates = "two-birth-dates", Warning, "Two rows with the same number have different dates of birth. Check which is right, or whether they are two people.";
    /// One number that should be one person's, under two keys.
    SharedNumber = "shared-number", Warning, "Two people have the same number, which only one can have. Check both at the source.";
    /// Two stretches at once.
    OverlappingSpells = "overlapping-spells", Warning, "The row begins before an earlier one of the same person has ended. Check both at the source.";
    /// Two stretches that both go on.
    TwoOpenSpells = "two-open-spells", Warning, "The same person has another row that has not ended either. End the one that is over at the source.";
    /// Someone whose whereabouts must not be told.
    RestrictedPerson = "restricted-person", Warning, "The source marks the person as restricted: where they are must not be told. The row is kept as protected; tell the information governance lead.";
    /// A number that another has taken the place of.
    SupersededNumber = "superseded-number", Warning, "The source says that another number has taken this one's place: two of its records were one person. Both are kept.";
    /// Outside the partnership's area.
    OutsideArea = "outside-area", Warning, "The place lies outside the area that this source serves. Check it at the source.";
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

    /// Messages stand on pages and in reports: whoever reads them has no command line, and not this machine.
    #[test]
    fn no_message_speaks_of_commands_or_files_of_this_machine() {
        for problem in Problem::ALL {
            let message = problem.message();
            for sign in [
                "--",
                "`",
                "/",
                "\\",
                ".md",
                ".toml",
                "clearpicture",
                "ingest ",
            ] {
                assert!(!message.contains(sign), "{problem:?} has {sign}: {message}");
            }
        }
    }
}
