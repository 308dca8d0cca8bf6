//! The site tree as one looks at it: parents before children, and sums from the leaves up.

use std::collections::{BTreeMap, BTreeSet};

use super::RootCausePolicy;
use crate::domain::{camera::SiteId, site::Site};

/// Sites by their place in the tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// Parents come before their children.
    nodes: Vec<Node>,
    places: BTreeMap<SiteId, usize>,
}

#[derive(Clone, Debug)]
struct Node {
    id: SiteId,
    parent: Option<usize>,
}

/// What there is of cameras at a site and below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Lost together.
    pub(super) lost: usize,
    /// Not lost.
    pub(super) well: usize,
    /// Of the lost ones, those that hang from the site itself.
    own: usize,
    /// Sites right below it that have lost some.
    parts: usize,
    /// A site right below it has cameras and is not broken.
    holds: bool,
}

impl Tree {
    /// Sites that hang from a parent that is not there hang from the centre. Those in a ring, which
    /// the configuration does not let pass, are in no tree and are left out.
    pub(super) fn new(sites: &[Site]) -> Self {
        let ids: BTreeSet<&SiteId> = sites.iter().map(|site| &site.id).collect();
        let mut below: BTreeMap<Option<SiteId>, Vec<&SiteId>> = BTreeMap::new();
        for site in sites {
            let parent = site.parent.clone().filter(|parent| ids.contains(parent));
            below.entry(parent).or_default().push(&site.id);
        }
        let mut tree = Self::default();
        let tops = below.get(&None).into_iter().flatten();
        let mut waiting: Vec<(Option<usize>, &SiteId)> = tops.map(|id| (None, *id)).collect();
        while let Some((parent, id)) = waiting.pop() {
            // A site that is listed twice counts once.
            if tree.places.contains_key(id) {
                continue;
            }
            let place = tree.nodes.len();
            tree.nodes.push(Node { id: id.clone(), parent });
            tree.places.insert(id.clone(), place);
            let children = below.get(&Some(id.clone())).into_iter().flatten();
            waiting.extend(children.map(|child| (Some(place), *child)));
        }
        tree
    }

    pub(super) fn place(&self, site: &SiteId) -> Option<usize> {
        self.places.get(site).copied()
    }

    pub(super) fn id(&self, place: usize) -> &SiteId {
        &self.nodes[place].id
    }

    pub(super) fn parent(&self, place: usize) -> Option<usize> {
        self.nodes[place].parent
    }

    /// All places, parents before their children.
    pub(super) fn places(&self) -> std::ops::Range<usize> {
        0..self.nodes.len()
    }

    /// A site and all above it, from below.
    pub(super) fn upward(&self, place: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(place), |place| self.nodes[*place].parent)
    }

    /// Whether a site is another one or below it.
    pub(super) fn under(&self, place: usize, top: usize) -> bool {
        self.upward(place).any(|place| place == top)
    }

    /// Sums over all sites, of cameras that count: each with its place and whether it is lost.
    pub(super) fn tally(
        &self,
        policy: RootCausePolicy,
        cameras: impl Iterator<Item = (usize, bool)>,
    ) -> Vec<Tally> {
        let mut tallies = vec![Tally::default(); self.nodes.len()];
        for (place, lost) in cameras {
            let tally = &mut tallies[place];
            tally.lost += usize::from(lost);
            tally.own += usize::from(lost);
            tally.well += usize::from(!lost);
        }
        for place in self.places().rev() {
            let tally = tallies[place];
            if let Some(parent) = self.nodes[place].parent.filter(|_| tally.lost + tally.well > 0) {
                let parent = &mut tallies[parent];
                parent.lost += tally.lost;
                parent.well += tally.well;
                parent.parts += usize::from(tally.lost > 0);
                parent.holds |= !tally.broken(policy);
            }
        }
        tallies
    }
}

impl Tally {
    /// Most cameras are lost, and no site below it holds out.
    pub(super) fn broken(&self, policy: RootCausePolicy) -> bool {
        let most = self.lost as f64 >= policy.share * (self.lost + self.well) as f64;
        self.lost > 0 && most && !self.holds
    }

    /// It is broken, enough cameras say so, and not one site below it explains all of them.
    pub(super) fn gone(&self, policy: RootCausePolicy) -> bool {
        let explained = self.own == 0 && self.parts == 1;
        self.broken(policy) && self.lost >= policy.least && !explained
    }
}
