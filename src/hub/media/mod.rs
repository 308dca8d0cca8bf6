//! The media stage: keyframes in, tiles out. One task owns the keyframe gate, the full decodes and
//! who waits for a snapshot; it gives each idle decode worker the job that matters most.

mod handle;
mod stage;

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

pub use self::handle::{MediaCounters, MediaHandle};
use self::{handle::Request, stage::Stage};
use super::{
    decoders::{DecoderEvent, Decoders},
    fanout::FanoutHandle,
};
use crate::{
    domain::{camera::Handle, media::AccessUnit, picture::Measures, time::UnixMicros},
    worker::message::SessionId,
};

/// The width that every camera's keyframes are made into, watched or not: a wall that opens shows
/// all of its cameras at once, and the service itself has seen that they decode.
pub const BASE_WIDTH: u16 = 320;

/// Access units that are taken in before the decoders are looked at again. With live video
/// thousands a second pass, and most are of no use here.
const UNITS_AT_ONCE: usize = 256;

/// What the media stage sees, for the desk.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// A picture was decoded, at the camera's usual rate: those between are not told.
    Picture {
        /// The camera.
        camera: Handle,
        /// When its last byte arrived.
        received_at: UnixMicros,
        /// CPU time of decoding.
        decode: Duration,
        /// What it looks like in figures.
        measures: Option<Box<Measures>>,
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

impl Media {
    /// The stage and what speaks to it.
    pub fn new(inputs: Inputs) -> (Self, MediaHandle) {
        let (handle, requests, counters_out) = MediaHandle::new();
        let stage = Stage::new(inputs.decoders.count(), handle.whole());
        (Self { inputs, requests, counters_out, stage }, handle)
    }

    /// Runs until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut wanted = self.inputs.fanout.wanted();
        let mut seen = Vec::new();
        let mut units = Vec::with_capacity(UNITS_AT_ONCE);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                1.. = self.inputs.units.recv_many(&mut units, UNITS_AT_ONCE) => {
                    for (session, unit) in units.drain(..) {
                        self.stage.unit(session, unit, &mut seen);
                    }
                }
                Some(event) = self.inputs.decoder_events.recv() => match event {
                    DecoderEvent::Idle(worker) => self.stage.idle(worker),
                    DecoderEvent::Lost(worker) => self.stage.lost(worker),
                    DecoderEvent::Done(worker, outcome) => {
                        self.stage.done(worker, outcome, &self.inputs.fanout, &mut seen);
                    }
                },
                Some(request) = self.requests.recv() => self.stage.request(request),
                Ok(()) = wanted.changed() => {}
                else => break,
            }
            let visible = wanted.borrow().clone();
            self.stage.wishes(&visible, &mut seen);
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
