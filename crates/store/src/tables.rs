//! The store's own tables.

use crate::schema::{Migration, Step, Table, TableClass, bytes, flag, integer, text};

pub(crate) const ENTRY: &str = "history_entry";
pub(crate) const SEAL: &str = "history_seal";
pub(crate) const KEY: &str = "data_key";
pub(crate) const CLASS: &str = "access_class";
pub(crate) const GRANT: &str = "access_grant";
pub(crate) const LOOK: &str = "read_log";
pub(crate) const LOOK_SEAL: &str = "read_log_seal";
pub(crate) const JOB: &str = "job";

/// The steps that make the store's own tables.
pub(crate) fn migrations() -> Vec<Migration> {
    let bringing = Migration {
        release: "0.1",
        capability: "store",
        number: 2,
        steps: vec![Step::AddColumn {
            table: ENTRY,
            column: bytes("batch"),
        }],
    };
    let first = Migration {
        release: "0.1",
        capability: "store",
        number: 1,
        steps: vec![
            Step::Create(entries()),
            Step::Create(seals(SEAL)),
            Step::Create(keys()),
            Step::Create(classes()),
            Step::Create(grants()),
            Step::Create(looks()),
            Step::Create(seals(LOOK_SEAL)),
            Step::Create(jobs()),
        ],
    };
    vec![first, bringing]
}

fn entries() -> Table {
    let columns = [
        integer("seq"),
        integer("recorded_at"),
        text("record_id"),
        text("kind"),
        integer("record_version"),
        text("actor"),
        text("actor_agency"),
        text("action"),
        text("purpose"),
        text("policy_set"),
        text("deciding"),
        integer("body_version"),
        text("key_id"),
        bytes("body"),
        bytes("previous_hash"),
        bytes("hash"),
    ];
    Table::new(ENTRY, TableClass::Version, &columns).unique(&["record_id", "record_version"])
}

/// The seals of one chain.
fn seals(name: &'static str) -> Table {
    let columns = [
        integer("number"),
        integer("first_seq"),
        integer("last_seq"),
        bytes("root"),
        bytes("previous_hash"),
        bytes("hash"),
        integer("sealed_at"),
    ];
    Table::new(name, TableClass::Version, &columns)
}

fn keys() -> Table {
    let columns = [text("id"), text("scope"), bytes("wrapped")];
    Table::new(KEY, TableClass::Version, &columns).unique(&["scope"])
}

fn classes() -> Table {
    let columns = [
        integer("id"),
        text("kind"),
        text("owner"),
        text("team"),
        integer("sensitivity"),
        flag("protected"),
    ];
    Table::new(CLASS, TableClass::Version, &columns).index(&["kind"])
}

fn grants() -> Table {
    let columns = [
        text("holder"),
        text("on_record"),
        text("relation"),
        integer("starts_at"),
        integer("ends_at").optional(),
    ];
    Table::record(GRANT, &columns)
        .index(&["on_record", "holder"])
        .index(&["holder"])
}

fn looks() -> Table {
    let columns = [
        integer("seq"),
        integer("looked_at"),
        integer("quarter"),
        text("looker"),
        text("agency"),
        text("roles"),
        text("record_id"),
        text("kind"),
        text("purpose"),
        flag("marked"),
        text("through"),
        bytes("previous_hash"),
        bytes("hash"),
    ];
    Table::new(LOOK, TableClass::Log, &columns)
        .unique(&["record_id", "looker", "purpose", "quarter"])
        .index(&["looker"])
}

fn jobs() -> Table {
    let columns = [
        text("id"),
        text("kind"),
        text("idempotency_key"),
        text("payload"),
        text("state"),
        text("progress"),
        text("problem"),
        integer("attempts"),
        integer("created_at"),
        integer("run_after"),
        text("leased_by"),
        integer("leased_until"),
        integer("finished_at").optional(),
    ];
    Table::new(JOB, TableClass::Ephemeral, &columns)
        .unique(&["idempotency_key"])
        .index(&["state", "run_after"])
}
