//! What each request is answered with, and what faults make of it.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::time::timeout;

use super::{
    connection::{Connection, Next, Playing, SESSION_TIMEOUT_S, Setup},
    digest,
    request::Request,
    sdp,
    session::{Route, Session},
    timeline::Timeline,
};
use crate::{
    domain::media::StreamKind,
    sim::{
        camera::{Camera, Slot},
        clip::{Clip, Recipe},
        fault::FaultKind,
    },
};

/// A large clip is encoded when it is first asked for; a client may have to ask again.
const CLIP_WITHIN: Duration = Duration::from_secs(25);

/// Where `redirect` and `foreign-base` point: an address of this machine where nothing listens.
const ELSEWHERE: &str = "rtsp://127.0.0.66:554/elsewhere";

const PUBLIC: &str =
    "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN\r\n";

impl Connection {
    /// Answers one request.
    pub(super) async fn answer(&mut self, request: &Request) -> Next {
        let target = self.target(&request.url);
        if let Some((camera, _)) = &target {
            self.belong_to(camera);
        }
        match self.fault() {
            Some(FaultKind::Refuse) => return Next::Reset,
            Some(FaultKind::Silent) => return Next::Go,
            _ => {}
        }
        if request.method == "OPTIONS" {
            return self.reply(request, "200 OK", PUBLIC, "");
        }
        let Some((camera, stream)) = target else {
            // Keepalives of some clients name the server as a whole.
            if self.setup.is_some() && request.method.ends_with("_PARAMETER") {
                return self.reply(request, "200 OK", "", "");
            }
            return self.reply(request, "404 Not Found", "", "");
        };
        if !self.signed_in(request, &camera) {
            let challenges = digest::challenges(&self.nonce);
            return self.reply(request, "401 Unauthorized", &challenges, "");
        }
        match request.method.as_str() {
            "DESCRIBE" => self.describe(request, &camera, stream).await,
            "SETUP" => self.set_up(request, &camera, stream),
            "PLAY" => self.play(request, &camera).await,
            "GET_PARAMETER" | "SET_PARAMETER" => {
                let session = self.session_header();
                self.reply(request, "200 OK", &session, "")
            }
            "TEARDOWN" => {
                let session = self.session_header();
                // Free before the client knows: it may be back at once.
                self.setup = None;
                self.reply(request, "200 OK", &session, "");
                Next::Close
            }
            _ => self.reply(request, "501 Not Implemented", PUBLIC, ""),
        }
    }

    /// The camera and stream that a URL names: `/cam/NNN/sub` or `/cam/NNN/main`.
    fn target(&self, url: &str) -> Option<(Arc<Camera>, StreamKind)> {
        let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
        let path = &after_scheme[after_scheme.find('/')?..];
        let path = path.split('?').next()?;
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        if parts.next()? != "cam" {
            return None;
        }
        let number: usize = parts.next()?.parse().ok()?;
        let stream = match parts.next()? {
            "sub" => StreamKind::Sub,
            "main" => StreamKind::Main,
            _ => return None,
        };
        if parts.next().is_some_and(|track| track != "trackID=0") {
            return None;
        }
        let camera = self.server.cameras.get(number.checked_sub(1)?)?;
        Some((camera.clone(), stream))
    }

    fn signed_in(&self, request: &Request, camera: &Camera) -> bool {
        let given = request.header("Authorization");
        if given.is_some() {
            camera.seen.sign_in_attempts.fetch_add(1, Ordering::Relaxed);
        }
        let accepted = match &self.server.credentials {
            _ if self.fault() == Some(FaultKind::Auth) => false,
            None => true,
            Some((user, password)) => given.is_some_and(|header| {
                digest::accepts(header, &request.method, &self.nonce, (user, password))
            }),
        };
        if given.is_some() && !accepted {
            camera.seen.sign_in_rejected.fetch_add(1, Ordering::Relaxed);
        }
        accepted
    }

    async fn describe(
        &mut self,
        request: &Request,
        camera: &Arc<Camera>,
        stream: StreamKind,
    ) -> Next {
        match self.fault() {
            Some(FaultKind::Redirect) => {
                return self.reply(request, "302 Found", &format!("Location: {ELSEWHERE}\r\n"), "");
            }
            Some(FaultKind::EndlessHeader) => return Next::Endless,
            Some(FaultKind::HugeContentLength) => {
                let cseq = request.header("CSeq").unwrap_or("0");
                let head = format!(
                    "RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\nContent-Type: application/sdp\r\n\
                     Content-Length: 100000000000\r\n\r\nv=0\r\n"
                );
                return self.send(head.as_bytes());
            }
            _ => {}
        }
        let Some((_, clip)) = self.clip(camera, stream).await else {
            return self.reply(request, "503 Service Unavailable", "Retry-After: 5\r\n", "");
        };
        let base = match self.fault() {
            Some(FaultKind::ForeignBase) => ELSEWHERE,
            _ => request.url.trim_end_matches('/'),
        };
        let name = format!("camera {:03}", camera.number);
        let body = sdp::describe(&name, &clip);
        let headers = format!("Content-Base: {base}/\r\nContent-Type: application/sdp\r\n");
        self.reply(request, "200 OK", &headers, &body)
    }

    async fn clip(&self, camera: &Camera, stream: StreamKind) -> Option<(Recipe, Arc<Clip>)> {
        let recipe = camera.recipe(stream, camera.fault());
        match timeout(CLIP_WITHIN, self.server.studio.clip(&recipe)).await {
            Ok(Ok(clip)) if !clip.units.is_empty() => Some((recipe, clip)),
            Ok(Ok(_)) | Err(_) => None,
            Ok(Err(error)) => {
                tracing::warn!(camera = camera.number, %error, "a simulated camera has nothing to show");
                None
            }
        }
    }

