//! The fan-out thread's loop: wait, take what came in, serve whoever is ready, gather and write.

use std::{
    collections::BTreeSet,
    future::{Future, poll_fn},
    pin::pin,
    sync::{Arc, atomic::Ordering},
    task::Poll,
    time::{Duration, Instant},
};

use tokio::{sync::watch, time};

use super::{
    Newest, Policy,
    connection::{Connection, Gone, Turn},
    figures::Counters,
    frame::Frame,
    gather::Published,
    inbox::{Inbox, Live, Waiting},
};
use crate::domain::{fanout::Wanted, media::StreamRef};

/// Between two looks at pings and deadlines, while there are viewers. The policy's own times are
/// multiples of it.
const LOOK_AFTER: Duration = Duration::from_secs(1);

/// A stream that is silent for longer gives its memory back. Nobody can start there before.
const SILENT: Duration = Duration::from_secs(10);

pub(super) struct Thread {
    policy: Policy,
    inbox: Arc<Inbox>,
    counters: Arc<Counters>,
    tell: Tell,
    published: Published,
    viewers: Vec<Connection>,
    /// The inbox's other half: emptied here, swapped in there.
    waiting: Waiting,
    /// When all that is due is gathered, once something is.
    gather_at: Option<Instant>,
    look_after_at: Instant,
    /// Set at shutdown: the thread ends by then, and as soon as no viewer is left.
    end_by: Option<Instant>,
}

/// Who hears what the viewers need.
pub(super) struct Tell {
    pub(super) wanted: watch::Sender<Arc<Wanted>>,
    pub(super) watched: watch::Sender<Arc<BTreeSet<StreamRef>>>,
}

impl Thread {
    pub(super) fn new(
        policy: Policy,
        inbox: Arc<Inbox>,
        counters: Arc<Counters>,
        tell: Tell,
    ) -> Self {
        Self {
            policy,
            inbox,
            counters,
            tell,
            published: Published::default(),
            viewers: Vec::new(),
            waiting: Waiting::default(),
            gather_at: None,
            look_after_at: Instant::now(),
            end_by: None,
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            let told = self.wait().await;
            let now = Instant::now();
            if told && self.gather_at.is_none() {
                self.gather_at = Some(now + self.policy.gather);
            }
            let mut changed = self.serve_ready(now);
            if self.gather_at.is_some_and(|at| now >= at) {
                self.gather_at = None;
                changed |= self.take_in(now);
                changed |= self.write_all(now);
            }
            if now >= self.look_after_at {
                self.look_after_at = now + LOOK_AFTER.min(self.policy.close_within / 2);
                changed |= self.look_after(now);
            }
            if changed {
                self.tell_wanted();
            }
            let mut watched_changed = changed;
            for viewer in &mut self.viewers {
                watched_changed |= viewer.take_watched_changed();
            }
            if watched_changed {
                self.tell_watched();
            }
            if self.end_by.is_some_and(|by| self.viewers.is_empty() || now >= by) {
                return;
            }
        }
    }

