//! The ledger's task. It never waits in the middle of anything: what is under way — one write of
//! the store, one of the spool — is waited for together with what comes in.

use std::{
    collections::{BTreeMap, VecDeque},
    pin::Pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tracing::{error, info, warn};

use super::{
    Entry, Kept, NotKept, frame,
    recover::Recovery,
    spool::{Chunk, Spool},
};
use crate::{
    desk::feed::{AlertFeed, Keeping, Storage},
    domain::{alert::delivery::Delivery, time::UnixMicros},
    store::{AlertRows, DeliveryState, Store, StoreError},
};

/// Entries of one commit: within 5 ms on a disk that is well.
pub const BATCH: usize = 64;

/// Entries, and bytes, that wait in memory while neither store nor spool takes them: an hour and a
/// half of 20 each second. Then no more are taken from the queue.
pub(super) const WAITING: usize = 100_000;
const WAITING_BYTES: usize = 64 << 20;

/// A write that takes longer counts as failed, though it may yet succeed: writing it again changes
/// nothing. Twice this, and a second for a third try, are less than the 5 s within which people must
/// know.
const SLOW: Duration = Duration::from_secs(2);

/// Between two tries.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How long a stop waits for a store and a spool that both fail.
const STOP_WITHIN: Duration = Duration::from_secs(3);

type Writing = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

/// What the store is doing.
struct Commit {
    writing: Writing,
    what: Committing,
}

enum Committing {
    /// Entries that are nowhere else, by then at the latest.
    New(Vec<Held>, Instant),
    /// Entries that turned out to be slow, and have gone to the spool since.
    Given,
    /// Entries of the spool, up to this place in it.
    Spooled(Vec<Arc<AlertRows>>, u64),
}

/// An entry in our hands.
struct Held {
    rows: Arc<AlertRows>,
    answer: Option<tokio::sync::oneshot::Sender<Result<Kept, NotKept>>>,
    bytes: usize,
}

/// What the spool is doing. Its file is with whoever does it.
struct Errand {
    work: tokio::task::JoinHandle<(Spool, Done)>,
    entries: Vec<Held>,
    /// By then at the latest it counts as failing.
    slow_at: Instant,
}

enum Done {
    Appended(std::io::Result<()>),
    Read(std::io::Result<Chunk>),
    Cleared(std::io::Result<()>),
}

/// The task.
pub struct Keeper {
    store: Store,
    feed: Arc<AlertFeed>,
    entries: mpsc::Receiver<Entry>,
    post: mpsc::Sender<Delivery>,
    /// All of them gave what they had.
    closed: Option<Instant>,
    held: VecDeque<Held>,
    held_bytes: usize,
    commit: Option<Commit>,
    /// At home while it is idle.
    spool: Option<Spool>,
    errand: Option<Errand>,
    /// Up to here the store has what is in the spool.
    replayed: u64,
    /// Entries in the spool that the store lacks.
    spooled: u64,
    /// Of the file that is in the spool now.
    damaged: u64,
    /// Why entries go to the spool.
    store_fails: Option<String>,
    store_again: Instant,
    /// Why they do not get there.
    spool_fails: Option<String>,
    spool_again: Instant,
    since: Option<UnixMicros>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("held", &self.held.len()).finish_non_exhaustive()
    }
}

impl Keeper {
    pub(super) fn new(
        store: Store,
        feed: Arc<AlertFeed>,
        entries: mpsc::Receiver<Entry>,
        post: mpsc::Sender<Delivery>,
        recovery: Recovery,
    ) -> Self {
        let mut keeper = Self {
            store,
            feed,
            entries,
            post,
            closed: None,
            held: VecDeque::new(),
            held_bytes: 0,
            commit: None,
            replayed: recovery.replayed,
            spool: Some(recovery.spool),
            errand: None,
            spooled: recovery.rest.len() as u64,
            damaged: recovery.told.damaged,
            store_fails: None,
            store_again: Instant::now(),
            spool_fails: None,
            spool_again: Instant::now(),
            since: None,
        };
        let mut deliveries = BTreeMap::new();
        for rows in recovery.rest {
            keeper.publish(&rows, false);
            deliveries.extend(rows.deliveries.into_iter().map(|delivery| (delivery.id, delivery)));
            for outcome in rows.outcomes {
                if outcome.state != DeliveryState::Pending {
                    deliveries.remove(&outcome.id);
                }
            }
        }
        for delivery in deliveries.into_values() {
            // The store's outbox lacks them still.
            let _ = keeper.post.try_send(delivery);
        }
        if let Some(failure) = recovery.failure {
            keeper.store_failed(failure.to_string());
        }
        keeper.tell();
        keeper
    }

