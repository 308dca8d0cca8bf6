//! Workers that die: they are back at once, and whoever kills them again and again is found.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{
    served::{self, Premises, Served, now_us, signal},
    town::WITHIN,
};

#[tokio::test(flavor = "multi_thread")]
async fn killed_workers_are_back_and_only_their_cameras_paused() {
    let sim = served::simulator(6).await;
    let mut premises = Premises::new();
    premises.cameras_of(&sim, 1..=6);
    premises.write("cameras_per_worker = 3");
    let served = Served::start(&premises.config()).await;
    served.until_online(1..=6).await;
    let connections = |n: usize| sim.stats().cameras[n - 1].connections;
    let untouched: Vec<u32> = (4..=6).map(connections).collect();

    for role in ["ingest", "decode"] {
        let workers = served.workers(role);
        let victim = *workers.iter().min().expect("there is one");
        let killed_at = Instant::now();
        signal(victim, "KILL");
        let back = until(|| {
            let now = served.workers(role);
            // An ingest worker's cameras are halved at once, so there may be one more.
            now.len() >= workers.len() && !now.contains(&victim)
        })
        .await;
        println!("{role} worker: a new process {back:?} after the kill");
        served.until_pictures(now_us(), &[1, 2, 3, 4, 5, 6]).await;
        println!("{role} worker: new pictures of all {:?} after the kill", killed_at.elapsed());
    }
    assert_eq!((4..=6).map(connections).collect::<Vec<u32>>(), untouched, "the other worker's");
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_whose_worker_always_dies_is_found_by_halving_and_quarantined() {
    const CAMERAS: [u32; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
    let sim = served::simulator(8).await;
    let mut premises = Premises::new();
    premises.cameras_of(&sim, CAMERAS);
    premises.write("");
    let mut served = Served::start(&premises.config()).await;
    served.until_online(CAMERAS).await;

    // One of the cameras of the worker that is killed each time shall be the culprit. Which one
    // shows when it is alone: 8, 4, 2, 1.
    let mut victim = served.workers("ingest")[0];
    for kill in 1..=4 {
        served.until_pictures(now_us(), &CAMERAS).await;
        let before = served.workers("ingest");
        signal(victim, "KILL");
        until(|| {
            let now = served.workers("ingest");
            !now.contains(&victim) && now.len() == (before.len() + 1).min(4)
        })
        .await;
        let new = served.workers("ingest").into_iter().filter(|pid| !before.contains(pid)).max();
        println!("kill {kill}: {} workers", served.workers("ingest").len());
        victim = new.expect("a worker that ends is started again");
    }

    let deadline = Instant::now() + WITHIN;
    let told = loop {
        // Its last picture is still fresh for a moment.
        let quarantined = |camera: &Value| camera["conditions"][0] == "quarantined";
        match served.cameras().await.into_iter().find(quarantined) {
            Some(told) => break told,
            None => assert!(Instant::now() < deadline, "nobody: {:#?}", served.log()),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    println!("{} after 4 kills: {}", told["id"], told["reason"]);
    let culprit = told["number"].as_u64().and_then(|n| u32::try_from(n).ok()).expect("a number");
    let reason = told["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("three times in five minutes"), "{reason}");
    assert!(reason.contains("no further try for"), "{reason}");

    let others: Vec<u32> = CAMERAS.into_iter().filter(|n| *n != culprit).collect();
    served.until(culprit, "was offline", |camera| camera["state"] == "offline").await;
    served.until_pictures(now_us(), &others).await;
    served.until_online(others).await;
    assert_eq!(sim.stats().cameras[culprit as usize - 1].connections_open, 0, "it is left alone");
    served.signal("TERM");
    assert!(served.ended().await.success());
    sim.shutdown().await;
}

/// Waits until something is so; tells how long it took.
async fn until(is: impl Fn() -> bool) -> Duration {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < WITHIN, "it never is");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    began.elapsed()
}
