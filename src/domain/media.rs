//! Pictures on their way: access units, tiles, and the header of a media message.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{camera::Handle, time::UnixMicros};

/// A video codec that the service decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// H.264 / AVC, access units in Annex B form.
    H264,
    /// H.265 / HEVC, access units in Annex B form.
    H265,
    /// Motion JPEG: each access unit is one JPEG file.
    Mjpeg,
}

/// Which of a camera's two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamKind {
    /// The small stream, always pulled.
    Sub,
    /// The large stream, pulled only while someone watches.
    Main,
}

/// One stream of one camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StreamRef {
    /// The camera.
    pub camera: Handle,
    /// Which of its streams.
    pub stream: StreamKind,
}

/// What a stream carries, as its parameter sets or SDP say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamFormat {
    /// The codec.
    pub codec: Codec,
    /// The codec as WebCodecs and RFC 6381 name it, for example `avc1.4D401E`.
    pub codec_string: String,
    /// Visible width in pixels.
    pub width: u32,
    /// Visible height in pixels.
    pub height: u32,
}

/// One access unit: a coded picture with everything that belongs to it.
///
/// For H.264 and H.265 the parameter sets stand in front of every random access point, so that a
/// decoder needs nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessUnit {
    /// Whose it is.
    pub source: StreamRef,
    /// The codec of `data`.
    pub codec: Codec,
    /// Decoding can start here: IDR, CRA or BLA (NAL types of `domain::nal`), or any JPEG.
    pub random_access: bool,
    /// Something was lost before this one.
    pub discontinuity: bool,
    /// When its last byte arrived at the service.
    pub received_at: UnixMicros,
    /// RTP media time in 90 kHz units, wrapping.
    pub media_time: u32,
    /// The coded bytes.
    pub data: Bytes,
}

/// A decoded keyframe, scaled and coded as JPEG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Width in pixels; at most the width that was asked for.
    pub width: u16,
    /// Height in pixels, by the source's shape.
    pub height: u16,
    /// The JPEG file.
    pub jpeg: Bytes,
}

/// The widths that tiles come in; a wish is rounded up to the next. The last is the source's own
/// width, capped. Few sizes keep the cost of one keyframe bounded and the tiles shared.
pub const TILE_WIDTHS: [u16; 5] = [160, 320, 640, 1280, 1920];

/// The width of the ladder that serves a wish for `width` pixels.
pub fn ladder_width(width: u32) -> u16 {
    let widest = TILE_WIDTHS[TILE_WIDTHS.len() - 1];
    TILE_WIDTHS.into_iter().find(|step| u32::from(*step) >= width).unwrap_or(widest)
}

/// What a media message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A JPEG tile.
    Tile = 1,
    /// A live access unit.
    VideoAccessUnit = 2,
    /// A live stream's configuration, as JSON.
    VideoConfiguration = 3,
}

/// Bits of [`Header::flags`].
pub mod flags {
    /// The payload can be decoded without what came before.
    pub const KEYFRAME: u16 = 1;
    /// Something was dropped before this message.
    pub const DISCONTINUITY: u16 = 1 << 1;
    /// The camera is not live; this is its last picture.
    pub const NOT_LIVE: u16 = 1 << 2;
}

/// The 24 bytes in front of every media message, big-endian; `docs/protocol.md` has the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What follows.
    pub kind: Kind,
    /// See [`flags`].
    pub flags: u16,
    /// The camera.
    pub camera: Handle,
    /// Per camera and kind, of live video per stream too, +1 for each one published.
    pub sequence: u32,
    /// When the frame's last byte arrived at the service.
    pub received_at: UnixMicros,
    /// Media time in 90 kHz units, wrapping.
    pub media_time: u32,
}

impl Header {
    /// Bytes in the encoded form.
    pub const LEN: usize = 24;
    const VERSION: u8 = 1;

    /// The wire form.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut wire = [0; Self::LEN];
        wire[0] = Self::VERSION;
        wire[1] = self.kind as u8;
        wire[2..4].copy_from_slice(&self.flags.to_be_bytes());
        wire[4..8].copy_from_slice(&self.camera.0.to_be_bytes());
        wire[8..12].copy_from_slice(&self.sequence.to_be_bytes());
        wire[12..20].copy_from_slice(&self.received_at.0.to_be_bytes());
        wire[20..24].copy_from_slice(&self.media_time.to_be_bytes());
        wire
    }

    /// Reads the wire form; `None` for a short message, another version or an unknown kind.
    pub fn decode(wire: &[u8]) -> Option<Self> {
        let wire: &[u8; Self::LEN] = wire.first_chunk()?;
        let (version, kind) = (wire[0], wire[1]);
        let kind = match kind {
            1 => Kind::Tile,
            2 => Kind::VideoAccessUnit,
            3 => Kind::VideoConfiguration,
            _ => return None,
        };
        (version == Self::VERSION).then(|| Self {
            kind,
            flags: u16::from_be_bytes([wire[2], wire[3]]),
            camera: Handle(u32::from_be_bytes([wire[4], wire[5], wire[6], wire[7]])),
            sequence: u32::from_be_bytes([wire[8], wire[9], wire[10], wire[11]]),
            received_at: UnixMicros(u64::from_be_bytes(
                *wire[12..20].first_chunk().expect("eight bytes were sliced"),
            )),
            media_time: u32::from_be_bytes([wire[20], wire[21], wire[22], wire[23]]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_the_golden_bytes_of_the_protocol_page() {
        let header = Header {
            kind: Kind::Tile,
            flags: flags::KEYFRAME,
            camera: Handle(0x0102_0304),
            sequence: 7,
            received_at: UnixMicros(1_700_000_000_000_000),
            media_time: 90_000,
        };
        let golden = include_str!("../../tests/golden/media-header.hex");
        let hex: String = header.encode().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, golden.trim());
        assert_eq!(Header::decode(&header.encode()), Some(header));
    }

    #[test]
    fn headers_of_live_video_have_the_golden_bytes_of_the_protocol_page() {
        let header = Header {
            kind: Kind::VideoAccessUnit,
            flags: flags::KEYFRAME | flags::DISCONTINUITY,
            camera: Handle(0x0102_0304),
            sequence: 8,
            received_at: UnixMicros(1_700_000_000_040_000),
            media_time: 93_600,
        };
        let configuration = Header {
            kind: Kind::VideoConfiguration,
            flags: flags::DISCONTINUITY,
            sequence: 2,
            ..header
        };
        for (header, golden) in [
            (header, include_str!("../../tests/golden/media-video.hex")),
            (configuration, include_str!("../../tests/golden/media-configuration.hex")),
        ] {
            let hex: String = header.encode().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, golden.trim());
            assert_eq!(Header::decode(&header.encode()), Some(header));
        }
    }

    #[test]
    fn a_header_of_another_version_or_kind_or_length_is_refused() {
        let mut wire = [0; 24];
        assert_eq!(Header::decode(&wire), None);
        wire[..2].copy_from_slice(&[1, 9]);
        assert_eq!(Header::decode(&wire), None);
        assert_eq!(Header::decode(&[1, 1]), None);
    }

    #[test]
    fn a_wish_is_rounded_up_to_the_ladder() {
        for (wish, width) in [(1, 160), (320, 320), (321, 640), (5000, 1920)] {
            assert_eq!(ladder_width(wish), width, "wish {wish}");
        }
    }
}
