//! Sessions with simulated cameras in an ingest worker, without a centre: their figures as they
//! cross the link.

use std::{collections::HashMap, time::Duration};

use tokio::{
    io::{DuplexStream, ReadHalf, WriteHalf},
    net::TcpListener,
    task::JoinHandle,
    time::timeout,
};
use watchwall::{
    domain::{
        camera::{Handle, Transport},
        media::{StreamKind, StreamRef},
    },
    ingest,
    sim::{Settings, Sim},
    worker::{
        link::{LinkError, LinkReader, LinkWriter},
        message::{
            Forward, FromIngest, IngestFrame, OpenSession, SessionId, SessionLimits, StreamStats,
            ToIngest,
        },
    },
};

use crate::town::scenes;

/// Generous: a machine busy with other builds must not fail a test.
const PATIENCE: Duration = Duration::from_secs(180);

/// Cameras that ask for no sign-in.
pub(crate) async fn simulator(cameras: u32) -> Sim {
    let settings = Settings { cameras, cache: scenes(), ..Settings::default() };
    Sim::start(settings).await.expect("the simulator starts")
}

/// A worker with one session for each camera, all small streams.
pub(crate) struct Sessions {
    reader: LinkReader<ReadHalf<DuplexStream>>,
    _writer: LinkWriter<WriteHalf<DuplexStream>>,
    running: JoinHandle<Result<(), LinkError>>,
    /// The newest figures of each camera.
    figures: HashMap<u32, StreamStats>,
}

impl Sessions {
    pub(crate) async fn start(sim: &Sim, cameras: impl IntoIterator<Item = u32>) -> Self {
        Self::start_over(sim, cameras, Transport::Tcp).await
    }

    pub(crate) async fn start_over_udp(sim: &Sim, cameras: impl IntoIterator<Item = u32>) -> Self {
        Self::start_over(sim, cameras, Transport::Udp).await
    }

    async fn start_over(
        sim: &Sim,
        cameras: impl IntoIterator<Item = u32>,
        transport: Transport,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let (near, far) = tokio::io::duplex(1 << 20);
        let running = tokio::spawn(ingest::run(far, listener));
        let (reader, writer) = tokio::io::split(near);
        let mut writer = LinkWriter::new(writer);
        for camera in cameras {
            let open = OpenSession {
                session: SessionId(camera.into()),
                source: StreamRef { camera: Handle(camera), stream: StreamKind::Sub },
                url: sim.url(camera, StreamKind::Sub).parse().expect("a URL"),
                address: sim.rtsp_addr(),
                transport,
                credentials: None,
                allow_basic: false,
                forward: Forward::Keyframes,
                limits: SessionLimits::default(),
            };
            writer.control(&ToIngest::Open(Box::new(open))).await.expect("the worker lives");
        }
        let reader = LinkReader::new(reader);
        Self { reader, _writer: writer, running, figures: HashMap::new() }
    }

    /// Listens until the figures are enough.
    pub(crate) async fn until(
        &mut self,
        mut enough: impl FnMut(&HashMap<u32, StreamStats>) -> bool,
    ) {
        let listening = async {
            while !enough(&self.figures) {
                let frame = self.reader.next().await.expect("the link is whole");
                let frame = IngestFrame::parse(frame.expect("the worker lives"));
                match frame.expect("well formed") {
                    IngestFrame::Control(FromIngest::Stats { session, stats }) => {
                        self.figures.insert(session.0 as u32, stats);
                    }
                    IngestFrame::Control(FromIngest::Ended { fault, .. }) => {
                        unreachable!("a session ended: {fault:?}")
                    }
                    _ => {}
                }
            }
        };
        if timeout(PATIENCE, listening).await.is_err() {
            panic!("the figures were not enough: {:#?}", self.figures);
        }
    }

    pub(crate) async fn stop(self) {
        drop((self.reader, self._writer));
        let ended = timeout(PATIENCE, self.running).await.expect("it ends by itself");
        ended.expect("no panic").ok();
    }
}
