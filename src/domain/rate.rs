//! How often a client of a socket may speak.

use std::time::Instant;

/// Twenty messages a second, and as many at once.
#[derive(Debug)]
pub struct Rate {
    left: f64,
    at: Instant,
}

const PER_SECOND: f64 = 20.0;

impl Rate {
    /// A client that has not spoken yet.
    pub fn new(now: Instant) -> Self {
        Self { left: PER_SECOND, at: now }
    }

    /// Whether one more is within the limit.
    pub fn take(&mut self, now: Instant) -> bool {
        let earned = now.saturating_duration_since(self.at).as_secs_f64() * PER_SECOND;
        self.left = (self.left + earned).min(PER_SECOND) - 1.0;
        self.at = now;
        // What is over the limit is not owed: a client that waits a second may speak again.
        let within = self.left >= 0.0;
        self.left = self.left.max(0.0);
        within
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn twenty_messages_pass_at_once_and_twenty_more_a_second_later() {
        let start = Instant::now();
        let mut rate = Rate::new(start);
        assert_eq!((0..30).filter(|_| rate.take(start)).count(), 20);
        let later = start + Duration::from_secs(60);
        assert_eq!((0..30).filter(|_| rate.take(later)).count(), 20);
    }
}
