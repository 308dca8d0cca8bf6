//! Who looks at what: a row when it begins, a row with its duration when it has ended. People go
//! back and forth between cameras, so a view has ended only when nobody came back for a quarter of an
//! hour; a person and a camera make no more than one pair of rows in that time.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::{
    camera::CameraId,
    time::{Moment, UnixMicros},
};

/// How long after its last viewer left a view has ended.
pub const GAP: Duration = Duration::from_secs(15 * 60);

/// Views that are kept in mind: 200 sockets with 300 large pictures each. Those beyond are still
/// told when they begin, but not when they end.
const VIEWS: usize = 65_536;

/// What somebody looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// Small pictures of several cameras, as on a wall.
    Mosaic,
    /// One camera: its large stream, or its picture at a readable size.
    Camera(CameraId),
}

/// Something to write down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewed<W> {
    /// Somebody begins to look.
    Began {
        /// Who.
        who: W,
        /// At what.
        sight: Sight,
        /// Since when.
        at: UnixMicros,
    },
    /// And does not look any more.
    Ended {
        /// Who.
        who: W,
        /// At what.
        sight: Sight,
        /// Since when, as told when it began.
        began: UnixMicros,
        /// How long, gaps of less than [`GAP`] included.
        lasted: Duration,
    },
}

/// Everybody who looks at something.
#[derive(Debug)]
pub struct Viewing<W> {
    gap: Duration,
    sockets: BTreeMap<u64, (W, BTreeSet<Sight>)>,
    views: BTreeMap<(W, Sight), View>,
}

#[derive(Debug)]
struct View {
    began: Moment,
    /// Sockets that show it.
    open: usize,
    /// When the last of them ended, if none is left.
    left: Option<Instant>,
}

impl<W: Clone + Ord> Viewing<W> {
    /// Nobody looks at anything; `gap` is usually [`GAP`].
    pub fn new(gap: Duration) -> Self {
        Self { gap, sockets: BTreeMap::new(), views: BTreeMap::new() }
    }

    /// This socket of `who` shows these things from now on, and no others.
    pub fn apply(
        &mut self,
        now: Moment,
        socket: u64,
        who: &W,
        sights: BTreeSet<Sight>,
    ) -> Vec<Viewed<W>> {
        let (_, before) = self
            .sockets
            .insert(socket, (who.clone(), sights.clone()))
            .unwrap_or_else(|| (who.clone(), BTreeSet::new()));
        for sight in before.difference(&sights) {
            self.closed(now.now, who, sight);
        }
        let mut begun = Vec::new();
        for sight in sights.difference(&before) {
            if self.opened(now, who, sight) {
                begun.push(Viewed::Began { who: who.clone(), sight: sight.clone(), at: now.unix });
            }
        }
        begun
    }

    /// This socket has ended.
    pub fn leave(&mut self, now: Instant, socket: u64) {
        let Some((who, sights)) = self.sockets.remove(&socket) else { return };
        for sight in sights {
            self.closed(now, &who, &sight);
        }
    }

    /// Returns the views that have ended: nobody came back in time.
    pub fn tick(&mut self, now: Instant) -> Vec<Viewed<W>> {
        let gap = self.gap;
        let over = |view: &mut View| view.left.is_some_and(|left| now >= left + gap);
        self.views.extract_if(.., |_, view| over(view)).map(|view| ended(now, view)).collect()
    }

    /// Ends all views: the service stops.
    pub fn finish(&mut self, now: Instant) -> Vec<Viewed<W>> {
        self.sockets.clear();
        std::mem::take(&mut self.views).into_iter().map(|view| ended(now, view)).collect()
    }

    /// Whether a view begins with it.
    fn opened(&mut self, now: Moment, who: &W, sight: &Sight) -> bool {
        let key = (who.clone(), sight.clone());
        if let Some(view) = self.views.get_mut(&key) {
            view.open += 1;
            view.left = None;
            return false;
        }
        if self.views.len() < VIEWS {
            self.views.insert(key, View { began: now, open: 1, left: None });
        }
        true
    }

    fn closed(&mut self, now: Instant, who: &W, sight: &Sight) {
        if let Some(view) = self.views.get_mut(&(who.clone(), sight.clone())) {
            view.open = view.open.saturating_sub(1);
            if view.open == 0 {
                view.left = Some(now);
            }
        }
    }
}

