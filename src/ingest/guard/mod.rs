//! The guard: everything that a camera and the RTSP library say to each other passes through it.
//!
//! The library opens its own connection and has neither caps nor deadlines, and some of what it
//! takes for an error is an everyday habit of cameras. The guard frames the byte stream (RTSP
//! heads, bodies, interleaved packets), enforces the session's limits, keeps passwords off the
//! wire and requests at home, and smooths habits out. It is pure: bytes and the time in, bytes or
//! a fault out. RTP payloads are not read; sockets are the `relay`'s.
//!
//! The same bytes give the same output and verdict however they are split into pieces.

mod arrivals;
mod challenge;
mod exchange;
mod head;
mod hosts;
mod reorder;
mod report;
mod rtp;
mod sdp;

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

pub(super) use arrivals::Counted;
pub use challenge::{Algorithm, SignIn};

use self::{
    challenge::Unanswerable,
    exchange::{Asked, Exchanges, Method},
    head::{Head, Start},
    hosts::Hosts,
    reorder::Reorder,
    report::Reports,
    rtp::{Verdict, Video},
};
use super::fault::{clean, fault, from_status};
use crate::{
    domain::{camera::Condition, clock::ClockReading, time::UnixMicros},
    worker::message::{Fault, SessionLimits},
};

/// What a guard holds a session to.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    /// The host as configured: a name or an address.
    pub(super) host: String,
    /// The address that is connected to.
    pub(super) camera: IpAddr,
    /// Whether a Basic challenge may be answered.
    pub(super) allow_basic: bool,
    /// What the library's `User-Agent` must be: proves that the client is our own session and no
    /// stranger on the loopback. Replaced before the camera sees it.
    pub(super) pass: String,
    /// The relay's own RTP port (RTCP is the next), if RTP is to come over UDP. The library is
    /// told that it comes interleaved.
    pub(super) udp_port: Option<u16>,
    /// The way to the camera and back takes no longer than this.
    pub(super) round_trip: Duration,
    /// The caps.
    pub(super) limits: SessionLimits,
}

/// What a camera is told that we are.
const USER_AGENT: &str = concat!("watchwall/", env!("CARGO_PKG_VERSION"));

/// One session's guard.
#[derive(Debug)]
pub(super) struct Guard {
    hosts: Hosts,
    allow_basic: bool,
    pass: String,
    udp_port: Option<u16>,
    limits: SessionLimits,
    down: Down,
    up: Vec<u8>,
    exchanges: Exchanges,
    sign_in: SignIn,
    /// The interleaved channel of RTP; RTCP has the next one.
    channel: Option<u8>,
    playing: bool,
    /// Packets that came before the answer to PLAY, which the library would take for an error or
    /// leave out. Often the first keyframe: the next one may be 10 s away. `None` unless PLAY is
    /// under way.
    early: Option<Vec<u8>>,
    video: Video,
    reorder: Reorder,
    reports: Reports,
    udp_peer: Option<(u16, u16)>,
    /// Answers made here, for the client, at the next message boundary.
    inject: Vec<u8>,
    /// Answers made here to the camera's own requests.
    reply: Vec<u8>,
    bytes: u64,
}

/// Where in the camera's byte stream we are.
#[derive(Debug)]
enum Down {
    /// Between two messages.
    Boundary,
    /// In a packet's first bytes, which came in pieces.
    PacketHead(Vec<u8>),
    /// Between packets, in bytes that are none: looking for the next packet of the stream.
    Lost { held: Vec<u8>, skipped: usize },
    /// In a packet: bytes to go.
    Packet { left: usize, fate: Fate },
    /// In a head.
    Head(Vec<u8>),
    /// In a body that is kept until it is whole.
    Body { left: usize, kept: Vec<u8>, then: Box<Answer> },
    /// In a body that nobody asked for.
    Unasked { left: usize },
}

/// What happens to a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Pass,
    /// Kept until PLAY is answered.
    Hold,
    Drop,
}

/// How much video may overtake the answer to PLAY: a keyframe of a main stream. More is lost,
/// and the stream starts at the next keyframe.
const EARLY_MAX: usize = 512 * 1024;

