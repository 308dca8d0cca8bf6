//! One RTSP connection: reads requests, keeps its state, ends when told to.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Handshake, Server,
    outlet::Outlet,
    request::{self, Parsed},
    session::Route,
};
use crate::{
    domain::media::StreamKind,
    sim::{
        camera::{Camera, Hangup, Slot},
        fault::FaultKind,
    },
};

/// What clients are told; they are let go somewhat later.
pub(super) const SESSION_TIMEOUT_S: u64 = 60;

/// Silence that ends a connection: the promised time and some grace.
const SILENCE_MAX: Duration = Duration::from_secs(SESSION_TIMEOUT_S + 15);

/// How long a connection under the `close` fault lives after `PLAY`.
const CLOSE_AFTER: Duration = Duration::from_millis(500);

/// The state of a connection.
pub(super) struct Connection {
    pub(super) server: Arc<Server>,
    pub(super) peer: SocketAddr,
    pub(super) outlet: Arc<Outlet>,
    pub(super) nonce: String,
    pub(super) camera: Option<Arc<Camera>>,
    pub(super) setup: Option<Setup>,
    pub(super) playing: Option<Playing>,
    pub(super) handshake: Option<Handshake>,
    /// Cancelled by either side of a session to end it and the connection.
    pub(super) over: CancellationToken,
    pub(super) close_at: Option<Instant>,
    hangup: Option<watch::Receiver<Hangup>>,
}

/// What `SETUP` has agreed on.
pub(super) struct Setup {
    pub(super) id: String,
    pub(super) stream: StreamKind,
    pub(super) source: u32,
    /// Taken by `PLAY`.
    pub(super) route: Option<Route>,
    /// Free again when the connection is over.
    pub(super) _slot: Slot,
}

/// Counts a session while it plays.
pub(super) struct Playing {
    pub(super) camera: Arc<Camera>,
    pub(super) stream: StreamKind,
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.camera.seen.open(self.stream).fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is to become of a connection after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It goes on.
    Go,
    /// It is closed.
    Close,
    /// It is reset.
    Reset,
    /// It gets a header that never ends.
    Endless,
}

/// Serves one connection to its end.
pub(super) async fn serve(
    server: Arc<Server>,
    stream: TcpStream,
    peer: SocketAddr,
    handshake: Handshake,
) {
    // Without it a small answer would wait for the acknowledgement of media.
    let _ = stream.set_nodelay(true);
    let mut connection = Connection {
        server,
        peer,
        outlet: Arc::new(Outlet::new(stream)),
        nonce: format!("{:032x}", rand::random::<u128>()),
        camera: None,
        setup: None,
        playing: None,
        handshake: Some(handshake),
        over: CancellationToken::new(),
        close_at: None,
        hangup: None,
    };
    let end = connection.run().await;
    connection.over.cancel();
    if end == Next::Reset {
        let _ = connection.outlet.stream.set_zero_linger();
    }
    if let Some(camera) = &connection.camera {
        camera.seen.connections_open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Connection {
    async fn run(&mut self) -> Next {
        let outlet = self.outlet.clone();
        let mut received = Vec::with_capacity(2_048);
        let mut heard_at = Instant::now();
        let mut left_over = false;
        loop {
            let silent = self.fault() == Some(FaultKind::Silent);
            let limit = if silent { heard_at + SILENCE_MAX * 100 } else { heard_at + SILENCE_MAX };
            let deadline = self.close_at.map_or(limit, |close_at| close_at.min(limit));
            tokio::select! {
                () = self.server.shutdown.cancelled() => return Next::Close,
                () = self.over.cancelled() => return Next::Close,
                reset = hung_up(&mut self.hangup) => return if reset { Next::Reset } else { Next::Close },
                () = sleep_until(deadline) => return Next::Close,
                _ = outlet.stream.writable(), if left_over => match outlet.flush() {
                    Ok(done) => left_over = !done,
                    Err(_) => return Next::Close,
                },
                _ = outlet.stream.readable() => {
                    match outlet.stream.try_read_buf(&mut received) {
                        Ok(0) => return Next::Close,
                        Ok(_) => heard_at = Instant::now(),
                        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
                        Err(_) => return Next::Close,
                    }
                    match self.take_requests(&mut received).await {
                        Next::Go => {}
                        Next::Endless => return self.endless_header().await,
                        end => return end,
                    }
                    left_over = match outlet.flush() {
                        Ok(done) => !done,
                        Err(_) => return Next::Close,
                    };
                }
            }
        }
    }

    async fn take_requests(&mut self, received: &mut Vec<u8>) -> Next {
        loop {
            match request::parse(received) {
                Parsed::Incomplete => return Next::Go,
                Parsed::Nonsense => return Next::Close,
                Parsed::Packet(length) => drop(received.drain(..length)),
                Parsed::Request(request, length) => {
                    received.drain(..length);
                    let next = self.answer(&request).await;
                    if next != Next::Go {
                        return next;
                    }
                }
            }
        }
    }

    /// From its first request on a connection belongs to a camera.
    pub(super) fn belong_to(&mut self, camera: &Arc<Camera>) {
        if self.camera.is_some() {
            return;
        }
        camera.seen.connections.fetch_add(1, Ordering::Relaxed);
        camera.seen.connections_open.fetch_add(1, Ordering::Relaxed);
        self.hangup = Some(camera.hangup.subscribe());
        self.camera = Some(camera.clone());
    }

    pub(super) fn fault(&self) -> Option<FaultKind> {
        self.camera.as_ref().and_then(|camera| camera.fault())
    }

    /// Ends the handshake; under the `close` fault the connection will soon end too.
    pub(super) fn played(&mut self) {
        self.handshake = None;
        if self.fault() == Some(FaultKind::Close) {
            self.close_at = Some(Instant::now() + CLOSE_AFTER);
        }
    }

    /// A header of letters, about 50 MB/s, until the client or the fault ends.
    async fn endless_header(&mut self) -> Next {
        let outlet = self.outlet.clone();
        let letters = vec![b'a'; 256 * 1024];
        if outlet.answer(b"RTSP/1.0 200 OK\r\nX-Endless: ").is_err() {
            return Next::Close;
        }
        while self.fault() == Some(FaultKind::EndlessHeader) && !self.server.shutdown.is_cancelled()
        {
            // A client that reads slowly is waited for, but the fault's end is noticed.
            if let Ok(ready) = timeout(Duration::from_millis(250), outlet.stream.writable()).await
                && (ready.is_err()
                    || matches!(outlet.flush(), Ok(true)) && outlet.answer(&letters).is_err())
            {
                return Next::Close;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Next::Close
    }
}

/// Waits until the camera ends its connections; never, while no camera is known.
async fn hung_up(hangup: &mut Option<watch::Receiver<Hangup>>) -> bool {
    match hangup {
        Some(hangup) => match hangup.changed().await {
            Ok(()) => hangup.borrow().reset,
            Err(_) => false,
        },
        None => std::future::pending().await,
    }
}
