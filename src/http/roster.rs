//! Who is on duty where and until when, and the dated entries of a roster as a sheet: tried out, and
//! taken.

use std::time::SystemTime;

use axum::{Json, extract::State, http::header, response::IntoResponse};
use serde::Serialize;

use super::{
    App, Problem,
    access::{Action, Subject},
    asked::Asked,
    configuration::{Edit, How, Mistake, NotTaken, Refusal, RosterTried},
};
use crate::{
    config::roster_csv,
    domain::{
        camera::SiteId,
        roster::{Exception, PersonId, Position, PositionId, Roster},
        time::UnixMicros,
    },
};

/// People and positions.
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(super) struct RosterView {
    /// The person that the request acts for.
    #[schema(value_type = Option<String>)]
    me: Option<PersonId>,
    /// Everybody, in the order of the file; without addresses.
    people: Vec<PersonView>,
    /// In the order of the file.
    positions: Vec<PositionView>,
    /// Who is told when a position does not read, now.
    #[schema(value_type = Vec<String>)]
    duty_officers: Vec<PersonId>,
}

#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
struct PersonView {
    #[schema(value_type = String)]
    id: PersonId,
    name: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
struct PositionView {
    #[schema(value_type = String)]
    id: PositionId,
    name: String,
    /// Its sites, with those below them; null: all that are no other position's.
    #[schema(value_type = Option<Vec<String>>)]
    sites: Option<Vec<SiteId>>,
    /// First the one to be told first.
    #[schema(value_type = Vec<String>)]
    on_duty: Vec<PersonId>,
    /// When others take over; null: nothing of the kind is planned.
    #[schema(value_type = Option<u64>)]
    until: Option<UnixMicros>,
    /// Who these are.
    #[schema(value_type = Vec<String>)]
    next: Vec<PersonId>,
}

impl PositionView {
    /// Without the sites that do not exist for the subject.
    fn seen_by(mut self, subject: &Subject) -> Self {
        if let Some(sites) = &mut self.sites {
            sites.retain(|site| subject.may_see_site_id(site));
        }
        self
    }

    fn of(roster: &Roster, position: &Position, now: UnixMicros) -> Self {
        let until = roster.next_handover(&position.id, now);
        Self {
            id: position.id.clone(),
            name: position.name.clone(),
            sites: position.sites.clone(),
            on_duty: roster.on_duty(&position.id, now),
            until,
            next: until.map(|until| roster.on_duty(&position.id, until)).unwrap_or_default(),
        }
    }
}

/// Who is on duty now, and who comes next.
#[utoipa::path(get, path = "/api/v1/roster", tag = "duty",
    responses((status = 200, body = RosterView), (status = 403, body = Problem)))]
pub(super) async fn roster(
    State(app): State<App>,
    subject: Subject,
) -> Result<Json<RosterView>, Problem> {
    subject.authorize(&Action::Duty)?;
    let duty = app.view.duty.load();
    let (roster, escalation) = (&duty.config.roster, &duty.config.escalation);
    let now = SystemTime::now().into();
    let officers = escalation.duty_officer.as_ref();
    let people = roster.people.iter();
    Ok(Json(RosterView {
        me: subject.person.clone(),
        people: people.map(|p| PersonView { id: p.id.clone(), name: p.name.clone() }).collect(),
        positions: roster
            .positions
            .iter()
            .map(|position| PositionView::of(roster, position, now).seen_by(&subject))
            .collect(),
        duty_officers: officers.map(|id| roster.on_duty(id, now)).unwrap_or_default(),
    }))
}

/// What a sheet of dated entries does, or would do.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct RosterCheck {
    /// Of the roster that it was compared with: give it back with the import, so that what was told is
    /// what is done. Null: there is no file that could be changed.
    version: Option<String>,
    /// Entries that are new.
    #[schema(value_type = Vec<Object>)]
    added: Vec<Exception>,
    /// Entries that go; those that are over are not listed.
    #[schema(value_type = Vec<Object>)]
    removed: Vec<Exception>,
    /// How many stay as they are.
    unchanged: usize,
    /// Every fault, in the order of the lines. With any, nothing of it is taken.
    faults: Vec<Mistake>,
}

/// The dated entries of the roster as a sheet in CSV; with its first row alone where there are none.
#[utoipa::path(get, path = "/api/v1/roster/import", tag = "duty",
    responses((status = 200, body = String, content_type = "text/csv"), (status = 403, body = Problem),
              (status = 503, body = Problem)))]
pub(super) async fn sheet(
    State(app): State<App>,
    subject: Subject,
) -> Result<impl IntoResponse, Refusal> {
    subject.authorize(&Action::Configure)?;
    let sheet = app.editor()?.read_roster().await?;
    let head = || "date,from,until,position,people\n".to_owned();
    let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
    Ok((kind, sheet.unwrap_or_else(head)))
}

/// Puts a sheet in CSV in place of the dated entries of the roster, or only checks it; all faults are
/// told at once.
#[utoipa::path(post, path = "/api/v1/roster/import", tag = "duty", params(How),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = RosterCheck), (status = 400, body = Problem),
              (status = 403, body = Problem), (status = 409, body = Problem),
              (status = 422, body = Refusal), (status = 503, body = Problem)))]
pub(super) async fn import(
    State(app): State<App>,
    subject: Subject,
    Asked(how): Asked<How>,
    csv: String,
) -> Result<Json<RosterCheck>, Refusal> {
    subject.authorize(&Action::Configure)?;
    let (version, report) = match app.editor() {
        Ok(editor) => {
            let RosterTried { version, report } = editor.try_roster(csv.clone()).await?;
            if how.version.as_ref().is_some_and(|meant| *meant != version) {
                return Err(NotTaken::Changed.into());
            }
            if !how.dry_run {
                let edit = Edit::Roster { sheet: csv, restored: None };
                editor.change(edit, (how.version, false), &subject).await?;
            }
            (Some(version), report)
        }
        // Without a file, a sheet is compared with what is in force.
        Err(_) if how.dry_run => {
            let config = app.view.duty.load().config.clone();
            let now = SystemTime::now().into();
            (None, roster_csv::check("import.csv", csv.as_bytes(), &config, now))
        }
        Err(no_editor) => return Err(no_editor.into()),
    };
    Ok(Json(RosterCheck {
        version,
        faults: report.faults.iter().map(Mistake::from).collect(),
        added: report.added,
        removed: report.removed,
        unchanged: report.unchanged.len(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{roster::Shift, timetable::Hours};

    fn id(text: &str) -> PersonId {
        text.try_into().expect("an id")
    }

    #[test]
    fn a_position_says_who_is_there_until_when_and_who_comes_next() {
        let shift = |person, from: u16, until: u16| Shift {
            position: id("desk"),
            people: vec![id(person)],
            hours: Hours { days: 0x7f, from_min: from * 60, until_min: until * 60 },
        };
        let shifts = vec![shift("anna", 6, 18), shift("binh", 18, 6)];
        let roster = Roster { shifts, utc_offset_min: 0, ..Roster::default() };
        // Monday 23 November 2026.
        let hour = |hour: u64| UnixMicros((1_795_392_000 + hour * 3600) * 1_000_000);
        let desk = PositionView::of(&roster, &Position::desk(), hour(8));
        assert_eq!((desk.on_duty, desk.next), (vec![id("anna")], vec![id("binh")]));
        assert_eq!(desk.until, Some(hour(18)));

        let nobody = PositionView::of(&Roster::default(), &Position::desk(), hour(8));
        assert_eq!((nobody.on_duty, nobody.until, nobody.next), (vec![], None, vec![]));
    }
}
