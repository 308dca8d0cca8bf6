//! The rings of all streams, and in which order their units were published.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::ring::{Configuration, Entry, Ring, Start};
use crate::domain::{
    camera::Handle,
    media::{AccessUnit, Header, Kind, StreamFormat, StreamKind, StreamRef, flags},
};

/// A viewer that missed more publications than this goes lane by lane instead: two seconds of 150
/// streams.
const LOG: usize = 8192;

/// What a message carries besides its header.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// An access unit.
    Unit(&'a Bytes),
    /// What a decoder must know of the stream.
    Configuration(StreamKind, &'a StreamFormat),
}

/// All streams' rings. `M` is the message as it goes out, built once, when it is published.
///
/// Memory is bounded by the streams there are, whatever the viewers do.
#[derive(Debug)]
pub struct Rings<M> {
    pub(super) cameras: Vec<Camera<M>>,
    index: HashMap<Handle, u32>,
    /// Handles are never reused, so a late unit of a camera that was removed is told by its handle.
    forgotten: HashSet<Handle>,
    log: Vec<Publication>,
    /// Publications so far; the next one's position.
    pub(super) published: u64,
    withheld: u64,
}

#[derive(Debug)]
pub(super) struct Camera<M> {
    pub(super) handle: Handle,
    pub(super) gone: bool,
    streams: [Stream<M>; 2],
}

#[derive(Debug)]
pub(super) struct Stream<M> {
    pub(super) ring: Ring<M>,
    format: Option<StreamFormat>,
    /// That of the newest keyframe; `None` if the next one needs another.
    configuration: Option<Arc<Configuration<M>>>,
    configurations: u32,
    /// There is a hole: nothing is published before the next keyframe.
    broken: bool,
}

/// One publication, as the log has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Publication {
    pub(super) camera: u32,
    pub(super) at: Instant,
}

impl<M> Default for Rings<M> {
    fn default() -> Self {
        Self {
            cameras: Vec::new(),
            index: HashMap::new(),
            forgotten: HashSet::new(),
            log: Vec::new(),
            published: 0,
            withheld: 0,
        }
    }
}

impl<M> Rings<M> {
    /// What a stream carries from its next access unit on.
    pub fn format(&mut self, source: StreamRef, format: StreamFormat) {
        let Some(index) = self.meet(source.camera) else { return };
        let stream = self.cameras[index as usize].stream_mut(source.stream);
        if stream.format.as_ref() != Some(&format) {
            stream.format = Some(format);
            stream.configuration = None;
        }
    }

    /// A unit of the stream was lost on its way here.
    pub fn hole(&mut self, source: StreamRef) {
        if let Some(index) = self.meet(source.camera) {
            self.cameras[index as usize].stream_mut(source.stream).broken = true;
        }
    }

