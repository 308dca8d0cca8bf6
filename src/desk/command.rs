//! What people tell the desk to do, and what it answers.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    event::{Event, Painted},
    view::WallView,
};
use crate::{
    domain::{
        alert::{self, Act, Actor, Alert, AlertId, Seq, delivery::DeliveryId},
        camera::{CameraId, Slug, WallId},
        maintenance::{Maintenance, MaintenanceId},
        picture::ReferenceCommand,
        screen::ScreenRef,
        time::UnixMicros,
        wall::{self, Selector},
    },
    store::{AuditRow, HandoverRow, JournalRow, Receipt},
};

/// Something a person wants done.
#[derive(Clone, Debug, PartialEq)]
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
    /// Do something with an alert.
    Alert {
        /// Which.
        id: AlertId,
        /// Who does it.
        by: Actor,
        /// From where, if that is known.
        address: Option<IpAddr>,
        /// What.
        act: Act,
        /// The client's own name for this command: sent again, it is done once.
        request: Option<String>,
        /// When the person asked for it, where that was not now.
        asked_at: Option<UnixMicros>,
    },
    /// Take what an outside system saw.
    Observe(Box<JournalRow>),
    /// Send a message again that was given up.
    Resend {
        /// Which message.
        id: DeliveryId,
        /// Who says so.
        by: Actor,
        /// From where, if that is known.
        address: Option<IpAddr>,
    },
    /// Write a hand-over sheet down, and who did what to it.
    HandOver(Box<HandoverRow>, Box<AuditRow>),
    /// Drive a wall.
    Wall {
        /// Which.
        wall: WallId,
        /// Who does it.
        by: Actor,
        /// From where, if that is known.
        address: Option<IpAddr>,
        /// The revision that it was meant for, if it is to hold for that one only.
        meant: Option<u64>,
        /// The client's own name for this command: sent again, it is done once.
        request: Option<String>,
        /// What.
        command: wall::Command,
    },
    /// Raise an alert to train people.
    Drill {
        /// The drill that it belongs to.
        drill: Uuid,
        /// Of which kind.
        kind: Slug,
        /// At which camera.
        camera: CameraId,
    },
}

/// What became of it. Whatever had to be stored is stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// The order, with its number.
    Maintenance(Maintenance),
    /// The alert after it.
    Alert {
        /// Of its newest change.
        seq: Seq,
        /// The alert.
        alert: Arc<Alert>,
    },
    /// The record, and the alert that it became.
    Observed {
        /// The record's name; an earlier one, if it was told before.
        record: Uuid,
        /// The alert.
        alert: Option<AlertId>,
    },
    /// The wall after it.
    Wall(Arc<WallView>),
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
    /// The book refused.
    #[error(transparent)]
    Alert(#[from] alert::Refused),
    /// The client's name for it is that of another command.
    #[error("`request` was used for another command: give each its own")]
    RequestUsed,
    /// The wall refused.
    #[error(transparent)]
    Wall(#[from] wall::Refused),
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

    /// Says which applications have which alerts. Nobody waits for that to be written down; if the
    /// service stops before, they say it again.
    pub async fn received(&self, receipts: Vec<Receipt>) {
        // The desk is gone only when the service stops.
        let _ = self.0.send(Event::Received(receipts)).await;
    }

    /// Says what a page has painted; `false` if the desk is too far behind to hear it. The next one
    /// comes in a second.
    pub fn painted(&self, painted: Painted) -> bool {
        self.0.try_send(Event::Painted(Box::new(painted))).is_ok()
    }

    /// Says that a page which painted is no longer connected. It is missed without this word, too.
    pub fn parted(&self, screen: ScreenRef) {
        let _ = self.0.try_send(Event::Parted(screen));
    }

    /// Has a command carried out.
    pub async fn give(&self, command: Command) -> Result<Done, Refused> {
        let (answer, answered) = oneshot::channel();
        let sent = self.0.send(Event::Command(command, answer)).await;
        sent.map_err(|_| Refused::Stopping)?;
        answered.await.unwrap_or(Err(Refused::Stopping))
    }
}
