//! The messages of the control socket.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    desk::view::{CameraView, SiteView, WallView},
    domain::time::UnixMicros,
    http::{Problem, read_back::Report},
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
        alert_head: u64,
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
    Heartbeat {
        server_time: UnixMicros,
        alert_head: u64,
    },
    Error {
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
    /// Alerts from here on; there are none yet.
    Resume {
        #[serde(rename = "after")]
        _after: u64,
    },
    /// Alerts up to here have arrived.
    Received {
        #[serde(rename = "seq")]
        _seq: u64,
    },
    Command {},
    Painted(Report),
}
