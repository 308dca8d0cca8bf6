//! Where a camera's password or a channel's secret comes from: a file beside the configuration, or
//! a variable. Read once per load, kept as a `SecretString`, never part of a fault.

use std::{
    fs,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use secrecy::SecretString;

use super::{
    environment::Environment,
    section::{Section, Spotted},
};

/// How passwords that a file names are found.
#[derive(Clone, Debug)]
pub enum Passwords<'a> {
    /// Read them. Relative paths start at `directory`, the folder of the file that names them.
    Read {
        /// The folder of the naming file.
        directory: &'a Path,
        /// Where variables are looked up.
        environment: &'a Environment,
    },
    /// Leave them unread: the list came from a network client, which must not learn from the
    /// faults which files and variables exist here.
    Unread,
}

/// The keys of one secret.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    /// What it is called, and the key that is refused: the secret itself.
    inline: &'static str,
    pub(super) file: &'static str,
    pub(super) variable: &'static str,
}

pub(super) const PASSWORD: Keys =
    Keys { inline: "password", file: "password_file", variable: "password_env" };

/// What messages are signed with.
pub(super) const SECRET: Keys =
    Keys { inline: "secret", file: "secret_file", variable: "secret_env" };

/// What the keys of a secret said about it.
#[derive(Default)]
pub(super) struct Found {
    /// Whether a source is named, whatever came of it.
    pub(super) named: bool,
    pub(super) password: Option<SecretString>,
    pub(super) file: Option<PathBuf>,
    pub(super) warning: Option<(Spotted<String>, String)>,
}

impl Passwords<'_> {
    /// Reads the file or the variable that the keys name, if they do.
    pub(super) fn find(&self, section: &mut Section, keys: Keys) -> Found {
        let Keys { inline, file, variable } = keys;
        section.refuse(
            inline,
            &format!("a {inline} in the list itself is refused: lists are copied, mailed and committed"),
            format!("write it into a file that only the service can read and name that: {file} = \"secrets/…\", or use {variable}"),
        );
        let (from_file, from_variable) = (section.text(file, 1024), section.text(variable, 128));
        if let (Some(_), Some(name)) = (&from_file, &from_variable) {
            section.fault(
                variable,
                name.at.clone(),
                format!("the {inline} has two sources"),
                format!("keep {file} or {variable}"),
            );
            return Found { named: true, ..Found::default() };
        }
        let named = from_file.is_some() || from_variable.is_some();
        let unknown = Found { named, ..Found::default() };
        let Self::Read { directory, environment } = self else { return unknown };
        if let Some(name) = from_file {
            return read_file(&directory.join(&name.value), name, keys, section);
        }
        let Some(name) = from_variable else { return unknown };
        let password = environment
            .value(&name.value)
            .map(str::to_owned)
            .ok_or_else(|| "is not set".to_owned());
        match password.and_then(checked) {
            Ok(password) => Found { password: Some(password), ..unknown },
            Err(problem) => {
                let remedy =
                    format!("set it for the service (systemd: EnvironmentFile=), or use {file}");
                let problem = format!("the variable {} {problem}", name.value);
                section.fault(variable, name.at, problem, remedy);
                unknown
            }
        }
    }
}

fn read_file(path: &Path, name: Spotted<String>, keys: Keys, section: &mut Section) -> Found {
    match read(path) {
        Ok((password, mode)) => {
            let open = mode & 0o004 != 0;
            let warning = open
                .then(|| (name, format!("everyone on this machine can read {}", path.display())));
            Found { named: true, password: Some(password), file: Some(path.to_owned()), warning }
        }
        Err(problem) => {
            let remedy = format!(
                "write the {} into {} and let only the service read it (chmod 600)",
                keys.inline,
                path.display()
            );
            section.fault(keys.file, name.at, problem, remedy);
            Found { named: true, file: Some(path.to_owned()), ..Found::default() }
        }
    }
}

fn read(path: &Path) -> Result<(SecretString, u32), String> {
    let told = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "the service may not read the file".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    };
    // Before opening: opening a pipe would wait for a writer.
    let metadata = fs::metadata(path).map_err(told)?;
    if !metadata.is_file() {
        return Err("is not a file".to_owned());
    }
    let mut text = String::new();
    let mut file = fs::File::open(path).map_err(told)?.take(PASSWORD_MAX as u64 + 3);
    file.read_to_string(&mut text).map_err(|_| "the file cannot be read as text".to_owned())?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    let password = password.strip_suffix('\r').unwrap_or(password);
    Ok((checked(password.to_owned())?, metadata.permissions().mode()))
}

fn checked(password: String) -> Result<SecretString, String> {
    if password.is_empty() {
        return Err("is empty".to_owned());
    }
    if password.len() > PASSWORD_MAX {
        return Err(format!("holds more than {PASSWORD_MAX} bytes"));
    }
    if password.chars().any(char::is_control) {
        return Err("holds a second line or a control character".to_owned());
    }
    Ok(password.into())
}

/// No camera takes more than 128; this leaves room and keeps a wrong file out.
const PASSWORD_MAX: usize = 512;
