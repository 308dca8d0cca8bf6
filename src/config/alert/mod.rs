//! Which records become alerts: what is built in for each condition, then the `[[alert]]` rules of
//! the file, folded in its order, so that a later one wins, key by key.

mod builtin;
mod procedure;
pub(super) mod read;

use std::{sync::Arc, time::Duration};

use super::Config;
use crate::domain::{
    alert::{Plan, Priority, Procedure, Source, Subject},
    camera::{Camera, Condition, SiteId, Slug},
    health::Severity,
    roster::PositionId,
    screen::Fault as ScreenFault,
    timetable::{Hours, Timetable},
    wall::Selector,
    word::spelled,
};

/// One `[[alert]]`. `None` leaves what held before; what is named must all fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRule {
    /// Its name: each alert says which rule made it.
    pub id: Slug,
    /// For these.
    pub matters: Vec<Matter>,
    /// Of these cameras; `None`: of all, and of what is no camera's.
    pub cameras: Option<Vec<Selector>>,
    /// At these sites and all below them; `None`: anywhere.
    pub sites: Option<Vec<SiteId>>,
    /// Whether it is an alert, and how soon somebody must act.
    pub outcome: Option<Outcome>,
    /// The cause must last this long, after the condition's own delay.
    pub on_delay: Option<Duration>,
    /// The cause must be gone this long, after the condition's own delay.
    pub off_delay: Option<Duration>,
    /// So many activations …
    pub count: Option<u32>,
    /// … within this time.
    pub within: Option<Duration>,
    /// A return within this time is the same alert.
    pub episode_gap: Option<Duration>,
    /// Somebody must have read it within this time.
    pub acknowledge_within: Option<Duration>,
    /// Whose it is; else that of its place.
    pub position: Option<PositionId>,
    /// Resolving needs a comment.
    pub comment_required: Option<bool>,
    /// Suppressed by plan in these hours; an empty list: never.
    pub suppress: Option<Vec<Hours>>,
    /// What to do.
    pub procedure: Option<Procedure>,
}

/// What a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// A condition of a camera.
    Condition(Condition),
    /// A site that is down.
    SiteDown,
    /// A fault of a wall's screen.
    Screen(ScreenFault),
    /// A kind of event that an outside system reports.
    Kind(Slug),
}

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is an alert.
    Alert(Priority),
    /// It stays a record.
    Record,
}

impl Config {
    /// What the rules say of a source by all that is configured; `None`: it stays a record.
    pub fn plan_of(&self, source: &Source) -> Option<Arc<Plan>> {
        let camera = match &source.subject {
            Subject::Camera(id) => self.cameras.iter().find(|known| known.camera.id == *id),
            Subject::Site(_) | Subject::Screen(_) | Subject::Service => None,
        };
        let camera = camera.map(|known| &known.camera);
        let condition: Option<Condition> = spelled(source.kind.as_str());
        let severity = match &source.subject {
            Subject::Site(_) => Some(Severity::Critical),
            _ => condition.zip(camera).map(|(c, camera)| self.conditions(camera).of(c).severity),
        };
        self.plan(source, camera, severity)
    }

