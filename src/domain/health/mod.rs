//! A camera's health: a ladder, judged by its lowest broken rung.
//!
//! ```text
//! observations ─> facts ─┬─> place: the state, by facts and time alone ────────────────┬─> verdict
//!                        └─> causes: per condition, there / gone / unknown ─> delays ──┘
//! ```
//!
//! - The **state** tells the truth at once: `online` is a fresh picture and nothing else, whatever
//!   was wrong a second ago. (`suspect` is `online` with a raised condition of the picture.)
//! - A **condition** is an episode with its own delays ([`ConditionPolicy`]). One that the state
//!   belied, as `refused` on a camera that is online again, stays open for its off-delay but is
//!   hidden ([`Standing::hidden`]): a camera that is let in and thrown out has one episode.
//! - **Above a broken rung nothing is judged.** What was raised there stays as it was, hidden, until
//!   the camera is back and it can be judged again: a frozen picture of a camera that is then cut
//!   off is neither cleared nor raised anew by that. Below the broken rung all is well.
//! - While a camera is `unstable`, the conditions that it flaps between do not end: one episode
//!   with a counter.
//!
//! Time is an argument, and asking more or less often changes nothing: a tick first goes through
//! all moments at which time alone changed something.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

mod cause;
mod clock;
mod delay;
mod facts;
mod figures;
mod flaps;
mod learnt;
mod norm;
mod policy;
mod rhythm;
mod rung;
mod sight;
mod stream;
mod undecodable;
mod verdict;

use self::{
    cause::Cause,
    clock::Clock,
    delay::Delay,
    facts::{Facts, Place},
    figures::Figures,
    flaps::Flaps,
    sight::{PICTURE, Sight},
    stream::Stream,
    undecodable::Undecodable,
};
pub use self::{
    learnt::Learnt,
    policy::{ConditionPolicy, Conditions, HealthPolicy, StreamFigures, StreamOrder},
    rung::{LADDER, Rung, Severity},
    verdict::{Standing, Verdict},
};
use super::{
    camera::{Condition, State},
    media::StreamFormat,
    picture::Finding,
};

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

/// One camera's health.
#[derive(Clone, Debug)]
pub struct Health {
    policy: HealthPolicy,
    facts: Facts,
    flaps: Flaps,
    undecodable: Undecodable,
    figures: Figures,
    stream: Stream,
    clock: Clock,
    sight: Sight,
    /// Of conditions that are raised, or on their way to it.
    delays: BTreeMap<Condition, Delay>,
    /// As of `at`, and valid until `deadline`.
    place: Place,
    at: Instant,
    deadline: Option<Instant>,
}

impl Health {
    /// A camera of which nothing is known at `now` but what was learnt before.
    pub fn new(policy: HealthPolicy, learnt: Learnt, now: Instant) -> Self {
        let facts = Facts::new(learnt.interval, now);
        let mut health = Self {
            place: facts.place(now, &policy),
            policy,
            facts,
            flaps: Flaps::default(),
            undecodable: Undecodable::default(),
            figures: Figures::default(),
            stream: Stream::new(&learnt),
            clock: Clock::default(),
            sight: Sight::default(),
            delays: BTreeMap::new(),
            at: now,
            deadline: None,
        };
        health.step(now);
        health
    }

    /// Judges by another policy from now on.
    pub fn configure(&mut self, now: Instant, policy: HealthPolicy) {
        self.tick(now);
        self.policy = policy;
        self.step(now);
    }

    /// Takes note of `observation`.
    pub fn apply(&mut self, now: Instant, observation: Observation) {
        self.tick(now);
        match observation {
            Observation::Connecting => {
                self.facts.connecting(now);
                self.forget_session();
            }
            Observation::Packets { ago } => self.facts.packets(now, ago),
            Observation::KeyframeInterval(interval) => self.facts.keyframe_interval(interval),
            Observation::Picture => self.facts.picture(now),
            Observation::DecodeFailed(why) => {
                self.undecodable.apply(now, why, self.policy.decode_errors);
            }
            Observation::Fault(condition, evidence) => {
                self.facts.fault(condition, evidence);
                self.forget_session();
            }
            Observation::ServiceFault => {
                self.facts.service_fault();
                self.forget_session();
            }
            Observation::Stream(figures) => {
                self.figures.apply(now, figures);
                self.stream.figures(now, &self.figures);
                self.clock.apply(figures.clock);
            }
            Observation::Format(format) => {
                self.facts.format();
                self.stream.format(now, format);
            }
            Observation::Findings(findings) => self.sight.apply(&findings),
            Observation::Confirmed => self.stream.confirm(&self.figures),
        }
        self.step(now);
    }

    /// What was measured of a session says nothing about the next one.
    fn forget_session(&mut self) {
        self.figures.clear();
        self.clock.clear();
    }

    /// What time alone changes. Costs next to nothing when that is nothing.
    pub fn tick(&mut self, now: Instant) {
        while let Some(deadline) = self.deadline.filter(|deadline| *deadline <= now) {
            self.step(deadline);
        }
    }

    /// When time alone may change the verdict.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The usual time between two pictures, once learnt.
    pub fn interval(&self) -> Option<Duration> {
        self.facts.rhythm().interval()
    }

    /// What was learnt. It changes seldom: when a value has moved by a twentieth or more. The
    /// references are not among it: they are the picture judge's.
    pub fn learnt(&self) -> Learnt {
        Learnt { interval: self.facts.rhythm().usual(), ..self.stream.learnt() }
    }

