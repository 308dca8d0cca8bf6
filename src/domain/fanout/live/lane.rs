//! One lane: one camera's live video on its way to one viewer. Decides which stream it carries and
//! from which unit it goes on.

use std::time::Instant;

use super::{
    LivePolicy,
    batch::{Batch, Due},
    lanes::Place,
    notice::{Quality, Why},
    ring::Start,
    rings::Camera,
};
use crate::domain::{
    fanout::subscription::VideoWish,
    media::{StreamKind, StreamRef},
};

#[derive(Debug)]
pub(super) struct Lane {
    wish: VideoWish,
    /// The best that it may carry …
    quality: Quality,
    /// … and why, if that is less than the wish.
    lowered: Why,
    position: Position,
    /// It has carried something: what it carries next comes after a gap.
    played: bool,
    /// Its start, its newest jump, or the beginning of its wait.
    since: Instant,
    /// What the viewer was told last.
    said: Option<(Quality, Why)>,
}

/// Where a lane stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// Nothing is carried until a keyframe comes; of a stream that it had to leave, one with this
    /// number or a later one.
    Waiting { left: Option<(StreamKind, u64)> },
    /// This unit is next.
    At { stream: StreamKind, next: u64, lead: Lead },
}

/// What goes before the next unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    /// Nothing, unless the unit itself needs it.
    None,
    /// The configuration. Then the unit, a keyframe.
    Configuration { after_drop: bool },
    /// The configuration was taken.
    Keyframe { after_drop: bool },
}

/// Units that a lane left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Missed {
    pub(super) units: u64,
    /// The viewer was too slow for them.
    pub(super) congested: bool,
}

/// How an emission ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Emitted {
    All,
    /// The batch is full.
    Full,
    /// The next unit is no longer there.
    Lost,
}

impl Lane {
    pub(super) fn new(now: Instant, wish: VideoWish) -> Self {
        Self {
            wish,
            quality: wish.stream.into(),
            lowered: Why::TooSlow,
            position: Position::Waiting { left: None },
            played: false,
            since: now,
            said: None,
        }
    }

    pub(super) fn wish(&self) -> VideoWish {
        self.wish
    }

    /// Another wish for the same camera: what it carries goes on until that is there.
    pub(super) fn wish_anew(&mut self, wish: VideoWish) {
        if self.wish.stream != wish.stream {
            self.quality = wish.stream.into();
        }
        self.wish = wish;
    }

    pub(super) fn quality(&self) -> Quality {
        self.quality
    }

    pub(super) fn is_lowered(&self) -> bool {
        self.quality < self.wish.stream.into()
    }

    pub(super) fn lower(&mut self, why: Why) {
        (self.quality, self.lowered) = (self.quality.lower(), why);
    }

