//! The floor: one thread, plain TCP, all that is due to a viewer in one vectored write, at the same
//! gathering as the hub. No handshake, no subscriptions, no rules but "drop the oldest".

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use socket2::SockRef;
use watchwall::domain::media::Header;

use super::{
    Path,
    frame::{HEAD, head},
    mix::{Lane, Picture},
};

/// Messages that a viewer may be behind: two seconds of the heavy mix.
const KEPT: usize = 8192;
/// Messages in one write.
const BATCH: usize = 64;
/// As the hub's sockets.
const NOT_SENT_LOWAT: u32 = 128 << 10;

/// A message, framed once.
#[derive(Clone)]
struct Frame {
    head: [u8; HEAD],
    head_len: usize,
    payload: Bytes,
}

impl Frame {
    fn len(&self) -> usize {
        self.head_len + self.payload.len()
    }

    fn rest(&self, written: usize) -> [IoSlice<'_>; 2] {
        let head = &self.head[..self.head_len];
        let payload = &self.payload[written.saturating_sub(self.head_len)..];
        [IoSlice::new(&head[written.min(self.head_len)..]), IoSlice::new(payload)]
    }
}

/// Messages by position.
#[derive(Default)]
struct Log {
    frames: VecDeque<Frame>,
    first: u64,
}

impl Log {
    fn end(&self) -> u64 {
        self.first + self.frames.len() as u64
    }

    fn from(&self, position: u64) -> impl Iterator<Item = &Frame> {
        let start = usize::try_from(position - self.first).expect("small");
        self.frames.range(start..(start + BATCH).min(self.frames.len()))
    }
}

struct Viewer {
    stream: TcpStream,
    next: u64,
    partial: Option<(Frame, usize)>,
}

/// Starts the floor.
pub(crate) fn start(lane: Lane) -> Path {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    listener.set_nonblocking(true).expect("a socket");
    let shared: Arc<(Mutex<Vec<Frame>>, Condvar)> = Arc::default();
    let (inbox, stop) = (shared.clone(), Arc::new(AtomicBool::new(false)));
    let stopped = stop.clone();
    let run = move || {
        let (mut viewers, mut log, mut fresh) = (Vec::new(), Log::default(), Vec::new());
        let mut gathering = Gathering::new();
        while !stopped.load(Ordering::Relaxed) {
            let mut waiting = inbox.0.lock().expect("no panic");
            if waiting.is_empty() {
                waiting =
                    inbox.1.wait_timeout(waiting, Duration::from_millis(50)).expect("no panic").0;
            }
            drop(waiting);
            gathering.wait();
            std::mem::swap(&mut *inbox.0.lock().expect("no panic"), &mut fresh);
            log.frames.extend(fresh.drain(..));
            while log.frames.len() > KEPT {
                log.frames.pop_front();
                log.first += 1;
            }
            while let Ok((stream, _)) = listener.accept() {
                viewers.push(Viewer::new(stream, log.end()).expect("a socket"));
            }
            viewers.retain_mut(|viewer| viewer.write(&log).is_ok());
        }
    };
    let thread = std::thread::Builder::new().name("raw".into()).spawn(run).expect("a thread");
    let publish = Box::new(move |picture: Picture| {
        let mut frame = Frame { head: [0; HEAD], head_len: 0, payload: picture.payload.clone() };
        frame.head_len = head(&mut frame.head, lane, &picture);
        let mut inbox = shared.0.lock().expect("no panic");
        inbox.push(frame);
        if inbox.len() == 1 {
            shared.1.notify_one();
        }
    });
    let stop = Box::new(move || {
        stop.store(true, Ordering::Relaxed);
        thread.join().expect("no panic");
    });
    Path { address, publish, stop }
}

/// Waits as the hub does: a little after the first message that is due, and so long after the
/// writes before.
struct Gathering {
    began: Instant,
}

impl Gathering {
    /// As `hub::fanout::Policy`.
    const GATHER: Duration = Duration::from_micros(200);
    const ROUND: Duration = Duration::from_millis(1);

    fn new() -> Self {
        Self { began: Instant::now() }
    }

    fn wait(&mut self) {
        let next = (Instant::now() + Self::GATHER).max(self.began + Self::ROUND);
        while let Some(left) = next.checked_duration_since(Instant::now()) {
            std::thread::park_timeout(left);
        }
        self.began = Instant::now();
    }
}

impl Viewer {
    fn new(stream: TcpStream, next: u64) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        SockRef::from(&stream).set_tcp_notsent_lowat(NOT_SENT_LOWAT)?;
        Ok(Self { stream, next, partial: None })
    }

    /// Writes until there is nothing more, or the socket takes no more.
    fn write(&mut self, log: &Log) -> io::Result<()> {
        self.next = self.next.max(log.first);
        while self.next < log.end() || self.partial.is_some() {
            if !self.write_once(log)? {
                break;
            }
        }
        Ok(())
    }

    /// `false` when the socket took less than it was given.
    fn write_once(&mut self, log: &Log) -> io::Result<bool> {
        let mut slices = [IoSlice::new(&[]); 2 * (BATCH + 1)];
        let (mut count, mut bytes) = (0, 0);
        if let Some((frame, written)) = &self.partial {
            slices[..2].copy_from_slice(&frame.rest(*written));
            (count, bytes) = (2, frame.len() - written);
        }
        let rest = bytes;
        for frame in log.from(self.next) {
            slices[count..count + 2].copy_from_slice(&frame.rest(0));
            (count, bytes) = (count + 2, bytes + frame.len());
        }
        let written = match io::Write::write_vectored(&mut &self.stream, &slices[..count]) {
            Ok(written) => written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        };
        let all = written == bytes;
        if let Some((_, before)) = &mut self.partial
            && written < rest
        {
            *before += written;
            return Ok(false);
        }
        self.partial = None;
        let mut left = written - rest;
        for frame in log.from(self.next) {
            if left == 0 {
                break;
            }
            self.next += 1;
            if left < frame.len() {
                self.partial = Some((frame.clone(), left));
                break;
            }
            left -= frame.len();
        }
        Ok(all)
    }
}

const _: () = assert!(HEAD == 10 + Header::LEN);
