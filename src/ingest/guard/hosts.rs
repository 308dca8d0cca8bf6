//! Which hosts a camera's own answers may name.

use std::net::{IpAddr, Ipv4Addr};

/// The hosts that are the camera itself.
#[derive(Clone, Debug)]
pub(super) struct Hosts {
    configured: String,
    camera: IpAddr,
}

impl Hosts {
    pub(super) fn new(configured: &str, camera: IpAddr) -> Self {
        Self { configured: configured.trim_matches(['[', ']']).to_ascii_lowercase(), camera }
    }

    /// The foreign host that `text` names, if it is an absolute URL to one. A relative reference
    /// names none.
    pub(super) fn foreign(&self, text: &str) -> Option<String> {
        // Some cameras leave the scheme out (`192.0.2.1:554/track`), and the RTSP library puts
        // it back: what it would understand as a host is judged here too.
        let url = match url::Url::parse(text) {
            Ok(url) if url.has_host() => url,
            _ => return None,
        };
        let host = url.host_str()?.trim_matches(['[', ']']).to_ascii_lowercase();
        let same =
            host == self.configured || host.parse() == Ok(self.camera) || host.parse() == Ok(RELAY);
        (!same).then_some(host)
    }
}

/// Cameras repeat the host of our requests, which is the relay's.
const RELAY: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_camera_the_configured_name_and_the_relay_are_not_foreign() {
        let hosts = Hosts::new("Cam.example", "192.0.2.1".parse().expect("an address"));
        for own in [
            "rtsp://cam.EXAMPLE/x",
            "rtsp://192.0.2.1:8554/",
            "rtsp://127.0.0.1:4000/x",
            "track1",
            "/x",
            "*",
            "",
        ] {
            assert_eq!(hosts.foreign(own), None, "{own}");
        }
        for foreign in ["rtsp://192.0.2.2/x", "rtsp://cam.example.evil/x", "http://10.0.0.1/"] {
            assert!(hosts.foreign(foreign).is_some(), "{foreign}");
        }
    }
}
