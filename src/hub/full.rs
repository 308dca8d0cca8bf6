//! Streams that are decoded in full: which they are, and their access units on the way to the one
//! decoder that holds their state.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    time::{Duration, Instant},
};

use crate::{
    domain::{
        camera::Handle,
        media::AccessUnit,
        refresh::{HighRates, Refresh, RefreshPolicy, Shown},
    },
    worker::message::SessionId,
};

/// Access units that wait for one decoder. It decodes about 4,000 sub-stream units a second, so
/// this is an eighth of a second; a queue that overflows has lost its race, and the camera that
/// overflows it starts again.
const WAITING: usize = 512;

/// After this long without a picture the stream is said to have nothing to decode from.
const PATIENCE: Duration = Duration::from_secs(30);

/// All streams and, of those decoded in full, their queues.
#[derive(Debug)]
pub(super) struct FullDecodes {
    streams: HashMap<Handle, Stream>,
    queues: Vec<VecDeque<Waiting>>,
    high_rates: HighRates,
    /// A stream came or went since [`Self::at_high_rate`] was last told what is wanted.
    changed: bool,
    dropped: u64,
}

#[derive(Debug)]
struct Stream {
    refresh: Refresh,
    session: SessionId,
    began: Instant,
    full: bool,
    /// The decoder's state is of another session or has a hole: it starts anew.
    reset: bool,
}

impl Stream {
    /// Whether it is decoded in full, as of `now`; if that begins, from a clean state.
    fn decide(&mut self, now: Instant) -> bool {
        let was_full = std::mem::replace(&mut self.full, self.refresh.full(now));
        if self.full && !was_full {
            (self.reset, self.began) = (true, now);
        }
        self.full
    }
}

/// An access unit in a queue.
#[derive(Clone, Debug)]
struct Waiting {
    unit: AccessUnit,
    /// Something before it was lost: what follows builds on pictures that the decoder never saw,
    /// and would come out wrong without an error.
    after_a_hole: bool,
}

/// The next access unit of a full decode.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) unit: AccessUnit,
    /// Only to forget the decoder's state; the unit stays queued.
    pub(super) reset: bool,
    /// What is to become of it.
    pub(super) shown: Shown,
}

impl FullDecodes {
    pub(super) fn new(decoders: usize) -> Self {
        Self {
            streams: HashMap::new(),
            queues: vec![VecDeque::new(); decoders.max(1)],
            high_rates: HighRates::default(),
            changed: false,
            dropped: 0,
        }
    }

    /// Whether a stream came or went since [`Self::at_high_rate`] was last told what is wanted.
    pub(super) fn changed(&self) -> bool {
        self.changed
    }

    /// The cameras whose tiles are wanted at a high rate. Returns those whose access units are all
    /// needed from now on, or no longer.
    pub(super) fn at_high_rate(
        &mut self,
        now: Instant,
        wanted: impl Fn(Handle) -> bool,
    ) -> Vec<(Handle, bool)> {
        self.changed = false;
        let wanted: BTreeSet<Handle> =
            self.streams.keys().copied().filter(|camera| wanted(*camera)).collect();
        let mut changes = self.high_rates.apply(&wanted);
        changes.retain_mut(|(camera, on)| {
            let Some(stream) = self.streams.get_mut(camera) else { return false };
            stream.refresh.at_high_rate(*on);
            let was_full = stream.full;
            *on = stream.decide(now);
            was_full != *on
        });
        changes
    }

    /// Takes note of an access unit, and queues it if its stream is decoded in full. Returns whether
    /// it was decoded in full before, and whether it is now.
    pub(super) fn offer(
        &mut self,
        now: Instant,
        session: SessionId,
        unit: &AccessUnit,
    ) -> (bool, bool) {
        let camera = unit.source.camera;
        let changed = &mut self.changed;
        let stream = self.streams.entry(camera).or_insert_with(|| {
            *changed = true;
            Stream {
                refresh: Refresh::new(RefreshPolicy::default(), now),
                session,
                began: now,
                full: false,
                reset: true,
            }
        });
        if stream.session != session {
            (stream.session, stream.reset, stream.began) = (session, true, now);
            stream.refresh.anew(now);
        }
        if unit.random_access {
            stream.refresh.keyframe(now);
        }
        let was_full = stream.full;
        if stream.decide(now) {
            let slot = camera.0 as usize % self.queues.len();
            let queue = &mut self.queues[slot];
            if queue.len() >= WAITING {
                let before = queue.len();
                queue.retain(|waiting| waiting.unit.source.camera != camera);
                self.dropped += (before - queue.len()) as u64 + 1;
                stream.reset = true;
            } else {
                queue.push_back(Waiting { unit: unit.clone(), after_a_hole: unit.discontinuity });
            }
        }
        (was_full, stream.full)
    }

    /// The next access unit for this decoder.
    pub(super) fn take(&mut self, now: Instant, decoder: usize) -> Option<Next> {
        let queue = &mut self.queues[decoder];
        let first = queue.front_mut()?;
        let mut stream = self.streams.get_mut(&first.unit.source.camera);
        let reset = stream.as_mut().is_some_and(|stream| std::mem::take(&mut stream.reset));
        if std::mem::take(&mut first.after_a_hole) || reset {
            return Some(Next { unit: first.unit.clone(), reset: true, shown: Shown::Not });
        }
        let unit = queue.pop_front()?.unit;
        let shown =
            stream.map_or(Shown::Not, |stream| stream.refresh.shown(now, unit.random_access));
        Some(Next { unit, reset: false, shown })
    }

