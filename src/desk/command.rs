//! What people tell the desk to do, and what it answers.

use tokio::sync::{mpsc, oneshot};

use super::event::Event;
use crate::domain::{
    camera::CameraId,
    maintenance::{Maintenance, MaintenanceId},
    picture::ReferenceCommand,
    time::UnixMicros,
    wall::Selector,
};

/// Something a person wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Take cameras out of service.
    Maintain {
        /// Which.
        scope: Selector,
        /// Until when.
        until: UnixMicros,
        /// Why.
        reason: String,
        /// Who says so.
        by: String,
    },
    /// End an order before its time.
    EndMaintenance(MaintenanceId),
    /// Confirm or reset what was learnt of a camera's pictures.
    References(CameraId, ReferenceCommand),
}

/// What became of it. Whatever had to be stored is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// The order, with its number.
    Maintenance(Maintenance),
    /// It was done, and there is nothing to tell.
    Plainly,
}

/// Why it was not done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It names something that does not exist.
    #[error("there is no {0}")]
    Unknown(String),
    /// It makes no sense.
    #[error("{0}")]
    Senseless(String),
    /// The store failed.
    #[error("it could not be stored: {0}")]
    NotStored(String),
    /// The service is stopping.
    #[error("the service is stopping")]
    Stopping,
}

/// Where the answer goes.
pub type Answer = oneshot::Sender<Result<Done, Refused>>;

/// The way to the desk for those who speak for people.
#[derive(Clone, Debug)]
pub struct Commands(mpsc::Sender<Event>);

impl Commands {
    /// Through the desk's queue.
    pub fn new(events: mpsc::Sender<Event>) -> Self {
        Self(events)
    }

    /// Has a command carried out.
    pub async fn give(&self, command: Command) -> Result<Done, Refused> {
        let (answer, answered) = oneshot::channel();
        let sent = self.0.send(Event::Command(command, answer)).await;
        sent.map_err(|_| Refused::Stopping)?;
        answered.await.unwrap_or(Err(Refused::Stopping))
    }
}
