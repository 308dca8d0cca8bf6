//! The store's outbox as the postman knows it. It is read from the store; outcomes are written by
//! the ledger, in order with all else, so that they find their message even when that went through
//! the spool.

use std::{sync::Arc, time::Duration};

use tokio::{sync::mpsc, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    ledger::Ledger,
    postman::{Outbox, Postman},
};
use crate::{
    desk::feed::{AlertFeed, Keeping},
    domain::{
        alert::delivery::{Delivery, DeliveryId},
        roster::ChannelId,
        time::UnixMicros,
    },
    store::{AlertRows, DeliveryState, Outcome, Store, StoreError},
};

/// Messages to send, in the store.
#[derive(Clone, Debug)]
pub struct Letters {
    store: Store,
    ledger: Ledger,
    feed: Arc<AlertFeed>,
}

/// Why it could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum Unasked {
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Messages, and what became of them, are in the spool: the store's list would leave out the
    /// ones and name others that are delivered already.
    #[error("the store fails, and what it lacks waits in the spool")]
    Spooling,
}

impl Letters {
    /// Reads from `store` while `feed` says that it has all, writes through `ledger`.
    pub fn new(store: Store, ledger: Ledger, feed: Arc<AlertFeed>) -> Self {
        Self { store, ledger, feed }
    }

    /// Whether the store has all that there is.
    fn has_all(&self) -> Result<(), Unasked> {
        let state = self.feed.storage().borrow().state;
        if state == Keeping::Ok { Ok(()) } else { Err(Unasked::Spooling) }
    }

    /// In memory at the least: then it is tried until it is stored, and to give it again would only
    /// make it wait twice. If the process ends before, the message is sent once more.
    async fn conclude(&self, outcome: Outcome) -> Result<(), Unasked> {
        let rows = AlertRows { outcomes: vec![outcome], ..AlertRows::default() };
        self.ledger.keep(rows).await.map(drop).ok_or(Unasked::Store(StoreError::Closed))
    }
}

impl Outbox for Letters {
    type Error = Unasked;

    async fn channels(&self) -> Result<Vec<ChannelId>, Unasked> {
        Ok(self.store.channels_waited_for().await?)
    }

    async fn pending(&self, channel: &ChannelId, limit: usize) -> Result<Vec<Delivery>, Unasked> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        self.has_all()?;
        let pending = self.store.pending_deliveries(channel, limit).await?;
        // It may have begun to fail meanwhile.
        self.has_all()?;
        Ok(pending)
    }

    async fn sent(
        &self,
        id: DeliveryId,
        at: UnixMicros,
        reference: Option<&str>,
    ) -> Result<(), Unasked> {
        self.conclude(Outcome::Sent { id, at, receipt: reference.map(str::to_owned) }).await
    }

    async fn failed(
        &self,
        id: DeliveryId,
        at: UnixMicros,
        told: &str,
        next_try: UnixMicros,
    ) -> Result<(), Unasked> {
        self.conclude(Outcome::Failed { id, at, told: told.to_owned(), next_try }).await
    }

    async fn dead(&self, id: DeliveryId, at: UnixMicros, told: &str) -> Result<(), Unasked> {
        self.conclude(Outcome::Dead { id, at, told: told.to_owned() }).await
    }

    async fn resend(&self, id: DeliveryId, at: UnixMicros) -> Result<Option<Delivery>, Unasked> {
        let row = self.store.delivery(id).await?;
        let Some(row) = row.filter(|row| row.state == DeliveryState::Dead) else { return Ok(None) };
        self.conclude(Outcome::Resent { id, at }).await?;
        Ok(Some(Delivery { created_at: at, next_try_at: at, tries: 0, ..row.delivery }))
    }
}

/// Where the ledger puts messages that are stored: they go to the postman until `shutdown`. Not the
/// postman itself, which may give the ledger something: the ledger ends after all who may.
pub fn counter(
    postman: Postman<Letters>,
    tasks: &TaskTracker,
    shutdown: &CancellationToken,
) -> impl Fn(Vec<Delivery>) + Send + 'static {
    let (put, mut taken) = mpsc::channel(WAITING);
    let end = shutdown.clone();
    tasks.spawn(async move {
        while let Some(Some(some)) = end.run_until_cancelled(taken.recv()).await {
            postman.post(some);
        }
    });
    // What finds no room is in the outbox, and the next process sends it.
    move |some| _ = put.try_send(some)
}

/// What the postman turned away while the store failed is not in the outbox that it looks through.
/// It is once all is stored: then it is handed to the postman again, until `shutdown`.
pub async fn hand_over_after_trouble(
    store: Store,
    feed: Arc<AlertFeed>,
    postman: Postman<Letters>,
    shutdown: CancellationToken,
) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = hand_over(&store, &feed, &postman) => {}
    }
}

async fn hand_over(store: &Store, feed: &AlertFeed, postman: &Postman<Letters>) {
    let mut storage = feed.storage();
    while storage.wait_for(|storage| storage.state != Keeping::Ok).await.is_ok() {
        if storage.wait_for(|storage| storage.state == Keeping::Ok).await.is_err() {
            return;
        }
        // Outcomes that are under way are written first.
        sleep(OUTCOMES_WITHIN).await;
        for channel in store.channels_waited_for().await.unwrap_or_default() {
            let some = store.pending_deliveries(&channel, SOME).await.unwrap_or_default();
            // Those that it has already it knows.
            postman.post(some);
        }
    }
}

/// Entries of the ledger whose messages wait; the postman takes them at once.
const WAITING: usize = 1024;

/// Far longer than a commit.
const OUTCOMES_WITHIN: Duration = Duration::from_secs(2);

/// A route holds no more.
const SOME: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{desk::feed::Storage, service::ledger};

    #[tokio::test]
    async fn while_messages_are_in_the_spool_the_store_is_not_asked_which_wait() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("watchwall.db")).await.expect("a store");
        let spool = folder.path().join("spool");
        let opened = ledger::open(store.clone(), spool).await.expect("a ledger");
        let letters = Letters::new(store, opened.ledger, opened.feed.clone());
        let channel = "sms".try_into().expect("an id");
        assert_eq!(letters.pending(&channel, 10).await.expect("none"), []);
        opened.feed.tell(Storage { state: Keeping::Spooling, ..Storage::default() });
        let refused = letters.pending(&channel, 10).await.expect_err("it lacks some");
        assert!(matches!(refused, Unasked::Spooling), "{refused}");
        opened.feed.tell(Storage::default());
        assert_eq!(letters.pending(&channel, 10).await.expect("none"), []);
    }
}
