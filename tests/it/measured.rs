//! What an ingest worker counts of a stream, against what a simulated camera sends.

use std::{collections::HashMap, time::Duration};

use watchwall::{sim::FaultKind, worker::message::StreamStats};

use crate::sessions::{Sessions, simulator};

/// All cameras together.
fn total(figures: &HashMap<u32, StreamStats>, of: impl Fn(&StreamStats) -> u64) -> u64 {
    figures.values().map(of).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_of_a_hundred_packets_lost_are_counted_so_over_either_transport() {
    const CAMERAS: u32 = 8;
    let sim = simulator(CAMERAS).await;
    sim.faults().set_site(1, FaultKind::Loss, None).expect("a site 1");
    let (mut tcp, mut udp) = tokio::join!(
        Sessions::start(&sim, 1..=CAMERAS),
        Sessions::start_over_udp(&sim, 1..=CAMERAS),
    );
    // Of so many the share strays by half a percent once in a hundred times.
    const ENOUGH: u64 = 4000;
    let lossy = |figures: &HashMap<u32, StreamStats>| {
        let (came, lost) = (total(figures, |s| s.packets), total(figures, |s| s.packets_lost));
        let share = lost as f64 / (came + lost).max(1) as f64;
        came + lost > ENOUGH && {
            println!("{lost} of {} packets lost: {share:.4}", came + lost);
            assert!((0.035..0.065).contains(&share), "{share}");
            assert_eq!(total(figures, |s| s.packets_reordered), 0);
            assert!(total(figures, |s| s.frames_damaged) > 0);
            true
        }
    };
    tokio::join!(tcp.until(lossy), udp.until(lossy));
    tcp.stop().await;
    udp.stop().await;
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_in_order_loses_nothing_and_its_figures_are_those_of_its_stream() {
    let sim = simulator(1).await;
    let mut sessions = Sessions::start(&sim, 1..=1).await;
    sessions
        .until(|figures| {
            let Some(stats) = figures.get(&1) else { return false };
            assert_eq!((stats.packets_lost, stats.packets_reordered), (0, 0));
            // A keyframe every 2 s, sent within 10 ms of its time; the jitter is what the machine
            // adds to that.
            stats.keyframes >= 4
                && stats.jitter > Duration::ZERO
                && stats.jitter < Duration::from_millis(40)
                && stats.keyframe_interval.is_some_and(|interval| {
                    interval.abs_diff(Duration::from_secs(2)) < Duration::from_millis(200)
                })
                && (2_000..200_000).contains(&stats.keyframe_bytes)
                && stats.packets > stats.frames
        })
        .await;
    sessions.stop().await;
    sim.shutdown().await;
}
