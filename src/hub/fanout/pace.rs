//! When the fan-out thread writes next, and the timer that wakes it then.

use std::{
    io,
    os::fd::OwnedFd,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::{Interest, unix::AsyncFd};

/// Gathering as a limit of the rate, not as a delay: what comes after a pause goes out almost at
/// once, and what comes without one goes out together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    gather: Duration,
    round: Duration,
    began: Option<Instant>,
    next: Option<Instant>,
}

impl Pace {
    /// Rounds that begin `gather` after the first thing is due, and `round` after the one before.
    pub(super) fn new(gather: Duration, round: Duration) -> Self {
        Self { gather, round, began: None, next: None }
    }

    /// Something is due. What is due already decides when.
    pub(super) fn due(&mut self, now: Instant) {
        if self.next.is_none() {
            let gathered = now + self.gather;
            self.next = Some(self.began.map_or(gathered, |began| gathered.max(began + self.round)));
        }
    }

    /// The last round left something: the next one comes at once.
    pub(super) fn hurry(&mut self, now: Instant) {
        self.next = Some(now);
    }

    /// When the next round begins, if anything is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.next
    }

    /// Whether a round begins now.
    pub(super) fn begin(&mut self, now: Instant) -> bool {
        let begins = self.next.is_some_and(|next| now >= next);
        if begins {
            (self.next, self.began) = (None, Some(now));
        }
        begins
    }
}

/// A timer that is exact to some microseconds; the runtime's own rounds up to the next whole
/// millisecond but one.
#[derive(Debug)]
pub(super) struct Timer {
    fd: AsyncFd<OwnedFd>,
    armed: Option<Instant>,
}

impl Timer {
    /// Must be called inside the runtime that is to be woken.
    pub(super) fn new() -> io::Result<Self> {
        let fd = timerfd_create(
            TimerfdClockId::Monotonic,
            TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
        )?;
        #[expect(deprecated, reason = "an `OwnedFd` stays the same file; the successor is unsafe")]
        let fd = AsyncFd::with_interest(fd, Interest::READABLE)?;
        Ok(Self { fd, armed: None })
    }

    /// Ready once `at` has passed; wakes the task then. One deadline at a time.
    pub(super) fn poll(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if self.armed != Some(at) {
            let left = at.saturating_duration_since(Instant::now());
            if left.is_zero() || self.arm(left).is_err() {
                // Setting the time of an open timer cannot fail; if it did, looking too early
                // would be right and waiting for ever would not.
                return Poll::Ready(());
            }
            self.armed = Some(at);
        }
        // The expiry itself is not read: setting the time again takes it back. A timer that fails
        // counts as expired, as above.
        if let Ok(mut expired) = ready!(self.fd.poll_read_ready(cx)) {
            expired.clear_ready();
        }
        self.armed = None;
        Poll::Ready(())
    }

    fn arm(&self, left: Duration) -> io::Result<()> {
        let time = |time: Duration| Timespec {
            tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: time.subsec_nanos().into(),
        };
        let once = Itimerspec { it_interval: time(Duration::ZERO), it_value: time(left) };
        timerfd_settime(self.fd.get_ref(), TimerfdTimerFlags::empty(), &once)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const GATHER: Duration = Duration::from_micros(200);
    const ROUND: Duration = Duration::from_millis(1);

    #[test]
    fn after_a_pause_a_round_follows_the_first_thing_due_and_then_the_round_before() {
        let start = Instant::now();
        let at = |us| start + Duration::from_micros(us);
        let mut pace = Pace::new(GATHER, ROUND);
        assert!(!pace.begin(at(0)), "nothing is due");

        pace.due(at(10_000));
        pace.due(at(10_150));
        assert_eq!(pace.next(), Some(at(10_200)), "the first thing decides");
        assert!(!pace.begin(at(10_199)));
        assert!(pace.begin(at(10_230)));
        assert_eq!(pace.next(), None);

        pace.due(at(10_300));
        assert_eq!(pace.next(), Some(at(11_230)), "a whole round after the last began");
        assert!(pace.begin(at(11_230)));
        pace.due(at(12_100));
        assert_eq!(pace.next(), Some(at(12_300)), "what came late is gathered all the same");
    }

    #[test]
    fn a_round_that_left_something_is_followed_at_once() {
        let start = Instant::now();
        let mut pace = Pace::new(GATHER, ROUND);
        pace.due(start);
        let now = start + GATHER;
        assert!(pace.begin(now));
        pace.due(now);
        pace.hurry(now);
        assert!(pace.begin(now));
        assert!(!pace.begin(now));
    }

    #[tokio::test]
    async fn the_timer_never_fires_early_and_can_be_set_again() {
        let mut timer = Timer::new().expect("a timer");
        for us in [300, 0, 1_700, 50] {
            let at = Instant::now() + Duration::from_micros(us);
            // One that is given up for another leaves nothing behind.
            let far = at + Duration::from_secs(3600);
            poll_fn(|cx| {
                assert!(timer.poll(far, cx).is_pending());
                Poll::Ready(())
            })
            .await;
            poll_fn(|cx| timer.poll(at, cx)).await;
            assert!(Instant::now() >= at, "{us} µs");
        }
    }
}
