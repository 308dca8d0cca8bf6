//! Cameras and a viewer for tests: the viewer holds every message to what its decoders need.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Instant,
};

use super::{Batch, Body, Lanes, LivePolicy, Rings};
use crate::domain::{
    camera::Handle,
    fanout::VideoWishes,
    media::{AccessUnit, Codec, Kind, StreamFormat, StreamKind, StreamRef, flags},
    time::UnixMicros,
};

pub(super) const CAMERAS: u32 = 5;

/// A message as the viewer sees it.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) source: StreamRef,
    pub(super) flags: u16,
    pub(super) sequence: u32,
    /// Of a unit: its number upstream, lost ones counted. Of a configuration: its width.
    pub(super) told: u32,
}

/// Streams as their cameras send them.
pub(super) struct Upstream {
    pub(super) rings: Rings<Message>,
    pub(super) now: Instant,
    pub(super) numbers: HashMap<StreamRef, u32>,
    widths: HashMap<StreamRef, u32>,
    flagged: BTreeSet<StreamRef>,
    /// What each published unit needs as its configuration.
    needs: HashMap<(StreamRef, u32), u32>,
}

impl Upstream {
    pub(super) fn new(now: Instant) -> Self {
        let mut upstream = Self {
            rings: Rings::default(),
            now,
            numbers: HashMap::new(),
            widths: HashMap::new(),
            flagged: BTreeSet::new(),
            needs: HashMap::new(),
        };
        sources().for_each(|source| upstream.format(source, 640));
        upstream
    }

    pub(super) fn format(&mut self, source: StreamRef, width: u32) {
        self.widths.insert(source, width);
        let codec_string = "avc1".into();
        self.rings
            .format(source, StreamFormat { codec: Codec::H264, codec_string, width, height: 1 });
    }

    pub(super) fn publish(&mut self, source: StreamRef, random_access: bool, bytes: usize) {
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
    pub(super) fn lose(&mut self, source: StreamRef, inside: bool) {
        *self.numbers.entry(source).or_default() += 1;
        if inside {
            self.rings.hole(source);
        } else {
            self.flagged.insert(source);
        }
    }
}

/// A viewer, and what its decoders have been given.
pub(super) struct Viewer {
    pub(super) lanes: Lanes,
    wishes: VideoWishes,
    pub(super) decoders: BTreeMap<Handle, Decoder>,
    pub(super) received: usize,
}

#[derive(Debug, Default)]
pub(super) struct Decoder {
    configured: Option<(StreamRef, u32)>,
    /// The configuration was the newest message, with this flag.
    ready: Option<bool>,
    pub(super) newest: Option<(StreamRef, u32, u32)>,
}

impl Viewer {
    pub(super) fn new(policy: LivePolicy) -> Self {
        let (wishes, decoders) = (VideoWishes::default(), BTreeMap::new());
        Self { lanes: Lanes::new(policy), wishes, decoders, received: 0 }
    }

    pub(super) fn wish(&mut self, upstream: &mut Upstream, wishes: &[(Option<u32>, bool)]) {
        self.wishes = VideoWishes::default();
        for (camera, main) in wishes {
            self.wishes.add(camera.map(Handle), stream(*main));
        }
        // A lane that ends takes its decoder along.
        self.decoders.retain(|camera, _| self.wishes.wish(*camera).is_some());
        self.lanes.subscribe(upstream.now, &self.wishes, &mut upstream.rings, |_| true);
    }

    /// Takes at most so many messages, and holds each to the rules.
    pub(super) fn take(&mut self, upstream: &Upstream, most: usize) {
        let mut left = most;
        self.lanes.meet(upstream.now, &self.wishes, &upstream.rings, |_| true);
        loop {
            let mut batch = Batch::none();
            self.lanes.due(upstream.now, &upstream.rings, &mut batch);
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
    pub(super) fn take(&mut self, message: &Message, needs: &HashMap<(StreamRef, u32), u32>) {
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

pub(super) fn stream(main: bool) -> StreamKind {
    if main { StreamKind::Main } else { StreamKind::Sub }
}

pub(super) fn source(camera: u32, main: bool) -> StreamRef {
    StreamRef { camera: Handle(camera), stream: stream(main) }
}

pub(super) fn sources() -> impl Iterator<Item = StreamRef> {
    (0..CAMERAS).flat_map(|camera| [source(camera, false), source(camera, true)])
}
