//! All lanes of one viewer.
//!
//! A viewer that keeps up reads the log of publications from its position, so a turn costs what
//! was published since the last one. A viewer that is behind, or whose lanes have changed, goes
//! lane by lane instead, from where it stopped, so that every lane gets its turn; there it is
//! decided what must be left out.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{
    LivePolicy,
    batch::Batch,
    lane::{Emitted, Lane, Missed, Position, streams},
    notice::{Notice, Quality, Why},
    pressure::Pressure,
    rings::Rings,
};
use crate::domain::{camera::Handle, fanout::subscription::VideoWishes, media::StreamRef};

/// A viewer whose oldest unread publication is older than this goes lane by lane.
const LATE: Duration = Duration::from_millis(500);

/// One viewer's lanes: a few bytes per camera, no messages.
#[derive(Debug)]
pub struct Lanes {
    policy: LivePolicy,
    /// By the cameras' places in the rings.
    lanes: Vec<Option<Lane>>,
    /// The places of those that there are, the most important first.
    order: Vec<u32>,
    place: Place,
    pressure: Pressure,
    /// Something had to be left out since the last turn.
    congested: bool,
    /// A lane may carry something else than the viewer was told.
    news: bool,
    watched_changed: bool,
    counts: Counts,
}

/// Where a viewer goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// All before this position of the log is done with.
    Log(u64),
    /// Going lane by lane, from this one in order on.
    Round(usize),
}

/// What happened to a viewer's lanes so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Units that it was not given because it was too slow for them.
    pub dropped: u64,
    /// Times that a lane left something out up to a keyframe.
    pub jumps: u64,
    /// Lanes stepped down to a lower stream, or to tiles.
    pub steps_down: u64,
    /// Lanes stepped up again.
    pub steps_up: u64,
    /// How many lanes carry tiles, the small stream and the large stream now.
    pub carried: [u64; 3],
}

impl Lanes {
    /// None yet.
    pub fn new(policy: LivePolicy) -> Self {
        Self {
            policy,
            lanes: Vec::new(),
            order: Vec::new(),
            place: Place::Round(0),
            pressure: Pressure::new(policy.pressure),
            congested: false,
            news: false,
            watched_changed: false,
            counts: Counts::default(),
        }
    }

    /// Replaces the wishes. A lane whose camera is still wished for goes on where it was.
    pub fn subscribe<M>(
        &mut self,
        now: Instant,
        wishes: &VideoWishes,
        rings: &mut Rings<M>,
        may_see: impl Fn(Handle) -> bool,
    ) {
        // What was wished for by name has a lane before anything of it was published.
        for camera in wishes.cameras() {
            rings.meet(camera);
        }
        for (lane, camera) in self.lanes.iter_mut().zip(&rings.cameras) {
            let wish = wishes.wish(camera.handle).filter(|_| may_see(camera.handle));
            match (wish, &mut *lane) {
                (Some(wish), Some(lane)) => lane.wish_anew(wish),
                (wish, lane) => *lane = wish.map(|wish| Lane::new(now, wish)),
            }
        }
        self.extend(now, wishes, rings, may_see);
        self.reorder();
    }

    /// Learns of cameras that are new since the last call. Call it before [`Lanes::due`].
    pub fn meet<M>(
        &mut self,
        now: Instant,
        wishes: &VideoWishes,
        rings: &Rings<M>,
        may_see: impl Fn(Handle) -> bool,
    ) {
        if self.lanes.len() < rings.cameras.len() && self.extend(now, wishes, rings, may_see) {
            self.reorder();
        }
    }

    fn extend<M>(
        &mut self,
        now: Instant,
        wishes: &VideoWishes,
        rings: &Rings<M>,
        may_see: impl Fn(Handle) -> bool,
    ) -> bool {
        let before = self.lanes.len();
        for camera in &rings.cameras[before..] {
            let wish = wishes.wish(camera.handle).filter(|_| may_see(camera.handle));
            self.lanes.push(wish.map(|wish| Lane::new(now, wish)));
        }
        self.lanes[before..].iter().any(Option::is_some)
    }

