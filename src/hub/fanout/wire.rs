//! The byte side of one media connection, as the WebSocket reader sees it: it reads straight from
//! the socket and its own replies wait in memory for their place between our frames.
//!
//! Whether TLS lies between is settled here; nobody above knows.

use std::{
    io::{self, IoSlice, Read, Write},
    mem::MaybeUninit,
    task::{Context, Poll},
};

use rustls::ServerConnection;
use socket2::SockRef;
use tokio::net::TcpStream;

use super::tls::Tls;

#[derive(Debug)]
pub(super) struct Wire {
    pub(super) stream: Stream,
    /// Pongs, closes and error texts. A client that makes more of them than this without reading
    /// any is cut off.
    pub(super) replies: Vec<u8>,
}

/// Far more than the rate limit allows in the time until a client is given up.
const REPLIES: usize = 64 << 10;

/// A socket that never waits, in clear or under TLS.
#[derive(Debug)]
pub(super) struct Stream {
    tcp: TcpStream,
    tls: Option<Box<Tls>>,
}

/// What came of a write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wrote {
    /// Bytes of ours that are on their way and will not be asked for again.
    pub(super) taken: usize,
    /// Whether the kernel took any, of ours or of TLS.
    pub(super) moved: bool,
    /// Whether something waits for the socket to take bytes again.
    pub(super) full: bool,
}

impl Wire {
    /// Must be called inside the thread's runtime.
    pub(super) fn new(
        stream: std::net::TcpStream,
        tls: Option<Box<ServerConnection>>,
    ) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        let tls = tls.map(|session| Box::new(Tls::new(session)));
        Ok(Self { stream: Stream { tcp: TcpStream::from_std(stream)?, tls }, replies: Vec::new() })
    }
}

impl Stream {
    pub(super) fn socket(&self) -> SockRef<'_> {
        SockRef::from(&self.tcp)
    }

    pub(super) fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.tcp.poll_read_ready(cx)
    }

    pub(super) fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.tcp.poll_write_ready(cx)
    }

    /// Whether bytes that were taken have not reached the kernel.
    pub(super) fn holds_back(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.holds_back())
    }

    /// Writes `bytes` bytes that lie in `slices`, as far as the socket takes them now.
    pub(super) fn write(&mut self, slices: &mut [IoSlice<'_>], bytes: usize) -> io::Result<Wrote> {
        if let Some(tls) = &mut self.tls {
            return tls.write(&self.tcp, slices, bytes);
        }
        match self.tcp.try_write_vectored(slices) {
            Ok(taken) => Ok(Wrote { taken, moved: taken > 0, full: taken < bytes }),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                Ok(Wrote { full: true, ..Wrote::default() })
            }
            Err(error) => Err(error),
        }
    }

    /// As [`Read::read`]; 0 at the peer's end.
    pub(super) fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match &mut self.tls {
            Some(tls) => tls.read(&self.tcp, buf),
            None => self.tcp.try_read(buf),
        }
    }

    /// Whether the peer is still there, told from the error that an end without a close gives.
    pub(super) fn is_connected(&self) -> bool {
        match &self.tls {
            Some(tls) => !tls.ended(),
            None => !matches!(self.socket().peek(&mut [MaybeUninit::uninit()]), Ok(0)),
        }
    }

    /// The last words, as far as they go out at once: a client that closed may be gone.
    pub(super) fn finish(&mut self, last: &[u8]) {
        let _ = self.write(&mut [IoSlice::new(last)], last.len());
        if let Some(tls) = &mut self.tls {
            tls.finish(&self.tcp);
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buf)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.replies.len() + bytes.len() > REPLIES {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.replies.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
