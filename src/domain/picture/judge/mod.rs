//! Whether a picture is alive and right, against what this camera has shown before.
//!
//! Alive: [`frozen`], [`looped`]. Right: [`exposure`], then, against the reference that fits best
//! ([`view`]), [`focus`], [`shift`] and [`cover`] in that order, because a camera that was turned
//! has also lost what it saw. Pictures in which nothing is wrong renew the references.

mod cover;
mod exposure;
mod focus;
mod frozen;
mod lasting;
mod learning;
mod light;
mod looped;
mod maps;
mod policy;
mod references;
mod shift;
mod sight;
mod steadied;
mod view;

use std::time::{Duration, Instant};

use super::Measures;
use crate::domain::{camera::Condition, time::UnixMicros};
use cover::Cover;
use exposure::Exposure;
use focus::Focus;
use frozen::Frozen;
use learning::{Gathering, Learning};
use looped::Looped;
use shift::Shift;
use steadied::Steadied;
use view::View;

pub use light::Light;
pub use policy::PicturePolicy;
pub use references::{ReferenceCommand, References};
pub use sight::Sight;

/// Something wrong with the picture, as of the newest one. Delays are the ladder's.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which.
    pub condition: Condition,
    /// Words and figures, one plain English sentence that does not tick.
    pub evidence: String,
}

/// One camera's picture judge.
#[derive(Clone, Debug)]
pub struct Judge {
    policy: PicturePolicy,
    references: References,
    light: Option<Light>,
    sight: Sight,
    frozen: Frozen,
    looped: Looped,
    steadied: Steadied,
    exposure: Exposure,
    focus: Focus,
    shift: Shift,
    cover: Cover,
    learning: Learning,
    gathering: Gathering,
    renewed: Option<Light>,
    newest: Option<Box<Measures>>,
}

impl Judge {
    /// With what was learnt before.
    pub fn new(policy: PicturePolicy, references: References) -> Self {
        Self {
            references: references.checked(),
            light: None,
            sight: Sight::Learning,
            frozen: Frozen::default(),
            looped: Looped::default(),
            steadied: Steadied::default(),
            exposure: Exposure::default(),
            focus: Focus::default(),
            shift: Shift::default(),
            cover: Cover::default(),
            learning: Learning::default(),
            gathering: Gathering::default(),
            renewed: None,
            newest: None,
            policy,
        }
    }

    /// Takes note of a picture.
    pub fn apply(&mut self, now: Instant, unix: UnixMicros, measures: &Measures) {
        self.renewed = None;
        let light = Light::of(measures, self.light);
        self.light = Some(light);
        let steady = self.steadied.add(measures);
        let usual_view = self.judge_view(now, unix, light, measures, &steady);
        self.frozen.apply(now, measures, usual_view, &mut self.references.floor);
        if !self.frozen.is_suspected() {
            self.looped.apply(now, measures, &self.policy, &mut self.references.source);
        }
        self.newest = Some(Box::new(steady));
    }

    /// What is right to see: against the reference that fits best. Whether it is what is usually
    /// seen.
    fn judge_view(
        &mut self,
        now: Instant,
        unix: UnixMicros,
        light: Light,
        measures: &Measures,
        steady: &Measures,
    ) -> bool {
        let hour = self.policy.hour(unix);
        // A light that was never seen may show other things: then only what no light explains
        // counts, until it is learnt.
        let known = self.references.of(light) > 0;
        let view = self
            .references
            .views
            .iter()
            .enumerate()
            .map(|(index, reference)| {
                let view = View::of(reference, steady);
                let own = if reference.light == light { OWN_LIGHT } else { 0.0 };
                (view.kept() + own, index, view)
            })
            .max_by(|(a, ..), (b, ..)| a.total_cmp(b))
            .map(|(_, index, view)| (index, view));
        let usual = self.references.hours.usual(hour);
        // By itself: the median shows a change with the second picture of it.
        let newest = |index: usize| View::of(&self.references.views[index], measures);
        let lost_now = || newest(view.as_ref()?.0).lost_share();
        if self.exposure.apply(now, measures, usual, lost_now) {
            self.no_view();
            return false;
        }
        self.sight = match &view {
            Some((_, view)) if known && view.lost_share().is_some() => Sight::Enough,
            Some(_) if known => Sight::TooLittle,
            _ => Sight::Learning,
        };
        let Some((index, view)) = view else {
            self.no_view();
            self.learn(now, light, steady);
            return false;
        };
        let reference = &self.references.views[index];
        let blurred = self.focus.apply(now, reference, steady, &view, known);
        // For what is about to be said of the median.
        let newest = || newest(index);
        let moved = self.shift.apply(now, reference, steady, &view, newest, !blurred);
        let open = !blurred && !moved;
        let hidden = self.cover.apply(now, reference, &view, newest, (known, open));
        if blurred || moved || hidden {
            self.gathering.drop_newest();
            self.learning.give_up(light);
            if moved && self.references.of(light) < usize::from(self.policy.presets) {
                self.learn_preset(now, light, steady);
            }
            return false;
        }
        self.learning.give_up_preset();
        self.references.hours.note(hour, measures);
        if !known {
            self.learn(now, light, steady);
        } else if reference.light == light && !self.frozen.is_suspected() {
            self.gathering.add(now, index, steady, &view);
            if self.gathering.is_ripe(now, &self.references.views[index]) {
                self.renewed = self.gathering.fold_into(now, &mut self.references);
            }
        }
        view.lost_share().is_some_and(|lost| lost < USUAL_VIEW)
    }

