//! The TLS handshake in front of HTTP.

use std::sync::Arc;

use rustls::ServerConfig;
use tokio::{net::TcpStream, sync::Semaphore, time};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::serve::HANDSHAKE_WITHIN;

/// Handshakes under way. Each holds some 40 KiB and takes up to a millisecond of a core, so that
/// all screens of a wall returning together neither starve the rest nor wait for each other long.
const HANDSHAKES: usize = 64;

/// Takes TLS connections.
#[derive(Clone)]
pub(super) struct Tls {
    acceptor: TlsAcceptor,
    handshakes: Arc<Semaphore>,
}

impl Tls {
    pub(super) fn new(server: Arc<ServerConfig>) -> Self {
        Self { acceptor: server.into(), handshakes: Arc::new(Semaphore::new(HANDSHAKES)) }
    }

    /// `None` for whoever does not speak TLS, or not in time. rustls tells it why with an alert.
    pub(super) async fn shake_hands(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let handshake = async {
            // Whoever says nothing yet keeps no other from it.
            stream.readable().await.ok()?;
            let _turn = self.handshakes.acquire().await.ok()?;
            self.acceptor.accept(stream).await.ok()
        };
        time::timeout(HANDSHAKE_WITHIN, handshake).await.ok()?
    }
}
