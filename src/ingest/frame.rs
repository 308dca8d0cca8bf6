//! From the library's frames to access units: what a frame is worth after loss, where decoding can
//! start, and what a stream carries. Pure.

use retina::codec::{VideoFrame, VideoParameters, VideoParametersCodec};

use super::fault::fault;
use crate::{
    domain::{
        camera::Condition,
        media::{Codec, StreamFormat},
        nal,
    },
    worker::message::Fault,
};

/// Smallest and largest side of a picture, pixels.
const SIDES: std::ops::RangeInclusive<u32> = 16..=8192;

/// What a stream with these parameters carries, if the service takes it.
pub(super) fn format(
    codec: Codec,
    parameters: &VideoParameters,
    pixels_max: u32,
) -> Result<StreamFormat, Fault> {
    let (width, height) = parameters.pixel_dimensions();
    let (coded_width, coded_height) = parameters.coded_pixel_dimensions();
    let pixels = u64::from(coded_width.max(width)) * u64::from(coded_height.max(height));
    if !SIDES.contains(&width) || !SIDES.contains(&height) || pixels > u64::from(pixels_max) {
        return Err(fault(
            Condition::Unsupported,
            format!(
                "the picture is {width}x{height} pixels, outside the sizes that are taken (16 to 8192 a side, {pixels_max} pixels in all)"
            ),
        ));
    }
    Ok(StreamFormat { codec, codec_string: parameters.rfc6381_codec().to_owned(), width, height })
}

/// Whether decoding can start at this frame.
pub(super) fn is_random_access(codec: Codec, frame: &VideoFrame) -> bool {
    match codec {
        Codec::H264 => frame.is_random_access_point(),
        // The library says IDR only; open-GOP streams have CRA pictures instead.
        Codec::H265 => nal::is_random_access(codec, frame.data()),
        Codec::Mjpeg => true,
    }
}

/// Whether an access unit that came after a loss still begins with its first slice. The library
/// gives up those that lost their middle or end; a lost beginning it cannot see.
pub(super) fn begins_whole(codec: Codec, access_unit: &[u8]) -> bool {
    match codec {
        // first_mb_in_slice is 0: the Exp-Golomb code that is a single 1 bit (H.264 §7.3.3).
        Codec::H264 => first_slice(access_unit, |nal| matches!(nal[0] & 0x1f, 1 | 5), 1),
        // first_slice_segment_in_pic_flag (H.265 §7.3.6.1).
        Codec::H265 => first_slice(access_unit, |nal| nal[0] >> 1 & 0x3f < 32, 2),
        Codec::Mjpeg => access_unit.starts_with(&[0xff, 0xd8]),
    }
}

fn first_slice(access_unit: &[u8], is_slice: impl Fn(&[u8]) -> bool, header: usize) -> bool {
    let slice = nal::units(access_unit).find(|nal| !nal.is_empty() && is_slice(nal));
    slice.and_then(|nal| nal.get(header)).is_some_and(|first| first & 0x80 != 0)
}

/// The frame's bytes, with parameter sets in front if decoding can start at it. The library puts
/// them before IDR pictures only.
pub(super) fn data(
    codec: Codec,
    random_access: bool,
    parameters: Option<&VideoParameters>,
    frame: VideoFrame,
) -> Vec<u8> {
    let library_did = codec != Codec::H265 || !random_access || frame.is_random_access_point();
    let sets = match parameters.map(VideoParameters::codec_params) {
        Some(VideoParametersCodec::H265 { vps, sps, pps }) if !library_did => [vps, sps, pps],
        _ => return frame.into_data(),
    };
    /// NAL type of an H.265 sequence parameter set.
    const SPS: u8 = 33;
    if nal::units(frame.data()).any(|nal| nal.first().is_some_and(|b| b >> 1 & 0x3f == SPS)) {
        return frame.into_data();
    }
    let mut data = Vec::with_capacity(
        frame.data().len() + sets.iter().map(|set| set.len() + 4).sum::<usize>(),
    );
    for set in sets {
        data.extend_from_slice(&[0, 0, 0, 1]);
        data.extend_from_slice(set);
    }
    data.extend_from_slice(frame.data());
    data
}

/// RTP time in 90 kHz units, wrapping, whatever the stream's own clock rate.
pub(super) fn media_time(timestamp: retina::Timestamp) -> u32 {
    let rate = i128::from(timestamp.clock_rate().get());
    let ticks = i128::from(timestamp.timestamp()) * 90_000 / rate;
    // Wrapping is what the field promises.
    ticks.rem_euclid(1 << 32) as u32
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn a_picture_without_its_first_slice_does_not_begin_whole() {
        let h264 = |slice: u8, first: u8| [0, 0, 1, 0x06, 5, 0, 0, 1, slice, first, 0x11];
        assert!(begins_whole(Codec::H264, &h264(0x65, 0x88)));
        assert!(!begins_whole(Codec::H264, &h264(0x65, 0x40)));
        assert!(!begins_whole(Codec::H264, &[0, 0, 1, 0x06, 5]));
        let h265 = |first: u8| [0, 0, 1, 0x26, 1, first, 9];
        assert!(begins_whole(Codec::H265, &h265(0x80)));
        assert!(!begins_whole(Codec::H265, &h265(0x20)));
    }

    #[test]
    fn media_time_is_in_90_khz_units_whatever_the_clock_rate() {
        let at = |ticks, rate| {
            let rate = NonZeroU32::new(rate).expect("not zero");
            media_time(retina::Timestamp::new(ticks, rate, 0).expect("in range"))
        };
        assert_eq!(at(1234, 90_000), 1234);
        assert_eq!(at(1000, 1000), 90_000);
        assert_eq!(at((1 << 32) + 5, 90_000), 5);
        assert_eq!(at(-1, 90_000), u32::MAX);
    }
}
