//! The `app` crate of Clear Picture.
