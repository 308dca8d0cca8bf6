//! Viewers by the hundred, in a child process, on one thread: they count messages, check that their
//! sequence has no holes, and measure how old each is when its last byte has been read. What a
//! payload holds is thrown away in the kernel (`MSG_TRUNC`), so that a reader on the same two cores
//! takes as little from the writer as it can; a real one is on another machine.

use std::{
    cell::RefCell,
    io::{self, Write as _},
    mem::MaybeUninit,
    net::{SocketAddr, TcpStream},
    rc::Rc,
    time::{Duration, SystemTime},
};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use socket2::SockRef;
use tokio::{io::Interest, net::TcpStream as Stream, time};
use watchwall::domain::{
    media::{Kind, flags},
    time::UnixMicros,
};

use crate::{
    child,
    frames::{self, Frames, Message, READ_MAX},
    threads::Threads,
};

/// A slow line: 256 kbit/s in pieces.
const SLOW_EVERY: Duration = Duration::from_millis(100);
const SLOW_BYTES: usize = 3_200;
/// What a slow or stalled viewer's side keeps: about what is under way on such a line.
const SLOW_BUFFER: usize = 32 << 10;
/// As the pages do.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// One viewer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Wish {
    /// Where to ask for a WebSocket; `None` for plain TCP.
    pub(crate) path: Option<String>,
    /// What to say then. A viewer that says something tells its progress, too.
    pub(crate) subscribe: Option<String>,
}

/// All of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) address: SocketAddr,
    pub(crate) viewers: Vec<Wish>,
    /// Connects and never reads.
    pub(crate) stalled: Option<Wish>,
    /// Reads 256 kbit/s.
    pub(crate) slow: Option<Wish>,
}

/// What viewers have read between "start" and "stop".
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Read {
    /// Tiles and access units.
    pub(crate) messages: u64,
    /// Bytes on the wire, of everything.
    pub(crate) bytes: u64,
    /// Sequence numbers left out.
    pub(crate) missed: u64,
    /// Messages that say that something was left out.
    pub(crate) jumps: u64,
    /// Ages, microseconds.
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
    pub(crate) p999_us: u64,
    pub(crate) max_us: u64,
}

/// The last word of the child.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) all: Read,
    pub(crate) slow: Read,
    /// CPU time of the child.
    pub(crate) cpu_s: f64,
}

#[derive(Debug)]
struct Tally {
    read: Read,
    ages: Histogram<u64>,
}

type Shared = Rc<RefCell<Tally>>;

impl Tally {
    fn shared() -> Shared {
        let ages = Histogram::new(3).expect("three digits");
        Rc::new(RefCell::new(Self { read: Read::default(), ages }))
    }

    fn restart(&mut self) {
        self.read = Read::default();
        self.ages.reset();
    }

    fn read(&self) -> Read {
        let at = |share| self.ages.value_at_quantile(share);
        Read {
            p50_us: at(0.5),
            p99_us: at(0.99),
            p999_us: at(0.999),
            max_us: self.ages.max(),
            ..self.read.clone()
        }
    }
}

/// One viewer as it reads.
struct Reading {
    stream: Stream,
    tally: Shared,
    frames: Frames,
    /// The last sequence number by camera.
    sequences: Vec<Option<u32>>,
    received: u64,
    tells: bool,
}

/// The child's main function.
pub(crate) fn run() {
    let plan: Plan = child::plan();
    let mut ordered = child::orders();
    let connect = |wish: &Wish, buffer| connect(plan.address, wish, buffer).expect("it listens");
    let _stalled = plan.stalled.as_ref().map(|wish| connect(wish, Some(SLOW_BUFFER)));
    let slow = plan.slow.as_ref().map(|wish| (connect(wish, Some(SLOW_BUFFER)), wish));
    let streams: Vec<_> = plan.viewers.iter().map(|wish| (connect(wish, None), wish)).collect();
    let (tally, slow_tally) = (Tally::shared(), Tally::shared());
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, async {
        for (stream, wish) in streams {
            let reading = Reading::new(stream, wish, tally.clone()).expect("a socket");
            tokio::task::spawn_local(reading.all());
        }
        if let Some((stream, wish)) = slow {
            let reading = Reading::new(stream, wish, slow_tally.clone()).expect("a socket");
            tokio::task::spawn_local(reading.slowly());
        }
        println!("ready");
        assert_eq!(ordered.recv().await.as_deref(), Some("start"));
        tally.borrow_mut().restart();
        slow_tally.borrow_mut().restart();
        let before = Threads::read();
        assert_eq!(ordered.recv().await.as_deref(), Some("stop"));
        let report = Report {
            all: tally.borrow().read(),
            slow: slow_tally.borrow().read(),
            cpu_s: Threads::read().seconds(&before, None),
        };
        println!("{}", serde_json::to_string(&report).expect("plain data"));
    });
}

