//! Asking the policies.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::{Arc, PoisonError, RwLock};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, Request,
    RestrictedExpression as Value,
};
use clearpicture_kernel::Digest;

use crate::action::{Action, ActionSpec};
use crate::caller::{Caller, Purpose};
use crate::permit::{Grounds, Permit, Scope};
use crate::policies::{self, Asked, Policies, PolicyFault, PolicyText, record_of};
use crate::resource::{AccessClass, ClassId, Grants, Resource, text};

/// Answers remembered before the memory is emptied and filled anew.
const REMEMBERED: usize = 20_000;

/// The policies in force, and the answers they have given.
pub struct Access {
    authorizer: Authorizer,
    policies: Policies,
    answers: RwLock<Answers>,
}

#[expect(
    clippy::disallowed_types,
    reason = "never iterated: answers are only looked up by their whole question"
)]
type Answers = std::collections::HashMap<Question, Arc<Answer>>;

/// All that an answer depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Question {
    action: &'static str,
    caller: CallerFacets,
    purpose: Purpose,
    class: AccessClass,
    grants: Grants,
}

/// All that policies may know of a caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct CallerFacets {
    agency: String,
    teams: Vec<String>,
    roles: Vec<String>,
    ready: bool,
    system: &'static str,
}

#[derive(Debug)]
struct Answer {
    allowed: bool,
    deciding: Arc<[String]>,
    shown: Vec<String>,
}

/// The policies said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{action}` is not allowed")]
pub struct Refused {
    /// What was asked.
    pub action: &'static str,
    /// Reasons that policy lists as safe to name, in words for the person refused.
    pub shown: Vec<String>,
}

impl Access {
    /// Reads the policies, and refuses any that do not fit the declared actions.
    ///
    /// # Errors
    /// [`PolicyFault`] with every mistake, each with file and line.
    pub fn new(
        actions: impl IntoIterator<Item = ActionSpec>,
        texts: &[PolicyText],
    ) -> Result<Self, PolicyFault> {
        let actions: BTreeSet<ActionSpec> = actions.into_iter().collect();
        Ok(Self {
            authorizer: Authorizer::new(),
            policies: policies::read(&actions, texts)?,
            answers: RwLock::default(),
        })
    }

    /// The digest of every policy in force, which history entries carry.
    pub fn policy_set(&self) -> Digest {
        self.policies.digest
    }

    /// Proof that `caller` may do `A` to `resource` for `purpose`.
    ///
    /// # Errors
    /// [`Refused`] when no policy permits it, one forbids it, or one could not be evaluated.
    pub fn permit<A: Action>(
        &self,
        caller: &Caller,
        resource: Resource,
        purpose: &Purpose,
    ) -> Result<Permit<A>, Refused> {
        let question = Question::new(A::SPEC, caller, purpose, &resource.class, resource.grants);
        let answer = self.answer(&question, A::SPEC);
        if !answer.allowed {
            return Err(Refused {
                action: A::SPEC.name,
                shown: answer.shown.clone(),
            });
        }
        Ok(Permit::new(Grounds {
            action: A::SPEC,
            caller: caller.clone(),
            resource,
            purpose: purpose.clone(),
            policy_set: self.policies.digest,
            deciding: Arc::clone(&answer.deciding),
        }))
    }

