//! What the guard costs: CPU time per access unit and memory per session, of an ingest worker
//! (guard, RTSP library, link) and of the bare RTSP library on the same streams. The streams are
//! sub streams in real time (4 KB pictures in 3 packets, a 30 KB keyframe every 25), served by
//! another process. Asserts that every session delivered its pictures.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures_util::StreamExt;
use retina::{
    client::{PlayOptions, Session, SessionOptions, SetupOptions},
    codec::{CodecItem, FrameFormat},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, UnixStream},
    runtime::Builder,
    sync::oneshot,
    time::{Instant, interval, timeout},
};
use watchwall::{
    domain::{
        camera::{Handle, Transport},
        media::{StreamKind, StreamRef},
    },
    ingest,
    worker::{
        link::{LinkReader, LinkWriter},
        message::{
            Forward, FromIngest, IngestFrame, OpenSession, SessionId, SessionLimits, Step, ToIngest,
        },
    },
};

#[expect(dead_code, reason = "shared with the tests, which use all of it")]
#[path = "../tests/it/fake_camera.rs"]
mod fake_camera;
use fake_camera::{Packets, h264_sdp};

const SESSIONS: usize = 25;
const FRAMES_PER_SECOND: u32 = 25;
const MEASURED: Duration = Duration::from_secs(6);

fn main() {
    if std::env::args().any(|argument| argument == "serve") {
        return serve();
    }
    let mut server = Command::new(std::env::current_exe().expect("this program"))
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts");
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("it prints its address");
    let camera: SocketAddr = line.trim().parse().expect("an address");
    println!(
        "{SESSIONS} sessions of {FRAMES_PER_SECOND} pictures/s, {} s each",
        MEASURED.as_secs()
    );
    let alone = on_a_thread("bare library", move || bare(camera));
    let all = on_a_thread("worker, all pictures", move || worker(camera, Forward::All));
    let keyframes =
        on_a_thread("worker, keyframes only", move || worker(camera, Forward::Keyframes));
    println!("worker / bare: {:.2} (all), {:.2} (keyframes only)", all / alone, keyframes / alone);
    stop(&mut server);
}

fn stop(server: &mut Child) {
    // It ends with its standard input.
    drop(server.stdin.take());
    server.wait().expect("it ends");
}

/// Runs one measurement on a thread of its own and prints it; returns CPU time per picture, µs.
fn on_a_thread(what: &str, measure: impl FnOnce() -> (u64, u64, u64) + Send + 'static) -> f64 {
    let thread = std::thread::Builder::new().name("measured".to_owned()).spawn(measure);
    let (nanoseconds, pictures, kib) = thread.expect("a thread").join().expect("it measures");
    let expected = SESSIONS as u64 * u64::from(FRAMES_PER_SECOND) * MEASURED.as_secs();
    assert!(
        pictures > expected / 2 && pictures < expected * 2,
        "{pictures} pictures, about {expected} expected"
    );
    let each = nanoseconds as f64 / 1000.0 / pictures as f64;
    println!(
        "{what:24} {each:6.1} µs per picture ({pictures} pictures), {} KiB per session",
        kib / SESSIONS as u64
    );
    each
}

/// CPU time of this thread so far, ns.
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split(' ').next().and_then(|n| n.parse().ok()).expect("a number first")
}

/// Resident memory of this process, KiB.
fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    4 * text.split(' ').nth(1).and_then(|n| n.parse::<u64>().ok()).expect("a number")
}

fn bare(camera: SocketAddr) -> (u64, u64, u64) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let before = memory();
    runtime.block_on(async {
        let mut sessions = tokio::task::JoinSet::new();
        for _ in 0..SESSIONS {
            let url = format!("rtsp://{camera}/x").parse().expect("a URL");
            let mut session =
                Session::describe(url, SessionOptions::default()).await.expect("described");
            session
                .setup(0, SetupOptions::default().frame_format(FrameFormat::SIMPLE))
                .await
                .expect("set up");
            let mut demuxed = session
                .play(PlayOptions::default())
                .await
                .expect("playing")
                .demuxed()
                .expect("H.264");
            sessions.spawn(async move {
                let mut pictures = 0;
                let end = Instant::now() + MEASURED;
                while let Ok(Some(Ok(item))) = tokio::time::timeout_at(end, demuxed.next()).await {
                    pictures += u64::from(matches!(item, CodecItem::VideoFrame(_)));
                }
                pictures
            });
        }
        let start = cpu();
        let pictures = sessions.join_all().await.into_iter().sum();
        (cpu() - start, pictures, memory().saturating_sub(before))
    })
}

