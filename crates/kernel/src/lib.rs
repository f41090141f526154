//! The words every other crate speaks: ids that cannot be confused, days as the
//! law counts them, clocks and chance as parameters, text that was checked at
//! the edge, and digests.
//!
//! Nothing here reads a file, a database or a network. The clock of the machine
//! and its source of randomness are reached in [`ambient`] only, and handed on
//! as parameters, so that every rule above can be tested on any day.

pub mod ambient;
pub mod analysis;
pub mod code;
pub mod day;
pub mod digest;
pub mod fact;
pub mod id;
pub mod month;
pub mod numbers;
pub mod sensitive;
pub mod text;
mod whereabouts;
pub mod written;

pub use ambient::{Ambient, Clock, Random};
pub use analysis::{AnalysisColumn, AnalysisRow, AnalysisTable, AnalysisValue, Holds, Reach};
pub use code::Code;
pub use day::{Period, age, as_at_cut_off, london};
pub use digest::Digest;
pub use fact::{Fact, PersonId, Says, SubjectId};
pub use id::{AgencyId, RecordId, TeamId, TypedId, WorkerId};
pub use month::{Month, MonthError};
pub use sensitive::{Address, DateOfBirth, EmailAddress, PersonName, PhoneNumber};
pub use text::{Line, Passage};

/// The moment type of every record: an instant, to the microsecond once stored.
pub use jiff::Timestamp;
/// The day type of every fact: a civil date without a time zone.
pub use jiff::civil::Date;
