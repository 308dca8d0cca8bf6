//! Why does or doesn't this camera work: one session, watched from the first connect to a few
//! seconds of video, and told to a person finding by finding. The caller decodes the keyframe.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    net::{TcpListener, lookup_host},
    sync::watch,
    time::{sleep_until, timeout},
};
use url::Url;

use super::{
    advice::advice,
    fault::{fault, from_io},
    guard::{Algorithm, SignIn},
    outbox::{Outgoing, queue},
    relay::Gate,
    session::{self, Wish},
};
use crate::{
    domain::{
        camera::{Condition, Handle, Transport},
        clock::ClockReading,
        media::{AccessUnit, Codec, StreamFormat, StreamKind, StreamRef},
    },
    worker::message::{
        Credentials, Fault, Forward, FromIngest, OpenSession, SessionId, SessionLimits, Step,
        StreamStats,
    },
};

/// What to probe.
pub struct Probe {
    /// The stream, without credentials.
    pub url: Url,
    /// Name and password, if the camera wants them.
    pub credentials: Option<Credentials>,
    /// How RTP travels.
    pub transport: Transport,
    /// Whether the password may be sent in clear text.
    pub allow_basic: bool,
    /// Deadlines and caps.
    pub limits: SessionLimits,
    /// How long to wait for a second keyframe once video flows.
    pub watch_for: Duration,
}

/// What was found.
#[derive(Debug)]
pub struct ProbeReport {
    /// In the order in which they were found, for a person.
    pub findings: Vec<Finding>,
    /// The farthest step reached.
    pub reached: Option<Step>,
    /// Why the camera cannot be watched, if so.
    pub fault: Option<Fault>,
    /// What to try then.
    pub advice: Option<&'static str>,
    /// What the stream carries.
    pub format: Option<StreamFormat>,
    /// How the session signed in.
    pub sign_in: SignIn,
    /// The camera's clock, if it sends its time.
    pub clock: Option<ClockReading>,
    /// The first random access point: decoding it is the proof.
    pub keyframe: Option<AccessUnit>,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub about: &'static str,
    /// What was found, in words.
    pub says: String,
}

/// Probes a camera. Takes as long as the session's deadlines and `watch_for` together, at most.
pub async fn probe(probe: Probe) -> ProbeReport {
    let mut watched = Watched::new();
    let fault = match watch_session(&probe, &mut watched).await {
        Ok(ending) => {
            watched.sign_in = ending.observed.sign_in;
            watched.clock = ending.observed.clock;
            ending.fault
        }
        Err(fault) => Some(fault),
    };
    watched.report(fault)
}

async fn watch_session(probe: &Probe, watched: &mut Watched) -> Result<session::Ending, Fault> {
    let address = resolve(&probe.url, probe.limits.connect).await?;
    watched.finding("address", format!("{address}, over {}", transport_name(probe.transport)));
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(|error| from_io("opening the relay", &error))?;
    let gate = Gate::new(listener).map_err(|error| from_io("opening the relay", &error))?;
    let open = OpenSession {
        session: SessionId(0),
        source: StreamRef { camera: Handle(0), stream: StreamKind::Sub },
        url: probe.url.clone(),
        address,
        transport: probe.transport,
        credentials: probe.credentials.clone(),
        allow_basic: probe.allow_basic,
        forward: Forward::All,
        limits: probe.limits,
    };
    let (outbox, mut inbox) = queue();
    let (wishes, wish) = watch::channel(Wish { forward: Forward::All, close: false });
    let mut running = std::pin::pin!(session::run(&open, &gate, &outbox, wish));
    watched.started = Instant::now();
    loop {
        let deadline = watched.receiving_at.map_or_else(far_off, |at| at + probe.watch_for);
        tokio::select! {
            ending = &mut running => {
                // What it said last is still in the queue.
                while let Ok(Some(outgoing)) = timeout(Duration::ZERO, inbox.next()).await {
                    watched.take(outgoing);
                }
                return Ok(ending);
            }
            Some(outgoing) = inbox.next() => watched.take(outgoing),
            () = sleep_until(deadline.into()) => break,
        }
        if watched.stats.keyframe_interval.is_some() {
            break;
        }
    }
    wishes.send_modify(|wish| wish.close = true);
    let mut ending = running.await;
    // Ended by our own wish: the deadlines of the stream itself were kept.
    if watched.keyframe.is_none() {
        let seconds = probe.watch_for.as_secs_f32();
        ending.fault = Some(fault(
            Condition::KeyframeOverdue,
            format!("video flows but no keyframe that can be decoded came within {seconds} s"),
        ));
    }
    Ok(ending)
}

