//! One cause, one condition: when most of a site's cameras are lost within a window, the site is
//! down and its cameras are masked under it.
//!
//! **Counting.** A camera counts as *lost together* with others if it was lost within the window,
//! and as *well* if it is not lost. One that was lost before that, or stayed behind when its site
//! came up, counts as neither: it has a condition of its own, which the site does not touch. Nor
//! does one in maintenance count.
//!
//! **Down.** A site is *broken* if the share of its cameras, those of sites below it included, is
//! lost together, and every site right below it that has such cameras is broken too. It is *gone*
//! if it is broken, at least [`RootCausePolicy::least`] cameras are lost, and not one site below it
//! explains them all. Of a branch, the highest gone site goes down: sites fold upward. It does so
//! once no further camera was lost for `QUIET`, so that a cut which is noticed camera by camera
//! is one condition of the right site, and at the latest `PATIENCE` after it was gone. If it
//! folds only later, the sites below it come up in the same breath, explained by it.
//!
//! **Masks.** The cameras lost together are masked under the site, and whatever is lost below it
//! from then on. One that returns is released at once; lost again, it is masked again.
//!
//! **Up.** When the site has not been broken for its off-delay, by what is still masked, it comes
//! up and what is masked is released to conditions of its own; unless a site below it is gone by
//! those alone, which then goes down in its place. The off-delay is `OFF_DELAY`, and four times
//! the one before if the site was up for less than `STEADY`: a link that flaps is one condition
//! after its second or third fall, while its cameras come and go under it.
//!
//! **Undecided.** The own condition of a camera that was just lost is not worth writing down until
//! its site was given the time to fold (`SETTLE`).

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

mod configure;
mod look;
mod policy;
mod tree;

pub use self::policy::{RootCausePolicy, SiteChange, SiteDown};
use self::{
    policy::SETTLE,
    tree::{Tally, Tree},
};
use crate::domain::camera::{Handle, SiteId};

/// The site tree and who is lost.
#[derive(Clone, Debug)]
pub struct RootCause {
    policy: RootCausePolicy,
    tree: Tree,
    members: BTreeMap<Handle, Member>,
    /// Sites that are down, none below another.
    down: BTreeMap<usize, Down>,
    /// Sites that are gone since, and wait for quiet.
    gone: BTreeMap<usize, Instant>,
    /// When the first of `gone` was: the window does not move while it is waited.
    gone_since: Option<Instant>,
    /// As of the newest look.
    tallies: Vec<Tally>,
    /// Sites that came up, when, and their off-delay then.
    steady: BTreeMap<usize, (Instant, Duration)>,
    lost_at: Option<Instant>,
    /// The tree is another: look again, and tell these.
    changed: bool,
    left: Vec<SiteChange>,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    /// Its place in the tree, if it is in one.
    place: Option<usize>,
    is: Is,
    /// The place of the site that it is masked under.
    mask: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    /// Nothing was heard of it yet, or it is well. At a start a dead site is told by its cameras
    /// being lost one after the other, as at any other time.
    Well,
    /// It counts as neither.
    Withdrawn,
    /// It is lost since.
    Lost {
        since: Instant,
        /// It was in a loss that is over, and is in no other.
        spent: bool,
    },
}

#[derive(Clone, Debug)]
struct Down {
    told: SiteDown,
    off_delay: Duration,
    /// It is not broken since.
    well_since: Option<Instant>,
}

impl RootCause {
    /// Without sites and cameras.
    pub fn new(policy: RootCausePolicy) -> Self {
        Self {
            policy,
            tree: Tree::default(),
            members: BTreeMap::new(),
            down: BTreeMap::new(),
            gone: BTreeMap::new(),
            gone_since: None,
            tallies: Vec::new(),
            steady: BTreeMap::new(),
            lost_at: None,
            changed: false,
            left: Vec::new(),
        }
    }

    /// Judges by another policy from the next tick on.
    pub fn judge_by(&mut self, policy: RootCausePolicy) {
        self.policy = policy;
        self.changed = true;
    }

    /// A camera is lost (`true`: cannot be watched), or is back. One in maintenance is neither, see
    /// [`RootCause::withdraw`].
    pub fn apply(&mut self, now: Instant, camera: Handle, lost: bool) -> Vec<SiteChange> {
        let mut changes = self.tick(now);
        let Some(member) = self.members.get_mut(&camera) else { return changes };
        match (member.is, lost) {
            (Is::Lost { .. }, true) | (Is::Well, false) => return changes,
            (_, true) => {
                member.is = Is::Lost { since: now, spent: false };
                let above = member.place.map(|place| self.tree.upward(place));
                member.mask = above.into_iter().flatten().find(|at| self.down.contains_key(at));
                if member.mask.is_none() {
                    self.lost_at = Some(now);
                }
            }
            (_, false) => (member.is, member.mask) = (Is::Well, None),
        }
        self.look(now, &mut changes);
        changes
    }

    /// Nothing can be said of a camera (it is in maintenance): it counts neither as lost nor as well.
    pub fn withdraw(&mut self, now: Instant, camera: Handle) -> Vec<SiteChange> {
        let mut changes = self.tick(now);
        let Some(member) = self.members.get_mut(&camera) else { return changes };
        if member.is != Is::Withdrawn {
            (member.is, member.mask) = (Is::Withdrawn, None);
            self.look(now, &mut changes);
        }
        changes
    }

    /// What time alone changes, at the moments at which it did. Costs next to nothing when that is
    /// nothing.
    pub fn tick(&mut self, now: Instant) -> Vec<SiteChange> {
        let mut changes = std::mem::take(&mut self.left);
        while let Some(due) = self.next_deadline().filter(|due| *due <= now) {
            self.look(due, &mut changes);
        }
        if std::mem::take(&mut self.changed) {
            self.look(now, &mut changes);
        }
        changes
    }

    /// When time alone may change something.
    pub fn next_deadline(&self) -> Option<Instant> {
        let raise = self.gone.values().filter_map(|since| self.ripe_at(*since));
        let clear = self
            .down
            .values()
            .filter_map(|down| down.well_since.and_then(|since| since.checked_add(down.off_delay)));
        raise.chain(clear).min()
    }

    /// Whether a camera that is lost may yet be masked: it was lost a short while ago, and its site
    /// may turn out to be the cause. Until this is `false` its own condition is not written down.
    pub fn undecided(&self, camera: Handle, now: Instant) -> bool {
        let Some(Member { place: Some(place), is, mask: None }) = self.members.get(&camera) else {
            return false;
        };
        let Is::Lost { since, spent: false } = is else { return false };
        let early = now.saturating_duration_since(*since) < SETTLE;
        let enough = |at: usize| {
            self.tallies.get(at).is_some_and(|tally| tally.lost + tally.well >= self.policy.least)
        };
        let above = || self.tree.upward(*place);
        early && above().any(enough) || above().any(|at| self.gone.contains_key(&at))
    }

    /// The site that this camera is masked under.
    pub fn masked_by(&self, camera: Handle) -> Option<&SiteId> {
        self.members.get(&camera)?.mask.map(|place| self.tree.id(place))
    }

    /// All sites that are down.
    pub fn down(&self) -> Vec<SiteDown> {
        self.down.values().map(|down| down.told.clone()).collect()
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
