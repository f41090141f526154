//! Readers: bytes of some kind become records, one after the other, within bounds.
//!
//! Each is total: whatever the bytes are, it ends with records and findings, and never holds more than one record of a
//! file at a time (a workbook's shared texts beside it).

pub(crate) mod bounded;
pub(crate) mod choose;
pub(crate) mod delimited;
pub(crate) mod encoding;
pub(crate) mod json;
pub(crate) mod kind;
pub(crate) mod plain;
pub(crate) mod text;
pub(crate) mod tree;
pub(crate) mod workbook;
pub(crate) mod xml;
