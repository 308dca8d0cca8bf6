//! `watchwall serve` and `watchwall check` as commands: what they refuse, how they stop, and how a
//! changed file is taken over.

use std::{
    process::{Command, Output},
    time::{Duration, Instant},
};

use crate::served::{self, Premises, Served, now_us};

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_adds_and_removes_cameras_and_touches_no_other_and_a_bad_one_nothing() {
    let sim = served::simulator(5).await;
    let mut premises = Premises::new();
    premises.cameras_of(&sim, 1..=4);
    premises.write("");
    let mut served = Served::start(&premises.config()).await;
    served.until_online(1..=4).await;
    let connections = || sim.stats().cameras[..3].iter().map(|c| c.connections).collect::<Vec<_>>();
    let untouched = connections();

    // The file alone is enough; nobody has to ask.
    premises.remove(4);
    premises.cameras_of(&sim, [5]);
    premises.write("");
    served.until_online([5]).await;
    let numbers: Vec<_> = served.cameras().await.iter().map(|c| c["number"].as_u64()).collect();
    assert_eq!(numbers, [1, 2, 3, 5].map(Some));
    let closed = || sim.stats().cameras[3].connections_open == 0;
    wait_until("camera 4 is let go", closed).await;

    premises.spoil();
    served.signal("HUP");
    served.logged("the configuration is invalid: the one in force stays").await;
    served.logged("Not An Id").await;
    served.until_pictures(now_us(), &[1, 2, 3, 5]).await;

    premises.remove(5);
    premises.write("");
    served.signal("HUP");
    wait_until("camera 5 is let go", || sim.stats().cameras[4].connections_open == 0).await;
    served.until_pictures(now_us(), &[1, 2, 3]).await;
    assert_eq!(connections(), untouched, "no session of the others was touched");

    let asked = Instant::now();
    served.signal("TERM");
    assert!(served.ended().await.success());
    println!("stopped {:?} after SIGTERM", asked.elapsed());
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    wait_until("cameras are said goodbye to", || {
        sim.stats().cameras.iter().all(|camera| camera.connections_open == 0)
    })
    .await;
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_the_service_at_once() {
    let sim = served::simulator(1).await;
    let mut premises = Premises::new();
    premises.cameras_of(&sim, [1]);
    premises.write("");
    let mut served = Served::start(&premises.config()).await;
    served.until_online([1]).await;
    let workers = served.workers("ingest");
    // Workers that are stopped do not end when they are asked to: a graceful stop waits for them.
    workers.iter().for_each(|pid| served::signal(*pid, "STOP"));
    served.signal("TERM");
    served.logged("stopping").await;
    served.signal("TERM");
    let status = served.ended().await;
    assert_eq!(status.code(), Some(130), "{status}");
    workers.iter().for_each(|pid| served::signal(*pid, "CONT"));
    wait_until("its workers end by themselves", || {
        workers.iter().all(|pid| served::resident(*pid) == 0)
    })
    .await;
    sim.shutdown().await;
}

#[test]
fn ten_mistakes_are_told_in_ten_lines_with_their_remedies() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("watchwall.toml");
    let text = r#"
[http]
listen = "anywhere"
[ingest]
cameras_per_worker = 0
rtp_gap = "soon"
colour = "red"
[[camera]]
id = "Ngã Ba"
number = 1
url = "rtsp://192.0.2.1/a"
[[camera]]
id = "b"
number = 2
url = "http://192.0.2.1/b"
[[camera]]
id = "c"
number = 2
url = "rtsp://192.0.2.1/c"
transport = "pigeon"
[[camera]]
id = "d"
number = 4
url = "rtsp://192.0.2.1/d"
site = "nowhere"
[[camera]]
id = "e"
number = 5
url = "rtsp://viewer:password@192.0.2.1/e"
"#;
    std::fs::write(&file, text).expect("room");
    let output = watchwall(&["check", "--config", &file.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let faults: Vec<&str> = said.lines().filter(|line| line.contains("watchwall.toml:")).collect();
    assert_eq!(faults.len(), 10, "{said}");
    assert!(said.lines().any(|line| line == "10 faults"), "{said}");
    assert!(!said.contains("viewer:password"), "{said}");
}

#[test]
fn outside_this_machine_it_serves_neither_without_sign_in_nor_in_clear() {
    let premises = Premises::new();
    premises.write("");
    let config = premises.config().to_string_lossy().into_owned();
    let refusal = |args: &[&str]| {
        let output = watchwall(args);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let said = refusal(&["serve", "--config", &config, "--listen", "0.0.0.0:0"]);
    assert!(said.contains("tls_certificate"), "{said}");
    let outside = ["serve", "--insecure-no-auth", "--config", &config, "--listen", "0.0.0.0:0"];
    let said = refusal(&outside);
    assert!(said.contains("0.0.0.0:0 is not a loopback address"), "{said}");
}

fn watchwall(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_watchwall")).args(args).output().expect("the binary runs")
}

async fn wait_until(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + crate::town::WITHIN;
    while !is() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
