//! The cameras of the bench: sub streams in real time, each picture with the time of its sending.

use std::{thread, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    net::TcpListener,
    runtime::Builder,
    time::{Instant, MissedTickBehavior, interval_at},
};

use super::now_us;

#[expect(dead_code, reason = "shared with the tests, which use all of it")]
#[path = "../../tests/it/fake_camera.rs"]
mod fake_camera;
use fake_camera::{Packets, h264_sdp};

pub(crate) const PICTURES_PER_SECOND: u32 = 25;
pub(crate) const PICTURE: usize = 4000;
pub(crate) const KEYFRAME: usize = 30_000;
/// A second's bytes over its pictures.
pub(crate) const BYTES_ON_AVERAGE: usize =
    PICTURE + (KEYFRAME - PICTURE) / PICTURES_PER_SECOND as usize;

/// The cameras.
pub(crate) fn serve() {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let parent = thread::Builder::new().name("parent".to_owned()).spawn(|| {
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
    parent.expect("a thread");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("{}", listener.local_addr().expect("bound"));
        let period = Duration::from_secs(1) / PICTURES_PER_SECOND;
        for n in 0u32.. {
            let (stream, _) = listener.accept().await.expect("a client");
            let _ = stream.set_nodelay(true);
            tokio::spawn(async move {
                let mut camera = fake_camera::Connection::new(stream);
                camera.handshake(&h264_sdp()).await;
                let mut packets = Packets::default();
                // Cameras do not send in step with each other.
                let phase = period * (n * 7 % 25) / 25;
                let mut tick = interval_at(Instant::now() + phase, period);
                tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
                for n in 0u32.. {
                    tick.tick().await;
                    let keyframe = n % PICTURES_PER_SECOND == 0;
                    let mut slice =
                        Packets::slice(keyframe, if keyframe { KEYFRAME } else { PICTURE });
                    stamp(&mut slice);
                    let picture = packets.interleaved(&[&slice]);
                    if camera.stream.write_all(&picture).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
}

/// Writes the time of sending at the end of a picture, in digits, which look like no start code.
fn stamp(slice: &mut [u8]) {
    let at = slice.len() - 16;
    slice[at..].copy_from_slice(format!("{:016x}", now_us()).as_bytes());
}

/// When a picture was sent, µs since 1970.
pub(crate) fn stamp_of(unit: &[u8]) -> u64 {
    let digits = unit.last_chunk::<16>().and_then(|end| std::str::from_utf8(end).ok());
    digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()).expect("a stamp")
}
