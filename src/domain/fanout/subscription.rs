//! What viewers wish for: which cameras, at which width of the ladder.

use std::collections::{HashMap, HashSet};

use crate::domain::{
    camera::Handle,
    media::{TILE_WIDTHS, ladder_width},
};

/// How many widths the ladder has.
pub const STEPS: usize = TILE_WIDTHS.len();

/// One width of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(u8);

impl Step {
    /// The step that serves a wish for `width` pixels.
    pub fn serving(width: u32) -> Self {
        let width = ladder_width(width);
        let step = TILE_WIDTHS.iter().position(|step| *step == width);
        Self(step.and_then(|step| u8::try_from(step).ok()).expect("the ladder holds its widths"))
    }

    /// All steps, narrowest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..STEPS).map(|step| Self(u8::try_from(step).expect("the ladder is short")))
    }

    /// Its width in pixels.
    pub fn width(self) -> u16 {
        TILE_WIDTHS[self.index()]
    }

    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A viewer's wish. Each camera comes at one width; a camera wished for twice comes at the wider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    everything: Option<Step>,
    cameras: HashMap<Handle, Step>,
}

impl Subscription {
    /// Wishes for every camera, those added later included.
    pub fn add_everything(&mut self, step: Step) {
        self.everything = self.everything.max(Some(step));
    }

    /// Wishes for one camera.
    pub fn add(&mut self, camera: Handle, step: Step) {
        let wish = self.cameras.entry(camera).or_insert(step);
        *wish = step.max(*wish);
    }

    /// The width that this camera is wished at.
    pub fn step(&self, camera: Handle) -> Option<Step> {
        self.cameras.get(&camera).copied().max(self.everything)
    }
}

/// The union of all viewers' wishes: what is worth decoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    everywhere: u8,
    cameras: HashMap<Handle, u8>,
    high_rate: HashSet<Handle>,
}

impl Wanted {
    /// The union of these.
    pub fn union<'a>(subscriptions: impl IntoIterator<Item = &'a Subscription>) -> Self {
        let mut wanted = Self::default();
        for subscription in subscriptions {
            wanted.everywhere |= subscription.everything.map_or(0, |step| 1 << step.0);
            for camera in subscription.cameras.keys() {
                let step = subscription.step(*camera).expect("its key was just read");
                *wanted.cameras.entry(*camera).or_default() |= 1 << step.0;
            }
        }
        wanted
    }

    /// The widths of this camera that somebody wants, narrowest first.
    pub fn widths(&self, camera: Handle) -> impl Iterator<Item = u16> + use<> {
        let bits = self.everywhere | self.cameras.get(&camera).copied().unwrap_or_default();
        Step::all().filter(move |step| bits & 1 << step.0 != 0).map(Step::width)
    }

    /// Whether somebody wants tiles of this camera more often than its keyframes come.
    pub fn high_rate(&self, camera: Handle) -> bool {
        self.high_rate.contains(&camera)
    }

    /// Whether nobody wants anything.
    pub fn is_empty(&self) -> bool {
        self.everywhere == 0 && self.cameras.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_wished_for_twice_comes_at_the_wider_width() {
        let mut subscription = Subscription::default();
        subscription.add_everything(Step::serving(320));
        subscription.add(Handle(1), Step::serving(1000));
        subscription.add(Handle(2), Step::serving(100));
        let width = |camera| subscription.step(Handle(camera)).map(Step::width);
        assert_eq!([width(1), width(2), width(3)], [Some(1280), Some(320), Some(320)]);
    }

    #[test]
    fn the_union_holds_each_width_that_somebody_wants() {
        let (mut wall, mut console) = (Subscription::default(), Subscription::default());
        wall.add_everything(Step::serving(320));
        console.add(Handle(7), Step::serving(1280));
        let wanted = Wanted::union([&wall, &console]);
        assert_eq!(wanted.widths(Handle(7)).collect::<Vec<_>>(), [320, 1280]);
        assert_eq!(wanted.widths(Handle(8)).collect::<Vec<_>>(), [320]);
        assert!(Wanted::union([]).is_empty());
    }
}