    /// What the rules say of a source; `None`: it stays a record. `camera` is the source's, if it is
    /// a camera's; `severity` the condition's, as `[[health]]` has it for that camera.
    pub fn plan(
        &self,
        source: &Source,
        camera: Option<&Camera>,
        severity: Option<Severity>,
    ) -> Option<Arc<Plan>> {
        let matter = Matter::of(source);
        let site = match &source.subject {
            Subject::Site(site) => Some(site),
            Subject::Screen(_) => None,
            Subject::Camera(_) | Subject::Service => camera.and_then(|camera| camera.site.as_ref()),
        };
        let lineage = self.lineage(site);
        let named =
            |rule: &&AlertRule| rule.matters.contains(&matter) && rule.covers(camera, &lineage);
        let mut drafted = builtin::draft(&matter, severity);
        for rule in self.alert_rules.iter().filter(named) {
            drafted.fold(rule);
        }
        let Outcome::Alert(priority) = drafted.outcome else { return None };
        let position =
            drafted.position.unwrap_or_else(|| self.roster.position_of(&lineage).clone());
        let utc_offset_min = self.history.utc_offset_min;
        let hours = drafted.suppress;
        Some(Arc::new(Plan {
            rule: drafted.rule,
            priority,
            position,
            on_delay: drafted.on_delay,
            off_delay: drafted.off_delay,
            count: drafted.count,
            within: drafted.within,
            episode_gap: drafted.episode_gap,
            acknowledge_within: drafted
                .acknowledge_within
                .unwrap_or_else(|| builtin::acknowledge_within(priority)),
            comment_required: drafted.comment_required,
            suppressed: (!hours.is_empty()).then_some(Timetable { hours, utc_offset_min }),
            procedure: drafted.procedure,
        }))
    }
}

impl Matter {
    /// What a source is about.
    fn of(source: &Source) -> Self {
        match (&source.subject, spelled(source.kind.as_str())) {
            (Subject::Camera(_), Some(condition)) => Self::Condition(condition),
            // A site has one condition, which the journal calls as a camera's.
            (Subject::Site(_), Some(Condition::Unreachable)) => Self::SiteDown,
            (Subject::Site(_), _) if source.kind.as_str() == SITE_DOWN => Self::SiteDown,
            (Subject::Screen(_), _) => match spelled(source.kind.as_str()) {
                Some(fault) => Self::Screen(fault),
                None => Self::Kind(source.kind.clone()),
            },
            _ => Self::Kind(source.kind.clone()),
        }
    }
}

impl AlertRule {
    /// Whether it names a camera, or a place where there is none.
    fn covers(&self, camera: Option<&Camera>, lineage: &[SiteId]) -> bool {
        let camera_fits = self.cameras.as_ref().is_none_or(|selectors| {
            selectors.iter().any(|selector| match (camera, selector) {
                (Some(camera), selector) => selector.matches(camera),
                (None, Selector::Site(site)) => lineage.first() == Some(site),
                (None, selector) => *selector == Selector::All,
            })
        });
        let site_fits =
            self.sites.as_ref().is_none_or(|sites| sites.iter().any(|site| lineage.contains(site)));
        camera_fits && site_fits
    }
}

/// How rules call a site that is down.
const SITE_DOWN: &str = "site-down";

/// A plan while rules are laid over it.
struct Draft {
    rule: Slug,
    outcome: Outcome,
    position: Option<PositionId>,
    on_delay: Duration,
    off_delay: Duration,
    count: u32,
    within: Duration,
    episode_gap: Duration,
    acknowledge_within: Option<Duration>,
    comment_required: bool,
    suppress: Vec<Hours>,
    procedure: Procedure,
}

impl Draft {
    fn fold(&mut self, rule: &AlertRule) {
        self.rule = rule.id.clone();
        self.outcome = rule.outcome.unwrap_or(self.outcome);
        self.position = rule.position.clone().or_else(|| self.position.take());
        self.on_delay = rule.on_delay.unwrap_or(self.on_delay);
        self.off_delay = rule.off_delay.unwrap_or(self.off_delay);
        self.count = rule.count.unwrap_or(self.count);
        self.within = rule.within.unwrap_or(self.within);
        self.episode_gap = rule.episode_gap.unwrap_or(self.episode_gap);
        self.acknowledge_within = rule.acknowledge_within.or(self.acknowledge_within);
        self.comment_required = rule.comment_required.unwrap_or(self.comment_required);
        if let Some(hours) = &rule.suppress {
            self.suppress.clone_from(hours);
        }
        if let Some(procedure) = &rule.procedure {
            self.procedure.clone_from(procedure);
        }
    }
}

#[cfg(test)]
mod tests;