    /// The verdict at `now`.
    pub fn verdict(&self, now: Instant) -> Verdict {
        if self.deadline.is_none_or(|deadline| deadline > now) {
            return self.told();
        }
        let mut ahead = self.clone();
        ahead.tick(now);
        ahead.told()
    }

    /// Judges anew, at a moment at which something may have changed.
    fn step(&mut self, now: Instant) {
        self.at = now;
        self.stream.tick(now);
        self.place = self.facts.place(now, &self.policy);
        self.flaps.apply(now, self.place.down());
        for condition in LADDER {
            let policy = self.policy.conditions.of(condition);
            if !policy.watch {
                self.delays.remove(&condition);
                continue;
            }
            let cause = self.cause(condition, now);
            match (self.delays.get_mut(&condition), cause) {
                (None, Cause::Absent { .. } | Cause::Unknown) => {}
                (None, cause) => {
                    let mut delay = Delay::default();
                    delay.apply(now, cause, policy);
                    self.delays.insert(condition, delay);
                }
                (Some(delay), cause) => {
                    delay.apply(now, cause, policy);
                    if delay.is_idle() {
                        self.delays.remove(&condition);
                    }
                }
            }
        }
        self.deadline = self.deadlines().filter(|deadline| *deadline > now).min();
    }

    /// Whether a condition's cause is there, before any delay.
    fn cause(&self, condition: Condition, now: Instant) -> Cause {
        let (place, policy) = (&self.place, &self.policy);
        if let Some((_, evidence)) = place.cause.as_ref().filter(|(cause, _)| *cause == condition) {
            return Cause::told(evidence.clone());
        }
        if condition.makes_state() {
            let ends = place.passed(condition.rung()) && !self.raised(Condition::Unstable);
            return if ends { Cause::absent() } else { Cause::Unknown };
        }
        if self.hidden(condition) {
            return Cause::Unknown;
        }
        match condition {
            Condition::Unstable => self.flaps.cause(now),
            Condition::PacketLoss => self.figures.loss(),
            Condition::DecodeErrors => self.undecodable.cause(now, policy.decode_errors),
            Condition::ClockSkew => self.clock.cause(now, self.facts.session()),
            Condition::LowFrameRate => self.stream.low_frame_rate(&self.figures, &policy.order),
            Condition::StreamChanged => self.stream.changed(now, &self.figures, &policy.order),
            _ => self.sight.cause(condition, self.interval().unwrap_or_default()),
        }
    }

    /// Whether a condition is not to be shown now, and not to be judged either.
    fn hidden(&self, condition: Condition) -> bool {
        match condition {
            Condition::Unstable => false,
            _ if PICTURE.contains(&condition) => !self.place.fresh,
            _ if condition.makes_state() => {
                self.place.cause.as_ref().is_none_or(|(cause, _)| *cause != condition)
            }
            _ => !self.place.reaches(condition.rung()),
        }
    }

    fn raised(&self, condition: Condition) -> bool {
        self.delays.get(&condition).is_some_and(|delay| delay.raised().is_some())
    }

    fn deadlines(&self) -> impl Iterator<Item = Instant> {
        let delays = self
            .delays
            .iter()
            .flat_map(|(condition, delay)| delay.deadlines(self.policy.conditions.of(*condition)));
        let clock = Clock::deadline(self.facts.session());
        self.facts
            .deadlines(&self.policy)
            .into_iter()
            .chain(self.stream.deadlines())
            .chain([self.flaps.deadline(), self.undecodable.deadline(), clock])
            .chain(delays)
            .flatten()
    }

    /// The verdict as of the newest step.
    fn told(&self) -> Verdict {
        let place = &self.place;
        let standing = |condition: Condition| {
            let raised = self.delays.get(&condition)?.raised()?;
            Some(Standing {
                condition,
                severity: self.policy.conditions.of(condition).severity,
                since: raised.since,
                evidence: raised.words.clone(),
                hidden: self.hidden(condition),
            })
        };
        let mut standing: Vec<Standing> = LADDER.into_iter().filter_map(standing).collect();
        let suspect = standing.iter().any(|s| PICTURE.contains(&s.condition)) && place.fresh;
        let state = if suspect { State::Suspect } else { place.state };
        // Stable: what is equal stays lowest rung first.
        standing.sort_by_key(|standing| (standing.hidden, !explains(standing.condition, place)));
        let shown = || standing.iter().filter(|standing| !standing.hidden);
        let causes = place.cause.iter().map(|(condition, _)| condition.rung());
        let rung = shown().map(|standing| standing.condition.rung()).chain(causes).min();
        // Keyframes that cannot be decoded are why none is shown.
        let undecodable = shown().find(|s| s.condition == Condition::DecodeErrors && !place.fresh);
        let reason = undecodable
            .map(|standing| standing.evidence.clone())
            .or_else(|| place.cause.as_ref().map(|(_, evidence)| evidence.clone()))
            .or_else(|| place.note.map(str::to_owned))
            .or_else(|| shown().next().map(|standing| standing.evidence.clone()));
        Verdict { state, rung, standing, reason, lost: place.lost() }
    }
}

/// Whether a condition that is shown is why the state is what it is.
fn explains(condition: Condition, place: &Place) -> bool {
    match &place.cause {
        _ if condition == Condition::DecodeErrors => !place.fresh,
        Some((cause, _)) => *cause == condition,
        None => PICTURE.contains(&condition),
    }
}

/// Just after `since` has lasted so long: that it is over, not that it ends.
fn soon_after(since: Instant, lasted: Duration) -> Option<Instant> {
    since.checked_add(lasted)?.checked_add(Duration::from_nanos(1))
}

#[cfg(test)]
mod conditions;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod town;
