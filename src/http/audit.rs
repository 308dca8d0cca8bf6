//! Who did what.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};

use super::{
    App, Problem,
    access::{Action, Subject},
    asked::{Asked, bounded, moment},
};
use crate::{
    domain::{availability::Window, time::UnixMicros},
    store::AuditEntry,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// Only what was done at this moment or later: Unix microseconds or RFC 3339.
    from: Option<String>,
    /// Only what was done before this moment; the next page asks with the `at` of the last one.
    to: Option<String>,
    /// So many at most: 1 to 1000, 100 if left out.
    limit: Option<u32>,
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

/// Who did what, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "duty", params(Wish),
    responses((status = 200, body = AuditList), (status = 400, body = Problem),
              (status = 403, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn list(
    State(app): State<App>,
    subject: Subject,
    Asked(wish): Asked<Wish>,
) -> Result<Json<AuditList>, Problem> {
    subject.authorize(&Action::Duty)?;
    let limit = bounded("limit", wish.limit, 100, 1000)?;
    let from = wish.from.as_deref().map(|from| moment("from", from)).transpose()?;
    let to = wish.to.as_deref().map(|to| moment("to", to)).transpose()?;
    let until = to.unwrap_or(UnixMicros(u64::MAX));
    let window = Window { from: from.unwrap_or_default(), until };
    let mut audit = app.store()?.audit(window, limit + 1).await.map_err(Problem::store)?;
    let more = audit.len() > limit as usize;
    audit.truncate(limit as usize);
    Ok(Json(AuditList { audit, more }))
}
