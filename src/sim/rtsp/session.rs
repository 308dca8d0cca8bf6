//! One playing session as the sender sees it: what to send next, when, and how.

use std::{
    io,
    net::{SocketAddr, UdpSocket},
    sync::{Arc, atomic::Ordering},
};

use tokio_util::sync::CancellationToken;

use super::{
    outlet::{Offer, Outlet},
    timeline::Timeline,
    trick,
};
use crate::{
    domain::media::StreamKind,
    sim::{
        camera::Camera,
        clip::{HEAD, Recipe, Studio, Unit},
        fault::FaultKind,
    },
};

/// Sender reports go out this often, the first one with the first pictures (RFC 3550 §6.2 has five
/// seconds as what is usual).
const REPORT_EVERY_US: u64 = 5_000_000;

/// A sender that is so late (the machine slept) goes on with the next keyframe.
const LATE_MAX_US: u64 = 1_000_000;

/// What the `loop` fault repeats.
const LOOP_US: u64 = 4_000_000;

/// How packets reach the client.
pub(super) enum Route {
    /// Inside the RTSP connection.
    Tcp { outlet: Arc<Outlet>, channel: u8 },
    /// As datagrams.
    Udp { rtp: Arc<UdpSocket>, rtcp: Arc<UdpSocket>, rtp_to: SocketAddr, rtcp_to: SocketAddr },
}

/// What is shown, and as what loop.
#[derive(Clone, PartialEq)]
struct Showing {
    recipe: Recipe,
    /// `Loop`, or `Freeze` of footage: a piece of the clip, cut at the fault's begin.
    piece: Option<FaultKind>,
}

/// A session between `PLAY` and its end.
pub(super) struct Session {
    camera: Arc<Camera>,
    stream: StreamKind,
    route: Route,
    /// Cancelled when the connection is over; cancelling it ends the connection.
    over: CancellationToken,
    sequence: u16,
    source: u32,
    time_base: u32,
    timeline: Timeline,
    showing: Showing,
    /// What is to be shown as soon as it is made.
    wanted: Option<Showing>,
    /// What is to be shown as soon as its first keyframe is due.
    coming: Option<(Timeline, u64, Showing)>,
    next: u64,
    fault: Option<FaultKind>,
    needs_keyframe: bool,
    left_over: bool,
    oversize_begun: bool,
    report_at_us: u64,
    packets: u32,
    octets: u32,
}

/// What `PLAY` is answered with.
pub(super) struct Begin {
    pub(super) sequence: u16,
    pub(super) rtp_time: u32,
}

impl Session {
    pub(super) fn new(
        camera: Arc<Camera>,
        stream: StreamKind,
        route: Route,
        source: u32,
        (recipe, timeline): (Recipe, Timeline),
        now_us: u64,
        over: CancellationToken,
    ) -> Self {
        let next = timeline.next_keyframe(now_us);
        Self {
            camera,
            stream,
            route,
            over,
            // Not near zero: some clients take 0 and 1 for "unknown".
            sequence: 1_000 + (rand::random::<u16>() >> 1),
            source,
            time_base: rand::random(),
            showing: Showing { recipe, piece: None },
            timeline,
            wanted: None,
            coming: None,
            next,
            fault: None,
            needs_keyframe: true,
            left_over: false,
            oversize_begun: false,
            report_at_us: 0,
            packets: 0,
            octets: 0,
        }
    }

    pub(super) fn begin(&self) -> Begin {
        Begin { sequence: self.sequence, rtp_time: self.rtp_time(self.timeline.due(self.next)) }
    }

    /// Ends the connection that this session belongs to.
    pub(super) fn end(&self) {
        self.over.cancel();
    }

