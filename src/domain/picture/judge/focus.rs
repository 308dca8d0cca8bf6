//! Sharpness against the reference: a lens out of focus keeps the large forms and loses the fine
//! ones.
//!
//! Haze and rain take contrast from both and so do not count here; noise is taken off where it is
//! measured. A blur that takes less than about a third of the sharpness is within what coding
//! takes on a busy day, and is not told.

use std::time::Instant;

use super::{lasting::Lasting, references::Reference, view::View};
use crate::domain::picture::{Measures, grid::quantile};

/// Share of the usual sharpness, median of all blocks, below which a picture is out of focus.
const BLURRED: f32 = 0.66;
/// Correlation of a form that is still there.
const SAME_FORM: f32 = 0.7;
/// Share of the forms that must be there: else it is another view.
const FORMS_KEPT: f32 = 0.6;
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

/// Share of the usual sharpness; `None` where the forms are not there or are too few.
pub(super) fn sharpness(reference: &Reference, measures: &Measures, view: &View) -> Option<f32> {
    let (mut formed, mut kept, mut ratios) = (0, 0, Vec::new());
    for (at, block) in view.blocks.iter().enumerate() {
        let Some(form) = block.form else { continue };
        formed += 1;
        if form < SAME_FORM {
            continue;
        }
        kept += 1;
        let usual = reference.sharpness(at);
        if usual >= TELLING {
            ratios.push(f32::from(measures.blocks[at]) / f32::from(usual));
        }
    }
    let same = kept as f32 >= FORMS_KEPT * formed as f32;
    (same && ratios.len() >= BLOCKS_MIN).then(|| quantile(&mut ratios, 0.5))
}
