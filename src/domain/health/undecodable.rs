//! Keyframes that came and could not be decoded.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    cause::{Cause, Evidence},
    soon_after,
};

/// They count for so long.
const WINDOW: Duration = Duration::from_secs(60);

/// One camera's undecodable keyframes.
#[derive(Clone, Debug, Default)]
pub(super) struct Undecodable {
    /// The newest of them, as many as the policy asks for; newest last.
    at: VecDeque<Instant>,
    why: String,
}

impl Undecodable {
    /// One could not be decoded; `most` are enough for a condition.
    pub(super) fn apply(&mut self, now: Instant, why: String, most: usize) {
        self.why = why;
        self.at.push_back(now);
        while self.at.len() > most.max(1) {
            self.at.pop_front();
        }
    }

    /// Whether there were so many within the window.
    pub(super) fn cause(&self, now: Instant, most: usize) -> Cause {
        let lately = |at: &&Instant| now.saturating_duration_since(**at) <= WINDOW;
        if self.at.iter().filter(lately).count() < most.max(1) {
            return Cause::absent();
        }
        Cause::Present(Evidence::of(format!("keyframes cannot be decoded: {}", self.why)))
    }

    /// When the oldest that counts no longer does.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.at.front().and_then(|at| soon_after(*at, WINDOW))
    }
}
