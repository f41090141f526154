//! A plan as the text of its file, for an analyst to read and change.

use std::fmt::Write as _;

use super::plan::{Apart, BRIDGE, Block, Column, FORMAT, JOIN, PAIR_LIMIT, Plan};

impl Plan {
    /// The file. The same plan gives the same bytes. `remarks` stand at its head, one a line.
    pub fn write(&self, remarks: &[String]) -> String {
        let mut out = String::new();
        for remark in remarks {
            // A heading may hold the end of a line, which must not begin one of the model.
            let remark: String = remark
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect();
            line(&mut out, format_args!("# {remark}"));
        }
        if !remarks.is_empty() {
            out.push('\n');
        }
        line(&mut out, format_args!("format = {FORMAT}"));
        line(
            &mut out,
            format_args!("version = {}", quoted(&self.version)),
        );
        if let Some(id) = &self.id_column {
            line(&mut out, format_args!("id_column = {}", quoted(id)));
        }
        out.push_str("\n# Thousandths of a bit. From `join` on two records are one person; groups of records join only\n");
        out.push_str("# when their pairs are worth `bridge` each in the mean.\n");
        line(&mut out, format_args!("join = {}", grouped(self.join)));
        line(&mut out, format_args!("bridge = {}", grouped(self.bridge)));
        if let Some(rarest) = self.rarest {
            line(&mut out, format_args!("rarest = {}", part(rarest)));
        }
        if self.pair_limit != PAIR_LIMIT {
            line(&mut out, format_args!("pair_limit = {}", self.pair_limit));
        }
        if let Some(prior) = self.prior {
            out.push_str("\n# The part of all pairs of records that are of one person.\n");
            line(&mut out, format_args!("prior = {}", part(prior)));
        }
        if self.blocks.is_empty() {
            out.push_str("\n# No blocks: every record is compared with every other.\n");
        } else {
            out.push_str("\n# Records that agree on all parts of one of these are compared.\n");
        }
        for Block { on } in &self.blocks {
            let parts: Vec<String> = on
                .iter()
                .map(|(column, form)| {
                    let name = self
                        .columns
                        .get(*column)
                        .map_or("", |one| one.name.as_str());
                    match form.name() {
                        "" => quoted(name),
                        form => quoted(&format!("{name}.{form}")),
                    }
                })
                .collect();
            line(
                &mut out,
                format_args!("[[block]]\non = [{}]", parts.join(", ")),
            );
        }
        for rule in &self.apart {
            self.apart(&mut out, rule);
        }
        for one in &self.columns {
            self.column(&mut out, one);
        }
        out
    }

    fn apart(&self, out: &mut String, rule: &Apart) {
        let Apart {
            within_source,
            when,
        } = rule;
        out.push_str(match within_source {
            true => "\n# Two records of one source that fit this are never one person: the source knows them apart.\n",
            false => "\n# Two records that fit this are never one person.\n",
        });
        out.push_str("[[apart]]\n");
        if *within_source {
            out.push_str("within_source = true\n");
        }
        for (column, levels) in when {
            let name = self
                .columns
                .get(*column)
                .map_or("", |one| one.name.as_str());
            let levels: Vec<String> = levels.iter().map(|level| quoted(level.name())).collect();
            line(out, format_args!("{name} = [{}]", levels.join(", ")));
        }
    }

    fn column(&self, out: &mut String, one: &Column) {
        line(
            out,
            format_args!("\n[[column]]\nname = {}", quoted(&one.name)),
        );
        let headings: Vec<String> = one.headings.iter().map(|heading| quoted(heading)).collect();
        line(out, format_args!("headings = [{}]", headings.join(", ")));
        line(out, format_args!("kind = {}", kebab(&one.kind)));
        if let Some(partner) = one.partner.and_then(|place| self.columns.get(place)) {
            line(out, format_args!("partner = {}", quoted(&partner.name)));
        }
        if one.month_first {
            line(out, format_args!("month_first = true"));
        }
        if !one.compared {
            line(out, format_args!("compared = false"));
        }
        if !one.figures.is_empty() {
            line(out, format_args!("[column.levels]"));
        }
        for (level, figures) in one.kind.levels().iter().zip(&one.figures) {
            line(
                out,
                format_args!(
                    "{} = {{ m = {}, u = {} }}",
                    level.name(),
                    part(figures.m),
                    part(figures.u)
                ),
            );
        }
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = writeln!(out, "{text}");
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn kebab(value: &impl serde::Serialize) -> String {
    toml::Value::try_from(value).map_or_else(|_| String::new(), |value| value.to_string())
}

fn grouped(number: i32) -> String {
    if number.abs() < 1_000 {
        number.to_string()
    } else {
        format!("{}_{:03}", number / 1_000, number.abs() % 1_000)
    }
}

/// A part of one to six figures that count, as TOML writes it.
fn part(number: f64) -> String {
    let places = (1..15_u8).find(|places| number * 10_f64.powi(i32::from(*places)) >= 100_000.0);
    let text = format!("{number:.*}", usize::from(places.unwrap_or(15)));
    let short = text.trim_end_matches('0');
    if short.ends_with('.') {
        format!("{short}0")
    } else {
        short.to_owned()
    }
}

const _: () = assert!(BRIDGE <= JOIN);
