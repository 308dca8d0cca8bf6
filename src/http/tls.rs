//! The TLS handshake in front of HTTP.

use std::sync::Arc;

use arc_swap::ArcSwap;
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
    certificate: Certificate,
    handshakes: Arc<Semaphore>,
}

/// What HTTPS is served with now. A renewed one serves connections from then on; those that are
/// open go on as they began.
#[derive(Clone)]
pub struct Certificate(Arc<ArcSwap<ServerConfig>>);

impl Certificate {
    /// Serves with this one from now on.
    pub fn renew(&self, server: Arc<ServerConfig>) {
        self.0.store(server);
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Certificate")
    }
}

impl Tls {
    pub(super) fn new(server: Arc<ServerConfig>) -> Self {
        let certificate = Certificate(Arc::new(ArcSwap::new(server)));
        Self { certificate, handshakes: Arc::new(Semaphore::new(HANDSHAKES)) }
    }

    pub(super) fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// `None` for whoever does not speak TLS, or not in time. rustls tells it why with an alert.
    pub(super) async fn shake_hands(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let handshake = async {
            // Whoever says nothing yet keeps no other from it.
            stream.readable().await.ok()?;
            let _turn = self.handshakes.acquire().await.ok()?;
            let acceptor = TlsAcceptor::from(self.certificate.0.load_full());
            acceptor.accept(stream).await.ok()
        };
        time::timeout(HANDSHAKE_WITHIN, handshake).await.ok()?
    }
}