fn connect(address: SocketAddr, wish: &Wish, buffer: Option<usize>) -> io::Result<TcpStream> {
    let mut stream = frames::connect(address, buffer)?;
    if let Some(path) = &wish.path {
        frames::shake_hands(&mut stream, path)?;
    }
    if let Some(text) = &wish.subscribe {
        stream.write_all(&frames::text(text))?;
    }
    stream.set_nonblocking(true)?;
    Ok(stream)
}

impl Reading {
    fn new(stream: TcpStream, wish: &Wish, tally: Shared) -> io::Result<Self> {
        Ok(Self {
            stream: Stream::from_std(stream)?,
            tally,
            frames: Frames::default(),
            sequences: Vec::new(),
            received: 0,
            tells: wish.subscribe.is_some(),
        })
    }

    /// Reads all there is, whenever there is something, to the end of the connection.
    async fn all(mut self) {
        let mut tick = time::interval(PROGRESS_EVERY);
        loop {
            tokio::select! {
                readable = self.stream.readable() => if readable.is_err() { return },
                _ = tick.tick() => self.tell_progress(),
            }
            loop {
                match self.read(usize::MAX) {
                    Ok(0) => return,
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(_) => return,
                }
            }
        }
    }

    async fn slowly(mut self) {
        let mut tick = time::interval(SLOW_EVERY);
        let mut progress = time::interval(PROGRESS_EVERY);
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                _ = progress.tick() => {
                    self.tell_progress();
                    continue;
                }
            }
            let mut left = SLOW_BYTES;
            while left > 0 {
                match self.read(left) {
                    Ok(0) => return,
                    Ok(read) => left -= read,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(_) => return,
                }
            }
        }
    }

    /// One read of at most so many bytes.
    fn read(&mut self, most: usize) -> io::Result<usize> {
        /// Never written to.
        const NOWHERE: usize = 256 << 10;
        let rest = self.frames.rest();
        let stream = &self.stream;
        if rest > 0 {
            let mut nowhere = [MaybeUninit::uninit(); NOWHERE];
            let nowhere = &mut nowhere[..rest.min(most).min(NOWHERE)];
            let read = stream.try_io(Interest::READABLE, || {
                SockRef::from(stream).recv_with_flags(nowhere, libc::MSG_TRUNC)
            })?;
            // At the end of the connection nothing is skipped.
            if read > 0
                && let Some(message) = self.frames.skipped(read)
            {
                self.message(&message);
            }
            return Ok(read);
        }
        let mut bytes = [0; READ_MAX];
        let wished = self.frames.wishes().min(most).min(READ_MAX);
        let read = stream.try_read(&mut bytes[..wished])?;
        let mut frames = std::mem::take(&mut self.frames);
        frames.push(&bytes[..read], |message| self.message(&message));
        self.frames = frames;
        Ok(read)
    }

    fn message(&mut self, message: &Message) {
        let mut tally = self.tally.borrow_mut();
        tally.read.bytes += message.wire;
        let Some(header) = &message.header else { return };
        self.received += message.payload;
        if header.kind == Kind::VideoConfiguration {
            return;
        }
        let camera = usize::try_from(header.camera.0).expect("a small handle");
        if self.sequences.len() <= camera {
            self.sequences.resize(camera + 1, None);
        }
        if let Some(last) = self.sequences[camera].replace(header.sequence) {
            tally.read.missed += u64::from(header.sequence.wrapping_sub(last + 1));
        }
        tally.read.jumps += u64::from(header.flags & flags::DISCONTINUITY != 0);
        tally.read.messages += 1;
        let age = UnixMicros::from(SystemTime::now()).since(header.received_at);
        let _ = tally.ages.record(u64::try_from(age.as_micros()).unwrap_or(u64::MAX));
    }

    fn tell_progress(&mut self) {
        if self.tells {
            let progress = format!(r#"{{"type":"progress","received":{}}}"#, self.received);
            // Its line is full the other way: the next one tells.
            let _ = self.stream.try_write(&frames::text(&progress));
        }
    }
}
