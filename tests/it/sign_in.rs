//! Signing in and out, and what becomes of those who are in when their rights change.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use watchwall::{
    config::Sessions,
    domain::{
        access::{Role, ScreenPlace},
        time::UnixMicros,
    },
    http::FirstSignIn,
    store::AccountChange,
};

use crate::{
    centre::slug,
    guarded::{Credentials, Guarded, PASSWORD, grant, note},
    town::WITHIN,
};

#[tokio::test]
async fn whoever_is_not_signed_in_is_told_so_and_learns_nothing() {
    let guarded = Guarded::start(2).await;
    for path in ["cameras", "cameras/cam-001", "walls", "alerts", "session", "users", "audit"] {
        let path = format!("/api/v1/{path}");
        let answer = guarded.ask(Method::GET, &path, &Credentials::None, None).await;
        assert_eq!(answer.status(), 401, "{path}");
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        assert!(!answer.text().await.expect("text").contains("cam-002"), "{path}");
    }
    for path in ["/healthz", "/api/v1/openapi.json"] {
        assert_eq!(guarded.get(path, &Credentials::None).await.0, 200, "{path}");
    }
    let wrong = Credentials::Bearer("ww_wrong".to_owned());
    assert_eq!(guarded.get("/metrics", &wrong).await.0, 401);
    assert_eq!(guarded.media(&Credentials::None).await.err(), Some(401));
    assert_eq!(guarded.control(&wrong).await.err(), Some(401));
    // Pages tell nobody what there is.
    let status = async |page: &str| guarded.get(page, &Credentials::None).await.0;
    assert_eq!(status("/wall/main").await, status("/wall/none").await);
    assert_eq!(status("/health/cam-001").await, status("/health/none").await);
}

#[tokio::test]
async fn a_sign_in_gives_a_new_session_that_ends_with_the_sign_out() {
    let guarded = Guarded::start(2).await;
    guarded.account("lan", vec![grant(Role::Operator, &["ky-anh"])]).await;
    let answer = guarded.try_enter(json!({ "username": "lan", "password": PASSWORD })).await;
    let cookie = answer.headers()["set-cookie"].to_str().expect("plain").to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=46800"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let first = Credentials::cookie_of(&answer);
    let me: Value = answer.json().await.expect("JSON");
    assert_eq!((&me["user"], &me["role"]), (&json!("lan"), &json!("operator")));
    assert_eq!(me["grants"], json!([{ "role": "operator", "sites": ["ky-anh"] }]));
    assert_eq!(me["actions"], json!(["view", "view-stored", "act", "operate"]));
    assert_eq!(guarded.get("/api/v1/session", &first).await.1, me);

    // Signing in over a session ends that one.
    let body = json!({ "username": "lan", "password": PASSWORD });
    let again = guarded.ask(Method::POST, "/api/v1/session", &first, Some(body)).await;
    let second = Credentials::cookie_of(&again);
    assert_ne!(first, second);
    assert_eq!(guarded.get("/api/v1/session", &first).await.0, 401);

    let mut control = guarded.control(&second).await.expect("a socket");
    let mut media = guarded.media(&second).await.expect("a socket");
    let left = guarded.ask(Method::DELETE, "/api/v1/session", &second, None).await;
    assert_eq!(left.status(), 204);
    assert!(left.headers()["set-cookie"].to_str().expect("plain").contains("Max-Age=0"));
    assert_eq!(control.closed().await.0, 4001);
    assert_eq!(media.closed().await.0, 4001);
    assert_eq!(guarded.get("/api/v1/session", &second).await.0, 401);
}

