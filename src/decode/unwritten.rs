//! Finds the parts of an H.265 picture that the decoder never wrote.
//!
//! libavcodec's H.265 decoder conceals nothing and reports little: where a slice is missing or ends
//! early it hands out the frame with whatever its buffer held, perhaps another camera's picture.
//! So every new buffer is painted with a pattern that no camera sends, and a block that still
//! shows it was not decoded.
//!
//! This finds what is missing, not what is wrong: in H.265 almost any bits decode to some picture.
//! Of keyframes with one bit flipped or one packet's bytes cut out of the middle, about half still
//! give a wrong picture and no sign of it. So the real guard is in front: ingest gives up an access
//! unit of which a part was lost.

use ffmpeg_next::{codec, ffi, format::Pixel, frame::Video};
use libc::c_int;

/// Neighbouring luma bytes of 0 and 255: as 8-bit samples the harshest stripes there are, as 10-bit
/// samples out of range.
const PATTERN: [u8; 2] = [0x00, 0xff];
/// The smallest coding tree block of H.265: what is left out is left out in units of at least this.
const BLOCK: usize = 16;
/// The middle of a block that is looked at: the loop filters of its neighbours change up to four
/// pixels at its edges.
const MARGIN: usize = 6;

/// Has every buffer of this decoder painted before it is written. Before it is opened.
#[expect(unsafe_code, reason = "no safe way to set a buffer callback")]
pub(super) fn paint_buffers(context: &mut codec::Context) {
    // SAFETY: the context is owned, not yet opened, and the callback lives as long as the program.
    unsafe { (*context.as_mut_ptr()).get_buffer2 = Some(painted_buffer) };
}

#[expect(unsafe_code, reason = "a callback of libavcodec's")]
unsafe extern "C" fn painted_buffer(
    context: *mut ffi::AVCodecContext,
    frame: *mut ffi::AVFrame,
    flags: c_int,
) -> c_int {
    // SAFETY: the arguments are passed on as they came, which is what the default expects.
    let result = unsafe { ffi::avcodec_default_get_buffer2(context, frame, flags) };
    if result < 0 {
        return result;
    }
    // SAFETY: the default allocated the planes of this frame, and only this call has the frame.
    let (plane, stride, height) =
        unsafe { ((*frame).data[0], (*frame).linesize[0], (*frame).height) };
    let (Ok(stride), Ok(height)) = (usize::try_from(stride), usize::try_from(height)) else {
        return result;
    };
    // SAFETY: the luma plane has `height` rows of `stride` bytes.
    let plane = unsafe { std::slice::from_raw_parts_mut(plane, stride * height) };
    let (pairs, _) = plane.as_chunks_mut::<2>();
    pairs.fill(PATTERN);
    result
}

/// Whether a block of the luma plane still shows the pattern.
pub(super) fn has_unwritten_block(frame: &Video) -> bool {
    let bytes = if is_deep(frame.format()) { 2 } else { 1 };
    let (plane, stride) = (frame.data(0), frame.stride(0));
    let width = frame.width() as usize * bytes;
    let rows = (MARGIN..frame.height() as usize).step_by(BLOCK);
    rows.map(|row| &plane[row * stride..][..width]).any(|row| {
        row.chunks(BLOCK * bytes).any(|block| {
            let middle = MARGIN * bytes;
            block.get(middle..middle + 4).is_some_and(|bytes| {
                // Cropping may have moved the plane's beginning by an odd number of pixels.
                bytes == [0x00, 0xff, 0x00, 0xff] || bytes == [0xff, 0x00, 0xff, 0x00]
            })
        })
    })
}

/// Whether a sample takes two bytes. The H.265 decoder gives these formats and no others that do.
fn is_deep(format: Pixel) -> bool {
    matches!(
        format,
        Pixel::GRAY10LE
            | Pixel::GRAY12LE
            | Pixel::YUV420P10LE
            | Pixel::YUV420P12LE
            | Pixel::YUV422P10LE
            | Pixel::YUV422P12LE
            | Pixel::YUV444P10LE
            | Pixel::YUV444P12LE
            | Pixel::GBRP10LE
            | Pixel::GBRP12LE
    )
}
