//! Work that outlives the server that took it on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clearpicture_kernel::Timestamp;
use clearpicture_store::{Job, JobRunner, JobState, NewJob};
use futures_util::future::join_all;
use tokio::sync::{mpsc, watch};

use crate::place::{Place, on_both};
use crate::world::World;

on_both!(
    a_job_asked_for_twice_is_one_job,
    a_job_is_leased_once_however_many_servers_ask,
    the_job_of_a_killed_server_is_done_by_another,
    a_failing_job_waits_longer_each_time_and_then_for_a_person,
    a_periodic_job_is_one_per_period,
    a_runner_does_what_comes_and_finishes_before_it_stops,
    a_handler_that_fails_or_panics_fails_its_job_only,
);

async fn lease(world: &World, server: &str) -> Option<Job> {
    let leased = world.store.lease_job(&["count", "mail"], server).await;
    leased.expect("asked")
}

async fn state(world: &World) -> Vec<(JobState, i64, String)> {
    let jobs = world.store.jobs(None, 10).await.expect("read");
    jobs.into_iter()
        .map(|job| (job.state, job.attempts, job.problem))
        .collect()
}

async fn a_job_asked_for_twice_is_one_job(place: &Place) {
    let world = World::at(place).await;
    let job = NewJob {
        payload: serde_json::json!({ "batch": 7 }),
        ..NewJob::new("count", "batch-7")
    };
    let id = world.store.enqueue(&job).await.expect("taken");
    assert_eq!(world.store.enqueue(&job).await.expect("there"), id);
    assert!(
        world
            .store
            .lease_job(&["other"], "one")
            .await
            .expect("asked")
            .is_none()
    );
    let leased = lease(&world, "one").await.expect("due");
    assert_eq!((leased.id, leased.attempt), (id, 1));
    assert_eq!(leased.payload, job.payload);
    assert!(
        world
            .store
            .note_progress(&leased, "3 of 9")
            .await
            .expect("noted")
    );
    let shown = world
        .store
        .jobs(Some(JobState::Running), 10)
        .await
        .expect("read");
    assert_eq!(
        (shown[0].progress.as_str(), shown[0].kind.as_str()),
        ("3 of 9", "count")
    );
    assert!(world.store.finish_job(&leased).await.expect("finished"));
    // Done is done: asked for again it is not done again.
    assert_eq!(world.store.enqueue(&job).await.expect("there"), id);
    assert!(lease(&world, "one").await.is_none());
    assert_eq!(
        world
            .store
            .forget_jobs(Timestamp::MAX)
            .await
            .expect("forgotten"),
        1
    );
    assert!(state(&world).await.is_empty());
    world.close().await;
}

async fn a_job_is_leased_once_however_many_servers_ask(place: &Place) {
    let worlds = [World::at(place).await, World::at(place).await];
    for number in 0..10 {
        let job = NewJob::new("count", format!("job-{number}"));
        worlds[0].store.enqueue(&job).await.expect("taken");
    }
    let asks = (0..20).map(|number| {
        let world = &worlds[number % 2];
        async move { lease(world, &format!("server-{number}")).await }
    });
    let mut leased: Vec<_> = join_all(asks)
        .await
        .into_iter()
        .flatten()
        .map(|job| job.id)
        .collect();
    // A server that meets a locked row passes over it, so some may have come away with nothing: these ask again.
    while let Some(job) = lease(&worlds[0], "late").await {
        leased.push(job.id);
    }
    leased.sort();
    leased.dedup();
    assert_eq!(leased.len(), 10);
    assert!(
        state(&worlds[0])
            .await
            .iter()
            .all(|(_, attempts, _)| *attempts == 1)
    );
    for world in worlds {
        world.close().await;
    }
}

async fn the_job_of_a_killed_server_is_done_by_another(place: &Place) {
    let world = World::at(place).await;
    world
        .store
        .enqueue(&NewJob::new("count", "x"))
        .await
        .expect("taken");
    let killed = lease(&world, "killed").await.expect("due");
    world.pass(59);
    assert_eq!(world.store.recover_jobs().await.expect("none"), 0);
    assert!(world.store.renew_job(&killed).await.expect("renewed"));
    world.pass(59);
    assert_eq!(world.store.recover_jobs().await.expect("none"), 0);
    world.pass(1);
    assert_eq!(world.store.recover_jobs().await.expect("one"), 1);
    let problem = "the server stopped during the work".to_owned();
    assert_eq!(state(&world).await, [(JobState::Waiting, 1, problem)]);
    let other = lease(&world, "other").await.expect("due again");
    assert_eq!(other.attempt, 2);
    // Should the first not have been killed after all, it can say nothing any more.
    assert!(!world.store.renew_job(&killed).await.expect("lost"));
    assert!(!world.store.note_progress(&killed, "x").await.expect("lost"));
    assert!(!world.store.finish_job(&killed).await.expect("lost"));
    assert!(!world.store.fail_job(&killed, "x").await.expect("lost"));
    assert!(world.store.finish_job(&other).await.expect("finished"));
    assert_eq!(state(&world).await, [(JobState::Done, 2, String::new())]);
    world.close().await;
}

