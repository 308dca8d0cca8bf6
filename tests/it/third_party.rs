//! The whole service on RTSP servers of other people's making: what a camera's tile shows is what
//! the `ffmpeg` command sees in the file that the server plays.

use std::{collections::BTreeMap, io::Write, path::Path};

use bytes::Bytes;
use secrecy::SecretString;
use url::Url;
use watchwall::{
    config::Config,
    domain::{camera::Transport, media::Tile, time::UnixMicros},
    service::demo,
};

use crate::{
    clips::psnr,
    decode::planes,
    reels::{Reel, Sequence, pipeline},
    servers::Server,
    station::Station,
};

const USER: &str = "viewer";
const PASSWORD: &str = "s3cret";

/// The same picture, however it was scaled and compressed. Measured: 33.6 dB for the noisiest.
const LIKE_DB: f64 = 30.0;
/// So much less like it are pictures of another moment. Measured: 9.6 dB for the closest.
const CLEAR_DB: f64 = 5.0;

/// A camera that somebody else's server plays.
struct Played<'a> {
    name: &'static str,
    url: Url,
    transport: Transport,
    signs_in: bool,
    reel: &'a Reel,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_shows_what_gstreamer_plays() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let reels = [
        Reel::h264(folder.path(), "h264", 0),
        Reel::h264(folder.path(), "h264-b", 2),
        Reel::h265(folder.path(), "h265"),
        Reel::mjpeg(folder.path(), "mjpeg"),
    ];
    let [h264, h264_b, h265, mjpeg] = &reels;
    let pipelines = reels.each_ref().map(pipeline);
    let paths = ["/h264", "/h264-b", "/h265", "/mjpeg"];
    let streams: Vec<_> = paths.iter().copied().zip(pipelines.iter().map(String::as_str)).collect();
    let closed = Server::gstreamer(Some((USER, PASSWORD)), &streams);
    let open = Server::gstreamer(None, &streams);
    let at = |server: &Server, name, path, transport, reel, signs_in| Played {
        name,
        url: server.url(path),
        transport,
        signs_in,
        reel,
    };
    let (tcp, udp) = (Transport::Tcp, Transport::Udp);
    check(&[
        at(&closed, "H.264, TCP, digest", "/h264", tcp, h264, true),
        at(&open, "H.264, UDP", "/h264", udp, h264, false),
        at(&open, "H.264 with B-frames, TCP", "/h264-b", tcp, h264_b, false),
        at(&open, "H.265, TCP", "/h265", tcp, h265, false),
        at(&closed, "H.265, UDP, digest", "/h265", udp, h265, true),
        at(&closed, "MJPEG, TCP, digest", "/mjpeg", tcp, mjpeg, true),
        at(&open, "MJPEG, UDP", "/mjpeg", udp, mjpeg, false),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_shows_what_aio_rtsp_toolkit_plays() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let reels = [
        ("H.264", "/h264.mp4", Reel::h264(folder.path(), "h264", 0)),
        ("H.264 with B-frames", "/h264-b.mp4", Reel::h264(folder.path(), "h264-b", 2)),
        ("H.265", "/h265.mp4", Reel::h265(folder.path(), "h265")),
    ];
    let server = Server::aio_rtsp(folder.path());
    let played = reels.each_ref().map(|(name, path, reel)| Played {
        name,
        url: server.url(path),
        transport: Transport::Tcp,
        signs_in: false,
        reel,
    });
    check(&played).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_shows_real_footage_that_either_server_plays() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (Some(car), Some(bottle)) = (Reel::cars(folder.path()), Reel::bottles(folder.path()))
    else {
        // Past the harness, which keeps what a test prints to itself.
        let said = "skipped: no car-detection.mp4 or bottle-detection.mp4; set WATCHWALL_FOOTAGE";
        writeln!(std::io::stderr(), "{said}").expect("standard error is open");
        return;
    };
    let (cars, bottles) = (pipeline(&car), pipeline(&bottle));
    let gstreamer = Server::gstreamer(None, &[("/car", &cars), ("/bottle", &bottles)]);
    let aio = Server::aio_rtsp(folder.path());
    let at = |name, url, transport, reel| Played { name, url, transport, signs_in: false, reel };
    let (tcp, udp) = (Transport::Tcp, Transport::Udp);
    check(&[
        at("cars, GStreamer, TCP", gstreamer.url("/car"), tcp, &car),
        at("bottles, GStreamer, UDP", gstreamer.url("/bottle"), udp, &bottle),
        at("cars, aio-rtsp-toolkit", aio.url("/car-detection.mp4"), tcp, &car),
        at("bottles, aio-rtsp-toolkit", aio.url("/bottle-detection.mp4"), tcp, &bottle),
    ])
    .await;
}

fn config(cameras: &[Played<'_>], folder: &Path) -> Config {
    let loopback = ([127, 0, 0, 1], 0).into();
    let count = u32::try_from(cameras.len()).expect("a few");
    let mut config = demo::config(count, loopback, loopback, folder);
    for (listed, played) in config.cameras.iter_mut().zip(cameras) {
        listed.camera.url = played.url.clone();
        listed.camera.main_url = None;
        listed.camera.transport = played.transport;
        if played.signs_in {
            listed.camera.username = Some(USER.to_owned());
            listed.password = Some(SecretString::from(PASSWORD));
        }
    }
    config
}

/// Every camera comes online, and its tiles and its snapshot are pictures of its reel.
async fn check(cameras: &[Played<'_>]) {
    let station = Station::new(|folder| config(cameras, folder)).await;
    for (n, played) in (1..).zip(cameras) {
        station.until_online([n]).await;
        let camera = station.camera(n).await;
        let Reel { codec, width, height, .. } = *played.reel;
        assert_eq!(
            (&camera["codec"], &camera["width"], &camera["height"]),
            (&codec.into(), &width.into(), &height.into()),
            "{}: {camera}",
            played.name
        );
        let snapshot = tile(station.snapshot(n, width).await);
        assert_eq!((snapshot.width, snapshot.height), (width, height), "{}", played.name);
        is_of(
            &format!("{}, snapshot", played.name),
            &snapshot,
            &played.reel.keyframes(width, height),
        );
    }
    let mut tiles = tiles(&station, cameras.len()).await;
    for (n, played) in (1..).zip(cameras) {
        let handle = station.camera(n).await["handle"].as_u64().expect("a number");
        let reference = played.reel.shown(320, 180);
        for tile in tiles.remove(&handle).expect("they were waited for") {
            assert_eq!((tile.width, tile.height), (320, 180), "{}", played.name);
            is_of(&format!("{}, tile", played.name), &tile, &reference);
        }
    }
    station.stop().await;
}

/// The first two pictures of each camera that a viewer of all of them is sent, by its handle.
async fn tiles(station: &Station, cameras: usize) -> BTreeMap<u64, Vec<Tile>> {
    let mut viewer = station.media().await;
    let all = r#"{"type": "subscribe", "tiles": {"cameras": ["*"], "width": 320}}"#;
    viewer.say(all).await;
    // By the time they arrived: a tile is sent again when it is no longer live, and when it is.
    let mut tiles: BTreeMap<u64, BTreeMap<UnixMicros, Tile>> = BTreeMap::new();
    while tiles.len() < cameras || tiles.values().any(|tiles| tiles.len() < 2) {
        let (header, jpeg) = viewer.tile().await;
        let of_camera = tiles.entry(header.camera.0.into()).or_default();
        if of_camera.len() < 2 {
            of_camera.entry(header.received_at).or_insert_with(|| tile(jpeg));
        }
    }
    tiles.into_iter().map(|(camera, tiles)| (camera, tiles.into_values().collect())).collect()
}

fn tile(jpeg: Bytes) -> Tile {
    let header = turbojpeg::read_header(&jpeg).expect("a JPEG");
    let [width, height] = [header.width, header.height]
        .map(|pixels| u16::try_from(pixels).expect("of a picture on a wall"));
    Tile { width, height, jpeg }
}

/// A picture is one of a sequence: it is like that one, and clearly less like those of another
/// moment, so that a wrong, old or damaged picture would not pass.
fn is_of(what: &str, tile: &Tile, sequence: &Sequence) {
    let seen = planes(tile);
    let luma = usize::from(tile.width) * usize::from(tile.height);
    let likeness: Vec<f64> =
        sequence.pictures.iter().map(|picture| psnr(&seen[..luma], &picture[..luma])).collect();
    let best = (0..likeness.len()).max_by(|a, b| likeness[*a].total_cmp(&likeness[*b]));
    let best = best.expect("ffmpeg decoded pictures");
    let mut others: Vec<f64> = sequence.far_from(best).map(|other| likeness[other]).collect();
    others.sort_by(f64::total_cmp);
    let rival = if sequence.rests { others[others.len() / 2] } else { others[others.len() - 1] };
    let all_planes = crate::decode::likeness(tile, &sequence.pictures[best]);
    let of = likeness.len();
    println!("{what}: picture {best} of {of}: {all_planes:.1} dB, rival {rival:.1} dB");
    assert!(all_planes >= LIKE_DB, "{what} is no picture of its source: {all_planes:.1} dB");
    assert!(likeness[best] - rival >= CLEAR_DB, "{what} may be another: {rival:.1} dB");
}
