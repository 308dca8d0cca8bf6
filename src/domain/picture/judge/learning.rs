//! How references are made and renewed: from several good pictures at first, then slowly.

use std::time::{Duration, Instant};

use super::{
    light::Light,
    references::{Reference, References, steadiness, trusted},
    view::View,
};
use crate::domain::picture::{
    Measures,
    grid::{BLOCKS, CELLS},
};

/// Pictures that a reference is first made of.
const PICTURES: usize = 9;
/// They are so far apart at least, so that what passes through is not in most of them.
const APART: Duration = Duration::from_millis(900);
/// Pictures that agree so well with what they have in common show the view, and not rain or a
/// passing train …
const AGREED: f32 = 0.82;
/// … which is waited for so long; then the best of what came has to do.
const WAITS: Duration = Duration::from_secs(480);
/// A view that stays this long is a preset of a camera that turns.
const PRESET_STAYS: Duration = Duration::from_secs(30);

/// Pictures of a view that there is no reference of yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Learning {
    light: Option<Light>,
    /// At most [`PICTURES`].
    pictures: Vec<Measures>,
    since: Option<Instant>,
    newest: Option<Instant>,
    preset: bool,
    /// When there were enough for the first time.
    full: Option<Instant>,
    /// What agreed best with itself so far.
    best: Option<(f32, Reference)>,
}

impl Learning {
    /// A good picture; the reference when there are enough.
    pub(super) fn add(
        &mut self,
        now: Instant,
        light: Light,
        measures: &Measures,
    ) -> Option<Reference> {
        if self.light != Some(light) || self.preset {
            *self = Self { light: Some(light), ..Self::default() };
        }
        self.take(now, measures, Duration::ZERO)
    }

    /// A picture of a view that may be a preset.
    pub(super) fn add_preset(
        &mut self,
        now: Instant,
        light: Light,
        measures: &Measures,
    ) -> Option<Reference> {
        if self.light != Some(light) || !self.preset {
            *self = Self { light: Some(light), preset: true, ..Self::default() };
        }
        // A camera that still turns gives no view to remember.
        self.take(now, measures, PRESET_STAYS).filter(|made| made.certainty(measures) > 0.7)
    }

    fn take(&mut self, now: Instant, measures: &Measures, stays: Duration) -> Option<Reference> {
        if self.newest.is_some_and(|at| now.saturating_duration_since(at) < APART) {
            return None;
        }
        self.newest = Some(now);
        let since = *self.since.get_or_insert(now);
        if self.pictures.len() == PICTURES {
            self.pictures.remove(0);
        }
        self.pictures.push(measures.clone());
        if self.pictures.len() < PICTURES || now.saturating_duration_since(since) < stays {
            return None;
        }
        let light = self.light?;
        let made = Reference::of(light, &self.pictures.iter().collect::<Vec<_>>());
        let agreement = made.agreement(measures);
        if self.best.as_ref().is_none_or(|(best, _)| agreement > *best) {
            self.best = Some((agreement, made));
        }
        let waited = now.saturating_duration_since(*self.full.get_or_insert(now));
        if agreement < AGREED && waited < WAITS && !self.preset {
            return None;
        }
        std::mem::take(self).best.map(|(_, made)| made)
    }

    /// A picture was not good: what was gathered of its light may not be either.
    pub(super) fn give_up(&mut self, light: Light) {
        if self.light == Some(light) && !self.preset {
            *self = Self::default();
        }
    }

    /// The camera shows a known view again.
    pub(super) fn give_up_preset(&mut self) {
        if self.preset {
            *self = Self::default();
        }
    }
}

/// The first renewal comes after so many pictures …
const FIRST: u32 = 30;
/// … and later ones this far apart.
const EVERY: Duration = Duration::from_secs(600);
/// A reference weighs as much as the pictures of so long at most, so that it follows the sun.
const MEMORY: Duration = Duration::from_secs(1_200);
/// Usual sharpness rises so many times slower than it falls: rain and noise make edges that are
/// not missed when they end.
const SHARPENS: f32 = 8.0;
/// So many pictures after the one that was kept for people, another one is.
const SHOWN_AGAIN: u32 = 10_000;

