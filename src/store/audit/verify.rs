//! Finds the first row that is not what was written: goes along the chain, one row at a time.

use std::fmt;

use uuid::Uuid;

use super::{AuditHash, Link};
use crate::domain::time::UnixMicros;

/// A head that was noted apart from the table: the newest row at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownHead {
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub hash: AuditHash,
}

/// The first row that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Broken {
    /// Its number.
    pub seq: u64,
    /// Its name, if there is such a row.
    pub id: Option<Uuid>,
    /// Its time, if there is such a row.
    pub at: Option<UnixMicros>,
    /// What was done to it.
    pub wrong: Wrong,
}

/// What was done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It says something else than when it was written.
    Edited,
    /// It is missing, and rows behind it are there.
    Deleted,
    /// It stands where the row of this number belongs, and that one elsewhere.
    Swapped(u64),
    /// It and all behind it are missing, up to the row of this number at least.
    Truncated(u64),
    /// It, or one before it that is later than the row of this number, was written anew, with all
    /// hashes that follow.
    Rewritten(u64),
    /// It was added by somebody else than the service.
    Added,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.seq)?;
        if let Some(id) = self.id {
            write!(f, ", id {id}")?;
        }
        if let Some(at) = self.at {
            write!(f, ", of {}", moment(at))?;
        }
        match self.wrong {
            Wrong::Edited => f.write_str(": edited; it says something else than was written"),
            Wrong::Deleted => f.write_str(": deleted; rows behind it are there"),
            Wrong::Swapped(with) => write!(f, ": swapped with row {with}"),
            Wrong::Truncated(head) => {
                write!(f, ": truncated; it and all behind it are missing, to row {head} at least")
            }
            Wrong::Rewritten(good) => write!(
                f,
                ": rewritten; a head that was noted has another hash, so rows behind {good} were chained anew"
            ),
            Wrong::Added => f.write_str(": added by somebody else than the service"),
        }
    }
}

fn moment(at: UnixMicros) -> String {
    let at = i64::try_from(at.0).ok().and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    at.map_or_else(|| "no time".to_owned(), |at| at.to_string())
}

/// Where the check stands.
#[derive(Clone, Debug)]
pub(super) struct Verifier {
    seq: u64,
    hash: AuditHash,
    /// The row that was looked at last.
    last: Option<(Uuid, UnixMicros)>,
    rows: u64,
}

impl Verifier {
    /// Goes on behind a row.
    pub(super) fn new(seq: u64, hash: AuditHash) -> Self {
        Self { seq, hash, last: None, rows: 0 }
    }

    pub(super) fn head(&self) -> KnownHead {
        KnownHead { seq: self.seq, hash: self.hash }
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The next row by number.
    pub(super) fn apply(&mut self, link: &Link) -> Result<(), Broken> {
        let seq = self.seq + 1;
        if link.seq > seq {
            return Err(Broken { seq, id: None, at: None, wrong: Wrong::Deleted });
        }
        let own = link.content.hash(link.seq, &link.prev);
        if link.prev != self.hash {
            // A row that is whole in itself says that the one before it is another now.
            let wrong = Wrong::Edited;
            return Err(match (own == Some(link.hash), self.last) {
                (true, Some(_)) => self.last(wrong),
                _ => broken(link, wrong),
            });
        }
        if own != Some(link.hash) {
            return Err(broken(link, Wrong::Edited));
        }
        (self.seq, self.hash, self.rows) = (seq, link.hash, self.rows + 1);
        self.last = named(link);
        Ok(())
    }

    /// Whether what this row says belongs in the next place, in which `there` stands.
    pub(super) fn misses(&self, there: &Link, row: &Link) -> bool {
        let hash = row.content.hash(self.seq + 1, &self.hash);
        hash.is_some() && (hash == Some(there.hash) || hash == Some(row.hash))
    }

    /// After the last row: what the head that was kept apart says.
    pub(super) fn end(&self, head: KnownHead) -> Result<(), Broken> {
        if head.seq > self.seq {
            return Err(self.missing(head.seq));
        }
        if head.seq < self.seq {
            let seq = head.seq + 1;
            return Err(Broken { seq, id: None, at: None, wrong: Wrong::Added });
        }
        if head.hash != self.hash { Err(self.last(Wrong::Edited)) } else { Ok(()) }
    }

    /// All behind the last row is missing.
    pub(super) fn missing(&self, head: u64) -> Broken {
        Broken { seq: self.seq + 1, id: None, at: None, wrong: Wrong::Truncated(head) }
    }

    /// Names the row that was looked at last.
    pub(super) fn last(&self, wrong: Wrong) -> Broken {
        let (id, at) = self.last.unzip();
        Broken { seq: self.seq, id, at, wrong }
    }
}

/// Names a row.
pub(super) fn broken(link: &Link, wrong: Wrong) -> Broken {
    let (id, at) = named(link).unzip();
    Broken { seq: link.seq, id, at, wrong }
}

fn named(link: &Link) -> Option<(Uuid, UnixMicros)> {
    let id = Uuid::from_slice(&link.content.id).ok()?;
    Some((id, UnixMicros(u64::try_from(link.content.at).ok()?)))
}
