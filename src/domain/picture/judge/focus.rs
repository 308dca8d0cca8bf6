//! Sharpness against the reference: a lens out of focus keeps the large forms and loses the fine
//! ones.
//!
//! Haze and rain take contrast from both and so do not count here; noise is taken off where it is
//! measured. A blur that takes less than about a third of the sharpness is within what coding
//! takes on a busy day, and is not told.

use std::time::Instant;

use super::{STEADY_PATIENCE, lasting::Lasting, references::Reference, view::View};
use crate::domain::picture::{
    Measures,
    grid::{BLOCKS, quantile},
};

/// Share of the usual sharpness, median of all blocks, below which a picture is out of focus.
const BLURRED: f32 = 0.66;
/// Correlation of the large forms that makes it the same view.
const SAME_FORM: f32 = 0.85;
/// Fewer blocks cannot tell.
const BLOCKS_MIN: usize = 10;
/// Sharpness below which a block's reference tells nothing, in 1,024ths.
const TELLING: u16 = 40;

/// The check.
#[derive(Clone, Debug, Default)]
pub(super) struct Focus {
    lasting: Lasting,
    share: Option<f32>,
}

impl Focus {
    /// Takes note of a picture; whether it is blurred.
    pub(super) fn apply(
        &mut self,
        now: Instant,
        reference: &Reference,
        measures: &Measures,
        view: &View,
        known: bool,
    ) -> bool {
        self.share = sharpness(reference, measures, view);
        let share = self.share.filter(|share| known && *share < BLURRED);
        self.lasting.feed(
            now,
            STEADY_PATIENCE,
            share.map(|share| {
                move || {
                    format!(
                        "edges have {:.0} % of their usual sharpness, while the view is the same",
                        share * 100.0
                    )
                }
            }),
        );
        self.lasting.is_suspected()
    }

    /// Nothing is known any more.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Share of the usual sharpness in the newest picture, where it can be told.
    pub(super) fn share(&self) -> Option<f32> {
        self.share
    }

    /// What is said.
    pub(super) fn evidence(&self) -> Option<&str> {
        self.lasting.evidence()
    }
}

/// Share of the usual sharpness; `None` where it is another view or there is too little to tell.
fn sharpness(reference: &Reference, measures: &Measures, view: &View) -> Option<f32> {
    if view.form < SAME_FORM {
        return None;
    }
    let mut ratios: Vec<f32> = (0..BLOCKS)
        .filter(|block| reference.sharpness(*block) >= TELLING)
        .filter(|block| view.blocks[*block].rich)
        .map(|block| f32::from(measures.blocks[block]) / f32::from(reference.sharpness(block)))
        .collect();
    (ratios.len() >= BLOCKS_MIN).then(|| quantile(&mut ratios, 0.5))
}