async fn a_failing_job_waits_longer_each_time_and_then_for_a_person(place: &Place) {
    let world = World::at(place).await;
    world
        .store
        .enqueue(&NewJob::new("count", "x"))
        .await
        .expect("taken");
    for wait in [15, 30, 60, 120, 240, 480, 960] {
        let job = lease(&world, "one").await.expect("due");
        assert!(
            world
                .store
                .fail_job(&job, "no answer")
                .await
                .expect("failed")
        );
        world.pass(wait - 1);
        assert!(lease(&world, "one").await.is_none());
        world.pass(1);
    }
    let job = lease(&world, "one").await.expect("due");
    assert!(
        world
            .store
            .fail_job(&job, "no answer")
            .await
            .expect("failed")
    );
    world.pass(1_000_000);
    assert!(lease(&world, "one").await.is_none());
    let failed = || (JobState::Failed, 8, "no answer".to_owned());
    assert_eq!(state(&world).await, [failed()]);
    // It is not forgotten before someone has looked.
    assert_eq!(
        world.store.forget_jobs(Timestamp::MAX).await.expect("none"),
        0
    );
    assert_eq!(state(&world).await, [failed()]);
    world.close().await;
}

async fn a_periodic_job_is_one_per_period(place: &Place) {
    let (one, two) = (World::at(place).await, World::at(place).await);
    let minute = Duration::from_secs(60);
    for world in [&one, &two] {
        world
            .store
            .enqueue_for_period("count", minute)
            .await
            .expect("taken");
    }
    assert_eq!(state(&one).await.len(), 1);
    one.pass(60);
    one.store
        .enqueue_for_period("count", minute)
        .await
        .expect("taken");
    assert_eq!(state(&one).await.len(), 2);
    one.close().await;
    two.close().await;
}

async fn a_runner_does_what_comes_and_finishes_before_it_stops(place: &Place) {
    let world = World::at(place).await;
    let (begun, mut beginnings) = mpsc::unbounded_channel();
    let (stop, stopping) = watch::channel(false);
    let (go, going) = watch::channel(false);
    let runner = JobRunner::new(world.store.clone(), "one")
        .handle("count", move |_, job: Job| {
            let (begun, mut going) = (begun.clone(), going.clone());
            async move {
                begun.send(job.id).map_err(|error| error.to_string())?;
                going
                    .wait_for(|go| *go)
                    .await
                    .map_err(|error| error.to_string())?;
                Ok(())
            }
        })
        .every(Duration::from_secs(3600), "count");
    let running = tokio::spawn(runner.run(stopping));
    // The periodic one came by itself. It is told to stop in the middle of it, and finishes it first.
    beginnings.recv().await.expect("begun");
    world.pass(1);
    let waiting = world
        .store
        .enqueue(&NewJob::new("count", "x"))
        .await
        .expect("taken");
    stop.send_replace(true);
    go.send_replace(true);
    running.await.expect("stopped");
    let jobs = world.store.jobs(None, 10).await.expect("read");
    let told: Vec<_> = jobs
        .iter()
        .map(|job| (job.id == waiting, job.state))
        .collect();
    assert_eq!(told, [(true, JobState::Waiting), (false, JobState::Done)]);
    world.close().await;
}

async fn a_handler_that_fails_or_panics_fails_its_job_only(place: &Place) {
    let world = World::at(place).await;
    let (stop, stopping) = watch::channel(false);
    let (done, mut finished) = mpsc::unbounded_channel();
    let count = Arc::new(AtomicUsize::new(0));
    let runner = JobRunner::new(world.store.clone(), "one")
        .handle("count", async |_, _| Err("no answer".to_owned()))
        .handle("mail", move |_, job: Job| {
            let (done, count) = (done.clone(), Arc::clone(&count));
            async move {
                assert!(
                    count.fetch_add(1, Ordering::SeqCst) > 0,
                    "the first one panics"
                );
                done.send(job.id).map_err(|error| error.to_string())
            }
        });
    for (kind, key) in [("count", "a"), ("mail", "b"), ("mail", "c")] {
        world.pass(1);
        world
            .store
            .enqueue(&NewJob::new(kind, key))
            .await
            .expect("taken");
    }
    let running = tokio::spawn(runner.run(stopping));
    finished.recv().await.expect("the last was done");
    stop.send_replace(true);
    running.await.expect("stopped");
    let waiting = |problem: &str| (JobState::Waiting, 1, problem.to_owned());
    assert_eq!(
        state(&world).await,
        [
            (JobState::Done, 1, String::new()),
            waiting("the handler panicked"),
            waiting("no answer")
        ]
    );
    world.close().await;
}
