//! A camera's health, judged from what was seen of it. The verdict is a function of the facts and
//! the time: nothing is remembered but facts, so no two of them can disagree.
//!
//! The rungs so far: reachable → signed in → frames → keyframes → decodable. What a picture shows
//! is judged by rungs to come.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

mod learnt;
mod policy;
mod rung;

pub use self::{
    learnt::Learnt,
    policy::{ConditionPolicy, Conditions, StreamFigures, StreamOrder},
    rung::{Rung, Severity, Standing},
};
use super::{
    camera::{Condition, State},
    media::StreamFormat,
    picture::Finding,
};

/// Delays of the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthPolicy {
    /// No RTP for this long is `stalled`.
    pub rtp_gap: Duration,
    /// A keyframe is overdue after twice its usual interval and this.
    pub keyframe_grace: Duration,
    /// A picture is fresh for its usual interval and this.
    pub picture_grace: Duration,
    /// The interval assumed until one is learnt, and the shortest assumed at all.
    pub interval_floor: Duration,
    /// Still connecting after this long is offline.
    pub connect_patience: Duration,
    /// This many undecodable keyframes within a minute are `decode-errors`.
    pub decode_errors: usize,
    /// How each condition is raised and cleared.
    pub conditions: Conditions,
    /// What the small stream is ordered to be.
    pub order: StreamOrder,
}

impl Default for HealthPolicy {
    fn default() -> Self {
        Self {
            rtp_gap: Duration::from_secs(5),
            keyframe_grace: Duration::from_secs(5),
            picture_grace: Duration::from_secs(2),
            interval_floor: Duration::from_secs(2),
            connect_patience: Duration::from_secs(60),
            decode_errors: 3,
            conditions: Conditions::default(),
            order: StreamOrder::default(),
        }
    }
}

/// Something that was seen of a camera's small stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// A session is wanted, or being set up.
    Connecting,
    /// RTP arrived `ago` before now.
    Packets {
        /// How long before.
        ago: Duration,
    },
    /// The stream's usual time between keyframes.
    KeyframeInterval(Duration),
    /// A picture was decoded.
    Picture,
    /// A keyframe could not be decoded.
    DecodeFailed(String),
    /// The session ended, or cannot be begun.
    Fault(Condition, String),
    /// The session ended through the service's own fault (a worker went), which is never blamed on
    /// the camera.
    ServiceFault,
    /// The stream's figures of the last second or so.
    Stream(StreamFigures),
    /// What the stream carries: told once in each session, and when it changes.
    Format(StreamFormat),
    /// What is wrong with the newest picture; told with each picture that was judged, also if
    /// nothing is.
    Findings(Vec<Finding>),
    /// A person says that the stream as it is now is right: its format and rates are learnt anew.
    Confirmed,
}

/// What the wall says about a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// One word.
    pub state: State,
    /// The lowest broken rung, if one is.
    pub rung: Option<Rung>,
    /// Every condition that is raised: what explains the state first, then lowest rung first.
    /// Some may be hidden, see [`Standing::hidden`].
    pub standing: Vec<Standing>,
    /// Why the state is what it is, or the evidence for what stands first. It does not tick: what
    /// changes each second would be told to every viewer each second.
    pub reason: Option<String>,
    /// For `root_cause`: whether the camera is lost (`true`: it cannot be watched, and not through
    /// the service's own fault) or back (`false`). `None` while neither can be said.
    pub lost: Option<bool>,
}

impl Verdict {
    /// The conditions that people are shown, in the order of [`Verdict::standing`].
    pub fn conditions(&self) -> Vec<Condition> {
        self.shown().map(|standing| standing.condition).collect()
    }

    /// What stands and is shown.
    pub fn shown(&self) -> impl Iterator<Item = &Standing> {
        self.standing.iter().filter(|standing| !standing.hidden)
    }
}

/// One camera's facts.
#[derive(Clone, Debug)]
pub struct Health {
    policy: HealthPolicy,
    connecting_since: Instant,
    session: bool,
    packets_at: Option<Instant>,
    picture_at: Option<Instant>,
    /// Between keyframes, as the stream's own figures tell.
    interval: Option<Duration>,
    /// Between the newest pictures of one session each; newest last.
    gaps: VecDeque<Duration>,
    /// What is usual between two pictures.
    usual: Option<Duration>,
    /// The newest picture is of the session that runs.
    picture_of_session: bool,
    fault: Option<(Condition, String)>,
    /// Newest last; older than a minute is dropped.
    undecodable: VecDeque<Instant>,
    undecodable_why: String,
}

impl Health {
    /// A camera of which nothing is known at `now` but what was learnt before.
    pub fn new(policy: HealthPolicy, learnt: Learnt, now: Instant) -> Self {
        let _ = learnt;
        Self {
            policy,
            connecting_since: now,
            session: false,
            packets_at: None,
            picture_at: None,
            interval: None,
            gaps: VecDeque::new(),
            usual: None,
            picture_of_session: false,
            fault: None,
            undecodable: VecDeque::new(),
            undecodable_why: String::new(),
        }
    }

    /// Judges by another policy from now on.
    pub fn configure(&mut self, now: Instant, policy: HealthPolicy) {
        let _ = now;
        self.policy = policy;
    }

    /// What time alone changes.
    pub fn tick(&mut self, now: Instant) {
        let _ = now;
    }

    /// When time alone may change the verdict.
    pub fn next_deadline(&self) -> Option<Instant> {
        None
    }

    /// What was learnt. It changes seldom: when a value has moved by a twentieth or more. The
    /// references are not among it: they are the picture judge's.
    pub fn learnt(&self) -> Learnt {
        Learnt { interval: self.usual, ..Learnt::default() }
    }

