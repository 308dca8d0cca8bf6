//! What the book says: one change of one alert after the other.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Act, Actor, Alert, Seq};
use crate::domain::{
    roster::{ChannelId, PersonId},
    time::UnixMicros,
};

/// What changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
// Its content apart: a bare `true` has no place beside a tag.
#[serde(tag = "what", content = "detail", rename_all = "kebab-case")]
pub enum What {
    /// It is new.
    Opened,
    /// Its cause came back: one episode, one more.
    RaisedAgain,
    /// Its cause is gone.
    Cleared,
    /// Other words, figures, cameras, priority or position.
    Updated,
    /// A site's alert stands for it now, or no longer.
    Masked(bool),
    /// It is suppressed by plan now, or no longer.
    Suppressed(bool),
    /// Its camera is out of service now, or no longer.
    OutOfService(bool),
    /// It comes and goes too often to be told each time, or no longer.
    Chattering(bool),
    /// Its time on the shelf is over.
    ShelfEnded,
    /// A person did something.
    Done(Act),
    /// These are told: it is new, or nobody read it in time.
    Escalated {
        /// The step, from 0.
        step: u16,
        /// Who is told, and over which channels; over none: on the screens. Nobody: those in front
        /// of the screens. Whether the wall shows it is in the alert's stage.
        told: Vec<(PersonId, Vec<ChannelId>)>,
    },
    /// It is over.
    Closed,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its place among all.
    pub seq: Seq,
    /// When.
    pub at: UnixMicros,
    /// What.
    #[serde(flatten)]
    pub what: What,
    /// Who did it; `None`: the machine.
    pub by: Option<Actor>,
    /// The client's own name for the command that did it: sent again, it is not done again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// When the person asked for it, where that was not now: a page may have been offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<UnixMicros>,
    /// The alert after it.
    pub alert: Arc<Alert>,
}
