//! What the centre and its workers say to each other. Control is JSON (rare, readable in a dump);
//! access units and tiles are binary (hot).

use std::{net::SocketAddr, time::Duration};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::AsyncWrite;

use super::link::{Frame, LinkError, LinkWriter};
use crate::domain::{
    camera::{Condition, Handle, Transport},
    media::{AccessUnit, Codec, StreamFormat, StreamKind, StreamRef, Tile},
    time::UnixMicros,
};

/// Frame kinds.
mod kind {
    pub(super) const CONTROL: u8 = 1;
    pub(super) const ACCESS_UNIT: u8 = 2;
    pub(super) const DECODE_JOB: u8 = 3;
    pub(super) const DECODED: u8 = 4;
}

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
}

/// Centre → decode worker: one access unit and what to make of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeJob {
    /// Comes back with the answer.
    pub job: u64,
    /// The codec of `data`.
    pub codec: Codec,
    /// Whether the decoder keeps its state for this camera.
    pub mode: DecodeMode,
    /// Largest width times height to decode, pixels.
    pub pixels_max: u32,
    /// Widths to make tiles of, from the ladder; empty to only decode.
    pub widths: Vec<u16>,
    /// The access unit.
    pub data: Bytes,
}

/// How an access unit is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecodeMode {
    /// A random access point by itself: one shared decoder, flushed before and after.
    Still,
    /// One of a run: a decoder of its own for this camera, which stays open.
    Continuous(Handle),
    /// The camera's own decoder is no longer needed; `data` is empty.
    Forget(Handle),
}

/// Decode worker → centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The job's number.
    pub job: u64,
    /// The picture, or why there is none.
    pub outcome: Result<Picture, DecodeFault>,
}

/// One decoded picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The source's width in pixels.
    pub width: u32,
    /// The source's height in pixels.
    pub height: u32,
    /// CPU time of decoding.
    pub decode: Duration,
    /// CPU time of scaling and JPEG coding, all sizes.
    pub tile: Duration,
    /// One per width asked for, in the same order.
    pub tiles: Vec<Tile>,
}

/// Why an access unit gave no picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum DecodeFault {
    /// It is damaged; never shown.
    Damaged {
        /// What the decoder said.
        why: String,
    },
    /// Its size is over the limit, or a codec feature is not supported.
    Unsupported {
        /// What it is.
        why: String,
    },
    /// A continuous decoder has nothing to show yet.
    NotYet,
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

/// Reads a control frame (`ToIngest` in the worker).
pub fn parse_control<T: DeserializeOwned>(frame: &Frame) -> Result<T, LinkError> {
    match frame.kind {
        kind::CONTROL => from_json(frame),
        other => Err(malformed(other, "not a control frame")),
    }
}

impl<W: AsyncWrite + Unpin> LinkWriter<W> {
    /// Sends a control message.
    pub async fn control<T: Serialize>(&mut self, message: &T) -> Result<(), LinkError> {
        let json = serde_json::to_vec(message).expect("the messages above always serialise");
        self.send(kind::CONTROL, &json, &[]).await
    }

    /// Sends an access unit.
    pub async fn access_unit(
        &mut self,
        session: SessionId,
        unit: &AccessUnit,
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
        self.send(kind::ACCESS_UNIT, &head, &unit.data).await
    }

    /// Sends a decode job.
    pub async fn decode_job(&mut self, job: &DecodeJob) -> Result<(), LinkError> {
        let head = JobHead {
            job: job.job,
            codec: job.codec,
            mode: job.mode,
            pixels_max: job.pixels_max,
            widths: job.widths.clone(),
        };
        self.send(kind::DECODE_JOB, &with_length(&head), &job.data).await
    }

    /// Sends a decode worker's answer.
    pub async fn decoded(&mut self, decoded: &Decoded) -> Result<(), LinkError> {
        let (outcome, tiles) = match &decoded.outcome {
            Ok(picture) => (Ok(picture), &picture.tiles[..]),
            Err(fault) => (Err(fault.clone()), &[][..]),
        };
        let head = DecodedHead {
            job: decoded.job,
            outcome: outcome.map(|picture| PictureHead {
                width: picture.width,
                height: picture.height,
                decode: picture.decode,
                tile: picture.tile,
                tiles: tiles.iter().map(|t| (t.width, t.height, t.jpeg.len())).collect(),
            }),
        };
        let mut payload = BytesMut::with_capacity(tiles.iter().map(|tile| tile.jpeg.len()).sum());
        tiles.iter().for_each(|tile| payload.extend_from_slice(&tile.jpeg));
        self.send(kind::DECODED, &with_length(&head), &payload).await
    }
}

impl DecodeJob {
    /// Reads a job in a decode worker.
    pub fn parse(frame: Frame) -> Result<Self, LinkError> {
        let (head, data) = split_head::<JobHead>(frame, kind::DECODE_JOB)?;
        let JobHead { job, codec, mode, pixels_max, widths } = head;
        Ok(Self { job, codec, mode, pixels_max, widths, data })
    }
}

