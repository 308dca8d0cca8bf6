//! What a media client may say, and how often.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

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
///
/// By time, not by a rate that earlier reports gave: such a limit holds back whoever begins to
/// receive more than before, and what is held back then looks like all that the client can take.
#[derive(Debug)]
pub(super) struct Progress {
    received: u64,
    /// When how many bytes were started, each half a second: at most those of [`BEHIND_MAX`] and one
    /// before.
    marks: VecDeque<(Instant, u64)>,
}

/// What was started longer ago than this should have been received.
const BEHIND_MAX: Duration = Duration::from_secs(2);
const MARK_EVERY: Duration = Duration::from_millis(500);

impl Progress {
    pub(super) fn new(received: u64) -> Self {
        Self { received, marks: VecDeque::with_capacity(8) }
    }

    pub(super) fn report(&mut self, received: u64) {
        self.received = received.max(self.received);
    }

    /// Bytes that may be started now, after `started` in all.
    pub(super) fn room(&mut self, started: u64, least: u64, now: Instant) -> u64 {
        while self.marks.get(1).is_some_and(|(at, _)| now >= *at + BEHIND_MAX) {
            self.marks.pop_front();
        }
        if self.marks.back().is_none_or(|(at, _)| now >= *at + MARK_EVERY) {
            self.marks.push_back((now, started));
        }
        let due = self.marks.front().filter(|(at, _)| now >= *at + BEHIND_MAX);
        if due.is_some_and(|(_, started)| self.received < *started) {
            least.saturating_sub(started.saturating_sub(self.received))
        } else {
            u64::MAX
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_reports_may_be_a_mebibyte_or_two_seconds_behind() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut progress = Progress::new(0);
        for half_second in 0..8 {
            // Ten megabytes a second from the first one on, each received within a second.
            let started: u64 = half_second * 5_000_000;
            progress.report(started.saturating_sub(10_000_000));
            assert_eq!(progress.room(started, 1 << 20, at(half_second * 500)), u64::MAX);
        }
        // It takes no more.
        assert_eq!(progress.room(40_000_000, 1 << 20, at(4000)), u64::MAX);
        assert_eq!(progress.room(40_000_000, 1 << 20, at(6500)), 0);
        progress.report(40_000_000 - 1000);
        assert_eq!(progress.room(40_000_000, 1 << 20, at(6600)), (1 << 20) - 1000);
        progress.report(40_000_000);
        assert_eq!(progress.room(40_000_000, 1 << 20, at(6700)), u64::MAX);
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
