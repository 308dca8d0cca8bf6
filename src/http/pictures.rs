//! The pictures that are kept of a camera: its references, and what was seen when a condition was
//! raised.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    App, Problem,
    access::Subject,
    asked::{self, Asked},
    cameras, snapshot,
};
use crate::{
    desk::view::CameraView,
    domain::{
        audit::Deed,
        camera::{CameraId, Condition},
        history::Keep,
        picture::Light,
        time::UnixMicros,
        word::word,
    },
    store::{KeptPicture, PictureKey, PictureRow},
};

/// A picture that can be had.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct PictureView {
    /// `reference-day`, `reference-night`, `event`, or `current`.
    kind: &'static str,
    /// What was raised, of an `event`.
    #[schema(value_type = Option<String>)]
    condition: Option<Condition>,
    /// When it was raised, of an `event`.
    #[schema(value_type = Option<u64>)]
    at: Option<UnixMicros>,
    /// When its last byte arrived.
    #[schema(value_type = u64)]
    captured_at: UnixMicros,
    /// Length of the JPEG, unless it is made when asked for.
    bytes: Option<u64>,
    /// Where it is.
    url: String,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// Of an `event`: only of this condition.
    #[param(value_type = Option<String>)]
    condition: Option<Condition>,
    /// Of an `event`: only of the episode that began then; Unix microseconds or RFC 3339. Without
    /// it, the newest.
    at: Option<String>,
}

/// The pictures that there are of a camera: references, events newest first, and the current one.
#[utoipa::path(get, path = "/api/v1/cameras/{id}/pictures", tag = "history",
    params(("id" = String, Path)),
    responses((status = 200, body = Vec<PictureView>), (status = 404, body = Problem),
              (status = 503, body = Problem)))]
pub(super) async fn list(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
) -> Result<Json<Vec<PictureView>>, Problem> {
    let camera = cameras::find_past(&app, &subject, &id)?;
    let mut pictures = kept(&app, &camera).await?;
    pictures.extend(camera.last_frame_at.map(|captured_at| PictureView {
        kind: "current",
        condition: None,
        at: None,
        captured_at,
        bytes: None,
        url: format!("/api/v1/cameras/{}/snapshot.jpg", camera.id),
    }));
    Ok(Json(pictures))
}

/// The references of a camera that are kept.
pub(super) async fn references(
    app: &App,
    camera: &CameraView,
) -> Result<Vec<PictureView>, Problem> {
    let mut pictures = kept(app, camera).await?;
    pictures.retain(|picture| picture.condition.is_none());
    Ok(pictures)
}

async fn kept(app: &App, camera: &CameraView) -> Result<Vec<PictureView>, Problem> {
    let rows = app.store()?.pictures(&camera.id).await.map_err(Problem::store)?;
    let view = |row: PictureRow| {
        let (kind, condition, at) = match row.keep {
            Keep::Reference(Light::Day) => ("reference-day", None, None),
            Keep::Reference(Light::Night) => ("reference-night", None, None),
            Keep::Event(condition, at) => ("event", Some(condition), Some(at)),
        };
        let url = match row.keep {
            Keep::Event(condition, at) => event_url(&camera.id, condition, at),
            Keep::Reference(_) => format!("/api/v1/cameras/{}/pictures/{kind}.jpg", camera.id),
        };
        let (captured_at, bytes) = (row.captured_at, Some(row.bytes));
        PictureView { kind, condition, at, captured_at, bytes, url }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Where the picture of an episode is.
pub(super) fn event_url(camera: &CameraId, condition: Condition, at: UnixMicros) -> String {
    let condition = word(condition);
    format!("/api/v1/cameras/{camera}/pictures/event.jpg?condition={condition}&at={}", at.0)
}

/// One kept picture.
#[utoipa::path(get, path = "/api/v1/cameras/{id}/pictures/{file}", tag = "history",
    params(("id" = String, Path),
           ("file" = String, Path, description = "reference-day.jpg, reference-night.jpg or event.jpg"),
           Wish),
    responses((status = 200, content_type = "image/jpeg", body = [u8],
               headers(("Last-Modified" = String), ("ETag" = String),
                       ("X-Captured-At" = String, description = "RFC 3339, microseconds"))),
              (status = 304), (status = 400, body = Problem), (status = 404, body = Problem),
              (status = 503, body = Problem)))]
pub(super) async fn one(
    State(app): State<App>,
    subject: Subject,
    Path((id, file)): Path<(String, String)>,
    Asked(wish): Asked<Wish>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let camera = cameras::find_past(&app, &subject, &id)?;
    let raised_at = wish.at.as_deref().map(|at| asked::moment("at", at)).transpose()?;
    let key = match file.as_str() {
        "event.jpg" => PictureKey::Event { condition: wish.condition, raised_at },
        "reference-day.jpg" => PictureKey::Reference(Light::Day),
        "reference-night.jpg" => PictureKey::Reference(Light::Night),
        _ => {
            let detail = format!(
                "There is no picture {file:?}. There are reference-day.jpg, reference-night.jpg and \
                 event.jpg; the current one is ../snapshot.jpg."
            );
            return Err(Problem::new(StatusCode::NOT_FOUND, detail));
        }
    };
    let picture = app.store()?.picture(&camera.id, key).await.map_err(Problem::store)?;
    let picture = picture.ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            format!(
                "No such picture of {id} is kept: none was taken yet, or it was older than pictures \
                 are kept. GET /api/v1/cameras/{id}/pictures lists those that there are."
            ),
        )
    })?;
    let seen = json!({
        "picture": file, "condition": wish.condition, "captured_at": picture.captured_at,
    });
    app.note(&subject, Deed::ViewStored, format!("camera:{}", camera.id), Some(seen));
    let named = wish.condition.is_some() && raised_at.is_some();
    Ok(answer(picture, named, &headers))
}

/// A picture of an episode never changes. References do, and which event is the newest.
fn answer(picture: KeptPicture, named: bool, asked: &HeaderMap) -> Response {
    let (modified, exact) = snapshot::times(picture.captured_at);
    let tag = format!("\"{:x}\"", picture.captured_at.0);
    let cache = if named { "private, max-age=86400, immutable" } else { "no-cache" };
    let known = asked.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let same = known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag));
    let headers = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, cache.to_owned()),
        (header::LAST_MODIFIED, modified),
        (HeaderName::from_static("x-captured-at"), exact),
    ];
    if same {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_TYPE, "image/jpeg")], picture.jpeg).into_response()
}
