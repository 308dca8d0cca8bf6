//! A camera that does exactly what a test's script says, and nothing of its own accord: a small
//! RTSP server whose every answer is written by the test.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// SPS and PPS of a real camera, 1920x1080, as its SDP has them.
pub(crate) const SPROP: &str = "Z00AKp2oHgCJ+WbgICAoAAADAAgAAAMAfCA=,aO48gA==";
pub(crate) const SPS: &[u8] = &[
    0x67, 0x4d, 0x00, 0x2a, 0x9d, 0xa8, 0x1e, 0x00, 0x89, 0xf9, 0x66, 0xe0, 0x20, 0x20, 0x28, 0x00,
    0x00, 0x03, 0x00, 0x08, 0x00, 0x00, 0x03, 0x00, 0x7c, 0x20,
];
pub(crate) const PPS: &[u8] = &[0x68, 0xee, 0x3c, 0x80];

/// A listening camera. Ends with the test.
pub(crate) struct FakeCamera {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    serving: JoinHandle<()>,
}

impl Drop for FakeCamera {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl FakeCamera {
    /// Serves each connection by `script`, one after another.
    pub(crate) async fn start<F>(script: impl Fn(Connection) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                script(Connection { seen: seen.clone(), ..Connection::new(stream) }).await;
            }
        });
        Self { address, requests, serving }
    }

    /// The requests seen so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic inside").clone()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) headers: HashMap<String, String>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    buffer: Vec<u8>,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, buffer: Vec::new(), seen: Arc::default() }
    }

    /// The next request; pends for ever once the client is gone, so that scripts may loop.
    pub(crate) async fn request(&mut self) -> Request {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
                let head = String::from_utf8(head).expect("requests are text");
                let mut lines = head.lines();
                let method =
                    lines.next().expect("a line").split(' ').next().expect("a word").to_owned();
                let headers = lines
                    .filter_map(|l| l.split_once(": "))
                    .map(|(n, v)| (n.to_owned(), v.to_owned()))
                    .collect();
                let request = Request { method, headers };
                self.seen.lock().expect("no panic inside").push(request.clone());
                return request;
            }
            match self.stream.read_buf(&mut self.buffer).await {
                Ok(read) if read > 0 => {}
                _ => std::future::pending().await,
            }
        }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        // A client that hung up is what many scripts are about.
        let _ = self.stream.write_all(bytes).await;
    }

    pub(crate) async fn answer(&mut self, to: &Request, status: &str, headers: &str, body: &str) {
        let length = if body.is_empty() {
            String::new()
        } else {
            format!("Content-Length: {}\r\n", body.len())
        };
        let cseq = to.header("CSeq");
        self.send(
            format!("RTSP/1.0 {status}\r\nCSeq: {cseq}\r\n{headers}{length}\r\n{body}").as_bytes(),
        )
        .await;
    }

    /// Answers DESCRIBE with this SDP, SETUP and PLAY as a plain camera does.
    pub(crate) async fn handshake(&mut self, sdp: &str) {
        self.set_up_and_play(sdp, "7;timeout=60", "").await;
    }

    /// The same with this session header, and an `RTP-Info` as wrong as cameras have it.
    pub(crate) async fn handshake_with(&mut self, sdp: &str, session: &str) {
        self.set_up_and_play(sdp, session, "RTP-Info: nonsense\r\n").await;
    }

    async fn set_up_and_play(&mut self, sdp: &str, session: &str, play: &str) {
        loop {
            let request = self.request().await;
            match request.method.as_str() {
                // Our own library does not ask; others begin with it.
                "OPTIONS" => self.answer(&request, "200 OK", "Public: DESCRIBE\r\n", "").await,
                "DESCRIBE" => {
                    self.answer(&request, "200 OK", "Content-Type: application/sdp\r\n", sdp).await
                }
                "SETUP" => {
                    let headers = format!(
                        "Session: {session}\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
                    );
                    self.answer(&request, "200 OK", &headers, "").await;
                }
                "PLAY" => {
                    return self
                        .answer(&request, "200 OK", &format!("Session: 7\r\n{play}"), "")
                        .await;
                }
                other => unreachable!("{other} during the handshake"),
            }
        }
    }

    /// Answers whatever comes, for ever.
    pub(crate) async fn answer_all(&mut self) {
        loop {
            let request = self.request().await;
            self.answer(&request, "200 OK", "Session: 7\r\nPublic: GET_PARAMETER\r\n", "").await;
        }
    }
}

pub(crate) fn sdp(video: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\n{video}a=control:track1\r\n"
    )
}

pub(crate) fn h264_sdp() -> String {
    sdp(&format!(
        "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets={SPROP}\r\n"
    ))
}

/// Makes RTP packets of H.264 pictures.
pub(crate) struct Packets {
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
}

impl Default for Packets {
    fn default() -> Self {
        Self { sequence: 1000, timestamp: 90_000, ssrc: 0x0a0b_0c0d }
    }
}

/// Largest RTP payload: an Ethernet frame's.
const PAYLOAD: usize = 1400;

impl Packets {
    /// A slice of a picture whose coded bytes are harmless filler.
    pub(crate) fn slice(keyframe: bool, length: usize) -> Vec<u8> {
        let mut nal = vec![if keyframe { 0x65 } else { 0x41 }, 0x88];
        nal.resize(length.max(3), 0xab);
        nal
    }

    /// The packets of one picture: single NAL packets and FU-A, marked at the end; 25 frames/s.
    pub(crate) fn picture(&mut self, nals: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut packets = Vec::new();
        for (n, nal) in nals.iter().enumerate() {
            let last = n + 1 == nals.len();
            if nal.len() <= PAYLOAD {
                packets.push(self.packet(last, nal));
                continue;
            }
            let chunks: Vec<&[u8]> = nal[1..].chunks(PAYLOAD - 2).collect();
            for (c, chunk) in chunks.iter().enumerate() {
                let (start, end) = (c == 0, c + 1 == chunks.len());
                let head =
                    [nal[0] & 0xe0 | 28, u8::from(start) << 7 | u8::from(end) << 6 | nal[0] & 0x1f];
                packets.push(self.packet(last && end, &[&head[..], chunk].concat()));
            }
        }
        self.timestamp = self.timestamp.wrapping_add(3600);
        packets
    }

    pub(crate) fn packet(&mut self, mark: bool, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x80, u8::from(mark) << 7 | 96];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        packet.extend_from_slice(payload);
        self.sequence = self.sequence.wrapping_add(1);
        packet
    }

    /// The same as one interleaved run of bytes.
    pub(crate) fn interleaved(&mut self, nals: &[&[u8]]) -> Vec<u8> {
        self.picture(nals).iter().flat_map(|p| framed(p)).collect()
    }

    pub(crate) fn keyframe(&mut self) -> Vec<u8> {
        self.interleaved(&[&Self::slice(true, 5000)])
    }

    pub(crate) fn p_frame(&mut self) -> Vec<u8> {
        self.interleaved(&[&Self::slice(false, 2000)])
    }
}

pub(crate) fn framed(packet: &[u8]) -> Vec<u8> {
    let length = u16::try_from(packet.len()).expect("small").to_be_bytes();
    [&[b'$', 0, length[0], length[1]][..], packet].concat()
}
