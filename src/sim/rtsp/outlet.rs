//! The way out of one connection, shared by its answers and its media.
//!
//! Writes never wait. What the socket does not take at once is kept, up to a bound: a client that
//! does not read loses its own pictures, and after a while its connection.

use std::{
    io,
    sync::Mutex,
    time::{Duration, Instant},
};

use tokio::net::TcpStream;

/// Media is dropped while more than this waits; so at most this and one access unit wait.
const WAITING_MAX: usize = 256 * 1024;

/// Answers wait too, but a client that asks and never reads is cut off.
const ANSWERS_MAX: usize = 1024 * 1024;

/// A client that takes nothing for so long is gone.
const STUCK_AFTER: Duration = Duration::from_secs(20);

/// The writing side of a connection.
pub(super) struct Outlet {
    pub(super) stream: TcpStream,
    waiting: Mutex<Waiting>,
}

struct Waiting {
    bytes: Vec<u8>,
    sent: usize,
    moved_at: Instant,
}

/// What became of media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// The socket took it.
    Sent,
    /// Part of it waits; `flush` again soon.
    Kept,
    /// The client is behind; nothing was queued.
    Dropped,
    /// The connection is over.
    Gone,
}

impl Outlet {
    pub(super) fn new(stream: TcpStream) -> Self {
        let waiting = Waiting { bytes: Vec::new(), sent: 0, moved_at: Instant::now() };
        Self { stream, waiting: Mutex::new(waiting) }
    }

    /// Sends media if the client keeps up.
    pub(super) fn offer(&self, bytes: &[u8]) -> Offer {
        let mut waiting = self.waiting.lock().expect("no holder panics");
        if waiting.flush(&self.stream).is_err() {
            return Offer::Gone;
        }
        if waiting.length() > WAITING_MAX {
            let stuck = waiting.moved_at.elapsed() > STUCK_AFTER;
            return if stuck { Offer::Gone } else { Offer::Dropped };
        }
        match waiting.send(&self.stream, bytes) {
            Ok(()) if waiting.length() == 0 => Offer::Sent,
            Ok(()) => Offer::Kept,
            Err(_) => Offer::Gone,
        }
    }

    /// Sends an answer, behind whatever waits.
    pub(super) fn answer(&self, bytes: &[u8]) -> io::Result<()> {
        let mut waiting = self.waiting.lock().expect("no holder panics");
        waiting.flush(&self.stream)?;
        if waiting.length() > ANSWERS_MAX {
            return Err(io::ErrorKind::TimedOut.into());
        }
        waiting.send(&self.stream, bytes)
    }

    /// Tries to send what waits; true when nothing is left.
    pub(super) fn flush(&self) -> io::Result<bool> {
        let mut waiting = self.waiting.lock().expect("no holder panics");
        waiting.flush(&self.stream)?;
        Ok(waiting.length() == 0)
    }
}

impl Waiting {
    fn length(&self) -> usize {
        self.bytes.len() - self.sent
    }

    fn send(&mut self, stream: &TcpStream, bytes: &[u8]) -> io::Result<()> {
        let mut taken = 0;
        if self.length() == 0 {
            taken = write(stream, bytes)?;
            self.moved_at = Instant::now();
        }
        self.bytes.extend_from_slice(&bytes[taken..]);
        Ok(())
    }

    fn flush(&mut self, stream: &TcpStream) -> io::Result<()> {
        while self.length() > 0 {
            let taken = write(stream, &self.bytes[self.sent..])?;
            if taken == 0 {
                return Ok(());
            }
            self.sent += taken;
            self.moved_at = Instant::now();
        }
        self.bytes.clear();
        self.sent = 0;
        Ok(())
    }
}

fn write(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    match stream.try_write(bytes) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        result => result,
    }
}
