//! What is known of a camera's connection and pictures, and how far up the ladder that brings it.

use std::time::{Duration, Instant};

use super::{HealthPolicy, Rung, rhythm::Rhythm, soon_after};
use crate::domain::camera::{Condition, State};

/// Packets without parameter sets are nothing to speak of for so long: they come with the first
/// keyframe at the latest, from most cameras.
const PARAMETERS_PATIENCE: Duration = Duration::from_secs(2);
/// The first picture of a session is overdue after twice the usual interval, but not sooner …
const FIRST_LEAST: Duration = Duration::from_secs(15);
/// … nor later than this, which is also what a camera of which no interval is known is given:
/// cameras that send a keyframe each 30 s exist.
const FIRST_MOST: Duration = Duration::from_secs(60);

/// The facts.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    connecting_since: Instant,
    /// Since the first RTP of the session that runs.
    session: Option<Instant>,
    packets_at: Option<Instant>,
    picture_at: Option<Instant>,
    /// The newest picture is of the session that runs.
    picture_of_session: bool,
    /// What the session that runs carries is known.
    format_known: bool,
    fault: Option<(Condition, String)>,
    /// The session ended through no fault of the camera's, and no other was begun yet.
    service_fault: bool,
    rhythm: Rhythm,
}

/// How far a camera is, by facts and time alone: the state, and what it is down to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) state: State,
    /// The lowest broken rung's condition, with its evidence.
    pub(super) cause: Option<(Condition, String)>,
    /// What there is to say without a condition.
    pub(super) note: Option<&'static str>,
    /// RTP arrives.
    pub(super) receiving: bool,
    /// The newest picture is fresh.
    pub(super) fresh: bool,
}

impl Facts {
    /// Nothing but what was usual before.
    pub(super) fn new(usual: Option<Duration>, now: Instant) -> Self {
        Self {
            connecting_since: now,
            session: None,
            packets_at: None,
            picture_at: None,
            picture_of_session: false,
            format_known: false,
            fault: None,
            service_fault: false,
            rhythm: Rhythm::new(usual),
        }
    }

    pub(super) fn connecting(&mut self, now: Instant) {
        if self.session.is_some() || self.fault.is_some() || self.service_fault {
            self.connecting_since = now;
        }
        self.service_fault = false;
        self.end();
    }

    pub(super) fn packets(&mut self, now: Instant, ago: Duration) {
        self.session.get_or_insert(now);
        self.fault = None;
        self.service_fault = false;
        self.packets_at = Some(now.checked_sub(ago).unwrap_or(now));
    }

    pub(super) fn format(&mut self) {
        self.format_known = true;
    }

    pub(super) fn picture(&mut self, now: Instant) {
        let before = self.picture_at.replace(now).filter(|_| self.picture_of_session);
        if let Some(before) = before {
            self.rhythm.learn(now.saturating_duration_since(before));
        }
        self.picture_of_session = true;
        self.format_known = true;
    }

    pub(super) fn keyframe_interval(&mut self, interval: Duration) {
        self.rhythm.keyframes(interval);
    }

    pub(super) fn fault(&mut self, condition: Condition, evidence: String) {
        self.service_fault = false;
        self.fault = Some((condition, evidence));
        self.end();
    }

    pub(super) fn service_fault(&mut self) {
        self.service_fault = true;
        self.end();
    }

    fn end(&mut self) {
        self.session = None;
        self.packets_at = None;
        self.picture_of_session = false;
        self.format_known = false;
    }

    pub(super) fn rhythm(&self) -> &Rhythm {
        &self.rhythm
    }

    /// The session that runs, since its first RTP.
    pub(super) fn session(&self) -> Option<Instant> {
        self.session
    }

    /// How far it is at `now`.
    pub(super) fn place(&self, now: Instant, policy: &HealthPolicy) -> Place {
        let age = self.picture_at.map(|at| now.saturating_duration_since(at));
        let silent = self.packets_at.map(|at| now.saturating_duration_since(at));
        let receiving = silent.is_some_and(|silent| silent < policy.rtp_gap);
        if age.is_some_and(|age| age <= self.fresh_for(policy)) {
            return Place { fresh: true, receiving, ..plain(State::Online) };
        }
        if let Some((condition, evidence)) = &self.fault {
            // The camera is there and accepts sessions; only its video stays away.
            let state = match condition {
                Condition::Stalled | Condition::KeyframeOverdue => State::Stalled,
                _ => State::Offline,
            };
            return because(state, *condition, evidence.clone());
        }
        let Some(session) = self.session else {
            return self.without_session(now, policy);
        };
        if !receiving {
            let evidence =
                format!("no RTP for over {} s; the session is open", policy.rtp_gap.as_secs());
            return because(State::Stalled, Condition::Stalled, evidence);
        }
        let age = age.filter(|_| self.picture_of_session);
        let place = match age {
            Some(age) if age > self.overdue_after(policy) => {
                let interval = self.interval(policy).as_secs_f64();
                let evidence =
                    format!("no picture when one is usual every {interval:.1} s; packets arrive");
                because(State::Stalled, Condition::KeyframeOverdue, evidence)
            }
            Some(_) => plain(State::WaitingKeyframe),
            None => self.without_picture(now.saturating_duration_since(session), policy),
        };
        Place { receiving, ..place }
    }

