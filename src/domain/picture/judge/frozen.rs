//! The same picture again and again while packets arrive.
//!
//! Only keyframes are compared: the pictures between them copy what did not change. (Where those are
//! decoded too and show that something moved, equal keyframes prove nothing: a recording may have a
//! single one.) Equal ones are equal bytes or equal samples. Nearly equal ones, such as an encoder makes of one picture coded
//! anew, lack what no living picture lacks: the noise that this camera shows between any two
//! keyframes, by day or night. A burnt-in clock that ticks is change enough: what is behind it is
//! then not called frozen.

use std::time::Instant;

use super::{PATIENCE, references::Floor};
use crate::domain::picture::{Measures, grid::quantile};

/// Pairs of keyframes to be seen before nearly equal ones are told from equal ones.
const PAIRS: u16 = 20;
/// Nearly equal: a mean difference below this share of the camera's own lowest …
const NOISELESS: f32 = 0.3;
/// … which must be this large, levels, to be told from none.
const FLOOR_MIN: f32 = 0.3;
/// No cell mean may change by more than this: a ticking clock changes one by ten and more.
const STILL: u8 = 2;
/// Share of the points that are taken as showing nothing that moves.
const AT_REST: f32 = 0.75;
/// Nearly equal pictures in a row, one more than of equal ones.
const NEAR_PICTURES: u32 = PATIENCE.pictures + 1;
/// Keyframes that differ, to call it alive again.
const ALIVE: u32 = 2;

/// The check.
#[derive(Clone, Debug, Default)]
pub(super) struct Frozen {
    newest: Option<Kept>,
    /// The first of those that are equal, or nearly so.
    first: Option<Kept>,
    equal: u32,
    near: u32,
    differing: u32,
    /// A picture since the newest keyframe shows that something moved.
    moved: bool,
    evidence: Option<String>,
}

/// What is compared of a keyframe.
#[derive(Clone, Debug)]
struct Kept {
    at: Instant,
    coded: u64,
    decoded: u64,
    points: Vec<u8>,
    thumbnail: Vec<u8>,
}

impl Kept {
    fn of(at: Instant, measures: &Measures) -> Self {
        Self {
            at,
            coded: measures.coded,
            decoded: measures.decoded,
            points: measures.points.clone(),
            thumbnail: measures.thumbnail.clone(),
        }
    }

    fn equals(&self, measures: &Measures) -> bool {
        self.coded == measures.coded || self.decoded == measures.decoded
    }

    /// Nothing moved.
    fn is_still(&self, measures: &Measures) -> bool {
        self.thumbnail.iter().zip(&measures.thumbnail).all(|(a, b)| a.abs_diff(*b) <= STILL)
    }
}

impl Frozen {
    /// Takes note of a picture, and learns how much noise there is between two of the usual view:
    /// a wall before the lens, or darkness, has less.
    pub(super) fn apply(
        &mut self,
        now: Instant,
        measures: &Measures,
        usual_view: bool,
        floor: &mut Floor,
    ) {
        if !measures.keyframe {
            self.moved |= self.newest.as_ref().is_some_and(|newest| !newest.is_still(measures));
            return;
        }
        let moved = std::mem::take(&mut self.moved);
        let Some(newest) = self.newest.replace(Kept::of(now, measures)) else {
            return self.begin(now, measures);
        };
        let equal = !moved && newest.equals(measures);
        let noise = at_rest(&newest.points, &measures.points);
        let known = usual_view && floor.pairs >= PAIRS && floor.low >= FLOOR_MIN;
        let still = self.first.as_ref().is_some_and(|first| first.is_still(measures));
        let near = equal || (!moved && known && still && noise < NOISELESS * floor.low);
        if !near && usual_view {
            learn(floor, noise);
        }
        self.equal = if equal { self.equal + 1 } else { 1 };
        if near {
            self.near += 1;
            self.differing = 0;
        } else {
            self.differing += 1;
            if self.evidence.is_none() || self.differing >= ALIVE {
                self.evidence = None;
                self.begin(now, measures);
            }
            return;
        }
        let since = self.first.as_ref().map_or(now, |first| first.at);
        let lasted = now.saturating_duration_since(since) >= PATIENCE.span;
        if self.evidence.is_none() && lasted {
            if self.equal >= PATIENCE.pictures {
                self.evidence = Some(if newest.coded == measures.coded {
                    format!(
                        "the last {} keyframes or more are equal byte by byte",
                        PATIENCE.pictures
                    )
                } else {
                    format!(
                        "the last {} keyframes or more show exactly the same",
                        PATIENCE.pictures
                    )
                });
            } else if self.near >= NEAR_PICTURES {
                self.evidence = Some(format!(
                    "keyframes differ by {noise:.1} levels, where noise alone makes at least {:.1} \
                     in this camera's pictures",
                    floor.low
                ));
            }
        }
    }

    fn begin(&mut self, now: Instant, measures: &Measures) {
        self.first = Some(Kept::of(now, measures));
        (self.equal, self.near) = (1, 1);
    }

    /// The newest keyframe hardly differs from the one before.
    pub(super) fn is_suspected(&self) -> bool {
        self.near > 1
    }

    /// What is said.
    pub(super) fn evidence(&self) -> Option<&str> {
        self.evidence.as_deref()
    }
}

/// Mean difference of the points that show nothing that moves.
fn at_rest(a: &[u8], b: &[u8]) -> f32 {
    let mut far: Vec<f32> = a.iter().zip(b).map(|(a, b)| f32::from(a.abs_diff(*b))).collect();
    let moving = quantile(&mut far, AT_REST);
    let (count, sum) = far
        .iter()
        .filter(|far| **far <= moving)
        .fold((0.0_f32, 0.0), |(count, sum), far| (count + 1.0, sum + far));
    sum / count.max(1.0)
}

/// Follows about the lowest tenth: down at once, up slowly.
fn learn(floor: &mut Floor, noise: f32) {
    if floor.pairs == 0 {
        floor.low = noise;
    }
    let speed = if noise < floor.low { 0.2 } else { 0.02 };
    floor.low += (noise - floor.low) * speed;
    floor.pairs = floor.pairs.saturating_add(1).min(1_000);
}
