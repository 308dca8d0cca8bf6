//! The stage's state: what waits, who is idle, what is under way. Does no waiting itself.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::{BASE_WIDTH, MediaCounters, Seen, handle::Request};
use crate::{
    domain::{
        camera::Handle,
        fanout::Wanted,
        keyframe::{KeyframeGate, Taken},
        media::{AccessUnit, StreamKind, flags},
        refresh::Shown,
        time::UnixMicros,
    },
    hub::{
        blame::Blame,
        decoders::{Decoders, Outcome},
        fanout::FanoutHandle,
        full::FullDecodes,
        snapshots::{Snapshot, SnapshotError},
        whole::Whole,
    },
    worker::message::{
        ComposeJob, DecodeFault, DecodeJob, DecodeMode, Decoded, FromDecode, Picture, SessionId,
        ToDecode,
    },
};

#[derive(Debug)]
pub(super) struct Stage {
    gate: KeyframeGate,
    full: FullDecodes,
    /// Says to the intake which streams are decoded in full.
    whole: Arc<Whole>,
    wished: Arc<Wanted>,
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
    Unit { unit: AccessUnit, widths: Vec<u16>, way: Way },
    Snapshot { captured_at: UnixMicros, answer: oneshot::Sender<Result<Snapshot, SnapshotError>> },
    Compose { answer: oneshot::Sender<Result<Bytes, SnapshotError>> },
    Reset,
}

/// How an access unit came to be decoded.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    /// As part of its stream, not by itself.
    full: bool,
    /// Between two pictures of the camera's usual rate.
    extra: bool,
    /// Keyframes before it were given up.
    thinned: bool,
}

impl Stage {
    /// With so many decoders, none of them idle yet.
    pub(super) fn new(decoders: usize, whole: Arc<Whole>) -> Self {
        Self {
            gate: KeyframeGate::default(),
            full: FullDecodes::new(decoders),
            whole,
            wished: Arc::default(),
            blame: Blame::default(),
            newest: HashMap::new(),
            forgotten: HashSet::new(),
            snapshots: VecDeque::new(),
            idle: Vec::new(),
            in_flight: HashMap::new(),
            counters: MediaCounters::default(),
            next_job: 0,
        }
    }

    /// A decoder can take a job. One that was started again may have been given a job that still
    /// waits for it.
    pub(super) fn idle(&mut self, worker: usize) {
        if !self.idle.contains(&worker) && !self.in_flight.contains_key(&worker) {
            self.idle.push(worker);
        }
    }

    pub(super) fn counters(&self) -> MediaCounters {
        MediaCounters {
            superseded: self.gate.superseded(),
            full_dropped: self.full.dropped(),
            high_rates_refused: self.full.high_rates_refused(),
            ..self.counters
        }
    }

    pub(super) fn unit(&mut self, session: SessionId, unit: AccessUnit, seen: &mut Vec<Seen>) {
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
            self.want_all(camera, full, seen);
        }
        if !full && unit.random_access && !self.shown_already(&unit) {
            self.gate.offer(now, unit);
        }
    }

    /// Whether it is the keyframe that gave the newest picture: a worker that is told to send all
    /// begins with the run since that one.
    fn shown_already(&self, unit: &AccessUnit) -> bool {
        let same = |a: &AccessUnit| (a.received_at, a.media_time);
        self.newest.get(&unit.source.camera).is_some_and(|newest| same(newest) == same(unit))
    }

    /// Looks at what the viewers wish for, if there is anything new.
    pub(super) fn wishes(&mut self, wanted: &Arc<Wanted>, seen: &mut Vec<Seen>) {
        if Arc::ptr_eq(&self.wished, wanted) && !self.full.changed() {
            return;
        }
        self.wished = wanted.clone();
        let changes = self.full.at_high_rate(Instant::now(), |camera| wanted.high_rate(camera));
        for (camera, all) in changes {
            self.want_all(camera, all, seen);
        }
    }

    fn want_all(&mut self, camera: Handle, all: bool, seen: &mut Vec<Seen>) {
        self.whole.set(camera, all);
        seen.push(Seen::WantAll { camera, all });
    }

    /// A decoder ended with nothing to do.
    pub(super) fn lost(&mut self, worker: usize) {
        self.idle.retain(|idle| *idle != worker);
        self.counters.crashes += 1;
        self.full.worker_lost(worker);
    }

    pub(super) fn request(&mut self, request: Request) {
        match request {
            Request::Forget(camera) => {
                self.gate.forget(camera);
                self.full.forget(camera);
                self.whole.set(camera, false);
                self.blame.forget(camera);
                self.newest.remove(&camera);
                self.forgotten.insert(camera);
            }
            Request::Rank(camera, importance) => self.gate.rank(camera, importance),
            Request::Snapshot { camera, answer, .. } if !self.newest.contains_key(&camera) => {
                // Whoever asked may have left.
                let _ = answer.send(Err(SnapshotError::NoPicture));
            }
            other => self.snapshots.push_back(other),
        }
    }

    pub(super) fn dispatch(&mut self, decoders: &Decoders, wanted: &Wanted, pixels_max: u32) {
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
            Some(Request::Forget(_) | Request::Rank(..)) | None => {}
        }
        if let Some(full) = self.full.take(now, worker) {
            let camera = full.unit.source.camera;
            if full.reset {
                let mut unit = full.unit;
                unit.data = Bytes::new();
                return Some((decode(&unit, DecodeMode::Forget(camera), &[]), InFlight::Reset));
            }
            let shown = full.shown != Shown::Not;
            let widths = if shown { widths(wanted, camera) } else { Vec::new() };
            let job = decode(&full.unit, DecodeMode::Continuous(camera), &widths);
            let extra = full.shown == Shown::Extra || self.shown_already(&full.unit);
            let way = Way { full: true, extra, thinned: false };
            return Some((job, InFlight::Unit { unit: full.unit, widths, way }));
        }
        let Taken { unit, thinned } =
            self.gate.take(|camera| wanted.widths(camera).next().is_some())?;
        let widths = widths(wanted, unit.source.camera);
        let job = decode(&unit, DecodeMode::Still, &widths);
        let way = Way { thinned, ..Way::default() };
        Some((job, InFlight::Unit { unit, widths, way }))
    }

    pub(super) fn done(
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
                InFlight::Unit { unit, widths, way },
                Outcome::Answered(FromDecode::Decoded(decoded)),
            ) => {
                self.decoded(unit, (&widths, way), decoded, fanout, seen);
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
        (widths, Way { full, extra, thinned }): (&[u16], Way),
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
                let dropped = if thinned { flags::DISCONTINUITY } else { 0 };
                for (width, tile) in widths.iter().zip(&picture.tiles) {
                    fanout.publish_tile(
                        camera,
                        *width,
                        tile,
                        unit.received_at,
                        unit.media_time,
                        flags::KEYFRAME | dropped,
                    );
                }
                if !extra {
                    let (received_at, decode) = (unit.received_at, picture.decode);
                    let measures = picture.measures;
                    seen.push(Seen::Picture { camera, received_at, decode, measures });
                }
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