    pub(super) fn raise(&mut self) {
        self.quality = self.quality.higher().min(self.wish.stream.into());
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// Back to where it stood: what came after was not taken.
    pub(super) fn put_back(&mut self, position: Position) {
        self.position = position;
    }

    fn target(&self) -> Option<StreamKind> {
        self.quality.stream()
    }

    pub(super) fn carries(&self) -> Option<StreamKind> {
        match self.position {
            Position::At { stream, .. } => Some(stream),
            Position::Waiting { .. } => None,
        }
    }

    /// The streams that it needs from upstream: what it is to carry, what it carries until then,
    /// and the small stream while the large one has not started.
    pub(super) fn watches(&self) -> [bool; 2] {
        let Some(target) = self.target() else { return [false; 2] };
        let carries = self.carries();
        [StreamKind::Sub, StreamKind::Main].map(|stream| {
            let meanwhile =
                target == StreamKind::Main && carries.is_none() && stream == StreamKind::Sub;
            stream == target || carries == Some(stream) || meanwhile
        })
    }

    /// Goes over to the stream that it is to carry, if that can be done now without a gap.
    pub(super) fn approach<M>(&mut self, now: Instant, camera: &Camera<M>, policy: &LivePolicy) {
        let Some(target) = self.target() else {
            if self.carries().is_some() {
                (self.position, self.since) = (Position::Waiting { left: None }, now);
            }
            return;
        };
        match self.position {
            Position::At { stream, .. } if stream == target => {}
            Position::At { .. } => {
                if camera.ring(target).lively(now, policy.change_within) {
                    self.start(now, camera, target, None);
                }
            }
            Position::Waiting { left } => {
                // A large stream that was left is waited for; one that never began is bridged.
                let bridged = left.is_none_or(|(stream, _)| stream == StreamKind::Sub);
                let mut choices =
                    [target, StreamKind::Sub].into_iter().take(1 + usize::from(bridged));
                choices.any(|stream| {
                    camera.ring(stream).lively(now, policy.start_within)
                        && self.start(now, camera, stream, left)
                });
            }
        }
    }

    /// Starts at the stream's newest keyframe.
    fn start<M>(
        &mut self,
        now: Instant,
        camera: &Camera<M>,
        stream: StreamKind,
        left: Option<(StreamKind, u64)>,
    ) -> bool {
        let earliest = left.filter(|(left, _)| *left == stream).map_or(0, |(_, number)| number);
        let Some(next) = camera.ring(stream).keyframe().filter(|next| *next >= earliest) else {
            return false;
        };
        let lead = Lead::Configuration { after_drop: self.played };
        (self.position, self.since) = (Position::At { stream, next, lead }, now);
        self.played = true;
        true
    }

    /// Leaves out what a viewer that is too far behind would get late: up to a newer keyframe, or
    /// until the next one comes.
    pub(super) fn keep_up<M>(
        &mut self,
        now: Instant,
        camera: &Camera<M>,
        policy: &LivePolicy,
    ) -> Missed {
        let Position::At { stream, next, .. } = self.position else { return Missed::default() };
        let ring = camera.ring(stream);
        if next >= ring.end() {
            return Missed::default();
        }
        let entry = ring.entry(next);
        let behind = entry.map(|entry| now.saturating_duration_since(entry.at.max(self.since)));
        let later = |than| behind.is_none_or(|behind| behind >= than);
        let newer = ring.keyframe().filter(|keyframe| *keyframe > next);
        let (position, units) = match newer {
            Some(keyframe) if later(policy.jump_after) => {
                let lead = Lead::Configuration { after_drop: true };
                (Position::At { stream, next: keyframe, lead }, keyframe - next)
            }
            None if later(policy.wait_after) => {
                let left = Some((stream, ring.end()));
                (Position::Waiting { left }, ring.end() - next)
            }
            _ => return Missed::default(),
        };
        (self.position, self.since) = (position, now);
        Missed { units, congested: true }
    }

    /// Once a second: a stream that has stopped is bridged, and a keyframe that does not come is
    /// waited for no longer. Returns whether it stepped down.
    pub(super) fn look<M>(
        &mut self,
        now: Instant,
        camera: &Camera<M>,
        policy: &LivePolicy,
    ) -> bool {
        match self.position {
            Position::At { stream: StreamKind::Main, .. }
                if self.target() == Some(StreamKind::Main)
                    && !camera.ring(StreamKind::Main).lively(now, policy.start_within)
                    && camera.ring(StreamKind::Sub).lively(now, policy.change_within) =>
            {
                self.start(now, camera, StreamKind::Sub, None);
            }
            Position::Waiting { left: Some((StreamKind::Main, _)) }
                if self.quality == Quality::Main && self.waits_long(now, policy) =>
            {
                self.lower(Why::NoKeyframe);
                return true;
            }
            _ => {}
        }
        false
    }

    fn waits_long(&self, now: Instant, policy: &LivePolicy) -> bool {
        self.carries().is_none()
            && now.saturating_duration_since(self.since) > policy.keyframe_within
    }

    /// What the viewer is to know, if it was not told yet.
    pub(super) fn news(&self, now: Instant, policy: &LivePolicy) -> Option<(Quality, Why)> {
        let wished = Quality::from(self.wish.stream);
        let waits_long = self.waits_long(now, policy);
        let carried = match self.position {
            Position::At { stream, .. } => stream.into(),
            // A lane that waits for the next keyframe still shows its stream, for a moment.
            Position::Waiting { left: Some((stream, _)) } if !waits_long => stream.into(),
            Position::Waiting { .. } => Quality::Tile,
        };
        let why = if carried == wished {
            Why::Wished
        } else if carried == self.quality {
            self.lowered
        } else if waits_long {
            Why::NoKeyframe
        } else {
            Why::Starting
        };
        (self.said != Some((carried, why))).then_some((carried, why))
    }

    pub(super) fn told(&mut self, said: (Quality, Why)) {
        self.said = Some(said);
    }

    /// Puts all that it is due into the batch.
    pub(super) fn emit<'r, M>(
        &mut self,
        index: u32,
        camera: &'r Camera<M>,
        resume: Place,
        batch: &mut Batch<'r, M>,
    ) -> Emitted {
        let Position::At { stream, mut next, mut lead } = self.position else {
            return Emitted::All;
        };
        let ring = camera.ring(stream);
        while next < ring.end() {
            let Some(entry) = ring.entry(next) else { return Emitted::Lost };
            if batch.is_full() {
                return Emitted::Full;
            }
            if let (Lead::None, Some(Start { anew: true, hole, .. })) =
                (lead, entry.start.as_deref())
            {
                lead = Lead::Configuration { after_drop: *hole };
            }
            let before = self.position;
            let mut due = Due {
                message: &entry.message,
                live: (entry.at >= self.since).then_some(entry.received_at),
                unit: true,
                camera: index,
                before,
                resume,
            };
            lead = match (lead, entry.start.as_deref()) {
                (Lead::Configuration { after_drop }, Some(start)) => {
                    let Start { configuration, .. } = start;
                    due.message =
                        if after_drop { &configuration.after_drop } else { &configuration.message };
                    (due.unit, due.live) = (false, None);
                    Lead::Keyframe { after_drop }
                }
                (Lead::Keyframe { after_drop: true }, Some(start)) => {
                    due.message = &start.after_drop;
                    Lead::None
                }
                _ => Lead::None,
            };
            next += u64::from(due.unit);
            self.position = Position::At { stream, next, lead };
            batch.push(due);
        }
        Emitted::All
    }
}

/// The streams of a camera that a lane watches.
pub(super) fn streams<M>(
    camera: &Camera<M>,
    watches: [bool; 2],
) -> impl Iterator<Item = StreamRef> {
    let camera = camera.handle;
    [StreamKind::Sub, StreamKind::Main]
        .into_iter()
        .zip(watches)
        .filter(|(_, watched)| *watched)
        .map(move |(stream, _)| StreamRef { camera, stream })
}
