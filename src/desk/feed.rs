//! What everybody reads of alerts: changes in their order, from the store and from memory as one.
//!
//! Only the ledger writes here, and only what is stored — in the store or, while that fails, in
//! the spool. What the store does not have yet is kept in memory, so that a reader finds no gap.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::Serialize;
use tokio::sync::{broadcast, watch};

use crate::{
    domain::{
        alert::{Alert, AlertId, Change, Seq},
        time::UnixMicros,
    },
    store::{AlertFilter, Numbered, Store, StoreError},
};

/// Changes in memory beside those that the store lacks: who reconnects within minutes is served
/// without a read of the disk. Some 1.5 KB each.
const RECENT: usize = 4096;

/// Changes in memory that the store lacks: an hour and a half of 20 each second, some 150 MB.
/// Beyond it the oldest are in the spool alone; who asks for them is told to take a fresh list.
const UNSTORED_MAX: usize = 100_000;

/// Changes that a follower may be behind in memory; then it reads on from [`AlertFeed::after`].
const FOLLOWED: usize = 1024;

/// How well alerts are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keeping {
    /// In the store.
    #[default]
    Ok,
    /// In the spool: the store fails. They go into the store by themselves when it works again.
    Spooling,
    /// The spool fails too: they wait in memory, and are told to nobody.
    Failing,
}

/// How alerts are stored now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Storage {
    /// How well.
    pub state: Keeping,
    /// Since when; `None` while all is well.
    pub since: Option<UnixMicros>,
    /// Entries that are not in the store yet.
    pub waiting: u64,
    /// What fails and what helps, in a plain English sentence.
    pub reason: Option<String>,
}

/// What became of entries, in totals of this run. Only the ledger counts.
#[derive(Debug, Default)]
pub struct KeptFigures {
    /// Entries that went into the store at once.
    pub stored: AtomicU64,
    /// Entries that went into the spool, because the store failed.
    pub spooled: AtomicU64,
    /// Entries that went from the spool into the store, those of earlier runs among them.
    pub replayed: AtomicU64,
}

impl KeptFigures {
    /// So many more.
    pub fn count(figure: &AtomicU64, entries: usize) {
        figure.fetch_add(entries as u64, Ordering::Relaxed);
    }
}

/// Changes after a number.
#[derive(Clone, Debug, PartialEq)]
pub enum Replay {
    /// The next ones, in order, without a hole. Empty: there are none yet.
    Changes(Vec<Arc<Change>>),
    /// Not all of them are there any more, or never were: take a fresh list of alerts.
    Reset,
}

/// The read side of alerts.
#[derive(Debug)]
pub struct AlertFeed {
    store: Store,
    recent: Mutex<Recent>,
    live: broadcast::Sender<Arc<Change>>,
    storage: watch::Sender<Storage>,
    /// What became of entries.
    pub kept: KeptFigures,
}

#[derive(Debug, Default)]
struct Recent {
    /// In order; the newest ones.
    changes: VecDeque<Arc<Change>>,
    /// The newest that was published.
    head: Seq,
    /// Up to here the store has them.
    stored: Seq,
}

impl AlertFeed {
    /// Goes on from what the store has.
    pub async fn open(store: Store) -> Result<Self, StoreError> {
        let head = store.alert_head().await?;
        let recent = Recent { changes: VecDeque::new(), head, stored: head };
        Ok(Self {
            store,
            recent: Mutex::new(recent),
            live: broadcast::Sender::new(FOLLOWED),
            storage: watch::Sender::default(),
            kept: KeptFigures::default(),
        })
    }

    /// The number of the newest change that was published.
    pub fn head(&self) -> Seq {
        self.recent().head
    }

    /// Changes from now on. Follow first, then read [`Self::after`] until it is empty, then take
    /// those of the followed ones that are newer. Who lags reads `after` again.
    pub fn follow(&self) -> broadcast::Receiver<Arc<Change>> {
        self.live.subscribe()
    }

    /// How alerts are stored, now and from now on.
    pub fn storage(&self) -> watch::Receiver<Storage> {
        self.storage.subscribe()
    }

    /// The first `limit` changes after `after`, or fewer.
    pub async fn after(&self, after: Seq, limit: usize) -> Result<Replay, StoreError> {
        // Memory first: what leaves it meanwhile is in the store, which is read later.
        let (memory, head, whole) = {
            let recent = self.recent();
            let first = recent.changes.front().map_or_else(|| recent.head.next(), |c| c.seq);
            let memory: Vec<_> =
                recent.changes.iter().skip_while(|c| c.seq <= after).take(limit).cloned().collect();
            (memory, recent.head, first <= after.next())
        };
        if after > head {
            // Of another store, or of this one before a backup was put back.
            return Ok(Replay::Reset);
        }
        if whole {
            return Ok(Replay::Changes(memory));
        }
        if after < self.store.alert_horizon().await? {
            return Ok(Replay::Reset);
        }
        let rows = u32::try_from(limit).unwrap_or(u32::MAX);
        let mut changes = self.store.alert_changes(after, rows).await?;
        let last = changes.last().map_or(after, |change| change.seq);
        changes.extend(memory.into_iter().filter(|change| change.seq > last));
        changes.truncate(limit);
        let mut expected = after;
        let whole = changes.iter().all(|change| {
            expected = expected.next();
            change.seq == expected
        });
        Ok(if whole { Replay::Changes(changes) } else { Replay::Reset })
    }

