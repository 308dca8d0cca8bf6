//! What viewers wish for: which cameras, at which width of the ladder, and which of them live.

use std::collections::{HashMap, HashSet};

use crate::domain::{
    camera::Handle,
    media::{StreamKind, TILE_WIDTHS, ladder_width},
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
    everything_often: bool,
    often: HashSet<Handle>,
    video: VideoWishes,
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

    /// Wishes for tiles of one camera, or of every one, more often than its keyframes come.
    pub fn add_often(&mut self, camera: Option<Handle>) {
        match camera {
            Some(camera) => _ = self.often.insert(camera),
            None => self.everything_often = true,
        }
    }

    /// The live video that is wished for.
    pub fn video(&self) -> &VideoWishes {
        &self.video
    }

    /// The same, to add to it.
    pub fn video_mut(&mut self) -> &mut VideoWishes {
        &mut self.video
    }

    /// Whether anything of this camera is wished for.
    pub fn wishes(&self, camera: Handle) -> bool {
        self.step(camera).is_some() || self.video.wish(camera).is_some()
    }

    /// Whether tiles or live video of every camera are wished for: the widest of those tiles, and the
    /// stream.
    pub fn of_everything(&self) -> (Option<Step>, Option<StreamKind>) {
        (self.everything, self.video.everything.map(|wish| wish.stream))
    }

    /// The cameras that were named, in no order; some twice.
    pub fn named(&self) -> impl Iterator<Item = Handle> {
        self.cameras.keys().copied().chain(self.video.cameras())
    }

    /// The width that this camera is wished at.
    pub fn step(&self, camera: Handle) -> Option<Step> {
        self.cameras.get(&camera).copied().max(self.everything)
    }
}

/// The live video that a viewer wishes for, the most important first. A camera wished for twice
/// comes as its large stream if one wish says so, at its earliest place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VideoWishes {
    everything: Option<VideoWish>,
    cameras: HashMap<Handle, VideoWish>,
    next: u32,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoWish {
    /// The stream that is to be carried.
    pub stream: StreamKind,
    /// Its place in order of importance, 0 for the most important.
    pub rank: u32,
}

impl VideoWish {
    fn and(self, other: Option<Self>) -> Self {
        let other = other.unwrap_or(self);
        Self { stream: self.stream.max(other.stream), rank: self.rank.min(other.rank) }
    }
}

impl VideoWishes {
    /// Adds the next wish: for one camera, or for every one, those added later included.
    pub fn add(&mut self, camera: Option<Handle>, stream: StreamKind) {
        let wish = VideoWish { stream, rank: self.next };
        self.next += 1;
        match camera {
            Some(camera) => {
                let merged = wish.and(self.cameras.get(&camera).copied());
                self.cameras.insert(camera, merged);
            }
            None => self.everything = Some(wish.and(self.everything)),
        }
    }

    /// What is wished of this camera.
    pub fn wish(&self, camera: Handle) -> Option<VideoWish> {
        match self.cameras.get(&camera) {
            Some(wish) => Some(wish.and(self.everything)),
            None => self.everything,
        }
    }

    /// The cameras that were named.
    pub fn cameras(&self) -> impl Iterator<Item = Handle> {
        self.cameras.keys().copied()
    }
}

/// The union of all viewers' wishes: what is worth decoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    everywhere: u8,
    cameras: HashMap<Handle, u8>,
    high_rate_everywhere: bool,
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
            wanted.high_rate_everywhere |= subscription.everything_often;
            wanted.high_rate.extend(&subscription.often);
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
        self.high_rate_everywhere || self.high_rate.contains(&camera)
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

    #[test]
    fn one_viewer_that_wishes_for_more_pictures_is_enough() {
        let (mut wall, mut console) = (Subscription::default(), Subscription::default());
        wall.add_everything(Step::serving(320));
        console.add(Handle(7), Step::serving(320));
        console.add_often(Some(Handle(7)));
        let wanted = Wanted::union([&wall, &console]);
        assert_eq!([7, 8].map(|camera| wanted.high_rate(Handle(camera))), [true, false]);
        wall.add_often(None);
        assert!(Wanted::union([&wall, &console]).high_rate(Handle(8)));
    }

    #[test]
    fn a_camera_wished_for_live_twice_is_large_at_its_earliest_place() {
        use StreamKind::{Main, Sub};
        let mut wishes = VideoWishes::default();
        assert_eq!(wishes.wish(Handle(1)), None);
        for (camera, stream) in [(1, Sub), (2, Main), (1, Main), (2, Sub)] {
            wishes.add(Some(Handle(camera)), stream);
        }
        wishes.add(None, Sub);
        let wish = |camera| wishes.wish(Handle(camera)).map(|wish| (wish.stream, wish.rank));
        assert_eq!([wish(1), wish(2), wish(3)], [Some((Main, 0)), Some((Main, 1)), Some((Sub, 4))]);
    }
}
