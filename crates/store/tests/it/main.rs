//! Stories of the store, each told on SQLite and on PostgreSQL.

#[cfg(test)]
mod backups;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod looks;
#[cfg(test)]
mod note;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod place;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod rebuilds;
#[cfg(test)]
mod records;
#[cfg(test)]
mod rewriting;
#[cfg(test)]
mod scratch;
#[cfg(test)]
mod seals;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod torture;
#[cfg(test)]
mod world;
