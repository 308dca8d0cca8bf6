//! The centre: everything that `watchwall serve` runs, started in order and stopped in order.

use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    album::Album,
    drill,
    editor::{self, Editing},
    figures, files,
    hands::Hands,
    in_force::InForce,
    ledger::{self, Opened},
    notes,
    outbox::{self, Letters},
    past::Past,
    postman::Postman,
    prober::{self, Prober},
    remembered, screens,
    snapshots::Darkroom,
    start::{CentreError, Options, SignIn},
};
use crate::{
    config::{Config, Environment, History},
    desk::{command::Commands, event::Event, run, state::Desk, view::View},
    domain::media::StreamRef,
    http::{
        self, App, FirstSignIn, Keeper, Notes, PastFigures, Pipeline, Trainer,
        configuration::{self, Editor},
    },
    hub::{
        decoders::Decoders,
        fanout::{self, Fanout},
        intake::Intake,
        media::{Inputs, Media, Seen},
    },
    notify::Figures,
    store::{Retention, Store},
    worker::{
        crew::{Crew, CrewEvent},
        spawn::Launcher,
    },
};

/// A running centre.
#[derive(Debug)]
pub struct Centre {
    address: SocketAddr,
    in_force: InForce,
    tasks: TaskTracker,
    shutdown: CancellationToken,
    store: Store,
    first: Option<FirstSignIn>,
}

/// Events that wait for the desk. 1,000 cameras ending at once fit; whoever sends more waits, and
/// only tasks that may wait do.
const EVENTS_WAITING: usize = 4096;

/// Access units that wait for the hub, half a second of 1,000 cameras' keyframes; then they are
/// dropped and counted.
const UNITS_WAITING: usize = 1024;

