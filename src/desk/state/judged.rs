//! What is said of cameras now: to their sites, to the past, and to people.

use super::{Desk, Moment};
use crate::{
    desk::{
        camera::{Around, Told},
        event::Effect,
    },
    domain::{alert::Fact, camera::Handle, health::Verdict},
};

impl Desk {
    /// Something was seen of a camera: judges it and shows what has changed.
    pub(super) fn judge(&mut self, at: Moment, handle: Handle, effects: &mut Vec<Effect>) {
        let Some(verdict) = self.cameras.get(&handle).map(|camera| camera.verdict(at)) else {
            return;
        };
        if self.tell_site(at, handle, &verdict) {
            self.sites_changed(at, effects);
        } else {
            self.present(at, handle, verdict, effects);
        }
    }

    /// Time has passed for all cameras.
    pub(super) fn judge_all(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        let mut changed = !self.root_cause.tick(at.now).is_empty();
        let verdicts: Vec<(Handle, Verdict)> = self
            .cameras
            .values_mut()
            .map(|camera| {
                camera.tick(at);
                (camera.handle, camera.verdict(at))
            })
            .collect();
        for (handle, verdict) in &verdicts {
            changed |= self.tell_site(at, *handle, verdict);
        }
        if changed {
            self.note_sites(at);
        }
        for (handle, verdict) in verdicts {
            self.present(at, handle, verdict, effects);
        }
        if changed {
            self.show_sites(at, effects);
        }
    }

    /// Some site went down or came up: writes it down, and shows it and all cameras, some of which
    /// are masked now, or no longer.
    pub(super) fn sites_changed(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        self.note_sites(at);
        let verdicts: Vec<(Handle, Verdict)> =
            self.cameras.values().map(|camera| (camera.handle, camera.verdict(at))).collect();
        for (handle, verdict) in verdicts {
            self.present(at, handle, verdict, effects);
        }
        self.show_sites(at, effects);
    }

    /// Tells a camera's site whether it is lost, if that is news. Returns whether a site went down
    /// or came up by it.
    fn tell_site(&mut self, at: Moment, handle: Handle, verdict: &Verdict) -> bool {
        let Some(camera) = self.cameras.get_mut(&handle) else { return false };
        let known = &camera.config.camera;
        let told = if self.orders.covering(known, &camera.sites, at.unix).is_some() {
            Told::Withdrawn
        } else {
            match verdict.lost {
                Some(lost) => Told::Lost(lost),
                // While neither can be said, what was said last stands; of one that comes back
                // into service, nothing was.
                None => return false,
            }
        };
        if std::mem::replace(&mut camera.told, told) == told {
            return false;
        }
        let masked_by = self.root_cause.masked_by(handle).cloned();
        let changes = match told {
            Told::Lost(lost) => {
                if let Some(site) = masked_by.filter(|_| !lost) {
                    self.hurry(at, &site);
                }
                self.root_cause.apply(at.now, handle, lost)
            }
            Told::Withdrawn => self.root_cause.withdraw(at.now, handle),
            Told::Nothing => Vec::new(),
        };
        !changes.is_empty()
    }

    /// Writes down and shows what has changed of a camera.
    fn present(&mut self, at: Moment, handle: Handle, verdict: Verdict, effects: &mut Vec<Effect>) {
        let Some(camera) = self.cameras.get_mut(&handle) else { return };
        let around = Around {
            order: self.orders.covering(&camera.config.camera, &camera.sites, at.unix),
            masked_by: self.root_cause.masked_by(handle),
            undecided: self.root_cause.undecided(handle, at.now),
        };
        let until = around.order.map(|order| order.until);
        if camera.out_of_service_until != until {
            camera.out_of_service_until = until;
            self.alerts.hear(Fact::OutOfService(camera.config.camera.id.clone(), until));
        }
        camera.refresh(at, verdict, around, &mut self.records, effects);
    }
}
