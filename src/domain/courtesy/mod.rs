//! The polite client: which upstream session may be opened now. One queue for the whole node, so
//! that its limits hold whatever worker a camera belongs to:
//!
//! - few handshakes at once (mass starts time half of the cameras out: mediamtx#4210), and one at
//!   once with each camera: two rejected together would spend more sign-ins than were booked;
//! - full-jitter back-off after each failure;
//! - few sign-in attempts, then a long hold (Tapo bans for 1,800 s and retries renew the ban);
//! - a hold after 453 and 503.
//!
//! Holds and spent sign-in attempts are [`Budget`]s, kept by the store, so that a restart of the
//! service does not hand them out again.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::{
    backoff::{Backoff, BackoffPolicy},
    camera::{CameraId, Condition},
    media::{StreamKind, StreamRef},
    time::UnixMicros,
};

/// The limits of politeness (docs/cameras.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CourtesyPolicy {
    /// Handshakes under way at once, over all cameras.
    pub handshakes_at_once: usize,
    /// Back-off of each stream.
    pub backoff: BackoffPolicy,
    /// Rejected sign-ins in a row before the hold.
    pub sign_in_attempts: u32,
    /// The hold after them.
    pub sign_in_hold: Duration,
    /// The hold after 453 or 503.
    pub session_limit_hold: Duration,
}

impl Default for CourtesyPolicy {
    fn default() -> Self {
        Self {
            handshakes_at_once: 16,
            backoff: BackoffPolicy::default(),
            sign_in_attempts: 3,
            sign_in_hold: Duration::from_secs(30 * 60),
            session_limit_hold: Duration::from_secs(30),
        }
    }
}

/// What is remembered of a camera across restarts. All zero means: forget it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Sign-ins spent: rejected, or begun after a rejection and not yet answered.
    pub sign_in_attempts: u32,
    /// No session before this time.
    pub hold: Option<(UnixMicros, Condition)>,
}

/// The queue of sessions that are wanted.
#[derive(Debug)]
pub struct Courtesy {
    policy: CourtesyPolicy,
    budgets: BTreeMap<CameraId, Budget>,
    streams: BTreeMap<Key, Entry>,
}

/// Streams in a stable order.
type Key = (u32, StreamKind);

#[derive(Debug)]
struct Entry {
    source: StreamRef,
    camera: CameraId,
    phase: Phase,
    backoff: Backoff,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting { due: Instant },
    Handshake,
    Open,
}

/// A stream that may be opened now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The stream.
    pub source: StreamRef,
    /// To be stored before the session is opened, if it changed.
    pub budget: Option<(CameraId, Budget)>,
}

impl Courtesy {
    /// Nothing wanted; `budgets` as the store kept them.
    pub fn new(
        policy: CourtesyPolicy,
        budgets: impl IntoIterator<Item = (CameraId, Budget)>,
    ) -> Self {
        Self { policy, budgets: budgets.into_iter().collect(), streams: BTreeMap::new() }
    }

    /// Pull this stream from now on.
    pub fn want(&mut self, now: Instant, source: StreamRef, camera: CameraId) {
        self.streams.entry(key(source)).or_insert_with(|| Entry {
            source,
            camera,
            phase: Phase::Waiting { due: now },
            backoff: Backoff::new(self.policy.backoff),
        });
    }

    /// No longer pull it.
    pub fn unwant(&mut self, source: StreamRef) {
        self.streams.remove(&key(source));
    }

    /// The camera's sign-in was changed by a person: its holds and spent attempts are forgotten.
    pub fn forgive(&mut self, camera: &CameraId) -> (CameraId, Budget) {
        self.budgets.remove(camera);
        (camera.clone(), Budget::default())
    }

    /// The streams that may be opened now; each is under way until [`Self::handshake_over`].
    ///
    /// Those that failed least go first, so that dead cameras cannot starve live ones. `able` tells
    /// whether a stream could be served at all: its worker is up and it is not quarantined.
    pub fn grants(
        &mut self,
        now: Instant,
        unix: UnixMicros,
        able: impl Fn(StreamRef) -> bool,
    ) -> Vec<Grant> {
        let free = self.policy.handshakes_at_once.saturating_sub(self.handshakes());
        if free == 0 {
            return Vec::new();
        }
        let mut due: Vec<(u32, Instant, Key)> = self
            .streams
            .iter()
            .filter_map(|(key, entry)| match entry.phase {
                Phase::Waiting { due } if due <= now => Some((due, *key, entry)),
                _ => None,
            })
            .filter(|(_, _, entry)| self.hold(&entry.camera, unix).is_none() && able(entry.source))
            .map(|(due, key, entry)| (entry.backoff.failures(), due, key))
            .collect();
        due.sort_unstable();
        let mut busy: BTreeSet<u32> = self
            .streams
            .iter()
            .filter(|(_, entry)| entry.phase == Phase::Handshake)
            .map(|((camera, _), _)| *camera)
            .collect();
        due.retain(|(_, _, (camera, _))| busy.insert(*camera));
        due.truncate(free);
        due.into_iter().map(|(_, _, key)| self.grant(key)).collect()
    }

