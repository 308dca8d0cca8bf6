//! A whole centre on loopback, with real worker processes, for any cameras.

use std::{net::SocketAddr, path::Path, time::Duration};

use bytes::Bytes;
use serde_json::Value;
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use watchwall::{
    config::Config,
    service::{Centre, Options, SignIn},
};

use crate::{centre::Client, town::WITHIN};

/// A media socket of the centre at `address`, if one is there.
pub(crate) async fn media(address: SocketAddr) -> Option<Client> {
    let mut request = format!("ws://{address}/api/v1/media").into_client_request().expect("a URL");
    let protocol = "watchwall.media.v1".parse().expect("plain");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let stream = tokio::net::TcpStream::connect(address).await.ok()?;
    let (socket, _) = tokio_tungstenite::client_async(request, stream).await.ok()?;
    Some(Client { socket })
}

/// A centre and the folder of its store.
pub(crate) struct Station {
    pub(crate) centre: Centre,
    /// Gone with the station.
    _folder: TempDir,
}

impl Station {
    /// With the configuration that `config` makes for a folder of its own.
    pub(crate) async fn new(config: impl FnOnce(&Path) -> Config) -> Self {
        Self::with(SignIn::Open, config).await
    }

    /// The same, with or without sign-in.
    pub(crate) async fn with(sign_in: SignIn, config: impl FnOnce(&Path) -> Config) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (exe, config) = (env!("CARGO_BIN_EXE_watchwall").into(), config(folder.path()));
        let options = Options { config, file: None, exe, log: "warn".to_owned(), seed: 1, sign_in };
        let centre = Centre::start(options).await.expect("the centre starts");
        Self { centre, _folder: folder }
    }

    async fn answer(&self, path: &str) -> reqwest::Response {
        let url = format!("http://{}{path}", self.centre.address());
        reqwest::get(url).await.expect("the centre answers")
    }

    /// A JSON answer of the centre.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.answer(path).await.json().await.expect("JSON")
    }

    /// One camera as the API shows it; `demo::config` counts from 1.
    pub(crate) async fn camera(&self, n: u32) -> Value {
        self.get(&format!("/api/v1/cameras/cam-{n:03}")).await
    }

    /// A camera's newest keyframe as JPEG, at least so wide if its picture is.
    pub(crate) async fn snapshot(&self, n: u32, width: u16) -> Bytes {
        let path = format!("/api/v1/cameras/cam-{n:03}/snapshot.jpg?width={width}");
        let answer = self.answer(&path).await.error_for_status().expect("a snapshot");
        answer.bytes().await.expect("a whole answer")
    }

    /// A media socket.
    pub(crate) async fn media(&self) -> Client {
        media(self.centre.address()).await.expect("a media socket")
    }

    /// Waits until a camera is as `is` says, and returns it.
    pub(crate) async fn until(&self, n: u32, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + WITHIN;
        loop {
            let camera = self.camera(n).await;
            if is(&camera) {
                return camera;
            }
            assert!(tokio::time::Instant::now() < deadline, "camera {n} never {what}: {camera}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until these cameras are online.
    pub(crate) async fn until_online(&self, cameras: impl IntoIterator<Item = u32>) {
        for n in cameras {
            self.until(n, "came online", |camera| camera["state"] == "online").await;
        }
    }

    /// Stops it.
    pub(crate) async fn stop(self) {
        self.centre.stop().await;
    }
}
