//! Journeys over HTTP, against the whole application on a database of its own.

#[cfg(test)]
mod access_table;
#[cfg(test)]
mod background;
#[cfg(test)]
mod governance;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod support;