impl Decoded {
    /// Reads an answer in the centre.
    pub fn parse(frame: Frame) -> Result<Self, LinkError> {
        let (head, mut payload) = split_head::<DecodedHead>(frame, kind::DECODED)?;
        let outcome = match head.outcome {
            Err(fault) => Err(fault),
            Ok(picture) => {
                let mut tiles = Vec::with_capacity(picture.tiles.len().min(16));
                for (width, height, length) in picture.tiles {
                    if length > payload.len() {
                        return Err(malformed(kind::DECODED, "a tile is longer than the frame"));
                    }
                    tiles.push(Tile { width, height, jpeg: payload.split_to(length) });
                }
                Ok(Picture {
                    width: picture.width,
                    height: picture.height,
                    decode: picture.decode,
                    tile: picture.tile,
                    tiles,
                })
            }
        };
        Ok(Self { job: head.job, outcome })
    }
}

#[derive(Serialize, Deserialize)]
struct JobHead {
    job: u64,
    codec: Codec,
    mode: DecodeMode,
    pixels_max: u32,
    widths: Vec<u16>,
}

#[derive(Serialize, Deserialize)]
struct DecodedHead {
    job: u64,
    outcome: Result<PictureHead, DecodeFault>,
}

#[derive(Serialize, Deserialize)]
struct PictureHead {
    width: u32,
    height: u32,
    decode: Duration,
    tile: Duration,
    /// Width, height and bytes of each.
    tiles: Vec<(u16, u16, usize)>,
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

/// A JSON head with its own length in front, so that binary can follow it.
fn with_length<T: Serialize>(head: &T) -> Vec<u8> {
    let json = serde_json::to_vec(head).expect("the heads above always serialise");
    let mut out = Vec::with_capacity(4 + json.len());
    out.put_u32(u32::try_from(json.len()).expect("a head is small"));
    out.extend_from_slice(&json);
    out
}

fn split_head<T: DeserializeOwned>(frame: Frame, expected: u8) -> Result<(T, Bytes), LinkError> {
    if frame.kind != expected {
        return Err(malformed(frame.kind, "not the kind expected here"));
    }
    let mut body = frame.body;
    let short = || malformed(expected, "shorter than its head");
    let length = body.try_get_u32().map_err(|_| short())? as usize;
    if length > body.len() {
        return Err(short());
    }
    let head = body.split_to(length);
    let head =
        serde_json::from_slice(&head).map_err(|error| malformed(expected, &error.to_string()))?;
    Ok((head, body))
}

fn from_json<T: DeserializeOwned>(frame: &Frame) -> Result<T, LinkError> {
    serde_json::from_slice(&frame.body).map_err(|error| malformed(frame.kind, &error.to_string()))
}

fn malformed(kind: u8, why: &str) -> LinkError {
    LinkError::Malformed { kind, why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::link::LinkReader;

    #[tokio::test]
    async fn an_access_unit_crosses_the_link_unchanged() {
        let unit = AccessUnit {
            source: StreamRef { camera: Handle(7), stream: StreamKind::Main },
            codec: Codec::H265,
            random_access: true,
            discontinuity: true,
            received_at: UnixMicros(12_345),
            media_time: 90_000,
            data: Bytes::from_static(&[0, 0, 1, 0x26, 1]),
        };
        let (near, far) = tokio::io::duplex(4096);
        LinkWriter::new(near).access_unit(SessionId(3), &unit).await.expect("room in the duplex");
        let frame = LinkReader::new(far).next().await.expect("whole").expect("one");
        let read = IngestFrame::parse(frame).expect("well formed");
        assert_eq!(read, IngestFrame::AccessUnit(unit, SessionId(3)));
    }

    #[tokio::test]
    async fn a_job_and_its_answer_cross_the_link_unchanged() {
        let job = DecodeJob {
            job: 5,
            codec: Codec::H264,
            mode: DecodeMode::Continuous(Handle(2)),
            pixels_max: 36_000_000,
            widths: vec![160, 320],
            data: Bytes::from_static(b"unit"),
        };
        let tile = |width| Tile { width, height: 90, jpeg: Bytes::from(vec![1; width.into()]) };
        let decoded = Decoded {
            job: 5,
            outcome: Ok(Picture {
                width: 640,
                height: 360,
                decode: Duration::from_micros(900),
                tile: Duration::from_micros(120),
                tiles: vec![tile(160), tile(320)],
            }),
        };
        let (near, far) = tokio::io::duplex(4096);
        let mut writer = LinkWriter::new(near);
        writer.decode_job(&job).await.expect("room");
        writer.decoded(&decoded).await.expect("room");
        let mut reader = LinkReader::new(far);
        let frame = reader.next().await.expect("whole").expect("one");
        assert_eq!(DecodeJob::parse(frame).expect("well formed"), job);
        let frame = reader.next().await.expect("whole").expect("one");
        assert_eq!(Decoded::parse(frame).expect("well formed"), decoded);
    }

    #[test]
    fn a_frame_that_does_not_parse_is_refused_by_kind() {
        for kind in 0..8 {
            let frame = Frame { kind, body: Bytes::from_static(&[0xff; 40]) };
            assert!(IngestFrame::parse(frame.clone()).is_err(), "kind {kind}");
            assert!(DecodeJob::parse(frame.clone()).is_err(), "kind {kind}");
            assert!(Decoded::parse(frame).is_err(), "kind {kind}");
        }
    }
}
