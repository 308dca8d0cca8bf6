//! An outbox in memory, which can be told to fail.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use watchwall::{
    domain::{
        alert::delivery::{Delivery, DeliveryId},
        roster::ChannelId,
        time::UnixMicros,
    },
    service::postman::Outbox,
};

/// Deliveries and what became of them.
#[derive(Default)]
pub(crate) struct Memory {
    rows: Mutex<BTreeMap<DeliveryId, Row>>,
    /// While it is set, nothing is read or written.
    pub(crate) fails: AtomicBool,
}

/// One delivery.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// As it is now.
    pub(crate) delivery: Delivery,
    /// Where it stands.
    pub(crate) state: State,
    /// Why tries failed, in their order.
    pub(crate) told: Vec<String>,
}

/// Where a delivery stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    Sent(Option<String>),
    Dead,
}

/// It was told to fail.
#[derive(Debug, thiserror::Error)]
#[error("the disk is full")]
pub(crate) struct Full;

impl Memory {
    /// Stores deliveries, as the ledger does before it posts them.
    pub(crate) fn store(&self, deliveries: &[Delivery]) {
        let mut rows = self.rows();
        for delivery in deliveries {
            let row = Row { delivery: delivery.clone(), state: State::Waiting, told: Vec::new() };
            rows.insert(delivery.id, row);
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Row> {
        self.rows().values().cloned().collect()
    }

    /// One of them.
    pub(crate) fn row(&self, id: DeliveryId) -> Row {
        self.rows().get(&id).cloned().expect("it was stored")
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<DeliveryId, Row>> {
        self.rows.lock().expect("nobody panics with it")
    }

    fn settle(&self, id: DeliveryId, change: impl FnOnce(&mut Row)) -> Result<(), Full> {
        self.works()?;
        let mut rows = self.rows();
        if let Some(row) = rows.get_mut(&id).filter(|row| row.state == State::Waiting) {
            change(row);
        }
        Ok(())
    }

    fn works(&self) -> Result<(), Full> {
        if self.fails.load(Ordering::Relaxed) { Err(Full) } else { Ok(()) }
    }
}

impl Outbox for Memory {
    type Error = Full;

    async fn channels(&self) -> Result<Vec<ChannelId>, Full> {
        self.works()?;
        let waiting = self.all().into_iter().filter(|row| row.state == State::Waiting);
        let mut channels: Vec<_> = waiting.map(|row| row.delivery.channel).collect();
        channels.sort();
        channels.dedup();
        Ok(channels)
    }

    async fn pending(&self, channel: &ChannelId, limit: usize) -> Result<Vec<Delivery>, Full> {
        self.works()?;
        let waiting = self.all().into_iter().filter(|row| row.state == State::Waiting);
        let mut waiting: Vec<_> = waiting.map(|row| row.delivery).collect();
        waiting.retain(|delivery| delivery.channel == *channel);
        waiting.sort_by_key(|delivery| delivery.seq);
        waiting.truncate(limit);
        Ok(waiting)
    }

    async fn sent(
        &self,
        id: DeliveryId,
        _: UnixMicros,
        reference: Option<&str>,
    ) -> Result<(), Full> {
        self.settle(id, |row| row.state = State::Sent(reference.map(str::to_owned)))
    }

    async fn failed(
        &self,
        id: DeliveryId,
        _: UnixMicros,
        told: &str,
        next_try: UnixMicros,
    ) -> Result<(), Full> {
        self.settle(id, |row| {
            row.told.push(told.to_owned());
            row.delivery.tries += 1;
            row.delivery.next_try_at = next_try;
        })
    }

    async fn dead(&self, id: DeliveryId, _: UnixMicros, told: &str) -> Result<(), Full> {
        self.settle(id, |row| {
            row.told.push(told.to_owned());
            row.state = State::Dead;
        })
    }

    async fn resend(&self, id: DeliveryId, at: UnixMicros) -> Result<Option<Delivery>, Full> {
        self.works()?;
        let mut rows = self.rows();
        let Some(row) = rows.get_mut(&id).filter(|row| row.state == State::Dead) else {
            return Ok(None);
        };
        row.state = State::Waiting;
        row.delivery.tries = 0;
        (row.delivery.created_at, row.delivery.next_try_at) = (at, at);
        Ok(Some(row.delivery.clone()))
    }
}
