//! One clock for all streams: wall time that never jumps.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Unix time, read once and carried on by the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    started: Instant,
    started_us: u64,
}

impl Clock {
    pub(super) fn start() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), started_us: unix.as_micros() as u64 }
    }

    /// Microseconds since 1970.
    pub(super) fn now_us(&self) -> u64 {
        self.started_us + self.started.elapsed().as_micros() as u64
    }
}
