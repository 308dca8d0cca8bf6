//! How much comes, of which priority: floods and the mix.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Instant,
};

use super::{
    super::{Flood, Mix, Priority},
    BookPolicy,
};
use crate::domain::{
    roster::PositionId,
    time::{Moment, UnixMicros},
};

#[derive(Debug)]
pub(super) struct Load {
    policy: BookPolicy,
    positions: BTreeMap<PositionId, Inflow>,
    changed: BTreeSet<PositionId>,
    /// Priorities of the newest alerts, oldest first.
    newest: VecDeque<Priority>,
}

/// What one position got.
#[derive(Debug, Default)]
struct Inflow {
    /// When, oldest first. Bounded: past [`KEPT`] the oldest goes, which ends a flood no sooner than
    /// it would.
    opened: VecDeque<Instant>,
    flood: Option<UnixMicros>,
}

/// Far more than begins a flood.
const KEPT: usize = 10_000;

impl Load {
    pub(super) fn new(policy: BookPolicy) -> Self {
        let (positions, changed) = (BTreeMap::new(), BTreeSet::new());
        Self { policy, positions, changed, newest: VecDeque::new() }
    }

    /// One more alert for a position, at `opened`.
    pub(super) fn opened(
        &mut self,
        at: Moment,
        opened: Instant,
        position: &PositionId,
        priority: Priority,
    ) {
        if self.newest.len() >= self.policy.mix_of {
            self.newest.pop_front();
        }
        self.newest.push_back(priority);
        self.arrived(at, opened, position);
    }

    /// As `opened`, but what priority it had is known no more.
    pub(super) fn arrived(&mut self, at: Moment, opened: Instant, position: &PositionId) {
        let inflow = self.positions.entry(position.clone()).or_default();
        if inflow.opened.len() >= KEPT {
            inflow.opened.pop_front();
        }
        inflow.opened.push_back(opened);
        self.tick(at);
    }

    pub(super) fn tick(&mut self, at: Moment) {
        let policy = self.policy;
        for (position, inflow) in &mut self.positions {
            while let Some(first) = inflow.opened.front()
                && *first + policy.flood_within <= at.now
            {
                inflow.opened.pop_front();
            }
            let many = inflow.opened.len();
            let flood = match inflow.flood {
                Some(since) => (many >= policy.flood_under).then_some(since),
                None => (many > policy.flood_over).then_some(at.unix),
            };
            if flood.is_some() != inflow.flood.is_some() {
                self.changed.insert(position.clone());
            }
            inflow.flood = flood;
        }
        self.positions.retain(|_, inflow| !inflow.opened.is_empty());
    }

    /// When a flood may end next, or an alert is no longer new.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let flooded = self.positions.values().filter(|inflow| inflow.flood.is_some());
        flooded.filter_map(|inflow| Some(*inflow.opened.front()? + self.policy.flood_within)).min()
    }

    pub(super) fn flood(&self, position: &PositionId) -> Option<Flood> {
        let inflow = self.positions.get(position)?;
        let in_ten_minutes = u32::try_from(inflow.opened.len()).unwrap_or(u32::MAX);
        inflow.flood.map(|since| Flood { since, in_ten_minutes })
    }

    pub(super) fn changed(&mut self) -> Vec<(PositionId, Option<Flood>)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().map(|position| (position.clone(), self.flood(&position))).collect()
    }

    pub(super) fn mix(&self) -> Mix {
        let of = |priority| self.newest.iter().filter(|newest| **newest == priority).count();
        let many = |priority| u32::try_from(of(priority)).unwrap_or(u32::MAX);
        Mix::of(many(Priority::High), many(Priority::Medium), many(Priority::Low))
    }
}
