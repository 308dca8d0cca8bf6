//! What every viewer may rely on, whatever is published, lost, taken and wished for, and when.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use proptest::prelude::*;

use super::*;
use crate::domain::{
    camera::Handle,
    fanout::VideoWishes,
    media::{AccessUnit, Codec, Kind, StreamFormat, StreamKind, StreamRef, flags},
    time::UnixMicros,
};

const CAMERAS: u32 = 5;
const BYTES_MAX: usize = 2 << 20;

/// A message as the viewer sees it.
#[derive(Clone, Debug)]
struct Message {
    kind: Kind,
    source: StreamRef,
    flags: u16,
    sequence: u32,
    /// Of a unit: its number upstream, lost ones counted. Of a configuration: its width.
    told: u32,
}

/// Streams as their cameras send them.
struct Upstream {
    rings: Rings<Message>,
    now: Instant,
    numbers: HashMap<StreamRef, u32>,
    widths: HashMap<StreamRef, u32>,
    flagged: BTreeSet<StreamRef>,
    /// What each published unit needs as its configuration.
    needs: HashMap<(StreamRef, u32), u32>,
}

impl Upstream {
    fn new() -> Self {
        let mut upstream = Self {
            rings: Rings::default(),
            now: Instant::now(),
            numbers: HashMap::new(),
            widths: HashMap::new(),
            flagged: BTreeSet::new(),
            needs: HashMap::new(),
        };
        sources().for_each(|source| upstream.format(source, 640));
        upstream
    }

    fn format(&mut self, source: StreamRef, width: u32) {
        self.widths.insert(source, width);
        let codec_string = "avc1".into();
        self.rings
            .format(source, StreamFormat { codec: Codec::H264, codec_string, width, height: 1 });
    }

    fn publish(&mut self, source: StreamRef, random_access: bool, bytes: usize) {
        let number = self.numbers.entry(source).or_default();
        *number += 1;
        self.needs.insert((source, *number), self.widths[&source]);
        let unit = AccessUnit {
            source,
            codec: Codec::H264,
            random_access,
            discontinuity: self.flagged.remove(&source),
            received_at: UnixMicros(0),
            media_time: *number,
            data: vec![0; bytes].into(),
        };
        self.rings.publish(self.now, &unit, |header, body| Message {
            kind: header.kind,
            source,
            flags: header.flags,
            sequence: header.sequence,
            told: match body {
                Body::Unit(_) => header.media_time,
                Body::Configuration(_, format) => format.width,
            },
        });
    }

    /// A unit is lost, in the camera's network or on the way from the worker.
    fn lose(&mut self, source: StreamRef, inside: bool) {
        *self.numbers.entry(source).or_default() += 1;
        if inside {
            self.rings.hole(source);
        } else {
            self.flagged.insert(source);
        }
    }
}

/// A viewer, and what its decoders have been given.
struct Viewer {
    lanes: Lanes,
    wishes: VideoWishes,
    decoders: BTreeMap<Handle, Decoder>,
    received: usize,
}

#[derive(Debug, Default)]
struct Decoder {
    configured: Option<(StreamRef, u32)>,
    /// The configuration was the newest message, with this flag.
    ready: Option<bool>,
    newest: Option<(StreamRef, u32, u32)>,
}

impl Viewer {
    fn new(policy: LivePolicy) -> Self {
        let (wishes, decoders) = (VideoWishes::default(), BTreeMap::new());
        Self { lanes: Lanes::new(policy), wishes, decoders, received: 0 }
    }

    fn wish(&mut self, upstream: &mut Upstream, wishes: &[(Option<u32>, bool)]) {
        self.wishes = VideoWishes::default();
        for (camera, main) in wishes {
            self.wishes.add(camera.map(Handle), stream(*main));
        }
        // A lane that ends takes its decoder along.
        self.decoders.retain(|camera, _| self.wishes.wish(*camera).is_some());
        self.lanes.subscribe(upstream.now, &self.wishes, &mut upstream.rings, |_| true);
    }

    /// Takes at most so many messages, and holds each to the rules.
    fn take(&mut self, upstream: &Upstream, most: usize) {
        let mut left = most;
        self.lanes.meet(upstream.now, &self.wishes, &upstream.rings, |_| true);
        loop {
            let batch = self.lanes.due(upstream.now, &upstream.rings);
            let count = batch.len().min(left);
            for due in batch.iter().take(count) {
                self.received += 1;
                let camera = due.message.source.camera;
                assert!(self.wishes.wish(camera).is_some(), "only what was wished for");
                let decoder = self.decoders.entry(camera).or_default();
                assert_eq!(due.unit, due.message.kind == Kind::VideoAccessUnit);
                decoder.take(due.message, &upstream.needs);
            }
            left -= count;
            let done = batch.is_complete() || count < batch.len() || left == 0;
            self.lanes.took(&batch, count);
            if done {
                return;
            }
        }
    }
}

impl Decoder {
    fn take(&mut self, message: &Message, needs: &HashMap<(StreamRef, u32), u32>) {
        let Message { kind, source, flags, sequence, told } = *message;
        let flagged = flags & flags::DISCONTINUITY != 0;
        if kind == Kind::VideoConfiguration {
            self.configured = Some((source, told));
            self.ready = Some(flagged);
            return;
        }
        let (ready, newest) = (self.ready.take(), self.newest.replace((source, sequence, told)));
        assert_eq!(
            self.configured,
            Some((source, needs[&(source, told)])),
            "unit {told} under a configuration that is not its own"
        );
        let follows = newest.is_some_and(|(before, at, number)| {
            before == source && (at + 1, number + 1) == (sequence, told)
        });
        if flags & flags::KEYFRAME == 0 {
            assert!(
                follows && ready.is_none(),
                "{told} after {newest:?}: its predecessor is missing"
            );
        } else if !follows {
            assert!(ready.is_some(), "keyframe {told} after {newest:?} without its configuration");
            assert!(flagged || newest.is_none(), "left out in silence: {newest:?} to {told}");
        }
        if flagged {
            assert_eq!(ready, Some(true), "a drop is said with a configuration that says so");
        }
    }
}

fn stream(main: bool) -> StreamKind {
    if main { StreamKind::Main } else { StreamKind::Sub }
}

fn source(camera: u32, main: bool) -> StreamRef {
    StreamRef { camera: Handle(camera), stream: stream(main) }
}

fn sources() -> impl Iterator<Item = StreamRef> {
    (0..CAMERAS).flat_map(|camera| [source(camera, false), source(camera, true)])
}

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
