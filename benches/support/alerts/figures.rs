//! Times in a line.

use std::{fmt, time::Duration};

/// Of many times, the middle and the worst ones.
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// Of at least one.
    pub(crate) fn of(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut times: Vec<Duration> = times.into_iter().collect();
        assert!(!times.is_empty(), "something was measured");
        times.sort();
        Self(times)
    }

    /// So many per cent are at most this, milliseconds.
    pub(crate) fn ms(&self, percent: usize) -> f64 {
        self.0[(self.0.len() - 1) * percent / 100].as_secs_f64() * 1000.0
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:6} times, p50 {:8.1} ms, p99 {:8.1} ms, worst {:8.1} ms",
            self.0.len(),
            self.ms(50),
            self.ms(99),
            self.ms(100)
        )
    }
}
