//! What is different in the roster on some days, as a spreadsheet saves it: one stretch of one day a
//! row. It stands in place of the weekly shifts of its position for that time.
//!
//! ```text
//! date,from,until,position,people
//! 2026-12-24,18:00,06:00,desk,binh an
//! 25/12/2026,06:00,18:00,desk,-
//! ```
//!
//! Reads and compares; it writes nothing, so it is the dry run too.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{civil, tz::Offset};

use super::{
    Config,
    fault::{Fault, Faults},
    hours::minute,
    named::{Names, names},
    roster::shift_position,
    section::{Section, Spotted},
    sheet::Columns,
};
use crate::domain::{
    roster::{Exception, PersonId, PositionId},
    time::UnixMicros,
};

/// What a sheet would do to the roster. It stands for the whole of the dated entries: what it does
/// not hold is removed.
#[derive(Debug, Default)]
pub struct RosterReport {
    /// Entries that are new.
    pub added: Vec<Exception>,
    /// Entries that would go; those that are over are not listed.
    pub removed: Vec<Exception>,
    /// Entries that stay as they are.
    pub unchanged: Vec<Exception>,
    /// What is wrong with the sheet; with any fault, nothing of it may be taken over.
    pub faults: Faults,
}

/// Checks a sheet against a configuration at a time; `name` is what faults call the file.
pub fn check(name: &str, bytes: &[u8], existing: &Config, now: UnixMicros) -> RosterReport {
    let roster = &existing.roster;
    let positions = roster.positions.iter().map(|position| position.id.clone()).collect();
    let people = roster.people.iter().map(|person| person.id.clone()).collect();
    let (listed, faults) = read(name, bytes, &positions, &people, roster.utc_offset_min);
    let before: BTreeSet<&Exception> = roster.exceptions.iter().collect();
    let after: BTreeSet<&Exception> = listed.iter().collect();
    let removed = before.difference(&after).filter(|exception| exception.until > now);
    let removed = removed.map(|exception| (*exception).clone()).collect();
    let (unchanged, added) = listed.iter().cloned().partition(|entry| before.contains(entry));
    RosterReport { added, removed, unchanged, faults: Faults::sorted(faults) }
}

/// Reads a sheet; usable only if no fault was left.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    positions: &BTreeSet<PositionId>,
    people: &BTreeSet<PersonId>,
    utc_offset_min: i32,
) -> (Vec<Exception>, Vec<Fault>) {
    let sheet = COLUMNS.read(name, bytes);
    let mut faults = sheet.faults;
    let positions = Names { sort: "position", known: positions };
    let people = Names { sort: "person", known: people };
    let mut lines: BTreeMap<Exception, u32> = BTreeMap::new();
    let mut exceptions = Vec::new();
    for (line, mut row) in sheet.rows {
        let read = exception(&mut row, &positions, &people, utc_offset_min);
        if let Some(exception) = read {
            match lines.get(&exception) {
                Some(first) => {
                    let problem = format!("says what line {first} says");
                    row.fault_here("", problem, "remove one of the two");
                }
                None => {
                    lines.insert(exception.clone(), line);
                    exceptions.push(exception);
                }
            }
        }
        faults.extend(row.finish());
    }
    if exceptions.len() > ROWS_MAX {
        let problem = format!("has {} rows", exceptions.len());
        let remedy = format!("remove days that are over; at most {ROWS_MAX} are taken");
        faults.push(super::section::fault(
            name,
            &super::document::Place::File,
            "",
            problem,
            remedy,
        ));
    }
    (exceptions, faults)
}

fn exception(
    row: &mut Section,
    positions: &Names<'_>,
    people: &Names<'_>,
    utc_offset_min: i32,
) -> Option<Exception> {
    let date = told(row, "date", date, "a date, as in 2026-12-24 or 24/12/2026");
    let from = told(row, "from", minute, "hours and minutes, as in 06:00");
    let until = told(row, "until", minute, "hours and minutes, as in 18:00");
    let position = shift_position(row, positions);
    let people = on_duty(row, people);
    let (midnight, from, until) = (date?, from?, until?);
    // It may go on past midnight, as a shift may.
    let until = if until > from { until } else { until + DAY };
    let at = |minute: u16| {
        let minutes = i64::from(minute) - i64::from(utc_offset_min);
        u64::try_from((midnight + minutes * 60) * 1_000_000).ok().map(UnixMicros)
    };
    Some(Exception { from: at(from)?, until: at(until)?, position: position?, people: people? })
}

/// A cell that must be there, as what it stands for.
fn told<T>(
    row: &mut Section,
    key: &'static str,
    read: impl Fn(&str) -> Option<T>,
    wanted: &str,
) -> Option<T> {
    let Some(Spotted { value, at }) = row.text(key, 40) else {
        row.missing(key, &format!("write {wanted}"));
        return None;
    };
    let found = read(&value);
    if found.is_none() {
        row.fault(key, at, format!("{value:?} is not {wanted}"), "write it in that form");
    }
    found
}

/// Midnight in UTC of a day as ISO 8601 or a Vietnamese spreadsheet writes it, seconds.
fn date(text: &str) -> Option<i64> {
    let number = |text: &str| text.parse::<i16>().ok();
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let [first, month, last] = parts[..] else { return None };
    let (year, day) = if text.contains('/') { (last, first) } else { (first, last) };
    let (month, day) = (i8::try_from(number(month)?).ok()?, i8::try_from(number(day)?).ok()?);
    let date = civil::Date::new(number(year)?, month, day).ok()?;
    // Two digits of a year are a slip, and so is a year that nobody plans for.
    if !(2000..2100).contains(&date.year()) {
        return None;
    }
    Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok().map(|midnight| midnight.as_second())
}

/// `-` is nobody, which must be said: an empty cell may have been forgotten.
fn on_duty(row: &mut Section, people: &Names<'_>) -> Option<Vec<PersonId>> {
    if !row.has("people") {
        row.missing("people", "write who, first the one to be told first, or - for nobody");
        return None;
    }
    if row.is_text("people", "-") {
        return Some(Vec::new());
    }
    Some(names(row, "people", people))
}

/// Minutes.
const DAY: u16 = 24 * 60;

/// Ten years of five entries a day: more is another system's export.
const ROWS_MAX: usize = 20_000;

const COLUMNS: Columns = Columns {
    known: &["date", "from", "until", "position", "people"],
    needed: &["date", "from", "until", "position", "people"],
    refused: &[],
};