/// How many stray bytes may stand between two packets: as many as an answer's head may have.
const GARBAGE_MAX: usize = 64 * 1024;

/// A response that waits for its body.
#[derive(Debug)]
struct Answer {
    head: Head,
    method: Method,
}

/// `$`, channel, length; then the RTP header.
const FRAMING: usize = 4;

/// What became of the first bytes of a piece.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Passage {
    /// How many bytes of the piece were dealt with; call again with the rest.
    pub(super) consumed: usize,
    /// What the client gets for them.
    pub(super) output: Output,
}

/// What the client gets.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// The bytes themselves, unchanged.
    Unchanged,
    /// These in their place; empty for nothing.
    Instead(Vec<u8>),
}

/// Figures of a guarded session.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Figures {
    /// Bytes from the camera.
    pub(super) bytes: u64,
    /// When the first RTP packet came.
    pub(super) first_rtp: Option<Instant>,
    /// When the newest one came.
    pub(super) last_rtp: Option<Instant>,
    /// Keepalives that the camera left unanswered.
    pub(super) keepalives_unanswered: u32,
    /// How the session signed in.
    pub(super) sign_in: SignIn,
    /// The RTP packets.
    pub(super) counted: Counted,
}

impl Guard {
    /// A guard for a new connection.
    pub(super) fn new(policy: Policy) -> Self {
        Self {
            hosts: Hosts::new(&policy.host, policy.camera),
            allow_basic: policy.allow_basic,
            pass: policy.pass,
            udp_port: policy.udp_port,
            limits: policy.limits,
            down: Down::Boundary,
            up: Vec::new(),
            exchanges: Exchanges::new(),
            sign_in: SignIn::None,
            channel: None,
            playing: false,
            early: None,
            video: Video::new(policy.limits.access_unit_bytes),
            reorder: Reorder::default(),
            reports: Reports::new(policy.round_trip),
            udp_peer: None,
            inject: Vec::new(),
            reply: Vec::new(),
            bytes: 0,
        }
    }

    /// Takes bytes that the camera sent. Deals with some of them; a fault ends the session.
    pub(super) fn camera_sent(&mut self, now: Instant, piece: &[u8]) -> Result<Passage, Fault> {
        let passage = self.scan(now, piece)?;
        self.bytes += passage.consumed as u64;
        Ok(passage)
    }

    /// Takes bytes of the library's requests; appends what the camera gets to `out`.
    pub(super) fn client_sent(
        &mut self,
        now: Instant,
        piece: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        for byte in piece {
            self.up.push(*byte);
            if *byte == b'\n' && ends_a_head(&self.up) {
                let head = std::mem::take(&mut self.up);
                self.request(now, &head, out)?;
            }
        }
        // The client is the library, but not its size: a path in the camera's answers may be long.
        if self.up.len() > self.limits.head_bytes {
            return Err(fault(
                Condition::Abusive,
                "the camera's answers made a request longer than any head may be",
            ));
        }
        Ok(())
    }

    /// Takes an RTP or RTCP datagram; appends what the client gets to `out`.
    pub(super) fn datagram_came(
        &mut self,
        now: Instant,
        rtcp: bool,
        datagram: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        self.bytes += datagram.len() as u64;
        let Some(channel) = self.channel else { return Ok(()) };
        let out = match &mut self.early {
            _ if self.playing => out,
            Some(early) if early.len() + datagram.len() <= EARLY_MAX => early,
            _ => return Ok(()),
        };
        if rtcp {
            interleave(channel + 1, datagram, out);
            return Ok(());
        }
        let header = &datagram[..datagram.len().min(rtp::HEADER)];
        let verdict = self.video.packet(now, header, datagram.len());
        if passes(verdict, &self.limits)? {
            self.reorder.push(datagram, |packet| interleave(channel, packet, out));
        }
        Ok(())
    }