/// Good pictures since the newest renewal, as sums.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathering {
    reference: usize,
    since: Option<Instant>,
    count: u32,
    across: Vec<u32>,
    down: Vec<u32>,
    thumbnail: Vec<u32>,
    far: Vec<u32>,
    sharp: Vec<u32>,
    scores: Vec<f32>,
}

impl Gathering {
    /// A good picture that fits a reference.
    pub(super) fn add(&mut self, now: Instant, reference: usize, measures: &Measures, view: &View) {
        if self.reference != reference || self.since.is_none() {
            let none = || vec![0; CELLS];
            *self = Self {
                reference,
                since: Some(now),
                count: 0,
                across: none(),
                down: none(),
                thumbnail: none(),
                far: none(),
                sharp: vec![0; BLOCKS],
                scores: vec![0.0; BLOCKS],
            };
        }
        self.count += 1;
        for cell in 0..CELLS {
            let (across, down) = (u32::from(measures.across[cell]), u32::from(measures.down[cell]));
            self.across[cell] += across;
            self.down[cell] += down;
            self.thumbnail[cell] += u32::from(measures.thumbnail[cell]);
            // From the running mean: it is close enough after a few.
            let off = (across * self.count).abs_diff(self.across[cell])
                + (down * self.count).abs_diff(self.down[cell]);
            self.far[cell] += off / (2 * self.count);
        }
        for block in 0..BLOCKS {
            self.sharp[block] += u32::from(measures.blocks[block]);
            self.scores[block] += view.blocks[block].score;
        }
    }

    /// Something is suspected: what was gathered up to here is not trusted to be better.
    pub(super) fn drop_newest(&mut self) {
        if self.count < FIRST {
            self.since = None;
        }
    }

    /// It is time to renew.
    pub(super) fn is_ripe(&self, now: Instant, reference: &Reference) -> bool {
        let waited = self.since.is_some_and(|at| now.saturating_duration_since(at) >= EVERY);
        self.count >= FIRST && (waited || self.count >= reference.pictures)
    }

    /// Renews the reference; its light, if this picture is worth keeping for people.
    pub(super) fn fold_into(&mut self, now: Instant, references: &mut References) -> Option<Light> {
        let gathered = std::mem::take(self);
        let reference = references.views.get_mut(gathered.reference)?;
        let count = gathered.count.max(1);
        let lasted = gathered.since.map(|at| now.saturating_duration_since(at)).unwrap_or_default();
        let share = (count as f32 / (count + reference.pictures) as f32)
            .max(lasted.as_secs_f32() / (lasted + MEMORY).as_secs_f32());
        let blend =
            |old: u8, new: f32| (f32::from(old) * (1.0 - share) + new * share).round() as u8;
        let mean = |sum: u32| sum as f32 / count as f32;
        for cell in 0..CELLS {
            let (across, down) = (mean(gathered.across[cell]), mean(gathered.down[cell]));
            let steady = steadiness(mean(gathered.far[cell]), across as u8, down as u8);
            let of = &mut *reference;
            of.across.0[cell] = blend(of.across.0[cell], across);
            of.down.0[cell] = blend(of.down.0[cell], down);
            of.thumbnail.0[cell] = blend(of.thumbnail.0[cell], mean(gathered.thumbnail[cell]));
            of.steady.0[cell] = blend(of.steady.0[cell], f32::from(steady));
        }
        for block in 0..BLOCKS {
            let (usual, sharp) =
                (f32::from(reference.sharpness(block)), mean(gathered.sharp[block]));
            let speed = if sharp > usual { share / SHARPENS } else { share };
            let sharp = usual + (sharp - usual) * speed;
            reference.sharp.0[2 * block..][..2].copy_from_slice(&(sharp as u16).to_be_bytes());
            let score = f32::from(trusted(gathered.scores[block] / count as f32));
            reference.trust.0[block] = blend(reference.trust.0[block], score);
        }
        reference.pictures = reference.pictures.saturating_add(count);
        reference.shown = reference.shown.saturating_add(count);
        (reference.shown >= SHOWN_AGAIN).then(|| {
            reference.shown = 0;
            reference.light
        })
    }
}
