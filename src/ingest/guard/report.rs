//! Reads the camera's clock from its RTCP sender reports. Bytes that are no report are nobody's
//! fault here: they are left out.

use std::time::{Duration, Instant};

use crate::domain::{
    clock::{ClockEstimator, ClockReading},
    time::UnixMicros,
};

/// RTCP packet type of a sender report (RFC 3550 §6.4.1).
const SENDER_REPORT: u8 = 200;

/// The reports of one session.
#[derive(Debug)]
pub(super) struct Reports {
    round_trip: Duration,
    /// Whose they are (SSRC).
    source: Option<u32>,
    clock: ClockEstimator,
}

impl Reports {
    pub(super) fn new(round_trip: Duration) -> Self {
        Self { round_trip, source: None, clock: ClockEstimator::new(round_trip) }
    }

    /// An RTCP packet came; `video` is the source of the stream, once a packet of it has come.
    /// Reports of one source count: the video's, or else the first one's, since some cameras give
    /// their reports a source of their own.
    pub(super) fn packet(
        &mut self,
        now: Instant,
        unix: UnixMicros,
        packet: &[u8],
        video: Option<u32>,
    ) {
        let Some((source, ntp)) = sender_report(packet) else { return };
        match self.source {
            Some(known) if known == source => {}
            Some(_) if video != Some(source) => return,
            _ => {
                self.source = Some(source);
                self.clock = ClockEstimator::new(self.round_trip);
            }
        }
        self.clock.apply(now, unix, ntp);
    }

    pub(super) fn reading(&self, now: Instant, unix: UnixMicros) -> Option<ClockReading> {
        self.clock.reading(now, unix)
    }
}

/// Source and NTP time of the sender report that a compound packet has.
fn sender_report(mut packet: &[u8]) -> Option<(u32, u64)> {
    /// First words: flags, type, length; source; NTP time, upper and lower half.
    const READ: usize = 16;
    loop {
        let [flags, kind, high, low, ..] = *packet else { return None };
        if flags >> 6 != 2 {
            return None;
        }
        let length = 4 * (usize::from(u16::from_be_bytes([high, low])) + 1);
        if let Some(head) = packet.first_chunk::<READ>()
            && kind == SENDER_REPORT
            && length >= READ
        {
            let source = u32::from_be_bytes([head[4], head[5], head[6], head[7]]);
            let [.., a, b, c, d, e, f, g, h] = *head;
            return Some((source, u64::from_be_bytes([a, b, c, d, e, f, g, h])));
        }
        packet = packet.get(length..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-09-21, seconds since 1970.
    const UNIX_S: u64 = 1_790_000_000;

    fn report(source: u32, ahead_s: u64) -> Vec<u8> {
        let ntp = (UNIX_S + ahead_s + 2_208_988_800) << 32;
        let mut packet = vec![0x80, SENDER_REPORT, 0, 6];
        packet.extend_from_slice(&source.to_be_bytes());
        packet.extend_from_slice(&ntp.to_be_bytes());
        packet.extend_from_slice(&[0; 12]);
        packet
    }

    fn offset(video: Option<u32>, packets: &[Vec<u8>]) -> Option<f64> {
        let now = Instant::now();
        let unix = UnixMicros(UNIX_S * 1_000_000);
        let mut reports = Reports::new(Duration::ZERO);
        for packet in packets {
            reports.packet(now, unix, packet, video);
        }
        reports.reading(now, unix).map(|reading| reading.offset_s.round())
    }

    #[test]
    fn a_report_is_found_wherever_it_stands_in_its_packet() {
        assert_eq!(offset(None, &[report(1, 5)]), Some(5.0));
        let receiver = [0x80, 201, 0, 1, 0, 0, 0, 1];
        assert_eq!(offset(None, &[[&receiver[..], &report(1, 5)].concat()]), Some(5.0));
    }

    #[test]
    fn what_is_no_report_is_left_out_whole_or_cut() {
        let whole = report(1, 5);
        for length in 0..16 {
            assert_eq!(offset(None, &[whole[..length].to_vec()]), None, "{length} bytes");
        }
        let foreign = [&[0x40][..], &whole[1..]].concat();
        let short = [&[0x80, 200, 0, 1][..], &whole[4..]].concat();
        let beyond = [0x80, 201, 0xff, 0xff, 0, 0, 0, 1].to_vec();
        assert_eq!(offset(None, &[foreign, short, beyond, vec![0xff; 40]]), None);
    }

    #[test]
    fn reports_of_the_videos_source_go_before_those_of_another() {
        assert_eq!(offset(Some(1), &[report(2, 9)]), Some(9.0), "better than none");
        assert_eq!(offset(Some(1), &[report(2, 900), report(1, 5), report(2, 900)]), Some(5.0));
        assert_eq!(offset(None, &[report(2, 9), report(1, 500), report(2, 9)]), Some(9.0));
    }
}
