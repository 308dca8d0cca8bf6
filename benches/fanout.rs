//! What it costs to deliver one media message, three ways in one run:
//!
//! - `raw`   one thread, plain TCP, one vectored write per viewer about each millisecond: the floor
//! - `hub`   the media path as it is served: `hub::fanout` behind the HTTP handshake
//! - `axum`  a tokio broadcast channel and axum's WebSocket `send` per message: the usual way
//!
//! All three send the same bytes to the same reader, a child process, so its CPU time is not
//! counted. What is counted is the run time of *all* threads of this process (schedstat, exact to
//! the nanosecond), the publisher's included, divided by the messages that the reader has read from
//! its live viewers. One more viewer is connected and never reads. The axum runtime has one worker:
//! a second one makes it dearer per message.
//!
//! It asserts that the work was done, never how fast: `cargo bench --bench fanout [-- --quick]`.

use std::{
    collections::VecDeque,
    fs,
    io::{BufRead, BufReader, IoSlice, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime},
};

use axum::{
    Router,
    extract::{State, WebSocketUpgrade, ws::Message},
    routing::get,
};
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::future::BoxFuture;
use hdrhistogram::Histogram;
use socket2::SockRef;
use tokio::sync::broadcast;
use watchwall::{
    desk::view::View,
    domain::{
        camera::{Handle, WallId},
        media::{Header, Kind, Tile, flags},
        time::UnixMicros,
    },
    http::{App, serve},
    hub::{
        fanout::{Fanout, Policy},
        snapshots::{Snapshot, SnapshotError, Snapshots},
    },
};

const CAMERAS: u32 = 150;

#[derive(Clone, Copy)]
struct Mix {
    name: &'static str,
    per_second: f64,
    bytes: usize,
}

const TILES: Mix = Mix { name: "150 x 4/s x 9 KB", per_second: 4.0, bytes: 9_000 };
const HEAVY: Mix = Mix { name: "150 x 25/s x 10 KB", per_second: 25.0, bytes: 10_000 };

/// Where published pictures go.
type Publish = Box<dyn FnMut(Handle, &Tile, UnixMicros) + Send>;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, flag, mode, address, viewers] = &args[..]
        && flag == "--reader"
    {
        return reader(
            mode,
            address.parse().expect("an address"),
            viewers.parse().expect("a number"),
        );
    }
    // `cargo test` runs benches without `--bench`: they only have to work then.
    let quick = args.iter().any(|arg| arg == "--quick") || !args.iter().any(|arg| arg == "--bench");
    let (mixes, viewers, seconds) = if quick {
        (&[HEAVY][..], &[1, 8][..], 0.6)
    } else {
        (&[TILES, HEAVY][..], &[1, 8, 32, 128][..], 3.0)
    };
    println!(
        "CPU time of all writer threads per message that a live viewer has read; one more viewer is stalled.\n"
    );
    for mix in mixes {
        println!("{}", mix.name);
        println!(
            "viewers  path   us/message   of raw  of axum     p50 ms   p99 ms   delivered   skipped  cores"
        );
        for viewers in viewers {
            let results =
                ["raw", "hub", "axum"].map(|path| (path, measure(path, *mix, *viewers, seconds)));
            let cost = |n: usize| results[n].1.us_per_message();
            for (path, result) in &results {
                println!(
                    "{viewers:7}  {path:5} {:11.2} {:8.2} {:8.2} {:10.2} {:8.2} {:10.1}% {:8.1}% {:6.2}",
                    result.us_per_message(),
                    result.us_per_message() / cost(0),
                    result.us_per_message() / cost(2),
                    result.p50_us as f64 / 1e3,
                    result.p99_us as f64 / 1e3,
                    100.0 * result.messages as f64 / result.due,
                    (100.0 - 100.0 * result.messages as f64 / result.due).max(0.0),
                    result.cpu_s / result.wall_s,
                );
                assert!(result.messages > 0, "{path}: nothing was delivered");
                assert!(
                    result.messages as f64 > 0.2 * result.due.min(20_000.0),
                    "{path}: hardly anything was delivered"
                );
            }
        }
        println!();
    }
}

