//! The configuration that is in force, and the one way for another to come into it, whoever read it.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::mpsc;

use crate::{config::Config, desk::event::Event, http::Certificate};

/// What must hear of another configuration.
#[derive(Clone, Debug)]
pub(super) struct InForce {
    pub(super) config: Arc<ArcSwap<Config>>,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) certificate: Option<Certificate>,
}

impl InForce {
    /// Takes a checked configuration over.
    pub(super) async fn replace(&self, config: Config) {
        let config = Arc::new(config);
        if let (Some(served), Some(tls)) = (&self.certificate, &config.http.tls) {
            served.renew(tls.server.clone());
        }
        self.config.store(config.clone());
        // The desk is gone only when the service stops.
        let _ = self.events.send(Event::Configured(config)).await;
    }
}