    /// Whether the stream has gone on for long without anything to decode from. Tells so at most
    /// every [`PATIENCE`]/3, so that it stays told while it lasts.
    pub(super) fn hopeless(&mut self, now: Instant, camera: Handle) -> bool {
        let Some(stream) = self.streams.get_mut(&camera) else { return false };
        let hopeless = now.saturating_duration_since(stream.began) > PATIENCE;
        if hopeless {
            stream.began += PATIENCE / 3;
        }
        hopeless
    }

    /// A decoder lost its state.
    pub(super) fn worker_lost(&mut self, decoder: usize) {
        let count = self.queues.len();
        self.streams
            .iter_mut()
            .filter(|(camera, _)| camera.0 as usize % count == decoder)
            .for_each(|(_, stream)| stream.reset = true);
    }

    /// The camera is gone; another may have its place among those at a high rate.
    pub(super) fn forget(&mut self, camera: Handle) {
        self.changed = true;
        self.streams.remove(&camera);
        self.queues
            .iter_mut()
            .for_each(|queue| queue.retain(|waiting| waiting.unit.source.camera != camera));
    }

    /// How often a camera was wanted at a high rate and stayed at its usual one.
    pub(super) fn high_rates_refused(&self) -> u64 {
        self.high_rates.refused()
    }

    /// Access units given up.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::domain::{
        media::{Codec, StreamKind, StreamRef},
        time::UnixMicros,
    };

    const SECOND: Duration = Duration::from_secs(1);

    fn unit(n: u32, random_access: bool, discontinuity: bool) -> AccessUnit {
        AccessUnit {
            source: StreamRef { camera: Handle(1), stream: StreamKind::Sub },
            codec: Codec::H264,
            random_access,
            discontinuity,
            received_at: UnixMicros(0),
            media_time: n,
            data: Bytes::new(),
        }
    }

    /// What one decoder is given until nothing waits: `None` is a reset.
    fn taken(full: &mut FullDecodes, now: Instant) -> Vec<Option<u32>> {
        let next = std::iter::from_fn(|| full.take(now, 0));
        next.map(|next| (!next.reset).then_some(next.unit.media_time)).collect()
    }

    #[test]
    fn a_decoder_forgets_a_stream_before_it_goes_on_after_a_hole_and_only_there() {
        let (mut full, start) = (FullDecodes::new(1), Instant::now());
        full.offer(start, SessionId(1), &unit(0, true, true));
        let later = start + 5 * SECOND;
        for (n, discontinuity) in [(1, false), (2, false), (3, true), (4, false)] {
            assert!(full.offer(later, SessionId(1), &unit(n, false, discontinuity)).1, "{n}");
        }
        let expected = [None, Some(1), Some(2), None, Some(3), Some(4)];
        assert_eq!(taken(&mut full, later), expected);
    }

    #[test]
    fn a_stream_that_was_decoded_in_full_still_is_after_a_reconnect_and_begins_anew() {
        let (mut full, start) = (FullDecodes::new(1), Instant::now());
        full.offer(start, SessionId(1), &unit(0, true, true));
        full.offer(start + 5 * SECOND, SessionId(1), &unit(1, false, false));
        taken(&mut full, start + 5 * SECOND);
        let before_and_now = full.offer(start + 6 * SECOND, SessionId(2), &unit(2, true, true));
        assert_eq!(before_and_now, (true, true));
        assert_eq!(taken(&mut full, start + 6 * SECOND), [None, Some(2)]);
    }

    #[test]
    fn a_camera_wanted_at_a_high_rate_is_decoded_in_full_until_it_no_longer_is() {
        let (mut full, start) = (FullDecodes::new(1), Instant::now());
        full.offer(start, SessionId(1), &unit(0, true, true));
        assert!(full.changed());
        assert_eq!(full.at_high_rate(start, |_| true), [(Handle(1), true)]);
        assert_eq!(full.at_high_rate(start, |_| true), [], "told once");
        for n in 1..=25 {
            full.offer(start + n * SECOND / 25, SessionId(1), &unit(n, false, false));
        }
        let shown = std::iter::from_fn(|| full.take(start + SECOND, 0));
        let shown: Vec<Shown> = shown.map(|next| next.shown).collect();
        assert_eq!(shown.len(), 26, "a reset and all units");
        assert_eq!(shown.iter().filter(|shown| **shown == Shown::Extra).count(), 1, "at one time");
        assert_eq!(full.at_high_rate(start + SECOND, |_| false), [(Handle(1), false)]);
        let later = full.offer(start + SECOND, SessionId(1), &unit(26, false, false));
        assert_eq!(later, (false, false));
    }

    #[test]
    fn a_camera_whose_keyframes_are_far_apart_stays_in_full_decode_when_the_wish_ends() {
        let (mut full, start) = (FullDecodes::new(1), Instant::now());
        full.offer(start, SessionId(1), &unit(0, true, true));
        full.offer(start + 5 * SECOND, SessionId(1), &unit(1, false, false));
        assert_eq!(full.at_high_rate(start + 5 * SECOND, |_| true), []);
        assert_eq!(full.at_high_rate(start + 6 * SECOND, |_| false), []);
    }
}
