//! Going on after a restart, from what the store kept.

use std::{sync::Arc, time::Duration};

use super::{
    super::{Alert, Plan, Procedure, Seq, Subject},
    Book,
    case::{Case, Cause, Entry, Key, Words},
};
use crate::domain::time::Moment;

/// What rules have by default, until the rules are told.
const EPISODE_GAP: Duration = Duration::from_secs(600);
const ACKNOWLEDGE_WITHIN: Duration = Duration::from_secs(300);

impl Book {
    /// Takes up the alerts of the store, open ones and, if there are any, those that closed within
    /// their episode's gap; the next change is the one after `head`. To be called once, before all
    /// else; then the rules are to be told (`Fact::Planned`) and what stands (`Fact::Raised`).
    ///
    /// The store holds at most one open alert of a source, since the book never opens two.
    pub fn restore(&mut self, at: Moment, mut alerts: Vec<Alert>, head: Seq) {
        self.head = head;
        // Of one source the open one counts, then the newest.
        alerts.sort_by_key(|alert| (alert.is_open(), alert.id));
        for alert in alerts {
            self.take_up(at, alert);
        }
    }

    fn take_up(&mut self, at: Moment, alert: Alert) {
        let key = Key { drill: alert.drill, source: alert.source.clone() };
        if let Some(before) = self.cases.remove(&key).and_then(|case| case.entry) {
            self.ids.remove(&before.said.id);
            if before.said.is_open() {
                self.open -= Self::size(&key);
            }
        }
        let mut case = Case::new(Arc::new(plan_of(&alert)));
        case.planned = false;
        if alert.chattering {
            case.activations.push_back((at.now, alert.raised_at));
        }
        if alert.is_open() {
            self.open += Self::size(&key);
            self.reopen(at, &key, &mut case, &alert);
            let age = at.unix.since(alert.opened_at);
            if !alert.drill && age < self.policy.flood_within {
                self.load.arrived(at, at.instant_of(alert.opened_at), &alert.position);
            }
        }
        self.ids.insert(alert.id, key.clone());
        let mut entry = Entry::new(Arc::new(alert), at.now);
        let alert = entry.said.clone();
        entry.cleared = alert.cleared_at.map(|cleared| at.instant_of(cleared));
        entry.shelf_ends = alert
            .shelved
            .as_ref()
            .map(|shelved| at.now + shelved.until.since(at.unix).min(self.policy.shelf_max));
        entry.confirm_by = case.stands().then(|| at.now + self.policy.confirm_within);
        entry.forget = alert.closed_at.map(|closed| at.instant_of(closed) + case.plan.episode_gap);
        case.entry = Some(entry);
        self.cases.insert(key.clone(), case);
        self.stirred.insert(key);
    }

    fn reopen(&mut self, at: Moment, key: &Key, case: &mut Case, alert: &Alert) {
        if alert.cleared_at.is_none() && !alert.momentary {
            case.cause = Some(Cause {
                since: alert.raised_at,
                words: Words {
                    evidence: alert.evidence.clone(),
                    cameras: alert.cameras.clone(),
                    site: alert.site.clone(),
                },
                momentary: false,
                ready: None,
                active: true,
                no_room: None,
            });
        }
        self.mask(at.now, key, case, alert.masked_by.clone());
        if let (Subject::Camera(camera), Some(until)) =
            (&key.source.subject, alert.out_of_service_until)
        {
            self.out_of_service.insert(camera.clone(), (until, at.until(until)));
        }
    }
}

/// What an alert tells of its rule.
fn plan_of(alert: &Alert) -> Plan {
    Plan {
        rule: alert.rule.clone(),
        priority: alert.priority,
        position: alert.position.clone(),
        on_delay: Duration::ZERO,
        off_delay: Duration::ZERO,
        count: 1,
        within: Duration::ZERO,
        episode_gap: EPISODE_GAP,
        acknowledge_within: ACKNOWLEDGE_WITHIN,
        comment_required: false,
        suppressed: None,
        procedure: Procedure::default(),
    }
}