#[tokio::test]
async fn every_failure_is_answered_alike_and_five_lock_the_account_for_that_address() {
    let guarded = Guarded::start(1).await;
    guarded.account("lan", vec![grant(Role::Duty, &[])]).await;
    guarded.account("minh", vec![grant(Role::Duty, &[])]).await;
    let disabled = "minh".try_into().expect("a name");
    let out = guarded.store.change_account(disabled, AccountChange::Disable, note()).await;
    out.expect("the store works");
    let mut answers = Vec::new();
    for (name, password) in [
        ("lan", "not the password"),
        ("nobody", PASSWORD),
        ("minh", PASSWORD),
        ("Not A Name\r\n", PASSWORD),
    ] {
        let answer = guarded.try_enter(json!({ "username": name, "password": password })).await;
        answers.push((answer.status(), answer.text().await.expect("text")));
    }
    for _ in 0..4 {
        let wrong = json!({ "username": "lan", "password": "not the password" });
        assert_eq!(guarded.try_enter(wrong).await.status(), 401);
    }
    // Locked: the right password is refused too, in the same words.
    let right = guarded.try_enter(json!({ "username": "lan", "password": PASSWORD })).await;
    answers.push((right.status(), right.text().await.expect("text")));
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == 401), "{answers:?}");

    // An administrator sees that, and lets it in again.
    guarded.account("root", vec![grant(Role::Admin, &[])]).await;
    let root = guarded.enter("root").await;
    let locked = async || -> Vec<Value> {
        let (_, users) = guarded.get("/api/v1/users", &root).await;
        let users = users.as_array().expect("a list").iter();
        users.filter(|user| user["locked"] == true).map(|user| user["name"].clone()).collect()
    };
    assert_eq!(locked().await, ["lan"]);
    let unlock = |name: &str| {
        let path = format!("/api/v1/users/{name}/unlock");
        let (root, guarded) = (root.clone(), &guarded);
        async move { guarded.ask(Method::POST, &path, &root, None).await.status() }
    };
    assert_eq!(unlock("lan").await, 204);
    assert_eq!(unlock("nobody").await, 404);
    assert_eq!(locked().await, [] as [Value; 0]);
    guarded.enter("lan").await;
}

#[tokio::test]
async fn the_first_sign_in_is_good_for_choosing_a_password_and_nothing_else() {
    let guarded = Guarded::start(2).await;
    let first = FirstSignIn::make(&guarded.store, false).await.expect("the store works");
    let FirstSignIn { name, password } = first.expect("there is no account yet");
    assert!(FirstSignIn::make(&guarded.store, false).await.expect("it works").is_none(), "once");
    let anew = FirstSignIn::make(&guarded.store, true).await.expect("it works");
    let given = anew.expect("nobody has used the first one").password;
    assert_ne!(given, password);

    let old = guarded.try_enter(json!({ "username": name, "password": password })).await;
    assert_eq!(old.status(), 401);
    let answer = guarded.try_enter(json!({ "username": name, "password": given })).await;
    let limited = Credentials::cookie_of(&answer);
    assert_eq!(answer.json::<Value>().await.expect("JSON")["must_change"], true);
    assert_eq!(guarded.get("/api/v1/session", &limited).await.0, 200);
    let (status, said) = guarded.get("/api/v1/cameras", &limited).await;
    assert_eq!(status, 403, "{said}");
    assert!(said["detail"].as_str().expect("a sentence").contains("new_password"), "{said}");
    assert_eq!(guarded.control(&limited).await.err(), Some(403));
    assert_eq!(guarded.media(&limited).await.err(), Some(403));

    let with = |new: &str| json!({ "username": name, "password": given, "new_password": new });
    for weak in ["short", "admin-admin-admin", given.as_str()] {
        assert_eq!(guarded.try_enter(with(weak)).await.status(), 422, "{weak}");
    }
    let answer = guarded.try_enter(with(PASSWORD)).await;
    assert_eq!(answer.status(), 200);
    let free = Credentials::cookie_of(&answer);
    assert_eq!(guarded.get("/api/v1/cameras", &free).await.0, 200);
    assert_eq!(guarded.get("/api/v1/session", &limited).await.0, 401, "it ended");
    let anew = FirstSignIn::make(&guarded.store, true).await.expect("it works");
    assert!(anew.is_none(), "it was used");
}

