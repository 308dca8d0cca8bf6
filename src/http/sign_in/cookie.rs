//! The cookie of a session.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use crate::http::{App, secret::Secret};

/// Only over TLS, for this host alone, whatever a neighbour on another host or path sets
/// (RFC 6265bis §4.1.3.2).
const OVER_TLS: &str = "__Host-watchwall";

/// In clear the browser's cookies are those of the host, not of the port: two services on one
/// machine would sign each other out.
fn name(app: &App) -> String {
    match app.tls {
        Some(_) => OVER_TLS.to_owned(),
        None => format!("watchwall-{}", app.origins.port()),
    }
}

/// What the session's cookie holds, if there is one.
pub(super) fn read(app: &App, headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(&name(app)).map(|cookie| cookie.value().to_owned())
}

/// Whether a browser sent a session's cookie.
pub(in crate::http) fn carries_one(app: &App, headers: &HeaderMap) -> bool {
    read(app, headers).is_some()
}

/// The header that gives a session to a browser, for so many seconds.
pub(super) fn give(app: &App, secret: &Secret, for_s: u64) -> (header::HeaderName, HeaderValue) {
    set(app, secret.expose(), i64::try_from(for_s).unwrap_or(i64::MAX))
}

/// The header that takes it away.
pub(super) fn take_away(app: &App) -> (header::HeaderName, HeaderValue) {
    set(app, "", 0)
}

fn set(app: &App, value: &str, for_s: i64) -> (header::HeaderName, HeaderValue) {
    let mut cookie = Cookie::new(name(app), value.to_owned());
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_secure(app.tls.is_some());
    // Not through the cookie crate's own time type: the attribute is a number.
    let text = format!("{cookie}; Max-Age={for_s}");
    let value = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
    (header::SET_COOKIE, value)
}
