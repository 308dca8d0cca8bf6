//! The configuration as its user meets it: whole files, and every word of the faults.
//!
//! `tests/config/invalid/X.toml` must give exactly the lines of `X.expected` beside it. After a
//! wording was changed on purpose, `UPDATE_EXPECTED=1` writes them anew; read the difference.

use std::{env, fs, os::unix::fs::PermissionsExt, path::Path, path::PathBuf, time::Duration};

use proptest::prelude::*;
use secrecy::ExposeSecret;
use watchwall::{
    config::{Config, Environment, Faults, Passwords},
    domain::{
        camera::{Condition, Importance, Transport},
        health::Severity,
        media::Codec,
    },
};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(&folder).expect("the folder is part of the source");
    let mut files: Vec<_> = files
        .map(|file| file.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} holds no files", folder.display());
    files
}

/// Loads a file, calling it by its name alone so that faults read the same on every machine.
pub(crate) fn load(path: &Path, environment: &Environment) -> Result<Config, Faults> {
    let text = fs::read_to_string(path).expect("a test file");
    let name = path.file_name().expect("a file").to_string_lossy();
    let directory = path.parent().expect("a folder");
    Config::parse(&name, &text, environment, &Passwords::Read { directory, environment })
}

pub(crate) fn variables<const N: usize>(variables: [(&str, &str); N]) -> Environment {
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect()
}

#[test]
fn every_invalid_file_gives_exactly_the_faults_beside_it() {
    let mut differing = Vec::new();
    for path in files("tests/config/invalid") {
        let faults = load(&path, &Environment::default()).expect_err("an invalid file").to_string();
        // Absolute paths differ between machines.
        let told =
            faults.replace(&format!("{}/", path.parent().expect("a folder").display()), "") + "\n";
        assert!(!told.contains("canary"), "a secret is told: {told}");
        let expected = path.with_extension("expected");
        if env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&expected, &told).expect("a writable source");
        }
        if fs::read_to_string(&expected).unwrap_or_default() != told {
            differing.push(format!("{}:\n{told}", path.display()));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn a_camera_list_with_ten_different_mistakes_gives_ten_faults() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/invalid/ten-mistakes.toml");
    let text = fs::read_to_string(&path).expect("a test file");
    let faults = load(&path, &Environment::default()).expect_err("ten mistakes");
    assert_eq!(faults.len(), 10, "{faults}");
    // Each stands on the line that is marked with its number.
    for (index, fault) in faults.iter().enumerate() {
        let line = text.lines().nth(fault.line as usize - 1).expect("a line of the file");
        assert!(line.contains(&format!("# {} ", index + 1)), "{fault}: {line}");
    }
}

#[test]
fn every_valid_file_and_every_example_loads() {
    for path in files("tests/config/valid").into_iter().chain(files("config")) {
        let config = load(&path, &Environment::default());
        assert!(config.is_ok(), "{}: {}", path.display(), config.expect_err("just seen"));
    }
}

/// The keys of a section, as the fault about an unknown one lists them.
fn keys_of(section: &str) -> Vec<String> {
    let text = format!("{section}\nqqqqqqqqqqqq = 1\n");
    let faults = Config::parse("x", &text, &Environment::default(), &Passwords::Unread)
        .expect_err("no such key");
    let listed = faults
        .iter()
        .find_map(|fault| fault.remedy.split_once("the keys here are "))
        .expect("a list")
        .1;
    listed.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_example_shows_every_key_with_its_true_default() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/watchwall.toml");
    // Whole sections that are commented out are shown too.
    let text = fs::read_to_string(path).expect("the example").replace("\n#[[", "\n[[");
    let mut keys = 0;
    for section in [
        "[http]",
        "[store]",
        "[ingest]",
        "[decode]",
        "[root_cause]",
        "[history]",
        "[sign_in]",
        "[[site]]",
        "[[camera]]",
        "[[wall]]",
        "[[health]]",
        "[[order]]",
        "[[picture]]",
        "[[channel]]",
        "[[alert]]",
        "[[position]]",
        "[[person]]",
        "[[shift]]",
        "[roster]",
        "[escalation]",
    ] {
        for key in keys_of(section) {
            let shown =
                |line: &str| line.trim_start_matches("# ").starts_with(&format!("{key} = "));
            let header = format!("\n{section}\n");
            let parts = text.split(&header).skip(1);
            let mut lines =
                parts.flat_map(|part| part.split("\n\n[").next().unwrap_or_default().lines());
            // A table of its own has a header of its own.
            let name = section.trim_matches(['[', ']']);
            let inner = text.contains(&format!("[{name}.{key}]"));
            assert!(inner || lines.any(shown), "{section} {key} is not in the example");
            keys += 1;
        }
    }
    assert!(keys > 50, "{keys} keys seen");

    // With the comment marks of its settings taken away, the example says what holds without it.
    let settings = text.split("\n[[site]]").next().expect("the single sections");
    let is_key = |line: &str| line.split(' ').nth(1) == Some("=");
    let uncommented: String = settings
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| is_key(rest)).unwrap_or(line))
        .flat_map(|line| [line, "\n"])
        .collect();
    let config =
        Config::parse("example", &uncommented, &Environment::default(), &Passwords::Unread)
            .unwrap_or_else(|faults| panic!("{faults}"));
    let defaults = Config::default();
    assert_eq!((config.http, config.store), (defaults.http, defaults.store));
    assert_eq!((config.ingest, config.decode), (defaults.ingest, defaults.decode));
    assert_eq!((config.root_cause, config.history), (defaults.root_cause, defaults.history));
    assert_eq!(config.sign_in, defaults.sign_in);
}

