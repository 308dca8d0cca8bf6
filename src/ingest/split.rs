//! Parts what the guard lets through: the video's RTP and RTCP packets, and answers. Relies on what the guard promises: packets in order, whose pieces follow each other, and
//! messages that come whole between them.

/// `$`, channel, length.
const FRAMING: usize = 4;

/// One thing that came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// An RTP packet of the video.
    Rtp(&'a [u8]),
    /// An RTCP packet: the guard lets no other channel through.
    Rtcp(&'a [u8]),
    /// For the library: an answer.
    Library(&'a [u8]),
}

/// Follows one session's bytes.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// The beginning of a packet, at most one: its length is 16 bits.
    held: Vec<u8>,
}

impl Splitter {
    /// Takes the next bytes; `channel` is the video's.
    pub(super) fn split(
        &mut self,
        channel: Option<u8>,
        mut bytes: &[u8],
        mut each: impl FnMut(Part<'_>),
    ) {
        let part = |packet: &[u8], each: &mut dyn FnMut(Part<'_>)| {
            if Some(packet[1]) == channel {
                each(Part::Rtp(&packet[FRAMING..]));
            } else {
                each(Part::Rtcp(&packet[FRAMING..]));
            }
        };
        while let Some(first) = bytes.first() {
            if !self.held.is_empty() {
                let taken = (wanted(&self.held) - self.held.len()).min(bytes.len());
                self.held.extend_from_slice(&bytes[..taken]);
                bytes = &bytes[taken..];
                if self.held.len() >= FRAMING && self.held.len() == wanted(&self.held) {
                    part(&self.held, &mut each);
                    self.held.clear();
                }
                continue;
            }
            let length = if *first == b'$' { wanted(bytes) } else { message(bytes) };
            if *first == b'$' && bytes.len() < length {
                self.held.extend_from_slice(bytes);
                return;
            }
            let (whole, after) = bytes.split_at(length);
            if *first == b'$' {
                part(whole, &mut each);
            } else {
                each(Part::Library(whole));
            }
            bytes = after;
        }
    }
}

/// How long a packet that begins like this is; all of its framing, if that is not there yet.
fn wanted(packet: &[u8]) -> usize {
    match packet.first_chunk::<FRAMING>() {
        Some([_, _, high, low]) => FRAMING + (usize::from(*high) << 8 | usize::from(*low)),
        None => FRAMING,
    }
}

/// How long the message in front is. The guard writes heads itself: this is their only form.
fn message(bytes: &[u8]) -> usize {
    const END: &[u8] = b"\r\n\r\n";
    let Some(head) = memchr::memmem::find(bytes, END) else { return bytes.len() };
    let text = String::from_utf8_lossy(&bytes[..head]);
    let body = text.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok());
    bytes.len().min(head + END.len() + body.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_and_messages_are_told_apart_whatever_the_pieces() {
        let answer = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 3\r\n\r\n$$$";
        let packets: [&[u8]; 4] =
            [b"$\x02\0\x05video", b"$\x03\0\x04rtcp", b"$\x02\0\0", b"$\x02\0\x01v"];
        for size in 1..30 {
            let (mut video, mut rtcp, mut library) = (Vec::new(), Vec::new(), Vec::new());
            let mut splitter = Splitter::default();
            let mut feed = |bytes: &[u8]| {
                splitter.split(Some(2), bytes, |part| match part {
                    Part::Rtp(packet) => video.push(packet.to_vec()),
                    Part::Rtcp(packet) => rtcp.push(packet.to_vec()),
                    Part::Library(bytes) => library.extend_from_slice(bytes),
                });
            };
            feed(&[&answer[..], packets[0]].concat());
            packets.concat().chunks(size).for_each(&mut feed);
            feed(answer);
            assert_eq!(video, [&b"video"[..], b"video", b"", b"v"], "pieces of {size}");
            assert_eq!(rtcp, [b"rtcp"]);
            assert_eq!(library, [&answer[..], answer].concat());
        }
    }
}
