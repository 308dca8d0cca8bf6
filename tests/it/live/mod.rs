//! Live video over the media socket, over real connections.

mod slow;
mod stream;

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use watchwall::{
    domain::{
        camera::Handle,
        fanout::live::LivePolicy,
        media::{StreamKind, StreamRef, flags},
    },
    hub::fanout::Policy,
};

use self::stream::{
    Decoders, MAIN, SUB, Upstream, Video, Viewer, Word, figures_after, payload, watch,
};
use crate::centre::{Centre, WITHIN};

const DROP: u16 = flags::DISCONTINUITY;
const START: u16 = flags::KEYFRAME;

/// Waits until exactly these streams are watched.
async fn watched(centre: &Centre, streams: &[(u32, StreamKind)]) {
    let expected: BTreeSet<StreamRef> = streams
        .iter()
        .map(|(camera, stream)| StreamRef { camera: Handle(*camera), stream: *stream })
        .collect();
    let mut watched = centre.fanout.watched();
    let as_expected = watched.wait_for(|watched| **watched == expected);
    let in_time = tokio::time::timeout(WITHIN, as_expected).await.map(|told| told.map(|_| ()));
    if !matches!(in_time, Ok(Ok(()))) {
        panic!("{:?} instead of {expected:?}", centre.fanout.watched().borrow());
    }
}

pub(crate) fn said(camera: &str, stream: &str, why: &str) -> Word {
    (camera.to_owned(), stream.to_owned(), why.to_owned())
}

#[tokio::test]
async fn a_new_viewer_gets_configuration_keyframe_and_all_since_and_then_every_unit_in_order() {
    let centre = Centre::start(2).await;
    let mut upstream = Upstream::new(&centre, 1, SUB);
    for _ in 0..2 {
        upstream.keyframe(9000);
        (0..4).for_each(|_| _ = upstream.picture(1000));
    }
    let mut viewer = Viewer::connect(&centre).await;
    viewer.say(watch(&[("cam-001", "sub")])).await;
    let (header, configuration) = viewer.configuration().await;
    assert_eq!((header.camera, header.flags, header.sequence), (Handle(1), 0, 1));
    let expected = json!({"codec": "avc1.4D401E", "width": 640, "height": 360, "stream": "sub"});
    assert_eq!(configuration, expected);
    let header = viewer.unit().await;
    assert_eq!((header.media_time, header.sequence, header.flags), (6, 6, START));
    for number in 7..11 {
        let Video::Unit(header, data) = viewer.video().await else { panic!("a unit") };
        assert_eq!((header.media_time, header.sequence, header.flags), (number, number, 0));
        assert_eq!(data, payload(upstream.source, number, 1000));
    }
    for number in 11..200 {
        let keyframe = number % 25 == 0;
        if keyframe {
            upstream.keyframe(9000)
        } else {
            upstream.picture(2000)
        };
        let header = viewer.unit().await;
        assert_eq!((header.media_time, header.sequence), (number, number));
        assert_eq!(header.flags, if keyframe { START } else { 0 });
    }
    let figures = figures_after(&centre, 195).await;
    let video = figures.total.video;
    assert_eq!((video.sent, video.dropped, video.jumps), (195, 0, 0));
    let delays: u64 = figures.video_delay.buckets.iter().map(|(_, count)| count).sum();
    assert_eq!(delays, 189, "what was there before does not count as late");
}

#[tokio::test]
async fn a_hole_upstream_is_never_passed_and_the_next_keyframe_says_so() {
    let centre = Centre::start(1).await;
    let mut upstream = Upstream::new(&centre, 1, SUB);
    let mut viewer = Viewer::connect(&centre).await;
    viewer.say(watch(&[("cam-001", "sub")])).await;
    watched(&centre, &[(1, SUB)]).await;
    upstream.keyframe(500);
    upstream.picture(100);
    viewer.configuration().await;
    assert_eq!([viewer.unit().await.media_time, viewer.unit().await.media_time], [1, 2]);
    upstream.lose();
    upstream.picture(100);
    upstream.picture(100);
    upstream.keyframe(500);
    upstream.picture(100);
    assert_eq!(viewer.configuration().await.0.flags, DROP);
    let keyframe = viewer.unit().await;
    assert_eq!((keyframe.media_time, keyframe.flags), (6, START | DROP));
    assert_eq!((keyframe.sequence, viewer.unit().await.media_time), (3, 7));
    assert_eq!(centre.fanout.counters().units_withheld, 2);
}

