//! Passwords that are nowhere but where they belong: two that occur nowhere else are given to 150
//! cameras, the service logs all that it can, and then everything that leaves it is searched for them.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use watchwall::sim::{Settings, Sim};

use crate::{
    centre::Client,
    served::{Served, USER},
    town::{WITHIN, scenes},
};

/// What the simulated cameras take.
const RIGHT: &str = "kanari-7f3eXq2Zr-right";
/// What they do not.
const WRONG: &str = "kanari-91bcTv5Lw-wrong";
/// One that stands where no password may.
const INLINE: &str = "kanari-c40dHn8Py-inline";

/// Cameras that take their password, and send pictures; as few as show every state, since a test
/// machine decodes all of them.
const PICTURES: u32 = 3;
/// Cameras that refuse it, from the next one to this.
const REFUSED: u32 = 60;
/// The others cannot be reached.
const CAMERAS: u32 = 150;

/// Everything that was said, by where.
#[derive(Default)]
struct Heard(Vec<(String, Vec<u8>)>);

impl Heard {
    fn add(&mut self, place: impl Into<String>, said: impl Into<Vec<u8>>) {
        self.0.push((place.into(), said.into()));
    }

    /// Where a password is, in clear or as Basic sign-in writes it.
    fn leaks(&self) -> Vec<String> {
        let needles: Vec<String> = [RIGHT, WRONG, INLINE]
            .into_iter()
            .flat_map(|word| {
                let basic = STANDARD.encode(format!("{USER}:{word}"));
                [word.to_owned(), basic, STANDARD.encode(word)]
            })
            .collect();
        let found = |said: &[u8], needle: &String| {
            memchr::memmem::find(said, needle.as_bytes()).map(|at| {
                let around = &said[at.saturating_sub(80)..(at + 80).min(said.len())];
                String::from_utf8_lossy(around).into_owned()
            })
        };
        let places = self.0.iter().flat_map(|(place, said)| {
            needles.iter().filter_map(move |needle| Some((place, found(said, needle)?)))
        });
        places.map(|(place, around)| format!("{place}: {around}")).collect()
    }
}

fn secret(folder: &Path, name: &str, password: &str) {
    let file = folder.join(name);
    fs::write(&file, password).expect("room");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("it is ours");
}

fn configuration(folder: &Path, sim: &Sim) -> String {
    let store = folder.join("watchwall.db");
    let mut text = format!(
        "[http]\nlisten = \"127.0.0.1:0\"\n[store]\npath = {store:?}\n\
         [ingest]\nallow_loopback = true\n[decode]\nworkers = 1\n"
    );
    for number in 1..=CAMERAS {
        let file = if (PICTURES + 1..=REFUSED).contains(&number) { "wrong" } else { "right" };
        // Nobody listens at port 9.
        let nobody = ([127, 0, 0, 1], 9).into();
        let host = if number <= REFUSED { sim.rtsp_addr() } else { nobody };
        text.push_str(&format!(
            "[[camera]]\nid = \"cam-{number:03}\"\nnumber = {number}\nname = \"Camera {number}\"\n\
             url = \"rtsp://{host}/cam/{number:03}/sub\"\nusername = \"{USER}\"\n\
             password_file = \"{file}\"\n"
        ));
    }
    text
}

/// The answer to every GET that the description lists, with ids that exist and one that does not.
async fn hear_api(heard: &mut Heard, served: &Served) {
    let base = format!("http://{}", served.address());
    let client = reqwest::Client::new();
    let description = reqwest::get(format!("{base}/api/v1/openapi.json")).await.expect("an answer");
    let description = description.text().await.expect("text");
    let paths: Value = serde_json::from_str(&description).expect("JSON");
    heard.add("openapi", description);
    for (path, calls) in paths["paths"].as_object().expect("paths") {
        if calls.get("get").is_none() {
            continue;
        }
        for id in ["cam-001", "cam-004", "cam-150", "main", "unknown"] {
            let path = path.replace("{id}", id).replace("{file}", "event.jpg");
            let answer = client.get(format!("{base}{path}")).send().await.expect("an answer");
            let headers = format!("{:?}", answer.headers());
            heard.add(format!("headers of {path}"), headers);
            heard.add(path, answer.bytes().await.expect("a whole answer").to_vec());
        }
    }
    hear_orders(heard, &base, &client, &paths).await;
}

/// What is answered to whoever sends a password where there is no place for one.
async fn hear_orders(heard: &mut Heard, base: &str, client: &reqwest::Client, paths: &Value) {
    let bodies = [
        ("application/json", format!("{{\"password\":\"{INLINE}\"}}")),
        ("application/json", format!("{{\"username\":\"{USER}\",\"password\":\"{INLINE}\"}}")),
        ("application/json", format!("{{\"password\":\"{INLINE}")),
        ("text/csv", format!("id,number,url,password\ncam-001,1,rtsp://127.0.0.1:9/a,{INLINE}\n")),
    ];
    let calls = paths["paths"].as_object().expect("paths");
    for (path, calls) in calls {
        for method in ["post", "put", "patch"].into_iter().filter(|name| calls[name].is_object()) {
            let path = path.replace("{id}", "cam-001").replace("{file}", "event.jpg");
            for (kind, body) in &bodies {
                let method = method.to_uppercase().parse().expect("a method");
                let call = client.request(method, format!("{base}{path}"));
                let call = call.header("content-type", *kind).body(body.clone());
                let answer = call.send().await.expect("an answer");
                assert_ne!(answer.status(), 500, "{path}");
                heard.add(format!("an order to {path}"), answer.bytes().await.expect("all of it"));
            }
        }
    }
}

