//! The desk's state and its one entry: `apply(now, event) -> effects`. No I/O, no clock.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use super::{
    camera::CameraDesk,
    event::{Effect, Event},
    view::WallView,
};
use crate::{
    config::{CameraConfig, Config, reload::CameraChange},
    domain::{
        assignment::{Assignment, AssignmentPolicy, Crash, WorkerId},
        camera::{CameraId, Condition, Handle, WallId},
        courtesy::{Budget, Courtesy, CourtesyPolicy},
        health::Observation,
        media::{StreamKind, StreamRef},
        time::UnixMicros,
        wall::Wall,
    },
    worker::message::{FromIngest, SessionId, Step, ToIngest},
};

/// The owner of camera and wall state.
#[derive(Debug)]
pub struct Desk {
    config: Arc<Config>,
    assignment: Assignment,
    courtesy: Courtesy,
    cameras: BTreeMap<Handle, CameraDesk>,
    handles: BTreeMap<CameraId, Handle>,
    sessions: BTreeMap<SessionId, StreamRef>,
    workers_ready: BTreeMap<WorkerId, bool>,
    wall_revisions: BTreeMap<WallId, (u64, Vec<Handle>)>,
    next_handle: u32,
    next_session: u64,
    /// Uniform in `0.0..1.0`, seeded: jitter without reading the world.
    random: rand::rngs::SmallRng,
}

/// The moment an event is applied, on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// For durations.
    pub now: Instant,
    /// For people, disks and screens.
    pub unix: UnixMicros,
}

impl Desk {
    /// A desk with no cameras; `budgets` as the store kept them.
    pub fn new(
        config: &Arc<Config>,
        budgets: impl IntoIterator<Item = (CameraId, Budget)>,
        seed: u64,
    ) -> Self {
        let courtesy = CourtesyPolicy {
            handshakes_at_once: config.ingest.handshakes_at_once,
            ..CourtesyPolicy::default()
        };
        let assignment = AssignmentPolicy {
            cameras_per_worker: config.ingest.cameras_per_worker,
            ..AssignmentPolicy::default()
        };
        Self {
            config: config.clone(),
            assignment: Assignment::new(assignment),
            courtesy: Courtesy::new(courtesy, budgets),
            cameras: BTreeMap::new(),
            handles: BTreeMap::new(),
            sessions: BTreeMap::new(),
            workers_ready: BTreeMap::new(),
            wall_revisions: BTreeMap::new(),
            next_handle: 0,
            next_session: 0,
            random: rand::SeedableRng::seed_from_u64(seed),
        }
    }

    /// Applies one event; the effects are to be carried out in order.
    pub fn apply(&mut self, at: Moment, event: Event) -> Vec<Effect> {
        let mut effects = Vec::new();
        let may_open = may_open(&event);
        match event {
            Event::Configured(config) => self.configure(at, config, &mut effects),
            Event::Ingest(worker, FromIngest::Ready) => _ = self.workers_ready.insert(worker, true),
            Event::Ingest(_, said) => self.session_said(at, said, &mut effects),
            Event::WorkerGone { worker, evidence } => {
                self.worker_gone(at, worker, &evidence, &mut effects);
            }
            Event::NoAddress { session, evidence } => {
                let fault = Some((Condition::Unreachable, evidence, false));
                self.session_ended(at, session, fault, &mut effects);
            }
            Event::Picture { camera, received_at, decode_us } => {
                if let Some(camera) = self.cameras.get_mut(&camera) {
                    camera.picture(at, received_at, decode_us, &mut effects);
                }
            }
            Event::Undecodable { camera, why } => {
                if let Some(camera) = self.cameras.get_mut(&camera) {
                    camera.health.apply(at.now, Observation::DecodeFailed(why));
                }
            }
            Event::WantAll(source, all) => self.want_all(source, all, &mut effects),
        }
        if may_open {
            self.open_sessions(at, &mut effects);
        }
        effects
    }

    /// What time alone changes: verdicts, and sessions whose wait is over. Called a few times a
    /// second; for 1,000 cameras it costs well under a millisecond.
    pub fn tick(&mut self, at: Moment) -> Vec<Effect> {
        let mut effects = Vec::new();
        for camera in self.cameras.values_mut() {
            camera.refresh(at, &mut effects);
        }
        self.open_sessions(at, &mut effects);
        effects
    }

