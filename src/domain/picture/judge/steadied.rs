//! The newest three pictures as one: the median of each figure. What passes by, streaks of rain,
//! a beam of light and most of the noise are in one of the three only; what stands is in all.

use std::collections::VecDeque;

use crate::domain::picture::Measures;

/// Pictures; of an even number there is no middle one.
const PICTURES: usize = 3;

/// The newest pictures.
#[derive(Clone, Debug, Default)]
pub(super) struct Steadied {
    /// At most [`PICTURES`]; the oldest goes.
    newest: VecDeque<Measures>,
}

impl Steadied {
    /// Takes a picture; the median of the newest, or this one while there are too few.
    pub(super) fn add(&mut self, measures: &Measures) -> Measures {
        if self.newest.len() == PICTURES {
            self.newest.pop_front();
        }
        self.newest.push_back(measures.clone());
        let mut steady = measures.clone();
        if let [a, b, c] = self.newest.make_contiguous() {
            medians(&mut steady.across, &a.across, &b.across, &c.across);
            medians(&mut steady.down, &a.down, &b.down, &c.down);
            medians(&mut steady.thumbnail, &a.thumbnail, &b.thumbnail, &c.thumbnail);
            medians(&mut steady.blocks, &a.blocks, &b.blocks, &c.blocks);
        }
        steady
    }

    /// There are enough for a median.
    pub(super) fn is_full(&self) -> bool {
        self.newest.len() == PICTURES
    }
}

fn medians<T: Copy + Ord>(out: &mut [T], a: &[T], b: &[T], c: &[T]) {
    for (((out, a), b), c) in out.iter_mut().zip(a).zip(b).zip(c) {
        *out = (*a.min(b)).max(*a.max(b).min(c));
    }
}
