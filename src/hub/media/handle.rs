//! What others ask of the media stage, and its counters.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    domain::{
        camera::{Handle, Importance},
        media::ladder_width,
    },
    hub::{
        snapshots::{Snapshot, SnapshotError},
        whole::Whole,
    },
    worker::message::ComposeJob,
};

/// Snapshots that wait for a decoder. More are refused: each is up to 0.5 s of work.
const SNAPSHOTS_WAITING: usize = 64;

/// What others ask of the media stage.
#[derive(Debug)]
pub(super) enum Request {
    Snapshot {
        camera: Handle,
        width: u16,
        answer: oneshot::Sender<Result<Snapshot, SnapshotError>>,
    },
    Compose {
        job: ComposeJob,
        answer: oneshot::Sender<Result<Bytes, SnapshotError>>,
    },
    Rank(Handle, Importance),
    Forget(Handle),
}

/// Speaks to the media stage.
#[derive(Clone, Debug)]
pub struct MediaHandle {
    requests: mpsc::Sender<Request>,
    counters: watch::Receiver<MediaCounters>,
    whole: Arc<Whole>,
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
    /// Times that a camera's tiles were wanted at a high rate and stayed at the usual one, because
    /// enough others were.
    pub high_rates_refused: u64,
    /// Decode workers that crashed or hung.
    pub crashes: u64,
    /// CPU time of decoding, microseconds.
    pub decode_us: u64,
    /// CPU time of scaling and JPEG coding, microseconds.
    pub tile_us: u64,
}

impl MediaHandle {
    /// A handle, and the stage's ends of it.
    pub(super) fn new() -> (Self, mpsc::Receiver<Request>, watch::Sender<MediaCounters>) {
        let (ask, requests) = mpsc::channel(SNAPSHOTS_WAITING);
        let (counters_out, counters) = watch::channel(MediaCounters::default());
        (Self { requests: ask, counters, whole: Arc::default() }, requests, counters_out)
    }

    /// The newest keyframe of a camera's small stream, decoded at the ladder width for `width`.
    pub async fn snapshot(&self, camera: Handle, width: u32) -> Result<Snapshot, SnapshotError> {
        let width = ladder_width(width);
        self.ask(|answer| Request::Snapshot { camera, width, answer }).await
    }

    /// Several tiles drawn into one picture.
    pub async fn compose(&self, job: ComposeJob) -> Result<Bytes, SnapshotError> {
        self.ask(|answer| Request::Compose { job, answer }).await
    }

    /// The camera gives way to others as its class says, when decoding is behind.
    pub async fn rank(&self, camera: Handle, importance: Importance) {
        // As below.
        let _ = self.requests.send(Request::Rank(camera, importance)).await;
    }

    /// The camera is gone.
    pub async fn forget(&self, camera: Handle) {
        // The stage is gone only when the service stops.
        let _ = self.requests.send(Request::Forget(camera)).await;
    }

    /// Which cameras it decodes in full, now and later on.
    pub fn whole(&self) -> Arc<Whole> {
        self.whole.clone()
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
