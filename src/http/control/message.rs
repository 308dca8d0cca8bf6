//! The messages of the control socket.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    desk::{
        feed::Storage,
        view::{CameraView, SiteView, WallView},
    },
    domain::{
        alert::{Flood, Seq},
        camera::CameraId,
        handing::{HandId, Outcome},
        roster::PositionId,
        time::UnixMicros,
    },
    http::{
        Problem,
        alerts::{ActWord, AlertView, Said},
        read_back::Report,
    },
};

/// One inbound message, bytes.
pub(super) const INBOUND_MAX: usize = 64 << 10;

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Outbound<'a> {
    Hello {
        server_time: UnixMicros,
        user: &'a str,
        role: &'a str,
        alert_head: Seq,
        version: &'a str,
    },
    Cameras {
        cameras: &'a [Arc<CameraView>],
    },
    Camera(&'a CameraView),
    Sites {
        sites: &'a [Arc<SiteView>],
    },
    Wall(&'a WallView),
    Alert(&'a AlertView),
    Flood {
        position: &'a PositionId,
        flood: Option<Flood>,
    },
    Storage(&'a Storage),
    /// A colleague shows a camera.
    Handed {
        hand: HandId,
        camera: &'a CameraId,
        by: &'a str,
        at: UnixMicros,
    },
    /// What became of a camera that was shown to a colleague from here.
    Answered {
        hand: HandId,
        camera: &'a CameraId,
        to: &'a str,
        outcome: Outcome,
        at: UnixMicros,
    },
    Reset,
    Heartbeat {
        server_time: UnixMicros,
        alert_head: Seq,
    },
    Done {
        request: Option<&'a str>,
        alert: Option<&'a AlertView>,
        /// After a command to a wall.
        #[serde(skip_serializing_if = "Option::is_none")]
        wall: Option<&'a WallView>,
    },
    Error {
        /// Of the command that was not done.
        #[serde(skip_serializing_if = "Option::is_none")]
        request: Option<&'a str>,
        problem: &'a Problem,
    },
}

impl Outbound<'_> {
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).expect("messages are plain data")
    }
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Inbound {
    /// Alerts after here, and then those to come.
    Resume {
        after: Seq,
    },
    /// Alerts up to here have arrived.
    Received {
        seq: Seq,
    },
    /// To a wall, if it names one in `wall`; to a colleague, if it says `hand`; otherwise with an
    /// alert, [`AlertCommand`].
    Command(Map<String, Value>),
    Painted(Report),
    /// A camera that a colleague showed was taken here, or put aside.
    Answer {
        hand: HandId,
        outcome: Answer,
    },
}

/// What whoever was shown a camera says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Answer {
    Taken,
    PutAside,
}

/// Something is to be done with an alert: the body of the HTTP call, with what and to which.
#[derive(Debug, Deserialize)]
pub(super) struct AlertCommand {
    pub(super) command: ActWord,
    pub(super) id: String,
    #[serde(flatten)]
    pub(super) said: Said,
}
