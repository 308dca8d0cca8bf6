//! The head of the chain in a file beside the store: a line each hour, so that a tail that was cut
//! off the table, with its head, is still missed.

use std::{
    fs,
    io::{self, BufRead, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use sqlx::{Row, SqliteConnection};
use tracing::{info, warn};

use super::{KnownHead, hash, unsigned};
use crate::domain::time::UnixMicros;

/// Between two lines.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// From a start to the first line, and between a line that could not be written and the next try.
const SOON: Duration = Duration::from_secs(60);

/// The file, and when its next line is due.
#[derive(Debug)]
pub(in crate::store) struct HeadFile {
    path: PathBuf,
    due: Instant,
    noted: Option<KnownHead>,
}

/// The file of a store.
pub(super) fn beside(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".audit-head");
    name.into()
}

impl HeadFile {
    pub(in crate::store) fn new(store: &Path) -> Self {
        Self { path: beside(store), due: Instant::now() + SOON, noted: None }
    }

    /// Whether a line is due.
    pub(in crate::store) fn is_due(&self) -> bool {
        Instant::now() >= self.due
    }

    /// Adds a line unless nothing was added to the chain. A file that cannot be written is told in the
    /// log, and tried again; the log has the head in any case.
    pub(in crate::store) async fn note(&mut self, connection: &mut SqliteConnection) {
        self.due = Instant::now() + EVERY;
        let (head, at) = match read(connection).await {
            Ok(read) => read,
            Err(error) => return warn!(%error, "the audit's head cannot be read"),
        };
        if head.seq == 0 || self.noted == Some(head) {
            return;
        }
        info!(seq = head.seq, hash = %head.hash, "the audit's head");
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || append(&path, head, at)).await;
        match written.unwrap_or_else(|panicked| Err(io::Error::other(panicked))) {
            Ok(()) => self.noted = Some(head),
            Err(error) => {
                self.due = Instant::now() + SOON;
                warn!(file = %self.path.display(), %error, "the audit's head cannot be noted");
            }
        }
    }
}

async fn read(connection: &mut SqliteConnection) -> Result<(KnownHead, UnixMicros), sqlx::Error> {
    let row = sqlx::query("SELECT seq, hash, at FROM audit_head").fetch_one(connection).await?;
    let head = KnownHead { seq: unsigned(row.try_get("seq")?), hash: hash(&row, "hash")? };
    Ok((head, UnixMicros(unsigned(row.try_get("at")?))))
}

fn append(path: &Path, head: KnownHead, at: UnixMicros) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    writeln!(file, "{} {} {}", head.seq, head.hash, at.0)?;
    file.sync_all()
}

/// The heads that were noted, in the order of their numbers, and how many lines are none (a line
/// that was being written in a power cut). No file: none.
pub(super) fn noted(store: &Path) -> io::Result<(Vec<KnownHead>, usize)> {
    let file = match fs::File::open(beside(store)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(error) => return Err(error),
    };
    let (mut heads, mut others) = (Vec::new(), 0);
    for line in io::BufReader::new(file).split(b'\n') {
        match std::str::from_utf8(&line?).ok().and_then(parsed) {
            Some(head) => heads.push(head),
            None => others += 1,
        }
    }
    heads.sort_by_key(|head| head.seq);
    Ok((heads, others))
}

fn parsed(line: &str) -> Option<KnownHead> {
    let mut words = line.split(' ');
    let head = KnownHead { seq: words.next()?.parse().ok()?, hash: words.next()?.parse().ok()? };
    // The time is for people; it tells that the line is whole.
    words.next()?.parse::<u64>().ok().filter(|_| words.next().is_none()).map(|_| head)
}
