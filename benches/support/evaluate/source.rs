//! The cameras: drawn places and files of real footage, in the light of any hour.

use std::path::PathBuf;

use watchwall::sim::scene::{Canvas, Light, Place, Reel, SCENE_PERIOD_MS, Scene, Trouble};

use crate::{
    chance::{Chance, word},
    footage,
    lighting::Lighting,
    paint::{DARK, colour, luma, tone},
};

/// Where a camera's pictures come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A drawn place.
    Drawn {
        /// What kind.
        place: Place,
        /// Whether it changes to infra-red at night.
        infrared: bool,
        /// Whether its name and clock are burnt into the picture.
        caption: bool,
    },
    /// A file.
    Footage {
        /// Which.
        file: PathBuf,
        /// Whether it changes to infra-red at night.
        infrared: bool,
    },
}

/// Places that differ in what is hard about them: traffic, a market's crowd, water, a room where
/// hardly anything moves, large flat ground.
const PLACES: [(Place, bool, bool); 6] = [
    (Place::Junction, false, true),
    (Place::Gate, true, true),
    (Place::Market, false, false),
    (Place::River, true, false),
    (Place::ExamRoom, false, true),
    (Place::CarPark, true, true),
];

impl Source {
    /// All: drawn ones, then the files.
    pub(crate) fn all(files: &[PathBuf]) -> Vec<Self> {
        let drawn = PLACES.into_iter().map(|(place, infrared, caption)| Self::Drawn {
            place,
            infrared,
            caption,
        });
        let files = files.iter().enumerate();
        let footage =
            files.map(|(n, file)| Self::Footage { file: file.clone(), infrared: n % 2 == 0 });
        drawn.chain(footage).collect()
    }

    /// Its name in tables and behind `--only`.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Drawn { place, .. } => format!("{place:?}").to_lowercase(),
            Self::Footage { file, .. } => {
                file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
            }
        }
    }

    /// What decides its pictures, for the cache.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Drawn { .. } => format!("{self:?}"),
            Self::Footage { file, .. } => {
                let changed = file.metadata().map(|meta| (meta.len(), meta.modified().ok()));
                format!("{self:?} {changed:?}")
            }
        }
    }

    pub(crate) fn seed(&self) -> u64 {
        word(&self.name())
    }

    pub(crate) fn infrared(&self) -> bool {
        match self {
            Self::Drawn { infrared, .. } | Self::Footage { infrared, .. } => *infrared,
        }
    }

    /// Whether its name and clock are burnt into the picture.
    pub(crate) fn caption(&self) -> bool {
        matches!(self, Self::Drawn { caption: true, .. })
    }

    /// Opens it; `None` if a file has too little video.
    pub(crate) fn open(&self) -> Option<View> {
        Some(match self {
            Self::Drawn { place, .. } => {
                let lights = [Light::Day, Light::Dusk, Light::Night];
                let reel = |light| {
                    let seed = self.seed() % 10_000;
                    let scene = Scene { place: *place, light, seed, name: String::new() };
                    scene.reel(640, 360, Trouble::None)
                };
                View::Drawn(lights.map(reel).into())
            }
            Self::Footage { file, .. } => View::Footage(footage::pictures(file)?),
        })
    }
}

/// What is in front of a camera's lens.
pub(crate) enum View {
    /// By day, dusk and night.
    Drawn(Box<[Reel; 3]>),
    /// Every 80 ms.
    Footage(Vec<Canvas>),
}

impl View {
    /// What is seen at `motion_s` of its own time; `None` is with nobody there. No noise, no caption.
    pub(crate) fn look(&mut self, lighting: Lighting, motion_s: Option<f64>) -> Canvas {
        let mut seen = self.by(lighting.light, motion_s);
        if let Some((next, share)) = lighting.next {
            mix(&mut seen, &self.by(next, motion_s), share);
        }
        if lighting.infrared {
            colour(&mut seen, 0.0);
            lamp(&mut seen, 1.25, 0.7);
        }
        seen
    }

