//! The desk's state and its one entry: `apply(now, event) -> effects`. No I/O, no clock.

mod alerts;
mod commands;
mod configure;
mod judged;
mod learnt;
mod screens;
mod sessions;
mod sites;
mod walls;
mod watched;

use std::{collections::BTreeMap, sync::Arc};

use self::{alerts::Alerts, screens::Watched, sites::Sites, walls::Walls};
use super::{
    camera::CameraDesk,
    event::{Effect, Event},
    view::DutyView,
};
pub use crate::domain::time::Moment;
use crate::{
    config::Config,
    domain::{
        alert::{Alert, Change, Seq},
        assignment::{Assignment, AssignmentPolicy, WorkerId},
        camera::{CameraId, Condition, Handle, WallId},
        courtesy::{Budget, Courtesy, CourtesyPolicy},
        coverage::Coverage,
        health::Learnt,
        history::Record,
        maintenance::{Maintenance, Orders},
        media::{StreamKind, StreamRef},
        root_cause::RootCause,
        wall,
        watching::{LINGER, Watching},
    },
    store::AlertRows,
    worker::message::{FromIngest, SessionId, ToIngest},
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
    /// Of cameras that were removed, until they have ended: the same camera, added again, must not
    /// be opened beside its old session.
    leaving: BTreeMap<SessionId, (CameraId, WorkerId)>,
    watching: Watching,
    workers_ready: BTreeMap<WorkerId, bool>,
    walls: Walls,
    root_cause: RootCause,
    alerts: Alerts,
    /// As it was shown last.
    duty: Arc<DutyView>,
    sites: Sites,
    screens: Watched,
    coverage: Coverage,
    orders: Orders,
    /// Of cameras that are not configured now.
    learnt: BTreeMap<CameraId, Learnt>,
    /// What this event or tick writes down, told as one batch at its end.
    records: Vec<Record>,
    /// The minute of the Unix time whose figures are gathered.
    minute: Option<u64>,
    next_handle: u32,
    next_session: u64,
    /// Uniform in `0.0..1.0`, seeded: jitter without reading the world.
    random: rand::rngs::SmallRng,
}

/// What the store kept from before the start.
#[derive(Clone, Debug, Default)]
pub struct Remembered {
    /// Sign-ins spent and holds, of cameras that have any.
    pub budgets: BTreeMap<CameraId, Budget>,
    /// What was learnt of cameras.
    pub learnt: BTreeMap<CameraId, Learnt>,
    /// Orders of maintenance that are not over.
    pub maintenance: Vec<Maintenance>,
    /// Alerts that are not over.
    pub alerts: Vec<Alert>,
    /// The newest change of all alerts.
    pub alert_head: Seq,
    /// The newest changes: what people did under a name of theirs is not done again.
    pub alert_changes: Vec<Arc<Change>>,
    /// What people did to walls.
    pub walls: BTreeMap<WallId, wall::State>,
}