#[test]
fn a_certificate_and_its_key_are_read_and_what_does_not_fit_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["wall", "other"] {
        crate::tls::write_pair(folder.path(), name);
    }
    let mode = |mode| fs::Permissions::from_mode(mode);
    fs::set_permissions(folder.path().join("wall.key"), mode(0o600)).expect("a file of ours");
    fs::write(folder.path().join("empty.pem"), "").expect("a writable folder");
    let broken = "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n";
    fs::write(folder.path().join("broken.pem"), broken).expect("a writable folder");
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    fs::write(folder.path().join("odd.pem"), broken).expect("a writable folder");
    let load = |lines: &str| {
        let file = folder.path().join("watchwall.toml");
        fs::write(&file, format!("[http]\n{lines}\n")).expect("a writable folder");
        Config::load(&file, &Environment::default())
    };
    let both =
        |certificate, key| format!("tls_certificate = \"{certificate}\"\ntls_key = \"{key}\"");

    let config = load(&both("wall.pem", "wall.key")).expect("they fit");
    assert!(config.http.tls.is_some() && config.warnings.is_empty());
    let config = load(&both("other.pem", "other.key")).expect("they fit");
    assert!(config.warnings[0].to_string().contains("everyone on this machine can read"));
    assert_eq!(load("").expect("neither is fine").http.tls, None);

    for (lines, line, key, problem) in [
        ("tls_key = \"wall.key\"".to_owned(), 1, "certificate", "is missing"),
        ("tls_certificate = \"wall.pem\"".to_owned(), 1, "key", "is missing"),
        (both("none.pem", "wall.key"), 2, "certificate", "there is no such file"),
        (both("wall.pem", "none.key"), 3, "key", "there is no such file"),
        (both(".", "wall.key"), 2, "certificate", "is not a file"),
        (both("empty.pem", "wall.key"), 2, "certificate", "holds no certificate"),
        (both("wall.key", "wall.key"), 2, "certificate", "holds no certificate"),
        (both("broken.pem", "wall.key"), 2, "certificate", "is not PEM"),
        (both("odd.pem", "wall.key"), 2, "certificate", "cannot be used"),
        (both("wall.pem", "wall.pem"), 3, "key", "holds no private key"),
        (both("wall.pem", "other.key"), 3, "key", "is not the key of the certificate in wall.pem"),
    ] {
        let faults = load(&lines).expect_err(&lines);
        let fault = faults.iter().next().expect("one at least");
        assert_eq!((faults.len(), fault.line), (1, line), "{lines}: {faults}");
        assert_eq!(fault.key, format!("http.tls_{key}"), "{lines}");
        assert!(fault.problem.contains(problem) && !fault.remedy.is_empty(), "{fault}");
    }
}

#[test]
fn a_renewed_certificate_is_served_at_once_and_only_tls_itself_waits_for_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("watchwall.toml");
    let text = "[http]\ntls_certificate = \"wall.pem\"\ntls_key = \"wall.key\"\n";
    fs::write(&file, text).expect("a writable folder");
    let load = || Config::load(&file, &Environment::default()).expect("they fit");
    crate::tls::write_pair(folder.path(), "wall");
    let running = load();
    let told = |new| watchwall::config::reload::Changes::between(&running, &new);
    assert!(told(load()).is_empty());
    crate::tls::write_pair(folder.path(), "wall");
    let renewed = told(load());
    assert!(renewed.certificate && renewed.needs_restart.is_empty(), "{renewed:?}");
    fs::write(&file, "").expect("a writable folder");
    assert_eq!(told(load()).needs_restart, ["http.tls_certificate"]);
}