    /// When [`tick`](Self::tick) has something to do.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.exchanges.next_deadline().filter(|_| self.playing)
    }

    /// Answers keepalives in the place of a camera that streams but does not answer them.
    /// Appends what the client gets to `out`.
    pub(super) fn tick(&mut self, now: Instant, out: &mut Vec<u8>) {
        for cseq in self.exchanges.give_up(now) {
            let answer = Head::response(200, "OK", &cseq.to_string());
            self.inject.extend_from_slice(&answer.to_bytes());
        }
        if matches!(self.down, Down::Boundary) {
            out.append(&mut self.inject);
        }
    }

    /// A frame came out of the library: what it was made of is no longer held.
    pub(super) fn frame_came(&mut self) {
        self.video.frame_came();
    }

    /// An RTCP packet of the video came through. The library has no use for it, and would end the
    /// session over a malformed one.
    pub(super) fn rtcp_came(&mut self, now: Instant, unix: UnixMicros, packet: &[u8]) {
        self.reports.packet(now, unix, packet, self.video.source());
    }

    /// The camera's clock, as far as its reports tell.
    pub(super) fn clock(&self, now: Instant, unix: UnixMicros) -> Option<ClockReading> {
        self.reports.reading(now, unix)
    }

    /// The rate of the video's media time, Hz, as the session's description has it.
    pub(super) fn set_clock_rate(&mut self, rate: u32) {
        self.video.arrivals.set_clock_rate(rate);
    }

    /// The interleaved channel of the video's packets, once the camera has named it.
    pub(super) fn channel(&self) -> Option<u8> {
        self.channel
    }

    /// What to send to the camera besides requests: answers to its own.
    pub(super) fn take_reply(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.reply)
    }

    /// The camera's RTP and RTCP ports, once, when it has named them.
    pub(super) fn take_udp_peer(&mut self) -> Option<(u16, u16)> {
        self.udp_peer.take()
    }

    /// Whether the camera holds a session for us that a TEARDOWN would free.
    pub(super) fn has_session(&self) -> bool {
        self.channel.is_some()
    }

    /// Figures so far.
    pub(super) fn figures(&self) -> Figures {
        Figures {
            bytes: self.bytes,
            first_rtp: self.video.first_at,
            last_rtp: self.video.last_at,
            keepalives_unanswered: self.exchanges.keepalives_unanswered,
            sign_in: self.sign_in,
            counted: self.video.arrivals.counted(),
        }
    }

    /// Goes through a piece up to the first bytes that do not pass unchanged.
    fn scan(&mut self, now: Instant, piece: &[u8]) -> Result<Passage, Fault> {
        let mut at = 0;
        loop {
            let rest = &piece[at..];
            match &mut self.down {
                Down::Boundary => {
                    let inject = at == 0 && !self.inject.is_empty();
                    if inject {
                        return Ok(Passage {
                            consumed: 0,
                            output: Output::Instead(std::mem::take(&mut self.inject)),
                        });
                    }
                    let Some(first) = rest.first() else { return Ok(unchanged(at)) };
                    let whole = match first {
                        b'$' => packet_head(rest),
                        _ => None,
                    };
                    if let Some(header) = whole {
                        let fate = self.packet(now, header)?;
                        self.down = Down::Packet { left: FRAMING + packet_length(header), fate };
                        if fate != Fate::Pass && at > 0 {
                            return Ok(unchanged(at));
                        }
                        continue;
                    }
                    if at > 0 {
                        return Ok(unchanged(at));
                    }
                    match first {
                        b'$' => self.down = Down::PacketHead(Vec::new()),
                        b'\r' | b'\n' => return Ok(nothing(1)),
                        _ => self.down = Down::Head(Vec::new()),
                    }
                }
                Down::PacketHead(held) => {
                    let mut taken = 0;
                    while packet_head(held).is_none() {
                        let Some(byte) = rest.get(taken) else { return Ok(nothing(taken)) };
                        held.push(*byte);
                        taken += 1;
                    }
                    let held = std::mem::take(held);
                    let fate = self.packet(now, &held)?;
                    self.down =
                        Down::Packet { left: FRAMING + packet_length(&held) - held.len(), fate };
                    self.end_of_packet();
                    if fate == Fate::Pass {
                        return Ok(Passage { consumed: taken, output: Output::Instead(held) });
                    }
                    self.hold(fate, &held);
                    return Ok(nothing(taken));
                }
                Down::Lost { held, skipped } => {
                    let channel = self.channel.unwrap_or_default();
                    let mut taken = 0;
                    loop {
                        while !begins_packet(held, channel, self.video.source()) {
                            held.remove(0);
                            *skipped += 1;
                        }
                        if held.len() == FRAMING + rtp::HEADER {
                            break;
                        }
                        if *skipped > GARBAGE_MAX {
                            return Err(garbage());
                        }
                        let Some(byte) = rest.get(taken) else { return Ok(nothing(taken)) };
                        held.push(*byte);
                        taken += 1;
                    }
                    self.down = Down::PacketHead(std::mem::take(held));
                    return Ok(nothing(taken));
                }
                Down::Packet { left, fate } => {
                    let taken = rest.len().min(*left);
                    *left -= taken;
                    let fate = *fate;
                    self.end_of_packet();
                    if fate != Fate::Pass {
                        self.hold(fate, &rest[..taken]);
                        return Ok(nothing(taken));
                    }
                    at += taken;
                    if at == piece.len() {
                        return Ok(unchanged(at));
                    }
                }
                Down::Head(head) => {
                    let mut taken = 0;
                    let whole = loop {
                        let line = &rest[taken..];
                        let end = memchr::memchr(b'\n', line).map(|end| end + 1);
                        let room = self.limits.head_bytes + 1 - head.len();
                        let part = &line[..end.unwrap_or(line.len()).min(room)];
                        let before = head.len();
                        head.extend_from_slice(part);
                        if let Err(fault) = check_start(head) {
                            head.truncate(before);
                            let held = std::mem::take(head);
                            self.lost(held, fault)?;
                            return Ok(nothing(taken));
                        }
                        taken += part.len();
                        if head.len() > self.limits.head_bytes {
                            return Err(fault(
                                Condition::Abusive,
                                format!(
                                    "the camera sent a header of more than {} KiB",
                                    self.limits.head_bytes / 1024
                                ),
                            ));
                        }
                        match end {
                            Some(_) if ends_a_head(head) => break true,
                            Some(_) => {}
                            None => break false,
                        }
                    };
                    if !whole {
                        return Ok(nothing(taken));
                    }
                    let head = std::mem::take(head);
                    let output = self.message(&head)?;
                    return Ok(Passage { consumed: taken, output: Output::Instead(output) });
                }
                Down::Body { left, kept, then } => {
                    let taken = rest.len().min(*left);
                    kept.extend_from_slice(&rest[..taken]);
                    *left -= taken;
                    if *left > 0 {
                        return Ok(nothing(taken));
                    }
                    let (body, answer) =
                        (std::mem::take(kept), std::mem::replace(then, Box::new(no_answer())));
                    self.down = Down::Boundary;
                    let output = self.deliver(*answer, body)?;
                    return Ok(Passage { consumed: taken, output: Output::Instead(output) });
                }
                Down::Unasked { left } => {
                    let taken = rest.len().min(*left);
                    *left -= taken;
                    if *left == 0 {
                        self.down = Down::Boundary;
                    }
                    return Ok(nothing(taken));
                }
            }
        }
    }

    /// Some firmware lets stray bytes slip between packets (cameras.md). A stream whose source is
    /// known is found again in them; before that there is nothing to find.
    fn lost(&mut self, held: Vec<u8>, fault: Fault) -> Result<(), Fault> {
        if !self.playing || self.udp_port.is_some() || self.video.source().is_none() {
            return Err(fault);
        }
        self.down = Down::Lost { held, skipped: 0 };
        Ok(())
    }

    fn end_of_packet(&mut self) {
        if matches!(self.down, Down::Packet { left: 0, .. }) {
            self.down = Down::Boundary;
        }
    }

    fn hold(&mut self, fate: Fate, bytes: &[u8]) {
        if let (Fate::Hold, Some(early)) = (fate, &mut self.early) {
            early.extend_from_slice(bytes);
        }
    }

    /// What happens to an interleaved packet, by its framing and RTP header.
    fn packet(&mut self, now: Instant, head: &[u8]) -> Result<Fate, Fault> {
        let Some(channel) = self.channel.filter(|_| self.udp_port.is_none()) else {
            return Ok(Fate::Drop);
        };
        let length = packet_length(head);
        let fate = match &self.early {
            _ if self.playing => Fate::Pass,
            Some(early) if early.len() + FRAMING + length <= EARLY_MAX => Fate::Hold,
            _ => return Ok(Fate::Drop),
        };
        let passes = if head[1] == channel {
            passes(self.video.packet(now, &head[FRAMING..], length), &self.limits)?
        } else {
            head[1] == channel + 1
        };
        Ok(if passes { fate } else { Fate::Drop })
    }

    /// A whole head from the camera: what the client gets for it now.
    fn message(&mut self, head: &[u8]) -> Result<Vec<u8>, Fault> {
        self.down = Down::Boundary;
        let head = Head::parse(head).ok_or_else(garbage)?;
        let length = body_length(&head)?;
        let (code, reason) = match &head.start {
            Start::Request { method, .. } => {
                self.asked_by_camera(method, &head);
                return self.leave_out(length);
            }
            Start::Response { code, reason } => (*code, reason.clone()),
        };
        let cseq = head.cseq();
        if code < 200 {
            return self.leave_out(length);
        }
        let Some(asked) = self.exchanges.peek(cseq).cloned() else {
            // A late answer to a keepalive, or one that nobody asked for.
            return self.leave_out(length);
        };
        let (limit, what) = match asked.method {
            Method::Describe => (self.limits.sdp_bytes, "session description"),
            _ => (self.limits.body_bytes, "body"),
        };
        if length > limit as u64 {
            return Err(fault(
                Condition::Abusive,
                format!(
                    "the camera announced a {what} of {length} bytes, more than {} KiB",
                    limit / 1024
                ),
            ));
        }
        self.exchanges.answer(cseq);
        let mut head = head;
        head.set("CSeq", asked.cseq.to_string());
        if !(200..300).contains(&code) {
            self.refusal(&asked, code, &reason, &mut head)?;
        } else {
            self.success(&asked, &mut head)?;
        }
        let answer =
            Answer { head, method: if code == 401 { Method::Keepalive } else { asked.method } };
        if length > 0 {
            let left = usize::try_from(length).expect("it is under a limit, which is a usize");
            self.down = Down::Body { left, kept: Vec::new(), then: Box::new(answer) };
            return Ok(Vec::new());
        }
        self.deliver(answer, Vec::new())
    }

    /// The session's limits hold for messages that nobody asked for too.
    fn leave_out(&mut self, length: u64) -> Result<Vec<u8>, Fault> {
        if length > self.limits.body_bytes as u64 {
            return Err(fault(
                Condition::Abusive,
                format!("the camera announced a body of {length} bytes"),
            ));
        }
        if length > 0 {
            self.down = Down::Unasked {
                left: usize::try_from(length).expect("it is under a limit, which is a usize"),
            };
        }
        Ok(Vec::new())
    }

    /// Cameras may ask too (`OPTIONS *`). The library would take it for an error in a handshake.
    fn asked_by_camera(&mut self, method: &str, head: &Head) {
        /// Room for a few small answers; a camera that does not read them gets no more.
        const REPLY_MAX: usize = 1024;
        let Some(cseq) = head.cseq().filter(|_| self.reply.len() < REPLY_MAX) else { return };
        let (code, reason) = match method {
            "OPTIONS" | "GET_PARAMETER" | "SET_PARAMETER" => (200, "OK"),
            _ => (501, "Not Implemented"),
        };
        self.reply.extend_from_slice(&Head::response(code, reason, &cseq.to_string()).to_bytes());
    }

    /// An answer that is no success: a fault, a challenge to pass on, or no matter.
    fn refusal(
        &mut self,
        asked: &Asked,
        code: u16,
        reason: &str,
        head: &mut Head,
    ) -> Result<(), Fault> {
        if matches!(asked.method, Method::Keepalive | Method::Teardown) {
            return Ok(());
        }
        let method = asked.method.name();
        match code {
            300..=399 => {
                let target = head
                    .header("Location")
                    .map(|l| format!(" to {}", clean(l, 80)))
                    .unwrap_or_default();
                Err(fault(
                    Condition::Redirect,
                    format!(
                        "the camera answered {method} with a redirect{target}, which is not followed"
                    ),
                ))
            }
            401 if asked.signed && challenge::is_stale(head) => Err(fault(
                Condition::Protocol,
                "the camera let its sign-in expire during the handshake",
            )),
            401 if !asked.signed => match challenge::choose(head, self.allow_basic) {
                Ok(sign_in) => {
                    self.sign_in = sign_in;
                    Ok(())
                }
                Err(Unanswerable::OnlyBasic) => Err(fault(
                    Condition::CredentialsRejected,
                    "camera only offers Basic, which sends the password in clear: set allow_basic = true to accept",
                )),
                Err(Unanswerable::Unknown) => Err(fault(
                    Condition::Unsupported,
                    "the camera asks for a kind of sign-in that is not supported",
                )),
            },
            _ => Err(from_status(method, code, reason, asked.signed)),
        }
    }

    fn success(&mut self, asked: &Asked, head: &mut Head) -> Result<(), Fault> {
        match asked.method {
            Method::Describe => {
                for name in ["Content-Base", "Content-Location"] {
                    self.review_base(name, head)?;
                }
                // Parameters (`; charset=utf-8`) are no reason to refuse it.
                if head
                    .header("Content-Type")
                    .is_some_and(|t| t.to_ascii_lowercase().starts_with("application/sdp"))
                {
                    head.set("Content-Type", "application/sdp");
                }
            }
            Method::Setup => self.review_setup(head)?,
            // Sequence and time start at the first packet; half of all cameras get this wrong.
            Method::Play => head.remove("RTP-Info"),
            Method::Teardown | Method::Keepalive => {}
        }
        Ok(())
    }

    /// A base for relative URLs: must be the camera's. One that is no absolute URL is left out,
    /// which makes the request's own URL the base.
    fn review_base(&self, name: &str, head: &mut Head) -> Result<(), Fault> {
        let Some(base) = head.header(name).map(str::to_owned) else { return Ok(()) };
        if let Some(foreign) = self.hosts.foreign(&base) {
            return Err(fault(
                Condition::Redirect,
                format!(
                    "the camera's {name} points to another host ({}), which is not followed",
                    clean(&foreign, 80)
                ),
            ));
        }
        if !base.to_ascii_lowercase().starts_with("rtsp://") || url::Url::parse(&base).is_err() {
            head.remove(name);
        }
        Ok(())
    }

    fn review_setup(&mut self, head: &mut Head) -> Result<(), Fault> {
        let session = head.header("Session").unwrap_or_default().to_owned();
        let mut parts = session.split(';').map(str::trim);
        let id = parts.next().unwrap_or_default();
        if id.is_empty() {
            return Err(fault(Condition::Protocol, "the camera's SETUP answer names no session"));
        }
        let timeout =
            parts.find_map(|p| p.strip_prefix("timeout=")).and_then(|t| t.trim().parse().ok());
        let timeout: u32 = timeout.filter(|t| *t > 0).unwrap_or(60);
        self.exchanges.session_timeout(Duration::from_secs(timeout.into()));
        head.set("Session", format!("{id};timeout={timeout}"));

        let transport = head.header("Transport").unwrap_or_default().to_owned();
        let parameter = |name: &str| {
            transport.split(';').find_map(|p| p.trim().strip_prefix(name)).map(str::trim)
        };
        let first =
            |value: &str| value.split('-').next().and_then(|n| n.trim().parse::<u16>().ok());
        let channel = if self.udp_port.is_some() {
            let Some(ports) = parameter("server_port=") else {
                return Err(fault(
                    Condition::Unsupported,
                    "the camera names no UDP ports: try transport = \"tcp\"",
                ));
            };
            let rtp = first(ports).filter(|port| (1..u16::MAX).contains(port));
            let rtp = rtp.ok_or_else(|| {
                fault(Condition::Protocol, "the camera names UDP ports that are not numbers")
            })?;
            let rtcp =
                ports.split('-').nth(1).and_then(|n| n.trim().parse().ok()).unwrap_or(rtp + 1);
            self.udp_peer = Some((rtp, rtcp));
            0
        } else {
            let Some(channels) = parameter("interleaved=") else {
                return Err(fault(
                    Condition::Unsupported,
                    "the camera does not interleave RTP: try transport = \"udp\"",
                ));
            };
            let channel =
                first(channels).and_then(|n| u8::try_from(n).ok()).filter(|n| *n < u8::MAX);
            channel.ok_or_else(|| {
                fault(Condition::Protocol, "the camera names a channel that is not a number")
            })?
        };
        self.channel = Some(channel);
        // The source (SSRC) that some cameras announce here is wrong on enough of them; it is
        // learnt from the first packet.
        head.set("Transport", format!("RTP/AVP/TCP;unicast;interleaved={channel}-{}", channel + 1));
        Ok(())
    }

    /// A response with its body: what the client gets.
    fn deliver(&mut self, answer: Answer, body: Vec<u8>) -> Result<Vec<u8>, Fault> {
        let Answer { mut head, method } = answer;
        let body = match method {
            Method::Describe => sdp::review(&body, &self.hosts).map_err(|foreign| {
                let foreign = clean(&foreign, 80);
                fault(Condition::Redirect, format!("the camera's stream points to another host ({foreign}), which is not followed"))
            })?,
            _ => body,
        };
        head.set("Content-Length", body.len().to_string());
        let mut bytes = head.to_bytes();
        bytes.extend_from_slice(&body);
        if method == Method::Play {
            self.playing = true;
            bytes.append(&mut self.early.take().unwrap_or_default());
        }
        Ok(bytes)
    }

    /// A whole head from the library.
    fn request(&mut self, now: Instant, head: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let stranger = || fault(Condition::Protocol, "a stranger connected to the relay");
        let mut head = Head::parse(head).ok_or_else(stranger)?;
        let Start::Request { method, .. } = &head.start else { return Err(stranger()) };
        if head.header("User-Agent") != Some(&self.pass) {
            return Err(stranger());
        }
        let method = Method::named(method);
        let signed = head.header("Authorization").is_some();
        if let Some(named) = self.names_algorithm(&head) {
            head.set("Authorization", named);
        }
        self.exchanges.ask(now, head.cseq().ok_or_else(stranger)?, method, signed);
        head.set("User-Agent", USER_AGENT);
        if method == Method::Play {
            self.early = Some(Vec::new());
        }
        if let (Method::Setup, Some(port)) = (method, self.udp_port) {
            head.set("Transport", format!("RTP/AVP;unicast;client_port={port}-{}", port + 1));
        }
        out.extend_from_slice(&head.to_bytes());
        Ok(())
    }

    /// An answer to a challenge without `qop`, with its algorithm named: the library leaves it out
    /// there, and then it means MD5 (RFC 7616 §3.4).
    fn names_algorithm(&self, head: &Head) -> Option<String> {
        let given = head.header("Authorization").filter(|given| given.starts_with("Digest "))?;
        let named = given.contains("algorithm=");
        let name = match self.sign_in {
            SignIn::Digest(Algorithm::Sha256) => "SHA-256",
            SignIn::Digest(Algorithm::Sha512Trunc256) => "SHA-512-256",
            SignIn::Digest(Algorithm::Md5) | SignIn::Basic | SignIn::None => return None,
        };
        (!named).then(|| format!("{given}, algorithm={name}"))
    }
}

