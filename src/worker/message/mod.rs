//! What the centre and its workers say to each other. Control is JSON (rare, readable in a dump);
//! access units and tiles are binary (hot).

mod compose;
mod decode;
mod ingest;
#[cfg(test)]
mod tests;

use bytes::{Buf, BufMut, Bytes};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::AsyncWrite;

pub use self::{
    compose::{Cell, ComposeJob, Composed},
    decode::{DecodeFault, DecodeJob, DecodeMode, Decoded, Picture},
    ingest::{
        Credentials, Fault, Forward, FromIngest, IngestFrame, OpenSession, SessionId,
        SessionLimits, Step, StreamStats, ToIngest,
    },
};
use super::{
    link::{Frame, LinkError, LinkWriter},
    sandbox::Applied,
};

/// Frame kinds.
mod kind {
    pub(super) const CONTROL: u8 = 1;
    pub(super) const ACCESS_UNIT: u8 = 2;
    pub(super) const DECODE_JOB: u8 = 3;
    pub(super) const DECODED: u8 = 4;
    pub(super) const COMPOSE_JOB: u8 = 5;
    pub(super) const COMPOSED: u8 = 6;
}
/// A worker's first word: it is up and inside its sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "ready", rename_all = "kebab-case")]
pub struct Ready {
    /// How far the sandbox went; `None` in a test, where the worker shares its process.
    pub sandbox: Option<Applied>,
}

/// Centre → decode worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToDecode {
    /// Decode.
    Picture(DecodeJob),
    /// Draw a snapshot of a wall.
    Compose(ComposeJob),
}

/// Decode worker → centre. `Ready` first, then one answer for each job, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum FromDecode {
    /// The worker is up.
    Ready(Ready),
    /// The answer to a `DecodeJob`.
    Decoded(Decoded),
    /// The answer to a `ComposeJob`.
    Composed(Composed),
}

impl ToDecode {
    /// Reads a job in a decode worker.
    pub fn parse(frame: Frame) -> Result<Self, LinkError> {
        match frame.kind {
            kind::COMPOSE_JOB => ComposeJob::parse(frame).map(Self::Compose),
            _ => DecodeJob::parse(frame).map(Self::Picture),
        }
    }
}

impl FromDecode {
    /// Reads a decode worker's word in the centre.
    pub fn parse(frame: Frame) -> Result<Self, LinkError> {
        match frame.kind {
            kind::CONTROL => from_json(&frame).map(Self::Ready),
            kind::COMPOSED => Composed::parse(frame).map(Self::Composed),
            _ => Decoded::parse(frame).map(Self::Decoded),
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

    /// Queues a control message for the next flush.
    pub fn queue_control<T: Serialize>(&mut self, message: &T) -> Result<(), LinkError> {
        let json = serde_json::to_vec(message).expect("the messages above always serialise");
        self.queue(kind::CONTROL, &json, Bytes::new())
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
