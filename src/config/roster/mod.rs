//! Who watches what when: `[[position]]`, `[[person]]`, `[[shift]]`, `[roster]` and `[escalation]`.

mod escalation;
mod gaps;
mod people;
mod positions;
mod shifts;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

pub(in crate::config) use self::shifts::position as shift_position;
use self::{
    escalation::escalation,
    gaps::gaps,
    people::people,
    positions::{positions, uncovered},
    shifts::shifts,
};
use super::{
    channel::Channels,
    document::Place,
    fault::Fault,
    load::Reading,
    named::Names,
    password::Passwords,
    roster_csv,
    section::{Section, Spotted, fault},
    site::Sites,
};
use crate::domain::{
    escalation::EscalationPolicy,
    roster::{Exception, PersonId, PositionId, Roster},
};

/// What the sections here refer to.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) sites: &'a Sites,
    pub(super) channels: &'a Channels,
    pub(super) utc_offset_min: i32,
    pub(super) passwords: &'a Passwords<'a>,
}

/// What they say.
pub(super) struct Duties {
    pub(super) roster: Roster,
    /// Where the dated entries are.
    pub(super) file: Option<PathBuf>,
    pub(super) escalation: EscalationPolicy,
}

impl Reading {
    /// Reads all of them.
    pub(super) fn duties(&mut self, around: Around<'_>, warnings: &mut Vec<Fault>) -> Duties {
        let entries = self.several("position");
        let (positions, position_ids, faults) =
            positions(&self.file, entries, &around.sites.declared);
        self.faults.extend(faults);
        let entries = self.several("person");
        let (people, person_ids, faults) = people(&self.file, entries, around.channels);
        self.faults.extend(faults);
        let known = Names { sort: "position", known: &position_ids };
        let entries = self.several("shift");
        let (shifts, faults) =
            shifts(&self.file, entries, &known, &Names { sort: "person", known: &person_ids });
        self.faults.extend(faults);
        let escalation = self.single("escalation", |section| escalation(section, &known));
        let mut faults = Vec::new();
        let dated = self.single("roster", |section| {
            dated(section, around, &position_ids, &person_ids, &mut faults)
        });
        self.faults.extend(faults);
        let (exceptions, file) = dated.unwrap_or_default();
        let utc_offset_min = around.utc_offset_min;
        let roster = Roster { positions, people, shifts, exceptions, utc_offset_min };
        warnings.extend(self.left_open(&roster, around.sites));
        Duties { roster, file, escalation }
    }

    /// What works, but perhaps not as was meant.
    fn left_open(&self, roster: &Roster, sites: &Sites) -> Vec<Fault> {
        let told = |key: &str, problem, remedy: &str| {
            fault(&self.file, &Place::File, key, problem, remedy)
        };
        let mut warnings = Vec::new();
        for position in &roster.positions {
            if let Some((first, hours)) = gaps(roster, &position.id) {
                let problem = format!(
                    "nobody is on duty at {} in {hours} hours of the week, the first on {first}",
                    position.id
                );
                let remedy =
                    "add a [[shift]]; until then its alerts go to the duty officer at once";
                warnings.push(told("shift", problem, remedy));
            }
        }
        for site in uncovered(&roster.positions, &sites.sites) {
            let first = &roster.positions[0].id;
            let problem = format!("the site {site} is no position's: its alerts go to {first}");
            let remedy = "name it under sites of a position, or leave out sites of one of them";
            warnings.push(told("position", problem, remedy));
        }
        warnings
    }
}

/// `file` of `[roster]`, and what is in it.
fn dated(
    section: &mut Section,
    around: Around<'_>,
    positions: &BTreeSet<PositionId>,
    people: &BTreeSet<PersonId>,
    faults: &mut Vec<Fault>,
) -> Option<(Vec<Exception>, Option<PathBuf>)> {
    let Spotted { value, at } = section.text("file", 1024)?;
    let Passwords::Read { directory, .. } = around.passwords else { return None };
    let path = directory.join(&value);
    match read_bounded(&path) {
        Ok(bytes) => {
            let name = path.display().to_string();
            let (exceptions, wrong) =
                roster_csv::read(&name, &bytes, positions, people, around.utc_offset_min);
            faults.extend(wrong);
            Some((exceptions, Some(path)))
        }
        Err(problem) => {
            let remedy = "put it there, with date,from,until,position,people in its first row";
            section.fault("file", at, format!("{}: {problem}", path.display()), remedy);
            None
        }
    }
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, String> {
    let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > FILE_MAX {
        return Err(format!("is larger than {FILE_MAX} bytes"));
    }
    fs::read(path).map_err(|error| error.to_string())
}

/// Far more than the rows that are taken.
const FILE_MAX: u64 = 4 << 20;
