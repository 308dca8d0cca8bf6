//! How fast this machine is just now.

use std::fs;

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
