//! Centre and decode worker: one access unit in, one picture out.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWrite;

use super::{kind, malformed, split_head, with_length};
use crate::{
    domain::{
        camera::Handle,
        media::{Codec, Tile},
        picture::Measures,
    },
    worker::link::{Frame, LinkError, LinkWriter},
};

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
    /// The camera's own decoder is no longer needed, or something was lost before its next access
    /// unit; `data` is empty. Answered with `NotYet`.
    Forget(Handle),
}

/// Decode worker → centre.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The job's number.
    pub job: u64,
    /// The picture, or why there is none.
    pub outcome: Result<Picture, DecodeFault>,
}

/// One decoded picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The source's width in pixels.
    pub width: u32,
    /// The source's height in pixels.
    pub height: u32,
    /// CPU time of decoding.
    pub decode: Duration,
    /// CPU time of scaling and JPEG coding, all sizes.
    pub tile: Duration,
    /// CPU time of measuring.
    pub measure: Duration,
    /// One per width asked for, in the same order.
    pub tiles: Vec<Tile>,
    /// What it looks like in figures; `None` if no tile was asked for.
    pub measures: Option<Box<Measures>>,
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

impl<W: AsyncWrite + Unpin> LinkWriter<W> {
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
        let mut measures = Vec::new();
        if let Some(of) = outcome.as_ref().ok().and_then(|picture| picture.measures.as_ref()) {
            of.encode(&mut measures);
        }
        let head = DecodedHead {
            job: decoded.job,
            outcome: outcome.map(|picture| PictureHead {
                width: picture.width,
                height: picture.height,
                decode: picture.decode,
                tile: picture.tile,
                measure: picture.measure,
                measures: measures.len(),
                tiles: tiles.iter().map(|t| (t.width, t.height, t.jpeg.len())).collect(),
            }),
        };
        let length = measures.len() + tiles.iter().map(|tile| tile.jpeg.len()).sum::<usize>();
        let mut payload = BytesMut::with_capacity(length);
        payload.extend_from_slice(&measures);
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
                if picture.measures > payload.len() {
                    return Err(malformed(kind::DECODED, "the measures are longer than the frame"));
                }
                let measures =
                    match payload.split_to(picture.measures) {
                        none if none.is_empty() => None,
                        measures => Some(Measures::decode(&measures).ok_or_else(|| {
                            malformed(kind::DECODED, "the measures cannot be read")
                        })?),
                    };
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
                    measure: picture.measure,
                    tiles,
                    measures: measures.map(Box::new),
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
    measure: Duration,
    /// Bytes of the measures, in front of the tiles.
    measures: usize,
    /// Width, height and bytes of each.
    tiles: Vec<(u16, u16, usize)>,
}
