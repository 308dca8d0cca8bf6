//! Guessing passwords is made slow: after a few failures in a short time, an account takes no
//! sign-in from that address for a while.
//!
//! By account *and* address, so that nobody can lock an account out of its own desk from elsewhere.
//! Whether there is such an account makes no difference here: who asks learns nothing.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    time::{Duration, Instant},
};

/// When, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// So many failures …
    pub failures: u32,
    /// … within this time …
    pub within: Duration,
    /// … lock for this long.
    pub lasts: Duration,
}

impl Default for LockoutPolicy {
    /// What QĐ 724/QĐ-BTTTT asks of cameras, and people know from them (docs/cameras.md).
    fn default() -> Self {
        Self { failures: 5, within: Duration::from_secs(30), lasts: Duration::from_secs(5 * 60) }
    }
}

/// No sign-in until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("locked after too many failures")]
pub struct Locked {
    /// When the next one is heard.
    pub until: Instant,
}

/// Failures and locks by account and address.
#[derive(Debug)]
pub struct Lockout {
    policy: LockoutPolicy,
    /// At most [`PAIRS_MAX`]; then those that matter least go.
    pairs: HashMap<Pair, Count>,
}

/// An account as it was typed, and the network that it came from.
type Pair = (Box<str>, IpAddr);

#[derive(Clone, Debug, Default)]
struct Count {
    /// The last ones, `policy.failures` at most.
    failures: VecDeque<Instant>,
    locked_until: Option<Instant>,
}

/// Some 2 MB. Filling it with locks takes five failures each, 50,000 hashes of 30 ms: longer than a
/// lock lasts, so none has to go early.
const PAIRS_MAX: usize = 10_000;

/// No account's name is longer.
const NAME_MAX: usize = 64;

impl Lockout {
    /// Nothing is locked.
    pub fn new(policy: LockoutPolicy) -> Self {
        Self { policy, pairs: HashMap::new() }
    }

    /// Whether a sign-in is heard now. Ask before the password is looked at; while it is locked the
    /// right password is refused as well, else its answer would tell which one that is.
    pub fn permit(&self, now: Instant, account: &str, address: IpAddr) -> Result<(), Locked> {
        let until = self.pairs.get(&pair(account, address)).and_then(|count| count.locked_until);
        match until {
            Some(until) if now < until => Err(Locked { until }),
            _ => Ok(()),
        }
    }

    /// A sign-in failed. Returns the lock if this was the failure that made one.
    pub fn failed(&mut self, now: Instant, account: &str, address: IpAddr) -> Option<Locked> {
        let pair = pair(account, address);
        if !self.pairs.contains_key(&pair) {
            self.make_room(now);
        }
        let policy = self.policy;
        let count = self.pairs.entry(pair).or_default();
        if count.locked_until.is_some_and(|until| now < until) {
            // Several were under way when it was locked.
            return None;
        }
        count.locked_until = None;
        count.failures.retain(|failure| now.saturating_duration_since(*failure) < policy.within);
        count.failures.push_back(now);
        if count.failures.len() < policy.failures as usize {
            return None;
        }
        let until = now + policy.lasts;
        *count = Count { failures: VecDeque::new(), locked_until: Some(until) };
        Some(Locked { until })
    }

    /// A sign-in succeeded: its failures are forgotten.
    pub fn succeeded(&mut self, account: &str, address: IpAddr) {
        self.pairs.remove(&pair(account, address));
    }

    /// Forgets an account's failures and locks, wherever they came from. Whether there were any.
    pub fn forgive(&mut self, account: &str) -> bool {
        let before = self.pairs.len();
        self.pairs.retain(|(name, _), _| **name != *account);
        self.pairs.len() < before
    }

    /// Whether an account is locked for any address.
    pub fn is_locked(&self, now: Instant, account: &str) -> bool {
        let mut own = self.pairs.iter().filter(|((name, _), _)| **name == *account);
        own.any(|(_, count)| count.locked_until.is_some_and(|until| now < until))
    }

    /// Forgets what no longer matters.
    pub fn tick(&mut self, now: Instant) {
        let within = self.policy.within;
        self.pairs.retain(|_, count| count.matters_until(within) > Some(now));
    }

    /// How many pairs are locked, for the metrics.
    pub fn locked(&self, now: Instant) -> usize {
        let locked = |count: &&Count| count.locked_until.is_some_and(|until| now < until);
        self.pairs.values().filter(locked).count()
    }

    fn make_room(&mut self, now: Instant) {
        if self.pairs.len() < PAIRS_MAX {
            return;
        }
        self.tick(now);
        if self.pairs.len() < PAIRS_MAX {
            return;
        }
        // Locks go last, and of each kind those that end first; a tenth at once, because looking for
        // them takes a while.
        let within = self.policy.within;
        let worth = |count: &Count| (count.locked_until.is_some(), count.matters_until(within));
        let mut order: Vec<_> =
            self.pairs.iter().map(|(pair, count)| (worth(count), pair)).collect();
        order.sort_unstable();
        let least: Vec<Pair> =
            order.into_iter().take(PAIRS_MAX / 10).map(|(_, pair)| pair.clone()).collect();
        for pair in least {
            self.pairs.remove(&pair);
        }
    }
}

impl Count {
    fn matters_until(&self, within: Duration) -> Option<Instant> {
        self.failures.back().map(|failure| *failure + within).max(self.locked_until)
    }
}

fn pair(account: &str, address: IpAddr) -> Pair {
    let name: String = account.chars().take(NAME_MAX).collect();
    (name.into(), network(address))
}

/// A household or a server has a whole /64 of IPv6 to itself, with as many addresses as it likes.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests;
