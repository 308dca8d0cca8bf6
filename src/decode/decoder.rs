//! One libavcodec decoder: coded bytes in, an undamaged frame or the reason for none out.
//!
//! What a damaged picture looks like after concealment is the decoder's invention, and this
//! service's first promise is not to show such a thing. So everything that libavcodec knows of
//! damage is asked for and refused, on top of its own refusals (`AV_EF_EXPLODE`).

use ffmpeg_next::{
    self as ffmpeg, Discard, Packet,
    codec::{
        self,
        decoder::{self, Check},
        threading,
    },
    frame,
};

use super::{
    size::{Announced, announced},
    unwritten,
};
use crate::{
    domain::{media::Codec, nal},
    worker::message::DecodeFault,
};

/// Longest side of a picture, pixels: no camera's sensor has more, and JPEG tiles of it fit.
const SIDE_MAX: u32 = 8192;
/// Shortest side of a picture, pixels: one macroblock.
const SIDE_MIN: u32 = 16;
/// From this ratio of source to tile width on, the loop filter is skipped: area scaling averages at
/// least 2x2 source pixels, which hides what the filter would have smoothed (640x360 to 320x180:
/// 0.1 dB for H.264, less for H.265, against about a sixth of the decoding time).
const LOOP_FILTER_SKIPPED_FROM: u32 = 2;

/// One libavcodec decoder.
pub struct Decoder {
    codec: Codec,
    inner: decoder::Opened,
    frame: frame::Video,
    /// A continuous run has begun, at a random access point.
    started: bool,
}

impl Decoder {
    /// Opens a decoder. Fails only where FFmpeg was built without it.
    pub fn open(codec: Codec) -> Result<Self, DecodeFault> {
        let id = match codec {
            Codec::H264 => codec::Id::H264,
            Codec::H265 => codec::Id::HEVC,
            Codec::Mjpeg => codec::Id::MJPEG,
        };
        let found = decoder::find(id).ok_or(ffmpeg::Error::DecoderNotFound).map_err(fault)?;
        let mut context = codec::Context::new_with_codec(found);
        if codec == Codec::H265 {
            unwritten::paint_buffers(&mut context);
        }
        let mut decoder = context.decoder();
        // One thread: the worker has one core, and frame threads would hold frames back.
        decoder.set_threading(threading::Config::count(1));
        decoder
            .check(Check::EXPLODE | Check::CRC | Check::BITSTREAM | Check::BUFFER | Check::CAREFUL);
        let inner = decoder.open().map_err(fault)?;
        Ok(Self { codec, inner, frame: frame::Video::empty(), started: false })
    }

    /// Decodes one random access point by itself and forgets it again.
    ///
    /// End of stream after the packet, because a stream that may reorder pictures gives up its
    /// keyframe only so; then a flush, which readies the decoder for any other camera.
    /// `width_wanted` is the widest tile to be made of it, 0 for none.
    pub fn still(
        &mut self,
        data: &[u8],
        pixels_max: u32,
        width_wanted: u32,
    ) -> Result<&frame::Video, DecodeFault> {
        let announced = self.admit(data, pixels_max)?;
        if !announced.complete {
            // The decoder still holds some other camera's, and must not be lent those.
            return Err(damaged("a keyframe without its parameter sets"));
        }
        let skip = announced.size.is_some_and(|(width, _)| {
            width_wanted.saturating_mul(LOOP_FILTER_SKIPPED_FROM) <= width
        });
        self.inner.skip_loop_filter(if skip { Discard::All } else { Discard::Default });
        let outcome = self.send(data).and_then(|()| {
            self.inner.send_eof().map_err(fault)?;
            self.receive()
        });
        self.inner.flush();
        match outcome {
            Err(DecodeFault::NotYet) => Err(damaged("a keyframe that gives no picture")),
            Err(fault) => Err(fault),
            Ok(()) if !self.frame.is_key() => Err(damaged("not a random access point")),
            Ok(()) => self.checked(pixels_max),
        }
    }

