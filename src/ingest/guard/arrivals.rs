//! Counts a stream's RTP packets as they come, before anything puts them in order: those that are
//! missing, those that come late, and how unevenly they come. Pure; a few additions per packet.

use std::time::{Duration, Instant};

/// How far back late packets are told from repeated ones, packets: twice what is waited for when
/// packets are put in order.
const SEEN: u32 = 64;

/// A leap ahead that no loss explains: the sender has begun anew (RFC 3550 appendix A.1 has 3000).
const LEAP: u16 = 3000;

/// Media time that moves by more than this between two pictures is a clock that was set.
const JUMP_S: f64 = 1.0;

/// The packets of one stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrivals {
    clock_rate: f64,
    /// The newest sequence number, and which of those before it have come: bit 0 is itself.
    newest: Option<(u16, u64)>,
    /// A picture's first packet: media time and when it came, of the newest in media time.
    picture: Option<(u32, Instant)>,
    counted: Counted,
}

/// What was counted since the session began.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::ingest) struct Counted {
    /// Packets that came, each once.
    pub(in crate::ingest) packets: u64,
    /// Packets that are missing. One that comes late after all is taken off again.
    pub(in crate::ingest) lost: u64,
    /// Packets that came after a later one.
    pub(in crate::ingest) reordered: u64,
    /// Interarrival jitter, seconds. The worker looks at its sockets every 8 ms at most
    /// (`gather`): up to half of that is its own.
    pub(in crate::ingest) jitter_s: f64,
}

impl Arrivals {
    /// Nothing has come yet. 90 kHz is what video has (RFC 3551 §5).
    pub(super) fn new() -> Self {
        Self { clock_rate: 90_000.0, newest: None, picture: None, counted: Counted::default() }
    }

    /// The rate of media time, Hz, as the session's description has it.
    pub(super) fn set_clock_rate(&mut self, rate: u32) {
        self.clock_rate = f64::from(rate.max(1));
    }

    pub(super) fn counted(&self) -> Counted {
        self.counted
    }

    /// A packet came, whose header has these.
    pub(super) fn packet(&mut self, now: Instant, sequence: u16, timestamp: u32) {
        let Some((newest, seen)) = self.newest else {
            self.newest = Some((sequence, 1));
            self.counted.packets += 1;
            return self.time(now, timestamp);
        };
        let ahead = sequence.wrapping_sub(newest);
        let behind = u32::from(newest.wrapping_sub(sequence));
        match ahead {
            1..LEAP => {
                self.counted.lost += u64::from(ahead - 1);
                let seen = seen.checked_shl(ahead.into()).unwrap_or(0) | 1;
                self.newest = Some((sequence, seen));
                self.time(now, timestamp);
            }
            _ if behind < SEEN => {
                let bit = 1 << behind;
                if seen & bit != 0 {
                    // It came before.
                    return;
                }
                self.newest = Some((newest, seen | bit));
                self.counted.reordered += 1;
                // One from before the first packet was never missed.
                self.counted.lost = self.counted.lost.saturating_sub(1);
            }
            _ => {
                // A sender that counts anew.
                (self.newest, self.picture) = (Some((sequence, 1)), None);
                self.time(now, timestamp);
            }
        }
        self.counted.packets += 1;
    }

    /// RFC 3550 §6.4.1, with two words on video. All packets of a picture have one time, so the
    /// first one counts: the others come as fast as the sender's pacing has it. And pictures are
    /// sent before others that they are shown after, so only those count that go ahead in time.
    fn time(&mut self, now: Instant, timestamp: u32) {
        let Some((newest, came)) = self.picture else {
            self.picture = Some((timestamp, now));
            return;
        };
        let passed = f64::from(timestamp.wrapping_sub(newest).cast_signed()) / self.clock_rate;
        if passed.abs() > JUMP_S {
            self.picture = Some((timestamp, now));
        } else if passed > 0.0 {
            self.picture = Some((timestamp, now));
            let transit = now.saturating_duration_since(came).as_secs_f64() - passed;
            self.counted.jitter_s += (transit.abs() - self.counted.jitter_s) / 16.0;
        }
    }
}

