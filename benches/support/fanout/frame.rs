//! How the baselines frame a message: as the hub does.

use bytes::{BufMut, Bytes, BytesMut};
use watchwall::domain::media::{Header, Kind, flags};

use super::mix::{Lane, Picture};

/// The longest frame header of a server, and ours.
pub(crate) const HEAD: usize = 10 + Header::LEN;

fn header(lane: Lane, picture: &Picture) -> Header {
    Header {
        kind: match lane {
            Lane::Tiles => Kind::Tile,
            Lane::Live => Kind::VideoAccessUnit,
        },
        flags: if picture.keyframe { flags::KEYFRAME } else { 0 },
        camera: picture.camera,
        sequence: picture.sequence,
        received_at: picture.at,
        media_time: picture.media_time,
    }
}

/// Frame header and ours; how long they are.
pub(crate) fn head(into: &mut [u8; HEAD], lane: Lane, picture: &Picture) -> usize {
    let len = Header::LEN + picture.payload.len();
    into[0] = 0x82;
    let at = match u16::try_from(len) {
        Ok(medium) => {
            into[1] = 126;
            into[2..4].copy_from_slice(&medium.to_be_bytes());
            4
        }
        Err(_) => {
            into[1] = 127;
            into[2..10].copy_from_slice(&(len as u64).to_be_bytes());
            10
        }
    };
    into[at..at + Header::LEN].copy_from_slice(&header(lane, picture).encode());
    at + Header::LEN
}

/// Our header and the payload in one piece, as a WebSocket library wants a message.
pub(crate) fn message(lane: Lane, picture: &Picture) -> Bytes {
    let mut message = BytesMut::with_capacity(Header::LEN + picture.payload.len());
    message.put_slice(&header(lane, picture).encode());
    message.put_slice(&picture.payload);
    message.freeze()
}
