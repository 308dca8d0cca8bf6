//! The framed link between the centre and a worker: `u32` length (big-endian, of what follows),
//! `u8` kind, then the body. Runs over a socket pair to a child process and over an in-memory
//! duplex stream in tests alike.
//!
//! The centre does not trust a worker: a frame over [`MAX_FRAME`] or one that does not parse ends
//! the link, and with it the worker.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The largest frame: the hard ceiling of one access unit (16 MiB) and its headers.
pub const MAX_FRAME: usize = 16 * 1024 * 1024 + 4096;

/// One frame as read: its kind and its body, which shares the read buffer.
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
    buffer: BytesMut,
}

/// Room to read into at once. A burst of sub-stream access units (4 KB each) comes in one read.
const READ_CHUNK: usize = 64 * 1024;

impl<R: AsyncRead + Unpin> LinkReader<R> {
    /// Reads from `stream`.
    pub fn new(stream: R) -> Self {
        Self { stream, buffer: BytesMut::new() }
    }

    /// The next frame, or `None` at an orderly end. Cancel safe: a partial frame stays buffered.
    pub async fn next(&mut self) -> Result<Option<Frame>, LinkError> {
        loop {
            if let Some(frame) = self.buffered()? {
                return Ok(Some(frame));
            }
            self.buffer.reserve(READ_CHUNK);
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return if self.buffer.is_empty() {
                    Ok(None)
                } else {
                    Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())
                };
            }
        }
    }

    fn buffered(&mut self) -> Result<Option<Frame>, LinkError> {
        let Some(length) = self.buffer.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*length) as usize;
        if !(1..=MAX_FRAME).contains(&length) {
            return Err(LinkError::FrameSize(length));
        }
        if self.buffer.len() < 4 + length {
            self.buffer.reserve(4 + length - self.buffer.len());
            return Ok(None);
        }
        self.buffer.advance(4);
        let mut body = self.buffer.split_to(length).freeze();
        let kind = body.get_u8();
        Ok(Some(Frame { kind, body }))
    }
}

/// Writes frames.
#[derive(Debug)]
pub struct LinkWriter<W> {
    stream: W,
}

impl<W: AsyncWrite + Unpin> LinkWriter<W> {
    /// Writes to `stream`.
    pub fn new(stream: W) -> Self {
        Self { stream }
    }

    /// Writes one frame whose body is `head` followed by `payload`, without copying the payload.
    ///
    /// Not cancel safe: a frame that was begun must be finished.
    pub async fn send(&mut self, kind: u8, head: &[u8], payload: &[u8]) -> Result<(), LinkError> {
        let length = 1 + head.len() + payload.len();
        if length > MAX_FRAME {
            return Err(LinkError::FrameSize(length));
        }
        let mut prefix = Vec::with_capacity(5 + head.len());
        prefix.extend_from_slice(&u32::try_from(length).expect("MAX_FRAME fits").to_be_bytes());
        prefix.push(kind);
        prefix.extend_from_slice(head);
        let mut frame = Buf::chain(&prefix[..], payload);
        while frame.has_remaining() {
            if self.stream.write_buf(&mut frame).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::WriteZero).into());
            }
        }
        Ok(())
    }
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
