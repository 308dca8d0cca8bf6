//! Notices that the configuration's files changed. It does not read them: a request to reload is
//! all it gives, the same that SIGHUP makes, and who reloads decides what to do with faults.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use notify::{EventKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use tokio::sync::mpsc;

use super::{Config, Environment, Faults, reload::Changes};

/// Files under watch. Folders are watched, not files: editors and mounted volumes replace a file
/// by renaming another over it, and a watch on the file would follow the old one.
pub struct Watch {
    requests: mpsc::Receiver<()>,
    debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
    files: Arc<Mutex<BTreeSet<PathBuf>>>,
    folders: BTreeSet<PathBuf>,
    config: PathBuf,
}

/// Why files cannot be watched; the service runs on, and reloads by SIGHUP alone.
#[derive(Debug, thiserror::Error)]
#[error("changes of {} are not noticed: {problem}; reload with SIGHUP", path.display())]
pub struct CannotWatch {
    path: PathBuf,
    problem: notify::Error,
}

impl Watch {
    /// Watches a configuration file.
    pub fn new(config: &Path) -> Result<Self, CannotWatch> {
        // One place: a request that nobody took yet already covers any later change.
        let (sender, requests) = mpsc::channel(1);
        let files = Arc::new(Mutex::new(BTreeSet::new()));
        let watched = Arc::clone(&files);
        let notice = move |result: DebounceEventResult| {
            let watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
            // An error says that events were lost, so something may have changed.
            let reload = match result {
                Err(_) => true,
                Ok(events) => events
                    .iter()
                    .filter(|event| !matches!(event.kind, EventKind::Access(_)))
                    .any(|event| {
                        event.need_rescan()
                            || event.paths.iter().any(|path| concerns(&watched, path))
                    }),
            };
            if reload {
                let _ = sender.try_send(());
            }
        };
        let failed = |problem| CannotWatch { path: config.to_owned(), problem };
        let debouncer = new_debouncer(QUIET, None, notice).map_err(failed)?;
        let mut watch = Self {
            requests,
            debouncer,
            files,
            folders: BTreeSet::new(),
            config: config.to_owned(),
        };
        watch.add(config)?;
        Ok(watch)
    }

    /// Watches the password and certificate files of a configuration too; those of an earlier one are
    /// forgotten.
    pub fn follow(&mut self, config: &Config) -> Result<(), CannotWatch> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let path = self.config.clone();
        self.add(&path)?;
        let tls = config.http.tls.iter().flat_map(|tls| [&tls.certificate, &tls.key]);
        config.password_files.iter().chain(tls).try_for_each(|file| self.add(file))
    }

    /// Returns once a file changed and then was left alone for a moment. Safe to drop and call again.
    pub async fn changed(&mut self) {
        // The debouncer holds the sender for as long as `self` lives.
        self.requests.recv().await;
    }

    fn add(&mut self, file: &Path) -> Result<(), CannotWatch> {
        let failed = |problem| CannotWatch { path: file.to_owned(), problem };
        let absolute = std::path::absolute(file).map_err(|error| failed(error.into()))?;
        let folder = absolute.parent().unwrap_or_else(|| Path::new("/")).to_owned();
        if !self.folders.contains(&folder) {
            self.debouncer.watch(&folder, RecursiveMode::NonRecursive).map_err(failed)?;
            self.folders.insert(folder);
        }
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(absolute);
        Ok(())
    }
}

/// Reads the file again and says what it changes. An invalid file changes nothing. Blocks on disk.
pub fn reload(
    path: &Path,
    environment: &Environment,
    running: &Config,
) -> Result<(Config, Changes), Faults> {
    let config = Config::load(path, environment)?;
    let changes = Changes::between(running, &config);
    Ok((config, changes))
}

/// The file itself, or `..data`, the link that a mounted Kubernetes volume swaps under its files.
fn concerns(files: &BTreeSet<PathBuf>, path: &Path) -> bool {
    files.contains(path) || path.file_name().is_some_and(|name| name == "..data")
}

/// An editor writes a file in several steps within this time.
const QUIET: Duration = Duration::from_millis(300);
