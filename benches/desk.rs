//! What the desk takes: 150 cameras whose figures come each second and whose pictures come with
//! their keyframes, judged against references, and its four ticks a second. Goal: at most 2 % of a
//! core.
//!
//! `cargo bench --bench desk` measures; without `--bench` (as `cargo test --benches` runs it) a few
//! seconds are played, to see that it works.

#[path = "support/goals.rs"]
mod goals;
#[expect(dead_code, reason = "its other looks are for tests")]
#[path = "../tests/it/faults/scene.rs"]
mod scene;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};
use scene::{Look, Street};
use watchwall::{
    config::Config,
    desk::{
        event::{Effect, Event},
        state::{Desk, Moment, Remembered},
    },
    domain::{
        assignment::WorkerId,
        camera::{Handle, State},
        media::{Codec, StreamFormat},
        time::UnixMicros,
    },
    service::demo,
    worker::message::{FromIngest, SessionId, Step, StreamStats},
};

const CAMERAS: u32 = 150;
const SECOND: Duration = Duration::from_secs(1);
/// Of one core.
const GOAL_PERCENT: f64 = 2.0;

fn main() {
    let seconds = if std::env::args().any(|arg| arg == "--bench") { 300 } else { 3 };
    println!("{CAMERAS} cameras on the desk, {seconds} seconds of them; CPU time of one thread");
    println!(
        "{:12} {:>10} {:>12} {:>12} {:>14}",
        "", "events", "ns each", "of a core", "worst, us"
    );
    for (name, every_s) in [("keyframes 2 s", 2), ("keyframes 1 s", 1)] {
        let mut hall = Hall::new(every_s);
        // References are learnt, sessions are opened.
        (0..60).for_each(|_| hall.second());
        hall.spent.clear();
        (0..seconds).for_each(|_| hall.second());
        let online = hall.states.values().filter(|state| **state == State::Online).count();
        assert_eq!(online, CAMERAS as usize, "all of them play, and nothing is wrong");
        println!("{name}");
        let mut all = Duration::ZERO;
        for (what, spent) in &hall.spent {
            let each = spent.time.as_nanos() as f64 / f64::from(spent.times);
            let share = 100.0 * spent.time.as_secs_f64() / f64::from(seconds);
            let worst = spent.worst.as_secs_f64() * 1e6;
            println!("  {what:10} {:>10} {each:>12.0} {share:>11.3}% {worst:>14.0}", spent.times);
            all += spent.time;
        }
        let share = 100.0 * all.as_secs_f64() / f64::from(seconds);
        goals::at_most(format!("{CAMERAS} cameras, {name}"), share, GOAL_PERCENT, "% of a core");
    }
}

#[derive(Default)]
struct Spent {
    times: u32,
    time: Duration,
    worst: Duration,
}

/// A desk with its cameras.
struct Hall {
    desk: Desk,
    at: Moment,
    every_s: u64,
    second: u64,
    playing: BTreeMap<u32, (SessionId, StreamStats)>,
    states: BTreeMap<u32, State>,
    street: Street,
    taken: u64,
    spent: BTreeMap<&'static str, Spent>,
}

impl Hall {
    fn new(every_s: u64) -> Self {
        let nowhere = ([127, 0, 0, 1], 0).into();
        let config: Config = demo::config(CAMERAS, nowhere, nowhere, std::path::Path::new("var"));
        let config = Arc::new(config);
        let mut hall = Self {
            desk: Desk::new(&config, Remembered::default(), 1),
            at: Moment { now: Instant::now(), unix: UnixMicros(1_795_399_200_000_000) },
            every_s,
            second: 0,
            playing: BTreeMap::new(),
            states: BTreeMap::new(),
            street: Street::new(7),
            taken: 0,
            spent: BTreeMap::new(),
        };
        hall.hears("other", Event::Configured(config));
        for worker in 1..=CAMERAS {
            hall.hears("other", Event::Ingest(WorkerId(worker), FromIngest::Ready));
        }
        hall
    }

    fn second(&mut self) {
        self.second += 1;
        for quarter in 0..4 {
            let time = SECOND / 4;
            self.at = Moment { now: self.at.now + time, unix: self.at.unix.plus(time) };
            let (at, started) = (self.at, cpu());
            let effects = self.desk.tick(at);
            self.note("ticks", started);
            self.carry_out(effects);
            // Workers tell at moments of their own.
            let mine = (1..=CAMERAS).filter(|n| n % 4 == quarter).collect::<Vec<_>>();
            mine.into_iter().for_each(|n| self.play(n));
        }
    }

    fn play(&mut self, n: u32) {
        let Some((session, stats)) = self.playing.get_mut(&n) else { return };
        stats.bytes += 50_000;
        stats.frames += 12;
        stats.packets += 45;
        stats.keyframe_interval = Some(self.every_s as u32 * SECOND);
        let (session, stats) = (*session, *stats);
        self.hears("figures", Event::Ingest(WorkerId(1), FromIngest::Stats { session, stats }));
        if (self.second + u64::from(n)).is_multiple_of(self.every_s) {
            self.taken += 1;
            let (camera, received_at) = (Handle(n), self.at.unix);
            let measures = Some(self.street.picture(self.taken, Look::Live));
            let picture = Event::Picture { camera, received_at, decode_us: 900, measures };
            self.hears("pictures", picture);
        }
    }

    fn hears(&mut self, what: &'static str, event: Event) {
        let started = cpu();
        let effects = self.desk.apply(self.at, event);
        self.note(what, started);
        self.carry_out(effects);
    }

    fn note(&mut self, what: &'static str, started: Duration) {
        let took = cpu().saturating_sub(started);
        let spent = self.spent.entry(what).or_default();
        spent.times += 1;
        spent.time += took;
        spent.worst = spent.worst.max(took);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Show { camera, .. } => {
                    _ = self.states.insert(camera.handle.0, camera.state)
                }
                Effect::Open(_, open) => {
                    let (session, source) = (open.session, open.source);
                    for step in [Step::Connected, Step::Described, Step::Playing, Step::Receiving] {
                        let said = FromIngest::Step { session, step };
                        self.hears("other", Event::Ingest(WorkerId(1), said));
                    }
                    let codec_string = "avc1.4D401E".to_owned();
                    let format =
                        StreamFormat { codec: Codec::H264, codec_string, width: 640, height: 360 };
                    let said = FromIngest::Format { session, source, format };
                    self.hears("other", Event::Ingest(WorkerId(1), said));
                    self.playing.insert(source.camera.0, (session, StreamStats::default()));
                }
                _ => {}
            }
        }
    }
}

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
