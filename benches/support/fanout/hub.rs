//! The media path as it is served: `hub::fanout` behind the HTTP handshake.

use std::{future, sync::Arc};

use futures_util::future::BoxFuture;
use tokio::{net::TcpListener, sync::oneshot};
use watchwall::{
    desk::view::View,
    domain::{
        camera::{Handle, WallId},
        media::{AccessUnit, Codec, StreamFormat, StreamKind, StreamRef, Tile, flags},
    },
    http::{App, serve},
    hub::{
        fanout::{Fanout, FanoutHandle, Policy},
        snapshots::{Snapshot, SnapshotError, Snapshots},
    },
};

use super::{
    Path,
    mix::{CAMERAS, Lane, Picture},
    one_worker,
};

struct NoSnapshots;

impl Snapshots for NoSnapshots {
    fn camera(&self, _: Handle, _: Option<u32>) -> BoxFuture<'_, Result<Snapshot, SnapshotError>> {
        Box::pin(future::ready(Err(SnapshotError::Unknown)))
    }
    fn wall(&self, _: WallId, _: Option<u32>) -> BoxFuture<'_, Result<Snapshot, SnapshotError>> {
        Box::pin(future::ready(Err(SnapshotError::Unknown)))
    }
}

/// Starts the hub and its HTTP server.
pub(crate) fn start(lane: Lane) -> Path {
    let runtime = one_worker("http");
    let (fanout, thread) = Fanout::spawn(Policy::default()).expect("a thread");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
    let address = listener.local_addr().expect("bound");
    let app =
        App::new(Arc::new(View::default()), fanout.clone(), Arc::new(NoSnapshots), address, &[]);
    let (stop, stopped) = oneshot::channel::<()>();
    let served = runtime.spawn(serve(listener, app, async {
        let _ = stopped.await;
    }));
    if lane == Lane::Live {
        for camera in 1..=CAMERAS {
            fanout.publish_format(sub(Handle(camera)), &format());
        }
    }
    let publish = Box::new(move |picture| match lane {
        Lane::Tiles => tile(&fanout, picture),
        Lane::Live => unit(&fanout, picture),
    });
    let stop = Box::new(move || {
        stop.send(()).expect("it serves");
        runtime.block_on(served).expect("no panic").expect("it served");
        thread.join().expect("no panic");
    });
    Path { address, publish, stop }
}

fn tile(fanout: &FanoutHandle, picture: Picture) {
    let tile = Tile { width: 320, height: 180, jpeg: picture.payload };
    fanout.publish_tile(
        picture.camera,
        320,
        &tile,
        picture.at,
        picture.media_time,
        flags::KEYFRAME,
    );
}

fn unit(fanout: &FanoutHandle, picture: Picture) {
    fanout.publish_unit(&AccessUnit {
        source: sub(picture.camera),
        codec: Codec::H264,
        random_access: picture.keyframe,
        discontinuity: false,
        received_at: picture.at,
        media_time: picture.media_time,
        data: picture.payload,
    });
}

fn sub(camera: Handle) -> StreamRef {
    StreamRef { camera, stream: StreamKind::Sub }
}

fn format() -> StreamFormat {
    StreamFormat { codec: Codec::H264, codec_string: "avc1.4D401E".into(), width: 640, height: 360 }
}
