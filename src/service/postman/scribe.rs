//! Writes outcomes down, in their order, while routes go on: a store that fails for a while
//! must not keep alerts from people.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{Outbox, now};
use crate::{
    domain::{
        alert::delivery::{Delivery, DeliveryId},
        roster::ChannelId,
        time::UnixMicros,
    },
    notify::Figures,
};

/// What is done with the outbox. All in one queue, so that a reader sees every outcome before it.
#[derive(Debug)]
pub(super) enum Entry {
    /// It was delivered.
    Sent { id: DeliveryId, at: UnixMicros, reference: Option<String> },
    /// A try failed and another follows.
    Failed { id: DeliveryId, at: UnixMicros, told: String, next_try: UnixMicros },
    /// It was given up.
    Dead { id: DeliveryId, at: UnixMicros, told: String },
    /// A route wants what waits for its channel.
    Read { channel: ChannelId, limit: usize, to: oneshot::Sender<Vec<Delivery>> },
}

/// Queues an entry. If there is no room it is dropped and counted: its message is sent again.
pub(super) fn put(entries: &mpsc::Sender<Entry>, entry: Entry, figures: &Figures) {
    if entries.try_send(entry).is_err() {
        figures.outcomes_dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// The first of those that wait which can be written at once, so that they share commits: up to a
/// reader, which is to see them, and no two of one delivery, whose order counts.
fn together(waiting: &mut VecDeque<Entry>) -> Vec<Entry> {
    let mut seen = HashSet::new();
    let end = waiting.iter().position(|entry| match entry {
        Entry::Sent { id, .. } | Entry::Failed { id, .. } | Entry::Dead { id, .. } => {
            !seen.insert(*id)
        }
        Entry::Read { .. } => true,
    });
    waiting.drain(..end.unwrap_or(waiting.len())).collect()
}

/// What a delivery for a channel that is not configured is told to have died of.
pub(super) fn no_channel(channel: &ChannelId) -> String {
    format!("there is no channel {channel} in the configuration")
}

/// The writing task.
pub(super) struct Scribe<O> {
    outbox: Arc<O>,
    entries: mpsc::Receiver<Entry>,
    figures: Arc<Figures>,
    shutdown: CancellationToken,
    /// The last try failed, and it was told.
    failing: bool,
}

impl<O: Outbox> Scribe<O> {
    pub(super) fn new(
        outbox: Arc<O>,
        entries: mpsc::Receiver<Entry>,
        figures: Arc<Figures>,
        shutdown: CancellationToken,
    ) -> Self {
        Self { outbox, entries, figures, shutdown, failing: false }
    }

    /// Writes until every route is gone.
    pub(super) async fn run(mut self, known: Vec<ChannelId>) {
        self.bury_orphans(&known).await;
        let mut batch = Vec::with_capacity(BATCH);
        while self.entries.recv_many(&mut batch, BATCH).await > 0 {
            let mut waiting: VecDeque<Entry> = batch.drain(..).collect();
            while !waiting.is_empty() {
                let outcomes = together(&mut waiting);
                self.write(outcomes).await;
                if let Some(Entry::Read { .. }) = waiting.front()
                    && let Some(read) = waiting.pop_front()
                {
                    self.read(read).await;
                }
            }
        }
    }

    /// What waits for a channel that was taken out of the configuration would wait for ever.
    async fn bury_orphans(&mut self, known: &[ChannelId]) {
        let channels = match self.outbox.channels().await {
            Ok(channels) => channels,
            // The next start asks again.
            Err(failure) => return self.failed(&failure),
        };
        for channel in channels.into_iter().filter(|channel| !known.contains(channel)) {
            let told = no_channel(&channel);
            loop {
                let orphans = match self.outbox.pending(&channel, BATCH).await {
                    Ok(orphans) => orphans,
                    Err(failure) => return self.failed(&failure),
                };
                let letters = orphans.len();
                warn!(%channel, letters, "there is no such channel any more: what waited for it is dead");
                let dead = |delivery: Delivery| Entry::Dead {
                    id: delivery.id,
                    at: now(),
                    told: told.clone(),
                };
                self.write(orphans.into_iter().map(dead).collect()).await;
                if letters < BATCH || self.shutdown.is_cancelled() {
                    break;
                }
            }
        }
    }

    /// Tries until they are written; once the service stops, only once more.
    async fn write(&mut self, mut outcomes: Vec<Entry>) {
        while !outcomes.is_empty() {
            let stopping = self.shutdown.is_cancelled();
            let written = join_all(outcomes.iter().map(|entry| self.try_write(entry))).await;
            let mut written = written.into_iter();
            let mut failure = None;
            outcomes.retain(|_| match written.next() {
                Some(Err(why)) => {
                    failure = Some(why);
                    true
                }
                _ => false,
            });
            match failure {
                None => self.works(),
                Some(failure) => self.failed(&failure),
            }
            if outcomes.is_empty() || stopping {
                return;
            }
            tokio::select! {
                () = self.shutdown.cancelled() => {}
                () = sleep(AGAIN_AFTER) => {}
            }
        }
    }

    async fn try_write(&self, entry: &Entry) -> Result<(), O::Error> {
        match entry {
            Entry::Sent { id, at, reference } => {
                self.outbox.sent(*id, *at, reference.as_deref()).await
            }
            Entry::Failed { id, at, told, next_try } => {
                self.outbox.failed(*id, *at, told, *next_try).await
            }
            Entry::Dead { id, at, told } => self.outbox.dead(*id, *at, told).await,
            Entry::Read { .. } => Ok(()),
        }
    }

    /// Tries once, and lets the route know nothing if it fails: it asks again, and meanwhile others
    /// can have their outcomes written down.
    async fn read(&mut self, entry: Entry) {
        let Entry::Read { channel, limit, to } = entry else { return };
        match self.outbox.pending(&channel, limit).await {
            // A route that is gone does not miss it.
            Ok(pending) => drop(to.send(pending)),
            Err(failure) => self.failed(&failure),
        }
    }

    fn works(&mut self) {
        if std::mem::take(&mut self.failing) {
            info!("the outbox works again");
        }
    }

    fn failed(&mut self, failure: &O::Error) {
        self.figures.outbox_failures.fetch_add(1, Ordering::Relaxed);
        if !std::mem::replace(&mut self.failing, true) {
            error!(error = %failure, "the outbox cannot be used: messages are sent all the same, and what becomes of them is written down when it can be");
        }
    }
}

/// A store that was locked or full is asked again this soon.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// At a time: as many as the store commits together.
const BATCH: usize = 64;

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn dead(n: u128) -> Entry {
        Entry::Dead { id: DeliveryId(Uuid::from_u128(n)), at: UnixMicros(1), told: String::new() }
    }

    fn read() -> Entry {
        let channel = "sms".try_into().expect("an id");
        Entry::Read { channel, limit: 1, to: oneshot::channel().0 }
    }

    #[test]
    fn outcomes_of_one_delivery_and_those_behind_a_reader_are_not_written_together() {
        let mut waiting: VecDeque<Entry> =
            [dead(1), dead(2), dead(1), dead(3), read(), dead(4)].into();
        assert_eq!(together(&mut waiting).len(), 2);
        assert_eq!(together(&mut waiting).len(), 2);
        assert_eq!(together(&mut waiting).len(), 0);
        assert!(matches!(waiting.pop_front(), Some(Entry::Read { .. })));
        assert_eq!(together(&mut waiting).len(), 1);
        assert!(waiting.is_empty());
    }
}
