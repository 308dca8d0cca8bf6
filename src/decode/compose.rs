//! The snapshot of a wall: its newest tiles on one canvas, each with its name, those that are not
//! live dimmed, hatched and marked with the reason. A printed or mailed wall must not lie either.
//!
//! Drawn in a decode worker and not in the centre: it decodes JPEGs and takes up to 60 MB.

use bytes::Bytes;
use turbojpeg::{Compressor, Decompressor, Subsamp, YuvImage, YuvPlanesImage};

use super::{label, tile};
use crate::worker::{
    link::MAX_FRAME,
    message::{Cell, ComposeJob},
};

/// Longest side of a snapshot, pixels.
const SIDE_MAX: usize = 8192;
/// Most pixels of a snapshot: 8K, 50 MB of planes, which fits beside the decoders.
const PIXELS_MAX: usize = 8192 * 4320;
/// Smallest cell: below this there is no room for a name.
const CELL_MIN: usize = 32;
/// It is looked at closely and made rarely.
const QUALITY: i32 = 80;
/// One dot of the font for this many pixels of cell width, so that names stay readable at any size.
const CELL_WIDTH_PER_SCALE: usize = 320;

/// Why there is no snapshot. A tile that cannot be read costs its own cell only.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// Nothing to draw, cells too small, or a canvas too large.
    #[error(
        "a snapshot of {width}x{height} pixels in cells of {cell_width}x{cell_height} is outside the limits"
    )]
    Size {
        /// The canvas.
        width: usize,
        /// The canvas.
        height: usize,
        /// One cell.
        cell_width: usize,
        /// One cell.
        cell_height: usize,
    },
    /// TurboJPEG refused.
    #[error("the snapshot could not be coded as JPEG: {0}")]
    Jpeg(#[from] turbojpeg::Error),
    /// The JPEG does not fit the link.
    #[error("the snapshot came out at {0} bytes, over the limit of a frame")]
    Bytes(usize),
}

/// Draws snapshots.
pub struct Composer {
    decompressor: Decompressor,
    compressor: Compressor,
}

impl Composer {
    /// A composer.
    pub fn new() -> Result<Self, ComposeError> {
        Ok(Self { decompressor: Decompressor::new()?, compressor: Compressor::new()? })
    }

    /// Draws a snapshot and codes it as JPEG.
    pub fn compose(&mut self, job: &ComposeJob) -> Result<Bytes, ComposeError> {
        let grid = Grid::of(job)?;
        let mut canvas = Canvas::new(grid.width, grid.height);
        for (place, cell) in job.cells.iter().enumerate() {
            self.draw(&mut canvas, grid.area(place), cell);
        }
        let jpeg = tile::encode(&mut self.compressor, &canvas.planes(), QUALITY)?;
        if jpeg.len() > MAX_FRAME - 4096 {
            return Err(ComposeError::Bytes(jpeg.len()));
        }
        Ok(jpeg)
    }

    fn draw(&mut self, canvas: &mut Canvas, cell: Area, content: &Cell) {
        let scale = (cell.width / CELL_WIDTH_PER_SCALE).max(1);
        let strip = (label::SIDE + 4) * scale;
        let picture = Area { height: cell.height - strip, ..cell };
        let shown = content.jpeg.as_ref().is_some_and(|jpeg| {
            self.decode(jpeg, picture).is_some_and(|image| canvas.place(&image, picture))
        });
        let reason = match (&content.stale, shown) {
            (Some(reason), _) => Some(reason.as_str()),
            (None, false) => Some("no picture"),
            (None, true) => None,
        };
        if let Some(reason) = reason {
            canvas.dim_and_hatch(picture);
            let band =
                Area { y: picture.y + (picture.height - strip) / 2, height: strip, ..picture };
            canvas.write(band, scale, reason);
        }
        let strip = Area { y: picture.y + picture.height, height: strip, ..cell };
        canvas.write(strip, scale, &content.label);
    }

    /// Decodes a tile at the largest size that TurboJPEG offers and that fits. `None` if it is not
    /// a JPEG as this service makes them.
    fn decode(&mut self, jpeg: &[u8], fit: Area) -> Option<YuvImage<Vec<u8>>> {
        let header = self.decompressor.read_header(jpeg).ok()?;
        if header.subsamp != Subsamp::Sub2x2 || header.width.max(header.height) > SIDE_MAX {
            return None;
        }
        let factor = Decompressor::supported_scaling_factors()
            .into_iter()
            .filter(|factor| {
                factor.scale(header.width) <= fit.width && factor.scale(header.height) <= fit.height
            })
            .max_by_key(|factor| factor.scale(header.width))?;
        self.decompressor.set_scaling_factor(factor).ok()?;
        let (width, height) = (factor.scale(header.width), factor.scale(header.height));
        let length = turbojpeg::yuv_pixels_len(width, 1, height, Subsamp::Sub2x2).ok()?;
        let pixels = vec![0; length];
        let mut image = YuvImage { pixels, width, align: 1, height, subsamp: Subsamp::Sub2x2 };
        self.decompressor.decompress_to_yuv(jpeg, image.as_deref_mut()).ok()?;
        Some(image)
    }
}

