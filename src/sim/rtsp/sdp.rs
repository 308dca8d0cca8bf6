//! Session descriptions (RFC 4566) with parameter sets for H.264 (RFC 6184) and H.265 (RFC 7798).

use crate::{
    domain::media::Codec,
    sim::clip::{Clip, PAYLOAD_TYPE},
};

/// The description of a stream that sends this clip.
pub(super) fn describe(name: &str, clip: &Clip) -> String {
    let (encoding, parameters) = match clip.codec {
        Codec::H265 => ("H265", h265(&clip.parameter_sets)),
        _ => ("H264", h264(&clip.parameter_sets)),
    };
    format!(
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns={name}\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n\
         a=control:*\r\na=range:npt=now-\r\n\
         m=video 0 RTP/AVP {PAYLOAD_TYPE}\r\na=rtpmap:{PAYLOAD_TYPE} {encoding}/90000\r\n\
         a=fmtp:{PAYLOAD_TYPE} {parameters}\r\na=control:trackID=0\r\n"
    )
}

fn h264(sets: &[Vec<u8>]) -> String {
    let of = |kind: u8| sets.iter().find(move |set| set[0] & 0x1f == kind);
    match (of(7), of(8)) {
        (Some(sps), Some(pps)) if sps.len() > 3 => format!(
            "packetization-mode=1;profile-level-id={:02X}{:02X}{:02X};sprop-parameter-sets={},{}",
            sps[1],
            sps[2],
            sps[3],
            base64(sps),
            base64(pps)
        ),
        _ => "packetization-mode=1".to_owned(),
    }
}

fn h265(sets: &[Vec<u8>]) -> String {
    [(32, "vps"), (33, "sps"), (34, "pps")]
        .iter()
        .filter_map(|(kind, name)| {
            let set = sets.iter().find(|set| set[0] >> 1 & 0x3f == *kind)?;
            Some(format!("sprop-{name}={}", base64(set)))
        })
        .collect::<Vec<_>>()
        .join(";")
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = u32::from(three[0]) << 16
            | u32::from(three.get(1).copied().unwrap_or(0)) << 8
            | u32::from(three.get(2).copied().unwrap_or(0));
        for i in 0..4 {
            if i > three.len() {
                out.push('=');
            } else {
                out.push(char::from(LETTERS[(bits >> (18 - 6 * i) & 63) as usize]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(codec: Codec, parameter_sets: Vec<Vec<u8>>) -> Clip {
        Clip { codec, units: Vec::new(), at_us: Vec::new(), duration_us: 1, parameter_sets }
    }

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn the_description_carries_profile_and_parameter_sets() {
        let h264 = describe(
            "A",
            &clip(Codec::H264, vec![vec![0x67, 0x4d, 0x40, 0x1e, 1], vec![0x68, 2, 3]]),
        );
        assert!(
            h264.contains("profile-level-id=4D401E;sprop-parameter-sets=Z01AHgE=,aAID\r\n"),
            "{h264}"
        );
        let h265 =
            describe("A", &clip(Codec::H265, vec![vec![0x40, 1], vec![0x42, 1], vec![0x44, 1]]));
        assert!(
            h265.contains("H265/90000")
                && h265.contains("sprop-vps=QAE=;sprop-sps=QgE=;sprop-pps=RAE="),
            "{h265}"
        );
    }
}
