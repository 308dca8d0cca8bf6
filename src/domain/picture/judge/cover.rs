//! Something in front of the lens: a connected part of the view has lost its landmarks, picture
//! after picture, while no turn of the camera explains it.

use std::time::Instant;

use super::{STEADY_PATIENCE, references::Reference, view::View};
use crate::domain::picture::grid::{BLOCK_COLUMNS, BLOCK_ROWS, BLOCKS};

/// Share of the view, in one piece, that is worth telling.
const SHARE: f32 = 0.16;
/// The same, where much of it is poor.
const SHARE_POOR: f32 = 0.12;
/// The same, while the reference is young: what stood there may have been parked.
const SHARE_YOUNG: f32 = 0.3;
/// A smaller share than this must be hidden in so many pictures: a crowd hides some at random.
const SHARE_SURE: f32 = 0.25;
const AGAIN: u32 = 2;
/// Pictures that a reference must be made of not to be young.
const MATURE: u32 = 60;
/// Blocks with landmarks, or usually rich, that must have lost them in it: by its level alone a
/// plain part tells nothing.
const LOST: usize = 4;
/// And so many must show less than they did.
const POOR: usize = 4;
/// Of so many that is much.
const POOR_MANY: usize = 8;
/// Share of such blocks in it that must have.
const GONE: f32 = 0.5;
/// Share of all landmarks that became poor, which is enough where a view has few.
const MOST: f32 = 0.4;
/// The same, while the reference is young.
const MOST_YOUNG: f32 = 0.8;
/// And so many of them.
const POOR_MOST: usize = 6;
/// Share of what the median of three pictures has lost that the newest one must have lost too.
const STILL: f32 = 0.5;
/// It ends when less than this share of it is left.
const ENDS: f32 = 0.5;
/// Share of the landmarks that must be gone, and flat, in a light that is not learnt yet.
const FLAT: f32 = 0.85;

/// The check.
#[derive(Clone, Debug)]
pub(super) struct Cover {
    /// In how many pictures in a row each block was not what it should be, and since when.
    lost: Vec<(u32, Option<Instant>)>,
    /// In how many pictures in a row a part was hidden.
    found: u32,
    standing: Option<(f32, String)>,
}

impl Default for Cover {
    fn default() -> Self {
        Self { lost: vec![(0, None); BLOCKS], found: 0, standing: None }
    }
}

impl Cover {
    /// Takes note of a picture; whether part of it is hidden, or seems so.
    pub(super) fn apply(
        &mut self,
        now: Instant,
        reference: &Reference,
        view: &View,
        newest: impl Fn() -> View,
        (known, open): (bool, bool),
    ) -> bool {
        let mature = reference.pictures >= MATURE;
        for (block, (count, since)) in view.blocks.iter().zip(&mut self.lost) {
            if block.lost || block.other_level {
                *count += 1;
                since.get_or_insert(now);
            } else {
                (*count, *since) = (0, None);
            }
        }
        if !open {
            (self.found, self.standing) = (0, None);
            return false;
        }
        let lasted = |at: usize| {
            let (count, since) = self.lost[at];
            let lasted = since.map(|at| now.saturating_duration_since(at));
            count >= STEADY_PATIENCE.pictures && lasted >= Some(STEADY_PATIENCE.span)
        };
        let hidden = largest_piece(|at| lasted(at) || view.blocks[at].mute);
        let share = share_of(&hidden, view);
        let flat = view.blocks.iter().filter(|block| block.lost && block.flat).count();
        let plain = known || flat as f32 >= FLAT * view.landmarks() as f32;
        let still = hidden.iter().filter(|at| view.blocks[**at].lost).count();
        let found = plain && is_hidden(&hidden, view, mature);
        self.found = if found { self.found + 1 } else { 0 };
        let found = found
            && (share >= SHARE_SURE || self.found >= AGAIN)
            && (self.standing.is_some() || is_still_there(&hidden, view, &newest()));
        self.standing = match self.standing.take() {
            // Told again only when it is another tale: hidden a good deal more than it was.
            Some((before, text)) if found && share < before + 0.2 => Some((before, text)),
            Some((before, text))
                if share >= ENDS * before.min(SHARE * 2.0) && still >= LOST / 2 =>
            {
                if found {
                    Some((share, evidence(share)))
                } else {
                    Some((before, text))
                }
            }
            _ if found => Some((share, evidence(share))),
            _ => None,
        };
        let now_lost = largest_piece(|at| {
            let block = view.blocks[at];
            block.lost || block.other_level || block.mute
        });
        self.standing.is_some() || (plain && is_hidden(&now_lost, view, mature))
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

/// Whether a piece of the view is large enough, and has lost what was in it to something poorer:
/// what stands in front of a view has edges of its own, what hangs before a lens has few.
fn is_hidden(piece: &[usize], view: &View, mature: bool) -> bool {
    let shown = |at: &&usize| view.blocks[**at].landmark || view.blocks[**at].rich;
    let all = piece.iter().filter(shown).count();
    let lost = piece.iter().filter(|at| view.blocks[**at].lost).count();
    let poor = piece.iter().filter(|at| view.blocks[**at].poor).count();
    let share = share_of(piece, view);
    let most = if mature { MOST } else { MOST_YOUNG };
    let most = poor >= POOR_MOST && poor as f32 >= most * view.landmarks() as f32;
    let least = match poor {
        _ if !mature => SHARE_YOUNG,
        poor if poor >= POOR_MANY => SHARE_POOR,
        _ => SHARE,
    };
    view.lost_share().is_some()
        && (most || share >= least)
        && lost >= LOST
        && poor >= POOR
        && lost as f32 >= GONE * all as f32
}

/// Whether the newest picture shows it by itself: of two pictures with it in front of one without,
/// the median still has it, and what passed is over.
fn is_still_there(piece: &[usize], steady: &View, newest: &View) -> bool {
    let other = |view: &View, at: usize| view.blocks[at].lost || view.blocks[at].other_level;
    let told: Vec<usize> = piece.iter().copied().filter(|at| other(steady, *at)).collect();
    let still = told.iter().filter(|at| other(newest, **at)).count();
    still as f32 >= STILL * told.len() as f32
}

fn evidence(share: f32) -> String {
    format!(
        "about {:.0} % of the view is hidden: what always stood there is gone",
        (share * 10.0).round().max(1.0) * 10.0
    )
}

/// Share of the picture that such a piece has lost: what tells nothing only joins.
fn share_of(piece: &[usize], view: &View) -> f32 {
    let told = |at: &&usize| view.blocks[**at].lost || view.blocks[**at].other_level;
    piece.iter().filter(told).count() as f32 / BLOCKS as f32
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
