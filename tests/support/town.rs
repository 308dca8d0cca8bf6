//! A town: simulated cameras and a whole centre on loopback, with real worker processes.

use std::{path::Path, time::Duration};

use serde_json::Value;
use tempfile::TempDir;
use watchwall::{
    config::Config,
    service::{Centre, Options, demo},
    sim::{Settings, Sim},
};

/// Nothing takes this long unless it is broken; the machines that run tests are slow and shared.
pub(crate) const WITHIN: Duration = Duration::from_secs(60);

/// A centre and its cameras.
pub(crate) struct Town {
    pub(crate) sim: Sim,
    pub(crate) centre: Centre,
    pub(crate) config: Config,
    folder: TempDir,
}

impl Town {
    /// So many cameras, all of them wanted.
    pub(crate) async fn new(cameras: u32) -> Self {
        Self::with(cameras, None, |_| {}).await
    }

    /// With sign-in at the cameras, and with the configuration changed before the start.
    pub(crate) async fn with(
        cameras: u32,
        credentials: Option<(String, String)>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let sim =
            Sim::start(Settings { cameras, credentials, cache: scenes(), ..Settings::default() })
                .await
                .expect("the simulator starts");
        let loopback = ([127, 0, 0, 1], 0).into();
        let mut config = demo::config(cameras, sim.rtsp_addr(), loopback, folder.path());
        change(&mut config);
        let centre = start(config.clone()).await;
        Self { sim, centre, config, folder }
    }

    /// Stops the centre and starts it again on the same store.
    pub(crate) async fn restart(self) -> Self {
        let Self { sim, centre, config, folder } = self;
        centre.stop().await;
        let centre = start(config.clone()).await;
        Self { sim, centre, config, folder }
    }

    /// A JSON answer of the centre.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let url = format!("http://{}{path}", self.centre.address());
        reqwest::get(url).await.expect("the centre answers").json().await.expect("JSON")
    }

    /// One camera as the API shows it; the simulator counts from 1.
    pub(crate) async fn camera(&self, n: u32) -> Value {
        self.get(&format!("/api/v1/cameras/cam-{n:03}")).await
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

    /// Stops everything.
    pub(crate) async fn stop(self) {
        self.centre.stop().await;
        self.sim.shutdown().await;
    }
}

async fn start(config: Config) -> Centre {
    let exe = env!("CARGO_BIN_EXE_watchwall").into();
    let options = Options { config, exe, log: "warn".to_owned(), seed: 1 };
    Centre::start(options).await.expect("the centre starts")
}

/// Encoded scenes are shared by all tests and kept between runs.
pub(crate) fn scenes() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/scenes")
}
