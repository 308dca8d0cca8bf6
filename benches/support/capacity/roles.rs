//! What each process of a capacity run does.

use std::{collections::BTreeMap, fs};

use super::usage::children;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Centre,
    Ingest,
    Decode,
    Sim,
    /// This process.
    Viewer,
}

impl Role {
    pub(crate) const ALL: [Self; 5] =
        [Self::Centre, Self::Ingest, Self::Decode, Self::Sim, Self::Viewer];
    /// What runs in production.
    pub(crate) const SERVICE: [Self; 3] = [Self::Centre, Self::Ingest, Self::Decode];
}

/// The processes of a centre, a simulator, and this one.
pub(crate) fn roles(centre: u32, sim: u32) -> BTreeMap<u32, Role> {
    let mut roles = BTreeMap::from([
        (centre, Role::Centre),
        (sim, Role::Sim),
        (std::process::id(), Role::Viewer),
    ]);
    for worker in children(centre) {
        let command = fs::read_to_string(format!("/proc/{worker}/cmdline")).unwrap_or_default();
        if command.contains("worker\0ingest") {
            roles.insert(worker, Role::Ingest);
        } else if command.contains("worker\0decode") {
            roles.insert(worker, Role::Decode);
        }
    }
    roles
}
