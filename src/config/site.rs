//! The site tree: every parent exists, no site is its own ancestor.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    camera::{NAME_MAX, slug, unknown_site},
    document::{Entry, Place},
    fault::Fault,
    section::{Section, Spotted, fault},
};
use crate::domain::{camera::SiteId, site::Site};

/// The sites, parents before children, and every id that was declared, even where the rest of the
/// section is wrong, so that one mistake is not told again at each camera.
#[derive(Default)]
pub(super) struct Sites {
    pub(super) sites: Vec<Site>,
    pub(super) declared: BTreeSet<SiteId>,
    pub(super) faults: Vec<Fault>,
}

pub(super) fn check(file: &Arc<str>, entries: Vec<Entry>) -> Sites {
    let mut all = Sites::default();
    let mut parents: BTreeMap<SiteId, (usize, Spotted<SiteId>)> = BTreeMap::new();
    let mut sections = Vec::new();
    for (index, entry) in entries.into_iter().enumerate() {
        let mut section = Section::new(file, format!("site[{index}]"), entry);
        let id = slug(&mut section, "id");
        match &id {
            None => section.missing("id", "write id = \"…\", unique, from a-z, 0-9 and '-'"),
            Some(id) if !all.declared.insert(id.value.clone()) => {
                section.fault(
                    "id",
                    id.at.clone(),
                    format!("the site {} is declared twice", id.value),
                    "remove one of the two",
                );
            }
            Some(_) => {}
        }
        let name = section.text("name", NAME_MAX);
        let parent = slug(&mut section, "parent");
        if let (Some(id), Some(parent)) = (&id, &parent) {
            parents.entry(id.value.clone()).or_insert_with(|| (index, parent.clone()));
        }
        if let Some(id) = id {
            let name = name.map_or_else(|| id.value.to_string(), |name| name.value);
            all.sites.push(Site { id: id.value, name, parent: parent.map(|parent| parent.value) });
        }
        sections.push(section);
    }
    for (index, parent) in parents.values() {
        if !all.declared.contains(&parent.value) {
            let problem = format!("there is no site {}", parent.value);
            sections[*index].fault(
                "parent",
                parent.at.clone(),
                problem,
                unknown_site(&parent.value, &all.declared),
            );
        }
    }
    all.faults.extend(sections.into_iter().flat_map(Section::finish));
    all.faults.extend(cycles(file, &parents));
    if all.faults.is_empty() {
        parents_first(&mut all.sites);
    }
    all
}

/// One fault for each ring of parents, at its first site in the file.
fn cycles(file: &str, parents: &BTreeMap<SiteId, (usize, Spotted<SiteId>)>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut told: BTreeSet<&SiteId> = BTreeSet::new();
    let mut in_file_order: Vec<_> = parents.iter().collect();
    in_file_order.sort_by_key(|(_, (index, _))| *index);
    for (start, (index, parent)) in in_file_order {
        let mut chain = vec![start];
        let mut above = &parent.value;
        while above != start && !chain.contains(&above) {
            chain.push(above);
            let Some((_, next)) = parents.get(above) else { break };
            above = &next.value;
        }
        if above == start && !chain.iter().any(|site| told.contains(site)) {
            told.extend(&chain);
            let ring: Vec<&str> = chain.iter().chain([&start]).map(|site| site.as_str()).collect();
            let problem = format!("the sites hang in a ring: {}", ring.join(" → "));
            let at: &Place = &parent.at;
            faults.push(fault(
                file,
                at,
                format!("site[{index}].parent"),
                problem,
                "let one of them hang from the centre: remove its parent",
            ));
        }
    }
    faults
}

/// Stable: the file's order wherever the tree allows it.
fn parents_first(sites: &mut Vec<Site>) {
    let mut placed: BTreeSet<SiteId> = BTreeSet::new();
    let mut waiting = std::mem::take(sites);
    while !waiting.is_empty() {
        let (ready, rest): (Vec<Site>, Vec<Site>) = waiting
            .into_iter()
            .partition(|site| site.parent.as_ref().is_none_or(|parent| placed.contains(parent)));
        assert!(!ready.is_empty(), "there is no cycle and every parent is declared");
        placed.extend(ready.iter().map(|site| site.id.clone()));
        sites.extend(ready);
        waiting = rest;
    }
}