    /// Stores until every [`super::Ledger`] is gone and everything is stored.
    pub async fn run(mut self) {
        loop {
            self.begin();
            if self.over() {
                return;
            }
            let room = self.held.len() < WAITING && self.held_bytes < WAITING_BYTES;
            let wake = self.wake();
            tokio::select! {
                entry = self.entries.recv(), if self.closed.is_none() && room => match entry {
                    Some(entry) => self.take(entry),
                    None => self.closed = Some(Instant::now()),
                },
                written = async { (&mut self.commit.as_mut().expect("checked").writing).await },
                    if self.commit.is_some() => self.written(written),
                done = async { (&mut self.errand.as_mut().expect("checked").work).await },
                    if self.errand.is_some() => match done {
                        Ok((spool, done)) => self.done(spool, done),
                        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
                    },
                () = sleep_until(wake) => self.late(),
            }
            self.tell();
        }
    }

    fn over(&self) -> bool {
        let Some(closed) = self.closed else { return false };
        let idle = self.commit.is_none() && self.errand.is_none();
        if idle && self.held.is_empty() {
            // What is in the spool is put into the store at the next start.
            return true;
        }
        let late = closed.elapsed() > STOP_WITHIN;
        let entries = self.held.len() + self.errand.as_ref().map_or(0, |e| e.entries.len());
        if late && entries > 0 {
            error!(
                entries,
                "neither the store nor the spool took these alerts until the service stopped: they are lost"
            );
        }
        late
    }

    /// Takes an entry, and those that came with it.
    fn take(&mut self, entry: Entry) {
        self.hold(entry);
        for _ in 1..BATCH {
            let Ok(entry) = self.entries.try_recv() else { break };
            self.hold(entry);
        }
    }

    fn hold(&mut self, Entry { rows, answer }: Entry) {
        let bytes = weight(&rows);
        self.held_bytes += bytes;
        let mut held = Held { rows: Arc::new(rows), answer, bytes };
        if let Some(reason) = &self.spool_fails {
            held.answer(Err(NotKept(reason.clone())));
        }
        self.held.push_back(held);
    }

    /// Begins what can be begun.
    fn begin(&mut self) {
        let now = Instant::now();
        if self.store_fails.is_none() {
            if self.commit.is_none() && self.errand.is_none() && !self.held.is_empty() {
                self.commit_held(now);
            }
            return;
        }
        let new = matches!(self.commit, Some(Commit { what: Committing::New(..), .. }));
        if self.errand.is_none() && !new && !self.held.is_empty() && now >= self.spool_again {
            self.append();
        }
        if self.errand.is_some() || self.commit.is_some() || now < self.store_again {
            return;
        }
        let Some(len) = self.spool.as_ref().map(Spool::len) else { return };
        if self.replayed < len {
            let from = self.replayed;
            self.send(Vec::new(), move |spool| Done::Read(spool.read(from)));
        } else if len > 0 {
            let aside = (self.damaged > 0).then(|| format!("damaged-{}", unix_now().0 / 1_000_000));
            self.send(Vec::new(), move |spool| {
                Done::Cleared(match aside {
                    None => spool.clear(),
                    Some(word) => spool.set_aside(&word).map(|aside| {
                        error!(file = %aside.display(), "the spool of alerts was moved away, because not all of it could be read: have it looked at");
                    }),
                })
            });
        } else if self.held.is_empty() {
            self.store_works();
        } else {
            // The spool fails: perhaps the store works again.
            self.commit_held(now);
        }
    }

    fn commit_held(&mut self, now: Instant) {
        let entries = self.some_of_held();
        let rows = entries.iter().map(|held| held.rows.clone()).collect();
        let what = Committing::New(entries, now + SLOW);
        self.commit = Some(Commit { writing: self.write(rows), what });
    }

    fn write(&self, rows: Vec<Arc<AlertRows>>) -> Writing {
        let store = self.store.clone();
        Box::pin(async move { store.write_alerts(rows).await })
    }

