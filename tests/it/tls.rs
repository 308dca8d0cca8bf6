//! HTTPS and both sockets under TLS, from PEM files to pictures.

use std::{collections::HashMap, fs, path::Path, sync::Arc};

use futures_util::StreamExt;
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::ring,
    pki_types::ServerName,
    version::{TLS12, TLS13},
};
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::tungstenite::{Message, http::Response};
use watchwall::{
    config::{Config, Environment},
    domain::{
        camera::Handle,
        media::{Tile, flags},
        time::UnixMicros,
    },
    hub::fanout::Policy,
    service,
};

use crate::centre::{Centre, Client, WITHIN};

type Secure = Client<TlsStream<TcpStream>>;

/// A centre that serves TLS with files of its own, and what a client needs to trust it.
struct Secured {
    centre: Centre,
    trusted: RootCertStore,
}

/// Writes a certificate for `localhost` and its key, as the configuration names them.
pub(crate) fn write_pair(folder: &Path, name: &str) -> rcgen::CertifiedKey<rcgen::KeyPair> {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    fs::write(folder.join(format!("{name}.pem")), pair.cert.pem()).expect("a writable folder");
    fs::write(folder.join(format!("{name}.key")), pair.signing_key.serialize_pem())
        .expect("a writable folder");
    pair
}

