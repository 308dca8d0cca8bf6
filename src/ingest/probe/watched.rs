//! What was seen of one session, and what that means to a person.

use std::time::{Duration, Instant};

use super::{
    super::{advice::advice, fault::fault, guard::Algorithm},
    Finding, ProbeReport, SignIn,
};
use crate::{
    domain::{
        camera::Condition,
        clock::ClockReading,
        media::{AccessUnit, Codec, StreamFormat},
    },
    worker::message::{Fault, FromIngest, Step, StreamStats},
};

/// What was seen of a session so far.
#[derive(Debug)]
pub struct Watched {
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
    sign_in: Option<SignIn>,
    pub(super) clock: Option<ClockReading>,
}

impl Default for Watched {
    fn default() -> Self {
        Self::new()
    }
}

impl Watched {
    /// Nothing yet.
    pub fn new() -> Self {
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
            sign_in: None,
            clock: None,
        }
    }

    /// The session is opened now.
    pub fn begin(&mut self) {
        self.started = Instant::now();
    }

    /// Adds something that was found.
    pub fn finding(&mut self, about: &'static str, says: impl Into<String>) {
        self.findings.push(Finding { about, says: says.into() });
    }

    /// When the first packet came.
    pub fn receiving_at(&self) -> Option<Instant> {
        self.receiving_at
    }

    /// Whether all that can be seen was seen: a keyframe, and how long to the next.
    pub fn is_complete(&self) -> bool {
        self.stats.keyframe_interval.is_some()
    }

    /// What is wrong with a session that was watched for so long and ended by nobody but us.
    pub fn overdue(&self, watched_for: Duration) -> Option<Fault> {
        let seconds = watched_for.as_secs_f32();
        if self.receiving_at.is_none() {
            return Some(fault(Condition::Stalled, format!("no video came within {seconds} s")));
        }
        self.keyframe.is_none().then(|| {
            fault(
                Condition::KeyframeOverdue,
                format!("video flows but no keyframe that can be decoded came within {seconds} s"),
            )
        })
    }

    pub(super) fn signed_in(&mut self, how: SignIn) {
        self.sign_in = Some(how);
    }

    fn after(&self) -> String {
        format!("after {:.2} s", self.started.elapsed().as_secs_f64())
    }

    /// The session said something.
    pub fn hear(&mut self, said: FromIngest) {
        let after = self.after();
        match said {
            FromIngest::Step { step, .. } => {
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
            FromIngest::Format { format, .. } => {
                if self.format.is_some() {
                    self.finding(
                        "stream changed",
                        format!("to {}x{} while it was watched", format.width, format.height),
                    );
                }
                self.format = Some(format);
            }
            FromIngest::Stats { stats, .. } => {
                self.clock = stats.clock.or(self.clock);
                let keyframe_interval = stats.keyframe_interval.or(self.stats.keyframe_interval);
                self.stats = StreamStats { keyframe_interval, ..stats };
            }
            FromIngest::Ready | FromIngest::Ended { .. } => {}
        }
    }

    /// It brought a picture.
    pub fn unit(&mut self, unit: AccessUnit) {
        let after = self.after();
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

    /// All of it, once the session is over.
    pub fn report(mut self, fault: Option<Fault>) -> ProbeReport {
        if let Some(sign_in) = self.sign_in.filter(|_| self.reached >= Some(Step::Described)) {
            let sign_in = match sign_in {
                SignIn::None => "none asked for: anyone on the network can watch this camera",
                SignIn::Digest(Algorithm::Md5) => "Digest with MD5",
                SignIn::Digest(Algorithm::Sha256) => "Digest with SHA-256",
                SignIn::Digest(Algorithm::Sha512Trunc256) => "Digest with SHA-512/256",
                SignIn::Basic => "Basic: the password crosses the network in clear text",
            };
            self.finding("sign-in", sign_in);
        }
        if let Some(format) = self.format.clone() {
            let codec = codec_name(format.codec);
            self.finding(
                "video",
                format!("{codec} ({}), {}x{}", format.codec_string, format.width, format.height),
            );
        }
        self.rates();
        let keyframe_interval = self.seconds_between_keyframes();
        if let Some(seconds) = keyframe_interval {
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
            keyframe_interval,
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
            return self.finding("frame rate", "unknown: its timestamps do not run like a clock");
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

/// A codec as people write it.
pub fn codec_name(codec: Codec) -> &'static str {
    match codec {
        Codec::H264 => "H.264",
        Codec::H265 => "H.265",
        Codec::Mjpeg => "MJPEG",
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