impl Counted {
    /// Interarrival jitter.
    pub(in crate::ingest) fn jitter(&self) -> Duration {
        Duration::try_from_secs_f64(self.jitter_s).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets of a stream of 25 pictures a second, one packet each.
    fn counted(sequences: impl IntoIterator<Item = u16>) -> Counted {
        let mut arrivals = Arrivals::new();
        for sequence in sequences {
            arrivals.packet(Instant::now(), sequence, u32::from(sequence) * 3600);
        }
        arrivals.counted()
    }

    fn check(sequences: impl IntoIterator<Item = u16>, packets: u64, lost: u64, reordered: u64) {
        let counted = counted(sequences);
        assert_eq!((counted.packets, counted.lost, counted.reordered), (packets, lost, reordered));
    }

    #[test]
    fn packets_that_are_missing_late_and_repeated_are_told_apart() {
        check(10..20, 10, 0, 0);
        check([10, 11, 14, 15], 4, 2, 0);
        check([10, 12, 11, 13], 4, 0, 1);
        check([10, 13, 11, 14], 4, 1, 1);
        check([10, 10, 11, 11, 10], 2, 0, 0);
        check([65_534, 65_535, 1, 0, 3], 5, 1, 1);
    }

    #[test]
    fn a_sender_that_counts_anew_has_lost_nothing() {
        check([10, 11, 40_000, 40_001], 4, 0, 0);
        check([40_000, 40_001, 10, 11, 13], 5, 1, 0);
    }

    /// Pictures at these times, milliseconds: media time, arrival.
    fn jitter_ms(pictures: impl IntoIterator<Item = (u32, u64)>) -> f64 {
        let (mut arrivals, start) = (Arrivals::new(), Instant::now());
        for (sequence, (media, came)) in (1..).zip(pictures) {
            let came = start + Duration::from_millis(came);
            arrivals.packet(came, 2 * sequence, media.wrapping_mul(90));
            // The rest of the picture, whenever it comes.
            arrivals.packet(came + Duration::from_millis(15), 2 * sequence + 1, media * 90);
        }
        arrivals.counted().jitter_s * 1e3
    }

    #[test]
    fn jitter_is_the_smoothed_difference_of_transit_times() {
        let even = jitter_ms((0..200).map(|n| (n * 40, u64::from(n) * 40 + 5)));
        assert!(even < 0.01, "{even}");
        // Ten milliseconds late every second time: each step differs by ten.
        let uneven =
            jitter_ms((0..200).map(|n| (n * 40, u64::from(n) * 40 + u64::from(n % 2) * 10)));
        assert!((uneven - 10.0).abs() < 0.1, "{uneven}");
        // One that is 160 ms late counts a sixteenth, and less again with each one after it.
        let once = jitter_ms((0..3).map(|n| (n * 40, u64::from(n) * 40 + u64::from(n / 2) * 160)));
        assert!((once - 10.0).abs() < 0.1, "{once}");
    }

    #[test]
    fn pictures_sent_out_of_order_and_clocks_that_are_set_are_no_jitter() {
        // Shown 0, 3, 1, 2, 6, 4, 5 …
        let order = (0..60).flat_map(|n| [3 * n + 3, 3 * n + 1, 3 * n + 2]);
        let pictures = order.zip(0_u64..).map(|(shown, sent)| (shown * 40, sent * 40));
        let reordered = jitter_ms(pictures);
        assert!(reordered < 0.1, "{reordered}");
        let set = jitter_ms(
            (0..100)
                .map(|n: u32| (n * 40 + n / 50 * 7_200_000, n.into()))
                .map(|(media, n): (u32, u64)| (media, n * 40)),
        );
        assert!(set < 0.01, "{set}");
    }

    #[test]
    fn another_clock_rate_is_another_length_of_the_same_time() {
        let mut arrivals = Arrivals::new();
        arrivals.set_clock_rate(1000);
        let start = Instant::now();
        for n in 0..100_u32 {
            arrivals.packet(start + Duration::from_millis(40) * n, n as u16, n * 40);
        }
        assert!(arrivals.counted().jitter_s < 1e-6);
    }
}
