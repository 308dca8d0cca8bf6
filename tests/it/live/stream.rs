//! Streams as an ingest worker brings them, and what a viewer holds its messages to.

use std::{
    collections::{BTreeMap, VecDeque},
    time::SystemTime,
};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use watchwall::{
    domain::{
        camera::Handle,
        media::{AccessUnit, Codec, Header, Kind, StreamFormat, StreamKind, StreamRef, flags},
        time::UnixMicros,
    },
    hub::fanout::{FanoutHandle, Figures},
};

use crate::centre::{Centre, Client, WITHIN};

pub(crate) const SUB: StreamKind = StreamKind::Sub;
pub(crate) const MAIN: StreamKind = StreamKind::Main;

/// One stream; its units are numbered in `media_time`.
pub(crate) struct Upstream {
    fanout: FanoutHandle,
    pub(crate) source: StreamRef,
    next: u32,
    discontinuity: bool,
}

impl Upstream {
    pub(crate) fn new(centre: &Centre, camera: u32, stream: StreamKind) -> Self {
        let source = StreamRef { camera: Handle(camera), stream };
        let upstream =
            Self { fanout: centre.fanout.clone(), source, next: 1, discontinuity: false };
        upstream.format(if stream == MAIN { 1920 } else { 640 });
        upstream
    }

    pub(crate) fn format(&self, width: u32) {
        let codec_string = "avc1.4D401E".into();
        let format =
            StreamFormat { codec: Codec::H264, codec_string, width, height: width / 16 * 9 };
        self.fanout.publish_format(self.source, &format);
    }

    /// A unit whose bytes tell which one it is; its number.
    fn unit(&mut self, random_access: bool, bytes: usize) -> u32 {
        let number = self.next;
        self.next += 1;
        self.fanout.publish_unit(&AccessUnit {
            source: self.source,
            codec: Codec::H264,
            random_access,
            discontinuity: std::mem::take(&mut self.discontinuity),
            received_at: UnixMicros::from(SystemTime::now()),
            media_time: number,
            data: payload(self.source, number, bytes),
        });
        number
    }

    pub(crate) fn keyframe(&mut self, bytes: usize) -> u32 {
        self.unit(true, bytes)
    }

    pub(crate) fn picture(&mut self, bytes: usize) -> u32 {
        self.unit(false, bytes)
    }

    /// The camera's network loses a unit.
    pub(crate) fn lose(&mut self) {
        self.next += 1;
        self.discontinuity = true;
    }
}

/// The bytes of a unit.
pub(crate) fn payload(source: StreamRef, number: u32, bytes: usize) -> Bytes {
    let mark = number.wrapping_mul(31).wrapping_add(source.camera.0 * 2 + source.stream as u32);
    vec![mark.to_le_bytes()[0]; bytes].into()
}

/// A message of live video.
#[derive(Debug)]
pub(crate) enum Video {
    Configuration(Header, Value),
    Unit(Header, Bytes),
}

impl Video {
    pub(crate) fn read(message: &Bytes) -> Option<Self> {
        let header = Header::decode(message).expect("a header");
        let payload = message.slice(Header::LEN..);
        match header.kind {
            Kind::VideoConfiguration => {
                Some(Self::Configuration(header, serde_json::from_slice(&payload).expect("JSON")))
            }
            Kind::VideoAccessUnit => Some(Self::Unit(header, payload)),
            Kind::Tile => None,
        }
    }
}

/// A viewer that sorts what it receives.
pub(crate) struct Viewer {
    pub(crate) client: Client,
    videos: VecDeque<Video>,
    pub(crate) words: VecDeque<Word>,
}

/// What was said of a lane: camera, what it carries, why.
pub(crate) type Word = (String, String, String);

impl Viewer {
    pub(crate) async fn connect(centre: &Centre) -> Self {
        let client = centre.media().await;
        Self { client, videos: VecDeque::new(), words: VecDeque::new() }
    }

    pub(crate) async fn say(&mut self, text: impl Into<String>) {
        self.client.say(text).await;
    }

    /// Receives a message; its length if it is binary.
    pub(crate) async fn receive(&mut self) -> usize {
        let message = self.client.next().await;
        self.take(message)
    }

