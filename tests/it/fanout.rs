//! The media socket, over real connections.

use std::{collections::HashMap, time::Duration};

use futures_util::{SinkExt, StreamExt};
use socket2::SockRef;
use tokio_tungstenite::tungstenite::Message;
use watchwall::{
    domain::{
        camera::{Handle, Importance},
        media::{Kind, flags},
    },
    hub::fanout::Policy,
};

use crate::centre::{Centre, WITHIN};

fn subscribe(cameras: &[&str], width: u32) -> String {
    serde_json::json!({"type": "subscribe", "tiles": {"cameras": cameras, "width": width}})
        .to_string()
}

#[tokio::test]
async fn a_viewer_gets_the_newest_tile_at_once_and_every_next_one_in_order() {
    let centre = Centre::start(3).await;
    for number in 1..=3 {
        centre.publish(1, 320, number, 9000);
    }
    let mut viewer = centre.media().await;
    viewer.say(subscribe(&["*"], 300)).await;
    let (header, jpeg) = viewer.tile().await;
    assert_eq!(
        (header.kind, header.camera, header.flags),
        (Kind::Tile, Handle(1), flags::KEYFRAME)
    );
    assert_eq!((header.sequence, header.media_time), (3, 90_000));
    assert_eq!(jpeg, vec![3; 9000]);
    for number in 4..=40 {
        centre.publish(2, 320, number, 100 * usize::from(number));
        let (header, jpeg) = viewer.tile().await;
        assert_eq!((header.camera, header.sequence), (Handle(2), u32::from(number) - 3));
        assert_eq!(jpeg, vec![number; 100 * usize::from(number)]);
    }
    let figures = centre.figures_after(38).await;
    assert_eq!((figures.total.sent, figures.total.skipped, figures.viewers.len()), (38, 0, 1));
    assert_eq!(figures.delay.buckets.iter().map(|(_, count)| count).sum::<u64>(), 37);
}

#[tokio::test]
async fn a_frame_on_the_wire_has_the_golden_header() {
    let centre = Centre::start(1).await;
    let tile =
        watchwall::domain::media::Tile { width: 320, height: 180, jpeg: vec![0xff, 0xd8].into() };
    for _ in 0..7 {
        let at = watchwall::domain::time::UnixMicros(1_700_000_000_000_000);
        centre.fanout.publish_tile(Handle(0x0102_0304), 320, &tile, at, 90_000, flags::KEYFRAME);
    }
    let mut viewer = centre.media().await;
    viewer.say(subscribe(&["*"], 320)).await;
    let Message::Binary(message) = viewer.next().await else { panic!("a binary message") };
    let hex: String = message[..24].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, include_str!("../golden/media-header.hex").trim());
    assert_eq!(message[24..], [0xff, 0xd8]);
}

