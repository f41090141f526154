//! Files as they come: whole, damaged, and not files at all.

#[cfg(test)]
mod any_bytes;
#[cfg(test)]
mod bad;
#[cfg(test)]
mod propose;
#[cfg(test)]
mod protection;
#[cfg(test)]
mod readers;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod shared;
#[cfg(test)]
mod support;
#[cfg(test)]
mod values;
#[cfg(test)]
mod workbooks;
