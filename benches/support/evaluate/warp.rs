//! Pictures bent, turned and blurred: sampling with the edges mirrored, and box filters.

use watchwall::sim::scene::Canvas;

/// Draws a picture anew from where `from` says that each of its points was, in luma pixels. What
/// lies outside is mirrored in, so that no straight black border gives the change away.
pub(crate) fn sample(canvas: &mut Canvas, from: impl Fn(f32, f32) -> (f32, f32)) {
    let before = canvas.clone();
    let (width, height) = (canvas.width(), canvas.height());
    for (index, plane) in canvas.planes_mut().iter_mut().enumerate() {
        let shrink = if index == 0 { 1.0 } else { 2.0 };
        let (w, h) = if index == 0 { (width, height) } else { (width / 2, height / 2) };
        let source = &before.planes()[index];
        for y in 0..h {
            for x in 0..w {
                let (sx, sy) = from((x as f32 + 0.5) * shrink, (y as f32 + 0.5) * shrink);
                plane[y * w + x] = bilinear(source, w, h, sx / shrink - 0.5, sy / shrink - 0.5);
            }
        }
    }
}

fn bilinear(plane: &[u8], w: usize, h: usize, x: f32, y: f32) -> u8 {
    let (x, y) = (mirrored(x, w), mirrored(y, h));
    let (x0, y0) = (x as usize, y as usize);
    let (x1, y1) = ((x0 + 1).min(w - 1), (y0 + 1).min(h - 1));
    let (fx, fy) = (x.fract(), y.fract());
    let at = |x: usize, y: usize| f32::from(plane[y * w + x]);
    let upper = at(x0, y0) * (1.0 - fx) + at(x1, y0) * fx;
    let lower = at(x0, y1) * (1.0 - fx) + at(x1, y1) * fx;
    (upper * (1.0 - fy) + lower * fy + 0.5) as u8
}

fn mirrored(at: f32, length: usize) -> f32 {
    let last = (length - 1) as f32;
    let folded = at.abs() % (2.0 * last);
    if folded > last { 2.0 * last - folded } else { folded }
}

/// Turned sideways and a little up or down, as shares of the width and the height.
pub(crate) fn shift(canvas: &mut Canvas, across: f32, down: f32) {
    let (dx, dy) = (across * canvas.width() as f32, down * canvas.height() as f32);
    sample(canvas, |x, y| (x + dx, y + dy));
}

/// Rolled about the middle.
pub(crate) fn rotate(canvas: &mut Canvas, degrees: f32) {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (cx, cy) = (canvas.width() as f32 / 2.0, canvas.height() as f32 / 2.0);
    sample(canvas, |x, y| {
        let (dx, dy) = (x - cx, y - cy);
        (cx + dx * cos - dy * sin, cy + dx * sin + dy * cos)
    });
}

/// Out of focus: three box filters, which are close to a Gaussian; `radius` at a width of 640.
pub(crate) fn blur(canvas: &mut Canvas, radius: f32) {
    let (width, height) = (canvas.width(), canvas.height());
    let radius = (radius * width as f32 / 640.0).round().max(1.0) as usize;
    for (index, plane) in canvas.planes_mut().iter_mut().enumerate() {
        let (w, h, r) = match index {
            0 => (width, height, radius),
            _ => (width / 2, height / 2, radius.div_ceil(2)),
        };
        let mut turned = vec![0; w * h];
        for _ in 0..3 {
            boxes(plane, &mut turned, w, h, r);
            boxes(&turned, plane, h, w, r);
        }
    }
}

/// One box filter along the rows, written with rows and columns exchanged.
fn boxes(from: &[u8], to: &mut [u8], w: usize, h: usize, radius: usize) {
    let full = (2 * radius + 1) as u32;
    for (y, row) in from.chunks_exact(w).enumerate() {
        let at = |x: isize| u32::from(row[x.clamp(0, w as isize - 1) as usize]);
        let reach = radius as isize;
        let mut sum: u32 = (-reach..=reach).map(at).sum();
        for x in 0..w {
            to[x * h + y] = ((sum + full / 2) / full) as u8;
            sum = sum + at(x as isize + reach + 1) - at(x as isize - reach);
        }
    }
}
