//! Owns the configuration file while the service runs: changes it as people order, one order after
//! the other. The text before is kept first, then the file is replaced in one step, then it is in force.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::in_force::InForce;
use crate::{
    config::{
        Config, Environment, Faults, Passwords,
        edit::{self, Section},
        reload::Changes,
    },
    domain::alert::Actor,
    http::configuration::{Edit, Edited, Listed, NotTaken, Order},
    store::{ConfigurationRow, Store},
};

/// What masks look like. A client that sends one back means the password that is kept.
const MASKS: [&str; 4] = ["***", "********", "<redacted>", "••••••••"];

/// The file and those who must know of a change.
pub(super) struct Editing {
    pub(super) file: PathBuf,
    pub(super) environment: Environment,
    pub(super) in_force: InForce,
    pub(super) store: Store,
}

/// A text that is sound and not in force yet.
struct Draft {
    before: String,
    text: String,
    config: Config,
    /// A password file that was written for it, with what it held before.
    secret: Option<(PathBuf, Option<Vec<u8>>)>,
}

/// Carries orders out until the service stops.
pub(super) async fn edit_all(
    mut orders: mpsc::Receiver<Order>,
    editing: Editing,
    shutdown: CancellationToken,
) {
    let editing = Arc::new(editing);
    while let Some(Some(order)) = shutdown.run_until_cancelled(orders.recv()).await {
        // Who asked may be gone; what is done is done.
        match order {
            Order::Read(section, answer) => _ = answer.send(editing.clone().read(section).await),
            Order::Change { edit, version, dry_run, by, answer } => {
                let done = editing.clone().change(edit, version, dry_run, by).await;
                let _ = answer.send(done);
            }
        }
    }
}

impl Editing {
    async fn read(self: Arc<Self>, section: Section) -> Result<Listed, NotTaken> {
        let read = move || {
            let text = self.text()?;
            let entries = edit::entries(&text, section)?;
            Ok(Listed { version: version_of(&text), entries })
        };
        tokio::task::spawn_blocking(read).await.expect("reading does not panic")
    }

    async fn change(
        self: Arc<Self>,
        edit: Edit,
        version: Option<String>,
        dry_run: bool,
        by: Actor,
    ) -> Result<Edited, NotTaken> {
        let what = told(&edit);
        let this = self.clone();
        let drafted = move || this.draft(edit, version.as_deref(), dry_run);
        let drafted = tokio::task::spawn_blocking(drafted).await;
        let draft = drafted.expect("an edit does not panic")?;
        let edited = Edited {
            version: version_of(&draft.text),
            changes: Changes::between(&self.in_force.config.load(), &draft.config),
            warnings: draft.config.warnings.clone(),
        };
        if !dry_run && (draft.text != draft.before || draft.secret.is_some()) {
            self.take_over(draft, what, by).await?;
        }
        Ok(edited)
    }

    async fn take_over(
        self: &Arc<Self>,
        draft: Draft,
        what: serde_json::Value,
        by: Actor,
    ) -> Result<(), NotTaken> {
        let Draft { before, text, config, secret } = draft;
        if let Err(not_taken) = self.replace(&before, &text, what, by).await {
            if let Some((path, held)) = secret {
                put_back(&path, held);
            }
            return Err(not_taken);
        }
        self.in_force.replace(config).await;
        Ok(())
    }

    /// Keeps what the file said and is to say, and replaces it.
    async fn replace(
        self: &Arc<Self>,
        before: &str,
        text: &str,
        what: serde_json::Value,
        by: Actor,
    ) -> Result<(), NotTaken> {
        let at = SystemTime::now().into();
        let row = |by, what, text: &str| ConfigurationRow {
            id: 0,
            at,
            by,
            what,
            version: version_of(text),
            text: text.to_owned(),
        };
        let mut rows = Vec::new();
        let newest = self.store.configuration_version().await.map_err(NotTaken::NotKept)?;
        if newest.as_deref() != Some(&version_of(before)) {
            rows.push(row(None, json!({"found": "changed outside"}), before));
        }
        rows.push(row(Some(by), what, text));
        self.store.keep_configuration(rows).await.map_err(NotTaken::NotKept)?;
        let (this, text) = (self.clone(), text.to_owned());
        let written = move || {
            let mode = fs::metadata(&this.file)?.permissions().mode() & 0o777;
            write_whole(&this.file, text.as_bytes(), mode)
        };
        let written = tokio::task::spawn_blocking(written).await.expect("writing does not panic");
        written.map_err(|error| self.unwritable(&error))
    }

