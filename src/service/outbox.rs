//! The store as the postman sees it.

use std::sync::Arc;

use super::postman::Outbox;
use crate::{
    domain::{
        alert::delivery::{Delivery, DeliveryId},
        roster::ChannelId,
        time::UnixMicros,
    },
    store::{AlertRows, DeliveryState, Outcome, Store, StoreError},
};

impl Outbox for Store {
    type Error = StoreError;

    async fn channels(&self) -> Result<Vec<ChannelId>, StoreError> {
        self.pending_channels().await
    }

    async fn pending(
        &self,
        channel: &ChannelId,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.pending_deliveries(channel, u32::try_from(limit).unwrap_or(u32::MAX)).await
    }

    async fn sent(
        &self,
        id: DeliveryId,
        at: UnixMicros,
        reference: Option<&str>,
    ) -> Result<(), StoreError> {
        let receipt = reference.map(str::to_owned);
        conclude(self, id, |outcome| Outcome {
            state: DeliveryState::Sent,
            sent_at: Some(at),
            receipt,
            ..outcome
        })
        .await
    }

    async fn failed(
        &self,
        id: DeliveryId,
        _at: UnixMicros,
        told: &str,
        next_try: UnixMicros,
    ) -> Result<(), StoreError> {
        let told = Some(told.to_owned());
        conclude(self, id, |outcome| Outcome {
            tries: outcome.tries + 1,
            next_try_at: next_try,
            told,
            ..outcome
        })
        .await
    }

    async fn dead(&self, id: DeliveryId, _at: UnixMicros, told: &str) -> Result<(), StoreError> {
        let told = Some(told.to_owned());
        conclude(self, id, |outcome| Outcome {
            state: DeliveryState::Dead,
            tries: outcome.tries + 1,
            told,
            ..outcome
        })
        .await
    }

    async fn resend(&self, id: DeliveryId, at: UnixMicros) -> Result<Option<Delivery>, StoreError> {
        let row = self.delivery(id).await?.filter(|row| row.state == DeliveryState::Dead);
        let Some(row) = row else { return Ok(None) };
        let new = Delivery { created_at: at, next_try_at: at, tries: 0, ..row.delivery };
        let outcomes = vec![Outcome::pending(&new)];
        self.write_alerts(vec![Arc::new(AlertRows { outcomes, ..AlertRows::default() })]).await?;
        Ok(Some(new))
    }
}

/// Writes down what became of a message that waits. The postman alone does, one after the other. Of
/// a message that is in the spool yet nothing is known here: it is sent again later.
async fn conclude(
    store: &Store,
    id: DeliveryId,
    change: impl FnOnce(Outcome) -> Outcome,
) -> Result<(), StoreError> {
    let row = store.delivery(id).await?.filter(|row| row.state == DeliveryState::Pending);
    let Some(row) = row else { return Ok(()) };
    let outcomes = vec![change(Outcome::pending(&row.delivery))];
    store.write_alerts(vec![Arc::new(AlertRows { outcomes, ..AlertRows::default() })]).await
}
