//! The media stage: keyframes in, tiles out. One task owns the keyframe gate, the full decodes and
//! who waits for a snapshot; it gives each idle decode worker the job that matters most.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::{
    blame::Blame,
    decoders::{DecoderEvent, Decoders, Outcome},
    fanout::FanoutHandle,
    full::FullDecodes,
    snapshots::{Snapshot, SnapshotError},
};
use crate::{
    domain::{
        camera::Handle,
        fanout::Wanted,
        keyframe::KeyframeGate,
        media::{AccessUnit, StreamKind, flags, ladder_width},
        time::UnixMicros,
    },
    worker::message::{
        ComposeJob, DecodeFault, DecodeJob, DecodeMode, Decoded, FromDecode, Picture, SessionId,
        ToDecode,
    },
};

/// The width that every camera's keyframes are made into, watched or not: a wall that opens shows
/// all of its cameras at once, and the service itself has seen that they decode.
pub const BASE_WIDTH: u16 = 320;

/// Snapshots that wait for a decoder. More are refused: each is up to 0.5 s of work.
const SNAPSHOTS_WAITING: usize = 64;

/// What the media stage sees, for the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A picture was decoded.
    Picture {
        /// The camera.
        camera: Handle,
        /// When its last byte arrived.
        received_at: UnixMicros,
        /// CPU time of decoding.
        decode: Duration,
    },
    /// A keyframe gave no picture.
    Undecodable {
        /// The camera.
        camera: Handle,
        /// Why.
        why: String,
    },
    /// Whether every access unit of the camera's small stream is needed from now on.
    WantAll {
        /// The camera.
        camera: Handle,
        /// All of them, or keyframes only.
        all: bool,
    },
}

/// What others ask of the media stage.
#[derive(Debug)]
enum Request {
    Snapshot {
        camera: Handle,
        width: u16,
        answer: oneshot::Sender<Result<Snapshot, SnapshotError>>,
    },
    Compose {
        job: ComposeJob,
        answer: oneshot::Sender<Result<Bytes, SnapshotError>>,
    },
    Forget(Handle),
}

/// Speaks to the media stage.
#[derive(Clone, Debug)]
pub struct MediaHandle {
    requests: mpsc::Sender<Request>,
    counters: watch::Receiver<MediaCounters>,
}

/// Totals since the service began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaCounters {
    /// Pictures decoded.
    pub decoded: u64,
    /// Keyframes that gave no picture.
    pub undecodable: u64,
    /// Keyframes given up for a newer one of the same camera.
    pub superseded: u64,
    /// Access units of full decodes given up because the decoders were behind.
    pub full_dropped: u64,
    /// Decode workers that crashed or hung.
    pub crashes: u64,
    /// CPU time of decoding, microseconds.
    pub decode_us: u64,
    /// CPU time of scaling and JPEG coding, microseconds.
    pub tile_us: u64,
}

impl MediaHandle {
    /// The newest keyframe of a camera's small stream, decoded at the ladder width for `width`.
    pub async fn snapshot(&self, camera: Handle, width: u32) -> Result<Snapshot, SnapshotError> {
        let width = ladder_width(width);
        self.ask(|answer| Request::Snapshot { camera, width, answer }).await
    }

    /// Several tiles drawn into one picture.
    pub async fn compose(&self, job: ComposeJob) -> Result<Bytes, SnapshotError> {
        self.ask(|answer| Request::Compose { job, answer }).await
    }

    /// The camera is gone.
    pub async fn forget(&self, camera: Handle) {
        // The stage is gone only when the service stops.
        let _ = self.requests.send(Request::Forget(camera)).await;
    }

    /// Totals.
    pub fn counters(&self) -> MediaCounters {
        *self.counters.borrow()
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, SnapshotError>>) -> Request,
    ) -> Result<T, SnapshotError> {
        let (answer, answered) = oneshot::channel();
        self.requests.try_send(request(answer)).map_err(|_| SnapshotError::Busy)?;
        match tokio::time::timeout(Duration::from_secs(5), answered).await {
            Ok(Ok(result)) => result,
            _ => Err(SnapshotError::Busy),
        }
    }
}

