//! Reads `[[position]]`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::super::{
    camera::NAME_MAX,
    document::Entry,
    fault::Fault,
    named::{Names, id, names},
    rules::several,
};
use crate::domain::{
    camera::SiteId,
    roster::{Position, PositionId},
    site::Site,
};

/// The positions, and every id that was declared, so that one mistake is not told again at each
/// place that names it. A configuration without one gets a desk for everything.
pub(in crate::config) fn positions(
    file: &Arc<str>,
    entries: Vec<Entry>,
    sites: &BTreeSet<SiteId>,
) -> (Vec<Position>, BTreeSet<PositionId>, Vec<Fault>) {
    if entries.is_empty() {
        let desk = Position::desk();
        return (vec![desk.clone()], BTreeSet::from([desk.id]), Vec::new());
    }
    let mut seen = BTreeMap::new();
    let mut taken: BTreeMap<SiteId, PositionId> = BTreeMap::new();
    let (positions, faults) = several(file, "position", entries, |section| {
        let id = id(section, "position", &mut seen);
        let name = section.text("name", NAME_MAX);
        let scope = section.has("sites").then(|| names(section, "sites", &Names::sites(sites)));
        for site in scope.iter().flatten() {
            let Some(id) = &id else { continue };
            if let Some(other) = taken.insert(site.clone(), id.clone()) {
                let problem = format!("the site {site} is that of the position {other} too");
                section.fault_here("sites", problem, "give each site to one position");
            }
        }
        let name = name.map(|name| name.value);
        let named = |id: PositionId| {
            let name = name.unwrap_or_else(|| id.to_string());
            Position { id, name, sites: scope }
        };
        id.map(named)
    });
    (positions.into_iter().flatten().collect(), seen.into_keys().collect(), faults)
}

/// Sites whose alerts are nobody's by their place, if every position names its own.
pub(in crate::config) fn uncovered(positions: &[Position], sites: &[Site]) -> Vec<SiteId> {
    if positions.iter().any(|position| position.sites.is_none()) {
        return Vec::new();
    }
    let mut covered: BTreeSet<&SiteId> =
        positions.iter().flat_map(|p| p.sites.iter().flatten()).collect();
    // Parents come before children.
    for site in sites {
        if site.parent.as_ref().is_some_and(|parent| covered.contains(parent)) {
            covered.insert(&site.id);
        }
    }
    sites.iter().map(|site| &site.id).filter(|site| !covered.contains(site)).cloned().collect()
}
