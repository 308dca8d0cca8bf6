//! The keyframe gate: which of the keyframes that wait deserves decoding now.
//!
//! Per camera only the newest waits; an older one is superseded, never queued. Cameras that
//! somebody looks at go first, then the one whose picture is the oldest, counted from when that
//! picture arrived: so none starves, and when decoding is behind all tiles grow equally old.

use std::{
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use super::{camera::Handle, media::AccessUnit};

/// The keyframes that wait, at most one per camera.
#[derive(Debug, Default)]
pub struct KeyframeGate {
    waiting: HashMap<Handle, (Instant, AccessUnit)>,
    /// Those that wait, oldest picture first: `None`, never decoded, sorts before every time. When decoding is behind all cameras wait, and a search through them for each keyframe
    /// would take what is missing.
    order: BTreeSet<(Option<Instant>, Handle)>,
    /// When the newest keyframe that was decoded had arrived.
    arrived: HashMap<Handle, Instant>,
    superseded: u64,
}

impl KeyframeGate {
    /// A keyframe arrived at `now`; it replaces an older one of the same camera.
    pub fn offer(&mut self, now: Instant, unit: AccessUnit) {
        let camera = unit.source.camera;
        if self.waiting.insert(camera, (now, unit)).is_some() {
            self.superseded += 1;
        } else {
            self.order.insert(self.place(camera));
        }
    }

    /// The keyframe to decode now, if one waits.
    pub fn take(&mut self, visible: impl Fn(Handle) -> bool) -> Option<AccessUnit> {
        let seen = self.order.iter().find(|(_, camera)| visible(*camera));
        let place = *seen.or_else(|| self.order.first())?;
        self.order.remove(&place);
        let (arrived, unit) = self.waiting.remove(&place.1)?;
        self.arrived.insert(place.1, arrived);
        Some(unit)
    }

    fn place(&self, camera: Handle) -> (Option<Instant>, Handle) {
        (self.arrived.get(&camera).copied(), camera)
    }

    /// The camera is gone.
    pub fn forget(&mut self, camera: Handle) {
        self.order.remove(&self.place(camera));
        self.waiting.remove(&camera);
        self.arrived.remove(&camera);
    }

    /// Keyframes given up for a newer one of the same camera.
    pub fn superseded(&self) -> u64 {
        self.superseded
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;
    use crate::domain::{
        media::{Codec, StreamKind, StreamRef},
        time::UnixMicros,
    };

    fn unit(camera: u32, received_at: u64) -> AccessUnit {
        AccessUnit {
            source: StreamRef { camera: Handle(camera), stream: StreamKind::Sub },
            codec: Codec::H264,
            random_access: true,
            discontinuity: false,
            received_at: UnixMicros(received_at),
            media_time: 0,
            data: Bytes::new(),
        }
    }

    #[test]
    fn only_the_newest_keyframe_of_a_camera_waits() {
        let mut gate = KeyframeGate::default();
        let now = Instant::now();
        (1..=5).for_each(|at| gate.offer(now, unit(1, at)));
        assert_eq!(gate.take(|_| true).map(|unit| unit.received_at), Some(UnixMicros(5)));
        assert_eq!(gate.take(|_| true), None);
        assert_eq!(gate.superseded(), 4);
    }

    #[test]
    fn visible_cameras_go_first_and_then_the_one_with_the_oldest_picture() {
        let mut gate = KeyframeGate::default();
        let start = Instant::now();
        let second = Duration::from_secs(1);
        for (age, camera) in [(3, 3), (2, 1), (1, 2)] {
            gate.offer(start - age * second, unit(camera, 0));
            gate.take(|_| true);
        }
        (1..=4).for_each(|camera| gate.offer(start, unit(camera, 1)));
        let visible = |camera: Handle| camera.0 <= 2;
        let order: Vec<u32> =
            std::iter::from_fn(|| gate.take(visible)).map(|unit| unit.source.camera.0).collect();
        assert_eq!(order, [1, 2, 4, 3], "4 was never decoded, 3 was");
    }
}
