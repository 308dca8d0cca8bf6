//! Tiles: a decoded frame, scaled down by area and coded as JPEG straight from its planes, without
//! a detour through RGB (which costs more than the JPEG itself).
//!
//! Area scaling, because at the ratios of a wall bilinear skips source pixels and aliases (28 dB
//! against area). JPEG is full range by definition, so a limited-range source is stretched after it
//! is scaled. The colour matrix is left as it is.

use bytes::Bytes;
use ffmpeg_next::{
    color::Range,
    ffi,
    format::Pixel,
    frame,
    software::scaling::{self, Flags},
};
use turbojpeg::{Compressor, OutputBuf, Subsamp, YuvPlanesImage};

use crate::domain::media::Tile;

/// JPEG quality of tiles up to [`LARGE`]: wall cells, whose bytes go to every screen each second.
const QUALITY: i32 = 75;
/// JPEG quality from [`LARGE`] on: looked at alone, at full size.
const QUALITY_LARGE: i32 = 80;
/// The width from which a tile counts as large, pixels.
const LARGE: u16 = 640;
/// Scalers kept: a site has few camera models and few tile sizes, and each scaler holds its tables
/// and a frame, a few 100 KB.
const SCALERS_MAX: usize = 16;

/// Why a frame gave no tile.
#[derive(Debug, thiserror::Error)]
pub enum TileError {
    /// swscale has no way from this pixel format, or no memory.
    #[error("{format:?} at {width}x{height} cannot be scaled")]
    Scale {
        /// The frame's pixel format.
        format: Pixel,
        /// The frame's width.
        width: u32,
        /// The frame's height.
        height: u32,
    },
    /// TurboJPEG refused.
    #[error("the tile could not be coded as JPEG")]
    Jpeg(#[from] turbojpeg::Error),
}

/// Makes tiles, keeping its scalers from frame to frame.
pub struct Tiler {
    /// Most recently used last.
    scalers: Vec<Scaler>,
    compressor: Compressor,
}

impl Tiler {
    /// A tiler without scalers yet.
    pub fn new() -> Result<Self, TileError> {
        Ok(Self { scalers: Vec::new(), compressor: Compressor::new()? })
    }

    /// One tile for each width, in their order. A source that is narrower than asked for gives a
    /// tile of its own width.
    pub fn tiles(&mut self, frame: &frame::Video, widths: &[u16]) -> Result<Vec<Tile>, TileError> {
        widths.iter().map(|width| self.tile(frame, *width)).collect()
    }

    fn tile(&mut self, frame: &frame::Video, width: u16) -> Result<Tile, TileError> {
        let (width, height) = tile_size(frame, width);
        let scaler = kept(&mut self.scalers, Shape::of(frame, width, height))?;
        scaler.run(frame)?;
        let quality = if width >= LARGE { QUALITY_LARGE } else { QUALITY };
        let jpeg = encode(&mut self.compressor, &scaler.planes(), quality)?;
        Ok(Tile { width, height, jpeg })
    }
}

/// Codes planes as one JPEG.
pub(super) fn encode(
    compressor: &mut Compressor,
    planes: &YuvPlanesImage<&[u8]>,
    quality: i32,
) -> Result<Bytes, turbojpeg::Error> {
    compressor.set_quality(quality)?;
    let mut jpeg = OutputBuf::new_owned();
    compressor.compress_yuv_planes(planes, &mut jpeg)?;
    Ok(Bytes::copy_from_slice(&jpeg))
}

/// The tile's even size: the source's shape as it is meant to be seen, never larger than the source
/// in either direction.
fn tile_size(frame: &frame::Video, width: u16) -> (u16, u16) {
    let (source_width, source_height) = (f64::from(frame.width()), f64::from(frame.height()));
    let aspect = frame.aspect_ratio();
    let pixel = match (aspect.numerator(), aspect.denominator()) {
        // Pixels that are ten times as wide as high exist in broken streams only.
        (n, d) if n > 0 && d > 0 => (f64::from(n) / f64::from(d)).clamp(0.1, 10.0),
        _ => 1.0,
    };
    let seen_width = source_width * pixel.min(1.0);
    let seen_height = source_height / pixel.max(1.0);
    let width = f64::from(width).min(seen_width);
    let height = (width * seen_height / seen_width).min(source_height);
    (even(width), even(height))
}

/// The nearest even number of pixels, at least two.
fn even(pixels: f64) -> u16 {
    // The sides are at most 8192, so the cast cannot cut anything off.
    2 * ((pixels / 2.0).round().max(1.0) as u16)
}

/// What a scaler is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    format: Pixel,
    /// What swscale is told of the source's range.
    full_range: bool,
    /// Whether the tile's planes are stretched to full range afterwards.
    stretch: bool,
    source: (u32, u32),
    tile: (u16, u16),
}

