//! Single pictures as JPEG.

use std::time::Duration;

use axum::{
    extract::{Path, Query, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::{Timestamp, fmt::rfc2822};
use serde::Deserialize;
use serde_json::json;

use super::{App, Problem, access::Subject, cameras, walls};
use crate::{
    domain::{audit::Deed, time::UnixMicros},
    hub::snapshots::{Snapshot, SnapshotError},
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Size {
    /// At least this wide, in pixels; the service has a short ladder of widths.
    width: Option<u32>,
}

/// A snapshot that takes longer is answered as busy, before the request's own deadline.
const WITHIN: Duration = Duration::from_secs(10);

/// The newest decoded keyframe of a camera.
#[utoipa::path(get, path = "/api/v1/cameras/{id}/snapshot.jpg", tag = "cameras",
    params(("id" = String, Path), Size),
    responses((status = 200, content_type = "image/jpeg", body = [u8],
               headers(("Last-Modified" = String), ("X-Captured-At" = String, description = "RFC 3339, microseconds"))),
              (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn camera(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
    Query(size): Query<Size>,
) -> Result<Response, Problem> {
    let camera = cameras::find(&app, &subject, &id)?;
    let asked = app.snapshots.camera(camera.handle, size.width);
    let snapshot = tokio::time::timeout(WITHIN, asked).await.unwrap_or(Err(SnapshotError::Busy));
    let answer = answer(snapshot, || Problem::no_camera(&id))?;
    app.note(&subject, Deed::View, format!("camera:{}", camera.id), Some(json!("snapshot")));
    Ok(answer)
}

/// A whole wall as one picture, ages marked as on the wall.
#[utoipa::path(get, path = "/api/v1/walls/{id}/snapshot.jpg", tag = "walls",
    params(("id" = String, Path), Size),
    responses((status = 200, content_type = "image/jpeg", body = [u8]),
              (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn wall(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
    Query(size): Query<Size>,
) -> Result<Response, Problem> {
    let wall = walls::find(&app, &subject, &id)?;
    if !subject.may_see_all_of(&wall) {
        let detail = "This wall shows cameras that are not yours, and its picture shows them all. \
                      GET /api/v1/cameras lists yours.";
        return Err(Problem::new(StatusCode::FORBIDDEN, detail));
    }
    let asked = app.snapshots.wall(wall.id.clone(), size.width);
    let snapshot = tokio::time::timeout(WITHIN, asked).await.unwrap_or(Err(SnapshotError::Busy));
    let answer = answer(snapshot, || Problem::no_wall(&id))?;
    app.note(&subject, Deed::View, format!("wall:{}", wall.id), Some(json!("snapshot")));
    Ok(answer)
}

fn answer(
    snapshot: Result<Snapshot, SnapshotError>,
    unknown: impl Fn() -> Problem,
) -> Result<Response, Problem> {
    let snapshot = snapshot.map_err(|error| match error {
        SnapshotError::Unknown => unknown(),
        SnapshotError::NoPicture => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "No picture of it has been decoded yet. Its state under /api/v1/cameras says why.",
        ),
        SnapshotError::Busy => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The picture could not be made now. Try again in a few seconds.",
        ),
    })?;
    let (modified, exact) = times(snapshot.captured_at);
    Ok((
        [
            (header::CONTENT_TYPE, "image/jpeg".to_owned()),
            (header::LAST_MODIFIED, modified),
            (HeaderName::from_static("x-captured-at"), exact),
        ],
        snapshot.jpeg,
    )
        .into_response())
}

/// A point in time for `Last-Modified` (RFC 9110 §5.6.7) and to the microsecond.
pub(super) fn times(at: UnixMicros) -> (String, String) {
    let at = i64::try_from(at.0)
        .ok()
        .and_then(|us| Timestamp::from_microsecond(us).ok())
        .unwrap_or_default();
    let http = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at);
    (http.unwrap_or_default(), at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_http_and_as_rfc_3339() {
        let (http, exact) = times(UnixMicros(784_111_777_000_125));
        assert_eq!(http, "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(exact, "1994-11-06T08:49:37.000125Z");
    }
}
