//! The fan-out thread's loop: wait, take what came in, serve whoever is ready, gather and write.

use std::{
    collections::BTreeSet,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{Arc, atomic::Ordering},
    task::Poll,
    time::{Duration, Instant},
};

use tokio::{sync::watch, time};

use super::{
    Newest, Policy,
    connection::Connection,
    figures::Counters,
    frame::Frame,
    gather::Published,
    inbox::{Inbox, Live, Waiting},
    pace::{Pace, Timer},
    viewers::{Changed, Service, Viewers},
};
use crate::domain::{fanout::Wanted, media::StreamRef};

/// Between two looks at pings and deadlines, while there are viewers. The policy's own times are
/// multiples of it.
const LOOK_AFTER: Duration = Duration::from_secs(1);

/// A stream that is silent for longer gives its memory back. Nobody can start there before.
const SILENT: Duration = Duration::from_secs(10);

pub(super) struct Thread {
    inbox: Arc<Inbox>,
    tell: Tell,
    service: Service,
    viewers: Viewers,
    /// The inbox's other half: emptied here, swapped in there.
    waiting: Waiting,
    timer: Timer,
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
        timer: Timer,
    ) -> Self {
        let pace = Pace::new(policy.gather, policy.round);
        Self {
            inbox,
            tell,
            service: Service { policy, counters, published: Published::default(), pace },
            viewers: Viewers::default(),
            waiting: Waiting::default(),
            timer,
            look_after_at: Instant::now(),
            end_by: None,
        }
    }

    pub(super) async fn run(mut self) {
        let mut alarm = pin!(time::sleep(LOOK_AFTER));
        loop {
            let told = self.wait(alarm.as_mut()).await;
            let now = Instant::now();
            if told {
                self.service.pace.due(now);
            }
            self.viewers.serve_ready(&mut self.service, now);
            if self.service.pace.begin(now) {
                self.take_in(now);
                self.viewers.serve_due(&mut self.service, now);
            }
            if now >= self.look_after_at {
                self.look_after_at = now + LOOK_AFTER.min(self.service.policy.close_within / 2);
                // Units that nobody watches may be waiting: their streams are not silent.
                self.take_in(now);
                self.service.published.rings.clear_silent(now, SILENT);
                self.viewers.look_after(&mut self.service, now);
            }
            let Changed { wishes, watched } = self.viewers.take_changed();
            if wishes {
                self.tell_wanted();
            }
            if wishes || watched {
                self.tell_watched();
            }
            if self.end_by.is_some_and(|by| self.viewers.is_empty() || now >= by) {
                return;
            }
        }
    }

    /// Sleeps until something came in, a viewer is ready, or it is time. `true` when something came
    /// into the inbox.
    async fn wait(&mut self, mut alarm: Pin<&mut time::Sleep>) -> bool {
        let look_after_at = (!self.viewers.is_empty()).then_some(self.look_after_at);
        let alarm_at = [look_after_at, self.end_by].into_iter().flatten().min();
        if let Some(at) = alarm_at
            && alarm.deadline() != at.into()
        {
            alarm.as_mut().reset(at.into());
        }
        let inbox = self.inbox.clone();
        let mut told = pin!(inbox.told());
        let next = self.service.pace.next();
        poll_fn(|cx| {
            // While a gathering is under way the inbox can wait for it.
            let came = next.is_none() && told.as_mut().poll(cx).is_ready();
            let mut ready = came || next.is_some_and(|at| self.timer.poll(at, cx).is_ready());
            ready |= alarm_at.is_some() && alarm.as_mut().poll(cx).is_ready();
            ready |= self.viewers.poll_ready(cx);
            if ready { Poll::Ready(came) } else { Poll::Pending }
        })
        .await
    }

    /// Takes what came in.
    fn take_in(&mut self, now: Instant) {
        self.inbox.swap(&mut self.waiting);
        let Published { tiles, rings } = &mut self.service.published;
        for (camera, importance) in self.waiting.ranks.drain() {
            tiles.rank(camera, importance);
        }
        for (camera, not_live) in self.waiting.not_live.drain() {
            tiles.set_not_live(camera, not_live, |frame, header| frame.with_header(header));
            self.viewers.published(camera);
        }
        for (camera, step, picture, tile) in self.waiting.tiles.drain(..) {
            tiles.publish(camera, step, picture, |header| Frame::new(header, tile.jpeg));
            self.viewers.published(camera);
        }
        for live in self.waiting.live.drain(..) {
            let source = match live {
                Live::Format(source, format) => {
                    rings.format(source, format);
                    source
                }
                Live::Unit(came, unit) => {
                    rings.publish(came, &unit, Frame::live);
                    unit.source
                }
            };
            self.viewers.published(source.camera);
        }
        for (source, format) in self.waiting.refused.drain() {
            rings.hole(source);
            if let Some(format) = format {
                rings.format(source, format);
            }
            self.viewers.published(source.camera);
        }
        self.service.counters.units_withheld.store(rings.withheld(), Ordering::Relaxed);
        for camera in self.waiting.forget.drain(..) {
            tiles.forget(camera);
            rings.forget(camera);
            self.viewers.forget(camera);
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
        for answer in self.waiting.numbers.drain(..) {
            // Whoever asked may have left.
            let _ = answer.send(tiles.numbers());
        }
        if std::mem::take(&mut self.waiting.look_again) {
            self.viewers.look_again(&mut self.service, now);
        }
        for viewer in self.waiting.viewers.drain(..) {
            self.viewers.come(viewer, &self.service, now);
        }
        if std::mem::take(&mut self.waiting.ended) {
            self.viewers.part_with_the_ended(&self.service.policy, now);
        }
        if self.waiting.shutdown && self.end_by.is_none() {
            self.end_by = Some(now + self.service.policy.close_within);
        }
        if self.end_by.is_some() {
            self.viewers.shut_down(&self.service.policy, now);
        }
    }

    fn tell_wanted(&self) {
        let wanted = Wanted::union(self.viewers.iter().map(Connection::subscription));
        tell(&self.tell.wanted, wanted);
    }

    fn tell_watched(&mut self) {
        let mut watched = BTreeSet::new();
        for viewer in self.viewers.iter() {
            viewer.watched(&self.service.published.rings, &mut watched);
        }
        tell(&self.tell.watched, watched);
        // What came just before the inbox knew has woken nobody.
        if self.inbox.watch(self.tell.watched.borrow().clone()) {
            self.service.pace.due(Instant::now());
        }
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
