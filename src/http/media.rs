//! The media socket's handshake. The connection itself is the fan-out thread's.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use rustls::ServerConnection;
use tokio::{net::TcpStream, time};
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{
    App, Problem, access::Subject, serve::HANDSHAKE_WITHIN, sign_in::SocketPlace, viewers,
};
use crate::hub::fanout::Viewer;

const SUBPROTOCOL: &str = "watchwall.media.v1";

/// Tiles, pushed: a WebSocket of subprotocol `watchwall.media.v1`; docs/protocol.md has its messages.
#[utoipa::path(get, path = "/api/v1/media", tag = "sockets",
    responses((status = 101), (status = 403, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn connect(
    State(app): State<App>,
    subject: Subject,
    mut request: Request,
) -> Result<Response, Problem> {
    let key = handshake(request.headers())?;
    let place = place(&app, &subject)?;
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(hand_over(app, subject, upgrade, place));
    let headers = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, key),
        (header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL)),
    ];
    Ok((StatusCode::SWITCHING_PROTOCOLS, headers).into_response())
}

/// A place within the limits of sockets: of all, and of each account and token.
pub(super) fn place(app: &App, subject: &Subject) -> Result<SocketPlace, Problem> {
    if app.closing.is_cancelled() {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The service is shutting down. Connect again soon.",
        ));
    }
    let own = app.sign_in.as_ref().map(|keeper| keeper.socket(subject.who())).transpose()?;
    let place = app.sockets.clone().try_acquire_owned().map_err(|_| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!(
                "All {} sockets are in use. Close some screens or consoles, or raise `sockets` \
                 under [http] in the configuration.",
                app.sockets_max
            ),
        )
    })?;
    Ok(SocketPlace::new(place, own))
}

pub(super) fn offers(headers: &HeaderMap, subprotocol: &str) -> bool {
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    offered
        .filter_map(|offer| offer.to_str().ok())
        .flat_map(|offer| offer.split(','))
        .any(|offer| offer.trim() == subprotocol)
}

/// RFC 6455 §4.2.1; the answer to the client's key.
fn handshake(headers: &HeaderMap) -> Result<HeaderValue, Problem> {
    let has = |name, word: &str| {
        let value = headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        value.is_some_and(|value| {
            value.split(',').any(|part| part.trim().eq_ignore_ascii_case(word))
        })
    };
    if !has(header::UPGRADE, "websocket") || !has(header::CONNECTION, "upgrade") {
        return Err(Problem::new(
            StatusCode::UPGRADE_REQUIRED,
            "This path is a WebSocket. Connect with a WebSocket client.",
        ));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24);
    let (Some(key), true) = (key, has(header::SEC_WEBSOCKET_VERSION, "13")) else {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "The WebSocket handshake needs a key and version 13.",
        ));
    };
    if !offers(headers, SUBPROTOCOL) {
        let detail = format!("Offer the subprotocol {SUBPROTOCOL}.");
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    Ok(derive_accept_key(key.as_bytes()).parse().expect("base64 is a header value"))
}

async fn hand_over(app: App, subject: Subject, upgrade: OnUpgrade, place: SocketPlace) {
    // A client that goes away now is no news.
    let Ok(Ok(upgraded)) = time::timeout(HANDSHAKE_WITHIN, upgrade).await else { return };
    match take_apart(upgraded) {
        Some((stream, tls, leftover)) => {
            let roster = viewers::watched(&app, &subject, subject.roster());
            let ended = subject.ended().clone();
            let place = Box::new(place);
            app.fanout.attach(Viewer { stream, tls, leftover, roster, ended, place });
        }
        None => tracing::error!("a media connection is neither TCP nor TLS on it; it was closed"),
    }
}

/// The socket itself, what TLS keeps of it, and what was read beyond the handshake.
type Apart = (std::net::TcpStream, Option<Box<ServerConnection>>, axum::body::Bytes);

fn take_apart(upgraded: Upgraded) -> Option<Apart> {
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(plain) => Some((plain.io.into_inner().into_std().ok()?, None, plain.read_buf)),
        Err(upgraded) => {
            let secured = upgraded.downcast::<TokioIo<TlsStream<TcpStream>>>().ok()?;
            let (stream, session) = secured.io.into_inner().into_inner();
            Some((stream.into_std().ok()?, Some(Box::new(session)), secured.read_buf))
        }
    }
}
