//! Coded keyframes on disk, below the target folder. Whatever decides their bytes decides their
//! name: a change of any line that draws or codes starts an empty folder, and the old one goes.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use sha2::{Digest, Sha256};
use watchwall::sim::scene::SOURCES;

/// What of this bench decides what a picture looks like.
const OWN: [&str; 11] = [
    include_str!("chance.rs"),
    include_str!("coder.rs"),
    include_str!("effect.rs"),
    include_str!("film.rs"),
    include_str!("footage.rs"),
    include_str!("lighting.rs"),
    include_str!("paint.rs"),
    include_str!("shot.rs"),
    include_str!("source.rs"),
    include_str!("trouble.rs"),
    include_str!("warp.rs"),
];

/// Coded keyframes of films by what they are films of.
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Below `folder`.
    pub(crate) fn open(folder: &Path) -> Self {
        let mut hash = Sha256::new();
        for text in OWN.iter().chain(&[include_str!("weather.rs")]).chain(&SOURCES) {
            hash.update(text);
        }
        let own = short(&hash.finalize());
        for old in fs::read_dir(folder).into_iter().flatten().flatten() {
            if old.file_name().to_string_lossy() != own {
                let _ = fs::remove_dir_all(old.path());
            }
        }
        Self { folder: folder.join(own) }
    }

    /// What is kept under a key, or what `make` makes, which is then kept.
    pub(crate) fn film(&self, key: &str, make: impl FnOnce() -> Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let file = self.folder.join(short(&Sha256::digest(key)));
        if let Some(film) = fs::read(&file).ok().as_deref().and_then(parse) {
            return film;
        }
        let film = make();
        if let Err(error) = keep(&file, &film) {
            eprintln!("not kept for next time: {}: {error}", file.display());
        }
        film
    }
}

fn short(hash: &[u8]) -> String {
    hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// Written aside and renamed, so that half a file is never read.
fn keep(file: &Path, film: &[Vec<u8>]) -> io::Result<()> {
    static ASIDE: AtomicU32 = AtomicU32::new(0);
    let number = ASIDE.fetch_add(1, Ordering::Relaxed);
    let aside = file.with_extension(format!("{}.{number}.part", std::process::id()));
    fs::create_dir_all(file.parent().unwrap_or_else(|| Path::new(".")))?;
    let mut bytes = Vec::with_capacity(film.iter().map(|unit| unit.len() + 4).sum());
    for unit in film {
        bytes.extend_from_slice(&(unit.len() as u32).to_le_bytes());
        bytes.extend_from_slice(unit);
    }
    fs::write(&aside, bytes)?;
    fs::rename(&aside, file)
}

fn parse(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut film = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (unit, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        film.push(unit.to_vec());
        bytes = rest;
    }
    Some(film)
}