    fn reorder(&mut self) {
        let lanes = (0u32..).zip(&self.lanes);
        let mut ranked: Vec<(u32, u32)> =
            lanes.filter_map(|(index, lane)| Some((lane.as_ref()?.wish().rank, index))).collect();
        ranked.sort_unstable();
        self.order = ranked.into_iter().map(|(_, index)| index).collect();
        self.changed();
    }

    /// What a lane carries, or may carry, is not what it was.
    fn changed(&mut self) {
        self.place = Place::Round(0);
        (self.news, self.watched_changed) = (true, true);
    }

    /// Puts what is due now into an empty batch. Decides, too, what must be left out: that stays
    /// decided, whether or not anything of the batch is taken.
    pub fn due<'r, M>(&mut self, now: Instant, rings: &'r Rings<M>, batch: &mut Batch<'r, M>) {
        batch.complete = true;
        if self.order.is_empty() {
            return;
        }
        if std::mem::take(&mut self.congested) {
            let lanes = self.pressure.congested(now);
            self.step_down(lanes);
        }
        let stopped = match self.place {
            Place::Log(position) => self.read(now, position, rings, batch),
            Place::Round(_) => None,
        };
        let stopped = stopped.unwrap_or_else(|| {
            let start = match self.place {
                Place::Round(start) if start < self.order.len() => start,
                _ => 0,
            };
            self.go_round(now, start, rings, batch)
        });
        batch.resume = Some(stopped);
    }

    /// Reads the log. `None` if the viewer is too far behind for that; the batch is empty then, or
    /// what is in it stands before what is found by going round.
    fn read<'r, M>(
        &mut self,
        now: Instant,
        position: u64,
        rings: &'r Rings<M>,
        batch: &mut Batch<'r, M>,
    ) -> Option<Place> {
        if position < rings.published {
            let first = rings.logged(position)?;
            if now.saturating_duration_since(first.at) > LATE {
                return None;
            }
        }
        for position in position..rings.published {
            let index = rings.logged(position)?.camera;
            let Some(Some(lane)) = self.lanes.get_mut(index as usize) else { continue };
            let camera = &rings.cameras[index as usize];
            if lane.carries().map(Quality::from) != Some(lane.quality()) {
                let before = lane.position();
                let watched = lane.watches();
                lane.approach(now, camera, &self.policy);
                self.news |= lane.position() != before;
                self.watched_changed |= lane.watches() != watched;
            }
            match lane.emit(index, camera, Place::Log(position), batch) {
                Emitted::All => {}
                Emitted::Lost => return None,
                Emitted::Full => {
                    batch.complete = false;
                    return Some(Place::Log(position));
                }
            }
        }
        Some(Place::Log(rings.published))
    }

    fn go_round<'r, M>(
        &mut self,
        now: Instant,
        start: usize,
        rings: &'r Rings<M>,
        batch: &mut Batch<'r, M>,
    ) -> Place {
        for turn in (start..self.order.len()).chain(0..start) {
            let index = self.order[turn];
            let camera = &rings.cameras[index as usize];
            let Some(lane) = &mut self.lanes[index as usize] else { continue };
            let (before, watched) = (lane.position(), lane.watches());
            lane.approach(now, camera, &self.policy);
            let Missed { units, congested } = lane.keep_up(now, camera, &self.policy);
            // A wait that has just begun may already be over.
            lane.approach(now, camera, &self.policy);
            self.counts.dropped += units;
            self.counts.jumps += u64::from(congested);
            self.congested |= congested;
            self.news |= lane.position() != before;
            self.watched_changed |= lane.watches() != watched;
            if lane.emit(index, camera, Place::Round(turn), batch) == Emitted::Full {
                batch.complete = false;
                return Place::Round(turn);
            }
        }
        Place::Log(rings.published)
    }

    /// The viewer took the first `count` messages of the batch.
    pub fn took<M>(&mut self, batch: &Batch<'_, M>, count: usize) {
        let mut resume = batch.resume;
        for due in batch.iter().skip(count).rev() {
            if let Some(Some(lane)) = self.lanes.get_mut(due.camera as usize) {
                lane.put_back(due.before);
            }
            resume = Some(due.resume);
        }
        if let Some(resume) = resume {
            self.place = resume;
        }
    }

    /// What time alone changes. Call it about once a second.
    pub fn look<M>(&mut self, now: Instant, rings: &Rings<M>) {
        let mut lowered = false;
        for index in &self.order {
            let Some(lane) = &mut self.lanes[*index as usize] else { continue };
            let camera = &rings.cameras[*index as usize];
            let before = (lane.position(), lane.quality());
            self.counts.steps_down += u64::from(lane.look(now, camera, &self.policy));
            lowered |= lane.is_lowered();
            if before != (lane.position(), lane.quality()) {
                self.place = Place::Round(0);
                (self.news, self.watched_changed) = (true, true);
            }
            self.news |= matches!(lane.position(), Position::Waiting { .. });
        }
        if lowered {
            let lanes = self.pressure.relieved(now);
            self.step_up(lanes);
        } else {
            self.pressure.restored();
        }
        self.count();
    }

    /// The least important first, one step each.
    fn step_down(&mut self, lanes: u32) {
        let mut left = lanes;
        for index in self.order.iter().rev() {
            let Some(lane) = &mut self.lanes[*index as usize] else { continue };
            if left > 0 && lane.quality() > Quality::Tile {
                lane.lower(Why::TooSlow);
                left -= 1;
            }
        }
        self.stepped(lanes - left, |counts| &mut counts.steps_down);
    }

    /// The most important first, one step each.
    fn step_up(&mut self, lanes: u32) {
        let mut left = lanes;
        for index in &self.order {
            let Some(lane) = &mut self.lanes[*index as usize] else { continue };
            if left > 0 && lane.is_lowered() {
                lane.raise();
                left -= 1;
            }
        }
        self.stepped(lanes - left, |counts| &mut counts.steps_up);
    }

    fn stepped(&mut self, lanes: u32, counter: impl FnOnce(&mut Counts) -> &mut u64) {
        if lanes > 0 {
            *counter(&mut self.counts) += u64::from(lanes);
            self.changed();
        }
    }

    /// Tells what lanes carry that the viewer has not been told. `tell` returns whether it took the
    /// notice; what it did not take is told later.
    pub fn tell<M>(
        &mut self,
        now: Instant,
        rings: &Rings<M>,
        mut tell: impl FnMut(Notice) -> bool,
    ) {
        if !std::mem::take(&mut self.news) {
            return;
        }
        for index in &self.order {
            let Some(lane) = &mut self.lanes[*index as usize] else { continue };
            let Some((carried, why)) = lane.news(now, &self.policy) else { continue };
            let camera = rings.cameras[*index as usize].handle;
            if !tell(Notice { camera, wished: lane.wish().stream, carried, why }) {
                self.news = true;
                break;
            }
            lane.told((carried, why));
        }
        self.count();
    }

    /// Adds the streams that it watches.
    pub fn watched<M>(&self, rings: &Rings<M>, all: &mut BTreeSet<StreamRef>) {
        for (lane, camera) in self.lanes.iter().zip(&rings.cameras) {
            if let Some(lane) = lane.as_ref().filter(|_| !camera.gone) {
                all.extend(streams(camera, lane.watches()));
            }
        }
    }

    /// Whether that has changed since the last call.
    pub fn take_watched_changed(&mut self) -> bool {
        std::mem::take(&mut self.watched_changed)
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    fn count(&mut self) {
        self.counts.carried = [0; 3];
        for lane in self.lanes.iter().flatten() {
            let carried = lane.carries().map_or(Quality::Tile, Quality::from);
            self.counts.carried[carried as usize] += 1;
        }
    }
}
