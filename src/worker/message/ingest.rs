//! Centre and ingest worker: sessions, their steps and figures, and access units.

use std::{net::SocketAddr, time::Duration};

use bytes::{Buf, BufMut, Bytes};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWrite;

use super::{from_json, kind, malformed};
use crate::{
    domain::{
        camera::{Condition, Handle, Transport},
        clock::ClockReading,
        media::{AccessUnit, Codec, StreamFormat, StreamKind, StreamRef},
        time::UnixMicros,
    },
    worker::link::{Frame, LinkError, LinkWriter},
};

/// One upstream RTSP session, numbered by the centre; a late word of an ended one is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u64);
/// Centre → ingest worker.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ToIngest {
    /// Open a session. Answered by `FromIngest` messages, `Ended` always the last of them.
    Open(Box<OpenSession>),
    /// Which access units to send from now on.
    Forward {
        /// The session.
        session: SessionId,
        /// Which ones.
        forward: Forward,
    },
    /// Tear the session down (RTSP TEARDOWN, bounded), then `Ended` with no condition.
    Close {
        /// The session.
        session: SessionId,
    },
}

/// All that a worker needs to open one session. `Debug` would show the password, so it has none.
#[derive(Serialize, Deserialize)]
pub struct OpenSession {
    /// The number that later words refer to.
    pub session: SessionId,
    /// Whose stream it is.
    pub source: StreamRef,
    /// Where; without credentials.
    pub url: url::Url,
    /// The address to connect to. The centre resolves names once and pins the address, so that a
    /// name cannot lead the worker elsewhere.
    pub address: SocketAddr,
    /// How RTP travels.
    pub transport: Transport,
    /// Name and password, if the camera wants them.
    pub credentials: Option<Credentials>,
    /// Whether a Basic challenge may be answered.
    pub allow_basic: bool,
    /// The first choice of what to send.
    pub forward: Forward,
    /// Deadlines and caps.
    pub limits: SessionLimits,
}

impl std::fmt::Debug for OpenSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenSession")
            .field("session", &self.session)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// A camera's sign-in. No `Debug`: it must not reach a log.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credentials {
    /// The name.
    pub username: String,
    /// The password.
    pub password: String,
}

/// Which access units of a session the centre wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forward {
    /// Random access points only: enough for tiles.
    Keyframes,
    /// Every one: live video, and streams that must be decoded in full.
    All,
}

/// Deadlines and caps of one session; the defaults are those of `docs/cameras.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionLimits {
    /// TCP connect.
    pub connect: Duration,
    /// One RTSP exchange.
    pub exchange: Duration,
    /// DESCRIBE, which wakes some cameras up.
    pub describe: Duration,
    /// No RTP for this long ends the session.
    pub rtp_gap: Duration,
    /// From PLAY to the first RTP packet.
    pub first_packet: Duration,
    /// One RTSP head, bytes.
    pub head_bytes: usize,
    /// One SDP, bytes.
    pub sdp_bytes: usize,
    /// One other body, bytes.
    pub body_bytes: usize,
    /// One access unit, bytes.
    pub access_unit_bytes: usize,
    /// Width times height of a picture, pixels.
    pub pixels: u32,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            exchange: Duration::from_secs(5),
            describe: Duration::from_secs(10),
            rtp_gap: Duration::from_secs(10),
            first_packet: Duration::from_secs(60),
            head_bytes: 64 * 1024,
            sdp_bytes: 256 * 1024,
            body_bytes: 1024 * 1024,
            access_unit_bytes: 8 * 1024 * 1024,
            pixels: 36_000_000,
        }
    }
}

/// Ingest worker → centre, but for access units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum FromIngest {
    /// The worker is up and inside its sandbox.
    Ready,
    /// How far a session has come; each step once, in order.
    Step {
        /// The session.
        session: SessionId,
        /// The step reached.
        step: Step,
    },
    /// What the stream carries; again whenever it changes.
    Format {
        /// The session.
        session: SessionId,
        /// Whose stream it is.
        source: StreamRef,
        /// What it carries.
        format: StreamFormat,
    },
    /// Once a second while the session lives.
    Stats {
        /// The session.
        session: SessionId,
        /// Totals since the session began.
        stats: StreamStats,
    },
    /// The session is over; nothing more comes of it.
    Ended {
        /// The session.
        session: SessionId,
        /// Why, or `None` after a `Close`.
        fault: Option<Fault>,
    },
}

/// The steps of a session on its way to a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// TCP is connected.
    Connected,
    /// DESCRIBE was answered: the sign-in, if any was asked for, succeeded.
    Described,
    /// PLAY was answered: the handshake is over.
    Playing,
    /// The first RTP packet came.
    Receiving,
}

