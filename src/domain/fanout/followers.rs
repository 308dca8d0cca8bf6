//! Who looks at a camera: the viewers that a publication may concern, so that nobody asks the
//! others.

use std::collections::HashMap;

use super::slots::Slots;
use crate::domain::camera::Handle;

/// Per camera, the slots of the viewers that wish for anything of it, tiles or live video.
///
/// It may name a viewer that is due nothing, never miss one that is. It is changed when a viewer
/// subscribes or leaves and when a camera is met or forgotten; a publication only reads it.
#[derive(Debug, Default)]
pub struct Followers {
    /// `None` for a camera that was forgotten: handles are never reused.
    cameras: HashMap<Handle, Option<Slots>>,
}

impl Followers {
    /// Something of this camera was published: adds its followers to `due`. If the camera is new,
    /// `met` says who they are.
    pub fn published(&mut self, camera: Handle, due: &mut Slots, met: impl FnOnce() -> Slots) {
        if let Some(followers) = self.cameras.entry(camera).or_insert_with(|| Some(met())) {
            due.add(followers);
        }
    }

    /// The viewer in this slot now follows the cameras of which `follows` says so. Those that are
    /// new later are asked for then.
    pub fn subscribe(&mut self, slot: usize, follows: impl Fn(Handle) -> bool) {
        for (camera, followers) in &mut self.cameras {
            match followers {
                Some(followers) if follows(*camera) => followers.insert(slot),
                Some(followers) => followers.remove(slot),
                None => {}
            }
        }
    }

    /// The viewer in this slot has left.
    pub fn leave(&mut self, slot: usize) {
        self.cameras.values_mut().flatten().for_each(|followers| followers.remove(slot));
    }

    /// Nothing is published of this camera any more.
    pub fn forget(&mut self, camera: Handle) {
        self.cameras.insert(camera, None);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        fanout::{Step, Subscription},
        media::StreamKind,
    };

    const CAMERAS: u32 = 8;

    #[derive(Clone, Debug)]
    enum Act {
        Subscribe { slot: usize, wish: Wish },
        Leave { slot: usize },
        Publish { camera: u32 },
        Forget { camera: u32 },
    }

    #[derive(Clone, Debug)]
    struct Wish {
        tiles: Vec<Option<u32>>,
        video: Vec<Option<u32>>,
        /// Cameras that the viewer may not see.
        hidden: BTreeSet<u32>,
    }

    fn act() -> impl Strategy<Value = Act> {
        let cameras = || prop::collection::vec(prop::option::weighted(0.8, 0..CAMERAS), 0..3);
        let wish = (cameras(), cameras(), prop::collection::btree_set(0..CAMERAS, 0..3))
            .prop_map(|(tiles, video, hidden)| Wish { tiles, video, hidden });
        let slot = || 0..130usize;
        prop_oneof![
            3 => (slot(), wish).prop_map(|(slot, wish)| Act::Subscribe { slot, wish }),
            1 => slot().prop_map(|slot| Act::Leave { slot }),
            4 => (0..CAMERAS).prop_map(|camera| Act::Publish { camera }),
            1 => (0..CAMERAS).prop_map(|camera| Act::Forget { camera }),
        ]
    }

    fn subscription(wish: &Wish) -> Subscription {
        let mut subscription = Subscription::default();
        for camera in &wish.tiles {
            match camera {
                Some(camera) => subscription.add(Handle(*camera), Step::serving(320)),
                None => subscription.add_everything(Step::serving(160)),
            }
        }
        for camera in &wish.video {
            subscription.video_mut().add(camera.map(Handle), StreamKind::Sub);
        }
        subscription
    }

    proptest! {
        #[test]
        fn a_publication_concerns_exactly_the_viewers_that_wish_for_its_camera(
            acts in prop::collection::vec(act(), 0..200)
        ) {
            let mut followers = Followers::default();
            let mut viewers: BTreeMap<usize, (Wish, Subscription)> = BTreeMap::new();
            let mut forgotten = BTreeSet::new();
            let follows = |(wish, subscription): &(Wish, Subscription), camera: Handle| {
                subscription.wishes(camera) && !wish.hidden.contains(&camera.0)
            };
            for act in acts {
                match act {
                    Act::Subscribe { slot, wish } => {
                        let viewer = (wish.clone(), subscription(&wish));
                        followers.subscribe(slot, |camera| follows(&viewer, camera));
                        viewers.insert(slot, viewer);
                    }
                    Act::Leave { slot } => {
                        followers.leave(slot);
                        viewers.remove(&slot);
                    }
                    Act::Forget { camera } => {
                        followers.forget(Handle(camera));
                        forgotten.insert(camera);
                    }
                    Act::Publish { camera } => {
                        let of = |(slot, viewer): (&usize, &(Wish, Subscription))| {
                            follows(viewer, Handle(camera)).then_some(*slot)
                        };
                        let mut due = Slots::default();
                        followers.published(Handle(camera), &mut due, || {
                            viewers.iter().filter_map(of).collect()
                        });
                        // The naive answer, from the wishes as they were said.
                        let wishes = |cameras: &[Option<u32>]| {
                            cameras.iter().any(|wish| wish.is_none_or(|wish| wish == camera))
                        };
                        let expected: Vec<usize> = viewers
                            .iter()
                            .filter(|(_, (wish, _))| wishes(&wish.tiles) || wishes(&wish.video))
                            .filter(|(_, (wish, _))| !wish.hidden.contains(&camera))
                            .filter(|_| !forgotten.contains(&camera))
                            .map(|(slot, _)| *slot)
                            .collect();
                        prop_assert_eq!(due.drain().collect::<Vec<_>>(), expected);
                    }
                }
            }
        }
    }
}
