//! The client's side of a media socket: says what it wishes, and cuts what comes into messages
//! without keeping them.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
};

use socket2::{Domain, Socket, Type};
use watchwall::domain::media::Header;

/// A message that came whole.
#[derive(Debug)]
pub(crate) struct Message {
    /// Of a binary message of ours.
    pub(crate) header: Option<Header>,
    /// Bytes on the wire.
    pub(crate) wire: u64,
    /// Bytes of it as a client counts its progress.
    pub(crate) payload: u64,
}

/// The longest frame header that a server sends, and ours.
const HEAD_MAX: usize = 10 + Header::LEN;
const BINARY: u8 = 2;
/// A frame header of medium length, which most have, and ours: no byte of the payload is looked at.
pub(crate) const READ_MAX: usize = 4 + Header::LEN;

/// Where in a message the next byte belongs.
#[derive(Debug)]
pub(crate) struct Frames {
    head: [u8; HEAD_MAX],
    filled: usize,
    /// Bytes of the message after its head that have not come yet.
    rest: u64,
}

impl Default for Frames {
    fn default() -> Self {
        Self { head: [0; HEAD_MAX], filled: 0, rest: 0 }
    }
}

impl Frames {
    /// How many bytes to read next, at most as many as [`READ_MAX`]; with `rest`, they may be thrown
    /// away unread.
    pub(crate) fn wishes(&self) -> usize {
        if self.filled == 0 { READ_MAX } else { self.head_len() - self.filled }
    }

    /// Bytes of the message that nobody needs to look at.
    pub(crate) fn rest(&self) -> usize {
        usize::try_from(self.rest).unwrap_or(usize::MAX)
    }

    /// Takes bytes that came, of as many messages as they are.
    pub(crate) fn push(&mut self, mut bytes: &[u8], mut each: impl FnMut(Message)) {
        while !bytes.is_empty() {
            let taken = if self.rest > 0 {
                let skipped = self.rest().min(bytes.len());
                self.skipped(skipped).into_iter().for_each(&mut each);
                skipped
            } else {
                let taken = (self.head_len() - self.filled).min(bytes.len());
                self.head[self.filled..][..taken].copy_from_slice(&bytes[..taken]);
                self.filled += taken;
                if self.filled == self.head_len() {
                    self.rest = self.payload_len() - self.inner().len() as u64;
                    self.whole().into_iter().for_each(&mut each);
                }
                taken
            };
            bytes = &bytes[taken..];
        }
    }

    /// This many bytes of the rest were thrown away.
    pub(crate) fn skipped(&mut self, bytes: usize) -> Option<Message> {
        self.rest -= bytes as u64;
        self.whole()
    }

    fn whole(&mut self) -> Option<Message> {
        if self.rest > 0 {
            return None;
        }
        let payload = self.payload_len();
        let header =
            (self.head[0] & 0x0f == BINARY).then(|| Header::decode(self.inner())).flatten();
        let message = Message { header, wire: payload + self.prefix_len() as u64, payload };
        self.filled = 0;
        Some(message)
    }

    fn inner(&self) -> &[u8] {
        &self.head[self.prefix_len()..self.head_len()]
    }

    fn prefix_len(&self) -> usize {
        match self.head[1] {
            126 => 4,
            127 => 10,
            _ => 2,
        }
    }

    fn payload_len(&self) -> u64 {
        match self.head[1] {
            126 => u16::from_be_bytes([self.head[2], self.head[3]]).into(),
            127 => u64::from_be_bytes(*self.head[2..].first_chunk().expect("eight and more")),
            short => short.into(),
        }
    }

    /// As far as is known from what came.
    fn head_len(&self) -> usize {
        if self.filled < 2 {
            return 2;
        }
        let prefix = self.prefix_len();
        if self.filled < prefix {
            return prefix;
        }
        prefix + usize::try_from(self.payload_len()).unwrap_or(usize::MAX).min(Header::LEN)
    }
}

/// A masked text frame, as a client's are, with a mask of zeroes.
pub(crate) fn text(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match u8::try_from(text.len()) {
        Ok(len @ 0..126) => frame.push(0x80 | len),
        _ => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(text.len()).expect("a short text").to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

/// Connects; a viewer of a slow line keeps little on its side.
pub(crate) fn connect(address: SocketAddr, receive_buffer: Option<usize>) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes)?;
    }
    socket.connect(&address.into())?;
    socket.set_tcp_nodelay(true)?;
    Ok(socket.into())
}

/// The WebSocket handshake at a path.
pub(crate) fn shake_hands(stream: &mut TcpStream, path: &str) -> io::Result<()> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         Sec-WebSocket-Protocol: watchwall.media.v1\r\n\r\n",
        stream.peer_addr()?
    );
    stream.write_all(request.as_bytes())?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    Ok(())
}
