//! What is written down of the past: changes of state, conditions raised and cleared, figures.

use serde::{Deserialize, Serialize};

use super::{
    camera::{CameraId, Condition, SiteId, State},
    health::Severity,
    time::UnixMicros,
};

/// Whom a condition concerns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A camera.
    Camera(CameraId),
    /// A site that is down.
    Site(SiteId),
}

/// One line of the past.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A camera's state from now on.
    State {
        /// The camera.
        camera: CameraId,
        /// When it was entered.
        at: UnixMicros,
        /// The state.
        state: State,
        /// What stands, worst first.
        conditions: Vec<Condition>,
        /// The evidence for the first of them.
        evidence: Option<String>,
        /// The site that it is masked under.
        masked_by: Option<SiteId>,
    },
    /// A condition was raised.
    Raised {
        /// Whose.
        subject: Subject,
        /// Which; a site's is [`Condition::Unreachable`].
        condition: Condition,
        /// When. With subject and condition it names the episode.
        at: UnixMicros,
        /// How much it matters.
        severity: Severity,
        /// Words and figures.
        evidence: String,
        /// The site that it is masked under: the site's condition stands for it.
        masked_by: Option<SiteId>,
        /// Which condition's alert tells people of it: its own, or that of one which began the same
        /// loss. `None`: it was over before it was known whose it was, and stays a record.
        told_by: Option<Condition>,
    },
    /// A condition was cleared.
    Cleared {
        /// Whose.
        subject: Subject,
        /// Which.
        condition: Condition,
        /// When it was raised.
        raised_at: UnixMicros,
        /// When it was cleared.
        at: UnixMicros,
    },
    /// A camera's figures of one minute, for plots.
    Minute {
        /// The camera.
        camera: CameraId,
        /// When the minute ended.
        at: UnixMicros,
        /// Its figures.
        figures: Figures,
    },
}

/// Figures of one minute. `None` is unknown, not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Frames per second.
    pub frame_rate: Option<f32>,
    /// Bits per second.
    pub bitrate: Option<f32>,
    /// Packets lost of a hundred.
    pub loss_percent: Option<f32>,
    /// Interarrival jitter, milliseconds (RFC 3550 §6.4.1).
    pub jitter_ms: Option<f32>,
    /// Seconds between keyframes.
    pub keyframe_interval_s: Option<f32>,
    /// The camera's clock less ours, seconds.
    pub clock_offset_s: Option<f32>,
    /// Mean luma, 0 to 255.
    pub luma: Option<f32>,
    /// Sharpness against the reference, 1 being equal.
    pub sharpness: Option<f32>,
}

/// Which picture of a camera is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keep {
    /// The reference by daylight or at night.
    Reference(super::picture::Light),
    /// What was seen when a condition was raised at that time.
    Event(Condition, UnixMicros),
}
