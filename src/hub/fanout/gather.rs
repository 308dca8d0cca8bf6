//! All that one viewer is due in one turn: tiles and live video, in the order to send them.

use std::time::Instant;

use super::frame::Frame;
use crate::domain::{
    fanout::{
        BATCH, Batch, Cursor, Tiles,
        live::{self, Lanes, Rings},
    },
    time::UnixMicros,
};

/// Messages of one turn.
pub(super) const MESSAGES: usize = BATCH + live::BATCH;

/// What was published and may still be due to somebody.
#[derive(Debug, Default)]
pub(super) struct Published {
    pub(super) tiles: Tiles<Frame>,
    pub(super) rings: Rings<Frame>,
}

/// What a viewer is due. Some kilobytes on the stack: filled where it lies, never moved.
#[derive(Debug)]
pub(super) struct Gathered<'p> {
    pub(super) tiles: Batch<'p, Frame>,
    pub(super) live: live::Batch<'p, Frame>,
    live_first: bool,
}

/// A message of either kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'p> {
    pub(super) frame: &'p Frame,
    /// When it arrived, if its delivery tells the service's delay.
    pub(super) live: Option<UnixMicros>,
    pub(super) video: bool,
}

/// What of one kind was given to a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) messages: usize,
    pub(super) bytes: u64,
}

impl<'p> Gathered<'p> {
    /// Nothing, as for a viewer that must not be given anything now.
    pub(super) fn none(live_first: bool) -> Self {
        Self { tiles: Batch::none(), live: live::Batch::none(), live_first }
    }

    /// Puts in all that is due.
    pub(super) fn fill(
        &mut self,
        now: Instant,
        published: &'p Published,
        cursor: &Cursor,
        lanes: &mut Lanes,
    ) {
        cursor.due(&published.tiles, &mut self.tiles);
        lanes.due(now, &published.rings, &mut self.live);
    }

    /// The messages in the order to send them.
    pub(super) fn items(&self) -> impl Iterator<Item = Item<'p>> {
        let live = |wanted: bool| {
            let video = |due: live::Due<'p, Frame>| Item {
                frame: due.message,
                live: due.live,
                video: true,
            };
            self.live.iter().take(if wanted { live::BATCH } else { 0 }).map(video)
        };
        let tiles =
            self.tiles.iter().map(|due| Item { frame: due.message, live: due.live, video: false });
        live(self.live_first).chain(tiles).chain(live(!self.live_first))
    }

    /// Whether this is all that the viewer is due.
    pub(super) fn is_complete(&self) -> bool {
        self.tiles.is_complete() && self.live.is_complete()
    }
}

impl Given {
    pub(super) fn add(&mut self, frame: &Frame) {
        self.messages += 1;
        self.bytes += frame.len() as u64;
    }
}
