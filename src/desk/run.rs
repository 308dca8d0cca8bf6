//! The desk's task: `select -> apply -> carry out`. It alone writes the view.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    event::{Effect, Event},
    state::{Desk, Moment},
    view::{Change, View},
};

/// Does what the desk wants done outside of its view. Called in order, one at a time.
pub trait Hands {
    /// Carries out one effect.
    fn carry_out(&mut self, effect: Effect) -> impl Future<Output = ()> + Send;

    /// Lets go of everything, in peace: the desk stops.
    fn stop(&mut self) -> impl Future<Output = ()> + Send;
}

/// How often time alone is looked at. The shortest delay of the ladder is 5 s.
const TICK: Duration = Duration::from_millis(250);

/// Runs the desk until `shutdown`.
pub async fn run(
    mut desk: Desk,
    mut events: mpsc::Receiver<Event>,
    view: Arc<View>,
    mut hands: impl Hands,
    shutdown: CancellationToken,
) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let event = tokio::select! {
            () = shutdown.cancelled() => break,
            event = events.recv() => match event {
                Some(event) => Some(event),
                None => break,
            },
            _ = tick.tick() => None,
        };
        let effects = match event {
            Some(event) => desk.apply(now(), event),
            None => desk.tick(now()),
        };
        for effect in effects {
            show(&view, &effect);
            hands.carry_out(effect).await;
        }
    }
    for effect in desk.stop(now()) {
        hands.carry_out(effect).await;
    }
    hands.stop().await;
}

fn now() -> Moment {
    Moment { now: Instant::now(), unix: SystemTime::now().into() }
}

fn show(view: &View, effect: &Effect) {
    match effect {
        Effect::Show { camera, tell } => {
            view.cameras.insert(camera.handle, camera.clone());
            if *tell {
                view.tell(Change::Camera(camera.clone()));
            }
        }
        Effect::Forget(handle) => _ = view.cameras.remove(handle),
        Effect::ShowList => view.tell(Change::Cameras),
        Effect::ShowWalls(walls) => {
            view.walls.store(Arc::new(walls.clone()));
            walls.iter().for_each(|wall| view.tell(Change::Wall(wall.clone())));
        }
        Effect::ShowWall(wall) => {
            view.put_wall(wall);
            view.tell(Change::Wall(wall.clone()));
        }
        Effect::ShowDuty(duty, floods) => {
            view.duty.store(duty.clone());
            for (position, flood) in floods {
                view.tell(Change::Flood(position.clone(), *flood));
            }
        }
        Effect::ShowScreens(screens) => view.screens.store(Arc::new(screens.clone())),
        Effect::ShowCoverage(looked) => view.coverage.store(Arc::new(looked.clone())),
        Effect::ShowSites(sites) => {
            view.sites.store(Arc::new(sites.clone()));
            view.tell(Change::Sites);
        }
        _ => {}
    }
}
