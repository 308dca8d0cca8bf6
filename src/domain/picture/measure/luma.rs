//! How bright a picture is: as a thumbnail, as mean and spread, as a histogram.

use super::{Planes, sums::Sums};
use crate::domain::picture::grid::{BLOCK_COLUMNS, BLOCK_ROWS, BLOCKS, CELLS, part};

/// Mean level of each cell.
pub(super) fn thumbnail(planes: &Planes<'_>, sums: &Sums) -> Vec<u8> {
    (0..CELLS).map(|cell| planes.level(sums.mean(&sums.level, cell)).round() as u8).collect()
}

/// Steps of level in a histogram.
pub(super) const STEPS: usize = 32;
/// Samples along a block's side: 100 of a block tell its entropy within a tenth of a bit or two.
const ALONG: usize = 10;
/// Samples of a block.
pub(super) const OF_BLOCK: usize = ALONG * ALONG;

/// As many samples of each block for any size of picture, counted by their level.
pub(super) struct Samples {
    /// Per block.
    pub(super) counts: Vec<[u8; STEPS]>,
    sum: u64,
    squares: u64,
    scale: (f32, f32),
}

impl Samples {
    pub(super) fn of(planes: &Planes<'_>) -> Self {
        let mut samples = Self {
            counts: vec![[0; STEPS]; BLOCKS],
            sum: 0,
            squares: 0,
            scale: (planes.level(16.0), planes.level(235.0)),
        };
        let columns = middles(BLOCK_COLUMNS * ALONG, planes.width);
        let steps: [u8; 256] =
            std::array::from_fn(|sample| planes.level(sample as f32) as u8 / (256 / STEPS) as u8);
        for (y, at) in middles(BLOCK_ROWS * ALONG, planes.height).into_iter().enumerate() {
            let row = planes.row(at);
            for (x, at) in columns.iter().enumerate() {
                let Some(sample) = row.get(*at) else { continue };
                let level = u64::from(*sample);
                samples.sum += level;
                samples.squares += level * level;
                let block = y / ALONG * BLOCK_COLUMNS + x / ALONG;
                samples.counts[block][usize::from(steps[usize::from(*sample)])] += 1;
            }
        }
        samples
    }

    /// Mean and standard deviation of levels.
    pub(super) fn mean_and_spread(&self) -> (f32, f32) {
        let count = (BLOCKS * OF_BLOCK) as f64;
        let mean = self.sum as f64 / count;
        let spread = (self.squares as f64 / count - mean * mean).max(0.0).sqrt();
        let (low, high) = self.scale;
        let scale = (high - low) / 219.0;
        (((mean as f32 - 16.0) * scale + low).clamp(0.0, 255.0), spread as f32 * scale)
    }

    /// Share of all samples in each step of level, in 65,535ths.
    pub(super) fn histogram(&self) -> Vec<u16> {
        let count = (BLOCKS * OF_BLOCK) as u32;
        (0..STEPS)
            .map(|step| {
                let samples: u32 = self.counts.iter().map(|block| u32::from(block[step])).sum();
                (samples * u32::from(u16::MAX) / count) as u16
            })
            .collect()
    }
}

/// The middles of `count` equal parts of `length`.
pub(super) fn middles(count: usize, length: usize) -> Vec<usize> {
    (0..count).map(|index| part(2 * index + 1, 2 * count, length)).collect()
}