    fn set_up(&mut self, request: &Request, camera: &Arc<Camera>, stream: StreamKind) -> Next {
        if self.fault() == Some(FaultKind::Busy) {
            return self.reply(request, "453 Not Enough Bandwidth", "", "");
        }
        if self.playing.is_some() {
            return self.reply(request, "455 Method Not Valid in This State", "", "");
        }
        let offered = request.header("Transport").unwrap_or_default();
        let Some((route, agreed)) = offered.split(',').find_map(|one| self.route(one)) else {
            return self.reply(request, "461 Unsupported Transport", "", "");
        };
        // One that is set up again gives its place up first.
        self.setup = None;
        let Some(slot) = Slot::take(camera) else {
            return self.reply(request, "453 Not Enough Bandwidth", "", "");
        };
        let source: u32 = rand::random();
        let id = format!("{:016x}", rand::random::<u64>());
        self.setup = Some(Setup { id, stream, source, route: Some(route), _slot: slot });
        let headers = format!("Transport: {agreed};ssrc={source:08X}\r\n{}", self.session_header());
        self.reply(request, "200 OK", &headers, "")
    }

    /// The way media takes for one offered transport, and what the client is told of it.
    fn route(&self, offered: &str) -> Option<(Route, String)> {
        let mut fields = offered.trim().split(';');
        let protocol = fields.next()?;
        let fields: Vec<&str> = fields.map(str::trim).collect();
        if fields.iter().any(|field| field.eq_ignore_ascii_case("multicast")) {
            return None;
        }
        let pair = |name: &str| {
            let value =
                fields.iter().find_map(|field| field.strip_prefix(name)?.strip_prefix('='))?;
            let (first, second) = value.split_once('-').unwrap_or((value, ""));
            let first: u16 = first.parse().ok()?;
            Some((first, second.parse().unwrap_or_else(|_| first.saturating_add(1))))
        };
        if protocol.eq_ignore_ascii_case("RTP/AVP/TCP") {
            let channel =
                pair("interleaved").and_then(|(first, _)| u8::try_from(first).ok()).unwrap_or(0);
            let channel = channel.min(254);
            let route = Route::Tcp { outlet: self.outlet.clone(), channel };
            return Some((
                route,
                format!("RTP/AVP/TCP;unicast;interleaved={channel}-{}", channel + 1),
            ));
        }
        let (rtp, rtcp) = pair("client_port")?;
        let udp = &self.server.udp;
        let route = Route::Udp {
            rtp: udp.rtp.clone(),
            rtcp: udp.rtcp.clone(),
            rtp_to: SocketAddr::new(self.peer.ip(), rtp),
            rtcp_to: SocketAddr::new(self.peer.ip(), rtcp),
        };
        let (from_rtp, from_rtcp) = udp.ports;
        let agreed =
            format!("RTP/AVP;unicast;client_port={rtp}-{rtcp};server_port={from_rtp}-{from_rtcp}");
        Some((route, agreed))
    }

    async fn play(&mut self, request: &Request, camera: &Arc<Camera>) -> Next {
        let session = self.session_header();
        let Some(stream) = self.setup.as_ref().map(|setup| setup.stream) else {
            return self.reply(request, "454 Session Not Found", "", "");
        };
        let Some((recipe, clip)) = self.clip(camera, stream).await else {
            return self.reply(request, "503 Service Unavailable", "Retry-After: 5\r\n", "");
        };
        let Some((route, source)) =
            self.setup.as_mut().and_then(|setup| Some((setup.route.take()?, setup.source)))
        else {
            // It plays already: some clients say so twice.
            return self.reply(request, "200 OK", &session, "");
        };
        let now_us = self.server.clock.now_us();
        let timeline = Timeline::on_clock(clip, camera.offset_us, now_us);
        let playing = Session::new(
            camera.clone(),
            stream,
            route,
            source,
            (recipe, timeline),
            now_us,
            self.over.clone(),
        );
        let begin = playing.begin();
        let url = request.url.trim_end_matches('/');
        let headers = format!(
            "{session}Range: npt=now-\r\nRTP-Info: url={url}/trackID=0;seq={};rtptime={}\r\n",
            begin.sequence, begin.rtp_time
        );
        // The answer goes first: media in front of it would confuse strict clients.
        let next = self.reply(request, "200 OK", &headers, "");
        camera.seen.open(stream).fetch_add(1, Ordering::Relaxed);
        camera.seen.sessions.fetch_add(1, Ordering::Relaxed);
        self.playing = Some(Playing { camera: camera.clone(), stream });
        self.played();
        if self.server.sender.add(playing) { next } else { Next::Close }
    }

    fn session_header(&self) -> String {
        self.setup.as_ref().map_or_else(String::new, |setup| {
            format!("Session: {};timeout={SESSION_TIMEOUT_S}\r\n", setup.id)
        })
    }

    fn reply(&self, request: &Request, status: &str, headers: &str, body: &str) -> Next {
        let cseq = request.header("CSeq").unwrap_or("0");
        let length = match body.len() {
            0 => String::new(),
            length => format!("Content-Length: {length}\r\n"),
        };
        self.send(
            format!(
                "RTSP/1.0 {status}\r\nCSeq: {cseq}\r\nServer: watchwall-sim\r\n{headers}{length}\r\n{body}"
            )
            .as_bytes(),
        )
    }

    fn send(&self, bytes: &[u8]) -> Next {
        match self.outlet.answer(bytes) {
            Ok(()) => Next::Go,
            Err(_) => Next::Close,
        }
    }
}
