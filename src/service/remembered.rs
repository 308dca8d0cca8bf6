//! What the store kept from before the start, for the desk.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use crate::{
    desk::{
        feed::{AlertFeed, Replay},
        state::Remembered,
    },
    domain::{
        alert::{Change, Seq},
        courtesy::Budget,
        time::UnixMicros,
    },
    store::{Store, StoreError},
};

/// The longest that a rule may give.
const EPISODE_GAP_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// More changes than hold a command that a page on a poor link repeats.
const CHANGES: u64 = 4096;

/// Reads all of it.
pub(super) async fn remembered(store: &Store, feed: &AlertFeed) -> Result<Remembered, StoreError> {
    let now = SystemTime::now();
    let budgets = store.load_courtesy().await?.into_iter().map(|row| {
        let hold = row.hold_until.zip(row.hold_reason);
        (row.camera_id, Budget { sign_in_attempts: row.sign_in_attempts, hold })
    });
    let alerts = feed.alerts_to_restore(closed_since(now)).await?;
    Ok(Remembered {
        budgets: budgets.collect(),
        learnt: store.load_learnt().await?,
        maintenance: store.load_maintenance(now.into()).await?,
        alerts: alerts.into_iter().map(|(_, alert)| Arc::unwrap_or_clone(alert)).collect(),
        alert_head: feed.head(),
        alert_changes: newest(feed).await?,
        walls: store.wall_states().await?,
    })
}

/// An alert that closed before then is not opened again: no rule's episode gap is longer.
fn closed_since(now: SystemTime) -> UnixMicros {
    now.checked_sub(EPISODE_GAP_MAX).map_or_else(UnixMicros::default, UnixMicros::from)
}

async fn newest(feed: &AlertFeed) -> Result<Vec<Arc<Change>>, StoreError> {
    let after = Seq(feed.head().0.saturating_sub(CHANGES));
    Ok(match feed.after(after, CHANGES as usize).await? {
        Replay::Changes(changes) => changes,
        // The others were deleted for their age, and what is left is as old.
        Replay::Reset => Vec::new(),
    })
}