fn ended<W>(now: Instant, ((who, sight), view): ((W, Sight), View)) -> Viewed<W> {
    let lasted = view.left.unwrap_or(now).saturating_duration_since(view.began.now);
    Viewed::Ended { who, sight, began: view.began.unix, lasted }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn camera(n: u8) -> Sight {
        Sight::Camera(format!("cam-{n}").try_into().expect("an id"))
    }

    fn sights(all: &[Sight]) -> BTreeSet<Sight> {
        all.iter().cloned().collect()
    }

    fn start() -> Moment {
        Moment { now: Instant::now(), unix: UnixMicros(1_700_000_000_000_000) }
    }

    #[test]
    fn one_row_tells_that_a_view_begins_and_one_that_it_ended_however_often_somebody_came_back() {
        let (mut viewing, start) = (Viewing::new(GAP), start());
        let began = |sight, at: Moment| Viewed::Began { who: "lan", sight, at: at.unix };
        let both = sights(&[Sight::Mosaic, camera(1)]);
        assert_eq!(
            viewing.apply(start, 1, &"lan", both),
            [began(Sight::Mosaic, start), began(camera(1), start)]
        );
        // Back to the mosaic alone, to the camera again on another screen, and away.
        viewing.apply(start.plus(MINUTE), 1, &"lan", sights(&[Sight::Mosaic]));
        assert_eq!(viewing.apply(start.plus(10 * MINUTE), 2, &"lan", sights(&[camera(1)])), []);
        viewing.leave(start.plus(11 * MINUTE).now, 2);
        assert_eq!(viewing.tick(start.plus(25 * MINUTE).now), []);
        let ended = |sight, lasted| Viewed::Ended { who: "lan", sight, began: start.unix, lasted };
        assert_eq!(viewing.tick(start.plus(26 * MINUTE).now), [ended(camera(1), 11 * MINUTE)]);
        let again = start.plus(27 * MINUTE);
        let others = [began(camera(1), again)];
        assert_eq!(viewing.apply(again, 3, &"lan", sights(&[camera(1)])), others);
        let left = viewing.finish(start.plus(30 * MINUTE).now);
        assert_eq!(left[0], ended(Sight::Mosaic, 30 * MINUTE));
        assert_eq!(left.len(), 2);
    }

    #[test]
    fn two_people_who_look_at_one_camera_are_two_views() {
        let (mut viewing, start) = (Viewing::new(GAP), start());
        assert_eq!(viewing.apply(start, 1, &"lan", sights(&[camera(1)])).len(), 1);
        assert_eq!(viewing.apply(start, 2, &"anna", sights(&[camera(1)])).len(), 1);
        viewing.leave(start.now, 1);
        let over = viewing.tick(start.plus(GAP).now);
        assert!(matches!(&over[..], [Viewed::Ended { who: "lan", .. }]), "{over:?}");
    }

    #[derive(Clone, Debug)]
    enum Step {
        Show(u64, BTreeSet<u8>),
        Leave(u64),
        Wait(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let show = (0..4u64, prop::collection::btree_set(0..3u8, 0..3));
        let step = prop_oneof![
            3 => show.prop_map(|(socket, cameras)| Step::Show(socket, cameras)),
            2 => (0..4u64).prop_map(Step::Leave),
            2 => (1..30u64).prop_map(Step::Wait),
        ];
        prop::collection::vec(step, 1..60)
    }

    proptest! {
        #[test]
        fn whoever_looks_has_a_row_that_has_not_ended_and_rows_are_a_quarter_of_an_hour_apart(steps in steps()) {
            let (mut viewing, mut now) = (Viewing::new(GAP), start());
            let mut sockets = BTreeMap::<u64, BTreeSet<u8>>::new();
            let mut open = BTreeMap::<(u64, Sight), UnixMicros>::new();
            let mut last = BTreeMap::<(u64, Sight), UnixMicros>::new();
            for step in steps {
                let told = match step {
                    Step::Show(socket, cameras) => {
                        sockets.insert(socket, cameras.clone());
                        // Two sockets are of one person.
                        let who = socket / 2;
                        viewing.apply(now, socket, &who, cameras.into_iter().map(camera).collect())
                    }
                    Step::Leave(socket) => {
                        sockets.remove(&socket);
                        viewing.leave(now.now, socket);
                        Vec::new()
                    }
                    Step::Wait(minutes) => {
                        now = now.plus(MINUTE * u32::try_from(minutes).expect("few"));
                        viewing.tick(now.now)
                    }
                };
                for viewed in told {
                    match viewed {
                        Viewed::Began { who, sight, at } => {
                            let before = last.insert((who, sight.clone()), at);
                            prop_assert!(before.is_none_or(|before| at.since(before) >= GAP));
                            prop_assert_eq!(open.insert((who, sight), at), None);
                        }
                        Viewed::Ended { who, sight, began, .. } => {
                            prop_assert_eq!(open.remove(&(who, sight)), Some(began));
                        }
                    }
                }
                for (socket, cameras) in &sockets {
                    for n in cameras {
                        prop_assert!(open.contains_key(&(socket / 2, camera(*n))));
                    }
                }
            }
            prop_assert_eq!(viewing.finish(now.now).len(), open.len());
        }
    }
}
