//! Sharpness against the reference: a lens out of focus keeps the large forms and loses the fine
//! ones.
//!
//! Haze and rain take contrast from both and so do not count here; noise is taken off where it is
//! measured. A blur that takes less than about a third of the sharpness is within what coding
//! takes on a busy day, and is not told.

use std::{ops::RangeInclusive, time::Instant};

use super::{STEADY_PATIENCE, lasting::Lasting, references::Reference, view::View};
use crate::domain::picture::{
    Measures,
    grid::{BLOCKS, quantile},
};

/// Share of the usual sharpness of the landmarks below which a picture is out of focus.
const BLURRED: f32 = 0.8;
/// Correlation of the large forms that makes it the same view, of what is at rest and of all.
const SAME_FORM: (f32, f32) = (0.85, 0.75);
/// A strong blur where the coder leaves little gives edges between coding blocks instead, and a
/// burnt-in lettering stays sharp. It is told by the share of the landmarks that are gone, …
const GONE: f32 = 0.55;
/// … by what is left of all their edges at most, or by how poor the lost ones are, …
const LEFT: f32 = 0.66;
/// … by the sharpness of those that are gone, their median, …
const GONE_BLURRED: f32 = 0.9;
/// … and by the large forms of all of it, which are there as they were.
const ALL_FORM: f32 = 0.92;
/// Levels as a share of the usual ones, outside of which it is another light, and coded otherwise.
const SAME_LIGHT: RangeInclusive<f32> = 0.55..=1.8;
/// Fewer landmarks cannot tell.
const BLOCKS_MIN: usize = 6;
/// Share of the landmarks that must still show anything: a blur takes fine forms, not all.
const SHOWN: f32 = 0.5;
/// The landmark that is looked at, from the dullest: more than are hidden by what hangs before half
/// of a view, and fewer than a burnt-in lettering keeps sharp.
const MOST: f32 = 0.65;
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
        let told = sharpness(reference, measures, view);
        self.share = told.map(|told| told.share);
        let like = SAME_LIGHT.contains(&view.gain);
        let blurred = told.filter(|told| known && like && told.blurred);
        self.lasting.feed(
            now,
            STEADY_PATIENCE,
            blurred.map(|told| {
                move || {
                    format!(
                        "edges have {:.0} % of their usual sharpness, while the view is the same",
                        told.share * 100.0
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

/// How sharp a picture is.
#[derive(Clone, Copy)]
struct Told {
    /// Share of the usual sharpness.
    share: f32,
    /// That is too little.
    blurred: bool,
}

/// Against the reference; `None` where it is another view or there is too little to tell.
fn sharpness(reference: &Reference, measures: &Measures, view: &View) -> Option<Told> {
    if view.form_at_rest < SAME_FORM.0 || view.form < SAME_FORM.1 {
        return None;
    }
    let ratios = |of: &dyn Fn(usize) -> bool| -> Vec<f32> {
        (0..BLOCKS)
            .filter(|block| reference.sharpness(*block) >= TELLING)
            .filter(|block| view.blocks[*block].landmark && of(*block))
            .map(|block| f32::from(measures.blocks[block]) / f32::from(reference.sharpness(block)))
            .collect()
    };
    let mut all = ratios(&|_| true);
    let shown = all.iter().filter(|ratio| **ratio > 0.0).count();
    if all.len() < BLOCKS_MIN || (shown as f32) < SHOWN * all.len() as f32 {
        return None;
    }
    let share = quantile(&mut all, MOST);
    let gone = view.lost_share().is_some_and(|lost| lost >= GONE);
    if share >= BLURRED && gone && view.form >= ALL_FORM && (view.richness < LEFT || view.is_poor())
    {
        let share = quantile(&mut ratios(&|block| view.blocks[block].lost), 0.5);
        return Some(Told { share, blurred: share < GONE_BLURRED });
    }
    Some(Told { share, blurred: share < BLURRED })
}