fn worker(camera: SocketAddr, forward: Forward) -> (u64, u64, u64) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (near, far) = std::os::unix::net::UnixStream::pair().expect("a socket pair");
    let (playing, all_play) = oneshot::channel();
    let centre = std::thread::Builder::new()
        .name("centre".to_owned())
        .spawn(move || centre(near, camera, forward, playing));
    let before = memory();
    let (start, kib) = runtime.block_on(async {
        far.set_nonblocking(true).expect("a socket");
        let link = UnixStream::from_std(far).expect("a socket");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let mut running = std::pin::pin!(ingest::run(link, listener));
        // Handshakes are not what is measured.
        tokio::select! {
            _ = &mut running => unreachable!("the centre keeps the link"),
            _ = all_play => {}
        }
        let start = cpu();
        let _ = timeout(MEASURED / 2, &mut running).await;
        let kib = memory().saturating_sub(before);
        let _ = running.await;
        (start, kib)
    });
    let nanoseconds = cpu() - start;
    let pictures = centre.expect("a thread").join().expect("it counts");
    (nanoseconds, pictures, kib)
}

/// The other end of the link: opens the sessions and counts what comes, by the worker's figures.
fn centre(
    link: std::os::unix::net::UnixStream,
    camera: SocketAddr,
    forward: Forward,
    all_play: oneshot::Sender<()>,
) -> u64 {
    let mut all_play = Some(all_play);
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        link.set_nonblocking(true).expect("a socket");
        let (reader, writer) = UnixStream::from_std(link).expect("a socket").into_split();
        let (mut reader, mut writer) = (LinkReader::new(reader), LinkWriter::new(writer));
        for n in 0..SESSIONS {
            let open = OpenSession {
                session: SessionId(n as u64),
                source: StreamRef { camera: Handle(n as u32), stream: StreamKind::Sub },
                url: format!("rtsp://{camera}/x").parse().expect("a URL"),
                address: camera,
                transport: Transport::Tcp,
                credentials: None,
                allow_basic: false,
                forward,
                limits: SessionLimits::default(),
            };
            writer.control(&ToIngest::Open(Box::new(open))).await.expect("the worker lives");
        }
        let mut end = Instant::now() + Duration::from_secs(60);
        let (mut playing, mut frames) = (0, vec![0; SESSIONS]);
        while let Ok(frame) = tokio::time::timeout_at(end, reader.next()).await {
            let frame = frame.expect("the link is whole").expect("the worker lives");
            match IngestFrame::parse(frame).expect("well formed") {
                IngestFrame::Control(FromIngest::Step { step: Step::Playing, .. }) => {
                    playing += 1;
                    if playing == SESSIONS {
                        end = Instant::now() + MEASURED;
                        all_play.take().expect("once").send(()).expect("the worker waits for it");
                    }
                }
                IngestFrame::Control(FromIngest::Stats { session, stats }) => {
                    frames[session.0 as usize] = stats.frames
                }
                IngestFrame::Control(FromIngest::Ended { fault, .. }) => unreachable!("{fault:?}"),
                _ => {}
            }
        }
        frames.iter().sum()
    })
}

fn serve() {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let parent = std::thread::Builder::new().name("parent".to_owned()).spawn(|| {
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
    parent.expect("a thread");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("{}", listener.local_addr().expect("bound"));
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::spawn(async move {
                let mut camera = fake_camera::Connection::new(stream);
                camera.handshake(&h264_sdp()).await;
                let mut packets = Packets::default();
                let mut tick = interval(Duration::from_secs(1) / FRAMES_PER_SECOND);
                for n in 0u32.. {
                    tick.tick().await;
                    let (keyframe, bytes) =
                        if n.is_multiple_of(25) { (true, 30_000) } else { (false, 4000) };
                    let picture = packets.interleaved(&[&Packets::slice(keyframe, bytes)]);
                    if camera.stream.write_all(&picture).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
}