fn far_off() -> Instant {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    Instant::now() + DAY
}

async fn resolve(url: &Url, deadline: Duration) -> Result<SocketAddr, Fault> {
    /// RFC 2326 §3.2.
    const PORT: u16 = 554;
    if url.scheme() != "rtsp" {
        return Err(fault(
            Condition::Unsupported,
            format!("{}:// is not supported, only rtsp://", url.scheme()),
        ));
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let found = timeout(deadline, lookup_host((host, url.port().unwrap_or(PORT)))).await;
    let address = found.ok().and_then(Result::ok).and_then(|mut addresses| addresses.next());
    address.ok_or_else(|| {
        fault(Condition::Unreachable, format!("the name {host} does not resolve to an address"))
    })
}

fn transport_name(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP",
    }
}

/// What the probe has seen so far.
struct Watched {
    started: Instant,
    findings: Vec<Finding>,
    reached: Option<Step>,
    receiving_at: Option<Instant>,
    format: Option<StreamFormat>,
    stats: StreamStats,
    keyframe: Option<AccessUnit>,
    keyframe_bytes: usize,
    first_media: Option<u32>,
    last_media: u32,
    units: u32,
    unit_bytes: u64,
    keyframes: u32,
    keyframe_at: Option<Instant>,
    /// The first and the newest keyframe's.
    keyframes_media: Option<(u32, u32)>,
    sign_in: SignIn,
    clock: Option<ClockReading>,
}

impl Watched {
    fn new() -> Self {
        Self {
            started: Instant::now(),
            findings: Vec::new(),
            reached: None,
            receiving_at: None,
            format: None,
            stats: StreamStats::default(),
            keyframe: None,
            keyframe_bytes: 0,
            first_media: None,
            last_media: 0,
            units: 0,
            unit_bytes: 0,
            keyframes: 0,
            keyframe_at: None,
            keyframes_media: None,
            sign_in: SignIn::None,
            clock: None,
        }
    }

    fn finding(&mut self, about: &'static str, says: String) {
        self.findings.push(Finding { about, says });
    }

    fn take(&mut self, outgoing: Outgoing) {
        let after = format!("after {:.2} s", self.started.elapsed().as_secs_f64());
        match outgoing {
            Outgoing::Control(FromIngest::Step { step, .. }) => {
                self.reached = Some(step);
                match step {
                    Step::Connected => self.finding("connected", after),
                    Step::Described => self.finding("stream described", after),
                    Step::Playing => {}
                    Step::Receiving => {
                        self.receiving_at = Some(Instant::now());
                        self.finding("first packet", after);
                    }
                }
            }
            Outgoing::Control(FromIngest::Format { format, .. }) => {
                if self.format.is_some() {
                    self.finding(
                        "stream changed",
                        format!("to {}x{} while it was watched", format.width, format.height),
                    );
                }
                self.format = Some(format);
            }
            Outgoing::Control(FromIngest::Stats { stats, .. }) => self.stats = stats,
            Outgoing::Control(FromIngest::Ready | FromIngest::Ended { .. }) => {}
            Outgoing::Unit(_, unit) => self.unit(unit, &after),
        }
    }

    fn unit(&mut self, unit: AccessUnit, after: &str) {
        self.first_media.get_or_insert(unit.media_time);
        self.last_media = unit.media_time;
        self.units += 1;
        self.unit_bytes += unit.data.len() as u64;
        if unit.random_access {
            self.keyframes += 1;
            self.keyframe_bytes = self.keyframe_bytes.max(unit.data.len());
            self.keyframes_media.get_or_insert((unit.media_time, unit.media_time)).1 =
                unit.media_time;
            if self.keyframe.is_none() {
                self.finding("first keyframe", format!("{after}, {} KB", unit.data.len() / 1000));
                self.keyframe_at = Some(Instant::now());
                self.keyframe = Some(unit);
            } else if self.stats.keyframe_interval.is_none() {
                // Sooner than the figures of the next second.
                self.stats.keyframe_interval =
                    self.keyframe_at.map(|first| first.elapsed() / (self.keyframes - 1));
            }
        }
    }