#[tokio::test]
async fn new_parameters_come_before_the_keyframe_that_needs_them() {
    let centre = Centre::start(1).await;
    let mut upstream = Upstream::new(&centre, 1, SUB);
    upstream.keyframe(500);
    let mut viewer = Viewer::connect(&centre).await;
    viewer.say(watch(&[("cam-001", "sub")])).await;
    assert_eq!(viewer.configuration().await.1["width"], 640);
    viewer.unit().await;
    // The same again is nothing new.
    upstream.format(640);
    upstream.picture(100);
    assert_eq!(viewer.unit().await.media_time, 2);
    upstream.format(1280);
    upstream.keyframe(500);
    let (header, configuration) = viewer.configuration().await;
    assert_eq!((header.sequence, header.flags, &configuration["width"]), (2, 0, &json!(1280)));
    assert_eq!(viewer.unit().await.flags, START, "nothing was left out");
}

#[tokio::test]
async fn a_lane_goes_from_sub_to_main_and_back_without_a_gap() {
    let centre = Centre::start(1).await;
    let (mut sub, mut main) = (Upstream::new(&centre, 1, SUB), Upstream::new(&centre, 1, MAIN));
    let mut viewer = Viewer::connect(&centre).await;
    viewer.say(watch(&[("cam-001", "sub")])).await;
    assert_eq!(viewer.word().await, said("cam-001", "tile", "starting"));
    sub.keyframe(500);
    viewer.configuration().await;
    assert_eq!(viewer.unit().await.media_time, 1);
    assert_eq!(viewer.word().await, said("cam-001", "sub", "wished"));

    viewer.say(watch(&[("cam-001", "main")])).await;
    assert_eq!(viewer.word().await, said("cam-001", "sub", "starting"));
    watched(&centre, &[(1, SUB), (1, MAIN)]).await;
    sub.picture(100);
    assert_eq!(viewer.unit().await.media_time, 2, "the small stream goes on meanwhile");
    sub.picture(100);
    assert_eq!(viewer.unit().await.media_time, 3);
    main.keyframe(3000);
    sub.picture(100);
    main.picture(300);
    let (header, configuration) = viewer.configuration().await;
    assert_eq!((header.flags, &configuration["stream"]), (DROP, &json!("main")));
    let keyframe = viewer.unit().await;
    assert_eq!((keyframe.media_time, keyframe.sequence, keyframe.flags), (1, 1, START | DROP));
    assert_eq!(viewer.unit().await.media_time, 2, "of the large stream");
    assert_eq!(viewer.word().await, said("cam-001", "main", "wished"));
    watched(&centre, &[(1, MAIN)]).await;

    viewer.say(watch(&[("cam-001", "sub")])).await;
    watched(&centre, &[(1, SUB), (1, MAIN)]).await;
    main.picture(300);
    assert_eq!(viewer.unit().await.media_time, 3, "the large stream goes on meanwhile");
    sub.lose();
    sub.keyframe(500);
    main.picture(300);
    let mut back = Decoders::default();
    loop {
        match viewer.video().await {
            // What of the large stream stood before the keyframe.
            Video::Unit(header, _) => assert_eq!(header.media_time, 4),
            configuration => {
                back.take(&configuration);
                break;
            }
        }
    }
    assert_eq!(back.take(&viewer.video().await), Some(6));
    watched(&centre, &[(1, SUB)]).await;
}

#[tokio::test]
async fn streams_of_all_viewers_are_watched_once_and_no_longer_than_they_stay() {
    let centre = Centre::start(2).await;
    let (mut one, mut two) = (Viewer::connect(&centre).await, Viewer::connect(&centre).await);
    for viewer in [&mut one, &mut two] {
        viewer.say(watch(&[("cam-001", "main"), ("cam-002", "sub"), ("cam-002", "sub")])).await;
    }
    watched(&centre, &[(1, SUB), (1, MAIN), (2, SUB)]).await;
    Upstream::new(&centre, 1, MAIN).keyframe(900);
    for viewer in [&mut one, &mut two] {
        viewer.configuration().await;
    }
    watched(&centre, &[(1, MAIN), (2, SUB)]).await;
    drop(one);
    two.say(watch(&[("cam-002", "sub")])).await;
    watched(&centre, &[(2, SUB)]).await;
    centre.fanout.forget(Handle(2));
    watched(&centre, &[]).await;
}