/// The smallest snapshot that uses every tool once.
pub(super) fn sample() -> ComposeJob {
    let cell = Cell { jpeg: None, label: "-".to_owned(), stale: None };
    ComposeJob { job: 0, columns: 1, cell_width: 32, cell_height: 32, cells: vec![cell] }
}

struct Grid {
    columns: usize,
    cell_width: usize,
    cell_height: usize,
    width: usize,
    height: usize,
}

impl Grid {
    fn of(job: &ComposeJob) -> Result<Self, ComposeError> {
        // Even, so that every cell begins on a chroma sample.
        let (cell_width, cell_height) =
            (usize::from(job.cell_width & !1), usize::from(job.cell_height & !1));
        let columns = usize::from(job.columns).max(1);
        let rows = job.cells.len().div_ceil(columns);
        let width = columns.saturating_mul(cell_width);
        let height = rows.saturating_mul(cell_height);
        let fits = rows > 0
            && cell_width.min(cell_height) >= CELL_MIN
            // A wide and flat cell would have no room for its name at its scale.
            && cell_width <= cell_height * 8
            && width.max(height) <= SIDE_MAX
            && width * height <= PIXELS_MAX;
        if fits {
            Ok(Self { columns, cell_width, cell_height, width, height })
        } else {
            Err(ComposeError::Size { width, height, cell_width, cell_height })
        }
    }

    fn area(&self, place: usize) -> Area {
        Area {
            x: place % self.columns * self.cell_width,
            y: place / self.columns * self.cell_height,
            width: self.cell_width,
            height: self.cell_height,
        }
    }
}

/// A rectangle of luma pixels.
#[derive(Clone, Copy)]
struct Area {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

const BACKGROUND: u8 = 28;
const STRIP: u8 = 12;
const TEXT: u8 = 235;
const GREY: u8 = 128;

/// Full-range planes, 4:2:0, even sides.
struct Canvas {
    width: usize,
    height: usize,
    y: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        let (pixels, chroma) = (width * height, width * height / 4);
        Self {
            width,
            height,
            y: vec![BACKGROUND; pixels],
            u: vec![GREY; chroma],
            v: vec![GREY; chroma],
        }
    }

    fn planes(&self) -> YuvPlanesImage<&[u8]> {
        YuvPlanesImage {
            y_plane: &self.y,
            u_plane: &self.u,
            v_plane: &self.v,
            width: self.width,
            height: self.height,
            y_stride: self.width,
            u_stride: self.width / 2,
            v_stride: self.width / 2,
            subsamp: Subsamp::Sub2x2,
        }
    }

    /// Puts an image into the middle of an area that it fits in.
    fn place(&mut self, image: &YuvImage<Vec<u8>>, area: Area) -> bool {
        let (width, height) = (image.width & !1, image.height & !1);
        if width == 0 || height == 0 || width > area.width || height > area.height {
            return false;
        }
        let x = area.x + (((area.width - width) / 2) & !1);
        let y = area.y + (((area.height - height) / 2) & !1);
        let (luma, chroma) =
            (image.y_width() * image.y_height(), image.uv_width() * image.uv_height());
        let (y_plane, rest) = image.pixels.split_at(luma);
        let (u_plane, v_plane) = rest.split_at(chroma);
        copy(y_plane, image.y_width(), &mut self.y, self.width, Area { x, y, width, height });
        let half = Area { x: x / 2, y: y / 2, width: width / 2, height: height / 2 };
        copy(u_plane, image.uv_width(), &mut self.u, self.width / 2, half);
        copy(v_plane, image.uv_width(), &mut self.v, self.width / 2, half);
        true
    }

    fn dim_and_hatch(&mut self, area: Area) {
        const STRIPES: usize = 16;
        const STRIPE: usize = 3;
        for y in area.y..area.y + area.height {
            let row = &mut self.y[y * self.width..][area.x..area.x + area.width];
            for (x, pixel) in row.iter_mut().enumerate() {
                *pixel /= 2;
                if (x + y) % STRIPES < STRIPE {
                    *pixel = pixel.saturating_add(70);
                }
            }
        }
        for plane in [&mut self.u, &mut self.v] {
            for y in area.y / 2..(area.y + area.height) / 2 {
                let row = &mut plane[y * (self.width / 2)..][area.x / 2..(area.x + area.width) / 2];
                row.iter_mut().for_each(|pixel| *pixel = *pixel / 2 + GREY / 2);
            }
        }
    }

    /// A dark strip with text on it, cut where the strip ends.
    fn write(&mut self, area: Area, scale: usize, text: &str) {
        for y in area.y..area.y + area.height {
            self.y[y * self.width..][area.x..area.x + area.width].fill(STRIP);
        }
        let margin = 2 * scale;
        let fits = (area.width - 2 * margin) / (label::SIDE * scale);
        let folded = label::fold(text);
        let folded = folded.get(..fits).unwrap_or(&folded);
        label::dots(folded, |dot_x, dot_y| {
            for y in 0..scale {
                let y = area.y + margin + dot_y * scale + y;
                let x = area.x + margin + dot_x * scale;
                self.y[y * self.width..][x..x + scale].fill(TEXT);
            }
        });
    }
}

