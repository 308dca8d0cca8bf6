//! Keeps the pictures that are worth it: the newest tile of a camera, as the fan-out has it.

use std::sync::{Arc, atomic::Ordering};

use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::{
    domain::{
        camera::{CameraId, Handle},
        history::Keep,
    },
    http::PastFigures,
    hub::{fanout::FanoutHandle, media::BASE_WIDTH},
    store::{KeptPicture, Store},
};

/// Wishes that wait: every camera of a large centre covered by the same fog. Beyond that they are
/// dropped and counted: the episode is told all the same, without its picture.
const WAITING: usize = 1024;

/// Where wishes for pictures go.
#[derive(Debug)]
pub(super) struct Album {
    to: mpsc::Sender<(CameraId, Handle, Keep)>,
    figures: Arc<PastFigures>,
}

impl Album {
    /// Starts the task; it ends when the album is dropped and what waits is kept.
    pub(super) fn start(
        store: Store,
        fanout: FanoutHandle,
        figures: Arc<PastFigures>,
        tasks: &TaskTracker,
    ) -> Self {
        let (to, wishes) = mpsc::channel(WAITING);
        tasks.spawn(run(store, fanout, figures.clone(), wishes));
        Self { to, figures }
    }

    /// Keeps the camera's newest picture soon.
    pub(super) fn keep(&self, camera: CameraId, handle: Handle, keep: Keep) {
        if self.to.try_send((camera, handle, keep)).is_err() {
            self.figures.pictures_dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn run(
    store: Store,
    fanout: FanoutHandle,
    figures: Arc<PastFigures>,
    mut wishes: mpsc::Receiver<(CameraId, Handle, Keep)>,
) {
    let mut failing = false;
    while let Some((camera, handle, keep)) = wishes.recv().await {
        let Some(newest) = fanout.newest(handle, BASE_WIDTH).await else {
            // No tile, or no fan-out any more.
            figures.pictures_dropped.fetch_add(1, Ordering::Relaxed);
            continue;
        };
        let captured_at = newest.header.received_at;
        let picture = KeptPicture { camera, keep, captured_at, jpeg: newest.jpeg };
        match store.keep_picture(picture).await {
            Ok(()) => {
                failing = false;
                figures.pictures_kept.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                figures.pictures_dropped.fetch_add(1, Ordering::Relaxed);
                if !std::mem::replace(&mut failing, true) {
                    warn!(%error, "a picture could not be kept");
                }
            }
        }
    }
}
