//! What facts change in what is known of a source. What follows from it is found by `review`.

use std::{
    cmp::Reverse,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    super::{Fact, Plan, Raised, Source, Subject},
    Book,
    case::{Case, Cause, Gone, Key, Words},
    room::is_own,
};
use crate::domain::{
    camera::{CameraId, SiteId, Slug},
    time::{Moment, UnixMicros},
};

impl Book {
    pub(super) fn hear(&mut self, at: Moment, fact: Fact) {
        match fact {
            Fact::Raised(raised) => self.raised(at, *raised),
            Fact::Cleared(source) => self.cleared(at, Key { drill: false, source }),
            Fact::OutOfService(camera, until) => self.out_of_service(at, camera, until),
            Fact::Planned(source, plan) => {
                for drill in [false, true] {
                    self.planned(at, Key { drill, source: source.clone() }, plan.clone());
                }
            }
        }
    }

    fn raised(&mut self, at: Moment, raised: Raised) {
        let Raised { source, cameras, site, evidence, since, masked_by, drill, plan, .. } = raised;
        // What really happens is not in the way of a drill, and a drill has no end of its own.
        let momentary = raised.momentary || drill;
        let key = Key { drill, source };
        if !self.cases.contains_key(&key) && !self.finds_place(&key) {
            self.leave_out(plan);
            return;
        }
        let mut case = self.cases.remove(&key).unwrap_or_else(|| Case::new(plan.clone()));
        self.replan(at, &mut case, plan);
        // A pressed button is not explained by a site that is down.
        self.mask(at.now, &key, &mut case, masked_by.filter(|_| !momentary));
        let words = Words { evidence, cameras, site };
        match &mut case.cause {
            Some(cause) => cause.words = words,
            None => {
                let delay = if momentary { Duration::ZERO } else { case.plan.on_delay };
                let ready = Some(at.now + delay.saturating_sub(at.unix.since(since)));
                let active = !momentary && case.was_never_gone();
                case.cause = Some(Cause { since, words, momentary, ready, active, no_room: None });
            }
        }
        let due = self.update_due(at, &case);
        if let (Some(cause), Some(entry)) = (&case.cause, &mut case.entry)
            && entry.said.is_open()
        {
            entry.confirm_by = None;
            if cause.active {
                entry.note(due, |alert| cause.words.write(alert));
            }
        }
        self.cases.insert(key.clone(), case);
        self.stirred.insert(key);
    }

    fn cleared(&mut self, at: Moment, key: Key) {
        let Some(mut case) = self.cases.remove(&key) else { return };
        if case.stands() {
            self.gone(at, &key, &mut case, false);
        }
        self.cases.insert(key.clone(), case);
        self.stirred.insert(key);
    }

    /// The cause is gone; `surely`: whatever the off-delay says.
    pub(super) fn gone(&mut self, at: Moment, key: &Key, case: &mut Case, surely: bool) {
        let Some(cause) = case.cause.take() else { return };
        if let Some(priority) = cause.no_room {
            self.no_room.remove(&(Reverse(priority), key.clone()));
        }
        let off_delay = if surely { Duration::ZERO } else { case.plan.off_delay };
        if let Some(entry) = &mut case.entry
            && entry.said.is_open()
            && entry.said.cleared_at.is_none()
            && !entry.said.momentary
            && entry.gone.is_none()
        {
            entry.confirm_by = None;
            entry.gone = Some(Gone { at: at.unix, seen: at.now, due: at.now + off_delay });
        }
    }

    fn out_of_service(&mut self, at: Moment, camera: CameraId, until: Option<UnixMicros>) {
        match until {
            Some(until) => self.out_of_service.insert(camera.clone(), (until, at.until(until))),
            None => self.out_of_service.remove(&camera),
        };
        self.stir_all(Subject::Camera(camera));
    }

    /// Orders that are over by themselves.
    pub(super) fn end_services(&mut self, at: Moment) {
        let over: Vec<CameraId> = self
            .out_of_service
            .iter()
            .filter(|(_, (_, ends))| *ends <= at.now)
            .map(|(camera, _)| camera.clone())
            .collect();
        for camera in over {
            self.out_of_service.remove(&camera);
            self.stir_all(Subject::Camera(camera));
        }
    }

    fn planned(&mut self, at: Moment, key: Key, plan: Option<Arc<Plan>>) {
        // Its own alert is the book's affair.
        if is_own(&key) {
            return;
        }
        let Some(mut case) = self.cases.remove(&key) else { return };
        match plan {
            Some(plan) => self.replan(at, &mut case, plan),
            // A drill, as a pressed button, is there until it is settled.
            None => {
                case.planned = true;
                if case.stands() {
                    self.gone(at, &key, &mut case, true);
                }
                if let Some(entry) = case.entry.as_mut().filter(|entry| entry.gone.is_some()) {
                    entry.note(at.now, |alert| {
                        "no rule names it any more".clone_into(&mut alert.evidence);
                    });
                }
            }
        }
        self.cases.insert(key.clone(), case);
        self.stirred.insert(key);
    }

    fn replan(&mut self, at: Moment, case: &mut Case, plan: Arc<Plan>) {
        case.planned = true;
        if Arc::ptr_eq(&case.plan, &plan) {
            return;
        }
        if let Some(entry) = case.entry.as_mut().filter(|entry| entry.said.is_open()) {
            // People sort by these: they are told at once.
            entry.note(at.now, |alert| {
                alert.priority = plan.priority;
                alert.position.clone_from(&plan.position);
                alert.rule.clone_from(&plan.rule);
            });
        }
        case.plan = plan;
    }

    /// Sets what is said to stand for a source. The case is not in the book while this is done.
    pub(super) fn mask(&mut self, now: Instant, key: &Key, case: &mut Case, site: Option<SiteId>) {
        let site = site.filter(|site| key.source.subject != Subject::Site(site.clone()));
        let before = case.mask.as_ref().map(|(site, _)| site);
        if before == site.as_ref() {
            return;
        }
        if let Some((before, _)) = case.mask.take() {
            if let Some(masked) = self.masked.get_mut(&before) {
                masked.remove(key);
            }
            self.masked.retain(|_, masked| !masked.is_empty());
            self.masks_differ(before);
        }
        if let Some(site) = site {
            self.masked.entry(site.clone()).or_default().insert(key.clone());
            case.mask = Some((site.clone(), now));
            self.masks_differ(site);
        }
    }

    fn masks_differ(&mut self, site: SiteId) {
        for key in self.cases_of(Subject::Site(site)) {
            if let Some(entry) = self.cases.get_mut(&key).and_then(|case| case.entry.as_mut()) {
                entry.masks_differ = true;
                self.stirred.insert(key);
            }
        }
    }

    fn stir_all(&mut self, subject: Subject) {
        let keys = self.cases_of(subject);
        self.stirred.extend(keys);
    }

    /// What really happens to somebody, drills apart.
    pub(super) fn cases_of(&self, subject: Subject) -> Vec<Key> {
        let first = Slug::try_from("-").expect("the least of all that a name may be");
        let first = Key { drill: false, source: Source { subject: subject.clone(), kind: first } };
        let of = |key: &&Key| !key.drill && key.source.subject == subject;
        self.cases.range(first..).map(|(key, _)| key).take_while(of).cloned().collect()
    }

    /// When other words may be told.
    pub(super) fn update_due(&self, at: Moment, case: &Case) -> Instant {
        let said = case.entry.as_ref().map_or(at.now, |entry| entry.said_at);
        at.now.max(said + self.policy.update_every)
    }
}
