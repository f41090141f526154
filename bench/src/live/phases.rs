//! How long the steps of a run of linkage take, by the spans in which it does them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::span::{Attributes, Id};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::statistics::Timings;

/// Where the spans stand.
const TARGET: &str = "clearpicture_app::linking::held";
/// The spans, and what is done in each.
const STEPS: [(&str, &str); 4] = [
    ("common", "reading how common values are"),
    ("find", "finding whom it may be"),
    ("read", "reading what is told of those"),
    ("compare", "comparing, and making children of them"),
];
const BEFORE: &str = "before that: whom the load told of, and the count";
const AFTER: &str = "after that: writing what changed";

/// The spans of one run after the other.
#[derive(Clone, Default)]
pub(super) struct Phases(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    /// Of the run under way: when each span began and how long it took.
    spans: Vec<(&'static str, Instant, Duration)>,
    /// For each step its time in every run.
    runs: BTreeMap<&'static str, Vec<Duration>>,
}

impl Phases {
    /// Listens to the spans from now on.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let phases = Self::default();
        let all = tracing_subscriber::registry().with(phases.clone());
        tracing::subscriber::set_global_default(all)?;
        Ok(phases)
    }

    /// Notes that a run that began then is over.
    pub(super) fn next(&self, began: Instant) {
        let ended = Instant::now();
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let spans = std::mem::take(&mut heard.spans);
        let spans = spans.into_iter().filter(|(_, at, _)| *at >= began);
        let spans: Vec<_> = spans.collect();
        for (name, _) in STEPS {
            let of = spans.iter().filter(|(span, ..)| *span == name);
            let whole = of.map(|(_, _, took)| *took).sum();
            heard.runs.entry(name).or_default().push(whole);
        }
        let first = spans.iter().map(|(_, at, _)| *at).min().unwrap_or(ended);
        let last = spans.iter().map(|(_, at, took)| *at + *took).max();
        let after = ended - last.unwrap_or(ended);
        heard.runs.entry(BEFORE).or_default().push(first - began);
        heard.runs.entry(AFTER).or_default().push(after);
    }

    /// Each step in words, with its time in every run.
    pub(super) fn each(&self) -> Vec<(&'static str, Timings)> {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let steps = STEPS.into_iter().chain([(AFTER, AFTER)]);
        let steps = [(BEFORE, BEFORE)].into_iter().chain(steps);
        let timed = |(name, words)| {
            let times = heard.runs.get(name).cloned().unwrap_or_default();
            (words, Timings::new(times))
        };
        steps.map(timed).collect()
    }
}

/// When a span began.
struct Began(Instant);

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Phases {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.is_span() && metadata.target() == TARGET
    }

    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, all: Context<'_, S>) {
        if let Some(span) = all.span(id) {
            span.extensions_mut().insert(Began(Instant::now()));
        }
    }

    fn on_close(&self, id: Id, all: Context<'_, S>) {
        let Some(span) = all.span(&id) else {
            return;
        };
        let began = span.extensions().get::<Began>().map(|began| began.0);
        if let Some(began) = began {
            let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            heard.spans.push((span.name(), began, began.elapsed()));
        }
    }
}
