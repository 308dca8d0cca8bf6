//! How much there is to see in each block: a wall has little, a street much.

use super::luma::{OF_BLOCK, Samples};

/// Entropy of each block's levels, in 50ths of a bit.
pub(super) fn of(samples: &Samples) -> Vec<u8> {
    let total = OF_BLOCK as f32;
    // n·log2(n), of the few counts there can be.
    let weight: [f32; OF_BLOCK + 1] =
        std::array::from_fn(|n| if n == 0 { 0.0 } else { n as f32 * (n as f32).log2() });
    let bits = |counts: &[u8]| -> f32 {
        let sum: f32 = counts.iter().map(|n| weight[usize::from(*n).min(OF_BLOCK)]).sum();
        total.log2() - sum / total
    };
    samples.counts.iter().map(|block| (bits(block) * 50.0).clamp(0.0, 255.0) as u8).collect()
}
