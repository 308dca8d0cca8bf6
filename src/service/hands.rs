//! Carries out what the desk wants done, in order.

use std::{collections::HashMap, net::IpAddr, time::SystemTime};

use tokio::sync::{mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, info};
use uuid::Uuid;

use super::{
    address,
    album::Album,
    ledger::{Entry, Kept, Ledger, NotKept},
    outbox::{Letters, Unasked},
    past::Past,
    postman::Postman,
};
use crate::{
    desk::{
        command::{Answer, Done, Refused},
        event::{Effect, Event},
        run,
    },
    domain::{
        alert::{Actor, delivery::DeliveryId},
        assignment::WorkerId,
        camera::{CameraId, Handle, Importance},
        courtesy::Budget,
        maintenance::{Maintenance, MaintenanceId},
        time::UnixMicros,
    },
    hub::{fanout::FanoutHandle, media::MediaHandle},
    store::{AlertRows, AuditRow, CourtesyRow, Store, StoreError},
    worker::{
        crew::Crew,
        message::{FromIngest, OpenSession, SessionId, ToIngest},
    },
};

/// The adapters that effects reach.
pub(super) struct Hands {
    pub(super) crew: Crew,
    pub(super) store: Store,
    pub(super) fanout: FanoutHandle,
    pub(super) media: MediaHandle,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) past: Past,
    pub(super) album: Album,
    pub(super) ledger: Ledger,
    pub(super) postman: Postman<Letters>,
    /// Whom a handle belongs to and its class, for those that are shown.
    pub(super) shown: HashMap<Handle, (CameraId, Importance)>,
    pub(super) allow_loopback: bool,
    pub(super) errands: TaskTracker,
    /// Sessions whose host is being looked up; cancelled when they are closed before it is found.
    pub(super) looking: HashMap<SessionId, CancellationToken>,
    pub(super) pids: tokio::sync::watch::Sender<Vec<(WorkerId, u32)>>,
}

impl run::Hands for Hands {
    async fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::SaveBudget(camera, budget) => self.save(camera, budget).await,
            Effect::StartWorker(worker) => {
                self.crew.start(worker);
                self.pids.send_replace(self.crew.pids());
            }
            Effect::StopWorker(worker) => self.crew.stop(worker),
            Effect::Open(worker, open) => self.open(worker, open),
            Effect::Tell(worker, message) => {
                if let ToIngest::Close { session } = &message
                    && let Some(lookup) = self.looking.remove(session)
                {
                    lookup.cancel();
                }
                self.crew.tell(worker, message);
            }
            Effect::Live(camera, live) => self.fanout.set_not_live(camera, !live),
            Effect::Forget(camera) => {
                self.media.forget(camera).await;
                self.fanout.forget(camera);
                if let Some((id, _)) = self.shown.remove(&camera) {
                    self.past.gone(id, SystemTime::now().into());
                }
            }
            Effect::LookAgain => self.fanout.look_again(),
            Effect::Note(note) => info!("{note}"),
            // The view is the desk's own.
            Effect::Show { camera, .. } => {
                let known = self.shown.get(&camera.handle);
                if known.is_none_or(|(_, importance)| *importance != camera.importance) {
                    self.shown.insert(camera.handle, (camera.id.clone(), camera.importance));
                    self.media.rank(camera.handle, camera.importance).await;
                    self.fanout.rank(camera.handle, camera.importance);
                }
            }
            Effect::ShowList
            | Effect::ShowWalls(_)
            | Effect::ShowWall(_)
            | Effect::ShowSites(_)
            | Effect::ShowScreens(_)
            | Effect::ShowCoverage(_)
            | Effect::ShowDuty(..) => {}
            Effect::Alert { rows, answer } => self.keep(rows, answer).await,
            Effect::Resend(id, by, answer) => self.resend(id, by, answer),
            // Whoever asked may have left.
            Effect::Answer(answer, result) => _ = answer.send(result),
            Effect::Record(records) => self.past.record(records),
            Effect::Learnt(camera, learnt) => self.past.learnt(camera, learnt),
            Effect::Keep(id, camera, keep) => self.album.keep(id, camera, keep),
            Effect::Maintain(order, answer) => self.maintain(order, answer),
            Effect::EndMaintenance(order, at, answer) => self.end(order, at, answer),
        }
    }

    async fn stop(&mut self) {
        self.errands.close();
        self.crew.stop_all().await;
    }
}

impl Hands {
    async fn save(&self, camera: CameraId, budget: Budget) {
        let saved = if budget == Budget::default() {
            self.store.remove_courtesy(camera.clone()).await
        } else {
            let updated_at = SystemTime::now().into();
            let row = CourtesyRow {
                camera_id: camera.clone(),
                sign_in_attempts: budget.sign_in_attempts,
                first_attempt_at: Some(updated_at),
                hold_until: budget.hold.map(|(until, _)| until),
                hold_reason: budget.hold.map(|(_, why)| why),
                updated_at,
            };
            self.store.save_courtesy(row).await
        };
        if let Err(error) = saved {
            // Within this run the budget holds all the same; only a restart could forget it.
            error!(camera = %camera, %error, "a camera's sign-in budget was not stored");
        }
    }

