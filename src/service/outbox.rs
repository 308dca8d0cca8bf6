//! The store's outbox as the postman knows it. It is read from the store; outcomes are written by
//! the ledger, in order with all else, so that they find their message even when that went through
//! the spool.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

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
}

impl Letters {
    /// Reads from `store`, writes through `ledger`.
    pub fn new(store: Store, ledger: Ledger) -> Self {
        Self { store, ledger }
    }

    /// In memory at the least: then it is tried until it is stored, and to give it again would only
    /// make it wait twice. If the process ends before, the message is sent once more.
    async fn conclude(&self, outcome: Outcome) -> Result<(), StoreError> {
        let rows = AlertRows { outcomes: vec![outcome], ..AlertRows::default() };
        self.ledger.keep(rows).await.map(drop).ok_or(StoreError::Closed)
    }
}

impl Outbox for Letters {
    type Error = StoreError;

    async fn channels(&self) -> Result<Vec<ChannelId>, StoreError> {
        self.store.channels_waited_for().await
    }

    async fn pending(
        &self,
        channel: &ChannelId,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        self.store.pending_deliveries(channel, limit).await
    }

    async fn sent(
        &self,
        id: DeliveryId,
        at: UnixMicros,
        reference: Option<&str>,
    ) -> Result<(), StoreError> {
        self.conclude(Outcome::Sent { id, at, receipt: reference.map(str::to_owned) }).await
    }

    async fn failed(
        &self,
        id: DeliveryId,
        at: UnixMicros,
        told: &str,
        next_try: UnixMicros,
    ) -> Result<(), StoreError> {
        self.conclude(Outcome::Failed { id, at, told: told.to_owned(), next_try }).await
    }

    async fn dead(&self, id: DeliveryId, at: UnixMicros, told: &str) -> Result<(), StoreError> {
        self.conclude(Outcome::Dead { id, at, told: told.to_owned() }).await
    }

    async fn resend(&self, id: DeliveryId, at: UnixMicros) -> Result<Option<Delivery>, StoreError> {
        let row = self.store.delivery(id).await?;
        let Some(row) = row.filter(|row| row.state == DeliveryState::Dead) else { return Ok(None) };
        self.conclude(Outcome::Resent { id, at }).await?;
        Ok(Some(Delivery { created_at: at, next_try_at: at, tries: 0, ..row.delivery }))
    }
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

/// Far longer than a commit.
const OUTCOMES_WITHIN: Duration = Duration::from_secs(2);

/// A lane holds no more.
const SOME: u32 = 1000;
