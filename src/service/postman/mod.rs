//! Sends what the outbox holds: each channel has a route of its own, so that one that hangs delays
//! no other. A delivery is stored before it comes here and stays in the store until its outcome is
//! written down, so whatever this process forgets is sent by the next one: at least once, and with
//! the same id.

mod outbox;
mod route;
mod scribe;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::outbox::Outbox;
use self::{
    route::Route,
    scribe::{Entry, Scribe},
};
use crate::{
    config::ChannelConfig,
    domain::{
        alert::delivery::{Delivery, DeliveryId},
        roster::ChannelId,
        time::UnixMicros,
    },
    notify::{Channel, Figures, Unusable},
};

/// Takes deliveries that are stored, and sees to them.
pub struct Postman<O> {
    outbox: Arc<O>,
    doors: Arc<BTreeMap<ChannelId, Door>>,
    /// Weak, so that the scribe ends when the routes have.
    entries: mpsc::WeakSender<Entry>,
    figures: Arc<Figures>,
}

impl<O> Clone for Postman<O> {
    fn clone(&self) -> Self {
        Self {
            outbox: self.outbox.clone(),
            doors: self.doors.clone(),
            entries: self.entries.clone(),
            figures: self.figures.clone(),
        }
    }
}

/// Where a route takes deliveries in.
struct Door {
    to: mpsc::Sender<Delivery>,
    /// Something was turned away, and is to be read from the outbox.
    behind: Arc<AtomicBool>,
}

impl<O: Outbox> Postman<O> {
    /// Starts a route for each channel, which first takes what was left in the outbox, and the task
    /// that writes outcomes down. All end soon after `shutdown`. `figures` are those of the same
    /// channels.
    pub fn start(
        outbox: Arc<O>,
        channels: &[ChannelConfig],
        figures: Arc<Figures>,
        tasks: &TaskTracker,
        shutdown: &CancellationToken,
    ) -> Result<Self, Unusable> {
        let opened: Vec<_> = channels
            .iter()
            .map(|config| Channel::open(config).map(|opened| (config, opened)))
            .collect::<Result<_, _>>()?;
        let (to_scribe, entries) = mpsc::channel(ENTRIES);
        let scribe = Scribe::new(outbox.clone(), entries, figures.clone(), shutdown.clone());
        let known: Vec<ChannelId> = channels.iter().map(|config| config.id.clone()).collect();
        tasks.spawn(scribe.run(known));
        let weak = to_scribe.downgrade();
        let mut doors = BTreeMap::new();
        for (config, (channel, upkeep)) in opened {
            let (to, inbox) = mpsc::channel(INBOX);
            let behind = Arc::new(AtomicBool::new(true));
            doors.insert(config.id.clone(), Door { to, behind: behind.clone() });
            let route =
                Route::new(channel, config, inbox, behind, to_scribe.clone(), figures.clone());
            let over = CancellationToken::new();
            if let Some(upkeep) = upkeep {
                tasks.spawn(upkeep.run(over.clone()));
            }
            let shutdown = shutdown.clone();
            tasks.spawn(async move {
                route.run(shutdown).await;
                // The connection is kept until the last message had its chance.
                over.cancel();
            });
        }
        Ok(Self { outbox, doors: Arc::new(doors), entries: weak, figures })
    }

    /// Takes deliveries that were stored just now. Never waits: what finds no room is read from the
    /// outbox later.
    pub fn post(&self, deliveries: impl IntoIterator<Item = Delivery>) {
        for delivery in deliveries {
            match self.doors.get(&delivery.channel) {
                Some(door) => {
                    let channel = delivery.channel.clone();
                    if door.to.try_send(delivery).is_err() {
                        door.behind.store(true, Ordering::Relaxed);
                        if let Some(figures) = self.figures.channels.get(&channel) {
                            figures.put_off.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
                None => {
                    if let Some(entries) = self.entries.upgrade() {
                        let told = scribe::no_channel(&delivery.channel);
                        let entry = Entry::Dead { id: delivery.id, at: now(), told };
                        scribe::put(&entries, entry, &self.figures);
                    }
                }
            }
        }
    }

    /// Sends a dead letter as if it were new. `false`: there is none of that name.
    pub async fn resend(&self, id: DeliveryId) -> Result<bool, O::Error> {
        let delivery = self.outbox.resend(id, now()).await?;
        let found = delivery.is_some();
        self.post(delivery);
        Ok(found)
    }
}

/// Wall-clock time, as it is stored.
fn now() -> UnixMicros {
    SystemTime::now().into()
}

/// A burst of some seconds for one channel. What does not fit is in the store.
const INBOX: usize = 256;

/// Outcomes that wait for the store: some minutes of a busy day. What does not fit is counted, and
/// its message is sent again.
const ENTRIES: usize = 4096;
