//! Signing in: passwords, one-time codes and sessions (capability 32).

use crate::capability::Capability;
use crate::shell::session;

/// The capability.
pub fn capability() -> Capability {
    Capability {
        needs: &["workers"],
        migrations: session::migrations(),
        ..Capability::new("sign_in", "Signing in", include_str!("policy.cedar"))
    }
}
