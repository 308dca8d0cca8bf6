//! The whole service on simulated cameras: what it shows is what the cameras do.

use watchwall::sim::FaultKind;

use crate::town::Town;

#[tokio::test(flavor = "multi_thread")]
async fn cameras_come_online_and_a_stalled_one_is_told_and_comes_back() {
    let town = Town::new(6).await;
    town.until_online(1..=6).await;
    assert!(town.sim.stats().handshakes_at_once_max <= 16);

    town.sim.faults().set(3, FaultKind::Stall, None).expect("there is a camera 3");
    let told = town.until(3, "was told as stalled", |camera| camera["state"] == "stalled").await;
    assert_eq!(told["conditions"][0], "stalled");
    town.until_online([1, 2, 4, 5, 6]).await;

    town.sim.faults().clear(3).expect("there is a camera 3");
    town.until_online([3]).await;
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_is_back_and_only_its_cameras_paused() {
    let town = Town::new(4).await;
    town.until_online(1..=4).await;
    let workers = children("ingest");
    assert!(!workers.is_empty());
    for pid in workers {
        kill(pid);
    }
    // Pictures go on: later ones than any from before the kill.
    let killed_at =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let killed_at = u64::try_from(killed_at.as_micros()).expect("before the year 500,000");
    for n in 1..=4 {
        let fresh = |camera: &serde_json::Value| camera["last_frame_at"].as_u64() > Some(killed_at);
        town.until(n, "had a picture after the kill", fresh).await;
    }
    town.stop().await;
}

/// Worker processes of this test process.
fn children(role: &str) -> Vec<i32> {
    let mine = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            let read =
                |file| std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
            let stat = read("stat");
            let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
            parent == Some(&mine) && read("cmdline").contains(&format!("worker\0{role}"))
        })
        .collect()
}

fn kill(pid: i32) {
    let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(killed.expect("kill runs").success());
}