    /// Nothing can be said of focus, place and cover.
    fn no_view(&mut self) {
        self.focus.forget();
        self.shift.forget();
        self.cover.forget();
    }

    fn learn(&mut self, now: Instant, light: Light, measures: &Measures) {
        if !self.steadied.is_full() {
            return;
        }
        if let Some(reference) = self.learning.add(now, light, measures) {
            self.references.insert(reference);
            self.gathering = Gathering::default();
            self.renewed = Some(light);
        }
    }

    fn learn_preset(&mut self, now: Instant, light: Light, measures: &Measures) {
        if let Some(reference) = self.learning.add_preset(now, light, measures) {
            self.references.insert(reference);
            self.no_view();
            self.gathering = Gathering::default();
        }
    }

    /// What is wrong, as of the newest picture. Where there is nothing to be seen it is no wonder
    /// that pictures are equal, and one that stands still returns at every distance.
    pub fn findings(&self) -> Vec<Finding> {
        let seen = self.exposure.black().is_none() && self.exposure.overexposed().is_none();
        let frozen = self.frozen.evidence().filter(|_| seen);
        [
            (Condition::Frozen, frozen),
            (Condition::Looped, self.looped.evidence().filter(|_| seen && frozen.is_none())),
            (Condition::Black, self.exposure.black()),
            (Condition::Overexposed, self.exposure.overexposed()),
            (Condition::Defocused, self.focus.evidence()),
            (Condition::Covered, self.cover.evidence()),
            (Condition::Moved, self.shift.evidence()),
        ]
        .into_iter()
        .filter_map(|(condition, evidence)| {
            Some(Finding { condition, evidence: evidence?.to_owned() })
        })
        .collect()
    }

    /// Whether this view tells enough for its place, focus and cover to be judged.
    pub fn sight(&self) -> Sight {
        self.sight
    }

    /// Sharpness of the newest picture against its reference, 1 being equal; `None` where it cannot
    /// be told.
    pub fn sharpness(&self) -> Option<f32> {
        self.focus.share()
    }

    /// A reference was just made or renewed by the newest picture, which is worth keeping.
    pub fn renewed(&self) -> Option<Light> {
        self.renewed
    }

    /// A person confirms or resets the references. After a confirmation [`Self::renewed`] tells
    /// whose reference the newest picture is now.
    pub fn command(&mut self, command: ReferenceCommand) {
        let present = self.newest.as_ref().zip(self.light);
        match (command, present) {
            (ReferenceCommand::Confirm, Some((measures, light))) => {
                self.references.confirm(light, measures);
                self.renewed = Some(light);
            }
            (ReferenceCommand::Confirm, None) => {}
            (ReferenceCommand::Reset, _) => {
                self.references = References::default();
                self.frozen = Frozen::default();
                self.renewed = None;
            }
        }
        self.exposure = Exposure::default();
        self.focus.forget();
        self.shift = Shift::default();
        self.cover.forget();
        self.learning = Learning::default();
        self.gathering = Gathering::default();
    }

    /// What was learnt.
    pub fn references(&self) -> &References {
        &self.references
    }
}

/// By how much better another light's reference must fit than one of the picture's own.
const OWN_LIGHT: f32 = 0.03;
/// Share of the landmarks that may be lost in a view that is called the usual one.
const USUAL_VIEW: f32 = 0.3;

/// What a finding needs before it is one.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// So many pictures in a row that show it …
    pictures: u32,
    /// … and so much time from the first to the last of them, where pictures come fast.
    span: Duration,
}

/// Three keyframes two seconds apart, as cameras usually send them, less the second by which a busy
/// machine or a poor link may push two of them together.
const PATIENCE: Patience = Patience { pictures: 3, span: Duration::from_secs(3) };
/// The same for what is seen in the median of three pictures, which shows a change only with the
/// second one.
const STEADY_PATIENCE: Patience = Patience { pictures: 2, span: Duration::from_secs(1) };

#[cfg(test)]
mod tests;
