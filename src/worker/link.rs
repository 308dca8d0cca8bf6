//! The framed link between the centre and a worker: `u32` length (big-endian, of what follows),
//! `u8` kind, then the body. Runs over a socket pair to a child process and over an in-memory
//! duplex stream in tests alike.
//!
//! The centre does not trust a worker: a frame over [`MAX_FRAME`] or one that does not parse ends
//! the link, and with it the worker.

use std::{
    io::{self, IoSlice},
    ops::Range,
};

use bytes::{Buf, BufMut, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The largest frame: the hard ceiling of one access unit (16 MiB) and its headers.
pub const MAX_FRAME: usize = 16 * 1024 * 1024 + 4096;

/// One frame as read: its kind and its body, which is an allocation of its own and no larger: a
/// ring that keeps one small access unit keeps nothing beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What the body is; the numbers are in `message`.
    pub kind: u8,
    /// The body.
    pub body: Bytes,
}

/// Why a link ended.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The other side closed, or the socket failed.
    #[error("the link to the worker failed")]
    Io(#[from] io::Error),
    /// A frame is larger than [`MAX_FRAME`] or empty.
    #[error("a frame of {0} bytes is outside 1..={MAX_FRAME}")]
    FrameSize(usize),
    /// The frame's body is not what its kind promises.
    #[error("a frame of kind {kind} does not parse: {why}")]
    Malformed {
        /// The frame's kind.
        kind: u8,
        /// What is wrong.
        why: String,
    },
}

/// Reads frames.
#[derive(Debug)]
pub struct LinkReader<R> {
    stream: R,
    /// What was read; up to `taken` it has been handed out.
    buffer: Vec<u8>,
    taken: usize,
    large: Option<Large>,
}

/// A frame that the buffer has no room for is read straight into its own body.
#[derive(Debug)]
struct Large {
    kind: u8,
    body: Vec<u8>,
    length: usize,
}

/// Room to read into at once. A burst of sub-stream access units (4 KB each) comes in one read.
const READ_CHUNK: usize = 64 * 1024;

/// The length in front of a frame.
const PREFIX: usize = 4;

impl<R: AsyncRead + Unpin> LinkReader<R> {
    /// Reads from `stream`.
    pub fn new(stream: R) -> Self {
        Self { stream, buffer: Vec::with_capacity(READ_CHUNK), taken: 0, large: None }
    }

    /// The next frame, or `None` at an orderly end. Cancel safe: a partial frame stays buffered.
    pub async fn next(&mut self) -> Result<Option<Frame>, LinkError> {
        loop {
            if let Some(large) = &mut self.large {
                let left = large.length - large.body.len();
                if left > 0 {
                    if self.stream.read_buf(&mut (&mut large.body).limit(left)).await? == 0 {
                        return Err(cut());
                    }
                    continue;
                }
            }
            if let Some(large) = self.large.take() {
                return Ok(Some(Frame { kind: large.kind, body: large.body.into() }));
            }
            if let Some(frame) = self.buffered()? {
                return Ok(Some(frame));
            }
            if self.large.is_some() {
                continue;
            }
            self.buffer.drain(..std::mem::take(&mut self.taken));
            let room = READ_CHUNK - self.buffer.len();
            if self.stream.read_buf(&mut (&mut self.buffer).limit(room)).await? == 0 {
                return if self.buffer.is_empty() { Ok(None) } else { Err(cut()) };
            }
        }
    }

    /// The next frame if all of it is in the buffer. Leaves room in the buffer for the rest of it
    /// if not: what would not fit becomes `large`.
    fn buffered(&mut self) -> Result<Option<Frame>, LinkError> {
        let waiting = &self.buffer[self.taken..];
        let Some(length) = waiting.first_chunk::<PREFIX>() else { return Ok(None) };
        let length = u32::from_be_bytes(*length) as usize;
        if !(1..=MAX_FRAME).contains(&length) {
            return Err(LinkError::FrameSize(length));
        }
        let Some((kind, rest)) = waiting[PREFIX..].split_first() else { return Ok(None) };
        if let Some(body) = rest.get(..length - 1) {
            let frame = Frame { kind: *kind, body: Bytes::copy_from_slice(body) };
            self.taken += PREFIX + length;
            return Ok(Some(frame));
        }
        if PREFIX + length > READ_CHUNK {
            let mut body = Vec::with_capacity(length - 1);
            body.extend_from_slice(rest);
            self.large = Some(Large { kind: *kind, body, length: length - 1 });
            self.taken = self.buffer.len();
        }
        Ok(None)
    }
}

