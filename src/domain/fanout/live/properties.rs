//! What every viewer may rely on, whatever is published, lost, taken and wished for, and when.

use std::{collections::BTreeSet, time::Duration};

use proptest::prelude::*;

use super::{
    LivePolicy,
    model::{CAMERAS, Upstream, Viewer, source},
};
use crate::domain::{camera::Handle, media::StreamKind};

const BYTES_MAX: usize = 2 << 20;

#[derive(Clone, Debug)]
enum Act {
    Publish { camera: u32, main: bool, keyframe: bool, bytes: usize },
    Lose { camera: u32, main: bool, inside: bool },
    Format { camera: u32, main: bool, width: u32 },
    Forget { camera: u32 },
    ClearSilent,
    Take(usize),
    Wait(u64),
    Look,
    Wish(Vec<(Option<u32>, bool)>),
}

fn act() -> impl Strategy<Value = Act> {
    let camera = || 0..CAMERAS;
    let of = move || (camera(), any::<bool>());
    let wish = (prop::option::weighted(0.8, camera()), any::<bool>());
    prop_oneof![
        40 => (of(), prop::bool::weighted(0.2), 0..3000usize).prop_map(
            |((camera, main), keyframe, bytes)| Act::Publish { camera, main, keyframe, bytes }),
        1 => of().prop_map(|(camera, main)| Act::Publish {
            camera, main, keyframe: false, bytes: BYTES_MAX }),
        2 => (of(), any::<bool>()).prop_map(
            |((camera, main), inside)| Act::Lose { camera, main, inside }),
        1 => (of(), 1..4u32).prop_map(|((camera, main), width)| Act::Format { camera, main, width }),
        1 => prop_oneof![
            4 => Just(Act::ClearSilent),
            1 => camera().prop_map(|camera| Act::Forget { camera }),
        ],
        12 => (0..150usize).prop_map(Act::Take),
        8 => prop_oneof![4 => 0..60u64, 1 => 0..2500u64].prop_map(Act::Wait),
        3 => Just(Act::Look),
        1 => prop::collection::vec(wish, 0..5).prop_map(Act::Wish),
    ]
}

fn play(upstream: &mut Upstream, viewer: &mut Viewer, act: Act) {
    match act {
        Act::Publish { camera, main, keyframe, bytes } => {
            upstream.publish(source(camera, main), keyframe, bytes);
        }
        Act::Lose { camera, main, inside } => upstream.lose(source(camera, main), inside),
        Act::Format { camera, main, width } => upstream.format(source(camera, main), width),
        Act::Forget { camera } => upstream.rings.forget(Handle(camera)),
        Act::ClearSilent => upstream.rings.clear_silent(upstream.now, Duration::from_secs(2)),
        Act::Take(most) => viewer.take(upstream, most),
        Act::Wait(ms) => upstream.now += Duration::from_millis(ms),
        Act::Look => viewer.lanes.look(upstream.now, &upstream.rings),
        Act::Wish(wishes) => viewer.wish(upstream, &wishes),
    }
    for ring in
        upstream.rings.cameras.iter().flat_map(|camera| {
            [StreamKind::Sub, StreamKind::Main].map(|stream| camera.ring(stream))
        })
    {
        assert!(ring.bytes() <= (4 << 20) + BYTES_MAX, "{} bytes", ring.bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_happens_a_viewer_is_given_only_what_it_can_decode(
        acts in prop::collection::vec(act(), 0..500)
    ) {
        let (mut upstream, mut viewer) = (Upstream::new(), Viewer::new(LivePolicy::default()));
        viewer.wish(&mut upstream, &[(None, true)]);
        acts.into_iter().for_each(|act| play(&mut upstream, &mut viewer, act));
        // It ends with the newest of every stream that a lane carries or is to carry.
        for stream in [false, true] {
            (0..CAMERAS).for_each(|camera| upstream.publish(source(camera, stream), true, 10));
        }
        for _ in 0..4 {
            viewer.take(&upstream, usize::MAX);
        }
        let mut watched = BTreeSet::new();
        viewer.lanes.watched(&upstream.rings, &mut watched);
        for camera in upstream.rings.cameras.iter().filter(|camera| !camera.gone) {
            let best = watched.iter().rev().find(|source| source.camera == camera.handle);
            let Some(best) = best else { continue };
            let newest = viewer.decoders.get(&camera.handle).and_then(|decoder| decoder.newest);
            let number = upstream.numbers[best];
            prop_assert!(
                newest.is_some_and(|(source, _, at)| source == *best && at == number),
                "{:?} has {:?} instead of {}", best, newest, number
            );
        }
    }

    #[test]
    fn a_viewer_that_keeps_up_is_given_every_unit_and_nothing_is_counted_as_dropped(
        turns in prop::collection::vec(
            prop::collection::vec((0..CAMERAS, prop::bool::weighted(0.1)), 0..40), 1..60)
    ) {
        let (mut upstream, mut viewer) = (Upstream::new(), Viewer::new(LivePolicy::default()));
        viewer.wish(&mut upstream, &[(None, false)]);
        (0..CAMERAS).for_each(|camera| upstream.publish(source(camera, false), true, 10));
        viewer.take(&upstream, usize::MAX);
        let mut expected = 2 * CAMERAS as usize;
        for turn in turns {
            upstream.now += Duration::from_millis(40);
            for (camera, keyframe) in turn {
                upstream.publish(source(camera, false), keyframe, 10);
                expected += 1;
            }
            viewer.take(&upstream, usize::MAX);
            prop_assert_eq!(viewer.received, expected);
        }
        prop_assert_eq!(viewer.lanes.counts().dropped, 0);
    }
}