    /// Takes a message that was received; its length if it is binary.
    pub(crate) fn take(&mut self, message: Message) -> usize {
        match message {
            Message::Binary(message) => {
                self.videos.extend(Video::read(&message));
                message.len()
            }
            Message::Text(text) => {
                let json: Value = serde_json::from_str(&text).expect("JSON");
                assert_eq!(json["type"], "video", "{json}");
                let text = |key: &str| json[key].as_str().expect("a word").to_owned();
                self.words.push_back((text("camera"), text("stream"), text("why")));
                0
            }
            _ => 0,
        }
    }

    /// What was received of live video and not looked at yet.
    pub(crate) fn received(&mut self) -> impl Iterator<Item = Video> {
        self.videos.drain(..)
    }

    /// The next message of live video.
    pub(crate) async fn video(&mut self) -> Video {
        loop {
            match self.videos.pop_front() {
                Some(video) => return video,
                None => _ = self.receive().await,
            }
        }
    }

    pub(crate) async fn unit(&mut self) -> Header {
        match self.video().await {
            Video::Unit(header, _) => header,
            other => panic!("not a unit: {other:?}"),
        }
    }

    pub(crate) async fn configuration(&mut self) -> (Header, Value) {
        match self.video().await {
            Video::Configuration(header, json) => (header, json),
            other => panic!("not a configuration: {other:?}"),
        }
    }

    /// The next word on a lane.
    pub(crate) async fn word(&mut self) -> Word {
        loop {
            match self.words.pop_front() {
                Some(word) => return word,
                None => _ = self.receive().await,
            }
        }
    }
}

/// Waits until so many messages of live video are counted: a client may have one before it is.
pub(crate) async fn figures_after(centre: &Centre, sent: u64) -> Figures {
    let counted = async {
        loop {
            let figures = centre.fanout.counters();
            if figures.total.video.sent >= sent {
                return figures;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(WITHIN, counted).await.expect("they are counted")
}

pub(crate) fn watch(video: &[(&str, &str)]) -> String {
    let video: Vec<Value> =
        video.iter().map(|(camera, stream)| json!({"camera": camera, "stream": stream})).collect();
    json!({"type": "subscribe", "video": video}).to_string()
}

/// What decoders would do with what a viewer receives: panics at the first unit that they could not
/// decode.
#[derive(Default)]
pub(crate) struct Decoders {
    decoders: BTreeMap<Handle, Decoder>,
    /// Drops that were said.
    pub(crate) discontinuities: u32,
}

#[derive(Default)]
struct Decoder {
    stream: Option<StreamKind>,
    ready: Option<bool>,
    newest: u32,
}

impl Decoders {
    /// Decodes a message; the number of the unit.
    pub(crate) fn take(&mut self, video: &Video) -> Option<u32> {
        match video {
            Video::Configuration(header, json) => {
                let decoder = self.decoders.entry(header.camera).or_default();
                decoder.stream = Some(if json["stream"] == "main" { MAIN } else { SUB });
                decoder.ready = Some(header.flags & flags::DISCONTINUITY != 0);
                None
            }
            Video::Unit(header, data) => {
                let decoder = self.decoders.get_mut(&header.camera).expect("configured");
                let stream = decoder.stream.expect("configured");
                let source = StreamRef { camera: header.camera, stream };
                let number = header.media_time;
                assert_eq!(*data, payload(source, number, data.len()), "torn or mixed");
                let dropped = header.flags & flags::DISCONTINUITY != 0;
                self.discontinuities += u32::from(dropped);
                match decoder.ready.take() {
                    Some(said) => {
                        assert!(header.flags & flags::KEYFRAME != 0, "{number} cannot be a start");
                        assert_eq!(said, dropped);
                    }
                    None => assert_eq!(number, decoder.newest + 1, "its predecessor is missing"),
                }
                decoder.newest = number;
                Some(number)
            }
        }
    }
}

impl Decoders {
    /// The newest unit of each camera.
    pub(crate) fn newest(&self) -> Vec<u32> {
        self.decoders.values().map(|decoder| decoder.newest).collect()
    }
}
