//! The text after an edit, checked as at a start and not in force yet.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::{
    Editing,
    files::{Beside, version_of},
};
use crate::{
    config::{
        CameraConfig, Config, Faults, Passwords, camera_csv,
        edit::{self, NotEdited, Section},
        roster_csv,
    },
    domain::roster::Roster,
    http::configuration::{Edit, NotTaken, RosterTried, Trial},
};

/// What masks look like. A client that sends one back means the password that is kept.
const MASKS: [&str; 4] = ["***", "********", "<redacted>", "••••••••"];

/// What sheets that came over the network are called.
const SHEET: &str = "import.csv";

/// Where the roster's dated entries are kept if `[roster]` does not say, from the configuration's
/// folder.
const ROSTER_FILE: &str = "roster.csv";

/// A text that is sound and not in force yet.
pub(super) struct Draft {
    pub(super) before: String,
    pub(super) text: String,
    pub(super) config: Config,
    /// A file that was written for it.
    pub(super) beside: Option<Beside>,
}

impl Editing {
    /// The text after an edit. Unless it is only tried, the file that it names beside itself is
    /// written; the text itself is not.
    pub(super) fn draft(
        &self,
        edit: Edit,
        version: Option<&str>,
        dry_run: bool,
    ) -> Result<Draft, NotTaken> {
        let before = self.text()?;
        if let Some(version) = version {
            let newest = match &edit {
                Edit::Roster { restored: None, .. } => {
                    roster_version(&before, &self.held_roster(&before)?)
                }
                _ => version_of(&before),
            };
            if version != newest {
                return Err(NotTaken::Changed);
            }
        }
        let text = match edit {
            Edit::Put { section, id, fields, password: Some(password) } => {
                return self.with_password(before, (section, &id, fields), password, dry_run);
            }
            Edit::Roster { sheet, .. } => return self.with_roster(before, sheet, dry_run),
            Edit::Put { section, id, fields, password: None } => {
                edit::put(&before, section, &id, &fields)?
            }
            Edit::Remove { section, id } => edit::remove(&before, section, &id)?,
            Edit::Cameras { sheet } => self.with_cameras(&before, &sheet)?,
            Edit::Restore { text, .. } => text,
        };
        let config = self.checked(&text)?;
        Ok(Draft { before, text, config, beside: None })
    }

    /// A camera as it would be, with the password that would be used with it.
    pub(super) fn imagine(&self, trial: Trial) -> Result<Box<CameraConfig>, NotTaken> {
        let Trial { id, mut fields, password } = trial;
        // Which file holds a camera's password is not for a try to say.
        fields.retain(|key, _| !key.starts_with("password_"));
        let (typed, new_id) = (password.is_some(), id_after(&fields, &id).to_owned());
        let edit = Edit::Put { section: Section::Camera, id: id.clone(), fields, password };
        let draft = self.draft(edit, None, true)?;
        let mut cameras = draft.config.cameras.into_iter();
        let camera = cameras.find(|camera| camera.camera.id.as_str() == new_id);
        let camera = camera.ok_or_else(|| NotEdited::Unknown(Section::Camera.name(), new_id))?;
        let running = self.in_force.config.load();
        let mut known = running.cameras.iter();
        let stays = known.any(|old| {
            old.camera.id.as_str() == id
                && old.camera.url.host_str() == camera.camera.url.host_str()
        });
        // Else a try could carry a password to whoever waits for it, and it would not be out only
        // because nothing was written down.
        if camera.password.is_some() && !typed && !stays {
            return Err(NotTaken::Password(
                "the address is another machine's than the one in force: type the password, the \
                 one that is kept goes to its own camera alone",
            ));
        }
        Ok(Box::new(camera))
    }

    fn with_password(
        &self,
        before: String,
        (section, id, mut fields): (Section, &str, Map<String, Value>),
        password: SecretString,
        dry_run: bool,
    ) -> Result<Draft, NotTaken> {
        let name = secret_file(section, id, &password)?;
        fields.insert("password_file".to_owned(), name.as_str().into());
        fields.insert("password_env".to_owned(), Value::Null);
        let text = edit::put(&before, section, id, &fields)?;
        // All but the password first: a mistake elsewhere must not cost the one that is kept.
        self.parsed(&text, &Passwords::Unread)?;
        if dry_run {
            fields.insert("password_file".to_owned(), Value::Null);
            let mut config = self.checked(&edit::put(&before, section, id, &fields)?)?;
            let id = id_after(&fields, id);
            let mut cameras = config.cameras.iter_mut();
            if let Some(camera) = cameras.find(|camera| camera.camera.id.as_str() == id) {
                camera.password = Some(password);
            }
            return Ok(Draft { before, text, config, beside: None });
        }
        let (path, bytes) = (self.folder().join(name), password.expose_secret().as_bytes());
        let beside = written("the password", path, bytes.to_vec(), None)?;
        self.with_beside(before, text, beside)
    }

    /// The file with the cameras that a sheet tells; faults have the sheet's lines.
    fn with_cameras(&self, before: &str, sheet: &str) -> Result<String, NotTaken> {
        let config = self.parsed(before, &Passwords::Unread)?;
        let report = camera_csv::check(SHEET, sheet.as_bytes(), &config, &Passwords::Unread);
        if !report.faults.is_empty() {
            return Err(NotTaken::Unsound(report.faults));
        }
        let entries = camera_csv::entries(sheet.as_bytes());
        let entries = entries.iter().map(|(id, fields)| (id.as_str(), fields));
        Ok(edit::put_all(before, Section::Camera, entries)?)
    }

