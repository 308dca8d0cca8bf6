//! What looks like sensor noise: the differences of neighbouring pixels where there is least else.

use super::{Planes, sums::Sums};
use crate::domain::picture::grid::{CELLS, quantile};

/// Share of the cells that are taken as showing nothing but noise.
const PLAIN: f32 = 0.1;

/// Standard deviation of noise, levels. The mean difference of two samples with deviation s is
/// 2s/√π.
pub(super) fn of(planes: &Planes<'_>, sums: &Sums) -> f32 {
    let mut means: Vec<f32> = (0..CELLS)
        .map(|cell| (sums.mean(&sums.across, cell) + sums.mean(&sums.down, cell)) / 2.0)
        .collect();
    let scale = if planes.full_range { 1.0 } else { 255.0 / 219.0 };
    quantile(&mut means, PLAIN) * std::f32::consts::PI.sqrt() / 2.0 * scale
}
