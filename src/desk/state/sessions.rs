//! Upstream sessions: opened when courtesy grants them, heard, and queued again when they end.

use std::collections::BTreeSet;

use super::{Desk, Moment};
use crate::{
    desk::event::Effect,
    domain::{
        assignment::{Crash, WorkerId},
        camera::{Condition, Handle},
        media::{StreamKind, StreamRef},
    },
    worker::message::{FromIngest, SessionId, Step},
};

impl Desk {
    pub(super) fn open_sessions(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        let able = |source: StreamRef| {
            let worker = self.assignment.worker_of(source.camera);
            let ready = worker.is_some_and(|worker| self.workers_ready.get(&worker) == Some(&true));
            ready
                && self.assignment.quarantined(at.now, source.camera).is_none()
                && self.cameras.get(&source.camera).is_some_and(|camera| {
                    let id = &camera.config.camera.id;
                    // A camera that allows one session must spend it on the wall.
                    (source.stream == StreamKind::Sub || camera.runs())
                        && self.leaving.values().all(|(leaving, _)| leaving != id)
                })
        };
        for grant in self.courtesy.grants(at.now, at.unix, able) {
            let Some(camera) = self.cameras.get_mut(&grant.source.camera) else {
                continue;
            };
            let Some(worker) = self.assignment.worker_of(grant.source.camera) else {
                continue;
            };
            if let Some((id, budget)) = grant.budget {
                effects.push(Effect::SaveBudget(id, budget));
            }
            self.next_session += 1;
            let session = SessionId(self.next_session);
            self.sessions.insert(session, grant.source);
            let open = camera.open(at, session, grant.source, &self.config);
            effects.push(Effect::Open(worker, Box::new(open)));
            self.judge(at, grant.source.camera, effects);
        }
    }

    pub(super) fn session_said(&mut self, at: Moment, said: FromIngest, effects: &mut Vec<Effect>) {
        let session = match &said {
            FromIngest::Ready => return,
            FromIngest::Step { session, .. }
            | FromIngest::Format { session, .. }
            | FromIngest::Stats { session, .. }
            | FromIngest::Ended { session, .. } => *session,
        };
        let Some(source) = self.sessions.get(&session).copied() else {
            if matches!(said, FromIngest::Ended { .. }) {
                self.leaving.remove(&session);
            }
            return;
        };
        let Some(camera) = self.cameras.get_mut(&source.camera) else {
            return;
        };
        let main = source.stream == StreamKind::Main;
        match said {
            FromIngest::Ready => {}
            FromIngest::Step { step, .. } => {
                match step {
                    Step::Connected => {}
                    Step::Described => {
                        if let Some((id, budget)) = self.courtesy.signed_in(source) {
                            camera.spent(&budget);
                            effects.push(Effect::SaveBudget(id, budget));
                        }
                    }
                    Step::Playing => self.courtesy.handshake_over(at.now, source),
                    Step::Receiving if main => camera.main.receiving(),
                    Step::Receiving => camera.receiving(at),
                }
                camera.main_moved();
                self.judge(at, source.camera, effects);
            }
            // What is shown and judged of a camera is its small stream.
            FromIngest::Format { .. } | FromIngest::Stats { .. } if main => {}
            FromIngest::Format { format, .. } => {
                camera.format(at, format);
                self.judge(at, source.camera, effects);
            }
            FromIngest::Stats { stats, .. } => {
                camera.stats(at, stats);
                if camera.lacks_keyframes(at) {
                    self.decoded_whole(source.camera, true, effects);
                }
                self.judge(at, source.camera, effects);
            }
            FromIngest::Ended { session, fault } => {
                let fault = fault.map(|f| (f.condition, f.evidence, f.sign_in_rejected));
                self.session_ended(at, session, fault, effects);
            }
        }
    }

    pub(super) fn session_ended(
        &mut self,
        at: Moment,
        session: SessionId,
        fault: Option<(Condition, String, bool)>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(source) = self.sessions.remove(&session) else {
            self.leaving.remove(&session);
            return;
        };
        let random = rand::Rng::random(&mut self.random);
        let why = fault.as_ref().map(|(condition, _, rejected)| (*condition, *rejected));
        let saved = self.courtesy.ended(at.now, at.unix, source, why, random);
        let spent = saved.as_ref().map(|(_, budget)| budget.clone());
        effects.extend(saved.map(|(id, budget)| Effect::SaveBudget(id, budget)));
        let Some(camera) = self.cameras.get_mut(&source.camera) else {
            return;
        };
        if let Some(budget) = spent {
            camera.spent(&budget);
        }
        let hold = self.courtesy.hold(&camera.config.camera.id, at.unix);
        let full = matches!(fault, Some((Condition::SessionLimit, ..)));
        let fault = fault.map(|(condition, evidence, _)| (condition, evidence));
        match source.stream {
            StreamKind::Sub => {
                camera.ended(at, fault, hold);
                let main = camera.main.session().filter(|_| full);
                // One session is all that the camera has left: the wall's stream gets it.
                self.close(source.camera, main, effects);
                self.judge(at, source.camera, effects);
            }
            StreamKind::Main => {
                camera.main_ended(at, fault.map(|(_, evidence)| evidence), hold);
                self.pull_main(at, source.camera, effects);
            }
        }
    }

    pub(super) fn worker_gone(
        &mut self,
        at: Moment,
        worker: WorkerId,
        evidence: &str,
        effects: &mut Vec<Effect>,
    ) {
        self.leaving.retain(|_, (_, of)| *of != worker);
        let Some(ready) = self.workers_ready.get_mut(&worker) else {
            return;
        };
        *ready = false;
        let lost: Vec<(SessionId, StreamRef)> = self
            .sessions
            .iter()
            .filter(|(_, source)| self.assignment.worker_of(source.camera) == Some(worker))
            .map(|(session, source)| (*session, *source))
            .collect();
        let active: BTreeSet<Handle> = lost.iter().map(|(_, source)| source.camera).collect();
        let active: Vec<Handle> = active.into_iter().collect();
        effects.push(Effect::Note(format!(
            "ingest worker {} ended ({evidence}) with {} sessions; starting it again",
            worker.0,
            lost.len()
        )));
        // The service's own fault: nobody waits and nobody is blamed yet.
        lost.into_iter().for_each(|(session, _)| self.session_ended(at, session, None, effects));
        effects.push(Effect::StartWorker(worker));
        match self.assignment.crashed(at.now, worker, &active) {
            Crash::Restart => {}
            Crash::Halved { new, moved } => {
                effects.push(Effect::Note(format!(
                    "looking for the camera that ends its worker: {} cameras move to worker {}",
                    moved.len(),
                    new.0
                )));
                self.workers_ready.insert(new, false);
                effects.push(Effect::StartWorker(new));
            }
            Crash::Quarantined { camera, until } => {
                let handle = camera;
                if let Some(camera) = self.cameras.get_mut(&handle) {
                    let evidence =
                        format!("it ended its worker three times in five minutes ({evidence})");
                    effects.push(Effect::Note(format!("{}: {evidence}", camera.config.camera.id)));
                    let until = at.unix.plus(until.saturating_duration_since(at.now));
                    let hold = Some((until, Condition::Quarantined));
                    camera.ended(at, Some((Condition::Quarantined, evidence)), hold);
                    self.judge(at, handle, effects);
                }
            }
        }
    }
}