async fn shake_hands(
    stream: TcpStream,
    trusted: RootCertStore,
    versions: &[&'static SupportedProtocolVersion],
) -> TlsStream<TcpStream> {
    let mut client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .expect("versions that ring has")
        .with_root_certificates(trusted)
        .with_no_client_auth();
    client.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from("localhost").expect("a name");
    let stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await;
    let stream = stream.expect("a handshake");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    stream
}

impl Secured {
    async fn start(cameras: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let pair = write_pair(folder.path(), "wall");
        let file = folder.path().join("watchwall.toml");
        let text = "[http]\ntls_certificate = \"wall.pem\"\ntls_key = \"wall.key\"\n";
        fs::write(&file, text).expect("a writable folder");
        let config = Config::load(&file, &Environment::default()).expect("a valid file");
        let server = config.http.tls.expect("it was named").server;
        let centre = Centre::start_with(cameras, Policy::default(), |app| {
            *app = app.clone().with_tls(server);
        })
        .await;
        let mut trusted = RootCertStore::empty();
        trusted.add(pair.cert.der().clone()).expect("a certificate");
        Self { centre, trusted }
    }

    async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.centre.address).await.expect("it listens")
    }

    async fn stream(&self, versions: &[&'static SupportedProtocolVersion]) -> TlsStream<TcpStream> {
        shake_hands(self.tcp().await, self.trusted.clone(), versions).await
    }

    async fn socket(
        &self,
        path: &str,
        protocol: &str,
        origin: Option<&str>,
    ) -> Result<Secure, Response<Option<Vec<u8>>>> {
        let url = format!("wss://localhost:{}{path}", self.centre.address.port());
        Client::over(self.stream(&[&TLS12, &TLS13]).await, &url, protocol, origin).await
    }

    async fn media(&self) -> Secure {
        self.socket("/api/v1/media", "watchwall.media.v1", None).await.expect("a media socket")
    }

    async fn control(&self) -> Secure {
        self.socket("/api/v1/control", "watchwall.v1", None).await.expect("a control socket")
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_served_without_a_restart_and_open_sockets_go_on() {
    let mut secured = Secured::start(1).await;
    let mut before = secured.control().await;
    let folder = tempfile::tempdir().expect("a folder");
    let pair = write_pair(folder.path(), "wall");
    let file = folder.path().join("watchwall.toml");
    let text = "[http]\ntls_certificate = \"wall.pem\"\ntls_key = \"wall.key\"\n";
    fs::write(&file, text).expect("a writable folder");
    let config = Config::load(&file, &Environment::default()).expect("a valid file");
    let served = secured.centre.app.certificate().expect("it serves TLS");
    served.renew(config.http.tls.expect("it was named").server);
    // Whoever trusts the new one alone is served now.
    secured.trusted = RootCertStore::empty();
    secured.trusted.add(pair.cert.der().clone()).expect("a certificate");
    assert_eq!(secured.control().await.json().await["type"], "hello");
    assert_eq!(before.json().await["type"], "hello");
}

const ALL: &str = r#"{"type":"subscribe","tiles":{"cameras":["*"],"width":320}}"#;

#[tokio::test]
async fn https_is_served_in_both_versions_and_says_that_it_stays() {
    let secured = Secured::start(2).await;
    for version in [&TLS12, &TLS13] {
        let mut stream = secured.stream(&[version]).await;
        let request =
            "GET /api/v1/cameras HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.expect("it is open");
        let mut answer = String::new();
        // An end without a farewell would be an error here.
        stream.read_to_string(&mut answer).await.expect("a whole answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("strict-transport-security: max-age=31536000\r\n"), "{answer}");
        assert!(answer.contains("cam-002"), "{answer}");
    }
    let plain = Centre::start(1).await.get("/healthz").await;
    assert!(!plain.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn a_viewer_under_tls_gets_the_bytes_that_a_plain_one_gets() {
    let secured = Secured::start(1).await;
    let plain = Centre::start(1).await;
    let mut first = plain.media().await;
    let mut second = secured.media().await;
    first.say(ALL).await;
    second.say(ALL).await;
    for (number, bytes) in [0, 1, 100, 9_000, 16_384, 70_000, 2_000_000, 5].into_iter().enumerate()
    {
        let number = u8::try_from(number).expect("few");
        let jpeg = (0..bytes).map(|at| (at % 251) as u8 ^ number).collect::<Vec<_>>().into();
        let tile = Tile { width: 320, height: 180, jpeg };
        for fanout in [&plain.fanout, &secured.centre.fanout] {
            let at = UnixMicros(1_700_000_000_000_000 + u64::from(number));
            fanout.publish_tile(Handle(1), 320, &tile, at, 90_000, flags::KEYFRAME);
        }
        let Message::Binary(expected) = first.next().await else { panic!("a binary message") };
        let Message::Binary(received) = second.next().await else { panic!("a binary message") };
        assert_eq!(received.len(), 24 + bytes);
        assert!(received == expected, "{bytes} bytes differ");
    }
    let (plain, secured) = (plain.figures_after(8).await, secured.centre.figures_after(8).await);
    assert_eq!(plain.total.bytes, secured.total.bytes, "what is counted is not the ciphertext");
}

#[tokio::test]
async fn the_control_socket_works_under_tls() {
    let secured = Secured::start(3).await;
    let mut console = secured.control().await;
    assert_eq!(console.json().await["type"], "hello");
    let cameras = console.json_of("cameras").await;
    assert_eq!(cameras["cameras"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn new_keys_on_the_way_change_nothing() {
    let secured = Secured::start(1).await;
    let mut viewer = secured.media().await;
    viewer.say(ALL).await;
    for number in 1..=5 {
        viewer.socket.get_mut().get_mut().1.refresh_traffic_keys().expect("TLS 1.3");
        viewer.say(r#"{"type":"progress","received":0}"#).await;
        secured.centre.publish(1, 320, number, 40_000);
        assert_eq!(viewer.tile().await.1, vec![number; 40_000]);
    }
}

#[tokio::test]
async fn a_stalled_viewer_under_tls_gets_the_latest_afterwards_and_the_others_notice_nothing() {
    const CAMERAS: u32 = 40;
    const ROUNDS: u8 = 60;
    let secured = Secured::start(CAMERAS).await;
    let mut stalled = secured.media().await;
    let mut steady = secured.media().await;
    SockRef::from(stalled.socket.get_ref().get_ref().0)
        .set_recv_buffer_size(64 << 10)
        .expect("a socket");
    for viewer in [&mut stalled, &mut steady] {
        viewer.say(ALL).await;
    }
    secured.centre.wanted(1, &[320]).await;
    for number in 1..=ROUNDS {
        for camera in 1..=CAMERAS {
            secured.centre.publish(camera, 320, number, 9000);
        }
        for _ in 0..CAMERAS {
            let (header, jpeg) = steady.tile().await;
            assert_eq!((header.sequence, jpeg[0]), (u32::from(number), number));
        }
    }
    let mut newest: HashMap<Handle, u32> = HashMap::new();
    let mut received = 0u32;
    while newest.len() < CAMERAS as usize
        || newest.values().any(|sequence| *sequence != u32::from(ROUNDS))
    {
        let (header, jpeg) = stalled.tile().await;
        let expected = vec![u8::try_from(header.sequence).expect("small"); 9000];
        assert_eq!(jpeg, expected, "never torn or mixed");
        let before = newest.insert(header.camera, header.sequence);
        assert!(before.is_none_or(|before| before < header.sequence), "never back in time");
        received += 1;
    }
    assert!(received < CAMERAS * u32::from(ROUNDS) / 2, "{received} tiles came");
    let all = u64::from(CAMERAS) * u64::from(ROUNDS);
    let figures = secured.centre.figures_after(u64::from(received) + all).await;
    assert_eq!(figures.total.sent + figures.total.skipped, 2 * all);
}

#[tokio::test]
async fn a_client_under_tls_is_closed_with_the_reason() {
    let secured = Secured::start(1).await;
    let many = "x".repeat(65 << 10);
    for (said, code) in [(Message::text(many), 1009), (Message::binary(vec![1]), 1003)] {
        let mut viewer = secured.media().await;
        // It may be closed before all of it is sent.
        let _ = futures_util::SinkExt::send(&mut viewer.socket, said).await;
        assert_eq!(viewer.closed().await.0, code);
    }
    let mut viewer = secured.media().await;
    let mut console = secured.control().await;
    viewer.say(ALL).await;
    secured.centre.wanted(1, &[320]).await;
    secured.centre.stop.cancel();
    assert_eq!(viewer.closed().await.0, 4013);
    assert_eq!(console.closed().await.0, 4013);
}

#[tokio::test]
async fn a_client_that_closes_is_told_that_the_end_is_one() {
    let secured = Secured::start(1).await;
    let mut viewer = secured.media().await;
    viewer.say(ALL).await;
    secured.centre.wanted(1, &[320]).await;
    viewer.socket.close(None).await.expect("it is open");
    let answered = async { while let Some(Ok(_)) = viewer.socket.next().await {} };
    timeout(WITHIN, answered).await.expect("the close is answered");
    secured.centre.wanted(1, &[]).await;
    // rustls calls an end without a farewell an error.
    let rest = viewer.socket.get_mut().read_to_end(&mut Vec::new()).await;
    assert_eq!(rest.expect("a farewell"), 0);
    // One that just goes away is forgotten as well.
    let mut viewer = secured.media().await;
    viewer.say(ALL).await;
    secured.centre.wanted(1, &[320]).await;
    drop(viewer);
    secured.centre.wanted(1, &[]).await;
}

#[tokio::test]
async fn damaged_records_end_their_own_connection_alone() {
    let secured = Secured::start(1).await;
    let mut steady = secured.media().await;
    steady.say(ALL.replace("320", "640")).await;
    let mut damaged = secured.media().await;
    damaged.say(ALL).await;
    secured.centre.wanted(1, &[320, 640]).await;
    // A record of application data that no key has made.
    let mut record = vec![23, 3, 3, 0, 32];
    record.extend([7; 32]);
    damaged.socket.get_mut().get_mut().0.write_all(&record).await.expect("it is open");
    secured.centre.wanted(1, &[640]).await;
    secured.centre.publish(1, 640, 9, 100);
    assert_eq!(steady.tile().await.1, vec![9; 100]);
}

#[tokio::test]
async fn own_pages_are_https_pages() {
    let secured = Secured::start(1).await;
    let port = secured.centre.address.port();
    for (path, protocol) in
        [("/api/v1/control", "watchwall.v1"), ("/api/v1/media", "watchwall.media.v1")]
    {
        let own = format!("https://localhost:{port}");
        assert!(secured.socket(path, protocol, Some(&own)).await.is_ok(), "{path}");
        for origin in [format!("http://localhost:{port}"), "https://localhost".to_owned()] {
            let refused = secured.socket(path, protocol, Some(&origin)).await.err();
            assert_eq!(refused.expect("refused").status(), 403, "{path} {origin}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_serves_what_its_file_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let pair = write_pair(folder.path(), "wall");
    let file = folder.path().join("watchwall.toml");
    let store = folder.path().join("watchwall.db");
    let text = format!(
        "[http]\nlisten = \"127.0.0.1:0\"\nsockets = 1\ntls_certificate = \"wall.pem\"\n\
         tls_key = \"wall.key\"\n[store]\npath = {store:?}\n[decode]\nworkers = 1\n"
    );
    fs::write(&file, text).expect("a writable folder");
    let service = service::Centre::start(service::Options {
        config: Config::load(&file, &Environment::default()).expect("a valid file"),
        file: None,
        exe: env!("CARGO_BIN_EXE_watchwall").into(),
        log: "warn".into(),
        seed: 1,
        sign_in: service::SignIn::Open,
    })
    .await
    .expect("it starts");
    let mut trusted = RootCertStore::empty();
    trusted.add(pair.cert.der().clone()).expect("a certificate");
    let url = format!("wss://localhost:{}/api/v1/control", service.address().port());
    let socket = async || {
        let stream = TcpStream::connect(service.address()).await.expect("it listens");
        let stream = shake_hands(stream, trusted.clone(), &[&TLS13]).await;
        Client::over(stream, &url, "watchwall.v1", None).await
    };
    let mut only = socket().await.unwrap_or_else(|refused| panic!("{refused:?}"));
    assert_eq!(only.json().await["type"], "hello");
    assert_eq!(socket().await.err().expect("one is the limit").status(), 503);
    service.stop().await;
    assert_eq!(only.closed().await.0, 4013);
}

#[tokio::test]
async fn who_speaks_in_clear_or_not_at_all_is_cut_off() {
    let secured = Secured::start(1).await;
    for said in [&b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"[..], b"\x16\x03\x01", b""] {
        let mut stream = secured.tcp().await;
        stream.write_all(said).await.expect("it is open");
        let mut answer = Vec::new();
        // It may be reset with what it said unread.
        let _ = timeout(WITHIN, stream.read_to_end(&mut answer)).await.expect("it is closed");
        assert!(answer.is_empty() || answer[0] == 21, "an alert at most: {answer:?}");
    }
}