    /// Which of `classes` the caller may do `A` to, by what grant that needs.
    pub fn scope<'a, A: Action>(
        &self,
        caller: &Caller,
        purpose: &Purpose,
        classes: impl IntoIterator<Item = &'a AccessClass>,
    ) -> Scope<A> {
        let mut scope = Scope {
            caller: caller.clone(),
            purpose: purpose.clone(),
            asked: 0,
            plain: BTreeSet::new(),
            involved: BTreeSet::new(),
            break_glass: BTreeSet::new(),
            action: PhantomData,
        };
        for class in classes {
            scope.asked += 1;
            let allows = |involved, break_glass| {
                let grants = Grants {
                    involved,
                    break_glass,
                    barred: false,
                };
                let question = Question::new(A::SPEC, caller, purpose, class, grants);
                self.answer(&question, A::SPEC).allowed
            };
            let id: ClassId = class.id();
            if allows(false, false) {
                scope.plain.insert(id);
            } else {
                if allows(true, false) {
                    scope.involved.insert(id);
                }
                if allows(false, true) {
                    scope.break_glass.insert(id);
                }
            }
        }
        scope
    }

    /// Whether the action would be allowed: for menus and tables of access, which prove nothing.
    pub fn would_allow(
        &self,
        action: ActionSpec,
        caller: &Caller,
        purpose: &Purpose,
        class: &AccessClass,
        grants: Grants,
    ) -> bool {
        self.answer(
            &Question::new(action, caller, purpose, class, grants),
            action,
        )
        .allowed
    }

    /// Whether the action would be allowed, asked of the policies and not of memory.
    ///
    /// For measuring what one decision costs.
    pub fn would_allow_afresh(
        &self,
        action: ActionSpec,
        caller: &Caller,
        purpose: &Purpose,
        class: &AccessClass,
        grants: Grants,
    ) -> bool {
        self.ask(
            &Question::new(action, caller, purpose, class, grants),
            action,
        )
        .is_ok_and(|answer| answer.allowed)
    }

    fn answer(&self, question: &Question, action: ActionSpec) -> Arc<Answer> {
        let known = self
            .answers
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(question)
            .cloned();
        if let Some(answer) = known {
            return answer;
        }
        let answer = Arc::new(self.ask(question, action).unwrap_or_else(|problem| {
            tracing::error!(
                action.name = action.name,
                problem,
                "a policy could not be evaluated, so the action was refused"
            );
            Answer::refusal()
        }));
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= REMEMBERED {
            answers.clear();
        }
        answers.insert(question.clone(), Arc::clone(&answer));
        answer
    }

    /// Asks Cedar. An error while evaluating any policy is an error here, never a quiet skip.
    fn ask(&self, question: &Question, action: ActionSpec) -> Result<Answer, String> {
        let Some(asked) = self.policies.asked(action.name) else {
            return Ok(Answer::refusal());
        };
        let caller = self.policies.caller.clone();
        let (request, entities) = question
            .to_cedar(action, caller, asked)
            .map_err(|e| e.to_string())?;
        let response = self
            .authorizer
            .is_authorized(&request, &asked.set, &entities);
        let errors: Vec<String> = response
            .diagnostics()
            .errors()
            .map(ToString::to_string)
            .collect();
        if !errors.is_empty() {
            return Err(errors.join("; "));
        }
        let mut deciding: Vec<String> = Vec::new();
        let mut shown = Vec::new();
        for id in response.diagnostics().reason() {
            deciding.push(id.to_string());
            if let Some(words) = asked.set.annotation(id, "shown") {
                shown.push(words.to_owned());
            }
        }
        deciding.sort();
        shown.sort();
        Ok(Answer {
            allowed: response.decision() == Decision::Allow,
            deciding: deciding.into(),
            shown,
        })
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access")
            .field("policy_set", &self.policies.digest)
            .finish_non_exhaustive()
    }
}

impl Answer {
    fn refusal() -> Self {
        Self {
            allowed: false,
            deciding: Arc::from([]),
            shown: Vec::new(),
        }
    }
}

impl Question {
    fn new(
        action: ActionSpec,
        caller: &Caller,
        purpose: &Purpose,
        class: &AccessClass,
        grants: Grants,
    ) -> Self {
        Self {
            action: action.name,
            caller: CallerFacets {
                agency: text(caller.agency),
                teams: caller.teams.iter().map(ToString::to_string).collect(),
                roles: caller.roles.iter().map(ToString::to_string).collect(),
                ready: caller.ready,
                system: caller.system_name(),
            },
            purpose: purpose.clone(),
            class: class.clone(),
            grants,
        }
    }

    fn to_cedar(
        &self,
        action: ActionSpec,
        caller: EntityUid,
        asked: &Asked,
    ) -> Result<(Request, Entities), Box<dyn std::error::Error>> {
        let record = if self.class.kind == action.kind.name {
            asked.record.clone()
        } else {
            record_of(self.class.kind)?
        };
        let facets = &self.caller;
        let caller_entity = Entity::new(
            caller.clone(),
            [
                ("agency".to_owned(), string(&facets.agency)),
                (
                    "teams".to_owned(),
                    Value::new_set(facets.teams.iter().map(|t| string(t))),
                ),
                (
                    "roles".to_owned(),
                    Value::new_set(facets.roles.iter().map(|r| string(r))),
                ),
                ("ready".to_owned(), Value::new_bool(facets.ready)),
                ("system".to_owned(), string(facets.system)),
            ]
            .into_iter()
            .collect(),
            [].into_iter().collect(),
        )?;
        let record_entity = Entity::new(
            record.clone(),
            [
                ("owner".to_owned(), string(&text(self.class.owner))),
                ("team".to_owned(), string(&text(self.class.team))),
                (
                    "sensitivity".to_owned(),
                    Value::new_long(self.class.sensitivity.level()),
                ),
                (
                    "protected".to_owned(),
                    Value::new_bool(self.class.protected),
                ),
            ]
            .into_iter()
            .collect(),
            [].into_iter().collect(),
        )?;
        let context = Context::from_pairs([
            ("purpose".to_owned(), string(self.purpose.code.as_str())),
            ("marked".to_owned(), Value::new_bool(self.purpose.marked)),
            ("effect".to_owned(), string(action.effect.word())),
            ("personal".to_owned(), Value::new_bool(action.kind.personal)),
            ("involved".to_owned(), Value::new_bool(self.grants.involved)),
            (
                "break_glass".to_owned(),
                Value::new_bool(self.grants.break_glass),
            ),
            ("barred".to_owned(), Value::new_bool(self.grants.barred)),
        ])?;
        Ok((
            Request::new(caller, asked.action.clone(), record, context, None)?,
            Entities::from_entities([caller_entity, record_entity], None)?,
        ))
    }
}

fn string(text: &str) -> Value {
    Value::new_string(text.to_owned())
}
