//! How delivering goes, in figures: counted by `service::postman`, shown by `http`.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, AtomicUsize},
};

use crate::domain::roster::ChannelId;

/// Of all channels.
#[derive(Debug, Default)]
pub struct Figures {
    /// Of each channel that is configured.
    pub channels: BTreeMap<ChannelId, ChannelFigures>,
    /// Outcomes that could not be written down because too many waited: those messages are sent
    /// again.
    pub outcomes_dropped: AtomicU64,
    /// Times that the outbox failed.
    pub outbox_failures: AtomicU64,
}

/// Of one channel, in totals but for what waits and what is under way.
#[derive(Debug, Default)]
pub struct ChannelFigures {
    /// Messages that the other side confirmed.
    pub sent: AtomicU64,
    /// Tries that failed.
    pub failed: AtomicU64,
    /// Tries that followed a failed one.
    pub retried: AtomicU64,
    /// Messages given up.
    pub dead: AtomicU64,
    /// Messages that found no room in memory; they are read from the store later.
    pub put_off: AtomicU64,
    /// Messages that wait for their first or next try.
    pub waiting: AtomicUsize,
    /// Tries under way.
    pub under_way: AtomicUsize,
}

impl Figures {
    /// Nothing yet, for these channels.
    pub fn new(channels: impl IntoIterator<Item = ChannelId>) -> Self {
        let channels = channels.into_iter().map(|id| (id, ChannelFigures::default())).collect();
        Self { channels, ..Self::default() }
    }
}
