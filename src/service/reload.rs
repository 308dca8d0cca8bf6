//! Taking a changed configuration: by file change or SIGHUP, and only if it is valid.

use std::{path::Path, time::Duration};

use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info, warn};

use super::Centre;
use crate::config::{
    Environment, Faults,
    reload::Changes,
    watch::{self, Watch},
};

/// Follows the file for as long as it is polled.
pub async fn follow(centre: &Centre, path: &Path) {
    let mut hangup = match signal(SignalKind::hangup()) {
        Ok(signal) => signal,
        Err(error) => {
            error!(%error, "SIGHUP cannot be heard: the configuration is not reloaded");
            return std::future::pending().await;
        }
    };
    let mut watch = Watch::new(path)
        .and_then(|mut watch| watch.follow(&centre.config()).map(|()| watch))
        .inspect_err(|error| warn!(%error, "file changes are not seen: reload with SIGHUP"))
        .ok();
    loop {
        tokio::select! {
            _ = hangup.recv() => {}
            () = changed(&mut watch) => {}
        }
        match read(path, centre).await {
            Ok(changes) if changes.is_empty() => {
                info!("the configuration was read again: nothing changed")
            }
            Ok(changes) => report(&changes),
            Err(faults) => {
                for fault in faults.iter() {
                    error!("{fault}");
                }
                error!(
                    faults = faults.len(),
                    "the configuration is invalid: the one in force stays"
                );
            }
        }
        if let Some(watch) = &mut watch
            && let Err(error) = watch.follow(&centre.config())
        {
            warn!(%error, "a password file is not watched");
        }
    }
}

async fn read(path: &Path, centre: &Centre) -> Result<Changes, Faults> {
    let (owned, running) = (path.to_owned(), centre.config());
    let read = move || watch::reload(&owned, &Environment::of_process(), &running);
    let (config, changes) =
        tokio::task::spawn_blocking(read).await.expect("reading a file does not panic")?;
    if !changes.is_empty() {
        centre.reconfigure(config).await;
    }
    Ok(changes)
}

async fn changed(watch: &mut Option<Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => tokio::time::sleep(Duration::MAX).await,
    }
}

fn report(changes: &Changes) {
    info!(
        added = changes.added.len(),
        changed = changes.changed.len(),
        removed = changes.removed.len(),
        "the configuration was read again"
    );
    for key in &changes.needs_restart {
        warn!("{key} changed: it takes effect at the next start");
    }
}
