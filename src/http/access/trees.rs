//! The site tree as rights need it, made anew only when the sites are others.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::{
    desk::view::{SiteView, View},
    domain::{access::SiteTree, site::Site},
};

/// The tree of the sites that were seen last.
#[derive(Debug, Default)]
pub(in crate::http) struct Trees(ArcSwapOption<Known>);

#[derive(Debug)]
struct Known {
    sites: Arc<Vec<Arc<SiteView>>>,
    tree: Arc<SiteTree>,
}

impl Trees {
    /// The tree as it is now.
    pub(in crate::http) fn of(&self, view: &View) -> Arc<SiteTree> {
        let sites = view.sites.load_full();
        if let Some(known) = &*self.0.load()
            && Arc::ptr_eq(&known.sites, &sites)
        {
            return known.tree.clone();
        }
        let site = |site: &Arc<SiteView>| Site {
            id: site.id.clone(),
            name: String::new(),
            parent: site.parent.clone(),
        };
        let tree = Arc::new(SiteTree::new(&sites.iter().map(site).collect::<Vec<_>>()));
        self.0.store(Some(Arc::new(Known { sites, tree: tree.clone() })));
        tree
    }
}