    /// Sleeps until something came in, a viewer is ready, or it is time. `true` when something came
    /// into the inbox.
    async fn wait(&mut self) -> bool {
        let look_after_at = (!self.viewers.is_empty()).then_some(self.look_after_at);
        let at = [self.gather_at, look_after_at, self.end_by].into_iter().flatten().min();
        let inbox = self.inbox.clone();
        let mut told = pin!(inbox.told());
        let mut timer = pin!(async {
            match at {
                Some(at) => time::sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        });
        // While a gathering is under way the inbox can wait for it.
        let gathering = self.gather_at.is_some();
        poll_fn(|cx| {
            let came = !gathering && told.as_mut().poll(cx).is_ready();
            let mut ready = came || timer.as_mut().poll(cx).is_ready();
            for viewer in &mut self.viewers {
                ready |= viewer.poll_ready(cx);
            }
            if ready { Poll::Ready(came) } else { Poll::Pending }
        })
        .await
    }

    /// Reads from and writes to the viewers whose sockets are ready. `true` when a subscription
    /// may have changed.
    fn serve_ready(&mut self, now: Instant) -> bool {
        let Self { published, counters, policy, gather_at, .. } = self;
        let mut changed = false;
        let before = self.viewers.len();
        self.viewers.retain_mut(|viewer| {
            if !viewer.take_ready() {
                return true;
            }
            let served = viewer.read(published, policy, now).and_then(|subscribed| {
                changed |= subscribed;
                viewer.write(published, counters, policy, now)
            });
            keep(served, gather_at, now)
        });
        changed || self.viewers.len() != before
    }

    /// Takes what came in. `true` when viewers came or a camera went.
    fn take_in(&mut self, now: Instant) -> bool {
        self.inbox.swap(&mut self.waiting);
        let Published { tiles, rings } = &mut self.published;
        for (camera, not_live) in self.waiting.not_live.drain() {
            tiles.set_not_live(camera, not_live, |frame, header| frame.with_header(header));
        }
        for (camera, step, picture, tile) in self.waiting.tiles.drain(..) {
            tiles.publish(camera, step, picture, |header| Frame::new(header, tile.jpeg));
        }
        for live in self.waiting.live.drain(..) {
            match live {
                Live::Format(source, format) => rings.format(source, format),
                Live::Unit(unit) => rings.publish(now, &unit, Frame::live),
            }
        }
        for (source, format) in self.waiting.refused.drain() {
            rings.hole(source);
            if let Some(format) = format {
                rings.format(source, format);
            }
        }
        self.counters.units_withheld.store(rings.withheld(), Ordering::Relaxed);
        let gone = !self.waiting.forget.is_empty();
        for camera in self.waiting.forget.drain(..) {
            tiles.forget(camera);
            rings.forget(camera);
        }
        for (camera, step, answer) in self.waiting.newest.drain(..) {
            let newest = tiles.newest(camera, step);
            // Whoever asked may have left.
            let _ =
                answer.send(newest.map(|(header, frame)| Newest {
                    header: *header,
                    jpeg: frame.payload().clone(),
                }));
        }
        let came = !self.waiting.viewers.is_empty();
        for viewer in self.waiting.viewers.drain(..) {
            // A socket that fails here was closed by its peer.
            if let Ok(viewer) = Connection::new(viewer, self.counters.viewer(), &self.policy, now) {
                self.viewers.push(viewer);
            }
        }
        if self.waiting.shutdown && self.end_by.is_none() {
            self.end_by = Some(now + self.policy.close_within);
        }
        if self.end_by.is_some() {
            for viewer in &mut self.viewers {
                viewer.shut_down(&self.policy, now);
            }
        }
        came || gone
    }

    /// One vectored write per viewer that is due something. `true` when one left.
    fn write_all(&mut self, now: Instant) -> bool {
        let Self { published, counters, policy, gather_at, .. } = self;
        let before = self.viewers.len();
        self.viewers.retain_mut(|viewer| {
            keep(viewer.write(published, counters, policy, now), gather_at, now)
        });
        self.viewers.len() != before
    }

    fn look_after(&mut self, now: Instant) -> bool {
        let Self { published, counters, policy, gather_at, .. } = self;
        published.rings.clear_silent(now, SILENT);
        let before = self.viewers.len();
        self.viewers.retain_mut(|viewer| {
            let looked = viewer.look_after(&published.rings, counters, policy, now);
            keep(
                looked.and_then(|()| viewer.write(published, counters, policy, now)),
                gather_at,
                now,
            )
        });
        self.viewers.len() != before
    }

    fn tell_wanted(&self) {
        let wanted = Wanted::union(self.viewers.iter().map(Connection::subscription));
        tell(&self.tell.wanted, wanted);
    }

    fn tell_watched(&self) {
        let mut watched = BTreeSet::new();
        for viewer in &self.viewers {
            viewer.watched(&self.published.rings, &mut watched);
        }
        tell(&self.tell.watched, watched);
    }
}

/// Tells what is not known yet.
fn tell<T: PartialEq>(who: &watch::Sender<Arc<T>>, what: T) {
    who.send_if_modified(|told| {
        let changed = **told != what;
        if changed {
            *told = Arc::new(what);
        }
        changed
    });
}

/// Whether the viewer stays; a turn that left something due makes the next one come at once.
fn keep(turn: Result<Turn, Gone>, gather_at: &mut Option<Instant>, now: Instant) -> bool {
    match turn {
        Ok(Turn::Done) => true,
        Ok(Turn::More) => {
            *gather_at = Some(now);
            true
        }
        Err(Gone) => false,
    }
}
