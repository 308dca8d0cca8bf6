//! Puts RTP datagrams back in order. The RTSP library reads them as a stream that must not run
//! backwards; a network does not promise that.

use std::collections::VecDeque;

/// How many packets may wait for a missing one. At 30 packets per frame and 25 frames per second
/// this is about 40 ms: longer than reordering in a LAN, shorter than anybody sees.
const WAITING_MAX: usize = 32;

/// RTP packets of one stream on their way into order.
#[derive(Debug, Default)]
pub(super) struct Reorder {
    next: Option<u16>,
    /// By distance from `next`, ascending; none is `next` itself.
    waiting: VecDeque<(u16, Vec<u8>)>,
}

impl Reorder {
    /// Takes a packet and hands out those that are now in order. Late ones and doubles vanish.
    pub(super) fn push(&mut self, packet: &[u8], mut hand_out: impl FnMut(&[u8])) {
        let Some(&[_, _, high, low]) = packet.first_chunk() else { return };
        let sequence = u16::from_be_bytes([high, low]);
        let next = *self.next.get_or_insert(sequence);
        let ahead = sequence.wrapping_sub(next);
        if ahead >= 0x8000 {
            return;
        }
        if ahead == 0 {
            hand_out(packet);
            self.next = Some(sequence.wrapping_add(1));
        } else {
            let at = self.waiting.partition_point(|(s, _)| s.wrapping_sub(next) < ahead);
            if self.waiting.get(at).is_some_and(|(s, _)| *s == sequence) {
                return;
            }
            self.waiting.insert(at, (sequence, packet.to_vec()));
            if self.waiting.len() > WAITING_MAX {
                // The missing one is lost: go on with what is there.
                self.next = self.waiting.front().map(|(s, _)| *s);
            }
        }
        while let Some((sequence, packet)) =
            self.waiting.pop_front_if(|(s, _)| Some(*s) == self.next)
        {
            hand_out(&packet);
            self.next = Some(sequence.wrapping_add(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arriving: impl IntoIterator<Item = u16>, expected: impl IntoIterator<Item = u16>) {
        let mut reorder = Reorder::default();
        let mut out = Vec::new();
        for sequence in arriving {
            let [high, low] = sequence.to_be_bytes();
            reorder.push(&[0x80, 96, high, low], |p| out.push(u16::from_be_bytes([p[2], p[3]])));
        }
        assert_eq!(out, expected.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn swapped_packets_come_out_in_order_and_doubles_and_late_ones_vanish() {
        check([1, 3, 2, 4], [1, 2, 3, 4]);
        check([65535, 1, 0, 2], [65535, 0, 1, 2]);
        check([5, 5, 7, 7, 6, 4, 8], [5, 6, 7, 8]);
    }

    #[test]
    fn a_lost_packet_holds_the_others_back_for_a_bounded_number_only() {
        let after = 3..(3 + WAITING_MAX as u16 + 1);
        check([1].into_iter().chain(after.clone()), [1].into_iter().chain(after));
    }

    #[test]
    fn a_packet_too_short_for_a_number_is_left_out() {
        Reorder::default().push(&[0x80, 96, 0], |_| unreachable!("nothing to hand out"));
    }
}
