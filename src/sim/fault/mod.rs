//! Faults: everything that can be wrong with a camera, by the names of the control API.

mod board;
mod clock;

use serde::{Deserialize, Serialize};

pub use board::{FaultError, Faults};
pub use clock::WrongClock;

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident),* $(,)?) => {
        /// What is wrong with a camera. In JSON the names are `kebab-case`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum FaultKind { $($(#[$doc])* $variant),* }

        impl FaultKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
        }
    };
}

faults! {
    /// Running connections are reset, and new ones at their first request. (All cameras share one
    /// port, so the connection itself is accepted.)
    Refuse,
    /// Running connections are closed, and new ones half a second after `PLAY`.
    Close,
    /// The connection stays open and keepalives are answered, but no media comes.
    Stall,
    /// Nothing is ever answered and no media comes, but the connection stays open.
    Silent,
    /// All credentials are rejected.
    Auth,
    /// `SETUP` is answered with 453.
    Busy,
    /// Two sessions at once, of either stream; `SETUP` of a third is answered with 453. Running
    /// ones go on.
    SessionLimit,
    /// The picture stands still; its keyframes are equal byte by byte.
    Freeze,
    /// Four seconds are sent again and again, equal byte by byte.
    Loop,
    /// No picture, only black.
    Black,
    /// Burnt out.
    White,
    /// Out of focus.
    Blur,
    /// Something hangs in front of the lens.
    Cover,
    /// The camera was turned.
    Move,
    /// Two and a half frames a second.
    LowFps,
    /// Five of a hundred RTP packets are missing.
    Loss,
    /// Random bytes stand between packets, about once a second.
    Garbage,
    /// A hundred bits of each keyframe are wrong.
    BadKeyframe,
    /// A keyframe every ten seconds.
    LongGop,
    /// A keyframe every thirty seconds.
    #[serde(rename = "gop-30")]
    Gop30,
    /// Two picture sizes in turn, three seconds each.
    Resolution,
    /// Sender reports tell a wrong time.
    Clock,
    /// One fragmented NAL unit that never ends.
    OversizeUnit,
    /// `DESCRIBE` is answered with a header that never ends.
    EndlessHeader,
    /// `DESCRIBE` is answered with a `Content-Length` of 10^11.
    HugeContentLength,
    /// `DESCRIBE` is answered with a redirect to another host.
    Redirect,
    /// The description's base is another host.
    ForeignBase,
    /// The picture is 16384x8192.
    GiantSps,
    /// From the next connection on the other codec is sent; running connections are closed.
    CodecSwap,
}

impl FaultKind {
    /// A number for it, 1 and up.
    pub(super) fn code(self) -> u8 {
        self as u8 + 1
    }

    pub(super) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// Whether it concerns signing in or describing, so that running sessions must end to feel it.
    pub(super) fn ends_sessions(self) -> bool {
        matches!(
            self,
            Self::Refuse
                | Self::Close
                | Self::Auth
                | Self::Busy
                | Self::EndlessHeader
                | Self::HugeContentLength
                | Self::Redirect
                | Self::ForeignBase
                | Self::CodecSwap
        )
    }

    /// Whether a running session sends no media.
    pub(super) fn stops_media(self) -> bool {
        matches!(self, Self::Stall | Self::Silent | Self::OversizeUnit)
    }

    /// Its name in the control API.
    pub fn name(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .expect("a unit variant is written as a string")
    }

    /// The kind with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
    }
}

/// A kind, and what there is to say of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// How the clock is wrong, under `Clock`.
    pub clock: WrongClock,
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self { kind, clock: WrongClock::default() }
    }
}

impl From<WrongClock> for Fault {
    fn from(clock: WrongClock) -> Self {
        Self { kind: FaultKind::Clock, clock }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_and_a_code_that_lead_back_to_it() {
        for kind in FaultKind::ALL {
            assert_eq!(FaultKind::from_name(&kind.name()), Some(*kind));
            assert_eq!(FaultKind::from_code(kind.code()), Some(*kind));
        }
        assert_eq!(FaultKind::from_code(0), None);
        assert_eq!(FaultKind::Gop30.name(), "gop-30");
        assert_eq!(FaultKind::LowFps.name(), "low-fps");
    }
}
