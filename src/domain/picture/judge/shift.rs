//! A camera that was turned, pushed or tilted: the landmarks are gone from their places and found
//! again together at others, or another view as sharp stands there instead.
//!
//! Looked for only when landmarks are lost in several pictures in a row, and only among the lost
//! ones: a lettering that is burnt in stays where it is. First on a coarse map in all places, then
//! around the best ones on the full map.

use std::time::{Duration, Instant};

use super::{
    STEADY_PATIENCE,
    references::Reference,
    view::{LOST as KNOWN, View, likeness},
};
use crate::domain::picture::{
    Measures,
    grid::{BLOCKS, COLUMNS, ROWS, block_of, quantile, window},
};

/// Share of the landmarks that must be lost.
const LOST: f32 = 0.4;
/// It is over when so few are.
const BACK: f32 = 0.12;
/// Between two searches, which take some milliseconds each.
const SEARCH_EVERY: Duration = Duration::from_secs(5);
/// Share of the landmarks that must be found again at their new places, …
const FOUND: f32 = 0.5;
/// … or this one where most places show less than before, as behind a cover, …
const FOUND_POOR: f32 = 0.75;
/// … more than are still found at the old ones, …
const BETTER: f32 = 0.25;
/// … and at least so many.
const FOUND_MIN: usize = 8;
/// A view must lose so many landmarks at least to be another one.
const ANOTHER_MIN: usize = 20;
/// Share of the landmarks that must be lost for another view.
const ANOTHER: f32 = 0.85;
/// Correlation of the large forms that another view has at most.
const ANOTHER_FORM: f32 = 0.5;
/// Share of the usual edges, of another view: what hangs before a lens has few.
const AS_RICH: f32 = 0.6;
/// Share of the usual sharpness, of another view: nor is it sharp.
const AS_SHARP: f32 = 0.7;

/// The check.
#[derive(Clone, Debug, Default)]
pub(super) struct Shift {
    lost: u32,
    since: Option<Instant>,
    searched: Option<Instant>,
    evidence: Option<String>,
    back: u32,
}

impl Shift {
    /// Takes note of a picture; whether the camera was moved.
    pub(super) fn apply(
        &mut self,
        now: Instant,
        reference: &Reference,
        measures: &Measures,
        view: &View,
        newest: impl Fn() -> View,
        open: bool,
    ) -> bool {
        let lost = view.lost_share().filter(|_| open).unwrap_or_default();
        if self.evidence.is_some() {
            // It stays until the view is back, whatever else happens to it.
            self.back = if lost < BACK && open { self.back + 1 } else { 0 };
            if self.back >= 2 {
                *self = Self::default();
            }
            return self.evidence.is_some();
        }
        if lost < LOST {
            *self = Self::default();
            return false;
        }
        self.lost += 1;
        let since = *self.since.get_or_insert(now);
        let lasted = now.saturating_duration_since(since) >= STEADY_PATIENCE.span;
        let due = self.searched.is_none_or(|at| now.saturating_duration_since(at) >= SEARCH_EVERY);
        let still = || newest().lost_share().is_some_and(|lost| lost >= LOST);
        if self.lost >= STEADY_PATIENCE.pictures && lasted && due && still() {
            self.searched = Some(now);
            self.evidence = search(reference, measures, view)
                .map(|turn| turn.in_words())
                .or_else(|| another_view(reference, measures, view, lost));
        }
        self.evidence.is_some()
    }

    /// Nothing is known any more; what was said stays said.
    pub(super) fn forget(&mut self) {
        (self.lost, self.since, self.back) = (0, None, 0);
    }

    /// What is said.
    pub(super) fn evidence(&self) -> Option<&str> {
        self.evidence.as_deref()
    }
}

/// Another view: the landmarks are gone, and there is as much to see, as sharp as usual.
fn another_view(
    reference: &Reference,
    measures: &Measures,
    view: &View,
    lost: f32,
) -> Option<String> {
    let (mut now, mut then) = (Vec::new(), Vec::new());
    for (at, block) in view.blocks.iter().enumerate() {
        if block.landmark {
            now.push(f32::from(measures.blocks[at]));
            then.push(f32::from(reference.sharpness(at)));
        }
    }
    let sharp = quantile(&mut now, 0.5) >= AS_SHARP * quantile(&mut then, 0.5);
    let rich = view.richness >= AS_RICH && lost * view.landmarks() as f32 >= ANOTHER_MIN as f32;
    (lost >= ANOTHER && view.form < ANOTHER_FORM && rich && sharp).then(|| {
        format!(
            "the view is another one: {:.0} % of what always stood there is gone, and is not found \
             elsewhere",
            (lost * 10.0).round() * 10.0
        )
    })
}

