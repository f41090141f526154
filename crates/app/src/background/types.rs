//! What can be done with the server's jobs.

use clearpicture_access::{Kind, actions};

/// A job in the server's table, as policies know it. It has no history and holds no personal data.
#[derive(Debug, Clone, Copy)]
pub struct ServerJob;

impl Kind for ServerJob {
    const NAME: &'static str = "job";
    const PERSONAL: bool = false;
}

actions! { pub on ServerJob:
    see SeeJobs = "jobs.see", "see what the server does by itself, and what went wrong";
}
