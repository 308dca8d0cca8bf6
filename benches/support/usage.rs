//! What processes use, as the kernel tells it: CPU time and memory by role.

use std::{collections::BTreeMap, fs, time::Instant};

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Centre,
    Ingest,
    Decode,
    Sim,
    /// This process.
    Viewer,
}

/// CPU time of every process so far, in clock ticks, and of the whole machine.
#[derive(Debug)]
pub(crate) struct Cpu {
    at: Instant,
    processes: BTreeMap<u32, (Role, u64)>,
    /// Ticks in which the machine was not idle, and of those, ticks that others on the host took.
    machine: (u64, u64),
}

/// Memory of a role, bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// Shared pages are split between those who share them: these add up.
    pub(crate) pss: u64,
    /// Shared pages count in full in each process.
    pub(crate) rss: u64,
    /// Pages that this process alone has written.
    pub(crate) private_dirty: u64,
    pub(crate) processes: u64,
}

/// Ticks per second of `/proc`: the kernel's promise to user space on every machine we run on.
const TICKS: f64 = 100.0;

/// The processes of a centre, a simulator, and this one.
pub(crate) fn roles(centre: u32, sim: u32) -> BTreeMap<u32, Role> {
    let mut roles = BTreeMap::from([
        (centre, Role::Centre),
        (sim, Role::Sim),
        (std::process::id(), Role::Viewer),
    ]);
    for entry in fs::read_dir("/proc").expect("Linux").flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        if fields(pid).and_then(|fields| fields.get(1)?.parse().ok()) != Some(centre) {
            continue;
        }
        let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        if command.contains("worker\0ingest") {
            roles.insert(pid, Role::Ingest);
        } else if command.contains("worker\0decode") {
            roles.insert(pid, Role::Decode);
        }
    }
    roles
}

impl Cpu {
    pub(crate) fn read(roles: &BTreeMap<u32, Role>) -> Self {
        let processes = roles.iter().filter_map(|(pid, role)| Some((*pid, (*role, ticks(*pid)?))));
        Self { at: Instant::now(), processes: processes.collect(), machine: machine() }
    }

    /// Cores that a role has used since `before`. Workers that started in between are left out.
    pub(crate) fn cores(&self, before: &Self, role: Role) -> f64 {
        let used = self.processes.iter().filter(|(_, (other, _))| *other == role).map(
            |(pid, (_, ticks))| {
                before.processes.get(pid).map_or(0, |(_, earlier)| ticks.saturating_sub(*earlier))
            },
        );
        used.sum::<u64>() as f64 / TICKS / self.seconds(before)
    }

    /// Cores that were busy with anything at all, and cores that the host gave to others.
    pub(crate) fn machine(&self, before: &Self) -> (f64, f64) {
        let each = |now: u64, then: u64| (now - then) as f64 / TICKS / self.seconds(before);
        (each(self.machine.0, before.machine.0), each(self.machine.1, before.machine.1))
    }

    pub(crate) fn seconds(&self, before: &Self) -> f64 {
        (self.at - before.at).as_secs_f64()
    }
}

/// Memory by role, now.
pub(crate) fn memory(roles: &BTreeMap<u32, Role>) -> BTreeMap<Role, Memory> {
    let mut all: BTreeMap<Role, Memory> = BTreeMap::new();
    for (pid, role) in roles {
        let Ok(text) = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) else { continue };
        let figure = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
        };
        let bytes = |name| figure(name).unwrap_or(0) * 1024;
        let sum = all.entry(*role).or_default();
        sum.pss += bytes("Pss:");
        sum.rss += bytes("Rss:");
        sum.private_dirty += bytes("Private_Dirty:");
        sum.processes += 1;
    }
    all
}

/// CPU time of a fixed piece of work on this thread, microseconds. On a machine whose cores share
/// their insides with busy neighbours it takes longer, and so does everything else that is measured.
pub(crate) fn yardstick() -> f64 {
    let run_time = || -> u64 {
        let text = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
        text.split(' ').next().and_then(|n| n.parse().ok()).expect("nanoseconds first")
    };
    let before = run_time();
    let mut numbers: Vec<u32> = (0..1 << 17).collect();
    // Sorting what a hash has mixed: branches and memory, as a decoder's work is.
    numbers.iter_mut().for_each(|n| *n = n.wrapping_mul(2_654_435_761).rotate_left(13));
    numbers.sort_unstable();
    assert_eq!(std::hint::black_box(numbers)[0], 0);
    (run_time() - before) as f64 / 1e3
}

/// The fields of `/proc/PID/stat` after the name, which may hold anything.
fn fields(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

fn ticks(pid: u32) -> Option<u64> {
    let fields = fields(pid)?;
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

fn machine() -> (u64, u64) {
    let text = fs::read_to_string("/proc/stat").expect("Linux");
    let line = text.lines().next().expect("the machine comes first");
    // user nice system idle iowait irq softirq steal; guest time is in user time already.
    let ticks: Vec<u64> =
        line.split_whitespace().skip(1).filter_map(|tick| tick.parse().ok()).collect();
    (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6], ticks[7])
}