/// What both sockets say of all cameras, and the control socket to whoever sends a password over it.
async fn hear_sockets(heard: &mut Heard, served: &Served) {
    let order = format!(
        r#"{{"type":"command","command":"acknowledge","id":"unknown","password":"{INLINE}"}}"#
    );
    let wish = r#"{"type":"subscribe","tiles":{"cameras":["*"],"width":320}}"#.to_owned();
    for (path, protocol, said) in
        [("control", "watchwall.v1", order), ("media", "watchwall.media.v1", wish)]
    {
        let address = served.address();
        let stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
        let url = format!("ws://{address}/api/v1/{path}");
        let mut client = Client::over(stream, &url, protocol, None).await.expect("a socket");
        client.say(said).await;
        loop {
            let message = client.next().await;
            let refused = |text: &str| text.starts_with(r#"{"type":"error""#);
            let last = message.is_binary() || message.to_text().is_ok_and(refused);
            heard.add(format!("{path} socket"), message.into_data());
            if last {
                break;
            }
        }
    }
}

/// Command lines and environments of the service and of its workers.
fn hear_processes(heard: &mut Heard, served: &Served) {
    let mut pids = vec![served.pid()];
    for role in ["ingest", "decode"] {
        let workers = served.workers(role);
        assert!(!workers.is_empty(), "there are {role} workers");
        pids.extend(workers);
    }
    for pid in pids {
        let command = fs::read(format!("/proc/{pid}/cmdline")).expect("it runs");
        assert!(!command.is_empty());
        heard.add(format!("command line of {pid}"), command);
        // A worker in its sandbox shows it to nobody.
        if let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) {
            heard.add(format!("environment of {pid}"), environment);
        }
    }
}

/// Waits until the service has refused its configuration so often.
async fn until_invalid(served: &Served, times: usize) {
    let deadline = tokio::time::Instant::now() + WITHIN;
    let said = "the configuration is invalid: the one in force stays";
    while served.log().iter().filter(|line| line.contains(said)).count() < times {
        assert!(tokio::time::Instant::now() < deadline, "the configuration was not read again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_password_of_a_camera_is_nowhere_but_in_its_file() {
    let credentials = Some((USER.to_owned(), RIGHT.to_owned()));
    let settings =
        Settings { cameras: REFUSED, credentials, cache: scenes(), ..Settings::default() };
    let sim = Sim::start(settings).await.expect("the simulator starts");
    let folder = tempfile::tempdir().expect("a folder");
    secret(folder.path(), "right", RIGHT);
    secret(folder.path(), "wrong", WRONG);
    let config = folder.path().join("watchwall.toml");
    let good = configuration(folder.path(), &sim);
    fs::write(&config, &good).expect("room");

    let mut served = Served::start_at(&config, "trace").await;
    served.until_online(1..=PICTURES).await;
    for (cameras, condition) in
        [(PICTURES + 1..=REFUSED, "credentials-rejected"), (REFUSED + 1..=CAMERAS, "refused")]
    {
        for camera in cameras {
            let told = |camera: &Value| camera["conditions"].to_string().contains(condition);
            served.until(camera, condition, told).await;
        }
    }

    let mut heard = Heard::default();
    hear_api(&mut heard, &served).await;
    hear_sockets(&mut heard, &served).await;
    hear_processes(&mut heard, &served);
    // A mistake in the file is told with its line, and not with what stands there.
    for (n, mistake) in [format!("password = \"{INLINE}\"\n"), format!("password = \"{INLINE}\n")]
        .iter()
        .enumerate()
    {
        fs::write(&config, format!("{good}{mistake}")).expect("room");
        until_invalid(&served, n + 1).await;
        let mut check = Command::new(env!("CARGO_BIN_EXE_watchwall"));
        let check = check.args(["check", "--config"]).arg(&config).output().expect("it runs");
        assert_eq!(check.status.code(), Some(1), "{check:?}");
        heard.add("check", [check.stdout, check.stderr].concat());
    }
    fs::write(&config, &good).expect("room");

    served.signal("TERM");
    served.ended().await;
    heard.add("log", served.log().join("\n"));
    let traced = served.log().iter().any(|line| line.contains("TRACE"));
    assert!(traced, "the log has all that there is");
    for entry in fs::read_dir(folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        if path.is_file() && !["right", "wrong"].contains(&&*name) {
            heard.add(name, fs::read(&path).expect("a file"));
        }
    }
    assert!(heard.0.iter().any(|(place, _)| place == "watchwall.db"), "the store is searched");
    let bytes: usize = heard.0.iter().map(|(_, said)| said.len()).sum();
    println!("{} places, {bytes} bytes", heard.0.len());
    assert_eq!(heard.leaks(), [""; 0]);

    // The search finds what is there.
    heard.add(
        "planted",
        format!("Authorization: Basic {}", STANDARD.encode(format!("{USER}:{RIGHT}"))),
    );
    assert_eq!(heard.leaks().len(), 1);
}
