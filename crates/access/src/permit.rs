//! The proof that policies said yes. Only this crate can make one.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::Arc;

use clearpicture_kernel::Digest;

use crate::action::{Action, ActionSpec};
use crate::caller::{Caller, Purpose};
use crate::resource::{ClassId, Resource};

/// Proof that the caller may do `A` to one version of one record.
///
/// ```compile_fail
/// use clearpicture_access::{Changes, Permit};
/// // A permit to see cannot be passed where one to change is needed.
/// fn write<A: Changes>(_: &Permit<A>) {}
/// fn read<A: clearpicture_access::Sees>(permit: &Permit<A>) {
///     write(permit);
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Permit<A: Action> {
    grounds: Grounds,
    action: PhantomData<A>,
}

impl<A: Action> Permit<A> {
    pub(crate) fn new(grounds: Grounds) -> Self {
        Self {
            grounds,
            action: PhantomData,
        }
    }

    /// What was decided, about what, and on what grounds.
    pub fn grounds(&self) -> &Grounds {
        &self.grounds
    }

    /// The record as it was when the decision was made.
    pub fn resource(&self) -> &Resource {
        &self.grounds.resource
    }

    /// Who was permitted.
    pub fn caller(&self) -> &Caller {
        &self.grounds.caller
    }
}

/// What was decided, about what, and on what grounds: a history entry is made from it.
#[derive(Debug, Clone)]
pub struct Grounds {
    pub(crate) action: ActionSpec,
    pub(crate) caller: Caller,
    pub(crate) resource: Resource,
    pub(crate) purpose: Purpose,
    pub(crate) policy_set: Digest,
    pub(crate) deciding: Arc<[String]>,
}

impl Grounds {
    /// The action.
    pub fn action(&self) -> ActionSpec {
        self.action
    }

    /// Who was permitted.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The record as it was when the decision was made.
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// The purpose given.
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// The digest of every policy in force.
    pub fn policy_set(&self) -> Digest {
        self.policy_set
    }

    /// The names of the policies that said yes.
    pub fn deciding(&self) -> &[String] {
        &self.deciding
    }
}

/// The access classes whose records a caller may do `A` to, by what grant that needs.
///
/// `store` turns it into a condition, so that a list, its count, a search and an
/// export agree with policy by construction.
#[derive(Debug, Clone)]
pub struct Scope<A: Action> {
    pub(crate) caller: Caller,
    pub(crate) purpose: Purpose,
    pub(crate) asked: usize,
    pub(crate) plain: BTreeSet<ClassId>,
    pub(crate) involved: BTreeSet<ClassId>,
    pub(crate) break_glass: BTreeSet<ClassId>,
    pub(crate) action: PhantomData<A>,
}

impl<A: Action> Scope<A> {
    /// Whose scope it is.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The purpose given.
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// How many classes it was made of; when as many need no grant, all of them do not.
    pub fn asked(&self) -> usize {
        self.asked
    }

    /// Classes whose records need no grant.
    pub fn plain(&self) -> &BTreeSet<ClassId> {
        &self.plain
    }

    /// Classes whose records may be seen by someone involved.
    pub fn involved(&self) -> &BTreeSet<ClassId> {
        &self.involved
    }

    /// Classes whose records may be seen by someone who broke the glass.
    pub fn break_glass(&self) -> &BTreeSet<ClassId> {
        &self.break_glass
    }
}
