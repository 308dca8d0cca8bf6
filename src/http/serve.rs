//! Accepting connections until told to stop.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper::{
    Request,
    body::Incoming,
    rt::{Read, Write},
    server::conn::http1,
    service::Service,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{App, router};

/// From a connection to its request's head, and from an accepted upgrade to the socket.
pub(super) const HANDSHAKE_WITHIN: Duration = Duration::from_secs(5);
/// Connections at once beside the sockets. More wait in the kernel's backlog.
pub const REQUESTS: u32 = 312;
/// For requests under way and sockets to close, out of the five seconds that a stop may take.
const STOP_WITHIN: Duration = Duration::from_secs(3);

/// Where a request's connection comes from. What a proxy says in a header is not believed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

/// The service of one connection: its requests know where they come from.
struct Met {
    service: TowerToHyperService<Router>,
    peer: Peer,
}

impl Service<Request<Incoming>> for Met {
    type Response = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Response;
    type Error = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Error;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        self.service.call(request)
    }
}

/// Why serving ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The listening socket failed.
    #[error("the listening socket on {0} failed")]
    Listen(SocketAddr, #[source] io::Error),
}

/// Serves until `shutdown` resolves, then closes every socket with 4013 and returns. The fan-out
/// thread is told to end too.
pub async fn serve(
    listener: TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let closing = app.closing.clone();
    let fanout = app.fanout.clone();
    let (sockets, sockets_max) = (app.sockets.clone(), app.sockets_max);
    let tls = app.tls.clone();
    let service = TowerToHyperService::new(router(app));
    let places = Arc::new(Semaphore::new((REQUESTS + sockets_max) as usize));
    let connections = TaskTracker::new();
    let mut shutdown = std::pin::pin!(shutdown);
    let address = listener
        .local_addr()
        .map_err(|error| ServeError::Listen(([0, 0, 0, 0], 0).into(), error))?;
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await.expect("never closed");
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            next = next => next,
            () = &mut shutdown => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            // Those of one connection, or too few descriptors: others end and it goes on.
            Err(error) if is_passing(&error) => {
                time::sleep(Duration::from_millis(50)).await;
                continue;
            }
            Err(error) => return Err(ServeError::Listen(address, error)),
        };
        let service = Met { service: service.clone(), peer: Peer(peer) };
        let (tls, closing) = (tls.clone(), closing.clone());
        connections.spawn(async move {
            let _place = place;
            let stream = no_delay(stream);
            let Some(tls) = tls else {
                return converse(TokioIo::new(stream), service, &closing).await;
            };
            let shaken = tokio::select! {
                shaken = tls.shake_hands(stream) => shaken,
                () = closing.cancelled() => None,
            };
            if let Some(stream) = shaken {
                converse(TokioIo::new(stream), service, &closing).await;
            }
        });
    }
    drop(listener);
    closing.cancel();
    fanout.shutdown();
    connections.close();
    let ended = async {
        connections.wait().await;
        // A socket gives its place back when it has ended.
        sockets.acquire_many(sockets_max).await.map(drop)
    };
    if time::timeout(STOP_WITHIN, ended).await.is_err() {
        tracing::warn!(connections = connections.len(), "connections did not end in time");
    }
    Ok(())
}

/// One connection until it ends. How it ends concerns nobody else.
async fn converse<I>(io: I, service: Met, closing: &CancellationToken)
where
    I: Read + Write + Unpin + Send + 'static,
{
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HANDSHAKE_WITHIN)
            .max_buf_size(64 << 10)
            .serve_connection(io, service)
            .with_upgrades()
    );
    tokio::select! {
        _ = connection.as_mut() => {}
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

fn no_delay(stream: TcpStream) -> TcpStream {
    // Without it answers are late, no more.
    let _ = stream.set_nodelay(true);
    stream
}

fn is_passing(error: &io::Error) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
        || matches!(
            error.kind(),
            io::ErrorKind::ConnectionAborted
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::Interrupted
        )
}
