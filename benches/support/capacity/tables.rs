//! Rounds as tables: one column each.

use std::fmt::Write as _;

use super::{Audience, Round, roles::Role, usage::Memory};

/// A row's name and how to read its value from a round.
type Row<'a> = (&'static str, Box<dyn Fn(&Round) -> String + 'a>);

fn cores(role: Role) -> impl Fn(&Round) -> String {
    move |round| format!("{:.3}", round.cores[&role])
}

fn mib(bytes: u64) -> String {
    format!("{:.0}", bytes as f64 / f64::from(1 << 20))
}

fn of(round: &Round, role: Role) -> Memory {
    round.memory.get(&role).copied().unwrap_or_default()
}

fn memory(role: Role) -> impl Fn(&Round) -> String {
    move |round| format!("{} / {}", mib(of(round, role).pss), mib(of(round, role).rss))
}

fn grown(name: &'static str) -> impl Fn(&Round) -> String {
    move |round| format!("{:.0}", round.after.grown(&round.before, name))
}

fn ms(us: u64) -> String {
    format!("{:.1}", us as f64 / 1e3)
}

/// Cores of the whole service.
fn service(round: &Round) -> f64 {
    Role::SERVICE.iter().map(|role| round.cores[role]).sum()
}

/// Memory of the whole service.
fn service_memory(round: &Round, figure: fn(&Memory) -> u64) -> u64 {
    Role::SERVICE.iter().map(|role| figure(&of(round, *role))).sum()
}

fn machine(round: &Round) -> String {
    let others = round.machine.0 - round.cores.values().sum::<f64>();
    format!("{:.2} ({:.2})", round.machine.0, others.max(0.0))
}

/// One screen with all tiles, by cameras.
pub(crate) fn cameras(rounds: &[Round]) -> String {
    let bound = |share| {
        move |round: &Round| format!("≤ {:.1}", 1e3 * round.after.delay(&round.before, share))
    };
    let delay = |share| move |r: &Round| ms(r.seen.tiles.delays.value_at_quantile(share));
    let rows: Vec<Row<'_>> = vec![
        ("time to all painted, s", Box::new(|r| format!("{:.1}", r.painted_after.as_secs_f64()))),
        ("CPU centre, cores", Box::new(cores(Role::Centre))),
        ("CPU ingest, cores", Box::new(cores(Role::Ingest))),
        ("CPU decode, cores", Box::new(cores(Role::Decode))),
        ("**CPU service, cores**", Box::new(|r| format!("{:.3}", service(r)))),
        (
            "CPU service per camera, millicores",
            Box::new(|r| format!("{:.2}", 1e3 * service(r) / f64::from(r.cameras))),
        ),
        ("CPU simulator, cores", Box::new(cores(Role::Sim))),
        ("CPU of the measuring screen, cores", Box::new(cores(Role::Viewer))),
        ("machine busy (others' share), cores", Box::new(machine)),
        ("yardstick, µs of CPU", Box::new(|r| format!("{:.0}", r.yardstick_us))),
        ("stolen by the host, cores", Box::new(|r| format!("{:.2}", r.machine.1))),
        ("memory centre, MiB (PSS / RSS)", Box::new(memory(Role::Centre))),
        ("memory ingest, MiB (PSS / RSS)", Box::new(memory(Role::Ingest))),
        ("memory decode, MiB (PSS / RSS)", Box::new(memory(Role::Decode))),
        (
            "**memory service, MiB (PSS)**",
            Box::new(|r| mib(service_memory(r, |memory| memory.pss))),
        ),
        (
            "of that, written by one process alone, MiB",
            Box::new(|r| mib(service_memory(r, |memory| memory.private_dirty))),
        ),
        ("memory simulator, MiB (PSS / RSS)", Box::new(memory(Role::Sim))),
        (
            "processes ingest, decode",
            Box::new(|r| {
                format!("{}, {}", of(r, Role::Ingest).processes, of(r, Role::Decode).processes)
            }),
        ),
        ("frame to socket p50, ms (/metrics)", Box::new(bound(0.5))),
        ("**frame to socket p99, ms** (/metrics)", Box::new(bound(0.99))),
        ("frame to screen p50, ms", Box::new(delay(0.5))),
        ("frame to screen p99, ms", Box::new(delay(0.99))),
        ("frame to screen worst, ms", Box::new(|r| ms(r.seen.tiles.delays.max()))),
        (
            "tiles per second",
            Box::new(|r| format!("{:.1}", r.seen.tiles.messages as f64 / r.seconds)),
        ),
        (
            "kilobytes per tile",
            Box::new(|r| {
                format!("{:.1}", r.seen.tiles.bytes as f64 / r.seen.tiles.messages as f64 / 1e3)
            }),
        ),
        (
            "decoding, µs per picture (decode + scale and JPEG)",
            Box::new(|r| {
                let pictures = r.after.grown(&r.before, "pictures_decoded_total");
                let each = |name| 1e6 * r.after.grown(&r.before, name) / pictures.max(1.0);
                format!("{:.0} + {:.0}", each("decode_seconds_total"), each("tile_seconds_total"))
            }),
        ),
        ("tiles skipped for the screen", Box::new(grown("media_skipped_total"))),
        ("tiles dropped before the fan-out", Box::new(grown("media_dropped_total"))),
        ("pictures that the screen missed", Box::new(|r| r.seen.tiles.missed.to_string())),
        ("keyframes superseded", Box::new(grown("keyframes_superseded_total"))),
        ("keyframes undecodable", Box::new(grown("pictures_undecodable_total"))),
        (
            "access units dropped on links, at the hub",
            Box::new(|r| {
                let hub = r.after.grown(&r.before, "units_dropped_total");
                format!("{:.0}, {hub:.0}", r.after.sum("camera_units_dropped"))
            }),
        ),
        ("packets lost", Box::new(|r| format!("{:.0}", r.after.sum("camera_packets_lost")))),
        ("reconnects", Box::new(|r| format!("{:.0}", r.after.sum("camera_reconnects_total")))),
        ("cameras not online at the end", Box::new(|r| r.not_online.to_string())),
        ("tiles that grew stale", Box::new(|r| r.seen.stale.to_string())),
        ("oldest tile ever, s", Box::new(|r| format!("{:.2}", r.seen.worst_age.as_secs_f64()))),
    ];
    table(&rows, rounds)
}

