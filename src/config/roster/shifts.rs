//! Reads `[[shift]]`.

use std::sync::Arc;

use super::super::{
    document::Entry,
    fault::Fault,
    hours,
    named::{Names, names},
    rules::several,
    section::Section,
};
use crate::domain::roster::{PersonId, PositionId, Shift};

pub(in crate::config) fn shifts(
    file: &Arc<str>,
    entries: Vec<Entry>,
    positions: &Names<'_>,
    people: &Names<'_>,
) -> (Vec<Shift>, Vec<Fault>) {
    let (shifts, faults) = several(file, "shift", entries, |section| {
        let position = position(section, positions);
        let people = on_duty(section, people);
        let hours = hours::keys(section);
        Some(Shift { position: position?, people, hours: hours? })
    });
    (shifts.into_iter().flatten().collect(), faults)
}

/// The position of a shift, which must be there.
pub(in crate::config) fn position(
    section: &mut Section,
    positions: &Names<'_>,
) -> Option<PositionId> {
    if section.has("position") {
        return positions.one(section, "position");
    }
    section.missing("position", "write position = \"…\", the id of a [[position]]");
    None
}

/// The people of a shift, one at least.
fn on_duty(section: &mut Section, people: &Names<'_>) -> Vec<PersonId> {
    let named = names(section, "people", people);
    if named.is_empty() {
        section.missing("people", "write people = [\"…\"], first the one to be told first");
    }
    named
}
