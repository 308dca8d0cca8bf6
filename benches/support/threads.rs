//! Run time of this process's threads, exact to the nanosecond.

use std::{collections::BTreeMap, fs, time::Duration};

/// Every thread that lives now: its name, and how long it has run.
#[derive(Debug)]
pub(crate) struct Threads(BTreeMap<String, (String, Duration)>);

impl Threads {
    pub(crate) fn read() -> Self {
        let tasks = fs::read_dir("/proc/self/task").expect("Linux");
        let threads = tasks.filter_map(|task| {
            let path = task.ok()?.path();
            let text = fs::read_to_string(path.join("schedstat")).ok()?;
            let ran = Duration::from_nanos(text.split(' ').next()?.parse().ok()?);
            let name = fs::read_to_string(path.join("comm")).ok()?.trim().to_owned();
            Some((path.file_name()?.to_str()?.to_owned(), (name, ran)))
        });
        Self(threads.collect())
    }

    /// Seconds that threads ran since `before`: all, or those of one name.
    pub(crate) fn seconds(&self, before: &Self, name: Option<&str>) -> f64 {
        let threads = self.0.iter().filter(|(_, (own, _))| name.is_none_or(|name| name == own));
        let ran = threads.map(|(thread, (_, ran))| {
            *ran - before.0.get(thread).map_or(Duration::ZERO, |(_, earlier)| *earlier)
        });
        ran.sum::<Duration>().as_secs_f64()
    }
}
