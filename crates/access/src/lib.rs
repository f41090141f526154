//! The `access` crate of Clear Picture.