impl Desk {
    /// A desk with no cameras.
    pub fn new(config: &Arc<Config>, remembered: Remembered, seed: u64) -> Self {
        let Remembered { budgets, learnt, maintenance, alerts, alert_head, alert_changes, walls } =
            remembered;
        let mut orders = Orders::default();
        // Those that are over go with the first tick.
        maintenance.into_iter().for_each(|order| orders.apply(order.from, order));
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
            leaving: BTreeMap::new(),
            watching: Watching::new(LINGER),
            workers_ready: BTreeMap::new(),
            walls: Walls::new(walls),
            root_cause: RootCause::new(config.root_cause),
            alerts: Alerts::new((alerts, alert_head), &alert_changes, config, seed),
            duty: Arc::default(),
            sites: Sites::default(),
            screens: Watched::default(),
            coverage: Coverage::default(),
            orders,
            learnt,
            records: Vec::new(),
            minute: None,
            next_handle: 0,
            next_session: 0,
            random: rand::SeedableRng::seed_from_u64(seed),
        }
    }

    /// Applies one event; the effects are to be carried out in order.
    pub fn apply(&mut self, at: Moment, event: Event) -> Vec<Effect> {
        self.restore_alerts(at);
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
            Event::Picture { camera: handle, received_at, decode_us, measures } => {
                if let Some(camera) = self.cameras.get_mut(&handle) {
                    let measures = measures.as_deref();
                    if measures.is_some() {
                        self.coverage.judged(at.now, handle);
                    }
                    camera.picture(at, received_at, decode_us, measures, &mut effects);
                    self.judge(at, handle, &mut effects);
                }
            }
            Event::Undecodable { camera: handle, why } => {
                if let Some(camera) = self.cameras.get_mut(&handle) {
                    camera.undecodable(at, why);
                    self.judge(at, handle, &mut effects);
                }
            }
            Event::WantAll(camera, all) => self.decoded_whole(camera, all, &mut effects),
            Event::Watched(viewed) => {
                for stream in self.watching.apply(at.now, &viewed) {
                    self.watch(at, stream, &mut effects);
                }
            }
            Event::Command(command, answer) => self.command(at, command, answer, &mut effects),
            Event::Published(newest) => self.screens.published(at, &newest),
            Event::Painted(painted) => self.painted(at, *painted),
            Event::Parted(screen) => self.screens.parted(&screen),
            Event::Maintained(order) => self.maintained(at, order, &mut effects),
            Event::Received(receipts) => {
                let rows = AlertRows { receipts, ..AlertRows::default() };
                effects.push(Effect::Alert { rows, answer: None });
            }
        }
        if may_open {
            self.open_sessions(at, &mut effects);
        }
        self.write_down(at, &mut effects);
        effects
    }

    /// What time alone changes: verdicts, orders of maintenance, and sessions whose wait is over.
    /// Called a few times a second; for 1,000 cameras it costs about a millisecond.
    pub fn tick(&mut self, at: Moment) -> Vec<Effect> {
        self.restore_alerts(at);
        let mut effects = Vec::new();
        for stream in self.watching.tick(at.now) {
            self.unwatch(at, stream, &mut effects);
        }
        self.orders.tick(at.unix);
        self.judge_all(at, &mut effects);
        self.look_at_sites(at, &mut effects);
        self.minute_over(at);
        self.learn_one(at, &mut effects);
        self.open_sessions(at, &mut effects);
        self.watch_screens(at, &mut effects);
        self.tick_alerts(at);
        self.write_down(at, &mut effects);
        self.tick_walls(at, &mut effects);
        effects
    }

    /// The service stops: what is to be kept. Nothing may be applied after it.
    pub fn stop(&mut self, at: Moment) -> Vec<Effect> {
        self.cameras.values_mut().filter_map(|camera| camera.learn(at)).collect()
    }

    /// Facts go ahead of what is shown of them; what they make of alerts comes last.
    fn write_down(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        if !self.records.is_empty() {
            let records = std::mem::take(&mut self.records);
            self.hear_records(&records);
            effects.insert(0, Effect::Record(records));
        }
        self.write_screens_down(effects);
        self.alert(at, effects);
        // Otherwise the next tick is soon enough.
        if self.walls.is_stirred() {
            self.tick_walls(at, effects);
        }
    }

    /// Tells the worker of a camera something.
    fn tell(&self, camera: Handle, message: ToIngest, effects: &mut Vec<Effect>) {
        if let Some(worker) = self.assignment.worker_of(camera) {
            effects.push(Effect::Tell(worker, message));
        }
    }

    /// Ends a camera's session, if it has one. It is over when its `Ended` comes: until then
    /// courtesy opens no other for the stream.
    fn close(&self, camera: Handle, session: Option<SessionId>, effects: &mut Vec<Effect>) {
        if let Some(session) = session {
            self.tell(camera, ToIngest::Close { session }, effects);
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
            | Event::Published(_)
            | Event::Painted(_)
            | Event::Parted(_)
            | Event::Ingest(_, FromIngest::Stats { .. } | FromIngest::Format { .. })
    )
}

fn sub(camera: Handle) -> StreamRef {
    StreamRef { camera, stream: StreamKind::Sub }
}

fn main_of(camera: Handle) -> StreamRef {
    StreamRef { camera, stream: StreamKind::Main }
}
