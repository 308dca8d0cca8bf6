//! From the text of a file to a [`Config`], or to all that is wrong with it.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use super::{
    Config, alert,
    camera::{self, Seen, Surroundings},
    channel,
    document::{self, Entry, Place, Table, Value},
    environment::Environment,
    fault::{Fault, Faults},
    named::Names,
    nearest::nearest,
    password::Passwords,
    roster, rules,
    section::{Section, fault},
    selector::Known,
    settings, site, wall,
};
use crate::domain::camera::Camera;

impl Config {
    /// Reads a file, then lays `WATCHWALL_SECTION__KEY` variables over it. Password files are
    /// found from the folder of the file.
    pub fn load(path: &Path, environment: &Environment) -> Result<Self, Faults> {
        let name = path.display().to_string();
        let bytes = fs::read(path).map_err(|error| {
            let remedy = "give the right one with --config, or copy config/watchwall.toml";
            fault(&name, &Place::File, "", format!("cannot be read: {error}"), remedy)
        })?;
        let text = utf8(&name, &bytes)?;
        let directory = path.parent().unwrap_or_else(|| Path::new(""));
        Self::parse(&name, text, environment, &Passwords::Read { directory, environment })
    }

    /// As [`Config::load`], from text; `name` is what faults call the file.
    pub fn parse(
        name: &str,
        text: &str,
        environment: &Environment,
        passwords: &Passwords<'_>,
    ) -> Result<Self, Faults> {
        let file: Arc<str> = name.into();
        let (mut root, mut faults) = document::parse(&file, text);
        let broken_lines: BTreeSet<u32> = faults.iter().map(|fault| fault.line).collect();
        for setting in environment.overrides() {
            faults.extend(document::overlay(&mut root, &setting).err());
        }
        let mut reading = Reading { file, root, faults };
        let config = reading.config(passwords);
        let (syntax, mut told): (Vec<Fault>, Vec<Fault>) = reading
            .faults
            .into_iter()
            .partition(|fault| fault.key.is_empty() && broken_lines.contains(&fault.line));
        // What was read from a broken line is a guess, and what is wrong with it says nothing new.
        told.retain(|fault| {
            fault.line == 0 || fault.file != name || !broken_lines.contains(&fault.line)
        });
        told.extend(syntax);
        if told.is_empty() { Ok(config) } else { Err(Faults::sorted(told)) }
    }
}

/// The text of a file, without the mark that some editors put in front.
pub(super) fn utf8<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line =
            u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).unwrap_or(u32::MAX);
        fault(
            name,
            &Place::Text { line, column: 0 },
            "",
            "holds bytes that are not UTF-8",
            "save the file as UTF-8",
        )
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A file being read.
pub(super) struct Reading {
    pub(super) file: Arc<str>,
    root: Table,
    pub(super) faults: Vec<Fault>,
}

