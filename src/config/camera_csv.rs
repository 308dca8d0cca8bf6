//! A list of cameras as a spreadsheet saves it: the keys of `[[camera]]` as columns, one camera a
//! row. Reads and compares; it writes nothing, so it is the dry run too.
//!
//! Comma, semicolon (as Excel separates where the comma is a decimal sign, as in Vietnam) or tab;
//! with or without a byte order mark; any line ending. Several tags stand in one cell, parted by
//! spaces, or by semicolons where those do not part the columns.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    CameraConfig, Config,
    camera::{self, Seen, Surroundings},
    document::{Entry, Place, Table, Value},
    fault::{Fault, Faults},
    load::utf8,
    nearest::nearest,
    password::Passwords,
    reload::CameraChange,
    section::{Section, fault},
};
use crate::domain::camera::{CameraId, SiteId};

/// What a list would do to a configuration.
#[derive(Debug, Default)]
pub struct CsvReport {
    /// Cameras that are new.
    pub added: Vec<CameraConfig>,
    /// Cameras that are known and would get other values.
    pub changed: Vec<(CameraConfig, CameraChange)>,
    /// Cameras that are known and stay as they are.
    pub unchanged: Vec<CameraId>,
    /// What is wrong with the list; with any fault, nothing of it may be taken over.
    pub faults: Faults,
    /// What works but should be put right.
    pub warnings: Vec<Fault>,
}

/// Checks a list against a configuration; `name` is what faults call the file. A camera that the
/// list does not mention stays. A password column that is left out keeps the password.
pub fn check(name: &str, bytes: &[u8], existing: &Config, passwords: &Passwords<'_>) -> CsvReport {
    let mut report = CsvReport::default();
    match utf8(name, bytes) {
        Err(fault) => report.faults = fault.into(),
        Ok(text) => {
            let faults = read(name, text, existing, passwords, &mut report);
            report.faults = Faults::sorted(faults);
        }
    }
    report
}

fn read(
    name: &str,
    text: &str,
    existing: &Config,
    passwords: &Passwords<'_>,
    report: &mut CsvReport,
) -> Vec<Fault> {
    let file: Arc<str> = name.into();
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = rows.records();
    let columns = match rows.next() {
        Some(Ok(row)) => columns(name, &row),
        Some(Err(error)) => Err(vec![unreadable(name, &error)]),
        None => Err(vec![fault(
            name,
            &Place::File,
            "",
            "is empty",
            "write the columns' names into the first row",
        )]),
    };
    let columns = match columns {
        Ok(columns) => columns,
        Err(faults) => return faults,
    };

    let sites: BTreeSet<SiteId> = existing.sites.iter().map(|site| site.id.clone()).collect();
    let around =
        Surroundings { sites: &sites, allow_loopback: existing.ingest.allow_loopback, passwords };
    let known: BTreeMap<&CameraId, &CameraConfig> =
        existing.cameras.iter().map(|camera| (&camera.camera.id, camera)).collect();
    let mut seen = Seen::default();
    let mut faults = Vec::new();
    let mut listed = Vec::new();
    for row in rows {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                faults.push(unreadable(name, &error));
                continue;
            }
        };
        // Spreadsheets save emptied rows as separators with nothing between.
        if row.iter().all(str::is_empty) {
            continue;
        }
        let line = line_of(&row);
        if row.len() > columns.len() && row.iter().skip(columns.len()).any(|cell| !cell.is_empty())
        {
            let problem =
                format!("the row has {} cells, the first row has {}", row.len(), columns.len());
            let at = Place::Text { line, column: 0 };
            faults.push(fault(
                name,
                &at,
                "",
                problem,
                "put double quotes around a cell that holds a separator",
            ));
            continue;
        }
        let section = Section::new(
            &file,
            "",
            Entry {
                value: Value::Table(cells(&columns, &row)),
                at: Place::Text { line, column: 0 },
            },
        );
        let checked = camera::check(section, &around, &mut seen);
        faults.extend(checked.faults);
        report.warnings.extend(checked.warnings);
        listed.extend(checked.camera.map(|camera| (line, camera)));
    }
    faults.extend(numbers_taken(name, &listed, existing));
    let says_password = columns.iter().any(|column| column.starts_with("password"));
    for (_, mut camera) in listed {
        let Some(old) = known.get(&camera.camera.id) else {
            report.added.push(camera);
            continue;
        };
        if !says_password || matches!(passwords, Passwords::Unread) {
            camera.password.clone_from(&old.password);
        }
        match CameraChange::between(old, &camera) {
            Some(change) => report.changed.push((camera, change)),
            None => report.unchanged.push(camera.camera.id),
        }
    }
    faults
}