    fn without_session(&self, now: Instant, policy: &HealthPolicy) -> Place {
        if self.service_fault {
            let note = "the service's own worker ended; the camera is not at fault";
            return Place { note: Some(note), ..plain(State::Connecting) };
        }
        let waited = now.saturating_duration_since(self.connecting_since);
        if waited < policy.connect_patience {
            return plain(State::Connecting);
        }
        let evidence =
            format!("no session after {} s of trying", policy.connect_patience.as_secs());
        because(State::Offline, Condition::Unreachable, evidence)
    }

    /// Packets arrive, but none of this session's pictures has.
    fn without_picture(&self, waited: Duration, policy: &HealthPolicy) -> Place {
        let parameters = !self.format_known && waited >= PARAMETERS_PATIENCE;
        let (state, missing) = if parameters {
            (State::WaitingParameters, "not the parameter sets that a decoder needs")
        } else {
            (State::WaitingKeyframe, "no keyframe that can be shown")
        };
        if waited < self.first_after(policy) {
            return plain(state);
        }
        because(state, Condition::KeyframeOverdue, format!("packets arrive, but {missing}"))
    }

    /// When time alone may bring it elsewhere.
    pub(super) fn deadlines(&self, policy: &HealthPolicy) -> [Option<Instant>; 6] {
        let [session, picture] = [self.session, self.picture_at];
        [
            picture.and_then(|at| soon_after(at, self.fresh_for(policy))),
            picture.and_then(|at| soon_after(at, self.overdue_after(policy))),
            self.packets_at.and_then(|at| at.checked_add(policy.rtp_gap)),
            self.connecting_since.checked_add(policy.connect_patience),
            session.and_then(|at| at.checked_add(PARAMETERS_PATIENCE)),
            session.and_then(|at| at.checked_add(self.first_after(policy))),
        ]
    }

    /// The interval that is judged by.
    fn interval(&self, policy: &HealthPolicy) -> Duration {
        self.rhythm.interval().unwrap_or_default().max(policy.interval_floor)
    }

    fn fresh_for(&self, policy: &HealthPolicy) -> Duration {
        self.interval(policy).saturating_add(policy.picture_grace)
    }

    fn overdue_after(&self, policy: &HealthPolicy) -> Duration {
        let Some(patience) = self.rhythm.patience() else { return FIRST_MOST };
        let patience = patience.max(policy.interval_floor);
        patience.saturating_mul(2).saturating_add(policy.keyframe_grace)
    }

    fn first_after(&self, policy: &HealthPolicy) -> Duration {
        let known = self.rhythm.interval().map(|_| self.interval(policy).saturating_mul(2));
        known.map_or(FIRST_MOST, |twice| twice.clamp(FIRST_LEAST, FIRST_MOST))
    }
}

impl Place {
    /// Whether a rung is whole for certain.
    pub(super) fn passed(&self, rung: Rung) -> bool {
        match &self.cause {
            _ if self.fresh => rung <= Rung::Keyframes,
            Some((condition, _)) => rung < condition.rung(),
            None => self.receiving && rung <= Rung::Frames,
        }
    }

    /// Whether a rung can be judged: what it takes is there, and no lower one is broken.
    pub(super) fn reaches(&self, rung: Rung) -> bool {
        let shown = Rung::PictureAlive..=Rung::PictureRight;
        match &self.cause {
            _ if self.fresh => true,
            Some((condition, _)) => rung <= condition.rung(),
            None => self.receiving && !shown.contains(&rung),
        }
    }

    /// Whether it went (`true`) or is well (`false`), as flaps are counted.
    pub(super) fn down(&self) -> Option<bool> {
        match self.state {
            State::Online => Some(false),
            State::Stalled | State::Offline if !self.quarantined() => Some(true),
            _ => None,
        }
    }

    /// Whether the camera is lost (`true`) or back (`false`), as sites are judged. One whose
    /// packets arrive is there, whatever is in them.
    pub(super) fn lost(&self) -> Option<bool> {
        match (&self.cause, self.state) {
            (Some((Condition::KeyframeOverdue, _)), _) | (_, State::Online) => Some(false),
            (_, State::Stalled | State::Offline) if !self.quarantined() => Some(true),
            _ => None,
        }
    }

    /// Kept out by the service, whatever the camera does.
    fn quarantined(&self) -> bool {
        matches!(self.cause, Some((Condition::Quarantined, _)))
    }
}

fn plain(state: State) -> Place {
    Place { state, cause: None, note: None, receiving: false, fresh: false }
}

fn because(state: State, condition: Condition, evidence: String) -> Place {
    Place { cause: Some((condition, evidence)), ..plain(state) }
}
