//! A YUV 4:2:0 picture and the few strokes scenes are drawn with. Knows pixels, not places.

/// A colour as red, green and blue, 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rgb(pub(crate) f32, pub(crate) f32, pub(crate) f32);

impl Rgb {
    /// The colour made brighter or darker.
    pub(crate) fn times(self, factor: f32) -> Self {
        Self(self.0 * factor, self.1 * factor, self.2 * factor)
    }

    /// The colour `share` of the way to another.
    pub(crate) fn toward(self, other: Self, share: f32) -> Self {
        let mix = |a: f32, b: f32| a + (b - a) * share;
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// BT.601 limited range, as cameras send.
    fn yuv(self) -> [u8; 3] {
        let [r, g, b] = [self.0, self.1, self.2].map(|c| c.clamp(0.0, 255.0));
        [
            (16.0 + 0.257 * r + 0.504 * g + 0.098 * b) as u8,
            (128.0 - 0.148 * r - 0.291 * g + 0.439 * b) as u8,
            (128.0 + 0.439 * r - 0.368 * g - 0.071 * b) as u8,
        ]
    }
}

/// A picture in three planes, tightly packed; chroma has half the size each way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canvas {
    width: usize,
    height: usize,
    planes: [Vec<u8>; 3],
}

impl Canvas {
    /// A black picture; an odd side is made even.
    pub fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width as usize & !1, height as usize & !1);
        let chroma = width * height / 4;
        Self {
            width,
            height,
            planes: [vec![16; width * height], vec![128; chroma], vec![128; chroma]],
        }
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Luma, blue and red difference planes.
    pub fn planes(&self) -> &[Vec<u8>; 3] {
        &self.planes
    }

    /// The planes, to be changed as a whole.
    pub fn planes_mut(&mut self) -> &mut [Vec<u8>; 3] {
        &mut self.planes
    }

    /// Takes over another picture of the same size without a new allocation.
    pub fn copy_from(&mut self, other: &Self) {
        for (mine, theirs) in self.planes.iter_mut().zip(&other.planes) {
            mine.copy_from_slice(theirs);
        }
    }

    /// Fills the whole picture.
    pub(crate) fn clear(&mut self, colour: Rgb) {
        for (plane, value) in self.planes.iter_mut().zip(colour.yuv()) {
            plane.fill(value);
        }
    }

    /// A rectangle; parts outside are cut off.
    pub(crate) fn rect(&mut self, x0: f32, y0: f32, x1: f32, y1: f32, colour: Rgb) {
        let colour = colour.yuv();
        for y in self.rows(y0, y1) {
            self.span(y, x0, x1, colour);
        }
    }

    /// Rows blending from one colour at `y0` to another at `y1`.
    pub(crate) fn gradient(&mut self, y0: f32, y1: f32, top: Rgb, bottom: Rgb) {
        for y in self.rows(y0, y1) {
            let share = (y as f32 - y0) / (y1 - y0).max(1.0);
            self.span(y, 0.0, self.width as f32, top.toward(bottom, share).yuv());
        }
    }

    /// A filled polygon of any shape, by the even-odd rule.
    pub(crate) fn polygon(&mut self, points: &[(f32, f32)], colour: Rgb) {
        let colour = colour.yuv();
        let top = points.iter().map(|p| p.1).fold(f32::MAX, f32::min);
        let bottom = points.iter().map(|p| p.1).fold(f32::MIN, f32::max);
        for y in self.rows(top, bottom) {
            let line = y as f32 + 0.5;
            let mut crossings = [0.0_f32; 16];
            let mut found = 0;
            for (i, &(ax, ay)) in points.iter().enumerate() {
                let (bx, by) = points[(i + 1) % points.len()];
                if (ay <= line) != (by <= line) && found < crossings.len() {
                    crossings[found] = ax + (line - ay) / (by - ay) * (bx - ax);
                    found += 1;
                }
            }
            crossings[..found].sort_by(f32::total_cmp);
            for pair in crossings[..found].chunks_exact(2) {
                self.span(y, pair[0], pair[1], colour);
            }
        }
    }

    /// A filled ellipse.
    pub(crate) fn ellipse(&mut self, cx: f32, cy: f32, rx: f32, ry: f32, colour: Rgb) {
        let colour = colour.yuv();
        for y in self.rows(cy - ry, cy + ry) {
            let dy = (y as f32 + 0.5 - cy) / ry.max(0.01);
            let half = rx * (1.0 - dy * dy).max(0.0).sqrt();
            self.span(y, cx - half, cx + half, colour);
        }
    }

    /// Light around a lamp: added to what is there, falling off with the distance.
    pub(crate) fn glow(&mut self, cx: f32, cy: f32, rx: f32, ry: f32, strength: f32, warm: f32) {
        for y in self.rows(cy - ry, cy + ry) {
            let dy = (y as f32 + 0.5 - cy) / ry;
            let half = rx * (1.0 - dy * dy).max(0.0).sqrt();
            let (from, to) = self.columns(cx - half, cx + half);
            for x in from..to {
                let dx = (x as f32 + 0.5 - cx) / rx;
                let near = (1.0 - dx * dx - dy * dy).max(0.0);
                let light = strength * near * near;
                let luma = &mut self.planes[0][y * self.width + x];
                *luma = (f32::from(*luma) + light).min(235.0) as u8;
                if x % 2 == 0 && y % 2 == 0 {
                    let at = y / 2 * (self.width / 2) + x / 2;
                    let tint = light * warm * 0.12;
                    let blue = &mut self.planes[1][at];
                    *blue = (f32::from(*blue) - tint).max(70.0) as u8;
                    let red = &mut self.planes[2][at];
                    *red = (f32::from(*red) + tint * 0.6).min(170.0) as u8;
                }
            }
        }
    }

    fn rows(&self, y0: f32, y1: f32) -> std::ops::Range<usize> {
        let limit = self.height as f32;
        y0.round().clamp(0.0, limit) as usize..y1.round().clamp(0.0, limit) as usize
    }

    fn columns(&self, x0: f32, x1: f32) -> (usize, usize) {
        let limit = self.width as f32;
        (x0.round().clamp(0.0, limit) as usize, x1.round().clamp(0.0, limit) as usize)
    }

    fn span(&mut self, y: usize, x0: f32, x1: f32, [luma, blue, red]: [u8; 3]) {
        let (from, to) = self.columns(x0, x1);
        if from >= to {
            return;
        }
        let row = y * self.width;
        self.planes[0][row + from..row + to].fill(luma);
        if y.is_multiple_of(2) {
            let row = y / 2 * (self.width / 2);
            self.planes[1][row + from / 2..row + to.div_ceil(2)].fill(blue);
            self.planes[2][row + from / 2..row + to.div_ceil(2)].fill(red);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_outside_the_picture_are_cut_off() {
        let mut canvas = Canvas::new(64, 36);
        canvas.rect(-50.0, -50.0, 500.0, 500.0, Rgb(255.0, 255.0, 255.0));
        canvas.ellipse(64.0, 36.0, 40.0, 40.0, Rgb(0.0, 0.0, 0.0));
        canvas.glow(-5.0, 10.0, 30.0, 30.0, 90.0, 1.0);
        canvas.polygon(&[(-9.0, -9.0), (90.0, 3.0), (10.0, 99.0)], Rgb(200.0, 0.0, 0.0));
        assert_eq!(canvas.planes()[0].len(), 64 * 36);
    }

    #[test]
    fn a_polygon_fills_what_it_encloses_and_nothing_else() {
        let mut canvas = Canvas::new(20, 20);
        canvas.polygon(
            &[(5.0, 5.0), (15.0, 5.0), (15.0, 15.0), (5.0, 15.0)],
            Rgb(255.0, 255.0, 255.0),
        );
        let bright = canvas.planes()[0].iter().filter(|y| **y > 200).count();
        assert_eq!(bright, 100);
    }
}
