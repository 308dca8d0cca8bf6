//! What faults do to packets on their way out.

use rand::{Rng, RngCore};

use crate::{
    domain::media::Codec,
    sim::clip::{HEAD, fragment_head},
};

/// Five of a hundred packets are lost.
pub(super) fn loses_packet() -> bool {
    rand::rng().random_ratio(5, 100)
}

/// Bytes that are no packet: never `$`, which would make them one.
pub(super) fn garbage() -> Vec<u8> {
    let mut bytes = vec![0; rand::rng().random_range(12..40)];
    rand::rng().fill_bytes(&mut bytes);
    for byte in &mut bytes {
        if *byte == b'$' {
            *byte = b'#';
        }
    }
    bytes
}

/// Makes about a hundred bits of a keyframe wrong; parameter sets and fragment heads stay whole.
pub(super) fn damage(codec: Codec, packet: &mut [u8]) {
    let payload = &packet[HEAD..];
    let picture = match codec {
        Codec::H265 => matches!(payload[0] >> 1 & 0x3f, 16..=23 | 49),
        _ => matches!(payload[0] & 0x1f, 5 | 28),
    };
    // Past the slice head, so that the damage is in the picture and not in how it is announced.
    let from = HEAD + 24;
    if !picture || packet.len() <= from {
        return;
    }
    for _ in 0..12 {
        let at = rand::rng().random_range(from..packet.len());
        packet[at] ^= 1 << rand::rng().random_range(0..8);
    }
}

/// A piece of a NAL unit that never ends: fragments with one timestamp, none of them the last.
pub(super) fn endless_fragments(codec: Codec, first: bool, packets: usize) -> (Vec<u8>, Vec<u32>) {
    const LENGTH: usize = 1_400;
    let unit: [u8; 2] = if codec == Codec::H265 { [19 << 1, 1] } else { [0x65, 0] };
    let header = if codec == Codec::H265 { 3 } else { 2 };
    let (mut wire, mut starts) = (Vec::with_capacity(packets * (LENGTH + HEAD)), Vec::new());
    for i in 0..packets {
        let ends = if first && i == 0 { 0x80 } else { 0 };
        starts.push(wire.len() as u32);
        let [high, low] = ((LENGTH + 12) as u16).to_be_bytes();
        wire.extend_from_slice(&[b'$', 0, high, low, 0x80, crate::sim::clip::PAYLOAD_TYPE]);
        wire.extend_from_slice(&[0; 10]);
        wire.extend_from_slice(&fragment_head(codec, &unit, ends)[..header]);
        wire.resize(wire.len() + LENGTH - header, 0xa5);
    }
    (wire, starts)
}
