//! Viewers that take less than they wish for, one of each kind.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use futures_util::SinkExt;
use socket2::SockRef;
use tokio_tungstenite::tungstenite::Message;
use watchwall::{
    domain::fanout::live::{LivePolicy, pressure::PressurePolicy},
    hub::fanout::{Policy, VideoFigures},
};

use super::{
    said,
    stream::{Decoders, SUB, Upstream, Viewer, figures_after, watch},
};
use crate::{
    centre::{Centre, WITHIN},
    served::resident,
};

const MS: Duration = Duration::from_millis(1);

/// Policies like the real ones, with everything sooner.
fn quick() -> Policy {
    let pressure = PressurePolicy {
        events_apart: 100 * MS,
        window: 30_000 * MS,
        clean: 2_000 * MS,
        clean_max: 8_000 * MS,
        fails_within: 1_000 * MS,
    };
    let live = LivePolicy {
        jump_after: 200 * MS,
        wait_after: 400 * MS,
        pressure,
        ..LivePolicy::default()
    };
    Policy { live, ..Policy::default() }
}

fn streams(centre: &Centre, cameras: u32) -> Vec<Upstream> {
    (1..=cameras).map(|camera| Upstream::new(centre, camera, SUB)).collect()
}

/// A picture of each stream, or a keyframe; the number that they have.
fn round(streams: &mut [Upstream], keyframe: bool, bytes: usize) -> u32 {
    let each = streams
        .iter_mut()
        .map(|stream| if keyframe { stream.keyframe(2 * bytes) } else { stream.picture(bytes) });
    each.max().expect("there are streams")
}

#[tokio::test]
async fn a_viewer_that_stalls_comes_back_at_a_keyframe_and_costs_the_others_nothing() {
    const CAMERAS: u32 = 4;
    let centre = Centre::start_with(CAMERAS, quick(), |_| {}).await;
    let mut streams = streams(&centre, CAMERAS);
    let mut stalled = Viewer::connect(&centre).await;
    let mut steady = Viewer::connect(&centre).await;
    // So that the kernel does not hold everything for it.
    SockRef::from(stalled.client.socket.get_ref()).set_recv_buffer_size(64 << 10).expect("open");
    for viewer in [&mut stalled, &mut steady] {
        viewer.say(watch(&[("*", "sub")])).await;
    }
    let (mut healthy, mut memory) = (Decoders::default(), 0);
    let began = Instant::now();
    let mut number = 0;
    // 60 MB, and long enough to be behind.
    while number < 1500 || began.elapsed() < 1_000 * MS {
        let expected = round(&mut streams, number % 25 == 0, 10_000);
        let mut newest = 0;
        for _ in 0..CAMERAS {
            newest = loop {
                if let Some(number) = healthy.take(&steady.video().await) {
                    break number;
                }
            };
            assert_eq!(newest, expected, "each unit, at once");
        }
        number = newest;
        if number == 500 {
            // The rings are full by now.
            memory = resident(std::process::id());
        }
    }
    let grown = resident(std::process::id()).saturating_sub(memory);
    assert!(grown < 8 << 20, "{grown} bytes for 40 MB that were not taken");
    assert_eq!(healthy.discontinuities, 0);

    let last = round(&mut streams, true, 10_000);
    let mut late = Decoders::default();
    let mut received = 0;
    while late.newest().len() < CAMERAS as usize || late.newest().iter().any(|n| *n < last) {
        late.take(&stalled.video().await);
        received += 1;
    }
    assert!(received < CAMERAS * last / 2, "{received} messages came");
    assert!(late.discontinuities >= CAMERAS, "a drop of each lane is said");
    let sent = u64::from(received + CAMERAS * (last + 1));
    let mut viewers = figures_after(&centre, sent).await.viewers;
    viewers.sort_by_key(|viewer| viewer.video.dropped);
    let [one, other] = &viewers[..] else { panic!("{viewers:?}") };
    let VideoFigures { dropped, jumps, steps_down, .. } = one.video;
    assert_eq!((dropped, jumps, steps_down), (0, 0, 0));
    assert!(other.video.jumps >= u64::from(CAMERAS), "{other:?}");
}

