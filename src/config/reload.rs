//! What a new configuration changes: pure, and exact, so that a reload touches nothing else.

use super::{CameraConfig, Config};
use crate::domain::camera::CameraId;

/// The difference between the running configuration and a new one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Cameras to start.
    pub added: Vec<CameraId>,
    /// Cameras to stop.
    pub removed: Vec<CameraId>,
    /// Cameras to tell of new values.
    pub changed: Vec<CameraChange>,
    /// Whether the site tree differs.
    pub sites: bool,
    /// Whether health is judged by other rules: `[[health]]`, `[[order]]`, `[[picture]]` or
    /// `[root_cause]`. They hold at once, and no session notices.
    pub policies: bool,
    /// Whether alerts are made, owned or taken up by other rules: `[[alert]]`, `[[position]]`,
    /// `[[person]]`, `[[shift]]`, `[roster]` or `[escalation]`. They hold at once.
    pub duties: bool,
    /// Whether any wall differs.
    pub walls: bool,
    /// Whether HTTPS is served with another certificate. It is at once, and no connection notices.
    pub certificate: bool,
    /// Whether cameras stand in another order; walls show them in the file's order.
    pub order: bool,
    /// Keys whose new values wait for a restart.
    pub needs_restart: Vec<&'static str>,
}

/// One camera that is in both, with other values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraChange {
    /// Which.
    pub id: CameraId,
    /// The keys that differ, as the file names them.
    pub keys: Vec<&'static str>,
    /// Whether the small stream's session must end and begin anew; otherwise no viewer notices a
    /// gap.
    pub reconnect: bool,
    /// Whether the main stream's must, if there is one.
    pub reconnect_main: bool,
    /// Whether its name or password is another: what was held against the old one is forgiven.
    pub sign_in: bool,
}

impl Changes {
    /// What `new` changes in `running`.
    pub fn between(running: &Config, new: &Config) -> Self {
        let before: std::collections::BTreeMap<_, _> =
            running.cameras.iter().map(|camera| (&camera.camera.id, camera)).collect();
        let after: std::collections::BTreeSet<_> =
            new.cameras.iter().map(|camera| &camera.camera.id).collect();
        let ids = |config: &Config| -> Vec<CameraId> {
            config.cameras.iter().map(|camera| camera.camera.id.clone()).collect()
        };
        let mut changes = Self {
            removed: ids(running).into_iter().filter(|id| !after.contains(id)).collect(),
            sites: running.sites != new.sites,
            policies: policies_differ(running, new),
            duties: duties_differ(running, new),
            walls: running.walls != new.walls,
            certificate: running.http.tls != new.http.tls,
            order: ids(running) != ids(new),
            needs_restart: needs_restart(running, new),
            ..Self::default()
        };
        for camera in &new.cameras {
            match before.get(&camera.camera.id) {
                None => changes.added.push(camera.camera.id.clone()),
                Some(old) => changes.changed.extend(CameraChange::between(old, camera)),
            }
        }
        changes
    }

    /// Whether the two are alike.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl CameraChange {
    /// What `new` changes in a camera of the same id, if anything.
    pub fn between(old: &CameraConfig, new: &CameraConfig) -> Option<Self> {
        let (a, b) = (&old.camera, &new.camera);
        let sign_in =
            [("username", a.username != b.username), ("password", !old.has_password_of(new))];
        let session = [
            ("transport", a.transport != b.transport),
            ("allow_basic", a.allow_basic != b.allow_basic),
        ];
        // Each of them concerns one of the two sessions.
        let (url, main_url) = (a.url != b.url, a.main_url != b.main_url);
        let other = [
            ("number", a.number != b.number),
            ("name", a.name != b.name),
            ("site", a.site != b.site),
            ("tags", a.tags != b.tags),
            ("importance", a.importance != b.importance),
        ];
        let keys: Vec<&str> = [("url", url)]
            .iter()
            .chain(&session)
            .chain(&sign_in)
            .chain(&[("main_url", main_url)])
            .chain(&other)
            .filter(|(_, differs)| *differs)
            .map(|(key, _)| *key)
            .collect();
        let sign_in = sign_in.iter().any(|(_, differs)| *differs);
        let both = sign_in || session.iter().any(|(_, differs)| *differs);
        let (reconnect, reconnect_main) = (both || url, both || main_url);
        let id = new.camera.id.clone();
        (!keys.is_empty()).then_some(Self { id, keys, reconnect, reconnect_main, sign_in })
    }
}

fn policies_differ(running: &Config, new: &Config) -> bool {
    (&running.health, &running.orders) != (&new.health, &new.orders)
        || running.pictures != new.pictures
        || running.root_cause != new.root_cause
}

fn duties_differ(running: &Config, new: &Config) -> bool {
    (&running.alert_rules, &running.roster, &running.escalation)
        != (&new.alert_rules, &new.roster, &new.escalation)
}

