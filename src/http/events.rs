//! What outside systems tell: records. A rule may make an alert of one.

use std::time::SystemTime;

use axum::{Json, extract::State, http::StatusCode};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    App, Problem,
    access::{Action, Subject},
    asked::{Moment, OrderedUpTo, plain_text},
};
use crate::{
    desk::command::{Command, Done},
    domain::{
        alert::AlertId,
        camera::{CameraId, Condition, SiteId, Slug},
        word::spelled,
    },
    store::{JournalRow, PICTURE_MAX},
};

/// What else a system says, bytes.
const DATA_MAX: usize = 16 << 10;
/// A body: a picture in base 64, and the rest.
const BODY_MAX: usize = PICTURE_MAX / 3 * 4 + 2 * DATA_MAX;
/// A key, characters.
const KEY_MAX: usize = 128;

/// What an outside system saw.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    /// The system that tells it: `a-z`, `0-9` and `-`.
    #[schema(value_type = String, example = "anpr-1")]
    system: Slug,
    /// What it calls this event, 1 to 128 characters. Told again under the same key, it is the same
    /// one.
    key: String,
    /// What it is: `a-z`, `0-9` and `-`. `[[alert]]` rules name kinds.
    #[schema(value_type = String, example = "panic-button")]
    kind: Slug,
    /// The camera that it concerns.
    #[schema(value_type = Option<String>)]
    camera: Option<CameraId>,
    /// The site that it concerns, if no camera.
    #[schema(value_type = Option<String>)]
    site: Option<SiteId>,
    /// When it was, RFC 3339 or Unix microseconds; now if left out.
    #[schema(value_type = Option<String>)]
    at: Option<Moment>,
    /// What a person reads, 1 to 500 characters.
    text: String,
    /// Whatever else there is to keep, up to 16 KiB.
    #[schema(value_type = Option<Object>)]
    data: Option<serde_json::Value>,
    /// A JPEG in base 64, up to 512 KiB.
    picture: Option<String>,
}

/// What became of it. It is committed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Kept {
    /// The record's id.
    #[schema(value_type = String)]
    id: Uuid,
    /// The alert that it became or joined; null if it stayed a record.
    #[schema(value_type = Option<String>)]
    alert: Option<AlertId>,
}

/// Takes what an outside system saw; answers when it is committed. Told again under the same system
/// and key, nothing happens, and the answer is the same.
#[utoipa::path(post, path = "/api/v1/events", tag = "records", request_body = Told,
    responses((status = 201, body = Kept), (status = 200, body = Kept, description = "told before"),
              (status = 400, body = Problem), (status = 403, body = Problem),
              (status = 413, body = Problem), (status = 415, body = Problem),
              (status = 422, body = Problem),
              (status = 503, body = Problem, description = "it could not be stored: tell it again")))]
pub(super) async fn take(
    State(app): State<App>,
    subject: Subject,
    OrderedUpTo(told): OrderedUpTo<Told, BODY_MAX>,
) -> Result<(StatusCode, Json<Kept>), Problem> {
    let row = read(told)?;
    subject.authorize(&Action::Observe(&row))?;
    let before = app.store()?.record_by_key(&row.source, &row.key).await;
    // A store that cannot be read does not stop a spool from taking it: told twice, it is one row.
    if let Ok(Some(known)) = before {
        let JournalRow { id, alert, .. } = known;
        if !subject.may_see_row(&known) {
            return Err(Problem::conflict("`key` was used for another event: take another."));
        }
        return Ok((StatusCode::OK, Json(Kept { id, alert })));
    }
    let own = row.id;
    let command = Command::Observe(Box::new(row));
    match app.commands()?.give(command).await.map_err(Problem::refused)? {
        Done::Observed { record, alert } => {
            let status = if record == own { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, Json(Kept { id: record, alert })))
        }
        _ => Err(Problem::fault()),
    }
}

fn read(told: Told) -> Result<JournalRow, Problem> {
    let Told { system, key, kind, camera, site, at, text, data, picture } = told;
    if key.is_empty() || key.chars().count() > KEY_MAX || key.chars().any(char::is_control) {
        return Err(Problem::unprocessable(format!(
            "`key` has 1 to {KEY_MAX} characters: whatever your system calls this event."
        )));
    }
    if spelled::<Condition>(kind.as_str()).is_some() {
        return Err(Problem::unprocessable(format!(
            "`kind` {kind} is what this service finds out by itself: give yours another name."
        )));
    }
    if data.as_ref().is_some_and(|data| data.to_string().len() > DATA_MAX) {
        return Err(Problem::unprocessable(format!(
            "`data` has more than {} KiB: send what a person or a rule needs.",
            DATA_MAX >> 10
        )));
    }
    let now = || SystemTime::now().into();
    Ok(JournalRow {
        id: Uuid::now_v7(),
        source: system.into(),
        key,
        kind,
        camera,
        site,
        at: at.map(|at| at.read("at")).transpose()?.unwrap_or_else(now),
        text: plain_text("text", &text)?,
        data,
        picture: picture.map(|picture| jpeg(&picture)).transpose()?,
        alert: None,
        drill: false,
    })
}

/// Looks at its first bytes alone: what is in it is the browser's to decode, as from any camera.
fn jpeg(text: &str) -> Result<Bytes, Problem> {
    let bytes = BASE64_STANDARD.decode(text).ok().filter(|bytes| bytes.starts_with(&[0xff, 0xd8]));
    match bytes {
        Some(bytes) if bytes.len() <= PICTURE_MAX => Ok(bytes.into()),
        Some(_) => Err(Problem::unprocessable(format!(
            "`picture` has more than {} KiB: send a smaller one.",
            PICTURE_MAX >> 10
        ))),
        None => Err(Problem::unprocessable("`picture` is no JPEG in base 64.")),
    }
}
