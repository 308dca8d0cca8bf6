//! Whatever goes wrong outside a handler, as a problem document too.

use std::any::Any;

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::problem::{MEDIA_TYPE, Problem};

pub(super) async fn unknown_path(uri: Uri) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        format!(
            "There is nothing at {}. GET /api/v1/openapi.json describes what there is.",
            uri.path()
        ),
    )
}

/// A panic in a handler is a bug; its text belongs into the log, not into the answer.
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text");
    tracing::error!(panic = text, "a handler panicked");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "The service has a fault; the log says more. Try again, and report it if it stays.",
    )
    .into_response()
}

/// Turns the plain errors of extractors, limits and routing into problem documents.
pub(super) async fn as_problems(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_problem =
        response.headers().get(header::CONTENT_TYPE) == Some(&HeaderValue::from_static(MEDIA_TYPE));
    if is_problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let detail = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            "This path does not take that method; the Allow header names those it takes."
        }
        StatusCode::PAYLOAD_TOO_LARGE => "The body is larger than 1 MiB. Send it in parts.",
        StatusCode::GATEWAY_TIMEOUT => "The answer took longer than 15 seconds. Try again later.",
        StatusCode::BAD_REQUEST => {
            "The request could not be read. GET /api/v1/openapi.json describes its parameters."
        }
        StatusCode::UPGRADE_REQUIRED => {
            "This path is a WebSocket. Connect with a WebSocket client."
        }
        _ => "The request was refused. GET /api/v1/openapi.json describes what can be asked.",
    };
    let mut problem = Problem::new(status, detail).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}
