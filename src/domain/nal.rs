//! NAL units in Annex B byte streams: where they are and which pictures decoding can start at.
//! Reads one or two header bytes of each unit, nothing more.

use super::media::Codec;

/// The NAL units of an Annex B stream (H.264 and H.265 Annex B), without their start codes.
pub fn units(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = after_start_code(stream);
    std::iter::from_fn(move || {
        let unit = rest?;
        let end = find_start_code(unit).map_or(unit.len(), |(start, _)| start);
        rest = after_start_code(&unit[end..]);
        Some(unit[..end].strip_suffix(&[0]).unwrap_or(&unit[..end]))
    })
}

/// Whether decoding can start at this access unit.
///
/// H.264: an IDR slice (type 5). H.265: types 16 to 23, so BLA and CRA pictures too, which retina
/// 0.4.21 reports as ordinary pictures. JPEG: always.
pub fn is_random_access(codec: Codec, access_unit: &[u8]) -> bool {
    match codec {
        Codec::H264 => units(access_unit).any(|unit| unit.first().is_some_and(|b| b & 0x1f == 5)),
        Codec::H265 => units(access_unit)
            .any(|unit| unit.first().is_some_and(|b| (16..=23).contains(&(b >> 1 & 0x3f)))),
        Codec::Mjpeg => true,
    }
}

fn after_start_code(stream: &[u8]) -> Option<&[u8]> {
    find_start_code(stream).map(|(_, end)| &stream[end..])
}

/// The range of the first `00 00 01`.
fn find_start_code(stream: &[u8]) -> Option<(usize, usize)> {
    memchr::memmem::find(stream, &[0, 0, 1]).map(|start| (start, start + 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_split_at_three_and_four_byte_start_codes() {
        let stream = [0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 0, 0, 0, 1, 0x65, 9];
        let found: Vec<&[u8]> = units(&stream).collect();
        assert_eq!(found, [&[0x67, 1, 2][..], &[0x68], &[0x65, 9]]);
    }

    #[test]
    fn idr_cra_and_bla_are_random_access_points_and_other_pictures_are_not() {
        let h265 = |nal_type: u8| [0, 0, 1, nal_type << 1, 1, 0xaa];
        for nal_type in 16..=21 {
            assert!(is_random_access(Codec::H265, &h265(nal_type)), "type {nal_type}");
        }
        assert!(!is_random_access(Codec::H265, &h265(1)));
        assert!(is_random_access(Codec::H264, &[0, 0, 1, 0x65, 0]));
        assert!(!is_random_access(Codec::H264, &[0, 0, 1, 0x41, 0]));
        assert!(is_random_access(Codec::Mjpeg, &[0xff, 0xd8]));
    }

    #[test]
    fn bytes_without_a_start_code_hold_no_units() {
        assert_eq!(units(&[1, 2, 3]).count(), 0);
        assert_eq!(units(&[]).count(), 0);
    }
}
