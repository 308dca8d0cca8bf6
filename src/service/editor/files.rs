//! Writing files in one step, and putting back what was written too soon.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// A file that a draft names: it is written before the draft is checked, and put back if that fails.
pub(super) struct Beside {
    path: PathBuf,
    held: Option<Vec<u8>>,
    /// What it is called in the history; `None`: it is a secret, of which nothing is kept.
    kept_as: Option<String>,
    bytes: Vec<u8>,
}

impl Beside {
    /// Writes it. A secret can be read by the service alone.
    pub(super) fn write(
        path: PathBuf,
        bytes: Vec<u8>,
        kept_as: Option<String>,
    ) -> io::Result<Self> {
        let held = fs::read(&path).ok();
        fs::create_dir_all(path.parent().unwrap_or_else(|| Path::new("")))?;
        let mode = match kept_as {
            None => 0o600,
            Some(_) => mode_of(&path).unwrap_or(0o644),
        };
        write_whole(&path, &bytes, mode)?;
        Ok(Self { path, held, kept_as, bytes })
    }

    /// What was there before is there again.
    pub(super) fn put_back(self) {
        let mode = mode_of(&self.path).unwrap_or(0o600);
        let done = match self.held {
            Some(bytes) => write_whole(&self.path, &bytes, mode),
            None => fs::remove_file(&self.path),
        };
        if let Err(error) = done {
            let path = self.path.display();
            tracing::error!(%path, %error, "what was there could not be put back");
        }
    }

    /// For the history: what it is called there, what it said, and what it says. Nothing of a secret.
    pub(super) fn kept(&self) -> Option<(&str, Option<String>, String)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some((self.kept_as.as_deref()?, self.held.as_deref().map(text), text(&self.bytes)))
    }
}

/// The hash of a text, as much of it as tells two texts apart.
pub(super) fn version_of(text: &str) -> String {
    Sha256::digest(text.as_bytes())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Replaces the text of a file that is there, in one step.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    write_whole(path, text.as_bytes(), mode_of(path)?)
}

fn mode_of(path: &Path) -> io::Result<u32> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o777)
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
