//! One channel's messages: what is due goes out, a few at once; what failed waits for its next try.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use rand::Rng;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    now,
    scribe::{Entry, put},
};
use crate::{
    config::ChannelConfig,
    domain::alert::{
        Priority,
        delivery::{Delivery, DeliveryId, Next, WAIT_MAX},
    },
    notify::{Channel, ChannelFigures, Failure, Figures, Receipt},
};

type Outcome = (Delivery, Result<Receipt, Failure>);
type Flight = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// The messages of one channel that are in memory; the outbox has them all.
pub(super) struct Route {
    channel: Arc<Channel>,
    at_once: usize,
    retry_for: Duration,
    inbox: mpsc::Receiver<Delivery>,
    entries: mpsc::Sender<Entry>,
    figures: Arc<Figures>,
    /// Never tried: the most urgent first, then as they came.
    fresh: BTreeMap<(Reverse<Priority>, u64), Delivery>,
    /// Tried in vain, by when they are due. An alert that is new is worth more than one that has
    /// waited, so these come after `fresh`.
    again: BTreeMap<(Instant, u64), Delivery>,
    flying: FuturesUnordered<Flight>,
    /// All of those three, each once.
    held: HashSet<DeliveryId>,
    /// Counts what came, for the order.
    came: u64,
    /// More may wait in the outbox than is held.
    behind: Arc<AtomicBool>,
    reading: Option<Reading>,
    /// The last try failed, and it was told.
    failing: bool,
}

/// What was asked of the outbox.
struct Reading {
    answer: oneshot::Receiver<Vec<Delivery>>,
    limit: usize,
    /// Settled since it was asked: the answer may not know it yet.
    settled: HashSet<DeliveryId>,
}

impl Route {
    pub(super) fn new(
        channel: Channel,
        config: &ChannelConfig,
        inbox: mpsc::Receiver<Delivery>,
        behind: Arc<AtomicBool>,
        entries: mpsc::Sender<Entry>,
        figures: Arc<Figures>,
    ) -> Self {
        Self {
            channel: Arc::new(channel),
            at_once: config.at_once,
            retry_for: config.retry_for,
            inbox,
            entries,
            figures,
            fresh: BTreeMap::new(),
            again: BTreeMap::new(),
            flying: FuturesUnordered::new(),
            held: HashSet::new(),
            came: 0,
            behind,
            reading: None,
            failing: false,
        }
    }

    /// Delivers until `shutdown`; what is under way then gets a little longer.
    pub(super) async fn run(mut self, shutdown: CancellationToken) {
        loop {
            self.catch_up();
            self.start_due();
            self.count();
            let next = self.again.keys().next().map(|(due, _)| *due);
            let next = next.filter(|_| self.flying.len() < self.at_once);
            let waits = self.reading.is_none() && self.behind.load(Ordering::Relaxed);
            let look_again = waits.then(|| Instant::now() + LOOK_AGAIN);
            tokio::select! {
                () = shutdown.cancelled() => break,
                Some(outcome) = self.flying.next() => self.settle(outcome),
                Some(delivery) = self.inbox.recv() => self.hold(delivery),
                pending = answer(&mut self.reading) => self.take_over(pending),
                () = at(next) => {}
                () = at(look_again) => {}
            }
        }
        let landed = async {
            while let Some(outcome) = self.flying.next().await {
                self.settle(outcome);
            }
        };
        // What does not land in time is in the outbox, and the next process sends it.
        let _ = timeout(GRACE, landed).await;
    }

    /// Asks the outbox for more when there is room again.
    fn catch_up(&mut self) {
        let room = self.held.len() < HELD_MAX / 2;
        if self.reading.is_some() || !room || !self.behind.swap(false, Ordering::Relaxed) {
            return;
        }
        let (to, answer) = oneshot::channel();
        // What is held is among the oldest.
        let limit = HELD_MAX;
        let channel = self.channel.id().clone();
        if self.entries.try_send(Entry::Read { channel, limit, to }).is_ok() {
            self.reading = Some(Reading { answer, limit, settled: HashSet::new() });
        } else {
            self.behind.store(true, Ordering::Relaxed);
        }
    }

    fn take_over(&mut self, pending: Option<Vec<Delivery>>) {
        let Some(Reading { limit, settled, .. }) = self.reading.take() else { return };
        let Some(pending) = pending else {
            self.behind.store(true, Ordering::Relaxed);
            return;
        };
        if pending.len() >= limit {
            self.behind.store(true, Ordering::Relaxed);
        }
        for delivery in pending {
            if !settled.contains(&delivery.id) {
                self.hold(delivery);
            }
        }
    }

