//! The keyframe gate: which of the keyframes that wait deserves decoding now.
//!
//! Per camera only the newest waits; an older one is superseded, never queued. Cameras that
//! somebody looks at go first, then the one that waited longest since its last picture: overdue
//! cameras are served before those that were just served, so none starves.

use std::{
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use super::{camera::Handle, media::AccessUnit};

/// The keyframes that wait, at most one per camera.
#[derive(Debug, Default)]
pub struct KeyframeGate {
    waiting: HashMap<Handle, AccessUnit>,
    /// Those that wait, longest without a picture first: `None`, never decoded, sorts before every
    /// time. When decoding is behind all cameras wait, and a search through them for each keyframe
    /// would take what is missing.
    order: BTreeSet<(Option<Instant>, Handle)>,
    decoded_at: HashMap<Handle, Instant>,
    superseded: u64,
}

impl KeyframeGate {
    /// A keyframe arrived; it replaces an older one of the same camera.
    pub fn offer(&mut self, unit: AccessUnit) {
        let camera = unit.source.camera;
        if self.waiting.insert(camera, unit).is_some() {
            self.superseded += 1;
        } else {
            self.order.insert(self.place(camera));
        }
    }

    /// The keyframe to decode now, if one waits.
    pub fn take(&mut self, now: Instant, visible: impl Fn(Handle) -> bool) -> Option<AccessUnit> {
        let seen = self.order.iter().find(|(_, camera)| visible(*camera));
        let place = *seen.or_else(|| self.order.first())?;
        self.order.remove(&place);
        self.decoded_at.insert(place.1, now);
        self.waiting.remove(&place.1)
    }

    fn place(&self, camera: Handle) -> (Option<Instant>, Handle) {
        (self.decoded_at.get(&camera).copied(), camera)
    }

    /// The camera is gone.
    pub fn forget(&mut self, camera: Handle) {
        self.order.remove(&self.place(camera));
        self.waiting.remove(&camera);
        self.decoded_at.remove(&camera);
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
        (1..=5).for_each(|at| gate.offer(unit(1, at)));
        let now = Instant::now();
        assert_eq!(gate.take(now, |_| true).map(|unit| unit.received_at), Some(UnixMicros(5)));
        assert_eq!(gate.take(now, |_| true), None);
        assert_eq!(gate.superseded(), 4);
    }

    #[test]
    fn visible_cameras_go_first_and_then_the_one_that_waited_longest() {
        let mut gate = KeyframeGate::default();
        let start = Instant::now();
        let second = Duration::from_secs(1);
        for (age, camera) in [(3, 3), (2, 1), (1, 2)] {
            gate.offer(unit(camera, 0));
            gate.take(start - age * second, |_| true);
        }
        (1..=4).for_each(|camera| gate.offer(unit(camera, 1)));
        let visible = |camera: Handle| camera.0 <= 2;
        let order: Vec<u32> = std::iter::from_fn(|| gate.take(start, visible))
            .map(|unit| unit.source.camera.0)
            .collect();
        assert_eq!(order, [1, 2, 4, 3], "4 was never decoded, 3 was");
    }
}