    fn append(&mut self) {
        let entries = self.some_of_held();
        let rows: Vec<_> = entries.iter().map(|held| held.rows.clone()).collect();
        self.send(entries, move |spool| {
            let mut lines = Vec::new();
            for rows in rows {
                let json = serde_json::to_vec(&*rows).expect("rows are plain data");
                lines.extend(frame::frame(&json).expect("an entry is far below 4 GiB"));
            }
            Done::Appended(spool.append(&lines))
        });
    }

    /// Sends the spool on an errand to where waiting for the disk delays nobody.
    fn send(&mut self, entries: Vec<Held>, work: impl FnOnce(&mut Spool) -> Done + Send + 'static) {
        let Some(mut spool) = self.spool.take() else { return };
        let work = tokio::task::spawn_blocking(move || {
            let done = work(&mut spool);
            (spool, done)
        });
        self.errand = Some(Errand { work, entries, slow_at: Instant::now() + SLOW });
    }

    /// The next batch, in order.
    fn some_of_held(&mut self) -> Vec<Held> {
        let mut bytes = 0;
        let mut batch = Vec::new();
        while let Some(held) = self.held.front() {
            bytes += held.bytes;
            if batch.len() == BATCH || (bytes > BATCH_BYTES && !batch.is_empty()) {
                break;
            }
            self.held_bytes -= held.bytes;
            batch.extend(self.held.pop_front());
        }
        batch
    }

    fn hold_again(&mut self, entries: Vec<Held>) {
        for held in entries.into_iter().rev() {
            self.held_bytes += held.bytes;
            self.held.push_front(held);
        }
    }

    /// The store has done it, or failed.
    fn written(&mut self, written: Result<(), StoreError>) {
        let Some(Commit { what, .. }) = self.commit.take() else { return };
        match (what, written) {
            (Committing::New(entries, _), Ok(())) => {
                for held in entries {
                    self.kept(held, Kept::Store);
                }
                if self.store_fails.is_some() {
                    self.spool_fails = None;
                    self.store_works();
                }
            }
            (Committing::New(entries, _), Err(failure)) => {
                self.hold_again(entries);
                self.store_failed(failure.to_string());
            }
            (Committing::Given, Ok(())) => self.store_again = Instant::now(),
            (Committing::Given, Err(failure)) => self.store_failed(failure.to_string()),
            (Committing::Spooled(rows, to), Ok(())) => {
                self.replayed = to;
                self.spooled = self.spooled.saturating_sub(rows.len() as u64);
                for rows in rows {
                    self.feed.publish(&rows.changes, true);
                }
            }
            (Committing::Spooled(..), Err(failure)) => self.store_failed(failure.to_string()),
        }
    }

    /// The spool is back.
    fn done(&mut self, spool: Spool, done: Done) {
        let Some(Errand { entries, .. }) = self.errand.take() else { return };
        let len = spool.len();
        let path = spool.path().to_owned();
        self.spool = Some(spool);
        match done {
            Done::Appended(Ok(())) => {
                if self.spool_fails.take().is_some() {
                    info!("alerts go to the spool again");
                }
                self.spooled += entries.len() as u64;
                for held in entries {
                    self.kept(held, Kept::Spool);
                }
            }
            Done::Appended(Err(error)) => {
                self.hold_again(entries);
                self.spool_failed(format!(
                    "the spool {} cannot be written: {error}",
                    path.display()
                ));
            }
            Done::Read(Ok(chunk)) => {
                self.damaged += chunk.damaged + chunk.torn;
                let rows: Vec<_> = chunk.entries.into_iter().map(Arc::new).collect();
                let what = Committing::Spooled(rows.clone(), chunk.next);
                self.commit = Some(Commit { writing: self.write(rows), what });
            }
            Done::Read(Err(error)) => {
                self.store_again = Instant::now() + AGAIN_AFTER;
                warn!(spool = %path.display(), %error, "the spool of alerts cannot be read; it is tried again");
            }
            Done::Cleared(cleared) => {
                if let Err(error) = &cleared {
                    // Its entries are in the store: to put them there again changes nothing.
                    warn!(spool = %path.display(), %error, "the spool of alerts cannot be emptied");
                }
                self.damaged = 0;
                self.replayed = len;
                self.spooled = 0;
                self.store_works();
            }
        }
    }

