//! `ffmpeg -c copy`, next to which the whole way to the hub is measured.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    Found, WARM_UP,
    cameras::{BYTES_ON_AVERAGE, PICTURES_PER_SECOND},
    cpu, memory,
};

/// `ffmpeg`, one process a stream, as a relay that is made of it would run it.
#[expect(clippy::disallowed_methods, reason = "this thread has nothing else to do")]
pub(crate) fn measure(camera: &str, processes: usize, measured: Duration) -> Found {
    let mut children = Vec::new();
    let mut counts = Vec::new();
    for _ in 0..processes {
        let mut child = Command::new("ffmpeg")
            .args(["-nostdin", "-loglevel", "quiet", "-rtsp_transport", "tcp", "-i"])
            .arg(format!("rtsp://{camera}/x"))
            .args(["-c", "copy", "-f", "null", "-progress", "pipe:1", "-stats_period", "0.2", "-"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("ffmpeg, which the build needs too");
        let count = Arc::new(AtomicU64::new(0));
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let counting = count.clone();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(frames) =
                    line.strip_prefix("frame=").and_then(|n| n.trim().parse().ok())
                {
                    counting.store(frames, Ordering::Relaxed);
                }
            }
        });
        children.push(child);
        counts.push(count);
    }
    let patience = Instant::now() + Duration::from_secs(30);
    while counts.iter().any(|count| count.load(Ordering::Relaxed) == 0) {
        assert!(Instant::now() < patience, "ffmpeg copies nothing");
        thread::sleep(Duration::from_millis(100));
    }
    thread::sleep(WARM_UP);
    let now = || -> (u64, u64) {
        let frames = counts.iter().map(|count| count.load(Ordering::Relaxed)).sum();
        (frames, children.iter().map(|child| cpu(child.id())).sum())
    };
    let before = now();
    thread::sleep(measured);
    let after = now();
    let kib = children.iter().map(|child| memory(child.id())).sum();
    for mut child in children {
        child.kill().expect("ours");
        child.wait().expect("it ends");
    }
    let pictures = after.0 - before.0;
    let expected = processes as u64 * u64::from(PICTURES_PER_SECOND) * measured.as_secs();
    assert!(pictures > expected / 2, "ffmpeg copied {pictures} pictures of {expected}");
    Found {
        pictures,
        bytes: pictures * BYTES_ON_AVERAGE as u64,
        reader_ns: after.1 - before.1,
        kib,
        ..Found::default()
    }
}
