//! The `kernel` crate of Clear Picture.
