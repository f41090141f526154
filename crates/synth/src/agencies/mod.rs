//! What each agency writes down of the children it knows, slips and all.

pub(crate) mod care;
pub(crate) mod charity;
pub(crate) mod counts;
pub(crate) mod health;
pub(crate) mod involvement;
pub(crate) mod police;
pub(crate) mod school;