/// Parts that break a file in its middle.
fn scrap() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\\[\\]{}=\"'#.,\\n\\\\ 0-9a-z]{0,12}",
        ".{0,8}",
        Just("[[camera]]\n".to_owned()),
        Just("\nurl = \"rtsp:\"\n".to_owned()),
        Just("\nid = 7\n".to_owned()),
    ]
}

proptest! {
    #[test]
    fn a_broken_file_gives_faults_with_places_inside_it(at in 0.0..1.0f64, cut in 0..40usize, scrap in scrap()) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/invalid/ten-mistakes.toml");
        let text = fs::read_to_string(path).expect("a test file");
        let chars: Vec<char> = text.chars().collect();
        let start = (at * chars.len() as f64) as usize;
        let end = (start + cut).min(chars.len());
        let broken: String = chars[..start].iter().copied().chain(scrap.chars()).chain(chars[end..].iter().copied()).collect();
        if let Err(faults) = Config::parse("x", &broken, &Environment::default(), &Passwords::Unread) {
            let lines = u32::try_from(broken.lines().count()).expect("a small file");
            prop_assert!(!faults.is_empty());
            prop_assert!(faults.iter().all(|fault| fault.line <= lines + 1 && !fault.remedy.is_empty()), "{}", faults);
        }
    }
}

#[test]
fn every_key_reaches_its_place() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/valid/full.toml");
    let config = load(&path, &Environment::default()).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.http.listen.to_string(), "[::1]:9000");
    assert_eq!(config.http.origins, ["https://wall.example", "http://192.0.2.1:8080"]);
    assert_eq!(config.store.path, Path::new("var/other.db"));
    assert_eq!((config.ingest.cameras_per_worker, config.ingest.handshakes_at_once), (10, 4));
    assert_eq!(
        (config.ingest.worker_memory_bytes, config.ingest.access_unit_bytes),
        (256 << 20, 4 << 20)
    );
    assert_eq!(config.ingest.rtp_gap, Duration::from_millis(2500));
    assert!(config.decode.workers >= 1, "0 means one per core");
    assert_eq!(
        (config.decode.worker_memory_bytes, config.decode.pixels_max),
        (256 << 20, 3840 * 2160)
    );
    let sites: Vec<_> =
        config.sites.iter().map(|site| (site.id.as_str(), site.name.as_str())).collect();
    assert_eq!(sites, [("ha-tinh", "ha-tinh"), ("ky-anh", "Kỳ Anh")], "parents come first");
    let camera = &config.cameras[0];
    assert_eq!((camera.camera.number, camera.camera.name.as_str()), (101, "Ngã ba Kỳ Anh"));
    assert_eq!(camera.camera.url.as_str(), "rtsp://192.0.2.10:554/sub");
    assert_eq!(
        camera.camera.main_url.as_ref().map(url::Url::as_str),
        Some("rtsp://192.0.2.10:554/main")
    );
    assert_eq!((camera.camera.transport, camera.camera.allow_basic), (Transport::Udp, true));
    assert_eq!((camera.camera.tags.len(), camera.camera.importance), (2, Importance::Low));
    let password = camera.password.as_ref().expect("a password file").expose_secret();
    assert_eq!(password, "dòng đầu", "one line ending is not part of it");
    assert!(!format!("{config:?}").contains(password));
    assert_eq!((config.walls[0].id.as_str(), config.walls[0].cameras.len()), ("led", 3));
    let root_cause = (config.root_cause.share, config.root_cause.least, config.root_cause.window);
    assert_eq!(root_cause, (1.0, 4, Duration::from_secs(120)));
    assert_eq!((config.history.days, config.history.pictures_days), (90, 7));
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    assert_eq!((config.sign_in.idle, config.sign_in.absolute), (minutes(15), minutes(750)));
    let lockout = &config.sign_in.lockout;
    assert_eq!((lockout.failures, lockout.within, lockout.lasts), (3, minutes(1), minutes(15)));
    let picture = config.picture_policy(&camera.camera);
    assert_eq!((config.history.utc_offset_min, picture.utc_offset_min), (-210, -210));
    assert_eq!((picture.presets, picture.loop_max), (4, Duration::from_secs(20 * 60)));
    let conditions = config.conditions(&camera.camera);
    let frozen = conditions.of(Condition::Frozen);
    assert_eq!((frozen.severity, frozen.watch), (Severity::Verify, false));
    assert_eq!((frozen.raise_after, frozen.clear_after), (Duration::from_secs(90), Duration::ZERO));
    assert!(conditions.of(Condition::Moved).watch);
    let order = config.order(&camera.camera);
    assert_eq!((order.codec, order.profile.as_deref()), (Some(Codec::H265), Some("hvc1.1")));
    assert_eq!((order.width, order.height), (Some(704), Some(576)));
    assert_eq!((order.frame_rate_min, order.bitrate_max_kbit), (Some(10), Some(1500)));
}

