//! One upstream session: connect, DESCRIBE, SETUP, PLAY, and access units until something ends
//! it. Each wait on the camera has its deadline. Decides nothing about retrying.

use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use futures_util::StreamExt;
use retina::{
    client::{
        self, Described, InitialSequenceNumberPolicy, InitialTimestampPolicy, PacketItem,
        PlayOptions, Playing, SessionIdPolicy, SessionOptions, SetupOptions, TcpTransportOptions,
        UnassignedChannelDataPolicy, UnknownRtcpSsrcPolicy,
    },
    codec::{VideoFrame, VideoParameters},
};
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    assembly::{Assembled, Assembly, format_parameters},
    fault::{clean, fault, from_io, from_status, timed_out},
    frame,
    guard::{Guard, Policy, SignIn},
    outbox::Outbox,
    relay::{ClientClosed, Gate, Relay, Shared, UdpPorts},
    run::Run,
    stats::Meter,
};
use crate::{
    domain::{
        camera::{Condition, Transport},
        clock::ClockReading,
        media::{AccessUnit, Codec, StreamFormat},
        time::UnixMicros,
    },
    worker::message::{Fault, Forward, FromIngest, OpenSession, Step, StreamStats},
};

/// What the centre wants of a session, now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) forward: Forward,
    pub(super) close: bool,
}

/// How a session ended.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// Why, or `None` if it was closed as wished.
    pub(super) fault: Option<Fault>,
    pub(super) observed: Observed,
}

/// What a session learnt besides its stream, for `probe`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Observed {
    pub(super) sign_in: SignIn,
    /// The camera's clock, from its sender reports.
    pub(super) clock: Option<ClockReading>,
}

/// How long the camera may take to free its session. Longer helps nobody: a reconnect waits for it.
const FAREWELL: Duration = Duration::from_secs(1);

/// Errors of the library that cost a picture each, before the stream counts as unreadable.
const ERRORS_MAX: u32 = 2000;
/// And how long they may go on without one picture.
const ERRORS_FOR_MAX: Duration = Duration::from_secs(5);

/// Runs a session to its end. The caller sends `Ended`.
pub(super) async fn run(
    open: &OpenSession,
    gate: &Gate,
    outbox: &Outbox,
    wish: watch::Receiver<Wish>,
) -> Ending {
    let mut closing = pin!(closed(wish.clone()));
    let (camera, round_trip) = tokio::select! {
        biased;
        () = &mut closing => return Ending::default(),
        connected = connect(open) => match connected {
            Ok(connected) => connected,
            Err(fault) => return Ending { fault: Some(fault), ..Ending::default() },
        },
    };
    outbox.control(FromIngest::Step { session: open.session, step: Step::Connected }).await;
    let udp = match open.transport {
        Transport::Tcp => None,
        Transport::Udp => match bind_udp(&camera).await {
            Ok(ports) => Some(ports),
            Err(fault) => return Ending { fault: Some(fault), ..Ending::default() },
        },
    };

    let pass = format!("{:032x}", rand::random::<u128>());
    let policy = policy(open, pass.clone(), udp.as_ref(), round_trip);
    let shared = Shared::new(Guard::new(policy));
    let (fault, relay) = {
        let mut reading = pin!(read(open, gate, outbox, wish, pass, &shared));
        let paired = tokio::select! {
            biased;
            () = &mut closing => return Ending::default(),
            paired = gate.pair(reading.as_mut()) => paired,
        };
        let mut relay = match paired {
            Ok(Ok(client)) => {
                // Requests are small and waited for.
                let _ = client.set_nodelay(true);
                Relay::new(camera, client, udp, shared.clone())
            }
            Ok(Err(error)) => {
                return Ending {
                    fault: Some(from_io("opening the relay", &error)),
                    ..Ending::default()
                };
            }
            Err(fault) => return Ending { fault: Some(fault), ..Ending::default() },
        };
        tokio::select! {
            biased;
            () = &mut closing => (None, Some(relay)),
            ended = relay.run() => match ended {
                Err(fault) => (Some(fault), None),
                // The library closes its side only when it has found an error of its own.
                Ok(ClientClosed) => {
                    let said = timeout(FAREWELL, reading.as_mut()).await;
                    (Some(said.unwrap_or_else(|_| fault(Condition::Protocol, "the stream ended without a reason"))), None)
                }
            },
            fault = reading.as_mut() => (Some(fault), Some(relay)),
        }
        // Here the library's session is dropped, which sends TEARDOWN if there is one to free.
    };
    *shared.assembly() = None;
    let observed = {
        let guard = shared.guard();
        let clock = guard.clock(Instant::now(), SystemTime::now().into());
        Observed { sign_in: guard.figures().sign_in, clock }
    };
    if let Some(mut relay) = relay
        && shared.guard().has_session()
    {
        // Whatever comes of it, the connections close after it.
        let _ = timeout(FAREWELL, relay.run()).await;
    }
    Ending { fault, observed }
}

