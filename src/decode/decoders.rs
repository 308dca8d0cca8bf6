//! Which decoder serves which job: one shared by all cameras' keyframes per codec, and one of its
//! own for each camera that is decoded continuously.
//!
//! Sharing is what keeps a worker at about 40 MB: 150 open decoders cost 2.4 MB each, 11 MB at
//! 1080p, and are no faster.

use ffmpeg_next::frame;

use super::decoder::Decoder;
use crate::{
    domain::{camera::Handle, media::Codec},
    worker::message::{DecodeFault, DecodeJob, DecodeMode},
};

/// Cameras decoded continuously by one worker. They are the exception (no IDR frames, or keyframes
/// seconds apart); at 64 their decoders of small streams take 150 MB. When one more comes, the
/// least recently used is dropped and starts again at its next random access point.
const CONTINUOUS_MAX: usize = 64;

/// All decoders of one worker.
#[derive(Default)]
pub struct Decoders {
    /// By codec; opened at the first need, or by `warm`.
    still: [Option<Decoder>; 3],
    /// Most recently used last.
    continuous: Vec<Continuous>,
}

struct Continuous {
    camera: Handle,
    codec: Codec,
    decoder: Decoder,
}

impl Decoders {
    /// Opens every codec's decoder, so that whatever that loads is loaded before the sandbox.
    pub fn warm(&mut self) -> Result<(), DecodeFault> {
        for codec in [Codec::H264, Codec::H265, Codec::Mjpeg] {
            self.still(codec)?;
        }
        Ok(())
    }

    /// Decodes a job's access unit; the frame is valid until the next call.
    pub fn decode(&mut self, job: &DecodeJob) -> Result<&frame::Video, DecodeFault> {
        match job.mode {
            DecodeMode::Still => {
                let widest = job.widths.iter().copied().max().unwrap_or(0);
                self.still(job.codec)?.still(&job.data, job.pixels_max, widest.into())
            }
            DecodeMode::Continuous(camera) => {
                self.continuous(camera, job.codec)?.next(&job.data, job.pixels_max)
            }
            DecodeMode::Forget(camera) => {
                self.continuous.retain(|one| one.camera != camera);
                Err(DecodeFault::NotYet)
            }
        }
    }

    /// After damage: a decoder that met it serves no other camera, whatever state it is in.
    pub fn renew_still(&mut self, codec: Codec) {
        self.still[index(codec)] = None;
    }

    fn still(&mut self, codec: Codec) -> Result<&mut Decoder, DecodeFault> {
        let slot = &mut self.still[index(codec)];
        match slot {
            Some(decoder) => Ok(decoder),
            empty => Ok(empty.insert(Decoder::open(codec)?)),
        }
    }

    fn continuous(&mut self, camera: Handle, codec: Codec) -> Result<&mut Decoder, DecodeFault> {
        let known = self.continuous.iter().position(|one| one.camera == camera);
        let one = match known.map(|at| self.continuous.remove(at)) {
            Some(one) if one.codec == codec => one,
            // New, or its codec changed on a reconnect.
            _ => Continuous { camera, codec, decoder: Decoder::open(codec)? },
        };
        if self.continuous.len() >= CONTINUOUS_MAX {
            self.continuous.remove(0);
        }
        self.continuous.push(one);
        Ok(&mut self.continuous.last_mut().expect("one was pushed").decoder)
    }
}

fn index(codec: Codec) -> usize {
    match codec {
        Codec::H264 => 0,
        Codec::H265 => 1,
        Codec::Mjpeg => 2,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn the_least_recently_used_camera_loses_its_decoder_when_there_are_too_many() {
        let mut decoders = Decoders::default();
        let mut job = |camera| {
            let job = DecodeJob {
                job: 0,
                codec: Codec::Mjpeg,
                mode: DecodeMode::Continuous(Handle(camera)),
                pixels_max: 1,
                widths: Vec::new(),
                data: Bytes::from_static(b"anything"),
            };
            assert!(decoders.decode(&job).is_err(), "no picture");
            let cameras: Vec<u32> = decoders.continuous.iter().map(|one| one.camera.0).collect();
            cameras
        };
        let limit = u32::try_from(CONTINUOUS_MAX).expect("it is small");
        (0..limit).for_each(|camera| drop(job(camera)));
        job(0);
        let cameras = job(limit);
        assert_eq!(cameras.len(), CONTINUOUS_MAX);
        assert!(cameras.contains(&0) && !cameras.contains(&1), "{cameras:?}");
    }
}
