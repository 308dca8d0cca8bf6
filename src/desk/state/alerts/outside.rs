//! What is told from outside: what other systems saw, and alerts to train people with.

use uuid::Uuid;

use super::super::{Desk, Moment};
use crate::{
    desk::{
        command::{Answer, Done, Refused},
        event::Effect,
    },
    domain::{
        alert::{Fact, Raised, Source, Subject},
        camera::{CameraId, Slug},
    },
    store::JournalRow,
};

impl Desk {
    /// An outside system saw something.
    pub(in crate::desk::state) fn observe(
        &mut self,
        at: Moment,
        mut row: Box<JournalRow>,
        answer: Answer,
        effects: &mut Vec<Effect>,
    ) {
        let name = format!("{} {}", row.source, row.key);
        if let Some(done) = self.alerts.done_before(&name) {
            return self.dispatch(at, None, (None, Some((answer, done))), effects);
        }
        if let Some(unknown) = self.unknown_place(&row) {
            return effects.push(Effect::Answer(answer, Err(Refused::Unknown(unknown))));
        }
        let subject = match (&row.camera, &row.site) {
            (Some(camera), _) => Subject::Camera(camera.clone()),
            (None, Some(site)) => Subject::Site(site.clone()),
            (None, None) => Subject::Service,
        };
        let source = Source { subject, kind: row.kind.clone() };
        if let Some(raised) = self.raised(source.clone(), row.at, &row.text) {
            let fact = Fact::Raised(Box::new(Raised { momentary: true, ..raised }));
            let changes = self.alerts.book.apply(at, fact);
            row.alert = self.alerts.book.open_of(&source, false).map(|alert| alert.id);
            self.alerts.changes.extend(changes);
        }
        let done = Done::Observed { record: row.id, alert: row.alert };
        self.alerts.remember(name, done.clone());
        self.dispatch(at, Some(row), (None, Some((answer, done))), effects);
    }

    fn unknown_place(&self, row: &JournalRow) -> Option<String> {
        let camera = row.camera.as_ref();
        if let Some(camera) = camera.filter(|camera| !self.handles.contains_key(*camera)) {
            return Some(format!("camera {camera}"));
        }
        let known = |id: &Slug| self.config.sites.iter().any(|site| site.id == *id);
        row.site.as_ref().filter(|site| !known(site)).map(|site| format!("site {site}"))
    }

    /// Raises an alert to train people, on the way of a real one.
    pub(in crate::desk::state) fn drill(
        &mut self,
        at: Moment,
        (drill, kind, camera): (Uuid, Slug, CameraId),
        answer: Answer,
        effects: &mut Vec<Effect>,
    ) {
        let source = Source { subject: Subject::Camera(camera.clone()), kind: kind.clone() };
        if !self.handles.contains_key(&camera) {
            let refused = Refused::Unknown(format!("camera {camera}"));
            return effects.push(Effect::Answer(answer, Err(refused)));
        }
        let Some(raised) = self.raised(source.clone(), at.unix, "") else {
            let refused = Refused::Senseless(format!("no rule makes an alert of {}", source.kind));
            return effects.push(Effect::Answer(answer, Err(refused)));
        };
        let evidence = format!("drill {drill}");
        let raised = Raised { evidence, momentary: true, drill: true, ..raised };
        let changes = self.alerts.book.apply(at, Fact::Raised(Box::new(raised)));
        self.alerts.changes.extend(changes);
        let done = Done::Observed {
            record: drill,
            alert: self.alerts.book.open_of(&source, true).map(|alert| alert.id),
        };
        self.dispatch(at, None, (None, Some((answer, done))), effects);
    }
}