impl Shape {
    fn of(frame: &frame::Video, width: u16, height: u16) -> Self {
        use Pixel::{YUVJ420P, YUVJ422P, YUVJ440P, YUVJ444P};
        // The formats with a J are full range by name, and may come without the flag. swscale is
        // told that every 8-bit source is one of them, so that it does not change the range itself.
        let full = frame.color_range() == Range::JPEG;
        let (format, full_range, stretch) = match frame.format() {
            named @ (YUVJ420P | YUVJ422P | YUVJ440P | YUVJ444P) => (named, true, false),
            Pixel::YUV420P => (YUVJ420P, true, !full),
            Pixel::YUV422P => (YUVJ422P, true, !full),
            Pixel::YUV440P => (YUVJ440P, true, !full),
            Pixel::YUV444P => (YUVJ444P, true, !full),
            // Deep, grey and RGB, which are rare: swscale converts them itself. From 10 bits it is
            // also closer so (32 dB against 27 at 160x90).
            other => (other, full, false),
        };
        let (source, tile) = ((frame.width(), frame.height()), (width, height));
        Self { format, full_range, stretch, source, tile }
    }
}

/// An swscale context and the frame that it scales into.
struct Scaler {
    shape: Shape,
    context: scaling::Context,
    tile: frame::Video,
}

// SAFETY: an swscale context belongs to whoever holds it, not to the thread that made it; all calls
// go through `&mut self`.
#[expect(unsafe_code, reason = "the wrapper of swscale does not say that it may change threads")]
unsafe impl Send for Scaler {}

/// The scaler of this shape, made if there is none yet, as the most recently used one.
fn kept(scalers: &mut Vec<Scaler>, shape: Shape) -> Result<&mut Scaler, TileError> {
    let scaler = match scalers.iter().position(|scaler| scaler.shape == shape) {
        Some(at) => scalers.remove(at),
        None => Scaler::new(shape)?,
    };
    if scalers.len() >= SCALERS_MAX {
        scalers.remove(0);
    }
    scalers.push(scaler);
    Ok(scalers.last_mut().expect("one was pushed"))
}

impl Scaler {
    fn new(shape: Shape) -> Result<Self, TileError> {
        let (width, height) = (shape.tile.0.into(), shape.tile.1.into());
        let mut context = scaling::Context::get(
            shape.format,
            shape.source.0,
            shape.source.1,
            Pixel::YUVJ420P,
            width,
            height,
            Flags::AREA,
        )
        .map_err(|_| shape.error())?;
        set_ranges(&mut context, shape.full_range);
        Ok(Self { shape, context, tile: frame::Video::new(Pixel::YUV420P, width, height) })
    }

    fn run(&mut self, frame: &frame::Video) -> Result<(), TileError> {
        if !scale(&mut self.context, frame, &mut self.tile) {
            return Err(self.shape.error());
        }
        if self.shape.stretch {
            stretch_luma(self.tile.data_mut(0));
            stretch_chroma(self.tile.data_mut(1));
            stretch_chroma(self.tile.data_mut(2));
        }
        Ok(())
    }