impl Centre {
    /// Starts everything, in the order of this function.
    pub async fn start(options: Options) -> Result<Self, CentreError> {
        let Options { config, file, exe, log, seed, sign_in } = options;
        let config = Arc::new(config);
        if !config.http.listen.ip().is_loopback() {
            if sign_in == SignIn::Open {
                return Err(CentreError::NotLoopback(config.http.listen));
            }
            if config.http.tls.is_none() {
                return Err(CentreError::InClear(config.http.listen));
            }
        }
        files::make_room(config.http.sockets);
        let shutdown = CancellationToken::new();
        let tasks = TaskTracker::new();

        let store = Store::open(&config.store.path).await?;
        let Opened { ledger, feed, keeper, recovered: _ } =
            ledger::open(store.clone(), config.store.spool.clone()).await?;
        let remembered = remembered::remembered(&store, &feed).await?;

        let listen = config.http.listen;
        let listener =
            TcpListener::bind(listen).await.map_err(|error| CentreError::Listen(listen, error))?;
        let address = listener.local_addr().map_err(|error| CentreError::Listen(listen, error))?;

        // Not before the port is ours: another service may be running on this store.
        let began_at = SystemTime::now().into();
        let life = store.begin_life(began_at, true).await?;
        store.end_drills(began_at).await?;
        let past_figures = Arc::<PastFigures>::default();

        let (fanout, fanout_thread) =
            Fanout::spawn(fanout::Policy::default()).map_err(CentreError::Fanout)?;
        let end = shutdown.clone();
        tasks.spawn_blocking(move || {
            // It ends after HTTP told it to. Any other end leaves every screen without pictures.
            if fanout_thread.join().is_err() {
                tracing::error!("the fan-out thread panicked: stopping the service");
                end.cancel();
            }
        });

        let launcher = |memory_bytes| Launcher { exe: exe.clone(), memory_bytes, log: log.clone() };
        let (decoder_says, decoder_events) = mpsc::channel(4 * config.decode.workers.max(1));
        let decoders = Decoders::start(
            config.decode.workers.max(1),
            &launcher(config.decode.worker_memory_bytes),
            &decoder_says,
            &shutdown,
        );
        let decoder_pids = decoders.pids();

        let (events, desk_hears) = mpsc::channel(EVENTS_WAITING);
        let (units_in, units) = mpsc::channel(UNITS_WAITING);
        let (seen_in, seen) = mpsc::channel(UNITS_WAITING);
        let (media, media_handle) = Media::new(Inputs {
            units,
            decoders,
            decoder_events,
            fanout: fanout.clone(),
            seen: seen_in,
            pixels_max: config.decode.pixels_max,
        });
        tasks.spawn(media.run(shutdown.clone()));
        tasks.spawn(forward(seen, events.clone(), seen_event));

        let (crew_says, crew_events) = mpsc::channel(EVENTS_WAITING);
        let intake = Intake::new(fanout.clone(), units_in, media_handle.whole());
        let units_dropped = intake.dropped();
        let crew =
            Crew::new(launcher(config.ingest.worker_memory_bytes), crew_says, Arc::new(intake));
        tasks.spawn(forward(crew_events, events.clone(), crew_event));

        tasks.spawn(forward_watched(fanout.watched(), events.clone()));
        tasks.spawn(screens::look(fanout.clone(), events.clone(), shutdown.clone()));

        let view = Arc::new(View::default());
        let (pids, ingest_pids) = watch::channel(Vec::new());
        let past = Past::start(
            &store,
            (life, began_at),
            retention(&config.history),
            past_figures.clone(),
            &tasks,
            &shutdown,
        );
        let mailed =
            Arc::new(Figures::new(config.channels.iter().map(|channel| channel.id.clone())));
        let letters = Arc::new(Letters::new(store.clone(), ledger.clone(), feed.clone()));
        let postman = Postman::start(letters, &config.channels, mailed.clone(), &tasks, &shutdown)?;
        tasks.spawn(keeper.run(outbox::counter(postman.clone(), &tasks, &shutdown)));
        tasks.spawn(outbox::hand_over_after_trouble(
            store.clone(),
            feed.clone(),
            postman.clone(),
            shutdown.clone(),
        ));
        let (noted, inbox) = Notes::new();
        let served = CancellationToken::new();
        tasks.spawn(notes::write(noted.clone(), inbox, ledger.clone(), served.clone()));
        let album = Album::start(store.clone(), fanout.clone(), past_figures.clone(), &tasks);
        let hands = Hands {
            crew,
            store: store.clone(),
            fanout: fanout.clone(),
            media: media_handle.clone(),
            events: events.clone(),
            allow_loopback: config.ingest.allow_loopback,
            past,
            album,
            ledger,
            postman,
            shown: HashMap::new(),
            errands: TaskTracker::new(),
            looking: HashMap::new(),
            pids,
        };
        let desk = Desk::new(&config, remembered, seed);
        tasks.spawn(run::run(desk, desk_hears, view.clone(), hands, shutdown.clone()));
        let running = Arc::new(ArcSwap::new(config.clone()));
        // The desk was started above and reads its queue.
        let _ = events.send(Event::Configured(config.clone())).await;

        let snapshots = Arc::new(Darkroom {
            view: view.clone(),
            fanout: fanout.clone(),
            media: media_handle.clone(),
        });
        let mut app = App::new(view, fanout, snapshots, address, &config.http.origins)
            .with_sockets(config.http.sockets);
        app.utc_offset_min = config.history.utc_offset_min;
        if let Some(tls) = &config.http.tls {
            app = app.with_tls(tls.server.clone());
        }
        app.pipeline = Arc::new(move || Pipeline {
            media: media_handle.counters(),
            units_dropped: units_dropped.load(Ordering::Relaxed),
        });
        app.store = Some(store.clone());
        let first = match sign_in {
            SignIn::Open => None,
            SignIn::Required => FirstSignIn::make(&store, false).await?,
            SignIn::Demo => FirstSignIn::make(&store, true).await?,
        };
        if sign_in != SignIn::Open {
            let (view, fanout) = (app.view.clone(), app.fanout.clone());
            let keeper = Keeper::new(store.clone(), config.sign_in.clone(), view, fanout);
            tasks.spawn(keeper.clone().keep(shutdown.clone()));
            app.sign_in = Some(keeper);
        }
        let in_force = InForce {
            config: running.clone(),
            events: events.clone(),
            certificate: app.certificate(),
        };
        app.deliveries = mailed;
        app.notes = Some(noted);
        app.alerts = Some(feed);
        app.commands = Some(Commands::new(events.clone()));
        let (trainer, lessons) = Trainer::new();
        app.trainer = Some(trainer);
        let orders = Commands::new(events.clone());
        tasks.spawn(drill::give_all(lessons, orders, store.clone(), shutdown.clone()));
        if let Some(file) = file {
            let (editor, orders) = Editor::new();
            app.editor = Some(editor);
            let editing = Editing {
                file,
                environment: Environment::of_process(),
                in_force: in_force.clone(),
                store: store.clone(),
            };
            tasks.spawn(editor::edit_all(orders, editing, shutdown.clone()));
            let (handle, attempts) = configuration::Prober::new();
            app.prober = Some(handle);
            let prober = Prober {
                ingest: launcher(config.ingest.worker_memory_bytes),
                decode: launcher(config.decode.worker_memory_bytes),
                pixels_max: config.decode.pixels_max,
                allow_loopback: config.ingest.allow_loopback,
            };
            tasks.spawn(prober::try_all(attempts, prober, shutdown.clone()));
        }
        app.past = past_figures;
        app.readiness.store_open.store(true, Ordering::Relaxed);
        let (workers, readiness) = (app.workers.clone(), app.readiness.clone());
        tasks.spawn(figures::keep(ingest_pids, decoder_pids, workers, readiness, shutdown.clone()));
        let stop = shutdown.clone();
        let lost = shutdown.clone();
        tasks.spawn(async move {
            if let Err(error) =
                http::serve(listener, app, async move { stop.cancelled().await }).await
            {
                tracing::error!(%error, "HTTP ended by itself: stopping the service");
                lost.cancel();
            }
            served.cancel();
        });
        tasks.close();
        Ok(Self { address, in_force, tasks, shutdown, store, first })
    }

