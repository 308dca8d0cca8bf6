//! What overrides an alert: out of service, suppressed by plan, masked by a site.

use std::time::Instant;

use super::{
    super::{Alert, Subject, What},
    Book,
    case::{Case, Entry, Key},
};
use crate::domain::{
    camera::SiteId,
    time::{Moment, UnixMicros},
};

/// What holds a source back.
#[derive(Debug, Default)]
pub(super) struct Overridden {
    /// Until when.
    service: Option<UnixMicros>,
    /// Until when.
    plan: Option<UnixMicros>,
    mask: Option<SiteId>,
}

impl Overridden {
    pub(super) fn at_all(&self) -> bool {
        self.service.is_some() || self.plan.is_some() || self.mask.is_some()
    }
}

impl Book {
    pub(super) fn overridden(&self, at: Moment, key: &Key, case: &Case) -> Overridden {
        if key.drill {
            return Overridden::default();
        }
        let service = match &key.source.subject {
            Subject::Camera(camera) => self.out_of_service.get(camera).map(|(until, _)| *until),
            Subject::Site(_) | Subject::Screen(_) | Subject::Service => None,
        };
        let plan = if case.planned {
            case.plan.suppressed.as_ref().and_then(|timetable| timetable.until(at.unix))
        } else {
            // After a restart, until the rules are known: what was said before it.
            let said = case.entry.as_ref().and_then(|entry| entry.said.suppressed_until);
            said.filter(|until| *until > at.unix)
        };
        let mask = case.mask.as_ref().filter(|(site, since)| {
            at.now < *since + self.policy.mask_alone || self.site_stands(site)
        });
        Overridden { service, plan, mask: mask.map(|(site, _)| site.clone()) }
    }

    /// Whether something stands at a site that people are told of, or will be.
    fn site_stands(&self, site: &SiteId) -> bool {
        let keys = self.cases_of(Subject::Site(site.clone()));
        keys.iter().any(|key| self.cases.get(key).is_some_and(Case::speaks))
    }

    /// Says what overrides an alert now, or no longer.
    pub(super) fn show(&mut self, at: Moment, entry: &mut Entry, over: &Overridden) {
        if !entry.said.is_open() {
            return;
        }
        if entry.said.out_of_service_until != over.service {
            let out = over.service.is_some();
            let what = if out == entry.said.out_of_service_until.is_some() {
                What::Updated
            } else {
                What::OutOfService(out)
            };
            self.say(at, entry, what, None, |alert| {
                alert.out_of_service_until = over.service;
                if !out {
                    ask_anew(alert);
                }
            });
        }
        let suppressed = over.plan.is_some();
        if suppressed != entry.said.suppressed_until.is_some() {
            self.say(at, entry, What::Suppressed(suppressed), None, |alert| {
                alert.suppressed_until = over.plan;
            });
        } else if entry.said.suppressed_until != over.plan {
            entry.note(at.now, |alert| alert.suppressed_until = over.plan);
        }
        if entry.said.masked_by != over.mask {
            let masked = over.mask.is_some();
            self.say(at, entry, What::Masked(masked), None, |alert| {
                alert.masked_by.clone_from(&over.mask);
            });
        }
    }

    /// When what overrides a source may be another without a fact.
    pub(super) fn override_due(&self, at: Moment, case: &Case) -> Option<Instant> {
        const MINUTE: u64 = 60_000_000;
        if case.cause.is_none() && case.open().is_none() {
            return None;
        }
        let alone = case.mask.as_ref().map(|(_, since)| *since + self.policy.mask_alone);
        let plans = case.plan.suppressed.is_some()
            || case.open().is_some_and(|entry| entry.said.suppressed_until.is_some());
        let minute = UnixMicros((at.unix.0 / MINUTE + 1) * MINUTE);
        let minute = plans.then(|| at.until(minute));
        alone.filter(|due| *due > at.now).into_iter().chain(minute).min()
    }
}

/// It was out of people's sight by somebody's decision: what stands still must be taken anew.
pub(super) fn ask_anew(alert: &mut Alert) {
    if alert.cleared_at.is_none() && alert.resolved.is_none() {
        alert.acknowledged = None;
        alert.read = None;
        alert.stage = None;
    }
}