/// What the stage works with.
#[derive(Debug)]
pub struct Inputs {
    /// Access units from the ingest workers.
    pub units: mpsc::Receiver<(SessionId, AccessUnit)>,
    /// The decode workers.
    pub decoders: Decoders,
    /// What they say.
    pub decoder_events: mpsc::Receiver<DecoderEvent>,
    /// Where tiles go.
    pub fanout: FanoutHandle,
    /// Who hears what was seen; the desk always reads.
    pub seen: mpsc::Sender<Seen>,
    /// Largest width times height to decode, pixels.
    pub pixels_max: u32,
}

/// The stage, before it runs.
#[derive(Debug)]
pub struct Media {
    inputs: Inputs,
    requests: mpsc::Receiver<Request>,
    counters_out: watch::Sender<MediaCounters>,
    stage: Stage,
}

#[derive(Debug)]
struct Stage {
    gate: KeyframeGate,
    full: FullDecodes,
    blame: Blame,
    /// The newest keyframe of each camera that gave a picture.
    newest: HashMap<Handle, AccessUnit>,
    forgotten: HashSet<Handle>,
    snapshots: VecDeque<Request>,
    idle: Vec<usize>,
    in_flight: HashMap<usize, InFlight>,
    counters: MediaCounters,
    next_job: u64,
}

#[derive(Debug)]
enum InFlight {
    Unit { unit: AccessUnit, widths: Vec<u16>, full: bool },
    Snapshot { captured_at: UnixMicros, answer: oneshot::Sender<Result<Snapshot, SnapshotError>> },
    Compose { answer: oneshot::Sender<Result<Bytes, SnapshotError>> },
    Reset,
}

impl Media {
    /// The stage and what speaks to it.
    pub fn new(inputs: Inputs) -> (Self, MediaHandle) {
        let (ask, requests) = mpsc::channel(SNAPSHOTS_WAITING);
        let (counters_out, counters) = watch::channel(MediaCounters::default());
        let stage = Stage {
            gate: KeyframeGate::default(),
            full: FullDecodes::new(inputs.decoders.count()),
            blame: Blame::default(),
            newest: HashMap::new(),
            forgotten: HashSet::new(),
            snapshots: VecDeque::new(),
            idle: Vec::new(),
            in_flight: HashMap::new(),
            counters: MediaCounters::default(),
            next_job: 0,
        };
        (Self { inputs, requests, counters_out, stage }, MediaHandle { requests: ask, counters })
    }

    /// Runs until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let wanted = self.inputs.fanout.wanted();
        let mut seen = Vec::new();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                Some((session, unit)) = self.inputs.units.recv() => self.stage.unit(session, unit, &mut seen),
                Some(event) = self.inputs.decoder_events.recv() => match event {
                    DecoderEvent::Idle(worker) => self.stage.idle(worker),
                    DecoderEvent::Lost(worker) => self.stage.lost(worker),
                    DecoderEvent::Done(worker, outcome) => {
                        self.stage.done(worker, outcome, &self.inputs.fanout, &mut seen);
                    }
                },
                Some(request) = self.requests.recv() => self.stage.request(request),
                else => break,
            }
            let visible = wanted.borrow().clone();
            self.stage.dispatch(&self.inputs.decoders, &visible, self.inputs.pixels_max);
            self.counters_out.send_replace(self.stage.counters());
            for seen in seen.drain(..) {
                // The desk is gone only when the service stops.
                let _ = self.inputs.seen.send(seen).await;
            }
        }
        self.inputs.decoders.stopped().await;
    }
}

impl Stage {
    fn counters(&self) -> MediaCounters {
        MediaCounters {
            superseded: self.gate.superseded(),
            full_dropped: self.full.dropped(),
            ..self.counters
        }
    }

