//! An ingest worker against scripted cameras: honest, quirky and hostile ones.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{DuplexStream, ReadHalf, WriteHalf},
    net::TcpListener,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use watchwall::{
    domain::{
        camera::{Condition, Handle, Transport},
        media::{AccessUnit, Codec, StreamFormat, StreamKind, StreamRef},
        nal,
    },
    ingest,
    worker::{
        link::{LinkError, LinkReader, LinkWriter},
        message::{
            Credentials, Fault, Forward, FromIngest, IngestFrame, OpenSession, SessionId,
            SessionLimits, Step, StreamStats, ToIngest,
        },
    },
};

use crate::fake_camera::{Connection, FakeCamera, PPS, Packets, SPS, framed, h264_sdp, sdp};

/// Generous: a machine busy with other builds must not fail a test.
const PATIENCE: Duration = Duration::from_secs(30);

struct Worker {
    reader: LinkReader<ReadHalf<DuplexStream>>,
    writer: LinkWriter<WriteHalf<DuplexStream>>,
    running: JoinHandle<Result<(), LinkError>>,
}

/// What a session said until a test had seen enough.
#[derive(Default, Debug)]
struct Seen {
    steps: Vec<Step>,
    formats: Vec<StreamFormat>,
    units: Vec<AccessUnit>,
    stats: StreamStats,
    ended: Option<Option<Fault>>,
}

impl Worker {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let (near, far) = tokio::io::duplex(1 << 20);
        let running = tokio::spawn(ingest::run(far, listener));
        let (reader, writer) = tokio::io::split(near);
        let mut worker =
            Self { reader: LinkReader::new(reader), writer: LinkWriter::new(writer), running };
        assert_eq!(worker.next().await, IngestFrame::Control(FromIngest::Ready));
        worker
    }

    async fn next(&mut self) -> IngestFrame {
        let frame = timeout(PATIENCE, self.reader.next()).await.expect("the worker says something");
        IngestFrame::parse(frame.expect("the link is whole").expect("the worker lives"))
            .expect("well formed")
    }

    async fn tell(&mut self, word: ToIngest) {
        self.writer.control(&word).await.expect("the worker lives");
    }

    async fn open(&mut self, open: OpenSession) {
        self.tell(ToIngest::Open(Box::new(open))).await;
    }

    /// Listens to the session until `enough`, or its end.
    async fn until(&mut self, mut enough: impl FnMut(&Seen) -> bool) -> Seen {
        let mut seen = Seen::default();
        while seen.ended.is_none() && !enough(&seen) {
            match self.next().await {
                IngestFrame::AccessUnit(unit, _) => seen.units.push(unit),
                IngestFrame::Control(FromIngest::Step { step, .. }) => seen.steps.push(step),
                IngestFrame::Control(FromIngest::Format { format, .. }) => {
                    seen.formats.push(format)
                }
                IngestFrame::Control(FromIngest::Stats { stats, .. }) => seen.stats = stats,
                IngestFrame::Control(FromIngest::Ended { fault, .. }) => seen.ended = Some(fault),
                other => unreachable!("{other:?}"),
            }
        }
        seen
    }

    async fn stop(self) {
        drop((self.reader, self.writer));
        let ended = timeout(PATIENCE, self.running).await.expect("it ends by itself");
        ended.expect("no panic").ok();
    }
}

fn session(address: SocketAddr) -> OpenSession {
    OpenSession {
        session: SessionId(1),
        source: StreamRef { camera: Handle(7), stream: StreamKind::Sub },
        url: format!("rtsp://camera.example:{}/sub?x=1", address.port()).parse().expect("a URL"),
        address,
        transport: Transport::Tcp,
        credentials: Some(Credentials {
            username: "viewer".to_owned(),
            password: "s3cret".to_owned(),
        }),
        allow_basic: false,
        forward: Forward::All,
        limits: SessionLimits::default(),
    }
}

