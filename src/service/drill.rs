//! Drills: the first alert of each is raised at once, the others in their time, each on the way of a
//! real one.

use std::time::{Duration, SystemTime};

use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    desk::command::{Command, Commands, Refused},
    http::{Lesson, NotBegun},
    store::{DrillRow, Store},
};

/// Carries drills out until the service stops. There are few at once: each has a place.
pub(super) async fn give_all(
    mut lessons: mpsc::Receiver<Lesson>,
    commands: Commands,
    store: Store,
    shutdown: CancellationToken,
) {
    let running = TaskTracker::new();
    while let Some(Some(lesson)) = shutdown.run_until_cancelled(lessons.recv()).await {
        running.spawn(give(lesson, commands.clone(), store.clone(), shutdown.clone()));
    }
    running.close();
    running.wait().await;
}

async fn give(lesson: Lesson, commands: Commands, store: Store, shutdown: CancellationToken) {
    // Its place is free when this returns.
    let Lesson { drill, begun, place: _place } = lesson;
    let began = begin(&drill, &commands, &store).await;
    let goes_on = began.is_ok();
    // Who asked may be gone; the drill goes on.
    let _ = begun.send(began);
    if !goes_on {
        return;
    }
    let start = Instant::now();
    for n in 1..drill.count {
        let due = start + Duration::from_secs(u64::from(n) * u64::from(drill.gap_s));
        if shutdown.run_until_cancelled(sleep_until(due)).await.is_none() {
            break;
        }
        // A camera may be gone by now: the others follow all the same.
        if let Err(refused) = raise(&drill, n, &commands).await {
            tracing::warn!(drill = %drill.id, %refused, "an alert of a drill was not raised");
        }
    }
    if let Err(error) = store.end_drill(drill.id, SystemTime::now().into()).await {
        tracing::warn!(drill = %drill.id, %error, "the end of a drill could not be stored");
    }
}

/// Stored first: what is raised is never without the drill that it belongs to.
async fn begin(drill: &DrillRow, commands: &Commands, store: &Store) -> Result<(), NotBegun> {
    store.begin_drill(drill.clone()).await.map_err(NotBegun::NotStored)?;
    let raised = raise(drill, 0, commands).await;
    if raised.is_err()
        && let Err(error) = store.forget_drill(drill.id).await
    {
        tracing::warn!(drill = %drill.id, %error, "a drill that came to nothing stays in the list");
    }
    raised.map_err(NotBegun::Refused)
}

async fn raise(drill: &DrillRow, n: u32, commands: &Commands) -> Result<(), Refused> {
    let Some(camera) = drill.camera(n).cloned() else { return Ok(()) };
    let kind = drill.kind.clone();
    commands.give(Command::Drill { drill: drill.id, kind, camera }).await.map(drop)
}
