//! Threads that make clips: from the cache, else by encoding. Whoever asks waits or looks again.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};

use thiserror::Error;
use tokio::sync::watch;

use super::{Clip, Coded, cache, encode, footage, recipe::Recipe};

/// Why there is no clip.
#[derive(Clone, Debug, Error)]
pub enum StudioError {
    /// The installed FFmpeg cannot encode.
    #[error("FFmpeg was built without {name}; install a build that has it (Debian: libavcodec59)")]
    NoEncoder {
        /// The missing encoder.
        name: &'static str,
    },
    /// FFmpeg refused.
    #[error("FFmpeg could not make the clip")]
    Media(#[from] ffmpeg_next::Error),
    /// A footage file holds no video.
    #[error("{} holds no video that can be served", file.display())]
    NoVideo {
        /// The file.
        file: PathBuf,
    },
    /// The simulator is stopping.
    #[error("the simulator is stopping")]
    Stopped,
}

type Made = Result<Arc<Clip>, StudioError>;

/// Makes clips on threads of its own and remembers them.
pub(in crate::sim) struct Studio {
    entries: Mutex<HashMap<Recipe, watch::Sender<Option<Made>>>>,
    jobs: Mutex<Option<mpsc::Sender<Recipe>>>,
    cache: PathBuf,
    stop: Arc<AtomicBool>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Studio {
    /// Starts the threads; clips are kept in `cache`.
    pub(in crate::sim) fn start(cache: PathBuf) -> std::io::Result<Arc<Self>> {
        // FFmpeg may fail to initialise only for want of memory; encoding would say so too.
        let _ = ffmpeg_next::init();
        ffmpeg_next::log::set_level(ffmpeg_next::log::Level::Error);
        // Bounded by the number of recipes: each enters the queue once, see `enter`.
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let studio = Arc::new(Self {
            entries: Mutex::default(),
            jobs: Mutex::new(Some(jobs)),
            cache: cache.clone(),
            stop: Arc::default(),
            threads: Mutex::default(),
        });
        let workers = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
        for n in 0..workers {
            let (queue, cache) = (queue.clone(), cache.clone());
            let weak = Arc::downgrade(&studio);
            let stop = studio.stop.clone();
            let thread =
                std::thread::Builder::new().name(format!("sim-studio-{n}")).spawn(move || {
                    loop {
                        let job = queue.lock().expect("no holder panics").recv();
                        let Ok(recipe) = job else { return };
                        let made = make(&cache, &recipe, &stop).map(Arc::new);
                        let Some(studio) = weak.upgrade() else { return };
                        let entries = studio.entries.lock().expect("no holder panics");
                        if let Some(entry) = entries.get(&recipe) {
                            entry.send_replace(Some(made));
                        }
                    }
                })?;
            studio.threads.lock().expect("no holder panics").push(thread);
        }
        Ok(studio)
    }

    /// Makes these clips one after the other, in time that nobody else wants, so that they are on
    /// disk when somebody asks. They are not kept in memory: most of them nobody asks for. One that
    /// is asked for meanwhile is made in its turn as well.
    pub(in crate::sim) fn make_ahead(&self, recipes: Vec<Recipe>) -> std::io::Result<()> {
        let (cache, stop) = (self.cache.clone(), self.stop.clone());
        let thread = std::thread::Builder::new().name("sim-ahead".to_owned()).spawn(move || {
            // On Linux it is this thread's, and what threads the encoder starts inherit it. Where
            // it cannot be had the clips come at the cost of others' time.
            let _ = rustix::process::nice(19);
            for recipe in recipes {
                if !cache::has(&cache, &recipe.key()) {
                    // Whoever asks for it is told why it cannot be made.
                    let _ = make(&cache, &recipe, &stop);
                }
            }
        })?;
        self.threads.lock().expect("no holder panics").push(thread);
        Ok(())
    }

    /// The clip if it is made already; else it is put in the queue.
    pub(in crate::sim) fn ready(&self, recipe: &Recipe) -> Option<Made> {
        self.enter(recipe).borrow().clone()
    }

    /// The clip, as soon as it is made.
    pub(in crate::sim) async fn clip(&self, recipe: &Recipe) -> Made {
        let mut entry = self.enter(recipe);
        match entry.wait_for(Option::is_some).await {
            Ok(made) => made.clone().unwrap_or(Err(StudioError::Stopped)),
            Err(_) => Err(StudioError::Stopped),
        }
    }

    fn enter(&self, recipe: &Recipe) -> watch::Receiver<Option<Made>> {
        let mut entries = self.entries.lock().expect("no holder panics");
        if let Some(entry) = entries.get(recipe) {
            return entry.subscribe();
        }
        let (entry, receiver) = watch::channel(None);
        let jobs = self.jobs.lock().expect("no holder panics");
        let queued = jobs.as_ref().is_some_and(|jobs| jobs.send(recipe.clone()).is_ok());
        if !queued {
            entry.send_replace(Some(Err(StudioError::Stopped)));
        }
        entries.insert(recipe.clone(), entry);
        receiver
    }

    /// Ends the threads; a clip in the making is given up. Blocks for about one frame.
    pub(in crate::sim) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.jobs.lock().expect("no holder panics").take();
        for thread in self.threads.lock().expect("no holder panics").drain(..) {
            let _ = thread.join();
        }
    }
}

fn make(
    directory: &std::path::Path,
    recipe: &Recipe,
    stop: &AtomicBool,
) -> Result<Clip, StudioError> {
    if stop.load(Ordering::Relaxed) {
        return Err(StudioError::Stopped);
    }
    let key = recipe.key();
    if let Some(coded) = cache::load(directory, &key) {
        return Ok(Clip::new(&coded));
    }
    let coded: Coded = match recipe {
        Recipe::Drawn { scene, codec, stream, variant } => {
            encode::drawn(scene, *codec, *stream, *variant, stop)?
        }
        Recipe::Footage { file, stream } => footage::read(file, *stream, directory, &key, stop)?,
    };
    if let Err(error) = cache::store(directory, &key, &coded) {
        tracing::warn!(directory = %directory.display(), %error, "a clip could not be kept for next time");
    }
    Ok(Clip::new(&coded))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        domain::media::StreamKind,
        sim::{camera::Camera, fault::FaultKind},
    };

