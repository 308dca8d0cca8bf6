//! Handing a position over: the sheet of the shift that ends, notes for the next one, and two
//! signatures.

mod gather;
mod sheet;
mod standing;

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use self::{
    gather::{Drawn, draw, lookup},
    sheet::Sheet,
    standing::{Standing, standing},
};
use super::{
    App, Problem,
    access::{Action, Subject},
    asked::{Asked, Ordered, plain_text},
};
use crate::{
    desk::command::{Command, Done},
    domain::{
        alert::Signed,
        handover::{Handover, Note, Objection, Side},
        roster::PositionId,
        time::UnixMicros,
    },
    store::{AuditRow, HandoverRow},
};

/// The newest sheet of each position, as it was written down last: while the store fails it lacks
/// what is in the spool. One at a time changes a sheet, so that no note is written over.
#[derive(Debug, Default)]
pub(super) struct Sheets(Mutex<Newest>);

/// One a position, of which there are dozens.
type Newest = BTreeMap<PositionId, HandoverRow>;

/// Nobody is asked for what happened longer ago: then the roster says when the shift began.
const HANDED_OVER_WITHIN: Duration = Duration::from_secs(7 * 24 * 60 * 60);

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// Whose sheet.
    #[param(value_type = String)]
    position: PositionId,
}

/// The sheet of a position as it is now, or as the first of two has signed it.
#[utoipa::path(get, path = "/api/v1/handover", tag = "duty", params(Wish),
    responses((status = 200, body = Sheet), (status = 400, body = Problem),
              (status = 403, body = Problem), (status = 404, body = Problem),
              (status = 503, body = Problem)))]
pub(super) async fn sheet(
    State(app): State<App>,
    subject: Subject,
    Asked(Wish { position }): Asked<Wish>,
) -> Result<Json<Sheet>, Problem> {
    subject.authorize(&Action::Duty)?;
    known(&app, &position)?;
    let now = SystemTime::now().into();
    let newest = newest(&app, &app.sheets.0.lock().await, &position).await?;
    let (_, drawn) = current(&app, &subject, &position, newest, now).await?;
    Ok(Json(Sheet::of(&app, &subject, drawn)))
}

/// What is written on a sheet: a signature, a note, or both.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    #[schema(value_type = String)]
    position: PositionId,
    /// Which side the person signs, who must be named.
    sign: Option<Signing>,
    /// What the next shift should know, 1 to 500 characters.
    note: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum Signing {
    Giving,
    Taking,
}

/// Signs a sheet or writes a note on it; answers when that is stored.
#[utoipa::path(post, path = "/api/v1/handover", tag = "duty", request_body = Written,
    responses((status = 200, body = Sheet, description = "the sheet after it"),
              (status = 400, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem),
              (status = 409, body = Problem, description = "signed already"),
              (status = 413, body = Problem), (status = 415, body = Problem),
              (status = 422, body = Problem),
              (status = 503, body = Problem, description = "it could not be stored")))]
pub(super) async fn write(
    State(app): State<App>,
    subject: Subject,
    Ordered(Written { position, sign, note }): Ordered<Written>,
) -> Result<Json<Sheet>, Problem> {
    subject.authorize(&Action::Duty)?;
    known(&app, &position)?;
    subject.authorize(&Action::HandOver(&position))?;
    let note = note.map(|note| plain_text("note", &note)).transpose()?;
    if sign.is_none() && note.is_none() {
        return Err(Problem::unprocessable("Send a `note`, or which side you `sign`."));
    }
    let mut sheets = app.sheets.0.lock().await;
    let mut before = newest(&app, &sheets, &position).await?;
    if note.is_some() {
        // What both have signed is closed: this is for the next sheet.
        before.closed |= before.row.as_ref().is_some_and(|row| row.sheet.is_complete());
    }
    let now = UnixMicros::from(SystemTime::now());
    let written = before.row.as_ref().map(|row| row.written_at);
    let (id, mut drawn) = current(&app, &subject, &position, before, now).await?;
    let unchanged = drawn.sheet.clone();
    put(&mut drawn.sheet, sign, note.as_ref(), Signed { by: subject.actor(), at: now })?;
    if drawn.sheet == unchanged {
        // Said or signed before: an answer was lost.
        return Ok(Json(Sheet::of(&app, &subject, drawn)));
    }
    let id = id.unwrap_or_else(Uuid::now_v7);
    // Later than what it replaces, whatever the clock does.
    let written_at = written.map_or(now, |before| now.max(UnixMicros(before.0 + 1)));
    let row = HandoverRow { id, written_at, sheet: drawn.sheet.clone() };
    let audit = AuditRow {
        id: Uuid::now_v7(),
        at: now,
        actor: subject.actor(),
        action: if sign.is_some() { "sign-handover" } else { "note-handover" }.to_owned(),
        object: format!("handover:{id}"),
        detail: Some(serde_json::json!({ "position": position, "sign": sign, "note": note })),
        address: subject.address,
    };
    let command = Command::HandOver(Box::new(row.clone()), Box::new(audit));
    match app.commands()?.give(command).await.map_err(Problem::refused)? {
        Done::Plainly => _ = sheets.insert(position, row),
        _ => return Err(Problem::fault()),
    }
    Ok(Json(Sheet::of(&app, &subject, drawn)))
}

