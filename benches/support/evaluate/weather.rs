//! What an honest view goes through: nothing here is to be raised.

use watchwall::sim::scene::Canvas;

use crate::{
    chance::Chance,
    lighting::Lighting,
    paint::{BRIGHT, DARK, ellipse, glow, luma, tone},
    warp,
};

/// Streaks of falling rain, a grey veil, and drops on the glass that stay for a minute.
pub(crate) fn rain(canvas: &mut Canvas, dark: bool, at_s: f32, camera: u64, chance: &mut Chance) {
    let veil = if dark { 62.0 } else { 150.0 };
    tone(canvas, |luma| luma * 0.88 + veil * 0.12);
    let (width, height) = (canvas.width() as f32, canvas.height() as f32);
    let mut drops = Chance::of(&[camera, 0x6472_6f70, (at_s / 60.0) as u64]);
    for _ in 0..5 {
        let centre = (drops.share() * width, drops.share() * height);
        drop_on_glass(canvas, centre, drops.between(0.03, 0.06) * height);
    }
    let mut gust = Chance::of(&[camera, 0x6775_7374, (at_s / 300.0) as u64]);
    let slant = gust.between(-0.35, 0.35);
    let light: f32 = if dark { 168.0 } else { 205.0 };
    for _ in 0..240 {
        let (x, y) = (chance.share() * width, chance.share() * height);
        let long = chance.between(0.03, 0.1) * height;
        let strength = chance.between(0.15, 0.4);
        streak(canvas, x, y, long, slant, light, strength);
    }
}

fn streak(canvas: &mut Canvas, x: f32, y: f32, long: f32, slant: f32, light: f32, strength: f32) {
    let (width, height) = (canvas.width(), canvas.height());
    for step in 0..long as usize {
        let (x, y) = ((x + slant * step as f32) as isize, y as usize + step);
        if (0..width as isize).contains(&x) && y < height {
            let luma = &mut canvas.planes_mut()[0][y * width + x as usize];
            *luma = (f32::from(*luma) * (1.0 - strength) + light * strength) as u8;
        }
    }
}

/// A drop shows the scene upside down and small.
fn drop_on_glass(canvas: &mut Canvas, (cx, cy): (f32, f32), radius: f32) {
    let before = canvas.planes()[0].clone();
    let (width, height) = (canvas.width(), canvas.height());
    let inside = |x: usize, y: usize| {
        let (dx, dy) = (x as f32 - cx, y as f32 - cy);
        (dx * dx + dy * dy < radius * radius).then_some((dx, dy))
    };
    let clamp = |at: f32, side: usize| at.clamp(0.0, (side - 1) as f32) as usize;
    for y in crate::paint::span(cy - radius, cy + radius, height) {
        for x in crate::paint::span(cx - radius, cx + radius, width) {
            if let Some((dx, dy)) = inside(x, y) {
                let (sx, sy) = (clamp(cx - 2.5 * dx, width), clamp(cy - 2.5 * dy, height));
                canvas.planes_mut()[0][y * width + x] = before[sy * width + sx];
            }
        }
    }
}

/// Two beams in the lower two thirds, and an exposure that gives way.
pub(crate) fn headlights(canvas: &mut Canvas, chance: &mut Chance) {
    tone(canvas, |luma| DARK + (luma - DARK) * 0.85);
    let (width, height) = (canvas.width() as f32, canvas.height() as f32);
    let (x, y) = (chance.share() * width, chance.between(0.35, 0.95) * height);
    let near = chance.between(0.5, 1.3);
    for side in [-1.0, 1.0] {
        let at = (x + side * 0.09 * near * height, y);
        glow(canvas, at, (0.3 * near * height, 0.26 * near * height), 150.0);
        glow(canvas, at, (0.75 * near * height, 0.03 * near * height), 110.0);
        ellipse(canvas, at, (0.045 * near * height, 0.04 * near * height), [235, 126, 130]);
    }
}

