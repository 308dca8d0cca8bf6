//! The access units since the newest keyframe, kept while only keyframes are wanted: whoever then
//! wants all of them need not wait for the next keyframe, which may be half a minute away.

use crate::domain::media::AccessUnit;

/// What one stream may keep: 30 s of an ordinary small stream. A longer run is given up, and its
/// stream is whole again from its next keyframe on.
const BYTES_MAX: usize = 2 * 1024 * 1024;

/// The run of access units from a keyframe on, without a hole.
#[derive(Debug, Default)]
pub(super) struct Run {
    units: Vec<AccessUnit>,
    bytes: usize,
}

impl Run {
    /// Takes the next access unit.
    pub(super) fn push(&mut self, unit: &AccessUnit) {
        let begins = unit.random_access;
        if begins || unit.discontinuity || self.bytes + unit.data.len() > BYTES_MAX {
            self.forget();
        }
        if begins || !self.units.is_empty() {
            self.bytes += unit.data.len();
            self.units.push(unit.clone());
        }
    }

    /// Gives the run out; it is empty if there was a hole since the keyframe.
    pub(super) fn take(&mut self) -> Vec<AccessUnit> {
        self.bytes = 0;
        std::mem::take(&mut self.units)
    }

    /// There is a hole: what comes next does not belong to the run.
    pub(super) fn forget(&mut self) {
        self.units.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::domain::{
        camera::Handle,
        media::{Codec, StreamKind, StreamRef},
        time::UnixMicros,
    };

    fn unit(n: u32, random_access: bool, discontinuity: bool, bytes: usize) -> AccessUnit {
        AccessUnit {
            source: StreamRef { camera: Handle(1), stream: StreamKind::Sub },
            codec: Codec::H264,
            random_access,
            discontinuity,
            received_at: UnixMicros(0),
            media_time: n,
            data: Bytes::from(vec![0; bytes]),
        }
    }

    fn kept(units: impl IntoIterator<Item = AccessUnit>) -> Vec<u32> {
        let mut run = Run::default();
        units.into_iter().for_each(|unit| run.push(&unit));
        run.take().into_iter().map(|unit| unit.media_time).collect()
    }

    #[test]
    fn a_run_goes_from_the_newest_keyframe_to_the_newest_unit() {
        let units = [(0, false), (1, true), (2, false), (3, true), (4, false), (5, false)];
        assert_eq!(kept(units.map(|(n, key)| unit(n, key, false, 10))), [3, 4, 5]);
    }

    #[test]
    fn a_run_with_a_hole_or_too_long_is_none() {
        assert!(
            kept([unit(1, true, true, 10), unit(2, false, true, 10), unit(3, false, false, 10)])
                .is_empty()
        );
        let long = (1..9).map(|n| unit(n, n == 1, false, BYTES_MAX / 4));
        assert!(kept(long).is_empty());
    }
}
