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

/// Clocks are set back by less than this all the time.
const STEP: Duration = Duration::from_secs(1);

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
                        self.lost.fetch_or(entries > 0, Ordering::Relaxed);
                        return;
                    }
                }
            }
            time::sleep(AGAIN_AFTER).await;
        }
    }

    async fn write(&mut self, batch: Arc<[Entry]>) -> Result<(), StoreError> {
        let at = UnixMicros::from(SystemTime::now());
        if self.lost.load(Ordering::Relaxed) && !self.entries.is_empty() {
            // What still waits is worth keeping, but something is missing in it: nobody vouches for
            // the time until it is written. A new life each time would make the queue longer still.
            return self.store.append(self.life, self.alive_at, batch).await;
        }
        self.store.append(self.life, self.vouched_until(at), batch).await?;
        if self.cannot_vouch(at) {
            // Before the states are taken: what is lost from here on is lost to the new life.
            let lost = self.lost.swap(false, Ordering::Relaxed);
            if self.begin_anew(at).await.is_err() {
                // The batch is written; the new life is begun after the next one.
                self.figures.failures.fetch_add(1, Ordering::Relaxed);
                self.lost.fetch_or(lost, Ordering::Relaxed);
                return Ok(());
            }
        }
        self.alive_at = at;
        Ok(())
    }

    async fn begin_anew(&mut self, at: UnixMicros) -> Result<(), StoreError> {
        let life = self.store.begin_life(at, false).await?;
        self.store.append(life, at, self.states_at(at)).await?;
        self.life = life;
        Ok(())
    }

    /// Until when the life that runs is known to have written down all that happened.
    fn vouched_until(&self, at: UnixMicros) -> UnixMicros {
        if self.cannot_vouch(at) { self.alive_at } else { at }
    }

    /// Whether something since the last commit is not known, or not when.
    fn cannot_vouch(&self, at: UnixMicros) -> bool {
        self.lost.load(Ordering::Relaxed)
            || self.alive_at.since(at) > STEP
            || at.since(self.alive_at) > GAP
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        availability::{Entered, Window},
        camera::State,
    };

    fn id(n: usize) -> CameraId {
        format!("cam-{n}").try_into().expect("an id")
    }

    fn entered(n: usize, at: UnixMicros, state: State) -> Record {
        Record::State {
            camera: id(n),
            at,
            state,
            conditions: Vec::new(),
            evidence: None,
            masked_by: None,
        }
    }

    struct Bench {
        _folder: tempfile::TempDir,
        store: Store,
        figures: Arc<PastFigures>,
        tasks: TaskTracker,
        shutdown: CancellationToken,
    }

    impl Bench {
        async fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let store = Store::open(&folder.path().join("watchwall.db")).await.expect("a store");
            Self {
                _folder: folder,
                store,
                figures: Arc::default(),
                tasks: TaskTracker::new(),
                shutdown: CancellationToken::new(),
            }
        }

        /// A past whose last sign of life is so old.
        async fn past(&self, ago: Duration) -> Past {
            let began = SystemTime::now().checked_sub(ago).expect("after 1970").into();
            let life = self.store.begin_life(began, true).await.expect("a write");
            let retention = Retention::default();
            let figures = self.figures.clone();
            Past::start(&self.store, (life, began), retention, figures, &self.tasks, &self.shutdown)
        }

        /// Waits until all is written, as a stop does.
        async fn close(&self, past: Past) {
            drop(past);
            self.shutdown.cancel();
            self.tasks.close();
            self.tasks.wait().await;
        }

        async fn lives(&self) -> usize {
            let window = Window { from: UnixMicros(0), until: UnixMicros(u64::MAX) };
            self.store.lives(window).await.expect("a read").len()
        }

        async fn entered(&self, n: usize) -> Vec<Entered> {
            let window = Window { from: UnixMicros(0), until: UnixMicros(u64::MAX) };
            self.store.entered(&id(n), window).await.expect("a read")
        }
    }

    #[tokio::test]
    async fn what_the_desk_says_is_written_before_the_service_stops() {
        let bench = Bench::new().await;
        let past = bench.past(Duration::ZERO).await;
        let now = UnixMicros::from(SystemTime::now());
        for n in 0..1000 {
            past.record(vec![entered(n, now, State::Connecting), entered(n, now, State::Online)]);
        }
        past.learnt(id(1), Box::default());
        past.gone(id(2), now.plus(Duration::from_micros(1)));
        bench.close(past).await;
        assert_eq!(bench.entered(999).await.len(), 2);
        assert_eq!(bench.entered(2).await.last().and_then(|row| row.state), None);
        assert_eq!(bench.store.load_learnt().await.expect("a read").len(), 1);
        assert_eq!(bench.figures.written.load(Ordering::Relaxed), 2002);
        assert_eq!(bench.figures.dropped.load(Ordering::Relaxed), 0);
        assert_eq!(bench.lives().await, 1);
    }

    #[tokio::test]
    async fn after_entries_were_lost_a_new_life_begins_with_the_states_as_they_are() {
        let bench = Bench::new().await;
        let past = bench.past(Duration::ZERO).await;
        let now = UnixMicros::from(SystemTime::now());
        // The writing task shares this thread: until the next await nothing is taken.
        for n in 0..WAITING {
            past.record(vec![entered(n % 7, now, State::Online)]);
        }
        past.record(vec![entered(3, now, State::Offline)]);
        assert_eq!(bench.figures.dropped.load(Ordering::Relaxed), 1);
        bench.close(past).await;
        assert_eq!(bench.lives().await, 2);
        let entered = bench.entered(3).await;
        let said = entered.iter().find(|row| row.state == Some(State::Offline)).expect("not lost");
        assert!(said.at > now, "from the moment on that it is known again: {entered:?}");
    }

    #[tokio::test]
    async fn after_a_long_silence_what_was_before_is_not_taken_to_have_lasted() {
        let bench = Bench::new().await;
        let past = bench.past(GAP + Duration::from_secs(5)).await;
        let now = UnixMicros::from(SystemTime::now());
        past.record(vec![entered(1, now, State::Online)]);
        bench.close(past).await;
        assert_eq!(bench.lives().await, 2);
        assert_eq!(bench.entered(1).await.last().and_then(|row| row.state), Some(State::Online));
    }
}
