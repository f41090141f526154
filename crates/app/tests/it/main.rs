//! Journeys over HTTP, against the whole application on a database of its own.

#[cfg(test)]
mod harness;
#[cfg(test)]
mod people;
#[cfg(test)]
mod support;