#[tokio::test]
async fn a_screen_trades_its_token_for_a_cookie_and_sees_its_wall_alone() {
    let guarded = Guarded::start(3).await;
    let place = ScreenPlace { wall: slug("main"), screen: Some(slug("left")) };
    let (id, token) = guarded.token("left screen", Vec::new(), Some(place)).await;
    assert_eq!(guarded.try_enter(json!({ "token": "ww_wrong" })).await.status(), 401);
    let answer = guarded.try_enter(json!({ "token": token })).await;
    let screen = Credentials::cookie_of(&answer);
    let me: Value = answer.json().await.expect("JSON");
    assert_eq!((&me["user"], &me["role"]), (&json!("left screen"), &json!("screen")));
    assert_eq!(me["screen"], json!({ "wall": "main", "screen": "left" }));
    for who in [&screen, &Credentials::Bearer(token.clone())] {
        let cameras = guarded.get("/api/v1/cameras", who).await.1;
        assert_eq!(cameras.as_array().expect("a list").len(), 3);
        assert_eq!(guarded.get("/api/v1/sites", who).await.1, json!([]));
        for path in ["alerts", "records", "roster", "audit", "users", "cameras/cam-001/history"] {
            assert_eq!(guarded.get(&format!("/api/v1/{path}"), who).await.0, 403, "{path}");
        }
    }
    // A camera that leaves the wall is none of the screen's any more.
    let mut wall = guarded.centre.view.walls.load()[0].as_ref().clone();
    wall.cells.retain(|cell| cell.0 != 2);
    guarded.centre.view.walls.store(std::sync::Arc::new(vec![wall.into()]));
    assert_eq!(guarded.get("/api/v1/cameras/cam-002", &screen).await.0, 404);

    let mut control = guarded.control(&screen).await.expect("a socket");
    guarded.store.revoke_token(id, note()).await.expect("the store works");
    assert_eq!(control.closed().await.0, 4001);
    assert_eq!(guarded.get("/api/v1/walls", &Credentials::Bearer(token)).await.0, 401);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_and_by_an_administrator() {
    let guarded = Guarded::start(1).await;
    guarded.account("lan", vec![grant(Role::Duty, &[])]).await;
    guarded.account("root", vec![grant(Role::Admin, &[])]).await;
    let (here, phone) = (guarded.enter("lan").await, guarded.enter("lan").await);
    let root = guarded.enter("root").await;
    let mine = guarded.get("/api/v1/sessions", &here).await.1;
    let mine = mine.as_array().expect("a list");
    assert_eq!(mine.len(), 2);
    let other = mine.iter().find(|one| one["current"] == false).expect("the phone");
    let path = format!("/api/v1/sessions/{}", other["id"].as_str().expect("an id"));
    assert_eq!(guarded.get("/api/v1/sessions", &root).await.1.as_array().map(Vec::len), Some(3));
    guarded.account("minh", vec![grant(Role::Supervisor, &[])]).await;
    let minh = guarded.enter("minh").await;
    let status = |who: &Credentials| {
        let (path, who) = (path.clone(), who.clone());
        let guarded = &guarded;
        async move { guarded.ask(Method::DELETE, &path, &who, None).await.status().as_u16() }
    };
    assert_eq!(status(&minh).await, 404, "another's is not there");
    assert_eq!(guarded.get("/api/v1/session", &phone).await.0, 200);
    assert_eq!(status(&here).await, 204);
    assert_eq!(guarded.get("/api/v1/session", &phone).await.0, 401);
    assert_eq!(status(&root).await, 404, "it is over");
}

#[tokio::test]
async fn a_session_ends_when_it_was_idle_or_has_lasted_long_enough() {
    let second = Duration::from_secs(1);
    let idle = Sessions { idle: 2 * second, ..Sessions::default() };
    let absolute = Sessions { absolute: 3 * second, ..Sessions::default() };
    for policy in [idle, absolute] {
        let guarded = Guarded::with(1, policy.clone()).await;
        guarded.account("lan", vec![grant(Role::Duty, &[])]).await;
        let cookie = guarded.enter("lan").await;
        let began = Instant::now();
        if policy.idle > policy.absolute {
            // However busy it is.
            while guarded.get("/api/v1/session", &cookie).await.0 == 200 {
                assert!(began.elapsed() < WITHIN, "it never ended");
                tokio::time::sleep(second / 10).await;
            }
        } else {
            // With a socket it is not idle; without one it is.
            let socket = guarded.control(&cookie).await.expect("a socket");
            tokio::time::sleep(3 * second).await;
            assert_eq!(guarded.get("/api/v1/session", &cookie).await.0, 200);
            drop(socket);
            let ended = async {
                while !guarded.store.sessions(UnixMicros(0)).await.expect("it works").is_empty() {
                    tokio::time::sleep(second / 10).await;
                }
            };
            tokio::time::timeout(WITHIN, ended).await.expect("it ends");
            assert_eq!(guarded.get("/api/v1/session", &cookie).await.0, 401);
        }
    }
}

#[tokio::test]
async fn an_account_has_eight_sockets_and_gets_a_place_back_when_one_closes() {
    let guarded = Guarded::start(1).await;
    guarded.account("lan", vec![grant(Role::Duty, &[])]).await;
    let cookie = guarded.enter("lan").await;
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(guarded.control(&cookie).await.expect("a socket"));
    }
    assert_eq!(guarded.control(&cookie).await.err(), Some(429));
    assert_eq!(guarded.media(&cookie).await.err(), Some(429));
    drop(open.pop());
    let again = async {
        while guarded.control(&cookie).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(WITHIN, again).await.expect("a place comes free");
}

#[tokio::test]
async fn accounts_and_tokens_are_an_administrators_and_what_pages_keep_is_ones_own() {
    let guarded = Guarded::start(1).await;
    guarded.account("root", vec![grant(Role::Admin, &[])]).await;
    let root = guarded.enter("root").await;
    let post = |path: &str, body: Value| {
        let (path, root, guarded) = (path.to_owned(), root.clone(), &guarded);
        async move { guarded.ask(Method::POST, &path, &root, Some(body)).await }
    };
    let new = json!({ "name": "lan", "password": PASSWORD, "must_change": false,
                      "grants": [{ "role": "duty", "sites": ["ky-anh"] }] });
    assert_eq!(post("/api/v1/users", new.clone()).await.status(), 201);
    assert_eq!(post("/api/v1/users", new).await.status(), 409);
    let weak = json!({ "name": "binh", "password": "12345678" });
    assert_eq!(post("/api/v1/users", weak).await.status(), 422);
    let nowhere = json!({ "name": "binh", "password": PASSWORD,
                          "grants": [{ "role": "duty", "sites": ["nowhere"] }] });
    assert_eq!(post("/api/v1/users", nowhere).await.status(), 422);

    let lan = guarded.enter("lan").await;
    assert_eq!(guarded.get("/api/v1/users", &lan).await.0, 403);
    assert_eq!(guarded.get("/api/v1/tokens", &lan).await.0, 403);
    let path = "/api/v1/session/preferences/layouts";
    assert_eq!(guarded.get(path, &lan).await.0, 404);
    let kept = guarded.ask(Method::PUT, path, &lan, Some(json!({ "a": [1] }))).await;
    assert_eq!(kept.status(), 204);
    assert_eq!(guarded.get(path, &lan).await, (200, json!({ "a": [1] })));
    assert_eq!(guarded.get(path, &root).await.0, 404, "it is another's");

    let patch = |name: &str, body: Value| {
        let (path, root, guarded) = (format!("/api/v1/users/{name}"), root.clone(), &guarded);
        async move { guarded.ask(Method::PATCH, &path, &root, Some(body)).await }
    };
    assert_eq!(patch("root", json!({ "disabled": true })).await.status(), 409, "the last one");
    assert_eq!(patch("nobody", json!({ "disabled": true })).await.status(), 404);
    assert_eq!(patch("lan", json!({ "disabled": true })).await.status(), 200);
    assert_eq!(guarded.get("/api/v1/session", &lan).await.0, 401, "at once");

    let made = post("/api/v1/tokens", json!({ "name": "script", "grants": [{ "role": "duty" }] }));
    let made: Value = made.await.json().await.expect("JSON");
    let script = Credentials::Bearer(made["secret"].as_str().expect("a secret").to_owned());
    assert_eq!(guarded.get("/api/v1/cameras", &script).await.0, 200);
    let listed = guarded.get("/api/v1/tokens", &root).await.1;
    assert!(!listed.to_string().contains("ww_"), "{listed}");
    let path = format!("/api/v1/tokens/{}", made["id"].as_str().expect("an id"));
    assert_eq!(guarded.ask(Method::DELETE, &path, &root, None).await.status(), 204);
    assert_eq!(guarded.get("/api/v1/cameras", &script).await.0, 401, "at once");
}