#[test]
fn the_environment_overrides_the_file_and_its_mistakes_name_the_variable() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/valid/full.toml");
    let environment = variables([
        ("WATCHWALL_HTTP__LISTEN", "127.0.0.1:7000"),
        ("WATCHWALL_INGEST__CAMERAS_PER_WORKER", "5"),
        ("WATCHWALL_HTTP__ORIGINS", "https://a.example https://b.example"),
        ("WATCHWALL_ROOT_CAUSE__SHARE", "0.75"),
        ("WATCHWALL_HISTORY__UTC_OFFSET", "+00:00"),
        ("WATCHWALL_LOG", "debug"),
        ("WATCHWALL_FOOTAGE", "/srv/clips"),
    ]);
    let config = load(&path, &environment).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:7000");
    assert_eq!(config.http.origins, ["https://a.example", "https://b.example"]);
    assert_eq!(config.ingest.cameras_per_worker, 5);
    assert_eq!((config.root_cause.share, config.history.utc_offset_min), (0.75, 0));

    let environment = variables([
        ("WATCHWALL_CAMERA__URL", "x"),
        ("WATCHWALL_HTTP__LISTEN", "everywhere"),
        ("WATCHWALL_INGEST__HANDSHAKES", "5"),
        ("WATCHWALL_STOER__PATH", "x"),
    ]);
    let faults = load(&path, &environment).expect_err("four mistakes");
    assert_eq!(faults.len(), 4, "{faults}");
    for (fault, variable) in
        faults.iter().zip(["CAMERA__URL", "HTTP__LISTEN", "INGEST__HANDSHAKES", "STOER__PATH"])
    {
        assert_eq!(fault.file, format!("environment variable WATCHWALL_{variable}"), "{fault}");
    }
}

#[test]
fn a_password_file_that_everyone_can_read_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    fs::write(&secret, "canary\n").expect("a file");
    let file = folder.path().join("watchwall.toml");
    let camera = "[[camera]]\nid = \"a\"\nnumber = 1\nurl = \"rtsp://192.0.2.1/\"\nusername = \"v\"\npassword_file = \"secret\"\n";
    fs::write(&file, camera).expect("a file");
    for (mode, warnings) in [(0o644, 1), (0o600, 0)] {
        fs::set_permissions(&secret, fs::Permissions::from_mode(mode)).expect("our own file");
        let config = Config::load(&file, &Environment::default())
            .unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(config.warnings.len(), warnings, "{:?}", config.warnings);
        assert!(config.password_files.contains(&secret));
    }
}

#[test]
fn a_missing_file_and_a_file_of_other_bytes_say_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = Config::load(&folder.path().join("none.toml"), &Environment::default())
        .expect_err("no file");
    assert!(faults.to_string().contains("--config"), "{faults}");
    let file = folder.path().join("latin.toml");
    fs::write(&file, b"# first\n# Ng\xe3 ba\n").expect("a file");
    let faults = Config::load(&file, &Environment::default()).expect_err("not UTF-8");
    assert!(
        faults.to_string().contains("latin.toml:2: holds bytes that are not UTF-8"),
        "{faults}"
    );
}

/// A list of cameras as large as a province's, every one on its own lines.
fn five_thousand() -> String {
    (0..5000)
        .map(|n| {
            format!(
                "[[camera]]\nid = \"cam-{n}\"\nnumber = {}\nname = \"Ngã ba số {n}\"\nsite = \"s\"\n\
                 url = \"rtsp://10.{}.{}.7:554/sub\"\ntags = [\"junction\"]\n\n",
                n + 1,
                n / 250,
                n % 250
            )
        })
        .fold("[[site]]\nid = \"s\"\n".to_owned(), |text, camera| text + &camera)
}

#[test]
fn a_list_of_five_thousand_cameras_is_checked_to_the_last() {
    let text = five_thousand().replace("cam-4999\"", "cam-4998\"");
    let environment = Environment::default();
    let started = std::time::Instant::now();
    let faults = Config::parse("big.toml", &text, &environment, &Passwords::Unread)
        .expect_err("one duplicate");
    println!("5,000 cameras checked in {:?}", started.elapsed());
    assert_eq!(faults.len(), 1, "{faults}");
    let fault = faults.iter().next().expect("just counted");
    assert_eq!(fault.key, "camera[4999].id");
    assert_eq!(fault.line, 2 + 4999 * 8 + 2);
}
