//! Bearer tokens for screens, scripts and other centres, for an administrator.

use std::time::SystemTime;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    notes,
    sessions::administrator,
    view::{GrantView, PlaceView, TokenView, grants},
};
use crate::{
    domain::{access::ScreenPlace, audit::Deed, time::UnixMicros},
    http::{
        App, Problem,
        access::Subject,
        asked::{Moment, Ordered, plain_text},
        secret::Secret,
    },
    store::{Changed, TokenRow},
};

/// Characters of a name.
const NAME_MAX: usize = 64;

/// A token to make.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewToken {
    /// What people call it, 1 to 64 characters.
    name: String,
    /// Its rights; none for a screen.
    #[serde(default)]
    grants: Vec<GrantView>,
    /// Where the screen hangs that it is for.
    screen: Option<PlaceView>,
    /// Until when it is good: RFC 3339 or Unix microseconds; left out, until it is revoked.
    #[schema(value_type = Option<String>)]
    expires_at: Option<Moment>,
}

/// A new token, with its secret.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::http) struct MadeToken {
    /// The secret: told now and never again.
    secret: String,
    #[serde(flatten)]
    token: TokenView,
}

/// Every token, newest first, also those that were revoked. No secrets.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "accounts",
    responses((status = 200, body = Vec<TokenView>), (status = 401, body = Problem),
              (status = 403, body = Problem), (status = 404, body = Problem),
              (status = 503, body = Problem)))]
pub(in crate::http) async fn list(
    State(app): State<App>,
    subject: Subject,
) -> Result<Json<Vec<TokenView>>, Problem> {
    let rows = administrator(&app, &subject)?.store.tokens().await.map_err(Problem::store)?;
    Ok(Json(rows.into_iter().map(TokenView::from).collect()))
}

/// Makes a token and tells its secret, once.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "accounts", request_body = NewToken,
    responses((status = 201, body = MadeToken), (status = 400, body = Problem),
              (status = 401, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 413, body = Problem),
              (status = 415, body = Problem), (status = 422, body = Problem),
              (status = 503, body = Problem)))]
pub(in crate::http) async fn create(
    State(app): State<App>,
    subject: Subject,
    Ordered(asked): Ordered<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    let keeper = administrator(&app, &subject)?;
    let NewToken { name, grants: rights, screen, expires_at } = asked;
    let name = plain_text("name", &name)?;
    if name.chars().count() > NAME_MAX || name.contains('\n') {
        return Err(Problem::unprocessable(format!(
            "`name` is one line of {NAME_MAX} characters."
        )));
    }
    if let Some(PlaceView { wall, .. }) = &screen
        && app.view.wall(wall).is_none()
    {
        return Err(Problem::unprocessable(format!(
            "There is no wall \"{wall}\". GET /api/v1/walls lists them."
        )));
    }
    if rights.is_empty() == screen.is_none() {
        return Err(Problem::unprocessable(
            "A token is for a screen, with its `screen` and no `grants`, or has `grants`.",
        ));
    }
    let now = UnixMicros::from(SystemTime::now());
    let expires_at = expires_at.map(|at| at.read("expires_at")).transpose()?;
    if expires_at.is_some_and(|end| end <= now) {
        return Err(Problem::unprocessable("`expires_at` is over."));
    }
    let row = TokenRow {
        id: Uuid::now_v7(),
        name,
        grants: grants(&app, rights)?,
        screen: screen.map(|PlaceView { wall, screen }| ScreenPlace { wall, screen }),
        created_by: subject.user.clone(),
        created_at: now,
        expires_at,
        revoked_at: None,
        seen_at: None,
    };
    let secret = Secret::token().map_err(|_| Problem::fault())?;
    let detail = json!({ "name": row.name, "grants": row.grants, "screen": row.screen });
    let note =
        notes::row(&subject, Deed::Token("create"), format!("token:{}", row.id), Some(detail));
    let made = keeper.store.create_token(row.clone(), secret.hash(), note).await;
    match made.map_err(Problem::store)? {
        Changed::Done => {
            let secret = secret.expose().to_owned();
            Ok((StatusCode::CREATED, Json(MadeToken { secret, token: row.into() })))
        }
        _ => Err(Problem::unprocessable("There are too many tokens.")),
    }
}

/// Revokes a token; sockets that were opened with it close with 4001.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "accounts",
    params(("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(in crate::http) async fn revoke(
    State(app): State<App>,
    subject: Subject,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let keeper = administrator(&app, &subject)?;
    let unknown = || {
        Problem::new(
            StatusCode::NOT_FOUND,
            "There is no such token, or it was revoked. GET /api/v1/tokens lists them.",
        )
    };
    let id: Uuid = id.parse().map_err(|_| unknown())?;
    let note = notes::row(&subject, Deed::Token("revoke"), format!("token:{id}"), None);
    match keeper.store.revoke_token(id, note).await.map_err(Problem::store)? {
        Changed::Done => {
            keeper.refresh().await;
            Ok(StatusCode::NO_CONTENT)
        }
        _ => Err(unknown()),
    }
}