    /// Takes note of `observation`.
    pub fn apply(&mut self, now: Instant, observation: Observation) {
        match observation {
            Observation::Connecting => {
                if self.session || self.fault.is_some() {
                    self.connecting_since = now;
                }
                self.session = false;
                self.picture_of_session = false;
                self.packets_at = None;
            }
            Observation::Packets { ago } => {
                self.session = true;
                self.fault = None;
                self.packets_at = Some(now.checked_sub(ago).unwrap_or(now));
            }
            Observation::KeyframeInterval(interval) => self.interval = Some(interval),
            Observation::Picture => {
                let before = self.picture_at.replace(now).filter(|_| self.picture_of_session);
                if let Some(before) = before {
                    self.learn(now.saturating_duration_since(before));
                }
                self.picture_of_session = true;
                self.undecodable.clear();
            }
            Observation::DecodeFailed(why) => {
                self.undecodable_why = why;
                self.undecodable.push_back(now);
                while self.undecodable.front().is_some_and(|at| !lately(*at, now)) {
                    self.undecodable.pop_front();
                }
            }
            Observation::Fault(condition, evidence) => {
                self.session = false;
                self.picture_of_session = false;
                self.fault = Some((condition, evidence));
            }
            Observation::ServiceFault
            | Observation::Stream(_)
            | Observation::Format(_)
            | Observation::Findings(_)
            | Observation::Confirmed => {}
        }
    }

    /// The usual time between two pictures, once learnt. A stream whose keyframes are far apart is
    /// decoded in full, so it is the pictures that count; until two have come, its keyframes do.
    pub fn interval(&self) -> Option<Duration> {
        self.usual.or(self.interval)
    }

    /// The usual time is the median of the newest gaps: one lost keyframe does not move it. It
    /// follows only when it is off by more than a fifth: it is told to every viewer.
    fn learn(&mut self, gap: Duration) {
        const GAPS: usize = 5;
        if self.gaps.len() == GAPS {
            self.gaps.pop_front();
        }
        self.gaps.push_back(gap);
        let mut sorted: Vec<Duration> = self.gaps.iter().copied().collect();
        sorted.sort_unstable();
        let median = sorted[sorted.len() / 2];
        if self.usual.is_none_or(|usual| usual.abs_diff(median) > usual / 5) {
            self.usual = Some(median);
        }
    }

    /// The verdict at `now`.
    pub fn verdict(&self, now: Instant) -> Verdict {
        let mut verdict = self.ladder(now);
        // By the time of asking: of a camera that sends nothing any more, nothing new comes to drop
        // the old ones.
        let undecodable = self.undecodable.iter().filter(|at| lately(**at, now)).count();
        if undecodable >= self.policy.decode_errors
            && !verdict.conditions().contains(&Condition::DecodeErrors)
        {
            let why = format!("keyframes cannot be decoded: {}", self.undecodable_why);
            let standing = standing(Condition::DecodeErrors, why.clone(), now);
            match verdict.conditions().first() {
                // Not that there are none is what is wrong.
                Some(Condition::KeyframeOverdue) => {
                    verdict.standing.insert(0, standing);
                    verdict.reason = Some(why);
                }
                _ => {
                    verdict.standing.push(standing);
                    verdict.reason.get_or_insert(why);
                }
            }
        }
        verdict
    }

    fn ladder(&self, now: Instant) -> Verdict {
        let age = self.picture_at.map(|at| now.saturating_duration_since(at));
        let interval = self.interval().unwrap_or_default().max(self.policy.interval_floor);
        if age.is_some_and(|age| age <= interval + self.policy.picture_grace) {
            return plain(State::Online);
        }
        if let Some((condition, evidence)) = &self.fault {
            // The camera is there and accepts sessions; only its video stays away.
            let state = match condition {
                Condition::Stalled => State::Stalled,
                _ => State::Offline,
            };
            return because(state, *condition, evidence.clone(), now);
        }
        let Some(packets_at) = self.packets_at.filter(|_| self.session) else {
            let waited = now.saturating_duration_since(self.connecting_since);
            if waited < self.policy.connect_patience {
                return plain(State::Connecting);
            }
            let evidence =
                format!("no session after {} s of trying", self.policy.connect_patience.as_secs());
            return because(State::Offline, Condition::Unreachable, evidence, now);
        };
        let silent = now.saturating_duration_since(packets_at);
        if silent >= self.policy.rtp_gap {
            let evidence =
                format!("no RTP for over {} s; the session is open", self.policy.rtp_gap.as_secs());
            return because(State::Stalled, Condition::Stalled, evidence, now);
        }
        match age {
            Some(age) if age > 2 * interval + self.policy.keyframe_grace => because(
                State::Stalled,
                Condition::KeyframeOverdue,
                format!(
                    "no picture when one is usual every {:.1} s; packets arrive",
                    interval.as_secs_f64()
                ),
                now,
            ),
            _ => plain(State::WaitingKeyframe),
        }
    }
}

/// Within the minute that undecodable keyframes count.
fn lately(at: Instant, now: Instant) -> bool {
    now.saturating_duration_since(at) <= Duration::from_secs(60)
}

fn plain(state: State) -> Verdict {
    Verdict { state, rung: None, standing: Vec::new(), reason: None, lost: None }
}

fn standing(condition: Condition, evidence: String, since: Instant) -> Standing {
    Standing { condition, severity: Severity::Critical, since, evidence, hidden: false }
}

fn because(state: State, condition: Condition, evidence: String, now: Instant) -> Verdict {
    let standing = vec![standing(condition, evidence.clone(), now)];
    let (rung, reason) = (Some(condition.rung()), Some(evidence));
    Verdict { state, rung, standing, reason, lost: Some(true) }
}

#[cfg(test)]
mod tests;