async fn closed(mut wish: watch::Receiver<Wish>) {
    // A centre that is gone wants nothing more either.
    let _ = wish.wait_for(|wish| wish.close).await;
}

/// The connection, and how long it took to be there: a packet's way to the camera and back, and
/// whatever else happened on it.
async fn connect(open: &OpenSession) -> Result<(TcpStream, Duration), Fault> {
    let began = Instant::now();
    let deadline = open.limits.connect;
    let seconds = deadline.as_secs_f32();
    let camera = timeout(deadline, TcpStream::connect(open.address))
        .await
        .map_err(|_| {
            fault(
                Condition::Unreachable,
                format!("the camera did not accept a connection within {seconds} s"),
            )
        })?
        .map_err(|error| from_io("connecting", &error))?;
    // Requests are small and waited for.
    let _ = camera.set_nodelay(true);
    Ok((camera, began.elapsed()))
}

async fn bind_udp(camera: &TcpStream) -> Result<UdpPorts, Fault> {
    let local = camera.local_addr().map_err(|error| from_io("opening UDP ports", &error))?;
    UdpPorts::bind(local.ip()).await
}

fn policy(
    open: &OpenSession,
    pass: String,
    udp: Option<&UdpPorts>,
    round_trip: Duration,
) -> Policy {
    Policy {
        host: open.url.host_str().unwrap_or_default().to_owned(),
        camera: open.address.ip(),
        allow_basic: open.allow_basic,
        pass,
        udp_port: udp.map(UdpPorts::port),
        round_trip,
        limits: open.limits,
    }
}

/// Reads the stream through the library. Ends only with a fault.
async fn read(
    open: &OpenSession,
    gate: &Gate,
    outbox: &Outbox,
    wish: watch::Receiver<Wish>,
    pass: String,
    shared: &Shared,
) -> Fault {
    let step = |step| outbox.control(FromIngest::Step { session: open.session, step });
    let reading = async {
        let limits = &open.limits;
        let mut session = describe(open, gate, pass).await?;
        step(Step::Described).await;
        let (stream, codec) = video_stream(&session)?;
        *shared.assembly() = Some(assembly(&session, stream)?);
        shared.guard().set_clock_rate(session.streams()[stream].clock_rate_hz());
        let options = SetupOptions::default()
            .transport(client::Transport::Tcp(TcpTransportOptions::default()));
        timeout(limits.exchange, session.setup(stream, options))
            .await
            .map_err(|_| timed_out("SETUP", limits.exchange))?
            .map_err(|error| from_library("SETUP", &error))?;
        let options = PlayOptions::default()
            .initial_timestamp(InitialTimestampPolicy::Ignore)
            .initial_seq(InitialSequenceNumberPolicy::Ignore)
            .unknown_rtcp_ssrc(UnknownRtcpSsrcPolicy::DropPackets);
        let playing = timeout(limits.exchange, session.play(options))
            .await
            .map_err(|_| timed_out("PLAY", limits.exchange))?
            .map_err(|error| from_library("PLAY", &error))?;
        step(Step::Playing).await;
        let mut reader = Reader {
            open,
            outbox,
            wish,
            shared,
            codec,
            meter: Meter::new(Instant::now()),
            format: None,
            forward: open.forward,
            discontinuity: true,
            run: Run::default(),
            receiving: false,
            errors: 0,
            errors_since: None,
        };
        Err(reader.run(playing).await)
    };
    match reading.await {
        Ok(never) => never,
        Err(fault) => fault,
    }
}

async fn describe(
    open: &OpenSession,
    gate: &Gate,
    pass: String,
) -> Result<client::Session<Described>, Fault> {
    let mut url = open.url.clone();
    // The path and query are the camera's; only the way there is ours. A URL with a host takes
    // any address and port.
    let relay = gate.address();
    url.set_ip_host(relay.ip())
        .and_then(|()| url.set_port(Some(relay.port())))
        .map_err(|()| fault(Condition::Unsupported, "the camera's URL has no host"))?;
    let credentials = open.credentials.as_ref().map(|c| client::Credentials {
        username: c.username.clone(),
        password: c.password.clone(),
    });
    let options = SessionOptions::default()
        .creds(credentials)
        .user_agent(pass)
        .session_id(SessionIdPolicy::UseFirst)
        .unassigned_channel_data(UnassignedChannelDataPolicy::Ignore);
    timeout(open.limits.describe, client::Session::describe(url, options))
        .await
        .map_err(|_| timed_out("DESCRIBE", open.limits.describe))?
        .map_err(|error| from_library("DESCRIBE", &error))
}