impl Reading {
    /// Reads everything, whatever goes wrong on the way; usable only if no fault was left.
    fn config(&mut self, passwords: &Passwords<'_>) -> Config {
        let mut warnings = Vec::new();
        let http = self.single("http", |section| settings::http(section, passwords, &mut warnings));
        let store = self.single("store", settings::store);
        let ingest = self.single("ingest", settings::ingest);
        let decode = self.single("decode", settings::decode);
        let root_cause = self.single("root_cause", settings::root_cause);
        let history = self.single("history", settings::history);
        let sign_in = self.single("sign_in", settings::sign_in);

        let sites = self.several("site");
        let mut sites = site::check(&self.file, sites);
        self.faults.append(&mut sites.faults);

        let around = Surroundings {
            sites: &sites.declared,
            allow_loopback: ingest.allow_loopback,
            passwords,
        };
        let mut seen = Seen::default();
        let mut cameras = Vec::new();
        let mut password_files = BTreeSet::new();
        let mut all_read = true;
        for (index, entry) in self.several("camera").into_iter().enumerate() {
            let section = Section::new(&self.file, format!("camera[{index}]"), entry);
            let checked = camera::check(section, &around, &mut seen);
            all_read &= checked.camera.is_some();
            self.faults.extend(checked.faults);
            warnings.extend(checked.warnings);
            cameras.extend(checked.camera);
            password_files.extend(checked.password_file);
        }

        let known = Known { seen: &seen, sites: &sites.declared };
        let entries = self.several("health");
        let (health, faults) = rules::health(&self.file, entries, known);
        self.faults.extend(faults);
        let entries = self.several("order");
        let (orders, faults) = rules::orders(&self.file, entries, known);
        self.faults.extend(faults);
        let entries = self.several("picture");
        let (pictures, faults) = rules::pictures(&self.file, entries, known);
        self.faults.extend(faults);

        let entries = self.several("channel");
        let mut channels = channel::check(&self.file, entries, passwords);
        self.faults.append(&mut channels.faults);
        warnings.append(&mut channels.warnings);
        password_files.append(&mut channels.files);
        let utc_offset_min = history.utc_offset_min;
        let around =
            roster::Around { sites: &sites, channels: &channels, utc_offset_min, passwords };
        let duties = self.duties(around, &mut warnings);
        password_files.extend(duties.file.clone());
        let positions: BTreeSet<_> = duties.roster.positions.iter().map(|p| p.id.clone()).collect();
        let positions = Names { sort: "position", known: &positions };
        let entries = self.several("alert");
        let (alert_rules, faults) = alert::read::rules(&self.file, entries, known, &positions);
        self.faults.extend(faults);

        let entries = self.several("wall");
        let places: Vec<Place> = entries.iter().map(|entry| entry.at.clone()).collect();
        let (walls, faults) = wall::check(&self.file, entries, known);
        let walls_read = faults.is_empty();
        self.faults.extend(faults);
        // A wall may look empty only because a camera's own section is wrong: say that one thing.
        if all_read && walls_read {
            let plain: Vec<Camera> = cameras.iter().map(|camera| camera.camera.clone()).collect();
            for index in wall::empty(&walls, &plain) {
                let (problem, remedy) = ("names no camera that exists", "name one, or use [\"*\"]");
                self.faults.push(fault(
                    &self.file,
                    &places[index],
                    format!("wall[{index}].cameras"),
                    problem,
                    remedy,
                ));
            }
        }
        self.leftovers();
        Config {
            http,
            store,
            ingest,
            decode,
            root_cause,
            history,
            sign_in,
            health,
            orders,
            pictures,
            alert_rules,
            roster: Arc::new(duties.roster),
            roster_file: duties.file,
            escalation: duties.escalation,
            sites: sites.sites,
            cameras,
            walls,
            channels: channels.channels,
            warnings,
            password_files,
        }
    }

    pub(super) fn single<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Section) -> T,
    ) -> T {
        let entry = self
            .root
            .remove(name)
            .unwrap_or(Entry { value: Value::Table(Table::new()), at: Place::File });
        let mut section = Section::new(&self.file, name, entry);
        let value = read(&mut section);
        self.faults.extend(section.finish());
        value
    }

    pub(super) fn several(&mut self, name: &'static str) -> Vec<Entry> {
        match self.root.remove(name) {
            None => Vec::new(),
            Some(Entry { value: Value::List(entries), .. }) => entries,
            Some(Entry { at, .. }) => {
                let problem = "stands once where a list belongs";
                self.faults.push(fault(
                    &self.file,
                    &at,
                    name,
                    problem,
                    format!("write [[{name}]], with two brackets"),
                ));
                Vec::new()
            }
        }
    }

    fn leftovers(&mut self) {
        for (key, entry) in std::mem::take(&mut self.root) {
            let remedy = match nearest(&key, SECTIONS) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("remove it; the sections are {}", SECTIONS.join(", ")),
            };
            self.faults.push(fault(
                &self.file,
                &entry.at,
                key.escape_debug().to_string(),
                "there is no such section",
                remedy,
            ));
        }
    }
}

const SECTIONS: [&str; 20] = [
    "http",
    "store",
    "ingest",
    "decode",
    "root_cause",
    "history",
    "sign_in",
    "site",
    "camera",
    "wall",
    "health",
    "order",
    "picture",
    "channel",
    "alert",
    "position",
    "person",
    "shift",
    "roster",
    "escalation",
];
