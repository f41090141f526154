//! Journeys over HTTP, against the whole application on a database of its own.

#[cfg(test)]
mod accepting;
#[cfg(test)]
mod access_table;
#[cfg(test)]
mod agencies;
#[cfg(test)]
mod background;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod bars;
#[cfg(test)]
mod breaches;
#[cfg(test)]
mod checking;
#[cfg(test)]
mod children;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod deciding;
#[cfg(test)]
mod derived;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod files;
#[cfg(test)]
mod finding;
#[cfg(test)]
mod governance;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod home;
#[cfg(test)]
mod involved;
#[cfg(test)]
mod linking;
#[cfg(test)]
mod linking_quality;
#[cfg(test)]
mod measures;
#[cfg(test)]
mod merging;
#[cfg(test)]
mod past;
#[cfg(test)]
mod people;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod protecting;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod set_up;
#[cfg(test)]
mod shares;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod slowing;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod stops;
#[cfg(test)]
mod support;
#[cfg(test)]
mod upgrading;