    /// Something takes too long.
    fn late(&mut self) {
        let now = Instant::now();
        if let Some(Commit { what, .. }) = &mut self.commit
            && matches!(what, Committing::New(_, slow_at) if now >= *slow_at)
            && let Committing::New(entries, _) = std::mem::replace(what, Committing::Given)
        {
            self.hold_again(entries);
            self.store_failed(format!("the store has not answered for {} s", SLOW.as_secs()));
        }
        let slow = self.errand.as_ref().is_some_and(|errand| now >= errand.slow_at);
        if slow && self.spool_fails.is_none() {
            self.spool_failed(format!("the spool has not answered for {} s", SLOW.as_secs()));
        }
    }

    /// When something is due though nothing happens.
    fn wake(&self) -> Instant {
        let now = Instant::now();
        let mut wake = now + AGAIN_AFTER;
        if let Some(Commit { what: Committing::New(_, slow_at), .. }) = &self.commit {
            wake = wake.min(*slow_at);
        }
        if let Some(errand) = &self.errand
            && self.spool_fails.is_none()
        {
            wake = wake.min(errand.slow_at);
        }
        for again in [self.store_again, self.spool_again] {
            if again > now {
                wake = wake.min(again);
            }
        }
        wake
    }

    fn kept(&mut self, mut held: Held, kept: Kept) {
        self.publish(&held.rows, kept == Kept::Store);
        for delivery in &held.rows.deliveries {
            // Full or gone: it is in the outbox, from where it is read again.
            let _ = self.post.try_send(delivery.clone());
        }
        held.answer(Ok(kept));
    }

    fn publish(&self, rows: &AlertRows, in_store: bool) {
        self.feed.publish(&rows.changes, in_store);
    }

    fn store_failed(&mut self, reason: String) {
        self.store_again = Instant::now() + AGAIN_AFTER;
        if self.store_fails.is_none() {
            error!(reason, "alerts cannot be stored: they go to the spool until they can");
            self.since = Some(unix_now());
        }
        self.store_fails = Some(reason);
    }

    fn store_works(&mut self) {
        if self.store_fails.take().is_some() {
            info!("alerts are stored again, and so are those that were spooled");
        }
        self.spool_fails = None;
        self.since = None;
    }

    fn spool_failed(&mut self, reason: String) {
        self.spool_again = Instant::now() + AGAIN_AFTER;
        if self.spool_fails.is_none() {
            error!(reason, "alerts cannot be spooled either: they wait in memory");
        }
        let both = match &self.store_fails {
            Some(store) => format!("{store}; {reason}"),
            None => reason,
        };
        let waiting = self.errand.iter_mut().flat_map(|errand| &mut errand.entries);
        for held in waiting.chain(&mut self.held) {
            held.answer(Err(NotKept(both.clone())));
        }
        self.spool_fails = Some(both);
    }

    fn tell(&self) {
        let errand = self.errand.as_ref().map_or(0, |errand| errand.entries.len());
        let state = match (&self.store_fails, &self.spool_fails) {
            (None, _) => return self.feed.tell(Storage::default()),
            (Some(_), None) => Keeping::Spooling,
            (Some(_), Some(_)) => Keeping::Failing,
        };
        self.feed.tell(Storage {
            state,
            since: self.since,
            waiting: self.spooled + (self.held.len() + errand) as u64,
            reason: self.spool_fails.clone().or_else(|| self.store_fails.clone()),
        });
    }
}

impl Held {
    fn answer(&mut self, answer: Result<Kept, NotKept>) {
        if let Some(asked) = self.answer.take() {
            // Whoever asked may have left.
            let _ = asked.send(answer);
        }
    }
}

/// Bytes of one commit: pictures of some reports, for which no other write waits long.
const BATCH_BYTES: usize = 4 << 20;

/// About what an entry takes in memory.
fn weight(rows: &AlertRows) -> usize {
    let pictures = rows.records.iter().filter_map(|record| record.picture.as_ref());
    let pictures: usize = pictures.map(bytes::Bytes::len).sum();
    2048 * (1 + rows.changes.len() + rows.deliveries.len() + rows.records.len()) + pictures
}

fn unix_now() -> UnixMicros {
    SystemTime::now().into()
}