/// The library's own complaint. Answers with an error status do not get this far, but for a
/// challenge that there are no credentials for: the guard judges them.
fn from_library(method: &str, error: &retina::Error) -> Fault {
    match error.status_code() {
        Some(code) if !(200..300).contains(&code) => from_status(method, code, "", false),
        _ => fault(
            Condition::Protocol,
            format!(
                "the camera's answer to {method} was not understood: {}",
                clean(&error.to_string(), 140)
            ),
        ),
    }
}

/// The first video stream that the service takes.
fn video_stream(session: &client::Session<Described>) -> Result<(usize, Codec), Fault> {
    let codec = |stream: &client::Stream| match (stream.media(), stream.encoding_name()) {
        ("video", "h264") => Some(Codec::H264),
        ("video", "h265") => Some(Codec::H265),
        ("video" | "image", "jpeg") => Some(Codec::Mjpeg),
        _ => None,
    };
    let streams = session.streams();
    let taken = streams.iter().enumerate().find_map(|(n, stream)| Some((n, codec(stream)?)));
    taken.ok_or_else(|| match streams.iter().find(|stream| stream.media() == "video") {
        Some(other) => {
            let name = clean(other.encoding_name(), 40);
            fault(
                Condition::Unsupported,
                format!("the camera sends {name} video; H.264, H.265 and MJPEG are taken"),
            )
        }
        None => fault(Condition::Unsupported, "the camera offers no video stream at this path"),
    })
}

/// Where the packets of this stream become pictures.
fn assembly(session: &client::Session<Described>, n: usize) -> Result<Assembly, Fault> {
    let stream = &session.streams()[n];
    let parameters = format_parameters(session.sdp(), n, stream.rtp_payload_type());
    Assembly::new(stream, parameters.as_deref()).map_err(|error| {
        let why = clean(&error, 120);
        fault(
            Condition::Unsupported,
            format!("the camera packs its video in an unsupported way: {why}"),
        )
    })
}

/// The playing part of a session.
struct Reader<'a> {
    open: &'a OpenSession,
    outbox: &'a Outbox,
    wish: watch::Receiver<Wish>,
    shared: &'a Shared,
    codec: Codec,
    meter: Meter,
    format: Option<StreamFormat>,
    forward: Forward,
    /// Something was lost since the last unit that came, or left out since the last one sent.
    discontinuity: bool,
    /// What was left out since the newest keyframe.
    run: Run,
    receiving: bool,
    errors: u32,
    errors_since: Option<Instant>,
}