    /// The dated entries of the roster, in their file.
    fn with_roster(&self, before: String, sheet: String, dry_run: bool) -> Result<Draft, NotTaken> {
        let (file, text) = edit::roster_file(&before, ROSTER_FILE)?;
        let config = self.parsed(&text, &Passwords::Unread)?;
        let now = SystemTime::now().into();
        let report = roster_csv::check(SHEET, sheet.as_bytes(), &config, now);
        if !report.faults.is_empty() {
            return Err(NotTaken::Unsound(report.faults));
        }
        let path = self.folder().join(&file);
        let says_so = fs::read(&path).is_ok_and(|held| held == sheet.as_bytes());
        if dry_run || says_so {
            let config = self.checked(&before)?;
            return Ok(Draft { text: before.clone(), before, config, beside: None });
        }
        let beside = written("the roster", path.clone(), sheet.into_bytes(), Some(file))?;
        let draft = self.with_beside(before, text, beside)?;
        if draft.config.roster_file.as_ref() == Some(&path) {
            return Ok(draft);
        }
        if let Some(beside) = draft.beside {
            beside.put_back();
        }
        Err(NotTaken::File(
            "a variable of the service's environment says where the roster is; remove it"
                .to_owned(),
        ))
    }

    /// What a sheet does to the roster's dated entries as the files have them now, and their version:
    /// what was told of the one is true for as long as the other stays.
    pub(super) fn try_roster(&self, sheet: &str) -> Result<RosterTried, NotTaken> {
        let text = self.text()?;
        let held = self.held_roster(&text)?;
        let mut config = self.parsed(&text, &Passwords::Unread)?;
        let now = SystemTime::now().into();
        let exceptions = roster_csv::check(SHEET, &held, &config, now).added;
        config.roster = Arc::new(Roster { exceptions, ..Roster::clone(&config.roster) });
        let report = roster_csv::check(SHEET, sheet.as_bytes(), &config, now);
        Ok(RosterTried { version: roster_version(&text, &held), report })
    }

    /// The dated entries that a configuration names; nothing where it names none.
    fn held_roster(&self, text: &str) -> Result<Vec<u8>, NotTaken> {
        let (file, naming) = edit::roster_file(text, ROSTER_FILE)?;
        let named = naming == text;
        Ok(named.then(|| fs::read(self.folder().join(file)).ok()).flatten().unwrap_or_default())
    }

    fn with_beside(&self, before: String, text: String, beside: Beside) -> Result<Draft, NotTaken> {
        match self.checked(&text) {
            Ok(config) => Ok(Draft { before, text, config, beside: Some(beside) }),
            Err(unsound) => {
                beside.put_back();
                Err(unsound)
            }
        }
    }

    /// What the roster's dated entries are now, as the file has them.
    pub(super) fn roster(&self) -> Result<Option<String>, NotTaken> {
        let Some(path) = self.in_force.config.load().roster_file.clone() else { return Ok(None) };
        fs::read_to_string(&path)
            .map(Some)
            .map_err(|error| NotTaken::File(format!("{} cannot be read: {error}", path.display())))
    }

    fn checked(&self, text: &str) -> Result<Config, NotTaken> {
        let directory = self.folder();
        self.parsed(text, &Passwords::Read { directory, environment: &self.environment })
    }

    fn parsed(&self, text: &str, passwords: &Passwords<'_>) -> Result<Config, NotTaken> {
        let name = self.file.display().to_string();
        let config: Result<Config, Faults> =
            Config::parse(&name, text, &self.environment, passwords);
        config.map_err(NotTaken::Unsound)
    }

    fn folder(&self) -> &Path {
        self.file.parent().unwrap_or_else(|| Path::new(""))
    }
}

/// Of the dated entries and of the configuration, which says who is who and who is on duty otherwise.
fn roster_version(text: &str, held: &[u8]) -> String {
    version_of(&format!("{text}\0{}", String::from_utf8_lossy(held)))
}

/// The id of an entry once these fields are its own.
fn id_after<'a>(fields: &'a Map<String, Value>, id: &'a str) -> &'a str {
    fields.get("id").and_then(Value::as_str).unwrap_or(id)
}

fn written(
    what: &str,
    path: PathBuf,
    bytes: Vec<u8>,
    kept_as: Option<String>,
) -> Result<Beside, NotTaken> {
    let to = path.display().to_string();
    Beside::write(path, bytes, kept_as)
        .map_err(|error| NotTaken::File(format!("{what} cannot be written to {to}: {error}")))
}

/// The file that a camera's password goes into, from the configuration's folder.
fn secret_file(section: Section, id: &str, password: &SecretString) -> Result<String, NotTaken> {
    if section != Section::Camera {
        return Err(NotTaken::Password("only a camera has a password here"));
    }
    if MASKS.contains(&password.expose_secret().trim()) {
        return Err(NotTaken::Password(
            "this is a mask and no password: leave the password out to keep the one there is",
        ));
    }
    // Whatever the id is, the path stays in its folder; the configuration refuses it by itself.
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !id.chars().all(plain) {
        return Err(NotTaken::Password("an id is made of a-z, 0-9 and '-'"));
    }
    Ok(format!("secrets/camera-{id}"))
}
