//! Headers that every answer carries, and which answers are compressed.

use axum::{
    extract::{Request, State},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header},
    middleware::Next,
    response::Response,
};

/// Only our own files, no inline script or style, no frames, no forms. `blob:` is how the wall page
/// shows a JPEG that came over the socket, and how it plays video through Media Source Extensions.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' blob:; media-src blob:; connect-src 'self'; worker-src 'self'; \
     manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

/// A year, as ASVS wishes, and this host alone. Only said over TLS: in clear a browser must ignore
/// it (RFC 6797 §8.1), and on a host that goes back to HTTP it would lock every screen out.
const STRICT_TRANSPORT_SECURITY: &str = "max-age=31536000";

pub(super) async fn headers(State(tls): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if tls {
        let value = HeaderValue::from_static(STRICT_TRANSPORT_SECURITY);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    // What is shown changes by the second; whoever may keep a copy says so itself.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// JSON, tables, HTML, styles and scripts; never pictures, which are compressed already.
pub(super) fn worth_compressing(
    _: StatusCode,
    _: Version,
    headers: &HeaderMap,
    _: &Extensions,
) -> bool {
    let kind =
        headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    [
        "application/json",
        "text/html",
        "text/css",
        "text/csv",
        "text/javascript",
        "application/javascript",
        "image/svg+xml",
    ]
    .iter()
    .any(|worth| kind.starts_with(worth))
}