impl Reader<'_> {
    async fn run(&mut self, mut session: client::Session<Playing>) -> Fault {
        const SECOND: Duration = Duration::from_secs(1);
        let limits = self.open.limits;
        let started = Instant::now();
        let mut reported = started;
        // Often enough to keep a deadline within a quarter of itself.
        let period = (limits.rtp_gap / 4).min(limits.first_packet / 4).clamp(SECOND / 50, SECOND);
        let mut tick = interval(period);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (shared, first_rtp) = (self.shared, Arc::clone(&self.shared.first_rtp));
        loop {
            let outcome = tokio::select! {
                biased;
                assembled = shared.assembled() => match assembled {
                    Assembled::Picture(frame, parameters, came) => {
                        self.frame(frame, parameters.as_deref(), came).await
                    }
                    Assembled::Broken(times, why) => self.error(times, &why),
                },
                item = session.next() => self.item(item),
                () = first_rtp.notified(), if !self.receiving => {
                    self.receiving().await;
                    Ok(())
                }
                _ = tick.tick() => {
                    let now = Instant::now();
                    if now.duration_since(reported) >= SECOND {
                        reported = now;
                        self.report(now);
                    }
                    self.watch(now, started)
                }
            };
            if let Err(fault) = outcome {
                self.report(Instant::now());
                return fault;
            }
        }
    }

    /// What the library says of its connection: neither video nor reports come there.
    fn item(&mut self, item: Option<Result<PacketItem, retina::Error>>) -> Result<(), Fault> {
        match item {
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => self.error(1, &error.to_string()),
            None if self.errors > 0 => {
                Err(fault(Condition::Protocol, "the camera's video could not be put together"))
            }
            None => Err(from_io("playing", &std::io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Most errors cost a picture, not the session: the library goes on at the next one.
    fn error(&mut self, times: u32, why: &str) -> Result<(), Fault> {
        let now = Instant::now();
        if self.errors == 0 {
            self.meter.damaged();
            self.discontinuity = true;
        }
        self.errors = self.errors.saturating_add(times);
        let since = *self.errors_since.get_or_insert(now);
        if self.errors < ERRORS_MAX && now.duration_since(since) < ERRORS_FOR_MAX {
            return Ok(());
        }
        let why = clean(why, 140);
        Err(fault(
            Condition::Protocol,
            format!("the camera's video could not be put together: {why}"),
        ))
    }

    async fn frame(
        &mut self,
        frame: VideoFrame,
        parameters: Option<&VideoParameters>,
        came: UnixMicros,
    ) -> Result<(), Fault> {
        (self.errors, self.errors_since) = (0, None);
        if !self.receiving {
            self.receiving().await;
        }
        if frame.loss() > 0 {
            self.meter.damaged();
            self.discontinuity = true;
            if !frame::begins_whole(self.codec, frame.data()) {
                return Ok(());
            }
        }
        if let Some(parameters) =
            parameters.filter(|_| self.format.is_none() || frame.has_new_parameters())
        {
            let format = frame::format(self.codec, parameters, self.open.limits.pixels)?;
            if self.format.as_ref() != Some(&format) {
                self.format = Some(format.clone());
                let OpenSession { session, source, .. } = *self.open;
                self.outbox.control(FromIngest::Format { session, source, format }).await;
            }
        }
        let random_access = frame::is_random_access(self.codec, &frame);
        self.meter.frame(Instant::now(), random_access, frame.data().len());

        // Without parameter sets no picture can be decoded; the next keyframe may bring them.
        if self.format.is_none() {
            return Ok(());
        }
        let unit = AccessUnit {
            source: self.open.source,
            codec: self.codec,
            random_access,
            discontinuity: self.discontinuity,
            received_at: came,
            media_time: frame::media_time(frame.timestamp()),
            data: frame::data(self.codec, random_access, parameters, frame).into(),
        };
        self.discontinuity = false;
        let forward = self.wish.borrow().forward;
        let began = std::mem::replace(&mut self.forward, forward) != forward;
        match forward {
            Forward::Keyframes => {
                self.run.push(&unit);
                if random_access {
                    self.send(unit);
                }
            }
            Forward::All => {
                if began {
                    self.catch_up(unit.discontinuity || random_access);
                }
                let after_a_hole = unit.discontinuity || self.discontinuity;
                self.discontinuity = false;
                self.send(AccessUnit { discontinuity: after_a_hole, ..unit });
            }
        }
        Ok(())
    }

    /// Sends what was left out since the newest keyframe, for a decoder that knows nothing yet.
    fn catch_up(&mut self, too_late: bool) {
        let run = self.run.take();
        self.discontinuity = true;
        if too_late {
            return;
        }
        for unit in run {
            let discontinuity = std::mem::take(&mut self.discontinuity);
            self.send(AccessUnit { discontinuity, ..unit });
        }
    }

    fn send(&mut self, unit: AccessUnit) {
        if !self.outbox.unit(self.open.session, unit) {
            self.meter.dropped();
            self.discontinuity = true;
        }
    }

    async fn receiving(&mut self) {
        self.receiving = true;
        self.outbox
            .control(FromIngest::Step { session: self.open.session, step: Step::Receiving })
            .await;
    }

    fn report(&self, now: Instant) {
        let (figures, clock) = {
            let guard = self.shared.guard();
            (guard.figures(), guard.clock(now, SystemTime::now().into()))
        };
        let stats = StreamStats { clock, ..self.meter.stats(now, &figures) };
        self.outbox.figures(FromIngest::Stats { session: self.open.session, stats });
    }

    /// The deadlines of a stream that plays.
    fn watch(&self, now: Instant, started: Instant) -> Result<(), Fault> {
        let limits = &self.open.limits;
        let stalled = |evidence: String| Err(fault(Condition::Stalled, evidence));
        match self.shared.guard().figures().last_rtp {
            None if now.duration_since(started) > limits.first_packet => stalled(format!(
                "the camera accepted PLAY but sent no video within {} s",
                limits.first_packet.as_secs_f32()
            )),
            Some(last) if now.saturating_duration_since(last) > limits.rtp_gap => stalled(format!(
                "no video for {} s while the connection stays open",
                limits.rtp_gap.as_secs_f32()
            )),
            _ => Ok(()),
        }
    }
}
