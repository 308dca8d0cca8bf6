//! Everything that crosses the link arrives as it was sent.

use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::{
    domain::{
        camera::Handle,
        media::{AccessUnit, Codec, StreamKind, StreamRef, Tile},
        picture::Measures,
        time::UnixMicros,
    },
    worker::link::LinkReader,
};

#[tokio::test]
async fn an_access_unit_crosses_the_link_unchanged() {
    let unit = AccessUnit {
        source: StreamRef { camera: Handle(7), stream: StreamKind::Main },
        codec: Codec::H265,
        random_access: true,
        discontinuity: true,
        received_at: UnixMicros(12_345),
        media_time: 90_000,
        data: Bytes::from_static(&[0, 0, 1, 0x26, 1]),
    };
    let (near, far) = tokio::io::duplex(64 << 10);
    let mut writer = LinkWriter::new(near);
    writer.queue_access_unit(SessionId(3), unit.clone()).expect("small");
    writer.flush().await.expect("room in the duplex");
    let frame = LinkReader::new(far).next().await.expect("whole").expect("one");
    let read = IngestFrame::parse(frame).expect("well formed");
    assert_eq!(read, IngestFrame::AccessUnit(unit, SessionId(3)));
}

#[tokio::test]
async fn a_job_and_its_answer_cross_the_link_unchanged() {
    let job = DecodeJob {
        job: 5,
        codec: Codec::H264,
        mode: DecodeMode::Continuous(Handle(2)),
        pixels_max: 36_000_000,
        widths: vec![160, 320],
        data: Bytes::from_static(b"unit"),
    };
    let tile = |width| Tile { width, height: 90, jpeg: Bytes::from(vec![1; width.into()]) };
    let decoded = Decoded {
        job: 5,
        outcome: Ok(Picture {
            measure: Duration::from_micros(200),
            measures: Some(Box::new(Measures { coded: 7, ..Measures::default() })),
            width: 640,
            height: 360,
            decode: Duration::from_micros(900),
            tile: Duration::from_micros(120),
            tiles: vec![tile(160), tile(320)],
        }),
    };
    let (near, far) = tokio::io::duplex(64 << 10);
    let mut writer = LinkWriter::new(near);
    writer.decode_job(&job).await.expect("room");
    writer.decoded(&decoded).await.expect("room");
    let mut reader = LinkReader::new(far);
    let frame = reader.next().await.expect("whole").expect("one");
    assert_eq!(DecodeJob::parse(frame).expect("well formed"), job);
    let frame = reader.next().await.expect("whole").expect("one");
    assert_eq!(Decoded::parse(frame).expect("well formed"), decoded);
}

#[tokio::test]
async fn a_compose_job_and_the_words_of_a_decode_worker_cross_the_link_unchanged() {
    let cell = |jpeg: Option<&'static [u8]>, stale: Option<&str>| Cell {
        jpeg: jpeg.map(Bytes::from_static),
        label: "Cổng 1".to_owned(),
        stale: stale.map(str::to_owned),
    };
    let job = ComposeJob {
        job: 9,
        columns: 2,
        cell_width: 320,
        cell_height: 200,
        cells: vec![cell(Some(b"one"), None), cell(None, Some("no video")), cell(Some(b"3"), None)],
    };
    let answers = [
        FromDecode::Ready(Ready { sandbox: None }),
        FromDecode::Composed(Composed { job: 9, outcome: Ok(Bytes::from_static(b"jpeg")) }),
        FromDecode::Composed(Composed { job: 9, outcome: Err("too large".to_owned()) }),
    ];
    let (near, far) = tokio::io::duplex(64 << 10);
    let mut writer = LinkWriter::new(near);
    writer.compose_job(&job).await.expect("room");
    for answer in &answers {
        match answer {
            FromDecode::Ready(ready) => writer.control(ready).await.expect("room"),
            FromDecode::Composed(composed) => writer.composed(composed).await.expect("room"),
            FromDecode::Decoded(_) => unreachable!("none above"),
        }
    }
    let mut reader = LinkReader::new(far);
    let frame = reader.next().await.expect("whole").expect("one");
    assert_eq!(ToDecode::parse(frame).expect("well formed"), ToDecode::Compose(job));
    for answer in answers {
        let frame = reader.next().await.expect("whole").expect("one");
        assert_eq!(FromDecode::parse(frame).expect("well formed"), answer);
    }
}

#[test]
fn a_frame_that_does_not_parse_is_refused_by_kind() {
    for kind in 0..8 {
        let frame = Frame { kind, body: Bytes::from_static(&[0xff; 40]) };
        assert!(IngestFrame::parse(frame.clone()).is_err(), "kind {kind}");
        assert!(ToDecode::parse(frame.clone()).is_err(), "kind {kind}");
        assert!(FromDecode::parse(frame).is_err(), "kind {kind}");
    }
}
