//! What figures are made of.

use crate::domain::{
    alert::{Alert, Change, Priority, Source, What},
    roster::PositionId,
    time::UnixMicros,
};

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
    /// When the activation began that was read and taken, or is to be.
    pub raised_at: UnixMicros,
    /// When somebody read it.
    pub read_at: Option<UnixMicros>,
    /// When somebody took it.
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
            (row.opened_at, row.raised_at) = (change.at, change.at);
        }
        row
    }

    /// One more change of the same alert. Its first reactions stay.
    pub fn follow(&mut self, change: &Change) {
        let before = std::mem::replace(self, Self::from(&*change.alert));
        self.opened_at = before.opened_at;
        self.chattered |= before.chattered;
        if before.acknowledged_at.is_some() || self.count == before.count {
            self.raised_at = before.raised_at;
        }
        self.read_at = before.read_at.or(self.read_at);
        self.acknowledged_at = before.acknowledged_at.or(self.acknowledged_at);
    }

    /// Seconds until somebody read it.
    pub fn read_s(&self) -> Option<f64> {
        self.after(self.read_at)
    }

    /// Seconds until somebody took it.
    pub fn acknowledged_s(&self) -> Option<f64> {
        self.after(self.acknowledged_at)
    }

    fn after(&self, reaction: Option<UnixMicros>) -> Option<f64> {
        let reaction = reaction?;
        // What chatters is raised again without being asked for again.
        let asked = if reaction < self.raised_at { self.opened_at } else { self.raised_at };
        Some(reaction.since(asked).as_secs_f64())
    }
}

/// What an alert tells by itself: of an episode it knows the reaction to its newest activation, and
/// whether it chatters now. More is told by its changes.
impl From<&Alert> for Row {
    fn from(alert: &Alert) -> Self {
        Self {
            source: alert.source.clone(),
            position: alert.position.clone(),
            priority: alert.priority,
            opened_at: alert.opened_at,
            raised_at: alert.raised_at,
            read_at: alert.read.as_ref().map(|signed| signed.at),
            acknowledged_at: alert.acknowledged.as_ref().map(|signed| signed.at),
            closed_at: alert.closed_at,
            count: alert.count,
            chattered: alert.chattering,
            drill: alert.drill,
        }
    }
}
