//! Something in front of the lens: a connected part of the view has lost its landmarks, picture
//! after picture, while no turn of the camera explains it.

use std::time::Instant;

use super::{PICTURES, SPAN, view::View};
use crate::domain::picture::grid::{BLOCK_COLUMNS, BLOCK_ROWS, BLOCKS};

/// Share of the view, in one piece, that is worth telling.
const SHARE: f32 = 0.16;
/// Landmarks that must be gone in it: by its level alone a plain part tells nothing.
const LANDMARKS: usize = 5;
/// Share of the landmarks in it that must be gone.
const GONE: f32 = 0.6;
/// It ends when less than this share of it is left.
const ENDS: f32 = 0.5;
/// Share of the landmarks that must be gone, and flat, in a light that is not learnt yet.
const FLAT: f32 = 0.85;

/// The check.
#[derive(Clone, Debug)]
pub(super) struct Cover {
    /// In how many pictures in a row each block was not what it should be, and since when.
    lost: Vec<(u32, Option<Instant>)>,
    standing: Option<(f32, String)>,
}

impl Default for Cover {
    fn default() -> Self {
        Self { lost: vec![(0, None); BLOCKS], standing: None }
    }
}

impl Cover {
    /// Takes note of a picture; whether part of it is hidden, or seems so.
    pub(super) fn apply(&mut self, now: Instant, view: &View, known: bool, open: bool) -> bool {
        for (block, (count, since)) in view.blocks.iter().zip(&mut self.lost) {
            if block.lost || block.other_level {
                *count += 1;
                since.get_or_insert(now);
            } else {
                (*count, *since) = (0, None);
            }
        }
        if !open {
            self.standing = None;
            return false;
        }
        let lasted = |at: usize| {
            let (count, since) = self.lost[at];
            count >= PICTURES && since.is_some_and(|at| now.saturating_duration_since(at) >= SPAN)
        };
        let hidden = largest_piece(lasted);
        let share = share_of(&hidden);
        let landmarks = hidden.iter().filter(|at| view.blocks[**at].landmark).count();
        let gone = hidden.iter().filter(|at| view.blocks[**at].lost).count();
        let flat = view.blocks.iter().filter(|block| block.lost && block.flat).count();
        let plain = known || flat as f32 >= FLAT * view.landmarks() as f32;
        let found = share >= SHARE
            && gone >= LANDMARKS
            && gone as f32 >= GONE * landmarks as f32
            && view.lost_share().is_some()
            && plain;
        self.standing = match self.standing.take() {
            // Told again only when it is another tale: hidden a good deal more than it was.
            Some((before, text)) if found && share < before + 0.2 => Some((before, text)),
            Some((before, text)) if share >= ENDS * before.min(SHARE * 2.0) && gone > 0 => {
                if found { Some((share, evidence(share))) } else { Some((before, text)) }
            }
            _ if found => Some((share, evidence(share))),
            _ => None,
        };
        let now_lost = largest_piece(|at| view.blocks[at].lost || view.blocks[at].other_level);
        let lost_now = now_lost.iter().filter(|at| view.blocks[**at].lost).count();
        self.standing.is_some() || (share_of(&now_lost) >= SHARE && lost_now >= LANDMARKS)
    }

    /// Nothing is known any more.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// What is said.
    pub(super) fn evidence(&self) -> Option<&str> {
        self.standing.as_ref().map(|(_, text)| text.as_str())
    }
}

fn evidence(share: f32) -> String {
    format!(
        "about {:.0} % of the view is hidden: what always stood there is gone",
        (share * 10.0).round().max(1.0) * 10.0
    )
}

fn share_of(blocks: &[usize]) -> f32 {
    blocks.len() as f32 / BLOCKS as f32
}

/// The largest set of blocks that touch each other along a side.
fn largest_piece(is_in: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut open: Vec<bool> = (0..BLOCKS).map(is_in).collect();
    let mut largest = Vec::new();
    for start in 0..BLOCKS {
        if !open[start] {
            continue;
        }
        open[start] = false;
        let mut piece = vec![start];
        let mut next = 0;
        while let Some(&at) = piece.get(next) {
            next += 1;
            let (row, column) = (at / BLOCK_COLUMNS, at % BLOCK_COLUMNS);
            let beside = [
                (row > 0).then(|| at - BLOCK_COLUMNS),
                (row + 1 < BLOCK_ROWS).then_some(at + BLOCK_COLUMNS),
                (column > 0).then(|| at - 1),
                (column + 1 < BLOCK_COLUMNS).then_some(at + 1),
            ];
            for other in beside.into_iter().flatten() {
                if std::mem::take(&mut open[other]) {
                    piece.push(other);
                }
            }
        }
        if piece.len() > largest.len() {
            largest = piece;
        }
    }
    largest
}
