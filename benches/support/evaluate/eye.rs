//! Keyframes to figures, on the path of the service: a decode worker's tools.

use bytes::Bytes;
use watchwall::{
    decode::worker::Tools,
    domain::{media::Codec, picture::Measures},
    worker::message::{DecodeJob, DecodeMode},
};

/// Decodes and measures.
pub(crate) struct Eye(Tools);

impl Eye {
    pub(crate) fn open() -> Self {
        Self(Tools::warm().expect("FFmpeg has the decoders"))
    }

    /// As a decode worker measures a keyframe that it makes a wall tile of.
    pub(crate) fn measure(&mut self, keyframe: &[u8]) -> Measures {
        let job = DecodeJob {
            job: 1,
            codec: Codec::H264,
            mode: DecodeMode::Still,
            pixels_max: 36_000_000,
            widths: vec![320],
            data: Bytes::copy_from_slice(keyframe),
        };
        let picture = self.0.picture(&job).expect("a whole keyframe");
        *picture.measures.expect("a 4:2:0 picture that became a tile is measured")
    }

    pub(crate) fn measure_all(&mut self, film: &[Vec<u8>]) -> Vec<Measures> {
        film.iter().map(|keyframe| self.measure(keyframe)).collect()
    }
}
