//! A town: simulated cameras and a station that watches them.

use std::{ops::Deref, path::Path, time::Duration};

use watchwall::{
    config::Config,
    service::demo,
    sim::{Settings, Sim},
};

use crate::station::Station;

/// Nothing takes this long unless it is broken; the machines that run tests are slow and shared.
pub(crate) const WITHIN: Duration = Duration::from_secs(60);

/// A centre and its cameras.
pub(crate) struct Town {
    pub(crate) sim: Sim,
    station: Station,
}

impl Deref for Town {
    type Target = Station;

    fn deref(&self) -> &Station {
        &self.station
    }
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
        let sim =
            Sim::start(Settings { cameras, credentials, cache: scenes(), ..Settings::default() })
                .await
                .expect("the simulator starts");
        let station = Station::new(|folder| {
            let loopback = ([127, 0, 0, 1], 0).into();
            let mut config = demo::config(cameras, sim.rtsp_addr(), loopback, folder);
            change(&mut config);
            config
        })
        .await;
        Self { sim, station }
    }

    /// Stops everything.
    pub(crate) async fn stop(self) {
        self.station.stop().await;
        self.sim.shutdown().await;
    }
}

/// Encoded scenes are shared by all tests and kept between runs.
pub(crate) fn scenes() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/scenes")
}
