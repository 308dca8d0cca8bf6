//! What of a camera is written down: each state it enters, each condition that is raised and cleared.
//!
//! Every raise has its clear. Of a camera that is lost, the raise waits until it is known whether its
//! site is the cause; while an order of maintenance covers a camera, nothing stands. A loss goes by
//! several names while it lasts (`stalled`, then `unreachable`): each is written down, and people are
//! told once, by the alert of the first.

use std::{collections::BTreeMap, time::Instant};

use super::super::state::Moment;
use crate::domain::{
    camera::{CameraId, Condition, SiteId, State},
    health::{Severity, Standing, Verdict},
    history::{Record, Subject},
    time::UnixMicros,
};

/// A camera's past, as far as it is not over.
#[derive(Debug, Default)]
pub(super) struct Episodes {
    open: BTreeMap<Condition, Episode>,
    /// The state and the mask that were written down last.
    entered: Option<(State, Option<SiteId>)>,
    out_of_service: bool,
    /// What stood while the camera was out of service begins anew when that is over.
    not_before: UnixMicros,
}

#[derive(Debug)]
struct Episode {
    /// As the ladder has it: tells one episode from the next.
    since: Instant,
    raised_at: UnixMicros,
    severity: Severity,
    evidence: String,
    /// What was written down with it; `None` while nothing was.
    written: Option<Written>,
}

#[derive(Debug, PartialEq)]
struct Written {
    masked_by: Option<SiteId>,
    told_by: Option<Condition>,
}

/// What else decides what is written.
pub(super) struct Circumstances<'a> {
    pub(super) camera: &'a CameraId,
    /// The state that is shown.
    pub(super) state: State,
    /// The conditions that are shown, and the reason.
    pub(super) conditions: &'a [Condition],
    pub(super) reason: Option<&'a str>,
    pub(super) in_service: bool,
    pub(super) masked_by: Option<&'a SiteId>,
    /// Its site may turn out to be the cause.
    pub(super) undecided: bool,
}

impl Episodes {
    /// When a condition that stands was raised.
    pub(super) fn raised_at(&self, condition: Condition) -> Option<UnixMicros> {
        self.open.get(&condition).map(|episode| episode.raised_at)
    }

    /// Takes note of a verdict. Tells which conditions were newly written down.
    pub(super) fn apply(
        &mut self,
        at: Moment,
        verdict: &Verdict,
        around: &Circumstances<'_>,
        records: &mut Vec<Record>,
    ) -> Vec<(Condition, UnixMicros)> {
        let mask = around.masked_by.cloned();
        if self.entered.as_ref() != Some(&(around.state, mask.clone())) {
            records.push(Record::State {
                camera: around.camera.clone(),
                at: at.unix,
                state: around.state,
                conditions: around.conditions.to_vec(),
                evidence: around.reason.map(str::to_owned),
                masked_by: mask.clone(),
            });
            self.entered = Some((around.state, mask.clone()));
        }
        let standing: &[Standing] = if around.in_service { &verdict.standing } else { &[] };
        self.close(at, standing, around, records);
        if std::mem::replace(&mut self.out_of_service, !around.in_service) {
            self.not_before = at.unix;
        }
        let mut raised = Vec::new();
        for standing in standing {
            self.open(at, standing);
            // What is hidden is on its way out: that its mask is gone tells nobody anything.
            if around.undecided || standing.hidden {
                continue;
            }
            let told_by = self.began_loss(standing.condition).unwrap_or(standing.condition);
            let written = Written { masked_by: mask.clone(), told_by: Some(told_by) };
            let Some(episode) = self.open.get_mut(&standing.condition) else { continue };
            if episode.written.as_ref() == Some(&written) {
                continue;
            }
            if episode.written.is_none() {
                raised.push((standing.condition, episode.raised_at));
            }
            episode.write(standing.condition, around.camera, written, records);
        }
        raised
    }

    fn open(&mut self, at: Moment, standing: &Standing) {
        if standing.hidden || self.open.contains_key(&standing.condition) {
            return;
        }
        let raised_at = at.unix_of(standing.since).max(self.not_before);
        let episode = Episode {
            since: standing.since,
            raised_at,
            severity: standing.severity,
            evidence: standing.evidence.clone(),
            written: None,
        };
        self.open.insert(standing.condition, episode);
    }

    /// The condition, not over yet, that people were told of when the camera was lost to it and that
    /// this one only goes on from.
    fn began_loss(&self, condition: Condition) -> Option<Condition> {
        let of_loss =
            |condition: Condition| condition == Condition::Unstable || condition.makes_state();
        let told_itself = |open: Condition, episode: &Episode| {
            episode.written.as_ref().is_some_and(|written| written.told_by == Some(open))
        };
        let own = self.open.get(&condition).is_some_and(|episode| told_itself(condition, episode));
        if own || !of_loss(condition) {
            return None;
        }
        let mut told = self.open.iter().filter(|(open, episode)| told_itself(**open, episode));
        told.find(|(open, _)| of_loss(**open)).map(|(open, _)| *open)
    }

    /// Closes what no longer stands.
    fn close(
        &mut self,
        at: Moment,
        standing: &[Standing],
        around: &Circumstances<'_>,
        records: &mut Vec<Record>,
    ) {
        let stands = |condition: Condition, episode: &Episode| {
            standing.iter().any(|s| s.condition == condition && s.since == episode.since)
        };
        self.open.retain(|condition, episode| {
            if stands(*condition, episode) {
                return true;
            }
            if episode.written.is_none() {
                // It was over before it was known whose it was.
                let masked_by = around.masked_by.cloned();
                let written = Written { masked_by, told_by: None };
                episode.write(*condition, around.camera, written, records);
            }
            records.push(Record::Cleared {
                subject: Subject::Camera(around.camera.clone()),
                condition: *condition,
                raised_at: episode.raised_at,
                at: at.unix.max(episode.raised_at),
            });
            false
        });
    }
}

impl Episode {
    fn write(
        &mut self,
        condition: Condition,
        camera: &CameraId,
        written: Written,
        records: &mut Vec<Record>,
    ) {
        records.push(Record::Raised {
            subject: Subject::Camera(camera.clone()),
            condition,
            at: self.raised_at,
            severity: self.severity,
            evidence: self.evidence.clone(),
            masked_by: written.masked_by.clone(),
            told_by: written.told_by,
        });
        self.written = Some(written);
    }
}
