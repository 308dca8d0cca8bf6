//! A centre without cameras that has to be signed in to, with accounts and tokens of its own.

use std::{
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use reqwest::{Method, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::http::HeaderName;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;
use watchwall::{
    config::Sessions,
    desk::view::SiteView,
    domain::{
        access::{Grant, Role, Scope, ScreenPlace},
        alert::Actor,
    },
    http::{
        Keeper,
        secret::{self, Secret},
    },
    hub::fanout::Policy,
    store::{AuditRow, Changed, NewAccount, Store, TokenRow},
};

use crate::centre::{Centre, Client, slug};

/// Of every account here.
pub(crate) const PASSWORD: &str = "trời mưa ở kỳ anh";

/// Hashed once: it is slow on purpose.
pub(crate) fn hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| secret::hash(PASSWORD).expect("a hash")).clone()
}

/// A row of the audit for what a test does by itself.
pub(crate) fn note() -> AuditRow {
    AuditRow {
        id: Uuid::now_v7(),
        at: SystemTime::now().into(),
        actor: Actor { user: "test".to_owned(), person: None },
        action: "test".to_owned(),
        object: "test".to_owned(),
        detail: None,
        address: None,
    }
}

/// A role at these sites; everywhere if there are none.
pub(crate) fn grant(role: Role, sites: &[&str]) -> Grant {
    let scope = match sites {
        [] => Scope::All,
        sites => Scope::Sites(sites.iter().map(|site| slug(site)).collect()),
    };
    Grant { role, scope }
}

pub(crate) struct Guarded {
    pub(crate) centre: Centre,
    pub(crate) store: Store,
    _stop: DropGuard,
    _folder: TempDir,
}

impl Guarded {
    pub(crate) async fn start(cameras: u32) -> Self {
        Self::with(cameras, Sessions::default()).await
    }

    pub(crate) async fn with(cameras: u32, policy: Sessions) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("store.db")).await.expect("a store");
        let stop = CancellationToken::new();
        let (kept, stopped) = (store.clone(), stop.clone());
        let centre = Centre::start_with(cameras, Policy::default(), move |app| {
            let site = |id: &str, name: &str, parent: Option<&str>| {
                Arc::new(SiteView {
                    id: slug(id),
                    name: name.to_owned(),
                    parent: parent.map(slug),
                    cameras: 3,
                    watchable: 3,
                    down_since: None,
                    evidence: None,
                })
            };
            app.view.sites.store(Arc::new(vec![
                site("ha-tinh", "Hà Tĩnh", None),
                site("ky-anh", "Kỳ Anh", Some("ha-tinh")),
                site("can-loc", "Can Lộc", Some("ha-tinh")),
            ]));
            let (view, fanout) = (app.view.clone(), app.fanout.clone());
            let keeper = Keeper::new(kept.clone(), policy, view, fanout);
            tokio::spawn(keeper.clone().keep(stopped));
            app.sign_in = Some(keeper);
            app.store = Some(kept);
        })
        .await;
        Self { centre, store, _stop: stop.drop_guard(), _folder: folder }
    }

    /// Makes an account with these rights and [`PASSWORD`].
    pub(crate) async fn account(&self, name: &str, grants: Vec<Grant>) {
        let account = NewAccount {
            name: name.try_into().expect("a name"),
            hash: hash(),
            person: None,
            must_change: false,
            grants,
        };
        let made = self.store.create_account(account, note()).await.expect("the store works");
        assert_eq!(made, Changed::Done);
    }

    /// Makes a token; its id and secret.
    pub(crate) async fn token(
        &self,
        name: &str,
        grants: Vec<Grant>,
        screen: Option<ScreenPlace>,
    ) -> (Uuid, String) {
        let secret = Secret::token().expect("random");
        let row = TokenRow {
            id: Uuid::now_v7(),
            name: name.to_owned(),
            grants,
            screen,
            created_by: "test".to_owned(),
            created_at: SystemTime::now().into(),
            expires_at: None,
            revoked_at: None,
            seen_at: None,
        };
        let id = row.id;
        let made = self.store.create_token(row, secret.hash(), note()).await;
        assert_eq!(made.expect("the store works"), Changed::Done);
        (id, secret.expose().to_owned())
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        credentials: &Credentials,
        body: Option<Value>,
    ) -> Response {
        let client = reqwest::Client::new();
        let mut request = client.request(method, self.centre.url(path));
        for (name, value) in credentials.headers(&self.centre) {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.expect("an answer")
    }

    pub(crate) async fn get(&self, path: &str, credentials: &Credentials) -> (u16, Value) {
        let answer = self.ask(Method::GET, path, credentials, None).await;
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Signs in; the answer.
    pub(crate) async fn try_enter(&self, body: Value) -> Response {
        self.ask(Method::POST, "/api/v1/session", &Credentials::None, Some(body)).await
    }

    /// Signs in with [`PASSWORD`]; the cookie.
    pub(crate) async fn enter(&self, name: &str) -> Credentials {
        let answer = self.try_enter(json!({ "username": name, "password": PASSWORD })).await;
        assert_eq!(answer.status(), 200);
        Credentials::cookie_of(&answer)
    }

    /// A socket that says whose it is; the status where it is refused.
    pub(crate) async fn socket(
        &self,
        path: &str,
        protocol: &str,
        credentials: &Credentials,
    ) -> Result<Client, u16> {
        let headers: Vec<(HeaderName, String)> = credentials
            .headers(&self.centre)
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), value))
            .collect();
        Client::open(self.centre.address, path, protocol, &headers)
            .await
            .map_err(|refused| refused.status().as_u16())
    }

    pub(crate) async fn media(&self, credentials: &Credentials) -> Result<Client, u16> {
        self.socket("/api/v1/media", "watchwall.media.v1", credentials).await
    }

    pub(crate) async fn control(&self, credentials: &Credentials) -> Result<Client, u16> {
        self.socket("/api/v1/control", "watchwall.v1", credentials).await
    }
}

/// How a request says whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    None,
    /// As a browser with it sends requests: with the page's origin.
    Cookie(String),
    Bearer(String),
}

impl Credentials {
    /// The cookie that an answer gave.
    pub(crate) fn cookie_of(answer: &Response) -> Self {
        let cookie = answer.headers()["set-cookie"].to_str().expect("plain");
        Self::Cookie(cookie.split(';').next().expect("a pair").to_owned())
    }

    fn headers(&self, centre: &Centre) -> Vec<(&'static str, String)> {
        match self {
            Self::None => Vec::new(),
            Self::Cookie(cookie) => {
                vec![("cookie", cookie.clone()), ("origin", format!("http://{}", centre.address))]
            }
            Self::Bearer(token) => vec![("authorization", format!("Bearer {token}"))],
        }
    }
}
