//! How steep the edges are: energy of differences between neighbouring pixels, less what noise
//! gives everywhere, over the variance of cell means around. Haze takes as much of one as of the
//! other, and so does a lower exposure; a lens out of focus takes the fine contrast alone.

use super::{Planes, sums::Sums};
use crate::domain::picture::grid::{BLOCKS, CELLS, quantile, window};

/// Below this variance of cell means, levels², a block shows too little.
const BARE: f32 = 9.0;
/// Share of the cells whose energy is taken for noise.
const PLAIN: f32 = 0.1;

/// Sharpness of each block in 1,024ths, and the median of those that are not bare.
pub(super) fn of(planes: &Planes<'_>, sums: &Sums, thumbnail: &[u8]) -> (Vec<u16>, f32) {
    let scale = if planes.full_range { 1.0 } else { 255.0 / 219.0 };
    let energies: Vec<f32> =
        (0..CELLS).map(|cell| sums.mean(&sums.energy, cell) * scale * scale).collect();
    let noise = quantile(&mut energies.clone(), PLAIN);
    let blocks: Vec<u16> = (0..BLOCKS)
        .map(|block| {
            let (mut count, mut sum, mut squares, mut energy) = (0.0, 0.0, 0.0, 0.0);
            for cell in window(block) {
                let level = f32::from(thumbnail[cell]);
                count += 1.0;
                sum += level;
                squares += level * level;
                energy += energies[cell];
            }
            let variance = squares / count - (sum / count) * (sum / count);
            if variance < BARE {
                return 0;
            }
            let fine = (energy / count - noise).max(0.0);
            ((fine / variance).sqrt() * 1024.0).clamp(1.0, f32::from(u16::MAX)) as u16
        })
        .collect();
    let mut told: Vec<f32> =
        blocks.iter().filter(|block| **block > 0).map(|block| f32::from(*block) / 1024.0).collect();
    let median = quantile(&mut told, 0.5);
    (blocks, median)
}
