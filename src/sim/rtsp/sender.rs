//! The one sender: a thread that wakes every ten milliseconds and sends all that is due.
//!
//! A timer per camera would cost 1,900 wake-ups a second for 150 small streams; this costs 100.
//! It never waits for a client, so that no client delays another.

use std::{
    sync::{Arc, Mutex, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::session::Session;
use crate::sim::{clip::Studio, clock::Clock, fault::Faults};

/// How often it wakes. Adds at most this to a frame's way, which a camera's own jitter exceeds.
const TICK: Duration = Duration::from_millis(10);

/// Sessions on their way to the sender. It takes them all every tick; 4,096 `PLAY`s in one tick
/// are more than the server answers, and one more would be refused.
const ARRIVALS_MAX: usize = 4_096;

/// A handle to the sending thread.
pub(in crate::sim) struct Sender {
    arrivals: Mutex<Option<mpsc::SyncSender<Box<Session>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Sender {
    /// Starts the thread.
    pub(in crate::sim) fn start(
        clock: Clock,
        faults: Faults,
        studio: Arc<Studio>,
    ) -> std::io::Result<Self> {
        let (arrivals, queue) = mpsc::sync_channel(ARRIVALS_MAX);
        let thread = std::thread::Builder::new()
            .name("sim-sender".to_owned())
            .spawn(move || run(clock, &faults, &studio, &queue))?;
        Ok(Self { arrivals: Mutex::new(Some(arrivals)), thread: Mutex::new(Some(thread)) })
    }

    /// Hands over a session. `false` when the sender cannot take it.
    pub(super) fn add(&self, session: Session) -> bool {
        let arrivals = self.arrivals.lock().expect("no holder panics");
        arrivals.as_ref().is_some_and(|arrivals| arrivals.try_send(Box::new(session)).is_ok())
    }

    /// Ends the thread and all sessions.
    pub(in crate::sim) fn stop(&self) {
        self.arrivals.lock().expect("no holder panics").take();
        if let Some(thread) = self.thread.lock().expect("no holder panics").take() {
            let _ = thread.join();
        }
    }
}

fn run(clock: Clock, faults: &Faults, studio: &Studio, queue: &mpsc::Receiver<Box<Session>>) {
    let mut sessions: Vec<Box<Session>> = Vec::new();
    let mut scratch = Vec::new();
    let mut wake = Instant::now() + TICK;
    loop {
        match queue.recv_timeout(wake.saturating_duration_since(Instant::now())) {
            Ok(session) => {
                sessions.push(session);
                continue;
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
        wake = (wake + TICK).max(Instant::now());
        let now_us = clock.now_us();
        faults.expire(now_us);
        sessions.retain_mut(|session| {
            let alive = session.tick(now_us, studio, &mut scratch);
            if !alive {
                session.end();
            }
            alive
        });
    }
    sessions.iter().for_each(|session| session.end());
}