/// Sockets that are bound, the open database and the processes' limits are set up once.
fn needs_restart(running: &Config, new: &Config) -> Vec<&'static str> {
    let (i, j) = (&running.ingest, &new.ingest);
    let (d, e) = (&running.decode, &new.decode);
    [
        ("http.listen", running.http.listen != new.http.listen),
        ("http.origins", running.http.origins != new.http.origins),
        ("http.sockets", running.http.sockets != new.http.sockets),
        // Between clear text and TLS; another certificate is served at once.
        ("http.tls_certificate", running.http.tls.is_some() != new.http.tls.is_some()),
        ("store.path", running.store.path != new.store.path),
        ("store.spool", running.store.spool != new.store.spool),
        ("ingest.cameras_per_worker", i.cameras_per_worker != j.cameras_per_worker),
        ("ingest.handshakes_at_once", i.handshakes_at_once != j.handshakes_at_once),
        ("ingest.worker_memory_bytes", i.worker_memory_bytes != j.worker_memory_bytes),
        ("ingest.access_unit_bytes", i.access_unit_bytes != j.access_unit_bytes),
        ("ingest.rtp_gap", i.rtp_gap != j.rtp_gap),
        ("ingest.allow_loopback", i.allow_loopback != j.allow_loopback),
        ("decode.workers", d.workers != e.workers),
        ("decode.worker_memory_bytes", d.worker_memory_bytes != e.worker_memory_bytes),
        ("decode.pixels_max", d.pixels_max != e.pixels_max),
        ("history.days", running.history.days != new.history.days),
        ("history.pictures_days", running.history.pictures_days != new.history.pictures_days),
        ("sign_in", running.sign_in != new.sign_in),
        ("channel", running.channels != new.channels),
        ("history.utc_offset", running.history.utc_offset_min != new.history.utc_offset_min),
    ]
    .into_iter()
    .filter_map(|(key, differs)| differs.then_some(key))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Passwords};

    const BASE: &str = r#"
[[site]]
id = "ky-anh"
[[camera]]
id = "a"
number = 1
url = "rtsp://192.0.2.1/sub"
username = "viewer"
password_env = "PW"
[[camera]]
id = "b"
number = 2
url = "rtsp://192.0.2.2/sub"
"#;

    fn config(text: &str, password: &str) -> Config {
        let environment: Environment =
            [("PW".to_owned(), password.to_owned())].into_iter().collect();
        let passwords = Passwords::Read { directory: "".as_ref(), environment: &environment };
        Config::parse("test.toml", text, &environment, &passwords)
            .unwrap_or_else(|faults| panic!("{faults}"))
    }

    fn changes(from: &str, to: &str) -> Changes {
        Changes::between(&config(BASE, "one"), &config(&BASE.replacen(from, to, 1), "one"))
    }

    #[test]
    fn the_same_file_changes_nothing() {
        assert!(changes("", "").is_empty());
    }

    #[test]
    fn a_new_name_is_shown_without_a_reconnect() {
        let changes = changes(
            "number = 1",
            "number = 7\nname = \"Cổng\"\nsite = \"ky-anh\"\ntags = [\"gate\"]",
        );
        let change = &changes.changed[0];
        assert_eq!((change.id.as_str(), change.reconnect), ("a", false));
        assert_eq!(change.keys, ["number", "name", "site", "tags"]);
        assert_eq!(changes.changed.len(), 1);
    }

    #[test]
    fn a_new_address_or_transport_reconnects_that_camera_alone() {
        for (from, to, key) in [
            ("192.0.2.1/sub", "192.0.2.1/sub2", "url"),
            ("\"viewer\"", "\"wall\"", "username"),
            ("number = 1", "number = 1\ntransport = \"udp\"", "transport"),
        ] {
            let changes = changes(from, to);
            let expected = CameraChange {
                id: "a".try_into().expect("an id"),
                keys: vec![key],
                reconnect: true,
                reconnect_main: key != "url",
                sign_in: key == "username",
            };
            assert_eq!(changes, Changes { changed: vec![expected], ..Changes::default() });
        }
    }

    #[test]
    fn a_new_password_in_the_same_place_reconnects() {
        let changes = Changes::between(&config(BASE, "one"), &config(BASE, "two"));
        assert_eq!(changes.changed[0].keys, ["password"]);
        assert!(changes.changed[0].reconnect && changes.changed[0].sign_in);
    }

    #[test]
    fn a_new_main_stream_leaves_the_small_ones_session_alone() {
        let (old, mut new) = (config(BASE, "one"), config(BASE, "one"));
        new.cameras[0].camera.main_url = Some("rtsp://192.0.2.1/main2".parse().expect("a URL"));
        let changes = Changes::between(&old, &new);
        assert_eq!(changes.changed[0].keys, ["main_url"]);
        assert!(!changes.changed[0].reconnect && changes.changed[0].reconnect_main);
    }

    #[test]
    fn another_id_is_another_camera() {
        let changes = changes("id = \"b\"", "id = \"c\"");
        assert_eq!(changes.added, ["c".try_into().expect("an id")]);
        assert_eq!(changes.removed, ["b".try_into().expect("an id")]);
        assert!(changes.changed.is_empty());
    }

    #[test]
    fn a_new_rule_holds_at_once_and_reconnects_nobody() {
        for rule in [
            "[[health]]\ncameras = [\"*\"]\nwatch = false",
            "[[order]]\ncameras = [\"a\"]\nwidth = 640",
            "[[picture]]\ncameras = [\"a\"]\npresets = 4",
            "[root_cause]\nleast = 5",
        ] {
            let changes = changes("[[site]]", &format!("{rule}\n[[site]]"));
            assert_eq!(changes, Changes { policies: true, ..Changes::default() }, "{rule}");
        }
    }

    #[test]
    fn a_new_listen_address_waits_for_a_restart() {
        let changes = changes("[[site]]", "[http]\nlisten = \"127.0.0.1:9\"\n[[site]]");
        assert_eq!(changes, Changes { needs_restart: vec!["http.listen"], ..Changes::default() });
    }
}
