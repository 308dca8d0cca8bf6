//! A picture against a reference, block by block: is what always stood there still there?
//!
//! Per block a correlation of edge maps, weighted by how steady each cell is. It does not ask for
//! brightness or contrast, so light may change; and not for things that came in between, so long
//! as they leave some of the landmarks uncovered. Leaves and crowds are no landmarks, but a block
//! that is always full of them and is empty now has lost something too.

use super::references::Reference;
use crate::domain::picture::{
    Measures,
    grid::{BLOCKS, SIDE, cells, quantile, window},
};

/// Variance of the edge map that makes a landmark: a line of 30 levels through a block.
const LANDMARK: f32 = 100.0;
/// Variance that coding noise gives by itself: added, so that two empty blocks are not alike.
const GRAIN: f32 = 20.0;
/// A block less like itself than this, in the mean, is no landmark: leaves, water, a crowd.
const TRUSTED: f32 = 0.55;
/// A block with less than this share of its usual likeness has lost its landmarks.
pub(super) const LOST: f32 = 0.5;
/// Fewer landmarks than this and a view cannot be known again.
const LANDMARKS_MIN: usize = 12;
/// A block is rich whose mean edges are so far above those of the plainest blocks …
const RICH: f32 = 14.0;
/// … and empty when less than this share of that is left.
const EMPTY: f32 = 0.35;
/// Share of a landmark's edges below which what stands there instead is poor.
const POORER: f32 = 0.5;
/// Dimmer light takes as much from edges; from here on it is darkness.
const DIMMED: f32 = 0.4;
/// Share of lost landmarks that makes most of them.
const MOSTLY: f32 = 0.7;
/// Share of the blocks that are taken as plain.
const PLAIN: f32 = 0.1;
/// A block's level is another one if it is off by so many levels and by this share.
const OTHER_LEVEL: (f32, f32) = (10.0, 0.2);

/// Share of the blocks that must have their level for the large forms to be compared.
const SAME_LEVEL: f32 = 0.6;

/// How one block compares.
pub(super) struct Likeness {
    /// Correlation of the edges, 0 to 1.
    pub(super) score: f32,
    /// Variance of the reference's edge map.
    pub(super) usual: f32,
    /// Variance of the picture's.
    pub(super) present: f32,
}

