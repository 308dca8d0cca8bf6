//! What happens when there are more open alerts than anybody could look at. Nothing is lost and
//! nothing is silent: the book opens an alert of its own, high, which says how many wait; they open
//! as others close. What finds no place even to wait is counted there; it is in the records.

use std::{cmp::Reverse, sync::Arc, time::Duration};

use super::{
    super::{Fact, Plan, Priority, Procedure, Raised, Source, Subject},
    Book,
    case::{Case, Key},
};
use crate::domain::{camera::Slug, time::Moment};

/// The kind of the book's own alert, and the name of its rule.
pub const BOOK_FULL: &str = "alert-book-full";

impl Book {
    pub(super) fn has_room(&self, key: &Key) -> bool {
        self.open < self.policy.open_max || is_own(key)
    }

    /// How many an alert takes of the room: the book's own takes none.
    pub(super) fn size(key: &Key) -> usize {
        usize::from(!is_own(key))
    }

    pub(super) fn wait_for_room(&mut self, key: &Key, case: &mut Case) {
        if let Some(cause) = &mut case.cause {
            cause.no_room = Some(case.plan.priority);
            self.no_room.insert((Reverse(case.plan.priority), key.clone()));
            self.full = Some(case.plan.clone());
        }
    }

    /// It has found its alert, or was counted.
    pub(super) fn raised_it(&mut self, key: &Key, case: &mut Case) {
        let Some(cause) = &mut case.cause else { return };
        if let Some(priority) = cause.no_room.take() {
            self.no_room.remove(&(Reverse(priority), key.clone()));
        }
        if cause.momentary {
            case.cause = None;
        }
    }

    /// It is held back now by something else than the room.
    pub(super) fn wait_no_more(&mut self, key: &Key, case: &mut Case) {
        let Some(cause) = &mut case.cause else { return };
        if let Some(priority) = cause.no_room.take() {
            self.no_room.remove(&(Reverse(priority), key.clone()));
            cause.active = false;
            case.activations.pop_back();
        }
    }

    /// Whether one more source can be remembered; closed ones make place.
    pub(super) fn finds_place(&mut self, key: &Key) -> bool {
        if self.cases.len() < self.policy.cases_max || is_own(key) {
            return true;
        }
        let idle = |case: &Case| case.cause.is_none() && case.open().is_none();
        let Some(key) = self.cases.iter().find(|(_, case)| idle(case)).map(|(key, _)| key.clone())
        else {
            return false;
        };
        if let Some(case) = self.cases.remove(&key) {
            if let Some(due) = case.due {
                self.deadlines.remove(&(due, key.clone()));
            }
            if let Some(entry) = case.entry {
                self.ids.remove(&entry.said.id);
            }
        }
        true
    }

    pub(super) fn leave_out(&mut self, plan: Arc<Plan>) {
        self.left_out += 1;
        self.full = Some(plan);
        self.stirred.insert(Key { drill: false, source: own() });
    }

    /// Lets the next in where there is room, and raises or clears the book's own alert.
    pub(super) fn tell_room(&mut self, at: Moment) {
        if self.open < self.policy.open_max
            && let Some((_, next)) = self.no_room.pop_first()
        {
            self.stirred.insert(next);
            return;
        }
        let waiting = self.no_room.len();
        let full = self.open >= self.policy.open_max || self.cases.len() >= self.policy.cases_max;
        if waiting == 0 && !full {
            if self.full.take().is_some() {
                self.left_out = 0;
                self.full_said.clear();
                self.hear(at, Fact::Cleared(own()));
            }
            return;
        }
        let Some(plan) = &self.full else { return };
        let evidence = format!(
            "more than {} alerts are open: {waiting} more wait, {} found no place to wait and are \
             only in the records",
            self.policy.open_max, self.left_out
        );
        if self.full_said == evidence {
            return;
        }
        self.full_said.clone_from(&evidence);
        let raised = Raised {
            source: own(),
            cameras: Vec::new(),
            site: None,
            evidence,
            since: at.unix,
            masked_by: None,
            momentary: false,
            drill: false,
            plan: own_plan(plan),
        };
        self.hear(at, Fact::Raised(Box::new(raised)));
    }
}

/// Whether it is the book's own alert.
pub(super) fn is_own(key: &Key) -> bool {
    key.source.subject == Subject::Service && key.source.kind.as_str() == BOOK_FULL
}

fn own() -> Source {
    Source { subject: Subject::Service, kind: name() }
}

fn name() -> Slug {
    Slug::try_from(BOOK_FULL).expect("it is one")
}

/// Whoever is to get what finds no room is told.
fn own_plan(of: &Plan) -> Arc<Plan> {
    Arc::new(Plan {
        rule: name(),
        priority: Priority::High,
        position: of.position.clone(),
        on_delay: Duration::ZERO,
        off_delay: Duration::from_secs(60),
        count: 1,
        within: Duration::ZERO,
        episode_gap: Duration::from_secs(600),
        acknowledge_within: of.acknowledge_within,
        comment_required: false,
        suppressed: None,
        procedure: Procedure {
            vi: "Quá nhiều cảnh báo đang mở. Đóng các cảnh báo đã xử lý; báo trực ban chỉ huy."
                .to_owned(),
            en: "Too many alerts are open. Resolve those that are dealt with; tell the duty officer."
                .to_owned(),
        },
    })
}