fn put(
    sheet: &mut Handover,
    sign: Option<Signing>,
    note: Option<&String>,
    signed: Signed,
) -> Result<(), Problem> {
    if let Some(text) = note {
        let said = |last: &Note| last.text == *text && last.signed.by == signed.by;
        if !sheet.notes.last().is_some_and(said) {
            let note = Note { text: text.clone(), signed: signed.clone() };
            sheet.note(note).map_err(objection)?;
        }
    }
    match sign {
        Some(Signing::Giving) => sheet.sign(Side::Leaving, signed).map_err(objection),
        Some(Signing::Taking) => sheet.sign(Side::Coming, signed).map_err(objection),
        None => Ok(()),
    }
}

fn objection(objection: Objection) -> Problem {
    let status = match objection {
        Objection::Nobody | Objection::Text => StatusCode::UNPROCESSABLE_ENTITY,
        Objection::SamePerson | Objection::Signed | Objection::Complete | Objection::Full => {
            StatusCode::CONFLICT
        }
    };
    Problem::new(status, format!("The sheet stays as it is: {objection}."))
}

fn known(app: &App, position: &PositionId) -> Result<(), Problem> {
    match app.view.duty.load().config.roster.position(position) {
        Some(_) => Ok(()),
        None => Err(Problem::new(
            StatusCode::NOT_FOUND,
            format!("There is no position \"{position}\". GET /api/v1/roster lists the positions."),
        )),
    }
}

/// What was written down of a position.
#[derive(Debug)]
struct Before {
    row: Option<HandoverRow>,
    /// When it was last handed over.
    handed_over: Option<UnixMicros>,
    /// The row is not to be written on any more.
    closed: bool,
}

async fn newest(
    app: &App,
    sheets: &MutexGuard<'_, Newest>,
    position: &PositionId,
) -> Result<Before, Problem> {
    let store = app.store()?;
    let stored = store.handed_over(position).await.map_err(Problem::store)?;
    let row = match sheets.get(position) {
        Some(row) => Some(row.clone()),
        None => store.newest_handover(position).await.map_err(Problem::store)?,
    };
    let own = row.as_ref().and_then(|row| row.sheet.handed_over());
    Ok(Before { row, handed_over: stored.max(own), closed: false })
}

/// The sheet that holds, with its name if it was written down.
async fn current(
    app: &App,
    subject: &Subject,
    position: &PositionId,
    before: Before,
    now: UnixMicros,
) -> Result<(Option<Uuid>, Drawn), Problem> {
    let handed_over = before.handed_over.filter(|at| now < at.plus(HANDED_OVER_WITHIN));
    match standing(before.row.filter(|_| !before.closed), now) {
        Standing::Signed(row) => {
            let alerts = lookup(app, &row.sheet).await?;
            Ok((Some(row.id), Drawn { sheet: row.sheet, alerts }))
        }
        Standing::Open { id, notes } => {
            let mut drawn = draw(app, subject, position, now, handed_over).await?;
            drawn.sheet.notes = notes;
            Ok((id, drawn))
        }
    }
}
