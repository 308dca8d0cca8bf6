//! A list of cameras as a spreadsheet saves it: the keys of `[[camera]]` as columns, one camera a
//! row. Reads and compares; it writes nothing, so it is the dry run too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    CameraConfig, Config,
    camera::{self, NUMBER_MAX, Seen, Surroundings},
    document::Place,
    fault::{Fault, Faults},
    password::Passwords,
    reload::CameraChange,
    section::{Section, TEXT_MAX, fault},
    sheet::Columns,
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
/// list does not mention stays, and what a column that is left out says of a camera.
pub fn check(name: &str, bytes: &[u8], existing: &Config, passwords: &Passwords<'_>) -> CsvReport {
    let sheet = COLUMNS.read(name, bytes);
    let mut report = CsvReport::default();
    let mut faults = sheet.faults;
    let sites: BTreeSet<SiteId> = existing.sites.iter().map(|site| site.id.clone()).collect();
    let around =
        Surroundings { sites: &sites, allow_loopback: existing.ingest.allow_loopback, passwords };
    let known: BTreeMap<&CameraId, &CameraConfig> =
        existing.cameras.iter().map(|camera| (&camera.camera.id, camera)).collect();
    let mut seen = Seen::default();
    let mut listed = Vec::new();
    for (line, row) in sheet.rows {
        let checked = camera::check(row, &around, &mut seen);
        faults.extend(checked.faults);
        report.warnings.extend(checked.warnings);
        listed.extend(checked.camera.map(|camera| (line, camera)));
    }
    faults.extend(numbers_taken(name, &listed, existing));
    let says_password = sheet.columns.iter().any(|column| column.starts_with("password"));
    for (_, mut camera) in listed {
        let Some(old) = known.get(&camera.camera.id) else {
            report.added.push(camera);
            continue;
        };
        if !says_password || matches!(passwords, Passwords::Unread) {
            camera.password.clone_from(&old.password);
        }
        keep_unsaid(&mut camera, old, &sheet.columns);
        match CameraChange::between(old, &camera) {
            Some(change) => report.changed.push((camera, change)),
            None => report.unchanged.push(camera.camera.id),
        }
    }
    report.faults = Faults::sorted(faults);
    report
}

/// The rows of a list in which [`check`] finds no fault, each as what changes in the `[[camera]]` of
/// its id: a merge patch, in which an empty cell takes the key away.
pub fn entries(bytes: &[u8]) -> Vec<(String, Map<String, Value>)> {
    let sheet = COLUMNS.read("", bytes);
    let said = |key: &&&str| sheet.columns.iter().any(|column| column == *key);
    let keys: Vec<&str> = COLUMNS.known.iter().filter(said).copied().collect();
    let entry = |(_, mut row): (u32, Section)| {
        let fields: Map<String, Value> =
            keys.iter().map(|key| ((*key).to_owned(), cell(&mut row, key))).collect();
        let id = fields.get("id").and_then(Value::as_str)?.to_owned();
        Some((id, fields))
    };
    sheet.rows.into_iter().filter_map(entry).collect()
}

/// A cell as the file writes its value; null: it is empty.
fn cell(row: &mut Section, key: &'static str) -> Value {
    let value = match key {
        "number" => row.whole(key, 1..=NUMBER_MAX).map(|number| number.value.into()),
        "allow_basic" => row.flag(key).map(Value::from),
        "tags" => row.texts(key).map(|tags| tags.value.into_iter().map(|tag| tag.value).collect()),
        _ => row.text(key, TEXT_MAX).map(|text| text.value.into()),
    };
    value.unwrap_or_default()
}

/// What no column speaks of stays as it is.
fn keep_unsaid(camera: &mut CameraConfig, old: &CameraConfig, columns: &[String]) {
    let unsaid = |key: &str| !columns.iter().any(|column| column == key);
    let (new, old) = (&mut camera.camera, &old.camera);
    if unsaid("name") {
        new.name.clone_from(&old.name);
    }
    if unsaid("site") {
        new.site.clone_from(&old.site);
    }
    if unsaid("main_url") {
        new.main_url.clone_from(&old.main_url);
    }
    if unsaid("username") {
        new.username.clone_from(&old.username);
    }
    if unsaid("transport") {
        new.transport = old.transport;
    }
    if unsaid("tags") {
        new.tags.clone_from(&old.tags);
    }
    if unsaid("importance") {
        new.importance = old.importance;
    }
    if unsaid("allow_basic") {
        new.allow_basic = old.allow_basic;
    }
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

const COLUMNS: Columns = Columns {
    known: &[
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
        "importance",
        "allow_basic",
    ],
    needed: &["id", "number", "url"],
    refused: &["password"],
};