    fn planes(&self) -> YuvPlanesImage<&[u8]> {
        YuvPlanesImage {
            y_plane: self.tile.data(0),
            u_plane: self.tile.data(1),
            v_plane: self.tile.data(2),
            width: self.shape.tile.0.into(),
            height: self.shape.tile.1.into(),
            y_stride: self.tile.stride(0),
            u_stride: self.tile.stride(1),
            v_stride: self.tile.stride(2),
            subsamp: Subsamp::Sub2x2,
        }
    }
}

impl Shape {
    fn error(self) -> TileError {
        TileError::Scale { format: self.format, width: self.source.0, height: self.source.1 }
    }
}

/// Limited range 16..=235 to full range. Done here, on the few pixels of the tile, in a loop that
/// the compiler turns into vectors: swscale's own conversion made scaling to 320x180 take 0.35 ms
/// instead of 0.11 ms.
fn stretch_luma(plane: &mut [u8]) {
    for pixel in plane {
        // 149 / 128 is 255 / 219 to three digits; 239 * 149 fits.
        let stretched = (u16::from(pixel.saturating_sub(16)) * 149 + 64) >> 7;
        *pixel = stretched.min(255) as u8;
    }
}

/// Limited range 16..=240 around 128 to full range.
fn stretch_chroma(plane: &mut [u8]) {
    for pixel in plane {
        // 146 / 128 is 255 / 224 to two digits, a quarter of a level off at the most colourful.
        let stretched = ((i16::from(*pixel) - 128) * 146 + 64) >> 7;
        *pixel = (stretched + 128).clamp(0, 255) as u8;
    }
}

/// The source's range, full range for the tile, and one matrix: with two different ones swscale
/// would go through RGB.
#[expect(unsafe_code, reason = "no safe call for swscale's ranges")]
fn set_ranges(context: &mut scaling::Context, full_range: bool) {
    const ONE: i32 = 1 << 16;
    let source = i32::from(full_range);
    // SAFETY: the context is initialised, and the table is a static one of swscale's own.
    unsafe {
        let matrix = ffi::sws_getCoefficients(ffi::SWS_CS_DEFAULT);
        let context = context.as_mut_ptr();
        ffi::sws_setColorspaceDetails(context, matrix, source, matrix, 1, 0, ONE, ONE);
    }
}

/// As `Context::run`, but for the pixel formats whose name says full range, which that one takes
/// for a different format.
#[expect(unsafe_code, reason = "the safe call refuses the J formats")]
fn scale(context: &mut scaling::Context, source: &frame::Video, tile: &mut frame::Video) -> bool {
    let rows = i32::try_from(source.height()).expect("a frame's height is an int of FFmpeg's");
    // SAFETY: the context was made for a source and a tile of exactly these sizes and formats
    // (`Shape` is the key it is found by), and both frames own their planes.
    let scaled = unsafe {
        let (source, tile) = (source.as_ptr(), tile.as_mut_ptr());
        ffi::sws_scale(
            context.as_mut_ptr(),
            (&raw const (*source).data).cast(),
            (&raw const (*source).linesize).cast(),
            0,
            rows,
            (&raw const (*tile).data).cast(),
            (&raw const (*tile).linesize).cast(),
        )
    };
    scaled > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretching_is_within_a_level_of_the_exact_value_and_never_wraps() {
        let (mut luma, mut chroma): (Vec<u8>, Vec<u8>) = ((0..=255).collect(), (0..=255).collect());
        stretch_luma(&mut luma);
        stretch_chroma(&mut chroma);
        for value in 0..=255u8 {
            let at = usize::from(value);
            let exact = ((f64::from(value) - 16.0) * 255.0 / 219.0).clamp(0.0, 255.0);
            assert!((f64::from(luma[at]) - exact).abs() < 1.0, "luma {value}: {}", luma[at]);
            let exact = ((f64::from(value) - 128.0) * 255.0 / 224.0 + 128.0).clamp(0.0, 255.0);
            assert!((f64::from(chroma[at]) - exact).abs() < 1.0, "chroma {value}: {}", chroma[at]);
        }
        assert_eq!((luma[16], luma[235], chroma[128]), (0, 255, 128));
    }
}