/// How a view is moved against its reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Turn {
    /// Cells to the right and down.
    pub(super) right: f32,
    pub(super) down: f32,
    /// Degrees clockwise, about the middle.
    pub(super) degrees: f32,
    /// Correlation there.
    pub(super) score: f32,
}

impl Turn {
    /// More than a camera trembles.
    fn is_far(self) -> bool {
        self.right.abs().max(self.down.abs()) >= 1.5 || self.degrees.abs() >= 2.0
    }

    /// Where a cell is now, if it is in the picture.
    fn place(self, cell: usize) -> Option<usize> {
        let (sin, cos) = self.degrees.to_radians().sin_cos();
        let middle = ((COLUMNS - 1) as f32 / 2.0, (ROWS - 1) as f32 / 2.0);
        let x = (cell % COLUMNS) as f32 - middle.0;
        let y = (cell / COLUMNS) as f32 - middle.1;
        let column = (x * cos - y * sin + middle.0 + self.right).round();
        let row = (x * sin + y * cos + middle.1 + self.down).round();
        let inside = (0.0..COLUMNS as f32).contains(&column) && (0.0..ROWS as f32).contains(&row);
        inside.then(|| row as usize * COLUMNS + column as usize)
    }

    fn in_words(self) -> String {
        let share = |cells: f32, of: usize| (cells.abs() / of as f32 * 100.0).round();
        let mut parts = Vec::new();
        let (x, y) = (share(self.right, COLUMNS), share(self.down, ROWS));
        if x >= 2.0 {
            let side = if self.right > 0.0 { "right" } else { "left" };
            parts.push(format!("{x:.0} % of its width to the {side}"));
        }
        if y >= 3.0 {
            let side = if self.down > 0.0 { "down" } else { "up" };
            parts.push(format!("{y:.0} % of its height {side}"));
        }
        if self.degrees.abs() >= 2.0 {
            let side = if self.degrees > 0.0 { "clockwise" } else { "anticlockwise" };
            parts.push(format!("{:.0}° {side}", self.degrees.abs()));
        }
        format!("the view has moved about {}", parts.join(" and "))
    }
}

/// One map of both directions, thinned by `step`.
struct Field {
    columns: usize,
    rows: usize,
    /// Across and down, interleaved.
    edges: Vec<[f32; 2]>,
    weights: Vec<f32>,
}

impl Field {
    fn new(across: &[u8], down: &[u8], weight: impl Fn(usize) -> f32, step: usize) -> Self {
        let (columns, rows) = (COLUMNS / step, ROWS / step);
        let mut field = Self { columns, rows, edges: Vec::new(), weights: Vec::new() };
        for at in 0..columns * rows {
            let (mut a, mut d, mut w) = (0.0, 0.0, 0.0);
            for part in 0..step * step {
                let row = at / columns * step + part / step;
                let cell = row * COLUMNS + at % columns * step + part % step;
                a += f32::from(across[cell]);
                d += f32::from(down[cell]);
                w += weight(cell);
            }
            let parts = (step * step) as f32;
            field.edges.push([a / parts, d / parts]);
            field.weights.push(w / parts);
        }
        field
    }

    /// Correlation of this map, laid over `other` with a turn in this map's cells. `None` if too
    /// little of what weighs lies inside.
    fn correlation(&self, other: &Self, right: f32, down: f32, degrees: f32) -> Option<f32> {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let middle = ((self.columns - 1) as f32 / 2.0, (self.rows - 1) as f32 / 2.0);
        let (mut inside, mut all) = (0.0_f32, 0.0_f32);
        let mut sums = [[0.0_f32; 5]; 2];
        for (at, weight) in self.weights.iter().enumerate() {
            if *weight <= 0.0 {
                continue;
            }
            all += weight;
            let x = (at % self.columns) as f32 - middle.0;
            let y = (at / self.columns) as f32 - middle.1;
            let to_x = x * cos - y * sin + middle.0 + right;
            let to_y = x * sin + y * cos + middle.1 + down;
            let (column, row) = (to_x.round(), to_y.round());
            if column < 0.0 || row < 0.0 {
                continue;
            }
            let (column, row) = (column as usize, row as usize);
            if column >= self.columns || row >= self.rows {
                continue;
            }
            inside += weight;
            let there = other.edges[row * self.columns + column];
            for ((a, b), sums) in self.edges[at].into_iter().zip(there).zip(&mut sums) {
                let terms =
                    [weight * a, weight * b, weight * a * a, weight * b * b, weight * a * b];
                sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
            }
        }
        if inside < 0.4 * all || inside <= 0.0 {
            return None;
        }
        let (mut covariance, mut was, mut is) = (0.0, 0.0, 0.0);
        for [a, b, aa, bb, ab] in sums {
            covariance += ab - a * b / inside;
            was += aa - a * a / inside;
            is += bb - b * b / inside;
        }
        Some(covariance / (was * is).max(1e-6).sqrt())
    }
}

