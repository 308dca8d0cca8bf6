//! The figures of one picture, at a cost that does not grow with it: 0.25 ms of one core at most.
//!
//! Nothing is remembered from picture to picture, because any decode worker may get any camera.
//! Whatever a comparison needs is therefore in [`Measures`].

mod code;
mod colour;
mod edges;
mod entropy;
mod luma;
mod noise;
mod sharpness;
mod signature;
mod sums;

use sums::Sums;

pub(super) use signature::POINTS;

/// A decoded picture's planes, 8 bits a sample, rows `stride` bytes apart.
#[derive(Clone, Copy, Debug)]
pub struct Planes<'a> {
    /// Luma.
    pub luma: &'a [u8],
    /// Bytes from one luma row to the next.
    pub stride: usize,
    /// Luma samples in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Samples use 0 to 255 instead of 16 to 235.
    pub full_range: bool,
    /// Both chroma planes with their stride, if there are any: infra-red pictures have no colour.
    pub chroma: Option<(&'a [u8], &'a [u8], usize)>,
}

impl<'a> Planes<'a> {
    /// One row of luma; shorter, or empty, where the plane ends early.
    fn row(&self, y: usize) -> &'a [u8] {
        let from = y.saturating_mul(self.stride);
        let row = self.luma.get(from..).unwrap_or_default();
        &row[..self.width.min(row.len())]
    }

    /// A luma sample on the scale from 0 (black) to 255 (white).
    fn level(&self, sample: f32) -> f32 {
        if self.full_range { sample } else { ((sample - 16.0) * 255.0 / 219.0).clamp(0.0, 255.0) }
    }
}

/// What is kept of one picture: about 8 KB.
///
/// Levels are on a scale from 0 (black) to 255 (white), whatever range the samples use.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// A hash of the coded picture without SEI and time stamps: equal only for equal bytes.
    pub coded: u64,
    /// The picture needs no other to be decoded. Others copy what did not change from the one
    /// before, so that two of them may be equal though the camera lives.
    pub keyframe: bool,
    /// A hash of the decoded luma.
    pub decoded: u64,
    /// Width and height, pixels.
    pub size: (u16, u16),
    /// Mean level.
    pub mean: f32,
    /// Standard deviation of levels.
    pub spread: f32,
    /// Share of samples in each of 32 steps of level, in 65,535ths.
    pub histogram: Vec<u16>,
    /// Standard deviation of what looks like sensor noise, in levels.
    pub noise: f32,
    /// Mean distance of the chroma samples from grey.
    pub colour: f32,
    /// Median sharpness of the blocks that show anything; see `blocks`.
    pub sharpness: f32,
    /// Mean level of each of 64x36 cells.
    pub thumbnail: Vec<u8>,
    /// Exact samples at 32x18 points: sensor noise shows in them, means hide it.
    pub points: Vec<u8>,
    /// Strength of changes along rows, per cell: 32 times the root of the mean difference.
    pub across: Vec<u8>,
    /// The same down columns.
    pub down: Vec<u8>,
    /// Sharpness of each of 16x9 blocks, in 1,024ths: the root of fine over coarse contrast, so
    /// neither contrast nor noise counts; 0 where there is too little to tell.
    pub blocks: Vec<u16>,
    /// Entropy of each block, in 50ths of a bit, of levels in 32 steps.
    pub entropy: Vec<u8>,
}

/// Measures a picture; `coded` is the access unit that it was decoded from.
pub fn measure(planes: &Planes<'_>, coded: &[u8]) -> Measures {
    let sums = Sums::of(planes);
    let thumbnail = luma::thumbnail(planes, &sums);
    let noise = noise::of(planes, &sums);
    let (blocks, sharpness) = sharpness::of(planes, &sums, &thumbnail);
    let samples = luma::Samples::of(planes);
    let coded = signature::of_coded(coded);
    let (mean, spread) = samples.mean_and_spread();
    Measures {
        coded: coded.hash,
        keyframe: coded.keyframe,
        decoded: sums.hash,
        size: (clamp(planes.width), clamp(planes.height)),
        mean,
        spread,
        histogram: samples.histogram(),
        noise,
        colour: colour::of(planes),
        sharpness,
        points: signature::points(planes),
        across: edges::of(&sums, &sums.across),
        down: edges::of(&sums, &sums.down),
        entropy: entropy::of(&samples),
        blocks,
        thumbnail,
    }
}

fn clamp(side: usize) -> u16 {
    u16::try_from(side).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
