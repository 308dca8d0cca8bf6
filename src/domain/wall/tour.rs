//! Cameras in turn: which one it is follows from the time alone, so that it is the same on every
//! screen, after a restart, and in the history.

use crate::domain::{camera::CameraId, time::UnixMicros};

/// The camera of a tour at a moment; those that may not be shown are passed over.
pub(super) fn current(
    cameras: &[CameraId],
    dwell_s: u32,
    from: UnixMicros,
    now: UnixMicros,
    may_show: impl Fn(&CameraId) -> bool,
) -> Option<&CameraId> {
    let shown: Vec<&CameraId> = cameras.iter().filter(|camera| may_show(camera)).collect();
    let steps = now.since(from).as_secs() / u64::from(dwell_s.max(1));
    let count = u64::try_from(shown.len()).ok().filter(|count| *count > 0)?;
    usize::try_from(steps % count).ok().map(|step| shown[step])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tour_goes_round_and_passes_over_what_may_not_be_shown() {
        let cameras: Vec<CameraId> = ["a", "b", "c"].map(|id| id.try_into().expect("an id")).into();
        let at = |seconds: u64, hidden: &str| {
            let now = UnixMicros(1_000_000 * (100 + seconds));
            let may_show = |camera: &CameraId| camera.as_str() != hidden;
            current(&cameras, 10, UnixMicros(100_000_000), now, may_show).map(|id| id.as_str())
        };
        let round: Vec<_> = [0, 9, 10, 29, 30].map(|s| at(s, "")).into();
        assert_eq!(round, [Some("a"), Some("a"), Some("b"), Some("c"), Some("a")]);
        assert_eq!([at(0, "a"), at(10, "a"), at(20, "a")], [Some("b"), Some("c"), Some("b")]);
        assert_eq!(current(&[], 10, UnixMicros(0), UnixMicros(9), |_| true), None);
    }
}
