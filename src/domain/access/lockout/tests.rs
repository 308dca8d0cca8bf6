//! Guessing on a virtual clock: when it locks, whom, for how long, and what it may cost.

use proptest::{collection::vec, prelude::*};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// Fails so many times, a second apart, and says when the last one was.
fn fail(lockout: &mut Lockout, from: Instant, account: &str, at: IpAddr, times: u32) -> Instant {
    let mut now = from;
    for n in 0..times {
        now = from + n * SECOND;
        lockout.failed(now, account, at);
    }
    now
}

#[test]
fn five_failures_within_thirty_seconds_lock_for_five_minutes() {
    let (mut lockout, start) = (Lockout::new(LockoutPolicy::default()), Instant::now());
    let desk = address("192.0.2.7");
    let fourth = fail(&mut lockout, start, "lan", desk, 4);
    assert_eq!(lockout.permit(fourth, "lan", desk), Ok(()));
    let fifth = fourth + SECOND;
    let until = fifth + 300 * SECOND;
    assert_eq!(lockout.failed(fifth, "lan", desk), Some(Locked { until }));
    assert_eq!(lockout.permit(fifth, "lan", desk), Err(Locked { until }));
    assert_eq!(lockout.permit(until - SECOND, "lan", desk), Err(Locked { until }));
    assert_eq!(lockout.locked(until - SECOND), 1);
    // What was under way when it was locked makes it neither longer nor new.
    assert_eq!(lockout.failed(fifth + SECOND, "lan", desk), None);
    assert_eq!(lockout.permit(until, "lan", desk), Ok(()));
    // Afterwards it takes five again.
    assert_eq!(lockout.failed(until, "lan", desk), None);
    assert_eq!(lockout.permit(until, "lan", desk), Ok(()));
}

#[test]
fn failures_that_are_far_apart_lock_nobody_out() {
    let (mut lockout, start) = (Lockout::new(LockoutPolicy::default()), Instant::now());
    let desk = address("192.0.2.7");
    for n in 0..100 {
        // Four in any 30 seconds.
        assert_eq!(lockout.failed(start + n * 8 * SECOND, "lan", desk), None, "{n}");
    }
}

#[test]
fn a_success_forgives_what_was_mistyped_before() {
    let (mut lockout, start) = (Lockout::new(LockoutPolicy::default()), Instant::now());
    let desk = address("192.0.2.7");
    let fourth = fail(&mut lockout, start, "lan", desk, 4);
    lockout.succeeded("lan", desk);
    assert_eq!(lockout.failed(fourth, "lan", desk), None);
}

#[test]
fn nobody_is_locked_out_by_failures_from_elsewhere_or_of_others() {
    let (mut lockout, start) = (Lockout::new(LockoutPolicy::default()), Instant::now());
    let now = fail(&mut lockout, start, "lan", address("203.0.113.9"), 50);
    assert_eq!(lockout.permit(now, "lan", address("192.0.2.7")), Ok(()));
    assert_eq!(lockout.permit(now, "minh", address("203.0.113.9")), Ok(()));
    assert!(lockout.permit(now, "lan", address("203.0.113.9")).is_err());
    // The same machine over the other kind of socket.
    assert!(lockout.permit(now, "lan", address("::ffff:203.0.113.9")).is_err());
}

#[test]
fn one_network_of_many_addresses_is_one_address() {
    let (mut lockout, start) = (Lockout::new(LockoutPolicy::default()), Instant::now());
    for n in 0..5_u32 {
        lockout.failed(start, "lan", address(&format!("2001:db8:1:2::{n:x}")));
    }
    assert!(lockout.permit(start, "lan", address("2001:db8:1:2:ffff::1")).is_err());
    assert_eq!(lockout.permit(start, "lan", address("2001:db8:1:3::1")), Ok(()));
}

#[test]
fn memory_is_bounded_and_a_lock_outlives_a_flood_of_failures() {
    let (mut lockout, start) = (Lockout::new(LockoutPolicy::default()), Instant::now());
    let desk = address("192.0.2.7");
    let mut now = fail(&mut lockout, start, "lan", desk, 5);
    for n in 0..2 * PAIRS_MAX {
        now += SECOND / 1000;
        lockout.failed(now, &format!("{n}{}", "x".repeat(100)), desk);
        assert!(lockout.pairs.len() <= PAIRS_MAX);
    }
    assert!(lockout.permit(now, "lan", desk).is_err());
    lockout.tick(now + 301 * SECOND);
    assert_eq!(lockout.pairs.len(), 0, "nothing is kept for nothing");
}

#[test]
fn an_account_that_is_forgiven_is_heard_at_once_from_everywhere_and_no_other_is() {
    let (mut lockout, now) = (Lockout::new(LockoutPolicy::default()), Instant::now());
    let [desk, home] = ["192.0.2.7", "198.51.100.3"].map(address);
    for (account, from) in [("lan", desk), ("lan", home), ("minh", desk)] {
        for _ in 0..5 {
            lockout.failed(now, account, from);
        }
    }
    assert!(lockout.is_locked(now, "lan") && !lockout.is_locked(now + 301 * SECOND, "lan"));
    assert!(lockout.forgive("lan"));
    assert!(!lockout.is_locked(now, "lan") && !lockout.forgive("lan"));
    assert_eq!(lockout.permit(now, "lan", desk), Ok(()));
    assert_eq!(lockout.permit(now, "lan", home), Ok(()));
    assert!(lockout.permit(now, "minh", desk).is_err());
}

proptest! {
    #[test]
    fn it_is_locked_exactly_while_five_failures_within_thirty_seconds_say_so(
        steps in vec((0..20_000_u64, any::<bool>()), 0..60),
    ) {
        let policy = LockoutPolicy::default();
        let (mut lockout, start) = (Lockout::new(policy), Instant::now());
        let desk = address("192.0.2.7");
        // The plain way: every failure since the last success or lock, and the last lock.
        let (mut failures, mut locked) = (Vec::<Instant>::new(), None::<Instant>);
        let mut now = start;
        for (wait_ms, tick) in steps {
            now += Duration::from_millis(wait_ms);
            if tick {
                lockout.tick(now);
            }
            let open = locked.is_none_or(|until| now >= until);
            prop_assert_eq!(lockout.permit(now, "lan", desk).is_ok(), open);
            let lock = lockout.failed(now, "lan", desk);
            if open {
                failures.push(now);
                let recent = failures.iter().filter(|at| now - **at < policy.within).count();
                if recent >= 5 {
                    failures.clear();
                    locked = Some(now + policy.lasts);
                }
                prop_assert_eq!(lock.is_some(), recent >= 5);
            } else {
                prop_assert_eq!(lock, None);
            }
        }
    }
}
