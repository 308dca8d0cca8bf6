//! Errors as RFC 9457 problem documents: a plain sentence and what to do.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    desk::command::Refused,
    domain::{alert, wall},
    store::StoreError,
};

/// An error as a client reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// One plain sentence, and what to do about it.
    pub detail: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
        }
    }

    pub(super) fn no_camera(id: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("There is no camera {id:?}. GET /api/v1/cameras lists them."),
        )
    }

    pub(super) fn no_wall(id: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("There is no wall {id:?}. GET /api/v1/walls lists them."),
        )
    }
}

impl Problem {
    /// The request makes no sense.
    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// It can be read, and cannot be done.
    pub(super) fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// It cannot be done as things are.
    pub(super) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    pub(super) fn no_delivery(id: &str) -> Self {
        let id: String = id.chars().take(60).collect();
        Self::new(
            StatusCode::NOT_FOUND,
            format!("There is no message {id:?}. GET /api/v1/deliveries lists them."),
        )
    }

    pub(super) fn no_drill(id: &str) -> Self {
        let id: String = id.chars().take(60).collect();
        Self::new(
            StatusCode::NOT_FOUND,
            format!("There is no drill {id:?}. GET /api/v1/drills lists them."),
        )
    }

    pub(super) fn no_alert(id: &str) -> Self {
        let id: String = id.chars().take(60).collect();
        Self::new(
            StatusCode::NOT_FOUND,
            format!("There is no alert {id:?}. GET /api/v1/alerts lists them."),
        )
    }

    /// A bug of ours.
    pub(super) fn fault() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The service has a fault; the log says more. Try again, and report it if it stays.",
        )
    }

    /// The store did not answer. Its text names the file and the remedy; the log has the rest.
    pub(super) fn store(error: StoreError) -> Self {
        tracing::warn!(%error, "the store could not be read");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The store could not be read. Try again; the service's log says what to do if it stays.",
        )
    }

    /// The desk did not do it.
    pub(super) fn refused(refused: Refused) -> Self {
        let status = match &refused {
            Refused::Unknown(_) | Refused::Senseless(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Refused::Alert(alert::Refused::Unknown(_)) => StatusCode::NOT_FOUND,
            Refused::Alert(alert::Refused::NotNow(_)) | Refused::RequestUsed => {
                StatusCode::CONFLICT
            }
            Refused::Alert(alert::Refused::CommentMissing) => StatusCode::UNPROCESSABLE_ENTITY,
            Refused::Wall(wall::Refused::Unknown(_)) => StatusCode::NOT_FOUND,
            Refused::Wall(wall::Refused::Senseless(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Refused::Wall(
                wall::Refused::Pinned { .. }
                | wall::Refused::Full
                | wall::Refused::Blocked(_)
                | wall::Refused::Outdated { .. },
            ) => StatusCode::CONFLICT,
            Refused::NotStored(_) | Refused::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        };
        let remedy = match &refused {
            Refused::Unknown(_) => "GET /api/v1/cameras and /api/v1/sites list what there is.",
            Refused::Alert(alert::Refused::Unknown(_)) => {
                "GET /api/v1/alerts?open=true lists them."
            }
            Refused::Senseless(_) | Refused::Alert(_) | Refused::Wall(_) | Refused::RequestUsed => {
                "Nothing was changed."
            }
            Refused::NotStored(_) => "Nothing was changed. Try again.",
            Refused::Stopping => "Try again soon.",
        };
        let said = refused.to_string();
        let mut letters = said.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        let said = first.unwrap_or_default() + letters.as_str();
        Self::new(status, format!("{}. {remedy}", said.trim_end_matches('.')))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The media type of RFC 9457.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";
