//! Which camera has which fault, and until when.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use thiserror::Error;

use super::{Fault, FaultKind};
use crate::sim::{camera::Camera, clock::Clock};

/// Why a fault was not set.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum FaultError {
    /// No such camera.
    #[error("there is no camera {camera}; cameras are numbered 1 to {count}")]
    NoCamera {
        /// What was asked for.
        camera: u32,
        /// How many there are.
        count: u32,
    },
    /// No such site.
    #[error("there is no site {site}; sites are numbered 1 to {count}")]
    NoSite {
        /// What was asked for.
        site: u32,
        /// How many there are.
        count: u32,
    },
}

/// Sets and ends faults. Cheap to clone; all clones act on the same cameras.
#[derive(Clone)]
pub struct Faults(Arc<Board>);

struct Board {
    cameras: Arc<[Arc<Camera>]>,
    cameras_per_site: u32,
    clock: Clock,
    ends: Mutex<HashMap<u32, u64>>,
    next_end_us: AtomicU64,
}

impl Faults {
    pub(in crate::sim) fn new(
        cameras: Arc<[Arc<Camera>]>,
        cameras_per_site: u32,
        clock: Clock,
    ) -> Self {
        Self(Arc::new(Board {
            cameras,
            cameras_per_site: cameras_per_site.max(1),
            clock,
            ends: Mutex::default(),
            next_end_us: AtomicU64::new(u64::MAX),
        }))
    }

    /// Gives a camera a fault in place of any other; it ends by itself after `lasting`, if given.
    pub fn set(
        &self,
        camera: u32,
        fault: impl Into<Fault>,
        lasting: Option<Duration>,
    ) -> Result<(), FaultError> {
        let found = self.camera(camera)?;
        let now = self.0.clock.now_us();
        let mut ends = self.ends();
        ends.remove(&camera);
        if let Some(lasting) = lasting {
            ends.insert(camera, now.saturating_add(lasting.as_micros() as u64));
        }
        self.note_next(&ends);
        found.set_fault(Some(fault.into()), now);
        Ok(())
    }

    /// Ends a camera's fault, if it has one.
    pub fn clear(&self, camera: u32) -> Result<(), FaultError> {
        let found = self.camera(camera)?;
        let mut ends = self.ends();
        ends.remove(&camera);
        self.note_next(&ends);
        found.set_fault(None, self.0.clock.now_us());
        Ok(())
    }

    /// Gives all cameras of a site a fault.
    pub fn set_site(
        &self,
        site: u32,
        fault: impl Into<Fault>,
        lasting: Option<Duration>,
    ) -> Result<(), FaultError> {
        let fault = fault.into();
        self.site(site)?.try_for_each(|camera| self.set(camera, fault, lasting))
    }

    /// Ends the faults of a site.
    pub fn clear_site(&self, site: u32) -> Result<(), FaultError> {
        self.site(site)?.try_for_each(|camera| self.clear(camera))
    }

    /// The fault a camera has now.
    pub fn of(&self, camera: u32) -> Result<Option<FaultKind>, FaultError> {
        Ok(self.camera(camera)?.fault())
    }

    /// Ends what is due. One atomic read when nothing is.
    pub(in crate::sim) fn expire(&self, now_us: u64) {
        if now_us < self.0.next_end_us.load(Ordering::Relaxed) {
            return;
        }
        let mut ends = self.ends();
        ends.retain(|camera, end| {
            let keep = now_us < *end;
            if !keep && let Ok(camera) = self.camera(*camera) {
                camera.set_fault(None, now_us);
            }
            keep
        });
        self.note_next(&ends);
    }

    fn ends(&self) -> std::sync::MutexGuard<'_, HashMap<u32, u64>> {
        self.0.ends.lock().expect("no holder panics")
    }

    fn note_next(&self, ends: &HashMap<u32, u64>) {
        let next = ends.values().copied().min().unwrap_or(u64::MAX);
        self.0.next_end_us.store(next, Ordering::Relaxed);
    }

    fn camera(&self, camera: u32) -> Result<&Arc<Camera>, FaultError> {
        let count = self.0.cameras.len() as u32;
        (camera as usize)
            .checked_sub(1)
            .and_then(|index| self.0.cameras.get(index))
            .ok_or(FaultError::NoCamera { camera, count })
    }

    fn site(&self, site: u32) -> Result<impl Iterator<Item = u32> + use<>, FaultError> {
        let (cameras, size) = (self.0.cameras.len() as u32, self.0.cameras_per_site);
        let count = cameras.div_ceil(size);
        if site == 0 || site > count {
            return Err(FaultError::NoSite { site, count });
        }
        Ok((site - 1) * size + 1..=(site * size).min(cameras)).map(IntoIterator::into_iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(cameras: u32) -> Faults {
        let cameras = (1..=cameras).map(|n| Arc::new(Camera::new(n, None))).collect();
        Faults::new(cameras, 10, Clock::start())
    }

    #[test]
    fn a_site_is_its_own_ten_cameras_and_the_last_may_be_smaller() {
        let faults = faults(15);
        faults.set_site(2, FaultKind::Stall, None).expect("there are two sites");
        assert_eq!(faults.of(10), Ok(None));
        assert_eq!(faults.of(11), Ok(Some(FaultKind::Stall)));
        assert_eq!(faults.of(15), Ok(Some(FaultKind::Stall)));
        assert_eq!(
            faults.set_site(3, FaultKind::Stall, None),
            Err(FaultError::NoSite { site: 3, count: 2 })
        );
        assert_eq!(faults.of(0), Err(FaultError::NoCamera { camera: 0, count: 15 }));
    }

    #[test]
    fn a_fault_with_a_time_ends_by_itself_and_others_stay() {
        let faults = faults(2);
        let now = faults.0.clock.now_us();
        faults.set(1, FaultKind::Freeze, Some(Duration::from_secs(30))).expect("a camera");
        faults.set(2, FaultKind::Black, None).expect("a camera");
        faults.expire(now + 29_000_000);
        assert_eq!(faults.of(1), Ok(Some(FaultKind::Freeze)));
        faults.expire(now + 31_000_000);
        assert_eq!(faults.of(1), Ok(None));
        assert_eq!(faults.of(2), Ok(Some(FaultKind::Black)));
    }
}
