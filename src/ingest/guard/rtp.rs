//! What the guard reads of each RTP packet: the 12 bytes of its fixed header. Enough to bound an
//! access unit and to keep another stream's packets out; the payload is never looked at.

use std::time::Instant;

use super::arrivals::Arrivals;

/// Bytes of the fixed RTP header (RFC 3550 §5.1).
pub(super) const HEADER: usize = 12;

/// This many packets in a row of one other source, and the camera has changed its source. Fewer
/// are left-overs of an earlier session (live555 before 2017.06.04, Reolink).
const NEW_SOURCE_PACKETS: u8 = 8;

/// Payload type that Geovision and Uniarch cameras put on packets that repeat a sequence number.
const REPEATED: u8 = 50;

/// The video packets of a session.
#[derive(Debug)]
pub(super) struct Video {
    unit_bytes_max: usize,
    source: Option<u32>,
    other: Option<(u32, u8)>,
    timestamp: u32,
    /// Payload of the access unit that is arriving.
    unit_bytes: usize,
    /// Payload since the depacketiser last gave a frame out. Bounds what it can hold, whatever
    /// marks and timestamps say: it carries on across both after a parameter set or SEI.
    held_bytes: usize,
    pub(super) arrivals: Arrivals,
    pub(super) first_at: Option<Instant>,
    pub(super) last_at: Option<Instant>,
}

/// What to do with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Pass,
    /// Not a packet of this stream: leave it out.
    Drop,
    /// The access unit is over its limit.
    UnitTooLarge,
    /// Far more came than one access unit, and no frame.
    NoFrames,
    /// The camera changed the stream's source (SSRC).
    NewSource,
}

impl Video {
    pub(super) fn new(unit_bytes_max: usize) -> Self {
        Self {
            unit_bytes_max,
            source: None,
            other: None,
            timestamp: 0,
            unit_bytes: 0,
            held_bytes: 0,
            arrivals: Arrivals::new(),
            first_at: None,
            last_at: None,
        }
    }

    /// Judges a packet of `length` bytes by its first bytes (all of [`HEADER`], if it has them).
    pub(super) fn packet(&mut self, now: Instant, header: &[u8], length: usize) -> Verdict {
        let Some(header) = header.first_chunk::<HEADER>() else { return Verdict::Drop };
        if header[0] >> 6 != 2 || header[1] & 0x7f == REPEATED {
            return Verdict::Drop;
        }
        let source = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
        if *self.source.get_or_insert(source) != source {
            let seen =
                self.other.filter(|(other, _)| *other == source).map_or(1, |(_, seen)| seen + 1);
            self.other = Some((source, seen));
            return if seen >= NEW_SOURCE_PACKETS { Verdict::NewSource } else { Verdict::Drop };
        }
        self.other = None;
        self.first_at.get_or_insert(now);
        self.last_at = Some(now);
        let timestamp = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
        self.arrivals.packet(now, u16::from_be_bytes([header[2], header[3]]), timestamp);
        if timestamp != self.timestamp {
            self.timestamp = timestamp;
            self.unit_bytes = 0;
        }
        let payload = length - HEADER;
        self.unit_bytes += payload;
        self.held_bytes += payload;
        if self.unit_bytes > self.unit_bytes_max {
            return Verdict::UnitTooLarge;
        }
        if self.held_bytes > 2 * self.unit_bytes_max {
            return Verdict::NoFrames;
        }
        if header[1] & 0x80 != 0 {
            self.unit_bytes = 0;
        }
        Verdict::Pass
    }

    /// The stream's source (SSRC), once a packet has told it.
    pub(super) fn source(&self) -> Option<u32> {
        self.source
    }

    /// The depacketiser gave a frame out: it holds no more than the access unit now arriving.
    pub(super) fn frame_came(&mut self) {
        self.held_bytes = self.unit_bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(mark: bool, payload_type: u8, timestamp: u32, source: u32) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        header[0] = 0x80;
        header[1] = u8::from(mark) << 7 | payload_type;
        header[4..8].copy_from_slice(&timestamp.to_be_bytes());
        header[8..12].copy_from_slice(&source.to_be_bytes());
        header
    }

    fn feed(video: &mut Video, packets: impl IntoIterator<Item = [u8; HEADER]>) -> Verdict {
        let now = Instant::now();
        let mut verdicts = packets.into_iter().map(|h| video.packet(now, &h, HEADER + 1000));
        verdicts.find(|v| !matches!(v, Verdict::Pass | Verdict::Drop)).unwrap_or(Verdict::Pass)
    }

    #[test]
    fn an_access_unit_over_its_limit_is_told_and_small_ones_pass_for_ever() {
        let mut video = Video::new(10_000);
        assert_eq!(
            feed(&mut video, (0..11).map(|_| header(false, 96, 7, 1))),
            Verdict::UnitTooLarge
        );
        let mut video = Video::new(10_000);
        for timestamp in 0..1000 {
            assert_eq!(
                feed(&mut video, (0..9).map(|n| header(n == 8, 96, timestamp, 1))),
                Verdict::Pass
            );
            video.frame_came();
        }
    }

    #[test]
    fn marks_and_new_timestamps_do_not_hide_what_never_becomes_a_frame() {
        for marks in [true, false] {
            let mut video = Video::new(10_000);
            assert_eq!(
                feed(&mut video, (0..21).map(|n| header(marks, 96, n, 1))),
                Verdict::NoFrames
            );
        }
    }

    #[test]
    fn strangers_and_repeats_are_left_out_and_a_new_source_is_told() {
        let mut video = Video::new(10_000);
        let now = Instant::now();
        assert_eq!(video.packet(now, &header(false, 96, 1, 1), 100), Verdict::Pass);
        assert_eq!(video.packet(now, &header(false, 96, 1, 2), 100), Verdict::Drop);
        assert_eq!(video.packet(now, &header(false, REPEATED, 9, 1), 100), Verdict::Drop);
        assert_eq!(video.packet(now, &[0x80; 5], 5), Verdict::Drop);
        assert_eq!(feed(&mut video, (0..7).map(|_| header(false, 96, 1, 2))), Verdict::NewSource);
    }
}
