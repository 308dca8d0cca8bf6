//! What a viewer is told about a lane.

use crate::domain::{camera::Handle, media::StreamKind};

/// What a lane carries, or may carry at best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// No video: the camera's tile is shown.
    Tile,
    /// The small stream.
    Sub,
    /// The large stream.
    Main,
}

impl Quality {
    /// The stream that it means.
    pub fn stream(self) -> Option<StreamKind> {
        match self {
            Self::Tile => None,
            Self::Sub => Some(StreamKind::Sub),
            Self::Main => Some(StreamKind::Main),
        }
    }

    /// The next one down.
    pub(super) fn lower(self) -> Self {
        match self {
            Self::Main => Self::Sub,
            Self::Sub | Self::Tile => Self::Tile,
        }
    }

    /// The next one up.
    pub(super) fn higher(self) -> Self {
        match self {
            Self::Tile => Self::Sub,
            Self::Sub | Self::Main => Self::Main,
        }
    }

    /// Its word in messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tile => "tile",
            Self::Sub => "sub",
            Self::Main => "main",
        }
    }
}

impl From<StreamKind> for Quality {
    fn from(stream: StreamKind) -> Self {
        match stream {
            StreamKind::Sub => Self::Sub,
            StreamKind::Main => Self::Main,
        }
    }
}

/// Why a lane carries what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It was wished for.
    Wished,
    /// What was wished for is on its way.
    Starting,
    /// The viewer does not take as much as was wished for.
    TooSlow,
    /// No keyframe came from which it could go on.
    NoKeyframe,
}

impl Why {
    /// Its word in messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Wished => "wished",
            Self::Starting => "starting",
            Self::TooSlow => "too-slow",
            Self::NoKeyframe => "no-keyframe",
        }
    }
}

/// What a lane carries from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The camera.
    pub camera: Handle,
    /// What the viewer wishes for.
    pub wished: StreamKind,
    /// What it gets.
    pub carried: Quality,
    /// Why.
    pub why: Why,
}
