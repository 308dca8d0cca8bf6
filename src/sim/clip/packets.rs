//! Cutting access units into RTP packets: RFC 6184 (single NAL unit, FU-A) and RFC 7798 (single
//! NAL unit, FU). Packets stand in the layout of interleaved TCP, one after the other, so that one
//! access unit is one write.

use crate::domain::{media::Codec, nal};

/// Bytes before a payload: 4 of interleaving (`$`, channel, length) and 12 of RTP.
pub(in crate::sim) const HEAD: usize = 16;

/// The dynamic payload type that the session description announces.
pub(in crate::sim) const PAYLOAD_TYPE: u8 = 96;

/// The largest payload: with IP, UDP and RTP heads it stays inside an Ethernet frame.
const PAYLOAD: usize = 1_400;

/// One access unit in packets, with the fields that differ between sessions left zero.
#[derive(Debug)]
pub(in crate::sim) struct Unit {
    /// Decoding can start here.
    pub(in crate::sim) keyframe: bool,
    /// All packets, interleaving heads included.
    pub(in crate::sim) wire: Box<[u8]>,
    /// Where each packet starts in `wire`.
    pub(in crate::sim) packets: Box<[u32]>,
}

impl Unit {
    /// Cuts one access unit in Annex B form.
    pub(in crate::sim) fn cut(codec: Codec, access_unit: &[u8]) -> Self {
        let mut wire = Vec::with_capacity(access_unit.len() + access_unit.len() / 32 + 64);
        let mut packets = Vec::new();
        for unit in nal::units(access_unit).filter(|unit| unit.len() > 2) {
            cut_nal(codec, unit, &mut wire, &mut packets);
        }
        if let Some(last) = packets.last() {
            wire[*last as usize + 5] |= 0x80;
        }
        Self {
            keyframe: nal::is_random_access(codec, access_unit),
            wire: wire.into(),
            packets: packets.into(),
        }
    }

    /// The range of packet `index` in `wire`.
    pub(in crate::sim) fn packet(&self, index: usize) -> std::ops::Range<usize> {
        let end = self.packets.get(index + 1).map_or(self.wire.len(), |next| *next as usize);
        self.packets[index] as usize..end
    }
}

fn cut_nal(codec: Codec, unit: &[u8], wire: &mut Vec<u8>, packets: &mut Vec<u32>) {
    if unit.len() <= PAYLOAD {
        begin(unit.len(), wire, packets);
        wire.extend_from_slice(unit);
        return;
    }
    let header = if codec == Codec::H265 { 2 } else { 1 };
    let body = &unit[header..];
    let room = PAYLOAD - header - 1;
    let pieces = body.len().div_ceil(room);
    for (i, piece) in body.chunks(room).enumerate() {
        let ends = u8::from(i == 0) << 7 | u8::from(i + 1 == pieces) << 6;
        begin(header + 1 + piece.len(), wire, packets);
        wire.extend_from_slice(&fragment_head(codec, unit, ends)[..header + 1]);
        wire.extend_from_slice(piece);
    }
}

/// The fragmentation head of a NAL unit; `ends` holds the start and end bits.
pub(in crate::sim) fn fragment_head(codec: Codec, unit: &[u8], ends: u8) -> [u8; 3] {
    match codec {
        Codec::H265 => [unit[0] & 0x81 | 49 << 1, unit[1], ends | unit[0] >> 1 & 0x3f],
        _ => [unit[0] & 0xe0 | 28, ends | unit[0] & 0x1f, 0],
    }
}

fn begin(payload: usize, wire: &mut Vec<u8>, packets: &mut Vec<u32>) {
    packets.push(wire.len() as u32);
    let [high, low] = ((payload + 12) as u16).to_be_bytes();
    wire.extend_from_slice(&[b'$', 0, high, low, 0x80, PAYLOAD_TYPE, 0, 0]);
    wire.extend_from_slice(&[0; 8]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts a unit's packets together again, as a receiver would.
    fn reassemble(codec: Codec, unit: &Unit) -> Vec<u8> {
        let mut out = Vec::new();
        for i in 0..unit.packets.len() {
            let packet = &unit.wire[unit.packet(i)];
            let length = u16::from_be_bytes([packet[2], packet[3]]) as usize;
            assert_eq!(packet.len(), length + 4);
            let payload = &packet[HEAD..];
            let (kind, header) = match codec {
                Codec::H265 => (payload[0] >> 1 & 0x3f, 2),
                _ => (payload[0] & 0x1f, 1),
            };
            if !matches!((codec, kind), (Codec::H264, 28) | (Codec::H265, 49)) {
                out.extend_from_slice(&[0, 0, 0, 1]);
                out.extend_from_slice(payload);
                continue;
            }
            let fragment = payload[header];
            if fragment & 0x80 != 0 {
                out.extend_from_slice(&[0, 0, 0, 1]);
                match codec {
                    Codec::H265 => out.extend_from_slice(&[
                        payload[0] & 0x81 | (fragment & 0x3f) << 1,
                        payload[1],
                    ]),
                    _ => out.push(payload[0] & 0xe0 | fragment & 0x1f),
                }
            }
            out.extend_from_slice(&payload[header + 1..]);
        }
        out
    }

    fn nal_of(head: &[u8], length: usize) -> Vec<u8> {
        let mut unit = vec![0, 0, 0, 1];
        unit.extend_from_slice(head);
        // No zero bytes, so no start code appears by chance.
        unit.extend((0..length).map(|i| (i % 251 + 1) as u8));
        unit
    }

    #[test]
    fn what_was_cut_can_be_put_together_again() {
        for length in [10, 1_399, 1_400, 1_401, 2_800, 40_000] {
            let h264 = [nal_of(&[0x67], 12), nal_of(&[0x68], 4), nal_of(&[0x65], length)].concat();
            let unit = Unit::cut(Codec::H264, &h264);
            assert!(unit.keyframe);
            assert_eq!(reassemble(Codec::H264, &unit), h264, "H.264 {length}");
            let h265 = [nal_of(&[0x42, 1], 12), nal_of(&[0x26, 1], length)].concat();
            let unit = Unit::cut(Codec::H265, &h265);
            assert!(unit.keyframe);
            assert_eq!(reassemble(Codec::H265, &unit), h265, "H.265 {length}");
        }
    }

    #[test]
    fn only_the_last_packet_of_a_unit_is_marked() {
        let unit = Unit::cut(Codec::H264, &nal_of(&[0x65], 5_000));
        let marks: Vec<bool> =
            unit.packets.iter().map(|at| unit.wire[*at as usize + 5] & 0x80 != 0).collect();
        assert_eq!(marks, [false, false, false, true]);
    }
}