    fn grant(&mut self, key: Key) -> Grant {
        let entry = self.streams.get_mut(&key).expect("the key was just read from the map");
        entry.phase = Phase::Handshake;
        // A first attempt is not booked before its answer: three crashes of the service during a
        // mass start would hold every camera for half an hour. One that follows a rejection is.
        let budget = self.budgets.get_mut(&entry.camera).map(|budget| {
            if budget.hold.take().is_some_and(|(_, why)| why == Condition::CredentialsRejected) {
                budget.sign_in_attempts = 0;
            } else if budget.sign_in_attempts > 0 {
                budget.sign_in_attempts += 1;
            }
            (entry.camera.clone(), budget.clone())
        });
        Grant { source: entry.source, budget }
    }

    /// DESCRIBE was answered: the sign-in, if there was one, was accepted.
    pub fn signed_in(&mut self, source: StreamRef) -> Option<(CameraId, Budget)> {
        let camera = &self.streams.get(&key(source))?.camera;
        self.budgets.remove(camera).map(|_| (camera.clone(), Budget::default()))
    }

    /// PLAY was answered; the session runs.
    pub fn handshake_over(&mut self, now: Instant, source: StreamRef) {
        if let Some(entry) = self.streams.get_mut(&key(source)) {
            entry.phase = Phase::Open;
            entry.backoff.started(now);
        }
    }

    /// The session ended, for `fault` if it was one; it is queued again. Returns a budget to store.
    pub fn ended(
        &mut self,
        now: Instant,
        unix: UnixMicros,
        source: StreamRef,
        fault: Option<(Condition, bool)>,
        random: f64,
    ) -> Option<(CameraId, Budget)> {
        let entry = self.streams.get_mut(&key(source))?;
        let before_sign_in = entry.phase == Phase::Handshake;
        let wait = match fault {
            Some(_) => entry.backoff.failed(now, random),
            None => Duration::ZERO,
        };
        entry.phase = Phase::Waiting { due: now + wait };
        let camera = entry.camera.clone();
        let (condition, rejected) = fault?;
        let known = self.budgets.get(&camera).cloned();
        let mut budget = known.clone().unwrap_or_default();
        if rejected {
            // Booked at the grant already, unless it was the first.
            budget.sign_in_attempts = budget.sign_in_attempts.max(1);
            if budget.sign_in_attempts >= self.policy.sign_in_attempts {
                budget.hold = Some((unix.plus(self.policy.sign_in_hold), condition));
            }
        } else if before_sign_in && budget.sign_in_attempts > 1 {
            // It never came to the sign-in that was booked.
            budget.sign_in_attempts -= 1;
        }
        if condition == Condition::SessionLimit {
            budget.hold = Some((unix.plus(self.policy.session_limit_hold), condition));
        }
        if known.as_ref() == Some(&budget) || budget == Budget::default() {
            return None;
        }
        self.budgets.insert(camera.clone(), budget.clone());
        Some((camera, budget))
    }

    /// The hold that keeps this camera closed at `unix`, if any.
    pub fn hold(&self, camera: &CameraId, unix: UnixMicros) -> Option<(UnixMicros, Condition)> {
        self.budgets.get(camera)?.hold.filter(|(until, _)| unix < *until)
    }

    /// Something speaks for the camera's being back: its next try need not wait for its back-off,
    /// only for its turn and its holds. If it fails, its back-off goes on from where it was.
    pub fn hurry(&mut self, now: Instant, source: StreamRef) {
        if let Some(Phase::Waiting { due }) =
            self.streams.get_mut(&key(source)).map(|entry| &mut entry.phase)
        {
            *due = now.min(*due);
        }
    }

    /// What a camera has spent; nothing if nothing is remembered of it.
    pub fn budget(&self, camera: &CameraId) -> Option<&Budget> {
        self.budgets.get(camera)
    }

    /// How long until [`Self::grants`] may have more, seen from `now` and `unix`; `None` if only an
    /// event can bring more.
    pub fn next_deadline(&self, now: Instant, unix: UnixMicros) -> Option<Duration> {
        let wait = |entry: &Entry| match entry.phase {
            Phase::Waiting { due } => {
                let hold = self
                    .hold(&entry.camera, unix)
                    .map_or(Duration::ZERO, |(until, _)| until.since(unix));
                Some(due.saturating_duration_since(now).max(hold))
            }
            Phase::Handshake | Phase::Open => None,
        };
        self.streams.values().filter_map(wait).min()
    }

    /// Handshakes under way.
    fn handshakes(&self) -> usize {
        self.streams.values().filter(|entry| entry.phase == Phase::Handshake).count()
    }
}

fn key(source: StreamRef) -> Key {
    (source.camera.0, source.stream)
}

#[cfg(test)]
mod tests;
