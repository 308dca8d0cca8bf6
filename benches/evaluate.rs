//! What the picture checks find, and what they raise wrongly: cameras under every harmless and every
//! harmful effect, coded as H.264 at 400 kbit/s, decoded and measured as a decode worker does it,
//! judged in virtual time behind the ladder's default delays. Tables at the end; docs/evaluation.md
//! says how to read them and how the pictures are made.
//!
//! `make evaluate` runs everything. ARGS: `--quick` (under a minute), `--only NAME[,NAME…]` (cameras
//! or effects whose names begin so), `--no-day` (without the 24 hours), `--lead-in MINUTES` (what a
//! new judge sees first), `--verbose` (each miss and false alarm with its evidence), `--pictures
//! FOLDER` (nothing but what each effect looks like, as JPEG).
//!
//! Without `--bench` (as `cargo test --bench evaluate` runs it) one camera is tried for a moment, and
//! what the harness promises of its own pictures is asserted.

#[path = "support/evaluate/cache.rs"]
mod cache;
#[path = "support/evaluate/chance.rs"]
mod chance;
#[path = "support/evaluate/coder.rs"]
mod coder;
#[path = "support/evaluate/day.rs"]
mod day;
#[path = "support/evaluate/effect.rs"]
mod effect;
#[path = "support/evaluate/eye.rs"]
mod eye;
#[path = "support/evaluate/film.rs"]
mod film;
#[path = "support/evaluate/footage.rs"]
mod footage;
#[path = "support/evaluate/lighting.rs"]
mod lighting;
#[path = "support/machine.rs"]
mod machine;
#[path = "support/evaluate/paint.rs"]
mod paint;
#[path = "support/evaluate/plan.rs"]
mod plan;
#[path = "support/evaluate/promises.rs"]
mod promises;
#[path = "support/evaluate/shot.rs"]
mod shot;
#[path = "support/evaluate/source.rs"]
mod source;
#[path = "support/evaluate/tables.rs"]
mod tables;
#[path = "support/evaluate/trial.rs"]
mod trial;
#[path = "support/evaluate/trouble.rs"]
mod trouble;
#[path = "support/evaluate/warp.rs"]
mod warp;
#[path = "support/evaluate/watch.rs"]
mod watch;
#[path = "support/evaluate/weather.rs"]
mod weather;
#[path = "support/evaluate/wish.rs"]
mod wish;

use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use cache::Cache;
use eye::Eye;
use film::{Camera, KEYFRAME_S, Script};
use plan::Plan;
use shot::Easel;
use source::Source;
use trial::Outcome;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // libav's own log goes to standard error, a dozen lines for each encoder.
    ffmpeg_next::log::set_level(ffmpeg_next::log::Level::Quiet);
    let cache = Cache::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target/evaluate"));
    if !args.iter().any(|arg| arg == "--bench") {
        return promises::hold(&cache);
    }
    let wish = wish::wish(&args);
    let (folder, files) = footage::files();
    println!("{}\n", machine::machine());
    let sources = wish::sources(&wish, files.as_deref().unwrap_or_default());
    match &files {
        None => println!("SKIPPED: real footage; there is no folder {}", folder.display()),
        Some(files) => println!("real footage: {} files in {}", files.len(), folder.display()),
    }
    let plan = wish::plan(&wish, &sources);
    if let Some(folder) = &wish.pictures {
        return draw_all(folder, &sources, &plan, &cache);
    }
    let begun = Instant::now();
    let outcomes = run_all(&sources, &plan, &cache);
    println!("{} cameras, {:.0} s\n", outcomes.len(), begun.elapsed().as_secs_f64());
    tables::print(&outcomes, &plan, wish.verbose);
}

/// Writes what every effect looks like.
fn draw_all(folder: &Path, sources: &[Source], plan: &Plan, cache: &Cache) {
    std::fs::create_dir_all(folder).expect("a folder to write to");
    let mut eye = Eye::open();
    for source in sources {
        let Some(easel) = Easel::open(source) else { continue };
        let mut camera = Camera::new(easel, cache);
        for (light, at_s) in &plan.lights {
            for effect in plan.effects.iter().filter(|effect| !effect.of_streams()) {
                let film = camera.film(&Script {
                    effect: *effect,
                    from_s: *at_s,
                    spacing_s: KEYFRAME_S,
                    count: 1,
                    light: Some(*light),
                });
                let light = format!("{light:?}").to_lowercase();
                let name = format!("{}-{light}-{}.jpg", source.name(), effect.name());
                std::fs::write(folder.join(name), eye.jpeg(&film[0])).expect("room for a picture");
            }
        }
    }
    println!("pictures are in {}", folder.display());
}

/// Tries each camera, as many at once as there are cores.
fn run_all(sources: &[Source], plan: &Plan, cache: &Cache) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<Vec<(usize, Outcome)>> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(sources.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut eye = Eye::open();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(source) = sources.get(at) else { break };
                    let begun = Instant::now();
                    let Some(easel) = Easel::open(source) else {
                        eprintln!("{}: too little video, left out", source.name());
                        continue;
                    };
                    let outcome = trial::run(&mut Camera::new(easel, cache), &mut eye, plan);
                    eprintln!("{}: {:.0} s", source.name(), begun.elapsed().as_secs_f64());
                    outcomes.lock().expect("no thread panics").push((at, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().expect("no thread panics");
    outcomes.sort_by_key(|(at, _)| *at);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