    /// The text after an edit, checked as at a start.
    fn draft(&self, edit: Edit, version: Option<&str>, dry_run: bool) -> Result<Draft, NotTaken> {
        let before = self.text()?;
        if version.is_some_and(|version| version != version_of(&before)) {
            return Err(NotTaken::Changed);
        }
        let (text, secret) = match edit {
            Edit::Remove { section, id } => (edit::remove(&before, section, &id)?, None),
            Edit::Restore { text, .. } => (text, None),
            Edit::Put { section, id, mut fields, password } => {
                let secret = password.map(|password| secret_of(section, &id, password));
                let secret = secret.transpose()?;
                if let Some((name, _)) = &secret {
                    fields.insert("password_file".to_owned(), name.as_str().into());
                    fields.insert("password_env".to_owned(), serde_json::Value::Null);
                }
                (edit::put(&before, section, &id, &fields)?, secret)
            }
        };
        let Some((name, password)) = secret else {
            let config = self.checked(&text)?;
            return Ok(Draft { before, text, config, secret: None });
        };
        // All but the password first: a mistake elsewhere must not cost the one that is kept.
        let unread = Passwords::Unread;
        let config = Config::parse(&self.name(), &text, &self.environment, &unread);
        let config = config.map_err(NotTaken::Unsound)?;
        if dry_run {
            return Ok(Draft { before, text, config, secret: None });
        }
        let path = self.folder().join(name);
        let held = fs::read(&path).ok();
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let written = fs::create_dir_all(folder)
            .and_then(|()| write_whole(&path, password.expose_secret().as_bytes(), 0o600));
        written.map_err(|error| {
            NotTaken::File(format!("the password cannot be written to {}: {error}", path.display()))
        })?;
        match self.checked(&text) {
            Ok(config) => Ok(Draft { before, text, config, secret: Some((path, held)) }),
            Err(unsound) => {
                put_back(&path, held);
                Err(unsound)
            }
        }
    }

    fn checked(&self, text: &str) -> Result<Config, NotTaken> {
        let directory = self.folder();
        let passwords = Passwords::Read { directory, environment: &self.environment };
        let config: Result<Config, Faults> =
            Config::parse(&self.name(), text, &self.environment, &passwords);
        config.map_err(NotTaken::Unsound)
    }

    fn text(&self) -> Result<String, NotTaken> {
        fs::read_to_string(&self.file).map_err(|error| {
            NotTaken::File(format!("{} cannot be read: {error}", self.file.display()))
        })
    }

    fn unwritable(&self, error: &io::Error) -> NotTaken {
        NotTaken::File(format!(
            "{} cannot be written: {error}; let the service write it and its folder",
            self.file.display()
        ))
    }

    fn folder(&self) -> &Path {
        self.file.parent().unwrap_or_else(|| Path::new(""))
    }

    fn name(&self) -> String {
        self.file.display().to_string()
    }
}

/// The file that a password goes into, from the configuration's folder.
fn secret_of(
    section: Section,
    id: &str,
    password: SecretString,
) -> Result<(String, SecretString), NotTaken> {
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
    Ok((format!("secrets/camera-{id}"), password))
}

/// The password that was there before is there again.
fn put_back(path: &Path, held: Option<Vec<u8>>) {
    let done = match held {
        Some(bytes) => write_whole(path, &bytes, 0o600),
        None => fs::remove_file(path),
    };
    if let Err(error) = done {
        tracing::error!(path = %path.display(), %error, "a password could not be put back");
    }
}

/// What an edit changes, as it is written down; never a password.
fn told(edit: &Edit) -> serde_json::Value {
    match edit {
        Edit::Put { section, id, fields, password } => {
            let keys: Vec<&String> = fields.keys().collect();
            let mut what = json!({"put": section.name(), "id": id, "keys": keys});
            if password.is_some() {
                what["password"] = "another".into();
            }
            what
        }
        Edit::Remove { section, id } => json!({"remove": section.name(), "id": id}),
        Edit::Restore { id, .. } => json!({"restore": id}),
    }
}

/// The hash of a text, as much of it as tells two texts apart.
fn version_of(text: &str) -> String {
    Sha256::digest(text.as_bytes())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Replaces a file in one step: whoever reads it reads the old one or the new one.
fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(mode).open(&new)?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}