    /// Sends all that is due. `false` when the session is over.
    pub(super) fn tick(&mut self, now_us: u64, studio: &Studio, scratch: &mut Vec<u8>) -> bool {
        if self.over.is_cancelled() {
            return false;
        }
        let fault = self.camera.fault();
        if fault != self.fault {
            self.fault = fault;
            self.oversize_begun = false;
            self.report_at_us = self.report_at_us.min(now_us);
            self.want();
        }
        if self.wanted.is_some() && !self.prepare(now_us, studio) {
            return false;
        }
        if let Some((timeline, n, showing)) =
            self.coming.take_if(|(timeline, n, _)| timeline.due(*n) <= now_us)
        {
            (self.timeline, self.next, self.showing) = (timeline, n, showing);
            self.needs_keyframe = false;
        }
        if self.left_over
            && let Route::Tcp { outlet, .. } = &self.route
        {
            match outlet.flush() {
                Ok(done) => self.left_over = !done,
                Err(_) => return false,
            }
        }
        if now_us.saturating_sub(self.timeline.due(self.next)) > LATE_MAX_US {
            self.next = self.timeline.next_keyframe(now_us);
            self.needs_keyframe = true;
        }
        let mut alive = true;
        while alive && self.timeline.due(self.next) <= now_us {
            alive = self.send_unit(scratch);
            self.next += 1;
        }
        if alive && fault == Some(FaultKind::OversizeUnit) {
            alive = self.send_oversize(scratch);
        }
        if alive && now_us >= self.report_at_us && fault != Some(FaultKind::Silent) {
            self.report_at_us = now_us + REPORT_EVERY_US;
            alive = self.send_report(now_us);
        }
        alive
    }

    /// Decides what is to be shown under the fault in effect.
    fn want(&mut self) {
        let recipe = self.camera.recipe(self.stream, self.fault);
        let piece = match self.fault {
            Some(FaultKind::Loop) => Some(FaultKind::Loop),
            Some(FaultKind::Freeze) if matches!(recipe, Recipe::Footage { .. }) => {
                Some(FaultKind::Freeze)
            }
            _ => None,
        };
        let wanted = Showing { recipe, piece };
        self.coming = None;
        self.wanted = (wanted != self.showing).then_some(wanted);
    }

    /// Looks whether what is wanted is made. `false` when this session cannot go over to it.
    fn prepare(&mut self, now_us: u64, studio: &Studio) -> bool {
        let Some(made) = self.wanted.as_ref().and_then(|wanted| studio.ready(&wanted.recipe))
        else {
            return true;
        };
        let Some(wanted) = self.wanted.take() else { return true };
        let Ok(clip) = made else { return true };
        if clip.codec != self.timeline.clip.codec {
            // It was described as the other codec: the client has to ask again.
            return false;
        }
        let position = self.camera.fault_position_us(clip.duration_us);
        let timeline = match wanted.piece {
            Some(FaultKind::Loop) => {
                Timeline::from_start(Arc::new(clip.stretch(position, LOOP_US)), now_us)
            }
            Some(_) => Timeline::from_start(Arc::new(clip.still(position)), now_us),
            None if wanted.recipe.keeps_rhythm() => {
                Timeline::on_clock(clip, self.camera.offset_us, now_us)
            }
            None => Timeline::from_start(clip, now_us),
        };
        let n = timeline.next_keyframe(now_us);
        self.coming = Some((timeline, n, wanted));
        true
    }

    fn send_unit(&mut self, scratch: &mut Vec<u8>) -> bool {
        let unit = self.timeline.unit(self.next).clone();
        if self.fault.is_some_and(FaultKind::stops_media) {
            self.needs_keyframe = true;
            return true;
        }
        if self.needs_keyframe && !unit.keyframe {
            return true;
        }
        let rtp_time = self.rtp_time(self.timeline.due(self.next));
        let garbage = self.fault == Some(FaultKind::Garbage) && self.next.is_multiple_of(12);
        match self.send_packets(&unit, rtp_time, garbage, scratch) {
            Offer::Gone => return false,
            Offer::Dropped => {
                self.needs_keyframe = true;
                self.camera.seen.frames_dropped.fetch_add(1, Ordering::Relaxed);
            }
            offer @ (Offer::Sent | Offer::Kept) => {
                self.left_over = offer == Offer::Kept;
                self.needs_keyframe = false;
                self.camera.seen.frames_sent.fetch_add(1, Ordering::Relaxed);
            }
        }
        true
    }