/// Where the lost landmarks are now.
pub(super) fn search(reference: &Reference, measures: &Measures, view: &View) -> Option<Turn> {
    let weight = |cell: usize| {
        let block = view.blocks[block_of(cell)];
        if block.lost { f32::from(reference.steady.0[cell]) / 255.0 } else { 0.0 }
    };
    let fields = |step| {
        (
            Field::new(&reference.across.0, &reference.down.0, weight, step),
            Field::new(&measures.across, &measures.down, |_| 0.0, step),
        )
    };
    let (was, is) = fields(2);
    let mut coarse = Vec::new();
    let mut look = |reach: (i32, i32), degrees: f32| {
        for down in -reach.1..=reach.1 {
            for right in -reach.0..=reach.0 {
                let (right, down) = (right as f32, down as f32);
                if let Some(score) = was.correlation(&is, right, down, degrees) {
                    coarse.push(Turn { right, down, degrees, score });
                }
            }
        }
    };
    look((15, 9), 0.0);
    for step in 1..=7 {
        let degrees = step as f32 * 3.0;
        look((4, 4), degrees);
        look((4, 4), -degrees);
    }
    coarse.sort_by(|a, b| b.score.total_cmp(&a.score));
    let (was, is) = fields(1);
    let mut found: Option<(usize, Turn)> = None;
    for rough in coarse.iter().take(6) {
        let mut best: Option<Turn> = None;
        for place in 0..25 {
            for turn in -1..=1 {
                let right = 2.0 * rough.right + (place % 5) as f32 - 2.0;
                let down = 2.0 * rough.down + (place / 5) as f32 - 2.0;
                let degrees = rough.degrees + turn as f32 * 1.5;
                if let Some(score) = was.correlation(&is, right, down, degrees)
                    && best.is_none_or(|best| score > best.score)
                {
                    best = Some(Turn { right, down, degrees, score });
                }
            }
        }
        let Some(best) = best.filter(|best| best.is_far()) else { continue };
        if let Some(votes) = votes(reference, measures, view, best)
            && found.is_none_or(|(most, _)| votes > most)
        {
            found = Some((votes, best));
        }
    }
    found.map(|(_, turn)| turn)
}

/// How many landmarks are found again, each by itself, where a turn has them; `None` if that is
/// not enough to believe in it. A chance likeness of a few does not carry the others with it.
fn votes(reference: &Reference, measures: &Measures, view: &View, turn: Turn) -> Option<usize> {
    let (mut inside, mut there, mut here) = (0, 0, 0);
    for block in (0..BLOCKS).filter(|at| view.blocks[*at].landmark) {
        let (mut cells, mut mapped) = (0, 0);
        for cell in window(block) {
            cells += 1;
            mapped += usize::from(turn.place(cell).is_some());
        }
        if 3 * mapped < 2 * cells {
            continue;
        }
        inside += 1;
        let usual = f32::from(reference.trust.0[block]) / 255.0;
        let found = likeness(reference, measures, block, |cell| turn.place(cell)).score;
        there += usize::from(found >= KNOWN * usual);
        here += usize::from(!view.blocks[block].lost);
    }
    let share = |count: usize| count as f32 / inside.max(1) as f32;
    let enough = if view.is_poor() { FOUND_POOR } else { FOUND };
    (there >= FOUND_MIN && share(there) >= enough && share(there) >= share(here) + BETTER)
        .then_some(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_told_with_its_size() {
        let turn = |right, down, degrees| Turn { right, down, degrees, score: 0.9 };
        assert_eq!(
            turn(10.0, 0.0, 0.0).in_words(),
            "the view has moved about 16 % of its width to the right"
        );
        assert_eq!(turn(0.0, 0.5, -5.2).in_words(), "the view has moved about 5° anticlockwise");
    }
}