#[tokio::test]
async fn a_subscription_replaces_the_one_before_and_sends_only_what_is_new_to_the_viewer() {
    let centre = Centre::start(3).await;
    for camera in 1..=3 {
        centre.publish(camera, 320, 1, 50);
        centre.publish(camera, 1280, 2, 60);
    }
    let mut viewer = centre.media().await;
    viewer.say(subscribe(&["cam-001"], 320)).await;
    assert_eq!(viewer.tile().await.0.camera, Handle(1));
    centre.wanted(1, &[320]).await;
    centre.wanted(2, &[]).await;

    // The first is known already; the second is new.
    viewer.say(subscribe(&["cam-001", "cam-002"], 320)).await;
    assert_eq!(viewer.tile().await.0.camera, Handle(2));
    // At another width it is due again.
    viewer.say(r#"{"type":"subscribe","tiles":[{"cameras":["cam-002"],"width":320},{"cameras":["cam-001"],"width":900}]}"#).await;
    let (header, jpeg) = viewer.tile().await;
    assert_eq!((header.camera, jpeg.len()), (Handle(1), 60));
    centre.wanted(1, &[1280]).await;

    viewer.say(r#"{"type":"subscribe"}"#).await;
    centre.wanted(1, &[]).await;
    centre.publish(1, 1280, 3, 60);
    viewer.say(subscribe(&["cam-003"], 320)).await;
    assert_eq!(viewer.tile().await.0.camera, Handle(3), "nothing in between");
}

#[tokio::test]
async fn a_camera_added_later_reaches_those_who_wished_for_all() {
    let centre = Centre::start(1).await;
    let mut viewer = centre.media().await;
    viewer.say(subscribe(&["*"], 320)).await;
    centre.wanted(99, &[320]).await;
    centre.publish(99, 320, 1, 10);
    assert_eq!(viewer.tile().await.0.camera, Handle(99));
    assert_eq!(
        centre.fanout.newest(Handle(99), 320).await.map(|newest| newest.jpeg.len()),
        Some(10)
    );
    assert_eq!(centre.fanout.newest(Handle(98), 320).await, None);
    centre.fanout.forget(Handle(99));
    assert_eq!(centre.fanout.newest(Handle(99), 320).await, None);
}

#[tokio::test]
async fn a_camera_that_stops_sends_its_last_tile_again_as_not_live() {
    let centre = Centre::start(1).await;
    centre.publish(1, 320, 7, 10);
    let mut viewer = centre.media().await;
    viewer.say(subscribe(&["*"], 320)).await;
    let live = viewer.tile().await;
    for (not_live, flag) in [(true, flags::NOT_LIVE), (false, 0)] {
        centre.fanout.set_not_live(Handle(1), not_live);
        let (header, jpeg) = viewer.tile().await;
        assert_eq!((header.flags, &jpeg), (flags::KEYFRAME | flag, &live.1));
        assert_eq!(header.received_at, live.0.received_at, "it is as old as it was");
    }
}

#[tokio::test]
async fn a_viewer_that_stalls_gets_the_latest_afterwards_and_the_others_notice_nothing() {
    const CAMERAS: u32 = 40;
    let centre = Centre::start(CAMERAS).await;
    let mut stalled = centre.media().await;
    let mut steady = centre.media().await;
    // So that the kernel does not hold everything for it.
    SockRef::from(stalled.socket.get_ref()).set_recv_buffer_size(64 << 10).expect("a socket");
    for viewer in [&mut stalled, &mut steady] {
        viewer.say(subscribe(&["*"], 320)).await;
    }
    centre.wanted(1, &[320]).await;
    const ROUNDS: u8 = 100;
    for number in 1..=ROUNDS {
        for camera in 1..=CAMERAS {
            centre.publish(camera, 320, number, 9000);
        }
        for _ in 0..CAMERAS {
            let (header, jpeg) = steady.tile().await;
            assert_eq!((header.sequence, jpeg[0]), (u32::from(number), number));
        }
    }
    let mut newest: HashMap<Handle, u32> = HashMap::new();
    let mut received = 0u32;
    while newest.len() < CAMERAS as usize
        || newest.values().any(|sequence| *sequence != u32::from(ROUNDS))
    {
        let (header, jpeg) = stalled.tile().await;
        assert_eq!(
            jpeg,
            vec![u8::try_from(header.sequence).expect("small"); 9000],
            "never torn or mixed"
        );
        let before = newest.insert(header.camera, header.sequence);
        assert!(before.is_none_or(|before| before < header.sequence), "never back in time");
        received += 1;
    }
    // 36 MB were published; what it got late is what the kernel held, and then the newest of each.
    assert!(received < CAMERAS * u32::from(ROUNDS) / 2, "{received} tiles came");
    let figures =
        centre.figures_after(u64::from(received) + u64::from(CAMERAS) * u64::from(ROUNDS)).await;
    assert_eq!(figures.dropped, 0);
    assert_eq!(
        figures.total.sent + figures.total.skipped,
        u64::from(CAMERAS) * u64::from(ROUNDS) * 2
    );
}

#[tokio::test]
async fn a_new_viewer_is_sent_the_most_important_cameras_first() {
    let centre = Centre::start(4).await;
    for camera in 1..=4 {
        centre.publish(camera, 320, 1, 50);
    }
    centre.fanout.rank(Handle(3), Importance::High);
    centre.fanout.rank(Handle(1), Importance::Low);
    let mut viewer = centre.media().await;
    viewer.say(subscribe(&["*"], 320)).await;
    let mut order = Vec::new();
    for _ in 1..=4 {
        order.push(viewer.tile().await.0.camera.0);
    }
    assert_eq!(order, [3, 2, 4, 1]);
}

#[tokio::test]
async fn a_client_that_says_no_more_what_it_received_is_sent_no_more_after_two_seconds() {
    let centre = Centre::start(1).await;
    let mut viewer = centre.media().await;
    viewer.say(r#"{"type":"progress","received":0}"#).await;
    viewer.say(subscribe(&["*"], 320)).await;
    let (mut received, mut silent) = (0, 0);
    let until = tokio::time::Instant::now() + WITHIN;
    // It takes all that comes and never says so. A ping comes through, in the end a tile does not.
    while silent < 6 {
        assert!(tokio::time::Instant::now() < until, "{received} bytes, and no end");
        centre.publish(1, 320, 1, 100_000);
        tokio::time::sleep(Duration::from_millis(100)).await;
        viewer.socket.send(Message::Ping("still there".into())).await.expect("it is open");
        silent += 1;
        loop {
            match viewer.next().await {
                Message::Pong(_) => break,
                Message::Binary(message) => (received, silent) = (received + message.len(), 0),
                _ => {}
            }
        }
    }
    assert!(received > 1 << 20, "{received} bytes: what is not overdue has no limit");
    viewer.say(format!(r#"{{"type":"progress","received":{received}}}"#)).await;
    viewer.tile().await;
}

#[tokio::test]
async fn what_a_client_says_wrongly_is_answered_and_the_connection_goes_on() {
    let centre = Centre::start(1).await;
    centre.publish(1, 320, 1, 10);
    let mut viewer = centre.media().await;
    for (said, status) in [
        ("nonsense", 400),
        (r#"{"type":"dance"}"#, 400),
        (r#"{"type":"subscribe","tiles":{"cameras":["no-such","NOT AN ID"],"width":320}}"#, 404),
        (r#"{"type":"subscribe","video":[{"camera":"cam-999","stream":"main"}]}"#, 404),
    ] {
        viewer.say(said).await;
        let answer = viewer.json().await;
        assert_eq!(
            (&answer["type"], &answer["problem"]["status"]),
            (&"error".into(), &status.into()),
            "{said}"
        );
    }
    viewer.say(subscribe(&["cam-001", "no-such"], 320)).await;
    assert!(
        viewer.json().await["problem"]["detail"].as_str().expect("a sentence").contains("no-such")
    );
    viewer.tile().await;
}

#[tokio::test]
async fn a_client_that_breaks_a_limit_is_closed_with_the_reason() {
    let centre = Centre::start(1).await;
    let many: Vec<Message> =
        (0..40).map(|_| Message::text(r#"{"type":"progress","received":0}"#)).collect();
    for (said, code) in [
        (vec![Message::text("x".repeat(65 << 10))], 1009),
        (vec![Message::binary(vec![1, 2, 3])], 1003),
        (many, 1008),
    ] {
        let mut viewer = centre.media().await;
        for message in said {
            // It may be closed before the last.
            let _ = viewer.socket.send(message).await;
        }
        let (closed, reason) = viewer.closed().await;
        assert_eq!(closed, code, "{reason}");
        assert!(!reason.is_empty());
    }
}

#[tokio::test]
async fn a_client_that_closes_is_answered_and_its_wishes_are_forgotten() {
    let centre = Centre::start(1).await;
    let mut viewer = centre.media().await;
    viewer.say(subscribe(&["*"], 640)).await;
    centre.wanted(1, &[640]).await;
    viewer.socket.close(None).await.expect("it is open");
    let rest = tokio::time::timeout(WITHIN, async {
        while let Some(Ok(_)) = viewer.socket.next().await {}
    });
    rest.await.expect("the close is answered");
    centre.wanted(1, &[]).await;
    // One that just goes away is forgotten as well.
    let mut viewer = centre.media().await;
    viewer.say(subscribe(&["*"], 640)).await;
    centre.wanted(1, &[640]).await;
    drop(viewer);
    centre.wanted(1, &[]).await;
}

#[tokio::test]
async fn a_viewer_is_pinged_and_given_up_with_4008_when_it_stays_silent() {
    let policy = Policy {
        ping_every: Duration::from_millis(200),
        dead_after: Duration::from_millis(1500),
        close_within: Duration::from_secs(1),
        ..Policy::default()
    };
    let centre = Centre::start_with(1, policy, |_| {}).await;
    let mut lively = centre.media().await;
    assert!(matches!(lively.next().await, Message::Ping(_)));
    // Pongs go out as it reads on; it is still there long after the silent one is gone.
    let lively = tokio::spawn(async move {
        lively.say(subscribe(&["*"], 160)).await;
        lively.tile().await
    });
    let mut silent = centre.media().await;
    silent.say(subscribe(&["*"], 320)).await;
    SockRef::from(silent.socket.get_ref()).set_recv_buffer_size(4096).expect("a socket");
    centre.wanted(1, &[160, 320]).await;
    let mut wanted = centre.fanout.wanted();
    // Fills what the kernel holds for it, so that not even pings are taken.
    let gone = async {
        loop {
            let changed = tokio::time::timeout(Duration::from_millis(5), wanted.changed()).await;
            if changed.is_ok() && wanted.borrow().widths(Handle(1)).eq([160]) {
                break;
            }
            for camera in 1..=20 {
                centre.publish(camera, 320, 1, 50_000);
            }
        }
    };
    tokio::time::timeout(WITHIN, gone).await.expect("it is given up");
    assert_eq!(centre.fanout.counters().timed_out, 1);
    centre.publish(1, 160, 1, 10);
    lively.await.expect("the other one lives");
}

#[tokio::test]
async fn at_shutdown_every_socket_is_closed_with_4013_and_everything_ends() {
    let mut centre = Centre::start(1).await;
    let mut viewer = centre.media().await;
    let mut console = centre.control().await;
    viewer.say(subscribe(&["*"], 320)).await;
    centre.wanted(1, &[320]).await;
    centre.stop.cancel();
    assert_eq!(viewer.closed().await.0, 4013);
    assert_eq!(console.closed().await.0, 4013);
    let served = tokio::time::timeout(WITHIN, &mut centre.served).await;
    served.expect("it ends in time").expect("no panic");
    let thread = centre.thread.take().expect("started");
    tokio::task::spawn_blocking(move || thread.join()).await.expect("joins").expect("no panic");
}
