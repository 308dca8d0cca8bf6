//! How much unsent media the kernel may hold for one viewer.
//!
//! What the kernel holds stands before everything newer, so on a slow line it is the delay that a
//! person sees: 128 KiB are 4 s at 256 kbit/s. A viewer that fills its socket may have a quarter of a
//! second of what it really takes, as its reports tell; one that keeps up has the whole mark, since
//! it leaves nothing unsent.

use std::time::{Duration, Instant};

/// Of a viewer that keeps up, bytes.
pub(super) const MARK_MAX: u32 = 128 << 10;
/// Room for a few segments: below it the line would run dry between two turns of the thread.
const MARK_MIN: u32 = 8 << 10;
/// Parts of a second that the mark may hold.
const PARTS: f64 = 4.0;
/// Reports closer together than this tell no rate.
const REPORTS_APART: Duration = Duration::from_millis(500);

/// One viewer's mark.
#[derive(Clone, Copy, Debug)]
pub(super) struct LowMark {
    bytes: u32,
    report: Option<(Instant, u64)>,
    /// The socket was full since the last report that counted.
    filled: bool,
}

impl Default for LowMark {
    fn default() -> Self {
        Self { bytes: MARK_MAX, report: None, filled: false }
    }
}

impl LowMark {
    /// The socket takes nothing more for now.
    pub(super) fn filled(&mut self) {
        self.filled = true;
    }

    /// The viewer has received so many bytes in all. Returns the mark, if it is another now.
    pub(super) fn report(&mut self, now: Instant, received: u64) -> Option<u32> {
        let Some((then, before)) = self.report else {
            self.report = Some((now, received));
            return None;
        };
        let passed = now.saturating_duration_since(then);
        if passed < REPORTS_APART {
            return None;
        }
        self.report = Some((now, received));
        // A socket that was never full says nothing of what the line could take.
        let bytes = if std::mem::take(&mut self.filled) {
            let rate = received.saturating_sub(before) as f64 / passed.as_secs_f64();
            step((rate / PARTS) as u64)
        } else {
            MARK_MAX
        };
        (std::mem::replace(&mut self.bytes, bytes) != bytes).then_some(bytes)
    }
}

/// Powers of two, so that a rate that wavers does not cost a system call each second.
fn step(bytes: u64) -> u32 {
    let bytes = bytes.clamp(MARK_MIN.into(), MARK_MAX.into());
    u32::try_from(bytes).map_or(MARK_MAX, |bytes| 1 << bytes.ilog2())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reports each second of a viewer that receives so many bytes in it.
    fn second(mark: &mut LowMark, at: &mut (Instant, u64), bytes: u64, full: bool) -> Option<u32> {
        if full {
            mark.filled();
        }
        *at = (at.0 + Duration::from_secs(1), at.1 + bytes);
        mark.report(at.0, at.1)
    }

    #[test]
    fn a_line_of_256_kbit_per_second_holds_a_quarter_of_a_second_and_gets_its_room_back() {
        let (mut mark, mut at) = (LowMark::default(), (Instant::now(), 0));
        assert_eq!(mark.report(at.0, 0), None);
        assert_eq!(second(&mut mark, &mut at, 32_000, true), Some(8 << 10));
        assert_eq!(second(&mut mark, &mut at, 30_000, true), None, "it wavers");
        assert_eq!(second(&mut mark, &mut at, 200_000, true), Some(32 << 10), "it gets faster");
        assert_eq!(second(&mut mark, &mut at, 250_000, false), Some(MARK_MAX), "it keeps up");
    }

    #[test]
    fn a_viewer_that_was_sent_little_is_not_taken_for_a_slow_one() {
        let (mut mark, mut at) = (LowMark::default(), (Instant::now(), 0));
        for _ in 0..10 {
            assert_eq!(second(&mut mark, &mut at, 500, false), None);
        }
    }

    #[test]
    fn reports_in_quick_succession_tell_nothing() {
        let (mut mark, now) = (LowMark::default(), Instant::now());
        mark.filled();
        assert_eq!(mark.report(now, 0), None);
        assert_eq!(mark.report(now + Duration::from_millis(10), 10), None);
    }
}
