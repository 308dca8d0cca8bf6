//! Who did what.

use axum::{
    Json,
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde::{Deserialize, Serialize};

use super::{
    App, Problem,
    access::{Action, Subject},
    asked::{Asked, bounded, moment},
};
use crate::{
    domain::{availability::Window, time::UnixMicros},
    store::{AuditEntry, Store, StoreError},
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// Only what was done at this moment or later: Unix microseconds or RFC 3339.
    from: Option<String>,
    /// Only what was done before this moment; the next page asks with the `at` of the last one.
    to: Option<String>,
    /// So many at most: 1 to 1000, 100 if left out. Not with `format=jsonl`.
    limit: Option<u32>,
    /// `jsonl`: all rows, oldest first, a line of JSON each, in the form that is hashed.
    format: Option<Format>,
}

#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    Json,
    Jsonl,
}

/// What people did.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct AuditList {
    /// Newest first.
    #[schema(value_type = Vec<Object>)]
    audit: Vec<AuditEntry>,
    /// There is more that was done before.
    more: bool,
}

/// Rows of an export that are in memory at once.
const PAGE: u32 = 500;

/// Who did what, newest first; or all of it as an export.
#[utoipa::path(get, path = "/api/v1/audit", tag = "duty", params(Wish),
    responses((status = 200, body = AuditList), (status = 400, body = Problem),
              (status = 403, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn list(
    State(app): State<App>,
    subject: Subject,
    Asked(wish): Asked<Wish>,
) -> Result<Response, Problem> {
    subject.authorize(&Action::Administer)?;
    let limit = bounded("limit", wish.limit, 100, 1000)?;
    let from = wish.from.as_deref().map(|from| moment("from", from)).transpose()?;
    let to = wish.to.as_deref().map(|to| moment("to", to)).transpose()?;
    let until = to.unwrap_or(UnixMicros(u64::MAX));
    let window = Window { from: from.unwrap_or_default(), until };
    if matches!(wish.format, Some(Format::Jsonl)) {
        if wish.limit.is_some() {
            let detail = "An export has all rows of its time: leave `limit` out.";
            return Err(Problem::bad_request(detail));
        }
        return Ok(export(app.store()?.clone(), window));
    }
    let mut audit = app.store()?.audit(window, limit + 1).await.map_err(Problem::store)?;
    let more = audit.len() > limit as usize;
    audit.truncate(limit as usize);
    Ok(Json(AuditList { audit, more }).into_response())
}

/// Page by page, as fast as the client takes them. An error of the store cuts the answer short, which
/// the client is told by the connection.
fn export(store: Store, window: Window) -> Response {
    let pages = stream::try_unfold(Some(0), move |after| {
        let store = store.clone();
        async move {
            let Some(after) = after else { return Ok(None) };
            let lines = store.audit_lines(window, after, PAGE).await?;
            let Some((last, _)) = lines.last() else { return Ok(None) };
            let next = (lines.len() == PAGE as usize).then_some(*last);
            let text: String =
                lines.into_iter().flat_map(|(_, line)| [line, "\n".into()]).collect();
            Ok::<_, StoreError>(Some((Bytes::from(text), next)))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.jsonl\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Body::from_stream(pages)).into_response()
}
