//! How many files the centre may have open: every socket is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::http::REQUESTS;

/// Beside connections: the store, the links of the workers, the runtimes, passwords being read.
/// 1,000 cameras and 64 cores make about 200.
const OTHERS: u64 = 512;

/// Raises the limit of open files as far as this many sockets need. Where the system forbids it,
/// the log says what will be refused.
pub(super) fn make_room(sockets: u32) {
    let needed = u64::from(sockets) + u64::from(REQUESTS) + OTHERS;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(allowed) = raised(current, maximum, needed) else { return };
    let limit = Rlimit { current: Some(allowed), maximum };
    let now = match setrlimit(Resource::Nofile, limit) {
        Ok(()) => allowed,
        Err(_) => current.unwrap_or(allowed),
    };
    if now < needed {
        tracing::warn!(
            allowed = now,
            needed,
            "too few open files are allowed for http.sockets = {sockets}: beyond them connections \
             wait. Raise the limit (systemd: LimitNOFILE={needed}) or lower http.sockets"
        );
    }
}

/// What the limit is to become, unless it is enough already. `None` stands for no limit.
fn raised(current: Option<u64>, maximum: Option<u64>, needed: u64) -> Option<u64> {
    let current = current?;
    (current < needed).then(|| maximum.map_or(needed, |maximum| needed.min(maximum)).max(current))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_as_far_as_needed_and_allowed_and_never_lowered() {
        for (current, maximum, needed, expected) in [
            (Some(1024), Some(4096), 1000, None),
            (Some(1024), Some(4096), 2000, Some(2000)),
            (Some(1024), Some(4096), 9000, Some(4096)),
            (Some(1024), None, 9000, Some(9000)),
            (None, None, 9000, None),
        ] {
            assert_eq!(raised(current, maximum, needed), expected, "{current:?} {needed}");
        }
    }
}
