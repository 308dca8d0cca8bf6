//! A camera's main stream as the desk keeps it: whether it is wanted, its session, and what is
//! shown of it. Apart from the camera, whose health is judged by the small stream alone.

use super::view::{MainState, MainView};
use crate::worker::message::SessionId;

/// Shown while the small stream cannot be had: a camera with few sessions must not spend its last
/// one on a picture for one viewer while the wall goes without.
const SMALL_FIRST: &str = "the camera's small stream goes first, and it is offline";

/// One camera's main stream.
#[derive(Debug, Default)]
pub(super) struct MainDesk {
    wanted: bool,
    session: Option<SessionId>,
    playing: bool,
    fault: Option<String>,
}

impl MainDesk {
    /// Somebody watches it, or no longer. The session is closed and opened by others.
    pub(super) fn want(&mut self, wanted: bool) {
        if self.wanted != wanted {
            (self.wanted, self.fault) = (wanted, None);
        }
    }

    pub(super) fn session(&self) -> Option<SessionId> {
        self.session
    }

    pub(super) fn opened(&mut self, session: SessionId) {
        (self.session, self.playing) = (Some(session), false);
    }

    /// The first RTP of the session came.
    pub(super) fn receiving(&mut self) {
        (self.playing, self.fault) = (true, None);
    }

    pub(super) fn ended(&mut self, evidence: Option<String>) {
        (self.session, self.playing) = (None, false);
        self.fault = evidence;
    }

    /// What is shown of it, `None` while nobody watches; `small_offline` tells whether the small
    /// stream is.
    pub(super) fn view(&self, small_offline: bool) -> Option<MainView> {
        let small_first =
            || (self.session.is_none() && small_offline).then_some(SMALL_FIRST.into());
        let shown = |state, reason| MainView { state, reason };
        self.wanted.then(|| match self.fault.clone().or_else(small_first) {
            _ if self.playing => shown(MainState::Playing, None),
            Some(reason) => shown(MainState::Offline, Some(reason)),
            None => shown(MainState::Connecting, None),
        })
    }
}
