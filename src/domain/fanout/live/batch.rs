//! What a viewer's lanes are due in one turn.

use arrayvec::ArrayVec;

use super::{lane::Position, lanes::Place};
use crate::domain::time::UnixMicros;

/// Messages handed out at once, as for tiles: a turn of a viewer that keeps up has a few, and one
/// that catches up gets several turns.
pub const BATCH: usize = 64;

/// A message that a viewer is due.
#[derive(Debug)]
pub struct Due<'r, M> {
    /// The message.
    pub message: &'r M,
    /// When the unit's last byte arrived, for one that was published while its lane was there: its
    /// delivery tells the service's own delay.
    pub live: Option<UnixMicros>,
    /// An access unit, not a configuration.
    pub unit: bool,
    pub(super) camera: u32,
    /// Where its lane stood before, should the message not be taken.
    pub(super) before: Position,
    /// Where the viewer goes on, should the message not be taken.
    pub(super) resume: Place,
}

impl<M> Clone for Due<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M> Copy for Due<'_, M> {}

/// What a viewer is due now, at most [`BATCH`] messages, on the stack, filled where it lies.
#[derive(Debug)]
pub struct Batch<'r, M> {
    items: ArrayVec<Due<'r, M>, BATCH>,
    /// Where the viewer goes on, should all be taken.
    pub(super) resume: Option<Place>,
    pub(super) complete: bool,
}

impl<'r, M> Batch<'r, M> {
    /// Nothing, of a viewer that may be due something.
    pub fn none() -> Self {
        Self { items: ArrayVec::new_const(), resume: None, complete: false }
    }

    /// The messages in the order to send them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Due<'r, M>> + ExactSizeIterator {
        self.items.iter().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether this is all that the viewer is due.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    pub(super) fn is_full(&self) -> bool {
        self.items.is_full()
    }

    /// Must not be called on a full one.
    pub(super) fn push(&mut self, due: Due<'r, M>) {
        self.items.push(due);
    }
}
