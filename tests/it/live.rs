//! Live video over the media socket, over real connections.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use watchwall::domain::{
    camera::Handle,
    media::{AccessUnit, Codec, Header, Kind, StreamFormat, StreamKind, StreamRef, flags},
    time::UnixMicros,
};

use crate::centre::{Centre, Client};

const SUB: StreamKind = StreamKind::Sub;
const MAIN: StreamKind = StreamKind::Main;

/// One stream's upstream: numbers its units in `media_time`.
struct Upstream<'c> {
    centre: &'c Centre,
    source: StreamRef,
    next: u32,
    discontinuity: bool,
}

impl<'c> Upstream<'c> {
    fn new(centre: &'c Centre, camera: u32, stream: StreamKind) -> Self {
        let source = StreamRef { camera: Handle(camera), stream };
        let upstream = Self { centre, source, next: 1, discontinuity: false };
        upstream.format(if stream == MAIN { 1920 } else { 640 });
        upstream
    }

    fn format(&self, width: u32) {
        let format = StreamFormat {
            codec: Codec::H264,
            codec_string: "avc1.4D401E".into(),
            width,
            height: width / 16 * 9,
        };
        self.centre.fanout.publish_format(self.source, &format);
    }

    /// A unit whose bytes tell which one it is.
    fn unit(&mut self, random_access: bool, bytes: usize) {
        let number = self.next;
        self.next += 1;
        self.centre.fanout.publish_unit(&AccessUnit {
            source: self.source,
            codec: Codec::H264,
            random_access,
            discontinuity: std::mem::take(&mut self.discontinuity),
            received_at: UnixMicros::from(SystemTime::now()),
            media_time: number,
            data: payload(self.source, number, bytes),
        });
    }

    fn keyframe(&mut self, bytes: usize) {
        self.unit(true, bytes);
    }

    fn pictures(&mut self, count: u32, bytes: usize) {
        (0..count).for_each(|_| self.unit(false, bytes));
    }
}

fn payload(source: StreamRef, number: u32, bytes: usize) -> Bytes {
    let mark =
        number.wrapping_mul(31).wrapping_add(source.camera.0).wrapping_add(source.stream as u32);
    vec![mark.to_le_bytes()[0]; bytes].into()
}

/// A message of live video.
#[derive(Debug)]
enum Video {
    Configuration(Header, Value),
    Unit(Header, Bytes),
}

impl Client {
    /// The next message of live video; texts in between are let go.
    async fn video(&mut self) -> Video {
        loop {
            let Message::Binary(message) = self.next().await else { continue };
            let header = Header::decode(&message).expect("a header");
            let payload = message.slice(Header::LEN..);
            match header.kind {
                Kind::VideoConfiguration => {
                    let json = serde_json::from_slice(&payload).expect("JSON");
                    return Video::Configuration(header, json);
                }
                Kind::VideoAccessUnit => return Video::Unit(header, payload),
                Kind::Tile => {}
            }
        }
    }

    async fn unit(&mut self) -> (Header, Bytes) {
        match self.video().await {
            Video::Unit(header, payload) => (header, payload),
            other => panic!("not a unit: {other:?}"),
        }
    }

    async fn configuration(&mut self) -> (Header, Value) {
        match self.video().await {
            Video::Configuration(header, json) => (header, json),
            other => panic!("not a configuration: {other:?}"),
        }
    }
}

fn watch(video: &[(&str, &str)]) -> String {
    let video: Vec<Value> =
        video.iter().map(|(camera, stream)| json!({"camera": camera, "stream": stream})).collect();
    json!({"type": "subscribe", "video": video}).to_string()
}

#[tokio::test]
async fn a_new_viewer_gets_configuration_keyframe_and_all_since_and_then_every_unit_in_order() {
    let centre = Centre::start(2).await;
    let mut upstream = Upstream::new(&centre, 1, SUB);
    upstream.keyframe(9000);
    upstream.pictures(3, 1000);
    upstream.keyframe(9000);
    upstream.pictures(4, 1000);
    let mut viewer = centre.media().await;
    viewer.say(watch(&[("cam-001", "sub")])).await;
    let (header, configuration) = viewer.configuration().await;
    assert_eq!((header.camera, header.flags, header.sequence), (Handle(1), 0, 1));
    let expected = json!({"codec": "avc1.4D401E", "width": 640, "height": 360, "stream": "sub"});
    assert_eq!(configuration, expected);
    let (header, _) = viewer.unit().await;
    assert_eq!((header.media_time, header.sequence, header.flags), (5, 5, flags::KEYFRAME));
    for number in 6..10 {
        let (header, payload_) = viewer.unit().await;
        assert_eq!((header.media_time, header.sequence, header.flags), (number, number, 0));
        assert_eq!(payload_, payload(upstream.source, number, 1000));
    }
    for number in 10..200 {
        upstream.unit(number % 25 == 0, 2000);
        let (header, payload_) = viewer.unit().await;
        assert_eq!((header.media_time, header.sequence), (number, number));
        assert_eq!(header.flags & flags::KEYFRAME != 0, number % 25 == 0);
        assert_eq!(payload_, payload(upstream.source, number, 2000));
    }
    let _ = Duration::ZERO;
}
