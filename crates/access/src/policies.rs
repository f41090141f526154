//! Policy texts read, named and strictly validated, with the file and line of every mistake.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::str::FromStr as _;

use cedar_policy::{
    ActionConstraint, EntityId, EntityTypeName, EntityUid, Policy, PolicyId, PolicySet, Schema,
    ValidationMode, Validator,
};
use clearpicture_kernel::Digest;
use miette::Diagnostic;

use crate::action::ActionSpec;
use crate::schema::{entity_type, schema_text};

/// One file of policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyText {
    /// The file's name, for messages and the digest.
    pub file: String,
    /// Its text.
    pub text: String,
}

impl PolicyText {
    /// The policies of `file`.
    pub fn new(file: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            text: text.into(),
        }
    }
}

/// Why policies cannot be used: every mistake, each with file and line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the access policies cannot be used:\n{}", .0.join("\n"))]
pub struct PolicyFault(Vec<String>);

/// Policies ready to be asked.
pub(crate) struct Policies {
    /// The one principal of every question: policies cannot name a person, only what the caller is.
    pub(crate) caller: EntityUid,
    asked: BTreeMap<&'static str, Asked>,
    pub(crate) digest: Digest,
}

/// What every question about one action has in common.
pub(crate) struct Asked {
    /// The action.
    pub(crate) action: EntityUid,
    /// A record of the kind it is done to.
    pub(crate) record: EntityUid,
    /// The policies that speak of it; no other can decide, or fail, when it is asked.
    pub(crate) set: PolicySet,
}

impl Policies {
    /// What every question about a declared action has in common.
    pub(crate) fn asked(&self, action: &str) -> Option<&Asked> {
        self.asked.get(action)
    }
}

impl Asked {
    fn about(action: ActionSpec, all: &PolicySet) -> Result<Self, Box<dyn std::error::Error>> {
        let name = EntityUid::from_type_name_and_id(
            EntityTypeName::from_str("Action")?,
            EntityId::new(action.name),
        );
        let speaks_of_it = |policy: &&Policy| match policy.action_constraint() {
            ActionConstraint::Any => true,
            ActionConstraint::In(names) => names.contains(&name),
            ActionConstraint::Eq(one) => one == name,
        };
        let set = PolicySet::from_policies(all.policies().filter(speaks_of_it).cloned())?;
        Ok(Self {
            record: record_of(action.kind.name)?,
            action: name,
            set,
        })
    }
}

/// The one record of a kind in every question.
pub(crate) fn record_of(kind: &str) -> Result<EntityUid, Box<dyn std::error::Error>> {
    let kind = EntityTypeName::from_str(&entity_type(kind))?;
    Ok(EntityUid::from_type_name_and_id(
        kind,
        EntityId::new("record"),
    ))
}

/// What this crate itself forbids, whatever the other texts say.
fn base() -> PolicyText {
    PolicyText::new("access/base.cedar", include_str!("base.cedar"))
}

/// Reads and validates `texts` against the declared `actions`.
pub(crate) fn read(
    actions: &BTreeSet<ActionSpec>,
    texts: &[PolicyText],
) -> Result<Policies, PolicyFault> {
    let schema_text = schema_text(actions);
    let (schema, _warnings) = Schema::from_cedarschema_str(&schema_text)
        .map_err(|error| PolicyFault(vec![format!("schema: {error}")]))?;
    let mut all = vec![base()];
    all.extend_from_slice(texts);

    let mut mistakes = Vec::new();
    let mut set = PolicySet::new();
    for text in &all {
        match add(&mut set, text) {
            Ok(()) => {}
            Err(found) => mistakes.extend(found),
        }
    }
    let result = Validator::new(schema).validate(&set, ValidationMode::Strict);
    for error in result.validation_errors() {
        mistakes.push(place_named(&all, error.policy_id().as_ref(), error));
    }
    if mistakes.is_empty() {
        let mut parts = vec![schema_text.as_bytes()];
        for text in &all {
            parts.push(text.file.as_bytes());
            parts.push(text.text.as_bytes());
        }
        let digest = Digest::of_parts(&parts);
        prepared(actions, &set, digest)
            .map_err(|error| PolicyFault(vec![format!("policies: {error}")]))
    } else {
        Err(PolicyFault(mistakes))
    }
}

fn prepared(
    actions: &BTreeSet<ActionSpec>,
    set: &PolicySet,
    digest: Digest,
) -> Result<Policies, Box<dyn std::error::Error>> {
    let mut asked = BTreeMap::new();
    for action in actions {
        asked.insert(action.name, Asked::about(*action, set)?);
    }
    Ok(Policies {
        caller: EntityUid::from_str("Caller::\"caller\"")?,
        asked,
        digest,
    })
}

/// Adds every policy of `text` under the name `file:@id`.
fn add(set: &mut PolicySet, text: &PolicyText) -> Result<(), Vec<String>> {
    let parsed: PolicySet = text
        .text
        .parse()
        .map_err(|error: cedar_policy::ParseErrors| {
            error.iter().map(|one| place(text, one)).collect::<Vec<_>>()
        })?;
    let mut mistakes = Vec::new();
    if parsed.templates().next().is_some() {
        mistakes.push(format!("{}: policy templates are not used here", text.file));
    }
    for policy in parsed.policies() {
        let Some(name) = policy.annotation("id") else {
            mistakes.push(format!(
                "{}: every policy needs a name: write `@id(\"…\")` above `{}`",
                text.file,
                policy.to_string().lines().next().unwrap_or_default()
            ));
            continue;
        };
        let id = PolicyId::new(format!("{}:{name}", text.file));
        if set.add(policy.new_id(id.clone())).is_err() {
            mistakes.push(format!("{}: two policies are named `{name}`", text.file));
        }
    }
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(mistakes)
    }
}

/// The message of `error` in the file that policy `id` came from.
fn place_named(texts: &[PolicyText], id: &str, error: &dyn Diagnostic) -> String {
    texts
        .iter()
        .find(|text| {
            id.strip_prefix(&text.file)
                .is_some_and(|rest| rest.starts_with(':'))
        })
        .map_or_else(|| error.to_string(), |text| place(text, error))
}

/// The message of `error` with file and line.
fn place(text: &PolicyText, error: &dyn Diagnostic) -> String {
    let offset = error
        .labels()
        .and_then(|mut labels| labels.next())
        .map(|label| label.offset());
    let mut message = text.file.clone();
    if let Some(offset) = offset {
        let line = text
            .text
            .bytes()
            .take(offset)
            .filter(|b| *b == b'\n')
            .count()
            + 1;
        let _ = write!(message, ":{line}");
    }
    let _ = write!(message, ": {error}");
    if let Some(help) = error.help() {
        let _ = write!(message, " ({help})");
    }
    message
}
