//! What the guard looks at in a session description: that its control URLs stay with the camera.
//! Everything else in it is the RTSP library's to judge.

use super::hosts::Hosts;

/// Checks and trims a session description. `Err` is the foreign host that it points to.
///
/// The `tool` line is taken out: at some of its values the RTSP library tears sessions down over
/// connections of its own making, which would go around the guard.
pub(super) fn review(body: &[u8], hosts: &Hosts) -> Result<Vec<u8>, String> {
    let mut kept = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if let Some(control) = line.strip_prefix(b"a=control:")
            && let Some(foreign) = hosts.foreign(String::from_utf8_lossy(control).trim())
        {
            return Err(foreign);
        }
        if !line.starts_with(b"a=tool:") {
            kept.extend_from_slice(line);
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tool_line_goes_and_a_foreign_control_url_is_named() {
        let hosts = Hosts::new("cam.example", "192.0.2.1".parse().expect("an address"));
        let sdp = b"v=0\r\na=tool:LIVE555 Streaming Media v2013.01.01\r\na=control:track1\r\n";
        assert_eq!(review(sdp, &hosts).as_deref(), Ok(&b"v=0\r\na=control:track1\r\n"[..]));
        let own = b"a=control:rtsp://192.0.2.1:554/track1\r\na=control:*\n";
        assert_eq!(review(own, &hosts).as_deref(), Ok(&own[..]));
        let foreign = b"m=video 0 RTP/AVP 96\na=control:rtsp://198.51.100.7/x\n";
        assert_eq!(review(foreign, &hosts), Err("198.51.100.7".to_owned()));
    }
}
