//! The book's rules, one sentence each.

mod acts;
mod clock;
mod coming_back;
mod crowds;
mod episodes;
mod history;
mod properties;
mod restart;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{super::*, *};
use crate::domain::{
    camera::Slug,
    time::{Moment, UnixMicros},
    timetable::{Hours, Timetable},
};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const HOUR: Duration = Duration::from_secs(3600);
/// Monday 23 November 2026, 00:00 UTC.
pub(super) const MIDNIGHT: u64 = 1_795_392_000_000_000;

pub(super) fn slug(text: &str) -> Slug {
    text.try_into().expect("an id")
}

/// A source: `c1 frozen` of a camera, `@s1 unreachable` of a site.
pub(super) fn source(text: &str) -> Source {
    let (subject, kind) = text.split_once(' ').expect("whom and what");
    let subject = match subject.strip_prefix('@') {
        Some(site) => Subject::Site(slug(site)),
        None => Subject::Camera(slug(subject)),
    };
    Source { subject, kind: slug(kind) }
}

/// A rule without delays.
pub(super) fn plan() -> Plan {
    Plan {
        rule: slug("any"),
        priority: Priority::Medium,
        position: slug("desk"),
        on_delay: Duration::ZERO,
        off_delay: Duration::ZERO,
        count: 1,
        within: Duration::ZERO,
        episode_gap: 10 * MINUTE,
        acknowledge_within: 5 * MINUTE,
        comment_required: false,
        suppressed: None,
        procedure: Procedure::default(),
    }
}

/// Every day from one hour to another, UTC.
pub(super) fn daily(from: u16, until: u16) -> Timetable {
    let hours = Hours { days: 0x7f, from_min: from * 60, until_min: until * 60 };
    Timetable { hours: vec![hours], utc_offset_min: 0 }
}

pub(super) fn anna() -> Actor {
    Actor { user: "anna".to_owned(), person: Some(slug("anna")) }
}

pub(super) fn binh() -> Actor {
    Actor { user: "binh".to_owned(), person: Some(slug("binh")) }
}

/// A book with its own time, and all that it said.
pub(super) struct Shift {
    pub(super) book: Book,
    pub(super) at: Moment,
    pub(super) plan: Arc<Plan>,
    pub(super) log: Vec<Change>,
}

impl Shift {
    pub(super) fn new(plan: Plan) -> Self {
        Self::with(BookPolicy::default(), plan)
    }

    pub(super) fn with(policy: BookPolicy, plan: Plan) -> Self {
        let at = Moment { now: Instant::now(), unix: UnixMicros(MIDNIGHT) };
        Self { book: Book::new(policy, 1), at, plan: Arc::new(plan), log: Vec::new() }
    }

    /// Lets time pass, second by second.
    pub(super) fn wait(&mut self, time: Duration) -> &mut Self {
        for _ in 0..time.as_secs() {
            self.at = self.at.plus(SECOND);
            let said = self.book.tick(self.at);
            self.log.extend(said);
        }
        self
    }

    pub(super) fn raised(&self, text: &str) -> Raised {
        let source = source(text);
        let cameras = match &source.subject {
            Subject::Camera(camera) => vec![camera.clone()],
            Subject::Site(_) | Subject::Screen(_) | Subject::Service => Vec::new(),
        };
        Raised {
            source,
            cameras,
            site: Some(slug("s1")),
            evidence: "seen".to_owned(),
            since: self.at.unix,
            masked_by: None,
            momentary: false,
            drill: false,
            plan: self.plan.clone(),
        }
    }

    pub(super) fn hears(&mut self, fact: Fact) -> &mut Self {
        let said = self.book.apply(self.at, fact);
        self.log.extend(said);
        self
    }

    pub(super) fn raise(&mut self, text: &str) -> &mut Self {
        let raised = self.raised(text);
        self.hears(Fact::Raised(Box::new(raised)))
    }

    pub(super) fn raise_masked(&mut self, text: &str, site: Option<&str>) -> &mut Self {
        let masked_by = site.map(slug);
        let raised = Raised { masked_by, ..self.raised(text) };
        self.hears(Fact::Raised(Box::new(raised)))
    }

    pub(super) fn press(&mut self, text: &str) -> &mut Self {
        let raised = Raised { momentary: true, ..self.raised(text) };
        self.hears(Fact::Raised(Box::new(raised)))
    }

    pub(super) fn clear(&mut self, text: &str) -> &mut Self {
        self.hears(Fact::Cleared(source(text)))
    }

    /// The newest alert of a source, open or closed.
    pub(super) fn alert(&self, text: &str) -> Arc<Alert> {
        let source = source(text);
        let newest = self.log.iter().rev().find(|change| change.alert.source == source);
        let said = &newest.unwrap_or_else(|| panic!("{text} has no alert")).alert;
        assert_eq!(self.book.alert(said.id).unwrap_or(said), said, "what was said is what is");
        said.clone()
    }

    pub(super) fn act(&mut self, text: &str, by: &Actor, act: Act) -> &mut Self {
        self.try_act(text, by, act).expect("it can be done");
        self
    }

    pub(super) fn try_act(&mut self, text: &str, by: &Actor, act: Act) -> Result<usize, Refused> {
        let id = self.alert(text).id;
        let said = self.book.act(self.at, id, by, act)?;
        let many = said.len();
        self.log.extend(said);
        Ok(many)
    }

    pub(super) fn acknowledge(&mut self, text: &str) -> &mut Self {
        self.act(text, &anna(), Act::Acknowledge)
    }

    pub(super) fn resolve(&mut self, text: &str) -> &mut Self {
        let act = Act::Resolve { disposition: Disposition::Real, comment: None };
        self.act(text, &anna(), act)
    }

    pub(super) fn shelve(&mut self, text: &str, time: Duration) -> &mut Self {
        let until = self.at.unix.plus(time);
        self.act(text, &anna(), Act::Shelve { until, reason: "a crane".to_owned() })
    }

    /// What was said since this was asked last, as words.
    pub(super) fn said(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut self.log).iter().map(|change| word(&change.what)).collect()
    }

    /// Checks an alert's state.
    #[track_caller]
    pub(super) fn is(&mut self, text: &str, state: State) -> &mut Self {
        assert_eq!(self.alert(text).state, state, "{text}");
        self
    }

    /// Checks that a source has made no alert.
    #[track_caller]
    pub(super) fn has_none(&mut self, text: &str) -> &mut Self {
        let source = source(text);
        assert!(self.log.iter().all(|change| change.alert.source != source), "{text} has an alert");
        self
    }
}

pub(super) fn word(what: &What) -> &'static str {
    match what {
        What::Opened => "opened",
        What::RaisedAgain => "raised again",
        What::Cleared => "cleared",
        What::Updated => "updated",
        What::Masked(true) => "masked",
        What::Masked(false) => "unmasked",
        What::Suppressed(true) => "suppressed",
        What::Suppressed(false) => "no longer suppressed",
        What::OutOfService(true) => "out of service",
        What::OutOfService(false) => "in service",
        What::Chattering(true) => "chatters",
        What::Chattering(false) => "chatters no more",
        What::ShelfEnded => "shelf ended",
        What::Done(_) => "done",
        What::Escalated { .. } => "escalated",
        What::Closed => "closed",
    }
}
