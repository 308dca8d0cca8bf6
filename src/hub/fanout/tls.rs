//! TLS of one media connection. rustls does no I/O of its own: what is due goes in, ciphertext goes
//! to the socket as far as it takes it, and nothing waits.

use std::io::{self, IoSlice, Read, Write};

use rustls::ServerConnection;
use tokio::net::TcpStream;

use super::wire::Wrote;

/// Plaintext that is taken before its ciphertext has reached the kernel: four full records. It is
/// what an old tile may stand before a newer one on top of the kernel's own buffer, and the memory
/// of a stalled viewer. Cutting it to one record cost a system call for each.
const HELD: usize = 64 << 10;

#[derive(Debug)]
pub(super) struct Tls {
    session: Box<ServerConnection>,
    /// The peer has said, or shown, that nothing more comes.
    ended: bool,
}

impl Tls {
    /// After the handshake.
    pub(super) fn new(mut session: Box<ServerConnection>) -> Self {
        session.set_buffer_limit(Some(HELD));
        Self { session, ended: false }
    }

    pub(super) fn holds_back(&self) -> bool {
        self.session.wants_write()
    }

    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Nothing of `slices` is taken while ciphertext is left from before.
    pub(super) fn write(
        &mut self,
        tcp: &TcpStream,
        mut slices: &mut [IoSlice<'_>],
        bytes: usize,
    ) -> io::Result<Wrote> {
        let mut wrote = Wrote::default();
        loop {
            while self.session.wants_write() {
                match self.session.write_tls(&mut AtOnce(tcp)) {
                    Ok(_) => wrote.moved = true,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        wrote.full = true;
                        return Ok(wrote);
                    }
                    Err(error) => return Err(error),
                }
            }
            if wrote.taken == bytes {
                return Ok(wrote);
            }
            let taken = self.session.writer().write_vectored(first(slices))?;
            if taken == 0 {
                // Its keys are used up; the peer would wait for ever.
                return Err(io::ErrorKind::WriteZero.into());
            }
            wrote.taken += taken;
            IoSlice::advance_slices(&mut slices, taken);
        }
    }

    pub(super) fn read(&mut self, tcp: &TcpStream, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.session.reader().read(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // With a farewell or without: what counts is the WebSocket's own close.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    self.ended = true;
                    return Ok(0);
                }
                Ok(0) => {
                    self.ended = true;
                    return Ok(0);
                }
                other => return other,
            }
            self.session.read_tls(&mut AtOnce(tcp))?;
            if let Err(error) = self.session.process_new_packets() {
                // The alert that tells the peer why, if it goes out at once.
                let _ = self.session.write_tls(&mut AtOnce(tcp));
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
        }
    }

    /// Says that nothing more comes, so that the peer can tell an end from a cut.
    pub(super) fn finish(&mut self, tcp: &TcpStream) {
        self.session.send_close_notify();
        let _ = self.write(tcp, &mut [], 0);
    }
}

/// The slices that hold what one call can take, so that rustls looks at no more.
fn first<'a, 'b>(slices: &'a [IoSlice<'b>]) -> &'a [IoSlice<'b>] {
    let mut bytes = 0;
    let enough = slices.iter().position(|slice| {
        bytes += slice.len();
        bytes >= HELD
    });
    enough.map_or(slices, |last| &slices[..=last])
}

/// The socket for rustls.
struct AtOnce<'a>(&'a TcpStream);

impl Read for AtOnce<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buf)
    }
}

impl Write for AtOnce<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.try_write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