/// Runs one session against a script and says how it ended.
async fn fault_of<F>(script: impl Fn(Connection) -> F + Send + 'static) -> Fault
where
    F: Future<Output = ()> + Send,
{
    fault_with(script, |_| {}).await.0
}

async fn fault_with<F>(
    script: impl Fn(Connection) -> F + Send + 'static,
    change: impl FnOnce(&mut OpenSession),
) -> (Fault, Seen, FakeCamera)
where
    F: Future<Output = ()> + Send,
{
    let camera = FakeCamera::start(script).await;
    let mut open = session(camera.address);
    change(&mut open);
    let mut worker = Worker::start().await;
    worker.open(open).await;
    let mut seen = worker.until(|_| false).await;
    worker.stop().await;
    let fault = seen.ended.take().expect("it ended").expect("not by a wish");
    assert!(!fault.evidence.is_empty() && !fault.evidence.contains("s3cret"), "{fault:?}");
    (fault, seen, camera)
}

async fn stream(camera: &mut Connection, packets: &mut Packets) {
    loop {
        camera.send(&packets.keyframe()).await;
        for _ in 0..4 {
            camera.send(&packets.p_frame()).await;
            sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn a_plain_camera_is_described_played_measured_and_torn_down() {
    let camera = FakeCamera::start(|mut camera| async move {
        camera.handshake(&h264_sdp()).await;
        let mut packets = Packets::default();
        for _ in 0..10 {
            camera.send(&packets.keyframe()).await;
            camera.send(&packets.p_frame()).await;
        }
        camera.answer_all().await;
    })
    .await;
    let mut worker = Worker::start().await;
    worker.open(session(camera.address)).await;
    let seen = worker.until(|seen| seen.units.len() == 20 && seen.stats.frames == 20).await;
    assert_eq!(seen.steps, [Step::Connected, Step::Described, Step::Playing, Step::Receiving]);
    let format = &seen.formats[0];
    assert_eq!((format.codec, format.codec_string.as_str()), (Codec::H264, "avc1.4D002A"));
    assert_eq!((format.width, format.height, seen.formats.len()), (1920, 1080, 1));
    for (n, unit) in seen.units.iter().enumerate() {
        assert_eq!((unit.random_access, unit.discontinuity), (n % 2 == 0, n == 0), "unit {n}");
        assert_eq!(unit.media_time, 90_000 + 3600 * n as u32);
        let kinds: Vec<u8> = nal::units(&unit.data).map(|nal| nal[0] & 0x1f).collect();
        assert_eq!(kinds, if unit.random_access { vec![7, 8, 5] } else { vec![1] });
    }
    assert_eq!(
        (seen.stats.keyframes, seen.stats.packets_lost, seen.stats.units_dropped),
        (10, 0, 0)
    );
    worker.tell(ToIngest::Close { session: SessionId(1) }).await;
    assert_eq!(worker.until(|_| false).await.ended, Some(None));
    assert_eq!(camera.requests().last().map(|r| r.method.clone()).as_deref(), Some("TEARDOWN"));
    assert!(camera.requests().iter().all(|r| r.header("User-Agent").starts_with("watchwall/")));
    worker.stop().await;
}

#[tokio::test]
async fn only_keyframes_cross_the_link_until_all_are_wished_for() {
    let camera = FakeCamera::start(|mut camera| async move {
        camera.handshake(&h264_sdp()).await;
        stream(&mut camera, &mut Packets::default()).await;
    })
    .await;
    let mut worker = Worker::start().await;
    worker.open(OpenSession { forward: Forward::Keyframes, ..session(camera.address) }).await;
    let seen = worker.until(|seen| seen.units.len() == 5).await;
    assert!(seen.units.iter().all(|unit| unit.random_access));
    let mut units = Vec::new();
    // Said again, it changes nothing.
    for _ in 0..3 {
        worker.tell(ToIngest::Forward { session: SessionId(1), forward: Forward::All }).await;
        let seen = worker
            .until(|seen| seen.units.iter().filter(|unit| !unit.random_access).count() == 5)
            .await;
        units.extend(seen.units);
    }
    let start = units.iter().position(|unit| unit.discontinuity);
    let whole = &units[start.expect("the pictures in between were not sent")..];
    assert!(whole[0].random_access, "it begins where decoding can start");
    for pair in whole.windows(2) {
        assert_eq!(pair[1].media_time, pair[0].media_time + 3600, "each one once");
        assert!(!pair[1].discontinuity);
    }
    worker.stop().await;
}

/// Parameter sets of a 320x240 H.265 stream.
const H265_SDP: &str = "a=rtpmap:96 H265/90000\r\na=fmtp:96 \
    sprop-vps=QAEMAf//BAgAAAMAnggAAAMAADyVkAk=;\
    sprop-sps=QgEBBAgAAAMAnggAAAMAADyQAUEB4ssrJJJleAtwICAAQAAAAwBAAAAGQg==;\
    sprop-pps=RAHBcoYMRiQ=\r\n";

/// A decoder that was reset at a CRA picture leaves the pictures out that lead it (RASL) and is
/// whole after them; so they need no mark of their own, but the CRA must say that it is the start.
#[tokio::test]
async fn an_open_gop_is_a_start_and_the_pictures_that_lead_it_follow_it() {
    const TRAIL: u8 = 1;
    const RASL_N: u8 = 8;
    const RASL_R: u8 = 9;
    const CRA: u8 = 21;
    const GOP: [u8; 5] = [CRA, RASL_N, RASL_R, TRAIL, TRAIL];
    let script = |mut camera: Connection| async move {
        camera.handshake(&sdp(H265_SDP)).await;
        let mut packets = Packets::default();
        loop {
            for nal_type in GOP {
                // With the bit that says: first slice of its picture.
                let slice = [&[nal_type << 1, 1, 0x80][..], &[0xab; 200]].concat();
                camera.send(&packets.interleaved(&[&slice])).await;
                sleep(Duration::from_millis(10)).await;
            }
        }
    };
    let camera = FakeCamera::start(script).await;
    let kind = |unit: &AccessUnit| {
        let types: Vec<u8> = nal::units(&unit.data).map(|nal| nal[0] >> 1 & 0x3f).collect();
        match types[..] {
            [32, 33, 34, CRA] => CRA,
            [other] => other,
            _ => unreachable!("{types:?}"),
        }
    };
    let check = |units: &[AccessUnit]| {
        for (n, unit) in units.iter().enumerate() {
            assert_eq!(kind(unit), GOP[n % GOP.len()], "unit {n}");
            assert_eq!((unit.random_access, unit.discontinuity), (n % GOP.len() == 0, n == 0));
        }
    };
    let mut worker = Worker::start().await;
    worker.open(session(camera.address)).await;
    let seen = worker.until(|seen| seen.units.len() == 12).await;
    assert_eq!((seen.formats[0].codec, seen.formats[0].width), (Codec::H265, 320));
    check(&seen.units);
    worker.tell(ToIngest::Close { session: SessionId(1) }).await;
    worker.until(|_| false).await;

    let camera = FakeCamera::start(script).await;
    let forward = Forward::Keyframes;
    let open = OpenSession { session: SessionId(2), forward, ..session(camera.address) };
    worker.open(open).await;
    worker.until(|seen| seen.units.len() == 2).await;
    worker.tell(ToIngest::Forward { session: SessionId(2), forward: Forward::All }).await;
    let seen = worker
        .until(|seen| seen.units.iter().filter(|unit| !unit.random_access).count() == 8)
        .await;
    let start = seen.units.iter().position(|unit| unit.discontinuity);
    check(&seen.units[start.expect("a start")..]);
    worker.stop().await;
}

#[tokio::test]
async fn an_absurd_content_length_is_abusive() {
    let fault = fault_of(|mut camera| async move {
        let request = camera.request().await;
        camera.answer(&request, "200 OK", "Content-Length: 100000000000\r\n", "").await;
        camera.answer_all().await;
    })
    .await;
    assert_eq!(fault.condition, Condition::Abusive, "{fault:?}");
}

#[tokio::test]
async fn an_endless_header_is_abusive() {
    let fault = fault_of(|mut camera| async move {
        camera.request().await;
        camera.send(b"RTSP/1.0 200 OK\r\nX: ").await;
        for _ in 0..1000 {
            camera.send(&[b'a'; 10_000]).await;
        }
    })
    .await;
    assert_eq!(fault.condition, Condition::Abusive, "{fault:?}");
}

#[tokio::test]
async fn an_endless_fragmented_picture_is_abusive() {
    let fault = fault_of(|mut camera| async move {
        camera.handshake(&h264_sdp()).await;
        let mut packets = Packets::default();
        let start = packets.packet(false, &[&[0x7c, 0x85][..], &[0xab; 60_000]].concat());
        camera.send(&framed(&start)).await;
        for _ in 0..1000 {
            let more = packets.packet(false, &[&[0x7c, 0x05][..], &[0xab; 60_000]].concat());
            camera.send(&framed(&more)).await;
        }
    })
    .await;
    assert_eq!(fault.condition, Condition::Abusive, "{fault:?}");
}

#[tokio::test]
async fn a_silent_camera_is_unreachable_within_its_deadline() {
    let (fault, seen, _camera) = fault_with(
        |mut camera| async move {
            camera.request().await;
            std::future::pending().await
        },
        |open| open.limits.describe = Duration::from_millis(200),
    )
    .await;
    assert_eq!(fault.condition, Condition::Unreachable, "{fault:?}");
    assert!(fault.evidence.contains("DESCRIBE"), "{fault:?}");
    assert_eq!(seen.steps, [Step::Connected]);
}

#[tokio::test]
async fn a_camera_that_answers_keepalives_but_sends_no_video_is_stalled() {
    let short = |open: &mut OpenSession| {
        open.limits.rtp_gap = Duration::from_millis(300);
        open.limits.first_packet = Duration::from_millis(600);
    };
    let (never, ..) = fault_with(
        |mut camera| async move {
            camera.handshake_with(&h264_sdp(), "7;timeout=1").await;
            camera.answer_all().await;
        },
        short,
    )
    .await;
    assert_eq!(never.condition, Condition::Stalled, "{never:?}");
    let (stops, seen, camera) = fault_with(
        |mut camera| async move {
            camera.handshake_with(&h264_sdp(), "7;timeout=1").await;
            camera.send(&Packets::default().keyframe()).await;
            camera.answer_all().await;
        },
        short,
    )
    .await;
    assert_eq!(stops.condition, Condition::Stalled, "{stops:?}");
    assert_eq!(seen.units.len(), 1);
    assert!(camera.requests().iter().any(|r| r.method == "TEARDOWN"), "its session is freed");
}

#[tokio::test]
async fn a_camera_that_streams_but_never_answers_keepalives_stays() {
    let camera = FakeCamera::start(|mut camera| async move {
        camera.handshake_with(&h264_sdp(), "7;timeout=2").await;
        stream(&mut camera, &mut Packets::default()).await;
    })
    .await;
    let mut worker = Worker::start().await;
    worker.open(session(camera.address)).await;
    // The library alone gives up at the second.
    let seen = worker.until(|seen| seen.stats.keepalives_unanswered >= 3).await;
    assert_eq!(seen.ended, None);
    let after = worker.until(|seen| seen.units.len() >= 10).await;
    assert_eq!(after.ended, None);
    worker.stop().await;
}

#[tokio::test]
async fn a_redirect_and_a_foreign_base_are_not_followed() {
    let moved = fault_of(|mut camera| async move {
        let request = camera.request().await;
        camera.answer(&request, "302 Moved", "Location: rtsp://192.0.2.66/\r\n", "").await;
        camera.answer_all().await;
    })
    .await;
    assert_eq!(moved.condition, Condition::Redirect, "{moved:?}");
    let base = fault_of(|mut camera| async move {
        let request = camera.request().await;
        let headers = "Content-Type: application/sdp\r\nContent-Base: rtsp://192.0.2.66/\r\n";
        camera.answer(&request, "200 OK", headers, &h264_sdp()).await;
        camera.answer_all().await;
    })
    .await;
    assert_eq!(base.condition, Condition::Redirect, "{base:?}");
    assert!(base.evidence.contains("192.0.2.66"), "{base:?}");
}

const DIGEST: &str = "WWW-Authenticate: Digest realm=\"cam\", nonce=\"n1\"\r\n";

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_counts() {
    let (fault, _, camera) = fault_with(
        |mut camera| async move {
            loop {
                let request = camera.request().await;
                camera.answer(&request, "401 Unauthorized", DIGEST, "").await;
            }
        },
        |_| {},
    )
    .await;
    assert_eq!(
        (fault.condition, fault.sign_in_rejected),
        (Condition::CredentialsRejected, true),
        "{fault:?}"
    );
    let tried =
        camera.requests().iter().filter(|r| r.headers.contains_key("Authorization")).count();
    assert_eq!(tried, 1);
}

#[tokio::test]
async fn a_camera_that_asks_for_a_missing_password_is_said_to_ask() {
    let (fault, ..) = fault_with(
        |mut camera| async move {
            let request = camera.request().await;
            camera.answer(&request, "401 Unauthorized", DIGEST, "").await;
            camera.answer_all().await;
        },
        |open| open.credentials = None,
    )
    .await;
    assert_eq!(
        (fault.condition, fault.sign_in_rejected),
        (Condition::CredentialsRejected, false),
        "{fault:?}"
    );
    assert!(fault.evidence.contains("none is configured"), "{fault:?}");
}

#[tokio::test]
async fn a_nonce_that_expires_in_the_handshake_is_no_rejected_password() {
    let fault = fault_of(|mut camera| async move {
        let request = camera.request().await;
        camera.answer(&request, "401 Unauthorized", DIGEST, "").await;
        let request = camera.request().await;
        camera.answer(&request, "200 OK", "Content-Type: application/sdp\r\n", &h264_sdp()).await;
        let request = camera.request().await;
        let stale = "WWW-Authenticate: Digest realm=\"cam\", nonce=\"n2\", stale=true\r\n";
        camera.answer(&request, "401 Unauthorized", stale, "").await;
        camera.answer_all().await;
    })
    .await;
    assert_eq!(
        (fault.condition, fault.sign_in_rejected),
        (Condition::Protocol, false),
        "{fault:?}"
    );
}

#[tokio::test]
async fn a_password_in_clear_text_is_sent_only_where_allowed() {
    let script = |mut camera: Connection| async move {
        loop {
            let request = camera.request().await;
            if request.header("Authorization").starts_with("Basic ") {
                camera.answer(&request, "404 Not Found", "", "").await;
            } else {
                camera
                    .answer(
                        &request,
                        "401 Unauthorized",
                        "WWW-Authenticate: Basic realm=\"cam\"\r\n",
                        "",
                    )
                    .await;
            }
        }
    };
    let (fault, _, camera) = fault_with(script, |_| {}).await;
    assert_eq!((fault.condition, fault.sign_in_rejected), (Condition::CredentialsRejected, false));
    assert!(fault.evidence.contains("allow_basic = true"), "{fault:?}");
    assert!(camera.requests().iter().all(|r| !r.headers.contains_key("Authorization")));
    let (fault, _, camera) = fault_with(script, |open| open.allow_basic = true).await;
    assert_eq!(fault.condition, Condition::Unsupported, "signed in, then 404: {fault:?}");
    assert_eq!(camera.requests().len(), 2);
}

#[tokio::test]
async fn a_busy_camera_has_no_free_session() {
    for status in ["453 Not Enough Bandwidth", "503 Service Unavailable"] {
        let fault = fault_of(move |mut camera| async move {
            let request = camera.request().await;
            camera
                .answer(&request, "200 OK", "Content-Type: application/sdp\r\n", &h264_sdp())
                .await;
            let request = camera.request().await;
            camera.answer(&request, status, "", "").await;
            camera.answer_all().await;
        })
        .await;
        assert_eq!(fault.condition, Condition::SessionLimit, "{fault:?}");
    }
}

#[tokio::test]
async fn endless_garbage_a_new_source_and_a_cut_end_the_session_with_their_reason() {
    let (garbage, seen, _camera) = fault_with(
        |mut camera| async move {
            camera.handshake(&h264_sdp()).await;
            let mut packets = Packets::default();
            camera.send(&packets.keyframe()).await;
            camera.send(&packets.p_frame()).await;
            sleep(Duration::from_millis(100)).await;
            camera.send(&[7; 80 * 1024]).await;
            camera.answer_all().await;
        },
        |_| {},
    )
    .await;
    assert_eq!(garbage.condition, Condition::Protocol, "{garbage:?}");
    assert_eq!(seen.units.len(), 2);
    let source = fault_of(|mut camera| async move {
        camera.handshake(&h264_sdp()).await;
        let mut packets = Packets::default();
        camera.send(&packets.keyframe()).await;
        packets.ssrc += 1;
        stream(&mut camera, &mut packets).await;
    })
    .await;
    assert_eq!(source.condition, Condition::Protocol, "{source:?}");
    assert!(source.evidence.contains("SSRC"), "{source:?}");
    let cut = fault_of(|mut camera| async move {
        camera.handshake(&h264_sdp()).await;
        camera.send(&Packets::default().keyframe()).await;
    })
    .await;
    assert_eq!(cut.condition, Condition::Refused, "{cut:?}");
}

#[tokio::test]
async fn a_closed_port_is_refused() {
    let closed =
        TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("bound");
    let mut worker = Worker::start().await;
    worker.open(session(closed)).await;
    let fault = worker.until(|_| false).await.ended.expect("ended").expect("a fault");
    assert_eq!(fault.condition, Condition::Refused, "{fault:?}");
    worker.stop().await;
}

/// Runs a script that plays, until `enough`.
async fn seen_of<F>(
    script: impl Fn(Connection) -> F + Send + 'static,
    enough: impl FnMut(&Seen) -> bool,
) -> Seen
where
    F: Future<Output = ()> + Send,
{
    let camera = FakeCamera::start(script).await;
    let mut worker = Worker::start().await;
    worker.open(session(camera.address)).await;
    let seen = worker.until(enough).await;
    assert_eq!(seen.ended, None);
    worker.stop().await;
    seen
}

#[tokio::test]
async fn parameter_sets_only_in_band_are_taken_from_there() {
    for broken in [
        "",
        "a=fmtp:96\r\n",
        "a=fmtp:96 sprop-parameter-sets=\r\n",
        "a=fmtp:96 sprop-parameter-sets=!!,??\r\n",
    ] {
        let seen = seen_of(
            move |mut camera| async move {
                camera.handshake(&sdp(&format!("a=rtpmap:96 H264/90000\r\n{broken}"))).await;
                let mut packets = Packets::default();
                camera.send(&packets.p_frame()).await;
                let keyframe = packets.interleaved(&[SPS, PPS, &Packets::slice(true, 4000)]);
                camera.send(&keyframe).await;
                camera.answer_all().await;
            },
            |seen| !seen.units.is_empty(),
        )
        .await;
        assert_eq!(seen.formats[0].width, 1920, "{broken:?}");
        assert!(seen.units[0].random_access, "what came before cannot be decoded");
    }
}

#[tokio::test]
async fn annex_b_inside_one_packet_is_split() {
    let seen = seen_of(
        |mut camera| async move {
            camera.handshake(&sdp("a=rtpmap:96 H264/90000\r\n")).await;
            let slice = Packets::slice(true, 500);
            let start = [0, 0, 0, 1];
            let wrapped = [SPS, &start, PPS, &start, &slice].concat();
            let mut packets = Packets::default();
            camera.send(&packets.interleaved(&[&wrapped])).await;
            camera.answer_all().await;
        },
        |seen| !seen.units.is_empty(),
    )
    .await;
    assert!(seen.units[0].random_access);
    assert_eq!((seen.formats[0].width, seen.formats[0].height), (1920, 1080));
}

#[tokio::test]
async fn what_loss_has_damaged_is_not_passed_on() {
    let seen = seen_of(
        |mut camera| async move {
            camera.handshake(&h264_sdp()).await;
            let mut packets = Packets::default();
            camera.send(&packets.keyframe()).await;
            // The next keyframe loses its second packet, and the one after that its first slice.
            let mut cut = packets.picture(&[&Packets::slice(true, 5000)]);
            cut.remove(1);
            let second = [&[0x65, 0x40][..], &[0xab; 500]].concat();
            let mut headless = packets.picture(&[&Packets::slice(true, 500), &second]);
            headless.remove(0);
            for packet in cut.iter().chain(&headless) {
                camera.send(&framed(packet)).await;
            }
            camera.send(&packets.keyframe()).await;
            camera.answer_all().await;
        },
        |seen| seen.units.len() == 2 && seen.stats.frames == 2,
    )
    .await;
    assert!(seen.units[1].random_access && seen.units[1].discontinuity);
    assert_eq!(seen.units[1].media_time, 90_000 + 3 * 3600);
    assert_eq!(seen.stats.packets_lost, 2);
    assert!(seen.stats.frames_damaged >= 1);
}

#[tokio::test]
async fn a_picture_over_the_size_limit_and_an_unknown_codec_are_unsupported() {
    let (size, ..) = fault_with(
        |mut camera| async move {
            camera.handshake(&h264_sdp()).await;
            camera.send(&Packets::default().keyframe()).await;
            camera.answer_all().await;
        },
        |open| open.limits.pixels = 1_000_000,
    )
    .await;
    assert_eq!(size.condition, Condition::Unsupported, "{size:?}");
    assert!(size.evidence.contains("1920x1080 pixels"), "{size:?}");
    let codec = fault_of(|mut camera| async move {
        camera.handshake(&sdp("a=rtpmap:96 VP8/90000\r\n")).await;
    })
    .await;
    assert_eq!(codec.condition, Condition::Unsupported, "{codec:?}");
    assert!(codec.evidence.contains("vp8"), "{codec:?}");
}

#[tokio::test]
async fn packets_before_play_and_of_an_old_session_are_left_out() {
    let seen = seen_of(
        |mut camera| async move {
            let mut old = Packets { ssrc: 99, sequence: 5, ..Packets::default() };
            camera.send(&old.p_frame()).await;
            camera.handshake(&h264_sdp()).await;
            let mut packets = Packets::default();
            camera.send(&packets.keyframe()).await;
            camera.send(&old.p_frame()).await;
            camera.send(b"OPTIONS * RTSP/1.0\r\nCSeq: 5\r\n\r\n").await;
            camera.send(&packets.p_frame()).await;
            camera.answer_all().await;
        },
        |seen| seen.units.len() == 2,
    )
    .await;
    assert!(!seen.units[1].discontinuity);
}

#[tokio::test]
async fn udp_that_arrives_out_of_order_is_put_in_order() {
    let camera = FakeCamera::start(|mut camera| async move {
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        let ours = socket.local_addr().expect("bound").port();
        let mut theirs = None;
        loop {
            let request = camera.request().await;
            match request.method.as_str() {
                "DESCRIBE" => {
                    camera
                        .answer(
                            &request,
                            "200 OK",
                            "Content-Type: application/sdp\r\n",
                            &h264_sdp(),
                        )
                        .await
                }
                "SETUP" => {
                    let transport = request.header("Transport").to_owned();
                    let port =
                        transport.split("client_port=").nth(1).and_then(|p| p.split('-').next());
                    theirs = port.and_then(|p| p.parse::<u16>().ok());
                    let headers = format!(
                        "Session: 7\r\nTransport: {transport};server_port={ours}-{}\r\n",
                        ours ^ 1
                    );
                    camera.answer(&request, "200 OK", &headers, "").await;
                }
                "PLAY" => {
                    camera.answer(&request, "200 OK", "Session: 7\r\n", "").await;
                    let to = ("127.0.0.1", theirs.expect("SETUP came first"));
                    // The answer goes another way than the packets: let it arrive.
                    sleep(Duration::from_millis(300)).await;
                    let mut packets = Packets::default();
                    for _ in 0..5 {
                        let mut picture = packets.picture(&[&Packets::slice(true, 5000)]);
                        picture.swap(1, 2);
                        for packet in &picture {
                            socket.send_to(packet, to).await.expect("loopback");
                        }
                    }
                }
                _ => camera.answer(&request, "200 OK", "", "").await,
            }
        }
    })
    .await;
    let mut worker = Worker::start().await;
    worker.open(OpenSession { transport: Transport::Udp, ..session(camera.address) }).await;
    let seen = worker.until(|seen| seen.units.len() == 5).await;
    assert_eq!(seen.ended, None);
    assert!(seen.units.iter().all(|unit| unit.random_access));
    assert!(seen.units[1..].iter().all(|unit| !unit.discontinuity));
    worker.stop().await;
}

#[tokio::test]
async fn one_hostile_camera_leaves_the_worker_s_others_alone() {
    let honest = FakeCamera::start(|mut camera| async move {
        camera.handshake(&h264_sdp()).await;
        stream(&mut camera, &mut Packets::default()).await;
    })
    .await;
    let hostile = FakeCamera::start(|mut camera| async move {
        camera.request().await;
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            camera.send(&[b'A'; 60_000]).await;
            tokio::task::yield_now().await;
        }
    })
    .await;
    let mut worker = Worker::start().await;
    worker.open(OpenSession { session: SessionId(1), ..session(honest.address) }).await;
    worker.open(OpenSession { session: SessionId(2), ..session(hostile.address) }).await;
    let (mut units, mut ended) = (0, false);
    while !ended || units < 20 {
        match worker.next().await {
            IngestFrame::AccessUnit(_, session) => {
                assert_eq!(session, SessionId(1));
                units += 1;
            }
            IngestFrame::Control(FromIngest::Ended { session, .. }) => {
                assert_eq!(session, SessionId(2));
                ended = true;
            }
            IngestFrame::Control(_) => {}
        }
    }
    worker.stop().await;
}
