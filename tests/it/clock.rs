//! Cameras whose clocks are wrong, through a real ingest worker: what their sessions tell of it.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use tokio::time::sleep;
use watchwall::{
    domain::clock::ClockReading,
    sim::{FaultKind, Sim, WrongClock},
    worker::message::StreamStats,
};

use crate::sessions::{Sessions, simulator};

const DAY_S: f64 = 86_400.0;

/// Within so much of the truth, seconds: what issue and operators ask for.
const WITHIN_S: f64 = 0.2;

fn wrong(offset_s: f64, drift_ppm: f64) -> WrongClock {
    WrongClock { offset_s, drift_ppm }
}

/// Whether the reading tells this offset, closely enough.
fn tells(reading: Option<ClockReading>, offset_s: f64) -> bool {
    reading.is_some_and(|reading| {
        let off = (reading.offset_s - offset_s).abs();
        // What is told must be true from the first reading on; how closely comes with time.
        off < WITHIN_S.min(reading.error_s) && reading.error_s < WITHIN_S
    })
}

/// Whether the reading tells this drift, closely enough to tell it from none.
fn tells_drift(reading: Option<ClockReading>, drift_ppm: f64) -> bool {
    reading.is_some_and(|reading| {
        reading.drift_ppm.is_some_and(|told| {
            (told - drift_ppm).abs() <= reading.drift_error_ppm && reading.drift_error_ppm <= 100.0
        })
    })
}

fn set(sim: &Sim, camera: u32, clock: WrongClock) {
    sim.faults().set(camera, clock, None).expect("there is such a camera");
}

/// All at once, since each of them takes its time.
#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_are_off_drift_or_are_set_are_told_within_a_minute() {
    let sim = simulator(10).await;
    let off = [(1, 5.0), (2, -5.0), (3, DAY_S), (4, -DAY_S), (5, 0.0)];
    for (camera, offset_s) in off {
        set(&sim, camera, wrong(offset_s, 0.0));
    }
    let drifting = [(6, 200.0), (7, -200.0)];
    let drifting_since = Instant::now();
    for (camera, drift_ppm) in drifting {
        set(&sim, camera, wrong(0.0, drift_ppm));
    }
    // To somewhere in 1970.
    set(&sim, 8, wrong(-1_789_000_000.0, 0.0));
    let mut sessions = Sessions::start(&sim, 1..=10).await;
    let began = Instant::now();
    let mut told: HashMap<String, Duration> = HashMap::new();
    let mut note = |what: String, is: bool| {
        if is && !told.contains_key(&what) {
            println!("{what}: told after {:.1?}", began.elapsed());
            told.insert(what, began.elapsed());
        }
        told.len()
    };
    // Set while it is watched: back, and forward.
    let mut to_be_set = Some(Duration::from_secs(12));
    sessions
        .until(|figures: &HashMap<u32, StreamStats>| {
            if to_be_set.take_if(|after| began.elapsed() >= *after).is_some() {
                sim.faults().set(9, wrong(-5.0, 0.0), None).expect("a camera 9");
                sim.faults().set(10, wrong(3600.0, 0.0), None).expect("a camera 10");
            }
            let clock = |camera| figures.get(&camera).and_then(|stats| stats.clock);
            for (camera, offset_s) in off {
                note(format!("{offset_s} s"), tells(clock(camera), offset_s));
            }
            for (camera, drift_ppm) in drifting {
                let passed_s = drifting_since.elapsed().as_secs_f64();
                let offset_s = passed_s * drift_ppm * 1e-6;
                let now = clock(camera);
                note(
                    format!("{drift_ppm} ppm"),
                    tells(now, offset_s) && tells_drift(now, drift_ppm),
                );
            }
            note("never set".to_owned(), clock(8).is_some_and(|clock| clock.is_unset()));
            note("set back by 5 s".to_owned(), tells(clock(9), -5.0));
            note("set ahead by an hour".to_owned(), tells(clock(10), 3600.0)) == 10
        })
        .await;
    sessions.stop().await;
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_is_known_over_udp_too_and_unknown_while_no_report_comes() {
    let sim = simulator(2).await;
    sim.faults().set(1, FaultKind::Clock, None).expect("a camera 1");
    let mut sessions = Sessions::start_over_udp(&sim, 1..=1).await;
    sessions.until(|figures| tells(figures.get(&1).and_then(|s| s.clock), -DAY_S)).await;
    sessions.stop().await;
    // Neither pictures nor reports: the session begins before the camera falls silent.
    let mut sessions = Sessions::start(&sim, 2..=2).await;
    sessions.until(|figures| figures.get(&2).is_some_and(|stats| stats.clock.is_some())).await;
    sim.faults().set(2, FaultKind::Silent, None).expect("a camera 2");
    sleep(Duration::from_secs(1)).await;
    sessions.stop().await;
    sim.shutdown().await;
}
