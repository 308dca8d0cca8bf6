//! The ledger's task. It never waits in the middle of anything: what is under way — one write of
//! the store, one of the spool — is waited for together with what comes in.

use std::{io, pin::Pin, sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep_until},
};
use tracing::{error, warn};

use super::{
    Entry, Kept, NotKept, frame,
    held::{BATCH, Held, Waiting},
    recover::{self, Recovery},
    spool::{Chunk, Spool},
    trouble::{AGAIN_AFTER, Trouble},
};
use crate::{
    desk::feed::{AlertFeed, KeptFigures},
    domain::alert::delivery::Delivery,
    store::{AlertRows, Store, StoreError},
};

/// A write that takes longer counts as failed, though it may yet succeed: writing it again changes
/// nothing. Twice this, of store and spool, are less than the 5 s within which people must know.
const SLOW: Duration = Duration::from_secs(2);

/// How long new entries wait in memory for the last of the spool to go into the store.
const END_WITHIN: Duration = Duration::from_millis(500);

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
    /// Entries of the spool, up to this place in it; until then others may wait for them.
    Spooled(Vec<Arc<AlertRows>>, u64, Instant),
}

/// What the spool is doing. Its file is with whoever does it.
struct Errand {
    work: JoinHandle<(Spool, Done)>,
    entries: Vec<Held>,
    /// By then at the latest it counts as failing.
    slow_at: Instant,
}

enum Done {
    Appended(io::Result<()>),
    Read(io::Result<Chunk>),
    Cleared(io::Result<()>),
}

