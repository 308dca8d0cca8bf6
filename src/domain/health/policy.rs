//! The delays and severities of conditions, and what a stream is ordered to be.

use std::{collections::BTreeMap, time::Duration};

use super::Severity;
use crate::domain::{camera::Condition, clock::ClockReading, media::Codec};

/// How one condition is raised and cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionPolicy {
    /// Its cause must last this long.
    pub raise_after: Duration,
    /// Its cause must be gone this long.
    pub clear_after: Duration,
    /// How much it matters.
    pub severity: Severity,
    /// Whether it is looked for at all.
    pub watch: bool,
}

/// The policies of all conditions for one camera: what differs from the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions(BTreeMap<Condition, ConditionPolicy>);

impl Conditions {
    /// The policy of a condition.
    pub fn of(&self, condition: Condition) -> ConditionPolicy {
        self.0.get(&condition).copied().unwrap_or_else(|| ConditionPolicy::of(condition))
    }

    /// Another policy for a condition.
    pub fn set(&mut self, condition: Condition, policy: ConditionPolicy) {
        self.0.insert(condition, policy);
    }
}

impl ConditionPolicy {
    /// The default of a condition.
    pub fn of(condition: Condition) -> Self {
        let _ = condition;
        Self {
            raise_after: Duration::ZERO,
            clear_after: Duration::ZERO,
            severity: Severity::Warning,
            watch: true,
        }
    }
}

/// What a small stream is ordered to be; `None` is anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamOrder {
    /// The codec.
    pub codec: Option<Codec>,
    /// How its RFC 6381 name begins, for example `avc1.4D`.
    pub profile: Option<String>,
    /// Width, pixels.
    pub width: Option<u32>,
    /// Height, pixels.
    pub height: Option<u32>,
    /// At least so many frames per second.
    pub frame_rate_min: Option<u32>,
    /// At most so many kilobits per second.
    pub bitrate_max_kbit: Option<u32>,
}

/// A stream's figures over the last second or so.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StreamFigures {
    /// Frames per second.
    pub frame_rate: f64,
    /// Bits per second.
    pub bitrate: f64,
    /// RTP packets that came since the figures before.
    pub packets: u64,
    /// RTP packets lost since the figures before.
    pub packets_lost: u64,
    /// The camera's clock.
    pub clock: Option<ClockReading>,
}
