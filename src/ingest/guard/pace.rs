//! Which video packets may wait for company on their way to the RTSP library, while nobody wants
//! more of a stream than its keyframes: those of pictures that are predicted from others. Reads the
//! first bytes of a payload, guesses nothing: what is not plainly such a picture does not wait.

use super::rtp;
use crate::domain::media::Codec;

/// Payload bytes that tell: an H.265 fragment has the type of its NAL unit in the third.
pub(super) const PEEK: usize = 3;

/// Access units that do not wait from the first packet of a keyframe on: itself, and the one after,
/// because a camera that sets marks early or late shows the library the keyframe's end only then.
const UNITS: u8 = 2;

/// Follows the packets of a session.
#[derive(Debug)]
pub(super) struct Pace {
    /// Packets may wait, and this is what they carry.
    patient: Option<Codec>,
    /// Access units to come that may not wait, the one that is arriving included.
    units: u8,
    /// The newest packet ended its access unit.
    ended: bool,
    /// Something passed that may not wait.
    urgent: bool,
    /// Access units that ended among those that wait.
    waiting: u64,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { patient: None, units: UNITS, ended: false, urgent: true, waiting: 0 }
    }

    /// Lets packets wait from now on, or no longer.
    pub(super) fn patient(&mut self, patient: Option<Codec>) {
        // One JPEG is as good as another: all of them are keyframes.
        self.patient = patient.filter(|codec| *codec != Codec::Mjpeg);
        self.units = UNITS;
    }

    /// What passes now may not wait: it is no video.
    pub(super) fn urge(&mut self) {
        self.urgent = true;
    }

    /// An RTP packet begins with these bytes.
    pub(super) fn packet(&mut self, head: &[u8]) {
        if std::mem::take(&mut self.ended) {
            self.units = self.units.saturating_sub(1);
        }
        if !self.patient.is_some_and(|codec| predicted(codec, head)) {
            self.units = UNITS;
        }
        self.ended = head.get(1).is_some_and(|byte| byte & 0x80 != 0);
        self.urgent |= self.units > 0;
        self.waiting += u64::from(self.ended);
    }

    /// Whether all that has passed since the last call may wait.
    pub(super) fn may_wait(&mut self) -> bool {
        // The rest of an urgent packet is as urgent as its beginning.
        !std::mem::replace(&mut self.urgent, self.units > 0)
    }

    /// All that waited was handed on.
    pub(super) fn handed_on(&mut self) {
        self.waiting = 0;
    }

    /// Access units that wait.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting
    }
}

/// Whether a packet plainly carries (a part of) a picture that cannot be decoded by itself, or what
/// belongs to any picture: delimiters and supplemental information.
fn predicted(codec: Codec, head: &[u8]) -> bool {
    // With contributing sources or an extension the payload begins elsewhere.
    if head.first().is_none_or(|byte| byte & 0x1f != 0) {
        return false;
    }
    let Some(payload) = head.get(rtp::HEADER..) else { return false };
    match (codec, payload) {
        // RFC 6184: single NAL units, and fragments (FU-A, FU-B).
        (Codec::H264, [first, second, ..]) => match first & 0x1f {
            1 | 6 | 9 => true,
            28 | 29 => second & 0x1f == 1,
            _ => false,
        },
        // RFC 7798: the same, and fragments have a header of two bytes before their own.
        (Codec::H265, [first, _, third, ..]) => match first >> 1 & 0x3f {
            0..=9 | 35 | 39 | 40 => true,
            49 => third & 0x3f <= 9,
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(mark: bool, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0; rtp::HEADER];
        packet[0] = 0x80;
        packet[1] = u8::from(mark) << 7 | 96;
        packet.extend_from_slice(payload);
        packet
    }

    const SLICE: [u8; 3] = [0x41, 0x9a, 0];
    const IDR_PART: [u8; 3] = [0x7c, 0x05, 0];
    const SETS: [u8; 3] = [0x78, 0, 9];

    fn calm() -> Pace {
        let mut pace = Pace::new();
        pace.patient(Some(Codec::H264));
        for _ in 0..3 {
            pace.packet(&packet(true, &SLICE));
        }
        pace.may_wait();
        pace.packet(&packet(true, &SLICE));
        assert!(pace.may_wait());
        pace
    }

    #[test]
    fn a_keyframe_and_the_picture_after_it_do_not_wait_and_the_rest_does() {
        for begin in [IDR_PART, SETS, [0x65, 0x88, 0]] {
            let mut pace = calm();
            pace.packet(&packet(false, &begin));
            assert!(!pace.may_wait());
            pace.packet(&packet(true, &IDR_PART));
            assert!(!pace.may_wait());
            assert!(!pace.may_wait(), "the rest of the keyframe's last packet");
            pace.packet(&packet(true, &SLICE));
            assert!(!pace.may_wait());
            pace.packet(&packet(true, &SLICE));
            pace.may_wait();
            pace.packet(&packet(true, &SLICE));
            assert!(pace.may_wait());
        }
    }

    #[test]
    fn nothing_waits_unless_it_is_plainly_a_predicted_picture() {
        for (codec, payload) in [
            (Codec::H264, &[0x67, 1, 2][..]),
            (Codec::H264, &[0x41][..]),
            (Codec::H265, &[0x26, 1, 0][..]),
            (Codec::H265, &[0x62, 1, 0x93][..]),
            (Codec::H265, &[0x60, 1, 0][..]),
            (Codec::Mjpeg, &[0x41, 0x9a, 0][..]),
        ] {
            assert!(!predicted(codec, &packet(true, payload)), "{codec:?} {payload:?}");
        }
        let mut extended = packet(true, &SLICE);
        extended[0] |= 0x10;
        assert!(!predicted(Codec::H264, &extended));
        for (codec, payload) in [
            (Codec::H264, [0x41, 0x9a, 0]),
            (Codec::H264, [0x7c, 0x81, 0]),
            (Codec::H265, [0x02, 1, 0]),
            (Codec::H265, [0x62, 1, 0x81]),
        ] {
            assert!(predicted(codec, &packet(true, &payload)), "{codec:?} {payload:?}");
        }
    }

    #[test]
    fn a_camera_that_sets_no_marks_is_never_kept_waiting() {
        let mut pace = Pace::new();
        pace.patient(Some(Codec::H264));
        for _ in 0..100 {
            pace.packet(&packet(false, &SLICE));
            assert!(!pace.may_wait());
        }
    }

    #[test]
    fn pictures_that_wait_are_counted_until_they_are_handed_on() {
        let mut pace = calm();
        pace.handed_on();
        pace.packet(&packet(false, &SLICE));
        pace.packet(&packet(true, &SLICE));
        assert_eq!(pace.waiting(), 1);
        pace.handed_on();
        assert_eq!(pace.waiting(), 0);
    }
}
