//! Which viewers' sockets have something new to say. Each tells by itself, so that nobody asks all
//! of them whenever the thread wakes up.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Wake, Waker},
};

use crate::domain::fanout::Slots;

#[derive(Debug, Default)]
pub(super) struct Readiness {
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    /// Viewers that were woken since the thread looked.
    woken: Slots,
    /// The thread, if it sleeps and was not woken yet.
    thread: Option<Waker>,
}

/// Wakes the thread for one viewer.
struct Bell {
    slot: usize,
    readiness: Arc<Readiness>,
}

impl Readiness {
    /// A waker for the viewer in this slot.
    pub(super) fn waker(self: &Arc<Self>, slot: usize) -> Waker {
        Waker::from(Arc::new(Bell { slot, readiness: self.clone() }))
    }

    /// Adds the viewers that were woken since the last call. The next one that is wakes the task.
    pub(super) fn take(&self, woken: &mut Slots, cx: &mut Context<'_>) {
        let mut told = self.lock();
        told.woken.drain().for_each(|slot| woken.insert(slot));
        if !told.thread.as_ref().is_some_and(|thread| thread.will_wake(cx.waker())) {
            told.thread = Some(cx.waker().clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        // What is inside is a plain set: whoever panicked left it usable.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut told = self.readiness.lock();
        told.woken.insert(self.slot);
        if let Some(thread) = told.thread.take() {
            drop(told);
            thread.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn viewers_that_are_woken_wake_the_thread_once_and_are_told_once() {
        let (readiness, count) = (Arc::new(Readiness::default()), Arc::new(Count::default()));
        let thread = Waker::from(count.clone());
        let take = || {
            let mut woken = Slots::default();
            readiness.take(&mut woken, &mut Context::from_waker(&thread));
            woken.drain().collect::<Vec<_>>()
        };
        let early = readiness.waker(70);
        early.wake_by_ref();
        assert_eq!(take(), [70], "woken before anybody looked");
        assert!(take().is_empty());
        for slot in [9, 2, 9] {
            readiness.waker(slot).wake();
        }
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        assert_eq!(take(), [2, 9]);
        early.wake();
        assert_eq!((count.0.load(Ordering::Relaxed), take()), (2, vec![70]));
    }
}
