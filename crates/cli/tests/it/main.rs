//! The program as those who run it meet it: its commands, its faults, its server.

#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        reason = "tests of a program start it, wait for it and look at its files"
    )
)]

#[cfg(test)]
mod back;
#[cfg(test)]
mod begin;
#[cfg(test)]
mod children;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod counted;
#[cfg(test)]
mod evaluate;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod folder;
#[cfg(test)]
mod heavy;
#[cfg(test)]
mod ingest;
#[cfg(test)]
mod linkage;
#[cfg(test)]
mod protected;
#[cfg(test)]
mod published;
#[cfg(test)]
mod returns;
mod running;
#[cfg(test)]
mod support;
