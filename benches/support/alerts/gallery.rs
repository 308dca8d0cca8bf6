//! Pictures as a decode worker measures them, of a few views by day, at dusk and in infra-red light,
//! whole and with what may happen to a lens. Drawn once: a day takes millions of them.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng, rngs::SmallRng};
use watchwall::domain::picture::{Measures, Planes, measure};

const WIDTH: usize = 640;
const HEIGHT: usize = 360;
/// Of each look, each with its own noise and its own walker.
const PICTURES: u64 = 24;
/// Views; cameras share them.
pub(crate) const VIEWS: u64 = 5;

/// Which light there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Light {
    Day,
    Dusk,
    /// Infra-red: no colours, and noise.
    Night,
}

/// What a camera sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Look {
    Live,
    Frozen,
    /// So many pictures, again and again.
    Looped(u64),
    Black,
    White,
    Blurred,
    Covered,
    Turned,
    /// A lorry in front of a third of the view.
    Lorry,
}

/// All pictures.
pub(crate) struct Gallery(BTreeMap<(u64, Light, Look), Vec<Measures>>);

impl Gallery {
    pub(crate) fn new() -> Self {
        use Look::{Black, Blurred, Covered, Live, Lorry, Turned, White};
        let mut pictures = BTreeMap::new();
        for view in 0..VIEWS {
            let plain = boxes(view + 1);
            for light in [Light::Day, Light::Dusk, Light::Night] {
                for look in [Live, Black, White, Blurred, Covered, Turned, Lorry] {
                    let seen = seen(&plain, view, light, look);
                    let shots =
                        (0..PICTURES).map(|n| shot(&walked(&seen, n, look), light, look, n));
                    pictures.insert((view, light, look), shots.collect());
                }
            }
        }
        Self(pictures)
    }

    /// The `n`th picture that a camera sends; `last` is which one of its look was sent before.
    pub(crate) fn picture(&self, of: (u64, Light, Look), n: u64, last: &mut u64) -> Box<Measures> {
        let (view, light, look) = of;
        let shots = |look| &self.0[&(view % VIEWS, light, look)];
        match look {
            Look::Frozen => Box::new(shots(Look::Live)[0].clone()),
            Look::Looped(period) => Box::new(shots(Look::Live)[(n % period) as usize].clone()),
            _ => {
                // In no order, never the same twice, and each with bytes of its own.
                *last += SmallRng::seed_from_u64(n).random_range(1..PICTURES);
                let shot = shots(look)[(*last % PICTURES) as usize].clone();
                Box::new(Measures { coded: 1000 + n, decoded: 1000 + n, ..shot })
            }
        }
    }
}

fn seen(plain: &[f32], view: u64, light: Light, look: Look) -> Vec<f32> {
    let mut seen = match look {
        Look::Black => return vec![2.0; WIDTH * HEIGHT],
        Look::White => return vec![254.0; WIDTH * HEIGHT],
        Look::Turned => boxes(view + 1000),
        Look::Blurred => blurred(plain),
        _ => plain.to_vec(),
    };
    let (gain, offset) = match light {
        Light::Day => (1.0, 0.0),
        Light::Dusk => (0.75, 5.0),
        Light::Night => (0.55, 20.0),
    };
    seen.iter_mut().for_each(|level| *level = *level * gain + offset);
    match look {
        Look::Covered => fill(&mut seen, (0, 0, WIDTH, HEIGHT * 9 / 10), 90.0),
        Look::Lorry => fill(&mut seen, (60, 90, WIDTH / 2, HEIGHT * 2 / 3), 70.0),
        _ => {}
    }
    seen
}

fn boxes(seed: u64) -> Vec<f32> {
    let mut dice = SmallRng::seed_from_u64(seed);
    let mut view = vec![120.0; WIDTH * HEIGHT];
    for _ in 0..150 {
        let at = (
            dice.random_range(0..WIDTH),
            dice.random_range(0..HEIGHT),
            dice.random_range(12..110),
            dice.random_range(12..90),
        );
        fill(&mut view, at, dice.random_range(30.0..215.0));
    }
    view
}

fn fill(view: &mut [f32], (x, y, w, h): (usize, usize, usize, usize), level: f32) {
    for row in y..(y + h).min(HEIGHT) {
        view[row * WIDTH + x..row * WIDTH + (x + w).min(WIDTH)].fill(level);
    }
}

/// With somebody who walks by, where there is something to see.
fn walked(seen: &[f32], n: u64, look: Look) -> Vec<f32> {
    let mut seen = seen.to_vec();
    if !matches!(look, Look::Black | Look::White) {
        fill(&mut seen, ((n as usize * 37) % (WIDTH - 20), 250, 14, 40), 40.0);
    }
    seen
}

/// A mean over squares, three times: close to a lens out of focus.
fn blurred(view: &[f32]) -> Vec<f32> {
    const RADIUS: usize = 8;
    let mut view = view.to_vec();
    for step in [1, WIDTH, 1, WIDTH, 1, WIDTH] {
        let last = view.len() - 1;
        let from = view.clone();
        for (at, level) in view.iter_mut().enumerate() {
            let reach = (0..=2 * RADIUS).map(|n| (at + n * step).saturating_sub(RADIUS * step));
            *level = reach.map(|at| from[at.min(last)]).sum::<f32>() / (2 * RADIUS + 1) as f32;
        }
    }
    view
}

/// Through the sensor and the coder.
fn shot(view: &[f32], light: Light, look: Look, seed: u64) -> Measures {
    let mut dice = SmallRng::seed_from_u64(seed);
    let noise = match (look, light) {
        (Look::Black | Look::White, _) => 0.3,
        (_, Light::Night) => 5.0,
        _ => 2.0,
    };
    let luma: Vec<u8> = view
        .iter()
        .map(|level| {
            let dice = dice.random::<f32>() + dice.random::<f32>() - 1.0;
            (level + dice * noise * 2.45).round().clamp(0.0, 255.0) as u8
        })
        .collect();
    let chroma = vec![if light == Light::Night { 128 } else { 140 }; WIDTH * HEIGHT / 4];
    let planes = Planes {
        luma: &luma,
        stride: WIDTH,
        width: WIDTH,
        height: HEIGHT,
        full_range: true,
        chroma: Some((&chroma, &chroma, WIDTH / 2)),
    };
    // An IDR picture of H.264 with bytes of its own.
    measure(&planes, &[&[0, 0, 1, 0x65][..], seed.to_string().as_bytes()].concat())
}
