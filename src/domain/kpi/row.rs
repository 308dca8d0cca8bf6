//! What figures are made of.

use serde::{Deserialize, Serialize};

use crate::domain::{
    alert::{Alert, Change, Priority, Source, What},
    roster::PositionId,
    time::UnixMicros,
};

/// A stretch of time, as a shift: from its beginning to before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// When it begins.
    pub from: UnixMicros,
    /// When it is over.
    pub to: UnixMicros,
}

impl Window {
    /// Whether a moment is in it.
    pub fn holds(&self, at: UnixMicros) -> bool {
        self.from <= at && at < self.to
    }

    /// How long it is, seconds.
    pub fn seconds(&self) -> f64 {
        self.to.since(self.from).as_secs_f64()
    }
}

/// One alert, as far as figures need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whom it concerned, and with which kind.
    pub source: Source,
    /// Whose it was.
    pub position: PositionId,
    /// How soon somebody had to act.
    pub priority: Priority,
    /// When it was opened.
    pub opened_at: UnixMicros,
    /// When somebody read it first.
    pub read_at: Option<UnixMicros>,
    /// When somebody took it first.
    pub acknowledged_at: Option<UnixMicros>,
    /// When it was over; `None` while it is open.
    pub closed_at: Option<UnixMicros>,
    /// Activations.
    pub count: u32,
    /// It came and went too often at some time.
    pub chattered: bool,
    /// It was injected to train people.
    pub drill: bool,
}

impl Row {
    /// The row of an alert by its first change, or by whatever change is known first; then
    /// [`follow`](Self::follow) the others in their order.
    pub fn begin(change: &Change) -> Self {
        let mut row = Self::from(&*change.alert);
        if change.what == What::Opened {
            // When people could know of it; its cause may have begun earlier.
            row.opened_at = change.at;
        }
        row
    }

    /// One more change of the same alert.
    pub fn follow(&mut self, change: &Change) {
        let before = self.clone();
        *self = Self::from(&*change.alert);
        self.opened_at = before.opened_at;
        self.read_at = before.read_at.or(self.read_at);
        self.acknowledged_at = before.acknowledged_at.or(self.acknowledged_at);
        self.chattered |= before.chattered;
    }
}

/// What an alert tells by itself. That it was taken before it was raised again, and that it chattered
/// before, only its changes tell.
impl From<&Alert> for Row {
    fn from(alert: &Alert) -> Self {
        Self {
            source: alert.source.clone(),
            position: alert.position.clone(),
            priority: alert.priority,
            opened_at: alert.opened_at,
            read_at: alert.read.as_ref().map(|signed| signed.at),
            acknowledged_at: alert.acknowledged.as_ref().map(|signed| signed.at),
            closed_at: alert.closed_at,
            count: alert.count,
            chattered: alert.chattering,
            drill: alert.drill,
        }
    }
}
