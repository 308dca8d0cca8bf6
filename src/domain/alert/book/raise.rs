//! Activations: on-delay, counting, and what they make of an alert.

use std::sync::Arc;

use super::{
    super::{Alert, Plan, State, Subject, What},
    Book,
    case::{Case, Entry, Key, state_of},
};
use crate::domain::{camera::CameraId, time::Moment};

/// Activations remembered of a source: a rule counts no further.
const ACTIVATIONS_MAX: usize = 100;

impl Book {
    /// Raises what stands, has lasted its on-delay and is overridden by nothing.
    pub(super) fn activate(
        &mut self,
        at: Moment,
        key: &Key,
        case: &mut Case,
        entry: &mut Option<Entry>,
        overridden: bool,
    ) {
        let Some(cause) = &mut case.cause else { return };
        let waited = cause.no_room.is_some();
        let open = entry.as_ref().is_some_and(|entry| entry.said.is_open());
        if cause.active && !waited && open {
            return;
        }
        if overridden && cause.momentary {
            // What has no end cannot be found standing later: it stays a record. If it came before
            // and waits for room, it goes on waiting.
            if !waited {
                case.cause = None;
                return;
            }
        } else if overridden {
            cause.ready = None;
            self.wait_no_more(key, case);
            return;
        }
        if !cause.active {
            if *cause.ready.get_or_insert(at.now + case.plan.on_delay) > at.now {
                return;
            }
            cause.active = true;
            if case.activations.len() >= ACTIVATIONS_MAX {
                case.activations.pop_front();
            }
            case.activations.push_back((at.now, cause.since));
        }
        let again = entry.as_ref().is_some_and(|entry| self.is_same_episode(at, case, entry));
        if open || again || waited || is_enough(at, case, key.drill) {
            if !open && !self.has_room(key) {
                self.wait_for_room(key, case);
                return;
            }
            match entry.as_mut().filter(|_| again) {
                Some(entry) => self.raise_again(at, key, case, entry),
                None => self.open_alert(at, key, case, entry),
            }
        }
        self.raised_it(key, case);
    }

    /// A return while the alert is open, or soon after its clear if nobody settled it.
    fn is_same_episode(&self, at: Moment, case: &Case, entry: &Entry) -> bool {
        let soon = |cleared| at.now < cleared + case.plan.episode_gap;
        entry.said.is_open() || entry.said.resolved.is_none() && entry.cleared.is_some_and(soon)
    }

    fn open_alert(&mut self, at: Moment, key: &Key, case: &Case, entry: &mut Option<Entry>) {
        let Some(cause) = &case.cause else { return };
        let plan = &case.plan;
        let count = enough(plan, key.drill);
        // Its episode began with the first that counts.
        let first =
            case.activations.iter().rev().nth(count - 1).or_else(|| case.activations.front());
        let mut alert = Alert {
            id: self.new_id(at),
            source: key.source.clone(),
            state: State::Unacknowledged,
            priority: plan.priority,
            rule: plan.rule.clone(),
            position: plan.position.clone(),
            cameras: cause.words.cameras.clone(),
            site: cause.words.site.clone(),
            evidence: cause.words.evidence.clone(),
            count: u32::try_from(count).unwrap_or(u32::MAX),
            opened_at: first.map_or(cause.since, |(_, since)| *since),
            raised_at: cause.since,
            cleared_at: None,
            closed_at: None,
            chattering: false,
            momentary: cause.momentary,
            masked_by: None,
            masks: self.masks_of(key),
            suppressed_until: None,
            out_of_service_until: None,
            shelved: None,
            read: None,
            acknowledged: None,
            assigned: None,
            disposition: None,
            resolved: None,
            comments: Vec::new(),
            stage: None,
            drill: key.drill,
        };
        alert.state = state_of(&alert);
        if let Some(before) = entry.take() {
            self.ids.remove(&before.said.id);
        }
        self.ids.insert(alert.id, key.clone());
        self.open += Self::size(key);
        let opened = entry.insert(Entry::new(Arc::new(alert), at.now));
        self.say(at, opened, What::Opened, None, |_| {});
        if !key.drill {
            self.load.opened(at, at.now, &plan.position, plan.priority);
        }
        self.begin_chatter(at, case, opened);
    }

    fn raise_again(&mut self, at: Moment, key: &Key, case: &Case, entry: &mut Entry) {
        let Some(cause) = &case.cause else { return };
        let chattering = entry.said.chattering;
        if !entry.said.is_open() {
            self.open += Self::size(key);
        }
        let masks = self.masks_of(key);
        let edit = |alert: &mut Alert| {
            alert.count = alert.count.saturating_add(1);
            alert.raised_at = cause.since;
            cause.words.write(alert);
            if !chattering {
                alert.masks = masks;
                (alert.cleared_at, alert.closed_at) = (None, None);
                // Who was to be told next is told next, unless somebody had read it.
                if alert.read.is_some() || alert.acknowledged.is_some() {
                    alert.stage = None;
                }
                (alert.read, alert.acknowledged) = (None, None);
                (alert.resolved, alert.disposition) = (None, None);
            }
        };
        if chattering {
            let due = at.now.max(entry.said_at + self.policy.update_every);
            entry.note(due, edit);
        } else {
            self.say(at, entry, What::RaisedAgain, None, edit);
        }
        (entry.gone, entry.cleared, entry.forget) = (None, None, None);
        self.begin_chatter(at, case, entry);
    }

    fn begin_chatter(&mut self, at: Moment, case: &Case, entry: &mut Entry) {
        let within = self.policy.chatter_within;
        let newest = case.activations.iter().filter(|(seen, _)| *seen + within > at.now);
        if !entry.said.chattering && newest.count() >= self.policy.chatter_count {
            self.say(at, entry, What::Chattering(true), None, |alert| alert.chattering = true);
        }
    }

    /// The cameras that are masked under a site, each once.
    pub(super) fn masks_of(&self, key: &Key) -> Vec<CameraId> {
        let Subject::Site(site) = &key.source.subject else { return Vec::new() };
        let masked = self.masked.get(site).into_iter().flatten();
        let mut cameras: Vec<CameraId> = masked
            .filter_map(|key| match &key.source.subject {
                Subject::Camera(camera) => Some(camera.clone()),
                Subject::Site(_) | Subject::Screen(_) | Subject::Service => None,
            })
            .collect();
        cameras.dedup();
        cameras
    }
}

/// So many activations make an alert.
fn enough(plan: &Plan, drill: bool) -> usize {
    let count = usize::try_from(plan.count).unwrap_or(ACTIVATIONS_MAX);
    if drill { 1 } else { count.clamp(1, ACTIVATIONS_MAX) }
}

fn is_enough(at: Moment, case: &Case, drill: bool) -> bool {
    let newest = case.activations.iter().filter(|(seen, _)| *seen + case.plan.within >= at.now);
    // What stands below its count is enough when another plan counts no more.
    newest.count().max(1) >= enough(&case.plan, drill)
}
