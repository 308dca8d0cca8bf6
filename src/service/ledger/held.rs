//! Entries that are nowhere but in memory yet, in order.

use std::{collections::VecDeque, sync::Arc};

use tokio::sync::oneshot;

use super::{Entry, Kept, NotKept};
use crate::store::AlertRows;

/// Entries of one commit: within 5 ms on a disk that is well.
pub const BATCH: usize = 64;

/// Bytes of one commit: pictures of some reports, for which no other write waits long.
const BATCH_BYTES: usize = 4 << 20;

/// Entries, and bytes, that wait in memory while neither store nor spool takes them: an hour and a
/// half of 20 each second. Then no more are taken from the queue.
pub(super) const WAITING: usize = 100_000;
const WAITING_BYTES: usize = 64 << 20;

/// An entry in our hands.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) rows: Arc<AlertRows>,
    answer: Option<oneshot::Sender<Result<Kept, NotKept>>>,
    bytes: usize,
}

impl Held {
    /// Tells who waits for it; the first answer counts.
    pub(super) fn answer(&mut self, answer: Result<Kept, NotKept>) {
        if let Some(asked) = self.answer.take() {
            // Whoever asked may have left.
            let _ = asked.send(answer);
        }
    }
}

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    entries: VecDeque<Held>,
    bytes: usize,
}

impl Waiting {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        self.entries.len() < WAITING && self.bytes < WAITING_BYTES
    }

    pub(super) fn push(&mut self, Entry { rows, answer }: Entry) -> &mut Held {
        let bytes = weight(&rows);
        self.bytes += bytes;
        self.entries.push_back(Held { rows: Arc::new(rows), answer, bytes });
        self.entries.back_mut().expect("pushed just now")
    }

    /// The next batch.
    pub(super) fn take(&mut self) -> Vec<Held> {
        let mut bytes = 0;
        let mut batch = Vec::new();
        while let Some(held) = self.entries.front() {
            bytes += held.bytes;
            if batch.len() == BATCH || (bytes > BATCH_BYTES && !batch.is_empty()) {
                break;
            }
            self.bytes -= held.bytes;
            batch.extend(self.entries.pop_front());
        }
        batch
    }

    /// Puts a batch back to where it came from.
    pub(super) fn put_back(&mut self, batch: Vec<Held>) {
        for held in batch.into_iter().rev() {
            self.bytes += held.bytes;
            self.entries.push_front(held);
        }
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Held> {
        self.entries.iter_mut()
    }
}

/// About what an entry takes in memory.
fn weight(rows: &AlertRows) -> usize {
    let pictures = rows.records.iter().filter_map(|record| record.picture.as_ref());
    let pictures: usize = pictures.map(bytes::Bytes::len).sum();
    let few = rows.changes.len() + rows.deliveries.len() + rows.records.len();
    // A snapshot of 150 cells.
    2048 * (1 + few + 4 * rows.walls.len()) + pictures
}
