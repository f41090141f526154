//! What a caller may do, in words, as far as policy tells without a record at hand.

use clearpicture_access::{Access, AccessClass, ActionSpec, Caller, Grants, Purpose};
use clearpicture_kernel::AgencyId;

/// What policy says of an action on records of `owner`, in words.
pub(super) fn allowed(
    access: &Access,
    action: ActionSpec,
    caller: &Caller,
    purpose: &Purpose,
    owner: Option<AgencyId>,
) -> &'static str {
    let class = AccessClass::ordinary(action.kind.name, owner);
    let allows = |involved, break_glass| {
        let grants = Grants {
            involved,
            break_glass,
            barred: false,
        };
        access.would_allow(action, caller, purpose, &class, grants)
    };
    if allows(false, false) {
        "Yes"
    } else if allows(true, false) {
        "Where it is yours"
    } else if allows(false, true) {
        "By breaking the glass"
    } else {
        "No"
    }
}
