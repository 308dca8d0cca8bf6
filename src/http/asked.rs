//! What a client asks and orders, read strictly: whatever cannot be read is told by its name.

use axum::{
    Json,
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{StatusCode, header, request::Parts},
};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};

use super::Problem;
use crate::domain::time::UnixMicros;

/// An order's body. The longest has a reason of 500 characters.
const BODY_MAX: usize = 16 << 10;

/// The query.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = Query::<T>::try_from_uri(&parts.uri);
        query.map(|Query(query)| Self(query)).map_err(|error| {
            let said = error.body_text();
            let said = said.trim_start_matches("Failed to deserialize query string: ");
            Problem::new(
                StatusCode::BAD_REQUEST,
                format!(
                    "The query cannot be read: {said}. GET /api/v1/openapi.json describes the \
                     parameters of {}.",
                    parts.uri.path()
                ),
            )
        })
    }
}

/// A JSON body. Anything else is refused: a page elsewhere can make a browser send plain text or a
/// form, but not JSON without being asked for permission first.
pub(super) struct Ordered<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Ordered<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        OrderedUpTo::<T, BODY_MAX>::from_request(request, state).await.map(|body| Self(body.0))
    }
}

/// A JSON body of so many bytes at most.
pub(super) struct OrderedUpTo<T, const MAX: usize>(pub(super) T);

impl<T: DeserializeOwned, S: Sync, const MAX: usize> FromRequest<S> for OrderedUpTo<T, MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let essence = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
        if !essence.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Send the body as JSON, with the header content-type: application/json.",
            ));
        }
        let body = to_bytes(request.into_body(), MAX).await.map_err(|_| {
            Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("The body is longer than {} KiB.", MAX >> 10),
            )
        })?;
        read(&body).map(Self).map_err(|said| Problem::bad_request(format!("{said}.")))
    }
}

/// Reads JSON; otherwise tells where it fails and why.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        match path.as_str() {
            "." => format!("The body cannot be read: {}", error.inner()),
            path => format!("The body cannot be read at `{path}`: {}", error.inner()),
        }
    })?;
    json.end().map(|()| read).map_err(|error| format!("The body goes on: {error}"))
}

/// A moment: Unix microseconds, or RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Moment {
    Micros(u64),
    Text(String),
}

impl Moment {
    /// `name` is what the client calls it.
    pub(super) fn read(&self, name: &str) -> Result<UnixMicros, Problem> {
        match self {
            Self::Micros(micros) => Ok(UnixMicros(*micros)),
            Self::Text(text) => moment(name, text),
        }
    }
}

/// Reads a moment of a query or a body.
pub(super) fn moment(name: &str, text: &str) -> Result<UnixMicros, Problem> {
    let micros = || text.parse::<u64>().ok();
    // In a query, the plus of +07:00 arrives as a space.
    let date = || text.replace(' ', "+").parse::<Timestamp>().ok();
    let dated = || date().and_then(|at| u64::try_from(at.as_microsecond()).ok());
    micros().or_else(dated).map(UnixMicros).ok_or_else(|| {
        let text: String = text.chars().take(60).collect();
        Problem::new(
            StatusCode::BAD_REQUEST,
            format!(
                "{text:?} is no moment for `{name}`: write Unix microseconds, or RFC 3339 as in \
                 2026-11-23T14:00:00+07:00."
            ),
        )
    })
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    #[default]
    Json,
    Csv,
}

/// What a person says, 1 to 500 characters; lines may break, other control characters do not pass.
pub(super) fn plain_text(key: &str, said: &str) -> Result<String, Problem> {
    /// Long enough for a finding, short enough for a list.
    const TEXT_MAX: usize = 500;
    let said = said.trim();
    if said.is_empty() || said.chars().count() > TEXT_MAX {
        return Err(Problem::unprocessable(format!("`{key}` has 1 to {TEXT_MAX} characters.")));
    }
    if said.chars().any(|letter| letter.is_control() && letter != '\n') {
        return Err(Problem::unprocessable(format!(
            "`{key}` has a control character: send plain text."
        )));
    }
    Ok(said.to_owned())
}

/// A client's own name for what it orders.
pub(super) fn request_name(name: String) -> Result<String, Problem> {
    /// Twice what a UUID has.
    const NAME_MAX: usize = 64;
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return Err(Problem::unprocessable(format!("`request` has 1 to {NAME_MAX} characters.")));
    }
    Ok(name)
}

/// A number within bounds.
pub(super) fn bounded(
    name: &str,
    asked: Option<u32>,
    usual: u32,
    most: u32,
) -> Result<u32, Problem> {
    match asked.unwrap_or(usual) {
        number if (1..=most).contains(&number) => Ok(number),
        number => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            format!("{number} is out of bounds for `{name}`: ask for 1 to {most}."),
        )),
    }
}

/// The answer of a handler that may be a document of another kind than JSON.
pub(super) fn json<T: serde::Serialize>(value: T) -> axum::response::Response {
    axum::response::IntoResponse::into_response(Json(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_microseconds_or_rfc_3339_also_as_a_query_mangles_it() {
        let expected = UnixMicros(784_111_777_000_000);
        for text in [
            "784111777000000",
            "1994-11-06T08:49:37Z",
            "1994-11-06T15:49:37+07:00",
            "1994-11-06T15:49:37 07:00",
        ] {
            assert_eq!(moment("to", text).expect("a moment"), expected, "{text}");
        }
        for text in ["", "yesterday", "-5", "1994-11-06", "1900-01-01T00:00:00Z"] {
            let problem = moment("to", text).expect_err("no moment");
            assert!(problem.detail.contains("`to`"), "{problem:?}");
        }
    }
}