struct Measured {
    messages: u64,
    due: f64,
    cpu_s: f64,
    wall_s: f64,
    p50_us: u64,
    p99_us: u64,
}

impl Measured {
    fn us_per_message(&self) -> f64 {
        self.cpu_s * 1e6 / self.messages as f64
    }
}

fn measure(path: &str, mix: Mix, viewers: u32, seconds: f64) -> Measured {
    let (address, publish, stop) = match path {
        "raw" => raw(),
        "hub" => hub(),
        _ => broadcast(),
    };
    let publisher = Publisher::start(mix, publish);
    let mut reader = Reader::start(path, address, viewers);
    let (cpu, start) = (cpu_time(), Instant::now());
    reader.tell("start");
    // The publisher runs by the clock; this thread only lets the time pass.
    publisher.pass(Duration::from_secs_f64(seconds));
    reader.tell("stop");
    let (cpu_s, wall_s) = ((cpu_time() - cpu).as_secs_f64(), start.elapsed().as_secs_f64());
    let [messages, p50_us, p99_us] = reader.result();
    publisher.stop();
    stop();
    let due = wall_s * mix.per_second * f64::from(CAMERAS) * f64::from(viewers);
    Measured { messages, due, cpu_s, wall_s, p50_us, p99_us }
}

/// The run time of every thread of this process so far.
fn cpu_time() -> Duration {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux");
    let nanos = tasks.filter_map(|task| {
        let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

/// Publishes each camera in its turn, evenly spread, about each millisecond what is due.
struct Publisher {
    ended: Arc<(Mutex<bool>, Condvar)>,
    thread: JoinHandle<()>,
}

impl Publisher {
    fn start(mix: Mix, mut publish: Publish) -> Self {
        let ended = Arc::new((Mutex::new(false), Condvar::new()));
        let watched = ended.clone();
        let jpeg: Bytes = vec![0x5a; mix.bytes].into();
        let run = move || {
            let tile = Tile { width: 320, height: 180, jpeg };
            let start = Instant::now();
            let mut published = 0u64;
            let mut end = watched.0.lock().expect("no panic");
            while !*end {
                let due = start.elapsed().as_secs_f64() * mix.per_second * f64::from(CAMERAS);
                let now = UnixMicros::from(SystemTime::now());
                while (published as f64) < due {
                    let camera = u32::try_from(published % u64::from(CAMERAS)).expect("small") + 1;
                    publish(Handle(camera), &tile, now);
                    published += 1;
                }
                end = watched.1.wait_timeout(end, Duration::from_millis(1)).expect("no panic").0;
            }
        };
        let thread =
            std::thread::Builder::new().name("publisher".into()).spawn(run).expect("a thread");
        Self { ended, thread }
    }

    fn pass(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut end = self.ended.0.lock().expect("no panic");
        while Instant::now() < until {
            end = self.ended.1.wait_timeout(end, until - Instant::now()).expect("no panic").0;
        }
    }

    fn stop(self) {
        *self.ended.0.lock().expect("no panic") = true;
        self.ended.1.notify_all();
        self.thread.join().expect("no panic");
    }
}

/// Header and payload behind one WebSocket frame header, in one buffer.
fn framed(camera: Handle, sequence: u32, tile: &Tile, at: UnixMicros) -> Bytes {
    let header = Header {
        kind: Kind::Tile,
        flags: flags::KEYFRAME,
        camera,
        sequence,
        received_at: at,
        media_time: 0,
    };
    let len = Header::LEN + tile.jpeg.len();
    let mut frame = BytesMut::with_capacity(len + 4);
    frame.put_slice(&[0x82, 126]);
    frame.put_u16(u16::try_from(len).expect("small tiles"));
    frame.put_slice(&header.encode());
    frame.put_slice(&tile.jpeg);
    frame.freeze()
}

// ---- raw ----

/// A viewer that the floor writes to.
struct Plain {
    stream: TcpStream,
    next: u64,
    partial: Option<(Bytes, usize)>,
}

fn raw() -> (SocketAddr, Publish, Box<dyn FnOnce()>) {
    const KEPT: usize = 1024;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    listener.set_nonblocking(true).expect("a socket");
    let shared: Arc<(Mutex<Vec<Bytes>>, Condvar)> = Arc::default();
    let (inbox, stop) = (shared.clone(), Arc::new(AtomicBool::new(false)));
    let stopped = stop.clone();
    let run = move || {
        let mut viewers: Vec<Plain> = Vec::new();
        let mut log: VecDeque<Bytes> = VecDeque::new();
        let (mut first, mut fresh) = (0u64, Vec::new());
        let mut began = Instant::now();
        while !stopped.load(Ordering::Relaxed) {
            let mut waiting = inbox.0.lock().expect("no panic");
            if waiting.is_empty() {
                waiting =
                    inbox.1.wait_timeout(waiting, Duration::from_millis(50)).expect("no panic").0;
            }
            drop(waiting);
            // The same gathering: a fifth of a millisecond, and a whole one between two rounds.
            let policy = Policy::default();
            let next = (Instant::now() + policy.gather).max(began + policy.round);
            #[expect(
                clippy::disallowed_methods,
                reason = "the floor has no runtime, and none is cheaper"
            )]
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
            began = Instant::now();
            std::mem::swap(&mut *inbox.0.lock().expect("no panic"), &mut fresh);
            log.extend(fresh.drain(..));
            while log.len() > KEPT {
                log.pop_front();
                first += 1;
            }
            let head = first + log.len() as u64;
            while let Ok((stream, _)) = listener.accept() {
                stream.set_nonblocking(true).expect("a socket");
                stream.set_nodelay(true).expect("a socket");
                SockRef::from(&stream).set_tcp_notsent_lowat(128 << 10).expect("a socket");
                viewers.push(Plain { stream, next: head, partial: None });
            }
            viewers.retain_mut(|viewer| write_plain(viewer, &log, first, head).is_ok());
        }
    };
    let thread = std::thread::Builder::new().name("raw".into()).spawn(run).expect("a thread");
    let mut sequence = 0;
    let publish: Publish = Box::new(move |camera, tile, at| {
        sequence += 1;
        let mut inbox = shared.0.lock().expect("no panic");
        inbox.push(framed(camera, sequence, tile, at));
        if inbox.len() == 1 {
            shared.1.notify_one();
        }
    });
    let end = Box::new(move || {
        stop.store(true, Ordering::Relaxed);
        thread.join().expect("no panic");
    });
    (address, publish, end)
}

fn write_plain(
    viewer: &mut Plain,
    log: &VecDeque<Bytes>,
    first: u64,
    head: u64,
) -> std::io::Result<()> {
    viewer.next = viewer.next.max(first);
    let mut slices = [IoSlice::new(&[]); 65];
    if let Some((frame, written)) = &viewer.partial {
        slices[0] = IoSlice::new(&frame[*written..]);
    }
    let due = usize::try_from(head - viewer.next).expect("small").min(64);
    let start = usize::try_from(viewer.next - first).expect("small");
    for (slice, frame) in slices[1..].iter_mut().zip(log.range(start..start + due)) {
        *slice = IoSlice::new(frame);
    }
    if slices.iter().all(|slice| slice.is_empty()) {
        return Ok(());
    }
    let mut left = match viewer.stream.write_vectored(&slices[..=due]) {
        Ok(written) => written,
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(()),
        Err(error) => return Err(error),
    };
    if let Some((frame, written)) = &mut viewer.partial {
        let rest = frame.len() - *written;
        if left < rest {
            *written += left;
            return Ok(());
        }
        left -= rest;
        viewer.partial = None;
    }
    for frame in log.range(start..start + due) {
        if left == 0 {
            break;
        }
        viewer.next += 1;
        if left < frame.len() {
            viewer.partial = Some((frame.clone(), left));
            break;
        }
        left -= frame.len();
    }
    Ok(())
}

// ---- hub ----

struct NoSnapshots;

impl Snapshots for NoSnapshots {
    fn camera(&self, _: Handle, _: Option<u32>) -> BoxFuture<'_, Result<Snapshot, SnapshotError>> {
        Box::pin(std::future::ready(Err(SnapshotError::Unknown)))
    }
    fn wall(&self, _: WallId, _: Option<u32>) -> BoxFuture<'_, Result<Snapshot, SnapshotError>> {
        Box::pin(std::future::ready(Err(SnapshotError::Unknown)))
    }
}