/// Copies the upper left of a plane into an area of another.
fn copy(from: &[u8], from_stride: usize, to: &mut [u8], to_stride: usize, area: Area) {
    for row in 0..area.height {
        let source = &from[row * from_stride..][..area.width];
        to[(area.y + row) * to_stride + area.x..][..area.width].copy_from_slice(source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 160;
    const HEIGHT: usize = 90;

    /// A tile of one brightness.
    fn plain(brightness: u8) -> Bytes {
        let mut canvas = Canvas::new(WIDTH, HEIGHT);
        canvas.y.fill(brightness);
        let mut compressor = Compressor::new().expect("TurboJPEG is built in");
        tile::encode(&mut compressor, &canvas.planes(), QUALITY).expect("plain planes")
    }

    fn cell(jpeg: Option<Bytes>, stale: Option<&str>) -> Cell {
        Cell { jpeg, label: "Cổng 1".to_owned(), stale: stale.map(str::to_owned) }
    }

    fn job(cells: Vec<Cell>) -> ComposeJob {
        ComposeJob { job: 1, columns: 2, cell_width: 160, cell_height: 102, cells }
    }

    fn luma(jpeg: &[u8]) -> (usize, Vec<u8>) {
        let image = turbojpeg::decompress_to_yuv(jpeg).expect("a JPEG of our own");
        (image.y_width(), image.pixels)
    }

    fn span(luma: &(usize, Vec<u8>), x: usize, y: usize, side: usize) -> (u8, u8) {
        let pixels = (y..y + side).flat_map(|y| luma.1[y * luma.0 + x..][..side].iter().copied());
        pixels.fold((u8::MAX, 0), |(low, high), pixel| (low.min(pixel), high.max(pixel)))
    }

    #[test]
    fn a_live_cell_is_shown_as_it_is_and_a_stale_one_dimmed_and_hatched() {
        let cells = vec![
            cell(Some(plain(180)), None),
            cell(Some(plain(180)), Some("no video 5 min")),
            cell(None, Some("never seen")),
        ];
        let mut composer = Composer::new().expect("TurboJPEG is built in");
        let snapshot = luma(&composer.compose(&job(cells)).expect("a small snapshot"));
        assert_eq!(snapshot.0, 320);
        let live = span(&snapshot, 8, 8, 24);
        assert!(live.0 > 174 && live.1 < 186, "{live:?}");
        let stale = span(&snapshot, 168, 8, 24);
        assert!(stale.0 < 110 && stale.1 > 130, "dimmed below and hatched above: {stale:?}");
        let never = span(&snapshot, 8, 102 + 8, 24);
        assert!(never.0 < 40 && never.1 > 60, "hatched on dark: {never:?}");
        let name = span(&snapshot, 2, 91, 8);
        assert!(name.0 < 60 && name.1 > 180, "light letters on a dark strip: {name:?}");
    }

    #[test]
    fn a_tile_that_is_no_jpeg_costs_its_own_cell_only() {
        let cells =
            vec![cell(Some(Bytes::from_static(b"no jpeg")), None), cell(Some(plain(180)), None)];
        let mut composer = Composer::new().expect("TurboJPEG is built in");
        let snapshot = luma(&composer.compose(&job(cells)).expect("still a snapshot"));
        assert!(span(&snapshot, 8, 8, 24).0 < 40);
        assert!(span(&snapshot, 168, 8, 24).0 > 170);
    }

    #[test]
    fn a_snapshot_outside_the_limits_is_refused() {
        let mut composer = Composer::new().expect("TurboJPEG is built in");
        let with = |columns, cell_width, cell_height, count| ComposeJob {
            columns,
            cell_width,
            cell_height,
            cells: vec![cell(None, None); count],
            ..job(Vec::new())
        };
        for job in [
            with(1, 320, 200, 0),
            with(1, 16, 200, 1),
            with(1, 320, 16, 1),
            with(100, 320, 200, 100),
            with(1, 320, 200, 100),
            with(8, 1024, 1024, 48),
            with(1, 4096, 40, 1),
        ] {
            let refused = composer.compose(&job);
            assert!(matches!(refused, Err(ComposeError::Size { .. })), "{job:?}");
        }
    }

    #[test]
    fn cells_larger_and_smaller_than_their_tiles_are_filled_as_far_as_whole_steps_go() {
        let mut composer = Composer::new().expect("TurboJPEG is built in");
        for (cell_width, cell_height) in [(640, 400), (100, 80), (32, 32), (321, 201)] {
            let job =
                ComposeJob { cell_width, cell_height, ..job(vec![cell(Some(plain(180)), None)]) };
            let snapshot = luma(&composer.compose(&job).expect("inside the limits"));
            let middle = (usize::from(cell_width) / 2, usize::from(cell_height) / 3);
            assert!(span(&snapshot, middle.0, middle.1, 2).0 > 160, "{cell_width}x{cell_height}");
        }
    }
}
