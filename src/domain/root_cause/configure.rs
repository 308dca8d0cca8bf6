//! Another tree, or other cameras: what is known of those that stay is kept.

use std::collections::BTreeMap;

use super::{Is, Member, RootCause, SiteChange, tree::Tree};
use crate::domain::{
    camera::{Handle, SiteId},
    site::Site,
};

impl RootCause {
    /// A new tree, and which camera hangs where. Cameras that stay keep what is known of them. The
    /// next tick tells what changes by it.
    pub fn configure(&mut self, sites: &[Site], cameras: &[(Handle, Option<SiteId>)]) {
        let before = std::mem::replace(&mut self.tree, Tree::new(sites));
        let place = |old: usize| self.tree.place(before.id(old));
        let mut down = BTreeMap::new();
        for (old, site) in std::mem::take(&mut self.down) {
            match place(old) {
                Some(new) => _ = down.insert(new, site),
                None => self.left.push(SiteChange::Up(site.told.site)),
            }
        }
        // A site that hangs below another one that is down is explained by that.
        let tops: Vec<usize> = down.keys().copied().collect();
        let explained =
            |place: usize| tops.iter().any(|top| *top != place && self.tree.under(place, *top));
        down.retain(|place, site| {
            let explained = explained(*place);
            if explained {
                self.left.push(SiteChange::Up(site.told.site.clone()));
            }
            !explained
        });
        let steady = std::mem::take(&mut self.steady);
        let steady = steady.into_iter().filter_map(|(old, was)| Some((place(old)?, was))).collect();
        let known = std::mem::take(&mut self.members);
        let members = cameras.iter().map(|(camera, site)| {
            let known = known.get(camera).copied();
            let mut member = known.unwrap_or(Member { place: None, is: Is::Well, mask: None });
            member.place = site.as_ref().and_then(|site| self.tree.place(site));
            if member.mask.take().is_some() {
                let above = member.place.map(|place| self.tree.upward(place));
                member.mask = above.into_iter().flatten().find(|place| down.contains_key(place));
                if let (None, Is::Lost { spent, .. }) = (member.mask, &mut member.is) {
                    *spent = true;
                }
            }
            (*camera, member)
        });
        self.members = members.collect();
        (self.down, self.steady) = (down, steady);
        self.gone.clear();
        self.gone_since = None;
        self.tallies.clear();
        self.changed = true;
    }
}
