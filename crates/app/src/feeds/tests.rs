//! What may happen to a feed, and what it then stands as.

use clearpicture_kernel::Passage;
use clearpicture_store::Record as _;
use jiff::civil::date;

use super::rules::{Happening, Refusal, happen, possible};
use super::types::{Feed, FeedState};

fn why() -> Passage {
    Passage::parse("Nobody was trained to use it.").expect("a passage")
}

fn wanted() -> Feed {
    Feed::samples().remove(0)
}

#[test]
fn a_feed_goes_from_wanted_to_connected_by_what_happened() {
    let today = date(2026, 11, 22);
    let granted = happen(&wanted(), Happening::Granted, date(2026, 6, 1), today).expect("granted");
    assert_eq!(
        granted.facts.state(),
        FeedState::GrantedUnusable {
            since: date(2026, 6, 1),
            why: None
        }
    );
    let stuck = happen(
        &granted,
        Happening::FoundUnusable(why()),
        date(2026, 7, 1),
        today,
    )
    .expect("stuck");
    assert_eq!(stuck.facts.state().why(), Some(why().as_str()));
    let connected =
        happen(&stuck, Happening::Connected, date(2026, 8, 1), today).expect("connected");
    assert_eq!(
        connected.facts.state(),
        FeedState::Connected {
            since: date(2026, 8, 1)
        }
    );
    let stopped = happen(
        &connected,
        Happening::FoundUnusable(why()),
        date(2026, 9, 1),
        today,
    )
    .expect("stopped");
    assert_eq!(stopped.facts.state().code(), "granted-unusable");
}

#[test]
fn a_refusal_keeps_its_reason_and_can_be_asked_again() {
    let today = date(2026, 11, 22);
    let refused = happen(
        &wanted(),
        Happening::Refused(why()),
        date(2026, 6, 1),
        today,
    )
    .expect("refused");
    assert_eq!(
        refused.facts.state(),
        FeedState::Refused {
            since: date(2026, 6, 1),
            why: why()
        }
    );
    let again = happen(&refused, Happening::AskedAgain, date(2026, 7, 1), today).expect("again");
    assert_eq!(
        again.facts.state(),
        FeedState::Wanted {
            since: date(2026, 7, 1)
        }
    );
}

#[test]
fn what_cannot_have_happened_is_refused() {
    let today = date(2026, 11, 22);
    let feed = wanted();
    for (happening, on, refusal) in [
        (Happening::Granted, date(2026, 11, 23), Refusal::Ahead),
        (
            Happening::Granted,
            date(2026, 5, 2),
            Refusal::BeforeWhatLedToIt,
        ),
        (Happening::Connected, today, Refusal::DoesNotFollow),
        (Happening::AskedAgain, today, Refusal::DoesNotFollow),
    ] {
        assert_eq!(happen(&feed, happening, on, today), Err(refusal));
    }
}

#[test]
fn something_can_always_happen_next() {
    for feed in Feed::samples() {
        assert!(!possible(&feed.facts.state()).is_empty());
    }
}

#[test]
fn a_file_that_came_connects_a_feed_whatever_was_recorded_before() {
    let source = clearpicture_kernel::Code::parse("police-missing").expect("a code");
    let on = date(2026, 11, 22);
    for feed in Feed::samples() {
        let before = feed.facts.state();
        let heard = super::rules::file_came(&feed, &source, on);
        let state = heard.facts.state();
        assert_eq!(state.code(), "connected", "{before:?}");
        let since = match before {
            FeedState::Connected { since } => since,
            _ => on,
        };
        assert_eq!(state.since(), since);
        assert_eq!(heard.facts.last_file, Some(on));
        assert!(heard.sources.contains(&source));
        assert_eq!(
            super::rules::file_came(&heard, &source, on),
            heard,
            "told once"
        );
        let earlier = super::rules::file_came(&heard, &source, date(2026, 11, 1));
        assert_eq!(earlier, heard, "the last is the last");
    }
}

#[test]
fn a_file_that_was_taken_back_takes_back_what_its_coming_alone_had_said() {
    use super::rules::{file_came, file_went};
    let source = clearpicture_kernel::Code::parse("police-missing").expect("a code");
    let on = date(2026, 11, 22);
    let only = file_came(&wanted(), &source, on);
    let went = file_went(&only, on, None);
    assert_eq!(went.facts, wanted().facts);
    // What came before it stays, and so does what somebody recorded on another day.
    let earlier = date(2026, 11, 1);
    let second = file_came(&file_came(&wanted(), &source, earlier), &source, on);
    let went = file_went(&second, on, Some(earlier));
    assert_eq!(went.facts.state().code(), "connected");
    assert_eq!(went.facts.last_file, Some(earlier));
    let went = file_went(&second, on, None);
    assert_eq!(went.facts.state(), FeedState::Connected { since: earlier });
    assert_eq!(went.facts.last_file, None);
}