/// People in front of a third of the view or more, each somewhere else in each picture.
pub(crate) fn crowd(canvas: &mut Canvas, lighting: Lighting, chance: &mut Chance) {
    let (width, height) = (canvas.width() as f32, canvas.height() as f32);
    let dim = if lighting.is_dark() { 0.45 } else { 1.0 };
    let strength = if lighting.infrared { 0.0 } else { 22.0 * dim };
    let mut feet: Vec<f32> = (0..26).map(|_| chance.between(0.42, 1.1)).collect();
    feet.sort_by(f32::total_cmp);
    for foot in feet {
        let tall = height * (0.1 + 0.36 * (foot - 0.35));
        let (x, y) = (chance.share() * width, foot * height);
        let mut cloth = |low, high| {
            let tint = |chance: &mut Chance| (128.0 + chance.between(-strength, strength)) as u8;
            [(DARK + (chance.between(low, high) - DARK) * dim) as u8, tint(chance), tint(chance)]
        };
        let (legs, shirt) = (cloth(24.0, 90.0), cloth(40.0, 215.0));
        let skin = [
            (DARK + 110.0 * dim) as u8,
            (128.0 - 0.4 * strength) as u8,
            (128.0 + 0.8 * strength) as u8,
        ];
        ellipse(canvas, (x, y - 0.25 * tall), (0.1 * tall, 0.26 * tall), legs);
        ellipse(canvas, (x, y - 0.62 * tall), (0.15 * tall, 0.24 * tall), shirt);
        ellipse(canvas, (x, y - 0.92 * tall), (0.075 * tall, 0.09 * tall), skin);
    }
}

/// The upper corner of the view, three tenths of it, moves as leaves do: here more, there less, and
/// never twice alike.
pub(crate) fn leaves(canvas: &mut Canvas, camera: u64, chance: &mut Chance) {
    let (width, height) = (canvas.width() as f32, canvas.height() as f32);
    let left = Chance::of(&[camera, 0x6c65_6166]).toss();
    let phases: [f32; 4] = std::array::from_fn(|_| chance.between(0.0, std::f32::consts::TAU));
    let reach = 6.0 * width / 640.0 * chance.between(0.6, 1.0);
    let scale = 640.0 / width;
    warp::sample(canvas, |x, y| {
        let across = if left { x } else { width - x } / (0.55 * width);
        let down = y / (0.55 * height);
        // Fades to nothing over the last fifth, so that no cut shows.
        let sway = ((1.0 - across) * 5.0).clamp(0.0, 1.0) * ((1.0 - down) * 5.0).clamp(0.0, 1.0);
        if sway == 0.0 {
            return (x, y);
        }
        let (u, v) = (x * scale, y * scale);
        let dx = (u / 23.0 + phases[0]).sin() + (v / 17.0 + phases[1]).sin();
        let dy = (u / 19.0 + phases[2]).sin() + (v / 29.0 + phases[3]).sin();
        (x + sway * reach * 0.5 * dx, y + sway * reach * 0.3 * dy)
    });
}

/// The sun just outside the view, moving slowly.
pub(crate) fn flare(canvas: &mut Canvas, at_s: f32, camera: u64) {
    let (width, height) = (canvas.width() as f32, canvas.height() as f32);
    let mut place = Chance::of(&[camera, 0x666c_6172]);
    let drift = at_s / 1_200.0 * 0.2;
    let sun = ((place.between(0.05, 0.95) + drift) * width, place.between(-0.1, 0.12) * height);
    luma(canvas, |x, y, luma| {
        let far = ((x as f32 - sun.0).hypot(y as f32 - sun.1) / width).min(1.0);
        DARK + (luma - DARK) * 0.86 + 42.0 * (1.0 - far) * (1.0 - far)
    });
    glow(canvas, sun, (0.5 * height, 0.5 * height), 150.0);
    let (mx, my) = (width / 2.0 - sun.0, height / 2.0 - sun.1);
    for (along, size) in [(0.5, 0.05), (0.9, 0.09), (1.3, 0.06), (1.7, 0.12)] {
        let at = (sun.0 + mx * along, sun.1 + my * along);
        glow(canvas, at, (size * height, size * height), 45.0);
    }
}

/// A gain on what is above black; colour goes with it as far as it is not clipped.
pub(crate) fn gain(canvas: &mut Canvas, by: f32) {
    tone(canvas, |luma| (DARK + (luma - DARK) * by).min(BRIGHT));
}
