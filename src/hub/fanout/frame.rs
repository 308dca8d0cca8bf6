//! A media message as it goes out: WebSocket header, 24-byte header, payload. Built once.

use std::io::IoSlice;

use bytes::Bytes;

use crate::domain::{
    fanout::live::Body,
    media::{Codec, Header, StreamFormat, StreamKind},
};

/// A whole WebSocket frame. Server frames are not masked, so every viewer gets these same bytes.
///
/// Two slices, not one buffer: publishing copies no tile and allocates nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    head: [u8; HEAD_MAX],
    head_len: u8,
    payload: Bytes,
}

/// The longest frame header of RFC 6455 §5.2 without a mask, and ours.
const HEAD_MAX: usize = 10 + Header::LEN;
/// FIN and the binary opcode.
const FINAL_BINARY: u8 = 0x82;

impl Frame {
    pub(super) fn new(header: &Header, payload: Bytes) -> Self {
        let mut head = [0; HEAD_MAX];
        let len = Header::LEN + payload.len();
        head[0] = FINAL_BINARY;
        let at = if let Ok(short @ 0..126) = u8::try_from(len) {
            head[1] = short;
            2
        } else if let Ok(medium) = u16::try_from(len) {
            head[1] = 126;
            head[2..4].copy_from_slice(&medium.to_be_bytes());
            4
        } else {
            head[1] = 127;
            head[2..10].copy_from_slice(&(len as u64).to_be_bytes());
            10
        };
        head[at..at + Header::LEN].copy_from_slice(&header.encode());
        let head_len = u8::try_from(at + Header::LEN).expect("at most 34");
        Self { head, head_len, payload }
    }

    /// The same picture under another header.
    pub(super) fn with_header(&self, header: &Header) -> Self {
        Self::new(header, self.payload.clone())
    }

    /// A message of live video.
    pub(super) fn live(header: &Header, body: Body<'_>) -> Self {
        match body {
            Body::Unit(data) => Self::new(header, data.clone()),
            Body::Configuration(stream, format) => Self::new(header, configuration(stream, format)),
        }
    }

    pub(super) fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// Bytes on the wire.
    pub(super) fn len(&self) -> usize {
        usize::from(self.head_len) + self.payload.len()
    }

    /// Bytes as the client counts them: without the WebSocket header.
    pub(super) fn message_len(&self) -> usize {
        Header::LEN + self.payload.len()
    }

    /// What is left to write after `written` bytes. An empty slice is harmless.
    pub(super) fn rest(&self, written: usize) -> [IoSlice<'_>; 2] {
        let head = &self.head[..usize::from(self.head_len)];
        let payload = &self.payload[written.saturating_sub(head.len())..];
        [IoSlice::new(&head[written.min(head.len())..]), IoSlice::new(payload)]
    }
}

/// The payload of kind 3.
fn configuration(stream: StreamKind, format: &StreamFormat) -> Bytes {
    let StreamFormat { codec, codec_string, width, height } = format;
    let codec = if *codec == Codec::Mjpeg { "mjpeg" } else { codec_string };
    serde_json::json!({ "codec": codec, "width": width, "height": height, "stream": stream })
        .to_string()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{camera::Handle, media::Kind, time::UnixMicros};

    #[test]
    fn a_frame_of_each_length_class_reads_back_whole_from_any_point() {
        let header = Header {
            kind: Kind::Tile,
            flags: 1,
            camera: Handle(3),
            sequence: 9,
            received_at: UnixMicros(77),
            media_time: 5,
        };
        for (payload, prefix) in [
            (10, &[0x82, 34][..]),
            (9000, &[0x82, 126, 0x23, 0x40]),
            (70_000, &[0x82, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x88]),
        ] {
            let frame = Frame::new(&header, vec![7; payload].into());
            let join =
                |written| frame.rest(written).iter().flat_map(|s| s.to_vec()).collect::<Vec<u8>>();
            let whole = join(0);
            assert_eq!(whole.len(), frame.len());
            assert!(whole.starts_with(prefix), "{:02x?}", &whole[..10]);
            assert_eq!(whole[prefix.len()..][..24], header.encode());
            for written in [1, prefix.len(), prefix.len() + 24, prefix.len() + 25, frame.len()] {
                assert_eq!(join(written), whole[written..], "after {written}");
            }
        }
    }
}
