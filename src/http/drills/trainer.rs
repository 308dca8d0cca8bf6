//! The way to the task that carries drills out.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::{
    desk::command::Refused,
    http::{App, Problem},
    store::{DrillRow, StoreError},
};

/// Drills that go on at once: more than there are people to be trained.
const AT_ONCE: usize = 4;

/// A drill on its way to being carried out.
#[derive(Debug)]
pub struct Lesson {
    /// What is to be done.
    pub drill: DrillRow,
    /// Told when its first alert is stored, or why there is none.
    pub begun: oneshot::Sender<Result<(), NotBegun>>,
    /// Kept while it goes on.
    pub place: OwnedSemaphorePermit,
}

/// Why a drill did not begin. Nothing was raised.
#[derive(Debug, thiserror::Error)]
pub enum NotBegun {
    /// The store did not take it.
    #[error("it could not be stored")]
    NotStored(#[source] StoreError),
    /// The desk refused its first alert.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// Hands drills to the task that carries them out.
#[derive(Clone, Debug)]
pub struct Trainer {
    lessons: mpsc::Sender<Lesson>,
    places: Arc<Semaphore>,
}

impl Trainer {
    /// With the end where drills arrive.
    pub fn new() -> (Self, mpsc::Receiver<Lesson>) {
        // One for each place: nobody waits here.
        let (lessons, arriving) = mpsc::channel(AT_ONCE);
        (Self { lessons, places: Arc::new(Semaphore::new(AT_ONCE)) }, arriving)
    }

    /// Begins a drill; returns when its first alert is stored.
    pub(super) async fn begin(&self, drill: DrillRow) -> Result<(), Problem> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| {
            Problem::conflict(format!("{AT_ONCE} drills are going on. Wait until one is over."))
        })?;
        let (begun, begins) = oneshot::channel();
        let stopping = || Problem::refused(Refused::Stopping);
        let lesson = Lesson { drill, begun, place };
        self.lessons.send(lesson).await.map_err(|_| stopping())?;
        begins.await.map_err(|_| stopping())?.map_err(|not_begun| match not_begun {
            NotBegun::NotStored(error) => {
                tracing::warn!(%error, "a drill could not be stored");
                Problem::refused(Refused::NotStored("the store failed".to_owned()))
            }
            NotBegun::Refused(refused) => Problem::refused(refused),
        })
    }
}

impl App {
    pub(super) fn trainer(&self) -> Result<&Trainer, Problem> {
        self.trainer.as_ref().ok_or_else(|| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "This service gives no drills.")
        })
    }
}
