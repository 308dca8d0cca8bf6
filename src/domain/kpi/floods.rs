//! Time in flood, by the rule that the book follows: from more than 10 new alerts within 10 minutes
//! until there are fewer than 5.

use std::collections::VecDeque;

use crate::domain::{alert::BookPolicy, availability::Window, time::UnixMicros};

/// Microseconds of a window that were in flood. `opened` is sorted, and begins as long before the
/// window as a flood may have.
pub(super) fn in_flood(opened: &[UnixMicros], window: Window) -> u64 {
    let policy = BookPolicy::default();
    let mut newest: VecDeque<UnixMicros> = VecDeque::new();
    let mut since = None;
    let mut sum = 0;
    let mut add = |from: UnixMicros, to: UnixMicros| {
        let (from, to) = (from.max(window.from), to.min(window.until));
        sum += to.0.saturating_sub(from.0);
    };
    let end = UnixMicros(u64::MAX);
    for next in opened.iter().copied().chain([end]) {
        while let Some(first) = newest.front()
            && first.plus(policy.flood_within) <= next
        {
            let aged = first.plus(policy.flood_within);
            newest.pop_front();
            if newest.len() < policy.flood_under
                && let Some(since) = since.take()
            {
                add(since, aged);
            }
        }
        newest.push_back(next);
        if newest.len() > policy.flood_over && next != end {
            since.get_or_insert(next);
        }
    }
    sum
}