/// Why a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The reason as the wall names it.
    pub condition: Condition,
    /// Evidence in one plain English sentence, cleaned of control characters, without secrets.
    pub evidence: String,
    /// The camera judged our name and password and refused them: counts against its budget.
    pub sign_in_rejected: bool,
}

/// Totals of one session, from its start; rates are differences between two of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamStats {
    /// Bytes from the camera.
    pub bytes: u64,
    /// RTP packets lost, by sequence numbers.
    pub packets_lost: u64,
    /// Access units received whole.
    pub frames: u64,
    /// Of them, random access points.
    pub keyframes: u64,
    /// Access units given up because a part was lost.
    pub frames_damaged: u64,
    /// Since the newest byte of RTP, or the session's start.
    pub since_rtp: Duration,
    /// Since the newest random access point, if there was one.
    pub since_keyframe: Option<Duration>,
    /// Smoothed interval between random access points, once two have come.
    pub keyframe_interval: Option<Duration>,
    /// Keepalives sent that the camera left unanswered.
    pub keepalives_unanswered: u32,
    /// Access units that the worker dropped because the link to the centre was behind.
    pub units_dropped: u64,
    /// RTP packets that came.
    pub packets: u64,
    /// RTP packets that came after a later one.
    pub packets_reordered: u64,
    /// Interarrival jitter (RFC 3550 §6.4.1).
    pub jitter: Duration,
    /// Size of the newest random access point, bytes.
    pub keyframe_bytes: u64,
    /// The camera's clock, once its sender reports tell.
    pub clock: Option<ClockReading>,
}

/// A frame as the centre reads it from an ingest worker.
#[derive(Clone, Debug, PartialEq)]
pub enum IngestFrame {
    /// Control.
    Control(FromIngest),
    /// Media.
    AccessUnit(AccessUnit, SessionId),
}

impl IngestFrame {
    /// Reads a frame from an ingest worker.
    pub fn parse(frame: Frame) -> Result<Self, LinkError> {
        match frame.kind {
            kind::CONTROL => Ok(Self::Control(from_json(&frame)?)),
            kind::ACCESS_UNIT => {
                let malformed =
                    || malformed(kind::ACCESS_UNIT, "short or unknown access unit head");
                let (unit, session) = parse_access_unit(frame.body).ok_or_else(malformed)?;
                Ok(Self::AccessUnit(unit, session))
            }
            other => Err(malformed(other, "not a kind that an ingest worker sends")),
        }
    }
}

impl<W: AsyncWrite + Unpin> LinkWriter<W> {
    /// Queues an access unit for the next flush.
    pub fn queue_access_unit(
        &mut self,
        session: SessionId,
        unit: AccessUnit,
    ) -> Result<(), LinkError> {
        let mut head = [0u8; ACCESS_UNIT_HEAD];
        let mut out = &mut head[..];
        out.put_u64(session.0);
        out.put_u32(unit.source.camera.0);
        out.put_u8(u8::from(unit.source.stream == StreamKind::Main));
        out.put_u8(codec_number(unit.codec));
        out.put_u8(u8::from(unit.random_access) | u8::from(unit.discontinuity) << 1);
        out.put_u64(unit.received_at.0);
        out.put_u32(unit.media_time);
        self.queue(kind::ACCESS_UNIT, &head, unit.data)
    }
}

/// session 8, camera 4, stream 1, codec 1, bits 1, received 8, media time 4.
const ACCESS_UNIT_HEAD: usize = 27;

fn parse_access_unit(mut body: Bytes) -> Option<(AccessUnit, SessionId)> {
    if body.len() < ACCESS_UNIT_HEAD {
        return None;
    }
    let session = SessionId(body.get_u64());
    let camera = Handle(body.get_u32());
    let stream = match body.get_u8() {
        0 => StreamKind::Sub,
        1 => StreamKind::Main,
        _ => return None,
    };
    let codec = CODECS.get(usize::from(body.get_u8())).copied()?;
    let bits = body.get_u8();
    let unit = AccessUnit {
        source: StreamRef { camera, stream },
        codec,
        random_access: bits & 1 != 0,
        discontinuity: bits & 2 != 0,
        received_at: UnixMicros(body.get_u64()),
        media_time: body.get_u32(),
        data: body,
    };
    Some((unit, session))
}

const CODECS: [Codec; 3] = [Codec::H264, Codec::H265, Codec::Mjpeg];

fn codec_number(codec: Codec) -> u8 {
    match codec {
        Codec::H264 => 0,
        Codec::H265 => 1,
        Codec::Mjpeg => 2,
    }
}
