//! What a clip is made of: everything that decides its bytes, and nothing else.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::{
    domain::media::{Codec, StreamKind},
    sim::scene::{SCENE_PERIOD_MS, SOURCES, Scene, Trouble},
};

/// How a clip differs from the camera's ordinary one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::sim) enum Variant {
    /// The ordinary loop.
    Plain,
    /// The same loop through a lens in trouble.
    Trouble(Trouble),
    /// One moment for ever; its keyframes are equal byte by byte.
    Frozen {
        /// Which moment of the loop.
        at_ms: u32,
    },
    /// A keyframe every ten seconds.
    LongGop,
    /// A keyframe every thirty seconds.
    Gop30,
    /// Two and a half frames a second.
    LowRate,
    /// Two picture sizes in turn, about three seconds each.
    TwoSizes,
    /// One black keyframe of 16384x8192.
    Giant,
}

/// A recipe for one clip.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::sim) enum Recipe {
    /// A drawn scene.
    Drawn {
        /// What is drawn.
        scene: Scene,
        /// How it is coded.
        codec: Codec,
        /// In which size and rate.
        stream: StreamKind,
        /// What is different about it.
        variant: Variant,
    },
    /// A file of real footage.
    Footage {
        /// The file.
        file: PathBuf,
        /// As which stream it is to serve.
        stream: StreamKind,
    },
}

/// One uninterrupted run of an encoder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Take {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) frames: u32,
    pub(super) frame_us: u64,
    pub(super) keyframe_every: u32,
    pub(super) kbit_per_s: usize,
    pub(super) trouble: Trouble,
    /// Every frame shows this moment.
    pub(super) still_at_ms: Option<u32>,
    /// Nothing is drawn; the picture stays black.
    pub(super) blank: bool,
}

impl Recipe {
    /// The name of its file in the cache.
    pub(super) fn key(&self) -> String {
        let mut hash = Sha256::new();
        match self {
            Self::Drawn { .. } => {
                for source in
                    SOURCES.iter().chain(&[include_str!("encode.rs"), include_str!("recipe.rs")])
                {
                    hash.update(source);
                }
            }
            Self::Footage { file, .. } => {
                hash.update(include_str!("footage.rs"));
                // A file that was replaced has another length or another time.
                if let Ok(meta) = file.metadata() {
                    hash.update(format!("{} {:?}", meta.len(), meta.modified().ok()));
                }
            }
        }
        hash.update(format!("{self:?}"));
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether it keeps the ordinary loop's length and keyframe rhythm, so that a running session
    /// can go over to it on the same clock.
    pub(in crate::sim) fn keeps_rhythm(&self) -> bool {
        match self {
            Self::Drawn { variant, .. } => matches!(variant, Variant::Plain | Variant::Trouble(_)),
            Self::Footage { .. } => true,
        }
    }
}

/// The encoder runs that make up a drawn clip.
pub(super) fn takes(stream: StreamKind, variant: Variant) -> Vec<Take> {
    let (width, height, frame_us, kbit_per_s) = match stream {
        StreamKind::Sub => (640, 360, 80_000_u64, 400),
        StreamKind::Main => (1280, 720, 40_000, 1_500),
    };
    let per_s = 1_000_000.0 / frame_us as f64;
    let count = |seconds: f64| (seconds * per_s).round() as u32;
    let plain = Take {
        width,
        height,
        frames: count(f64::from(SCENE_PERIOD_MS) / 1_000.0),
        frame_us,
        keyframe_every: count(2.0),
        kbit_per_s,
        trouble: Trouble::None,
        still_at_ms: None,
        blank: false,
    };
    match variant {
        Variant::Plain => vec![plain],
        Variant::Trouble(trouble) => vec![Take { trouble, ..plain }],
        Variant::Frozen { at_ms } => {
            vec![Take { frames: plain.keyframe_every, still_at_ms: Some(at_ms), ..plain }]
        }
        Variant::LongGop => {
            vec![Take { frames: count(20.0), keyframe_every: count(10.0), ..plain }]
        }
        Variant::Gop30 => vec![Take { frames: count(30.0), keyframe_every: count(30.0), ..plain }],
        Variant::LowRate => {
            vec![Take {
                frames: 40,
                frame_us: 400_000,
                keyframe_every: 5,
                kbit_per_s: kbit_per_s / 3,
                ..plain
            }]
        }
        Variant::TwoSizes => {
            let first = Take { frames: count(3.0), keyframe_every: count(3.0), ..plain };
            vec![first, Take { width: width * 3 / 4, height: (height * 3 / 4) & !1, ..first }]
        }
        Variant::Giant => vec![Take {
            width: 16_384,
            height: 8_192,
            frames: 1,
            frame_us: 2_000_000,
            keyframe_every: 1,
            kbit_per_s: 4_000,
            blank: true,
            ..plain
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::scene::{Light, Place};

    #[test]
    fn whatever_decides_the_picture_decides_the_key() {
        let scene = |seed| Scene { place: Place::Road, light: Light::Day, seed, name: "A".into() };
        let recipe = |seed, codec, variant| Recipe::Drawn {
            scene: scene(seed),
            codec,
            stream: StreamKind::Sub,
            variant,
        };
        let base = recipe(1, Codec::H264, Variant::Plain);
        assert_eq!(base.key(), recipe(1, Codec::H264, Variant::Plain).key());
        for other in [
            recipe(2, Codec::H264, Variant::Plain),
            recipe(1, Codec::H265, Variant::Plain),
            recipe(1, Codec::H264, Variant::Frozen { at_ms: 0 }),
        ] {
            assert_ne!(base.key(), other.key());
        }
    }

    #[test]
    fn ordinary_loops_hold_whole_groups_of_pictures() {
        for stream in [StreamKind::Sub, StreamKind::Main] {
            let take = takes(stream, Variant::Plain)[0];
            assert_eq!(take.frames % take.keyframe_every, 0);
            assert_eq!(u64::from(take.keyframe_every) * take.frame_us, 2_000_000);
        }
    }
}
