//! The control API: faults by HTTP, and what the cameras have seen.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    SimStats, Witness,
    fault::{Fault, FaultError, FaultKind, Faults, WrongClock},
};

/// What the handlers act on.
#[derive(Clone)]
pub(super) struct Control {
    pub(super) faults: Faults,
    pub(super) witness: Arc<Witness>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultBody {
    kind: String,
    for_s: Option<f64>,
    /// Under `clock`.
    offset_s: Option<f64>,
    /// Under `clock`.
    drift_ppm: Option<f64>,
}

/// Why a call was refused, as RFC 9457 writes it.
#[derive(Serialize)]
struct Refusal {
    #[serde(skip)]
    code: StatusCode,
    status: u16,
    title: &'static str,
    detail: String,
}

impl Refusal {
    fn new(code: StatusCode, title: &'static str, detail: String) -> Self {
        Self { code, status: code.as_u16(), title, detail }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.code, [(CONTENT_TYPE, "application/problem+json")], Json(self)).into_response()
    }
}

/// Serves the API until shutdown.
pub(super) async fn serve(control: Control, listener: TcpListener, shutdown: CancellationToken) {
    let routes = Router::new()
        .route("/cam/{camera}/fault", post(set_camera).delete(clear_camera))
        .route("/site/{site}/fault", post(set_site).delete(clear_site))
        .route("/stats", get(stats))
        .with_state(control);
    let server = axum::serve(listener, routes).with_graceful_shutdown(shutdown.cancelled_owned());
    if let Err(error) = server.await {
        tracing::warn!(%error, "the simulator's control API ended");
    }
}

async fn set_camera(
    State(control): State<Control>,
    Path(camera): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let (fault, lasting) = wanted(&body)?;
    control.faults.set(number(&camera)?, fault, lasting).map_err(unknown)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_camera(
    State(control): State<Control>,
    Path(camera): Path<String>,
) -> Result<StatusCode, Refusal> {
    control.faults.clear(number(&camera)?).map_err(unknown)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_site(
    State(control): State<Control>,
    Path(site): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let (fault, lasting) = wanted(&body)?;
    control.faults.set_site(number(&site)?, fault, lasting).map_err(unknown)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_site(
    State(control): State<Control>,
    Path(site): Path<String>,
) -> Result<StatusCode, Refusal> {
    control.faults.clear_site(number(&site)?).map_err(unknown)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn stats(State(control): State<Control>) -> Json<SimStats> {
    Json(control.witness.stats())
}

/// Cameras are written with leading zeros in URLs, and without them just as well.
fn number(text: &str) -> Result<u32, Refusal> {
    text.parse().map_err(|_| {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "unknown",
            format!("\"{text}\" is not a number; write /cam/007/fault"),
        )
    })
}

fn wanted(body: &[u8]) -> Result<(Fault, Option<Duration>), Refusal> {
    let invalid = |detail| Refusal::new(StatusCode::BAD_REQUEST, "invalid fault", detail);
    // Whatever the content type: `curl -d` sends another.
    let body: FaultBody = serde_json::from_slice(body).map_err(|error| {
        invalid(format!("{error}; send JSON like {{\"kind\":\"freeze\",\"for_s\":30}}"))
    })?;
    let kind = FaultKind::from_name(&body.kind).ok_or_else(|| {
        let names: Vec<String> = FaultKind::ALL.iter().map(|kind| kind.name()).collect();
        invalid(format!("there is no fault \"{}\"; use one of {}", body.kind, names.join(", ")))
    })?;
    let lasting = match body.for_s {
        None => None,
        Some(seconds) => match Duration::try_from_secs_f64(seconds) {
            Ok(lasting) if seconds > 0.0 => Some(lasting),
            _ => {
                return Err(invalid(format!(
                    "for_s is {seconds}; give seconds above zero, or leave it out"
                )));
            }
        },
    };
    let clock = match (body.offset_s, body.drift_ppm) {
        (None, None) => WrongClock::default(),
        _ if kind != FaultKind::Clock => {
            return Err(invalid(format!(
                "offset_s and drift_ppm are of the fault \"clock\", not of \"{}\"",
                body.kind
            )));
        }
        (offset_s, drift_ppm) => WrongClock {
            offset_s: offset_s.unwrap_or_default(),
            drift_ppm: drift_ppm.unwrap_or_default(),
        },
    };
    let (offset_s, drift_ppm) = (WrongClock::OFFSET_S_MAX, WrongClock::DRIFT_PPM_MAX);
    if clock.offset_s.abs() > offset_s || clock.drift_ppm.abs() > drift_ppm {
        return Err(invalid(format!(
            "offset_s goes from -{offset_s} to {offset_s}, drift_ppm from -{drift_ppm} to {drift_ppm}"
        )));
    }
    Ok((Fault { kind, clock }, lasting))
}

fn unknown(error: FaultError) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "unknown", error.to_string())
}
