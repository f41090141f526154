//! The `cli` crate of Clear Picture.
