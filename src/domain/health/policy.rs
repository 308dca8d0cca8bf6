//! The delays and severities of conditions, and what a stream is ordered to be. The table in
//! `docs/health.md` is that of [`ConditionPolicy::of`].

use std::{collections::BTreeMap, time::Duration};

use super::Severity;
use crate::domain::{camera::Condition, clock::ClockReading, media::Codec};

/// Delays of the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthPolicy {
    /// No RTP for this long is `stalled`.
    pub rtp_gap: Duration,
    /// A keyframe is overdue after twice its usual interval and this.
    pub keyframe_grace: Duration,
    /// A picture is fresh for its usual interval and this.
    pub picture_grace: Duration,
    /// The interval assumed until one is learnt, and the shortest assumed at all.
    pub interval_floor: Duration,
    /// Still connecting after this long is offline.
    pub connect_patience: Duration,
    /// This many undecodable keyframes within a minute are `decode-errors`.
    pub decode_errors: usize,
    /// How each condition is raised and cleared.
    pub conditions: Conditions,
    /// What the small stream is ordered to be.
    pub order: StreamOrder,
}

impl Default for HealthPolicy {
    fn default() -> Self {
        Self {
            rtp_gap: Duration::from_secs(5),
            keyframe_grace: Duration::from_secs(5),
            picture_grace: Duration::from_secs(2),
            interval_floor: Duration::from_secs(2),
            connect_patience: Duration::from_secs(60),
            decode_errors: 3,
            conditions: Conditions::default(),
            order: StreamOrder::default(),
        }
    }
}

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
        use Condition as C;
        let (raise_after, clear_after, severity) = match condition {
            // What the wall says within seconds: their patience is in the facts (no RTP for 5 s, a
            // keyframe overdue, a try that failed). A camera that is back for ten seconds is back;
            // less would make an episode of each try of one that is let in and thrown out.
            C::Unreachable
            | C::Refused
            | C::CredentialsRejected
            | C::SessionLimit
            | C::Unsupported
            | C::Abusive
            | C::Redirect
            | C::Protocol
            | C::Quarantined
            | C::Stalled
            | C::KeyframeOverdue => (0, 10, Severity::Critical),
            // Five times in ten minutes are patience enough. A minute more, so that a camera which
            // flaps every two minutes is one episode.
            C::Unstable => (0, 60, Severity::Warning),
            // Three in a minute are patience enough.
            C::DecodeErrors => (0, 10, Severity::Warning),
            // Taken over half a minute, in three different seconds of it at least. Loss comes in
            // waves (a radio link in rain): half a minute without makes them one episode.
            C::PacketLoss => (10, 30, Severity::Warning),
            // Cameras halve their rate for seconds while the exposure changes.
            C::LowFrameRate => (30, 30, Severity::Warning),
            // From the first of the three pictures that the judge takes to find it. A lorry or an
            // umbrella stands for some seconds, and a person must hear of it within 30 s. It
            // clears after three pictures without it, and not before ten seconds.
            C::Frozen
            | C::Looped
            | C::Black
            | C::Overexposed
            | C::Defocused
            | C::Covered
            | C::Moved => (15, 10, Severity::Verify),
            // Readings come every few seconds with an error of their own: two of them.
            C::ClockSkew => (10, 30, Severity::Notice),
            // Longer than one change to and fro lingers (`stream`).
            C::StreamChanged => (15, 15, Severity::Notice),
        };
        Self {
            raise_after: Duration::from_secs(raise_after),
            clear_after: Duration::from_secs(clear_after),
            severity,
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