fn passes(verdict: Verdict, limits: &SessionLimits) -> Result<bool, Fault> {
    let mib = limits.access_unit_bytes / (1024 * 1024);
    match verdict {
        Verdict::Pass => Ok(true),
        Verdict::Drop => Ok(false),
        Verdict::UnitTooLarge => Err(fault(
            Condition::Abusive,
            format!("the camera sent one picture of more than {mib} MiB"),
        )),
        Verdict::NoFrames => {
            let mib = 2 * mib;
            Err(fault(
                Condition::Abusive,
                format!("the camera sent {mib} MiB of video that made no picture"),
            ))
        }
        Verdict::NewSource => Err(fault(
            Condition::Protocol,
            "the camera changed its stream's source (SSRC) without notice",
        )),
    }
}

fn unchanged(consumed: usize) -> Passage {
    Passage { consumed, output: Output::Unchanged }
}

fn nothing(consumed: usize) -> Passage {
    Passage { consumed, output: Output::Instead(Vec::new()) }
}

fn no_answer() -> Answer {
    Answer { head: Head::response(200, "OK", "0"), method: Method::Keepalive }
}

fn garbage() -> Fault {
    fault(Condition::Protocol, "the camera sent bytes that are neither RTSP nor RTP")
}

/// The framing, and the RTP header as far as the packet has it, if they are all there.
fn packet_head(bytes: &[u8]) -> Option<&[u8]> {
    let framing = bytes.first_chunk::<FRAMING>()?;
    bytes.get(..FRAMING + packet_length(framing).min(rtp::HEADER))
}

