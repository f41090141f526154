//! The `app` crate of Clear Picture.

pub mod shell;
