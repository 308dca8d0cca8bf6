//! What is said of cameras now: to their sites, to the past, and to people.

use super::{Desk, Moment};
use crate::{
    desk::{camera::Around, event::Effect},
    domain::camera::Handle,
};

impl Desk {
    /// Something was seen of a camera: judges it and shows what has changed.
    pub(super) fn judge(&mut self, at: Moment, handle: Handle, effects: &mut Vec<Effect>) {
        if self.tell_site(at, handle) {
            self.sites_changed(at, effects);
        } else {
            self.present(at, handle, effects);
        }
    }

    /// Time has passed for all cameras.
    pub(super) fn judge_all(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        let mut changed = !self.root_cause.tick(at.now).is_empty();
        let handles: Vec<Handle> = self.cameras.keys().copied().collect();
        for handle in &handles {
            if let Some(camera) = self.cameras.get_mut(handle) {
                camera.tick(at);
            }
            changed |= self.tell_site(at, *handle);
        }
        if changed {
            self.sites_changed(at, effects);
        } else {
            handles.into_iter().for_each(|handle| self.present(at, handle, effects));
        }
    }

    /// Tells a camera's site whether it is lost, if that is news. Returns whether a site went down
    /// or came up by it.
    fn tell_site(&mut self, at: Moment, handle: Handle) -> bool {
        let Some(camera) = self.cameras.get_mut(&handle) else { return false };
        let known = &camera.config.camera;
        if self.orders.covering(known, &camera.sites, at.unix).is_some() {
            if camera.lost.take().is_none() {
                return false;
            }
            return !self.root_cause.withdraw(at.now, handle).is_empty();
        }
        // While neither can be said, what was said last stands.
        let Some(lost) = camera.verdict(at).lost else { return false };
        if camera.lost.replace(lost) == Some(lost) {
            return false;
        }
        !self.root_cause.apply(at.now, handle, lost).is_empty()
    }

    /// Writes down and shows what has changed of all cameras.
    pub(super) fn present_all(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        let handles: Vec<Handle> = self.cameras.keys().copied().collect();
        handles.into_iter().for_each(|handle| self.present(at, handle, effects));
    }

    /// Writes down and shows what has changed of a camera.
    fn present(&mut self, at: Moment, handle: Handle, effects: &mut Vec<Effect>) {
        let Some(camera) = self.cameras.get_mut(&handle) else { return };
        let around = Around {
            order: self.orders.covering(&camera.config.camera, &camera.sites, at.unix),
            masked_by: self.root_cause.masked_by(handle),
            undecided: self.root_cause.undecided(handle, at.now),
        };
        let verdict = camera.verdict(at);
        camera.refresh(at, verdict, around, &mut self.records, effects);
    }
}
