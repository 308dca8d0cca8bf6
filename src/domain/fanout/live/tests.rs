//! What a lane does when its viewer, its stream or its wish changes.

use std::{collections::BTreeSet, time::Duration};

use super::{
    LivePolicy, Quality, Why,
    model::{Upstream, Viewer, source},
};
use crate::domain::media::StreamRef;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Some cameras, whose streams bring a picture each 40 ms, and a viewer.
struct Scene {
    upstream: Upstream,
    viewer: Viewer,
    streams: Vec<StreamRef>,
    pictures: u32,
}

impl Scene {
    fn new(streams: &[(u32, bool)], wishes: &[(u32, bool)]) -> Self {
        let (mut upstream, mut viewer) = (Upstream::new(), Viewer::new(LivePolicy::default()));
        let wishes: Vec<_> = wishes.iter().map(|(camera, main)| (Some(*camera), *main)).collect();
        viewer.wish(&mut upstream, &wishes);
        let streams = streams.iter().map(|(camera, main)| source(*camera, *main)).collect();
        Self { upstream, viewer, streams, pictures: 0 }
    }

    /// Lets time pass, with a keyframe each second. The viewer takes so many messages a turn.
    fn run(&mut self, time: Duration, takes: usize) {
        let end = self.upstream.now + time;
        while self.upstream.now < end {
            for source in &self.streams {
                self.upstream.publish(*source, self.pictures.is_multiple_of(25), 1000);
            }
            self.pictures += 1;
            self.turn(takes);
        }
    }

    fn turn(&mut self, takes: usize) {
        self.upstream.now += 40 * MS;
        if takes > 0 {
            self.viewer.take(&self.upstream, takes);
        }
        if self.pictures.is_multiple_of(25) {
            self.viewer.lanes.look(self.upstream.now, &self.upstream.rings);
        }
    }

    /// What each camera was last said to carry, of those that have changed.
    fn news(&mut self) -> Vec<(u32, Quality, Why)> {
        let (now, mut news) = (self.upstream.now, Vec::new());
        self.viewer.lanes.tell(now, &self.upstream.rings, |notice| {
            news.push((notice.camera.0, notice.carried, notice.why));
            true
        });
        news
    }

    fn watched(&self) -> BTreeSet<StreamRef> {
        let mut watched = BTreeSet::new();
        self.viewer.lanes.watched(&self.upstream.rings, &mut watched);
        watched
    }
}

#[test]
fn under_pressure_lanes_step_from_main_to_sub_to_tile_the_least_important_first() {
    let mut scene =
        Scene::new(&[(1, false), (1, true), (2, false), (2, true)], &[(2, true), (1, true)]);
    scene.run(2 * SECOND, 99);
    let expected = [(2, Quality::Main, Why::Wished), (1, Quality::Main, Why::Wished)];
    assert_eq!(scene.news(), expected);
    let mut steps = Vec::new();
    for _ in 0..40 {
        // It takes nothing for more than a second, again and again.
        scene.run(1200 * MS, 0);
        scene.run(40 * MS, 99);
        scene.run(80 * MS, 99);
        steps.extend(scene.news());
    }
    let expected = [
        (1, Quality::Sub, Why::TooSlow),
        (1, Quality::Tile, Why::TooSlow),
        (2, Quality::Sub, Why::TooSlow),
        (2, Quality::Tile, Why::TooSlow),
    ];
    let place = |step| steps.iter().position(|at| *at == step);
    let places: Vec<_> = expected.into_iter().filter_map(place).collect();
    assert!(places.len() >= 3 && places.is_sorted(), "{steps:?}");
    assert!(scene.watched().iter().all(|source| *source != scene.streams[1]), "not any more");
}

#[test]
fn after_ten_clean_seconds_lanes_step_up_again_until_all_is_as_wished() {
    let mut scene = Scene::new(&[(1, false), (2, false)], &[(1, false), (2, false)]);
    for _ in 0..5 {
        scene.run(1200 * MS, 0);
        scene.run(80 * MS, 99);
    }
    scene.run(SECOND, 99);
    assert!(scene.news().contains(&(2, Quality::Tile, Why::TooSlow)));
    scene.run(30 * SECOND, 99);
    assert!(scene.news().contains(&(2, Quality::Sub, Why::Wished)));
    let counts = scene.viewer.lanes.counts();
    assert!(counts.steps_down > 0 && counts.steps_up == counts.steps_down, "{counts:?}");
    assert_eq!(counts.carried, [0, 2, 0]);
}

#[test]
fn a_main_stream_that_stops_is_bridged_by_the_small_one_until_it_is_back() {
    let mut scene = Scene::new(&[(1, false), (1, true)], &[(1, true)]);
    scene.run(2 * SECOND, 99);
    assert_eq!(scene.news(), [(1, Quality::Main, Why::Wished)]);
    let main = scene.streams.pop().expect("two streams");
    scene.run(5 * SECOND, 99);
    assert_eq!(scene.news(), [(1, Quality::Sub, Why::Starting)]);
    assert_eq!(scene.watched(), BTreeSet::from([source(1, false), main]));
    scene.streams.push(main);
    scene.run(2 * SECOND, 99);
    assert_eq!(scene.news(), [(1, Quality::Main, Why::Wished)]);
    assert_eq!(scene.viewer.lanes.counts().dropped, 0);
}

#[test]
fn a_lane_that_waits_long_for_a_keyframe_of_main_carries_the_small_stream_instead() {
    let mut scene = Scene::new(&[(1, false)], &[(1, true)]);
    let main = source(1, true);
    scene.upstream.publish(main, true, 1000);
    scene.run(40 * MS, 99);
    assert_eq!(scene.news(), [(1, Quality::Main, Why::Wished)]);
    // No keyframe of it any more, and the viewer is away for three seconds.
    for second in 0..12 {
        for _ in 0..25 {
            scene.upstream.publish(main, false, 1000);
            scene.run(40 * MS, if (1..4).contains(&second) { 0 } else { 99 });
        }
    }
    assert_eq!(scene.news(), [(1, Quality::Sub, Why::NoKeyframe)]);
    assert_eq!(scene.watched(), BTreeSet::from([source(1, false)]));
}

#[test]
fn a_viewer_that_is_behind_jumps_after_one_second_and_waits_after_two() {
    for (away, jumps, received) in [
        // It catches up with all of it.
        (800 * MS, 0, true),
        // The keyframe in between is where it goes on.
        (1300 * MS, 1, true),
    ] {
        let mut scene = Scene::new(&[(1, false)], &[(1, false)]);
        scene.run(400 * MS, 99);
        scene.run(away, 0);
        scene.run(40 * MS, 99);
        assert_eq!(scene.viewer.lanes.counts().jumps, jumps, "{away:?}");
        let newest = scene.viewer.decoders.values().next().and_then(|decoder| decoder.newest);
        assert_eq!(newest.is_some_and(|(_, _, number)| number == scene.pictures), received);
    }
    // Without a newer keyframe it waits, and nothing is given meanwhile.
    let mut scene = Scene::new(&[(1, false)], &[(1, false)]);
    scene.run(40 * MS, 99);
    for _ in 0..60 {
        scene.upstream.publish(source(1, false), false, 1000);
        scene.turn(0);
    }
    let before = scene.viewer.received;
    scene.upstream.publish(source(1, false), false, 1000);
    scene.turn(99);
    assert_eq!((scene.viewer.received, scene.viewer.lanes.counts().jumps), (before, 1));
    scene.upstream.publish(source(1, false), true, 1000);
    scene.turn(99);
    assert_eq!(scene.viewer.received, before + 2);
}
