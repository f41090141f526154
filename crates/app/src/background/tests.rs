//! Periods in words, and what every job must say of itself.

use std::collections::BTreeSet;
use std::time::Duration;

use super::pages::every;

#[test]
fn periods_are_told_as_a_colleague_would() {
    let told = |seconds| every(Duration::from_secs(seconds));
    assert_eq!(told(60), "every minute");
    assert_eq!(told(600), "every 10 minutes");
    assert_eq!(told(3_600), "every hour");
    assert_eq!(told(86_400), "every day");
    assert_eq!(told(90), "every 90 seconds");
}

#[test]
fn every_job_has_a_name_of_its_own_and_says_what_it_does() {
    let mut names = BTreeSet::new();
    for job in crate::capabilities().iter().flat_map(|one| &one.jobs) {
        assert!(names.insert(job.kind), "{} is declared twice", job.kind);
        assert!(job.about.ends_with('.'), "{}", job.kind);
    }
}