fn cut() -> LinkError {
    io::Error::from(io::ErrorKind::UnexpectedEof).into()
}

/// Writes frames: one at once, or all that were queued in as few system calls as there may be.
#[derive(Debug)]
pub struct LinkWriter<W> {
    stream: W,
    /// Filled and emptied by its owner, who bounds it by flushing.
    queued: Vec<Queued>,
    /// The beginnings of the queued frames, one after the other.
    heads: Vec<u8>,
}

#[derive(Debug)]
struct Queued {
    head: Range<usize>,
    payload: Bytes,
}

/// Slices in one vectored write: 32 frames. More gain nothing, and the array is on the stack.
const SLICES: usize = 64;

impl<W: AsyncWrite + Unpin> LinkWriter<W> {
    /// Writes to `stream`.
    pub fn new(stream: W) -> Self {
        Self { stream, queued: Vec::new(), heads: Vec::new() }
    }

    /// Writes one frame whose body is `head` followed by `payload`, without copying the payload.
    ///
    /// Not cancel safe: a frame that was begun must be finished.
    pub async fn send(&mut self, kind: u8, head: &[u8], payload: &[u8]) -> Result<(), LinkError> {
        let mut prefix = Vec::with_capacity(5 + head.len());
        begin(&mut prefix, kind, head, payload.len())?;
        let mut frame = Buf::chain(&prefix[..], payload);
        while frame.has_remaining() {
            if self.stream.write_buf(&mut frame).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::WriteZero).into());
            }
        }
        Ok(())
    }

    /// Adds a frame to those that the next [`flush`](Self::flush) writes.
    pub fn queue(&mut self, kind: u8, head: &[u8], payload: Bytes) -> Result<(), LinkError> {
        let at = self.heads.len();
        begin(&mut self.heads, kind, head, payload.len())?;
        self.queued.push(Queued { head: at..self.heads.len(), payload });
        Ok(())
    }

    /// Writes the queued frames, in order.
    ///
    /// Not cancel safe: frames that were begun must be finished.
    pub async fn flush(&mut self) -> Result<(), LinkError> {
        for frames in self.queued.chunks(SLICES / 2) {
            let mut slices = [IoSlice::new(&[]); SLICES];
            for (pair, frame) in slices.chunks_mut(2).zip(frames) {
                pair[0] = IoSlice::new(&self.heads[frame.head.clone()]);
                pair[1] = IoSlice::new(&frame.payload);
            }
            let mut rest = &mut slices[..2 * frames.len()];
            while !rest.is_empty() {
                let written = self.stream.write_vectored(rest).await?;
                if written == 0 {
                    return Err(io::Error::from(io::ErrorKind::WriteZero).into());
                }
                IoSlice::advance_slices(&mut rest, written);
            }
        }
        self.queued.clear();
        self.heads.clear();
        Ok(())
    }
}

