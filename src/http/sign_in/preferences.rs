//! What pages keep for an account: layouts, columns, language.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::Value;

use crate::{
    http::{App, Problem, access::Subject, asked::OrderedUpTo},
    store::{Changed, PREFERENCE_MAX},
};

/// A little more than the value, so that one that is too large is told as that.
const BODY_MAX: usize = PREFERENCE_MAX + 1024;

fn nothing() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "Nothing is kept under this key.")
}

/// What was kept under a key.
#[utoipa::path(get, path = "/api/v1/session/preferences/{key}", tag = "sign-in",
    params(("key" = String, Path)),
    responses((status = 200, body = Object), (status = 401, body = Problem),
              (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(in crate::http) async fn kept(
    State(app): State<App>,
    subject: Subject,
    Path(key): Path<String>,
) -> Result<Json<Value>, Problem> {
    let keeper = app.keeper()?;
    let account = subject.who().account().ok_or_else(nothing)?;
    let kept = keeper.store.preference(account, &key).await.map_err(Problem::store)?;
    kept.map(Json).ok_or_else(nothing)
}

/// Keeps something under a key; null forgets it. 64 keys of 64 KiB at most.
#[utoipa::path(put, path = "/api/v1/session/preferences/{key}", tag = "sign-in",
    params(("key" = String, Path)), request_body = Object,
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
              (status = 404, body = Problem), (status = 413, body = Problem),
              (status = 415, body = Problem), (status = 422, body = Problem),
              (status = 503, body = Problem)))]
pub(in crate::http) async fn keep(
    State(app): State<App>,
    subject: Subject,
    Path(key): Path<String>,
    OrderedUpTo(value): OrderedUpTo<Value, BODY_MAX>,
) -> Result<StatusCode, Problem> {
    let keeper = app.keeper()?;
    let account = subject.who().account().ok_or_else(nothing)?.clone();
    let value = Some(&value).filter(|value| !value.is_null());
    match keeper.store.keep_preference(account, &key, value).await.map_err(Problem::store)? {
        Changed::Done => Ok(StatusCode::NO_CONTENT),
        Changed::TooMuch => Err(Problem::unprocessable(
            "It is too much: a key has 1 to 64 characters, a value 64 KiB, and there are 64 keys.",
        )),
        Changed::Unknown | Changed::Taken | Changed::LastAdmin => Err(nothing()),
    }
}