    fn by(&mut self, light: Light, motion_s: Option<f64>) -> Canvas {
        match self {
            Self::Drawn(reels) => {
                let reel = &mut reels[match light {
                    Light::Day => 0,
                    Light::Dusk => 1,
                    Light::Night => 2,
                }];
                let mut canvas = reel.canvas();
                if let Some(at_s) = motion_s {
                    let at_ms = (at_s * 1_000.0) as u32 % SCENE_PERIOD_MS;
                    reel.draw_bare(&mut canvas, at_ms);
                }
                canvas
            }
            Self::Footage(pictures) => {
                let at = motion_s.map_or(0.0, |at_s| at_s * 1e6 / footage::FRAME_US as f64);
                let mut canvas = pictures[(at as usize).min(pictures.len() - 1)].clone();
                darken(&mut canvas, light);
                canvas
            }
        }
    }

    /// After this time the same is seen again, or the other way round.
    fn length_s(&self) -> f64 {
        match self {
            Self::Drawn(_) => f64::from(SCENE_PERIOD_MS) / 1_000.0,
            Self::Footage(pictures) => (pictures.len() - 1) as f64 * footage::FRAME_US as f64 / 1e6,
        }
    }
}

/// Footage was taken by day: its evening and its night are made of it.
fn darken(canvas: &mut Canvas, light: Light) {
    match light {
        Light::Day => {}
        Light::Dusk => {
            tone(canvas, |luma| DARK + (luma - DARK) * 0.66);
            colour(canvas, 0.8);
        }
        Light::Night => {
            tone(canvas, |luma| DARK + (luma - DARK) * 0.5);
            colour(canvas, 0.35);
            lamp(canvas, 1.2, 0.6);
        }
    }
}

/// Light from beside the lens: brighter in the middle than in the corners.
fn lamp(canvas: &mut Canvas, middle: f32, corner: f32) {
    let (width, height) = (canvas.width() as f32, canvas.height() as f32);
    luma(canvas, |x, y, luma| {
        let (dx, dy) = (x as f32 / width - 0.5, y as f32 / height - 0.5);
        let far = (2.0 * (dx * dx + dy * dy)).min(1.0);
        DARK + (luma - DARK) * (middle + (corner - middle) * far)
    });
}

fn mix(canvas: &mut Canvas, other: &Canvas, share: f32) {
    let share = (share * 256.0) as u32;
    for (plane, other) in canvas.planes_mut().iter_mut().zip(other.planes()) {
        for (value, other) in plane.iter_mut().zip(other) {
            *value = ((u32::from(*value) * (256 - share) + u32::from(*other) * share) >> 8) as u8;
        }
    }
}

/// A view's own time from keyframe to keyframe. A scene returns after 16 s and a file ends after
/// some more; played again as they are, they would be what `looped` is there to find. So the steps
/// are 1 to 3 s, at random, a file is turned back at its ends, and no two passes show the same
/// moments in the same order.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    at_s: f64,
    ahead: bool,
    length_s: f64,
    wraps: bool,
    chance: Chance,
}

impl Walk {
    pub(crate) fn new(view: &View, mut chance: Chance) -> Self {
        let length_s = view.length_s();
        let at_s = f64::from(chance.share()) * length_s;
        Self { at_s, ahead: true, length_s, wraps: matches!(view, View::Drawn(_)), chance }
    }

    /// The next moment after so many seconds.
    pub(crate) fn step(&mut self, seconds: f64) -> f64 {
        let step = seconds + f64::from(self.chance.between(-1.0, 1.0));
        if self.wraps {
            self.at_s = (self.at_s + step).rem_euclid(self.length_s);
            return self.at_s;
        }
        // Longer than the file: anywhere.
        if step > self.length_s {
            self.at_s = f64::from(self.chance.share()) * self.length_s;
        }
        self.at_s += if self.ahead { step } else { -step };
        if self.at_s > self.length_s || self.at_s < 0.0 {
            let last = self.length_s;
            self.at_s = if self.at_s < 0.0 { -self.at_s } else { 2.0 * last - self.at_s };
            self.at_s = self.at_s.clamp(0.0, last);
            self.ahead = !self.ahead;
        }
        self.at_s
    }
}
