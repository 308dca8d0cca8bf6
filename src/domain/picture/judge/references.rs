//! What was learnt of a camera's pictures, as it is kept.

use serde::{Deserialize, Serialize};

use super::{
    exposure::Hours,
    light::Light,
    looped::Source,
    maps::Map,
    view::{self, View, likeness},
};
use crate::domain::picture::{
    Measures,
    grid::{BLOCKS, CELLS},
};

/// What a person does to references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReferenceCommand {
    /// What is shown now is right: take it as the reference.
    Confirm,
    /// Forget what was learnt and learn anew.
    Reset,
}

/// References of one camera at most, of all lights and presets: 13 KB of JSON each.
const VIEWS_MAX: usize = 4;

/// What was learnt of a camera's pictures; survives a restart. At most about 55 KB of JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct References {
    /// One for each light, and for each preset of a camera that turns by itself.
    pub(super) views: Vec<Reference>,
    /// How bright it is at which hour.
    pub(super) hours: Hours,
    /// By how much two pictures of this camera differ at least, of noise alone.
    pub(super) floor: Floor,
    /// Whether it is a living camera or a recording.
    pub(super) source: Source,
}

/// The noise between two keyframes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Floor {
    /// Pairs seen, up to a thousand.
    pub(super) pairs: u16,
    /// About the lowest tenth of the mean differences, levels.
    pub(super) low: f32,
}

/// One view in one light.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Reference {
    pub(super) light: Light,
    /// Pictures it was made of; the more, the slower it changes.
    pub(super) pictures: u32,
    /// Pictures since the newest one that was kept for people to see.
    pub(super) shown: u32,
    /// Usual strength of changes along rows and down columns, per cell.
    pub(super) across: Map,
    pub(super) down: Map,
    /// Usual level, per cell.
    pub(super) thumbnail: Map,
    /// How little the changes in a cell vary, 255 for not at all: what moves is no landmark.
    pub(super) steady: Map,
    /// How like itself a block usually is, in 255ths.
    pub(super) trust: Map,
    /// Usual sharpness per block, two bytes each.
    pub(super) sharp: Map,
}

impl References {
    /// Without what cannot be used; it was read from a disk.
    pub(super) fn checked(mut self) -> Self {
        self.views.retain(Reference::is_whole);
        self.views.truncate(VIEWS_MAX);
        if !self.floor.low.is_finite() {
            self.floor = Floor::default();
        }
        self
    }

    /// How many there are of a light.
    pub(super) fn of(&self, light: Light) -> usize {
        self.views.iter().filter(|reference| reference.light == light).count()
    }

    /// A further one; the least founded makes room.
    pub(super) fn insert(&mut self, reference: Reference) {
        if self.views.len() == VIEWS_MAX
            && let Some(least) = (0..VIEWS_MAX).min_by_key(|at| self.views[*at].pictures)
        {
            self.views.remove(least);
        }
        self.views.push(reference);
    }

    /// The picture is right as it is, in this light.
    pub(super) fn confirm(&mut self, light: Light, measures: &Measures) {
        self.views.retain(|reference| reference.light != light);
        self.insert(Reference::of(light, &[measures]));
        self.hours = Hours::default();
    }

    /// Whether anything was learnt at all.
    pub fn is_empty(&self) -> bool {
        self.views.is_empty()
    }

    /// The lights that there are references of, without repetition.
    pub fn lights(&self) -> Vec<Light> {
        let mut lights: Vec<Light> = self.views.iter().map(|reference| reference.light).collect();
        lights.sort_unstable();
        lights.dedup();
        lights
    }
}

impl Reference {
    /// Learnt from pictures of one view: medians, so that what passes through does not count.
    pub(super) fn of(light: Light, pictures: &[&Measures]) -> Self {
        let median = |of: fn(&Measures) -> &[u8], at: usize| {
            let mut values: Vec<u8> = pictures.iter().map(|picture| of(picture)[at]).collect();
            values.sort_unstable();
            values[values.len() / 2]
        };
        let map = |of: fn(&Measures) -> &[u8]| Map((0..CELLS).map(|at| median(of, at)).collect());
        let across = map(|measures| &measures.across);
        let down = map(|measures| &measures.down);
        let steady = (0..CELLS).map(|cell| {
            let far = |of: fn(&Measures) -> &[u8], usual: u8| -> u32 {
                pictures.iter().map(|picture| u32::from(of(picture)[cell].abs_diff(usual))).sum()
            };
            let sum = far(|m| &m.across, across.0[cell]) + far(|m| &m.down, down.0[cell]);
            steadiness(sum as f32 / (2 * pictures.len()) as f32, across.0[cell], down.0[cell])
        });
        let sharp = (0..BLOCKS).flat_map(|block| {
            let mut values: Vec<u16> =
                pictures.iter().map(|picture| picture.blocks[block]).collect();
            values.sort_unstable();
            values[values.len() / 4].to_be_bytes()
        });
        let mut reference = Self {
            light,
            pictures: pictures.len() as u32,
            shown: 0,
            thumbnail: map(|measures| &measures.thumbnail),
            steady: Map(steady.collect()),
            sharp: Map(sharp.collect()),
            trust: Map(vec![255; BLOCKS]),
            across,
            down,
        };
        let mut trust = vec![0.0; BLOCKS];
        for picture in pictures {
            for (block, trust) in trust.iter_mut().enumerate() {
                *trust += likeness(&reference, picture, block, Some).score;
            }
        }
        let count = pictures.len() as f32;
        // Of one picture it cannot be told what of it varies.
        let most = if pictures.len() == 1 { 0.85 } else { 1.0 };
        reference.trust = Map(trust.iter().map(|sum| trusted((sum / count).min(most))).collect());
        reference
    }

    /// Usual sharpness of a block, on the scale of [`Measures::blocks`].
    pub(super) fn sharpness(&self, block: usize) -> u16 {
        u16::from_be_bytes([self.sharp.0[2 * block], self.sharp.0[2 * block + 1]])
    }

    /// Mean trust of the blocks with structure: how well a picture can be known again at all.
    pub(super) fn certainty(&self, measures: &Measures) -> f32 {
        View::of(self, measures).trust
    }

    /// Mean trust of all that has structure, whether it is trusted or not: how well the pictures
    /// that it was made of show the same.
    pub(super) fn agreement(&self, measures: &Measures) -> f32 {
        let structured = (0..BLOCKS).filter(|block| view::is_structured(self, measures, *block));
        let (count, sum) = structured.fold((0.0, 0.0), |(count, sum), block| {
            (count + 1.0, sum + f32::from(self.trust.0[block]) / 255.0)
        });
        sum / f32::max(count, 1.0)
    }

    fn is_whole(&self) -> bool {
        let cells = [&self.across, &self.down, &self.thumbnail, &self.steady];
        cells.iter().all(|map| map.0.len() == CELLS)
            && self.trust.0.len() == BLOCKS
            && self.sharp.0.len() == 2 * BLOCKS
    }
}

/// A mean likeness as it is stored.
pub(super) fn trusted(likeness: f32) -> u8 {
    (likeness.clamp(0.0, 1.0) * 255.0) as u8
}

/// How steady a cell is whose changes are off by `far` on the average.
pub(super) fn steadiness(far: f32, across: u8, down: u8) -> u8 {
    let usual = f32::from(across.max(down));
    (255.0 * (1.0 - far / (6.0 + 0.4 * usual))).clamp(0.0, 255.0) as u8
}