    fn report(mut self, fault: Option<Fault>) -> ProbeReport {
        if self.reached >= Some(Step::Described) {
            let sign_in = match self.sign_in {
                SignIn::None => "none asked for: anyone on the network can watch this camera",
                SignIn::Digest(Algorithm::Md5) => "Digest with MD5",
                SignIn::Digest(Algorithm::Sha256) => "Digest with SHA-256",
                SignIn::Digest(Algorithm::Sha512Trunc256) => "Digest with SHA-512/256",
                SignIn::Basic => "Basic: the password crosses the network in clear text",
            };
            self.finding("sign-in", sign_in.to_owned());
        }
        if let Some(format) = self.format.clone() {
            let codec = match format.codec {
                Codec::H264 => "H.264",
                Codec::H265 => "H.265",
                Codec::Mjpeg => "MJPEG",
            };
            self.finding(
                "video",
                format!("{codec} ({}), {}x{}", format.codec_string, format.width, format.height),
            );
        }
        self.rates();
        if let Some(seconds) = self.seconds_between_keyframes() {
            let slow = if seconds > 4.0 {
                ": tiles of it are decoded in full, or refresh this slowly"
            } else {
                ""
            };
            self.finding("keyframe interval", format!("{seconds:.1} s{slow}"));
        }
        if let Some(clock) = self.clock {
            self.finding("clock", told(&clock));
        }
        if self.stats.packets_lost > 0 {
            self.finding(
                "loss",
                format!("{} packets lost while it was watched", self.stats.packets_lost),
            );
        }
        let advice = fault.as_ref().map(|fault| advice(fault.condition, self.reached));
        ProbeReport {
            findings: self.findings,
            reached: self.reached,
            fault,
            advice,
            format: self.format,
            sign_in: self.sign_in,
            clock: self.clock,
            keyframe: self.keyframe,
        }
    }

    /// By the camera's own clock, which a burst at the start does not bend, or by ours if its
    /// timestamps do not run like a clock.
    fn seconds_between_keyframes(&self) -> Option<f64> {
        let arrivals = self.stats.keyframe_interval?.as_secs_f64();
        let (first, newest) = self.keyframes_media?;
        let intervals = f64::from(self.keyframes.saturating_sub(1));
        let media = seconds(first, newest) / intervals;
        Some(if (0.01..3600.0).contains(&media) { media } else { arrivals })
    }

    /// By the camera's own clock too.
    fn rates(&mut self) {
        let Some(first) = self.first_media.filter(|_| self.units > 1) else { return };
        let seconds = seconds(first, self.last_media);
        if !(0.01..3600.0).contains(&seconds) {
            return self.finding(
                "frame rate",
                "unknown: its timestamps do not run like a clock".to_owned(),
            );
        }
        let (frames, bytes) = (f64::from(self.units - 1), self.unit_bytes as f64);
        self.finding("frame rate", format!("{:.1} per second", frames / seconds));
        self.finding(
            "bit rate",
            format!(
                "{:.0} kbit/s",
                bytes * 8.0 / 1000.0 / seconds * frames / f64::from(self.units)
            ),
        );
    }
}

/// A camera's clock, in words.
fn told(clock: &ClockReading) -> String {
    let (offset, error) = (clock.offset_s, clock.error_s);
    if clock.is_unset() {
        "never set: point the camera to a time server".to_owned()
    } else if offset.abs() - error > 5.0 {
        format!("the camera is {offset:+.1} s off: point it to a time server")
    } else {
        format!("{offset:+.1} s against this machine, within {error:.1} s")
    }
}

/// Between two media times.
fn seconds(from: u32, to: u32) -> f64 {
    f64::from(to.wrapping_sub(from)) / 90_000.0
}