    /// Decodes the next access unit of a run, and gives the picture that comes out, if any does.
    ///
    /// After damage nothing comes out until the next point where decoding can start: what is
    /// predicted from a damaged picture is damaged too, and no flag says so.
    pub fn next(&mut self, data: &[u8], pixels_max: u32) -> Result<&frame::Video, DecodeFault> {
        self.admit(data, pixels_max)?;
        // H.264 has streams without a single IDR picture; there libavcodec itself waits for a
        // recovery point. For H.265 it would start anywhere, on invented references.
        if !self.started && self.codec == Codec::H265 && !nal::is_random_access(self.codec, data) {
            return Err(DecodeFault::NotYet);
        }
        self.started = true;
        let outcome = self.send(data).and_then(|()| self.receive());
        match outcome {
            Ok(()) => self.checked(pixels_max),
            Err(fault) => {
                if fault != DecodeFault::NotYet {
                    self.restart();
                }
                Err(fault)
            }
        }
    }

    fn restart(&mut self) {
        self.inner.flush();
        self.started = false;
    }

    /// Refuses by size before the decoder allocates anything.
    fn admit(&mut self, data: &[u8], pixels_max: u32) -> Result<Announced, DecodeFault> {
        let announced = announced(self.codec, data);
        if let Some((width, height)) = announced.size {
            within(width, height, pixels_max)?;
        }
        self.limit_pixels(pixels_max);
        Ok(announced)
    }

    #[expect(unsafe_code, reason = "no safe setter for max_pixels")]
    fn limit_pixels(&mut self, pixels_max: u32) {
        // SAFETY: the context is open and owned by `inner`; the field is a plain number that
        // libavcodec reads whenever a stream sets a new size.
        unsafe { (*self.inner.as_mut_ptr()).max_pixels = pixels_max.into() };
    }

    fn send(&mut self, data: &[u8]) -> Result<(), DecodeFault> {
        if data.is_empty() {
            return Err(damaged("an empty access unit"));
        }
        // A copy, because libavcodec reads up to 64 zeroed bytes past the end of its input.
        self.inner.send_packet(&Packet::copy(data)).map_err(fault)
    }

    fn receive(&mut self) -> Result<(), DecodeFault> {
        self.inner.receive_frame(&mut self.frame).map_err(fault)
    }

    fn checked(&mut self, pixels_max: u32) -> Result<&frame::Video, DecodeFault> {
        let incomplete = self.frame.is_corrupt()
            || self.frame.has_decode_errors()
            || (self.codec == Codec::H265 && unwritten::has_unwritten_block(&self.frame));
        let refusal = if incomplete {
            Some(damaged("parts of the picture were lost"))
        } else {
            within(self.frame.width(), self.frame.height(), pixels_max).err()
        };
        match refusal {
            None => Ok(&self.frame),
            Some(fault) => {
                self.restart();
                Err(fault)
            }
        }
    }
}

fn within(width: u32, height: u32, pixels_max: u32) -> Result<(), DecodeFault> {
    let sides = SIDE_MIN..=SIDE_MAX;
    let pixels = u64::from(width) * u64::from(height);
    if sides.contains(&width) && sides.contains(&height) && pixels <= pixels_max.into() {
        return Ok(());
    }
    let why = format!(
        "{width}x{height} pixels are outside {SIDE_MIN} to {SIDE_MAX} a side and {pixels_max} in all"
    );
    Err(DecodeFault::Unsupported { why })
}

pub(super) fn damaged(why: &str) -> DecodeFault {
    DecodeFault::Damaged { why: why.to_owned() }
}

fn fault(error: ffmpeg::Error) -> DecodeFault {
    use ffmpeg::Error;
    let unsupported = |why: &str| DecodeFault::Unsupported { why: why.to_owned() };
    match error {
        Error::Other { errno: ffmpeg::error::EAGAIN } | Error::Eof => DecodeFault::NotYet,
        Error::Other { errno: ffmpeg::error::ENOMEM } => {
            unsupported("it needs more memory than a decode worker may take")
        }
        Error::PatchWelcome | Error::Experimental => {
            unsupported("it uses a codec feature that the decoder does not know")
        }
        Error::DecoderNotFound => unsupported("this FFmpeg was built without the decoder"),
        Error::InvalidData => damaged("the decoder found invalid data"),
        other => DecodeFault::Damaged { why: format!("the decoder failed: {other}") },
    }
}
