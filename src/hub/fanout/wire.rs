//! The byte side of one media connection, as the WebSocket reader sees it: it reads straight from
//! the socket and its own replies wait in memory for their place between our frames.

use std::io::{self, Read, Write};

use tokio::net::TcpStream;

#[derive(Debug)]
pub(super) struct Wire {
    pub(super) stream: TcpStream,
    /// Pongs, closes and error texts. A client that makes more of them than this without reading
    /// any is cut off.
    pub(super) replies: Vec<u8>,
}

/// Far more than the rate limit allows in the time until a client is given up.
const REPLIES: usize = 64 << 10;

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream.try_read(buf)
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
