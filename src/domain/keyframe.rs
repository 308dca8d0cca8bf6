//! The keyframe gate: which of the keyframes that wait deserves decoding now.
//!
//! Per camera only the newest waits; an older one is superseded, never queued. Cameras that
//! somebody looks at go first, then the one whose picture is the oldest, counted from when that
//! picture arrived. A camera that is less important gives way: its picture counts as younger than it
//! is, by [`GIVES_WAY`] for each class. So when decoding is behind, tiles of one class grow equally
//! old, the least important ones first, and none starves.

use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};

use super::{
    camera::{Handle, Importance},
    media::AccessUnit,
};

/// How much older the picture of a camera becomes than that of one of the next class before it is its
/// turn. Usual cameras send a keyframe every 1 to 4 s: less would be lost between two of them.
pub const GIVES_WAY: Duration = Duration::from_secs(4);

/// What is to be decoded now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The keyframe.
    pub unit: AccessUnit,
    /// Keyframes before it were given up: the camera comes at a reduced rate.
    pub thinned: bool,
}

/// The keyframes that wait, at most one per camera.
#[derive(Debug, Default)]
pub struct KeyframeGate {
    waiting: HashMap<Handle, (Instant, Taken)>,
    /// Those that wait, oldest picture first: `None`, never decoded, sorts before every time. When
    /// decoding is behind all cameras wait, and a search through them for each keyframe would take
    /// what is missing.
    order: BTreeSet<(Option<Instant>, Handle)>,
    /// When the newest keyframe that was decoded had arrived.
    arrived: HashMap<Handle, Instant>,
    /// Of those that are not of the usual class.
    importance: HashMap<Handle, Importance>,
    superseded: u64,
}

impl KeyframeGate {
    /// A keyframe arrived at `now`; it replaces an older one of the same camera.
    pub fn offer(&mut self, now: Instant, unit: AccessUnit) {
        let camera = unit.source.camera;
        let thinned = self.waiting.contains_key(&camera);
        self.waiting.insert(camera, (now, Taken { unit, thinned }));
        if thinned {
            self.superseded += 1;
        } else {
            self.order.insert(self.place(camera));
        }
    }

    /// The camera's class is this one from now on.
    pub fn rank(&mut self, camera: Handle, importance: Importance) {
        let waits = self.order.remove(&self.place(camera));
        if importance == Importance::default() {
            self.importance.remove(&camera);
        } else {
            self.importance.insert(camera, importance);
        }
        if waits {
            self.order.insert(self.place(camera));
        }
    }

    /// The keyframe to decode now, if one waits.
    pub fn take(&mut self, visible: impl Fn(Handle) -> bool) -> Option<Taken> {
        let seen = self.order.iter().find(|(_, camera)| visible(*camera));
        let place = *seen.or_else(|| self.order.first())?;
        self.order.remove(&place);
        let (arrived, taken) = self.waiting.remove(&place.1)?;
        self.arrived.insert(place.1, arrived);
        Some(taken)
    }

    fn place(&self, camera: Handle) -> (Option<Instant>, Handle) {
        let classes = match self.importance.get(&camera).copied().unwrap_or_default() {
            Importance::High => 0,
            Importance::Normal => 1,
            Importance::Low => 2,
        };
        (self.arrived.get(&camera).map(|arrived| *arrived + classes * GIVES_WAY), camera)
    }

    /// The camera is gone.
    pub fn forget(&mut self, camera: Handle) {
        self.order.remove(&self.place(camera));
        self.waiting.remove(&camera);
        self.arrived.remove(&camera);
        self.importance.remove(&camera);
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
    use proptest::prelude::*;

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
        let taken = gate.take(|_| true).map(|taken| (taken.unit.received_at, taken.thinned));
        assert_eq!(taken, Some((UnixMicros(5), true)));
        assert_eq!(gate.take(|_| true), None);
        gate.offer(now, unit(1, 6));
        assert_eq!(gate.take(|_| true).map(|taken| taken.thinned), Some(false));
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
        let order: Vec<u32> = std::iter::from_fn(|| gate.take(visible))
            .map(|taken| taken.unit.source.camera.0)
            .collect();
        assert_eq!(order, [1, 2, 4, 3], "4 was never decoded, 3 was");
    }

    /// Cameras of every class with a keyframe every two seconds, of which so many are decoded in a
    /// second: by class how many were, and the longest that a camera waited between two.
    fn overload(per_class: u32, decoded_a_second: u32) -> ([u32; 3], Duration) {
        const CLASSES: [Importance; 3] = [Importance::Low, Importance::Normal, Importance::High];
        const PERIOD: u64 = 2000;
        let start = Instant::now();
        let cameras = 3 * per_class;
        let class = |camera: u32| camera as usize % 3;
        let mut gate = KeyframeGate::default();
        for camera in 0..cameras {
            gate.rank(Handle(camera), CLASSES[class(camera)]);
        }
        let (mut decoded, mut longest) = ([0; 3], Duration::ZERO);
        let mut last = vec![start; cameras as usize];
        let second = 1000 / u64::from(decoded_a_second);
        for at in 0..120_000 {
            let now = start + Duration::from_millis(at);
            let phase = |camera: u32| u64::from(camera) * 997 % PERIOD;
            for camera in (0..cameras).filter(|camera| at % PERIOD == phase(*camera)) {
                gate.offer(now, unit(camera, at));
            }
            if at % second == 0
                && let Some(taken) = gate.take(|_| true)
            {
                let camera = taken.unit.source.camera.0;
                decoded[class(camera)] += 1;
                longest = longest.max(now - last[camera as usize]);
                last[camera as usize] = now;
            }
        }
        (decoded, longest)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn the_least_important_cameras_give_way_first_and_none_starves(
            per_class in 1_u32..12,
            decoded_a_second in 1_u32..20,
        ) {
            let ([low, normal, high], longest) = overload(per_class, decoded_a_second);
            // A second's worth of decodes is what the phases of the cameras may make of it.
            let spare = decoded_a_second + per_class;
            prop_assert!(low <= normal + spare && normal <= high + spare, "{low} {normal} {high}");
            let round = Duration::from_secs((3 * per_class).div_ceil(decoded_a_second).into());
            let bound = 2 * round + 2 * GIVES_WAY + Duration::from_secs(4);
            prop_assert!(longest <= bound, "{longest:?} of {bound:?}");
        }
    }

    #[test]
    fn what_is_decoded_of_important_cameras_stays_whole_while_there_is_enough_for_them() {
        // 3 classes of 4 cameras send 2 keyframes a second each; 5 of these 6 are decoded.
        let ([low, normal, high], _) = overload(4, 5);
        assert!(high > 230 && normal > 230, "of 240 each: {high} {normal}");
        assert!((40..160).contains(&low), "of 240: {low}");
    }
}
