//! The control socket: state out, what a screen or a console says in. JSON text.
//!
//! No alerts yet: when there are, their lane reads from the store by sequence number, beside the
//! state lane here, and `alert_head` tells its newest.

mod message;
mod session;

use axum::{
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{App, Problem, access::Subject, media};
use message::INBOUND_MAX;

const SUBPROTOCOL: &str = "watchwall.v1";

/// State and commands: a WebSocket of subprotocol `watchwall.v1`; docs/protocol.md has its messages.
#[utoipa::path(get, path = "/api/v1/control", tag = "sockets",
    responses((status = 101), (status = 403, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn connect(
    State(app): State<App>,
    subject: Subject,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    app.origins.check(&headers)?;
    let upgrade = upgrade.map_err(|_| {
        Problem::new(
            StatusCode::UPGRADE_REQUIRED,
            "This path is a WebSocket. Connect with a WebSocket client.",
        )
    })?;
    if !media::offers(&headers, SUBPROTOCOL) {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            format!("Offer the subprotocol {SUBPROTOCOL}."),
        ));
    }
    let place = media::place(&app)?;
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(8 << 10)
        .write_buffer_size(0)
        .max_write_buffer_size(4 << 20)
        .max_message_size(INBOUND_MAX)
        .max_frame_size(INBOUND_MAX);
    Ok(upgrade.on_upgrade(async move |socket| {
        session::Session::new(app, subject).run(socket).await;
        drop(place);
    }))
}