    fn unit(&mut self, session: SessionId, unit: AccessUnit, seen: &mut Vec<Seen>) {
        let camera = unit.source.camera;
        if unit.source.stream != StreamKind::Sub || self.forgotten.contains(&camera) {
            return;
        }
        let now = Instant::now();
        if self.blame.barred(now, camera) {
            if unit.random_access {
                let why = "kept from the decoders: it crashed them three times in five minutes"
                    .to_owned();
                seen.push(Seen::Undecodable { camera, why });
            }
            return;
        }
        let (was_full, full) = self.full.offer(now, session, &unit);
        if was_full != full {
            seen.push(Seen::WantAll { camera, all: full });
        }
        if !full && unit.random_access {
            self.gate.offer(unit);
        }
    }

    /// A worker that was started again may have been given a job that still waits for it.
    fn idle(&mut self, worker: usize) {
        if !self.idle.contains(&worker) && !self.in_flight.contains_key(&worker) {
            self.idle.push(worker);
        }
    }

    fn lost(&mut self, worker: usize) {
        self.idle.retain(|idle| *idle != worker);
        self.counters.crashes += 1;
        self.full.worker_lost(worker);
    }

    fn request(&mut self, request: Request) {
        match request {
            Request::Forget(camera) => {
                self.gate.forget(camera);
                self.full.forget(camera);
                self.blame.forget(camera);
                self.newest.remove(&camera);
                self.forgotten.insert(camera);
            }
            Request::Snapshot { camera, answer, .. } if !self.newest.contains_key(&camera) => {
                // Whoever asked may have left.
                let _ = answer.send(Err(SnapshotError::NoPicture));
            }
            other => self.snapshots.push_back(other),
        }
    }

    fn dispatch(&mut self, decoders: &Decoders, wanted: &Wanted, pixels_max: u32) {
        let mut resting = Vec::new();
        while let Some(worker) = self.idle.pop() {
            match self.next_job(worker, wanted, pixels_max) {
                Some((job, in_flight)) => {
                    self.in_flight.insert(worker, in_flight);
                    decoders.give(worker, job);
                }
                None => resting.push(worker),
            }
        }
        self.idle = resting;
    }

    /// A person who asks goes first; then streams that are decoded in full, whose access units may
    /// not be skipped; then keyframes.
    fn next_job(
        &mut self,
        worker: usize,
        wanted: &Wanted,
        pixels_max: u32,
    ) -> Option<(ToDecode, InFlight)> {
        let now = Instant::now();
        self.next_job += 1;
        let job = self.next_job;
        let decode = |unit: &AccessUnit, mode, widths: &[u16]| {
            let (codec, widths, data) = (unit.codec, widths.to_vec(), unit.data.clone());
            ToDecode::Picture(DecodeJob { job, codec, mode, pixels_max, widths, data })
        };
        match self.snapshots.pop_front() {
            Some(Request::Snapshot { camera, width, answer }) => {
                if let Some(unit) = self.newest.get(&camera) {
                    let in_flight = InFlight::Snapshot { captured_at: unit.received_at, answer };
                    return Some((decode(unit, DecodeMode::Still, &[width]), in_flight));
                }
            }
            Some(Request::Compose { job: compose, answer }) => {
                let job = ToDecode::Compose(ComposeJob { job, ..compose });
                return Some((job, InFlight::Compose { answer }));
            }
            Some(Request::Forget(_)) | None => {}
        }
        if let Some(full) = self.full.take(now, worker) {
            let camera = full.unit.source.camera;
            if full.reset {
                let mut unit = full.unit;
                unit.data = Bytes::new();
                return Some((decode(&unit, DecodeMode::Forget(camera), &[]), InFlight::Reset));
            }
            let widths = if full.picture { widths(wanted, camera) } else { Vec::new() };
            let job = decode(&full.unit, DecodeMode::Continuous(camera), &widths);
            return Some((job, InFlight::Unit { unit: full.unit, widths, full: true }));
        }
        let unit = self.gate.take(now, |camera| wanted.widths(camera).next().is_some())?;
        let widths = widths(wanted, unit.source.camera);
        let job = decode(&unit, DecodeMode::Still, &widths);
        Some((job, InFlight::Unit { unit, widths, full: false }))
    }

