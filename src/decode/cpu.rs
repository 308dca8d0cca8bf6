//! The CPU time of the running thread: what decoding costs, however busy the machine is.

use std::time::Duration;

/// CPU time of this thread since it began.
#[expect(unsafe_code, reason = "the standard library has no CPU clock")]
pub(super) fn time() -> Duration {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes one `timespec`, which lives until it returns.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut now) };
    debug_assert_eq!(result, 0, "the clock exists on every Linux");
    let secs = u64::try_from(now.tv_sec).unwrap_or(0);
    Duration::new(secs, u32::try_from(now.tv_nsec).unwrap_or(0))
}