    /// A short one, and a studio that has nothing on disk.
    fn empty() -> (Recipe, tempfile::TempDir, Arc<Studio>) {
        let recipe = Camera::new(1, None).recipe(StreamKind::Sub, Some(FaultKind::LowFps));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let studio = Studio::start(folder.path().to_owned()).expect("threads");
        (recipe, folder, studio)
    }

    async fn until(mut holds: impl FnMut() -> bool) {
        let waiting = async {
            while !holds() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), waiting).await.expect("it comes true");
    }

    #[tokio::test]
    async fn a_clip_made_ahead_is_kept_on_disk_and_in_memory_only_once_it_is_asked_for() {
        let (recipe, folder, studio) = empty();
        let entries = || studio.entries.lock().expect("no panic inside").len();
        studio.make_ahead(vec![recipe.clone()]).expect("a thread");
        until(|| cache::has(folder.path(), &recipe.key())).await;
        assert_eq!(entries(), 0);
        assert!(studio.clip(&recipe).await.is_ok_and(|clip| !clip.units.is_empty()));
        assert_eq!(entries(), 1);
        studio.stop();
    }

    #[tokio::test]
    async fn whoever_asks_for_a_clip_while_it_is_made_ahead_does_not_wait_for_that() {
        let (recipe, _folder, studio) = empty();
        studio.make_ahead(vec![recipe.clone()]).expect("a thread");
        assert!(studio.clip(&recipe).await.is_ok_and(|clip| !clip.units.is_empty()));
        studio.stop();
    }
}