/// Live viewers, by their number and by cameras.
pub(crate) fn viewers(rounds: &[Round]) -> String {
    // What the screens alone cost on so many cameras: the rest is the live viewers'.
    let base = |round: &Round| {
        rounds
            .iter()
            .find(|base| base.cameras == round.cameras && base.audience == Audience::SCREENS)
    };
    let cells = |round: &Round| f64::from(round.audience.live(round.cameras));
    let per_cell = |round: &Round, figure: &dyn Fn(&Round) -> f64| match base(round) {
        Some(base) if cells(round) > 0.0 => {
            format!("{:.2}", (figure(round) - figure(base)) / cells(round))
        }
        _ => "–".to_owned(),
    };
    let delay = |share| {
        move |r: &Round| match r.seen.live.messages {
            0 => "–".to_owned(),
            _ => ms(r.seen.live.delays.value_at_quantile(share)),
        }
    };
    let rows: Vec<Row<'_>> = vec![
        ("screens with all tiles", Box::new(|r| r.audience.screens.to_string())),
        ("consoles of 16 live cells", Box::new(|r| r.audience.consoles.to_string())),
        ("walls with every camera live", Box::new(|r| r.audience.live_walls.to_string())),
        ("live cells", Box::new(move |r| format!("{:.0}", cells(r)))),
        ("CPU centre, cores", Box::new(cores(Role::Centre))),
        ("CPU ingest, cores", Box::new(cores(Role::Ingest))),
        ("CPU decode, cores", Box::new(cores(Role::Decode))),
        ("**CPU service, cores**", Box::new(|r| format!("{:.3}", service(r)))),
        (
            "**CPU service per live cell, millicores**",
            Box::new(move |r| per_cell(r, &|r| 1e3 * service(r))),
        ),
        ("of that, the centre", Box::new(move |r| per_cell(r, &|r| 1e3 * r.cores[&Role::Centre]))),
        (
            "memory per live cell, KiB (PSS)",
            Box::new(move |r| {
                per_cell(r, &|r| service_memory(r, |memory| memory.pss) as f64 / 1024.0)
            }),
        ),
        (
            "**memory service, MiB (PSS)**",
            Box::new(|r| mib(service_memory(r, |memory| memory.pss))),
        ),
        ("CPU simulator, cores", Box::new(cores(Role::Sim))),
        ("CPU of the measuring viewers, cores", Box::new(cores(Role::Viewer))),
        ("machine busy (others' share), cores", Box::new(machine)),
        ("yardstick, µs of CPU", Box::new(|r| format!("{:.0}", r.yardstick_us))),
        (
            "access units per second, delivered of due",
            Box::new(move |r| {
                let delivered = r.seen.live.messages as f64 / r.seconds;
                format!("{delivered:.0} of {:.0}", FRAMES_PER_SECOND * cells(r))
            }),
        ),
        ("live, MB/s", Box::new(|r| format!("{:.2}", r.seen.live.bytes as f64 / r.seconds / 1e6))),
        ("camera to viewer p50, ms", Box::new(delay(0.5))),
        ("**camera to viewer p99, ms**", Box::new(delay(0.99))),
        ("camera to viewer p99.9, ms", Box::new(delay(0.999))),
        ("camera to viewer worst, ms", Box::new(delay(1.0))),
        ("access units that viewers missed", Box::new(|r| r.seen.live.missed.to_string())),
        ("jumps to a keyframe", Box::new(|r| r.seen.live.jumps.to_string())),
        ("steps down", Box::new(|r| r.seen.steps.to_string())),
        (
            "tiles per second",
            Box::new(|r| format!("{:.0}", r.seen.tiles.messages as f64 / r.seconds)),
        ),
        ("tile to screen p99, ms", Box::new(|r| ms(r.seen.tiles.delays.value_at_quantile(0.99)))),
        ("keyframes superseded", Box::new(grown("keyframes_superseded_total"))),
        ("access units dropped at the hub", Box::new(grown("units_dropped_total"))),
        ("tiles that grew stale", Box::new(|r| r.seen.stale.to_string())),
        ("cameras not online at the end", Box::new(|r| r.not_online.to_string())),
    ];
    table(&rows, rounds)
}

/// Of the simulator's small streams.
const FRAMES_PER_SECOND: f64 = 12.5;

fn table(rows: &[Row<'_>], rounds: &[Round]) -> String {
    let mut table = String::from("| cameras |");
    rounds.iter().for_each(|round| _ = write!(table, " {} |", round.cameras));
    table.push_str("\n|---|");
    rounds.iter().for_each(|_| table.push_str("---:|"));
    for (name, value) in rows {
        _ = write!(table, "\n| {name} |");
        rounds.iter().for_each(|round| _ = write!(table, " {} |", value(round)));
    }
    table
}
