//! Which web pages may use this service.
//!
//! A browser lets any page open a WebSocket anywhere, so the `Origin` header decides, compared as a
//! whole, scheme and port included. A client without one is not a browser: it is let in with a bearer
//! token, and where nobody has to sign in (the service then listens on loopback only).

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{App, Problem, sign_in};

/// The origins that sockets are accepted from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins {
    listen: SocketAddr,
    configured: Vec<String>,
    exact: HashSet<String>,
    /// Names by which a page may have reached us, to be held against the `Host` header.
    hosts: HashSet<String>,
    loopback: bool,
}

impl Origins {
    /// Those of the listening address, and the configured ones. A loopback address is also reached
    /// as `localhost`.
    pub fn new(listen: SocketAddr, configured: &[String]) -> Self {
        Self::of("http", 80, listen, configured)
    }

    /// The same where the listening address speaks TLS alone.
    #[must_use]
    pub fn over_tls(&self) -> Self {
        Self::of("https", 443, self.listen, &self.configured)
    }

    fn of(scheme: &str, usual_port: u16, listen: SocketAddr, configured: &[String]) -> Self {
        let mut hosts = vec![bracketed(listen.ip())];
        if listen.ip().is_loopback() || listen.ip().is_unspecified() {
            hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
        }
        // Browsers leave the usual port out.
        let of_host = |host: &String| match listen.port() {
            port if port == usual_port => format!("{scheme}://{host}"),
            port => format!("{scheme}://{host}:{port}"),
        };
        let exact = hosts.iter().map(of_host).chain(configured.iter().cloned()).collect();
        let names = configured
            .iter()
            .filter_map(|origin| Some(origin.parse::<Uri>().ok()?.host()?.to_owned()));
        Self {
            exact,
            hosts: hosts.iter().cloned().chain(names).collect(),
            loopback: listen.ip().is_loopback(),
            listen,
            configured: configured.to_vec(),
        }
    }

    /// Where the service listens.
    pub(super) fn port(&self) -> u16 {
        self.listen.port()
    }

    /// Refuses a page of another origin.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => Ok(()),
            (Some(origin), None)
                if origin.to_str().is_ok_and(|origin| self.exact.contains(origin)) =>
            {
                Ok(())
            }
            _ => Err(foreign()),
        }
    }
}

fn bracketed(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

/// A page of a foreign name that was made to resolve to this machine (DNS rebinding) is of the same
/// origin as far as the browser knows, and sends no `Origin` with a plain GET. Its `Host` gives it
/// away. Checked on loopback, where nobody has to sign in.
pub(super) async fn known_host(State(app): State<App>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let known = host.is_none_or(|host| {
        host.parse::<Authority>().is_ok_and(|host| app.origins.hosts.contains(host.host()))
    });
    if app.origins.loopback && !known {
        return Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "This service does not go by that name. Use its address, or add the name to `origins` \
             under [http] in the configuration.",
        )
        .into_response();
    }
    next.run(request).await
}

/// Whatever changes something, and every socket, comes from our own pages or from no browser. A
/// browser says with both where its page is from; who sends a cookie is one, and a script has a
/// token. Asked before anything else, so that a foreign page learns nothing.
pub(super) async fn own_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let (headers, path) = (request.headers(), request.uri().path());
    let socket = matches!(path, "/api/v1/control" | "/api/v1/media");
    if socket || !request.method().is_safe() {
        let nameless = !headers.contains_key(header::ORIGIN)
            && sign_in::bearer(headers).is_none()
            && app.sign_in.is_some()
            && sign_in::carries_one(&app, headers);
        let checked = if nameless { Err(foreign()) } else { app.origins.check(headers) };
        if let Err(problem) = checked.and_then(|()| plain_form(headers)) {
            return problem.into_response();
        }
    }
    next.run(request).await
}

fn foreign() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "Pages of this origin may not open sockets or change anything here. Add it to `origins` \
         under [http] in the configuration, exactly as the browser sends it.",
    )
}

/// What a page elsewhere can send without asking first (the Fetch standard's safelist) is nothing
/// that this service takes.
fn plain_form(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    let forms = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];
    if forms.iter().any(|form| essence.eq_ignore_ascii_case(form)) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send the body as JSON, with the header content-type: application/json.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(origins: &Origins, origin: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, origin.parse().expect("a header"));
        origins.check(&headers).is_ok()
    }

    #[test]
    fn only_exact_origins_are_let_in() {
        let origins = Origins::new(([127, 0, 0, 1], 8080).into(), &["https://wall.example".into()]);
        for allowed in [
            "http://127.0.0.1:8080",
            "http://localhost:8080",
            "http://[::1]:8080",
            "https://wall.example",
        ] {
            assert!(check(&origins, allowed), "{allowed}");
        }
        for foreign in [
            "http://127.0.0.1",
            "https://127.0.0.1:8080",
            "http://127.0.0.1:8081",
            "http://localhost:8080.evil.example",
            "http://wall.example",
            "https://wall.example:444",
            "https://evil.wall.example",
            "null",
            "",
        ] {
            assert!(!check(&origins, foreign), "{foreign}");
        }
        assert!(origins.check(&HeaderMap::new()).is_ok(), "not a browser");
    }

    #[test]
    fn over_tls_the_own_pages_are_https_and_the_usual_port_is_left_out() {
        let of = |port| {
            Origins::new(([127, 0, 0, 1], port).into(), &["https://wall.example".into()]).over_tls()
        };
        for (port, allowed) in [
            (8443, "https://localhost:8443"),
            (443, "https://127.0.0.1"),
            (1, "https://wall.example"),
        ] {
            assert!(check(&of(port), allowed), "{allowed}");
        }
        for (port, foreign) in [
            (8443, "http://localhost:8443"),
            (8443, "https://localhost"),
            (80, "https://localhost"),
        ] {
            assert!(!check(&of(port), foreign), "{foreign}");
        }
    }
}