fn one_worker() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
}

fn hub() -> (SocketAddr, Publish, Box<dyn FnOnce()>) {
    let runtime = one_worker();
    let (fanout, thread) = Fanout::spawn(Policy::default()).expect("a thread");
    let listener =
        runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a free port");
    let address = listener.local_addr().expect("bound");
    let app =
        App::new(Arc::new(View::default()), fanout.clone(), Arc::new(NoSnapshots), address, &[]);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = runtime.spawn(serve(listener, app, async {
        let _ = stopped.await;
    }));
    let publish: Publish = Box::new(move |camera, tile, at| {
        fanout.publish_tile(camera, 320, tile, at, 0, flags::KEYFRAME);
    });
    let end = Box::new(move || {
        stop.send(()).expect("it serves");
        runtime.block_on(served).expect("no panic").expect("it served");
        thread.join().expect("no panic");
    });
    (address, publish, end)
}

// ---- axum ----

fn broadcast() -> (SocketAddr, Publish, Box<dyn FnOnce()>) {
    let runtime = one_worker();
    let listener =
        runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a free port");
    let address = listener.local_addr().expect("bound");
    let sender = broadcast::Sender::<Bytes>::new(1024);
    let router = Router::new().route("/api/v1/media", get(subscribe)).with_state(sender.clone());
    runtime.spawn(async move {
        axum::serve(
            axum::serve::ListenerExt::tap_io(listener, |stream| {
                stream.set_nodelay(true).expect("a socket");
            }),
            router,
        )
        .await
    });
    let mut sequence = 0;
    let publish: Publish = Box::new(move |camera, tile, at| {
        sequence += 1;
        // Nobody listening yet is fine.
        let _ = sender.send(framed(camera, sequence, tile, at).slice(4..));
    });
    (address, publish, Box::new(move || runtime.shutdown_background()))
}

