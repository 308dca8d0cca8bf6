//! Which cameras' small streams are decoded in full: the media stage says so, the intake heeds it.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::domain::camera::Handle;

/// The cameras that are decoded in full. Bounded by the cameras there are; the lock is held for a
/// look-up.
#[derive(Debug, Default)]
pub struct Whole(Mutex<HashSet<Handle>>);

impl Whole {
    /// Whether a camera is decoded in full from now on.
    pub(super) fn set(&self, camera: Handle, whole: bool) {
        if whole {
            self.cameras().insert(camera);
        } else {
            self.cameras().remove(&camera);
        }
    }

    /// Whether a camera is decoded in full.
    pub(super) fn contains(&self, camera: Handle) -> bool {
        self.cameras().contains(&camera)
    }

    fn cameras(&self) -> MutexGuard<'_, HashSet<Handle>> {
        // What is inside is a plain set: a thread that panicked left it usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
