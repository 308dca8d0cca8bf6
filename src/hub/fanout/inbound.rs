//! What a media client may say, and how often.

use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::domain::{camera::CameraId, fanout::live::Notice, media::StreamKind};

/// One inbound message, bytes.
pub(super) const MESSAGE_MAX: usize = 64 << 10;

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Inbound {
    /// Replaces the subscription.
    Subscribe {
        #[serde(default)]
        tiles: OneOrMany,
        #[serde(default)]
        video: Vec<VideoWish>,
    },
    /// How many bytes of binary messages the client has received in all.
    Progress { received: u64 },
}

/// One wish, or several with a width each.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(TileWish),
    Many(Vec<TileWish>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl OneOrMany {
    pub(super) fn as_slice(&self) -> &[TileWish] {
        match self {
            Self::One(wish) => std::slice::from_ref(wish),
            Self::Many(wishes) => wishes,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct TileWish {
    cameras: Vec<String>,
    #[serde(default = "default_width")]
    pub(super) width: u32,
    #[serde(default)]
    pub(super) rate: TileRate,
}

/// How often the tiles of a wish should come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TileRate {
    /// As keyframes come.
    #[default]
    Keyframes,
    /// More often, for a camera whose video cannot be played.
    High,
}

/// A wish for live video; the first of several is the most important.
#[derive(Debug, Deserialize)]
pub(super) struct VideoWish {
    pub(super) camera: String,
    pub(super) stream: StreamKind,
}

impl VideoWish {
    /// The camera, unless the text cannot be a camera's name.
    pub(super) fn camera_id(&self) -> Option<CameraId> {
        CameraId::try_from(self.camera.as_str()).ok()
    }
}

/// A word for every camera there is.
pub(super) const EVERY: &str = "*";

fn default_width() -> u32 {
    320
}

impl TileWish {
    /// Whether every camera is wished for.
    pub(super) fn everything(&self) -> bool {
        self.cameras.iter().any(|camera| camera == EVERY)
    }

    /// The cameras that are named, and the texts that cannot be a camera's name.
    pub(super) fn cameras(&self) -> (Vec<CameraId>, Vec<String>) {
        let (mut named, mut wrong) = (Vec::new(), Vec::new());
        for camera in self.cameras.iter().filter(|camera| *camera != EVERY) {
            match CameraId::try_from(camera.as_str()) {
                Ok(camera) => named.push(camera),
                Err(_) => wrong.push(camera.clone()),
            }
        }
        (named, wrong)
    }
}

/// A problem document (RFC 9457) as a text message, as on the control socket.
pub(super) fn problem(status: u16, title: &str, detail: &str) -> String {
    serde_json::json!({
        "type": "error",
        "problem": { "type": "about:blank", "title": title, "status": status, "detail": detail },
    })
    .to_string()
}

/// What a lane carries from now on, as a text message.
pub(super) fn notice(camera: &CameraId, notice: Notice) -> String {
    serde_json::json!({
        "type": "video",
        "camera": camera,
        "wished": notice.wished,
        "stream": notice.carried.word(),
        "why": notice.why.word(),
    })
    .to_string()
}

/// What a client has told about its progress, and how far ahead of it we may be.
#[derive(Debug)]
pub(super) struct Progress {
    received: u64,
    at: Instant,
    per_second: f64,
}

impl Progress {
    pub(super) fn new(received: u64, now: Instant) -> Self {
        Self { received, at: now, per_second: 0.0 }
    }

    pub(super) fn report(&mut self, received: u64, now: Instant) {
        let received = received.max(self.received);
        let seconds = (now - self.at).max(Duration::from_millis(100)).as_secs_f64();
        self.per_second = (received - self.received) as f64 / seconds;
        (self.received, self.at) = (received, now);
    }

    /// Bytes that may be started now, after `started` in all.
    pub(super) fn room(&self, started: u64, least: u64) -> u64 {
        let behind = started.saturating_sub(self.received);
        let two_seconds = (2.0 * self.per_second) as u64;
        least.max(two_seconds).saturating_sub(behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_reports_may_be_a_mebibyte_or_two_seconds_behind() {
        let start = Instant::now();
        let mut progress = Progress::new(0, start);
        assert_eq!(progress.room(1000, 1 << 20), (1 << 20) - 1000);
        progress.report(5_000_000, start + Duration::from_secs(1));
        assert_eq!(progress.room(5_000_000, 1 << 20), 10_000_000);
        progress.report(5_000_000, start + Duration::from_secs(2));
        assert_eq!(progress.room(7_000_000, 1 << 20), 0);
    }

    #[test]
    fn one_wish_and_several_are_both_understood() {
        for text in [
            r#"{"type":"subscribe","tiles":{"cameras":["*","A"],"width":320},"video":[]}"#,
            r#"{"type":"subscribe","tiles":[{"cameras":["*","A"]}]}"#,
        ] {
            let Ok(Inbound::Subscribe { tiles, .. }) = serde_json::from_str(text) else {
                panic!("{text}")
            };
            let [wish] = tiles.as_slice() else { panic!("{text}") };
            assert!(wish.everything() && wish.width == 320);
            assert_eq!(wish.cameras(), (vec![], vec!["A".to_owned()]));
        }
    }
}