async fn subscribe(
    State(sender): State<broadcast::Sender<Bytes>>,
    upgrade: WebSocketUpgrade,
) -> axum::response::Response {
    let mut messages = sender.subscribe();
    upgrade.protocols(["watchwall.media.v1"]).on_upgrade(async move |mut socket| {
        loop {
            match messages.recv().await {
                Ok(message) => {
                    if socket.send(Message::Binary(message)).await.is_err() {
                        return;
                    }
                }
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    })
}

// ---- the reader: a child process ----

struct Reader {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Reader {
    fn start(mode: &str, address: SocketAddr, viewers: u32) -> Self {
        let own = std::env::current_exe().expect("this program");
        let mut child = Command::new(own)
            .args(["--reader", mode, &address.to_string(), &viewers.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let (to, from) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        let mut reader = Self { child, to, from: BufReader::new(from) };
        assert_eq!(reader.line(), "ready");
        reader
    }

    fn tell(&mut self, word: &str) {
        writeln!(self.to, "{word}").expect("the child lives");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("the child lives");
        line.trim().to_owned()
    }

    fn result(mut self) -> [u64; 3] {
        let line = self.line();
        let mut figures = line.split(' ').map(|figure| figure.parse().expect("a figure"));
        self.child.wait().expect("it ends");
        std::array::from_fn(|_| figures.next().expect("three figures"))
    }
}

/// What the child has read. One thread; counts only between "start" and "stop".
struct Tally {
    counting: bool,
    connected: u32,
    messages: u64,
    delays: Histogram<u64>,
    buffer: Vec<u8>,
}

fn reader(mode: &str, address: SocketAddr, viewers: u32) {
    let connect = || {
        let mut stream = TcpStream::connect(address).expect("it listens");
        if mode != "raw" {
            shake_hands(&mut stream, address);
        }
        stream
    };
    let _stalled = connect();
    let streams: Vec<TcpStream> = (0..viewers).map(|_| connect()).collect();
    let delays = Histogram::<u64>::new(3).expect("three digits");
    let tally =
        Tally { counting: false, connected: 0, messages: 0, delays, buffer: vec![0; 256 << 10] };
    let tally = std::rc::Rc::new(std::cell::RefCell::new(tally));
    let (orders, mut ordered) = tokio::sync::mpsc::channel::<String>(2);
    let listen = move || {
        for line in std::io::stdin().lines() {
            let Ok(line) = line else { return };
            if orders.blocking_send(line).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("orders".into()).spawn(listen).expect("a thread");
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, async move {
        for stream in streams {
            tokio::task::spawn_local(read_all(stream, tally.clone()));
        }
        while tally.borrow().connected < viewers {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        println!("ready");
        assert_eq!(ordered.recv().await.as_deref(), Some("start"));
        tally.borrow_mut().counting = true;
        assert_eq!(ordered.recv().await.as_deref(), Some("stop"));
        let tally = tally.borrow();
        println!(
            "{} {} {}",
            tally.messages,
            tally.delays.value_at_quantile(0.5),
            tally.delays.value_at_quantile(0.99)
        );
    });
}

fn shake_hands(stream: &mut TcpStream, address: SocketAddr) {
    let request = format!(
        "GET /api/v1/media HTTP/1.1\r\nHost: {address}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         Sec-WebSocket-Protocol: watchwall.media.v1\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("it is open");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    let text = br#"{"type":"subscribe","tiles":{"cameras":["*"],"width":320}}"#;
    // Masked, as a client's frames are, with a mask of zeroes.
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).expect("short"), 0, 0, 0, 0];
    frame.extend_from_slice(text);
    stream.write_all(&frame).expect("it is open");
}

async fn read_all(stream: TcpStream, tally: std::rc::Rc<std::cell::RefCell<Tally>>) {
    stream.set_nonblocking(true).expect("a socket");
    let stream = tokio::net::TcpStream::from_std(stream).expect("a socket");
    let (mut head, mut filled, mut skip, mut known) = ([0u8; 4 + Header::LEN], 0, 0, false);
    while stream.readable().await.is_ok() {
        let mut guard = tally.borrow_mut();
        let tally = &mut *guard;
        let len = match stream.try_read(&mut tally.buffer) {
            Ok(0) => return,
            Ok(len) => len,
            Err(_) => continue,
        };
        let now = UnixMicros::from(SystemTime::now());
        let mut at = 0;
        while at < len {
            let skipped = skip.min(len - at);
            (at, skip) = (at + skipped, skip - skipped);
            let taken = (head.len() - filled).min(len - at);
            head[filled..filled + taken].copy_from_slice(&tally.buffer[at..at + taken]);
            (at, filled) = (at + taken, filled + taken);
            if filled == head.len() {
                assert_eq!(head[..2], [0x82, 126], "a binary frame of medium length");
                skip = usize::from(u16::from_be_bytes([head[2], head[3]])) - Header::LEN;
                filled = 0;
                let header = Header::decode(&head[4..]).expect("a header");
                if !std::mem::replace(&mut known, true) {
                    tally.connected += 1;
                }
                if tally.counting {
                    tally.messages += 1;
                    let delay = now.since(header.received_at).as_micros();
                    tally.delays.record(u64::try_from(delay).expect("short")).expect("it resizes");
                }
            }
        }
    }
}