fn packet_length(head: &[u8]) -> usize {
    usize::from(head[2]) << 8 | usize::from(head[3])
}

fn interleave(channel: u8, packet: &[u8], out: &mut Vec<u8>) {
    let Ok(length) = u16::try_from(packet.len()) else { return };
    let [high, low] = length.to_be_bytes();
    out.extend_from_slice(&[b'$', channel, high, low]);
    out.extend_from_slice(packet);
}

/// Whether this head's last line, just completed, is empty.
fn ends_a_head(head: &[u8]) -> bool {
    head.ends_with(b"\n\n") || head.ends_with(b"\n\r\n")
}

/// Whether these are the first bytes of a packet of the stream, as far as they go.
fn begins_packet(bytes: &[u8], channel: u8, source: Option<u32>) -> bool {
    let source = source.unwrap_or_default().to_be_bytes();
    let at = |n: usize, fits: &dyn Fn(u8) -> bool| bytes.get(n).is_none_or(|byte| fits(*byte));
    at(0, &|byte| byte == b'$')
        && at(1, &|byte| byte == channel)
        && bytes.get(..FRAMING).is_none_or(|framing| packet_length(framing) >= rtp::HEADER)
        && at(FRAMING, &|byte| byte >> 6 == 2)
        && (0..4).all(|n| at(FRAMING + 8 + n, &|byte| byte == source[n]))
}

