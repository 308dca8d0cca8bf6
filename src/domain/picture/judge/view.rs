//! A picture against a reference, block by block: is what always stood there still there?
//!
//! Per block a correlation of edge maps, weighted by how steady each cell is. It does not ask for
//! brightness or contrast, so light may change; and not for things that came in between, so long
//! as they leave some of the landmarks uncovered.

use super::references::Reference;
use crate::domain::picture::{
    Measures,
    grid::{BLOCKS, quantile, window},
};

/// Variance of the edge map that makes a landmark: a line of 30 levels through a block.
const LANDMARK: f32 = 100.0;
/// Variance that coding noise gives by itself: added, so that two empty blocks are not alike.
const GRAIN: f32 = 20.0;
/// A block less like itself than this, in the mean, is no landmark: leaves, water, a crowd.
const TRUSTED: f32 = 0.55;
/// A block with less than this share of its usual likeness has lost its landmarks.
const LOST: f32 = 0.5;
/// Fewer landmarks than this and a view cannot be known again.
const LANDMARKS_MIN: usize = 8;
/// Variance of cell means, levels², that makes a form.
const FORMED: f32 = 16.0;
/// A plain block whose level is so far from what is expected shows something else.
const OTHER_LEVEL: f32 = 28.0;

/// How one block compares.
pub(super) struct Likeness {
    /// Correlation of the edges, 0 to 1.
    pub(super) score: f32,
    /// Variance of the reference's edge map.
    pub(super) usual: f32,
    /// Variance of the picture's.
    pub(super) present: f32,
}

/// How one block's edges compare to the reference's.
pub(super) fn likeness(reference: &Reference, measures: &Measures, block: usize) -> Likeness {
    let (mut covariance, mut usual, mut present) = (0.0, 0.0, 0.0);
    for (was, is) in [(&reference.across.0, &measures.across), (&reference.down.0, &measures.down)]
    {
        let mut sums = [0.0_f32; 6];
        for cell in window(block) {
            let weight = f32::from(reference.steady.0[cell]) / 255.0;
            let (a, b) = (f32::from(was[cell]), f32::from(is[cell]));
            let terms =
                [weight, weight * a, weight * b, weight * a * a, weight * b * b, weight * a * b];
            sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
        }
        let [weight, a, b, aa, bb, ab] = sums;
        let weight = weight.max(1.0);
        covariance += (ab - a * b / weight) / weight;
        usual += (aa - a * a / weight) / weight;
        present += (bb - b * b / weight) / weight;
    }
    let score = covariance / ((usual + GRAIN) * (present + GRAIN)).max(1.0).sqrt();
    Likeness { score: score.clamp(0.0, 1.0), usual, present }
}

/// A picture against a reference.
pub(super) struct View {
    pub(super) blocks: Vec<Block>,
    /// Mean usual likeness of the landmarks.
    pub(super) trust: f32,
    landmarks: usize,
    lost: usize,
}

/// One block of a picture against a reference.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Block {
    /// Correlation of the edges, 0 to 1.
    pub(super) score: f32,
    /// There is something to know it by.
    pub(super) landmark: bool,
    /// It had landmarks, and they are gone.
    pub(super) lost: bool,
    /// It shows nothing now.
    pub(super) flat: bool,
    /// It had none, and its level is not what the rest of the picture lets expect.
    pub(super) other_level: bool,
    /// Correlation of the cell means with the reference's, where that has a form.
    pub(super) form: Option<f32>,
}

impl View {
    pub(super) fn of(reference: &Reference, measures: &Measures) -> Self {
        let mut blocks = vec![Block::default(); BLOCKS];
        let mut steps = Vec::with_capacity(BLOCKS);
        let (mut landmarks, mut lost, mut trust) = (0, 0, 0.0);
        for (at, block) in blocks.iter_mut().enumerate() {
            let likeness = likeness(reference, measures, at);
            let usual = f32::from(reference.trust.0[at]) / 255.0;
            block.score = likeness.score;
            block.landmark = likeness.usual >= LANDMARK && usual >= TRUSTED;
            block.lost = block.landmark && likeness.score < LOST * usual;
            block.flat = likeness.present < LANDMARK / 2.0;
            block.form = form(&reference.thumbnail.0, &measures.thumbnail, at);
            landmarks += usize::from(block.landmark);
            lost += usize::from(block.lost);
            if block.landmark {
                trust += usual;
            }
            if !block.lost {
                steps.push(step(reference, measures, at));
            }
        }
        if steps.is_empty() {
            steps.extend((0..BLOCKS).map(|at| step(reference, measures, at)));
        }
        // The light of the whole scene may have changed.
        let common = quantile(&mut steps, 0.5);
        for (at, block) in blocks.iter_mut().enumerate() {
            let far = (step(reference, measures, at) - common).abs();
            block.other_level = !block.landmark && far > OTHER_LEVEL;
        }
        Self { blocks, trust: trust / landmarks.max(1) as f32, landmarks, lost }
    }

    /// Share of the landmarks that are gone; `None` where there are too few to tell.
    pub(super) fn lost_share(&self) -> Option<f32> {
        (self.landmarks >= LANDMARKS_MIN).then(|| self.lost as f32 / self.landmarks as f32)
    }

    /// How well the reference fits, to choose among several.
    pub(super) fn kept(&self) -> f32 {
        let kept = self.blocks.iter().filter(|block| block.landmark);
        kept.map(|block| block.score).sum::<f32>() / self.landmarks.max(1) as f32
    }

    /// Landmarks.
    pub(super) fn landmarks(&self) -> usize {
        self.landmarks
    }
}

fn step(reference: &Reference, measures: &Measures, block: usize) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0);
    for cell in window(block) {
        sum += f32::from(measures.thumbnail[cell]) - f32::from(reference.thumbnail.0[cell]);
        count += 1.0;
    }
    sum / count
}

/// Correlation of cell means within a block's window.
fn form(was: &[u8], is: &[u8], block: usize) -> Option<f32> {
    let mut sums = [0.0_f32; 6];
    for cell in window(block) {
        let (a, b) = (f32::from(was[cell]), f32::from(is[cell]));
        sums.iter_mut().zip([1.0, a, b, a * a, b * b, a * b]).for_each(|(sum, term)| *sum += term);
    }
    let [count, a, b, aa, bb, ab] = sums;
    let usual = (aa - a * a / count) / count;
    let present = (bb - b * b / count) / count;
    let covariance = (ab - a * b / count) / count;
    (usual >= FORMED).then(|| covariance / (usual * (present + 1.0)).sqrt())
}
