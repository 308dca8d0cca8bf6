//! Lets pictures of different cameras come together in a worker's thread.
//!
//! 25 cameras of 25 pictures/s would wake the thread 625 times a second for one picture each, and
//! the centre behind it as often. Waking up, going to sleep and asking what is ready cost more than
//! the picture does. So before it waits for anything the thread sleeps a moment; what has come
//! meanwhile is served in one turn of the runtime and crosses the link in one write.

use std::{cell::Cell, io, time::Duration};

use tokio::runtime::{Builder, Runtime};

/// What a picture may wait at most. At 25 sub streams five come together. Live video may lose up
/// to 10 ms here (`docs/performance.md` has the figures).
const MOMENT: Duration = Duration::from_millis(8);

thread_local! {
    static AT_ONCE: Cell<bool> = const { Cell::new(false) };
}

/// The runtime of an ingest worker. [`run`](super::run) works on any other too, without gathering.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().on_thread_park(before_waiting).build()
}

/// Something was written to a loopback connection of this thread: its reader is next.
pub(super) fn at_once() {
    AT_ONCE.set(true);
}

#[expect(clippy::disallowed_methods, reason = "all that this thread could do instead is to wait")]
fn before_waiting() {
    if !AT_ONCE.take() {
        std::thread::sleep(MOMENT);
    }
}
