//! Where one viewer stands: what it is due next, and what it has missed.
//!
//! A viewer that keeps up reads the logs of publications from its positions, so a turn costs what
//! was published since the last one. A viewer that could not take all it was due, or that is new,
//! goes round the cameras instead, from where it stopped: every camera gets its turn, however fast
//! the others publish (reading the logs in order would serve a slow viewer the same few cameras
//! again and again when their periods match), and the more important get theirs more often
//! (`Round`). Either way only the newest tile is ever due.

use arrayvec::ArrayVec;

use super::{
    round::Round,
    subscription::{STEPS, Step, Subscription},
    tiles::{Newest, Tiles},
};
use crate::domain::{camera::Handle, time::UnixMicros};

/// Messages handed out at once: 64 tiles of 9 KB fill a socket buffer, and two slices for each stay
/// far below the kernel's limit of 1,024.
pub const BATCH: usize = 64;

/// One viewer's position in all tiles, and its subscription. A few bytes per camera, no messages.
#[derive(Debug, Default)]
pub struct Cursor {
    subscription: Subscription,
    wishes: Vec<Wish>,
    lanes: [Lane; STEPS],
    place: Place,
    skipped: u64,
}

/// What the viewer wishes of one camera.
#[derive(Clone, Copy, Debug, Default)]
struct Wish {
    step: Option<Step>,
    /// It was given a picture of this camera.
    given: bool,
    /// That picture's sequence number; before the first, the last one it was not meant to get.
    seen: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    /// Somebody is wished for at this width.
    wanted: bool,
    /// Publications from here on came after the subscription.
    joined: u64,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    /// All before these positions of the logs is done with.
    Logs([u64; STEPS]),
    /// Going round the cameras.
    Round(Round),
}

impl Default for Place {
    fn default() -> Self {
        Self::Round(Round::default())
    }
}

/// A message that a viewer is due.
#[derive(Debug)]
pub struct Due<'t, M> {
    /// The message.
    pub message: &'t M,
    /// When the keyframe's last byte arrived, for a picture that was published while the viewer was
    /// there: its delivery tells the service's own delay.
    pub live: Option<UnixMicros>,
    index: u32,
    sequence: u32,
}

impl<M> Clone for Due<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M> Copy for Due<'_, M> {}

/// What a viewer is due now, at most [`BATCH`] messages, on the stack: filled where it lies, so that
/// a batch of one message costs one.
#[derive(Debug)]
pub struct Batch<'t, M> {
    items: ArrayVec<Due<'t, M>, BATCH>,
    complete: bool,
}

impl<'t, M> Batch<'t, M> {
    /// The messages in the order to send them.
    pub fn iter(&self) -> impl Iterator<Item = Due<'t, M>> {
        self.items.iter().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether this is all that the viewer is due.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Nothing, of a viewer that may be due something.
    pub fn none() -> Self {
        Self { items: ArrayVec::new_const(), complete: false }
    }

    fn push(&mut self, due: Due<'t, M>) -> bool {
        self.complete = self.items.try_push(due).is_ok();
        self.complete
    }
}

impl Cursor {
    /// Replaces the subscription. Cameras that it already had at the same width go on where they
    /// were; the newest tile of every other one is due.
    pub fn subscribe<M>(
        &mut self,
        subscription: Subscription,
        tiles: &Tiles<M>,
        may_see: impl Fn(Handle) -> bool,
    ) {
        self.meet(tiles, &may_see);
        let before = std::mem::take(&mut self.wishes);
        self.subscription = subscription;
        self.lanes = std::array::from_fn(|step| Lane {
            wanted: false,
            joined: tiles.boards[step].published,
        });
        self.place = Place::default();
        self.meet(tiles, may_see);
        for (wish, camera) in self.wishes.iter_mut().zip(&tiles.cameras) {
            wish.seen = camera.sequence.saturating_sub(1);
        }
        for (wish, before) in self.wishes.iter_mut().zip(before) {
            if wish.step == before.step {
                *wish = before;
            }
        }
    }

