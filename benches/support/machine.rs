//! The machine and the commit that figures belong to.

/// Both in a line.
pub(crate) fn machine() -> String {
    let read = |file| std::fs::read_to_string(file).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let memory = read("/proc/meminfo");
    let kib =
        memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next());
    let gib = kib.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / f64::from(1 << 20);
    let commit = std::process::Command::new("git")
        .args(["describe", "--always", "--dirty"])
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    format!(
        "{} x {cores}, {gib:.0} GiB, Linux {}; commit {}; load average before: {}",
        model.map_or("an unknown CPU", |(_, model)| model),
        read("/proc/sys/kernel/osrelease").trim(),
        commit.unwrap_or_default(),
        read("/proc/loadavg").split(' ').next().unwrap_or_default()
    )
}
