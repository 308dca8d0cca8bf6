//! The spool: an append-only file for what the store does not take. What was appended survives a
//! power cut, as in the store.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::SystemTime,
};

use rustix::fs::{FallocateFlags, fallocate};
use tracing::error;

use super::frame::{self, Piece};
use crate::{domain::time::UnixMicros, store::AlertRows};

/// Room that is taken when the disk still has some: when it is full, so many alerts, some 8,000,
/// can be spooled all the same.
const RESERVED: u64 = 16 << 20;

/// Bytes of one read; more where one entry is longer.
const CHUNK: usize = 1 << 20;

/// The file.
#[derive(Debug)]
pub(super) struct Spool {
    path: PathBuf,
    /// Opened when it is first needed, and again after a failure.
    file: Option<File>,
    /// What is good. Behind it there may be the rest of an append that failed.
    len: u64,
}

/// What was read of it.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// Entries, in order.
    pub(super) entries: Vec<AlertRows>,
    /// Where to read on.
    pub(super) next: u64,
    /// Bytes that were no entries, though entries follow.
    pub(super) damaged: u64,
    /// Bytes at the end that are no entry: an append that did not come to its end, and was never
    /// confirmed.
    pub(super) torn: u64,
}

impl Spool {
    /// Looks what is there. An error says that there is something which cannot be read.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let len = match fs::metadata(path) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        Ok(Self { path: path.to_owned(), file: None, len })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of entries.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Makes the file and takes room for it, so that neither has to be done when the disk is full.
    pub(super) fn prepare(&mut self) -> io::Result<()> {
        self.opened().map(drop)
    }

    /// Appends lines; when it returns they survive a power cut. After a failure none of them counts.
    pub(super) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let before = self.len;
        let file = self.opened()?;
        let appended = file.write_all(lines).and_then(|()| file.sync_data());
        if let Err(error) = appended {
            // What a failed flush left in memory cannot be trusted: all of it is written again.
            // Cut off now, or when it is opened again.
            let _ = file.set_len(before);
            self.file = None;
            return Err(error);
        }
        self.len += lines.len() as u64;
        Ok(())
    }

    /// Reads on from `from`.
    pub(super) fn read(&mut self, from: u64) -> io::Result<Chunk> {
        let mut chunk = Chunk { next: from, ..Chunk::default() };
        let mut size = CHUNK;
        while chunk.next < self.len && chunk.entries.is_empty() {
            let (start, end) = (chunk.next, self.len);
            let left = usize::try_from(end - start).unwrap_or(usize::MAX);
            let mut bytes = vec![0; size.min(left)];
            self.opened()?.read_exact_at(&mut bytes, start)?;
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let taken = match frame::next(rest) {
                    Piece::Whole(json, taken) => {
                        match serde_json::from_slice(json) {
                            Ok(entry) => chunk.entries.push(entry),
                            // Of a release that is not this one.
                            Err(_) => chunk.damaged += taken as u64,
                        }
                        taken
                    }
                    Piece::Damaged(taken) => {
                        chunk.damaged += taken as u64;
                        taken
                    }
                    Piece::Cut if size >= left => {
                        chunk.torn = rest.len() as u64;
                        rest.len()
                    }
                    Piece::Cut => break,
                };
                chunk.next += taken as u64;
                rest = &rest[taken..];
            }
            // One entry may be longer than a chunk.
            size = size.saturating_mul(2);
        }
        Ok(chunk)
    }

    /// Forgets everything: it is in the store. What was not understood is not thrown away.
    pub(super) fn empty(&mut self, damaged: bool) -> io::Result<()> {
        if !damaged {
            return self.clear();
        }
        let aside = self.set_aside("damaged")?;
        error!(file = %aside.display(), "the spool of alerts was moved away, because not all of it could be read: have it looked at");
        Ok(())
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        let file = self.opened()?;
        file.set_len(0)?;
        reserve(file);
        file.sync_all()?;
        self.len = 0;
        Ok(())
    }

    /// Moves the file away, for people to look at, and begins a new one. Returns its new name.
    pub(super) fn set_aside(&mut self, word: &str) -> io::Result<PathBuf> {
        let mut name = self.path.clone().into_os_string();
        let seconds = UnixMicros::from(SystemTime::now()).0 / 1_000_000;
        name.push(format!(".{word}-{seconds}"));
        let aside = PathBuf::from(name);
        fs::rename(&self.path, &aside)?;
        self.file = None;
        self.len = 0;
        self.prepare()?;
        Ok(aside)
    }

    fn opened(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            let mut options = OpenOptions::new();
            let file = options.read(true).append(true).create(true).mode(0o600).open(&self.path)?;
            // The rest of an append that failed.
            file.set_len(self.len)?;
            reserve(&file);
            file.sync_all()?;
            let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()?;
            self.file = Some(file);
        }
        Ok(self.file.as_mut().expect("opened above"))
    }
}

/// As good as it goes: not every file system can, and a full disk has no room to take.
fn reserve(file: &File) {
    // The length stays: behind it nothing is ever read.
    let _ = fallocate(file, FallocateFlags::KEEP_SIZE, 0, RESERVED);
}
