//! Tells the desk which tiles were published, so that it can hold screens to them.

use std::time::Duration;

use tokio::{
    sync::mpsc,
    time::{self, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use crate::{desk::event::Event, hub::fanout::FanoutHandle};

/// Between two looks: a screen that is at fault is told within 10 s, of which this is part.
const EVERY: Duration = Duration::from_millis(500);

/// Looks until `shutdown`. A look for which the desk has no room is left out: the next one says as
/// much.
pub(super) async fn look(
    fanout: FanoutHandle,
    events: mpsc::Sender<Event>,
    shutdown: CancellationToken,
) {
    let mut every = time::interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = every.tick() => {}
        }
        let numbers = tokio::select! {
            () = shutdown.cancelled() => return,
            numbers = fanout.numbers() => numbers,
        };
        let _ = events.try_send(Event::Published(numbers));
    }
}