#[tokio::test]
async fn a_subscription_that_is_replaced_keeps_the_lanes_that_it_still_has() {
    let centre = Centre::start(3).await;
    let mut streams: Vec<Upstream> = (1..=3).map(|n| Upstream::new(&centre, n, SUB)).collect();
    streams.iter_mut().for_each(|stream| _ = stream.keyframe(500));
    let mut viewer = Viewer::connect(&centre).await;
    viewer.say(watch(&[("cam-001", "sub"), ("cam-002", "sub")])).await;
    for _ in 0..2 {
        viewer.configuration().await;
        viewer.unit().await;
    }
    viewer.say(watch(&[("cam-003", "sub"), ("cam-001", "sub")])).await;
    assert_eq!(viewer.configuration().await.0.camera, Handle(3));
    assert_eq!(viewer.unit().await.camera, Handle(3));
    for number in [0, 1, 2] {
        let stream: &mut Upstream = &mut streams[number];
        stream.picture(100);
    }
    let mut next =
        [viewer.unit().await, viewer.unit().await].map(|unit| (unit.camera, unit.media_time));
    next.sort_unstable();
    assert_eq!(next, [(Handle(1), 2), (Handle(3), 2)]);
}

#[tokio::test]
async fn a_wish_for_every_camera_takes_in_those_that_come_later() {
    let centre = Centre::start(2).await;
    let mut viewer = Viewer::connect(&centre).await;
    viewer.say(watch(&[("cam-002", "main"), ("*", "sub")])).await;
    watched(&centre, &[(2, SUB), (2, MAIN)]).await;
    Upstream::new(&centre, 99, SUB).keyframe(500);
    assert_eq!(viewer.configuration().await.0.camera, Handle(99));
    assert_eq!(viewer.unit().await.camera, Handle(99));
    watched(&centre, &[(2, SUB), (2, MAIN), (99, SUB)]).await;
}

#[tokio::test]
async fn a_stream_without_a_keyframe_is_shown_as_tiles_and_said_until_one_comes() {
    let live = LivePolicy { keyframe_within: Duration::from_millis(50), ..LivePolicy::default() };
    let centre = Centre::start_with(1, Policy { live, ..Policy::default() }, |_| {}).await;
    let mut upstream = Upstream::new(&centre, 1, SUB);
    let mut viewer = Viewer::connect(&centre).await;
    viewer.say(watch(&[("cam-001", "sub")])).await;
    upstream.picture(100);
    assert_eq!(viewer.word().await, said("cam-001", "tile", "starting"));
    assert_eq!(viewer.word().await, said("cam-001", "tile", "no-keyframe"));
    upstream.keyframe(100);
    assert_eq!(viewer.word().await, said("cam-001", "sub", "wished"));
    viewer.configuration().await;
    assert_eq!(viewer.unit().await.media_time, 2);
}

#[tokio::test]
async fn tiles_and_video_share_one_socket() {
    let centre = Centre::start(1).await;
    let mut upstream = Upstream::new(&centre, 1, SUB);
    upstream.keyframe(500);
    centre.publish(1, 320, 1, 900);
    let mut viewer = Viewer::connect(&centre).await;
    let wish = json!({"type": "subscribe", "tiles": {"cameras": ["*"], "width": 320, "rate": "high"},
        "video": [{"camera": "*", "stream": "sub"}]});
    viewer.say(wish.to_string()).await;
    centre.wanted(1, &[320]).await;
    assert!(centre.fanout.wanted().borrow().high_rate(Handle(1)));
    for number in 2..50 {
        centre.publish(1, 320, number, 900);
        upstream.picture(300);
    }
    let (mut newest_tile, mut newest_unit, mut decoders) = (0, 0, Decoders::default());
    while newest_tile < 49 || newest_unit < 49 {
        let Message::Binary(message) = viewer.client.next().await else { continue };
        match Video::read(&message) {
            Some(video) => newest_unit = decoders.take(&video).unwrap_or(newest_unit),
            None => newest_tile = message[24],
        }
    }
}
