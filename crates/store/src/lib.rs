//! The `store` crate of Clear Picture.
