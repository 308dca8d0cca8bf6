//! Puts pictures together from RTP packets, with the library's depacketiser but not through its
//! connection: a picture that went there over the loopback cost two system calls and one turn of
//! the runtime more than its bytes are worth (docs/decisions/0002-guard.md). Does no I/O.

use std::{collections::VecDeque, num::NonZeroU32, sync::Arc, time::SystemTime};

use retina::{
    PacketContext, Timestamp,
    client::Stream,
    codec::{CodecItem, Depacketizer, FrameFormat, ParametersRef, VideoFrame, VideoParameters},
    rtp::{PacketHeader, PacketMeta},
    testutil::DepacketizeBuf,
};

use crate::domain::time::UnixMicros;

/// What came of packets.
#[derive(Debug)]
pub(super) enum Assembled {
    /// A picture, the parameters that it is coded with if they are known, and when its last packet
    /// came.
    Picture(VideoFrame, Option<Arc<VideoParameters>>, UnixMicros),
    /// So many packets in a row could not be used, the last one for this reason.
    Broken(u32, String),
}

/// One stream's packets on their way to pictures.
pub(super) struct Assembly {
    depacketizer: Depacketizer,
    ring: DepacketizeBuf,
    clock_rate: NonZeroU32,
    next: Option<u16>,
    time: Option<Time>,
    parameters: Option<Arc<VideoParameters>>,
    /// Bounded by [`is_full`](Self::is_full), which its feeder heeds.
    out: VecDeque<Assembled>,
    out_bytes: usize,
}

impl std::fmt::Debug for Assembly {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assembly").field("next", &self.next).finish_non_exhaustive()
    }
}

/// RTP time, unwrapped.
#[derive(Clone, Copy, Debug)]
struct Time {
    start: u32,
    now: i64,
}

/// Room for the packets of a small picture; grows with the largest one.
const RING: usize = 16 * 1024;

/// Pictures that wait for the session's reader, bytes. It runs right after whoever feeds them, so
/// more than one read's worth waits only while the link is behind.
const OUT_MAX: usize = 1024 * 1024;

impl Assembly {
    /// For a stream as its session description has it.
    pub(super) fn new(stream: &Stream, parameters: Option<&str>) -> Result<Self, String> {
        let rate = stream.clock_rate_hz();
        let mut depacketizer = Depacketizer::new(
            stream.media(),
            stream.encoding_name(),
            rate,
            stream.channels(),
            parameters,
        )?;
        depacketizer.set_frame_format(FrameFormat::SIMPLE);
        Ok(Self {
            depacketizer,
            ring: DepacketizeBuf::new(RING),
            clock_rate: NonZeroU32::new(rate).ok_or("a clock that does not run")?,
            next: None,
            time: None,
            parameters: None,
            out: VecDeque::new(),
            out_bytes: 0,
        })
    }

    /// Takes a packet; says whether it completed a picture.
    pub(super) fn packet(&mut self, packet: &[u8]) -> bool {
        match self.push(packet) {
            Ok(()) => self.pull(),
            Err(why) => {
                self.broken(why);
                false
            }
        }
    }

    /// The next of what came of the packets.
    pub(super) fn take(&mut self) -> Option<Assembled> {
        let next = self.out.pop_front();
        if let Some(Assembled::Picture(frame, ..)) = &next {
            self.out_bytes -= frame.data().len();
        }
        next
    }

    /// Whether so much waits that no more packets should come.
    pub(super) fn is_full(&self) -> bool {
        self.out_bytes >= OUT_MAX
    }

    fn push(&mut self, packet: &[u8]) -> Result<(), String> {
        let (header, payload) = PacketHeader::validate(packet)?;
        let sequence = header.sequence_number();
        let loss = sequence.wrapping_sub(self.next.unwrap_or(sequence));
        if loss > 0x8000 {
            return Err(format!("packet {sequence} is out of order"));
        }
        self.next = Some(sequence.wrapping_add(1));
        let meta = PacketMeta {
            ctx: PacketContext::dummy(),
            stream_id: 0,
            timestamp: self.timestamp(header.timestamp()).ok_or("time ran over")?,
            sequence_number: sequence,
            ssrc: header.ssrc(),
            mark: header.mark(),
            loss,
        };
        let payload = &packet[usize::from(payload.start)..usize::from(payload.end)];
        self.ring.push(&mut self.depacketizer, meta, payload)
    }

    fn timestamp(&mut self, rtp: u32) -> Option<Timestamp> {
        let time = self.time.get_or_insert_with(|| Time { start: rtp, now: rtp.into() });
        // The lower halves differ by what has passed, forward or back.
        let passed = rtp.wrapping_sub(time.now as u32).cast_signed();
        time.now = time.now.checked_add(passed.into())?;
        Timestamp::new(time.now, self.clock_rate, time.start)
    }

    fn pull(&mut self) -> bool {
        let mut any = false;
        while let Some(pulled) = self.depacketizer.pull() {
            match pulled {
                Ok(CodecItem::VideoFrame(frame)) => {
                    any = true;
                    self.picture(frame);
                }
                Ok(_) => {}
                Err(error) => {
                    // It has no Display; what stands after the context is the reason.
                    let why = format!("{error:?}");
                    let reason = why.split_once("description: ").map(|(_, reason)| reason);
                    self.broken(reason.unwrap_or(&why).to_owned());
                    return any;
                }
            }
        }
        any
    }

    fn picture(&mut self, frame: VideoFrame) {
        if self.parameters.is_none() || frame.has_new_parameters() {
            self.parameters = match self.depacketizer.parameters() {
                Some(ParametersRef::Video(parameters)) => Some(Arc::new(parameters.clone())),
                _ => None,
            };
        }
        self.out_bytes += frame.data().len();
        let came = UnixMicros::from(SystemTime::now());
        self.out.push_back(Assembled::Picture(frame, self.parameters.clone(), came));
    }

    fn broken(&mut self, why: String) {
        match self.out.back_mut() {
            Some(Assembled::Broken(times, last)) => (*times, *last) = (*times + 1, why),
            _ => self.out.push_back(Assembled::Broken(1, why)),
        }
    }
}

/// The `fmtp` line of the `n`th stream of a session description, for its payload type.
pub(super) fn format_parameters(sdp: &[u8], n: usize, payload_type: u8) -> Option<String> {
    let text = String::from_utf8_lossy(sdp);
    let mut section = None;
    text.lines().find_map(|line| {
        if line.starts_with("m=") {
            section = Some(section.map_or(0, |n: usize| n + 1));
        }
        let (of, parameters) = line.strip_prefix("a=fmtp:")?.split_once(' ')?;
        (section == Some(n) && of.parse() == Ok(payload_type)).then(|| parameters.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_parameters_are_those_of_the_stream_and_its_payload_type() {
        let sdp = b"v=0\r\na=fmtp:96 session\r\nm=audio 0 RTP/AVP 96\r\na=fmtp:96 audio\r\n\
            m=video 0 RTP/AVP 96 97\r\na=fmtp:97 other\r\na=fmtp:96 packetization-mode=1; x=y\r\n";
        let of = |n, payload_type| format_parameters(sdp, n, payload_type);
        assert_eq!(of(1, 96).as_deref(), Some("packetization-mode=1; x=y"));
        assert_eq!(of(0, 96).as_deref(), Some("audio"));
        assert_eq!(of(1, 98), None);
    }
}