    /// Gives rows to the ledger, in the order of the desk; whoever waits is answered when they are
    /// stored.
    async fn keep(&self, rows: AlertRows, answer: Option<(Answer, Done)>) {
        let (stored, told) = oneshot::channel::<Result<Kept, NotKept>>();
        let waits = answer.is_some();
        if let Some((answer, done)) = answer {
            self.errands.spawn(async move {
                let told = match told.await {
                    Ok(Ok(_)) => Ok(done),
                    Ok(Err(not_kept)) => Err(Refused::NotStored(not_kept.to_string())),
                    Err(_) => Err(Refused::Stopping),
                };
                // Whoever asked may have left.
                let _ = answer.send(told);
            });
        }
        let entry = Entry { rows, answer: waits.then_some(stored) };
        if let Err(entry) = self.ledger.give(entry).await {
            // Store and spool have refused all for hours, which every screen says, or all stops.
            error!(
                changes = entry.rows.changes.len(),
                "alerts were not stored and find no room in memory any more: they are lost"
            );
        }
    }

    /// Not waited for: the desk has nothing to do with it.
    fn resend(&self, id: DeliveryId, (by, address): (Actor, Option<IpAddr>), answer: Answer) {
        let (postman, ledger) = (self.postman.clone(), self.ledger.clone());
        self.errands.spawn(async move {
            let sent = match postman.resend(id).await {
                Ok(true) => {
                    let audit = AuditRow {
                        id: Uuid::now_v7(),
                        at: SystemTime::now().into(),
                        actor: by,
                        action: "resend".to_owned(),
                        object: format!("delivery:{id}"),
                        detail: None,
                        address,
                    };
                    let rows = AlertRows { audit: vec![audit], ..AlertRows::default() };
                    match ledger.keep(rows).await {
                        Some(Ok(_)) => Ok(Done::Plainly),
                        Some(Err(not_kept)) => Err(Refused::NotStored(not_kept.to_string())),
                        None => Err(Refused::Stopping),
                    }
                }
                Ok(false) => Err(Refused::Unknown(format!("message {id} that was given up"))),
                Err(Unasked::Store(error)) => Err(not_stored(error)),
                Err(spooling) => Err(Refused::NotStored(spooling.to_string())),
            };
            // Whoever asked may have left.
            let _ = answer.send(sent);
        });
    }

    /// Commits an order, tells the desk and then the person. Not waited for: the desk must not wait
    /// for its own queue.
    fn maintain(&self, order: Maintenance, answer: Answer) {
        let (store, events) = (self.store.clone(), self.events.clone());
        self.errands.spawn(async move {
            let ordered = store.order_maintenance(order).await.map_err(not_stored);
            tell_order(&events, ordered, answer).await;
        });
    }

    fn end(&self, order: MaintenanceId, at: UnixMicros, answer: Answer) {
        let (store, events) = (self.store.clone(), self.events.clone());
        self.errands.spawn(async move {
            let ended = store.end_maintenance(order, at).await.map_err(not_stored);
            let unknown = || Refused::Unknown(format!("order of maintenance {} in force", order.0));
            let ended = ended.and_then(|ended| ended.ok_or_else(unknown));
            tell_order(&events, ended, answer).await;
        });
    }

    fn open(&mut self, worker: WorkerId, mut open: Box<OpenSession>) {
        if let Some(address) = address::numeric(&open.url) {
            // The common case: told at once. Whether it is allowed was checked with the file.
            open.address = address;
            return self.crew.tell(worker, ToIngest::Open(open));
        }
        let (teller, events, allow_loopback) =
            (self.crew.teller(worker), self.events.clone(), self.allow_loopback);
        let session = open.session;
        let closed = CancellationToken::new();
        // A lookup that is over has cancelled its own.
        self.looking.retain(|_, lookup| !lookup.is_cancelled());
        self.looking.insert(session, closed.clone());
        self.errands.spawn(async move {
            // Told to `looking`, whatever comes of it.
            let _over = closed.clone().drop_guard();
            let found = tokio::select! {
                () = closed.cancelled() => {
                    // The worker never heard of it. The desk is gone only when the service stops.
                    let over = FromIngest::Ended { session, fault: None };
                    let _ = events.send(Event::Ingest(worker, over)).await;
                    return;
                }
                found = address::resolve(&open.url, allow_loopback) => found,
            };
            match (found, teller) {
                (Ok(address), Some(teller)) => {
                    open.address = address;
                    // A worker that is gone by now is told as such.
                    let _ = teller.send(ToIngest::Open(open)).await;
                    if closed.is_cancelled() {
                        // The word went ahead of the session.
                        let _ = teller.send(ToIngest::Close { session }).await;
                    }
                }
                (Ok(_), None) => {}
                (Err(evidence), _) => {
                    // The desk is gone only when the service stops.
                    let _ = events.send(Event::NoAddress { session, evidence }).await;
                }
            }
        });
    }
}

/// The desk hears of it before the person does: who asks next sees it.
async fn tell_order(
    events: &mpsc::Sender<Event>,
    order: Result<Maintenance, Refused>,
    answer: Answer,
) {
    if let Ok(order) = &order {
        // The desk is gone only when the service stops; it reads the order at the next start.
        let _ = events.send(Event::Maintained(order.clone())).await;
    }
    // Whoever asked may have left.
    let _ = answer.send(order.map(Done::Maintenance));
}

fn not_stored(error: StoreError) -> Refused {
    match error {
        StoreError::Closed => Refused::Stopping,
        other => Refused::NotStored(other.to_string()),
    }
}
