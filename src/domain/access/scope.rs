//! Where a role holds: everywhere, or at some sites and all below them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::role::Role;
use crate::domain::{camera::SiteId, site::Site};

/// A role, and where it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What it allows.
    pub role: Role,
    /// Where.
    pub scope: Scope,
}

/// Where a grant holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Everywhere: also where there is no site, and for the service itself.
    All,
    /// At these sites and those below them. None: nowhere.
    Sites(BTreeSet<SiteId>),
}

impl Scope {
    /// Whether it covers a site, or what has none.
    pub fn covers(&self, site: Option<&SiteId>, tree: &SiteTree) -> bool {
        match (self, site) {
            (Self::All, _) => true,
            // What hangs from no site is nobody's part of the whole.
            (Self::Sites(_), None) => false,
            (Self::Sites(sites), Some(site)) => tree.lineage(site).any(|site| sites.contains(site)),
        }
    }

    /// Whether it holds at no place at all.
    pub fn is_nowhere(&self) -> bool {
        matches!(self, Self::Sites(sites) if sites.is_empty())
    }
}

/// Which site is above which, as configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteTree {
    parents: BTreeMap<SiteId, Option<SiteId>>,
}

impl SiteTree {
    /// The tree of these sites.
    pub fn new(sites: &[Site]) -> Self {
        let parent = |site: &Site| (site.id.clone(), site.parent.clone());
        Self { parents: sites.iter().map(parent).collect() }
    }

    /// A site and those above it, from the bottom. Nothing for a site that is not configured: what
    /// is left of it (an old alert) is covered by [`Scope::All`] alone.
    pub fn lineage<'a>(&'a self, site: &SiteId) -> impl Iterator<Item = &'a SiteId> {
        let first = self.parents.get_key_value(site).map(|(site, _)| site);
        let above = |site: &&'a SiteId| {
            let parent = self.parents.get(*site)?.as_ref()?;
            self.parents.get_key_value(parent).map(|(site, _)| site)
        };
        // The configuration has no cycle; this would end in one too.
        std::iter::successors(first, above).take(self.parents.len())
    }
}
