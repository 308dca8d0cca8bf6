//! The ladder's rungs and what stands on them.

use serde::{Deserialize, Serialize};

use crate::domain::camera::Condition;

/// A step on the way from a cable to a right picture. A camera is judged by its lowest broken one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// A connection can be made.
    Reachable,
    /// The camera takes our name and password, and gives a session.
    SignedIn,
    /// RTP arrives.
    Frames,
    /// Random access points arrive and can be decoded.
    Keyframes,
    /// The picture changes as a live one does.
    PictureAlive,
    /// It shows what this camera is there to show.
    PictureRight,
    /// The camera's clock is right.
    ClockRight,
    /// The stream is what was ordered.
    AsOrdered,
}

impl Condition {
    /// The rung that it breaks.
    pub fn rung(self) -> Rung {
        match self {
            Self::Unreachable | Self::Refused | Self::Quarantined | Self::Unstable => {
                Rung::Reachable
            }
            Self::CredentialsRejected
            | Self::SessionLimit
            | Self::Redirect
            | Self::Protocol
            | Self::Abusive
            | Self::Unsupported => Rung::SignedIn,
            Self::Stalled | Self::PacketLoss => Rung::Frames,
            Self::KeyframeOverdue | Self::DecodeErrors => Rung::Keyframes,
            Self::Frozen | Self::Looped => Rung::PictureAlive,
            Self::Black | Self::Overexposed | Self::Defocused | Self::Covered | Self::Moved => {
                Rung::PictureRight
            }
            Self::ClockSkew => Rung::ClockRight,
            Self::LowFrameRate | Self::StreamChanged => Rung::AsOrdered,
        }
    }

    /// Whether the state names it, rather than that it stands beside the state.
    pub fn makes_state(self) -> bool {
        match self {
            Self::Unstable | Self::PacketLoss | Self::DecodeErrors => false,
            condition => condition.rung() <= Rung::Keyframes,
        }
    }
}

/// How much a condition matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// The machine suspects; a person must look.
    Verify,
    /// The view suffers.
    Warning,
    /// The view is lost.
    Critical,
}

/// All conditions, lowest rung first; on one rung, what explains the others first.
pub const LADDER: [Condition; 24] = [
    Condition::Unstable,
    Condition::Unreachable,
    Condition::Refused,
    Condition::Quarantined,
    Condition::CredentialsRejected,
    Condition::SessionLimit,
    Condition::Redirect,
    Condition::Protocol,
    Condition::Abusive,
    Condition::Unsupported,
    Condition::Stalled,
    Condition::PacketLoss,
    Condition::DecodeErrors,
    Condition::KeyframeOverdue,
    Condition::Frozen,
    Condition::Looped,
    Condition::Black,
    Condition::Overexposed,
    Condition::Defocused,
    Condition::Covered,
    Condition::Moved,
    Condition::ClockSkew,
    Condition::LowFrameRate,
    Condition::StreamChanged,
];