/// A message starts with a method and a space, or with `RTSP/`; anything else means that we have
/// lost our place.
fn check_start(head: &[u8]) -> Result<(), Fault> {
    /// The longest method, GET_PARAMETER, and some.
    const WORD_MAX: usize = 24;
    /// The shortest is SETUP or `PLAY`; two fewer for what nobody has thought of.
    const WORD_MIN: usize = 3;
    let length = head.iter().take_while(|b| b.is_ascii_uppercase() || **b == b'_').count();
    let starts = match head.get(length) {
        None => length <= WORD_MAX,
        Some(b' ') => (WORD_MIN..=WORD_MAX).contains(&length),
        Some(b'/') => &head[..length] == b"RTSP",
        Some(_) => false,
    };
    if starts { Ok(()) } else { Err(garbage()) }
}

fn body_length(head: &Head) -> Result<u64, Fault> {
    let Some(length) = head.header("Content-Length") else { return Ok(0) };
    // Not `parse` alone: a number too large for 64 bits is no protocol slip but a bomb.
    match length.parse() {
        Ok(length) => Ok(length),
        Err(_) if length.bytes().all(|b| b.is_ascii_digit()) && !length.is_empty() => Ok(u64::MAX),
        Err(_) => Err(fault(
            Condition::Protocol,
            "the camera announced a body whose length is not a number",
        )),
    }
}

#[cfg(test)]
mod tests;