#[tokio::test]
async fn a_viewer_at_256_kbit_per_second_falls_to_keyframes_then_to_tiles_and_recovers() {
    const CAMERAS: u32 = 4;
    let centre = Centre::start_with(CAMERAS, quick(), |_| {}).await;
    let mut streams = streams(&centre, CAMERAS);
    let mut viewer = Viewer::connect(&centre).await;
    SockRef::from(viewer.client.socket.get_ref()).set_recv_buffer_size(4096).expect("open");
    let wishes = ["cam-001", "cam-002", "cam-003", "cam-004"].map(|camera| (camera, "sub"));
    viewer.say(watch(&wishes)).await;
    // 3.4 Mbit/s.
    let publisher = tokio::spawn(async move {
        let mut tick = tokio::time::interval(40 * MS);
        for number in 0.. {
            tick.tick().await;
            round(&mut streams, number % 12 == 0, 4000);
        }
    });
    let mut decoders = Decoders::default();
    let deadline = Instant::now() + 10 * WITHIN;
    let slow = loop {
        assert!(Instant::now() < deadline, "it never stepped down: {:?}", viewer.words);
        let bytes = viewer.receive().await;
        viewer.received().for_each(|video| _ = decoders.take(&video));
        tokio::time::sleep(Duration::from_secs(1) / 32_000 * u32::try_from(bytes).expect("small"))
            .await;
        if let Some(word) = viewer.words.iter().find(|word| word.2 == "too-slow") {
            break word.clone();
        }
    };
    assert_eq!(slow, said("cam-004", "tile", "too-slow"), "the least important first");
    assert!(decoders.discontinuities >= 3);

    // From here on it takes all it can get.
    let mut carried = BTreeMap::new();
    let total = || centre.fanout.counters().total.video;
    while carried.len() < CAMERAS as usize
        || carried.values().any(|why| why != "wished")
        || total().steps_up < total().steps_down
    {
        assert!(Instant::now() < deadline, "it never recovered: {carried:?}, {:?}", total());
        viewer.receive().await;
        viewer.received().for_each(|video| _ = decoders.take(&video));
        carried.extend(viewer.words.drain(..).map(|(camera, _, why)| (camera, why)));
    }
    publisher.abort();
    let video = total();
    assert!(video.jumps >= 3 && video.dropped > 0, "{video:?}");
    assert!(video.steps_down >= 1, "{video:?}");
    assert_eq!((video.lanes_sub, video.lanes_tile), (u64::from(CAMERAS), 0));
}

#[tokio::test]
async fn a_client_that_says_no_more_what_it_received_is_sent_no_more_video_after_two_seconds() {
    let centre = Centre::start(1).await;
    let mut upstream = Upstream::new(&centre, 1, SUB);
    upstream.keyframe(100_000);
    let mut viewer = Viewer::connect(&centre).await;
    viewer.say(r#"{"type":"progress","received":0}"#).await;
    viewer.say(watch(&[("cam-001", "sub")])).await;
    let (mut received, mut silent, mut decoders) = (0, 0, Decoders::default());
    let until = Instant::now() + WITHIN;
    // It takes all that comes and never says so. A ping comes through, in the end video does not.
    while silent < 6 {
        assert!(Instant::now() < until, "{received} bytes, and no end");
        upstream.picture(100_000);
        tokio::time::sleep(100 * MS).await;
        viewer.client.socket.send(Message::Ping("still there".into())).await.expect("it is open");
        silent += 1;
        loop {
            match viewer.client.next().await {
                Message::Pong(_) => break,
                message => {
                    let bytes = viewer.take(message);
                    (received, silent) = (received + bytes, if bytes > 0 { 0 } else { silent });
                }
            }
        }
    }
    assert!(received > 1 << 20, "{received} bytes: what is not overdue has no limit");
    viewer.received().for_each(|video| _ = decoders.take(&video));
    let last = upstream.keyframe(100_000);
    while decoders.newest() != [last] {
        viewer.say(format!(r#"{{"type":"progress","received":{received}}}"#)).await;
        received += viewer.receive().await;
        viewer.received().for_each(|video| _ = decoders.take(&video));
    }
}

#[tokio::test]
async fn a_keyframe_of_any_size_fits_whatever_is_unacknowledged() {
    let centre = Centre::start(1).await;
    let mut upstream = Upstream::new(&centre, 1, SUB);
    let mut viewer = Viewer::connect(&centre).await;
    viewer.say(r#"{"type":"progress","received":0}"#).await;
    viewer.say(watch(&[("cam-001", "sub")])).await;
    let (mut received, mut decoders) = (0, Decoders::default());
    for bytes in [2 << 20, 8 << 20] {
        upstream.keyframe(bytes);
        let last = upstream.picture(100);
        while decoders.newest() != [last] {
            received += viewer.receive().await;
            viewer.received().for_each(|video| _ = decoders.take(&video));
            viewer.say(format!(r#"{{"type":"progress","received":{received}}}"#)).await;
        }
    }
    assert_eq!(centre.fanout.counters().total.video.dropped, 0);
}
