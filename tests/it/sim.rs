//! The camera simulator against real clients: retina, the `ffmpeg` command, and a raw RTSP client
//! for what well-behaved clients cannot see.

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::Stdio,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use futures_util::StreamExt;
use retina::{
    client::{
        Credentials, PlayOptions, Session, SessionOptions, SetupOptions, TcpTransportOptions,
        Transport, UdpTransportOptions,
    },
    codec::{CodecItem, FrameFormat},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use watchwall::{
    domain::{
        media::{Codec, StreamKind},
        nal,
    },
    sim::{CameraStats, FaultKind, Settings, Sim, scene},
};

/// Generous: the first run also encodes.
const PATIENCE: Duration = Duration::from_secs(60);

fn cache() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sim-cache")
}

async fn simulate(cameras: u32) -> Sim {
    let settings = Settings { cameras, cache: cache(), ..Settings::default() };
    Sim::start(settings).await.expect("the simulator starts")
}

async fn with_password() -> Sim {
    let credentials = Some(("viewer".to_owned(), "secret".to_owned()));
    let settings = Settings { cameras: 1, cache: cache(), credentials, ..Settings::default() };
    Sim::start(settings).await.expect("the simulator starts")
}

fn seen(sim: &Sim, camera: u32) -> CameraStats {
    sim.stats().cameras[camera as usize - 1].clone()
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    timeout(PATIENCE, async {
        while !holds() {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap_or_else(|_| panic!("{what} did not come true"));
}

/// A stream pulled by retina.
struct Pulled {
    media: retina::client::Demuxed,
}

/// One access unit as retina gives it.
struct Frame {
    keyframe: bool,
    /// In units of 90 kHz, without wrapping.
    time: i64,
    data: Vec<u8>,
}

impl Pulled {
    async fn open(url: &str, transport: Transport) -> Result<Self, retina::Error> {
        Self::open_as(url, transport, None).await
    }

    async fn open_as(
        url: &str,
        transport: Transport,
        who: Option<(&str, &str)>,
    ) -> Result<Self, retina::Error> {
        let creds = who.map(|(user, password)| Credentials {
            username: user.to_owned(),
            password: password.to_owned(),
        });
        let url = url.parse().expect("a URL");
        let options = SessionOptions::default().creds(creds);
        let mut session = Session::describe(url, options).await?;
        let setup = SetupOptions::default().transport(transport).frame_format(FrameFormat::SIMPLE);
        session.setup(0, setup).await?;
        let media = session.play(PlayOptions::default()).await?.demuxed()?;
        Ok(Self { media })
    }

    async fn frame(&mut self) -> Result<Frame, retina::Error> {
        let next = async {
            loop {
                match self.media.next().await.expect("media goes on") {
                    Ok(CodecItem::VideoFrame(frame)) => {
                        return Ok(Frame {
                            keyframe: frame.is_random_access_point(),
                            time: frame.timestamp().timestamp(),
                            data: frame.into_data(),
                        });
                    }
                    Ok(_) => {}
                    Err(error) => return Err(error),
                }
            }
        };
        timeout(PATIENCE, next).await.expect("a frame comes")
    }

    async fn keyframe(&mut self) -> Frame {
        loop {
            let frame = self.frame().await.expect("a good stream");
            if frame.keyframe {
                return frame;
            }
        }
    }
}

fn tcp() -> Transport {
    Transport::Tcp(TcpTransportOptions::default())
}

fn udp() -> Transport {
    Transport::Udp(UdpTransportOptions::default())
}

/// A raw RTSP client over TCP.
struct Raw {
    stream: TcpStream,
    received: Vec<u8>,
    url: String,
    cseq: u32,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Raw {
    async fn connect(sim: &Sim, camera: u32) -> Self {
        let stream = TcpStream::connect(sim.rtsp_addr()).await.expect("it listens");
        Self { stream, received: Vec::new(), url: sim.url(camera, StreamKind::Sub), cseq: 0 }
    }

    async fn send(&mut self, method: &str, path: &str, headers: &str) {
        self.cseq += 1;
        let request =
            format!("{method} {}{path} RTSP/1.0\r\nCSeq: {}\r\n{headers}\r\n", self.url, self.cseq);
        self.stream.write_all(request.as_bytes()).await.expect("it reads");
    }

    /// More bytes; `None` when the connection is over.
    async fn more(&mut self) -> Option<()> {
        match self.stream.read_buf(&mut self.received).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }

    /// The next interleaved packet with its channel; skips nothing.
    async fn packet(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let [b'$', channel, high, low, ..] = self.received[..] {
                let length = 4 + usize::from(u16::from_be_bytes([high, low]));
                if self.received.len() >= length {
                    let packet = self.received.drain(..length).skip(4).collect();
                    return Some((channel, packet));
                }
            } else if !self.received.is_empty() {
                return None;
            }
            self.more().await?;
        }
    }

    /// The answer to the last request, past the packets in front of it.
    async fn answer(&mut self) -> Option<Answer> {
        loop {
            while self.received.first() == Some(&b'$') {
                self.packet().await?;
            }
            let text = String::from_utf8_lossy(&self.received).into_owned();
            if let Some(end) = text.find("\r\n\r\n") {
                let head = text[..end].to_owned();
                let length: usize = head
                    .lines()
                    .find_map(|line| line.strip_prefix("Content-Length: "))
                    .map_or(0, |length| length.parse().expect("a number"));
                if self.received.len() >= end + 4 + length {
                    let body = text[end + 4..end + 4 + length].to_owned();
                    self.received.drain(..end + 4 + length);
                    let status = head[9..12].parse().expect("a status");
                    return Some(Answer { status, head, body });
                }
            }
            self.more().await?;
        }
    }

    async fn ask(&mut self, method: &str, path: &str, headers: &str) -> Answer {
        self.send(method, path, headers).await;
        timeout(PATIENCE, self.answer()).await.expect("in time").expect("an answer")
    }

    async fn play(sim: &Sim, camera: u32) -> Self {
        let mut raw = Self::connect(sim, camera).await;
        assert_eq!(raw.ask("DESCRIBE", "", "").await.status, 200);
        let transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
        assert_eq!(raw.ask("SETUP", "/trackID=0", transport).await.status, 200);
        assert_eq!(raw.ask("PLAY", "", "").await.status, 200);
        raw
    }

    /// The next RTP packet.
    async fn rtp(&mut self) -> Vec<u8> {
        loop {
            let (channel, packet) =
                timeout(PATIENCE, self.packet()).await.expect("in time").expect("a packet");
            if channel == 0 {
                return packet;
            }
        }
    }

    /// The next RTCP packet.
    async fn rtcp(&mut self) -> Vec<u8> {
        loop {
            let (channel, packet) =
                timeout(PATIENCE, self.packet()).await.expect("in time").expect("a packet");
            if channel == 1 {
                return packet;
            }
        }
    }

    /// Whether the connection ends, rather than goes on.
    async fn ends(&mut self) -> bool {
        timeout(PATIENCE, async {
            while self.more().await.is_some() {
                self.received.clear();
            }
        })
        .await
        .is_ok()
    }
}

async fn ffmpeg(arguments: &[&str]) -> std::process::Output {
    let run = tokio::process::Command::new("ffmpeg")
        // It need not look at a stream for five seconds to know what the description says.
        .args(["-nostdin", "-v", "error"])
        .args(if arguments.contains(&"-rtsp_transport") {
            &["-analyzeduration", "200000"][..]
        } else {
            &[]
        })
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    timeout(PATIENCE, run).await.expect("ffmpeg ends").expect("ffmpeg is installed")
}

/// The luma plane of the first picture that the `ffmpeg` command decodes.
async fn luma(url: &str) -> Vec<u8> {
    let output = ffmpeg(&[
        "-rtsp_transport",
        "tcp",
        "-i",
        url,
        "-frames:v",
        "1",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "gray",
        "-",
    ])
    .await;
    assert_eq!(output.stdout.len(), 640 * 360, "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn mean(luma: &[u8]) -> u64 {
    luma.iter().map(|y| u64::from(*y)).sum::<u64>() / luma.len() as u64
}

/// How much neighbouring pixels differ: what a blurred picture has little of.
/// Only the middle counts: name, clock and strip stay sharp.
fn detail(luma: &[u8]) -> u64 {
    luma[40 * 640..300 * 640]
        .windows(2)
        .map(|pair| u64::from(pair[0].abs_diff(pair[1])))
        .sum::<u64>()
        / 1_000
}

#[tokio::test(flavor = "multi_thread")]
async fn retina_pulls_h264_and_h265_over_tcp_and_udp() {
    let sim = simulate(10).await;
    for (camera, codec) in [(1, Codec::H264), (10, Codec::H265)] {
        for transport in [tcp(), udp()] {
            let mut pulled =
                Pulled::open(&sim.url(camera, StreamKind::Sub), transport).await.expect("it plays");
            let first = pulled.frame().await.expect("a frame");
            assert!(first.keyframe, "a session starts with a keyframe");
            assert!(nal::is_random_access(codec, &first.data));
            let mut keyframes = 1;
            for _ in 0..30 {
                keyframes += u32::from(pulled.frame().await.expect("a frame").keyframe);
            }
            assert_eq!(keyframes, 2, "30 frames at 12.5 a second span one more keyframe");
        }
    }
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ffmpeg_command_decodes_both_streams_over_tcp_and_udp_without_an_error() {
    let sim = simulate(10).await;
    for (camera, stream, transport) in [
        (1, StreamKind::Sub, "tcp"),
        (1, StreamKind::Main, "tcp"),
        (10, StreamKind::Sub, "tcp"),
        (1, StreamKind::Sub, "udp"),
        (10, StreamKind::Sub, "udp"),
    ] {
        let url = sim.url(camera, stream);
        let output =
            ffmpeg(&["-rtsp_transport", transport, "-i", &url, "-t", "2.5", "-f", "null", "-"])
                .await;
        assert!(output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{url} over {transport}");
    }
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decoded_picture_tells_when_it_was_due() {
    let sim = simulate(1).await;
    let luma = luma(&sim.url(1, StreamKind::Sub)).await;
    let position = scene::read_strip(&luma, 640, 360, 640).expect("the strip survives coding");
    // A session starts with a keyframe, and keyframes stand every two seconds of the loop.
    assert_eq!(position % 2_000, 0);
    assert!(position < seen(&sim, 1).loop_ms);
    sim.shutdown().await;
}

/// Whether a B slice is in an H.264 access unit.
fn holds_b_slice(access_unit: &[u8]) -> bool {
    nal::units(access_unit).filter(|unit| matches!(unit[0] & 0x1f, 1 | 5)).any(|unit| {
        // Two numbers in Exp-Golomb code stand first: a macroblock's place and the slice's kind.
        let bit =
            |at: usize| unit.get(1 + at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
        let number = |at: usize| {
            let zeros = (at..).take_while(|at| !bit(*at)).count();
            let value = (0..=zeros).fold(0, |value, i| value << 1 | u32::from(bit(at + zeros + i)));
            (value - 1, at + 2 * zeros + 1)
        };
        let (_, after) = number(0);
        number(after).0 % 5 == 1
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn time_goes_on_evenly_over_the_loops_end_and_no_picture_refers_to_a_later_one() {
    let sim = simulate(8).await;
    let position_ms = |stats: &CameraStats| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
        (now + u128::from(stats.loop_offset_ms)) % u128::from(stats.loop_ms)
    };
    // The one whose loop ends first, but not before a session plays.
    let stats = sim.stats().cameras;
    let first =
        stats.iter().filter(|stats| position_ms(stats) < 13_000).max_by_key(|s| position_ms(s));
    let first = first.expect("eight are spread over the loop").camera;
    for (camera, stream, step, frames) in
        [(first, StreamKind::Sub, 7_200, 125), (1, StreamKind::Main, 3_600, 60)]
    {
        let mut pulled = Pulled::open(&sim.url(camera, stream), tcp()).await.expect("it plays");
        let before = position_ms(&seen(&sim, camera));
        let mut last = pulled.keyframe().await;
        for _ in 0..frames {
            let next = pulled.frame().await.expect("a good stream");
            assert_eq!(next.time - last.time, step, "{stream:?}");
            assert!(!holds_b_slice(&next.data));
            last = next;
        }
        let over = position_ms(&seen(&sim, camera)) < before;
        assert!(over || stream == StreamKind::Main, "the loop did not end");
    }
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_at_once_are_counted_and_a_third_is_refused_where_two_are_allowed() {
    let sim = simulate(1).await;
    let transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
    sim.faults().set(1, FaultKind::SessionLimit, None).expect("there is a camera 1");
    let (first, _second) = (Raw::play(&sim, 1).await, Raw::play(&sim, 1).await);
    let mut third = Raw::connect(&sim, 1).await;
    assert_eq!(third.ask("SETUP", "/trackID=0", transport).await.status, 453);
    assert_eq!((seen(&sim, 1).sessions_most, seen(&sim, 1).sessions_refused), (2, 1));
    drop(first);
    until("the first's end", || seen(&sim, 1).sub_open == 1).await;
    let mut freed = Raw::connect(&sim, 1).await;
    assert_eq!(freed.ask("SETUP", "/trackID=0", transport).await.status, 200);
    // Set up again, it is still one session.
    assert_eq!(freed.ask("SETUP", "/trackID=0", transport).await.status, 200);
    sim.faults().clear(1).expect("there is a camera 1");
    assert_eq!(third.ask("SETUP", "/trackID=0", transport).await.status, 200);
    assert_eq!((seen(&sim, 1).sessions_most, seen(&sim, 1).sessions_refused), (3, 1));
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_plays_and_a_wrong_one_is_counted() {
    let sim = with_password().await;
    let url = sim.url(1, StreamKind::Sub);
    let mut pulled =
        Pulled::open_as(&url, tcp(), Some(("viewer", "secret"))).await.expect("it plays");
    pulled.frame().await.expect("a frame");
    assert_eq!(seen(&sim, 1).sign_in_rejected, 0);
    let before = seen(&sim, 1).sign_in_attempts;
    assert!(before > 0);
    assert!(Pulled::open_as(&url, tcp(), Some(("viewer", "wrong"))).await.is_err());
    assert_eq!((seen(&sim, 1).sign_in_attempts, seen(&sim, 1).sign_in_rejected), (before + 1, 1));
    assert!(Pulled::open(&url, tcp()).await.is_err());
    let signed = url.replace("rtsp://", "rtsp://viewer:secret@");
    assert!(!luma(&signed).await.is_empty(), "ffmpeg signs in with MD5");
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_handshakes_and_sessions_are_counted() {
    let sim = simulate(2).await;
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let mut raw = Raw::connect(&sim, 2).await;
        assert_eq!(raw.ask("OPTIONS", "", "").await.status, 200);
        waiting.push(raw);
    }
    assert_eq!(sim.stats().handshakes_now, 3);
    let raw = Raw::play(&sim, 1).await;
    assert_eq!(sim.stats().handshakes_at_once_max, 4);
    assert_eq!(sim.stats().handshakes_now, 3);
    until("frames", || seen(&sim, 1).frames_sent > 3).await;
    assert_eq!((seen(&sim, 1).sub_open, seen(&sim, 1).sessions), (1, 1));
    assert_eq!((seen(&sim, 2).connections, seen(&sim, 2).connections_open), (3, 3));
    drop(raw);
    drop(waiting);
    until("the end of all", || {
        seen(&sim, 1).sub_open == 0
            && seen(&sim, 2).connections_open == 0
            && sim.stats().handshakes_now == 0
    })
    .await;
    assert_eq!(seen(&sim, 2).connections, 3);
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_handshake_have_their_effect_and_end() {
    let sim = simulate(1).await;
    let set = |kind| sim.faults().set(1, kind, None).expect("there is a camera 1");

    set(FaultKind::Refuse);
    let mut raw = Raw::connect(&sim, 1).await;
    raw.send("OPTIONS", "", "").await;
    assert!(raw.answer().await.is_none(), "refuse resets");

    set(FaultKind::Silent);
    let mut raw = Raw::connect(&sim, 1).await;
    raw.send("OPTIONS", "", "").await;
    let waited = timeout(Duration::from_millis(700), raw.answer()).await;
    assert!(waited.is_err(), "silent neither answers nor closes");

    set(FaultKind::Auth);
    let mut raw = Raw::connect(&sim, 1).await;
    let answer = raw.ask("DESCRIBE", "", "").await;
    assert_eq!(answer.status, 401);
    assert!(answer.head.contains("WWW-Authenticate: Digest"), "{}", answer.head);
    let header = "Authorization: Digest username=\"viewer\"\r\n";
    assert_eq!(raw.ask("DESCRIBE", "", header).await.status, 401);
    assert_eq!(seen(&sim, 1).sign_in_rejected, 1);

    set(FaultKind::Busy);
    let mut raw = Raw::connect(&sim, 1).await;
    assert_eq!(raw.ask("DESCRIBE", "", "").await.status, 200);
    let transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
    assert_eq!(raw.ask("SETUP", "/trackID=0", transport).await.status, 453);

    set(FaultKind::Redirect);
    let answer = Raw::connect(&sim, 1).await.ask("DESCRIBE", "", "").await;
    assert_eq!(answer.status, 302);
    assert!(answer.head.contains("Location: rtsp://127.0.0.66"), "{}", answer.head);

    set(FaultKind::ForeignBase);
    let answer = Raw::connect(&sim, 1).await.ask("DESCRIBE", "", "").await;
    assert!(answer.head.contains("Content-Base: rtsp://127.0.0.66"), "{}", answer.head);

    set(FaultKind::HugeContentLength);
    let mut raw = Raw::connect(&sim, 1).await;
    raw.send("DESCRIBE", "", "").await;
    while !raw.received.ends_with(b"v=0\r\n") {
        timeout(PATIENCE, raw.more()).await.expect("in time").expect("bytes");
    }
    let head = String::from_utf8_lossy(&raw.received);
    assert!(head.contains("Content-Length: 100000000000"), "{head}");

    set(FaultKind::EndlessHeader);
    let mut raw = Raw::connect(&sim, 1).await;
    raw.send("DESCRIBE", "", "").await;
    let mut length = 0;
    while length < 8 << 20 {
        raw.received.clear();
        timeout(PATIENCE, raw.more()).await.expect("in time").expect("bytes");
        assert!(!raw.received.contains(&b'\n') || length < 64);
        length += raw.received.len();
    }
    sim.faults().clear(1).expect("there is a camera 1");
    assert!(raw.ends().await, "the header ends with the fault");
    let mut pulled = Pulled::open(&sim.url(1, StreamKind::Sub), tcp()).await.expect("all is well");
    assert!(pulled.frame().await.expect("a frame").keyframe);
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_a_running_session_act_at_once_and_end() {
    let sim = simulate(1).await;
    let set = |kind| sim.faults().set(1, kind, None).expect("there is a camera 1");

    let mut raw = Raw::play(&sim, 1).await;
    raw.rtp().await;
    set(FaultKind::Stall);
    assert_eq!(raw.ask("GET_PARAMETER", "", "").await.status, 200);
    // The answer was behind the last packet; now only sender reports may come.
    sleep(Duration::from_millis(100)).await;
    let sent = seen(&sim, 1).frames_sent;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(raw.ask("GET_PARAMETER", "", "").await.status, 200);
    assert_eq!(seen(&sim, 1).frames_sent, sent, "a stalled camera sends nothing");
    sim.faults().clear(1).expect("there is a camera 1");
    raw.rtp().await;

    set(FaultKind::Garbage);
    let garbage = timeout(PATIENCE, async { while raw.packet().await.is_some() {} }).await;
    assert!(garbage.is_ok() && !raw.received.is_empty(), "bytes that are no packet");

    sim.faults().clear(1).expect("there is a camera 1");
    let mut raw = Raw::play(&sim, 1).await;
    set(FaultKind::Loss);
    let mut last = None;
    timeout(PATIENCE, async {
        loop {
            let packet = raw.rtp().await;
            let sequence = u16::from_be_bytes([packet[2], packet[3]]);
            if last.is_some_and(|last: u16| last.wrapping_add(1) != sequence) {
                return;
            }
            last = Some(sequence);
        }
    })
    .await
    .expect("a packet is missing");

    set(FaultKind::Clock);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    timeout(PATIENCE, async {
        loop {
            let report = raw.rtcp().await;
            let seconds = u32::from_be_bytes([report[8], report[9], report[10], report[11]]);
            let unix = u64::from(seconds) - 2_208_988_800;
            if unix + 80_000 < now {
                return;
            }
        }
    })
    .await
    .expect("a report a day behind");

    set(FaultKind::OversizeUnit);
    let mut endless = (0, 0_u32);
    while endless.1 < 2_000 {
        let packet = raw.rtp().await;
        let time = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
        assert!(endless.1 < 2 || packet[1] & 0x80 == 0, "no packet is the last");
        endless = if time == endless.0 { (time, endless.1 + 1) } else { (time, 0) };
    }

    set(FaultKind::Close);
    assert!(raw.ends().await);
    let mut raw = Raw::play(&sim, 1).await;
    assert!(raw.ends().await, "close ends new sessions too");
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_camera_repeats_one_keyframe_and_a_looped_one_repeats_four_seconds() {
    let sim = simulate(2).await;
    let mut frozen = Pulled::open(&sim.url(1, StreamKind::Sub), tcp()).await.expect("it plays");
    let mut looped = Pulled::open(&sim.url(2, StreamKind::Sub), tcp()).await.expect("it plays");
    assert_ne!(frozen.keyframe().await.data, frozen.keyframe().await.data, "a living picture");
    sim.faults().set(1, FaultKind::Freeze, None).expect("there is a camera 1");
    sim.faults().set(2, FaultKind::Loop, None).expect("there is a camera 2");
    let (same, again) = tokio::join!(
        timeout(PATIENCE, async {
            let mut last = Vec::new();
            loop {
                let data = frozen.keyframe().await.data;
                if data == last {
                    return;
                }
                last = data;
            }
        }),
        timeout(PATIENCE, async {
            let mut seen = Vec::new();
            loop {
                let data = looped.keyframe().await.data;
                // Two keyframes in turn: the one before the last comes back, the last is another.
                if seen.iter().rev().nth(1) == Some(&data) && seen.last() != Some(&data) {
                    return;
                }
                seen.push(data);
            }
        }),
    );
    same.expect("the same keyframe twice running");
    again.expect("a keyframe comes back after four seconds");
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_picture_show_in_decoded_pixels() {
    let sim = simulate(1).await;
    let url = sim.url(1, StreamKind::Sub);
    let well = luma(&url).await;
    let mut pictures = Vec::new();
    for kind in
        [FaultKind::Black, FaultKind::White, FaultKind::Blur, FaultKind::Cover, FaultKind::Move]
    {
        sim.faults().set(1, kind, None).expect("there is a camera 1");
        pictures.push(luma(&url).await);
    }
    let [black, white, blur, cover, moved] = &pictures[..] else { panic!("five pictures") };
    assert!(mean(black) < 24, "black: {}", mean(black));
    assert!(mean(white) > 215, "white: {}", mean(white));
    assert!(detail(blur) * 3 < detail(&well) * 2, "blur: {} of {}", detail(blur), detail(&well));
    assert!(mean(cover) * 2 < mean(&well), "cover: {} of {}", mean(cover), mean(&well));
    let apart: u64 = moved.iter().zip(&well).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    assert!(apart / well.len() as u64 > 15, "moved: {}", apart / well.len() as u64);
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_coding_show_in_the_stream() {
    let sim = simulate(1).await;
    let url = sim.url(1, StreamKind::Sub);
    let set = |kind| sim.faults().set(1, kind, None).expect("there is a camera 1");
    let parameter_sets = |data: &[u8]| -> Vec<Bytes> {
        nal::units(data).filter(|unit| unit[0] & 0x1f == 7).map(Bytes::copy_from_slice).collect()
    };

    let mut pulled = Pulled::open(&url, tcp()).await.expect("it plays");
    let first = parameter_sets(&pulled.keyframe().await.data);
    set(FaultKind::Resolution);
    timeout(PATIENCE, async { while parameter_sets(&pulled.keyframe().await.data) == first {} })
        .await
        .expect("another size mid-stream");

    set(FaultKind::BadKeyframe);
    timeout(PATIENCE, async {
        loop {
            let output = ffmpeg(&[
                "-rtsp_transport",
                "tcp",
                "-i",
                &url,
                "-frames:v",
                "2",
                "-f",
                "null",
                "-",
            ])
            .await;
            if !output.stderr.is_empty() {
                return;
            }
        }
    })
    .await
    .expect("a decoder complains");

    set(FaultKind::LowFps);
    let mut pulled = Pulled::open(&url, tcp()).await.expect("it plays");
    let mut since_keyframe = 0;
    pulled.keyframe().await;
    while !pulled.frame().await.expect("a frame").keyframe {
        since_keyframe += 1;
    }
    assert_eq!(since_keyframe, 4, "five frames in two seconds");

    set(FaultKind::CodecSwap);
    let answer = Raw::connect(&sim, 1).await.ask("DESCRIBE", "", "").await;
    assert!(answer.body.contains("H265/90000"), "{}", answer.body);
    assert!(pulled_ends(&mut pulled).await, "running sessions end");
    sim.faults().clear(1).expect("there is a camera 1");
    let answer = Raw::connect(&sim, 1).await.ask("DESCRIBE", "", "").await;
    assert!(answer.body.contains("H264/90000"), "{}", answer.body);
    sim.shutdown().await;
}

async fn pulled_ends(pulled: &mut Pulled) -> bool {
    timeout(PATIENCE, async { while pulled.media.next().await.is_some_and(|item| item.is_ok()) {} })
        .await
        .is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_group_of_pictures_starts_at_once_in_a_running_session() {
    let sim = simulate(1).await;
    let mut pulled = Pulled::open(&sim.url(1, StreamKind::Sub), tcp()).await.expect("it plays");
    pulled.keyframe().await;
    sim.faults().set(1, FaultKind::LongGop, None).expect("there is a camera 1");
    timeout(PATIENCE, async {
        let mut run = 0;
        while run <= 60 {
            run = if pulled.frame().await.expect("a frame").keyframe { 0 } else { run + 1 };
        }
    })
    .await
    .expect("more than two seconds without a keyframe");
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_giant_picture_is_announced_in_its_parameter_sets() {
    let sim = simulate(1).await;
    sim.faults().set(1, FaultKind::GiantSps, None).expect("there is a camera 1");
    let url = sim.url(1, StreamKind::Sub);
    let session = timeout(PATIENCE, async {
        loop {
            let parsed = url.parse().expect("a URL");
            match Session::describe(parsed, SessionOptions::default()).await {
                Ok(session) => return session,
                // The first time it takes some seconds to encode.
                Err(_) => sleep(Duration::from_millis(200)).await,
            }
        }
    })
    .await
    .expect("it is encoded");
    let parameters = session.streams()[0].parameters();
    let Some(retina::codec::ParametersRef::Video(video)) = parameters else {
        panic!("video parameters");
    };
    assert_eq!(video.pixel_dimensions(), (16_384, 8_192));
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_api_sets_ends_and_refuses_with_the_remedy() {
    let sim = simulate(2).await;
    let base = format!("http://{}", sim.control_addr());
    let http = reqwest::Client::new();
    let post = |path: &str, body: &str| {
        http.post(format!("{base}{path}"))
            .header("content-type", "application/json")
            .body(body.to_owned())
            .send()
    };
    let answer = post("/cam/002/fault", r#"{"kind":"freeze","for_s":0.2}"#).await.expect("sent");
    assert_eq!(answer.status(), 204);
    assert_eq!(sim.faults().of(2), Ok(Some(FaultKind::Freeze)));
    until("the end of the fault", || sim.faults().of(2) == Ok(None)).await;

    post("/site/1/fault", r#"{"kind":"stall"}"#).await.expect("sent");
    assert_eq!(sim.faults().of(1), Ok(Some(FaultKind::Stall)));
    http.delete(format!("{base}/site/1/fault")).send().await.expect("sent");
    assert_eq!(sim.faults().of(1), Ok(None));

    for (path, body, status, remedy) in [
        ("/cam/002/fault", r#"{"kind":"frozen"}"#, 400, "use one of refuse, close"),
        ("/cam/002/fault", r#"{"kind":"freeze","for_s":-1}"#, 400, "above zero"),
        ("/cam/002/fault", "freeze", 400, "send JSON like"),
        ("/cam/003/fault", r#"{"kind":"freeze"}"#, 404, "numbered 1 to 2"),
        ("/site/9/fault", r#"{"kind":"freeze"}"#, 404, "numbered 1 to 1"),
        ("/cam/x/fault", r#"{"kind":"freeze"}"#, 404, "/cam/007/fault"),
    ] {
        let answer = post(path, body).await.expect("sent");
        assert_eq!(answer.status(), status, "{path} {body}");
        let text = answer.text().await.expect("text");
        assert!(text.contains(remedy), "{text}");
    }
    let stats = http.get(format!("{base}/stats")).send().await.expect("sent");
    let stats: serde_json::Value = stats.json().await.expect("JSON");
    assert_eq!(stats["cameras"][1]["camera"], 2);
    assert_eq!(stats["handshakes_at_once_max"], 0);
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_loses_its_frames_and_delays_nobody() {
    let sim = simulate(2).await;
    let stuck = Raw::play(&sim, 1).await;
    sim.faults().set(1, FaultKind::OversizeUnit, None).expect("there is a camera 1");
    let mut pulled = Pulled::open(&sim.url(2, StreamKind::Sub), tcp()).await.expect("it plays");
    for _ in 0..60 {
        pulled.frame().await.expect("a frame");
    }
    sim.faults().clear(1).expect("there is a camera 1");
    until("dropped frames", || seen(&sim, 1).frames_dropped > 0).await;
    drop(stuck);
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn real_clips_are_served_as_they_are_or_coded_anew() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let at = |name: &str| directory.path().join(name).display().to_string();
    let source = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=10:duration=4"];
    let plain = ["-c:v", "libx264", "-bf", "0", "-g", "20", "-pix_fmt", "yuv420p"];
    let file = at("a.mp4");
    let output = ffmpeg(&[&source[..], &plain, &[&file]].concat()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let file = at("b.avi");
    assert!(ffmpeg(&[&source[..], &["-c:v", "mpeg4", &file]].concat()).await.status.success());

    let settings = Settings {
        cameras: 2,
        cache: directory.path().join("cache"),
        footage: Some(directory.path().to_owned()),
        ..Settings::default()
    };
    let sim = Sim::start(settings).await.expect("the simulator starts");
    for (camera, transport) in [(1, "tcp"), (2, "udp")] {
        let url = sim.url(camera, StreamKind::Sub);
        let output =
            ffmpeg(&["-rtsp_transport", transport, "-i", &url, "-t", "3", "-f", "null", "-"]).await;
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{url}");
    }
    let mut pulled = Pulled::open(&sim.url(1, StreamKind::Sub), tcp()).await.expect("it plays");
    pulled.keyframe().await;
    let mut between = 1;
    while !pulled.frame().await.expect("a frame").keyframe {
        between += 1;
    }
    assert_eq!(between, 20, "the file's own keyframes");
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulator_that_was_shut_down_listens_no_more() {
    let sim = simulate(1).await;
    let (rtsp, control): (SocketAddr, SocketAddr) = (sim.rtsp_addr(), sim.control_addr());
    let mut raw = Raw::play(&sim, 1).await;
    timeout(PATIENCE, sim.shutdown()).await.expect("it ends");
    assert!(raw.ends().await);
    assert!(TcpStream::connect(rtsp).await.is_err());
    assert!(TcpStream::connect(control).await.is_err());
}

/// CPU seconds that threads of this process with such a name have used (Linux, 100 ticks a second).
fn cpu_s(name: &str) -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux");
    tasks
        .filter_map(Result::ok)
        .filter_map(|task| std::fs::read_to_string(task.path().join("stat")).ok())
        .filter(|stat| stat.contains(&format!("({name}")))
        .map(|stat| {
            let after = stat.rsplit(')').next().unwrap_or_default();
            let fields: Vec<&str> = after.split_ascii_whitespace().collect();
            (fields[11].parse::<f64>().unwrap_or(0.0) + fields[12].parse::<f64>().unwrap_or(0.0))
                / 100.0
        })
        .sum()
}

/// A measurement, not a check: run it alone, optimised, with
/// `CARGO_PROFILE_DEV_OPT_LEVEL=3 cargo test --test it -- --ignored --nocapture the_sender_costs`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement of twenty seconds for a quiet machine"]
async fn the_sender_costs_a_small_part_of_a_core() {
    for cameras in [150, 1_000] {
        let started = std::time::Instant::now();
        let sim = simulate(cameras).await;
        println!("{cameras} cameras: ready after {:.1} s", started.elapsed().as_secs_f64());
        let mut readers = tokio::task::JoinSet::new();
        for camera in 1..=cameras {
            let mut raw = Raw::play(&sim, camera).await;
            readers.spawn(async move {
                let mut sink = vec![0; 64 * 1024];
                while raw.stream.read(&mut sink).await.is_ok_and(|length| length > 0) {}
            });
        }
        let sent = || sim.stats().cameras.iter().map(|camera| camera.frames_sent).sum::<u64>();
        sleep(Duration::from_secs(3)).await;
        let (cpu, frames, clock) = (cpu_s("sim-"), sent(), std::time::Instant::now());
        sleep(Duration::from_secs(10)).await;
        let seconds = clock.elapsed().as_secs_f64();
        let rate = (sent() - frames) as f64 / seconds;
        let cores = (cpu_s("sim-") - cpu) / seconds;
        let dropped: u64 = sim.stats().cameras.iter().map(|camera| camera.frames_dropped).sum();
        println!("{cameras} cameras: {rate:.0} frames/s, {cores:.3} core, {dropped} dropped");
        assert!(rate > f64::from(cameras) * 12.5 * 0.98, "all frames are sent");
        sim.shutdown().await;
        readers.shutdown().await;
    }
}
