//! What is shown of a camera, and told when people would see a difference.

use std::sync::Arc;

use super::{CameraDesk, episodes::Circumstances, tenths};
use crate::{
    desk::{
        event::Effect,
        state::Moment,
        view::{CameraView, MaintenanceView, StandingView},
    },
    domain::{
        camera::{SiteId, State},
        health::{Rung, Verdict},
        history::{Keep, Record},
        maintenance::Maintenance,
    },
};

/// What of the world around a camera decides what is shown of it.
#[derive(Clone, Copy, Debug)]
pub(in crate::desk) struct Around<'a> {
    /// The order that takes it out of service.
    pub(in crate::desk) order: Option<&'a Maintenance>,
    /// The site whose condition stands for the camera's.
    pub(in crate::desk) masked_by: Option<&'a SiteId>,
    /// Its site may turn out to be the cause.
    pub(in crate::desk) undecided: bool,
}

/// What was judged last, to see that nothing has changed since.
#[derive(Debug, PartialEq)]
pub(super) struct Judged {
    verdict: Verdict,
    order: Option<Maintenance>,
    masked_by: Option<SiteId>,
    undecided: bool,
}

impl Judged {
    fn is(&self, verdict: &Verdict, around: Around<'_>) -> bool {
        self.verdict == *verdict
            && self.order.as_ref() == around.order
            && self.masked_by.as_ref() == around.masked_by
            && self.undecided == around.undecided
    }
}

impl CameraDesk {
    /// Writes down what began and ended, and shows the camera if anything that people see has
    /// changed.
    pub(in crate::desk) fn refresh(
        &mut self,
        at: Moment,
        verdict: Verdict,
        around: Around<'_>,
        records: &mut Vec<Record>,
        effects: &mut Vec<Effect>,
    ) {
        if !self.moved && self.judged.as_ref().is_some_and(|judged| judged.is(&verdict, around)) {
            return;
        }
        let live = matches!(verdict.state, State::Online | State::Suspect);
        if self.live != live {
            self.live = live;
            effects.push(Effect::Live(self.handle, live));
        }
        let shown = Shown::of(&verdict, around.order);
        let circumstances = Circumstances {
            camera: &self.config.camera.id,
            state: shown.state,
            conditions: &shown.conditions,
            reason: shown.reason.as_deref(),
            in_service: around.order.is_none(),
            masked_by: around.masked_by,
            undecided: around.undecided,
        };
        let raised = self.episodes.apply(at, &verdict, &circumstances, records);
        for (condition, raised_at) in raised {
            if matches!(condition.rung(), Rung::PictureAlive | Rung::PictureRight) {
                let keep = Keep::Event(condition, raised_at);
                effects.push(Effect::Keep(self.config.camera.id.clone(), self.handle, keep));
            }
        }
        let view = self.view(at, &verdict, shown, around);
        self.judged = Some(Judged {
            verdict,
            order: around.order.cloned(),
            masked_by: around.masked_by.cloned(),
            undecided: around.undecided,
        });
        self.moved = false;
        self.show(view, effects);
    }

    fn show(&mut self, view: CameraView, effects: &mut Vec<Effect>) {
        if self.shown.as_deref() == Some(&view) {
            return;
        }
        // Figures and the newest picture's time move each second: they are read, not told.
        let tell = self.shown.as_deref().is_none_or(|shown| {
            let (stream, last_frame_at) = (view.stream, view.last_frame_at);
            CameraView { stream, last_frame_at, ..shown.clone() } != view
        });
        let camera = Arc::new(view);
        self.shown = Some(camera.clone());
        effects.push(Effect::Show { camera, tell });
    }

    fn view(&self, at: Moment, verdict: &Verdict, shown: Shown, around: Around<'_>) -> CameraView {
        let camera = &self.config.camera;
        let since = match &self.shown {
            Some(before) if before.state == shown.state => before.since,
            _ => at.unix,
        };
        let in_service = around.order.is_none();
        let standing = verdict.shown().filter(|_| in_service).map(|standing| StandingView {
            condition: standing.condition,
            severity: standing.severity,
            since: self.episodes.raised_at(standing.condition).unwrap_or(at.unix),
            evidence: standing.evidence.clone(),
        });
        CameraView {
            only_for: self.only_for.clone(),
            id: camera.id.clone(),
            handle: self.handle,
            number: camera.number,
            name: camera.name.clone(),
            site: camera.site.clone(),
            tags: camera.tags.clone(),
            importance: camera.importance,
            state: shown.state,
            conditions: shown.conditions,
            rung: verdict.rung.filter(|_| in_service),
            standing: standing.collect(),
            masked_by: around.masked_by.cloned(),
            maintenance: around.order.map(|order| MaintenanceView {
                id: order.id,
                until: order.until,
                reason: order.reason.clone(),
                by: order.by.clone(),
            }),
            reason: shown.reason,
            since,
            last_frame_at: self.last_frame_at,
            refresh_s: self.health.interval().map(|interval| tenths(interval.as_secs_f64())),
            codec: self.format.as_ref().map(|format| format.codec),
            width: self.format.as_ref().map(|format| format.width),
            height: self.format.as_ref().map(|format| format.height),
            stream: self.figures,
            main: self.main.view(verdict.state == State::Offline),
        }
    }
}

/// What people are shown of a verdict.
struct Shown {
    state: State,
    conditions: Vec<crate::domain::camera::Condition>,
    reason: Option<String>,
}

impl Shown {
    /// A camera out of service is judged all the same, but not shown with what is wrong with it.
    fn of(verdict: &Verdict, order: Option<&Maintenance>) -> Self {
        match order {
            Some(order) => Self {
                state: State::Maintenance,
                conditions: Vec::new(),
                reason: Some(format!("out of service: {}", order.reason)),
            },
            None => Self {
                state: verdict.state,
                conditions: verdict.conditions(),
                reason: verdict.reason.clone(),
            },
        }
    }
}
