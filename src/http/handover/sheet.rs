//! A sheet as clients get it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::gather::Drawn;
use crate::{
    domain::{
        alert::{Alert, AlertId, Signed, Source},
        camera::CameraId,
        handover::{Handover, Line, Note, OutOfService, Shift, Worst},
        roster::{PersonId, PositionId},
        time::UnixMicros,
    },
    http::{
        App,
        access::Subject,
        alerts::{AlertView, Place},
    },
    store::Numbered,
};

/// What one shift leaves to the next.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct Sheet {
    #[schema(value_type = String)]
    position: PositionId,
    /// The shift that ends; null where the roster says nothing of the position.
    shift: Option<ShiftView>,
    /// The shift that comes; null where none is planned.
    next: Option<NextView>,
    /// When it was drawn up.
    #[schema(value_type = u64)]
    made_at: UnixMicros,
    /// Open alerts as they were then, most urgent first; the first 200.
    open: Vec<AlertView>,
    /// How many there were.
    open_total: usize,
    /// Those on the shelf, first to come back first; the first 200.
    shelved: Vec<AlertView>,
    /// How many there were.
    shelved_total: usize,
    /// Cameras that people took out of service, first to come back first; the first 200.
    out_of_service: Vec<OutView>,
    /// How many there were.
    out_of_service_total: usize,
    /// What came most often during the shift; the first ten.
    worst: Vec<WorstView>,
    /// Oldest first.
    notes: Vec<NoteView>,
    signed: Signatures,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ShiftView {
    #[schema(value_type = u64)]
    from: UnixMicros,
    #[schema(value_type = Option<u64>)]
    until: Option<UnixMicros>,
    #[schema(value_type = Vec<String>)]
    people: Vec<PersonId>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct NextView {
    #[schema(value_type = u64)]
    from: UnixMicros,
    #[schema(value_type = Vec<String>)]
    people: Vec<PersonId>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OutView {
    #[schema(value_type = String)]
    camera: CameraId,
    /// What an operator types; null if it is no longer configured.
    number: Option<u32>,
    name: Option<String>,
    #[schema(value_type = u64)]
    until: UnixMicros,
    reason: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct WorstView {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    source: Source,
    #[serde(rename = "where")]
    place: Place,
    alerts: usize,
    /// How often these were raised.
    activations: u64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct NoteView {
    text: String,
    #[serde(flatten)]
    signed: Signature,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Signatures {
    giving: Option<Signature>,
    taking: Option<Signature>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Signature {
    #[schema(value_type = Option<String>)]
    by: Option<PersonId>,
    #[schema(value_type = u64)]
    at: UnixMicros,
}

impl Sheet {
    /// `known` holds the alerts of its lines; what is no longer kept is left out.
    /// As it is shown to the subject: what is not theirs is neither on it nor counted.
    pub(super) fn of(app: &App, subject: &Subject, drawn: Drawn) -> Self {
        let Drawn { mut sheet, mut alerts } = drawn;
        if !subject.sees_all() {
            alerts.retain(|_, (_, alert)| subject.may_see_alert(alert));
            leave_out(&mut sheet, subject, &alerts);
        }
        let known = &alerts;
        let duty = app.view.duty.load();
        let (roster, position, at) = (&duty.config.roster, &sheet.position, sheet.at);
        let ends = Shift { position, roster, at, handed_over: None }.ends();
        let has_shifts = roster.has_shifts(position);
        let lines = |lines: Vec<Line>| lines.iter().filter_map(|l| line(app, l, known)).collect();
        Self {
            shift: has_shifts.then_some(ShiftView {
                from: sheet.since,
                until: ends,
                people: sheet.leaving,
            }),
            next: ends.map(|from| NextView { from, people: sheet.coming }),
            made_at: at,
            open: lines(sheet.open),
            open_total: sheet.open_total,
            shelved: lines(sheet.shelved),
            shelved_total: sheet.shelved_total,
            out_of_service: sheet.out_of_service.into_iter().map(|o| out(app, o)).collect(),
            out_of_service_total: sheet.out_of_service_total,
            worst: sheet.worst.into_iter().map(|one| worst(app, one)).collect(),
            notes: sheet.notes.into_iter().map(NoteView::from).collect(),
            signed: Signatures {
                giving: sheet.signed_by_leaving.map(Signature::from),
                taking: sheet.signed_by_coming.map(Signature::from),
            },
            position: sheet.position,
        }
    }
}

/// The alert as it was on the sheet, where that matters to those who sign.
fn leave_out(sheet: &mut Handover, subject: &Subject, known: &BTreeMap<AlertId, Numbered>) {
    for (lines, total) in
        [(&mut sheet.open, &mut sheet.open_total), (&mut sheet.shelved, &mut sheet.shelved_total)]
    {
        lines.retain(|line| known.contains_key(&line.alert));
        // Of those beyond the listed ones it is not known whose they are.
        *total = lines.len();
    }
    sheet.out_of_service.retain(|out| subject.may_see_camera_id(&out.camera));
    sheet.out_of_service_total = sheet.out_of_service.len();
    sheet.worst.retain(|worst| subject.may_see_source(&worst.source));
}

fn line(app: &App, line: &Line, known: &BTreeMap<AlertId, Numbered>) -> Option<AlertView> {
    let (seq, alert) = known.get(&line.alert)?;
    let alert = Alert {
        state: line.state,
        priority: line.priority,
        evidence: line.evidence.clone(),
        ..(**alert).clone()
    };
    Some(AlertView::of(app, *seq, &alert))
}

fn out(app: &App, out: OutOfService) -> OutView {
    let camera = app.view.by_id(&out.camera);
    OutView {
        number: camera.as_ref().map(|camera| camera.number),
        name: camera.map(|camera| camera.name.clone()),
        camera: out.camera,
        until: out.until,
        reason: out.reason,
    }
}

fn worst(app: &App, worst: Worst) -> WorstView {
    WorstView {
        place: Place::of_source(app, &worst.source),
        source: worst.source,
        alerts: worst.alerts,
        activations: worst.activations,
    }
}

impl From<Note> for NoteView {
    fn from(note: Note) -> Self {
        Self { text: note.text, signed: note.signed.into() }
    }
}

impl From<Signed> for Signature {
    fn from(signed: Signed) -> Self {
        Self { by: signed.by.person, at: signed.at }
    }
}
