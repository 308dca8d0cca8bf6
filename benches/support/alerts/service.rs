//! The service under measurement, in a process of its own, on a simulator in another.

use std::{fmt::Write as _, net::SocketAddr, path::Path};

use tempfile::TempDir;

use crate::{processes::Program, storm};

/// Cameras that events happen at.
pub(crate) const CAMERAS: u32 = 20;

/// A running service.
pub(crate) struct Service {
    pub(crate) centre: Program,
    _sim: Program,
    /// Gone with it.
    _folder: TempDir,
    pub(crate) address: SocketAddr,
}

impl Service {
    /// With the rules of a storm.
    pub(crate) fn start() -> Self {
        let scenes = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/scenes");
        let (sim, rtsp) = Program::sim(CAMERAS, &scenes);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = folder.path().join("watchwall.toml");
        let listen = ([127, 0, 0, 1], 0).into();
        let text = configuration(folder.path(), listen, rtsp, CAMERAS) + &storm::rules();
        std::fs::write(&config, text).expect("a writable folder");
        let (centre, address) = Program::serve(&config);
        Self { centre, _sim: sim, _folder: folder, address }
    }
}

/// Cameras of a simulator, each for itself: no site stands for them.
pub(crate) fn configuration(
    folder: &Path,
    listen: SocketAddr,
    rtsp: SocketAddr,
    cameras: u32,
) -> String {
    let mut text = format!(
        "[http]\nlisten = \"{listen}\"\n\n[store]\npath = {:?}\n\n[ingest]\nallow_loopback = true\n\n",
        folder.join("watchwall.db")
    );
    for n in 1..=cameras {
        write!(
            text,
            "[[camera]]\nid = \"cam-{n:03}\"\nnumber = {n}\nname = \"Camera {n}\"\n\
             url = \"rtsp://{rtsp}/cam/{n:03}/sub\"\n\n"
        )
        .expect("a String takes everything");
    }
    text
}
