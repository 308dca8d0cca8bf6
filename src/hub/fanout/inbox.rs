//! How the rest of the service reaches the fan-out thread: without ever waiting for it.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::{Notify, oneshot};

use super::{Newest, Viewer};
use crate::domain::{
    camera::Handle,
    fanout::{Picture, Step},
    media::Tile,
};

/// Tiles that wait for the next turn, about a millisecond. More than this means that the thread is
/// starved for seconds; the newest are dropped then, and counted.
const TILES: usize = 4096;
/// The same bound in bytes.
const TILE_BYTES: usize = 64 << 20;
/// Viewers and questions that wait for the next turn; each is behind a connection limit already.
const ASKED: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
    wake: Notify,
    dropped: AtomicU64,
}

/// What came in since the last turn.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) tiles: Vec<(Handle, Step, Picture, Tile)>,
    tile_bytes: usize,
    /// The last word on each camera; bounded by the cameras there are.
    pub(super) not_live: HashMap<Handle, bool>,
    pub(super) forget: Vec<Handle>,
    pub(super) viewers: Vec<Viewer>,
    pub(super) newest: Vec<(Handle, Step, oneshot::Sender<Option<Newest>>)>,
    pub(super) shutdown: bool,
    /// The thread was told and has not looked yet: no need to tell it again.
    told: bool,
}

impl Inbox {
    pub(super) fn tile(&self, camera: Handle, step: Step, picture: Picture, tile: Tile) {
        self.put(|waiting| {
            let bytes = waiting.tile_bytes + tile.jpeg.len();
            if waiting.tiles.len() >= TILES || bytes > TILE_BYTES {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                return;
            }
            waiting.tile_bytes = bytes;
            waiting.tiles.push((camera, step, picture, tile));
        });
    }

    pub(super) fn viewer(&self, viewer: Viewer) {
        self.put(|waiting| {
            // Dropping it closes its connection.
            if waiting.viewers.len() < ASKED {
                waiting.viewers.push(viewer);
            }
        });
    }

    pub(super) fn newest(
        &self,
        camera: Handle,
        step: Step,
        answer: oneshot::Sender<Option<Newest>>,
    ) {
        self.put(|waiting| {
            // Dropping it answers "none".
            if waiting.newest.len() < ASKED {
                waiting.newest.push((camera, step, answer));
            }
        });
    }

    pub(super) fn put(&self, change: impl FnOnce(&mut Waiting)) {
        let mut waiting = self.lock();
        change(&mut waiting);
        if !std::mem::replace(&mut waiting.told, true) {
            drop(waiting);
            self.wake.notify_one();
        }
    }

    /// Takes all that came in, leaving `empty`'s allocations for the next turn.
    pub(super) fn swap(&self, empty: &mut Waiting) {
        empty.told = false;
        empty.tile_bytes = 0;
        std::mem::swap(&mut *self.lock(), empty);
    }

    /// Resolves once something has come in.
    pub(super) async fn told(&self) {
        self.wake.notified().await;
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // What is inside is plain lists: a producer that panicked left them usable.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