    fn configure(&mut self, at: Moment, config: Arc<Config>, effects: &mut Vec<Effect>) {
        self.config = config.clone();
        let gone: Vec<Handle> = self
            .cameras
            .values()
            .filter(|known| config.cameras.iter().all(|c| c.camera.id != known.config.camera.id))
            .map(|known| known.handle)
            .collect();
        let mut list_changed = !gone.is_empty();
        gone.into_iter().for_each(|handle| self.remove_camera(handle, effects));
        for camera in &config.cameras {
            list_changed |= self.configure_camera(at, camera, effects);
        }
        if list_changed {
            effects.push(Effect::ShowList);
        }
        self.configure_walls(&config.walls, effects);
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
            let Some(change) = CameraChange::between(&camera.config, config) else { return false };
            camera.config = config.clone();
            camera.refresh(at, effects);
            let (handle, session) = (camera.handle, camera.session);
            if change.sign_in {
                let (camera, budget) = self.courtesy.forgive(id);
                effects.push(Effect::SaveBudget(camera, budget));
            }
            if let (true, Some(session), Some(worker)) =
                (change.reconnect, session, self.assignment.worker_of(handle))
            {
                effects.push(Effect::Tell(worker, ToIngest::Close { session }));
            }
            return true;
        }
        self.next_handle += 1;
        let handle = Handle(self.next_handle);
        self.handles.insert(id.clone(), handle);
        let mut camera = CameraDesk::new(at, handle, config.clone(), self.config.ingest.rtp_gap);
        if let Some(hold) = self.courtesy.hold(id, at.unix) {
            camera.held(at, hold, effects);
        }
        camera.refresh(at, effects);
        self.cameras.insert(handle, camera);
        let (worker, new) = self.assignment.place(at.now, handle);
        if new {
            self.workers_ready.insert(worker, false);
            effects.push(Effect::StartWorker(worker));
        }
        self.courtesy.want(at.now, sub(handle), id.clone());
        true
    }

    fn remove_camera(&mut self, handle: Handle, effects: &mut Vec<Effect>) {
        let Some(camera) = self.cameras.remove(&handle) else {
            return;
        };
        self.handles.remove(&camera.config.camera.id);
        self.courtesy.unwant(sub(handle));
        if let (Some(session), Some(worker)) = (camera.session, self.assignment.worker_of(handle)) {
            self.sessions.remove(&session);
            effects.push(Effect::Tell(worker, ToIngest::Close { session }));
        }
        if let Some(worker) = self.assignment.remove(handle) {
            self.workers_ready.remove(&worker);
            effects.push(Effect::StopWorker(worker));
        }
        effects.push(Effect::Forget(handle));
    }

    fn configure_walls(&mut self, walls: &[Wall], effects: &mut Vec<Effect>) {
        let cameras: Vec<_> = self.config.cameras.iter().map(|c| c.camera.clone()).collect();
        let revisions = &mut self.wall_revisions;
        let handles = &self.handles;
        let views = walls.iter().map(|wall| {
            let cells: Vec<Handle> =
                wall.members(&cameras).iter().filter_map(|c| handles.get(&c.id).copied()).collect();
            let (revision, shown) = revisions.entry(wall.id.clone()).or_default();
            if *revision == 0 || *shown != cells {
                *revision += 1;
                shown.clone_from(&cells);
            }
            let (id, name) = (wall.id.clone(), wall.name.clone());
            Arc::new(WallView { id, name, revision: *revision, layout: "grid", cells })
        });
        effects.push(Effect::ShowWalls(views.collect()));
    }

    fn open_sessions(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        let able = |source: StreamRef| {
            let worker = self.assignment.worker_of(source.camera);
            worker.is_some_and(|worker| self.workers_ready.get(&worker) == Some(&true))
                && self.assignment.quarantined(at.now, source.camera).is_none()
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
        }
    }

    fn session_said(&mut self, at: Moment, said: FromIngest, effects: &mut Vec<Effect>) {
        let session = match &said {
            FromIngest::Ready => return,
            FromIngest::Step { session, .. }
            | FromIngest::Format { session, .. }
            | FromIngest::Stats { session, .. }
            | FromIngest::Ended { session, .. } => *session,
        };
        let Some(source) = self.sessions.get(&session).copied() else {
            return;
        };
        let Some(camera) = self.cameras.get_mut(&source.camera) else {
            return;
        };
        match said {
            FromIngest::Ready => {}
            FromIngest::Step { step, .. } => {
                match step {
                    Step::Connected => {}
                    Step::Described => {
                        let saved = self.courtesy.signed_in(source);
                        effects.extend(saved.map(|(id, budget)| Effect::SaveBudget(id, budget)));
                    }
                    Step::Playing => self.courtesy.handshake_over(at.now, source),
                    Step::Receiving => camera.receiving(at),
                }
                camera.refresh(at, effects);
            }
            FromIngest::Format { format, .. } => camera.format(at, format, effects),
            FromIngest::Stats { stats, .. } => {
                camera.stats(at, stats, effects);
                if camera.lacks_keyframes(at) {
                    self.want_all(source, true, effects);
                }
            }
            FromIngest::Ended { session, fault } => {
                let fault = fault.map(|f| (f.condition, f.evidence, f.sign_in_rejected));
                self.session_ended(at, session, fault, effects);
            }
        }
    }

    fn session_ended(
        &mut self,
        at: Moment,
        session: SessionId,
        fault: Option<(Condition, String, bool)>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(source) = self.sessions.remove(&session) else {
            return;
        };
        let random = rand::Rng::random(&mut self.random);
        let why = fault.as_ref().map(|(condition, _, rejected)| (*condition, *rejected));
        let saved = self.courtesy.ended(at.now, at.unix, source, why, random);
        effects.extend(saved.map(|(id, budget)| Effect::SaveBudget(id, budget)));
        let Some(camera) = self.cameras.get_mut(&source.camera) else {
            return;
        };
        let hold = self.courtesy.hold(&camera.config.camera.id, at.unix);
        camera.ended(
            at,
            fault.map(|(condition, evidence, _)| (condition, evidence)),
            hold,
            effects,
        );
    }

    fn worker_gone(
        &mut self,
        at: Moment,
        worker: WorkerId,
        evidence: &str,
        effects: &mut Vec<Effect>,
    ) {
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
        let active: Vec<Handle> = lost.iter().map(|(_, source)| source.camera).collect();
        effects.push(Effect::Note(format!(
            "ingest worker {} ended ({evidence}) with {} sessions; starting it again",
            worker.0,
            active.len()
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
                if let Some(camera) = self.cameras.get_mut(&camera) {
                    let evidence =
                        format!("it ended its worker three times in five minutes ({evidence})");
                    effects.push(Effect::Note(format!("{}: {evidence}", camera.config.camera.id)));
                    let until = at.unix.plus(until.saturating_duration_since(at.now));
                    let hold = Some((until, Condition::Quarantined));
                    camera.ended(at, Some((Condition::Quarantined, evidence)), hold, effects);
                }
            }
        }
    }

    fn want_all(&mut self, source: StreamRef, all: bool, effects: &mut Vec<Effect>) {
        let Some(camera) = self.cameras.get_mut(&source.camera) else {
            return;
        };
        let forward = camera.want_all(all);
        if let (Some(session), Some(worker)) =
            (camera.session, self.assignment.worker_of(source.camera))
        {
            effects.push(Effect::Tell(worker, ToIngest::Forward { session, forward }));
        }
    }
}

/// Whether an event may let a session begin. Pictures and figures, one or two a second of each
/// camera, do not; looking through all cameras for each would cost their number squared.
fn may_open(event: &Event) -> bool {
    !matches!(
        event,
        Event::Picture { .. }
            | Event::Undecodable { .. }
            | Event::WantAll(..)
            | Event::Ingest(_, FromIngest::Stats { .. } | FromIngest::Format { .. })
    )
}

fn sub(camera: Handle) -> StreamRef {
    StreamRef { camera, stream: StreamKind::Sub }
}