    fn done(
        &mut self,
        worker: usize,
        outcome: Outcome,
        fanout: &FanoutHandle,
        seen: &mut Vec<Seen>,
    ) {
        let Some(in_flight) = self.in_flight.remove(&worker) else { return };
        if matches!(outcome, Outcome::Crashed) {
            self.counters.crashes += 1;
            self.full.worker_lost(worker);
        }
        // Whoever asked for a snapshot may have left: a failed answer is fine.
        match (in_flight, outcome) {
            (
                InFlight::Unit { unit, widths, full },
                Outcome::Answered(FromDecode::Decoded(decoded)),
            ) => {
                self.decoded(unit, &widths, full, decoded, fanout, seen);
            }
            (InFlight::Unit { unit, .. }, _) => {
                self.blame.crashed(Instant::now(), unit.source.camera);
                let why = "its keyframe crashed or hung a decoder".to_owned();
                seen.push(Seen::Undecodable { camera: unit.source.camera, why });
            }
            (
                InFlight::Snapshot { captured_at, answer },
                Outcome::Answered(FromDecode::Decoded(Decoded { outcome: Ok(picture), .. })),
            ) => {
                let tile = picture.tiles.into_iter().next().ok_or(SnapshotError::Busy);
                let _ = answer.send(tile.map(|tile| Snapshot { jpeg: tile.jpeg, captured_at }));
            }
            (InFlight::Snapshot { answer, .. }, _) => _ = answer.send(Err(SnapshotError::Busy)),
            (InFlight::Compose { answer }, Outcome::Answered(FromDecode::Composed(composed))) => {
                let _ = answer.send(composed.outcome.map_err(|_| SnapshotError::Busy));
            }
            (InFlight::Compose { answer }, _) => _ = answer.send(Err(SnapshotError::Busy)),
            (InFlight::Reset, _) => {}
        }
    }

    fn decoded(
        &mut self,
        unit: AccessUnit,
        widths: &[u16],
        full: bool,
        decoded: Decoded,
        fanout: &FanoutHandle,
        seen: &mut Vec<Seen>,
    ) {
        let camera = unit.source.camera;
        if self.forgotten.contains(&camera) {
            return;
        }
        match decoded.outcome {
            Ok(picture) if widths.is_empty() => self.count(&picture),
            Ok(picture) => {
                self.count(&picture);
                for (width, tile) in widths.iter().zip(&picture.tiles) {
                    fanout.publish_tile(
                        camera,
                        *width,
                        tile,
                        unit.received_at,
                        unit.media_time,
                        flags::KEYFRAME,
                    );
                }
                seen.push(Seen::Picture {
                    camera,
                    received_at: unit.received_at,
                    decode: picture.decode,
                });
                if unit.random_access {
                    self.newest.insert(camera, unit);
                }
            }
            Err(DecodeFault::NotYet) => {
                if full && self.full.hopeless(Instant::now(), camera) {
                    let why = "no keyframe and no recovery point in 30 s: nothing to decode from"
                        .to_owned();
                    seen.push(Seen::Undecodable { camera, why });
                }
            }
            Err(DecodeFault::Damaged { why } | DecodeFault::Unsupported { why }) => {
                self.counters.undecodable += 1;
                seen.push(Seen::Undecodable { camera, why });
            }
        }
    }

    fn count(&mut self, picture: &Picture) {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.counters.decoded += 1;
        self.counters.decode_us += micros(picture.decode);
        self.counters.tile_us += micros(picture.tile);
    }
}

/// The widths to make of a camera's picture.
fn widths(wanted: &Wanted, camera: Handle) -> Vec<u16> {
    let mut widths: Vec<u16> = wanted.widths(camera).chain([BASE_WIDTH]).collect();
    widths.sort_unstable();
    widths.dedup();
    widths
}