    fn send_packets(
        &mut self,
        unit: &Unit,
        rtp_time: u32,
        garbage: bool,
        scratch: &mut Vec<u8>,
    ) -> Offer {
        let damage = self.fault == Some(FaultKind::BadKeyframe) && unit.keyframe;
        let loss = self.fault == Some(FaultKind::Loss);
        let channel = match &self.route {
            Route::Tcp { channel, .. } => *channel,
            Route::Udp { .. } => 0,
        };
        let sequence_before = self.sequence;
        scratch.clear();
        for index in 0..unit.packets.len() {
            let sequence = self.sequence;
            self.sequence = self.sequence.wrapping_add(1);
            if loss && trick::loses_packet() {
                continue;
            }
            let start = scratch.len();
            scratch.extend_from_slice(&unit.wire[unit.packet(index)]);
            let packet = &mut scratch[start..];
            packet[1] = channel;
            packet[6..8].copy_from_slice(&sequence.to_be_bytes());
            packet[8..12].copy_from_slice(&rtp_time.to_be_bytes());
            packet[12..16].copy_from_slice(&self.source.to_be_bytes());
            if damage {
                trick::damage(self.timeline.clip.codec, packet);
            }
            self.packets = self.packets.wrapping_add(1);
            self.octets = self.octets.wrapping_add((packet.len() - HEAD) as u32);
            if let Route::Udp { rtp, rtp_to, .. } = &self.route
                && let Err(error) = rtp.send_to(&packet[4..], rtp_to)
                && !is_passing(&error)
            {
                return Offer::Gone;
            }
        }
        if garbage {
            let bytes = trick::garbage();
            match &self.route {
                Route::Tcp { .. } => scratch.extend_from_slice(&bytes),
                Route::Udp { rtp, rtp_to, .. } => {
                    // Garbage that does not arrive is as good.
                    let _ = rtp.send_to(&bytes, rtp_to);
                }
            }
        }
        match &self.route {
            Route::Tcp { outlet, .. } => {
                let offer = outlet.offer(scratch);
                if offer == Offer::Dropped {
                    // Nothing left the house, so no number was used.
                    self.sequence = sequence_before;
                }
                offer
            }
            Route::Udp { .. } => Offer::Sent,
        }
    }

    /// About 25 MB/s of a NAL unit that never ends.
    fn send_oversize(&mut self, scratch: &mut Vec<u8>) -> bool {
        let first = !std::mem::replace(&mut self.oversize_begun, true);
        let (wire, packets) = trick::endless_fragments(self.timeline.clip.codec, first, 180);
        let unit = Unit { keyframe: true, wire: wire.into(), packets: packets.into() };
        let rtp_time = self.time_base;
        match self.send_packets(&unit, rtp_time, false, scratch) {
            Offer::Gone => return false,
            // A start that was not taken is still to be sent.
            Offer::Dropped => self.oversize_begun = !first,
            offer @ (Offer::Sent | Offer::Kept) => self.left_over = offer == Offer::Kept,
        }
        true
    }

    /// A sender report with the source's name (RFC 3550, 6.4.1 and 6.5).
    fn send_report(&mut self, now_us: u64) -> bool {
        const NAME: &[u8; 13] = b"watchwall-sim";
        /// From 1900, where NTP time begins, to 1970.
        const EPOCHS_S: i64 = 2_208_988_800;
        let told_us = self.camera.clock_us(now_us).max(-EPOCHS_S * 1_000_000);
        // NTP time runs over in 2036, and so does this.
        let seconds = (told_us.div_euclid(1_000_000) + EPOCHS_S) as u32;
        let fraction = (told_us.rem_euclid(1_000_000) << 32) / 1_000_000;
        let mut report = vec![b'$', 0, 0, 0, 0x80, 200, 0, 6];
        for word in [
            self.source,
            seconds,
            fraction as u32,
            self.rtp_time(now_us),
            self.packets,
            self.octets,
        ] {
            report.extend_from_slice(&word.to_be_bytes());
        }
        report.extend_from_slice(&[0x81, 202, 0, 0]);
        let names = report.len();
        report.extend_from_slice(&self.source.to_be_bytes());
        report.extend_from_slice(&[1, NAME.len() as u8]);
        report.extend_from_slice(NAME);
        report.push(0);
        while !(report.len() - names).is_multiple_of(4) {
            report.push(0);
        }
        report[names - 1] = ((report.len() - names) / 4) as u8;
        let length = (report.len() - 4) as u16;
        report[2..4].copy_from_slice(&length.to_be_bytes());
        match &self.route {
            Route::Tcp { outlet, channel } => {
                report[1] = channel + 1;
                outlet.offer(&report) != Offer::Gone
            }
            Route::Udp { rtcp, rtcp_to, .. } => {
                // A lost report is followed by another; a client that is gone ends its connection.
                let _ = rtcp.send_to(&report[4..], rtcp_to);
                true
            }
        }
    }

    fn rtp_time(&self, at_us: u64) -> u32 {
        self.time_base.wrapping_add((at_us * 9 / 100) as u32)
    }
}

/// A full buffer, or a receiver whose port is closed for now: the datagram is lost, as on a wire.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionRefused)
}