    fn hold(&mut self, delivery: Delivery) {
        if self.held.contains(&delivery.id) {
            return;
        }
        if self.held.len() >= HELD_MAX {
            self.behind.store(true, Ordering::Relaxed);
            if let Some(figures) = self.figures() {
                figures.put_off.fetch_add(1, Ordering::Relaxed);
            }
            return;
        }
        self.held.insert(delivery.id);
        self.wait(delivery);
    }

    fn wait(&mut self, delivery: Delivery) {
        self.came += 1;
        // By the clock on the wall, which may have been put right since.
        let wait = delivery.next_try_at.since(now()).min(WAIT_MAX);
        if delivery.tries == 0 && wait.is_zero() {
            self.fresh.insert((Reverse(delivery.message.priority), self.came), delivery);
        } else {
            self.again.insert((Instant::now() + wait, self.came), delivery);
        }
    }

    fn start_due(&mut self) {
        while self.flying.len() < self.at_once {
            let Some(delivery) = self.next_due() else { return };
            if delivery.tries > 0
                && let Some(figures) = self.figures()
            {
                figures.retried.fetch_add(1, Ordering::Relaxed);
            }
            let channel = self.channel.clone();
            self.flying.push(Box::pin(async move {
                let result = channel.send(&delivery).await;
                (delivery, result)
            }));
        }
    }

    fn next_due(&mut self) -> Option<Delivery> {
        if let Some((_, delivery)) = self.fresh.pop_first() {
            return Some(delivery);
        }
        let first = self.again.first_entry()?;
        (first.key().0 <= Instant::now()).then(|| first.remove())
    }

    fn settle(&mut self, (mut delivery, result): Outcome) {
        let (id, at) = (delivery.id, now());
        let failure = match result {
            Ok(Receipt { reference }) => {
                if std::mem::take(&mut self.failing) {
                    info!(channel = %self.channel.id(), "messages are delivered again");
                }
                self.add(|figures| &figures.sent);
                return self.end(id, Entry::Sent { id, at, reference });
            }
            Err(failure) => failure,
        };
        let Failure { again, wait, told } = failure;
        self.add(|figures| &figures.failed);
        if !std::mem::replace(&mut self.failing, true) {
            warn!(channel = %self.channel.id(), delivery = %id, told, "a message was not delivered");
        }
        let random = rand::rng().random();
        let next = match again {
            true => delivery.after_failure(at, self.retry_for, wait, random),
            false => Next::GiveUp,
        };
        match next {
            Next::TryAt(next_try) => {
                delivery.tries = delivery.tries.saturating_add(1);
                delivery.next_try_at = next_try;
                put(&self.entries, Entry::Failed { id, at, told, next_try }, &self.figures);
                self.wait(delivery);
            }
            Next::GiveUp => {
                let tries = delivery.tries.saturating_add(1);
                warn!(channel = %self.channel.id(), delivery = %id, tries, told, "a message was given up: it is among the dead letters");
                self.add(|figures| &figures.dead);
                self.end(id, Entry::Dead { id, at, told });
            }
        }
    }

    /// It is no longer held.
    fn end(&mut self, id: DeliveryId, entry: Entry) {
        put(&self.entries, entry, &self.figures);
        self.held.remove(&id);
        if let Some(reading) = &mut self.reading {
            reading.settled.insert(id);
        }
    }

    fn count(&self) {
        if let Some(figures) = self.figures() {
            figures.waiting.store(self.fresh.len() + self.again.len(), Ordering::Relaxed);
            figures.under_way.store(self.flying.len(), Ordering::Relaxed);
        }
    }

    fn add(&self, figure: impl Fn(&ChannelFigures) -> &std::sync::atomic::AtomicU64) {
        if let Some(figures) = self.figures() {
            figure(figures).fetch_add(1, Ordering::Relaxed);
        }
    }

    fn figures(&self) -> Option<&ChannelFigures> {
        self.figures.channels.get(self.channel.id())
    }
}

/// The outbox's answer; never, if nothing was asked. `None`: it could not answer.
async fn answer(reading: &mut Option<Reading>) -> Option<Vec<Delivery>> {
    match reading {
        Some(reading) => (&mut reading.answer).await.ok(),
        None => std::future::pending().await,
    }
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Messages of one channel in memory: some megabytes. What does not fit waits in the outbox.
const HELD_MAX: usize = 1000;

/// The outbox could not be asked, or there was no room for its answer: soon it may.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// For what is under way when the service stops. Most servers answer within a second.
const GRACE: Duration = Duration::from_secs(2);