    /// The sign-in that was made at this start because there was none, to be told once to whoever
    /// started the service.
    pub fn first_sign_in(&self) -> Option<&FirstSignIn> {
        self.first.as_ref()
    }

    /// Where HTTP listens; with port 0 in the configuration, the port that was found.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The configuration in force.
    pub fn config(&self) -> Arc<Config> {
        self.in_force.config.load_full()
    }

    /// Takes a checked configuration: cameras, sites and walls change, unchanged cameras are not
    /// touched, and another certificate is served to whoever connects from now on. The rest of
    /// `[http]` and `[store]` need a restart.
    pub async fn reconfigure(&self, config: Config) {
        self.in_force.replace(config).await;
    }

    /// Resolves when the service stops by itself.
    pub async fn lost(&self) {
        self.shutdown.cancelled().await;
    }

    /// Stops everything: screens are told, cameras are said goodbye to, the store is closed.
    pub async fn stop(self) {
        self.shutdown.cancel();
        self.tasks.wait().await;
        self.store.close().await;
    }
}

/// How long the past is kept. Figures of minutes are not for people to choose: plots need no more.
fn retention(history: &History) -> Retention {
    let days = |days: u32| Duration::from_secs(24 * 60 * 60 * u64::from(days));
    Retention {
        history: days(history.days),
        pictures: days(history.pictures_days),
        ..Retention::default()
    }
}

/// Passes what one room says on to another in its words.
async fn forward<A, B>(mut from: mpsc::Receiver<A>, to: mpsc::Sender<B>, word: fn(A) -> B) {
    while let Some(said) = from.recv().await {
        if to.send(word(said)).await.is_err() {
            return;
        }
    }
}

/// Tells the desk who is watched. Whoever comes and goes while it is busy is told at once.
async fn forward_watched(
    mut watched: watch::Receiver<Arc<BTreeSet<StreamRef>>>,
    to: mpsc::Sender<Event>,
) {
    while watched.changed().await.is_ok() {
        let streams = watched.borrow_and_update().clone();
        if to.send(Event::Watched(streams)).await.is_err() {
            return;
        }
    }
}

fn seen_event(seen: Seen) -> Event {
    match seen {
        Seen::Picture { camera, received_at, decode, measures } => Event::Picture {
            camera,
            received_at,
            measures,
            decode_us: u64::try_from(decode.as_micros()).unwrap_or(u64::MAX),
        },
        Seen::Undecodable { camera, why } => Event::Undecodable { camera, why },
        Seen::WantAll { camera, all } => Event::WantAll(camera, all),
    }
}

fn crew_event(said: CrewEvent) -> Event {
    match said {
        CrewEvent::Said(worker, said) => Event::Ingest(worker, said),
        CrewEvent::Gone { worker, evidence } => Event::WorkerGone { worker, evidence },
    }
}