/// How one block's edges compare to the reference's, found again where `place` says.
pub(super) fn likeness(
    reference: &Reference,
    measures: &Measures,
    block: usize,
    place: impl Fn(usize) -> Option<usize>,
) -> Likeness {
    let (mut covariance, mut usual, mut present) = (0.0, 0.0, 0.0);
    for (was, is) in [(&reference.across.0, &measures.across), (&reference.down.0, &measures.down)]
    {
        let mut sums = [0.0_f32; 6];
        for cell in window(block) {
            let Some(there) = place(cell) else { continue };
            let weight = f32::from(reference.steady.0[cell]) / 255.0;
            let (a, b) = (f32::from(was[cell]), f32::from(is[there]));
            let (wa, wb) = (weight * a, weight * b);
            let terms = [weight, wa, wb, wa * a, wb * b, wa * b];
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

/// Whether a reference shows enough in a block to know it again; any picture will do.
pub(super) fn is_structured(reference: &Reference, measures: &Measures, block: usize) -> bool {
    likeness(reference, measures, block, Some).usual >= LANDMARK
}

/// A picture against a reference.
pub(super) struct View {
    pub(super) blocks: Vec<Block>,
    /// Mean usual likeness of the landmarks.
    pub(super) trust: f32,
    /// Correlation of the blocks' levels: the large forms of the view.
    pub(super) form: f32,
    /// The same without blocks whose level is another one, as where something passes.
    pub(super) form_at_rest: f32,
    /// Variance of edges at the landmarks, as a share of the usual one.
    pub(super) richness: f32,
    /// Levels as a share of the usual ones, median of what was kept.
    pub(super) gain: f32,
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
    /// There is usually more to see in it than in a plain one.
    pub(super) rich: bool,
    /// It had landmarks or was rich, and they are gone.
    pub(super) lost: bool,
    /// It shows nothing now.
    pub(super) flat: bool,
    /// Variance of its edges as a share of the usual one.
    left: f32,
    /// It lost its landmarks, and shows a good deal less than they would in this light.
    pub(super) poor: bool,
    /// There is nothing to know it by.
    pub(super) mute: bool,
    /// Its level is not what the rest of the picture lets expect.
    pub(super) other_level: bool,
}

impl View {
    pub(super) fn of(reference: &Reference, measures: &Measures) -> Self {
        let mut blocks = vec![Block::default(); BLOCKS];
        let (mut landmarks, mut lost, mut trust) = (0, 0, 0.0);
        let (mut usual_edges, mut present_edges) = (0.0, 0.0);
        let was = excess(&reference.across.0, &reference.down.0);
        let is = excess(&measures.across, &measures.down);
        for (at, block) in blocks.iter_mut().enumerate() {
            let likeness = likeness(reference, measures, at, Some);
            let usual = f32::from(reference.trust.0[at]) / 255.0;
            block.score = likeness.score;
            block.landmark = likeness.usual >= LANDMARK && usual >= TRUSTED;
            block.rich = was[at] >= RICH;
            block.flat = likeness.present < LANDMARK / 2.0 || is[at] < EMPTY * was[at];
            let gone = block.landmark && likeness.score < LOST * usual;
            block.left = likeness.present / f32::max(likeness.usual, 1.0);
            block.mute = !block.landmark && !block.rich;
            block.lost = gone || (block.rich && !block.landmark && is[at] < EMPTY * was[at]);
            if block.landmark {
                landmarks += 1;
                lost += usize::from(gone);
                trust += usual;
                usual_edges += likeness.usual;
                present_edges += likeness.present;
            }
        }
        let old: Vec<f32> = (0..BLOCKS).map(|at| level(&reference.thumbnail.0, at)).collect();
        let new: Vec<f32> = (0..BLOCKS).map(|at| level(&measures.thumbnail, at)).collect();
        // The light of the whole scene may have changed: as told by what is still there.
        let gain = |of: &dyn Fn(&Block) -> bool| -> Vec<f32> {
            let kept = (0..BLOCKS).filter(|at| of(&blocks[*at]));
            kept.map(|at| (new[at] + 1.0) / (old[at] + 1.0)).collect()
        };
        let mut gains = gain(&|block| block.landmark && !block.lost);
        if gains.len() < LANDMARKS_MIN {
            gains = gain(&|block| !block.lost);
        }
        if gains.is_empty() {
            gains = gain(&|_| true);
        }
        let common = quantile(&mut gains, 0.5);
        for (at, block) in blocks.iter_mut().enumerate() {
            let expected = (old[at] * common).min(255.0);
            let dimmed = common.clamp(DIMMED, 1.0);
            block.poor = block.landmark && block.lost && block.left < POORER * dimmed;
            block.other_level =
                (new[at] - expected).abs() > OTHER_LEVEL.0 + OTHER_LEVEL.1 * expected;
        }
        let same = (0..BLOCKS).filter(|at| !blocks[*at].other_level);
        let at_rest = correlation(same.clone().map(|at| (old[at], new[at])));
        let at_rest = at_rest.filter(|_| same.count() as f32 >= SAME_LEVEL * BLOCKS as f32);
        Self {
            blocks,
            trust: trust / landmarks.max(1) as f32,
            form: correlation(old.into_iter().zip(new)).unwrap_or(0.0),
            form_at_rest: at_rest.unwrap_or(0.0),
            richness: present_edges / f32::max(usual_edges, 1.0),
            gain: common,
            landmarks,
            lost,
        }
    }

    /// Share of the landmarks that are gone; `None` where there are too few to tell.
    pub(super) fn lost_share(&self) -> Option<f32> {
        (self.landmarks >= LANDMARKS_MIN).then(|| self.lost as f32 / self.landmarks as f32)
    }

    /// How well the reference fits, to choose among several.
    pub(super) fn kept(&self) -> f32 {
        let kept = self.blocks.iter().filter(|block| block.landmark);
        kept.map(|block| block.score).sum::<f32>() / self.landmarks.max(1) as f32 + 0.1 * self.form
    }

    /// Most of what is gone left something poorer: a view that moved has as much to show as before.
    pub(super) fn is_poor(&self) -> bool {
        let poor = self.blocks.iter().filter(|block| block.poor).count();
        poor as f32 > MOSTLY * self.lost as f32
    }

    /// Landmarks.
    pub(super) fn landmarks(&self) -> usize {
        self.landmarks
    }
}

/// By how much the mean edges of each block are above those of the plainest: noise is in all.
fn excess(across: &[u8], down: &[u8]) -> Vec<f32> {
    let means: Vec<f32> = (0..BLOCKS)
        .map(|block| {
            let (sum, count) = window(block).fold((0.0, 0.0), |(sum, count), cell| {
                (sum + f32::from(across[cell]) + f32::from(down[cell]), count + 2.0)
            });
            sum / count
        })
        .collect();
    let plain = quantile(&mut means.clone(), PLAIN);
    means.into_iter().map(|mean| mean - plain).collect()
}

/// Mean level of a block.
fn level(thumbnail: &[u8], block: usize) -> f32 {
    cells(block).map(|cell| f32::from(thumbnail[cell])).sum::<f32>() / (SIDE * SIDE) as f32
}

/// Correlation of pairs; `None` where one of the two is the same everywhere.
fn correlation(pairs: impl Iterator<Item = (f32, f32)>) -> Option<f32> {
    let mut sums = [0.0_f32; 6];
    for (a, b) in pairs {
        sums.iter_mut().zip([1.0, a, b, a * a, b * b, a * b]).for_each(|(sum, term)| *sum += term);
    }
    let [count, a, b, aa, bb, ab] = sums;
    let count = count.max(1.0);
    let was = (aa - a * a / count) / count;
    let is = (bb - b * b / count) / count;
    (was > 1.0 && is > 0.05).then(|| (ab - a * b / count) / count / (was * is).sqrt())
}