    /// Alerts that are asked for and whose newest change comes after `after`, ordered by it.
    pub async fn alerts(
        &self,
        filter: &AlertFilter,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Numbered>, StoreError> {
        let newer = self.unstored();
        let mut alerts = Vec::new();
        let mut from = after;
        loop {
            let rows = u32::try_from(limit - alerts.len()).unwrap_or(u32::MAX);
            let page = self.store.alerts(filter, from, rows).await?;
            let Some((last, _)) = page.last() else { break };
            from = *last;
            alerts.extend(
                page.into_iter().filter(|(seq, alert)| {
                    newer.get(&alert.id).is_none_or(|(newer, _)| newer <= seq)
                }),
            );
            if alerts.len() >= limit {
                return Ok(alerts);
            }
        }
        // The store has no more; what it lacks is newer than all that it has.
        let mut rest: Vec<_> = newer.into_values().collect();
        rest.retain(|(seq, alert)| {
            *seq > after
                && filter.takes(alert)
                && !alerts.iter().any(|(_, known)| known.id == alert.id)
        });
        rest.sort_by_key(|(seq, _)| *seq);
        alerts.extend(rest);
        alerts.truncate(limit);
        Ok(alerts)
    }

    /// All alerts that are not over, ordered by their newest change.
    pub async fn open_alerts(&self) -> Result<Vec<Numbered>, StoreError> {
        let newer = self.unstored();
        let stored = self.store.open_alerts().await?;
        Ok(merged(newer, stored, Alert::is_open))
    }

    /// All alerts that are not over, and those that have been over since `since`: what the book goes
    /// on from.
    pub async fn alerts_to_restore(&self, since: UnixMicros) -> Result<Vec<Numbered>, StoreError> {
        let newer = self.unstored();
        let mut stored = self.store.alerts_closed_since(since).await?;
        stored.extend(self.store.open_alerts().await?);
        let wanted = |alert: &Alert| alert.is_open() || alert.closed_at >= Some(since);
        Ok(merged(newer, stored, wanted))
    }

    /// One alert.
    pub async fn alert(&self, id: AlertId) -> Result<Option<Numbered>, StoreError> {
        let newer = self.unstored().remove(&id);
        Ok(match (self.store.alert(id).await?, newer) {
            (Some(stored), Some(newer)) => Some(if newer.0 > stored.0 { newer } else { stored }),
            (stored, newer) => stored.or(newer),
        })
    }

    /// The newest `limit` changes of one alert, in order.
    pub async fn changes_of(
        &self,
        id: AlertId,
        limit: usize,
    ) -> Result<Vec<Arc<Change>>, StoreError> {
        let memory: Vec<_> = {
            let recent = self.recent();
            recent.changes.iter().filter(|change| change.alert.id == id).cloned().collect()
        };
        let rows = u32::try_from(limit).unwrap_or(u32::MAX);
        let mut changes = self.store.changes_of_alert(id, rows).await?;
        let last = changes.last().map_or(Seq(0), |change| change.seq);
        changes.extend(memory.into_iter().filter(|change| change.seq > last));
        let too_many = changes.len().saturating_sub(limit);
        changes.drain(..too_many);
        Ok(changes)
    }

    /// Tells everybody of changes that are stored, in the store (`in_store`) or the spool. Only the
    /// ledger calls this. What was told already is not told again.
    pub fn publish(&self, changes: &[Arc<Change>], in_store: bool) {
        let mut recent = self.recent();
        for change in changes {
            if in_store {
                recent.stored = recent.stored.max(change.seq);
            }
            if change.seq > recent.head {
                recent.head = change.seq;
                recent.changes.push_back(change.clone());
                // Nobody follows: then everybody reads.
                let _ = self.live.send(change.clone());
            }
        }
        recent.trim();
    }

    /// Says how alerts are stored. Only the ledger calls this.
    pub fn tell(&self, storage: Storage) {
        self.storage.send_if_modified(|known| {
            let other = *known != storage;
            *known = storage;
            other
        });
    }

    /// The newest of each alert that changed lately: nothing that the store lacks is missing.
    fn unstored(&self) -> HashMap<AlertId, Numbered> {
        let recent = self.recent();
        let changes = recent.changes.iter();
        changes.map(|change| (change.alert.id, (change.seq, change.alert.clone()))).collect()
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the store has, each alert in its newest form, and what it lacks.
fn merged(
    newer: HashMap<AlertId, Numbered>,
    stored: Vec<Numbered>,
    wanted: impl Fn(&Alert) -> bool,
) -> Vec<Numbered> {
    let mut all: BTreeMap<Seq, Arc<Alert>> = BTreeMap::new();
    let known = |seq: Seq, alert: &Alert| newer.get(&alert.id).is_none_or(|(n, _)| *n <= seq);
    all.extend(stored.into_iter().filter(|(seq, alert)| known(*seq, alert)));
    all.extend(newer.into_values().filter(|(_, alert)| wanted(alert)));
    all.into_iter().collect()
}

impl Recent {
    fn trim(&mut self) {
        while let Some(first) = self.changes.front() {
            let stored = first.seq <= self.stored && self.changes.len() > RECENT;
            if !stored && self.changes.len() <= UNSTORED_MAX {
                break;
            }
            self.changes.pop_front();
        }
    }
}
