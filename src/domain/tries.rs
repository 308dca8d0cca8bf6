//! When a camera may be tried out for somebody who fills in a form: slowly enough that nobody scans a
//! network with it, and never so often that a camera locks everybody out.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    time::{Duration, Instant},
};

/// Between two tries, of whatever camera. A person who corrects a form takes longer.
const APART: Duration = Duration::from_secs(2);
/// Sign-ins that an address may reject. The service's own sessions may spend three
/// ([`CourtesyPolicy`](super::courtesy::CourtesyPolicy)), and many cameras lock up after five
/// (docs/cameras.md).
const REJECTED_MAX: usize = 2;
/// After that it is left alone for this long, as long as the longest lock that is known.
const REJECTED_FOR: Duration = Duration::from_secs(30 * 60);

/// What was tried lately.
#[derive(Debug, Default)]
pub struct Tries {
    newest: Option<Instant>,
    /// When addresses rejected sign-ins. Holds what half an hour brings at most: 900 of them.
    rejected: BTreeMap<IpAddr, Vec<Instant>>,
}

/// Why not now, and how long it stays so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Another was tried a moment ago.
    TooSoon(Duration),
    /// This address has rejected too many sign-ins.
    Rejected(Duration),
}

impl Tries {
    /// Begins a try, unless it is not the time for it.
    pub fn begin(&mut self, now: Instant, address: IpAddr) -> Result<(), Wait> {
        let left = |since: Instant, wait: Duration| {
            wait.checked_sub(now.saturating_duration_since(since)).filter(|left| !left.is_zero())
        };
        for rejected in self.rejected.values_mut() {
            rejected.retain(|at| left(*at, REJECTED_FOR).is_some());
        }
        self.rejected.retain(|_, rejected| !rejected.is_empty());
        if let Some(left) = self.newest.and_then(|newest| left(newest, APART)) {
            return Err(Wait::TooSoon(left));
        }
        let rejected = self.rejected.get(&address).map_or(&[][..], Vec::as_slice);
        if let [first, ..] = rejected
            && rejected.len() >= REJECTED_MAX
        {
            return Err(Wait::Rejected(left(*first, REJECTED_FOR).unwrap_or_default()));
        }
        self.newest = Some(now);
        Ok(())
    }

    /// The camera that was tried has rejected the sign-in.
    pub fn rejected(&mut self, now: Instant, address: IpAddr) {
        self.rejected.entry(address).or_default().push(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAMERA: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn two_tries_are_two_seconds_apart_whatever_the_camera() {
        let (mut tries, now) = (Tries::default(), Instant::now());
        assert_eq!(tries.begin(now, CAMERA), Ok(()));
        assert_eq!(tries.begin(now + SECOND, OTHER), Err(Wait::TooSoon(SECOND)));
        assert_eq!(tries.begin(now + 2 * SECOND, OTHER), Ok(()));
    }

    #[test]
    fn a_camera_that_rejected_two_sign_ins_is_left_alone_for_half_an_hour() {
        let (mut tries, now) = (Tries::default(), Instant::now());
        let at = |minutes: u32| now + minutes * 60 * SECOND;
        for minute in [0, 10] {
            assert_eq!(tries.begin(at(minute), CAMERA), Ok(()));
            tries.rejected(at(minute), CAMERA);
        }
        assert_eq!(tries.begin(at(20), CAMERA), Err(Wait::Rejected(10 * 60 * SECOND)));
        assert_eq!(tries.begin(at(20), OTHER), Ok(()), "another one may be tried");
        assert_eq!(tries.begin(at(30), CAMERA), Ok(()), "the first is forgotten by then");
        assert_eq!(tries.rejected[&CAMERA], [at(10)]);
    }
}
