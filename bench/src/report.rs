//! One line for each number.

use std::io::Write as _;

/// Prints a number that has no budget.
pub(crate) fn note(what: &str, measured: &str) -> anyhow::Result<()> {
    line(what, measured, "", "")
}

/// Prints a number beside its budget.
pub(crate) fn against(what: &str, measured: &str, budget: &str, met: bool) -> anyhow::Result<()> {
    line(what, measured, budget, if met { "met" } else { "NOT MET" })
}

fn line(what: &str, measured: &str, budget: &str, met: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let line = format!("{what:<58} {measured:>30}  {budget:<10} {met}");
    writeln!(out, "{}", line.trim_end())?;
    Ok(())
}
