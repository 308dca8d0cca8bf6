//! Keyframes to figures, on the path of the service: a decode worker's tools.

use bytes::Bytes;
use watchwall::{
    decode::worker::Tools,
    domain::{media::Codec, picture::Measures},
    worker::message::{DecodeJob, DecodeMode, Picture},
};

/// Decodes and measures.
pub(crate) struct Eye(Tools);

impl Eye {
    pub(crate) fn open() -> Self {
        Self(Tools::warm().expect("FFmpeg has the decoders"))
    }

    /// As a decode worker measures a keyframe that it makes a wall tile of.
    pub(crate) fn measure(&mut self, keyframe: &[u8]) -> Measures {
        let picture = self.picture(keyframe, 320);
        *picture.measures.expect("a 4:2:0 picture that became a tile is measured")
    }

    /// As JPEG, for people.
    pub(crate) fn jpeg(&mut self, keyframe: &[u8]) -> Bytes {
        self.picture(keyframe, 640).tiles.swap_remove(0).jpeg
    }

    fn picture(&mut self, keyframe: &[u8], width: u16) -> Picture {
        let job = DecodeJob {
            job: 1,
            codec: Codec::H264,
            mode: DecodeMode::Still,
            pixels_max: 36_000_000,
            widths: vec![width],
            data: Bytes::copy_from_slice(keyframe),
        };
        self.0.picture(&job).expect("a whole keyframe")
    }

    pub(crate) fn measure_all(&mut self, film: &[Vec<u8>]) -> Vec<Measures> {
        film.iter().map(|keyframe| self.measure(keyframe)).collect()
    }
}