/// The task.
pub struct Keeper {
    store: Store,
    feed: Arc<AlertFeed>,
    entries: mpsc::Receiver<Entry>,
    /// When all who gave had gone.
    closed: Option<Instant>,
    waiting: Waiting,
    commit: Option<Commit>,
    /// At home while it is idle.
    spool: Option<Spool>,
    errand: Option<Errand>,
    /// Up to here the store has what is in the spool.
    replayed: u64,
    /// Entries in the spool that the store lacks.
    spooled: u64,
    /// Bytes of the spool that are no entries.
    damaged: u64,
    trouble: Trouble,
    /// Messages in the spool that the store's outbox lacks.
    unposted: Vec<Delivery>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl Keeper {
    pub(super) fn new(
        store: Store,
        feed: Arc<AlertFeed>,
        entries: mpsc::Receiver<Entry>,
        recovery: Recovery,
    ) -> Self {
        for rows in &recovery.rest {
            feed.publish(&rows.changes, false);
        }
        KeptFigures::count(&feed.kept.replayed, recovery.told.entries as usize);
        let mut trouble = Trouble::none();
        if let Some(failure) = recovery.failure {
            trouble.store_failed(failure.to_string());
        }
        let keeper = Self {
            store,
            feed,
            entries,
            closed: None,
            waiting: Waiting::default(),
            commit: None,
            replayed: recovery.replayed,
            spool: Some(recovery.spool),
            errand: None,
            spooled: recovery.rest.len() as u64,
            damaged: recovery.told.damaged,
            trouble,
            unposted: recover::unposted(recovery.rest),
        };
        keeper.tell();
        keeper
    }

    /// Stores until every [`super::Ledger`] is gone and everything is stored. Messages are given to
    /// `post` once they are: it must not wait.
    pub async fn run(mut self, post: impl Fn(Vec<Delivery>) + Send) {
        post(std::mem::take(&mut self.unposted));
        loop {
            self.begin();
            if self.over() {
                return;
            }
            let takes = self.closed.is_none() && self.waiting.has_room();
            let wake = self.wake();
            tokio::select! {
                entry = self.entries.recv(), if takes => match entry {
                    Some(entry) => self.take(entry),
                    None => self.closed = Some(Instant::now()),
                },
                written = async { (&mut self.commit.as_mut().expect("checked").writing).await },
                    if self.commit.is_some() => self.written(written, &post),
                done = async { (&mut self.errand.as_mut().expect("checked").work).await },
                    if self.errand.is_some() => match done {
                        Ok((spool, done)) => self.done(spool, done, &post),
                        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
                    },
                () = sleep_until(wake) => self.late(),
            }
            self.tell();
        }
    }

    fn over(&self) -> bool {
        let Some(closed) = self.closed else { return false };
        if self.commit.is_none() && self.errand.is_none() && self.waiting.is_empty() {
            // What is in the spool goes into the store at the next start.
            return true;
        }
        let entries = self.homeless();
        let late = closed.elapsed() > STOP_WITHIN;
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
        let failing = self.trouble.spool_fails().map(|reason| NotKept(reason.to_owned()));
        let more = (1..BATCH).map_while(|_| self.entries.try_recv().ok());
        for entry in std::iter::once(entry).chain(more) {
            let held = self.waiting.push(entry);
            if let Some(refused) = &failing {
                held.answer(Err(refused.clone()));
            }
        }
    }

    /// Begins what can be begun.
    fn begin(&mut self) {
        let now = Instant::now();
        if !self.trouble.store_fails() {
            if self.commit.is_none() && self.errand.is_none() && !self.waiting.is_empty() {
                self.commit_new(now);
            }
            return;
        }
        // Away while it does something.
        let Some(len) = self.spool.as_ref().map(Spool::len) else { return };
        let due = self.commit.is_none() && now >= self.trouble.store_again;
        if due && self.replayed < len {
            let from = self.replayed;
            self.send(Vec::new(), move |spool| Done::Read(spool.read(from)));
        } else if due && len > 0 {
            let damaged = self.damaged > 0;
            self.send(Vec::new(), move |spool| Done::Cleared(spool.empty(damaged)));
        } else if due && self.waiting.is_empty() {
            self.trouble.store_works();
        } else if due && self.trouble.spool_fails().is_some() {
            // Perhaps the store works again.
            self.commit_new(now);
        } else if !self.waiting.is_empty()
            && now >= self.trouble.spool_again
            && self.may_append(now, len)
        {
            self.append();
        }
    }

    /// Not what is on its way into the store, and not while the last of the spool is: it would never
    /// come to its end if more always came.
    fn may_append(&self, now: Instant, len: u64) -> bool {
        self.commit.as_ref().is_none_or(|commit| match &commit.what {
            Committing::New(..) => false,
            Committing::Given => true,
            Committing::Spooled(_, to, end_by) => *to < len || now >= *end_by,
        })
    }

    fn commit_new(&mut self, now: Instant) {
        let entries = self.waiting.take();
        let rows = entries.iter().map(|held| held.rows.clone()).collect();
        self.commit(rows, Committing::New(entries, now + SLOW));
    }

    fn commit(&mut self, rows: Vec<Arc<AlertRows>>, what: Committing) {
        let store = self.store.clone();
        let writing = Box::pin(async move { store.write_alerts(rows).await });
        self.commit = Some(Commit { writing, what });
    }

    fn append(&mut self) {
        let entries = self.waiting.take();
        let rows: Vec<_> = entries.iter().map(|held| held.rows.clone()).collect();
        self.send(entries, move |spool| Done::Appended(spool.append(&frame::lines(&rows))));
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

    /// The store has done it, or failed.
    fn written(&mut self, written: Result<(), StoreError>, post: &impl Fn(Vec<Delivery>)) {
        let Some(Commit { what, .. }) = self.commit.take() else { return };
        match (what, written) {
            (Committing::New(entries, _), Ok(())) => {
                self.kept(entries, Kept::Store, post);
                self.trouble.store_works();
            }
            (Committing::Given, Ok(())) => self.trouble.store_again = Instant::now(),
            (Committing::Spooled(rows, to, _), Ok(())) => {
                self.replayed = to;
                KeptFigures::count(&self.feed.kept.replayed, rows.len());
                self.spooled = self.spooled.saturating_sub(rows.len() as u64);
                for rows in rows {
                    self.feed.publish(&rows.changes, true);
                }
            }
            (what, Err(failure)) => {
                if let Committing::New(entries, _) = what {
                    self.waiting.put_back(entries);
                }
                self.trouble.store_failed(failure.to_string());
            }
        }
    }

    /// The spool is back.
    fn done(&mut self, spool: Spool, done: Done, post: &impl Fn(Vec<Delivery>)) {
        let Some(Errand { entries, .. }) = self.errand.take() else { return };
        let (len, path) = (spool.len(), spool.path().to_owned());
        self.spool = Some(spool);
        match done {
            Done::Appended(Ok(())) => {
                self.trouble.spool_works();
                self.spooled += entries.len() as u64;
                self.kept(entries, Kept::Spool, post);
            }
            Done::Appended(Err(error)) => {
                self.waiting.put_back(entries);
                self.spool_failed(format!(
                    "the spool {} cannot be written: {error}",
                    path.display()
                ));
            }
            Done::Read(Ok(chunk)) => {
                self.damaged += chunk.damaged + chunk.torn;
                let rows: Vec<_> = chunk.entries.into_iter().map(Arc::new).collect();
                let end_by = Instant::now() + END_WITHIN;
                self.commit(rows.clone(), Committing::Spooled(rows, chunk.next, end_by));
            }
            Done::Read(Err(error)) => {
                self.trouble.store_again = Instant::now() + AGAIN_AFTER;
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
                self.trouble.store_works();
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
            self.waiting.put_back(entries);
            self.trouble
                .store_failed(format!("the store has not answered for {} s", SLOW.as_secs()));
        }
        let slow = self.errand.as_ref().is_some_and(|errand| now >= errand.slow_at);
        if slow && self.trouble.spool_fails().is_none() {
            self.spool_failed(format!("the spool has not answered for {} s", SLOW.as_secs()));
        }
    }

    /// When something is due though nothing happens.
    fn wake(&self) -> Instant {
        let now = Instant::now();
        let commit = self.commit.as_ref().and_then(|commit| match &commit.what {
            Committing::New(_, by) | Committing::Spooled(_, _, by) => Some(*by),
            Committing::Given => None,
        });
        let errand = self.errand.as_ref().map(|errand| errand.slow_at);
        let again = [self.trouble.store_again, self.trouble.spool_again].map(Some);
        let due = [commit, errand].into_iter().chain(again).flatten().filter(|due| *due > now);
        due.fold(now + AGAIN_AFTER, Instant::min)
    }

    fn kept(&mut self, entries: Vec<Held>, kept: Kept, post: &impl Fn(Vec<Delivery>)) {
        let figures = &self.feed.kept;
        let figure = if kept == Kept::Store { &figures.stored } else { &figures.spooled };
        KeptFigures::count(figure, entries.len());
        for mut held in entries {
            self.feed.publish(&held.rows.changes, kept == Kept::Store);
            if !held.rows.deliveries.is_empty() {
                post(held.rows.deliveries.clone());
            }
            held.answer(Ok(kept));
        }
    }

    fn spool_failed(&mut self, reason: String) {
        let both = self.trouble.spool_failed(reason);
        let away = self.errand.iter_mut().flat_map(|errand| &mut errand.entries);
        for held in away.chain(self.waiting.iter_mut()) {
            held.answer(Err(NotKept(both.clone())));
        }
    }

    /// Entries that are neither in the store nor in the spool.
    fn homeless(&self) -> usize {
        let away = self.errand.as_ref().map_or(0, |errand| errand.entries.len());
        let new = self.commit.as_ref().map_or(0, |commit| match &commit.what {
            Committing::New(entries, _) => entries.len(),
            Committing::Given | Committing::Spooled(..) => 0,
        });
        self.waiting.len() + away + new
    }

    fn tell(&self) {
        self.feed.tell(self.trouble.told(self.spooled + self.homeless() as u64));
    }
}
