//! Which pages may open sockets and change things: the whole matrix, refused before the upgrade.

use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite::http::HeaderName;
use watchwall::domain::access::Role;

use crate::{
    centre::Client,
    guarded::{Credentials, Guarded, PASSWORD, grant},
};

const SOCKETS: [(&str, &str); 2] =
    [("/api/v1/control", "watchwall.v1"), ("/api/v1/media", "watchwall.media.v1")];

#[tokio::test]
async fn a_socket_is_opened_by_our_own_pages_and_by_scripts_with_a_token_alone() {
    let guarded = Guarded::start(1).await;
    guarded.account("lan", vec![grant(Role::Duty, &[])]).await;
    let Credentials::Cookie(cookie) = guarded.enter("lan").await else { panic!("a cookie") };
    let (_, token) = guarded.token("script", vec![grant(Role::Duty, &[])], None).await;
    let (cookie, bearer) = (("cookie", cookie), ("authorization", format!("Bearer {token}")));
    let port = guarded.centre.address.port();
    let own = format!("http://127.0.0.1:{port}");
    let origin = |origin: &str| Some(origin.to_owned());
    let cases = [
        ("our own page", origin(&own), &cookie, 101),
        ("a configured page", origin("https://wall.example"), &cookie, 101),
        ("a foreign page", origin("https://evil.example"), &cookie, 403),
        ("a page without an origin", origin("null"), &cookie, 403),
        ("another port", origin("http://127.0.0.1:1"), &cookie, 403),
        ("another scheme", origin(&format!("https://127.0.0.1:{port}")), &cookie, 403),
        ("a name behind ours", origin(&format!("{own}.evil.example")), &cookie, 403),
        ("a cookie without any", None, &cookie, 403),
        ("a token without any", None, &bearer, 101),
        ("a token from a foreign page", origin("https://evil.example"), &bearer, 403),
    ];
    for (path, protocol) in SOCKETS {
        for (what, origin, (name, value), expected) in &cases {
            let mut headers = vec![(HeaderName::from_static(name), value.clone())];
            headers.extend(origin.clone().map(|o| (HeaderName::from_static("origin"), o)));
            let opened = Client::open(guarded.centre.address, path, protocol, &headers).await;
            let status = opened.map_or_else(|refused| refused.status().as_u16(), |_| 101);
            assert_eq!(status, *expected, "{what} at {path}");
        }
    }
}

#[tokio::test]
async fn what_changes_something_comes_from_our_own_pages_as_json() {
    let guarded = Guarded::start(1).await;
    guarded.account("root", vec![grant(Role::Admin, &[])]).await;
    let Credentials::Cookie(cookie) = guarded.enter("root").await else { panic!("a cookie") };
    let own = format!("http://{}", guarded.centre.address);
    let client = reqwest::Client::new();
    let paths = ["/api/v1/session", "/api/v1/users", "/api/v1/events", "/api/v1/maintenance"];
    for path in paths {
        for origin in [Some("https://evil.example"), Some("null"), None] {
            let mut request = client.post(guarded.centre.url(path)).header("cookie", &cookie);
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let answer = request.json(&json!({})).send().await.expect("an answer");
            assert_eq!(answer.status(), 403, "{path} from {origin:?}");
        }
        // What a form can send.
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
            let request = client.post(guarded.centre.url(path)).header("cookie", &cookie);
            let request = request.header("origin", &own).header("content-type", kind);
            let answer = request.body("{}").send().await.expect("an answer");
            assert_eq!(answer.status(), 415, "{path} as {kind}");
        }
    }
    // A sign-in that a foreign page makes would be somebody else's.
    let body = json!({ "username": "root", "password": PASSWORD });
    let request = client.request(Method::POST, guarded.centre.url("/api/v1/session"));
    let answer = request.header("origin", "https://evil.example").json(&body).send().await;
    assert_eq!(answer.expect("an answer").status(), 403);
}
