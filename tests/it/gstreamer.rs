//! Probes against GStreamer's RTSP server, a real implementation that is not ours.

use std::time::Duration;

use watchwall::{
    domain::{
        camera::{Condition, Transport},
        media::Codec,
        nal,
    },
    ingest::{
        Algorithm, SignIn,
        probe::{Probe, ProbeReport, probe},
    },
    worker::message::{Credentials, SessionLimits, Step},
};

use crate::servers::Server;

/// One camera at `/cam`; with a sign-in as `viewer`, if there is a password.
fn camera(pipeline: &str, password: Option<&str>) -> Server {
    Server::gstreamer(password.map(|password| ("viewer", password)), &[("/cam", pipeline)])
}

async fn look_at(camera: &Server, transport: Transport, password: Option<&str>) -> ProbeReport {
    let credentials =
        password.map(|p| Credentials { username: "viewer".to_owned(), password: p.to_owned() });
    probe(Probe {
        url: camera.url("/cam"),
        credentials,
        transport,
        allow_basic: false,
        limits: SessionLimits {
            describe: Duration::from_secs(30),
            exchange: Duration::from_secs(30),
            ..SessionLimits::default()
        },
        watch_for: Duration::from_secs(30),
    })
    .await
}

const H264: &str = "( videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=25/1 \
    ! openh264enc gop-size=25 ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=1 )";
const MJPEG: &str = "( videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=240,framerate=10/1 \
    ! jpegenc ! rtpjpegpay name=pay0 pt=26 )";

#[tokio::test]
async fn h264_over_tcp_and_udp_with_digest_is_probed() {
    let camera = camera(H264, Some("s3cret"));
    for transport in [Transport::Tcp, Transport::Udp] {
        let report = look_at(&camera, transport, Some("s3cret")).await;
        assert_eq!(report.fault, None, "{transport:?} {report:?}");
        assert_eq!(report.reached, Some(Step::Receiving));
        assert!(
            matches!(report.sign_in, Some(SignIn::Digest(Algorithm::Md5 | Algorithm::Sha256))),
            "{report:?}"
        );
        let format = report.format.expect("known");
        assert_eq!((format.codec, format.width, format.height), (Codec::H264, 640, 360));
        let keyframe = report.keyframe.expect("one came");
        let kinds: Vec<u8> = nal::units(&keyframe.data).map(|nal| nal[0] & 0x1f).collect();
        assert!(kinds.starts_with(&[7, 8]) && kinds.contains(&5), "{kinds:?}");
        let said = |about| report.findings.iter().any(|finding| finding.about == about);
        assert!(
            said("frame rate") && said("bit rate") && said("keyframe interval"),
            "{:?}",
            report.findings
        );
    }
    let wrong = look_at(&camera, Transport::Tcp, Some("wrong")).await;
    let fault = wrong.fault.expect("rejected");
    assert_eq!(
        (fault.condition, fault.sign_in_rejected),
        (Condition::CredentialsRejected, true),
        "{fault:?}"
    );
    assert!(wrong.advice.is_some());
}

#[tokio::test]
async fn mjpeg_is_probed() {
    let camera = camera(MJPEG, None);
    let report = look_at(&camera, Transport::Tcp, None).await;
    assert_eq!((report.fault, report.sign_in), (None, Some(SignIn::None)));
    let format = report.format.expect("known");
    assert_eq!((format.codec, format.width, format.height), (Codec::Mjpeg, 320, 240));
    assert!(report.keyframe.expect("one came").data.starts_with(&[0xff, 0xd8]));
}

#[tokio::test]
async fn a_path_without_a_stream_is_said_to_be_so() {
    let camera = camera(MJPEG, None);
    let url = camera.url("/nothing");
    let report = probe(Probe {
        url,
        credentials: None,
        transport: Transport::Tcp,
        allow_basic: false,
        limits: SessionLimits::default(),
        watch_for: Duration::from_secs(1),
    })
    .await;
    let fault = report.fault.expect("404");
    assert!(fault.evidence.contains("404"), "{fault:?}");
    assert_eq!(report.reached, Some(Step::Connected));
}
