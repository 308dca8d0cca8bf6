//! Pictures as a decode worker measures them: a street of boxes, with sensor noise, and what may
//! happen to it.

use rand::{Rng, SeedableRng, rngs::SmallRng};
use watchwall::domain::picture::{Measures, Planes, measure};

const WIDTH: usize = 640;
const HEIGHT: usize = 360;

/// What a camera's picture shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Look {
    /// What it always does.
    Live,
    /// One picture, again and again.
    Frozen,
    /// So many pictures, again and again.
    Looped(u64),
    Black,
    White,
    Blurred,
    Covered,
    /// Another view.
    Turned,
}

/// A street, as photographed a few dozen times: each picture has its own noise and its own walker.
pub(crate) struct Street {
    live: Vec<Measures>,
    blurred: Vec<Measures>,
    covered: Vec<Measures>,
    turned: Vec<Measures>,
    black: Vec<Measures>,
    white: Vec<Measures>,
}

impl Street {
    pub(crate) fn new(seed: u64) -> Self {
        let view = boxes(seed);
        let mut covered = view.clone();
        fill(&mut covered, (0, 0, WIDTH, HEIGHT * 9 / 10), 90.0);
        let [live, blurred, covered, turned, black, white] = [
            (view.clone(), 48, 2.0),
            (blurred(&view), 12, 2.0),
            (covered, 12, 2.0),
            (boxes(seed + 1000), 12, 2.0),
            (vec![2.0; WIDTH * HEIGHT], 12, 0.3),
            (vec![254.0; WIDTH * HEIGHT], 12, 0.3),
        ]
        .map(|(view, pictures, noise)| {
            (0..pictures).map(|n| shot(&walked(&view, n), noise, seed * 1000 + n as u64)).collect()
        });
        Self { live, blurred, covered, turned, black, white }
    }

    /// The `n`th picture.
    pub(crate) fn picture(&self, n: u64, look: Look) -> Box<Measures> {
        let (pictures, which) = match look {
            Look::Frozen => return Box::new(self.live[0].clone()),
            Look::Looped(period) => {
                return Box::new(self.live[(n % period) as usize].clone());
            }
            Look::Live => (&self.live, n),
            Look::Blurred => (&self.blurred, n),
            Look::Covered => (&self.covered, n),
            Look::Turned => (&self.turned, n),
            Look::Black => (&self.black, n),
            Look::White => (&self.white, n),
        };
        // In no order, and each with bytes of its own.
        let any = SmallRng::seed_from_u64(which).random_range(0..pictures.len());
        Box::new(Measures { coded: 1000 + n, decoded: 1000 + n, ..pictures[any].clone() })
    }
}

/// With somebody who walks by.
fn walked(view: &[f32], n: usize) -> Vec<f32> {
    let mut view = view.to_vec();
    let usual = view[250 * WIDTH];
    let x = (n * 37) % (WIDTH - 20);
    // Not where there is nothing to see.
    if view.iter().any(|level| (level - usual).abs() > 1.0) {
        fill(&mut view, (x, 250, 14, 40), 40.0);
    }
    view
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
fn shot(view: &[f32], noise: f32, seed: u64) -> Measures {
    let mut dice = SmallRng::seed_from_u64(seed);
    let luma: Vec<u8> = view
        .iter()
        .map(|level| {
            let dice = dice.random::<f32>() + dice.random::<f32>() - 1.0;
            (level + dice * noise * 2.45).round().clamp(0.0, 255.0) as u8
        })
        .collect();
    let chroma = vec![140; WIDTH * HEIGHT / 4];
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