    /// Learns of cameras that are new since the last call. Call it before [`Cursor::due`].
    pub fn meet<M>(&mut self, tiles: &Tiles<M>, may_see: impl Fn(Handle) -> bool) {
        for camera in &tiles.cameras[self.wishes.len()..] {
            let step = self.subscription.step(camera.handle).filter(|_| may_see(camera.handle));
            if let Some(step) = step {
                self.lanes[step.index()].wanted = true;
            }
            self.wishes.push(Wish { step, given: false, seen: 0 });
        }
    }

    /// What the viewer wishes for.
    pub fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    /// Pictures that it was not given because a newer one came first.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Puts what is due now into an empty batch.
    pub fn due<'t, M>(&self, tiles: &'t Tiles<M>, batch: &mut Batch<'t, M>) {
        batch.complete = true;
        match self.place(tiles) {
            Place::Logs(positions) => {
                for step in self.steps() {
                    let board = &tiles.boards[step.index()];
                    let room = (positions[step.index()]..board.published)
                        .filter_map(|position| board.logged(position))
                        .filter_map(|(index, newest)| self.wish(step, index, newest))
                        .all(|due| batch.push(due));
                    if !room {
                        break;
                    }
                }
            }
            Place::Round(round) => {
                let wished = self.wishes.iter().zip(&tiles.cameras);
                let wished = wished.map(|(wish, camera)| wish.step.map(|_| camera.importance));
                round
                    .turns(wished)
                    .filter_map(|index| {
                        let step = self.wishes[index as usize].step?;
                        self.wish(step, index, tiles.boards[step.index()].newest(index)?)
                    })
                    .all(|due| batch.push(due));
            }
        }
    }

    /// The widths that are wished for.
    fn steps(&self) -> impl Iterator<Item = Step> {
        Step::all().filter(|step| self.lanes[step.index()].wanted)
    }

    /// Where it goes on: who has missed more than the logs hold goes round.
    fn place<M>(&self, tiles: &Tiles<M>) -> Place {
        let missed = |positions: [u64; STEPS], step: Step| {
            !tiles.boards[step.index()].holds(positions[step.index()])
        };
        match self.place {
            Place::Logs(positions) if self.steps().any(|step| missed(positions, step)) => {
                Place::default()
            }
            place => place,
        }
    }

    /// The viewer took the first `count` messages of the batch.
    pub fn took<M>(&mut self, batch: &Batch<'_, M>, count: usize, tiles: &Tiles<M>) {
        for due in batch.iter().take(count) {
            let wish = &mut self.wishes[due.index as usize];
            self.skipped += u64::from(due.sequence.saturating_sub(wish.seen).saturating_sub(1));
            (wish.given, wish.seen) = (true, due.sequence);
        }
        if batch.complete && count == batch.len() {
            self.place = Place::Logs(std::array::from_fn(|step| tiles.boards[step].published));
            return;
        }
        let last = batch.iter().take(count).last();
        self.place = Place::Round(match (self.place(tiles), last) {
            (Place::Logs(_), _) => Round::default(),
            (Place::Round(round), None) => round,
            (Place::Round(round), Some(due)) => {
                round.behind(due.index, tiles.cameras[due.index as usize].importance)
            }
        });
    }

    fn wish<'t, M>(&self, step: Step, index: u32, newest: &'t Newest<M>) -> Option<Due<'t, M>> {
        let wish = self.wishes.get(index as usize)?;
        let live = newest.position >= self.lanes[step.index()].joined && !newest.again;
        (wish.step == Some(step) && !(wish.given && wish.seen == newest.header.sequence)).then_some(
            Due {
                message: &newest.message,
                live: live.then_some(newest.header.received_at),
                index,
                sequence: newest.header.sequence,
            },
        )
    }
}