    /// The stream's next unit. After a hole, and before its first keyframe and format, a stream's
    /// units are withheld: nobody could show them undamaged.
    pub fn publish(
        &mut self,
        now: Instant,
        unit: &AccessUnit,
        frame: impl Fn(&Header, Body<'_>) -> M,
    ) {
        let StreamRef { camera, stream: kind } = unit.source;
        let Some(index) = self.meet(camera) else { return };
        let stream = self.cameras[index as usize].stream_mut(kind);
        let configured = stream.configuration.is_some();
        stream.broken |= unit.discontinuity || !configured && !unit.random_access;
        let Some(format) = stream.format.as_ref().filter(|_| unit.random_access || !stream.broken)
        else {
            stream.broken = true;
            self.withheld += 1;
            return;
        };
        let number = stream.ring.end();
        let sequence = |number: u64| (number & u64::from(u32::MAX)) as u32;
        let header = |kind, flags, sequence| Header {
            kind,
            flags,
            camera,
            sequence,
            received_at: unit.received_at,
            media_time: unit.media_time,
        };
        let framed = |bits| {
            let header = header(Kind::VideoAccessUnit, bits, sequence(number + 1));
            frame(&header, Body::Unit(&unit.data))
        };
        let start = unit.random_access.then(|| {
            // Before the first there is nothing that could be missing.
            let hole = std::mem::take(&mut stream.broken) && number > 0;
            let configuration = stream.configuration.get_or_insert_with(|| {
                stream.configurations = stream.configurations.wrapping_add(1);
                let framed = |bits| {
                    let header = header(Kind::VideoConfiguration, bits, stream.configurations);
                    frame(&header, Body::Configuration(kind, format))
                };
                let (message, after_drop) = (framed(0), framed(flags::DISCONTINUITY));
                Arc::new(Configuration { message, after_drop })
            });
            Box::new(Start {
                after_drop: framed(flags::KEYFRAME | flags::DISCONTINUITY),
                configuration: configuration.clone(),
                anew: hole || !configured,
                hole,
            })
        });
        let message = match &start {
            None => framed(0),
            Some(start) if start.hole => framed(flags::KEYFRAME | flags::DISCONTINUITY),
            Some(_) => framed(flags::KEYFRAME),
        };
        let bytes = unit.data.len();
        let received_at = unit.received_at;
        stream.ring.push(Entry { message, start, at: now, received_at, bytes });
        self.put(Publication { camera: index, at: now });
    }

    /// Drops everything of a camera, for good.
    pub fn forget(&mut self, camera: Handle) {
        self.forgotten.insert(camera);
        if let Some(index) = self.index.remove(&camera) {
            let camera = &mut self.cameras[index as usize];
            camera.gone = true;
            camera.streams.iter_mut().for_each(|stream| stream.ring.clear());
        }
    }

    /// Empties the rings of streams that have been silent for this long: nobody can start there,
    /// and a large stream that nobody watches any more would keep its megabytes.
    pub fn clear_silent(&mut self, now: Instant, silent_for: Duration) {
        let streams = self.cameras.iter_mut().flat_map(|camera| &mut camera.streams);
        streams
            .filter(|stream| stream.ring.end() > 0 && !stream.ring.lively(now, silent_for))
            .for_each(|stream| stream.ring.clear());
    }

    /// Units that were not published, because of a hole before them or for want of a keyframe.
    pub fn withheld(&self) -> u64 {
        self.withheld
    }

    /// The camera's place, which it keeps; a new one if it is new, none if it was forgotten.
    pub(super) fn meet(&mut self, camera: Handle) -> Option<u32> {
        if let Some(index) = self.index.get(&camera) {
            return Some(*index);
        }
        if self.forgotten.contains(&camera) {
            return None;
        }
        let index = u32::try_from(self.cameras.len()).ok()?;
        let streams = [Stream::default(), Stream::default()];
        self.cameras.push(Camera { handle: camera, gone: false, streams });
        self.index.insert(camera, index);
        Some(index)
    }

    /// The publication at a position, if the log still holds it.
    pub(super) fn logged(&self, position: u64) -> Option<Publication> {
        if position >= self.published || self.published - position > LOG as u64 {
            return None;
        }
        self.log.get(slot(position)).copied()
    }

    fn put(&mut self, publication: Publication) {
        match self.log.get_mut(slot(self.published)) {
            Some(place) => *place = publication,
            None => self.log.push(publication),
        }
        self.published += 1;
    }
}

impl<M> Camera<M> {
    pub(super) fn ring(&self, kind: StreamKind) -> &Ring<M> {
        &self.streams[kind as usize].ring
    }

    fn stream_mut(&mut self, kind: StreamKind) -> &mut Stream<M> {
        &mut self.streams[kind as usize]
    }
}

impl<M> Default for Stream<M> {
    fn default() -> Self {
        Self {
            ring: Ring::default(),
            format: None,
            configuration: None,
            configurations: 0,
            broken: false,
        }
    }
}

fn slot(position: u64) -> usize {
    usize::try_from(position % LOG as u64).expect("less than the log's length")
}