/// The separator that occurs most in the first row.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default().as_bytes();
    let count = |byte: u8| memchr::memchr_iter(byte, first).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|byte| count(*byte)).unwrap_or(b',')
}

fn columns(name: &str, row: &csv::StringRecord) -> Result<Vec<String>, Vec<Fault>> {
    let mut columns: Vec<String> = Vec::new();
    let mut faults = Vec::new();
    for (index, cell) in row.iter().enumerate() {
        let column = cell.to_ascii_lowercase().replace([' ', '-'], "_");
        let at = Place::Text {
            line: line_of(row),
            column: u32::try_from(index + 1).unwrap_or(u32::MAX),
        };
        if column.is_empty() || column == "password" || COLUMNS.contains(&column.as_str()) {
            // An unnamed column is skipped, and `password` is refused where it is used.
            if !column.is_empty() && columns.contains(&column) {
                faults.push(fault(
                    name,
                    &at,
                    &column,
                    "the column is there twice",
                    "remove one of the two",
                ));
            }
        } else {
            let remedy = match nearest(&column, COLUMNS) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("remove it; the columns are {}", COLUMNS.join(", ")),
            };
            faults.push(fault(
                name,
                &at,
                cell.escape_debug().to_string(),
                "there is no such column",
                remedy,
            ));
        }
        columns.push(column);
    }
    for needed in ["id", "number", "url"] {
        if !columns.iter().any(|column| column == needed) && faults.is_empty() {
            let at = Place::Text { line: line_of(row), column: 0 };
            faults.push(fault(
                name,
                &at,
                needed,
                "the column is missing",
                "name the columns in the first row",
            ));
        }
    }
    if faults.is_empty() { Ok(columns) } else { Err(faults) }
}

/// Empty cells are keys that were left out.
fn cells(columns: &[String], row: &csv::StringRecord) -> Table {
    let line = line_of(row);
    let cell = |(index, (column, text)): (usize, (&String, &str))| {
        let at = Place::Text { line, column: u32::try_from(index + 1).unwrap_or(u32::MAX) };
        (column.clone(), Entry { value: Value::Plain(text.to_owned()), at })
    };
    let filled = |(column, text): &(&String, &str)| !column.is_empty() && !text.is_empty();
    columns.iter().zip(row).enumerate().filter(|(_, pair)| filled(pair)).map(cell).collect()
}

/// Numbers that a camera outside the list holds already.
fn numbers_taken(name: &str, listed: &[(u32, CameraConfig)], existing: &Config) -> Vec<Fault> {
    let ids: BTreeSet<&CameraId> = listed.iter().map(|(_, camera)| &camera.camera.id).collect();
    let staying: BTreeMap<u32, &CameraId> = existing
        .cameras
        .iter()
        .filter(|camera| !ids.contains(&camera.camera.id))
        .map(|camera| (camera.camera.number, &camera.camera.id))
        .collect();
    listed
        .iter()
        .filter_map(|(line, camera)| {
            let number = camera.camera.number;
            let holder = staying.get(&number)?;
            let at = Place::Text { line: *line, column: 0 };
            let problem = format!("{number} is taken by the configured camera {holder}");
            Some(fault(name, &at, "number", problem, "give each camera its own number"))
        })
        .collect()
}

fn unreadable(name: &str, error: &csv::Error) -> Fault {
    let line = error.position().map_or(0, |at| u32::try_from(at.line()).unwrap_or(u32::MAX));
    let at = Place::Text { line, column: 0 };
    fault(name, &at, "", format!("the row cannot be read: {error}"), "save the sheet as CSV UTF-8")
}

fn line_of(row: &csv::StringRecord) -> u32 {
    row.position().map_or(0, |at| u32::try_from(at.line()).unwrap_or(u32::MAX))
}

const COLUMNS: [&str; 12] = [
    "id",
    "number",
    "name",
    "site",
    "url",
    "main_url",
    "username",
    "password_file",
    "password_env",
    "transport",
    "tags",
    "allow_basic",
];
