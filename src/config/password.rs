//! Where a camera's password comes from: a file beside the configuration, or a variable. Read
//! once per load, kept as a `SecretString`, never part of a fault.

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

/// What a camera's keys said about its password.
#[derive(Default)]
pub(super) struct Found {
    pub(super) password: Option<SecretString>,
    pub(super) file: Option<PathBuf>,
    pub(super) warning: Option<(Spotted<String>, String)>,
}

impl Passwords<'_> {
    /// Reads `password_file` or `password_env` of a camera.
    pub(super) fn find(&self, section: &mut Section) -> Found {
        section.refuse(
            "password",
            "a password in the list itself is refused: lists are copied, mailed and committed",
            "write it into a file that only the service can read and name that: password_file = \"secrets/…\", or use password_env",
        );
        let file = section.text("password_file", 1024);
        let variable = section.text("password_env", 128);
        if let (Some(_), Some(variable)) = (&file, &variable) {
            section.fault(
                "password_env",
                variable.at.clone(),
                "the password has two sources",
                "keep password_file or password_env",
            );
            return Found::default();
        }
        let Self::Read { directory, environment } = self else { return Found::default() };
        if let Some(name) = file {
            return from_file(&directory.join(&name.value), name, section);
        }
        let Some(name) = variable else { return Found::default() };
        let password = environment
            .value(&name.value)
            .map(str::to_owned)
            .ok_or_else(|| "is not set".to_owned());
        match password.and_then(checked) {
            Ok(password) => Found { password: Some(password), ..Found::default() },
            Err(problem) => {
                let remedy =
                    "set it for the service (systemd: EnvironmentFile=), or use password_file";
                section.fault(
                    "password_env",
                    name.at,
                    format!("the variable {} {problem}", name.value),
                    remedy,
                );
                Found::default()
            }
        }
    }
}

fn from_file(path: &Path, name: Spotted<String>, section: &mut Section) -> Found {
    match read(path) {
        Ok((password, mode)) => {
            let open = mode & 0o004 != 0;
            let warning = open
                .then(|| (name, format!("everyone on this machine can read {}", path.display())));
            Found { password: Some(password), file: Some(path.to_owned()), warning }
        }
        Err(problem) => {
            let remedy = format!(
                "write the password into {} and let only the service read it (chmod 600)",
                path.display()
            );
            section.fault("password_file", name.at, problem, remedy);
            Found { file: Some(path.to_owned()), ..Found::default() }
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
