//! The alert lane of one client: replays what it lacks, then goes on live, and holds it to its word
//! that it has them.
//!
//! Nothing is dropped: what does not fit the window waits in the store, and a client that says
//! nothing is closed and resumes.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time,
};

use crate::{
    desk::feed::{AlertFeed, Replay},
    domain::alert::{AlertId, Change, Seq},
};

/// Changes that a client may have without having said so; then the next ones wait in the store.
const WINDOW: usize = 1024;
/// Changes that are read at once.
const PAGE: usize = 64;
/// After this long without a word about what was sent, it is sent again.
const AGAIN_AFTER: Duration = Duration::from_secs(10);
/// After this long the client is not there any more, or has stopped reading.
const GONE_AFTER: Duration = Duration::from_secs(30);
/// Between two tries to read a store that fails.
const READ_AGAIN: Duration = Duration::from_secs(1);

/// What is to be done for a client.
pub(super) enum Due {
    /// These are to be sent, in order.
    Changes(Vec<Arc<Change>>),
    /// It cannot be served what it lacks: it must take a fresh list.
    Reset,
    /// It owes an answer for too long.
    Gone,
}

/// What one client has, and what it lacks.
pub(super) struct AlertLane {
    feed: Arc<AlertFeed>,
    live: Receiver<Arc<Change>>,
    /// The newest that was sent; those that the client may not see count as sent.
    sent: Seq,
    /// Sent, and not yet said to be there; the oldest first.
    owed: VecDeque<(Seq, AlertId)>,
    /// The newest that it said it has.
    received: Seq,
    /// When it last said so, or first owed it.
    heard_at: Instant,
    sent_again: bool,
    /// Behind the live ones: the store is read.
    reading: bool,
}

impl AlertLane {
    /// Goes on after `after`.
    pub(super) fn resume(feed: &Arc<AlertFeed>, after: Seq) -> Self {
        Self {
            // Before the store is read, so that no change falls between.
            live: feed.follow(),
            feed: feed.clone(),
            sent: after,
            owed: VecDeque::new(),
            received: after,
            heard_at: Instant::now(),
            sent_again: false,
            reading: true,
        }
    }

    /// Waits for what is to be done next. Dropping the future loses nothing.
    pub(super) async fn due(&mut self) -> Due {
        loop {
            let silent = if self.sent_again { GONE_AFTER } else { AGAIN_AFTER };
            let deadline = self.heard_at + silent;
            if self.owed.is_empty() {
                return self.next().await;
            }
            let full = self.owed.len() >= WINDOW;
            tokio::select! {
                due = self.next(), if !full => return due,
                () = time::sleep_until(deadline.into()) => {}
            }
            if self.sent_again {
                return Due::Gone;
            }
            self.sent_again = true;
            self.owed.clear();
            self.sent = self.received;
            self.reading = true;
        }
    }

    async fn next(&mut self) -> Due {
        loop {
            if self.reading {
                match self.feed.after(self.sent, PAGE).await {
                    Ok(Replay::Changes(changes)) if changes.is_empty() => self.reading = false,
                    Ok(Replay::Changes(changes)) => return Due::Changes(changes),
                    Ok(Replay::Reset) => return Due::Reset,
                    Err(error) => {
                        tracing::warn!(%error, "alerts cannot be replayed; it is tried again");
                        time::sleep(READ_AGAIN).await;
                    }
                }
                continue;
            }
            match self.live.recv().await {
                Ok(change) if change.seq <= self.sent => {}
                Ok(change) if change.seq == self.sent.next() => return Due::Changes(vec![change]),
                Ok(_) | Err(RecvError::Lagged(_)) => self.reading = true,
                // The service stops, which is told elsewhere.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// This one was written to the client's socket.
    pub(super) fn sent(&mut self, change: &Change) {
        if self.owed.is_empty() && !self.sent_again {
            self.heard_at = Instant::now();
        }
        self.sent = change.seq;
        self.owed.push_back((change.seq, change.alert.id));
    }

    /// This one is none of the client's.
    pub(super) fn skipped(&mut self, change: &Change) {
        self.sent = change.seq;
    }

    /// The client has all up to `seq`: which these are, each alert once with its newest change.
    pub(super) fn received(&mut self, seq: Seq) -> Vec<(AlertId, Seq)> {
        if seq <= self.received || seq > self.sent {
            return Vec::new();
        }
        self.received = seq;
        self.heard_at = Instant::now();
        self.sent_again = false;
        let until = self.owed.partition_point(|(owed, _)| *owed <= seq);
        let mut alerts: Vec<(AlertId, Seq)> = Vec::new();
        for (seq, alert) in self.owed.drain(..until) {
            match alerts.iter_mut().find(|(known, _)| *known == alert) {
                Some(known) => known.1 = seq,
                None => alerts.push((alert, seq)),
            }
        }
        alerts
    }
}
