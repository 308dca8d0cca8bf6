//! Where the workers' streams enter the hub: every access unit goes to the fan-out's live lane and
//! to the media stage, without a wait for either.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::mpsc;

use super::fanout::FanoutHandle;
use crate::{
    domain::media::{AccessUnit, StreamFormat, StreamRef},
    worker::{crew, message::SessionId},
};

/// The entrance.
#[derive(Debug)]
pub struct Intake {
    fanout: FanoutHandle,
    /// When full, access units are dropped and counted: the stage must be behind by more than it
    /// could use.
    stage: mpsc::Sender<(SessionId, AccessUnit)>,
    dropped: Arc<AtomicU64>,
}

impl Intake {
    /// In front of these two.
    pub fn new(fanout: FanoutHandle, stage: mpsc::Sender<(SessionId, AccessUnit)>) -> Self {
        Self { fanout, stage, dropped: Arc::default() }
    }

    /// Counts the access units that the media stage was too far behind to take.
    pub fn dropped(&self) -> Arc<AtomicU64> {
        self.dropped.clone()
    }
}

impl crew::Intake for Intake {
    fn format(&self, source: StreamRef, format: &StreamFormat) {
        self.fanout.publish_format(source, format);
    }

    fn unit(&self, session: SessionId, unit: AccessUnit) {
        self.fanout.publish_unit(&unit);
        if self.stage.try_send((session, unit)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}
