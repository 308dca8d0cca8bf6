//! What a configuration changes: cameras come, go or are told anew, walls are laid out.

use std::sync::Arc;

use super::{Desk, Moment, main_of, sub};
use crate::{
    config::{CameraConfig, Config, reload::CameraChange},
    desk::{camera::CameraDesk, event::Effect},
    domain::camera::Handle,
};

impl Desk {
    pub(super) fn configure(&mut self, at: Moment, config: Arc<Config>, effects: &mut Vec<Effect>) {
        if self.config.root_cause != config.root_cause {
            self.root_cause.judge_by(config.root_cause);
        }
        self.config = config.clone();
        let gone: Vec<Handle> = self
            .cameras
            .values()
            .filter(|known| config.cameras.iter().all(|c| c.camera.id != known.config.camera.id))
            .map(|known| known.handle)
            .collect();
        let mut list_changed = !gone.is_empty();
        gone.into_iter().for_each(|handle| self.remove_camera(at, handle, effects));
        for camera in &config.cameras {
            list_changed |= self.configure_camera(at, camera, effects);
        }
        if list_changed {
            effects.push(Effect::ShowList);
        }
        self.configure_sites(at, effects);
        self.configure_walls(at, effects);
        self.lay_out_screens(at);
        self.alerts.escalation.set_policy(config.escalation.clone());
        self.replan();
    }

    /// Adds or changes one camera; tells whether people see a difference.
    fn configure_camera(
        &mut self,
        at: Moment,
        config: &CameraConfig,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let id = &config.camera.id;
        let known = self.handles.get(id).copied();
        if let Some(camera) = known.and_then(|handle| self.cameras.get_mut(&handle)) {
            let change = CameraChange::between(&camera.config, config);
            camera.configure(at, config.clone(), &self.config);
            let Some(change) = change else { return false };
            let handle = camera.handle;
            let (session, main) = (camera.session, camera.main.session());
            if change.sign_in {
                let (id, budget) = self.courtesy.forgive(id);
                camera.spent(&budget);
                effects.push(Effect::SaveBudget(id, budget));
            }
            if change.reconnect {
                self.close(handle, session, effects);
            }
            if change.reconnect_main {
                self.close(handle, main, effects);
                self.pull_main(at, handle, effects);
            }
            return true;
        }
        self.next_handle += 1;
        let handle = Handle(self.next_handle);
        self.handles.insert(id.clone(), handle);
        let learnt = self.learnt.remove(id).unwrap_or_default();
        let mut camera = CameraDesk::new(at, handle, config.clone(), &self.config, learnt);
        if let Some(budget) = self.courtesy.budget(id) {
            camera.spent(budget);
        }
        if let Some(hold) = self.courtesy.hold(id, at.unix) {
            camera.held(at, hold);
        }
        self.cameras.insert(handle, camera);
        self.coverage.meet(handle);
        let (worker, new) = self.assignment.place(at.now, handle);
        if new {
            self.workers_ready.insert(worker, false);
            effects.push(Effect::StartWorker(worker));
        }
        self.courtesy.want(at.now, sub(handle), id.clone());
        true
    }

    fn remove_camera(&mut self, at: Moment, handle: Handle, effects: &mut Vec<Effect>) {
        let Some(mut camera) = self.cameras.remove(&handle) else {
            return;
        };
        // What stands is cut short by whoever writes down that it is gone.
        effects.extend(camera.learn(at));
        self.handles.remove(&camera.config.camera.id);
        self.watching.forget(handle);
        self.coverage.forget(handle);
        self.courtesy.unwant(sub(handle));
        self.courtesy.unwant(main_of(handle));
        for session in [camera.session, camera.main.session()].into_iter().flatten() {
            self.sessions.remove(&session);
            if let Some(worker) = self.assignment.worker_of(handle) {
                self.leaving.insert(session, (camera.config.camera.id.clone(), worker));
            }
            self.close(handle, Some(session), effects);
        }
        if let Some(worker) = self.assignment.remove(handle) {
            self.workers_ready.remove(&worker);
            effects.push(Effect::StopWorker(worker));
        }
        effects.push(Effect::Forget(handle));
        let (id, learnt) = camera.into_learnt();
        self.learnt.insert(id, learnt);
    }
}
