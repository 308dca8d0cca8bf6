//! Writes outcomes down, one after the other, while routes go on: a store that fails for a while
//! must not keep alerts from people.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

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
        while let Some(entry) = self.entries.recv().await {
            self.write(entry).await;
        }
    }

    /// What waits for a channel that was taken out of the configuration would wait for ever.
    async fn bury_orphans(&mut self, known: &[ChannelId]) {
        let outbox = self.outbox.clone();
        let channels = self.until_done(|| outbox.channels()).await.unwrap_or_default();
        for channel in channels.into_iter().filter(|channel| !known.contains(channel)) {
            let told = no_channel(&channel);
            loop {
                let some = self.until_done(|| outbox.pending(&channel, ORPHANS)).await;
                let some = some.unwrap_or_default();
                warn!(%channel, letters = some.len(), "there is no such channel any more: what waited for it is dead");
                for delivery in &some {
                    let at = now();
                    self.until_done(|| outbox.dead(delivery.id, at, &told)).await;
                }
                if some.len() < ORPHANS {
                    break;
                }
            }
        }
    }

    async fn write(&mut self, entry: Entry) {
        let outbox = self.outbox.clone();
        match entry {
            Entry::Sent { id, at, reference } => {
                self.until_done(|| outbox.sent(id, at, reference.as_deref())).await;
            }
            Entry::Failed { id, at, told, next_try } => {
                self.until_done(|| outbox.failed(id, at, &told, next_try)).await;
            }
            Entry::Dead { id, at, told } => {
                self.until_done(|| outbox.dead(id, at, &told)).await;
            }
            Entry::Read { channel, limit, to } => {
                if let Some(pending) = self.until_done(|| outbox.pending(&channel, limit)).await {
                    // A route that is gone does not miss it.
                    let _ = to.send(pending);
                }
            }
        }
    }

    /// Tries until it is done; once the service stops, only once more (`None`: it was not done).
    async fn until_done<T, F: Future<Output = Result<T, O::Error>>>(
        &mut self,
        call: impl Fn() -> F,
    ) -> Option<T> {
        loop {
            let stopping = self.shutdown.is_cancelled();
            match call().await {
                Ok(done) => {
                    if std::mem::take(&mut self.failing) {
                        info!("what becomes of messages is written down again");
                    }
                    return Some(done);
                }
                Err(failure) => {
                    self.figures.write_failures.fetch_add(1, Ordering::Relaxed);
                    if !std::mem::replace(&mut self.failing, true) {
                        error!(error = %failure, "what becomes of messages cannot be written down; it is tried again");
                    }
                    if stopping {
                        return None;
                    }
                }
            }
            tokio::select! {
                () = self.shutdown.cancelled() => {}
                () = sleep(AGAIN_AFTER) => {}
            }
        }
    }
}

/// A store that was locked or full is asked again this soon.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// At a time.
const ORPHANS: usize = 256;
