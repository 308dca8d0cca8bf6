//! What processes use, as the kernel tells it: CPU time and memory by role, whatever roles there are.

use std::{collections::BTreeMap, fs, time::Instant};

/// CPU time of every process so far, in clock ticks, and of the whole machine.
#[derive(Debug)]
pub(crate) struct Cpu<R> {
    at: Instant,
    processes: BTreeMap<u32, (R, u64)>,
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

/// The processes that this one has started and that still live.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("Linux").flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent_of = |process| fields(process).and_then(|fields| fields.get(1)?.parse().ok());
    numbers.filter(|process| parent_of(*process) == Some(parent)).collect()
}

impl<R: Copy + Ord> Cpu<R> {
    pub(crate) fn read(roles: &BTreeMap<u32, R>) -> Self {
        let processes = roles.iter().filter_map(|(pid, role)| Some((*pid, (*role, ticks(*pid)?))));
        Self { at: Instant::now(), processes: processes.collect(), machine: machine() }
    }

    /// Cores that a role has used since `before`. Workers that started in between are left out.
    pub(crate) fn cores(&self, before: &Self, role: R) -> f64 {
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
pub(crate) fn memory<R: Copy + Ord>(roles: &BTreeMap<u32, R>) -> BTreeMap<R, Memory> {
    let mut all: BTreeMap<R, Memory> = BTreeMap::new();
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
