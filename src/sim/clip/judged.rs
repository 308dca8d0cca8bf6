//! Every picture fault of the simulator, on every scene of its cast, through decoder, measurement,
//! judge and ladder in virtual time: its own condition is raised in time, nothing else is, and it
//! clears; and the ordinary loop raises nothing in an hour.

use std::{
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::{Coded, Recipe, cache, encode};
use crate::{
    decode::worker::Tools,
    domain::{
        camera::Condition,
        health::{ConditionPolicy, Health, HealthPolicy, Learnt, Observation},
        media::StreamKind,
        nal,
        picture::{Judge, Measures, PicturePolicy, References},
        time::UnixMicros,
    },
    sim::{FaultKind, camera::Camera},
    worker::message::{DecodeJob, DecodeMode},
};

/// Cameras 1 to 24 are the whole cast; the tenth and the twentieth send H.265.
const CAST: u32 = 24;
/// Between keyframes of an ordinary clip.
const KEYFRAME: Duration = Duration::from_secs(2);
/// What a detection may take beside the delay of its condition: 3 keyframes or 30 s.
const DETECT: Duration = Duration::from_secs(30);

/// Where the other tests keep the simulator's clips too.
fn clips() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tmp/sim-cache")
}

/// The keyframes of a recipe as a decode worker measures them.
fn measured(tools: &mut Tools, recipe: &Recipe) -> Vec<Measures> {
    let coded = coded(recipe);
    let keyframes = coded.frames.iter().filter(|f| nal::is_random_access(coded.codec, &f.data));
    keyframes
        .map(|keyframe| {
            let job = DecodeJob {
                job: 1,
                codec: coded.codec,
                mode: DecodeMode::Still,
                pixels_max: 36_000_000,
                widths: vec![320],
                data: Bytes::copy_from_slice(&keyframe.data),
            };
            let picture = tools.picture(&job).expect("a whole keyframe");
            *picture.measures.expect("a tile was asked for")
        })
        .collect()
}

fn coded(recipe: &Recipe) -> Coded {
    let key = recipe.key();
    cache::load(&clips(), &key).unwrap_or_else(|| {
        let Recipe::Drawn { scene, codec, stream, variant } = recipe else {
            panic!("these cameras are drawn")
        };
        let coded = encode::drawn(scene, *codec, *stream, *variant, &AtomicBool::new(false))
            .expect("FFmpeg encodes");
        let _ = cache::store(&clips(), &key, &coded);
        coded
    })
}

/// One camera's judge and ladder.
struct Seen {
    judge: Judge,
    health: Health,
    begun: Instant,
    now: Instant,
}

impl Seen {
    fn new() -> Self {
        let now = Instant::now();
        let health = Health::new(HealthPolicy::default(), Learnt::default(), now);
        let judge = Judge::new(PicturePolicy::default(), References::default());
        Self { judge, health, begun: now, now }
    }

    /// Shows keyframes for a time, from the start of `clip` again and again; what of pictures stood
    /// at the end of each two seconds.
    fn show(&mut self, clip: &[Measures], lasting: Duration) -> Vec<Vec<Condition>> {
        let count = (lasting.as_secs() / KEYFRAME.as_secs()) as usize;
        let mut standing = Vec::new();
        for measures in clip.iter().cycle().take(count) {
            let unix = UnixMicros(1_795_392_000_000_000).plus(self.now - self.begun);
            self.judge.apply(self.now, unix, measures);
            self.health.apply(self.now, Observation::Packets { ago: Duration::ZERO });
            self.health.apply(self.now, Observation::Picture);
            self.health.apply(self.now, Observation::Findings(self.judge.findings()));
            self.now += KEYFRAME;
            self.health.tick(self.now - Duration::from_millis(1));
            standing.push(self.health.verdict(self.now - Duration::from_millis(1)).conditions());
        }
        standing
    }
}

/// What the judge saw of a camera with a fault for a minute, and what is wrong with that.
fn check(camera: u32, fault: FaultKind, expected: Condition) -> Option<String> {
    let mut tools = Tools::warm().expect("FFmpeg has the decoders");
    let camera = Camera::new(camera, None);
    let ordinary = measured(&mut tools, &camera.ordinary(StreamKind::Sub));
    let faulty = match fault {
        // As `Clip::stretch` cuts it: four seconds of the ordinary clip.
        FaultKind::Loop => ordinary[2..4].to_vec(),
        _ => measured(&mut tools, &camera.recipe(StreamKind::Sub, Some(fault))),
    };
    let policy = ConditionPolicy::of(expected);
    let mut seen = Seen::new();
    let before = seen.show(&ordinary, Duration::from_secs(96));
    let during = seen.show(&faulty, DETECT + policy.raise_after + Duration::from_secs(20));
    let after = seen.show(&ordinary, DETECT + policy.clear_after + Duration::from_secs(20));

    let name = format!("camera {} under {}", camera.number, fault.name());
    if let Some(wrong) = before.iter().flatten().next() {
        return Some(format!("{name}: {wrong:?} before it began"));
    }
    if let Some(other) = during.iter().chain(&after).flatten().find(|c| **c != expected) {
        return Some(format!("{name}: {other:?}"));
    }
    let in_time = (DETECT + policy.raise_after).as_secs() / KEYFRAME.as_secs();
    let raised = during.iter().position(|standing| standing.contains(&expected));
    if raised.is_none_or(|at| at as u64 > in_time) {
        return Some(format!("{name}: raised after keyframe {raised:?}, due by {in_time}"));
    }
    after
        .last()
        .is_some_and(|standing| !standing.is_empty())
        .then(|| format!("{name}: not cleared"))
}

fn on_the_whole_cast(fault: FaultKind, expected: Condition) {
    let wrong: Vec<String> =
        (1..=CAST).filter_map(|camera| check(camera, fault, expected)).collect();
    assert!(wrong.is_empty(), "{} of {CAST}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_frozen_camera_is_frozen() {
    on_the_whole_cast(FaultKind::Freeze, Condition::Frozen);
}

#[test]
fn a_looped_camera_is_looped() {
    on_the_whole_cast(FaultKind::Loop, Condition::Looped);
}

#[test]
fn a_black_camera_is_black() {
    on_the_whole_cast(FaultKind::Black, Condition::Black);
}

#[test]
fn a_burnt_out_camera_is_overexposed() {
    on_the_whole_cast(FaultKind::White, Condition::Overexposed);
}

#[test]
fn a_blurred_camera_is_defocused() {
    on_the_whole_cast(FaultKind::Blur, Condition::Defocused);
}

#[test]
fn a_covered_camera_is_covered() {
    on_the_whole_cast(FaultKind::Cover, Condition::Covered);
}

#[test]
fn a_moved_camera_is_moved() {
    on_the_whole_cast(FaultKind::Move, Condition::Moved);
}

#[test]
fn an_ordinary_camera_raises_nothing_in_an_hour() {
    let mut tools = Tools::warm().expect("FFmpeg has the decoders");
    for number in 1..=CAST {
        let camera = Camera::new(number, None);
        let ordinary = measured(&mut tools, &camera.ordinary(StreamKind::Sub));
        let mut seen = Seen::new();
        let standing = seen.show(&ordinary, Duration::from_secs(3_600));
        let raised = standing.iter().flatten().next();
        assert!(raised.is_none(), "camera {number}: {raised:?}");
    }
}