/// Appends what stands in front of a payload.
fn begin(out: &mut Vec<u8>, kind: u8, head: &[u8], payload: usize) -> Result<(), LinkError> {
    let length = 1 + head.len() + payload;
    if length > MAX_FRAME {
        return Err(LinkError::FrameSize(length));
    }
    out.extend_from_slice(&u32::try_from(length).expect("MAX_FRAME fits").to_be_bytes());
    out.push(kind);
    out.extend_from_slice(head);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_arrive_whole_and_in_order_whatever_the_pieces() {
        let (near, far) = tokio::io::duplex(7);
        let writing = tokio::spawn(async move {
            let mut link = LinkWriter::new(near);
            for size in [0usize, 1, 100, 70_000] {
                link.send(3, b"head", &vec![9; size]).await.expect("the reader lives");
            }
        });
        let mut link = LinkReader::new(far);
        for size in [0usize, 1, 100, 70_000] {
            let frame = link.next().await.expect("well formed").expect("not the end");
            assert_eq!((frame.kind, frame.body.len()), (3, 4 + size));
        }
        assert!(link.next().await.expect("orderly").is_none());
        writing.await.expect("the writer finished");
    }

    #[tokio::test]
    async fn queued_frames_arrive_in_order_with_those_before_and_after_them() {
        let (near, far) = tokio::io::duplex(1000);
        let sizes: Vec<usize> = (0..100).map(|n| n * n).collect();
        let queued = sizes.clone();
        let writing = tokio::spawn(async move {
            let mut link = LinkWriter::new(near);
            for sizes in queued.chunks(33) {
                link.send(1, b"", b"now").await.expect("the reader lives");
                for size in sizes {
                    let payload = vec![size.to_le_bytes()[0]; *size];
                    link.queue(2, b"head", payload.into()).expect("small");
                }
                link.flush().await.expect("the reader lives");
            }
        });
        let mut link = LinkReader::new(far);
        for sizes in sizes.chunks(33) {
            let now = link.next().await.expect("well formed").expect("not the end");
            assert_eq!((now.kind, &now.body[..]), (1, &b"now"[..]));
            for size in sizes {
                let frame = link.next().await.expect("well formed").expect("not the end");
                assert_eq!((frame.kind, frame.body.len()), (2, 4 + size));
                assert!(frame.body[4..].iter().all(|byte| *byte == size.to_le_bytes()[0]));
            }
        }
        writing.await.expect("the writer finished");
    }

    #[tokio::test]
    async fn a_read_that_is_given_up_loses_nothing() {
        let (mut near, far) = tokio::io::duplex(1 << 20);
        let mut link = LinkReader::new(far);
        for size in [10usize, 100_000, 65_531, 65_532] {
            let mut wire = Vec::new();
            begin(&mut wire, 7, &[1; 3], size).expect("small");
            wire.resize(wire.len() + size, 2);
            let mut pieces = wire.chunks(wire.len().div_ceil(5)).peekable();
            while let Some(piece) = pieces.next() {
                near.write_all(piece).await.expect("room");
                if pieces.peek().is_some() {
                    let next = std::pin::pin!(link.next());
                    assert!(futures_util::poll!(next).is_pending());
                }
            }
            let frame = link.next().await.expect("well formed").expect("not the end");
            assert_eq!((frame.kind, &frame.body[..3]), (7, &[1; 3][..]));
            assert_eq!(frame.body[3..], vec![2; size]);
        }
    }

    #[tokio::test]
    async fn a_frame_that_is_kept_keeps_no_more_than_itself() {
        let mut wire = Vec::new();
        for size in [5usize, 90_000, 7] {
            begin(&mut wire, 3, &[], size).expect("small");
            wire.resize(wire.len() + size, 1);
        }
        let mut link = LinkReader::new(&wire[..]);
        while let Some(frame) = link.next().await.expect("well formed") {
            let length = frame.body.len();
            let owned: Vec<u8> = frame.body.try_into_mut().expect("shared with nobody").into();
            assert_eq!(owned.capacity(), length);
        }
    }

    #[tokio::test]
    async fn a_frame_over_the_limit_or_empty_ends_the_link() {
        for length in [0u32, u32::MAX] {
            let wire = length.to_be_bytes();
            let mut link = LinkReader::new(&wire[..]);
            assert!(matches!(link.next().await, Err(LinkError::FrameSize(_))), "{length}");
        }
    }

    #[tokio::test]
    async fn a_link_cut_inside_a_frame_is_an_error() {
        let mut link = LinkReader::new(&[0, 0, 0, 9, 1][..]);
        assert!(matches!(link.next().await, Err(LinkError::Io(_))));
    }
}
