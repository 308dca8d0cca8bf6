//! The control socket: state and alerts out, what a screen or a console says in. JSON text.
//!
//! Two lanes: state, of which the newest is all that counts, and alerts, of which none may be
//! missing ([`alerts`]).

mod alerts;
mod message;
mod session;

use axum::{
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{
    App, Problem,
    access::{Action, Subject},
    asked::Asked,
    media,
};
use message::INBOUND_MAX;
use serde::Deserialize;

const SUBPROTOCOL: &str = "watchwall.v1";

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// The person of the roster that it acts for: a browser cannot send the header.
    person: Option<String>,
    /// `alerts`: no cameras, sites and walls.
    only: Option<Only>,
    /// `console`: colleagues may show cameras here.
    at: Option<At>,
}

#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum Only {
    Alerts,
}

#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum At {
    Console,
}

/// State, alerts and commands: a WebSocket of subprotocol `watchwall.v1`; docs/protocol.md has its messages.
#[utoipa::path(get, path = "/api/v1/control", tag = "sockets", params(Wish),
    responses((status = 101), (status = 403, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn connect(
    State(app): State<App>,
    subject: Subject,
    Asked(wish): Asked<Wish>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let subject = subject.acting_for(wish.person.as_deref())?;
    let only_alerts = wish.only.is_some();
    // Whoever has no work at a desk may look at the page, and is nobody's colleague.
    let at_console = wish.at.is_some() && subject.authorize(&Action::Duty).is_ok();
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
    let place = media::place(&app, &subject)?;
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(8 << 10)
        .write_buffer_size(0)
        .max_write_buffer_size(4 << 20)
        .max_message_size(INBOUND_MAX)
        .max_frame_size(INBOUND_MAX);
    Ok(upgrade.on_upgrade(async move |socket| {
        let seat = at_console.then(|| app.consoles.sit(&subject));
        session::Session::new(app, subject, only_alerts, seat).run(socket).await;
        drop(place);
    }))
}
