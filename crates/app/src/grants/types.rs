//! What can be done with grants.
//!
//! Policies tell the three relations apart by sensitivity: an involvement is
//! ordinary (0), breaking the glass restricted (1), a bar sensitive (2).

use clearpicture_access::actions;
use clearpicture_store::Grant;

actions! { pub on Grant:
    see SeeGrant = "grants.see", "see who is involved, who broke the glass and who is barred";
    see SeeOwnGrant = "grants.see-own", "see one's own involvements and the times one broke the glass";
    see SeeInvolvement = "grants.see-involvement", "see who says that they work with a child whose picture is open to one";
    add Involve = "grants.involve", "note that someone is involved with a record";
    add WorkWith = "grants.work-with", "say that one works with a child oneself";
    change Leave = "grants.leave", "say that one no longer works with a child";
    add AddBar = "grants.bar", "bar someone from a record";
    add BreakGlass = "grants.break-glass", "open a record for three hours, with a reason";
    change LiftGrant = "grants.lift", "end an involvement, an opening or a bar";
}
