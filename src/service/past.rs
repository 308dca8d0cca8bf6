//! Writes down what the desk says happened. The desk never waits for it: records go through a
//! bounded queue to a task that commits them in batches, and says at each commit that the service
//! was alive.
//!
//! Where the written past cannot be trusted any more — records were lost, the machine slept, its
//! clock was set, the disk was full — a new life begins with every camera's state as it is now, so
//! that the time before it counts as unknown instead of as something false.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use tokio::{sync::mpsc, time};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, info, warn};

use crate::{
    domain::{
        availability::LifeId, camera::CameraId, health::Learnt, history::Record, time::UnixMicros,
    },
    http::PastFigures,
    store::{Entry, Retention, Store, StoreError},
};

/// Entries that wait: 1,000 cameras that all change with three conditions each, twice. Then they
/// are dropped and counted, and a new life begins.
const WAITING: usize = 8192;

/// Entries of one commit: some 20 ms, for which no other write waits long.
const BATCH: usize = 256;

/// How often the service says that it is alive: after a kill this much may be known too little.
const ALIVE_EVERY: Duration = Duration::from_secs(10);

/// Silence or a jump beyond this and what was written is no longer taken to last until now.
const GAP: Duration = Duration::from_secs(30);

/// Between two tries to write while the disk is full or locked.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How often old rows are looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(60 * 60);

/// The states as they are, whatever has been written of them.
type Now = Arc<Mutex<BTreeMap<CameraId, Record>>>;

/// The desk's side: takes records and returns at once.
#[derive(Debug)]
pub(super) struct Past {
    to: mpsc::Sender<Entry>,
    now: Now,
    lost: Arc<AtomicBool>,
    figures: Arc<PastFigures>,
}

impl Past {
    /// Starts the tasks: writing until the `Past` is dropped, deleting until `shutdown`.
    pub(super) fn start(
        store: &Store,
        life: (LifeId, UnixMicros),
        retention: Retention,
        figures: Arc<PastFigures>,
        tasks: &TaskTracker,
        shutdown: &CancellationToken,
    ) -> Self {
        let (to, entries) = mpsc::channel(WAITING);
        let past = Self { to, now: Now::default(), lost: Arc::default(), figures };
        let (life, alive_at) = life;
        let scribe = Scribe {
            store: store.clone(),
            life,
            alive_at,
            entries,
            now: past.now.clone(),
            lost: past.lost.clone(),
            figures: past.figures.clone(),
            failing: false,
        };
        tasks.spawn(scribe.run());
        let (store, shutdown) = (store.clone(), shutdown.clone());
        tasks.spawn(async move {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = prune(store, retention) => {}
            }
        });
        past
    }

    /// Writes these down, in this order.
    pub(super) fn record(&self, records: Vec<Record>) {
        for record in records {
            if let Record::State { camera, .. } = &record {
                self.states().insert(camera.clone(), record.clone());
            }
            self.put(Entry::Record(record));
        }
    }

    /// Keeps what was learnt of a camera.
    pub(super) fn learnt(&self, camera: CameraId, learnt: Box<Learnt>) {
        self.put(Entry::Learnt(camera, learnt));
    }

    /// A camera is no longer configured.
    pub(super) fn gone(&self, camera: CameraId, at: UnixMicros) {
        self.states().remove(&camera);
        self.put(Entry::Gone(camera, at));
    }

    fn put(&self, entry: Entry) {
        if self.to.try_send(entry).is_err() {
            self.figures.dropped.fetch_add(1, Ordering::Relaxed);
            if !self.lost.swap(true, Ordering::Relaxed) {
                warn!(
                    "history is not written fast enough: entries are lost, and counted in /metrics"
                );
            }
        }
        self.figures.waiting.store(self.to.max_capacity() - self.to.capacity(), Ordering::Relaxed);
    }

    fn states(&self) -> std::sync::MutexGuard<'_, BTreeMap<CameraId, Record>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The writing task.
struct Scribe {
    store: Store,
    life: LifeId,
    /// When it was last written that the service is alive.
    alive_at: UnixMicros,
    entries: mpsc::Receiver<Entry>,
    now: Now,
    lost: Arc<AtomicBool>,
    figures: Arc<PastFigures>,
    /// The last try failed, and it was told.
    failing: bool,
}

impl Scribe {
    async fn run(mut self) {
        let mut alive = time::interval(ALIVE_EVERY);
        alive.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        loop {
            let mut batch = Vec::with_capacity(BATCH);
            let over = tokio::select! {
                taken = self.entries.recv_many(&mut batch, BATCH) => taken == 0,
                _ = alive.tick() => false,
            };
            self.figures.waiting.store(self.entries.len(), Ordering::Relaxed);
            self.commit(batch.into()).await;
            if over {
                return;
            }
        }
    }

    /// Writes a batch, trying again while that may help.
    async fn commit(&mut self, batch: Arc<[Entry]>) {
        let entries = batch.len() as u64;
        loop {
            match self.write(batch.clone()).await {
                Ok(()) => {
                    if std::mem::take(&mut self.failing) {
                        info!("history is written again");
                    }
                    self.figures.written.fetch_add(entries, Ordering::Relaxed);
                    return;
                }
                Err(failure) => {
                    self.figures.failures.fetch_add(1, Ordering::Relaxed);
                    if !std::mem::replace(&mut self.failing, true) {
                        error!(error = %failure, "history cannot be written; it is tried again");
                    }
                    // Nobody waits for the rest when the service stops.
                    if !passes(&failure) || self.entries.is_closed() {
                        self.figures.dropped.fetch_add(entries, Ordering::Relaxed);
                        self.lost.store(entries > 0, Ordering::Relaxed);
                        return;
                    }
                }
            }
            time::sleep(AGAIN_AFTER).await;
        }
    }

    async fn write(&mut self, batch: Arc<[Entry]>) -> Result<(), StoreError> {
        let at = UnixMicros::from(SystemTime::now());
        if self.cannot_vouch(at) {
            // Forgotten only when it worked.
            self.life = self.store.begin_life(at, false).await?;
            self.store.append(self.life, at, self.states_at(at)).await?;
            self.lost.store(false, Ordering::Relaxed);
            self.alive_at = at;
        }
        self.store.append(self.life, at, batch).await?;
        self.alive_at = at;
        Ok(())
    }

    /// Whether something since the last commit is not known, or not in this order.
    fn cannot_vouch(&self, at: UnixMicros) -> bool {
        self.lost.load(Ordering::Relaxed) || at < self.alive_at || at.since(self.alive_at) > GAP
    }

    /// Every camera's state, as entered just now.
    fn states_at(&self, now: UnixMicros) -> Arc<[Entry]> {
        let states = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let entered = states.values().cloned().map(|mut state| {
            if let Record::State { at, .. } = &mut state {
                *at = now;
            }
            Entry::Record(state)
        });
        entered.collect()
    }
}

/// Whether another try may do better.
fn passes(failure: &StoreError) -> bool {
    matches!(
        failure,
        StoreError::Full { .. } | StoreError::Locked { .. } | StoreError::ReadOnly { .. }
    )
}

async fn prune(store: Store, retention: Retention) {
    let mut tick = time::interval(PRUNE_EVERY);
    tick.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match store.prune(SystemTime::now().into(), &retention).await {
            Ok(0) => {}
            Ok(rows) => info!(rows, "what is older than it is to be kept was deleted"),
            Err(error) => {
                warn!(%error, "what is old could not be deleted; it is tried again in an hour")
            }
        }
    }
}
